"""The tags and filters of the portal's templates."""

from datetime import date

import pytest
from django.template import Context, Template

from followup.models import Assignment, Basis
from followup.status import Change, Status
from followup.templatetags import portal
from proposals.models import Forum, Measure, Resolution


def rendered(source, **context):
    return Template("{% load portal %}" + source).render(Context(context))


@pytest.mark.parametrize("status", Status)
def test_a_status_has_shape_word_and_colour(status):
    html = portal.tag(status, "sm")
    assert f'class="tag tag--sm st-{status.value}"' in html
    assert f'href="#s-{status.value}"' in html
    assert html.endswith(f"{status.label}</span>")
    assert portal.word(status, "short").endswith(f"{status.short}</span>")
    # What it is is heard once: here, or in the heading.
    for draw in (portal.tag, portal.word):
        assert draw(status).count("สถานะ:") == 1
        assert draw(status).startswith('<span class="sr">สถานะ: </span><span class="')
        assert draw(status, said=True) == draw(status).partition(" </span>")[2]


@pytest.mark.parametrize("change", Change)
def test_a_change_is_told_by_shape_and_word(change):
    assert f'href="#c-{change.value}"' in portal.chg(change)
    assert portal.chg(change, 3).endswith(f"{change.label} 3</span>")


def test_a_title_breaks_between_its_phrases_only_and_is_escaped():
    resolution = Resolution(title_th="<ก> ข", theme_th="หัวข้อ |ยาว")
    assert portal.heading(resolution) == (
        '<span class="nb">หัวข้อ</span> <wbr><span class="nb">ยาว</span>'
    )
    assert "<ก>" not in portal.phrases(resolution)


def test_a_proposed_assignment_has_a_star_to_see_and_words_to_hear():
    page = Context({"confirmations": {}})
    mark = portal.basis(page, Assignment(basis=Basis.PROPOSED))
    assert ">*</span>" in mark
    assert str(Basis.PROPOSED.label) in mark
    assert portal.basis(page, Assignment(basis=Basis.NAMED)) == ""


def test_a_confirmed_assignment_has_a_tick_and_its_meeting():
    held = {"confirmed_ref": "<3>", "confirmed_on": date(2026, 10, 12)}
    mark = portal.basis(Context({"confirmations": {}}), Assignment(basis=Basis.CONFIRMED, **held))
    assert "#i-tick" in mark
    assert "(คสป. ยืนยันแล้ว ครั้งที่ &lt;3&gt; วันที่ 12 ต.ค. 2569)" in mark


def test_codes_and_names_say_their_forum_where_there_are_several():
    resolution = Resolution(number=3, forum=Forum(year_be=2566))
    measure = Measure(number=1, resolution=resolution)
    context = {"measure": measure, "resolution": resolution}
    source = '{% code measure %} {% code "2566-3.1" %} {% item resolution %}'
    assert rendered(source, **context) == "3.1 3.1 ข้อเสนอที่ 3"
    assert rendered(source, several_forums=True, **context) == (
        "2566-3.1 2566-3.1 เวที 2566 ข้อเสนอที่ 3"
    )


@pytest.mark.parametrize(
    ("before", "after", "html"),
    [
        ("ทำ 3 เวที", "ทำ 4 เวที", "ทำ <del>3</del><ins>4</ins> เวที"),
        ("", "ใหม่", "<ins>ใหม่</ins>"),
        ("เก่า", "", "<del>เก่า</del>"),
        ("ก\nข", "ก\nข", "ก<br>ข"),
        ("", "", ""),
        ("", "<script>", "<ins>&lt;script&gt;</ins>"),
    ],
)
def test_what_went_is_struck_out_and_what_came_is_marked(before, after, html):
    assert portal.marked(before, after) == html


def test_small_helpers():
    assert portal.item_of("a", {"a": "ก"}) == "ก"
    assert portal.item_of("b", {"a": "ก"}) == "b"
    assert portal.beside("ab", [1, 2]) == [("a", 1), ("b", 2)]
    with pytest.raises(ValueError, match="shorter"):
        portal.beside("ab", [1])
