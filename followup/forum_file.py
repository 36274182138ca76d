"""A forum as a file: what it must hold, how it is stored, and how it is written again.

The form is that of `fixtures/forum-2565.json`: {"forum": …, "resolutions": […], "editor_notes": […]}, and
optionally "assignments": […]. The source document stands beside the file, under the name in
"source_file", or in "source_text" of the forum itself. `manage.py load_forum`, the publication of a
draft and the download of a forum use this module, so that a page and a file are one road.

`check` collects every fault as a Thai sentence with its place. `store` writes what has none, and
`export` gives the same content back.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from followup.models import Agency, Assignment, Basis, Role
from followup.source_words import is_inside_cluster, line_of, nearest, normalised
from forum_portal.thai import COUNT_MAX
from forum_portal.years import YEAR_MAX, YEAR_MIN, as_typed
from proposals.codes import full_code, parse_code, short_code
from proposals.models import (
    EditorNote,
    Forum,
    Measure,
    MeasureKind,
    Relation,
    Resolution,
    SdgTarget,
)

Content = dict[str, Any]

#: The steps of entering a forum, each with its own page.
FACTS, SOURCE, MARKS = "facts", "source", "marks"

FORUM_TEXTS = (
    "name_th",
    "short_name_th",
    "name_en",
    "theme_th",
    "objective_th",
    "organiser_th",
    "background_th",
    "preamble_th",
    "quotation_th",
    "source_file",
)
FORUM_LISTS = ("partners_th", "participant_groups_th", "not_stated")
FORUM_COUNTS = ("participants_total", "regional_workshops")
RESOLUTION_TEXTS = ("text", "title_th", "title_phrases", "theme_th", "title_en", "summary_en")
RESOLUTION_LISTS = ("legal_references", "named_parties")
MEASURE_TEXTS = ("title_th", "title_en", "kind", "suggested_evidence_th")

_TEXTS = "a list of texts"
#: The keys of each part: name -> what its value must be. Those in `_REQUIRED` may not be missing.
_SHAPES: dict[str, dict[str, Any]] = {
    "forum": {
        "year_be": int,
        **dict.fromkeys(FORUM_TEXTS, str),
        **dict.fromkeys(FORUM_LISTS, _TEXTS),
        **dict.fromkeys(FORUM_COUNTS, (int, None)),
        "legal_basis": "legal_basis",
        "followed_from": (int, None),
        "source_text": str,
    },
    "legal_basis": {"verbatim": str, "duty_th": str, "approved_on": str},
    "resolutions": {
        "number": int,
        **dict.fromkeys(RESOLUTION_TEXTS, str),
        **dict.fromkeys(RESOLUTION_LISTS, _TEXTS),
        "measures": "measures",
        "sdg_targets": "sdg_targets",
    },
    "measures": {
        "number": int,
        "start": int,
        "end": int,
        "span": str,
        **dict.fromkeys(MEASURE_TEXTS, str),
        "relation": str,
        "earlier": str,
    },
    "sdg_targets": {"goal": int, "target": str, "justification_th": str},
    "editor_notes": {"resolution": (int, None), "quotation": str, "text_th": str},
    "assignments": {
        "measure": str,
        "agency": str,
        "role": str,
        "basis": str,
        "valid_from": (int, None),
        "valid_to": (int, None),
    },
}
_REQUIRED = {
    "forum": {"year_be", "name_th", "short_name_th"},
    "legal_basis": {"verbatim"},
    "resolutions": {"number", "text", "title_th", "measures"},
    "measures": {"number", "start", "end", "title_th", "kind"},
    "sdg_targets": {"goal", "target"},
    "editor_notes": {"text_th"},
    "assignments": {"measure", "agency", "role"},
}
_ASIDE = 10_000  # added to numbers that are about to be given anew
_BLANK_FORUM: dict[str, Any] = {
    **dict.fromkeys(FORUM_TEXTS, ""),
    **dict.fromkeys(FORUM_COUNTS),
    **{name: [] for name in FORUM_LISTS},
}
_TARGET = re.compile(r"(?P<goal>[1-9][0-9]?)\.(?:[0-9]{1,2}|[a-d])")


@dataclass(frozen=True)
class Fault:
    """One fault: its place in words, the sentence, and the page and field where it is put right.

    `key` is the short code of the proposal or measure ("3", "3.2"), or "".
    """

    place: str
    sentence: str
    step: str = FACTS
    key: str = ""
    name: str = ""
    is_missing: bool = False  # nothing is entered yet, rather than something wrong

    def __str__(self) -> str:
        if not self.place:
            return self.sentence
        return _("%(place)s: %(sentence)s") % {"place": self.place, "sentence": self.sentence}


class Faulty(Exception):
    """A file that cannot be stored; `faults` are all that were found."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(map(str, faults)))


