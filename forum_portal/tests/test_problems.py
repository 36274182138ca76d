"""Problem documents: how the API says that something is wrong."""

import json

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from forum_portal.problems import TITLES, open_to_all, problem, wants_problem


@pytest.mark.parametrize(
    ("path", "wants"), [("/api/v1/progress", True), ("/apis/", False), ("/", False)]
)
def test_programs_are_answered_with_documents_and_people_with_pages(path, wants):
    assert wants_problem(RequestFactory().get(path)) is wants
    assert wants_problem(None) is False


@pytest.mark.parametrize("status", TITLES)
def test_a_problem_document_says_its_status_and_what_is_at_fault(status):
    response = problem(status, "พารามิเตอร์ page ต้องเป็นจำนวนเต็ม", parameter="page")
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert json.loads(response.content) == {
        "type": "about:blank",
        "title": str(TITLES[status]),
        "status": int(status),
        "detail": "พารามิเตอร์ page ต้องเป็นจำนวนเต็ม",
        "parameter": "page",
    }
    assert "พารามิเตอร์".encode() in response.content, "readable as it stands"


def test_a_status_without_a_title_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        problem(418, "x")


def test_open_to_all_lets_every_site_read():
    assert open_to_all(HttpResponse())["Access-Control-Allow-Origin"] == "*"
