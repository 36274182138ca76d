"""Phones that show one-time codes, and logging in with them."""

import time
from datetime import UTC, datetime
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from followup.tests.client import PortalClient
from followup.tests.factories import PASSWORD

MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ENROL = "/staff/account/app/"


def log_in(client: PortalClient, name: str = "staff", password: str = PASSWORD, **more: str) -> Any:
    return client.send(client.page("/staff/login/", **more), username=name, password=password)


def code(secret: str = SECRET) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))
