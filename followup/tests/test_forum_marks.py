"""Marks in a draft's source text: placed, moved, removed, proposed, and kept in another source."""

import pytest

from followup import forum_file, forum_marks
from followup.forum_marks import MEASURE, RESOLUTION, MarkRefused, place
from followup.tests.entered import marked
from followup.tests.second_forum_files import SOURCE


def at(words, nth=0):
    """The place of some words in the source."""
    start = -1
    for _turn in range(nth + 1):
        start = SOURCE.index(words, start + 1)
    return start, start + len(words)


def codes(content):
    return {mark.code: mark.words for mark in forum_marks.marks(content)}


THIRD = (
    "ให้สำนักงบประมาณเปิดเผยข้อมูลงบประมาณที่จัดสรรแก่องค์กรภาคประชาสังคมในรูปแบบข้อมูลเปิดทุกปี "
    "ให้กรมบัญชีกลางปรับปรุงระเบียบการเบิกจ่ายให้ยืดหยุ่น และให้ทุกหน่วยงานรายงานผลต่อ คสป."
)
TREASURY = "ให้กรมบัญชีกลางปรับปรุงระเบียบการเบิกจ่ายให้ยืดหยุ่น"
BUDGET = "ให้สำนักงบประมาณเปิดเผยข้อมูลงบประมาณที่จัดสรรแก่องค์กรภาคประชาสังคมในรูปแบบข้อมูลเปิดทุกปี"


@pytest.fixture
def third():
    content = forum_marks.empty(2566)
    place(content, SOURCE, *at(THIRD), RESOLUTION)
    return content


def test_numbers_follow_the_places_in_the_text(third):
    treasury = place(third, SOURCE, *at(TREASURY), MEASURE)
    assert (treasury.code, treasury.words) == ("1.1", TREASURY)
    place(third, SOURCE, *at(BUDGET), MEASURE)
    place(third, SOURCE, *at("ให้กระทรวงศึกษาธิการบรรจุการเรียนรู้"), RESOLUTION)
    first = at("ให้องค์กรปกครองส่วนท้องถิ่นจัดตั้ง")
    assert forum_marks.next_code(third, *first, RESOLUTION) == "1"
    place(third, SOURCE, *first, RESOLUTION)
    assert list(codes(third)) == ["1", "2", "2.1", "2.2", "3"]
    assert codes(third)["2.2"] == TREASURY
    assert forum_marks.mark_of(third, treasury.key).code == "2.2", "the key stays"


def test_white_space_at_the_ends_of_a_selection_does_not_count(third):
    start, end = at(TREASURY)
    assert place(third, SOURCE, start - 1, end + 1, MEASURE).words == TREASURY


def test_a_mark_moves_with_all_that_was_typed_for_it(third):
    mark = place(third, SOURCE, *at(TREASURY), MEASURE)
    mark.row["title_th"] = "ปรับระเบียบ"
    start, _end = at(TREASURY)
    moved = place(third, SOURCE, start, start + len("ให้กรมบัญชีกลางปรับปรุงระเบียบ"), "", key=mark.key)
    assert (moved.words, moved.row["title_th"]) == ("ให้กรมบัญชีกลางปรับปรุงระเบียบ", "ปรับระเบียบ")
    assert list(codes(third)) == ["1", "1.1"]


def test_a_moved_proposal_keeps_its_measures_in_their_places(third):
    place(third, SOURCE, *at(TREASURY), MEASURE)
    start, end = at(THIRD)
    shorter = start + len(BUDGET) + 1
    place(third, SOURCE, shorter, end, "", key=third["resolutions"][0]["key"])
    assert codes(third) == {"1": THIRD[len(BUDGET) + 1 :], "1.1": TREASURY}
    with pytest.raises(MarkRefused, match=r"^1\.1 อยู่นอกข้อความใหม่ของข้อเสนอ เลื่อนหรือนำ 1\.1 ออกก่อน$"):
        place(third, SOURCE, start, shorter, "", key=third["resolutions"][0]["key"])
    assert codes(third)["1.1"] == TREASURY


REFUSED = [
    (
        "a character",
        lambda: (at(TREASURY)[0], at(TREASURY)[0] + 2),
        MEASURE,
        r"ตัดกลางตัวอักษร “ห้” หลัง “.*ใ”",
    ),
    ("nothing", lambda: (5, 5), MEASURE, "ยังไม่ได้เลือกข้อความ"),
    (
        "no proposal",
        lambda: at("ให้กระทรวงศึกษาธิการ"),
        MEASURE,
        "ไม่อยู่ในข้อเสนอใด ทำเครื่องหมายข้อเสนอก่อน",
    ),
    (
        "half in it",
        lambda: (at(THIRD)[0] - 10, at(BUDGET)[1]),
        MEASURE,
        "ต้องอยู่ในข้อความของข้อเสนอที่ 1 ทั้งหมด",
    ),
    ("two proposals", lambda: at(TREASURY), RESOLUTION, "^1 กับ 2 ทับซ้อนกัน เลื่อนขอบของข้อใดข้อหนึ่ง$"),
    (
        "two measures",
        lambda: (at(BUDGET)[0], at(TREASURY)[1]),
        MEASURE,
        r"^1\.1 กับ 1\.2 ทับซ้อนกัน เลื่อนขอบของข้อใดข้อหนึ่ง$",
    ),
]


