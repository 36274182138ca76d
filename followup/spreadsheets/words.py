"""The words of spreadsheets: repair of Thai text, and the meaning of each word.

The words are those of `fixtures/spreadsheet_words.json`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l

from followup.report_fields import Kind, ReportField
from followup.spreadsheets.fields import REPORT_COLUMNS, Field
from forum_portal.thai import clean_text, match_key
from forum_portal.years import one_line

# --- text

_TONES = "\u0e48-\u0e4c"  # ่ ้ ๊ ๋ ์
_SIGNS = "\u0e31\u0e34-\u0e3a\u0e47\u0e4d"  # vowel signs above and below a consonant, ็ and ํ
_NOT_PRINTED = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f]")
_TONE_FIRST = re.compile(f"[{_TONES}](?=[{_SIGNS}])")
_MARKS = re.compile(f"[{_SIGNS}{_TONES}]{{2,}}")
_TONE_AFTER_AM = re.compile("\u0e33[\u0e33\u0e48-\u0e4b]*[\u0e48-\u0e4b]")
_LONG_AA = re.compile("(?<![ฤฦ])ๅ")
_SPACES = re.compile("[ \u00a0]{2,}")
#: The repairs of `repair`, for counting: each place matches exactly one of them.
REPAIRS = (
    _NOT_PRINTED,
    re.compile("(?<![ \u00a0])\u00a0(?![ \u00a0])"),
    re.compile("\u0e4d[\u0e48-\u0e4b]?[\u0e32\u0e45]"),  # ํ, a tone or none, า or ๅ
    re.compile("เเ"),
    re.compile(f"[{_TONES}](?=[{_SIGNS}])(?!\u0e4d[\u0e32\u0e45])"),
    _TONE_AFTER_AM,
    re.compile("(?<![ฤฦ\u0e4d])(?<!\u0e4d[\u0e48-\u0e4b])ๅ"),
    _SPACES,
)
_ALWAYS_MENDED = re.compile(
    "[\u200b-\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff\u00ad\u00a0"
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u0e45\u0e4d]"
)


def _signs_first(run: re.Match[str]) -> str:
    return "".join(sorted(run[0], key=lambda mark: "\u0e48" <= mark <= "\u0e4c"))


def _tones_first(run: re.Match[str]) -> str:
    return "".join(sorted(run[0], key=lambda mark: mark == "\u0e33"))


def repair(text: str) -> str:
    """Return `text` as it is stored: cleaned, and repaired by the contract's "Reading rules".

    Repairs beyond `clean_text`: a tone or ์ typed before its vowel sign, ๅ for า, further zero-width
    characters, runs of spaces. Idempotent.
    """
    if not (
        _ALWAYS_MENDED.search(text)
        or "  " in text
        or "เเ" in text
        or _TONE_FIRST.search(text)
        or _TONE_AFTER_AM.search(text)
    ):
        return unicodedata.normalize("NFC", text).strip()  # all that clean_text would still do
    text = _LONG_AA.sub("า", _NOT_PRINTED.sub("", text))
    text = clean_text(_MARKS.sub(_signs_first, text))
    return _SPACES.sub(" ", _TONE_AFTER_AM.sub(_tones_first, text))


# --- the words


@dataclass(frozen=True)
class Words:
    """The word lists, keyed by `word_key`; `ambiguous` holds the keys of ambiguous status words."""

    statuses: Mapping[str, str]  # code -> the label in Thai
    status_of: Mapping[str, str]  # key -> code
    ambiguous: frozenset[str]
    field_of: Mapping[str, Field]


def word_key(text: str) -> str:
    """The lookup key of a word or heading: `match_key`, with ำ and า treated as equal.

    Text copied from a PDF loses the ring of ำ ("ดาเนินการ", "ด าเนินการ"). A mark that `match_key`
    removes completely ("-") is its own key.
    """
    line = one_line(repair(text))
    return match_key(line).replace("ำ", "า") or line


#: Words for "nothing", by key. A bare dash means it without a question.
NOTHING = frozenset(
    map(
        word_key,
        [
            *(
                "N/A",
                "NA",
                "n.a.",
                "#N/A",
                "none",
                "nil",
                "null",
                "..",
                "...",
                "…",
                "ไม่มี",
                "ไม่มีข้อมูล",
                "ไม่ระบุ",
            ),
            *("ไม่เกี่ยวข้อง", "ไม่ทราบ", "ไม่ปรากฏ", "ยังไม่มี", "ยังไม่มีข้อมูล", "รอข้อมูล"),
        ],
    )
)
#: In money columns also these: they mean that no amount was given, or zero. Only the writer knows.
NO_MONEY = NOTHING | frozenset(
    map(
        word_key,
        [
            *(
                "ไม่ใช้งบประมาณ",
                "ไม่ใช้งบ",
                "ไม่ได้ใช้งบประมาณ",
                "ไม่ได้ใช้งบ",
                "ไม่มีการใช้งบประมาณ",
                "ไม่มีงบประมาณ",
            ),
            *(
                "ไม่มีงบ",
                "ไม่ได้รับจัดสรร",
                "ไม่ได้รับการจัดสรร",
                "ไม่ได้รับจัดสรรงบประมาณ",
                "ไม่ได้รับการจัดสรรงบประมาณ",
            ),
            *("ไม่ได้รับงบประมาณ", "ไม่ได้ตั้งงบประมาณ", "ไม่ได้ขอรับการสนับสนุนงบประมาณ", "ไม่มีค่าใช้จ่าย"),
            *("ไม่มีการเบิกจ่าย", "ยังไม่เบิกจ่าย", "ยังไม่ได้เบิกจ่าย", "ยังไม่ได้รับจัดสรร", "ยังไม่ได้รับการจัดสรร"),
            *("รอจัดสรร", "รอการจัดสรร", "รอการจัดสรรงบประมาณ", "อยู่ระหว่างพิจารณา", "อยู่ระหว่างขอรับจัดสรร"),
        ],
    )
)

# Further status words: those of the portal's own tables, and unambiguous ones. An unassigned
# measure has no lead agency, so there is no report of it.
_MORE_STATUSES: Mapping[str, Sequence[str]] = {
    "in_progress": ["กำลังทำ"],
    "completed": ["เสร็จ"],
    "no_report": ["ไม่มีรายงาน", "ไม่มีผู้รับผิดชอบ", "ยังไม่มีผู้รับผิดชอบ", "unassigned"],
}
# Words that may not be the agency's status: asked about, with the likely status first.
LIKELY_STATUS: Mapping[str, str] = {
    **dict.fromkeys(map(word_key, ["ตามแผน", "เป็นไปตามแผน", "ดำเนินการตามแผน"]), "in_progress"),
    **dict.fromkeys(map(word_key, ["100", "100%", "100 %", "ร้อยละ 100"]), "completed"),
}

# The open data's endings of a column by what the field holds.
_DATA_ENDINGS: Mapping[Kind, Sequence[str]] = {
    Kind.STATUS: ["_code", "_th"],
    Kind.MONEY: ["_baht"],
    Kind.PROVINCES: ["s_th"],
    Kind.CHOICE: ["_code", "_th"],
}


def _headings_of(field: ReportField) -> list[str]:
    """What the portal itself calls a report's field, and the declared aliases."""
    endings = _DATA_ENDINGS.get(field.kind, [""])
    return [
        str(field.label),
        str(field.short),
        field.heading,
        field.name,
        *(field.data_name + ending for ending in endings if field.data_name),
        *(field.column.aliases if field.column else ()),
    ]


