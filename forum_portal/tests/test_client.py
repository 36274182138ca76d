"""Whom the throttles count."""

import pytest
from django.test import RequestFactory

from forum_portal.client import client_address


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
        (1, "nonsense", "192.0.2.1", "unknown"),
        (0, "", "", "unknown"),
    ],
)
def test_whom_the_throttle_counts(settings, proxies, forwarded, peer, address):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded or proxies else {}
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **headers)
    assert client_address(request) == address
