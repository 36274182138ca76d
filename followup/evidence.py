"""Evidence files: checked by content, stored, and deleted.

`inspect` checks an upload and raises `Rejected` with a Thai sentence; `keep` stores an accepted file
under a random name. A report refers to the file only when the report is saved; `sweep` deletes
files without a reference after a day.
"""

from __future__ import annotations

import hashlib
import logging
import re
import secrets
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from followup.inspection.refusals import (
    ARCHIVES,
    OLE,
    PROGRAMS,
    Rejected,
    has_password,
    is_archive,
    is_damaged,
    is_two_things,
)
from followup.models import Evidence, Feedback, FileType
from followup.models.reports import evidence_storage
from forum_portal import clamav
from forum_portal.thai import format_size
from forum_portal.uploads import TOGETHER, TooLarge

logger = logging.getLogger(__name__)

NAME_LIMIT = 255
PIXELS = 50_000_000  # of a picture; decoded it needs four bytes for each
UNCLAIMED = timedelta(days=1)  # how long a file waits for the save that refers to it
_SALT = "followup.evidence"
_EXTENSIONS = {
    FileType.PDF: (".pdf",),
    FileType.DOCX: (".docx",),
    FileType.XLSX: (".xlsx",),
    FileType.JPG: (".jpg", ".jpeg"),
    FileType.PNG: (".png",),
}
MIME = {
    FileType.PDF: "application/pdf",
    FileType.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileType.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileType.JPG: "image/jpeg",
    FileType.PNG: "image/png",
}


@dataclass(frozen=True)
class Checked:
    """An accepted file, in the form in which it is stored."""

    content: bytes
    file_name: str
    file_type: str


@dataclass(frozen=True)
class StoredFile:
    """A file in the storage, as `actions.save_draft` and the fields of Evidence describe it."""

    name: str  # in the storage
    file_name: str
    file_type: str
    size: int
    sha256: str

    @classmethod
    def of(cls, piece: Evidence) -> StoredFile | None:
        """The file of a piece of evidence; None for a link without a copy."""
        if not piece.file:
            return None
        size = piece.size or 0
        return cls(piece.file.name or "", piece.file_name, piece.file_type, size, piece.sha256)

    @classmethod
    def from_token(cls, token: str) -> StoredFile:
        """The file of a token made by `token`; raises `signing.BadSignature` for any other text."""
        return cls(**signing.loads(token, salt=_SALT))

    @property
    def token(self) -> str:
        """A signed token for a form: a browser cannot send again a file that is already stored."""
        return signing.dumps(asdict(self), salt=_SALT)

    @property
    def is_there(self) -> bool:
        return evidence_storage().exists(self.name)

    @property
    def kind(self) -> str:
        return str(FileType(self.file_type).label)


def gone_message(file: StoredFile) -> str:
    return _("ไฟล์ “%(name)s” ไม่อยู่ในระบบแล้ว เลือกไฟล์อีกครั้ง") % {"name": file.file_name}


# Inspection -----------------------------------------------------------------------------------


def inspect(upload: UploadedFile) -> Checked:
    """Check an upload and detect its type by content. Raises `Rejected`."""
    name, size = upload.name or "", upload.size or 0
    limit = settings.EVIDENCE_MAX_BYTES
    if size > limit:
        raise Rejected(
            _("“%(name)s” ใหญ่ %(size)s เกินกำหนด %(limit)s ลดขนาดหรือแบ่งเป็นหลายไฟล์ หรือวางเป็นลิงก์")
            % {"name": name, "size": format_size(size), "limit": format_size(limit)}
        )
    if isinstance(upload, TooLarge):
        raise Rejected(
            _("“%(name)s” ส่งพร้อมไฟล์อื่นแล้วรวมกันเกิน %(limit)s แนบไฟล์นี้อีกครั้งหลังบันทึก")
            % {"name": name, "limit": format_size(TOGETHER * limit)}
        )
    content = upload.read()
    try:
        kind, clean = _kind_of(content)
        _refuse_second_nature(content, kind)
        _refuse_infected(content)
        content = clean()
    except Rejected as reason:
        raise Rejected(f"“{name}” {reason}") from reason
    return Checked(content, clean_name(name, kind), kind)


