"""PDF: active content is refused, personal metadata is left out.

qpdf reads the file as a viewer does: compressed objects and names with escapes (`/J#61vaScript`) are seen
as what they are. It writes what the pages need and nothing else: no earlier revision, no lost object.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pikepdf
from django.utils.translation import gettext as _

from followup.inspection.pictures import jpeg_without_metadata
from followup.inspection.refusals import (
    PROGRAMS,
    Rejected,
    has_comments,
    has_foreign_link,
    has_password,
    is_damaged,
    is_signed,
    is_web_link,
)

_DEPTH = 100  # of direct objects within each other
#: Actions and keys that run, send or fetch something, or that show what a page does not.
_ACTIONS = {
    *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/Rendition", "/RichMediaExecute"),
    *("/GoToE", "/GoTo3DView", "/Movie", "/Sound"),
}
_KEYS = {"/JS", "/JavaScript", "/XFA"}
_ATTACHED = {"/EF", "/EmbeddedFile", "/EmbeddedFiles", "/RichMediaContent", "/Collection"}
_MEDIA = {"/RichMedia", "/Movie", "/Sound", "/Screen", "/3D", "/FileAttachment"}
#: Keys whose values tell of people, programs and earlier contents, and show nothing.
_TELLING = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb")
_OF_A_NOTE = ("/T", "/M", "/NM", "/CreationDate")
_NO_MARK = {"/Widget", "/Link", "/FreeText", "/Popup"}  # annotations without an author's remark


def _acts() -> str:
    return _("มีคำสั่งที่ทำงานเมื่อเปิดหรือกด (เช่น สคริปต์ เปิดโปรแกรม ส่งแบบฟอร์ม) พิมพ์เป็น PDF ใหม่แล้วแนบอีกครั้ง")


def _has_files() -> str:
    return _("มีไฟล์แนบ เสียง หรือวีดิทัศน์อยู่ข้างใน พิมพ์เป็น PDF ใหม่แล้วแนบอีกครั้ง และแนบไฟล์เหล่านั้นแยกกัน")


def cleaned_pdf(content: bytes) -> bytes:
    """The PDF without personal metadata. Raises `Rejected`."""
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            if pdf.is_encrypted:
                raise Rejected(has_password())
            if not len(pdf.pages):
                raise Rejected(is_damaged())
            _refuse_opening(pdf.Root)
            for each in pdf.objects:
                for item in _within(each, 0):
                    _refuse(item)
                    _clean(item)
            for key in ("/Info", "/ID"):
                if key in pdf.trailer:
                    del pdf.trailer[key]
            buffer = BytesIO()
            pdf.save(
                buffer,
                deterministic_id=True,
                object_stream_mode=pikepdf.ObjectStreamMode.preserve,
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
            )
    except pikepdf.PasswordError as error:
        raise Rejected(has_password()) from error
    except Rejected:
        raise
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError, KeyError, OSError) as error:
        raise Rejected(is_damaged()) from error
    return buffer.getvalue()


def _within(item: Any, depth: int) -> Iterator[pikepdf.Object]:
    """The dictionaries and streams of an object, the object included, without following references."""
    if depth > _DEPTH:
        raise Rejected(is_damaged())
    values: list[Any]
    if isinstance(item, pikepdf.Array):
        values = list(item)
    elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        yield item
        values = [item.get(key) for key in list(item.keys())]
    else:
        return
    for value in values:
        if isinstance(value, pikepdf.Object) and not value.is_indirect:
            yield from _within(value, depth + 1)


def _word(item: pikepdf.Object, key: str) -> str:
    value = item.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _refuse(item: pikepdf.Object) -> None:
    keys = set(item.keys())
    subtype, type_ = _word(item, "/Subtype"), _word(item, "/Type")
    if "/ByteRange" in keys or type_ == "/Sig":
        raise Rejected(is_signed())
    if keys & _KEYS or _word(item, "/S") in _ACTIONS:
        raise Rejected(_acts())
    if keys & _ATTACHED or type_ == "/EmbeddedFile" or subtype in _MEDIA:
        raise Rejected(_has_files())
    for each in _actions(item.get("/AA")):
        if _word(each, "/S") not in {"", "/GoTo", "/Named"}:
            raise Rejected(_acts())
    if _word(item, "/S") == "/GoToR" or not is_web_link(_text(item.get("/URI"))):
        raise Rejected(has_foreign_link())
    if _is_remark(item, subtype):
        raise Rejected(has_comments())


def _refuse_opening(root: pikepdf.Object) -> None:
    """Refuse an action that runs when the file is opened, unless it goes to a page."""
    action = root.get("/OpenAction")
    if isinstance(action, pikepdf.Dictionary) and _word(action, "/S") not in {"/GoTo", "/Named"}:
        raise Rejected(_acts())


def _actions(item: Any) -> Iterator[pikepdf.Object]:
    if isinstance(item, pikepdf.Dictionary):
        for key in list(item.keys()):
            value = item.get(key)
            if isinstance(value, pikepdf.Dictionary):
                yield value


def _text(value: Any) -> str:
    return str(value) if isinstance(value, pikepdf.String) else ""


def _is_annotation(item: pikepdf.Object) -> bool:
    return "/Rect" in item.keys() and bool(_word(item, "/Subtype"))  # noqa: SIM118 - no mapping


def _is_remark(item: pikepdf.Object, subtype: str) -> bool:
    """Whether an annotation says something that the page does not show."""
    if not _is_annotation(item) or subtype in _NO_MARK:
        return False
    return subtype == "/Text" or bool(_text(item.get("/Contents")).strip())


def _clean(item: pikepdf.Object) -> None:
    for key in _TELLING:
        if key in item.keys():  # noqa: SIM118
            del item[key]
    if _is_annotation(item) and _word(item, "/Subtype") not in {"/Widget", "/Link"}:
        for key in _OF_A_NOTE:
            if key in item.keys():  # noqa: SIM118
                del item[key]
    if not isinstance(item, pikepdf.Stream):
        return
    filter_ = item.get("/Filter")
    if isinstance(filter_, pikepdf.Array) and len(filter_) == 1:
        filter_ = filter_[0]
    if filter_ is None and item.read_raw_bytes().startswith(PROGRAMS):
        raise Rejected(_has_files())
    if filter_ == pikepdf.Name.DCTDecode:
        before = item.read_raw_bytes()
        after = jpeg_without_metadata(before)
        if after != before:
            parms: Any = item.get("/DecodeParms")
            item.write(after, filter=pikepdf.Name.DCTDecode, decode_parms=parms)
