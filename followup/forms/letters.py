"""Forms of the follow-up letters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _l

from followup.forms.fields import DayField, ThaiTextField
from followup.letters import answer_by


class LetterForm(forms.Form):
    """A letter as it was sent. An empty answer date means thirty days after the letter."""

    attempt = forms.IntegerField(widget=forms.HiddenInput)
    number = ThaiTextField(
        label=_l("เลขที่หนังสือ"), limit=60, widget=forms.TextInput(attrs={"class": "inp"})
    )
    sent_on = DayField(label=_l("ลงวันที่"), error_messages={"required": _l("ระบุวันที่ของหนังสือ")})
    answer_by = DayField(label=_l("ขอคำตอบภายใน"), required=False)
    note = ThaiTextField(label=_l("บันทึก"), limit=1000, short=True)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("sent_on") and not data.get("answer_by") and "answer_by" not in self.errors:
            data["answer_by"] = answer_by(data["sent_on"])
        return data


class CorrectionForm(LetterForm):
    """A recorded letter, with the date of its answer."""

    attempt = None  # type: ignore[assignment]  # it cannot be changed
    answered_on = DayField(label=_l("ได้รับคำตอบเมื่อ"), required=False)
    explanation = ThaiTextField(label=_l("คำชี้แจงในหนังสือตอบ"), limit=1000, short=True)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    field_order = ["answered_on"]
