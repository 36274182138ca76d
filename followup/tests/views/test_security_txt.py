"""/.well-known/security.txt: there if its contact is set, and what RFC 9116 asks for."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from forum_portal.deployment import link
from forum_portal.version import RELEASED_ON

pytestmark = pytest.mark.security

ADDRESS = "/.well-known/security.txt"


@pytest.fixture
def told(settings, visitor, db):
    """Return a function that reads the file's fields with these settings."""

    def read(**values):
        settings.SECURITY_CONTACT = "mailto:security@portal.example.org"
        settings.PORTAL_URL = "https://portal.example.org"
        for name, value in values.items():
            setattr(settings, name, value)
        response = visitor.get(ADDRESS)
        assert response.status_code == 200
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        lines = response.content.decode().splitlines()
        return dict(line.split(": ", 1) for line in lines)

    return read


def test_without_a_contact_there_is_none(db, visitor):
    assert visitor.get(ADDRESS).status_code == 404


def test_it_tells_contact_languages_and_its_own_address(told):
    assert told() == {
        "Contact": "mailto:security@portal.example.org",
        "Expires": f"{RELEASED_ON + timedelta(days=364)}T00:00:00Z",
        "Preferred-Languages": "th, en",
        "Canonical": f"https://portal.example.org{ADDRESS}",
    }


def test_it_tells_a_policy_and_another_kind_of_contact(told):
    fields = told(
        SECURITY_CONTACT="https://portal.example.org/report",
        SECURITY_POLICY="https://portal.example.org/policy",
    )
    assert fields["Contact"] == "https://portal.example.org/report"
    assert fields["Policy"] == "https://portal.example.org/policy"


def test_its_contact_is_taken_as_right_for_less_than_a_year_and_no_longer_by_itself(told):
    """The day of a release stands still, so that a portal nobody upgrades says so."""
    until = datetime.fromisoformat(told()["Expires"])
    released = datetime(RELEASED_ON.year, RELEASED_ON.month, RELEASED_ON.day, tzinfo=UTC)
    assert timedelta(days=300) < until - released < timedelta(days=365)


def test_the_office_may_name_the_day_itself(told):
    assert told(SECURITY_EXPIRES=date(2027, 3, 31))["Expires"] == "2027-03-31T00:00:00Z"


def test_a_local_portal_without_https_names_no_address_of_the_file(told):
    assert "Canonical" not in told(PORTAL_URL="")


@pytest.mark.parametrize(
    "hostile",
    [
        "mailto:a@example.org\nContact: mailto:evil@example.org",
        "mailto:a@example.org\r\nPolicy: https://evil.example",
        "mailto:a@example.org\u2028Contact: x",
        "https://portal.example.org/report\nContact: https://evil.example/",
        "https://portal.example.org/report\r\nPolicy: https://evil.example/",
        "mailto:a@example.org?cc=evil@example.org",
        "mailto:",
        "a@example.org",
        "http://portal.example.org/report",
        "https://",
        "https://user:password@portal.example.org/",
        "https://portal.example.org/\x00",
        "https://portal.example.org/a b",
        "javascript:alert(1)",
        "tel:+6626596399",
        "https://portal.example.org:99999/",
    ],
)
def test_no_setting_can_write_a_second_line_or_lead_elsewhere(hostile):
    with pytest.raises(
        ImproperlyConfigured, match="SECURITY_CONTACT must be mailto: and a mailbox"
    ):
        link("SECURITY_CONTACT", hostile, ("mailto", "https"))