@dataclass(frozen=True)
class Known:
    """What the database has already: agencies' codes, earlier measures by full code, forums' years."""

    agencies: Collection[str] = ()
    measures: Mapping[str, int] = field(default_factory=dict)  # full code -> pk
    years: Collection[int] = ()

    @classmethod
    def load(cls) -> Known:
        """Three queries."""
        return cls(
            agencies=frozenset(Agency.objects.values_list("code", flat=True)),
            measures={
                full_code(year, resolution, number): pk
                for pk, year, resolution, number in Measure.objects.values_list(
                    "pk", "resolution__forum__year_be", "resolution__number", "number"
                )
            },
            years=frozenset(Forum.objects.values_list("year_be", flat=True)),
        )


# The shape ---------------------------------------------------------------------------------------


def shape_faults(content: Any) -> Iterator[Fault]:
    """What is missing, unknown or of another type, so that nothing else can be checked."""
    if not isinstance(content, dict):
        yield Fault("", _("แฟ้มต้องเป็น JSON ที่มี “forum” และ “resolutions”"))
        return
    for name in sorted(set(content) - {"forum", "resolutions", "editor_notes", "assignments"}):
        yield Fault("", _("ไม่รู้จักส่วน “%(name)s” ตรวจตัวสะกดหรือลบออก") % {"name": as_typed(name)})
    if not isinstance(content.get("forum"), dict):
        yield Fault("", _("ไม่มีส่วน “forum” ซึ่งเป็นข้อมูลของการประชุม"))
    else:
        yield from _row_faults("forum", content["forum"], "forum")
    for name in ("resolutions", "editor_notes", "assignments"):
        if name in content or name == "resolutions":
            yield from _rows_faults(name, content.get(name), name)


def _rows_faults(kind: str, rows: Any, path: str) -> Iterator[Fault]:
    if not isinstance(rows, list):
        yield Fault("", _("“%(path)s” ต้องเป็นรายการ") % {"path": path})
        return
    for place, row in enumerate(rows):
        here = f"{path}[{place}]"
        if isinstance(row, dict):
            yield from _row_faults(kind, row, here)
        else:
            yield Fault("", _("“%(path)s” ต้องเป็นกลุ่มข้อมูล { … }") % {"path": here})


def _row_faults(kind: str, row: dict[str, Any], path: str) -> Iterator[Fault]:
    shape = _SHAPES[kind]
    for name in sorted(set(row) - set(shape)):
        yield Fault(
            "",
            _("ไม่รู้จัก “%(path)s” ตรวจตัวสะกดหรือลบออก") % {"path": as_typed(f"{path}.{name}")},
        )
    for name in sorted(_REQUIRED[kind] - set(row)):
        yield Fault("", _("ไม่มี “%(path)s”") % {"path": f"{path}.{name}"})
    for name, wanted in shape.items():
        if name in row:
            yield from _value_faults(wanted, row[name], f"{path}.{name}")


def _value_faults(wanted: Any, value: Any, path: str) -> Iterator[Fault]:
    if wanted == _TEXTS:
        if not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
            yield Fault("", _("“%(path)s” ต้องเป็นรายการข้อความ") % {"path": path})
        return
    if isinstance(wanted, str):
        yield from _rows_faults(wanted, value, path)
        return
    types = wanted if isinstance(wanted, tuple) else (wanted,)
    if value is None and None in types:
        return
    if isinstance(value, bool) or not isinstance(value, types[0]):
        sentence = (
            _("“%(path)s” ต้องเป็นข้อความ") if types[0] is str else _("“%(path)s” ต้องเป็นจำนวนเต็ม")
        )
        yield Fault("", sentence % {"path": path})


# The content -------------------------------------------------------------------------------------


def place_of(number: Any, measure: Any = None) -> str:
    """A proposal or a measure in words."""
    if measure is None:
        return _("ข้อเสนอที่ %(number)s") % {"number": number}
    return _("มาตรการย่อย %(code)s") % {"code": f"{number}.{measure}"}


def check(
    content: Content, source: str, known: Known, *, again: bool = False, title_limit: int = 0
) -> list[Fault]:
    """Every fault of a content of the right shape, in the order of the steps.

    `again`: the forum exists and is about to be replaced. `title_limit` is the longest short title of a
    measure in characters, where it is to be less than the database allows.
    """
    return [
        *_forum_faults(content["forum"], known, again=again),
        *_source_faults(source),
        *_resolution_faults(content, source, known, title_limit),
        *_note_faults(content, source),
        *_assignment_faults(content, known),
    ]


def _too_long(
    model: type[models.Model], row: Mapping[str, Any], names: Iterable[str]
) -> Iterator[tuple[str, str]]:
    """(name, sentence) of the texts that the database does not take."""
    for name in names:
        value = row.get(name) or ""
        column: Any = model._meta.get_field(name)
        if "\0" in value:
            yield name, _("%(field)sมีอักขระที่จัดเก็บไม่ได้ ลบแล้วพิมพ์ใหม่") % {"field": column.verbose_name}
        if column.max_length and len(value) > column.max_length:
            yield (
                name,
                _("%(field)sยาว %(length)s อักขระ เกินกำหนด %(limit)s อักขระ ตัดให้สั้นลง")
                % {
                    "field": column.verbose_name,
                    "length": len(value),
                    "limit": column.max_length,
                },
            )


