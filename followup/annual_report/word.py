"""The report as DOCX: real headings and tables, in a Thai typeface that Word and LibreOffice know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from followup.annual_report.colours import status_colours
from followup.annual_report.pdf import drafted_note, signature_lines

FONT = "TH Sarabun New"  # on every Thai office machine; Laksaman is the same letters
BODY = 16


def write(report: Mapping[str, Any]) -> bytes:
    book = Document()
    _styles(book)
    made_at = datetime.fromisoformat(report["made_at"]).replace(tzinfo=None)
    core = book.core_properties
    core.title, core.author, core.language = report["title"], report["cover"][0], "th-TH"
    core.created = core.modified = made_at
    core.last_modified_by = core.comments = ""
    _sheet(book.sections[0], is_wide=False)
    _page_number(book.sections[0])
    if report["watermark"]:
        _centred(book, report["watermark"], 28)
    for _line in range(5):
        book.add_paragraph()
    for line in report["title_lines"]:
        _centred(book, line.strip(), 26)
    for _line in range(5):
        book.add_paragraph()
    for line in report["cover"]:
        _centred(book, line, BODY)
    was_wide = False
    for part in report["parts"]:
        if part["is_wide"] != was_wide:
            _sheet(book.add_section(WD_SECTION.NEW_PAGE), is_wide=part["is_wide"])
            book.add_heading(part["title"], 1)
        else:
            book.add_heading(part["title"], 1).paragraph_format.page_break_before = True
        was_wide = part["is_wide"]
        if part["is_contents"]:
            _contents(book, report["parts"])
        for block in part["blocks"]:
            BLOCKS[block["kind"]](book, block)
    return _packed(book, made_at)


def _packed(book: Any, made_at: datetime) -> bytes:
    """The file, with the report's own moment on what is in it: the same report, the same bytes."""
    saved, stream = BytesIO(), BytesIO()
    book.save(saved)
    with ZipFile(saved) as old, ZipFile(stream, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(ZipInfo(name, made_at.timetuple()[:6]), old.read(name), ZIP_DEFLATED)
    return stream.getvalue()


# The blocks -----------------------------------------------------------------------------------


def _heading(book: Any, block: Mapping[str, Any]) -> None:
    book.add_heading(block["text"], block["level"])


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


def _table(book: Any, block: Mapping[str, Any]) -> None:
    caption = book.add_paragraph()
    caption.add_run(block["caption"]).bold = True
    caption.paragraph_format.keep_with_next = True
    size = 12 if len(block["head"]) > 6 else 14
    section = book.sections[-1]
    room = section.page_width - section.left_margin - section.right_margin
    whole = sum(block["widths"])
    table = book.add_table(1, len(block["head"]), "Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, block["widths"], strict=True):
        column.width = int(room * width / whole)
    _flag(table.rows[0]._tr.get_or_add_trPr(), "w:tblHeader")
    _fill(table.rows[0], block["head"], size, is_bold=True)
    for row in block["rows"]:
        _fill(table.add_row(), row, size)
    book.add_paragraph()


def _fill(row: Any, texts: Iterable[str], size: int, *, is_bold: bool = False) -> None:
    for cell, text in zip(row.cells, texts, strict=True):
        paragraph = cell.paragraphs[0]
        for place, line in enumerate(_lines(text)):
            if place:
                paragraph = cell.add_paragraph()
            run = paragraph.add_run(line)
            run.bold = is_bold
            _size(run, size)


def _bars(book: Any, block: Mapping[str, Any]) -> None:
    """A row of shaded cells for each bar, as wide as its statuses have measures."""
    paragraph = book.add_paragraph()
    paragraph.add_run(block["caption"]).bold = True
    paragraph.paragraph_format.keep_with_next = True
    for bar in block["rows"]:
        if not bar["segments"]:
            continue
        if bar["label"]:
            book.add_paragraph(bar["label"]).paragraph_format.keep_with_next = True
        table = book.add_table(1, len(bar["segments"]), "Table Grid")
        table.autofit = False
        for cell, each in zip(table.rows[0].cells, bar["segments"], strict=True):
            cell.width = Cm(15 * float(each["width"].rstrip("%")) / 100)
            properties = cell._tc.get_or_add_tcPr()
            shade = OxmlElement("w:shd")
            shade.set(qn("w:val"), "clear")
            shade.set(qn("w:fill"), status_colours()[each["status"]]["fill"].lstrip("#"))
            properties.append(shade)
            run = cell.paragraphs[0].add_run(each["count"])
            run.bold = True
            run.font.color.rgb = _white()
            _size(run, 12)
    _text(book, {"text": block["told"], "is_drafted": False})


def _signatures(book: Any, block: Mapping[str, Any]) -> None:
    for role in block["roles"]:
        for line in (role, "", *signature_lines(), ""):
            _centred(book, line, BODY, is_bold=line == role)


BLOCKS = {
    "heading": _heading,
    "text": _text,
    "quote": _quote,
    "items": _items,
    "table": _table,
    "bars": _bars,
    "signatures": _signatures,
}


# The small print ------------------------------------------------------------------------------


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _white() -> Any:
    from docx.shared import RGBColor

    return RGBColor(255, 255, 255)


def _styles(book: Any) -> None:
    """Thai is complex script to Word: its typeface, size and language are set apart."""
    sizes = {"Normal": BODY, "Heading 1": 22, "Heading 2": 18, "Heading 3": 16, "List Bullet": BODY}
    for name, size in sizes.items():
        style = book.styles[name]
        style.font.name, style.font.size = FONT, Pt(size)
        properties = style.element.get_or_add_rPr()
        fonts = properties.get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for script in ("w:ascii", "w:hAnsi", "w:cs"):
            fonts.set(qn(script), FONT)
        _set(properties, "w:szCs", **{"w:val": str(size * 2)})
        _set(properties, "w:lang", **{"w:val": "en-US", "w:bidi": "th-TH"})
        if name.startswith("Heading"):
            style.font.bold, style.font.color.rgb = True, None
            _set(properties, "w:bCs")
    book.styles["Heading 1"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _set(properties: Any, name: str, **values: str) -> None:
    """An element of run properties, once, where the schema wants it."""
    for old in properties.findall(qn(name)):
        properties.remove(old)
    element = OxmlElement(name)
    for key, value in values.items():
        element.set(qn(key), value)
    order = [
        *("rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "strike", "color", "spacing"),
        *("kern", "sz", "szCs", "highlight", "u", "shd", "vertAlign", "rtl", "cs", "lang"),
    ]
    rank = {qn(f"w:{each}"): place for place, each in enumerate(order)}
    after = [each for each in properties if rank.get(each.tag, 0) < rank[qn(name)]]
    if after:
        after[-1].addnext(element)
    else:
        properties.insert(0, element)


def _size(run: Any, size: int) -> None:
    run.font.size = Pt(size)
    _set(run._r.get_or_add_rPr(), "w:szCs", **{"w:val": str(size * 2)})


def _flag(properties: Any, name: str) -> None:
    properties.append(OxmlElement(name))


def _centred(book: Any, text: str, size: int, *, is_bold: bool = True) -> None:
    paragraph = book.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(text)
    run.bold = is_bold
    _size(run, size)


def _sheet(section: Any, *, is_wide: bool) -> None:
    short, long = Cm(21), Cm(29.7)
    section.orientation = WD_ORIENT.LANDSCAPE if is_wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if is_wide else (short, long)
    section.top_margin, section.bottom_margin = Cm(2), Cm(1.5)
    section.left_margin, section.right_margin = (Cm(1.5), Cm(1.5)) if is_wide else (Cm(3), Cm(2))


def _page_number(section: Any) -> None:
    section.different_first_page_header_footer = True
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _field(paragraph, "PAGE \\* ThaiArabic", "")


def _contents(book: Any, parts: Iterable[Mapping[str, Any]]) -> None:
    """A table of contents that Word fills with page numbers; until then it lists the headings."""
    lines = [part["title"] for part in parts if not part["is_contents"]]
    _field(book.add_paragraph(), 'TOC \\o "1-2" \\h \\z', "\n".join(lines))


def _field(paragraph: Any, instruction: str, shown: str) -> None:
    def mark(kind: str, **more: str) -> None:
        element = OxmlElement("w:fldChar")
        element.set(qn("w:fldCharType"), kind)
        for name, value in more.items():
            element.set(qn(f"w:{name}"), value)
        paragraph.add_run()._r.append(element)

    mark("begin", dirty="true")
    text = OxmlElement("w:instrText")
    text.set(qn("xml:space"), "preserve")
    text.text = f" {instruction} "
    paragraph.add_run()._r.append(text)
    mark("separate")
    paragraph.add_run(shown)
    mark("end")
