"""Whom the throttles count, and what they keep of the address."""

import re
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import RequestFactory

from forum_portal.client import client_address, hashed_address


@pytest.mark.parametrize(
    ("proxies", "forwarded", "peer", "address"),
    [
        (0, "", "192.0.2.1", "192.0.2.1"),
        (0, "198.51.100.9", "192.0.2.1", "192.0.2.1"),  # anybody may write that
        (1, "198.51.100.9", "192.0.2.1", "198.51.100.9"),
        (1, "10.0.0.1, 198.51.100.9", "192.0.2.1", "198.51.100.9"),
        (2, "10.0.0.1, 198.51.100.9, 192.0.2.2", "192.0.2.1", "198.51.100.9"),
        (1, "", "192.0.2.1", "192.0.2.1"),
        (0, "", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (0, "", "::ffff:192.0.2.1", "192.0.2.1"),  # as a socket of both protocols has it
        (1, "::ffff:198.51.100.9", "192.0.2.1", "198.51.100.9"),
        (1, "nonsense", "192.0.2.1", "unknown"),
        (0, "", "", "unknown"),
    ],
)
def test_whom_the_throttle_counts(settings, proxies, forwarded, peer, address):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded or proxies else {}
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **headers)
    assert client_address(request) == address


def test_a_counter_names_a_client_by_a_hash_that_lasts_until_midnight(settings):
    one = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1")
    another = RequestFactory().get("/", REMOTE_ADDR="192.0.2.2")
    with time_machine.travel(datetime(2026, 11, 29, 16, 59, tzinfo=UTC), tick=False) as clock:
        before_midnight = hashed_address(one)
        assert re.fullmatch("[0-9a-f]{32}", before_midnight)
        assert hashed_address(one) == before_midnight != hashed_address(another)
        clock.shift(120)  # midnight in Bangkok
        assert hashed_address(one) != before_midnight
        clock.shift(-120)
        settings.SECRET_KEY = "another" * 10
        assert hashed_address(one) != before_midnight, (
            "nobody without the key can try every address"
        )
