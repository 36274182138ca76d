"""Signatures of rows and of whole workbooks."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

from followup.spreadsheets.workbook.names import KEY, SALT, SIGNATURE


def row_key(year: int, assignment: int) -> str:
    """The key of a row: readable, and impossible to forge."""
    signature = Signer(salt=f"{SALT}.row").signature(f"{year}-{assignment}")
    return f"{year}-{assignment}-{signature[:SIGNATURE]}"


def key_parts(key: str) -> tuple[int, int] | None:
    """(year, assignment) of a key; None if this portal did not make it."""
    match = KEY.fullmatch(key)
    if match is None:
        return None
    year, assignment = int(match[1]), int(match[2])
    value = f"{year}-{assignment}"
    if not is_signed(value, match[3], f"{SALT}.row", SIGNATURE):
        return None
    return year, assignment


def is_signed(value: str, signature: str, salt: str, length: int | None = None) -> bool:
    """Whether this is the signature of `value` (its first `length` characters), made with the
    current secret key or an earlier one."""
    signer = Signer(salt=salt)
    return any(
        constant_time_compare(signature, signer.signature(value, key)[:length])
        for key in (signer.key, *signer.fallback_keys)
    )


def statement_of(version: int, year: int, agency_code: str, keys: Iterable[str]) -> str:
    """The text that the metadata's signature covers."""
    return json.dumps([version, year, agency_code, *sorted(keys)])
