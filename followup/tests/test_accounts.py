"""Accounts below the pages: secrets that nobody reads in the database, keys that change, addresses."""

from allauth.mfa.models import Authenticator
from django.conf import settings as portal_settings

from followup.tests.client import PortalClient
from followup.tests.two_factor import SECRET, code


def test_the_secret_is_not_readable_in_the_database(enrolled):
    stored = Authenticator.objects.get(type="totp")
    assert SECRET not in str(stored.data)
    assert stored.wrap().validate_code(code())


def test_a_new_key_of_the_server_still_reads_the_old_secrets(enrolled, settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 60, [portal_settings.SECRET_KEY]
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code())


def test_without_a_proxy_nobody_makes_up_an_address(people, morning):
    for number in range(6):
        response = PortalClient(REMOTE_ADDR="192.0.2.1").post(
            "/staff/login/",
            {"username": "staff", "password": "ผิด"},
            headers={"x-forwarded-for": f"203.0.113.{number}"},
        )
    assert response.status_code == 429
