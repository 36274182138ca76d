"""Text: repaired, and checked for damage and personal data."""

from __future__ import annotations

import re

from followup.spreadsheets.types import Cell, CellError, Problem, Reading
from followup.spreadsheets.values.base import shows_error, text_of, wrong
from followup.spreadsheets.words import REPAIRS, repair
from forum_portal import thai


def count_repairs(raw: Cell) -> int:
    """The number of places that `repair` changes in a cell's text."""
    text = text_of(raw).strip()
    return sum(len(pattern.findall(text)) for pattern in REPAIRS)


# Text copied from a PDF: ำ was split and lost its ring ("ล าปาง"), a mark is separated from its
# consonant ("ท ี่"), or only the ring is lost ("ดาเนินงาน"). A word is listed only if its broken
# form is not another Thai word, or only after certain letters ("ราคาสั่งซื้อ" is correct).
_WORDS_WITH_RING = re.findall(
    r"\S+",
    "ดำเนิน กำหนด สำนัก จำนวน อำนาจ อำเภอ ตำบล ตำแหน่ง ตำรวจ สำคัญ สำหรับ กำกับดูแล"
    " กำกับติดตาม ประจำปี ประจำเดือน ประจำจังหวัด คำแนะนำ คำสั่ง บำรุง จำกัด จำเป็น ชำนาญ สำรวจ สำเร็จ"
    " อำนวย ลำดับ ลำปาง ลำพูน กำแพงเพชร หนองบัวลำภู",
)
_SOUND_AFTER = {
    "สำนัก": "อา",
    "คำสั่ง": "รา",
    "จำเป็น": "จร|วา",
    "ลำดับ": "ศา",
    "ลำปาง": "ศา",
    "ลำพูน": "ศา",
}
_RINGLESS = {word.replace("ำ", "า"): word for word in _WORDS_WITH_RING}
_GLYPHS = {  # Thai in the private use area: marks drawn higher or lower, ญ and ฐ without their foot
    **dict(zip(range(0xF701, 0xF705), "ิีึื", strict=True)),
    **dict(zip(range(0xF705, 0xF70A), "่้๊๋์", strict=True)),
    **dict(zip(range(0xF70A, 0xF70F), "่้๊๋์", strict=True)),
    **dict(zip(range(0xF710, 0xF713), "ัํ็", strict=True)),
    **dict(zip(range(0xF713, 0xF718), "่้๊๋์", strict=True)),
    **dict(zip(range(0xF718, 0xF71B), "ฺุู", strict=True)),
    0xF700: "ฐ",
    0xF70F: "ญ",
}
_RING = re.compile(
    "|".join(
        (f"(?<!{_SOUND_AFTER[word]})" if word in _SOUND_AFTER else "") + broken
        for broken, word in _RINGLESS.items()
    )
)
_APART_AA = re.compile("([ก-ฮ]) ([่-๋]?)า")
_APART_MARK = re.compile("([ก-ฮ][ัิ-ฺ็]?) ([ัำิ-ฺ็-ํ])")
_APART = re.compile("[เ-ไ]?[ก-ฮ][ัิ-ฺ็]? [ัาำิ-ฺ็-ํ]า?[ก-ฺเ-๎]{0,12}")
_GLYPH = re.compile("[ก-ฺเ-๎]{0,6}[\uf700-\uf71a][ก-ฺเ-๎\uf700-\uf71a]{0,12}")
_RING_LOST = re.compile(f"(?:{_RING.pattern})[ก-ฺเ-๎]{{0,12}}")
# Cheap tests whether one of the three may occur.
_MARK_APART = re.compile(" [ัาำิ-ฺ็-ํ]")
_ANY_GLYPH = re.compile("[\uf700-\uf71a]")
_ANY_RINGLESS = re.compile(
    "า(?:" + "|".join(word.partition("ำ")[2].replace("ำ", "า") for word in _WORDS_WITH_RING) + ")"
)


def damage(text: str) -> Problem | None:
    """T02 for the first word of repaired `text` that a PDF seems to have broken; a suggestion."""
    found = None
    if _MARK_APART.search(text):
        found = _APART.search(text)
    if found is None and _ANY_GLYPH.search(text):
        found = _GLYPH.search(text)
    if found is None and _ANY_RINGLESS.search(text):
        found = _RING_LOST.search(text)
    if found is None:
        return None
    guess = _APART_AA.sub("\\1\\2ำ", found[0].translate(_GLYPHS))
    guess = _APART_MARK.sub("\\1\\2", guess)
    guess = _RING.sub(lambda match: _RINGLESS[match[0]], guess)
    return Problem("T02", {"v": found[0], "guess": repair(guess)})


_LONG_NUMBER = re.compile("[0-9๐-๙](?:[ -]?[0-9๐-๙]){8}")
_CITIZEN = re.compile(r"(?<![\d.,])\d(?:[ -]?\d){12}(?![ -]?\d)")
_PHONE = re.compile(
    r"(?<![\d.,/-])(?:"
    r"0[689]\d[ -]?\d{3}[ -]?\d{4}|0[ -]?[689][ -]?\d{4}[ -]?\d{4}"  # mobile: ten digits
    r"|0[ -]?2[ -]?\d{3}[ -]?\d{4}|0[ -]?[3457]\d[ -]?\d{3}[ -]?\d{3}|0[ -][3457]\d{3}[ -]?\d{4}"
    r"|\+66[ -]?\d(?:[ -]?\d){7,8}"
    r")(?![\d,/])(?!\.\d)"
)


def _is_citizen_id(digits: str) -> bool:
    """Whether 13 digits have the check digit of a Thai identity number (weights 13 … 2, mod 11)."""
    total = sum(
        int(digit) * weight for digit, weight in zip(digits, range(13, 1, -1), strict=False)
    )
    return digits[0] != "0" and (11 - total % 11) % 10 == int(digits[12])


def has_personal_data(text: str) -> bool:
    """Whether `text` seems to contain an identity number or a Thai telephone number."""
    if not _LONG_NUMBER.search(text):
        return False
    text = thai.to_arabic_digits(text)
    return bool(_PHONE.search(text)) or any(
        _is_citizen_id(re.sub("[ -]", "", number)) for number in _CITIZEN.findall(text)
    )


def read_text(raw: Cell, *, limit: int = 4000) -> Reading[str]:
    """Text as it is stored, "" for blank.

    T01 gives the number of repairs. T02 suspects damage from a PDF (not changed), T03 personal data.
    T04 is an error: the text has more than `limit` characters, and there is no value.
    """
    if isinstance(raw, CellError):
        return shows_error(raw)
    text = text_of(raw)
    value = repair(text)
    if len(value) > limit:
        return wrong("T04", max=limit)
    problems = []
    if value != text.strip() and (repairs := count_repairs(text)):
        problems.append(Problem("T01", {"n": repairs}))
    if broken := damage(value):
        problems.append(broken)
    if has_personal_data(value):
        problems.append(Problem("T03"))
    return Reading(value, problems)
