"""The API as tests ask it."""

from followup.tests.client import PortalClient

PROBLEM = "application/problem+json"


def get(path, **query):
    return PortalClient().get(f"/api/v1/{path}", query)


def problem(response, status):
    """The document of a response that says what is wrong."""
    assert response.status_code == status
    assert response["Content-Type"] == PROBLEM
    assert response["Access-Control-Allow-Origin"] == "*"
    document = response.json()
    assert document["status"] == status
    assert document["type"] == "about:blank"
    return document