# What the portal's own workbook, exports and open data call their columns, and what every second agency
# writes.
_MORE_HEADINGS: Mapping[Field, Sequence[str]] = {
    Field.FORUM: [
        "เวที",
        "เวทีปี",
        "เวที CSOs Forum",
        "เวที CSOs Forum ปี",
        "ปีของเวที",
        "ปีเวที",
        "CSOs Forum",
        "CSOs Forum ปี",
        "CSOs Forum ประจำปี",
        "ปี CSOs Forum",
        "ปีของ CSOs Forum",
        "ปีของข้อเสนอ",
        "ปีข้อเสนอ",
        "ข้อเสนอปี",
        "ข้อเสนอของปี",
        "ข้อเสนอจากเวที",
        "ข้อเสนอจากเวทีปี",
        "forum_year",
        "forum_year_be",
        "forum_year_ce",
    ],
    Field.ITEM_NO: ["ข้อเสนอ ข้อที่", "เลขข้อเสนอ", "resolution_number", "resolution_id"],
    Field.CLAUSE_CODE: ["measure_code", "measure_id", "measure"],
    Field.LEAD_AGENCY: ["หน่วยงาน", "ชื่อหน่วยงาน", "agency_code", "agency_name_th", "agency"],
    Field.FISCAL_YEAR: ["year_be", "year_ce", "fiscal_year_be", "fiscal_year_ce", "year"],
    Field.ROW_KEY: ["รหัสแถว", "รหัสแถว (ห้ามแก้)"],
    **{name: _headings_of(each) for name, each in REPORT_COLUMNS.items()},
}


