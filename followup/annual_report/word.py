"""The report as DOCX: real headings and tables, in a Thai font for Word and LibreOffice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape, quoteattr  # it only writes XML
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from lxml.etree import Comment, tostring  # type: ignore[import-untyped]

from followup.annual_report.blocks import drafted_note, mended, signature_lines
from followup.appearance import colours
from followup.status import Status
from forum_portal.languages import is_english
from forum_portal.thai import xml_text
from forum_portal.word import (
    BODY,
    FONT,
    describe,
    keep_on_one_page,
    repeat_on_every_page,
    set_run,
    set_style,
)

HEAD = "EDEDED"  # background of a table head
#: Rows of a table from which on they are written as text into the finished file, without objects in
#: memory: python-docx takes 450 MB and minutes for 20,000.
LONG = 200
_MARK = b"<!--rows-->"  # where they belong
_STANDS_FOR_A_TEXT = "\ue000"  # in the row that the others are made from
_PLACE = f"<w:t>{_STANDS_FOR_A_TEXT}</w:t>"


def write(report: Mapping[str, Any]) -> bytes:
    report = mended(report, xml_text)
    book = Document()
    _styles(book)
    made_at = datetime.fromisoformat(report["made_at"]).replace(tzinfo=None)
    describe(book, report["title"], author=report["cover"][0])
    book.core_properties.created = book.core_properties.modified = made_at
    _cover(book, report)
    contents, titles = None, []
    long: list[Iterator[bytes]] = []
    for before, part in zip([None, *report["parts"]], report["parts"], strict=False):
        title = _part_title(
            book, part, turned=part["is_wide"] != bool(before and before["is_wide"])
        )
        if part["is_contents"]:
            contents = book.add_paragraph()
        else:
            titles.append(title)
        for block in part["blocks"]:
            added = BLOCKS[block["kind"]](book, block)
            if block["kind"] == "heading" and block["level"] == 2:
                titles.append(added)
            if block["kind"] == "table" and added:
                long.append(added)
    if contents:
        _contents(book, contents, titles)
    return _packed(book, made_at, long)


def _cover(book: Any, report: Mapping[str, Any]) -> None:
    (section,) = book.sections
    _sheet(section, is_wide=False)
    _page_number(section)
    if report["watermark"]:
        for header in (section.header, section.first_page_header):
            _watermark(header.paragraphs[0], report["watermark"])
    for size, lines in ((26, report["title_lines"]), (BODY, report["cover"])):
        for place, line in enumerate(lines):
            paragraph = _centred(book, line.strip(), size)
            paragraph.paragraph_format.space_before = Pt(0 if place else 150)


def _part_title(book: Any, part: Mapping[str, Any], *, turned: bool) -> Any:
    """A part's heading on a new page; `turned` if its orientation differs from the one before."""
    if turned:
        section = book.add_section(WD_SECTION.NEW_PAGE)
        section.different_first_page_header_footer = False  # only the cover has no page number
        _sheet(section, is_wide=part["is_wide"])
    title = book.add_heading(part["title"], 1)
    title.paragraph_format.page_break_before = not turned
    return title


