"""DOCX and XLSX: active content is refused, personal metadata is left out.

`inspect_office` reads a document as Word and Excel do: by its relationships and content types, not by the
names of its parts. What no relationship leads to does not belong to the document and is left out.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import unquote

from django.utils.translation import gettext as _
from lxml import etree  # type: ignore[import-untyped]

from followup.inspection import fields
from followup.inspection.pictures import without_metadata
from followup.inspection.refusals import (
    OLE,
    PROGRAMS,
    Rejected,
    has_comments,
    has_foreign_link,
    has_macro,
    has_password,
    is_archive,
    is_damaged,
    is_signed,
    is_two_things,
    is_web_link,
)
from followup.models import FileType

_TYPES = "[Content_Types].xml"
_TYPES_LIMIT = 2**20
_ENTRIES, _UNPACKED = 10_000, 2**29  # above these limits it is a zip bomb
_PART, _TREE = 2**27, 2**25  # bytes of one part; of one that is read as a tree
_END_OF_ZIP, _END_LENGTH = b"PK\x05\x06", 22
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the date of every entry, the earliest that a zip can say
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_IDS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}",
)

#: Words in a content type, and last words of a relationship's type, in lower case.
_MACROS = ("vbaproject", "vbadata", "macroenabled", "macrosheet", "dialogsheet", "extensibility")
_EMBEDDED = ("oleobject", "activex", "afchunk", "webextension", "taskpanes")
_EMBEDDED_RELATIONS = (*_EMBEDDED, "package", "control")
_EXTERNAL = ("externallink", "connections", "querytable", "mailmerge")
#: Relationships whose parts tell of people and machines, and show nothing.
_TELLING = {
    *("core-properties", "extended-properties", "custom-properties", "thumbnail"),
    *("customxml", "printersettings", "people", "person", "usernames", "classificationlabels"),
}
_COMMENTS = re.compile(r"(threaded)?comments?(ids|extended|extensible)?")
#: Elements that go with a relationship which is left out; elsewhere its attribute suffices.
_WITH_RELATION = {"externalData", "printerSettings", "attachedTemplate"}
#: Elements of WordprocessingML that tell of sittings, machines and people, and show nothing. Without
#: its binding a field on a cover page keeps its text; with it Word would show the lost property.
_TELLING_ELEMENTS = {"rsids", "rsid", "docVars", "docId", "dataBinding"}
#: Sheets are long: they are read piece by piece, and these tags are changed in their bytes.
_LONG = ("worksheet+xml", "sharedstrings+xml", "pivotcacherecords+xml")
_PAGE_SETUP = re.compile(rb"<(?:[\w.-]+:)?pageSetup\b[^<>]*>")
_ID = re.compile(rb"\s[\w.-]+:id\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_SCENARIO = re.compile(rb"<(?:[\w.-]+:)?scenario\b[^<>]*>")
_USER = re.compile(rb"\suser\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_FORMULAS = {"f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula"}
_LOCAL_PATH = re.compile(r"(?:[a-z]:[\\/]|\\\\|file:|/(?:users|home)/).*[\\/]", re.I | re.S)


def _is_external() -> str:
    return _(
        "อ้างถึงแม่แบบ รูป หรือข้อมูลนอกไฟล์ ตัดการเชื่อมโยงหรือฝังไว้ในไฟล์ บันทึก แล้วแนบอีกครั้ง หรือพิมพ์เป็น PDF แล้วแนบ"
    )


def _has_embedded() -> str:
    return _("มีไฟล์หรือวัตถุฝังอยู่ข้างใน (เช่น OLE ActiveX) ลบออก บันทึก แล้วแนบอีกครั้ง หรือพิมพ์เป็น PDF แล้วแนบ")


def _has_program() -> str:
    return _("มีโปรแกรมอยู่ข้างใน ลบออก บันทึก แล้วแนบอีกครั้ง หรือพิมพ์เป็น PDF แล้วแนบ")


def _has_changes() -> str:
    return _(
        "มีการแก้ไขที่ยังไม่ได้ยอมรับ (Track Changes) ใน Word เลือก รีวิว > ยอมรับการเปลี่ยนแปลงทั้งหมด บันทึก แล้วแนบอีกครั้ง"
    )


def _has_old_changes() -> str:
    return _("เป็นสมุดงานที่ใช้ร่วมกันและเก็บประวัติการแก้ไข ใน Excel เลิกใช้สมุดงานร่วมกัน บันทึก แล้วแนบอีกครั้ง")


def _has_live_data() -> str:
    return _("มีคำสั่งที่ดึงข้อมูลจากโปรแกรมหรือไฟล์อื่น (เช่น DDE) ลบออก บันทึก แล้วแนบอีกครั้ง หรือพิมพ์เป็น PDF แล้วแนบ")


def inspect_office(content: bytes) -> tuple[FileType, Callable[[], bytes]]:
    """The kind of a document, and what cleans it. Raises `Rejected`, as cleaning does.

    The container is checked here; nothing but its content types is unpacked.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            if any(entry.flag_bits & 1 for entry in entries):
                raise Rejected(has_password())
            names = [entry.filename.lower() for entry in entries]
            if _TYPES.lower() not in names:
                raise Rejected(is_archive())
            is_bomb = len(entries) > _ENTRIES or sum(e.file_size for e in entries) > _UNPACKED
            if is_bomb or archive.getinfo(_TYPES).file_size > _TYPES_LIMIT:
                raise Rejected(is_damaged())
            with archive.open(_TYPES) as file:
                types = file.read(_TYPES_LIMIT)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, ValueError, OSError) as error:
        if isinstance(error, Rejected):
            raise
        raise Rejected(is_damaged()) from error
    starts_late = min(entry.header_offset for entry in entries) > 0
    if starts_late or content[-_END_LENGTH:-18] != _END_OF_ZIP:
        raise Rejected(is_two_things())
    if len(set(names)) < len(names) or not all(map(_is_plain, entries)):
        raise Rejected(is_two_things())
    if any("vbaproject" in name or "/macrosheets/" in name for name in names) or (
        b"macroenabled" in types.lower()
    ):
        raise Rejected(has_macro())
    if b"wordprocessingml.document.main+xml" in types:
        kind = FileType.DOCX
    elif b"spreadsheetml.sheet.main+xml" in types:
        kind = FileType.XLSX
    else:
        raise Rejected(_("ไม่ใช่เอกสาร Word หรือ Excel บันทึกเป็น .docx .xlsx หรือ PDF แล้วแนบอีกครั้ง"))
    return kind, lambda: _cleaned(content, kind)


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    """Whether an entry would be unpacked as a file inside its folder. `..` and links would not."""
    name = entry.orig_filename
    steps = name.replace("\\", "/").split("/")
    is_link = entry.external_attr >> 16 & 0o170000 == 0o120000
    return not (
        name.startswith(("/", "\\")) or ".." in steps or ":" in name or "\0" in name or is_link
    )


