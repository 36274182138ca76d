"""Forms: they read what was typed, say in Thai what is wrong with it, and keep it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature
from django.core.validators import MaxLengthValidator, URLValidator
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.actions import REPORT_FIELDS
from followup.evidence import Rejected, StoredFile, gone_message, inspect, keep
from followup.models import Agency, Province, Round, StatusReport, User
from followup.models.reports import TEXT_LIMIT
from followup.status import FORM_ORDER, Status
from forum_portal.thai import (
    AmountError,
    DateError,
    clean_text,
    format_baht,
    parse_baht,
    parse_date,
)
from forum_portal.years import YearError, fiscal_year_today, parse_year, to_be

if TYPE_CHECKING:
    pass


class TooLong(MaxLengthValidator):
    """A limit that says by how much it was passed. The browser never cuts a text by itself."""

    message = _l(
        "%(field)sยาว %(show_value)d อักขระ เกินกำหนด %(limit_value)d อักขระ ตัดให้สั้นลงแล้วบันทึกอีกครั้ง"
    )

    def __init__(self, field: Any, limit: int, message: Any = None) -> None:
        super().__init__(limit, message)
        self.field = field

    def __call__(self, value: str) -> None:
        if len(value) > self.limit_value:
            raise ValidationError(
                self.message,
                code="too_long",
                params={
                    "field": self.field,
                    "show_value": len(value),
                    "limit_value": self.limit_value,
                },
            )


class TextField(forms.CharField):
    """Thai text, cleaned as `forum_portal.thai.clean_text` says; its limit is counted after that."""

    def __init__(self, *, label: Any, limit: int, short: bool = False, **kwargs: Any) -> None:
        if "widget" not in kwargs:
            kwargs["widget"] = forms.Textarea(attrs={"class": "short" if short else "", "rows": 4})
        super().__init__(label=label, required=kwargs.pop("required", False), **kwargs)
        self.validators.append(TooLong(label, limit))

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "")


class MoneyField(forms.CharField):
    """An amount in baht, typed as people write it: `1,250,000` or `1.25 ล้าน`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            widget=forms.TextInput(attrs={"class": "inp money", "inputmode": "decimal"}),
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else format_baht(value)

    def to_python(self, value: Any) -> Any:
        try:
            return parse_baht(value or "")
        except AmountError as error:
            raise ValidationError(str(error), code=error.code) from error


class LinkField(forms.URLField):
    """A web address as people paste it: without a scheme it is https; other schemes are refused."""

    default_error_messages = {
        "invalid": _l("ลิงก์ไม่ถูกต้อง คัดลอกมาทั้งบรรทัด ขึ้นต้นด้วย https:// หรือ http://"),
    }
    default_validators = [URLValidator(schemes=["http", "https"])]

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"class": "inp", "inputmode": "url", "placeholder": "https://"}
        super().__init__(
            required=False,
            assume_scheme="https",
            widget=forms.TextInput(attrs=attributes),
            **kwargs,
        )
        too_long = _l("%(field)sยาว %(show_value)d อักขระ เกินกำหนด %(limit_value)d อักขระ")
        self.validators.append(TooLong(kwargs["label"], 500, too_long))

    def to_python(self, value: Any) -> str:
        url: str = super().to_python(clean_text(value or "")) or ""
        scheme, colon, rest = url.partition("://")
        return scheme.lower() + colon + rest  # as browsers read it, and as the database wants it


