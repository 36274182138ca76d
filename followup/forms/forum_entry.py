"""The forms of a forum that is being entered, and the reading of what they send.

A draft takes everything that is typed, right or wrong; `followup.forum_file.check` says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _l

from followup.forms.fields import ThaiTextField
from followup.forum_file import FORUM_COUNTS, FORUM_LISTS, Content
from followup.models import Agency, AgencyAlias, Role
from forum_portal.thai import (
    CountError,
    DateError,
    clean_text,
    match_key,
    parse_count,
    parse_date,
)
from forum_portal.years import YearError, one_line, parse_year, to_be

#: The rows in which partners, groups and so on are typed: name -> heading, hint, word of its button.
LISTS = {
    "partners_th": (_l("องค์กรร่วมจัด"), _l("หนึ่งองค์กรต่อแถว"), _l("เพิ่มองค์กร")),
    "participant_groups_th": (_l("กลุ่มผู้เข้าร่วม"), _l("หนึ่งกลุ่มต่อแถว"), _l("เพิ่มกลุ่ม")),
    "not_stated": (
        _l("สิ่งที่ต้นฉบับไม่ได้ระบุ"),
        _l("เช่น วันที่และสถานที่ของการประชุม แสดงต่อสาธารณะว่าต้นฉบับไม่ได้ระบุ"),
        _l("เพิ่มรายการ"),
    ),
}
_INPUT = {"class": "inp"}
_SHORT = {"class": "short", "rows": 4}


class VerbatimField(forms.CharField):
    """A text as the source has it: only line ends are made alike."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False, strip=True, widget=forms.Textarea(attrs=dict(_SHORT)), **kwargs
        )

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


