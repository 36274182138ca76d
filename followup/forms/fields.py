"""Form field types: each parses what people type and reports errors in Thai."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.evidence import StoredFile, gone_message
from followup.project_codes import CodeError, normal_codes
from forum_portal.thai import (
    AmountError,
    CountError,
    DateError,
    NumberError,
    clean_text,
    format_baht,
    format_number,
    parse_baht,
    parse_count,
    parse_date,
    parse_number,
    typed_date,
)
from forum_portal.web_address import WebAddress


class TooLong(MaxLengthValidator):
    """A length limit whose message gives length and limit. The browser never truncates a text."""

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


class ThaiTextField(forms.CharField):
    """Thai text, cleaned by `forum_portal.thai.clean_text`; the limit applies to the cleaned text."""

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


class CountField(forms.CharField):
    """A whole number, typed as people write it: `1,250`, `๑๒๕๐`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            widget=forms.TextInput(attrs={"class": "inp money", "inputmode": "numeric"}),
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,}" if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        try:
            return parse_count(value or "")
        except CountError as error:
            raise ValidationError(str(error), code=error.code) from error


class NumberField(forms.CharField):
    """A decimal number without its unit, typed as people write it: `1,250`, `-3.5`, `๔๑.๒๕`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            widget=forms.TextInput(attrs={"class": "inp money", "inputmode": "decimal"}),
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else format_number(value)

    def to_python(self, value: Any) -> Any:
        try:
            return parse_number(value or "")
        except NumberError as error:
            raise ValidationError(str(error), code=error.code) from error


class CodesField(ThaiTextField):
    """Project codes, one a line, stored as `followup.project_codes` writes them."""

    def __init__(self, *, label: Any, limit: int, **kwargs: Any) -> None:
        super().__init__(label=label, limit=limit, short=True, **kwargs)

    def to_python(self, value: Any) -> str:
        try:
            return normal_codes(super().to_python(value))
        except CodeError as error:
            raise ValidationError(str(error), code="code") from error


class LinkField(forms.URLField):
    """A pasted web address: a missing scheme becomes https; schemes but http(s)
    and addresses with a password are refused."""

    default_error_messages = {
        "invalid": _l("ลิงก์ไม่ถูกต้อง คัดลอกมาทั้งบรรทัด ขึ้นต้นด้วย https:// หรือ http://"),
    }
    default_validators = [WebAddress()]

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
        return scheme.lower() + colon + rest  # as browsers do, and as the database requires


class DayField(forms.CharField):
    """A date typed as D/M/Y in the Buddhist era."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"class": "inp"}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else typed_date(value)

    def to_python(self, value: Any) -> Any:
        try:
            return parse_date(value or "")
        except DateError as error:
            raise ValidationError(str(error), code="date") from error


class StoredFileField(forms.Field):
    """A file that is stored already, passed through the form as a signed token."""

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
        if not file.is_there:  # not saved within a day, or removed since
            raise ValidationError(gone_message(file), code="gone")
        return file


def error_list(form: forms.BaseForm) -> list[tuple[str, str]]:
    """(field id, sentence) of every error of a form, in field order."""
    order = {name: position for position, name in enumerate(form.fields)}
    return [
        (form[name].id_for_label or f"id_{name}" if name in form.fields else "", str(sentence))
        for name, errors in sorted(
            form.errors.items(), key=lambda item: order.get(item[0], len(order))
        )
        for sentence in errors
    ]