@pytest.mark.parametrize(
    ("where", "kind", "sentence"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_mark_that_cannot_be_is_refused_and_changes_nothing(third, where, kind, sentence):
    place(third, SOURCE, *at(BUDGET), MEASURE)
    before = codes(third)
    with pytest.raises(MarkRefused, match=sentence):
        place(third, SOURCE, *where(), kind)
    assert codes(third) == before


def test_a_cut_within_a_character_offers_the_whole_one(third):
    start, _end = at(TREASURY)
    with pytest.raises(MarkRefused) as refused:
        place(third, SOURCE, start, start + 2, MEASURE)
    first, last = refused.value.wider
    assert SOURCE[first:last] == "ให้"


def test_a_divided_word_is_told_with_the_way_to_its_end():
    start, end = at("เผยแพร่ผลต่อสาธาร")
    cut, wider = forum_marks.divided(SOURCE, start, end)
    assert (cut.after, SOURCE[slice(*wider)]) == ("ณะ", "เผยแพร่ผลต่อสาธารณะ")
    # The browser's dictionary knows more: here that "สาธารณะ" is the word.
    cut, wider = forum_marks.divided(SOURCE, start, end, (start, end + 2))
    assert (cut.after, SOURCE[slice(*wider)]) == ("ณะ", "เผยแพร่ผลต่อสาธารณะ")
    assert forum_marks.divided(SOURCE, start, end, (start, end)) is None
    assert forum_marks.divided(SOURCE, *at(TREASURY)) is None


def test_the_portal_proposes_what_nobody_has_marked(third):
    found = forum_marks.hints(third, SOURCE)
    assert [(each.kind, each.code) for each in found] == [
        (RESOLUTION, "1"),
        (RESOLUTION, "2"),
        (MEASURE, "1.1"),
        (MEASURE, "1.2"),
        (MEASURE, "1.3"),
        (RESOLUTION, "4"),
        (RESOLUTION, "5"),
    ]
    assert list(codes(third)) == ["1"], "a proposal is no mark"
    accepted = forum_marks.accept(third, SOURCE, found[0].name)
    assert (accepted.code, accepted.row["title_th"]) == (
        "1",
        "การยกระดับศูนย์ประสานงานภาคประชาสังคมระดับตำบล",
    )
    assert list(codes(third)) == ["1", "1.1", "1.2", "2"]
    clause = next(each for each in forum_marks.hints(third, SOURCE) if each.kind == MEASURE)
    forum_marks.drop(third, SOURCE, clause.name)
    names = [each.name for each in forum_marks.hints(third, SOURCE)]
    assert clause.name not in names
    with pytest.raises(MarkRefused, match="ระบบไม่ได้เสนอข้อความนี้แล้ว"):
        forum_marks.accept(third, SOURCE, clause.name)


def test_all_that_is_proposed_makes_the_forum_of_the_file():
    content = marked(complete=False)
    assert len(codes(content)) == 5 + 9
    assert forum_marks.hints(content, SOURCE) == []
    standing = forum_marks.standing(content, SOURCE, {"1.1"})
    assert (standing.found, standing.marked, standing.complete, standing.without_english) == (
        9,
        9,
        8,
        9,
    )


def test_removing_a_proposal_removes_its_measures_and_numbers_the_others(third):
    content = marked()
    forum_marks.remove(content, forum_marks.by_code(content, "2").key)
    assert [code for code in codes(content) if "." not in code] == ["1", "2", "3", "4"]
    assert codes(content)["2"] == THIRD
    forum_marks.remove(content, forum_marks.by_code(content, "2.1").key)
    assert codes(content)["2.1"] == TREASURY


def test_another_source_keeps_the_marks_whose_words_it_has():
    content = marked()
    title = forum_marks.by_code(content, "4.1").row["title_th"]
    after = "หน้าแรก\n" + SOURCE.replace("ทุกหกเดือน", "ทุกสามเดือน")
    lost = forum_marks.follow(content, SOURCE, after)
    assert [mark.code for mark in lost] == ["5", "5.1", "5.2"]
    assert lost[1].words == "ให้ คสป. จัดประชุมติดตามผลข้อเสนอทุกหกเดือน"
    file = forum_marks.to_file(content)
    known = forum_file.Known()
    assert [str(each) for each in forum_file.check(file, after, known)] == []
    assert forum_marks.by_code(content, "4.1").row["title_th"] == title
    # What is lost is placed again, with what was typed for it.
    again = after.index("ให้ คสป. จัดประชุม")
    text = "ให้ คสป. จัดประชุมติดตามผลข้อเสนอทุกสามเดือน และเผยแพร่ผลต่อสาธารณะ"
    placed = place(
        content, after, again, again + len(text), "", key=content["lost"][0]["row"]["key"]
    )
    assert (placed.code, placed.row["title_th"]) == ("5", "กลไกติดตามผลข้อเสนอ")
    assert [each["code"] for each in content["lost"]] == ["5.1", "5.2"]


def test_a_draft_becomes_a_file_and_a_file_a_draft():
    content = marked()
    content["resolutions"][0]["notes"] = [{"quotation": "ตำบล", "text_th": "เขียนสองแบบ"}]
    measure = forum_marks.by_code(content, "3.1").row
    measure["agencies"] = [{"agency": "BOB", "role": "lead"}, {"agency": "", "role": "support"}]
    file = forum_marks.to_file(content)
    assert file["assignments"] == [{"measure": "3.1", "agency": "BOB", "role": "lead"}]
    assert file["editor_notes"] == [{"resolution": 1, "quotation": "ตำบล", "text_th": "เขียนสองแบบ"}]
    plain = forum_marks.without_places(file)
    assert list(forum_file.shape_faults(plain)) == []
    assert forum_marks.to_file(forum_marks.from_file(plain, SOURCE)) == file