def _packed(book: Any, made_at: datetime, long: Sequence[Iterator[bytes]]) -> bytes:
    """The file, its zip entries dated with the report's time: the same report gives the same bytes.

    `long`: the rows of each long table, which are written where it has its mark.
    """
    saved, stream = BytesIO(), BytesIO()
    book.save(saved)
    with ZipFile(saved) as old, ZipFile(stream, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = ZipInfo(name, made_at.timetuple()[:6])
            if not (long and name == "word/document.xml"):
                new.writestr(entry, old.read(name), ZIP_DEFLATED)
                continue
            entry.compress_type = ZIP_DEFLATED
            first, *others = old.read(name).split(_MARK)
            with new.open(entry, "w") as document:
                document.write(first)
                for rows, between in zip(long, others, strict=True):
                    for row in rows:
                        document.write(row)
                    document.write(between)
    return stream.getvalue()


# The blocks -----------------------------------------------------------------------------------


def _heading(book: Any, block: Mapping[str, Any]) -> Any:
    return book.add_heading(block["text"], block["level"])


def _text(book: Any, block: Mapping[str, Any]) -> None:
    for line in _lines(block["text"]):
        book.add_paragraph(line).paragraph_format.first_line_indent = Cm(1.5)
    if block["is_drafted"]:
        book.add_paragraph(f"[{drafted_note()}]")


def _quote(book: Any, block: Mapping[str, Any]) -> None:
    for line in _lines(block["text"]):
        book.add_paragraph(line).paragraph_format.left_indent = Cm(0.8)


def _items(book: Any, block: Mapping[str, Any]) -> None:
    for item in block["items"]:
        book.add_paragraph(item, "List Bullet")


def _boxes(book: Any, block: Mapping[str, Any]) -> None:
    for item in block["items"]:
        book.add_paragraph(f"☐ {item}").paragraph_format.left_indent = Cm(1.5)


def _table(book: Any, block: Mapping[str, Any]) -> Iterator[bytes] | None:
    """Add a table. Of a long one the rows but the last are returned, as XML for its mark."""
    _caption(book, block["caption"])
    size = 12 if len(block["head"]) > 6 else 14
    section = book.sections[-1]
    room = section.page_width - section.left_margin - section.right_margin
    whole = sum(block["widths"])
    table = book.add_table(1, len(block["head"]), "Table Grid")
    table.autofit = False
    for column, cell, width in zip(
        table.columns, table.rows[0].cells, block["widths"], strict=True
    ):
        # Word uses the widths of cells, LibreOffice those of columns; new rows copy the columns'.
        column.width = cell.width = int(room * width / whole)
    repeat_on_every_page(table.rows[0])
    numbers = set(block.get("numbers", ()))
    _fill(table.rows[0], block["head"], size, numbers, is_bold=True)
    for cell in table.rows[0].cells:
        _shade(cell, HEAD)
    last = len(block["rows"]) if block.get("has_total") else 0
    rows, long = block["rows"], None
    if len(rows) > LONG:
        long = _rows_as_xml(table, rows[:-1], size, numbers)
        table._tbl.append(Comment("rows"))
    for place, row in enumerate(rows[-1:] if long else rows, start=len(rows) if long else 1):
        _fill(table.add_row(), row, size, numbers, is_bold=place == last)
    book.add_paragraph()
    return long


def _rows_as_xml(
    table: Any, rows: Sequence[Sequence[str]], size: int, numbers: Set[int]
) -> Iterator[bytes]:
    """The rows' XML, each made from that of a row that python-docx has filled."""
    pattern = table.add_row()
    _fill(pattern, [_STANDS_FOR_A_TEXT] * len(table.columns), size, numbers)
    words = re.sub(r' xmlns:\w+="[^"]*"', "", tostring(pattern._tr, encoding="unicode"))
    table._tbl.remove(pattern._tr)
    cells = []  # before a cell's paragraph, the paragraph, behind it
    for piece in re.split(r"(?<=</w:tc>)", words):
        if found := re.search(r"<w:p>.*</w:p>|<w:p .*</w:p>", piece):
            cells.append((piece[: found.start()], found[0], piece[found.end() :]))
        else:
            end = piece
    return _filled(rows, cells, end)


def _run_texts(line: str) -> str:
    """A line as python-docx writes it: its spaces at the ends are kept, and its tabs are elements."""
    pieces = []
    for place, text in enumerate(line.split("\t")):
        if place:
            pieces.append("<w:tab/>")
        if text:
            kept = ' xml:space="preserve"' if text != text.strip() else ""
            pieces.append(f"<w:t{kept}>{escape(text)}</w:t>")
    return "".join(pieces)


def _filled(
    rows: Sequence[Sequence[str]], cells: Sequence[tuple[str, str, str]], end: str
) -> Iterator[bytes]:
    for row in rows:
        made = []
        for (before, paragraph, behind), text in zip(cells, row, strict=True):
            lines = [paragraph.replace(_PLACE, _run_texts(line)) for line in _lines(text)]
            made += [before, *(lines or ["<w:p/>"]), behind]
        yield "".join([*made, end]).encode()


def _fill(
    row: Any, texts: Iterable[str], size: int, numbers: Set[int], *, is_bold: bool = False
) -> None:
    """Fill a row's cells; the row stays on one page. The columns in `numbers` are centred."""
    keep_on_one_page(row)
    for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
        paragraph = cell.paragraphs[0]
        for place, line in enumerate(_lines(text)):
            if place:
                paragraph = cell.add_paragraph()
            if column in numbers:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            set_run(paragraph.add_run(line), size, is_bold=is_bold)


def _bars(book: Any, block: Mapping[str, Any]) -> None:
    """A row of shaded cells for each bar; widths are proportional to the counts by status."""
    _caption(book, block["caption"])
    for bar in block["rows"]:
        if not bar["segments"]:
            continue
        if bar["label"]:
            book.add_paragraph(bar["label"]).paragraph_format.keep_with_next = True
        table = book.add_table(1, len(bar["segments"]), "Table Grid")
        table.autofit = False
        for column, cell, each in zip(
            table.columns, table.rows[0].cells, bar["segments"], strict=True
        ):
            column.width = cell.width = Cm(15 * float(each["width"].rstrip("%")) / 100)
            _shade(cell, _fill_of(each["status"]))
            run = cell.paragraphs[0].add_run(each["count"])
            run.font.color.rgb = RGBColor(255, 255, 255)
            set_run(run, 12, is_bold=True)
    _legend(book, [each for bar in block["rows"] for each in bar["segments"]])
    _text(book, {"text": block["told"], "is_drafted": False})


def _legend(book: Any, segments: Iterable[Mapping[str, Any]]) -> None:
    """The legend: the colour of each status, each once."""
    paragraph = book.add_paragraph()
    for status, label in {each["status"]: each["label"] for each in segments}.items():
        mark = paragraph.add_run("■ ")
        mark.font.color.rgb = RGBColor.from_string(_fill_of(status))
        paragraph.add_run(f"{label}   ")


def _fill_of(status: str) -> str:
    """The colour of a status's bar in Word's notation: `1565C0`."""
    return colours()[Status(status)].fill.lstrip("#").upper()


def _signatures(book: Any, block: Mapping[str, Any]) -> None:
    """The signatures, on the right as in a Thai letter."""
    for role in block["roles"]:
        lines = (role, "", *signature_lines(), "")
        for place, line in enumerate(lines):
            paragraph = _centred(book, line, BODY, is_bold=line == role)
            paragraph.paragraph_format.left_indent = Cm(5)
            paragraph.paragraph_format.keep_with_next = place < len(lines) - 1


BLOCKS = {
    "heading": _heading,
    "text": _text,
    "quote": _quote,
    "items": _items,
    "boxes": _boxes,
    "table": _table,
    "bars": _bars,
    "signatures": _signatures,
}


# Page furniture -------------------------------------------------------------------------------


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _styles(book: Any) -> None:
    sizes = {"Normal": BODY, "Heading 1": 22, "Heading 2": 18, "Heading 3": 16, "List Bullet": BODY}
    for name, size in sizes.items():
        style = book.styles[name]
        set_style(style, size)
        shape = style.paragraph_format
        shape.line_spacing = 1
        if name.startswith("Heading"):
            style.font.bold = style.font.cs_bold = True
            style.font.color.rgb = None
            shape.space_before, shape.space_after = Pt(12), Pt(6)
        else:
            shape.space_before, shape.space_after = Pt(0), Pt(4)
    book.styles["Heading 1"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _caption(book: Any, text: str) -> None:
    paragraph = book.add_paragraph()
    set_run(paragraph.add_run(text), BODY, is_bold=True)
    paragraph.paragraph_format.keep_with_next = True


def _shade(cell: Any, colour: str) -> None:
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), colour)
    cell._tc.get_or_add_tcPr().append(shade)


