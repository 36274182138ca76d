"""What the settings check and prepare before anything else runs: unsafe values, database, file modes.

It knows no setting and reads nothing of the environment: `forum_portal.settings` passes the values.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from forum_portal.environment import refused
from forum_portal.thai import to_arabic_digits

SQLITE = "django.db.backends.sqlite3"
#: The names of a machine for itself.
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
#: The shortest key that production accepts, and how many different characters it has at least.
KEY_LENGTH, KEY_CHARACTERS = 50, 12
#: Parts of keys that stand in examples, generators of projects, tests and benchmarks.
EXAMPLE_KEY = re.compile(
    r"django-insecure|only-for-tests|benchmark|change[-_ ]?(me|this)|replace[-_ ]?(me|this)"
    r"|your[-_ ]?(own[-_ ]?)?(secret|key)|secret[-_ ]?key|example|insecure|placeholder",
    re.I,
)
#: Second-level names under which anybody registers a domain.
SHARED = frozenset(["ac", "co", "com", "edu", "go", "gov", "in", "mi", "net", "or", "org"])


# Unsafe values ----------------------------------------------------------------------------------


def refuse_unsafe(
    *,
    keys: Mapping[str, Iterable[str]],
    hosts: Iterable[str],
    portal_url: str,
    trusted_origins: Iterable[str],
) -> None:
    """Check the settings of a portal in production; raises ImproperlyConfigured.

    `keys`: the setting's name -> its secret keys. An earlier one that others know signs for them too.
    """
    for name, each in ((name, each) for name, several in keys.items() for each in several):
        if len(each) < KEY_LENGTH:
            raise refused("key_length", name, least=KEY_LENGTH)
        if is_example_key(each):
            raise refused("key_example", name)
    hosts = list(hosts)
    if not hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the portal's host in production")
    for host in hosts:
        if matches_anybody(host):
            raise ImproperlyConfigured(
                f"ALLOWED_HOSTS must name the portal's own hosts in production, not {host!r}"
            )
    for origin in trusted_origins:
        name = origin.removeprefix("https://")
        if name == origin or matches_anybody(name.removeprefix("*")):
            raise ImproperlyConfigured(
                f"CSRF_TRUSTED_ORIGINS must name https:// origins of our own, not {origin!r}"
            )
    if not is_own_address(portal_url):
        raise ImproperlyConfigured(
            "PORTAL_URL must be https:// and the portal's host in production, without a path: "
            f"not {portal_url!r}"
        )


def is_example_key(key: str) -> bool:
    """Whether a key stands in an example, repeats a short piece, or has few different characters."""
    return bool(
        EXAMPLE_KEY.search(key)
        or re.fullmatch(r"(.{1,25}?)\1+", key)
        or len(set(key)) < KEY_CHARACTERS
    )


def matches_anybody(host: str) -> bool:
    """Whether an entry of ALLOWED_HOSTS accepts hosts that others own: `*`, `.`, `.org`, `.go.th`.

    An entry with a star elsewhere counts too: it matches nothing, and the author meant a wildcard.
    """
    labels = [label for label in host.lower().split(".") if label]
    if "*" in host or not labels:
        return True
    if not host.startswith("."):
        return False
    return len(labels) == 1 or (len(labels) == 2 and labels[0] in SHARED)


def is_own_address(address: str) -> bool:
    """Whether it is `https://host` or `https://host:port`, and nothing more."""
    try:
        parts = urlsplit(address)
        plain = SplitResult("https", parts.netloc, "", "", "").geturl()
        return (
            address == plain
            and re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", parts.hostname or "", re.I)
            is not None
            and (parts.port is None or parts.port > 0)
            and "@" not in parts.netloc
        )
    except ValueError:  # no port, no address
        return False


# The database -----------------------------------------------------------------------------------


def database(url: str, root: Path) -> dict[str, Any]:
    """The database that DATABASE_URL names; without one, SQLite in `var/`.

    After `sqlite:///` stands a file's name as the file system knows it: `#`, `?`, `%41` and `+` are
    characters like any other. A relative name starts at the portal's folder, whatever folder a
    command is started in. Raises ImproperlyConfigured for an address without a database.
    """
    if not url:
        return _sqlite(root / "var" / "portal.sqlite3")
    if not url.startswith("sqlite:"):
        return dict(environ.Env.db_url_config(url))
    if url in {"sqlite://", "sqlite://:memory:", "sqlite:///:memory:"}:
        return {"ENGINE": SQLITE, "NAME": ":memory:"}
    name = url.removeprefix("sqlite:///")
    if name in {url, ""}:
        raise ImproperlyConfigured("DATABASE_URL must be sqlite:/// and a file's name")
    return _sqlite(root / name)


def _sqlite(path: Path) -> dict[str, Any]:
    return {"ENGINE": SQLITE, "NAME": str(path)}


# Object storage ---------------------------------------------------------------------------------


def object_storage(
    *, bucket: str, prefix: str, endpoint: str, region: str, key: str, secret: str, seconds: float
) -> dict[str, Any]:
    """Check S3_BUCKET and the others; the options of `ObjectStorage`, or none without a bucket.

    Raises ImproperlyConfigured. Without a key boto finds one by its own means.
    """
    others = {
        "S3_PREFIX": prefix,
        "S3_ENDPOINT": endpoint,
        "S3_REGION": region,
        "S3_ACCESS_KEY": key,
        "S3_SECRET_KEY": secret,
    }
    if not bucket:
        for name in (name for name, value in others.items() if value):
            raise refused("together", name, other="S3_BUCKET")
        return {}
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket):
        raise refused("bucket", "S3_BUCKET", bucket)
    if not re.fullmatch(r"([A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*/?)?", prefix):
        raise refused("prefix", "S3_PREFIX", prefix)
    if not re.fullmatch(r"[a-z0-9-]{0,40}", region):
        raise refused("region", "S3_REGION", region)
    if endpoint and not (
        _is_link(endpoint, ("https", "http")) and endpoint.count("/") == 2 and "?" not in endpoint
    ):
        raise refused("endpoint", "S3_ENDPOINT")
    for name, other in (("S3_ACCESS_KEY", "S3_SECRET_KEY"), ("S3_SECRET_KEY", "S3_ACCESS_KEY")):
        if others[name] and not others[other]:
            raise refused("together", name, other=other)
    return {
        "bucket_name": bucket,
        "location": prefix.rstrip("/"),
        "endpoint_url": endpoint or None,
        "region_name": region or None,
        "access_key": key or None,
        "secret_key": secret or None,
        "seconds": seconds,
    }


def in_bucket(options: Mapping[str, Any], folder: str, *, replaces: bool) -> dict[str, Any]:
    """The entry of STORAGES for a folder of the bucket. `replaces`: a file may be written again."""
    location = "/".join(filter(None, [options["location"], folder]))
    return {
        "BACKEND": "forum_portal.object_storage.ObjectStorage",
        "OPTIONS": {**options, "location": location, "file_overwrite": replaces},
    }


# File modes -------------------------------------------------------------------------------------


def keep_private(folder: Path, stored: dict[str, Any]) -> None:
    """Make every file of this process readable by its owner alone, and `folder` too.

    Every command and every web process reads the settings first, so it does not matter which of
    them makes a file. Files of an earlier version are corrected, if they are ours.
    """
    os.umask(0o077)
    with suppress(OSError):  # a folder that is not ours or not writable: the first use says so
        folder.mkdir(mode=0o700, exist_ok=True)
    _narrow(folder, 0o700)
    if stored["ENGINE"] == SQLITE and stored["NAME"] != ":memory:":
        for suffix in ("", "-wal", "-shm", "-journal"):
            _narrow(Path(stored["NAME"] + suffix), 0o600)


def _narrow(path: Path, mode: int) -> None:
    with suppress(OSError):
        if path.stat().st_mode & 0o077:
            path.chmod(mode)


# What the footer shows --------------------------------------------------------------------------

#: A telephone number as people write it, with an extension.
_PHONE = re.compile(r"(\+?[0-9(][0-9 ()-]{1,24}[0-9])(?:\s*(?:ต่อ|ext\.?|#)\s*([0-9]{1,6}))?", re.I)
_LONGEST_ADDRESS = 300  # characters


class Contact(NamedTuple):
    """How the public reaches the office; "" for what is not told."""

    phone: str
    tel: str  # of the link, RFC 3966
    email: str
    address: str


def data_licence(name: str, url: str) -> dict[str, str]:
    """Check DATA_LICENSE_NAME and DATA_LICENSE_URL; raises ImproperlyConfigured."""
    name = name.strip()
    if not name or not name.isprintable():
        raise ImproperlyConfigured("DATA_LICENSE_NAME must be the licence's name in one line")
    if not (url := link("DATA_LICENSE_URL", url, ("https", "http"))):
        raise ImproperlyConfigured("DATA_LICENSE_URL must be the web address of the licence's text")
    return {"name": name, "url": url}


def contact(*, phone: str, email: str, address: str) -> Contact:
    """Check PORTAL_CONTACT_PHONE, _EMAIL and _ADDRESS; raises ImproperlyConfigured."""
    phone, email, address = phone.strip(), email.strip(), address.strip()
    number = _PHONE.fullmatch(to_arabic_digits(phone)) if phone else None
    if phone and not number:
        raise ImproperlyConfigured(
            f"PORTAL_CONTACT_PHONE must be one telephone number like 0 2659 6399, not {phone!r}"
        )
    if email:
        try:
            validate_email(email)
        except ValidationError:
            raise ImproperlyConfigured(
                f"PORTAL_CONTACT_EMAIL must be one address like office@example.go.th, not {email!r}"
            ) from None
    if len(address) > _LONGEST_ADDRESS or not address.isprintable():
        raise ImproperlyConfigured(
            f"PORTAL_CONTACT_ADDRESS must be one line of at most {_LONGEST_ADDRESS} characters"
        )
    tel = ""
    if number:
        digits = re.sub(r"[^0-9+]", "", number[1])
        # A tel: address is global, or it names where it holds; Thai numbers begin with 0 at home.
        tel = re.sub(r"^0", "+66", digits) + (f";ext={number[2]}" if number[2] else "")
    return Contact(phone, tel, email, address)


# What the portal says of itself -----------------------------------------------------------------

_LONGEST_LINK = 300  # characters
_OF_ADDRESSES = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")  # RFC 3986


def link(setting: str, value: str, schemes: Collection[str] = ("https",)) -> str:
    """Check a setting that is one address of these schemes, or ""; raises ImproperlyConfigured.

    `mailto` is a mailbox alone. An address has no spaces, no line ends and no password.
    """
    value = value.strip()
    if not value or _is_link(value, schemes):
        return value
    wanted = " or ".join(
        "mailto: and a mailbox" if each == "mailto" else f"{each}:// and an address"
        for each in schemes
    )
    raise ImproperlyConfigured(f"{setting} must be {wanted}, not {value!r}")


def _is_link(value: str, schemes: Collection[str]) -> bool:
    if len(value) > _LONGEST_LINK or not _OF_ADDRESSES.fullmatch(value):
        return False
    try:
        parts = urlsplit(value)
        if parts.scheme not in schemes:
            return False
        if parts.scheme == "mailto":
            validate_email(value.partition(":")[2])
            return True
        return (
            "@" not in parts.netloc
            and re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", parts.hostname or "", re.I)
            is not None
            and (parts.port is None or parts.port > 0)
        )
    except (ValueError, ValidationError):  # no port, no address, no mailbox
        return False


def expiry(setting: str, value: str, *, today: date) -> date | None:
    """Check a setting that is a day less than a year ahead, or ""; raises ImproperlyConfigured.

    A day in the past is one that was right once: it must not keep the portal from starting again.
    """
    if not value.strip():
        return None
    wanted = f"{setting} must be a day less than a year ahead, like {today + timedelta(days=180)}"
    try:
        day = date.fromisoformat(value.strip())
    except ValueError:
        raise ImproperlyConfigured(f"{wanted}, not {value!r}") from None
    if day - today >= timedelta(days=365):
        raise ImproperlyConfigured(f"{wanted}, not {value!r}")
    return day
