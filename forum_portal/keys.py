"""The SECRET_KEY and those before it, for what Django's `Signer` does not verify by itself.

`Signer` and `signing.loads` take a signature of any of the keys. Whoever computes an HMAC or encrypts
does the same with these: the current key makes, every key verifies.
"""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import salted_hmac


def keys() -> list[str]:
    """The current key, and those in SECRET_KEY_FALLBACKS."""
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def hmacs(salt: str, value: str) -> list[str]:
    """The HMAC-SHA-256 of a text in hexadecimal by each key. The first one is what is made today."""
    return [salted_hmac(salt, value, secret=key, algorithm="sha256").hexdigest() for key in keys()]
