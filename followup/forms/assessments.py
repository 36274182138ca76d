"""Forms of the independent voice: the organisation's own, and those of the secretariat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.forms.fields import DayField, LinkField, ThaiTextField
from followup.models import Assessment, Ground
from followup.models.assessments import REASON_LIMIT
from followup.status import Status, offered_to_assessors

#: Links that one assessment may have.
PIECES = 5


class Option(NamedTuple):
    """A status as a choice of the form."""

    status: Status
    checked: bool


class AssessmentForm(forms.Form):
    """What an organisation finds of a measure: the status, why, and up to PIECES links.

    Nothing is required: a draft may be half done, and the verb says what sending lacks.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    status = forms.ChoiceField(
        label=_l("สถานะที่ประเมิน"),
        required=False,
        error_messages={"invalid_choice": _l("เลือกสถานะจากรายการ")},
    )
    reason = ThaiTextField(label=_l("เหตุผลที่ประเมินเช่นนี้"), limit=REASON_LIMIT)
    evidence = forms.CharField(label=_l("หลักฐาน"), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        """`kind` is the measure's."""
        super().__init__(*args, **kwargs)
        self.offered = offered_to_assessors(kind)
        fields: dict[str, Any] = self.fields
        fields["status"].choices = [(each.value, each.label) for each in self.offered]
        for number in range(PIECES):
            fields[f"evidence-{number}-title"] = ThaiTextField(
                label=_l("ชื่อหลักฐาน"),
                limit=200,
                widget=forms.TextInput(attrs={"class": "inp"}),
            )
            fields[f"evidence-{number}-url"] = LinkField(label=_l("ลิงก์"))

    @classmethod
    def initial_of(cls, assessment: Assessment | None) -> dict[str, Any]:
        if assessment is None:
            return {"version": 0}
        initial: dict[str, Any] = {
            "version": assessment.version,
            "status": assessment.status,
            "reason": assessment.reason,
        }
        for number, piece in enumerate(assessment.pieces[:PIECES]):
            initial[f"evidence-{number}-title"] = piece.title
            initial[f"evidence-{number}-url"] = piece.url
        return initial

    @property
    def status_options(self) -> list[Option]:
        chosen = self["status"].value()
        return [Option(each, each.value == chosen) for each in self.offered]

    @property
    def pieces(self) -> Iterator[tuple[BoundField, BoundField]]:
        """The fields of each link: its title, its address."""
        for number in range(PIECES):
            yield self[f"evidence-{number}-title"], self[f"evidence-{number}-url"]

    def clean(self) -> dict[str, Any]:
        """A link needs its title, and a title its link."""
        data = super().clean() or self.cleaned_data
        for number in range(PIECES):
            title, url = f"evidence-{number}-title", f"evidence-{number}-url"
            if data.get(url) and not data.get(title) and title not in self.errors:
                self.add_error(title, _("ตั้งชื่อหลักฐานของลิงก์นี้"))
            if data.get(title) and not data.get(url) and url not in self.errors:
                self.add_error(url, _("วางลิงก์ของหลักฐานนี้ หรือลบชื่อออก"))
        return data

    def wanted(self) -> list[dict[str, str]]:
        """The links that are filled in, in their order."""
        data = self.cleaned_data
        every = (
            {"title": data[f"evidence-{number}-title"], "url": data[f"evidence-{number}-url"]}
            for number in range(PIECES)
        )
        return [each for each in every if each["url"]]


def in_lines(pieces: Iterable[Any]) -> str:
    """Links as text, a line each: for two versions beside each other."""
    rows = (each if isinstance(each, dict) else vars(each) for each in pieces)
    return "\n".join(f"{row['title']} {row['url']}" for row in rows)


class OrganisationForm(forms.Form):
    """What is known of an organisation that assesses. Nothing of a person."""

    name_th = ThaiTextField(
        label=_l("ชื่อองค์กร"), limit=200, widget=forms.TextInput(attrs={"class": "inp"})
    )
    name_en = ThaiTextField(
        label=_l("ชื่อภาษาอังกฤษ"), limit=200, widget=forms.TextInput(attrs={"class": "inp"})
    )
    registration_number = ThaiTextField(
        label=_l("เลขที่จดแจ้งหรือจดทะเบียน"),
        limit=60,
        widget=forms.TextInput(attrs={"class": "inp"}),
    )
    website = LinkField(label=_l("เว็บไซต์"))
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class InviteForm(forms.Form):
    """A new link for an organisation: its last day."""

    expires_on = DayField(label=_l("ใช้ได้ถึงวันที่"), required=False)
    replaces = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ModerationForm(forms.Form):
    """Why an assessment is returned: one of two grounds, and the reason. No other ground exists."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    ground = forms.ChoiceField(
        label=_l("เหตุที่ส่งกลับ"),
        required=False,
        choices=Ground.choices,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _l("เลือกเหตุที่ส่งกลับจากสองข้อนี้")},
    )
    reason = ThaiTextField(label=_l("ข้อความใด และแก้อย่างไร"), limit=1000, short=True)


class AnswerForm(forms.Form):
    """What the committee answers to an assessment."""

    text = ThaiTextField(label=_l("คำตอบของ คสป."), limit=REASON_LIMIT)
    meeting_ref = ThaiTextField(
        label=_l("การประชุม คสป. ครั้งที่"),
        limit=40,
        widget=forms.TextInput(attrs={"class": "inp"}),
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
