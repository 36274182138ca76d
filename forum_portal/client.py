"""The client's address, by which throttles count. What is stored of it is a hash of the day."""

import ipaddress

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac


def client_address(request: HttpRequest) -> str:
    """The client's address; for IPv6 its network, because one person has many addresses.

    allauth determines it, as for its own throttles: ALLAUTH_TRUSTED_PROXY_COUNT is the number of
    addresses at the end of X-Forwarded-For that our own proxies wrote. Raises ImproperlyConfigured
    if the header has fewer.
    """
    try:
        address = ipaddress.ip_address(DefaultAccountAdapter(request).get_client_ip(request))
    except PermissionDenied:  # no address, or an unreadable one
        return "unknown"
    if address.version == 6 and address.ipv4_mapped:  # one of ours listens on both protocols
        address = address.ipv4_mapped
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)


def daily_hash(text: str) -> str:
    """A hash that stands for `text` until midnight, such as in the key of a counter.

    Its salt is of the SECRET_KEY and the local date: the day after nobody's counters can be joined, and
    the table alone never tells what was hashed.
    """
    salt = f"forum_portal.client {timezone.localdate()}"
    return salted_hmac(salt, text, algorithm="sha256").hexdigest()[:32]


def hashed_address(request: HttpRequest) -> str:
    """The client, as a stored counter may name it. Raises as `client_address` does."""
    return daily_hash(client_address(request))