def _forum_faults(row: Mapping[str, Any], known: Known, *, again: bool) -> Iterator[Fault]:
    here, year = _("ข้อมูลการประชุม"), row["year_be"]
    if not YEAR_MIN <= year <= YEAR_MAX:
        yield Fault(
            here,
            _("ปี %(year)s อยู่นอกช่วง พ.ศ. %(min)s–%(max)s")
            % {"year": year, "min": YEAR_MIN, "max": YEAR_MAX},
            name="year_be",
        )
    if year in known.years and not again:
        yield Fault(here, _("มีเวทีปี %(year)s อยู่แล้ว") % {"year": year}, name="year_be")
    for name, sentence in (
        ("name_th", _("ยังไม่มีชื่อเต็มของการประชุม")),
        ("short_name_th", _("ยังไม่มีชื่อสั้น ใช้ในหัวเรื่องและตัวเลือก")),
    ):
        if not row.get(name, "").strip():
            yield Fault(here, sentence, name=name, is_missing=True)
    for name, sentence in _too_long(Forum, row, FORUM_TEXTS):
        yield Fault(here, sentence, name=name)
    first = row.get("followed_from")
    if first is not None and not (isinstance(first, int) and year <= first <= YEAR_MAX):
        yield Fault(
            here,
            _("รอบแรกที่ติดตาม “%(typed)s” ต้องเป็นปี พ.ศ. ตั้งแต่ %(year)s ถึง %(max)s")
            % {"typed": as_typed(str(first)), "year": year, "max": YEAR_MAX},
            name="followed_from",
        )
    for name in FORUM_COUNTS:
        count = row.get(name)
        most = COUNT_MAX if name == "participants_total" else 32_767
        if count is not None and not (isinstance(count, int) and 0 <= count <= most):
            yield Fault(
                here,
                _("%(field)s “%(typed)s” ไม่ใช่จำนวนเต็มตั้งแต่ 0 ถึง %(max)s")
                % {
                    "field": Forum._meta.get_field(name).verbose_name,  # type: ignore[union-attr]
                    "typed": as_typed(str(count)),
                    "max": f"{most:,}",
                },
                name=name,
            )
    for name in FORUM_LISTS:
        if any("\0" in each for each in row.get(name, ())):
            yield Fault(here, _("รายการมีอักขระที่จัดเก็บไม่ได้ ลบแล้วพิมพ์ใหม่"), name=name)
    for nth, basis in enumerate(row.get("legal_basis", ()), start=1):
        if not basis.get("verbatim", "").strip():
            yield Fault(
                here, _("ฐานอำนาจแถวที่ %(row)s ยังไม่มีชื่อตามต้นฉบับ") % {"row": nth}, name="legal_basis"
            )
        try:
            if on := basis.get("approved_on"):
                date.fromisoformat(on)
        except ValueError:
            yield Fault(
                here,
                _("ฐานอำนาจแถวที่ %(row)s: อ่านวันที่ “%(typed)s” ไม่ได้ พิมพ์ วัน/เดือน/ปี พ.ศ. เช่น 30/3/2564")
                % {"row": nth, "typed": as_typed(str(on))},
                name="legal_basis",
            )


def _source_faults(source: str) -> Iterator[Fault]:
    if not source.strip():
        yield Fault(_("เอกสารต้นฉบับ"), _("ยังไม่มีข้อความต้นฉบับ"), SOURCE, is_missing=True)
    if "\0" in source:
        yield Fault(_("เอกสารต้นฉบับ"), _("มีอักขระที่จัดเก็บไม่ได้ (NUL)"), SOURCE)


def _resolution_faults(
    content: Content, source: str, known: Known, title_limit: int
) -> Iterator[Fault]:
    rows: list[Content] = content["resolutions"]
    if not rows:
        yield Fault("", _("ยังไม่มีข้อเสนอ ทำเครื่องหมายอย่างน้อยหนึ่งข้อ"), MARKS, is_missing=True)
    numbers = [row["number"] for row in rows]
    for number in sorted({each for each in numbers if numbers.count(each) > 1}):
        yield Fault(place_of(number), _("เลขข้อซ้ำกัน"), MARKS, str(number))
    places: list[tuple[int, int, int]] = []
    for row in rows:
        number, text = row["number"], row["text"]
        here, key = place_of(number), str(number)
        if number < 1:
            yield Fault(here, _("เลขข้อเริ่มจาก 1"), MARKS, key)
        at = position_of(row, source)
        if at < 0 or not text.strip():
            yield Fault(here, not_in_source(source, text), MARKS, key, "text")
        else:
            places.append((at, at + len(text), number))
            for edge in (at, at + len(text)):
                if is_inside_cluster(source, edge):
                    yield Fault(here, cut_sentence(source, edge), MARKS, key, "text")
        if not row["title_th"].strip():
            yield Fault(here, _("ยังไม่มีชื่อย่อ"), MARKS, key, "title_th", is_missing=True)
        for name, sentence in _too_long(Resolution, row, RESOLUTION_TEXTS):
            yield Fault(here, sentence, MARKS, key, name)
        for code in row.get("named_parties", ()):
            if code not in known.agencies:
                yield Fault(here, _unknown_agency(code), MARKS, key, "named_parties")
        if not row["measures"]:
            yield Fault(
                here, _("ยังไม่มีมาตรการย่อย ทุกข้อเสนอมีอย่างน้อยหนึ่งข้อ"), MARKS, key, is_missing=True
            )
        yield from _measure_faults(row, content["forum"]["year_be"], known, title_limit)
        yield from _target_faults(row)
    for (_start, end, first), (start, _end, second) in pairwise(sorted(places)):
        if start < end:
            yield Fault(
                place_of(second), overlap_sentence(str(first), str(second)), MARKS, str(second)
            )


