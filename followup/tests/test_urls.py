"""Addresses: those that there are, and those that there must not be."""

import os
import subprocess
import sys

from django.conf import settings

from followup.tests.addresses import EVERY
from followup.tests.client import PortalClient


def test_there_is_no_sign_up_and_no_reset_by_mail(db):
    names = {name for name, _address in EVERY}
    assert not any("signup" in name or "reset" in name or "email" in name for name in names)
    for address in ("/accounts/signup/", "/staff/signup/", "/staff/password/reset/"):
        assert PortalClient().get(address).status_code == 404


def test_the_pages_load_no_library_that_only_a_file_needs():
    """Each costs a process 20 to 150 ms and some megabytes; it is imported where a file is written."""
    costly = ("docx", "pikepdf", "typst", "xlsxwriter", "python_calamine")
    asks = (
        "import django, sys; django.setup(); import forum_portal.urls, followup.admin;"
        f"print([name for name in {costly!r} if name in sys.modules])"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "forum_portal.settings_test"}
    told = subprocess.run(
        [sys.executable, "-c", asks],
        cwd=settings.ROOT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert told.stdout.strip() == "[]"