def _kind_of(content: bytes) -> tuple[FileType, Callable[[], bytes]]:
    """The kind of a file, and what returns it cleaned. Raises `Rejected`, as cleaning does."""
    if content.startswith(b"%PDF-"):
        from followup.inspection.pdf import cleaned_pdf  # pikepdf costs 0.4 s and 20 MB to load

        return _pdf(content), partial(cleaned_pdf, content)
    if content.startswith(b"PK\x03\x04"):
        from followup.inspection.office import inspect_office  # lxml and Pillow cost 30 ms

        return inspect_office(content)
    if content.startswith(b"\xff\xd8\xff"):
        return FileType.JPG, partial(_redrawn, content, FileType.JPG)
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileType.PNG, partial(_redrawn, content, FileType.PNG)
    raise Rejected(_why_not(content))


_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|script|iframe|svg|\?xml)\b", re.I)


def _why_not(content: bytes) -> str:
    """The message for a file of another type: what to do, by what the content seems to be."""
    if not content:
        return _("เป็นไฟล์ว่าง เลือกไฟล์อีกครั้ง")
    if content.startswith(OLE) and "EncryptedPackage".encode("utf-16-le") in content:
        return has_password()
    if content.startswith((OLE, b"{\\rtf")):
        return _("เป็นไฟล์ Office รุ่นเก่า เปิดแล้วบันทึกเป็น .docx .xlsx หรือ PDF แล้วแนบอีกครั้ง")
    if content.startswith(PROGRAMS):
        return _("เป็นโปรแกรม ไม่รับเป็นหลักฐาน แนบเอกสารเป็น PDF DOCX XLSX JPG หรือ PNG")
    if content.startswith(ARCHIVES):
        return is_archive()
    if _MARKUP.search(content[:1024]):
        return _("เป็นไฟล์ HTML SVG หรือ XML พิมพ์เป็น PDF แล้วแนบ หรือวางเป็นลิงก์")
    return _("ไม่ใช่ PDF DOCX XLSX JPG หรือ PNG (ดูจากเนื้อหา ไม่ใช่ชื่อไฟล์) บันทึกเป็นชนิดเหล่านี้แล้วแนบอีกครั้ง")


_ENCRYPTION = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R|<<)")


def _pdf(content: bytes) -> FileType:
    body, end, rest = content.rpartition(b"%%EOF")
    if not end:
        raise Rejected(is_damaged())
    if rest.strip(b"\x00\r\n\t "):
        raise Rejected(is_two_things())
    if _ENCRYPTION.search(body):
        raise Rejected(has_password())
    return FileType.PDF


def _refuse_second_nature(content: bytes, kind: FileType) -> None:
    """Refuse polyglots, which another program would read as another type. Raises `Rejected`."""
    is_office = kind in {FileType.DOCX, FileType.XLSX}
    if (
        (not is_office and zipfile.is_zipfile(BytesIO(content)))
        or (kind != FileType.PDF and b"%PDF-" in content[:1024])
        or _MARKUP.search(content[:2048])
        or _MARKUP.search(content[-2048:])
    ):
        raise Rejected(is_two_things())


def _refuse_infected(content: bytes) -> None:
    """Ask the virus scanner of the settings, if there is one. Raises `Rejected`, also without answer."""
    if not settings.CLAMAV_ADDRESS:
        return
    try:
        is_infected = clamav.is_infected(
            content, address=settings.CLAMAV_ADDRESS, seconds=settings.CLAMAV_SECONDS
        )
    except clamav.Unanswered as error:
        logger.error("The virus scanner did not scan a file: %s", error)
        raise Rejected(_("ยังตรวจไวรัสไม่ได้ขณะนี้ จึงไม่ได้รับไฟล์ แนบอีกครั้งภายหลัง หรือวางเป็นลิงก์")) from error
    if is_infected:
        raise Rejected(_("มีไวรัสหรือโปรแกรมอันตราย ตรวจเครื่องของท่าน แล้วแนบไฟล์ที่สะอาด"))


