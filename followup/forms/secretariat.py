"""Forms of the secretariat: links, rounds, contacts and the handover of agencies."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.forms.fields import DayField, ThaiTextField
from followup.models import Agency, Months, Round, SentMail, User
from followup.status import FORM_ORDER
from forum_portal.thai import format_date
from forum_portal.years import YearError, fiscal_year_bounds, fiscal_year_today, parse_year


class LinkForm(forms.Form):
    """A new link for an agency: its expiry date."""

    expires_on = DayField(label=_l("ใช้ได้ถึงวันที่"), required=False)
    replaces = forms.IntegerField(widget=forms.HiddenInput, required=False)


class RevokeForm(forms.Form):
    """Why a link is revoked."""

    reason = ThaiTextField(label=_l("เหตุผลที่ยกเลิก"), limit=200, short=True)


class NewRoundForm(forms.Form):
    """A new round: its fiscal year, what it covers of it, and its due date."""

    year = forms.CharField(
        label=_l("ปีงบประมาณ พ.ศ."),
        widget=forms.TextInput(attrs={"class": "inp", "inputmode": "numeric"}),
        error_messages={"required": _l("ระบุปีงบประมาณ เช่น 2570")},
    )
    months = forms.ChoiceField(
        label=_l("ช่วงที่รายงาน"),
        choices=[
            (Months.WHOLE, _l("12 เดือน (ทั้งปีงบประมาณ)")),
            (Months.HALF, _l("6 เดือน (1 ตุลาคม – 31 มีนาคม)")),
        ],
        required=False,
        widget=forms.Select(attrs={"class": "sel"}),
        error_messages={"invalid_choice": _l("เลือกช่วงที่รายงานจากรายการ")},
    )
    due_on = DayField(label=_l("กำหนดส่งรายงาน"), required=False)
    #: The year that the person has confirmed, if it is far from now: another year needs another tick.
    confirmed = forms.CharField(required=False, widget=forms.CheckboxInput)

    def clean_year(self) -> int:
        try:
            return parse_year(self.cleaned_data["year"]).be
        except YearError as error:
            raise ValidationError(str(error), code=error.code) from error

    def clean_months(self) -> int:
        return int(self.cleaned_data["months"] or Months.WHOLE)

    def clean(self) -> dict[str, Any]:
        """Return the data without the tick. A year more than one away from now needs the tick."""
        data = super().clean() or self.cleaned_data
        data.pop("confirmed", None)
        year = data.get("year")
        if year and self.is_far(year) and self.data.get("confirmed") != str(year):
            starts_on, ends_on = fiscal_year_bounds(year, data.get("months") or Months.WHOLE)
            self.unconfirmed = year
            self.add_error(
                "confirmed",
                _(
                    "ปีงบประมาณ %(year)s คือ %(first)s ถึง %(last)s ห่างจากปีงบประมาณปัจจุบัน %(now)s เกินหนึ่งปี "
                    "แก้ปี หรือทำเครื่องหมายยืนยันแล้วสร้างอีกครั้ง"
                )
                % {
                    "year": year,
                    "first": format_date(starts_on),
                    "last": format_date(ends_on),
                    "now": fiscal_year_today(),
                },
            )
        return data

    #: The year that is to be confirmed, once the form asks for it.
    unconfirmed: int | None = None

    @staticmethod
    def is_far(year: int) -> bool:
        """Whether a fiscal year is more than one away from the current one."""
        return abs(year - fiscal_year_today()) > 1

    @staticmethod
    def next_year() -> int:
        """The fiscal year that has just ended, or the first one after it that has no round."""
        taken, year = set(Round.objects.values_list("year_be", flat=True)), fiscal_year_today() - 1
        while year in taken:
            year += 1
        return year


class DueForm(forms.Form):
    """A later due date of a round, and the reason that agencies read."""

    due_on = DayField(
        label=_l("กำหนดส่งใหม่"), error_messages={"required": _l("ระบุกำหนดส่งใหม่ เช่น 15/12/2570")}
    )
    due_reason = ThaiTextField(label=_l("เหตุผลที่เลื่อน"), limit=300, short=True)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class RulingForm(forms.Form):
    """The committee's decision on the status of a measure or resolution."""

    status = forms.ChoiceField(
        label=_l("สถานะที่ คสป. กำหนด"),
        required=False,
        choices=[
            ("", _l("เลือกสถานะ")),
            *((status.value, status.label) for status in FORM_ORDER),
        ],
        widget=forms.Select(attrs={"class": "sel"}),
    )
    meeting_ref = ThaiTextField(
        label=_l("การประชุม คสป. ครั้งที่"),
        limit=40,
        widget=forms.TextInput(attrs={"class": "inp"}),
    )
    meeting_on = DayField(label=_l("วันที่ประชุม"), required=False)
    note = ThaiTextField(label=_l("เหตุผล"), limit=1000, short=True)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class TakeBackForm(forms.Form):
    """The public note on an edition that is taken back; the edition that the person has seen."""

    note = ThaiTextField(label=_l("เหตุผลที่ถอนการเผยแพร่"), limit=1000, short=True)
    edition = forms.IntegerField(widget=forms.HiddenInput)


class ReopenForm(forms.Form):
    """The reason for reopening a published round; it is public."""

    reason = ThaiTextField(label=_l("เหตุผลที่เปิดแก้ไข"), limit=1000, short=True)


