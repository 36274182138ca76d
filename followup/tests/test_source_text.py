"""The verbatim text as shown: cut and marked, and still the same text."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.source_text import LETTERS, annotate, excerpt
from proposals.models import EditorNote, Measure, Resolution

NOTES = {  # resolution -> what stands before each note's place, with its letter
    2: {"ก": "ต่างๆในพื้นที่"},
    3: {
        "ก": "มีการจัดสรรงบประมาณ",
        "ข": "(กบจ.)",
        "ค": "คณะกรรมการยุทธศาสตร์จังหวัด",
        "ง": "อาจให้การสนับสนุน",
    },
    5: {"ก": "เป็นเครื่องมือ การแก้ปัญหา"},
    8: {"ก": "ข้อเสนอแนะที่ได้จากการประชุมสมัชชาภาคประชาสังคม"},
}


def joined(annotated):
    return "".join(piece.text for stretch in annotated.stretches for piece in stretch.pieces)


def placed(annotated):
    """(letter, all the text before the note) of each note that has a place, in order."""
    found, before = [], ""
    for stretch in annotated.stretches:
        for piece in stretch.pieces:
            before += piece.text
            if piece.note:
                found.append((piece.note.letter, before))
    return found


@pytest.fixture
def resolutions(forum):
    return forum.resolutions.prefetch_related("measures", "editor_notes")


def test_the_text_is_whole(resolutions):
    assert [joined(annotate(each)) for each in resolutions] == [each.text for each in resolutions]


def test_each_measures_stretch_is_its_span(resolutions):
    for resolution in resolutions:
        spans = [
            (stretch.measure.code, "".join(piece.text for piece in stretch.pieces))
            for stretch in annotate(resolution).stretches
            if stretch.measure
        ]
        assert spans == [(each.code, each.span) for each in resolution.measures.all()]


def test_what_stands_between_two_measures_belongs_to_none(resolutions):
    (eighth,) = [each for each in resolutions if each.number == 8]
    assert [
        (stretch.measure and stretch.measure.code, "".join(piece.text for piece in stretch.pieces))
        for stretch in annotate(eighth).stretches
    ] == [
        ("8.1", "ให้คณะกรรมการส่งเสริมและพัฒนาองค์กรภาคประชาสังคม (คสป.) ทำหน้าที่ติดตาม"),
        (None, "และ"),
        (
            "8.2",
            "รายงานผลการดำเนินงานตามข้อเสนอแนะที่ได้จากการประชุมสมัชชาภาคประชาสังคมเป็นประจำทุกปี",
        ),
    ]


def test_every_note_stands_behind_its_words(resolutions):
    for resolution in resolutions:
        annotated = annotate(resolution)
        expected = NOTES.get(resolution.number, {})
        assert {note.letter: note.note.quotation for note in annotated.notes} == expected
        found = placed(annotated)
        assert [letter for letter, _before in found] == sorted(expected)
        for letter, before in found:
            assert before.endswith(expected[letter])
            assert before.count(expected[letter]) == 1, "behind the first place where they stand"


def test_notes_of_the_forum_are_not_on_a_resolutions_page(resolutions):
    assert sum(len(annotate(each).notes) for each in resolutions) == 7
    assert EditorNote.objects.count() == 15


def test_annotating_asks_nothing_of_what_was_prefetched(resolutions, django_assert_num_queries):
    every = list(resolutions)
    with django_assert_num_queries(0):
        for resolution in every:
            annotate(resolution)


# Any text --------------------------------------------------------------------------------------


def resolution_of(text, spans=(), quotations=()):
    """An unsaved resolution with measures at these offsets and notes on these words."""
    resolution: Any = Resolution(pk=1, number=1, text=text)
    resolution._prefetched_objects_cache = {
        "measures": [
            Measure(resolution=resolution, number=number, start=start, end=end)
            for number, (start, end) in enumerate(spans, start=1)
        ],
        "editor_notes": [EditorNote(quotation=quotation) for quotation in quotations],
    }
    return resolution


@st.composite
def marked_texts(draw):
    """A text, spans of it that do not overlap, in any order, and quotations from it and not."""
    text = draw(st.text("กขค่ำ ๑(a\n", min_size=1, max_size=60))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=12)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    touching = list(pairwise(cuts))
    spans = draw(st.permutations(draw(st.sampled_from([pairs, touching]))))
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    quotations = [
        text[min(pair) : max(pair)] for pair in draw(st.lists(places, max_size=len(LETTERS)))
    ]
    return text, spans, draw(st.permutations([*quotations, "ไม่มีคำนี้"]))


@given(marked_texts())
def test_any_text_comes_out_whole_with_its_spans_and_its_notes(marked):
    text, spans, quotations = marked
    annotated = annotate(resolution_of(text, spans, quotations))
    assert joined(annotated) == text
    assert [
        "".join(piece.text for piece in stretch.pieces)
        for stretch in annotated.stretches
        if stretch.measure
    ] == [text[start:end] for start, end in sorted(spans)]
    assert [note.note.quotation for note in annotated.notes] == list(quotations)
    # A note stands behind the first place of its words.
    ends = {text.find(each) + len(each) for each in quotations if each and each in text}
    assert {len(before) for _letter, before in placed(annotated)} == ends
    by_letter = {note.letter: note.note.quotation for note in annotated.notes}
    if len(quotations) <= len(LETTERS):
        for letter, before in placed(annotated):
            assert before.endswith(by_letter[letter])


def test_notes_on_words_that_end_together_all_have_a_place():
    annotated = annotate(resolution_of("ก กองทุนต่างๆ ข", [(2, 13)], ["กองทุนต่างๆ", "ต่างๆ"]))
    assert joined(annotated) == "ก กองทุนต่างๆ ข"
    assert [letter for letter, _before in placed(annotated)] == ["ก", "ข"]


def test_no_two_notes_of_a_page_share_a_letter():
    words = [f"คำ{number}." for number in range(12)]
    annotated = annotate(resolution_of(" ".join(words), [], words))
    letters = [note.letter for note in annotated.notes]
    assert letters[:10] == list("กขคงจฉชซฌญ")
    assert len(set(letters)) == 12


def test_a_note_on_words_that_are_gone_is_listed_without_a_place():
    annotated = annotate(resolution_of("ก ข ค", [(0, 1)], ["คำเดิม", "ข", ""]))
    assert [note.letter for note in annotated.notes] == ["ก", "ข", "ค"]
    assert placed(annotated) == [("ข", "ก ข")]


def test_a_text_without_measures_or_notes_is_one_stretch():
    annotated = annotate(resolution_of("ก ข"))
    assert [(each.measure, each.pieces[0].text) for each in annotated.stretches] == [(None, "ก ข")]
    assert annotate(resolution_of("")).stretches == []


# A measure's words in their sentence ---------------------------------------------------------------


def test_an_excerpt_is_cut_at_spaces(resolutions):
    (third,) = [each for each in resolutions if each.number == 3]
    found = excerpt(third.measures.all()[1])  # 3.2
    assert found.span == third.measures.all()[1].span
    assert (found.before, found.after) == (
        "รวมทั้ง",
        " เพื่อให้ประชาชนมีส่วนร่วมในการสนับสนุนผ่านระบบเทคโนโลยี",
    )
    assert (found.cut_before, found.cut_after) == (True, True)
    assert f"{found.before}{found.span}{found.after}" in third.text


def test_an_excerpt_of_the_first_and_the_last_words_is_not_cut_there(resolutions):
    (eighth,) = [each for each in resolutions if each.number == 8]
    first, last = (excerpt(each) for each in eighth.measures.all())
    assert (first.before, first.cut_before) == ("", False)
    assert (last.after, last.cut_after) == ("", False)


@given(marked_texts(), st.integers(0, 20))
def test_an_excerpt_is_the_text_itself_and_no_wider_than_asked(marked, width):
    text, spans, _quotations = marked
    for measure in resolution_of(text, spans).measures.all():
        found = excerpt(measure, width)
        start, end = measure.start - len(found.before), measure.end + len(found.after)
        assert text[start:end] == found.before + found.span + found.after
        assert len(found.before) <= width
        assert len(found.after) <= width
        assert found.cut_before is (start > 0)
        assert found.cut_after is (end < len(text))
        assert start in {0, measure.start} or text[start - 1] == " "
        assert end in {len(text), measure.end} or text[end] == " "
