"""What the XML of an .ods says and calamine does not."""

import io
import zipfile

import pytest

from followup.tests.spreadsheets.reader.books import (
    DAMAGED,
    EMPTY,
    TOO_MANY,
    Files,
)

NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "style", "form")
)


def ods(body: str, *, styles: str = "", prolog: str = "") -> bytes:
    content = (
        f"{prolog}<office:document-content {NAMESPACES}>"
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content)
        package.writestr("META-INF/manifest.xml", "<manifest:manifest xmlns:manifest='urn:x'/>")
    return out.getvalue()


def ods_cell(text: str, kind: str = "string", **more: str) -> str:
    attributes = "".join(f' {key}="{value}"' for key, value in more.items())
    value = f' office:value="{text}"' if kind == "float" else ""
    return (
        f'<table:table-cell office:value-type="{kind}"{value}{attributes}>'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def ods_table(*rows: str, name: str = "S") -> str:
    return f'<table:table table:name="{name}">{"".join(rows)}</table:table>'


def ods_row(*cells: str, **more: str) -> str:
    attributes = "".join(f' table:{key.replace("_", "-")}="{value}"' for key, value in more.items())
    return f"<table:table-row{attributes}>{''.join(cells)}</table:table-row>"


def test_repeated_cells_and_rows_of_an_ods(files: Files) -> None:
    """A filled cell three times, blank rows between, and the blank rest of the sheet."""
    blank = '<table:table-cell table:number-columns-repeated="16381"/>'
    struck = (
        '<style:style style:name="x">'
        '<style:text-properties style:text-line-through-style="solid"/></style:style>'
    )
    body = ods_table(
        ods_row(ods_cell("ก", **{"table:number-columns-repeated": "3"}), blank),
        ods_row(
            '<table:table-cell table:number-columns-repeated="16384"/>', number_rows_repeated="2"
        ),
        ods_row(
            '<table:table-cell office:value-type="string" table:style-name="x" '
            'table:number-columns-repeated="2"><text:p>ข</text:p></table:table-cell>',
            blank,
            number_rows_repeated="2",
        ),
        ods_row(
            '<table:table-cell table:number-columns-repeated="16384"/>',
            number_rows_repeated="1048571",
        ),
    )
    sheet = files.sheet(ods(body, styles=struck), "a.ods")
    assert sheet.rows[0] == ("ก", "ก", "ก")
    assert sheet.rows[1:3] == [(None,) * 3] * 2
    assert sheet.rows[3:] == [("ข", "ข", None)] * 2
    assert sheet.struck == {(3, 0), (3, 1), (4, 0), (4, 1)}


@pytest.mark.parametrize(
    "body",
    [
        ods_table(ods_row(ods_cell("ก"), number_rows_repeated="1048576")),
        ods_table(
            ods_row(
                '<table:table-cell office:value-type="string" '
                'table:number-columns-repeated="16384"><text:p>ก</text:p></table:table-cell>',
                number_rows_repeated="200000",
            )
        ),
        ods_table(
            ods_row("<table:table-cell/>", number_rows_repeated="1048575"), ods_row(ods_cell("ก"))
        ),
        "".join(
            ods_table(ods_row(ods_cell("ก"), number_rows_repeated="190000"), name=f"S{n}")
            for n in range(20)
        ),
    ],
    ids=["rows", "everything", "the last row", "many sheets"],
)
def test_an_ods_that_states_a_rectangle_is_refused(files: Files, body: str) -> None:
    content = ods(body)
    assert len(content) < 10_000
    assert files.refused(content, "a.ods") == TOO_MANY


def test_an_ods_with_a_dtd_or_without_content(files: Files) -> None:
    laughs = '<!DOCTYPE x [<!ENTITY e "ha">]>'
    assert (
        files.refused(ods(ods_table(ods_row(ods_cell("&e;"))), prolog=laughs), "a.ods") == DAMAGED
    )
    assert files.refused(ods(ods_table()), "a.ods") == EMPTY
    assert files.refused(ods("<table:table"), "a.ods") == DAMAGED


def test_tick_boxes_of_an_ods_are_counted(files: Files) -> None:
    boxes = "<office:forms><form:form><form:checkbox/><form:checkbox/></form:form></office:forms>"
    assert files.sheet(ods(ods_table(boxes, ods_row(ods_cell("ก")))), "a.ods").controls == 2