def _redrawn(content: bytes, kind: FileType) -> bytes:
    """The picture re-encoded: upright, without metadata (place, camera), without appended data."""
    from PIL import Image, ImageOps

    format_ = "JPEG" if kind == FileType.JPG else "PNG"
    try:
        image: Image.Image = Image.open(BytesIO(content), formats=[format_])
        if image.width * image.height > PIXELS:
            raise Image.DecompressionBombError
        image = ImageOps.exif_transpose(image)
        image.info = {
            name: value
            for name, value in image.info.items()
            if name in {"transparency", "icc_profile"}
        }
        drawn = BytesIO()
        image.save(drawn, format_, quality=90, icc_profile=image.info.get("icc_profile"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Rejected(
            _("มีจุดภาพเกิน %(millions)s ล้านจุด ย่อภาพแล้วแนบอีกครั้ง") % {"millions": PIXELS // 1_000_000}
        ) from error
    except (OSError, SyntaxError, ValueError, TypeError) as error:
        raise Rejected(is_damaged()) from error
    return drawn.getvalue()


def clean_name(name: str, file_type: str) -> str:
    """A safe file name for display and download: no path, no invisible characters, an extension."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C")
    name = re.sub(r'[<>:"|?*]', "_", name).strip(" .")
    endings = _EXTENSIONS[FileType(file_type)]
    ending = next((end for end in endings if name.lower().endswith(end)), "")
    stem = name[: -len(ending)].strip(" .") if ending else name
    ending = name[-len(ending) :] if ending else endings[0]
    return (stem or _("หลักฐาน"))[: NAME_LIMIT - len(ending)] + ending


# Keeping --------------------------------------------------------------------------------------


def keep(checked: Checked) -> StoredFile:
    """Store a file under a random name. Raises OSError, and then no row refers to it.

    It is stored before the row that names it is committed: a row never lacks its file, and a file
    without a row is swept.
    """
    name = evidence_storage().save(secrets.token_hex(16), ContentFile(checked.content))
    return StoredFile(
        name=name,
        file_name=checked.file_name,
        file_type=checked.file_type,
        size=len(checked.content),
        sha256=hashlib.sha256(checked.content).hexdigest(),
    )


def sha256_of(file: File) -> str:
    """The SHA-256 of a stored file, which is then at its beginning again."""
    told = hashlib.sha256()
    for chunk in file.chunks():
        told.update(chunk)
    file.seek(0)
    return told.hexdigest()


def forget(instance: Evidence, **kwargs: Any) -> None:
    """Delete the file of a row after the commit: it goes (a receiver of `pre_delete`), or gets another.

    A file that was ever published stays, because that round's snapshots refer to it.
    """
    round_ = instance.report.round
    if instance.file and (not round_.is_public or round_.is_demo):
        transaction.on_commit(partial(_remove, [instance.file.name]))


def drop(file: StoredFile) -> None:
    """Delete a file that `keep` stored if no save came to refer to it."""
    _remove([file.name])


def drop_after_commit(names: Iterable[str]) -> None:
    """Delete these files once the current transaction is committed, but for those still referred to."""
    transaction.on_commit(partial(_remove, list(names)))


def _remove(names: Iterable[str]) -> int:
    """Delete the files that no piece of evidence and no message refers to; returns how many.

    A file that the storage does not delete now stays for the sweep: whoever deleted its row has done so.
    """
    removed = 0
    for name in _unnamed(names):
        try:
            evidence_storage().delete(name)
            removed += 1
        except OSError as error:
            logger.warning("a file without a row was not deleted: %s", error)
    return removed


def _unnamed(names: Iterable[str]) -> set[str]:
    """Those of these files that no piece of evidence and no message refers to."""
    return (
        set(names)
        - set(Evidence.objects.filter(file__in=names).values_list("file", flat=True))
        - set(Feedback.objects.filter(file__in=names).values_list("file", flat=True))
    )


def sweep() -> int:
    """Remove the files that no save has referred to within a day; returns how many. Raises OSError.

    Their age is asked last: in object storage that is one request for each.
    """
    storage, before = evidence_storage(), timezone.now() - UNCLAIMED
    try:
        there = storage.listdir("")[1]
    except FileNotFoundError:
        return 0  # no file was ever stored
    published = Evidence.history.filter(report__round__published_at__isnull=False)
    needed = set(published.values_list("file", flat=True))
    candidates = [name for name in there if name not in needed]
    removed = 0
    for start in range(0, len(candidates), 500):
        unnamed = _unnamed(candidates[start : start + 500])
        removed += _remove([name for name in unnamed if _is_older(name, before)])
    return removed


def _is_older(name: str, moment: datetime) -> bool:
    try:
        return evidence_storage().get_modified_time(name) < moment
    except FileNotFoundError:  # deleted meanwhile
        return False