class PlainField(forms.CharField):
    """A text of one line, without any limit of its own."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs=_INPUT | kwargs.pop("attrs", {}))
        super().__init__(required=False, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "")


class NewForumForm(forms.Form):
    """The year of a forum that is to be entered."""

    year = forms.CharField(
        label=_l("ปี พ.ศ. ของเวที"),
        widget=forms.TextInput(attrs=_INPUT | {"inputmode": "numeric"}),
        error_messages={"required": _l("ระบุปี พ.ศ. ของเวที เช่น 2566")},
    )

    def clean_year(self) -> int:
        try:
            return parse_year(self.cleaned_data["year"]).be
        except YearError as error:
            raise forms.ValidationError(str(error)) from error


class FactsForm(forms.Form):
    """The facts of the meeting, except the repeatable rows."""

    name_th = PlainField(label=_l("ชื่อเต็ม"))
    short_name_th = PlainField(label=_l("ชื่อสั้น"))
    theme_th = PlainField(label=_l("หัวข้อการประชุม"))
    organiser_th = PlainField(label=_l("ผู้จัด"))
    participants_total = PlainField(
        label=_l("จำนวนผู้เข้าร่วม"), attrs={"class": "inp money", "inputmode": "numeric"}
    )
    regional_workshops = PlainField(
        label=_l("จำนวนเวทีระดับภาค"), attrs={"class": "inp money", "inputmode": "numeric"}
    )
    followed_from = PlainField(
        label=_l("ติดตามตั้งแต่รอบปีงบประมาณ"), attrs={"class": "inp money", "inputmode": "numeric"}
    )
    objective_th = VerbatimField(label=_l("วัตถุประสงค์"))
    background_th = VerbatimField(label=_l("ความเป็นมา"))
    preamble_th = VerbatimField(label=_l("คำปรารภ"))
    quotation_th = VerbatimField(label=_l("คำกล่าวที่ยกมา"))
    name_en = PlainField(label=_l("ชื่อภาษาอังกฤษ"), attrs={"lang": "en"})

    @classmethod
    def initial_of(cls, content: Content) -> dict[str, Any]:
        return {name: content["forum"].get(name) for name in cls.base_fields}


class CorrectionForm(forms.Form):
    """A correction of a settled forum's words, with its public reason."""

    target = forms.ChoiceField(
        label=_l("แก้อะไร"),
        widget=forms.Select(attrs={"class": "sel"}),
        error_messages={
            "invalid_choice": _l("เลือกสิ่งที่จะแก้จากรายการ"),
            "required": _l("เลือกสิ่งที่จะแก้จากรายการ"),
        },
    )
    old = VerbatimField(label=_l("ข้อความเดิม"))
    new = VerbatimField(label=_l("แก้เป็น"))
    reason = ThaiTextField(label=_l("เหตุผลต่อสาธารณะ"), limit=1000)

    def __init__(self, *args: Any, choices: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        target: Any = self.fields["target"]
        target.choices = [("", _l("เลือกสิ่งที่จะแก้")), *choices]


def facts_from(form: FactsForm, posted: QueryDict, content: Content) -> None:
    """Put what was typed about the meeting into the content."""
    facts = content["forum"]
    for name, value in form.cleaned_data.items():
        facts[name] = value
    for name in FORUM_COUNTS:
        with suppress(CountError):  # what was typed stays, and `check` tells what is wrong with it
            facts[name] = parse_count(facts[name])
    if not facts["followed_from"]:
        facts.pop("followed_from")
    else:
        with suppress(YearError):
            facts["followed_from"] = parse_year(facts["followed_from"]).be
    for name in FORUM_LISTS:
        facts[name] = [text for each in posted.getlist(name) if (text := clean_text(each))]
    rows = zip(
        posted.getlist("legal_verbatim"),
        posted.getlist("legal_duty"),
        posted.getlist("legal_on"),
        strict=False,
    )
    facts["legal_basis"] = [row for each in rows if (row := _legal(*each))]


def _legal(verbatim: str, duty: str, on: str) -> Content:
    row = {
        "verbatim": clean_text(verbatim),
        "duty_th": clean_text(duty),
        "approved_on": one_line(on),
    }
    if row["approved_on"]:
        with suppress(DateError):
            if day := parse_date(row["approved_on"]):
                row["approved_on"] = day.isoformat()
    return {name: value for name, value in row.items() if value}


def day_as_typed(on: str) -> str:
    """A stored day as the field shows it, D/M/Y in the Buddhist era; anything else as it was typed."""
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", on)
    if match is None:
        return on
    year, month, day = map(int, match.groups())
    return f"{day}/{month}/{to_be(year)}"


# A mark ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Agencies:
    """All agencies, and what people call them. Two queries."""

    labels: Mapping[str, str]  # code -> what the field shows
    names: Mapping[str, frozenset[str]]  # key of a name -> codes

    @classmethod
    def load(cls) -> Agencies:
        labels: dict[str, str] = {}
        names: dict[str, set[str]] = {}

        def called(name: str, code: str) -> None:
            if key := match_key(name):
                names.setdefault(key, set()).add(code)

        for agency in Agency.objects.standing().order_by("sort_key"):
            labels[agency.code] = f"{agency.abbr_th} {agency.name_th}".strip()
            for name in (
                agency.code,
                agency.abbr_th,
                agency.name_th,
                labels[agency.code],
                str(agency),
            ):
                called(name, agency.code)
        for code, name in AgencyAlias.objects.values_list("agency__code", "name"):
            called(name, code)
        return cls(labels, {key: frozenset(codes) for key, codes in names.items()})

    def code_of(self, typed: str) -> str:
        """The code of the only agency that is called so; else what was typed."""
        found = self.names.get(match_key(typed), frozenset())
        return next(iter(found)) if len(found) == 1 else clean_text(typed)

    def label_of(self, code: str) -> str:
        return self.labels.get(code, code)


def mark_from(posted: QueryDict, row: Content, agencies: Agencies, *, is_measure: bool) -> None:
    """Put what was typed about a proposal or a measure into its row."""
    for name in ("title_th", "title_en"):
        row[name] = clean_text(posted.get(name, ""))
    if is_measure:
        row["kind"] = posted.get("kind", "")
        row["suggested_evidence_th"] = clean_text(posted.get("suggested_evidence_th", ""))
        row["relation"] = posted.get("relation", "")
        row["earlier"] = posted.get("earlier", "")
        if not row["relation"]:
            row["earlier"] = ""
        before = {each["agency"]: each for each in row["agencies"]}
        typed = zip(posted.getlist("agency"), posted.getlist("role"), strict=False)
        row["agencies"] = [
            {**before.get(code, {}), "agency": code, "role": _known(role, Role.values)}
            for name, role in typed
            if (code := agencies.code_of(name))
        ]
        return
    for name in ("theme_th", "summary_en", "title_phrases"):
        row[name] = clean_text(posted.get(name, ""))
    row["legal_references"] = _lines(posted.get("legal_references", ""))
    row["named_parties"] = [
        code for each in posted.getlist("party") if (code := agencies.code_of(each))
    ]
    kept = {each["target"]: each for each in row["sdg_targets"]}
    row["sdg_targets"] = [
        kept.get(target, {}) | target_of(target)
        for target in dict.fromkeys(re.split(r"[\s,;]+", clean_text(posted.get("sdg", ""))))
        if target
    ]
    notes = zip(posted.getlist("note_quotation"), posted.getlist("note_text"), strict=False)
    row["notes"] = [
        {"quotation": quotation.strip(), "text_th": clean_text(text)}
        for quotation, text in notes
        if quotation.strip() or text.strip()
    ]


def target_of(typed: str) -> Content:
    """A target as it was typed, with the goal before its point; 0 if there is none."""
    goal = typed.partition(".")[0]
    is_number = goal.isascii() and goal.isdecimal() and len(goal) < 3
    return {"goal": int(goal) if is_number else 0, "target": typed}


def _known(value: str, values: Iterable[str]) -> str:
    return value if value in values else str(next(iter(values)))


def _lines(text: str) -> list[str]:
    return [line for each in clean_text(text).split("\n") if (line := each.strip())]
