"""Forms of the public's messages: the visitor's, and the secretariat's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.evidence import Checked, inspect
from followup.forms.fields import LinkField, ThaiTextField
from followup.inspection.refusals import Rejected
from followup.models import FeedbackKind, Snapshot
from forum_portal.thai import clean_text, format_size, to_arabic_digits

TEXT_LEAST, TEXT_MOST = 20, 2000  # characters
LINKS_MOST = 5  # in a text
ANSWER_MOST = 5000

#: What each kind is for, under its name.
KIND_HINTS = {
    FeedbackKind.MORE: _l("มีข้อเท็จจริงหรือเอกสารที่รายงานยังไม่มี"),
    FeedbackKind.FIX: _l("ข้อความ ตัวเลข หรือชื่อไม่ถูกต้อง"),
    FeedbackKind.LINK: _l("ลิงก์หรือไฟล์เสีย ย้าย หรือหายไป"),
    FeedbackKind.OTHER: _l("รวมทั้งปัญหาการใช้งานเว็บไซต์"),
}

_LINK = re.compile(r"https?://|\bwww\.", re.I)
# With an extension, as Thai people write it ("to") or in English.
_PHONE = re.compile(r"\+?[0-9][0-9 ().\-]*(?:\s*(?:\u0e15\u0e48\u0e2d|ext\.?)\s*[0-9]{1,6})?", re.I)


class ContactField(forms.CharField):
    """An e-mail address or a telephone number, as typed. Thai digits become Arabic ones."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"class": "inp", "autocomplete": "email"})
        super().__init__(required=False, max_length=200, widget=widget, **kwargs)

    def to_python(self, value: Any) -> str:
        return to_arabic_digits(clean_text(super().to_python(value) or ""))

    def validate(self, value: str) -> None:
        super().validate(value)
        if not value:
            return
        wrong = ValidationError(
            _("ระบุอีเมล เช่น name@example.org หรือโทรศัพท์ เช่น 0 2111 1111 หรือเว้นว่างไว้"), code="contact"
        )
        if "@" in value:
            try:
                validate_email(value)
            except ValidationError as error:
                raise wrong from error
        elif not _PHONE.fullmatch(value) or sum(c.isdigit() for c in value) < 8:
            raise wrong


class FeedbackForm(forms.Form):
    """A visitor's message. Only its kind and its text are required."""

    kind = forms.ChoiceField(
        label=_l("ประเภท"),
        choices=FeedbackKind.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _l("เลือกประเภทของเรื่อง"),
            "invalid_choice": _l("เลือกประเภทของเรื่องจากรายการ"),
        },
    )
    text = ThaiTextField(
        label=_l("รายละเอียด"),
        limit=TEXT_MOST,
        help_text=_l(
            "เกิดอะไรขึ้น ที่ไหน เมื่อไร รู้ได้อย่างไร ไม่เกิน 2,000 อักขระ อย่าใส่ชื่อหรือข้อมูลส่วนบุคคลของผู้อื่น"
        ),
    )
    url = LinkField(label=_l("ลิงก์หลักฐาน"), help_text=_l("ไม่บังคับ ขึ้นต้นด้วย https://"))
    file = forms.FileField(
        label=_l("ไฟล์หลักฐาน"),
        required=False,
        allow_empty_file=True,  # the inspection has a better message
        widget=forms.FileInput(attrs={"accept": ".pdf,.docx,.xlsx,.jpg,.jpeg,.png"}),
    )
    contact = ContactField(label=_l("อีเมลหรือโทรศัพท์"))
    may_publish = forms.BooleanField(
        label=_l("ให้เผยแพร่เรื่องและคำตอบได้ โดยไม่แสดงช่องทางติดต่อ"), required=False
    )
    sending = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = _(
            "ไม่บังคับ PDF DOCX XLSX JPG หรือ PNG ไม่เกิน %(size)s ปิดบังข้อมูลส่วนบุคคลก่อน"
        ) % {"size": format_size(settings.FEEDBACK_MAX_BYTES)}
        self.fields["contact"].help_text = _(
            "ไม่บังคับ ใช้ถามกลับเท่านั้น ไม่เผยแพร่ ลบภายใน %(days)s วันหลังตอบ"
        ) % {"days": settings.RETENTION_DAYS["feedback"]}

    @property
    def kinds(self) -> list[tuple[str, str, str, bool]]:
        """(value, label, what it is for, whether it is chosen) of each kind."""
        chosen = self["kind"].value()
        return [
            (kind.value, str(kind.label), str(KIND_HINTS[kind]), kind.value == chosen)
            for kind in FeedbackKind
        ]

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if len(text) < TEXT_LEAST:
            raise ValidationError(
                _("ระบุรายละเอียดอย่างน้อย %(least)s อักขระ"),
                code="too_short",
                params={"least": TEXT_LEAST},
            )
        if len(_LINK.findall(text)) > LINKS_MOST:
            raise ValidationError(
                _("รายละเอียดมีลิงก์เกิน %(most)s ลิงก์ ลบลิงก์ที่ไม่จำเป็น หรือรวมไว้ในไฟล์หลักฐาน"),
                code="links",
                params={"most": LINKS_MOST},
            )
        return text

    def clean_file(self) -> Checked | None:
        upload: UploadedFile | None = self.cleaned_data["file"]
        if upload is None:
            return None
        limit = settings.FEEDBACK_MAX_BYTES
        if (upload.size or 0) > limit:
            raise ValidationError(
                _("“%(name)s” ใหญ่ %(size)s เกินกำหนด %(limit)s ลดขนาดแล้วเลือกอีกครั้ง หรือวางเป็นลิงก์")
                % {
                    "name": upload.name,
                    "size": format_size(upload.size or 0),
                    "limit": format_size(limit),
                },
                code="too_large",
            )
        try:
            return inspect(upload)
        except Rejected as reason:
            raise ValidationError(str(reason), code="rejected") from reason


