"""The tag `url`: Django's answers, each found once."""

import pytest
from django.template import Context, Engine, Template
from django.test import override_settings
from django.urls import NoReverseMatch, path, reverse, set_script_prefix
from django.utils.safestring import mark_safe

from forum_portal.templatetags import addresses

urlpatterns = [path("elsewhere/<str:code>/", lambda request, code: None, name="agency")]


def rendered(template, **context):
    return Template(template).render(Context(context))


@pytest.fixture(autouse=True)
def none_remembered():
    addresses._reversed.cache_clear()


@pytest.mark.parametrize(
    ("template", "context"),
    [
        ("{% url 'home' %}", {}),
        ("{% url name %}", {"name": "home"}),
        ("{% url 'agency' code %}", {"code": "CODI"}),
        ("{% url 'agency' code %}", {"code": mark_safe("CODI")}),
        ("{% url 'resolution' year n %}", {"year": 2565, "n": 3}),
        ("{% url 'agency' code=code %}", {"code": "CODI"}),
        ("{% url 'agency' code as there %}{{ there }}", {"code": "CODI"}),
        ("{% url 'nowhere' as there %}{{ there }}", {}),
        ("{% url 'admin:index' %}", {}),
    ],
)
def test_every_form_answers_as_djangos_own(template, context):
    own = (
        Engine(builtins=["django.template.defaulttags"])
        .from_string(template)
        .render(Context(context))
    )
    for _turn in range(2):
        assert rendered(template, **context) == own


def test_an_address_is_looked_for_once(monkeypatch):
    asked = []
    monkeypatch.setattr(
        addresses, "reverse", lambda *args, **kwargs: asked.append(args) or reverse(*args, **kwargs)
    )
    page = "{% for each in codes %}{% url 'agency' each %} {% endfor %}"
    assert rendered(page, codes=["A", "B", "A", "A"]).split() == [
        reverse("agency", args=[code]) for code in ("A", "B", "A", "A")
    ]
    assert len(asked) == 2


def test_an_unknown_name_is_refused_each_time():
    for _turn in range(2):
        with pytest.raises(NoReverseMatch):
            rendered("{% url 'nowhere' %}")


def test_another_set_of_addresses_has_its_own():
    here = rendered("{% url 'agency' 'A' %}")
    with override_settings(ROOT_URLCONF=__name__):
        assert rendered("{% url 'agency' 'A' %}") == "/elsewhere/A/" != here
    set_script_prefix("/portal/")
    try:
        assert rendered("{% url 'agency' 'A' %}") == f"/portal{here}"
    finally:
        set_script_prefix("/")
