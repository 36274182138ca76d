"""Components: each has an entry in docs/components.md that says what the component itself says."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import translation
from django.utils.safestring import mark_safe

from followup.models import Agency
from followup.status import Status
from followup.templatetags import components as components_tags

FOLDER = Path(settings.ROOT) / "templates" / "components"
DOCUMENT = (Path(settings.ROOT) / "docs" / "components.md").read_text("utf-8")
COMMENT = re.compile(r"\{# (.*?Needs:.*?) #\}")
ENTRY = re.compile(r"^### (\w+)\n\n(.*?)\n\n```django\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
#: name -> what it is for and needs, an example
ENTRIES = {name: (text, example) for name, text, example in ENTRY.findall(DOCUMENT)}


def components() -> dict[str, str]:
    return {path.stem: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.html"))}


def parameters(comment: str) -> list[str]:
    """The names in `Needs: here; may have: from_home (begin with …), content (…).`"""
    listed = re.sub(r"\([^)]*\)", "", comment.partition("Needs:")[2])
    return [name for name in re.findall(r"\b[a-z][a-z_]*\b", listed) if name not in WORDS]


WORDS = {"may", "have", "nothing", "and"}


def test_every_component_has_an_entry_and_every_entry_a_component():
    assert sorted(ENTRIES) == sorted(components())
    assert DOCUMENT.count("\n### ") == len(ENTRIES), "an entry that is not laid out like the others"


@pytest.mark.parametrize(("name", "source"), components().items(), ids=list(components()))
def test_an_entry_repeats_what_the_component_says(name, source):
    comment = COMMENT.search(source[:400])
    assert comment, "a component begins with a comment that says what it needs"
    assert ENTRIES[name][0] == comment[1]


@pytest.mark.parametrize(("name", "source"), components().items(), ids=list(components()))
def test_a_component_uses_the_parameters_that_it_names(name, source):
    body = COMMENT.sub("", source)
    includes = "".join(
        components()[each] for each in re.findall(r"(?:components/|remembered \")(\w+)", body)
    )
    comment = COMMENT.search(source)
    assert comment
    unused = [
        each for each in parameters(comment[1]) if not re.search(rf"\b{each}\b", body + includes)
    ]
    assert unused == []


@pytest.mark.parametrize(("name", "entry"), ENTRIES.items(), ids=list(ENTRIES))
def test_an_example_uses_its_component(name, entry):
    example = entry[1]
    Template("{% load portal %}" + example)
    used = (
        f'{{% component "{name}"',
        f'{{% include "components/{name}.html"',
        f"{{% {name} ",
        f'{{% remembered "{name}"',
    )
    assert any(each in example for each in used)


# The tags --------------------------------------------------------------------------------------


def render(source: str, **values: object) -> str:
    return " ".join(Template(source).render(Context(values)).split())


def test_a_component_gets_parameters_fills_and_content():
    html = render(
        '{% component "section" id="h" title=name %}'
        '{% fill "lead" %}<p>{{ name }}</p>{% endfill %}<b>{{ name }}</b>{% endcomponent %}',
        name="ก & ข",
    )
    assert html == (
        '<section class="sec sec--s" aria-labelledby="h"> <div class="sec__head">'
        ' <h2 id="h">ก &amp; ข</h2> <p>ก &amp; ข</p> </div> <b>ก &amp; ข</b> </section>'
    )


def test_a_component_sees_nothing_of_the_page_but_its_content_does():
    html = render(
        '{% component "notice" %}{{ role }}{% endcomponent %}', role="alert", icon="i-tick"
    )
    assert 'role="' not in html
    assert "#i-warn" in html
    assert "<span>alert</span>" in html


def test_a_fill_belongs_to_the_component_that_it_stands_in():
    html = render(
        '{% component "section" id="a" title="A" %}{% fill "lead" %}1{% endfill %}'
        '{% component "section" id="b" title="B" %}{% endcomponent %}{% endcomponent %}'
    )
    assert '<h2 id="a">A</h2> 1' in html
    assert '<h2 id="b">B</h2> </div>' in html


@pytest.mark.parametrize(
    "source",
    [
        "{% component notice %}{% endcomponent %}",
        '{% component "notice" "x" %}{% endcomponent %}',
        "{% component %}{% endcomponent %}",
        '{% component "notice" %}',
    ],
)
def test_a_component_without_a_name_or_an_end_is_refused(source):
    with pytest.raises(TemplateSyntaxError):
        Template(source)


CELL = (
    '{% remembered "strip_cell" address="#a" code=code title=title status=status change=None'
    " is_counted=counted %}"
)


def test_a_remembered_component_is_rendered_once_for_the_same_values():
    components_tags._rendered.cache_clear()
    values = {"code": "1.1", "title": "ก & ข", "status": Status.COMPLETED, "counted": True}
    first = render(CELL, **values, secret="x", request="y")
    assert 'class="cell st-completed"' in first
    assert "ก &amp; ข" in first
    assert render(CELL, **values) == first
    assert components_tags._rendered.cache_info().misses == 1
    others = (
        {"title": mark_safe("ก & ข")},
        {"title": "อื่น"},
        {"status": Status.ON_HOLD},
        {"counted": 0},
        {"counted": False},
    )
    for nth, other in enumerate(others, 2):
        assert render(CELL, **values | other) != first, other
        assert components_tags._rendered.cache_info().misses == nth, other
    with translation.override("en"):
        render(CELL, **values)
    assert components_tags._rendered.cache_info().misses == len(others) + 2


def test_a_remembered_component_takes_no_rows_and_nothing_without_a_name():
    with pytest.raises(TypeError, match="plain values, and title"):
        render(CELL, code="1.1", title=Agency(pk=1), status=Status.COMPLETED, counted=True)
    for wrong in ("{% remembered strip_cell %}", '{% remembered "strip_cell" status %}'):
        with pytest.raises(TemplateSyntaxError, match="takes its name in quotes"):
            Template(wrong)


# What an address adds to a title ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "more"),
    [
        ("", ""),
        ("?page=2", "หน้า 2"),
        ("?page=x&year=abc&edition=", ""),
        ("?year=2567&page=3&edition=1", "ปีงบประมาณ 2567 · ฉบับที่ 1 · หน้า 3"),
        ("?forum=2565", "CSOs Forum 2565"),
    ],
)
def test_a_title_names_the_year_and_the_page_of_its_address(query, more):
    choice = SimpleNamespace(round=SimpleNamespace(label="2567") if "2567" in query else None)
    chosen = SimpleNamespace(forum=SimpleNamespace(short_name="CSOs Forum 2565"))
    values = {"request": RequestFactory().get(f"/{query}"), "choice": choice, "chosen": chosen}
    assert render("{% title_more %}", **values) == more
    assert render("{% title_more %}") == ""


def test_a_page_is_completed_from_itself():
    headings = "".join(f'<h2 id="s{number}">ส่วน {number}</h2>' for number in "123")
    source = '{% whole_page default="คำอธิบาย" %}{% description %}{% jumps %}{{ rest }}{% endwhole_page %}'
    page = render(source, rest=mark_safe(headings))  # noqa: S308
    assert page.startswith('<meta name="description" content="คำอธิบาย"> <nav class="jump"')
    assert page.count('<a href="#s') == 3
    assert "jump" not in render(source, rest="")