def _cleaned(content: bytes, kind: FileType) -> bytes:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _Document(archive, kind).cleaned()
    except (
        zipfile.BadZipFile,
        KeyError,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        etree.Error,
    ) as error:
        raise Rejected(is_damaged()) from error


@dataclass(frozen=True)
class _Relation:
    id: str
    type: str  # its last word, in lower case
    target: str
    is_external: bool
    element: etree._Element


@dataclass
class _Part:
    """A part that belongs to the document: its relations, and those that are left out."""

    name: str
    relations: list[_Relation] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)


class _Document:
    """One document while it is cleaned."""

    def __init__(self, archive: zipfile.ZipFile, kind: FileType) -> None:
        self.archive, self.kind = archive, kind
        self.names = {entry.filename.lower(): entry.filename for entry in archive.infolist()}
        self.types = self.read_tree(_TYPES)
        self.parts: dict[str, _Part] = {}

    def cleaned(self) -> bytes:
        for entry in self.archive.infolist():
            if not entry.is_dir():
                self.refuse_program(entry)
        for name in self.names.values():
            self.refuse_type(self.type_of(name))
        self.follow("")
        buffer = BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
            for entry in self.archive.infolist():  # in the order of the old one
                data = self.content_of(entry.filename)
                if data is not None:
                    about = zipfile.ZipInfo(entry.filename, _LONG_AGO)
                    about.compress_type = zipfile.ZIP_DEFLATED
                    new.writestr(about, data)
        return buffer.getvalue()

    def content_of(self, name: str) -> bytes | None:
        """What is written of an entry; None if it is left out."""
        if name == _TYPES:
            return self.cleaned_types()
        folder, _slash, file = name.rpartition("/")
        if folder.rpartition("/")[2] == "_rels" and file.endswith(".rels"):
            owner = posixpath.join(posixpath.dirname(folder), file.removesuffix(".rels"))
            part = self.parts.get("" if file == ".rels" else owner)
            return self.cleaned_relations(name, part) if part else None
        part = self.parts.get(name)
        return self.cleaned_part(part) if part else None

    # Reading

    def read(self, name: str, limit: int | None = None) -> bytes:
        limit = limit or _PART
        entry = self.archive.getinfo(name)
        if entry.file_size > limit:
            raise Rejected(is_damaged())
        with self.archive.open(entry) as file:
            return file.read(limit)

    def read_tree(self, name: str) -> etree._Element:
        data = self.read(name, _TREE)
        _refuse_strange_xml(data)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        return etree.fromstring(data, parser)

    def refuse_program(self, entry: zipfile.ZipInfo) -> None:
        with self.archive.open(entry) as file:
            start = file.read(8)
        if start.startswith(PROGRAMS):
            raise Rejected(_has_program())
        if start.startswith(OLE):
            raise Rejected(_has_embedded())

    def type_of(self, name: str) -> str:
        """The content type of a part, in lower case."""
        ending = name.rpartition(".")[2].lower()
        found = ""
        for each in _elements(self.types):
            if each.get("PartName", "").lstrip("/").lower() == name.lower():
                return each.get("ContentType", "").lower()
            if each.get("Extension", "").lower() == ending:
                found = each.get("ContentType", "").lower()
        return found

    def refuse_type(self, content_type: str) -> None:
        if any(word in content_type for word in _MACROS):
            raise Rejected(has_macro())
        if any(word in content_type for word in _EMBEDDED):
            raise Rejected(_has_embedded())
        if any(word in content_type for word in _EXTERNAL):
            raise Rejected(_is_external())
        if "digital-signature" in content_type:
            raise Rejected(is_signed())

    # Relationships

    def follow(self, name: str) -> None:
        """Find the parts that belong to the document, from the root on. Raises `Rejected`."""
        waiting = [name]
        while waiting:
            name = waiting.pop()
            if name in self.parts:
                continue
            part = self.parts[name] = _Part(name, list(self.relations_of(name)))
            for relation in part.relations:
                target = self.judge(part, relation)
                if target is None:
                    part.dropped.add(relation.id)
                elif target:
                    waiting.append(target)

    def relations_of(self, name: str) -> Iterator[_Relation]:
        folder, file = posixpath.split(name)
        entry = self.names.get(posixpath.join(folder, "_rels", f"{file}.rels").lower())
        if entry is None:
            return
        for each in self.read_tree(entry).iter(f"{_RELATIONS}Relationship"):
            yield _Relation(
                each.get("Id", ""),
                each.get("Type", "").rpartition("/")[2].lower(),
                each.get("Target", ""),
                each.get("TargetMode", "").lower() == "external",
                each,
            )

    def judge(self, part: _Part, relation: _Relation) -> str | None:
        """The part that a relationship leads to, "" if it leads to none, None if it is left out."""
        type_ = relation.type
        if any(word in type_ for word in _MACROS):
            raise Rejected(has_macro())
        if type_ == "origin" or "signature" in type_:
            raise Rejected(is_signed())
        if relation.is_external:
            return self.judge_external(relation)
        if type_ == "package" and "chart" in self.type_of(part.name):
            return None  # the figures behind a chart, which shows those that it carries itself
        if any(type_.startswith(word) for word in _EMBEDDED_RELATIONS):
            raise Rejected(_has_embedded())
        if any(word in type_ for word in _EXTERNAL):
            raise Rejected(_is_external())
        if type_ in {"revisionheaders", "revisionlog"}:
            raise Rejected(_has_old_changes())
        if type_ in _TELLING:
            return None
        target = self.target_of(part, relation)
        if _COMMENTS.fullmatch(type_):
            if any(_name(each) in {"comment", "threadedComment"} for each in self.walk(target)):
                raise Rejected(has_comments())
            return None
        return target

    def judge_external(self, relation: _Relation) -> str | None:
        if relation.type == "hyperlink":
            if not is_web_link(relation.target):
                raise Rejected(has_foreign_link())
            return ""
        # Word writes the path of a template on the writer's own disk, which is never loaded from there.
        path = unquote(relation.target).replace("\\", "/")
        path = re.sub(r"^file:/*(?=[a-z]:/)", "", path, flags=re.I)
        if relation.type == "attachedtemplate" and re.match(r"[a-z]:/(?!/)", path, re.I):
            return None
        raise Rejected(_is_external())

    def target_of(self, part: _Part, relation: _Relation) -> str:
        """The entry that a relationship names; "" if there is none."""
        target = unquote(relation.target).partition("#")[0]
        if not target:
            return ""
        base = "/" + posixpath.dirname(part.name)
        path = posixpath.join(base, target.replace("\\", "/"))
        return self.names.get(posixpath.normpath(path).lstrip("/").lower(), "")

    def walk(self, name: str) -> Iterator[etree._Element]:
        return _elements(self.read_tree(name)) if name else iter(())

    # Writing

    def cleaned_types(self) -> bytes:
        for each in list(_elements(self.types)):
            name = each.get("PartName", "").lstrip("/").lower()
            parent = each.getparent()
            if name and parent is not None and self.names.get(name) not in self.parts:
                parent.remove(each)
        return _written(self.types)

    def cleaned_relations(self, name: str, part: _Part) -> bytes | None:
        if not part.dropped:
            return self.read(name)
        if len(part.dropped) == len(part.relations):
            return None
        for relation in part.relations:
            parent = relation.element.getparent()
            if relation.id in part.dropped and parent is not None:
                parent.remove(relation.element)
        return _written(part.relations[0].element.getroottree().getroot())

    def cleaned_part(self, part: _Part) -> bytes:
        content_type = self.type_of(part.name)
        if "vmldrawing" in content_type:
            return self.read(part.name)  # old drawings are not well-formed; they name no person
        if content_type.endswith(_LONG):
            return self.cleaned_long(part)
        data = self.read(part.name)
        if not data.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"<"):
            if content_type.endswith(("+xml", "/xml")):
                raise Rejected(is_damaged())  # another encoding than every office program writes
            if data.startswith(b"PK\x03\x04"):
                raise Rejected(_has_embedded())
            return without_metadata(data)
        root = self.read_tree(part.name)
        return _written(root) if self.clean_tree(root, part.dropped) else data

    def cleaned_long(self, part: _Part) -> bytes:
        data = self.read(part.name)
        _refuse_strange_xml(data)
        for _event, each in etree.iterparse(
            BytesIO(data), resolve_entities=False, no_network=True, load_dtd=False
        ):
            if _name(each) in _FORMULAS:
                _refuse_live_formula(each.text)
            each.clear()
            parent = each.getparent()
            while parent is not None and each.getprevious() is not None:
                del parent[0]
        if part.dropped:
            data = _PAGE_SETUP.sub(lambda tag: _ID.sub(b"", tag[0]), data)
        return _SCENARIO.sub(lambda tag: _USER.sub(b"", tag[0]), data)

    def clean_tree(self, root: etree._Element, dropped: set[str]) -> bool:
        """Remove what tells of people; returns whether anything changed. Raises `Rejected`."""
        is_word = self.kind == FileType.DOCX
        changed = False
        for each in list(_elements(root)):
            name, space = _name(each), etree.QName(each).namespace or ""
            if is_word and "wordprocessingml" in space:
                _refuse_changes(each, name)
            if name == "script" and "svg" in space:
                raise Rejected(_has_program())
            if not is_word and name in _FORMULAS:
                _refuse_live_formula(each.text)
            ids = [key for key in each.attrib if str(key).startswith(_IDS)]
            gone = [key for key in ids if each.attrib[key] in dropped]
            is_word_space = "wordprocessingml" in space or "office/word" in space
            if (gone and name in _WITH_RELATION) or (
                is_word and is_word_space and name in _TELLING_ELEMENTS
            ):
                _remove(each)
                changed = True
                continue
            telling = [key for key in each.attrib if _is_telling(each, str(key))]
            for key in [*gone, *telling]:
                del each.attrib[key]
                changed = True
            changed |= _tidy(each, name)
        if is_word and fields.pulls_data(root):
            raise Rejected(_has_live_data())
        if is_word and not all(map(is_web_link, fields.links(root))):
            raise Rejected(has_foreign_link())
        return changed


