"""Words in a source text: cuts, places of pasted words, and the first cut into proposals."""

import json
from pathlib import Path

import pytest

from followup import source_words
from followup.source_words import divided_word, find, first_cut, is_inside_cluster, nearest, opening
from followup.tests import second_forum_files

TEXT = second_forum_files.SOURCE


def test_a_cut_within_a_character_is_seen():
    inside = [at for at in range(8) if is_inside_cluster("ก้ำกิ่งa", at)]
    # ก + ้ + ำ is one character, so is กิ่; ง and a stand alone.
    assert inside == [1, 2, 4, 5]
    assert is_inside_cluster("e\u0301", 1)
    assert is_inside_cluster("\r\n", 1)
    assert not is_inside_cluster("\n\u0e49", 1)
    assert not is_inside_cluster("กิ", 0)
    assert not is_inside_cluster("กิ", 2)


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ("เผยแพร่ผลต่อสาธาร", "ณะ", "เผยแพร่ผลต่อสาธารณะ"),  # too little is left
        ("ภาคประชา", "สังคมระดับตำบล", "ภาคประชาสังคม"),  # a term that the portal knows
        ("ให้แ", "ก้กฎหมายที่เกี่ยวข้อง", "ให้แก้กฎหมายที่เกี่ยวข้อง"),  # after a leading vowel
        ("พิพิธภั", "ณฑ์แห่งชาติ", None),
        ("องค์", "การบริหารส่วนตำบล", None),  # spelling alone does not tell
        ("CSOs For", "um 2022", "Forum"),
        ("ทุกปี ", "ให้กรมบัญชีกลาง", None),
    ],
)
def test_a_word_that_is_surely_divided(before, after, word):
    cut = divided_word(before + after, len(before))
    assert (cut and cut.word) == word


def test_pasted_words_may_differ_in_white_space_only():
    pasted = "จัดประชุมติดตามผล\n  ข้อเสนอทุก หกเดือน"
    [(start, end)] = find(TEXT, pasted)
    assert TEXT[start:end] == "จัดประชุมติดตามผลข้อเสนอทุกหกเดือน"
    assert find(TEXT, "จัดประชุมติดตามผลข้อเสนอทุกห้าเดือน") == []
    assert find(TEXT, "  ") == []
    assert [
        source_words.line_of(TEXT, at)
        for at, _end in find(TEXT, "ศูนย์ประสานงานภาคประชาสังคมระดับตำบล")
    ] == [4, 5]


def test_the_nearest_place_names_what_differs():
    close = nearest(TEXT, "เผยแพร่ผลต่อประชาชน")
    assert (close.agreed, close.here, close.typed) == ("เผยแพร่ผลต่อ", "สาธารณะ", "ประชาชน")
    assert TEXT[: close.at].endswith("และเผยแพร่ผลต่อ")
    assert nearest(TEXT, "อวกาศยาน") is None


def test_the_first_cut_of_headings_is_that_of_the_forum():
    content = json.loads(second_forum_files.FILE.read_text("utf-8"))
    found = first_cut(TEXT)
    assert [TEXT[each.start : each.end] for each in found] == [
        each["text"] for each in content["resolutions"]
    ]
    assert [each.title for each in found] == [each["title_th"] for each in content["resolutions"]]
    third = content["resolutions"][2]
    assert [TEXT[start:end] for start, end in found[2].clauses] == [
        each["span"] for each in third["measures"]
    ]


def test_the_first_cut_of_numbered_paragraphs():
    text = (Path(second_forum_files.FIXTURES) / "csos-forum-2565.txt").read_text("utf-8")
    content = json.loads((second_forum_files.FIXTURES / "forum-2565.json").read_text("utf-8"))
    assert [text[each.start : each.end] for each in first_cut(text)] == [
        each["text"].strip() for each in content["resolutions"]
    ]
    assert first_cut("ไม่มีเลขข้อ\nเลยสักบรรทัด") == []


def test_what_is_normalised_is_said():
    assert source_words.normalised("\ufeffก\r\nข\rค") == (
        "ก\nข\nค",
        ["ตัดเครื่องหมายลำดับไบต์ (BOM) ที่ต้นแฟ้มออก", "เปลี่ยนรหัสขึ้นบรรทัดเป็นแบบเดียว (LF)"],
    )
    kept = "e\u0301 ก\u0e4dา\u200b\u00a0ข "
    assert source_words.normalised(kept) == (kept, [])


def test_a_long_text_is_cut_at_a_space_and_a_short_one_not_at_all():
    assert opening("ก" * 600) == ("ก" * 600, "")
    text = "คำ " * 201
    first, rest = opening(text)
    assert len(first) <= 400
    assert first.endswith("คำ")
    assert f"{first} {rest}" == text


def test_a_long_text_without_a_space_is_cut_between_characters():
    first, rest = opening("ก้ำ" * 300)
    assert (first + rest, len(first)) == ("ก้ำ" * 300, 402)
    assert not is_inside_cluster(first + rest, len(first))
