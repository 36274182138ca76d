"""Addresses: those that there are, and those that there must not be."""

from followup.tests.addresses import EVERY
from followup.tests.client import PortalClient


def test_there_is_no_sign_up_and_no_reset_by_mail(db):
    names = {name for name, _address in EVERY}
    assert not any("signup" in name or "reset" in name or "email" in name for name in names)
    for address in ("/accounts/signup/", "/staff/signup/", "/staff/password/reset/"):
        assert PortalClient().get(address).status_code == 404
