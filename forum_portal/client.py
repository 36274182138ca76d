"""The client's address, by which throttles count."""

import ipaddress

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


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
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)