def _centred(book: Any, text: str, size: int, *, is_bold: bool = True) -> Any:
    paragraph = book.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    set_run(paragraph.add_run(text), size, is_bold=is_bold)
    return paragraph


def _sheet(section: Any, *, is_wide: bool) -> None:
    numbers = section._sectPr.find(qn("w:pgNumType"))
    if numbers is None:
        numbers = OxmlElement("w:pgNumType")
        section._sectPr.find(qn("w:pgMar")).addnext(numbers)
    numbers.set(qn("w:fmt"), "decimal" if is_english() else "thaiNumbers")
    short, long = Cm(21), Cm(29.7)
    section.orientation = WD_ORIENT.LANDSCAPE if is_wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if is_wide else (short, long)
    section.top_margin, section.bottom_margin = Cm(2), Cm(1.5)
    section.left_margin, section.right_margin = (Cm(1.5), Cm(1.5)) if is_wide else (Cm(3), Cm(2))


def _page_number(section: Any) -> None:
    section.different_first_page_header_footer = True
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _field(paragraph, "PAGE", "")


def _watermark(paragraph: Any, text: str) -> None:
    """A watermark: large grey words behind the text, in Word's own form (VML in a header)."""
    paragraph.add_run()._r.append(
        parse_xml(
            f"""<w:pict {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"
                xmlns:o="urn:schemas-microsoft-com:office:office">
            <v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800"
                path="m@7,l@8,m@5,21600l@6,21600e">
                <v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/>
                <v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/>
                <v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/>
                <v:f eqn="if @0 @4 21600"/></v:formulas>
                <v:path textpathok="t"/><v:textpath on="t" fitshape="t"/></v:shapetype>
            <v:shape id="PortalWatermark" type="#_x0000_t136" alt={quoteattr(text)}
                style="position:absolute;width:420pt;height:140pt;rotation:315;z-index:-251658752;
                mso-position-horizontal:center;mso-position-horizontal-relative:margin;
                mso-position-vertical:center;mso-position-vertical-relative:margin"
                fillcolor="#d9d9d9" stroked="f">
                <v:textpath style="font-family:&quot;{FONT}&quot;;font-size:1pt"
                    string={quoteattr(text)}/></v:shape></w:pict>"""
        )
    )


