"""A long report is cut into pieces: nothing is lost, and a cut is where a new page does no harm."""

import copy

import pytest

from followup.annual_report import pieces

ROWS = [[str(number), "ก" * 100] for number in range(100)]
LINES = ["ข" * 120 + str(number) for number in range(60)]


def part(title, *blocks, is_contents=False):
    return {"title": title, "is_wide": False, "is_contents": is_contents, "blocks": [*blocks]}


def heading(text, level=2):
    return {"kind": "heading", "text": text, "level": level}


def table(rows=ROWS, **more):
    return {"kind": "table", "caption": "ตาราง", "head": ["ก", "ข"], "rows": rows} | more


def text(lines=LINES, kind="text"):
    return {"kind": kind, "text": "\n".join(lines), "is_drafted": True}


@pytest.fixture
def report():
    return {
        "parts": [
            part("คำนำ", text(["สั้น"])),
            part("สารบัญ", is_contents=True),
            part("ส่วนที่ 1", *[each for n in range(6) for each in (heading(str(n)), text())]),
            part("ส่วนที่ 2", heading("ตาราง"), table(has_total=True)),
            part("ภาคผนวก", text(kind="quote"), {"kind": "items", "items": LINES}),
        ]
    }


def rows_and_lines(parts):
    found = []
    for block in (block for each in parts for block in each["blocks"]):
        if block["kind"] in ("text", "quote"):
            found += block["text"].splitlines()
        else:
            found += block.get("rows", block.get("items", [block.get("text")]))
    return found


@pytest.mark.parametrize("size", [700, 3000, 9000, 10**6])
def test_nothing_is_lost_and_every_piece_keeps_to_its_length(report, size):
    before = copy.deepcopy(report)
    found = pieces.cut(report, size, whole_parts=False)
    assert report == before
    assert rows_and_lines(each for piece in found for each in piece.parts) == rows_and_lines(
        report["parts"]
    )
    titles = [title for piece in found for title in piece.titles]
    assert [title.text for title in titles] == [
        *("คำนำ", "ส่วนที่ 1", *"012345", "ส่วนที่ 2", "ตาราง", "ภาคผนวก")
    ]
    assert all(pieces.length(piece.parts) < size + 1000 for piece in found)
    assert [piece.has_cover for piece in found] == [True] + [False] * (len(found) - 1)
    assert [each["title"] for each in found[0].parts] == ["คำนำ", "สารบัญ"]
    assert len(found) == 2 if size == 10**6 else len(found) > 3


def test_a_piece_within_a_part_knows_its_part_and_begins_with_a_heading_if_there_is_one(report):
    found = pieces.cut(report, 9000, whole_parts=False)
    within = [piece for piece in found if piece.lead]
    assert {piece.lead for piece in within} == {"ส่วนที่ 1", "ส่วนที่ 2", "ภาคผนวก"}
    for piece in within:
        assert piece.parts[0]["is_continued"]
        if piece.lead == "ส่วนที่ 1":
            assert piece.parts[0]["blocks"][0]["kind"] == "heading"
    assert not any(
        piece.parts[-1]["blocks"] and piece.parts[-1]["blocks"][-1]["kind"] == "heading"
        for piece in found
    )


def test_a_cut_table_says_so_and_has_its_sum_at_its_end_only(report):
    found = [
        block
        for piece in pieces.cut(report, 3000, whole_parts=False)
        for each in piece.parts
        for block in each["blocks"]
        if block["kind"] == "table"
    ]
    assert len(found) > 2
    assert [block["caption"] for block in found[:2]] == ["ตาราง", "ตาราง (ต่อ)"]
    assert [block["has_total"] for block in found] == [False] * (len(found) - 1) + [True]
    assert all(len(block["rows"]) > 3 for block in found), "no page with a row or two"


def test_a_drafted_text_says_so_at_its_end_only():
    report = {"parts": [part("ก", text())]}
    found = pieces.cut(report, 3000, whole_parts=False)
    notes = [piece.parts[0]["blocks"][0]["is_drafted"] for piece in found]
    assert notes == [False] * (len(found) - 1) + [True]


def test_where_each_part_is_a_page_none_is_cut(report):
    found = pieces.cut({"parts": report["parts"][2:]}, 3000, whole_parts=True)
    assert [each for piece in found for each in piece.parts] == report["parts"][2:]
    assert len(found) == 3
    assert not any(piece.lead for piece in found)
