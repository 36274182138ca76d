"""Thai documents with python-docx: font, size and language as Word requires them.

Word processors treat Thai as a complex script, with its own settings of font, size and weight (w:cs,
w:szCs, w:bCs). Without them Thai text has another font than the Latin text beside it.

python-docx is imported where it is used: it costs 60 ms, and few requests write a document.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from forum_portal.languages import is_english

MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONT = "TH Sarabun New"  # installed on Thai office computers
OTHER_FONTS = "TH SarabunPSK, Sarabun, Laksaman, Noto Sans Thai"  # if it is not installed
BODY = 16  # points; the size of official letters

_SCRIPTS = ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs")
_THEMES = ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme")
_ORDER = (  # order of the elements of run properties in the schema
    *("rStyle", "rFonts", "b", "bCs", "i", "iCs", "caps", "strike", "color", "spacing"),
    *("kern", "sz", "szCs", "highlight", "u", "shd", "vertAlign", "rtl", "cs", "lang"),
)


@cache
def _rank() -> dict[str, int]:
    from docx.oxml.ns import qn

    return {qn(f"w:{name}"): place for place, name in enumerate(_ORDER)}


def set_style(style: Any, size: int) -> None:
    """Give a style the Thai font in this size in points, and Thai as its complex script."""
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style.font.name, style.font.size = FONT, Pt(size)
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for theme in _THEMES:
        fonts.attrib.pop(qn(theme), None)
    for script in _SCRIPTS:
        fonts.set(qn(script), FONT)
    _set(properties, "w:szCs", {"w:val": str(size * 2)})
    _set(properties, "w:lang", {"w:val": "en-US", "w:bidi": "th-TH"})


def set_run(run: Any, size: int | None = None, *, is_bold: bool = False) -> None:
    """Give a run a weight, and optionally a size in points, for Latin and Thai text."""
    from docx.shared import Pt

    run.font.bold = run.font.cs_bold = is_bold
    if size is not None:
        run.font.size = Pt(size)
        _set(run._r.get_or_add_rPr(), "w:szCs", {"w:val": str(size * 2)})


def keep_on_one_page(row: Any) -> None:
    """Forbid page breaks within a table row."""
    _flag(row._tr.get_or_add_trPr(), "w:cantSplit")


def repeat_on_every_page(row: Any) -> None:
    """Repeat a table's header row on each page."""
    _flag(row._tr.get_or_add_trPr(), "w:tblHeader")


def _flag(properties: Any, name: str) -> None:
    from docx.oxml import OxmlElement

    properties.append(OxmlElement(name))


def describe(document: Any, title: str, *, author: str = "") -> None:
    """Set a document's metadata, without the name of a user or a program."""
    about = document.core_properties
    about.title, about.author = title, author
    about.language = "en-GB" if is_english() else "th-TH"
    about.last_modified_by = about.comments = ""


def name_other_fonts(document: Any) -> None:
    """Name the substitute fonts, for computers without ours."""
    font = f'<w:font w:name="{FONT}"><w:altName w:val="{OTHER_FONTS}"/></w:font></w:fonts>'
    for part in document.part.package.iter_parts():
        if part.partname.endswith("/fontTable.xml"):
            part._blob = part.blob.replace(b"</w:fonts>", font.encode())


def _set(properties: Any, name: str, values: dict[str, str]) -> None:
    """Set an element of run properties, once and in the order of the schema."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for old in properties.findall(qn(name)):
        properties.remove(old)
    element = OxmlElement(name)
    for key, value in values.items():
        element.set(qn(key), value)
    rank = _rank()
    after = [each for each in properties if rank.get(each.tag, 0) < rank[qn(name)]]
    if after:
        after[-1].addnext(element)
    else:
        properties.insert(0, element)
