"""Signatures of rows and of whole workbooks."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.core.signing import Signer
from django.utils.crypto import constant_time_compare

from followup.spreadsheets.workbook.names import KEY, SALT, SIGNATURE
from forum_portal.keys import keys


def row_key(round_code: str, assignment: int) -> str:
    """The key of a row: readable, and impossible to forge."""
    signature = Signer(salt=f"{SALT}.row").signature(f"{round_code}-{assignment}")
    return f"{round_code}-{assignment}-{signature[:SIGNATURE]}"


def key_parts(key: str) -> tuple[str, int] | None:
    """(the round's code, assignment) of a key; None if this portal did not make it."""
    match = KEY.fullmatch(key)
    if match is None:
        return None
    round_code, assignment = match[1], int(match[2])
    value = f"{round_code}-{assignment}"
    if not is_signed(value, match[3], f"{SALT}.row", SIGNATURE):
        return None
    return round_code, assignment


def is_signed(value: str, signature: str, salt: str, length: int | None = None) -> bool:
    """Whether this is the signature of `value` (its first `length` characters), made with the
    current secret key or an earlier one."""
    signer = Signer(salt=salt)
    return any(
        constant_time_compare(signature, signer.signature(value, key)[:length]) for key in keys()
    )


def statement_of(version: int, round_code: str, agency_code: str, keys: Iterable[str]) -> str:
    """The text that the metadata's signature covers.

    A round of a whole year is a number in it, as in the workbooks from before interim rounds.
    """
    named = int(round_code) if round_code.isdecimal() else round_code
    return json.dumps([version, named, agency_code, *sorted(keys)])
