"""The source text as a draft's page shows it."""

from followup import forum_marks
from followup.marked_text import Pending, lines_of
from followup.tests.entered import marked
from followup.tests.second_forum_files import SOURCE


def shown(lines):
    return "\n".join("".join(piece.text for piece in line.pieces) for line in lines)


def test_no_character_is_lost_or_added():
    for content in (forum_marks.empty(2566), marked()):
        lines = lines_of(content, SOURCE, Pending(3, 40, 20))
        assert shown(lines) == "\n".join(line for line in SOURCE.split("\n") if line.strip())
        for line in lines:
            for piece in line.pieces:
                assert SOURCE[piece.at :].startswith(piece.text)


def test_marks_numerals_and_proposed_marks_stand_at_their_lines():
    content = marked()
    forum_marks.remove(content, forum_marks.by_code(content, "5").key)
    lines = {line.number: line for line in lines_of(content, SOURCE)}
    assert lines[1].is_outside
    assert (lines[4].proposal.code, lines[4].is_heading) == ("1", True)
    badges = [piece.mark.code for piece in lines[5].pieces if piece.begins]
    assert badges == ["1.1", "1.2"]
    assert lines[16].hint.code == "5"
    assert [hint.code for hint in lines[17].below] == ["5"]
    assert [piece.text for piece in lines[17].pieces if piece.is_hint] == [
        "ให้ คสป. จัดประชุมติดตามผลข้อเสนอทุกหกเดือน",
        "เผยแพร่ผลต่อสาธารณะ",
    ]


def test_a_stretch_that_could_not_be_marked_shows_its_cut():
    start = SOURCE.index("เผยแพร่ผลต่อสาธาร")
    end = start + len("เผยแพร่ผลต่อสาธาร")
    line = lines_of(marked(), SOURCE, Pending(start, end, end))[-1]
    assert line.has_pending
    assert [(piece.text, piece.is_bad, piece.cut_after) for piece in line.pieces][-2:] == [
        ("เผยแพร่ผลต่อสาธาร", True, True),
        ("ณะ", False, False),
    ]
    selected = lines_of(marked(), SOURCE, Pending(start, end))[-1]
    assert [piece.text for piece in selected.pieces if piece.is_pending] == ["เผยแพร่ผลต่อสาธาร"]
