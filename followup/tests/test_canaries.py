"""Everybody crawls what they reach: only those who may read a marked text find it."""

import pytest
from django.test import Client

from followup.tests import canaries
from followup.tests.addresses import EVERY
from followup.tests.test_permissions import TABLE, address_of, house_fixture  # noqa: F401 - a fixture

# Views decide what is shown, whatever the database: one of them is enough.
pytestmark = [pytest.mark.security, pytest.mark.slow, pytest.mark.once]


def seen(pages: dict[str, str]) -> dict[str, list[str]]:
    """Canary -> the addresses that show it."""
    return {
        canary: sorted(address for address, text in pages.items() if canary in text)
        for canary in canaries.READERS
    }


def crawl(who, house, people):
    client = Client()  # the flaws of pages are for other tests
    if who in people:
        client.force_login(people[who])
    starts = [address_of(row, house, who) for row in TABLE]
    if who == "agency link":
        starts = [each for each in starts if each.startswith("/r/")]
    else:
        starts += [*canaries.homes(house), *(address for _name, address in EVERY)]
    return canaries.reached(client, starts)


@pytest.mark.parametrize("who", sorted(canaries.EVERYBODY))
def test_everybody_reads_what_is_for_them_alone(house, people, who):
    canaries.release(house, people)
    pages = crawl(who, house, people)
    shown = seen(pages)
    mine = {canary for canary, readers in canaries.READERS.items() if who in readers}
    assert {name: where for name, where in shown.items() if where and name not in mine} == {}
    assert {name for name in mine if not shown[name]} == set(), "the control: it is read somewhere"
