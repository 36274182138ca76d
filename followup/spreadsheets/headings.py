"""One heading → the meaning of its column: its field, its unit, the status it ticks.

The words are those of `words.py`. A heading of several rows is given as its parts, from the top.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from followup.report_fields import Kind
from followup.spreadsheets.fields import Field, of_kind
from followup.spreadsheets.words import WORDS, word_key

SHORT = 80  # characters of a heading; the rest is prose
JOINT = " › "  # between the storeys of a heading
MONEY = of_kind(Kind.MONEY)
UNITS = {"ล้าน": 1_000_000, "แสน": 100_000, "หมื่น": 10_000, "พัน": 1_000}

# If two columns claim one field, the one with a heading in this set loses: "ลำดับ" beside
# "ข้อเสนอที่" counts rows, "มาตรการย่อย" beside "รหัสมาตรการย่อย" holds the text.
_VAGUE = frozenset(
    map(
        word_key,
        [
            *("ลำดับ", "ลำดับที่", "ที่", "No.", "มาตรการย่อย", "ข้อย่อย", "ประเด็นย่อย", "ผู้รับผิดชอบ"),
            *("หน่วยงาน", "ความก้าวหน้า", "ความคืบหน้า", "ผล", "ผลงาน", "สรุปผล", "พื้นที่", "ปี", "พ.ศ."),
            "เวที",
        ],
    )
)
# If two of the portal's own columns hold the same thing, the first one wins: a code before its
# label, and the agency's own status before the published one.
_OWN = (
    ("measure_id", "measure_code"),
    ("resolution_number", "resolution_id"),
    ("agency_code", "agency_name_th"),
    ("fiscal_year_be", "year_be", "fiscal_year_ce", "year_ce"),
    ("forum_year_be", "forum_year_ce"),
    ("reported_status_code", "reported_status_th", "status_code", "status_th"),
    ("response_code", "response_th"),
)
_VAGUENESS = dict.fromkeys(_VAGUE, 1) | {
    word_key(name): place for names in _OWN for place, name in enumerate(names)
}
_UNIT = re.compile(r"(?P<times>ล้าน|แสน|หมื่น|พัน)?\s*บาท|(?P<short>ลบ\.)|\((?P<bare>ล้าน|พัน)\)")
_UNIT_PART = re.compile(
    r"[(\[:：,]?\s*(?:หน่วย(?:นับ)?\s*[:：]?\s*)?"
    r"(?:(?:ล้าน|แสน|หมื่น|พัน)?\s*บาท|ลบ\.|(?<=\()(?:ล้าน|พัน))\s*[)\]]?"
)
_PERCENT_PART = re.compile(r"\(?\s*(?:%|ร้อยละ)\s*\)?")
_FRILLS = re.compile(r"^\s*\(?\d{1,2}[.)]\s*|[*†:：]+\s*$|(?:\d/|/\d)\s*$")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
# A heading that begins like an alias but is about another year or a plan is not that field.
_OTHER_MATTER = re.compile("ปีก่อน|ปีที่แล้ว|ปีที่ผ่านมา|เดิม|เป้าหมาย|แผน|แหล่ง|คาดว่า")


def unit_of(heading: str) -> int:
    """The unit in baht that a heading names ("(ล้านบาท)" → 1_000_000); 0 if it names none."""
    found = _UNIT.search(heading)
    if found is None:
        return 0
    if found["short"]:
        return 1_000_000
    return UNITS.get(found["times"] or found["bare"] or "", 1)


def exact_field(heading: str) -> Field | None:
    """The field whose alias equals the heading, ignoring unit, numbering and footnote marks."""
    field = WORDS.field_of.get(word_key(heading))
    if field is not None:
        return field
    plain = _FRILLS.sub("", heading)
    without_unit = _UNIT_PART.sub(" ", plain)
    field = WORDS.field_of.get(word_key(without_unit))
    if field is None and _PERCENT_PART.search(plain):
        base = WORDS.field_of.get(word_key(_PERCENT_PART.sub(" ", plain)))
        return Field.PERCENT if base in {Field.STATUS, Field.RESULT, Field.PERCENT} else None
    return field


def near_field(heading: str) -> Field | None:
    """The field with the longest alias that the heading begins with ("งบประมาณที่ได้รับจัดสรร")."""
    # A program's column names ("evidence_count") must match exactly.
    if (
        len(heading) > SHORT
        or "_" in heading
        or _OTHER_MATTER.search(heading)
        or _PERCENT_PART.search(heading)
    ):
        return None
    plain = _ASIDE.sub(" ", _FRILLS.sub("", heading))
    key = word_key(plain)
    if key in WORDS.field_of:
        return WORDS.field_of[key]
    starts = [
        alias
        for alias, field in WORDS.field_of.items()
        if len(alias) >= 4 and key.startswith(alias) and field is not Field.FORUM
    ]  # "เวทีรับฟังความคิดเห็น" is not a forum
    return WORDS.field_of[max(starts, key=len)] if starts else None


def field_of(parts: Sequence[str], *, firm: bool) -> tuple[Field | None, bool]:
    """The field of a heading given as its parts, and whether the alias table decided.

    Unless the parts are `firm`, the upper one may be a title; it counts only if it is an alias.
    """
    if not parts:
        return None, False
    last, whole = parts[-1], " ".join(parts)
    above = next(filter(None, map(exact_field, reversed(parts[:-1]))), None)
    field = exact_field(last)
    if field is not None and above in MONEY and field not in MONEY:
        # "ผลการเบิกจ่าย › ร้อยละ" is not progress; "งบประมาณ › ผล" is the amount spent.
        spent = word_key(last) == word_key("ผล")
        return (Field.DISBURSED, False) if spent else (None, False)
    if field is not None:
        return field, True
    field = exact_field(whole)
    if field is not None:
        return field, True
    if above is not None:
        other_matter = above is Field.STATUS or _OTHER_MATTER.search(last)
        return (None, False) if other_matter else (above, False)
    storeys = reversed(parts) if firm else [last]
    return next(filter(None, map(near_field, storeys)), None), False


def status_of_heading(heading: str) -> str | None:
    """The status of a tick column; "" for an ambiguous word; None for no status.

    `heading` is a whole heading ("สถานะ › ดำเนินการแล้ว"), of which the last part decides.
    """
    word = _ASIDE.sub(" ", heading.rpartition(JOINT)[2])
    key = word_key(_FRILLS.sub("", word))
    if key in WORDS.status_of:
        return WORDS.status_of[key]
    return "" if key in WORDS.ambiguous and key[:1] >= "ก" else None


def vagueness(heading: str) -> int:
    """0 for an unambiguous heading; of two columns the one with the higher number loses."""
    return _VAGUENESS.get(word_key(_UNIT_PART.sub(" ", heading.rpartition(JOINT)[2])), 0)
