"""The forms of one report: the agency's fields, its evidence, the decision and the reply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.actions import REPORT_FIELDS, gone_ground_message
from followup.evidence import Rejected, StoredFile, inspect, keep
from followup.forms.fields import (
    CodesField,
    CountField,
    DayField,
    LinkField,
    MoneyField,
    NumberField,
    StoredFileField,
    ThaiTextField,
)
from followup.grades import GIVEN, GIVEN_AT_ONCE
from followup.joint_reports import SHARED
from followup.models import Evidence, EvidenceKind, Province, StatusReport
from followup.report_fields import (
    STANDING,
    TEXT_LIMIT,
    WORD_LIMIT,
    Kind,
    ReportField,
    Section,
    Writer,
    is_asked,
    label_of,
    of_section,
    with_column,
    written_by,
)
from followup.status import FORM_ORDER, TAKEN_OVER, offered, take_over


def form_field(declared: ReportField) -> forms.Field:
    """Make the form field of a declared field. It is never required, because a draft may be unfinished.

    For the page it has `need` (when it is required) and `can_copy` (whether a button copies the last
    report's text). Raises ValueError for evidence, which has a form set of its own.
    """
    field = _bare(declared)
    field.help_text = declared.hint or ""
    field.need = declared.need  # type: ignore[attr-defined]
    field.can_copy = declared.is_long  # type: ignore[attr-defined]
    return field


def _bare(declared: ReportField) -> forms.Field:
    label = declared.short
    match declared.kind:
        case Kind.STATUS:
            return forms.ChoiceField(
                label=label,
                required=False,
                choices=[(status.value, status.label) for status in FORM_ORDER],
                widget=forms.RadioSelect,
                error_messages={"invalid_choice": _l("เลือกสถานะจากรายการ")},
            )
        case Kind.TEXT:
            return ThaiTextField(label=label, limit=declared.limit, short=not declared.is_long)
        case Kind.WORD:
            widget = forms.TextInput(attrs={"class": "inp"})
            return ThaiTextField(label=label, limit=declared.limit, widget=widget)
        case Kind.MONEY:
            return MoneyField(label=label)
        case Kind.COUNT:
            return CountField(label=label)
        case Kind.NUMBER:
            return NumberField(label=label)
        case Kind.DATE:
            return DayField(label=label, required=False)
        case Kind.CODES:
            return CodesField(label=label, limit=declared.limit)
        case Kind.CHOICE:
            blank = _l("ยังไม่มีคำตอบใหม่") if declared.section in STANDING else _l("ยังไม่เลือก")
            return forms.ChoiceField(
                label=label,
                required=False,
                choices=[("", blank), *((each.value, each.label) for each in declared.choices)],
                widget=forms.Select(attrs={"class": "sel"}),
                error_messages={"invalid_choice": _l("เลือกจากรายการ")},
            )
        case Kind.FLAG:
            return forms.BooleanField(label=label, required=False)
        case Kind.PROVINCES:
            return forms.ModelMultipleChoiceField(
                Province.objects.all(),
                label=label,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                error_messages={
                    "invalid_choice": _l("ไม่มีจังหวัดรหัส %(value)s"),
                    "invalid_pk_value": _l("ไม่มีจังหวัดรหัส %(pk)s"),
                },
            )
    raise ValueError(declared.kind)  # evidence has a form set of its own


_NUMBERS = frozenset({Kind.MONEY, Kind.COUNT, Kind.NUMBER, Kind.DATE})
_TYPED = _NUMBERS | {Kind.TEXT, Kind.WORD, Kind.CHOICE, Kind.CODES}


@dataclass(frozen=True)
class FormSection:
    """A section of the form below the year's report."""

    section: Section
    lines: Sequence[Sequence[forms.BoundField]]
    stands: str  # what stands if the section is left empty; "" if it says nothing beyond its report

    @property
    def now(self) -> str:
        """What stands, as a line beside the section's label."""
        return _("ใช้อยู่: %(words)s") % {"words": self.stands}

    @property
    def is_open(self) -> bool:
        """Whether it shows its fields at once: one of them has content or an error."""
        return any(field.value() or field.errors for line in self.lines for field in line)


#: The choice of the report in which this one's activity is told; only some reports have it.
TOLD_IN = "told_in"


class ReportForm(forms.Form):
    """One agency's report on one measure. A draft may be unfinished; `actions.submit` checks it.

    `last` is the last received report of the same assignment, if there is one; `kind` is the measure's.
    `is_lead`: whether the agency leads, so that it is asked for its response to the measure.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    #: For the page: what stands if a section is left empty, see `standing_words`.
    stands: Mapping[Section, str] = {}

    def __init__(
        self,
        *args: Any,
        last: StatusReport | None,
        mains: Sequence[StatusReport] = (),
        kind: str = "",
        is_lead: bool = True,
        **kwargs: Any,
    ) -> None:
        """`mains` are the reports in which this one's activity may be told."""
        super().__init__(*args, **kwargs)
        self.last, self.kind, self.is_lead = last, kind, is_lead
        self.mains = {str(each.pk): each for each in mains}
        if mains:
            several = len({each.resolution.forum_id for each in mains}) > 1
            choices = [("", _("รายงานแยกของมาตรการย่อยนี้"))]
            choices += [
                (pk, f"{each.measure.shown_code(several_forums=several)} {each.measure.title_th}")
                for pk, each in self.mains.items()
            ]
            self.fields[TOLD_IN] = forms.ChoiceField(
                label=_("รายงานร่วมกับมาตรการย่อยอื่น"),
                required=False,
                choices=choices,
                widget=forms.Select(attrs={"class": "sel"}),
                help_text=_(
                    "กิจกรรมเดียวที่ตอบหลายมาตรการ พิมพ์ผล อุปสรรค และแผนครั้งเดียวในรายการที่เลือก "
                    "สถานะ งบประมาณ และหลักฐานยังเป็นของแต่ละรายการ"
                ),
                error_messages={"invalid_choice": _("รายการนั้นรายงานร่วมไม่ได้แล้ว เลือกจากรายการอีกครั้ง")},
            )
            if str(self[TOLD_IN].value() or ""):
                for name in SHARED:
                    self.fields[name].widget.attrs["readonly"] = True

    @classmethod
    def initial_of(cls, report: StatusReport) -> dict[str, Any]:
        """The initial data of a stored report."""
        return {name: getattr(report, name) for name in (*REPORT_FIELDS, "version")} | {
            "provinces": [province.pk for province in report.provinces.all()],
            TOLD_IN: report.told_in_id or "",
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("no_change") and self.last:
            data |= take_over(data, {name: getattr(self.last, name) for name in TAKEN_OVER})
        return data

    @property
    def lines(self) -> list[list[forms.BoundField]]:
        """The typed fields of the year's report in the lines of the page."""
        return self._lines_of(with_column(), Section.REPORT)

    @property
    def sections(self) -> list[FormSection]:
        """The other sections, each with its typed fields.

        One of which the agency is not asked is there only if it has content, so that it can be emptied.
        """
        sections = [
            FormSection(each, self._lines_of(of_section(each), each), self.stands.get(each, ""))
            for each in Section
            if each is not Section.REPORT
        ]
        return [
            each
            for each in sections
            if is_asked(each.section, is_lead=self.is_lead) or each.is_open
        ]

    def _lines_of(
        self, fields: Sequence[ReportField], section: Section
    ) -> list[list[forms.BoundField]]:
        """The typed fields of a section; a line holds up to two numbers."""
        lines: list[list[forms.BoundField]] = []
        half = False  # whether the last line holds one number, with room for another
        for declared in fields:
            if (
                declared.section is not section
                or declared.writer is not Writer.AGENCY
                or declared.kind not in _TYPED
            ):
                continue
            is_number = declared.kind in _NUMBERS
            if half and is_number:
                lines[-1].append(self[declared.name])
            else:
                lines.append([self[declared.name]])
            half = is_number and not half
        return lines

    @property
    def main(self) -> StatusReport | None:
        """The report in which this one is told, as stored or as chosen on the page."""
        if TOLD_IN not in self.fields:
            return None
        return self.mains.get(str(self[TOLD_IN].value() or ""))

    def told_in_to_store(self) -> StatusReport | Literal["as it is"] | None:
        """What `actions.save_draft` takes; as it is if the page had no such choice."""
        if TOLD_IN not in self.fields or TOLD_IN not in self.data:
            return "as it is"
        return self.mains.get(self.cleaned_data[TOLD_IN])

    def fields_to_store(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in REPORT_FIELDS}

    @property
    def status_options(self) -> list[dict[str, Any]]:
        """The choices of status for the template, each with its definition.

        One that the measure's kind excludes is among them only if it is chosen already.
        """
        chosen, fit = self["reported_status"].value(), offered(self.kind)
        return [
            {"status": status, "checked": status.value == chosen}
            for status in FORM_ORDER
            if status in fit or status.value == chosen
        ]


ReportForm.base_fields |= {
    field.name: form_field(field)
    for field in written_by(Writer.AGENCY)
    if field.kind is not Kind.EVIDENCE
}


class EvidenceForm(forms.Form):
    """One piece of evidence: a link, a file, or a link with its copy as a file.

    A valid file is stored at once, so that an error in another field does not lose it; the form passes
    it on as `file`. The report refers to it once the whole form is saved.
    """

    title = ThaiTextField(
        label=_l("ชื่อหลักฐาน"), limit=200, widget=forms.TextInput(attrs={"class": "inp"})
    )
    kind = forms.ChoiceField(
        label=_l("ประเภท"),
        required=False,
        choices=[("", _l("ยังไม่ระบุ")), *EvidenceKind.choices],
        widget=forms.Select(attrs={"class": "sel"}),
        error_messages={"invalid_choice": _l("เลือกจากรายการ")},
    )
    dated_on = DayField(label=_l("ลงวันที่"), required=False)
    issuer = ThaiTextField(
        label=_l("ผู้ออก"), limit=200, widget=forms.TextInput(attrs={"class": "inp"})
    )
    url = LinkField(label=_l("ลิงก์"))
    upload = forms.FileField(
        label=_l("แนบไฟล์ หรือสำเนาของลิงก์"),
        required=False,
        allow_empty_file=True,  # `inspect` has a better message
        widget=forms.FileInput(
            attrs={"class": "inp", "accept": ".pdf,.docx,.xlsx,.jpg,.jpeg,.png"}
        ),
        error_messages={"invalid": _l("เลือกไฟล์อีกครั้ง ไฟล์ไม่ได้ส่งมากับแบบฟอร์ม")},
    )
    file = StoredFileField()
    is_public = forms.BooleanField(label=_l("เปิดเผยต่อสาธารณะ"), required=False, initial=True)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("upload"):
            self.hold(data)
        elif "file" in self.errors:  # show the error at the file input
            self.errors["upload"] = self.errors.pop("file")
        url, file = data.get("url"), data.get("file")
        if file and not url and not data.get("title") and "title" not in self.errors:
            data["title"] = file.file_name.rpartition(".")[0][:200]
        if url and not data.get("title") and "title" not in self.errors:
            self.add_error("title", _("ระบุชื่อหลักฐาน เช่น “สรุปโครงการ ปีงบประมาณ 2567”"))
        if not (url or file or self.errors):
            if data.get("title"):
                self.add_error(
                    "url", _("วางลิงก์หรือแนบไฟล์ของ “%(title)s”") % {"title": data["title"]}
                )
            elif any(data.get(name) for name in Evidence.DESCRIBED):
                self.add_error("url", _("วางลิงก์หรือแนบไฟล์ของหลักฐานที่ระบุประเภท วันที่ หรือผู้ออกไว้"))
        return data

    def hold(self, data: dict[str, Any]) -> None:
        """Store a valid upload, and pass it on in the form from now on."""
        try:
            data["file"] = keep(inspect(data["upload"]))
        except Rejected as reason:
            self.add_error("upload", ValidationError(str(reason), code="rejected"))
            return
        self.data = cast(QueryDict, self.data).copy()
        self.data[self.add_prefix("file")] = data["file"].token

    @property
    def held(self) -> StoredFile | None:
        """The file of this row, saved with the report already or about to be."""
        try:
            return self.fields["file"].clean(self["file"].value())
        except ValidationError:
            return None

    @property
    def held_at(self) -> str:
        """The address of a file that is saved with the report already."""
        initial = self.initial or {}
        return initial.get("address", "") if self.held == initial.get("file") else ""


class BaseEvidenceFormSet(forms.BaseFormSet):
    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "missing_management_form": _l("ข้อมูลหลักฐานส่งมาไม่ครบ โหลดหน้าใหม่แล้วส่งอีกครั้ง"),
        "too_many_forms": _l("แนบหลักฐานได้ไม่เกิน %(num)d รายการ รวมลิงก์หรือลบบางรายการก่อน"),
    }


EvidenceFormSet = forms.formset_factory(
    EvidenceForm,
    formset=BaseEvidenceFormSet,
    extra=2,
    can_delete=True,
    max_num=50,
    absolute_max=60,
    validate_max=True,
)


_OF_PIECE = ("title", *Evidence.DESCRIBED, "url", "is_public")


def evidence_of(report: StatusReport) -> list[dict[str, Any]]:
    """A report's evidence in the format of `actions.save_draft` and the form set."""
    return [
        {name: getattr(piece, name) for name in _OF_PIECE}
        | ({"file": StoredFile.of(piece), "address": piece.file_at} if piece.file else {})
        for piece in report.evidence.all()
    ]


def wanted_evidence(formset: Any) -> list[dict[str, Any]]:
    """The evidence in a valid form set, without empty and deleted rows."""
    rows = [form.cleaned_data for form in formset]
    return [
        {name: row[name] for name in _OF_PIECE} | ({"file": row["file"]} if row["file"] else {})
        for row in rows
        if (row.get("url") or row.get("file")) and not row.get("DELETE")
    ]


def files_given_twice(wanted: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of files whose content is in the list already; each content is stored once.

    A copy of a link is told of neither: two links may have the same.
    """
    files = [piece["file"] for piece in wanted if piece.get("file") and not piece.get("url")]
    known = [file.sha256 for file in files]
    return [file.file_name for place, file in enumerate(files) if file.sha256 in known[:place]]


class DecisionForm(forms.Form):
    """A reviewer's decision on a submitted report."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    assessed_status = forms.ChoiceField(
        label=label_of("assessed_status"),
        required=False,
        choices=[
            ("", _l("ตรงกับที่หน่วยงานรายงาน")),
            *((status.value, status.label) for status in FORM_ORDER),
        ],
        widget=forms.Select(attrs={"class": "sel"}),
    )
    assessed_note = ThaiTextField(label=label_of("assessed_note"), limit=TEXT_LIMIT, short=True)
    assessed_meeting = ThaiTextField(
        label=label_of("assessed_meeting"),
        limit=WORD_LIMIT,
        widget=forms.TextInput(attrs={"class": "inp"}),
    )
    assessed_grade = forms.ChoiceField(
        label=label_of("assessed_grade"),
        required=False,  # only to approve: the verb asks for it
        choices=[(grade.value, grade.label) for grade in GIVEN],
        widget=forms.RadioSelect,
    )
    grounds = forms.TypedMultipleChoiceField(
        label=_l("รายการหลักฐานที่ใช้"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    return_reason = ThaiTextField(label=_l("สิ่งที่ต้องแก้ไข"), limit=TEXT_LIMIT, short=True)

    def __init__(
        self, *args: Any, kind: str = "", evidence: Iterable[Evidence] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["assessed_status"]
        fit = {"", *(status.value for status in offered(kind))}
        field.widget.choices = [each for each in field.choices if each[0] in fit]
        self.offer(evidence)

    def offer(self, evidence: Iterable[Evidence]) -> None:
        """Let the reviewer choose among these pieces of evidence."""
        self.evidence = list(evidence)
        field: Any = self.fields["grounds"]
        field.choices = [(piece.pk, piece.title) for piece in self.evidence]
        field.error_messages["invalid_choice"] = gone_ground_message()

    @property
    def grade_options(self) -> list[dict[str, Any]]:
        """The grades for the template, each with its definition."""
        chosen = self["assessed_grade"].value()
        return [{"grade": grade, "checked": grade.value == chosen} for grade in GIVEN]

    @property
    def ground_options(self) -> list[dict[str, Any]]:
        """The report's evidence for the template, internal pieces among it."""
        chosen = {str(each) for each in self["grounds"].value() or ()}
        return [
            {"piece": piece, "checked": str(piece.pk) in chosen, "kind": piece.get_kind_display()}
            for piece in self.evidence
        ]


class GradeForm(forms.Form):
    """The grade of several reports that are approved together; it may be left out."""

    assessed_grade = forms.ChoiceField(
        label=_l("หลักฐานที่ใช้ของทุกรายการที่เลือก"),
        required=False,
        choices=[
            ("", _l("ยังไม่ระบุ")),
            *((grade.value, grade.label) for grade in GIVEN_AT_ONCE),
        ],
        widget=forms.Select(attrs={"class": "sel"}),
    )


class WithdrawForm(forms.Form):
    """Why a report is taken out of its round."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    withdrawn_reason = ThaiTextField(label=_l("เหตุผลที่ถอนออกจากรอบ"), limit=TEXT_LIMIT, short=True)


class ReplyForm(forms.Form):
    """An agency's reply to an assessment that differs from its own report."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    agency_reply = ThaiTextField(label=label_of("agency_reply"), limit=TEXT_LIMIT)
