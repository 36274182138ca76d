"""Forms of the assignments: the confirmation by a meeting, a role, the last year, one more agency."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.actions import missing_reason, wrong_with_confirmation
from followup.forms.fields import DayField, ThaiTextField
from followup.models import Agency, Role
from forum_portal.thai import clean_text, match_key
from forum_portal.years import as_typed

_TICK = re.compile(r"([0-9]{1,18})\.([0-9a-f]{32})")  # "assignment.version", as the list posts it
REASON_LIMIT = 300  # an address carries it while somebody signs in again
SUGGESTED = 3  # agencies that a refused name may have meant


class TicksField(forms.Field):
    """The ticked assignments: (key, version that the person has seen)."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[tuple[int, str]]:
        found = [_TICK.fullmatch(each) for each in value or ()]
        if not all(found):
            raise ValidationError(_("อ่านรายการที่เลือกไม่ได้ เปิดหน้าใหม่แล้วเลือกอีกครั้ง"), code="tick")
        return [(int(each[1]), each[2]) for each in found if each]


class ConfirmForm(forms.Form):
    """The ticked assignments and the meeting that confirmed them.

    `elsewhere` are the assignments on other pages that were selected with the whole list.
    """

    tick = TicksField(required=False)
    meeting_ref = ThaiTextField(
        label=_l("ครั้งที่"), limit=1000, widget=forms.TextInput(attrs={"class": "inp", "size": 8})
    )
    meeting_on = DayField(label=_l("วันที่"), required=False)

    def __init__(
        self, *args: Any, elsewhere: Sequence[tuple[int, str]] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.elsewhere = elsewhere

    def clean(self) -> dict[str, Any]:
        """Report everything that is wrong at once; a field that could not be read has its own error."""
        data = super().clean() or self.cleaned_data
        data["tick"] = [*data.get("tick", ()), *self.elsewhere]
        wrong = wrong_with_confirmation(
            count=len(data["tick"]),
            meeting_ref=data.get("meeting_ref", ""),
            meeting_on=data.get("meeting_on"),
        )
        for name, sentence in wrong.items():
            if name not in self.errors:
                self.add_error(name, sentence)
        return data


class SeenForm(forms.Form):
    """A form on one assignment; `seen` is the version that the person has seen."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class RoleForm(SeenForm):
    """The new role of an assignment."""

    new_role = forms.ChoiceField(
        label=_l("บทบาทใหม่"),
        choices=Role.choices,
        widget=forms.Select(attrs={"class": "sel"}),
        error_messages={
            "required": _l("เลือกบทบาทใหม่จากรายการ"),
            "invalid_choice": _l("เลือกบทบาทใหม่จากรายการ"),
        },
    )


class LastYearForm(SeenForm):
    """The last fiscal year of an assignment, of the `years` that the page offers; "" is no end."""

    last_year = forms.TypedChoiceField(
        label=_l("รอบสุดท้าย"),
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.Select(attrs={"class": "sel"}),
        error_messages={"invalid_choice": _l("เลือกรอบสุดท้ายจากรายการ")},
    )

    def __init__(self, *args: Any, years: Sequence[int], has_end: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["last_year"]
        field.choices = [(str(year), str(year)) for year in years]
        if has_end:
            field.choices = [("", _("ยังไม่สิ้นสุด")), *field.choices]


class AgencyNameField(forms.Field):
    """An agency, typed by any of its names; `agencies` are all of them, with their aliases loaded."""

    agencies: Sequence[Agency] = ()

    def to_python(self, value: Any) -> Agency | None:
        typed = clean_text(str(value or ""))
        key = match_key(typed)
        if not key:
            return None
        if by_code := [agency for agency in self.agencies if agency.code == typed]:
            return by_code[0]  # a link's address names it so; no other agency has its code
        names = {
            agency: agency.name_keys | {match_key(written_name(agency))} for agency in self.agencies
        }
        found = [agency for agency, keys in names.items() if key in keys]
        if len(found) == 1:
            return found[0]
        if found:
            raise ValidationError(
                _("“%(typed)s” เป็นชื่อของหลายหน่วยงาน: %(list)s พิมพ์ชื่อเต็มของหน่วยงานที่ต้องการ"),
                code="several",
                params={
                    "typed": as_typed(typed),
                    "list": ", ".join(agency.name_th for agency in found),
                },
            )
        near = [agency for agency, keys in names.items() if any(key in one for one in keys)]
        if near:
            raise ValidationError(
                _("ไม่พบหน่วยงาน “%(typed)s” ใกล้เคียง: %(list)s พิมพ์ชื่อย่อหรือชื่อเต็มให้ตรงกับรายการ"),
                code="near",
                params={
                    "typed": as_typed(typed),
                    "list": ", ".join(agency.name_th for agency in near[:SUGGESTED]),
                },
            )
        raise ValidationError(
            _("ไม่พบหน่วยงาน “%(typed)s” พิมพ์ชื่อย่อหรือชื่อเต็ม หรือเพิ่มหน่วยงานในหน้าจัดการระบบก่อน"),
            code="unknown",
            params={"typed": as_typed(typed)},
        )


def written_name(agency: Agency) -> str:
    """An agency as the page's list of suggestions writes it: `บก. กรมบัญชีกลาง`."""
    return f"{agency.abbr_th} {agency.name_th}".strip()


class ReplaceForm(forms.Form):
    """Which assignments of an agency another one takes over, from which fiscal year, and why."""

    tick = TicksField(required=False)
    to = AgencyNameField(
        label=_l("หน่วยงานใหม่"),
        widget=forms.TextInput(attrs={"class": "inp", "list": "agencies", "autocomplete": "off"}),
        error_messages={"required": _l("ระบุหน่วยงานใหม่ พิมพ์ชื่อย่อหรือชื่อเต็ม เช่น พอช.")},
    )
    year = forms.TypedChoiceField(
        label=_l("ตั้งแต่รอบ"),
        coerce=int,
        widget=forms.Select(attrs={"class": "sel"}),
        error_messages={
            "required": _l("เลือกรอบแรกจากรายการ"),
            "invalid_choice": _l("เลือกรอบแรกจากรายการ"),
        },
    )
    reason = ThaiTextField(label=_l("เหตุผล"), limit=REASON_LIMIT, short=True)
    withdraws = forms.BooleanField(
        label=_l("ถอนรายงานที่หน่วยงานเดิมเขียนไว้ในรอบที่เปิดอยู่ ตั้งแต่รอบนั้น"), required=False
    )
    effects = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, agencies: Sequence[Agency], years: Mapping[int, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["to"].agencies = agencies
        fields["year"].choices = [(str(year), words) for year, words in years.items()]

    def clean(self) -> dict[str, Any]:
        """Report everything that is missing at once."""
        data = super().clean() or self.cleaned_data
        if not data.get("tick") and "tick" not in self.errors:
            self.add_error("tick", _("ยังไม่ได้เลือกมาตรการย่อย เลือกอย่างน้อยหนึ่งข้อที่เปลี่ยนหน่วยงาน"))
        if not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", missing_reason())
        return data


class AddForm(forms.Form):
    """One more agency for a measure; `years` are the fiscal years from which it may answer."""

    agency = AgencyNameField(
        label=_l("หน่วยงาน"),
        widget=forms.TextInput(attrs={"class": "inp", "list": "agencies", "autocomplete": "off"}),
        error_messages={"required": _l("ระบุหน่วยงาน พิมพ์ชื่อย่อหรือชื่อเต็ม เช่น พอช.")},
    )
    as_role = forms.ChoiceField(
        label=_l("บทบาท"),
        choices=Role.choices,
        widget=forms.Select(attrs={"class": "sel"}),
        error_messages={
            "required": _l("เลือกบทบาทจากรายการ"),
            "invalid_choice": _l("เลือกบทบาทจากรายการ"),
        },
    )
    first_year = forms.TypedChoiceField(
        label=_l("ตั้งแต่รอบ"),
        coerce=int,
        widget=forms.Select(attrs={"class": "sel"}),
        error_messages={
            "required": _l("เลือกรอบแรกจากรายการ"),
            "invalid_choice": _l("เลือกรอบแรกจากรายการ"),
        },
    )

    def __init__(
        self, *args: Any, agencies: Sequence[Agency], years: Mapping[int, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["agency"].agencies = agencies
        fields["first_year"].choices = [(str(year), words) for year, words in years.items()]