class DayField(forms.CharField):
    """A day typed D/M/Y in the Buddhist era."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"class": "inp"}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return (
            value
            if isinstance(value, str) or value is None
            else (f"{value.day}/{value.month}/{to_be(value.year)}")
        )

    def to_python(self, value: Any) -> Any:
        try:
            return parse_date(value or "")
        except DateError as error:
            raise ValidationError(str(error), code="date") from error


class ReportForm(forms.Form):
    """One agency's report on one measure. A draft may be unfinished; `actions.submit` asks for all.

    `last` is the same assignment's approved report of the year before, where there is one.
    """

    version = forms.IntegerField(widget=forms.HiddenInput)
    reported_status = forms.ChoiceField(
        label=_l("สถานะ"),
        required=False,
        choices=[(status.value, status.label) for status in FORM_ORDER],
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _l("เลือกสถานะจากรายการ")},
    )
    results = TextField(label=_l("ผลการดำเนินงาน"), limit=TEXT_LIMIT)
    obstacles = TextField(label=_l("ปัญหา/อุปสรรค"), limit=TEXT_LIMIT, short=True)
    next_steps = TextField(label=_l("ข้อเสนอแนะ/แผนระยะต่อไป"), limit=TEXT_LIMIT, short=True)
    meeting_ref = TextField(
        label=_l("มติ คสป. ครั้งที่"), limit=40, widget=forms.TextInput(attrs={"class": "inp"})
    )
    budget_received = MoneyField(label=_l("งบประมาณที่ได้รับ (บาท)"))
    budget_spent = MoneyField(label=_l("เบิกจ่ายแล้ว (บาท)"))
    provinces = forms.ModelMultipleChoiceField(
        Province.objects.all(),
        label=_l("จังหวัดที่ดำเนินการ"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": _l("ไม่มีจังหวัดรหัส %(value)s"),
            "invalid_pk_value": _l("ไม่มีจังหวัดรหัส %(pk)s"),
        },
    )
    no_change = forms.BooleanField(label=_l("ไม่มีการเปลี่ยนแปลงจากปีก่อน"), required=False)

    def __init__(self, *args: Any, last: StatusReport | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.last = last

    @classmethod
    def initial_of(cls, report: StatusReport) -> dict[str, Any]:
        """What a stored report shows in the form."""
        return {name: getattr(report, name) for name in (*REPORT_FIELDS, "version")} | {
            "provinces": [province.pk for province in report.provinces.all()]
        }

    def clean_no_change(self) -> bool:
        ticked = self.cleaned_data["no_change"]
        if ticked and self.last is None:
            raise ValidationError(
                _("ไม่มีรายงานของปีก่อนให้เทียบ เอาเครื่องหมายออกแล้วเลือกสถานะ"), code="no_last_year"
            )
        return ticked

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("no_change") and self.last:
            # The tick stands for a check that somebody made: it takes over what they left empty.
            data["reported_status"] = data.get("reported_status") or self.last.reported_status
            for name in ("results", "obstacles", "meeting_ref"):
                data[name] = data.get(name) or getattr(self.last, name)
            if data["reported_status"] != self.last.reported_status:
                self.add_error(
                    "no_change",
                    _(
                        "เลือก “ไม่มีการเปลี่ยนแปลงจากปีก่อน” แต่สถานะต่างจากปีก่อน (%(status)s) เลือกอย่างใดอย่างหนึ่ง"
                    )
                    % {"status": Status(self.last.reported_status).label},
                )
        return data

    def fields_to_store(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in REPORT_FIELDS}

    @property
    def status_options(self) -> list[dict[str, Any]]:
        """The statuses as the template offers them, each with its definition."""
        chosen = self["reported_status"].value()
        return [{"status": status, "checked": status.value == chosen} for status in FORM_ORDER]


class StoredFileField(forms.Field):
    """A file that the portal holds already, carried through the form as a signed token."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.HiddenInput, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value.token if isinstance(value, StoredFile) else value

    def to_python(self, value: Any) -> StoredFile | None:
        if not value:
            return None
        try:
            file = StoredFile.from_token(value)
        except (BadSignature, TypeError) as error:
            raise ValidationError(_("อ่านไฟล์ที่แนบไว้ไม่ได้ เลือกไฟล์อีกครั้ง"), code="token") from error
        if not file.is_there:  # nobody saved it within a day, or somebody took it out
            raise ValidationError(gone_message(file), code="gone")
        return file


