"""Files as people send them, valid and invalid, built in memory."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import docx
import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from followup.evidence import StoredFile, inspect, keep

#: A PDF of one empty page, which is stored as it is: there is nothing in it to clean.
PDF = (
    b"%PDF-1.3\n"
    b"%\xbf\xf7\xa2\xfe\n"
    b"1 0 obj\n"
    b"<< /Pages 2 0 R /Type /Catalog >>\n"
    b"endobj\n"
    b"2 0 obj\n"
    b"<< /Count 1 /Kids [ 3 0 R ] /Type /Pages >>\n"
    b"endobj\n"
    b"3 0 obj\n"
    b"<< /Contents 4 0 R /MediaBox [ 0 0 10 10 ] /Parent 2 0 R /Resources << >> /Type /Page >>\n"
    b"endobj\n"
    b"4 0 obj\n"
    b"<< /Length 0 >>\n"
    b"stream\n"
    b"\n"
    b"endstream\n"
    b"endobj\n"
    b"xref\n"
    b"0 5\n"
    b"0000000000 65535 f \n"
    b"0000000015 00000 n \n"
    b"0000000064 00000 n \n"
    b"0000000123 00000 n \n"
    b"0000000227 00000 n \n"
    b"trailer << /Root 1 0 R /Size 5 "
    b"/ID [<65e16b15a824be5733609ec41326eb12><65e16b15a824be5733609ec41326eb12>] >>\n"
    b"startxref\n"
    b"276\n"
    b"%%EOF\n"
)


def pdf(width: int) -> bytes:
    """The same with a page of another width (two digits), hence another file."""
    return PDF.replace(b"[ 0 0 10 10 ]", b"[ 0 0 %02d 10 ]" % width)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def upload(content: bytes = PDF, name: str = "สรุปเวที.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def stored(content: bytes = PDF, name: str = "สรุปเวที.pdf") -> StoredFile:
    """A file that was inspected and stored."""
    return keep(inspect(upload(content, name)))


def piece(content: bytes = PDF, name: str = "สรุปเวที.pdf", **changes: Any) -> dict[str, Any]:
    """A stored file as one piece of evidence for `actions.save_draft`."""
    return {
        "title": "สรุปเวที",
        "url": "",
        "is_public": True,
        "file": stored(content, name),
    } | changes


def word() -> bytes:
    buffer = BytesIO()
    docx.Document().save(buffer)
    return buffer.getvalue()


def excel() -> bytes:
    buffer = BytesIO()
    openpyxl.Workbook().save(buffer)
    return buffer.getvalue()


def with_entries(content: bytes, **entries: bytes) -> bytes:
    """A zip with further entries, or with the types replaced (`types`)."""
    buffer = BytesIO()
    types = entries.pop("types", None)
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            if types is not None and name == "[Content_Types].xml":
                new.writestr(name, types)
            else:
                new.writestr(name, old.read(name))
        for name, data in entries.items():
            new.writestr(name.replace("__", "/"), data)
    return buffer.getvalue()


def archive(name: str = "a.txt", data: bytes = b"a") -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr(name, data)
    return buffer.getvalue()


def picture(kind: str = "JPEG", size: tuple[int, int] = (40, 20), **options: Any) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", size, "navy").save(buffer, kind, **options)
    return buffer.getvalue()


def photo() -> bytes:
    """A photograph as a telephone takes it: rotated, with place, device and comment in its metadata."""
    exif = Image.Exif()
    exif[0x010F] = "Telephone Company"
    exif[0x0112] = 6  # to be turned by 90 degrees
    exif.get_ifd(0x8825).update({1: "N", 2: (13.0, 45.0, 0.0), 3: "E", 4: (100.0, 30.0, 0.0)})
    return picture(exif=exif.tobytes(), comment=b"taken at home")
