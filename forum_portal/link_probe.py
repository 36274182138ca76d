"""Whether a web address can still be opened, asked without reaching into our own network.

An address is untrusted: it may name a machine behind the firewall, or a host whose name resolves to one.
So each hop of a chain of redirects is judged on its own, the host is resolved here, every address that it
has must be global, and the connection goes to that very address: nothing resolves the name a second time.
`http.client` follows no redirect, knows no proxy of the environment and unpacks nothing.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from urllib.parse import SplitResult, urljoin, urlsplit

from django.utils.encoding import iri_to_uri

from forum_portal.web_address import has_userinfo

HOPS = 5  # redirects that are followed
READ_AT_MOST = 64 * 1024  # bytes of an answer
STEP_SECONDS = 10.0  # for a connection, and for each piece of an answer
ADDRESS_SECONDS = 30.0  # for everything about one address, its redirects included
PORTS = frozenset({80, 443})
#: Not all of these are private or reserved for every Python: protocol assignments, and relays behind
#: which another address hides.
_NOT_PUBLIC = tuple(
    map(
        ipaddress.ip_network,
        (
            "100.64.0.0/10",
            "192.0.0.0/24",
            "192.88.99.0/24",
            "64:ff9b::/96",
            "64:ff9b:1::/48",
            "100::/64",
            "2001::/23",
            "2002::/16",
            "3fff::/20",
            "5f00::/16",
            "fec0::/10",
        ),
    )
)
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\Z", re.I)
_PERMANENT = frozenset({301, 308})
_REDIRECTS = _PERMANENT | {302, 303, 307}
#: A host refuses this program, or a person has to sign in: that says nothing about the page.
_CLOSED = frozenset({401, 402, 403, 405, 406, 407, 412, 415, 416, 418, 425, 426, 429, 451})


class Outcome(Enum):
    """What a probe found."""

    REACHABLE = auto()
    MOVED = auto()  # reachable at another address, for good
    BROKEN = auto()  # the host answers that there is no such page, or an error
    SILENT = auto()  # no answer: no such host, no connection, too slow
    CLOSED = auto()  # the host answers, but not to a program, or its certificate is not good
    REFUSED = auto()  # not asked: the address is none that this program may open


@dataclass(frozen=True)
class Probed:
    """The outcome for one address. `code` is the last HTTP status, None without an answer."""

    outcome: Outcome
    code: int | None = None
    moved_to: str = ""

    @property
    def proves_a_network(self) -> bool:
        """Whether a host of the world answered about its page, and no firewall on the way there."""
        return self.outcome in {Outcome.REACHABLE, Outcome.MOVED} or self.code in {404, 410}


class _Refused(Exception):
    """An address that this program does not open."""


def is_global(address: str) -> bool:
    """Whether a numeric address is one of the public network, which no firewall of ours hides."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return (
        ip.is_global
        and not ip.is_multicast
        and not ip.is_reserved
        and not any(ip.version == net.version and ip in net for net in _NOT_PUBLIC)
    )