def position_of(row: Mapping[str, Any], source: str) -> int:
    """Where a proposal's text stands in the source; -1 if it does not. `at` of a draft decides."""
    text, at = row["text"], row.get("at")
    if at is not None:
        return int(at) if source[at : at + len(text)] == text else -1
    return source.find(text)


def not_in_source(source: str, words: str) -> str:
    """The sentence for words that the source does not have, with the nearest place."""
    if not words.strip():
        return _("ยังไม่มีข้อความจากต้นฉบับ")
    close = nearest(source, words)
    if close is None:
        return _("ไม่มีคำ “%(words)s” ในต้นฉบับ คัดลอกจากต้นฉบับแล้ววางอีกครั้ง") % {"words": as_typed(words)}
    return _(
        "ข้อความนี้ไม่ตรงกับต้นฉบับทุกตัวอักษร ที่ใกล้ที่สุดคือบรรทัด %(line)s ตรงกันถึง “…%(agreed)s” "
        "ต้นฉบับต่อด้วย “%(here)s” แต่ข้อความนี้เป็น “%(typed)s”"
    ) % {
        "line": line_of(source, close.at),
        "agreed": as_typed(close.agreed),
        "here": as_typed(close.here),
        "typed": as_typed(close.typed),
    }


def cut_sentence(text: str, at: int) -> str:
    """The sentence for a cut within a character."""
    return _("ตัดกลางตัวอักษร “%(letter)s” หลัง “…%(before)s” เลือกให้จบที่ขอบของตัวอักษร") % {
        "letter": text[_first_of_cluster(text, at) : _after_cluster(text, at)],
        "before": as_typed(text[max(0, at - 15) : _first_of_cluster(text, at)]),
    }


def _first_of_cluster(text: str, at: int) -> int:
    while is_inside_cluster(text, at):
        at -= 1
    return at


def _after_cluster(text: str, at: int) -> int:
    while is_inside_cluster(text, at):
        at += 1
    return at


def overlap_sentence(first: str, second: str) -> str:
    """The sentence for two marks that share words; both are named by their codes."""
    return _("%(first)s กับ %(second)s ทับซ้อนกัน เลื่อนขอบของข้อใดข้อหนึ่ง") % {
        "first": first,
        "second": second,
    }


def _unknown_agency(typed: str) -> str:
    return _("ไม่รู้จักหน่วยงาน “%(typed)s” เลือกจากรายการ หรือเพิ่มหน่วยงานก่อน") % {"typed": as_typed(typed)}


def _measure_faults(
    resolution: Content, year: int, known: Known, title_limit: int
) -> Iterator[Fault]:
    number, text, rows = resolution["number"], resolution["text"], resolution["measures"]
    numbers = [row["number"] for row in rows]
    for twice in sorted({each for each in numbers if numbers.count(each) > 1}):
        key = short_code(number, twice)
        yield Fault(place_of(number, twice), _("เลขข้อย่อยซ้ำกัน"), MARKS, key)
    for row in rows:
        here, key = place_of(number, row["number"]), f"{number}.{row['number']}"
        start, end = row["start"], row["end"]
        if row["number"] < 1:
            yield Fault(here, _("เลขข้อย่อยเริ่มจาก 1"), MARKS, key)
        if not 0 <= start < end <= len(text):
            yield Fault(
                here,
                _("ตำแหน่ง %(start)s–%(end)s ไม่อยู่ในข้อความของข้อเสนอซึ่งยาว %(length)s อักขระ")
                % {"start": start, "end": end, "length": len(text)},
                MARKS,
                key,
            )
        else:
            if "span" in row and row["span"] != text[start:end]:
                yield Fault(here, _wrong_span(text, start, end, row["span"]), MARKS, key)
            for edge in (start, end):
                if is_inside_cluster(text, edge):
                    yield Fault(here, cut_sentence(text, edge), MARKS, key)
        if not row["title_th"].strip():
            yield Fault(here, _("ยังไม่มีชื่อย่อ"), MARKS, key, "title_th", is_missing=True)
        elif title_limit and len(row["title_th"]) > title_limit:
            yield Fault(
                here,
                _("ชื่อย่อยาว %(length)s อักขระ เกินกำหนด %(limit)s อักขระ ตัดให้สั้นลง")
                % {"length": len(row["title_th"]), "limit": title_limit},
                MARKS,
                key,
                "title_th",
            )
        for name, sentence in _too_long(Measure, row, MEASURE_TEXTS):
            if not (title_limit and name == "title_th") and name != "kind":
                yield Fault(here, sentence, MARKS, key, name)
        if not row["kind"]:
            yield Fault(here, _("ยังไม่ได้เลือกลักษณะ"), MARKS, key, "kind", is_missing=True)
        elif row["kind"] not in MeasureKind.values:
            yield Fault(
                here,
                _("ไม่รู้จักลักษณะ “%(typed)s” ใช้ได้: %(known)s")
                % {"typed": as_typed(row["kind"]), "known": ", ".join(MeasureKind.values)},
                MARKS,
                key,
                "kind",
            )
        for sentence in _relation_faults(row, year, known):
            yield Fault(here, sentence, MARKS, key, "earlier")
    spans = sorted((row["start"], row["end"], row["number"]) for row in rows)
    for (_start, end, first), (start, _end, second) in pairwise(spans):
        if start < end:
            codes = short_code(number, first), short_code(number, second)
            yield Fault(place_of(number, second), overlap_sentence(*codes), MARKS, codes[1])


