"""An .xlsx as a package of parts, treated as hostile: sizes are checked, DTDs are refused."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, NoReturn
from xml.parsers import expat

from followup.spreadsheets.reader.limits import MIB, Damaged, Limits, TooLarge
from followup.spreadsheets.reader.numberformat import NumberFormat, telling

MAX_PARTS = 10_000
MAX_TOKEN = 8 * MIB  # one tag or comment; expat rescans an unfinished one with every chunk
OVERLAP = 64  # bytes of a chunk that are searched again with the next one
_STRIKE = re.compile(rb"strike")
_WORKBOOK = "xl/workbook.xml"
_RELATIONSHIPS = "xl/_rels/workbook.xml.rels"


@dataclass
class Part:
    """One sheet as workbook.xml lists it; `index` is its position, `path` that of its XML."""

    name: str
    index: int
    path: str
    visible: bool


@dataclass
class Styles:
    """Facts from cell styles, by a cell's `s`. Styles without such a fact are left out."""

    kinds: dict[str, str] = field(default_factory=dict)  # see `format_kind`
    formats: dict[str, NumberFormat] = field(default_factory=dict)
    struck: set[str] = field(default_factory=set)  # styles with a struck-out font


def local(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_dtd(*_: object) -> NoReturn:
    raise Damaged("a document type declaration")


def parse(stream: IO[bytes], parser: expat.XMLParserType) -> None:
    """Feed all of `stream` to the parser, which also checks its CRC. Refuses DTDs.

    Only UTF-8 is accepted, because calamine reads UTF-16 as an empty sheet. Raises Damaged, TooLarge,
    expat.ExpatError.
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


def is_on(attributes: dict[str, str]) -> bool:
    """Whether a toggle element such as <strike/> is on."""
    return attributes.get("val", "1") not in {"0", "false", "off"}


def open_zip(file: IO[bytes], limits: Limits) -> zipfile.ZipFile:
    """The zip, if its declared sizes are within the limits.

    Raises Damaged, TooLarge, zipfile's errors.
    """
    package = zipfile.ZipFile(file)
    entries = package.infolist()
    if len(entries) > MAX_PARTS:
        raise Damaged("too many parts")
    if sum(entry.file_size for entry in entries) > limits.unpacked:
        raise TooLarge("unpacked size")
    return package


def check_prolog(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Read a part up to its root. Raises Damaged, expat.ExpatError."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = _root_reached
    with package.open(entry) as stream, suppress(_RootReached):
        parse(stream, parser)


class Parts:
    """The zip of an office file, its parts found by path. Raises what `open_zip` raises."""

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        self.zip = open_zip(file, limits)
        # As calamine finds them: ignoring case, and with Windows' separators.
        self.parts = {
            entry.filename.replace("\\", "/").lower(): entry for entry in self.zip.infolist()
        }

    def name(self, path: str) -> str:
        """The name of a part in the zip. Raises Damaged if it is missing."""
        try:
            return self.parts[path.lower()].filename
        except KeyError:
            raise Damaged(f"no part {path}") from None

    def count(self, entry: zipfile.ZipInfo, pattern: re.Pattern[bytes]) -> int:
        """The number of matches of a short pattern in the bytes of a part, read to its end."""
        found = 0
        rest = b""
        with self.zip.open(entry) as stream:
            while chunk := stream.read(MIB):
                window = rest + chunk
                # Matches that lie wholly in `rest` were counted with the previous chunk.
                found += sum(match.end() > len(rest) for match in pattern.finditer(window))
                rest = window[-OVERLAP:]
        return found

    def elements(self, path: str, handle: Callable[[str, dict[str, str]], None]) -> None:
        """Call `handle` with the local name and the attributes of every element of a small part."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda name, attributes: handle(local(name), attributes)
        with self.zip.open(self.name(path)) as stream:
            parse(stream, parser)

    def related(self, path: str) -> list[tuple[str, str, str]]:
        """A part's relationships: the end of the type, the id, and the target's path.

        Targets need not exist; an absolute target is not relative to the part's folder.
        """
        folder, base = posixpath.split(path)
        relationships = posixpath.join(folder, "_rels", f"{base}.rels")
        found: list[tuple[str, str, str]] = []

        def relationship(name: str, attributes: dict[str, str]) -> None:
            if name == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(
                    posixpath.join("/", folder, attributes.get("Target", ""))
                )
                kind = attributes.get("Type", "").rpartition("/")[2]
                found.append((kind, attributes.get("Id", ""), target.lstrip("/")))

        if relationships.lower() in self.parts:
            self.elements(relationships, relationship)
        return found


class Package(Parts):
    """The zip of an .xlsx, checked before calamine reads it.

    `sheets` are its worksheets in the workbook's order; other kinds of sheet are left out.
    `struck` are the numbers of the shared strings that are struck out, wholly or partly.
    Raises Damaged, TooLarge, zipfile's and expat's errors.
    """

    def __init__(self, file: IO[bytes], limits: Limits) -> None:
        super().__init__(file, limits)
        self.macros = any(posixpath.basename(path) == "vbaproject.bin" for path in self.parts)
        self.struck: set[str] = set()
        for path, entry in self.parts.items():
            # customXml belongs to other programs, may be UTF-16, and is never read here.
            if path.endswith((".xml", ".rels")) and not path.startswith("customxml/"):
                check_prolog(self.zip, entry)
            # calamine does not check the CRC of the shared strings: they are read to the end here.
            if "sharedstrings" in path and self.count(entry, _STRIKE):
                self.struck |= self._struck_strings(entry)
        self.date_1904 = False
        self.sheets = self._sheets()
        self.styles = self._styles()

    def _sheets(self) -> list[Part]:
        sheets: list[dict[str, str]] = []

        def element(name: str, attributes: dict[str, str]) -> None:
            if name == "workbookPr":
                self.date_1904 = attributes.get("date1904") in {"1", "true"}
            elif name == "sheet":
                sheets.append(attributes)

        self.name(_RELATIONSHIPS)
        worksheets = {
            id_: path for kind, id_, path in self.related(_WORKBOOK) if kind == "worksheet"
        }
        self.elements(_WORKBOOK, element)
        found = []
        for index, attributes in enumerate(sheets):
            ids = [value for name, value in attributes.items() if name.endswith(":id")]
            path = worksheets.get(ids[0]) if ids else None
            if path is not None:
                visible = attributes.get("state", "visible") == "visible"
                found.append(Part(attributes.get("name", ""), index, path, visible))
        return found

    def _styles(self) -> Styles:
        styles = Styles()
        if "xl/styles.xml" not in self.parts:
            return styles
        codes: dict[str, str] = {}
        struck_fonts: set[str] = set()
        section = ""
        fonts = count = 0

        def element(name: str, attributes: dict[str, str]) -> None:
            nonlocal section, fonts, count
            if name == "numFmt":
                codes[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif name == "xf" and section == "cellXfs":
                number = attributes.get("numFmtId", "0")
                code = codes.get(number, number)
                if kind := format_kind(code):
                    styles.kinds[str(count)] = kind
                if kind in {"", "percent"} and (told := telling(code)):
                    styles.formats[str(count)] = told
                if attributes.get("fontId", "0") in struck_fonts:
                    styles.struck.add(str(count))
                count += 1
            elif name == "font" and section == "fonts":
                fonts += 1
            elif name == "strike" and section == "fonts" and is_on(attributes):
                struck_fonts.add(str(fonts - 1))
            elif name in {"fonts", "fills", "cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
                section = name

        self.elements("xl/styles.xml", element)
        return styles

    def _struck_strings(self, entry: zipfile.ZipInfo) -> set[str]:
        struck: set[str] = set()
        count = 0

        def element(name: str, attributes: dict[str, str]) -> None:
            nonlocal count
            if name == "si":
                count += 1
            elif name == "strike" and is_on(attributes):
                struck.add(str(count - 1))

        self.elements(entry.filename.replace("\\", "/"), element)
        return struck


#: Built-in formats (ECMA-376, 18.8.30), including the Thai ones.
_BUILT_IN = {
    **dict.fromkeys(("9", "10", "67", "68"), "percent"),
    **dict.fromkeys(("14", "15", "16", "17", "22"), "date"),
    **dict.fromkeys(("18", "19", "20", "21", "45", "46", "47"), "time"),
    **dict.fromkeys(("71", "72", "73", "74", "77", "81"), "thai"),
}
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]|general|g/ทั่วไป')


def format_kind(code: str) -> str:
    """ "percent", "date", "time", "thai" (a date that calamine reads as a number), or "".

    `code` is a number format as Excel stores it, or the number of a built-in one.
    """
    if code in _BUILT_IN:
        return _BUILT_IN[code]
    bare = _LITERAL.sub("", code.lower()).partition(";")[0]
    if "%" in bare:
        return "percent"
    letters = set(bare)
    if letters & set("0#?") and not letters & set("hs"):  # only "ss.00" has both
        return ""
    if letters & set("dy") or ("m" in letters and not letters & set("hs")):
        return "date"
    if letters & set("hs"):
        return "time"
    return "thai" if letters & set("bวดป") else ""
