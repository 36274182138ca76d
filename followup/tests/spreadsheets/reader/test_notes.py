"""What hangs beside the cells: comments, and tick boxes that are drawn over them."""

import io
from typing import Any

import openpyxl
import pytest

from followup.spreadsheets.reader import Limits
from followup.spreadsheets.reader.notes import _comments
from followup.spreadsheets.reader.package import Parts
from followup.tests.spreadsheets.reader.books import (
    DAMAGED,
    HEADER,
    MAIN,
    PACKAGE,
    RECORD,
    Files,
    data,
    openpyxl_book,
    raw,
    xlsxwriter_book,
)


def related(*targets: tuple[str, str]) -> dict[str, bytes | None]:
    """The relationships of sheet 1: kind and path of each."""
    listed = "".join(
        f'<Relationship Id="r{n}" Type="http://schemas.x/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets)
    )
    text = f'<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'
    return {"xl/worksheets/_rels/sheet1.xml.rels": text.encode()}


def comments(*found: tuple[str, str]) -> bytes:
    listed = "".join(
        f'<comment ref="{ref}" authorId="0"><text>{text}</text></comment>' for ref, text in found
    )
    return f"<comments {MAIN}><commentList>{listed}</commentList></comments>".encode()


def test_comments_are_told_by_cell(files: Files) -> None:
    def build(book: Any) -> None:
        book.active.append(HEADER)
        book.active.append(RECORD)
        book.active["B2"].comment = openpyxl.comments.Comment("ยุบรวมแล้ว\nดูหนังสือ", "ผู้ใช้")

    sheet = files.sheet(openpyxl_book(build))
    assert sheet.comments == {(1, 1): "ยุบรวมแล้ว\nดูหนังสือ"}


def test_threaded_comments_take_the_place_of_their_notes(files: Files) -> None:
    thread = (
        '<ThreadedComments xmlns="urn:x"><threadedComment ref="A1" id="{1}"><text>ใช้ตัวเลขใด</text>'
        '</threadedComment><threadedComment ref="A1" id="{2}" parentId="{1}"><text>ของปีก่อน</text>'
        "</threadedComment></ThreadedComments>"
    )
    runs = '<r><t>ก</t></r><r><t xml:space="preserve"> ข</t></r><rPh><t>อ่าน</t></rPh>'
    content = raw(
        data("><v>1</v>"),
        replace={
            "xl/comments1.xml": comments(("A1", "<t>[Threaded comment]</t>"), ("C7", runs)),
            "xl/threadedComments/t.xml": thread.encode(),
            **related(
                ("comments", "../comments1.xml"),
                ("threadedComment", "/xl/threadedComments/t.xml"),
                ("comments", "../none.xml"),
            ),
        },
    )
    assert files.sheet(content).comments == {
        (0, 0): "ใช้ตัวเลขใด\nของปีก่อน",
        (6, 2): "ก ข",  # beyond the table
    }


def test_comments_are_capped(files: Files) -> None:
    long = [("A1", f"<t>{'ก' * 10_000}</t>")]
    many = [(f"B{n}", "<t>ข</t>") for n in range(1, 3000)]
    content = raw(
        data("><v>1</v>"),
        replace={
            "xl/c.xml": comments(*long, *many),
            "xl/d.xml": comments(("A2", "<t>ค</t>")),
            **related(("comments", "../c.xml"), ("comments", "../d.xml")),
        },
    )
    found = files.sheet(content).comments
    assert len(found) == 1000
    assert len(_comments(Parts(io.BytesIO(content), Limits()), "xl/c.xml", "comment")) == 1000
    assert found[0, 0] == "ก" * 499 + "…"


@pytest.mark.parametrize("part", [b"<comments><comment ref='A1'>", comments(("XFE1", "<t>x</t>"))])
def test_comments_that_are_damaged_are_damage(files: Files, part: bytes) -> None:
    content = raw(
        data("><v>1</v>"), replace={"xl/c.xml": part, **related(("comments", "../c.xml"))}
    )
    assert files.refused(content) == DAMAGED


CHECK_BOX = '<formControlPr xmlns="urn:x" objectType="{}" checked="Checked"/>'


VML = (
    b'<xml xmlns:x="urn:x"><x:ClientData ObjectType="Checkbox"><br></x:ClientData>'
    b'<x:ClientData ObjectType="Note"/></xml>'
)


ACTIVE_X = '<ax:ocx ax:classid="{{{}}}" xmlns:ax="urn:x"/>'


CONTROLS: dict[str, tuple[list[tuple[str, str, bytes]], int]] = {
    "form controls, each drawn as well": (
        [
            ("ctrlProp", "../ctrlProps/1.xml", CHECK_BOX.format("CheckBox").encode()),
            ("ctrlProp", "../ctrlProps/2.xml", CHECK_BOX.format("CheckBox").encode()),
            ("ctrlProp", "../ctrlProps/3.xml", CHECK_BOX.format("Button").encode()),
            ("vmlDrawing", "../drawings/1.vml", VML),
        ],
        2,
    ),
    "drawn alone": ([("vmlDrawing", "../drawings/1.vml", VML)], 1),
    "ActiveX": (
        [
            (
                "control",
                "../activeX/1.xml",
                ACTIVE_X.format("8BD21D40-EC42-11CE-9E0D-00AA006002F3").encode(),
            ),
            (
                "control",
                "../activeX/2.xml",
                ACTIVE_X.format("8BD21D50-EC42-11CE-9E0D-00AA006002F3").encode(),
            ),
        ],
        1,
    ),
    "of nobody": ([("image", "../ctrlProps/1.xml", CHECK_BOX.format("CheckBox").encode())], 0),
}


@pytest.mark.parametrize("case", CONTROLS)
def test_tick_boxes_drawn_over_cells_are_counted(files: Files, case: str) -> None:
    parts, count = CONTROLS[case]
    content = raw(
        data("><v>1</v>"),
        replace={
            **{path.replace("..", "xl"): part for _, path, part in parts},
            **related(*[(kind, path) for kind, path, _ in parts]),
        },
    )
    assert files.sheet(content).controls == count


def test_tick_boxes_of_a_writer_of_its_own(files: Files) -> None:
    def build(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.insert_checkbox(1, 1, False)  # of the cell: it holds a boolean
        sheet.write_comment(0, 0, "หมายเหตุ")

    sheet = files.sheet(xlsxwriter_book(build))
    assert (sheet.controls, sheet.rows[1][1]) == (0, False)
    assert sheet.comments == {(0, 0): "หมายเหตุ"}