def _wrong_span(text: str, start: int, end: int, span: str) -> str:
    stated = {
        "start": start,
        "end": end,
        "words": as_typed(text[start:end]),
        "span": as_typed(span),
    }
    found = text.find(span)
    if found >= 0:
        stated |= {"found": found, "until": found + len(span)}
        return (
            _("ตำแหน่ง %(start)s–%(end)s คือ “%(words)s” ไม่ใช่ “%(span)s” ซึ่งอยู่ที่ %(found)s–%(until)s")
            % stated
        )
    return _("ตำแหน่ง %(start)s–%(end)s คือ “%(words)s” ไม่ใช่ “%(span)s”") % stated


def _relation_faults(row: Mapping[str, Any], year: int, known: Known) -> Iterator[str]:
    relation, earlier = row.get("relation", ""), row.get("earlier", "")
    if not relation and not earlier:
        return
    if relation and relation not in Relation.values:
        yield _("ไม่รู้จักความเกี่ยวข้อง “%(typed)s” ใช้ได้: %(known)s") % {
            "typed": as_typed(relation),
            "known": ", ".join(Relation.values),
        }
        return
    if not (relation and earlier):
        yield _("ระบุทั้งข้อเดิมและความเกี่ยวข้องกับข้อเดิม")
        return
    code = parse_code(earlier)
    if earlier not in known.measures or code is None:
        yield _("ไม่มีข้อ “%(typed)s” ในเวทีก่อน ใช้รหัสเต็ม คือปีของเวที ขีด และเลขข้อ") % {
            "typed": as_typed(earlier)
        }
    elif code.year >= year:
        yield _("ข้อเดิม %(code)s ต้องเป็นของเวทีก่อนปี %(year)s") % {"code": earlier, "year": year}


def _target_faults(resolution: Content) -> Iterator[Fault]:
    here, key = place_of(resolution["number"]), str(resolution["number"])
    seen = set()
    for row in resolution.get("sdg_targets", ()):
        match = _TARGET.fullmatch(row["target"])
        if not match or int(match["goal"]) != row["goal"] or not 1 <= row["goal"] <= 17:
            yield Fault(
                here,
                _("เป้าหมาย SDGs “%(typed)s” ไม่ถูกต้อง เขียนอย่าง 16.6 หรือ 17.b")
                % {"typed": as_typed(row["target"])},
                MARKS,
                key,
                "sdg",
            )
        elif row["target"] in seen:
            yield Fault(
                here, _("เป้าหมาย SDGs %(target)s ซ้ำ") % {"target": row["target"]}, MARKS, key, "sdg"
            )
        seen.add(row["target"])
        for _name, sentence in _too_long(SdgTarget, row, ["justification_th"]):
            yield Fault(here, sentence, MARKS, key, "sdg")


def _note_faults(content: Content, source: str) -> Iterator[Fault]:
    texts = {row["number"]: row["text"] for row in content["resolutions"]}
    for nth, row in enumerate(content.get("editor_notes", ()), start=1):
        number = row.get("resolution")
        here = _("หมายเหตุที่ %(number)s") % {"number": nth}
        key = "" if number is None else str(number)
        if number is not None and number not in texts:
            yield Fault(here, _("ไม่มีข้อเสนอที่ %(number)s") % {"number": number}, MARKS)
            continue
        if not row["text_th"].strip():
            yield Fault(here, _("ยังไม่มีข้อความของหมายเหตุ"), MARKS, key, "notes")
        for _name, sentence in _too_long(EditorNote, row, ["quotation", "text_th"]):
            yield Fault(here, sentence, MARKS, key, "notes")
        where = source if number is None else texts[number]
        if row.get("quotation", "") not in where:
            yield Fault(
                here,
                _("คำ “%(words)s” ไม่มีในข้อความต้นฉบับ%(where)s")
                % {
                    "words": as_typed(row["quotation"]),
                    "where": ""
                    if number is None
                    else _("ของข้อเสนอที่ %(number)s") % {"number": number},
                },
                MARKS,
                key,
                "notes",
            )


