"""What a page costs: its number of queries, pinned, and the same at three times the data."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from followup.models import ReportState, Round
from followup.tests.factories import grow

PUBLIC = {
    "/": 9,
    "/resolutions/": 9,
    "/resolutions/2565/3/": 15,
    "/agencies/": 10,
    "/agencies/?q=พอช": 10,
    "/agencies/CODI/": 8,
    "/matrix/": 9,
    "/matrix/?role=all": 9,
    "/years/": 9,
    "/years/2567/": 9,
    "/about/": 5,
    "/privacy/": 2,
}
STAFF = {
    "/staff/": 12,
    "/staff/?state=approved": 12,
    "/staff/review/": 8,
    "/staff/rounds/": 7,
    "/staff/rounds/2569/": 9,
    "/staff/rounds/2569/close/": 8,
    "form": 11,
    "review": 10,
    "/staff/import/": 8,
}


def cost(client, address):
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    assert response.status_code == 200, address
    return len(queries)


def addresses(names):
    reports = Round.objects.get(year_be=2569).reports
    special = {
        "form": lambda: reverse("staff-report", args=[reports.filter(version=0).first().pk]),
        "review": lambda: reverse(
            "staff-review-report",
            args=[reports.filter(state=ReportState.SUBMITTED).first().pk],
        ),
    }
    return {name: special[name]() if name in special else name for name in names}


def costs(client, names):
    return {name: cost(client, address) for name, address in addresses(names).items()}


@pytest.mark.django_db
def test_public_pages_cost_the_same_at_three_times_the_data(demo):
    assert costs(Client(), PUBLIC) == PUBLIC
    grow(3)
    assert costs(Client(), PUBLIC) == PUBLIC


@pytest.mark.django_db
def test_staff_pages_cost_the_same_at_three_times_the_data(demo, people):
    client = Client()
    client.force_login(people["administrator"])
    assert costs(client, STAFF) == STAFF
    grow(3)
    assert costs(client, STAFF) == STAFF
