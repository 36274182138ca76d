"""Forms of groups of agencies: a new one, more members, the end of a membership."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.forms.assignments import written_name
from followup.forms.fields import ThaiTextField
from followup.models import Agency, GroupMember
from forum_portal.thai import match_key
from forum_portal.years import as_typed

NAMES_LIMIT = 20_000  # characters: some hundred full names
TOLD = 5  # lines that a message quotes; more are counted


class AgencyNamesField(ThaiTextField):
    """Agencies, one a line, by code or any of their names; `agencies` have their aliases loaded.

    Its value is a list of agencies, each once. Raises ValidationError with the lines that name none, or
    several.
    """

    agencies: Sequence[Agency] = ()

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        by_key: dict[str, list[Agency]] = {}
        lines = [line.strip() for line in text.splitlines() if match_key(line)]
        for agency in self.agencies if lines else ():
            for key in agency.name_keys | {match_key(written_name(agency))}:
                by_key.setdefault(key, []).append(agency)
        found: dict[Agency, None] = {}
        unknown: list[str] = []
        several: list[str] = []
        for line in lines:
            named = by_key.get(match_key(line), [])
            full = [each for each in named if match_key(each.name_th) == match_key(line)]
            if len(full) == 1:
                named = full
            if len(named) == 1:
                found[named[0]] = None
            else:
                (several if named else unknown).append(line)
        wrong = []
        if unknown:
            said = _("ไม่พบหน่วยงาน %(list)s พิมพ์ชื่อหรือรหัสให้ตรงกับในระบบ หรือเพิ่มหน่วยงานในหน้าจัดการระบบก่อน")
            wrong.append(said % {"list": _quoted(unknown)})
        if several:
            said = _("%(list)s เป็นชื่อของหลายหน่วยงาน ใช้รหัสของหน่วยงานที่ต้องการ")
            wrong.append(said % {"list": _quoted(several)})
        if wrong:
            raise ValidationError(wrong)
        return list(found)


def _quoted(lines: Sequence[str]) -> str:
    told = [f"“{as_typed(line)}”" for line in lines[:TOLD]]
    if more := len(lines) - len(told):
        told.append(_("และอีก %(count)s บรรทัด") % {"count": more})
    return " ".join(told)


class MembersForm(forms.Form):
    """More members of a group: ticked in a list, or pasted by name; from one of the `years` on."""

    tick = forms.ModelMultipleChoiceField(
        label=_l("เลือกจากรายการ"),
        queryset=Agency.objects.all(),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _l("ไม่พบหน่วยงานรหัส %(value)s เลือกจากรายการอีกครั้ง")},
    )
    names = AgencyNamesField(
        label=_l("วางชื่อหรือรหัสหน่วยงาน บรรทัดละหนึ่งหน่วยงาน"),
        limit=NAMES_LIMIT,
        widget=forms.Textarea(attrs={"rows": 8}),
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
        self, *args: Any, agencies: Sequence[Agency], years: Sequence[int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["names"].agencies = agencies
        fields["first_year"].choices = [(str(year), str(year)) for year in years]

    @property
    def chosen(self) -> list[Agency]:
        """The ticked agencies and the pasted ones, each once."""
        return list(dict.fromkeys([*self.cleaned_data["tick"], *self.cleaned_data["names"]]))


class GroupForm(MembersForm):
    """A new group with its members."""

    name_th = ThaiTextField(
        label=_l("ชื่อกลุ่ม"), limit=200, widget=forms.TextInput(attrs={"class": "inp"})
    )
    abbr_th = ThaiTextField(
        label=_l("ชื่อย่อ"), limit=40, widget=forms.TextInput(attrs={"class": "inp"})
    )
    code = ThaiTextField(
        label=_l("รหัส"), limit=20, widget=forms.TextInput(attrs={"class": "inp", "size": 20})
    )

    def clean_name_th(self) -> str:
        if not self.cleaned_data["name_th"]:
            raise ValidationError(_("ระบุชื่อกลุ่ม เช่น พมจ. 77 จังหวัด"))
        return str(self.cleaned_data["name_th"])

    def clean_code(self) -> str:
        code = self.cleaned_data["code"].upper()
        if not code:
            raise ValidationError(_("ระบุรหัสของกลุ่ม เช่น PSDHS_ALL"))
        return str(code)


class LeaveForm(forms.Form):
    """The last fiscal year (B.E.) of a membership; the year before its first one undoes it."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    last_year = forms.TypedChoiceField(
        label=_l("รอบสุดท้ายในกลุ่ม"),
        coerce=int,
        widget=forms.Select(attrs={"class": "sel"}),
        error_messages={
            "required": _l("เลือกรอบสุดท้ายจากรายการ"),
            "invalid_choice": _l("เลือกรอบสุดท้ายจากรายการ"),
        },
    )

    def __init__(
        self, *args: Any, member: GroupMember, years: Sequence[int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["last_year"]
        undone = member.valid_from - 1
        field.choices = [
            (str(year), _("ไม่เคยอยู่ในกลุ่ม (เพิ่มผิด)") if year == undone else str(year))
            for year in years
        ]