def _assignment_faults(content: Content, known: Known) -> Iterator[Fault]:
    codes = {
        short_code(row["number"], measure["number"])
        for row in content["resolutions"]
        for measure in row["measures"]
    }
    year, seen = content["forum"]["year_be"], set()
    for row in content.get("assignments", ()):
        code, agency = row["measure"], row["agency"]
        here = _("การมอบหมาย %(code)s") % {"code": as_typed(code)}
        if code not in codes:
            yield Fault(here, _("ไม่มีมาตรการย่อย %(code)s") % {"code": as_typed(code)}, MARKS)
            continue
        if agency not in known.agencies:
            yield Fault(here, _unknown_agency(agency), MARKS, code, "agencies")
        elif (code, agency) in seen:
            yield Fault(
                here, _("หน่วยงาน %(agency)s ซ้ำกัน") % {"agency": agency}, MARKS, code, "agencies"
            )
        seen.add((code, agency))
        for name, values in (("role", Role.values), ("basis", Basis.values)):
            typed = row.get(name) or (Basis.PROPOSED if name == "basis" else "")
            if typed not in values:
                yield Fault(
                    here,
                    _("ไม่รู้จัก “%(typed)s” ใช้ได้: %(known)s")
                    % {"typed": as_typed(typed), "known": ", ".join(values)},
                    MARKS,
                    code,
                    "agencies",
                )
        first, last = row.get("valid_from") or year, row.get("valid_to") or YEAR_MAX
        if not YEAR_MIN <= first <= last <= YEAR_MAX:
            yield Fault(
                here,
                _("ช่วงปี %(first)s–%(last)s ไม่ถูกต้อง") % {"first": first, "last": last},
                MARKS,
                code,
                "agencies",
            )


# In: from files to rows --------------------------------------------------------------------------


def read(path: Path, *, assignments: Path | None = None) -> tuple[Content, str]:
    """The content of a file and its source text.

    Raises `Faulty` if a file is missing or does not have this shape. The rows of `assignments`, a CSV
    with measure, agency, role and basis, join those of the file.
    """
    try:
        content = json.loads(_text_of(path))
    except json.JSONDecodeError as error:
        raise Faulty(
            [
                Fault(
                    path.name,
                    _("ไม่ใช่ JSON ที่ถูกต้อง บรรทัด %(line)s") % {"line": error.lineno},
                )
            ]
        ) from error
    if assignments is not None and isinstance(content, dict):
        rows = csv.DictReader(_text_of(assignments).splitlines())
        if missing := {"measure", "agency", "role"} - set(rows.fieldnames or ()):
            raise Faulty(
                [
                    Fault(
                        assignments.name,
                        _("ไม่มีคอลัมน์ %(names)s") % {"names": ", ".join(sorted(missing))},
                    )
                ]
            )
        given = [{name: value or "" for name, value in row.items() if name} for row in rows]
        content["assignments"] = [*content.get("assignments", []), *given]
    if faults := list(shape_faults(content)):
        raise Faulty(faults)
    source = content["forum"].pop("source_text", None)
    if source is None:
        name = content["forum"].get("source_file", "")
        if not name or Path(name).name != name:
            raise Faulty([Fault(path.name, _("ไม่มี “source_file” ซึ่งเป็นชื่อแฟ้มต้นฉบับที่อยู่ข้างกัน"), SOURCE)])
        source = _text_of(path.parent / name)
    return content, normalised(source)[0]


