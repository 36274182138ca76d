"""Who asks: the client's address, by which throttles count, and programs that watch the portal.

What is stored of an address is a hash of the day.
"""

import ipaddress
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

#: Headers that tell of a proxy. A request that has one did not begin on this machine.
OF_PROXIES = (
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Real-IP",
)


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


def sends_token(request: HttpRequest, token: str) -> bool:
    """Whether the request has this bearer token (RFC 6750); an empty one is sent by nobody."""
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(token) and constant_time_compare(sent, token)


def asks_from_here(request: HttpRequest) -> bool:
    """Whether a program on this machine asks the web server itself, by a name of loopback.

    A proxy on this machine asks from loopback as well: by its headers, or by the name that it passes on,
    the request is a visitor's.
    """
    if any(name in request.headers for name in OF_PROXIES):
        return False
    return _is_loopback(request.META.get("REMOTE_ADDR", "")) and _is_loopback(
        urlsplit(f"//{request.META.get('HTTP_HOST', '')}").hostname or ""
    )


def _is_loopback(host: str) -> bool:
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:  # another name, or none: a socket
        return False
    if address.version == 6 and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback
