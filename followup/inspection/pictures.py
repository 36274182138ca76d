"""Pictures inside documents: their metadata is cut out, their pixels stay byte for byte."""

from __future__ import annotations

import re
from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image

from followup.inspection.refusals import Rejected, is_damaged

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_TIFF = (b"II*\0", b"MM\0*")
_TURNED = 0x0112  # EXIF's orientation, the only tag that changes what is seen
# The segments of a JPEG that tell of its maker: EXIF and XMP, everything but the colour profile
# (APP2) and Adobe's colour transform (APP14), comments.
_TELLING_SEGMENTS = {0xE1, *range(0xE3, 0xEE), 0xEF, 0xFE}
_TELLING_CHUNKS = {b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"}
#: EXIF tags that name a person or a place: description, author, copyright, XMP, IPTC, EXIF, GPS.
_TELLING_TAGS = {0x010E, 0x013B, 0x8298, 0x02BC, 0x83BB, 0x8769, 0x8825, 0x9C9D}


def without_metadata(content: bytes) -> bytes:
    """The picture without its metadata; other files unchanged. Raises `Rejected`."""
    if content.startswith(_JPEG):
        return jpeg_without_metadata(content)
    if content.startswith(_PNG):
        return _png_without_metadata(content)
    if content.startswith(_TIFF):
        try:
            tags = set(Image.open(BytesIO(content), formats=["TIFF"]).getexif())
        except (OSError, SyntaxError, ValueError, TypeError) as error:
            raise Rejected(is_damaged()) from error
        if tags & _TELLING_TAGS:
            raise Rejected(_("มีรูปชนิด TIFF ที่บอกผู้ถ่ายหรือสถานที่ แปลงรูปเป็น JPG หรือ PNG บันทึก แล้วแนบอีกครั้ง"))
    return content


_NEXT_MARK = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")  # between pixels, no mark for a restart


def jpeg_without_metadata(content: bytes) -> bytes:
    """A JPEG without EXIF (but for the way up), XMP, IPTC and comments, up to its end mark.

    What follows the end mark is dropped: telephones append a second picture with its own EXIF.
    Raises `Rejected` if there is no end mark.
    """
    kept: list[bytes] = []
    turned, at = 1, 2
    while at + 2 <= len(content) and content[at] == 0xFF:
        mark = content[at + 1]
        if mark == 0xFF:  # padding
            at += 1
            continue
        if mark == 0xD9:
            head = [_turned(turned)] if turned != 1 else []
            return b"".join([content[:2], *head, *kept, b"\xff\xd9"])
        end = at + 2 + max(2, int.from_bytes(content[at + 2 : at + 4], "big"))
        if mark == 0xDA:  # the pixels follow
            next_mark = _NEXT_MARK.search(content, end)
            end = next_mark.start() if next_mark else len(content)
        if mark == 0xE1 and content[at + 4 : at + 10] == b"Exif\0\0":
            turned = _orientation(content[at + 4 : end])
        if mark not in _TELLING_SEGMENTS:
            kept.append(content[at:end])
        at = end
    raise Rejected(is_damaged())


def _orientation(exif: bytes) -> int:
    tags = Image.Exif()
    try:
        tags.load(exif)
        return int(tags.get(_TURNED, 1))
    except (OSError, SyntaxError, ValueError, TypeError):
        return 1


def _turned(orientation: int) -> bytes:
    """A segment of EXIF that says only which way up the picture is."""
    tags = Image.Exif()
    tags[_TURNED] = orientation
    data = tags.tobytes()
    return b"\xff\xe1" + (len(data) + 2).to_bytes(2, "big") + data


def _png_without_metadata(content: bytes) -> bytes:
    kept, at = [content[:8]], 8
    while at + 12 <= len(content):
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        name = content[at + 4 : at + 8]
        if name not in _TELLING_CHUNKS:
            kept.append(content[at:end])
        if name == b"IEND":
            return b"".join(kept)
        at = end
    raise Rejected(is_damaged())
