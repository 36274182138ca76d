"""The Nu HTML checker finds no error in any page."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve

from followup import public_urls, urls
from followup.models import User
from followup.tests.browser.pages import (
    NO_PAGES,
    Sample,
    pages_of_forums,
    public_pages,
    staff_pages,
)
from forum_portal import errors
from forum_portal.languages import ENGLISH, language_of
from proposals.models import Forum

Checker = Callable[[Mapping[str, str]], None]


def fetch(samples: list[Sample], people: Mapping[str, User]) -> dict[str, str]:
    """The HTML of some pages, by name."""
    pages = {}
    for sample in samples:
        client = Client()
        if sample.who:
            client.force_login(people[sample.who])
        response = client.post(sample.path, sample.form) if sample.form else client.get(sample.path)
        assert response.status_code == sample.status, sample
        pages[str(sample)] = response.content.decode()
    return pages


def test_every_named_address_has_a_sample(everything: dict[str, User]) -> None:
    samples = [sample for sample in public_pages() + staff_pages() if sample.status != 404]
    paths = [sample.path.partition("?")[0] for sample in samples]
    seen = {resolve(path).url_name for path in paths if language_of(path) != ENGLISH}
    assert {each.name for each in [*public_urls.urlpatterns, *urls.urlpatterns]} - NO_PAGES <= seen


def test_pages_of_a_portal_in_use(everything: dict[str, User], nu_html_checker: Checker) -> None:
    nu_html_checker(fetch(public_pages() + staff_pages(), everything))


def test_pages_of_two_forums(two_forums: tuple[Forum, Forum], nu_html_checker: Checker) -> None:
    nu_html_checker(fetch(pages_of_forums(), {}))


def test_pages_before_the_first_round(
    forum: Forum, people: dict[str, User], nu_html_checker: Checker
) -> None:
    nu_html_checker(fetch(public_pages() + staff_pages(), people))


def test_pages_of_an_empty_database(people: dict[str, User], nu_html_checker: Checker) -> None:
    nu_html_checker(fetch(public_pages() + staff_pages(), people))


def test_error_pages(db: None, rf: RequestFactory, nu_html_checker: Checker) -> None:
    request: Any = rf.get("/")
    request.user = AnonymousUser()

    def after(error: Exception) -> HttpResponse:
        try:
            raise error
        except type(error):
            return errors.server_error(request)

    answers = {
        400: errors.bad_request(request),
        403: errors.forbidden(request, PermissionDenied()),
        404: errors.not_found(request),
        500: after(ValueError("broken")),
        503: after(OperationalError("no database")),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == {
        name: name for name in answers
    }
    pages = {str(name): answer.content.decode() for name, answer in answers.items()}
    pages["csrf"] = errors.csrf_failure(request).content.decode()
    nu_html_checker(pages)


def test_the_checker_checks(nu_html_checker: Checker) -> None:
    with pytest.raises(pytest.fail.Exception, match="Nu HTML checker"):
        nu_html_checker({"bad": '<!DOCTYPE html><html lang="th"><title>x</title><b></p></html>'})