def resolved(host: str, port: int) -> list[str]:
    """The numeric addresses of a host. Raises OSError if it has none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True)
class Prober:
    """Asks for addresses. `agent` is the User-Agent, by which a host's owner can find us.

    The other fields are what tests replace: which ports, which numeric addresses, who resolves, how long.
    """

    agent: str
    ports: frozenset[int] | None = PORTS  # None: any
    may_reach: Callable[[str], bool] = is_global
    resolve: Callable[[str, int], Sequence[str]] = resolved
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    step_seconds: float = STEP_SECONDS
    address_seconds: float = ADDRESS_SECONDS

    def ask(self, url: str) -> Probed:
        """Probe one address; never raises for what the address or its host does."""
        until = time.monotonic() + self.address_seconds
        at, code, is_for_good = url, None, True
        try:
            for _hop in range(HOPS + 1):
                code, to = self._answer(at, until)
                if code not in _REDIRECTS or not to:
                    return self._judged(url, at if is_for_good else url, code)
                is_for_good = is_for_good and code in _PERMANENT
                at = urljoin(at, to)
            return Probed(Outcome.BROKEN, code)  # it goes round in circles
        except _Refused:
            return Probed(Outcome.REFUSED, code)
        except ssl.SSLEOFError:  # cut off, as a connection may be
            return Probed(Outcome.SILENT, code)
        except (
            ssl.SSLError
        ):  # a browser may open it: it knows more certificates, and asks its person
            return Probed(Outcome.CLOSED, code)
        except (OSError, http.client.HTTPException, ValueError):
            return Probed(Outcome.SILENT, code)

    def _judged(self, url: str, at: str, code: int) -> Probed:
        if code in _CLOSED:
            return Probed(Outcome.CLOSED, code)
        if not 200 <= code < 300:
            return Probed(Outcome.BROKEN, code)
        if _without_scheme(at) == _without_scheme(url):
            return Probed(Outcome.REACHABLE, code)
        return Probed(Outcome.MOVED, code, at)

    def _answer(self, url: str, until: float) -> tuple[int, str]:
        """(status, where it redirects to) of one hop: its head is asked for, then the page if need be."""
        code, to = self._asked("HEAD", url, until)
        if code >= 400:
            return self._asked("GET", url, until)
        return code, to

    def _asked(self, method: str, url: str, until: float) -> tuple[int, str]:
        parts, host, port = self._judge(url)
        numeric = self._reachable(host, port)
        line = _Pinned(host, port, numeric, self.tls if parts.scheme == "https" else None)
        line.timeout = min(self.step_seconds, _left(until))
        # A host that sends a byte now and then keeps each step's time limit for ever.
        watch = threading.Timer(_left(until), line.cut)
        watch.daemon = True
        watch.start()
        try:
            target = iri_to_uri((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
            headers = {"User-Agent": self.agent, "Accept": "*/*", "Connection": "close"}
            if method == "GET":
                headers["Range"] = f"bytes=0-{READ_AT_MOST - 1}"
            line.request(method, target, headers=headers)
            with line.getresponse() as answer:
                if method == "GET":
                    answer.read(READ_AT_MOST)
                return answer.status, _text_of(answer.getheader("Location") or "")
        finally:
            watch.cancel()
            line.end()

    def _judge(self, url: str) -> tuple[SplitResult, str, int]:
        """An address that may be opened, its host and its port. Raises `_Refused` for others."""
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
        except ValueError as error:  # no such port, or no name of a host
            raise _Refused from error
        if parts.scheme not in {"http", "https"} or has_userinfo(url) or "\\" in parts.netloc:
            raise _Refused
        if not host or (self.ports is not None and port not in self.ports):
            raise _Refused
        if _NUMERIC.match(host.rstrip(".").rpartition(".")[2]):
            # 2130706433, 0177.0.0.1 and 0x7f.1 are 127.0.0.1 for some programs and names for others.
            try:
                ipaddress.IPv4Address(host)
            except ValueError as error:
                raise _Refused from error
        return parts, host, port

    def _reachable(self, host: str, port: int) -> str:
        """One numeric address of a host, all of which may be reached. Raises `_Refused` and OSError."""
        found = self.resolve(host, port)
        if not all(map(self.may_reach, found)):
            raise _Refused
        if not found:
            raise OSError(f"{host} has no address")
        # Addresses of version 4 first: a server without version 6 would find every host silent.
        return min(found, key=lambda each: ":" in each)


class _Pinned(http.client.HTTPConnection):
    """A connection to a numeric address that was judged, for a host's name."""

    def __init__(self, host: str, port: int, numeric: str, tls: ssl.SSLContext | None) -> None:
        super().__init__(f"[{host}]" if ":" in host else host, port)
        self._name, self._numeric, self._tls = host, numeric, tls
        if tls is not None:
            self.default_port = 443  # so that `Host` leaves it out
        self._line: socket.socket | None = None
        self._is_cut = False

    def connect(self) -> None:
        line = socket.create_connection((self._numeric, self.port), timeout=self.timeout)
        self._line = line.dup()  # TLS takes `line` over, and `http.client` lets go of its own early
        self.sock = line
        if self._tls is not None:
            self.sock = self._tls.wrap_socket(line, server_hostname=self._name)
        if self._is_cut:
            raise TimeoutError("timed out")

    def cut(self) -> None:
        """End the connection from another thread, whatever it waits for."""
        self._is_cut = True
        if self._line is not None:
            try:
                self._line.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it has ended

    def end(self) -> None:
        """Close it. `http.client` calls `close` before an answer without a length is read."""
        self.close()
        if self._line is not None:
            self._line.close()


def _text_of(header: str) -> str:
    """A header, which `http.client` reads as Latin-1: what is not ASCII in it is UTF-8 in practice."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _without_scheme(url: str) -> str:
    """An address without what seldom makes it another one: its scheme, a slash at its end."""
    return iri_to_uri(url).partition("://")[2].partition("#")[0].rstrip("/").lower()


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left