def _load() -> Words:
    path = Path(__file__).resolve().parents[2] / "fixtures" / "spreadsheet_words.json"
    words = json.loads(path.read_text(encoding="utf-8"))
    status_of = {
        word_key(word): code
        for statuses in (words["status_aliases"], _MORE_STATUSES)
        for code, said in statuses.items()
        for word in said
    }
    for status in words["statuses"]:
        for word in (status["code"], status["th"], status["en"]):
            status_of[word_key(word)] = status["code"]
    field_of: dict[str, Field] = {word_key(field): field for field in Field}
    del field_of[word_key(Field.TICK)]
    for field, headings in _MORE_HEADINGS.items():
        field_of.update((word_key(heading), field) for heading in headings)
    for name, headings in words["column_aliases"].items():
        field_of.update((word_key(heading), Field(name)) for heading in headings)
    return Words(
        statuses={status["code"]: status["th"] for status in words["statuses"]},
        status_of=status_of,
        ambiguous=frozenset(map(word_key, words["ambiguous_status"]["values"])),
        field_of=field_of,
    )


WORDS = _load()

#: The name of a field in questions and on the columns step.
FIELD_LABELS: Mapping[Field, Promise] = {
    Field.FORUM: _l("เวที CSOs Forum ปี"),
    Field.ITEM_NO: _l("ข้อเสนอที่"),
    Field.CLAUSE_CODE: _l("รหัสมาตรการย่อย"),
    Field.LEAD_AGENCY: _l("หน่วยงานรับผิดชอบ"),
    Field.SUPPORT_AGENCIES: _l("หน่วยงานสนับสนุน"),
    Field.FISCAL_YEAR: _l("ปีงบประมาณ"),
    Field.PERIOD: _l("รอบการรายงาน"),
    Field.PERCENT: _l("ร้อยละความก้าวหน้า"),
    Field.REGION: _l("ภาค"),
    Field.DATE_START: _l("วันที่เริ่ม"),
    Field.DATE_END: _l("วันที่สิ้นสุด"),
    Field.REPORTER: _l("ผู้รายงาน"),
    Field.REMARK: _l("หมายเหตุ"),
    Field.ROW_KEY: _l("รหัสแถว"),
    Field.TICK: _l("เครื่องหมายสถานะ"),
    **{
        name: (each.column and each.column.label) or each.short
        for name, each in REPORT_COLUMNS.items()
    },
}