def _refuse_strange_xml(data: bytes) -> None:
    """Refuse document types (entities) and encodings that hide text from the checks."""
    start = data[:200]
    encoding = re.match(rb"(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']+)", start)
    is_other = encoding and encoding[1].lower() not in {b"utf-8", b"us-ascii", b"ascii"}
    if is_other or start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"<!DOCTYPE" in data:
        raise Rejected(is_damaged())


_CHANGES = {
    *("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge"),
    *("moveFromRangeStart", "moveToRangeStart", "numberingChange"),
}


def _refuse_changes(element: etree._Element, name: str) -> None:
    if name in {"comment", "commentReference", "commentRangeStart"}:
        raise Rejected(has_comments())
    if name in _CHANGES or re.fullmatch(r"\w+(?:Change|ChangeEx)", name):
        raise Rejected(_has_changes())
    if any(etree.QName(key).localname == "author" for key in element.attrib):
        raise Rejected(_has_changes())


_LIVE = re.compile(
    r"(?:^|[^\w.])(?:_xlfn\.|_xlws\.)*"
    r"(?:DDE|WEBSERVICE|RTD|CALL|REGISTER|REGISTER\.ID|EXEC|IMAGE)\s*\(",
    re.I,
)


def _refuse_live_formula(text: str | None) -> None:
    """Refuse a formula that runs or loads something: `cmd|'/c calc'!A0`, WEBSERVICE()."""
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", text or "")
    if re.search(r"\w\s*\|", bare) or _LIVE.search(bare):
        raise Rejected(_has_live_data())


