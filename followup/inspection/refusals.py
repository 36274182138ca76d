"""The refusal of a file, and the sentences that several kinds of file share: what to do."""

from __future__ import annotations

import re
from urllib.parse import unquote

from django.utils.translation import gettext as _


class Rejected(ValueError):
    """A refused file; `str()` is a Thai sentence that says what to do."""


#: The first bytes of programs: Windows, Linux, scripts, Java, macOS.
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe")
ARCHIVES = (b"PK", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def has_password() -> str:
    return _("มีรหัสผ่านหรือจำกัดสิทธิ์ บันทึกใหม่โดยไม่ใส่รหัสผ่านแล้วแนบอีกครั้ง")


def is_archive() -> str:
    return _("เป็นไฟล์บีบอัด แตกไฟล์แล้วแนบเอกสารข้างในทีละไฟล์")


def is_damaged() -> str:
    return _("เปิดไม่ได้ ไฟล์อาจเสียหายหรือส่งมาไม่ครบ เปิดดูแล้วบันทึกใหม่ก่อนแนบอีกครั้ง")


def is_two_things() -> str:
    return _("มีเนื้อหาชนิดอื่นซ้อนอยู่ เปิดแล้วบันทึกเป็นไฟล์ใหม่หรือพิมพ์เป็น PDF แล้วแนบอีกครั้ง")


def has_macro() -> str:
    return _("มีมาโคร บันทึกเป็น .docx หรือ .xlsx ที่ไม่มีมาโคร หรือเป็น PDF แล้วแนบอีกครั้ง")


def has_comments() -> str:
    return _("มีข้อคิดเห็นหรือโน้ตพร้อมชื่อผู้เขียน ลบข้อคิดเห็นทั้งหมด บันทึก แล้วแนบอีกครั้ง")


def is_signed() -> str:
    return _("มีลายมือชื่อดิจิทัล จึงลบข้อมูลส่วนบุคคลออกไม่ได้ พิมพ์เป็น PDF ใหม่แล้วแนบอีกครั้ง หรือวางลิงก์ไปยังฉบับที่ลงนาม")


def has_foreign_link() -> str:
    return _("มีลิงก์ที่ไม่ใช่เว็บหรืออีเมล เช่น ลิงก์ไปยังไฟล์ในเครื่อง ลบลิงก์นั้น บันทึก แล้วแนบอีกครั้ง")


_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.I)
_SCHEMES = {"http", "https", "mailto", "ftp", "tel"}


def is_web_link(target: str) -> bool:
    """Whether a link goes to the web, a mail or the document's own folder: no file, no program."""
    target = re.sub(r"[\x00-\x20]", "", unquote(target))
    scheme = _SCHEME.match(target)
    if scheme:
        return scheme[1].lower() in _SCHEMES
    return not target.replace("\\", "/").startswith("//")