def _text_of(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise Faulty([Fault(path.name, _("ไม่มีแฟ้มนี้"))]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise Faulty([Fault(path.name, _("อ่านแฟ้มนี้ไม่ได้ แฟ้มต้องเป็นข้อความ UTF-8"))]) from error


def load(path: Path, *, assignments: Path | None = None) -> Forum:
    """Read, check and store a file. Raises `Faulty` with all its faults, and then stores nothing."""
    content, source = read(path, assignments=assignments)
    known = Known.load()
    if faults := check(content, source, known):
        raise Faulty(faults)
    return store(content, source, known)


@transaction.atomic
def store(content: Content, source: str, known: Known) -> Forum:
    """Create the rows of a content in which `check` found no fault."""
    forum = Forum.objects.create(source_text=source, **_columns_of_forum(content))
    stored: dict[int, Resolution] = {}
    measures: dict[str, Measure] = {}
    for row in content["resolutions"]:
        resolution = Resolution.objects.create(forum=forum, **columns_of_resolution(row))
        stored[resolution.number] = resolution
        for each in row["measures"]:
            measure = Measure.objects.create(
                resolution=resolution, **columns_of_measure(each, known)
            )
            measures[measure.code] = measure
        _store_targets(resolution, row)
    _store_notes(forum, content, stored)
    store_assignments(content, measures)
    return forum


def _columns_of_forum(content: Content) -> dict[str, Any]:
    row = {name: value for name, value in content["forum"].items() if name != "source_text"}
    return {"legal_basis": [], **row}


def columns_of_resolution(row: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a proposal's own columns."""
    names = ("number", *RESOLUTION_TEXTS, *RESOLUTION_LISTS)
    return {name: row[name] for name in names if name in row}


def columns_of_measure(row: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """The values of a measure's own columns."""
    earlier = row.get("earlier", "")
    return {
        **{name: row[name] for name in ("number", "start", "end", *MEASURE_TEXTS) if name in row},
        "relation": row.get("relation", ""),
        "earlier_id": known.measures[earlier] if earlier else None,
    }


def _store_targets(resolution: Resolution, row: Mapping[str, Any]) -> None:
    SdgTarget.objects.bulk_create(
        SdgTarget(resolution=resolution, position=position, **target)
        for position, target in enumerate(row.get("sdg_targets", ()))
    )


def _store_notes(forum: Forum, content: Content, stored: Mapping[int, Resolution]) -> None:
    EditorNote.objects.bulk_create(
        EditorNote(
            forum=forum,
            resolution=None if row.get("resolution") is None else stored[row["resolution"]],
            quotation=row.get("quotation", ""),
            text_th=row["text_th"],
            position=position,
        )
        for position, row in enumerate(content.get("editor_notes", ()))
    )


def store_assignments(content: Content, measures: Mapping[str, Measure]) -> None:
    """Create the assignments of a content, each with its history; `measures` by short code."""
    rows = content.get("assignments", ())
    agencies = Agency.objects.in_bulk({row["agency"] for row in rows}, field_name="code")
    for row in rows:
        Assignment.objects.create(
            measure=measures[row["measure"]],
            agency=agencies[row["agency"]],
            role=row["role"],
            basis=row.get("basis") or Basis.PROPOSED,
            valid_from=row.get("valid_from") or content["forum"]["year_be"],
            valid_to=row.get("valid_to"),
        )


def remember_keys(forum: Forum, content: Content) -> None:
    """Give the proposals and measures of a draft the keys of the rows that they were read from."""
    stored = forum.resolutions.prefetch_related("measures")
    for resolution in stored:
        row = next(each for each in content["resolutions"] if each["number"] == resolution.number)
        row["pk"] = resolution.pk
        for measure in resolution.measures.all():
            same = next(each for each in row["measures"] if each["number"] == measure.number)
            same["pk"] = measure.pk


@transaction.atomic
def replace(forum: Forum, draft: Content, file: Content, source: str, known: Known) -> None:
    """Put a draft's content into its stored forum; `file` is the same content, without a fault.

    Proposals and measures keep their rows by `pk`, whatever their numbers; those that the draft no longer
    has are deleted, with their assignments. Nothing may refer to them: no report is expected yet.
    """
    for name, value in (_BLANK_FORUM | _columns_of_forum(file)).items():
        setattr(forum, name, value)
    forum.source_text = source
    forum.followed_from = file["forum"].get("followed_from") or forum.year_be
    forum.save()
    resolutions = {each.pk: each for each in forum.resolutions.all()}
    measures = {each.pk: each for each in Measure.objects.filter(resolution__forum=forum)}
    kept = {row.get("pk") for row in draft["resolutions"]}
    kept_measures = {each.get("pk") for row in draft["resolutions"] for each in row["measures"]}
    for pk, measure in measures.items():
        if pk not in kept_measures:
            for assignment in Assignment.objects.as_given().filter(measure=measure):
                assignment.delete()
            measure.delete()
    # Numbers are unique: the former ones move out of the way first.
    Measure.objects.filter(resolution__forum=forum).update(number=models.F("number") + _ASIDE)
    forum.resolutions.update(number=models.F("number") + _ASIDE)
    forum.editor_notes.all().delete()
    stored: dict[int, Resolution] = {}
    by_code: dict[str, Measure] = {}
    for place, row in zip(draft["resolutions"], file["resolutions"], strict=True):
        resolution = resolutions.get(place.get("pk")) or Resolution(forum=forum)
        _set(resolution, columns_of_resolution(row))
        stored[resolution.number] = resolution
        for own, each in zip(place["measures"], row["measures"], strict=True):
            measure = measures.get(own.get("pk")) or Measure()
            _set(measure, columns_of_measure(each, known) | {"resolution": resolution})
            by_code[measure.code] = measure
        resolution.sdg_targets.all().delete()
        _store_targets(resolution, row)
    for pk, resolution in resolutions.items():
        if pk not in kept:
            resolution.delete()
    _store_notes(forum, file, stored)
    _replace_assignments(file, by_code)


def _set(row: models.Model, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def _replace_assignments(file: Content, measures: Mapping[str, Measure]) -> None:
    """Create, change and delete assignments so that they are those of the content."""
    wanted = {(row["measure"], row["agency"]): row for row in file.get("assignments", ())}
    of_measures = Assignment.objects.as_given().filter(
        measure__in=[each.pk for each in measures.values()]
    )
    codes = {measure.pk: code for code, measure in measures.items()}
    for assignment in of_measures.select_related("agency"):
        row = wanted.pop((codes[assignment.measure_id], assignment.agency.code), None)
        if row is None:
            assignment.delete()
        elif row["role"] != assignment.role:
            assignment.role = row["role"]
            assignment.save()
    store_assignments(file | {"assignments": list(wanted.values())}, measures)


def unsaved(content: Content, source: str) -> list[Resolution]:
    """The proposals of a content as rows that are never stored, for the preview of their pages.

    Their measures, targets and notes count as loaded, as `snapshots.thaw` does it; no query.
    """
    forum = Forum(source_text=source, **_columns_of_forum(content))
    forum.followed_from = forum.followed_from or forum.year_be
    resolutions = []
    for row in content["resolutions"]:
        # A key that no row has: Django asks for one before it looks at what is loaded.
        resolution = Resolution(pk=-row["number"], forum=forum, **columns_of_resolution(row))
        resolution.title_th = resolution.title_th or _untitled(str(row["number"]))
        measures = []
        for each in row["measures"]:
            plain = {
                name: value for name, value in each.items() if name not in {"earlier", "relation"}
            }
            measure = Measure(**columns_of_measure(plain, Known()))
            measure.resolution = resolution
            measure.title_th = measure.title_th or _untitled(measure.code)
            measures.append(measure)
        notes = [
            EditorNote(quotation=note.get("quotation", ""), text_th=note["text_th"])
            for note in content["editor_notes"]
            if note.get("resolution") == row["number"]
        ]
        targets = [SdgTarget(**target) for target in row["sdg_targets"]]
        resolution._prefetched_objects_cache = {  # type: ignore[attr-defined]
            "measures": _loaded(Measure, measures),
            "editor_notes": _loaded(EditorNote, notes),
            "sdg_targets": _loaded(SdgTarget, targets),
        }
        resolutions.append(resolution)
    return resolutions


def _untitled(code: str) -> str:
    """What the preview shows where a title is still missing."""
    return _("%(code)s ยังไม่มีชื่อย่อ") % {"code": code}


def _loaded(model: type[models.Model], rows: Sequence[models.Model]) -> models.QuerySet[Any]:
    """A query set whose result is already there."""
    queryset = model._default_manager.none()
    queryset._result_cache = list(rows)
    return queryset


# Out: from rows to a file ------------------------------------------------------------------------


def export(forum: Forum, *, with_source: bool = True) -> Content:
    """A stored forum in the form of its file; six queries. `load` of the result gives equal rows.

    `with_source` puts the source document into the file itself.
    """
    facts: Content = {"year_be": forum.year_be}
    for name in ("name_th", "short_name_th", "name_en", "theme_th", "objective_th", "organiser_th"):
        facts[name] = getattr(forum, name)
    for name in (
        "partners_th",
        "participants_total",
        "participant_groups_th",
        "regional_workshops",
        "legal_basis",
        "background_th",
        "preamble_th",
        "quotation_th",
        "not_stated",
        "source_file",
    ):
        facts[name] = getattr(forum, name)
    if forum.followed_from != forum.year_be:
        facts["followed_from"] = forum.followed_from
    if with_source:
        facts["source_text"] = forum.source_text
    resolutions = (
        forum.resolutions.order_by("number")
        .select_related("forum")
        .prefetch_related(
            "sdg_targets",
            models.Prefetch(
                "measures",
                Measure.objects.order_by("number").select_related("earlier__resolution__forum"),
            ),
        )
    )
    notes = forum.editor_notes.select_related("resolution")
    assignments = (
        Assignment.objects.as_given()
        .filter(measure__resolution__forum=forum)
        .order_by("measure__resolution__number", "measure__number", "pk")
    )
    content: Content = {
        "forum": facts,
        "resolutions": [_resolution_row(each) for each in resolutions],
        "editor_notes": [
            {
                "resolution": note.resolution.number if note.resolution else None,
                "quotation": note.quotation,
                "text_th": note.text_th,
            }
            for note in notes
        ],
    }
    if with_source:
        content["assignments"] = [
            _assignment_row(each, forum.year_be)
            for each in assignments.select_related("agency", "measure__resolution")
        ]
    return content


def _resolution_row(resolution: Resolution) -> Content:
    names = ("number", *RESOLUTION_TEXTS, *RESOLUTION_LISTS)
    return {name: getattr(resolution, name) for name in names} | {
        "measures": [_measure_row(each) for each in resolution.measures.all()],
        "sdg_targets": [
            {
                "goal": each.goal,
                "target": each.target,
                "justification_th": each.justification_th,
            }
            for each in resolution.sdg_targets.all()
        ],
    }


def _measure_row(measure: Measure) -> Content:
    row: Content = {
        "number": measure.number,
        "start": measure.start,
        "end": measure.end,
        "span": measure.span,
        **{name: getattr(measure, name) for name in MEASURE_TEXTS},
    }
    if measure.earlier:
        row |= {"relation": measure.relation, "earlier": measure.earlier.full_code}
    return row


def _assignment_row(assignment: Assignment, year: int) -> Content:
    row: Content = {
        "measure": assignment.measure.code,
        "agency": assignment.agency.code,
        "role": assignment.role,
        "basis": assignment.basis,
    }
    if assignment.valid_from != year:
        row["valid_from"] = assignment.valid_from
    if assignment.valid_to is not None:
        row["valid_to"] = assignment.valid_to
    return row


def to_json(content: Content) -> str:
    """The text of a file."""
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
