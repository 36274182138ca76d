"""What every template may ask for: what a person may do, and how codes are shown."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from followup.context import portal, rights

NOTHING = dict.fromkeys(["work", "review", "run", "publish", "import", "administer"], False)


def request_of(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("staff", {"work", "run"}),
        ("reviewer", {"work", "review", "run", "publish"}),
        ("administrator", set(NOTHING)),
        ("outsider", set()),
    ],
)
def test_who_may_do_what(people, name, may):
    assert rights(request_of(people[name])) == {each: each in may for each in NOTHING}


def test_a_stranger_may_do_nothing():
    assert rights(request_of(AnonymousUser())) == NOTHING


def test_several_forums_are_told_and_nothing_is_asked_before_a_template_does(
    second_forum, django_assert_num_queries
):
    with django_assert_num_queries(0):
        given = portal(request_of(AnonymousUser()))
    assert bool(given["several_forums"]) is True
    assert bool(given["demo_loaded"]) is False
    assert given["item_noun"] == "ข้อเสนอ"


def test_one_forum_is_one(forum):
    assert bool(portal(request_of(AnonymousUser()))["several_forums"]) is False


def test_the_demo_is_told(demo):
    assert bool(portal(request_of(AnonymousUser()))["demo_loaded"]) is True
