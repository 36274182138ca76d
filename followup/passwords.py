"""Password validators: a minimum length, and no password that attackers try first.

There are no composition rules: they lead to passwords that people write down and machines guess.
"""

from __future__ import annotations

import re
from itertools import pairwise

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Words that somebody who knows this portal would try, with any digits and signs around them.
WORDS = (
    "csosforum",
    "csos",
    "cso",
    "forum",
    "portal",
    "admin",
    "administrator",
    "password",
    "passw0rd",
    "p@ssw0rd",
    "welcome",
    "qwerty",
    "thailand",
    "bangkok",
    "msociety",
    "dsdw",
    "คสป",
    "กสป",
    "พม",
    "เวที",
    "ประชุม",
    "ภาคประชาสังคม",
    "ประชาสังคม",
    "ข้อเสนอ",
    "เลขานุการ",
    "เจ้าหน้าที่",
    "ผู้ดูแลระบบ",
    "รหัสผ่าน",
    "ประเทศไทย",
    "กรุงเทพ",
    "มหานคร",
)
_WORD = re.compile("|".join(map(re.escape, sorted(WORDS, key=len, reverse=True))))
_AROUND = re.compile(r"[\d\W_]+")  # \W takes Thai vowel marks too: only bare letters are left
#: With this many letters besides a known word, a password is accepted as a phrase.
_OWN_LETTERS = 4
_DIFFERENT = 5
#: A known password shorter than this is too little of a long one to be guessed by.
_SHORTEST = 4


class MaximumLengthValidator:
    """Refuse passwords over `max_length` characters: hashing a huge one would only load the server.

    `validate` raises ValidationError, in Thai.
    """

    def __init__(self, max_length: int = 128) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: object = None) -> None:
        if len(password) > self.max_length:
            raise ValidationError(
                _("รหัสผ่านยาวเกิน %(n)d อักขระ") % {"n": self.max_length}, code="password_too_long"
            )

    def get_help_text(self) -> str:
        return _("ไม่เกิน %(n)d อักขระ") % {"n": self.max_length}


class GuessableValidator(CommonPasswordValidator):
    """Refuse Django's 20,000 breached passwords, variants of them, and this portal's own words.

    `validate` raises ValidationError, in Thai.
    """

    def validate(self, password: str, user: object = None) -> None:
        typed = password.lower().strip()
        known = _WORD.search(typed) and len(_AROUND.sub("", _WORD.sub("", typed))) < _OWN_LETTERS
        if (
            not self.passwords.isdisjoint(_cores(typed))
            or known
            or len(set(typed)) < _DIFFERENT
            or is_a_row(typed)
            or is_a_walk(typed)
        ):
            raise ValidationError(
                _("รหัสผ่านนี้เดาได้ง่าย ใช้คำอื่นที่ไม่เกี่ยวกับระบบนี้ เช่น ประโยคที่จำได้คนเดียว"),
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        return _("ไม่ใช้รหัสผ่านที่คนใช้กันมากหรือชื่อของระบบและหน่วยงาน")


def _cores(typed: str) -> set[str]:
    """The password, and each piece of it with a letter that has digits and signs alone around it."""
    before = len(re.match(r"[\d\W_]*", typed)[0])  # type: ignore[index]  # it always matches
    after = len(typed) - len(re.search(r"[\d\W_]*$", typed)[0])  # type: ignore[index]
    pieces = {
        typed[start:end] for start in range(before + 1) for end in range(after, len(typed) + 1)
    }
    return {typed} | {piece for piece in pieces if len(piece) >= _SHORTEST and after > before}


def is_a_row(text: str) -> bool:
    """Whether it repeats one short piece, or is a run of successive letters or digits."""
    if re.fullmatch(r"(.+?)\1+", text, re.DOTALL):
        return True
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps <= {1, -9} or steps <= {-1, 9}


# Walks over the keyboard ------------------------------------------------------------------------

# The rows of keys, plain and with shift. The first row begins one key further left.
_LATIN = (
    ("`1234567890-=", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./"),
    ("~!@#$%^&*()_+", "QWERTYUIOP{}|", 'ASDFGHJKL:"', "ZXCVBNM<>?"),
)
_KEDMANEE = (
    ("_ๅ/-ภถุึคตจขช", "ๆไำพะัีรนยบลฃ", "ฟหกดเ้่าสวง", "ผปแอิืทมใฝ"),
    ("%+๑๒๓๔ู฿๕๖๗๘๙", '๐"ฎฑธํ๊ณฯญฐ,ฅ', "ฤฆฏโฌ็๋ษศซ.", "()ฉฮฺ์?ฒฬฦ"),
)
#: So many keys in one direction, or so many neighbours in any, are a walk.
_STRAIGHT, _AMBLE = 3, 4


def _places(*layouts: tuple[tuple[str, ...], ...]) -> dict[str, tuple[int, int]]:
    """Row and column of each character; a later layout has the last word on signs of both."""
    return {
        character: (row, column + (row > 0))
        for layout in layouts
        for rows in layout
        for row, keys in enumerate(rows)
        for column, character in enumerate(keys)
    }


_LAYOUTS = (_places(_LATIN, _KEDMANEE), _places(_KEDMANEE, _LATIN))


def is_a_walk(text: str) -> bool:
    """Whether most of it walks over neighbouring keys, in Latin or in Thai (Kedmanee), either way."""
    for places in _LAYOUTS:
        walked = _walked(text, places)
        own = sum(each.isalpha() for each, done in zip(text, walked, strict=True) if not done)
        if 2 * sum(walked) > len(text) and own < _OWN_LETTERS:
            return True
    return False


def _walked(text: str, places: dict[str, tuple[int, int]]) -> list[bool]:
    """For each character whether it is part of a walk."""
    steps = [_step(places.get(before), places.get(after)) for before, after in pairwise(text)]
    walked = [False] * len(text)
    for keys, alike in ((_STRAIGHT, True), (_AMBLE, False)):
        start = 0
        for end in range(1, len(steps) + 1):
            goes_on = end < len(steps) and steps[end] and (not alike or steps[end] == steps[start])
            if goes_on and steps[start]:
                continue
            if steps[start] and end - start + 1 >= keys:
                walked[start : end + 1] = [True] * (end - start + 1)
            start = end
    return walked


def _step(before: tuple[int, int] | None, after: tuple[int, int] | None) -> tuple[int, int] | None:
    """The step between two neighbouring keys; None if they are the same or no neighbours."""
    if before is None or after is None:
        return None
    step = after[0] - before[0], after[1] - before[1]
    return step if step != (0, 0) and max(map(abs, step)) == 1 else None
