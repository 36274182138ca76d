"""Web addresses that people and spreadsheets give."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _l

#: The code of the error for an address with a name or a password in it.
USERINFO = "userinfo"
_HAS_USERINFO = _l("ลิงก์มีชื่อผู้ใช้หรือรหัสผ่านหน้าเครื่องหมาย @ ซึ่งทุกคนจะเห็น ลบส่วนนั้นออกจากลิงก์แล้วบันทึกอีกครั้ง")


@deconstructible
class WebAddress(URLValidator):
    """Accept http and https addresses without `user:password@`.

    Such an address gives a password away, or hides the host behind a trusted name. Raises
    ValidationError, with the code USERINFO for the latter.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(schemes=["http", "https"], **kwargs)

    def __call__(self, value: Any) -> None:
        if isinstance(value, str) and has_userinfo(value):
            raise ValidationError(_HAS_USERINFO, code=USERINFO)
        super().__call__(value)


def has_userinfo(url: str) -> bool:
    """Whether there is an @ before the path."""
    try:
        return "@" in urlsplit(url.replace("\\", "")).netloc
    except ValueError:  # no address at all
        return False
