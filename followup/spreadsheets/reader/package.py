"""An .xlsx as a package of parts: opened with suspicion, its XML read without DTDs."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, NoReturn
from xml.parsers import expat

from followup.spreadsheets.reader.limits import MIB, Damaged, Limits, TooLarge
from followup.spreadsheets.types import Problem, Unreadable

MAX_PARTS = 10_000
MAX_TOKEN = 8 * MIB  # one tag or comment; expat reads an unfinished one again with every chunk
_RELATIONSHIPS = "xl/_rels/workbook.xml.rels"


@dataclass
class Part:
    """One sheet as workbook.xml lists it; `index` is its place there, `path` that of its XML."""

    name: str
    index: int
    path: str
    visible: bool


def local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_dtd(*_: object) -> NoReturn:
    raise Damaged("a document type declaration")


def parse(stream: IO[bytes], parser: expat.XMLParserType) -> None:
    """Feed all of `stream`, which also checks its CRC. Refuses DTDs and anything but UTF-8.

    calamine takes UTF-16 for an empty sheet. Raises Damaged, TooLarge, expat.ExpatError.
    """
    parser.StartDoctypeDeclHandler = _refuse_dtd
    parser.EntityDeclHandler = _refuse_dtd
    parser.XmlDeclHandler = _check_declaration
    fed = 0
    while chunk := stream.read(MIB):
        if not fed and chunk[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            raise Damaged("XML that is not UTF-8")
        parser.Parse(chunk)
        fed += len(chunk)
        if fed - parser.CurrentByteIndex > MAX_TOKEN:
            raise TooLarge("an endless tag")
    parser.Parse(b"", True)


def _check_declaration(version: str, encoding: str | None, standalone: int) -> None:
    if encoding and encoding.lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise Damaged("XML that is not UTF-8")


class _RootReached(Exception):
    pass


def _root_reached(name: str, attributes: object) -> NoReturn:
    raise _RootReached


def _elements(
    package: zipfile.ZipFile, path: str, handle: Callable[[str, dict[str, str]], None]
) -> None:
    """Call `handle` with the local name and the attributes of every element of a small part."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: handle(local(name), attributes)
    with package.open(path) as stream:
        parse(stream, parser)


class Package:
    """The zip of an .xlsx, checked before calamine sees it.

    `sheets` are its worksheets in the workbook's order; other kinds of sheet are left out.
    Raises Unreadable F02 for a workbook with macros, Damaged, TooLarge, and whatever zipfile and
    expat raise on damaged data.
    """

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        self.zip = zipfile.ZipFile(file)
        entries = self.zip.infolist()
        if len(entries) > MAX_PARTS:
            raise Damaged("too many parts")
        if sum(entry.file_size for entry in entries) > limits.unpacked:
            raise TooLarge("unpacked size")
        # As calamine finds them: whatever the case, and with Windows' separators.
        self.parts = {entry.filename.replace("\\", "/").lower(): entry for entry in entries}
        if any(posixpath.basename(path) == "vbaproject.bin" for path in self.parts):
            raise Unreadable(Problem("F02", {"ext": "xlsm"}))  # which is what it is
        for path, entry in self.parts.items():
            # customXml is other programs' own, may be UTF-16, and nobody here opens it.
            if path.endswith((".xml", ".rels")) and not path.startswith("customxml/"):
                self._check_prolog(entry)
            if "sharedstrings" in path:  # calamine stops before its CRC
                with self.zip.open(entry) as stream:
                    while stream.read(MIB):
                        pass
        self.date_1904 = False
        self.sheets = self._sheets()
        self.kinds = self._kinds()

    def name(self, path: str) -> str:
        """The name of a part in the zip. Raises Damaged where there is none."""
        try:
            return self.parts[path.lower()].filename
        except KeyError:
            raise Damaged(f"no part {path}") from None

    def _check_prolog(self, entry: zipfile.ZipInfo) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = _root_reached
        with self.zip.open(entry) as stream, suppress(_RootReached):
            parse(stream, parser)

    def _sheets(self) -> list[Part]:
        worksheets: dict[str, str] = {}  # relationship id: path
        sheets: list[dict[str, str]] = []

        def relationship(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
                # An absolute target replaces "xl".
                path = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", "")))
                worksheets[attributes.get("Id", "")] = path.lstrip("/")

        def element(name: str, attributes: dict[str, str]) -> None:
            if name == "workbookPr":
                self.date_1904 = attributes.get("date1904") in {"1", "true"}
            elif name == "sheet":
                sheets.append(attributes)

        _elements(self.zip, self.name(_RELATIONSHIPS), relationship)
        _elements(self.zip, self.name("xl/workbook.xml"), element)
        found = []
        for index, attributes in enumerate(sheets):
            ids = [value for name, value in attributes.items() if name.endswith(":id")]
            path = worksheets.get(ids[0]) if ids else None
            if path is not None:
                visible = attributes.get("state", "visible") == "visible"
                found.append(Part(attributes.get("name", ""), index, path, visible))
        return found

    def _kinds(self) -> dict[str, str]:
        """What the number format of a cell style makes of a number, by the `s` of a cell."""
        if "xl/styles.xml" not in self.parts:
            return {}
        codes: dict[str, str] = {}
        kinds: dict[str, str] = {}
        in_cell_formats = False
        count = 0

        def element(name: str, attributes: dict[str, str]) -> None:
            nonlocal in_cell_formats, count
            if name == "numFmt":
                codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif name == "xf" and in_cell_formats:
                number = attributes.get("numFmtId", "0")
                if kind := format_kind(codes.get(number, number)):
                    kinds[str(count)] = kind
                count += 1
            elif name in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
                in_cell_formats = name == "cellXfs"

        _elements(self.zip, self.name("xl/styles.xml"), element)
        return kinds


#: Formats that exist without a code (ECMA-376, 18.8.30), those of Thai included.
_BUILT_IN = {
    **dict.fromkeys(("9", "10", "67", "68"), "percent"),
    **dict.fromkeys(("14", "15", "16", "17", "22"), "date"),
    **dict.fromkeys(("18", "19", "20", "21", "45", "46", "47"), "time"),
    **dict.fromkeys(("71", "72", "73", "74", "77", "81"), "thai"),
}
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]|general|g/ทั่วไป')


def format_kind(code: str) -> str:
    """ "percent", "date", "time", "thai" (a date that calamine takes for a number), or "".

    `code` is a number format as Excel stores it, or the number of a built-in one.
    """
    if code in _BUILT_IN:
        return _BUILT_IN[code]
    bare = _LITERAL.sub("", code.lower()).partition(";")[0]
    if "%" in bare:
        return "percent"
    letters = set(bare)
    if letters & set("0#?") and not letters & set("hs"):  # "ss.00" is the one with both
        return ""
    if letters & set("dy") or ("m" in letters and not letters & set("hs")):
        return "date"
    if letters & set("hs"):
        return "time"
    return "thai" if letters & set("bวดป") else ""
