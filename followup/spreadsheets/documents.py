"""The text of an uploaded document, .txt or .docx, with nothing of it changed or left out unsaid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup.source_words import normalised
from followup.spreadsheets.reader import decode
from followup.spreadsheets.sandbox import read_file, unsupported
from followup.spreadsheets.types import Problem, Unreadable

EXTENSIONS = (".txt", ".docx")
#: The problems of `sandbox.read_file` and `reader.decode`, said of a document.
_PROBLEMS = {
    "F01": _l("เปิดไฟล์ไม่ได้ ไฟล์อาจเสียหายหรือมีรหัสผ่าน บันทึกใหม่เป็น .docx หรือ .txt แล้วลองอีกครั้ง"),
    "F02": _l("ไม่รองรับไฟล์ .%(ext)s บันทึกเป็น .docx หรือ .txt หรือคัดลอกข้อความมาวาง"),
    "F03": _l("ไฟล์ใหญ่เกิน %(mb)s MB คัดลอกเฉพาะข้อความมาวางแทน"),
    "F05": _l("ไม่พบตัวอักษรไทยที่อ่านได้ ไฟล์อาจถูกบันทึกผิดรหัส บันทึกเป็น UTF-8 แล้วลองอีกครั้ง"),
    "F11": _l("ไฟล์ไม่มีข้อความ เลือกไฟล์อื่น หรือคัดลอกข้อความมาวาง"),
    "F12": _l("ไฟล์ใหญ่เกินกว่าที่ระบบรับได้ คัดลอกเฉพาะข้อความมาวางแทน"),
}


@dataclass(frozen=True)
class Document:
    """A document's text, and what was normalised or cannot be seen in it, as Thai sentences."""

    text: str
    told: Sequence[str] = ()


def read_document(content: bytes, name: str) -> Document:
    """The text of an uploaded file called `name`. Raises ValidationError, in Thai.

    A Word file is read by the child process of the spreadsheets, with its limits.
    """
    try:
        if problem := unsupported(name, EXTENSIONS):
            raise Unreadable(problem)
        if not content:
            raise Unreadable(Problem("F11"))
        if name.lower().strip().endswith(".docx"):
            return _word(content, name)
        text, encoding = decode(content)
    except Unreadable as error:
        problem = error.problem
        raise ValidationError(
            str(_PROBLEMS[problem.code]) % problem.params, code=problem.code
        ) from error
    told = []
    if encoding != "utf-8":
        told.append(_("อ่านไฟล์เป็นรหัสอักขระ %(enc)s ตรวจว่าตัวอักษรถูกต้อง") % {"enc": encoding})
    if content.startswith(b"\xef\xbb\xbf"):
        text = f"\ufeff{text}"  # to be told
    text, changed = normalised(text)
    return Document(text, [*told, *changed])


def _word(content: bytes, name: str) -> Document:
    with TemporaryDirectory(prefix="portal-document-") as folder:
        path = Path(folder, "upload")
        path.write_bytes(content)
        book = read_file(path, name=name, as_text=True)
    lines = [str(row[0] or "") for row in book.sheets[0].rows]
    told = [_("อ่านเฉพาะตัวอักษรจาก Word แต่ละย่อหน้าเป็นหนึ่งบรรทัด รูปแบบ ภาพ และเชิงอรรถไม่ได้อ่าน")]
    if any(notice.code == "F21" for notice in book.notices):
        told.append(_("เลขข้อที่ Word ใส่ให้เองไม่อยู่ในข้อความ ถ้าต้องการให้พิมพ์เลขเป็นตัวอักษรก่อนบันทึกไฟล์"))
    text, changed = normalised("\n".join(lines))
    return Document(text, [*told, *changed])