class ConclusionForm(forms.Form):
    """The committee's decision to conclude a forum's follow-up."""

    after = forms.CharField(
        label=_l("รอบสุดท้ายที่ติดตาม (ปีงบประมาณ พ.ศ.)"),
        widget=forms.TextInput(attrs={"class": "inp", "inputmode": "numeric"}),
        error_messages={"required": _l("ระบุปีงบประมาณของรอบสุดท้าย เช่น 2570")},
    )
    meeting_ref = ThaiTextField(
        label=_l("ตามมติ คสป. ครั้งที่"), limit=40, widget=forms.TextInput(attrs={"class": "inp"})
    )
    meeting_on = DayField(label=_l("วันที่ประชุม"), required=False)
    reason = ThaiTextField(label=_l("เหตุผล"), limit=1000, short=True)

    def clean_after(self) -> int:
        try:
            return parse_year(self.cleaned_data["after"]).be
        except YearError as error:
            raise ValidationError(str(error), code=error.code) from error


class PublishForm(forms.Form):
    """The meeting that took note of the report, if there was one."""

    meeting_ref = ThaiTextField(
        label=_l("การประชุม คสป. ที่รับทราบ ครั้งที่"),
        limit=40,
        widget=forms.TextInput(attrs={"class": "inp"}),
    )
    meeting_on = DayField(label=_l("วันที่ประชุม"), required=False)
    # The meeting whose date the form showed: a round published again starts from its last meeting.
    day_of = ThaiTextField(label="", limit=40, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Return the data without `day_of`.

        A new meeting with the old meeting's date is an error once; sent again, it is accepted.
        """
        data = super().clean() or self.cleaned_data
        day, day_of = data.get("meeting_on"), data.pop("day_of", "")
        ref = data.get("meeting_ref")
        if day and day_of and ref not in (None, "", day_of) and day == self.initial["meeting_on"]:
            self.add_error(
                "meeting_on",
                _(
                    "วันที่นี้เป็นวันของการประชุมครั้งที่ %(before)s พิมพ์วันที่ของครั้งที่ %(after)s "
                    "หรือยืนยันอีกครั้งถ้าเป็นวันเดียวกัน"
                )
                % {"before": day_of, "after": ref},
            )
            self.data = cast(QueryDict, self.data).copy()
            self.data[self.add_prefix("day_of")] = str(ref)
        return data


class FocalPointForm(forms.Form):
    """A contact person at an agency for its reports."""

    name = ThaiTextField(label=_l("ชื่อ"), limit=150, widget=forms.TextInput(attrs={"class": "inp"}))
    position = ThaiTextField(
        label=_l("ตำแหน่ง"), limit=150, widget=forms.TextInput(attrs={"class": "inp"})
    )
    email = forms.EmailField(
        label=_l("อีเมล"),
        required=False,
        widget=forms.TextInput(attrs={"class": "inp", "inputmode": "email"}),
        error_messages={"invalid": _l("อีเมลไม่ถูกต้อง เขียนอย่าง name@agency.go.th")},
    )
    phone = ThaiTextField(
        label=_l("โทรศัพท์"),
        limit=40,
        widget=forms.TextInput(attrs={"class": "inp", "inputmode": "tel"}),
    )
    is_main = forms.BooleanField(label=_l("ผู้ประสานงานหลัก"), required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class HandOverForm(forms.Form):
    """The handover of agencies from one person to another; no giver: agencies without a person."""

    to = forms.ModelChoiceField(
        User.objects.none(),
        label=_l("ผู้รับงาน"),
        empty_label=_l("เลือกผู้รับงาน"),
        widget=forms.Select(attrs={"class": "sel"}),
        error_messages={"required": _l("เลือกผู้รับงาน"), "invalid_choice": _l("เลือกผู้รับงานจากรายการ")},
    )
    agencies = forms.ModelMultipleChoiceField(
        Agency.objects.none(),
        label=_l("หน่วยงานที่ส่งต่อ"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _l("เลือกอย่างน้อยหนึ่งหน่วยงาน"),
            "invalid_choice": _l("หน่วยงานบางแห่งเปลี่ยนผู้ดูแลไปแล้ว เลือกจากรายการล่าสุด"),
            "invalid_pk_value": _l("เลือกหน่วยงานจากรายการ"),
        },
    )

    def __init__(self, *args: Any, giver: User | None, takers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["to"].queryset = takers.exclude(pk=giver.pk if giver else None)
        fields["agencies"].queryset = Agency.objects.filter(
            caretaker=giver, assignments__isnull=False
        ).distinct()


class MailForm(forms.Form):
    """What an e-mail to the focal points of many agencies holds; `sending` is the key of the form."""

    content = forms.ChoiceField(
        label=_l("ส่งอะไร"),
        choices=SentMail.Content.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _l("เลือกว่าจะส่งลิงก์หรือแบบรายงาน"),
            "invalid_choice": _l("เลือกว่าจะส่งลิงก์หรือแบบรายงาน"),
        },
    )
    sending = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={
            "required": _l("แบบฟอร์มนี้ไม่ครบ เปิดหน้าใหม่แล้วส่งอีกครั้ง"),
            "invalid": _l("แบบฟอร์มนี้ไม่ครบ เปิดหน้าใหม่แล้วส่งอีกครั้ง"),
        },
    )
