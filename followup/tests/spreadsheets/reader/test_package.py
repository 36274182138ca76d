"""An .xlsx as a package of parts: damage, DTDs, encodings of XML, and what is not followed."""

import io
import zipfile

import pytest

from followup.spreadsheets.reader import Limits
from followup.tests.spreadsheets.reader.books import (
    DAMAGED,
    HEADER,
    MAIN,
    PACKAGE,
    RECORD,
    RELATIONSHIP,
    TOO_MANY,
    Files,
    data,
    raw,
    table,
)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_zip_is_damaged(files: Files, part: float) -> None:
    content = table(HEADER, *[RECORD] * 50)
    assert files.refused(content[: int(len(content) * part)]) == DAMAGED


@pytest.mark.parametrize(
    "missing", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"]
)
def test_a_package_without_its_workbook_or_sheet_is_damaged(files: Files, missing: str) -> None:
    assert files.refused(raw(data("><v>1</v>"), replace={missing: None})) == DAMAGED


def test_a_damaged_text_is_never_taken_for_the_text(files: Files) -> None:
    """calamine stops before the CRC of the shared strings."""
    content = raw(
        data(' t="s"><v>0</v>'),
        strings="<si><t>กรมอนามัย</t></si>",
        compression=zipfile.ZIP_STORED,
    )
    assert files.sheet(content).rows == [("กรมอนามัย",)]
    assert files.refused(content.replace("อนามัย".encode(), "อนามาย".encode())) == DAMAGED


def test_a_prefix_for_the_main_namespace_changes_nothing(files: Files) -> None:
    """As .NET libraries write. `xm:f` belongs to a drawing beside, not to a cell."""
    content = raw(
        replace={
            "xl/worksheets/sheet1.xml": (
                f'<x:worksheet {MAIN.replace("=", ":x=", 1)} xmlns:xm="urn:other"><x:sheetData>'
                '<x:row r="1" hidden="1"><x:c r="A1"><x:f>1+1</x:f></x:c>'
                '<x:c r="B1" t="inlineStr"><x:is><x:t>ก</x:t></x:is></x:c></x:row></x:sheetData>'
                "<x:extLst><xm:f>A1</xm:f></x:extLst></x:worksheet>"
            ).encode()
        }
    )
    sheet = files.sheet(content)
    assert sheet.rows == [(None, "ก")]
    assert sheet.hidden_rows == {0}
    assert (sheet.formulas, sheet.without_value) == (1, ((0, 0),))


def test_an_encrypted_zip(files: Files) -> None:
    content = bytearray(raw(data("><v>1</v>")))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # each part's flag bits
        at = content.find(magic)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(magic, at + 4)
    assert files.refused(bytes(content)) == DAMAGED


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


DTDS = {
    "external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
    "external DTD": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    "parameter entity": '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    "billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>',
    "bare": "<!DOCTYPE x>",
}


@pytest.mark.parametrize("dtd", DTDS.values(), ids=DTDS)
def test_a_dtd_is_refused_wherever_it_stands(files: Files, dtd: str) -> None:
    entity = "&l9;" if "l9" in dtd else "&e;" if "ENTITY e " in dtd else "1"
    cell = data(f' t="str"><v>{entity}</v>')
    assert files.refused(raw(cell, prolog=dtd)) == DAMAGED
    assert files.refused(raw(cell, prolog=f'<?xml version="1.0"?>\n<!-- -->{dtd}')) == DAMAGED


def test_a_dtd_is_refused_in_every_part(files: Files) -> None:
    dtd = DTDS["billion laughs"]
    good = zipfile.ZipFile(io.BytesIO(raw(data("><v>1</v>"), strings=" ", styles=" ")))
    for name in good.namelist():
        assert files.refused(
            raw(data("><v>1</v>"), replace={name: dtd.encode() + good.read(name)})
        ) == (DAMAGED), name


def test_an_entity_that_is_not_declared(files: Files) -> None:
    assert files.refused(raw(data(' t="str"><v>&e;</v>'))) == DAMAGED


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-7", "windows-874"])
def test_xml_that_is_not_utf_8_is_never_taken_for_an_empty_sheet(
    files: Files, encoding: str
) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?><worksheet {MAIN}>{data("><v>1</v>")}'
    part = f"{text}</worksheet>".encode(encoding.replace("windows-", "cp"))
    assert files.refused(raw(replace={"xl/worksheets/sheet1.xml": part})) == DAMAGED


def test_external_links_are_not_followed(files: Files) -> None:
    link = (
        f'<externalLink {MAIN} xmlns:r="{RELATIONSHIP}"><externalBook r:id="rId1"/></externalLink>'
    )
    target = (
        f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONSHIP}/externalLinkPath" Target="http://127.0.0.1:9/x" '
        'TargetMode="External"/></Relationships>'
    )
    content = raw(
        data("><f>[1]S!$A$1</f><v>5</v>"),
        replace={
            "xl/externalLinks/externalLink1.xml": link.encode(),
            "xl/externalLinks/_rels/externalLink1.xml.rels": target.encode(),
        },
    )
    sheet = files.sheet(content)
    assert (sheet.rows, sheet.formulas) == ([(5,)], 1)


def test_other_programs_parts_are_left_alone(files: Files) -> None:
    other = '<?xml version="1.0" encoding="utf-16"?><x/>'.encode("utf-16")
    content = raw(data("><v>1</v>"), replace={"customXml/item1.xml": other, "x.bin": b"\0"})
    assert files.sheet(content).rows == [(1,)]


def test_a_zip_of_300_to_1_is_refused_before_it_is_unpacked(files: Files) -> None:
    part = f"<worksheet {MAIN}>{' ' * 2**25}{data('><v>1</v>')}</worksheet>".encode()
    content = raw(replace={"xl/worksheets/sheet1.xml": part})
    assert len(part) > 300 * len(content)
    assert files.sheet(content).rows == [(1,)]  # 32 MB do no harm
    assert files.refused(content, limits=Limits(unpacked=2**25)) == TOO_MANY


def test_a_zip_that_lies_about_its_sizes_is_damaged(files: Files) -> None:
    content = raw(data("><v>1</v>") + " " * 100_000)
    size = len(zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml"))
    lie = content.replace(size.to_bytes(4, "little"), (500).to_bytes(4, "little"))
    assert files.refused(lie) == DAMAGED


def test_an_endless_tag_and_an_endless_part_list(files: Files) -> None:
    endless = b"<worksheet " + b"a" * (40 * 2**20)
    assert files.refused(raw(replace={"xl/worksheets/sheet1.xml": endless})) == TOO_MANY
    assert files.refused(raw(replace={f"x/{n}": b"" for n in range(10_001)})) == DAMAGED