class VersionForm(forms.Form):
    """Which version of a message a person has seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class AnswerForm(VersionForm):
    """The answer to a message, and whether the public reads both."""

    answer = ThaiTextField(
        label=_l("คำตอบ"),
        limit=ANSWER_MOST,
        help_text=_l("บอกว่าตรวจกับใคร พบอะไร และแก้ไขหรือไม่ ผู้แจ้งเห็นคำตอบนี้ทันทีที่บันทึก"),
    )
    needs_correction = forms.BooleanField(label=_l("ต้องแก้ไขข้อมูลที่เผยแพร่แล้ว"), required=False)
    shows = forms.BooleanField(label=_l("เผยแพร่เรื่องและคำตอบบนหน้าสาธารณะ"), required=False)
    public_text = ThaiTextField(
        label=_l("เรื่องที่แจ้ง ตามที่จะเผยแพร่"),
        limit=TEXT_MOST,
        help_text=_l("ตัดชื่อและข้อมูลส่วนบุคคลออกได้ เว้นว่างไว้ถ้าเผยแพร่ตามที่แจ้ง หน้าสาธารณะจะบอกว่าปิดบังบางส่วน"),
    )


class DeclineForm(VersionForm):
    """Why a message is not answered."""

    reason = ThaiTextField(
        label=_l("เหตุผลที่ไม่รับไว้ตอบ"),
        limit=1000,
        short=True,
        help_text=_l("ผู้แจ้งเห็นเหตุผลนี้ เช่น ไม่เกี่ยวกับข้อเสนอที่ติดตาม"),
    )


class CorrectionNoteForm(VersionForm):
    """The edition that corrects what a message was about."""

    edition = forms.TypedChoiceField(
        label=_l("ฉบับที่แก้ไข"),
        coerce=int,
        widget=forms.Select(attrs={"class": "sel"}),
        error_messages={
            "required": _l("เลือกฉบับที่แก้ไข"),
            "invalid_choice": _l("เลือกฉบับที่แก้ไขจากรายการ"),
        },
    )

    def __init__(self, *args: Any, editions: Sequence[Snapshot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["edition"].choices = [  # type: ignore[attr-defined]
            ("", _("เลือก")),
            *((each.pk, str(each)) for each in editions),
        ]


class TypedForm(AnswerForm, DeclineForm):
    """Every text that the page of a message takes, for keeping it when it cannot be stored."""