def _contents(book: Any, place: Any, titles: Sequence[Any]) -> None:
    """The table of contents before the paragraph `place`: a line for each heading, with its page.

    Each page number is a reference field, which Word and LibreOffice evaluate when they open the file.
    Inside Word's own table-of-contents field, LibreOffice would show no numbers.
    """
    width = book.sections[0].page_width - book.sections[0].left_margin
    width -= book.sections[0].right_margin
    for number, title in enumerate(titles):
        name = f"_Toc{number:06}"
        _bookmark(title, number, name)
        line = place.insert_paragraph_before()
        shape = line.paragraph_format
        level = int(title.style.name.removeprefix("Heading "))
        shape.left_indent, shape.space_after = Cm(0.7 * (level - 1)), Pt(0)
        shape.tab_stops.add_tab_stop(width, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
        line.add_run(f"{title.text}\t")
        _field(line, f"PAGEREF {name} \\h", "")


def _bookmark(paragraph: Any, number: int, name: str) -> None:
    for kind, more in (("Start", {"w:name": name}), ("End", {})):
        element = OxmlElement(f"w:bookmark{kind}")
        element.set(qn("w:id"), str(number))
        for key, value in more.items():
            element.set(qn(key), value)
        paragraph._p.append(element)


def _field(paragraph: Any, instruction: str, shown: str) -> None:
    _mark(paragraph, "begin", dirty="true")
    _instruction(paragraph, instruction)
    _mark(paragraph, "separate")
    paragraph.add_run(shown)
    _mark(paragraph, "end")


def _mark(paragraph: Any, kind: str, **more: str) -> None:
    element = OxmlElement("w:fldChar")
    element.set(qn("w:fldCharType"), kind)
    for name, value in more.items():
        element.set(qn(f"w:{name}"), value)
    paragraph.add_run()._r.append(element)


def _instruction(paragraph: Any, text: str) -> None:
    element = OxmlElement("w:instrText")
    element.set(qn("xml:space"), "preserve")
    element.text = f" {text} "
    paragraph.add_run()._r.append(element)