class EvidenceForm(forms.Form):
    """One piece that backs the report: a link or a file.

    A file that passes is kept at once, so that an error in another field does not lose it; the form
    carries it on as `file`. A report refers to it when the whole form is stored.
    """

    title = TextField(
        label=_l("ชื่อหลักฐาน"), limit=200, widget=forms.TextInput(attrs={"class": "inp"})
    )
    url = LinkField(label=_l("ลิงก์"))
    upload = forms.FileField(
        label=_l("หรือแนบไฟล์"),
        required=False,
        allow_empty_file=True,  # `inspect` says it better
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
            self.take(data)
        elif "file" in self.errors:  # to be chosen again where files are chosen
            self.errors["upload"] = self.errors.pop("file")
        url, file = data.get("url"), data.get("file")
        if url and file:
            self.add_error("url", _("รายการหนึ่งเป็นลิงก์หรือไฟล์อย่างใดอย่างหนึ่ง ย้ายลิงก์ไปอีกรายการ"))
        if file and not data.get("title") and "title" not in self.errors:
            data["title"] = file.file_name.rpartition(".")[0][:200]
        if url and not data.get("title") and "title" not in self.errors:
            self.add_error("title", _("ระบุชื่อหลักฐาน เช่น “สรุปโครงการ ปีงบประมาณ 2567”"))
        if data.get("title") and not (url or file or self.errors):
            self.add_error("url", _("วางลิงก์หรือแนบไฟล์ของ “%(title)s”") % {"title": data["title"]})
        return data

    def take(self, data: dict[str, Any]) -> None:
        """Keep an upload that passes, and let the form carry it from now on."""
        try:
            data["file"] = keep(inspect(data["upload"]))
        except Rejected as reason:
            self.add_error("upload", ValidationError(str(reason), code="rejected"))
            return
        self.data = cast(QueryDict, self.data).copy()
        self.data[self.add_prefix("file")] = data["file"].token

    @property
    def held(self) -> StoredFile | None:
        """The file that this row stands for, stored with the report already or about to be."""
        try:
            return self.fields["file"].clean(self["file"].value())
        except ValidationError:
            return None

    @property
    def held_at(self) -> str:
        """The address of a file that is stored with the report already."""
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


def evidence_of(report: StatusReport) -> list[dict[str, Any]]:
    """A report's evidence as `actions.save_draft` and the form set take it."""
    return [
        {"title": piece.title, "url": piece.url, "is_public": piece.is_public}
        | ({"file": StoredFile.of(piece), "address": piece.address} if piece.file else {})
        for piece in report.evidence.all()
    ]


def wanted_evidence(formset: Any) -> list[dict[str, Any]]:
    """The pieces that a valid form set asks for, without the empty and the deleted rows."""
    rows = [form.cleaned_data for form in formset]
    return [
        {name: row[name] for name in ("title", "url", "is_public")}
        | ({"file": row["file"]} if row["file"] else {})
        for row in rows
        if (row.get("url") or row.get("file")) and not row.get("DELETE")
    ]


def files_given_twice(wanted: Sequence[Mapping[str, Any]]) -> list[str]:
    """The names of files whose content stands in the list already: they are kept once."""
    files = [piece["file"] for piece in wanted if piece.get("file")]
    known = [file.sha256 for file in files]
    return [file.file_name for place, file in enumerate(files) if file.sha256 in known[:place]]


class DecisionForm(forms.Form):
    """A reviewer's word on a submitted report."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    assessed_status = forms.ChoiceField(
        label=_l("สถานะที่ คสป. ประเมิน"),
        required=False,
        choices=[
            ("", _l("ตรงกับที่หน่วยงานรายงาน")),
            *((status.value, status.label) for status in FORM_ORDER),
        ],
        widget=forms.Select(attrs={"class": "sel"}),
    )
    assessed_note = TextField(label=_l("เหตุผลของ คสป."), limit=TEXT_LIMIT, short=True)
    assessed_meeting = TextField(
        label=_l("ประเมินในการประชุมครั้งที่"), limit=40, widget=forms.TextInput(attrs={"class": "inp"})
    )
    return_reason = TextField(label=_l("สิ่งที่ต้องแก้ไข"), limit=TEXT_LIMIT, short=True)


class ReplyForm(forms.Form):
    """What an agency says to an assessment that differs from its own report."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    agency_reply = TextField(label=_l("คำชี้แจงของหน่วยงาน"), limit=TEXT_LIMIT)


class LinkForm(forms.Form):
    """A new link for an agency: its last day."""

    expires_on = DayField(label=_l("ใช้ได้ถึงวันที่"), required=False)
    replaces = forms.IntegerField(widget=forms.HiddenInput, required=False)


class RoundForm(forms.Form):
    """A new round: its fiscal year and when reports are due."""

    year = forms.CharField(
        label=_l("ปีงบประมาณ พ.ศ."),
        widget=forms.TextInput(attrs={"class": "inp", "inputmode": "numeric"}),
        error_messages={"required": _l("ระบุปีงบประมาณ เช่น 2570")},
    )
    due_on = DayField(label=_l("กำหนดส่งรายงาน"), required=False)

    def clean_year(self) -> int:
        try:
            return parse_year(self.cleaned_data["year"]).be
        except YearError as error:
            raise ValidationError(str(error), code=error.code) from error

    @staticmethod
    def next_year() -> int:
        """The year after the latest round, or this fiscal year where there is none."""
        latest = Round.objects.order_by("-year_be").first()
        return latest.year_be + 1 if latest else fiscal_year_today()


class ReopenForm(forms.Form):
    """Why a published round is opened again; the public reads it."""

    reason = TextField(label=_l("เหตุผลที่เปิดแก้ไข"), limit=1000, short=True)


class PublishForm(forms.Form):
    """The meeting that took note of the report, where there was one."""

    meeting_ref = TextField(
        label=_l("การประชุม คสป. ที่รับทราบ ครั้งที่"),
        limit=40,
        widget=forms.TextInput(attrs={"class": "inp"}),
    )
    meeting_on = DayField(label=_l("วันที่ประชุม"), required=False)
    # Whose day stood in the form: published again, a round starts from its last meeting.
    day_of = TextField(label="", limit=40, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Without `day_of`. The old meeting's day stands for another one once that was asked about."""
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
    """A person at an agency who answers for its reports."""

    name = TextField(label=_l("ชื่อ"), limit=150, widget=forms.TextInput(attrs={"class": "inp"}))
    position = TextField(
        label=_l("ตำแหน่ง"), limit=150, widget=forms.TextInput(attrs={"class": "inp"})
    )
    email = forms.EmailField(
        label=_l("อีเมล"),
        required=False,
        widget=forms.TextInput(attrs={"class": "inp", "inputmode": "email"}),
        error_messages={"invalid": _l("อีเมลไม่ถูกต้อง เขียนอย่าง name@agency.go.th")},
    )
    phone = TextField(
        label=_l("โทรศัพท์"),
        limit=40,
        widget=forms.TextInput(attrs={"class": "inp", "inputmode": "tel"}),
    )
    is_main = forms.BooleanField(label=_l("ผู้ประสานงานหลัก"), required=False)


class HandOverForm(forms.Form):
    """Who gives which agencies to whom. An empty giver stands for the agencies that nobody has."""

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


def error_list(form: forms.BaseForm) -> list[tuple[str, str]]:
    """(id of the field, sentence) of every error of a form, in the order of its fields."""
    order = {name: position for position, name in enumerate(form.fields)}
    return [
        (form[name].id_for_label or f"id_{name}" if name in form.fields else "", str(sentence))
        for name, errors in sorted(
            form.errors.items(), key=lambda item: order.get(item[0], len(order))
        )
        for sentence in errors
    ]