def _is_telling(element: etree._Element, key: str) -> bool:
    """Whether an attribute tells of a person or a sitting, and shows nothing."""
    attribute = etree.QName(key)
    if attribute.localname.startswith("rsid"):
        return "wordprocessingml" in (attribute.namespace or "")
    name = _name(element)
    return (name, attribute.localname) in {
        ("pivotCacheDefinition", "refreshedBy"),
        ("fileSharing", "userName"),
    }


def _tidy(element: etree._Element, name: str) -> bool:
    """Remove paths on the writer's disk and names of views; returns whether anything changed."""
    if name == "absPath":
        _remove(element)
        return True
    if name == "customWorkbookView" and element.get("name"):
        element.set("name", str(len(list(element.itersiblings(preceding=True))) + 1))
        return True
    if name in {"docPr", "cNvPr"}:  # a picture's name and alternative text
        before = {key: element.get(key) for key in ("name", "descr", "title")}
        for key, value in before.items():
            if value and _LOCAL_PATH.match(value):
                element.set(key, _LOCAL_PATH.sub("", value))
        return any(element.get(key) != value for key, value in before.items())
    return False


def _remove(element: etree._Element) -> None:
    """Remove an element, keep the text after it, and remove alternatives that became empty."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if element.tail:
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
    if _name(parent) in {"Choice", "AlternateContent"} and not len(parent):
        _remove(parent)


def _elements(root: etree._Element) -> Iterator[etree._Element]:
    return (each for each in root.iter() if isinstance(each.tag, str))


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _written(root: etree._Element) -> bytes:
    # Unused prefixes stay declared: mc:Ignorable names them.
    return etree.tostring(
        root.getroottree(), xml_declaration=True, encoding="UTF-8", standalone=True
    )
