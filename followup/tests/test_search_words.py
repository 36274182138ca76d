"""Words of a search: one normal form, the beginnings of words, and marks on whole characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.search_words import (
    QUERY_LIMIT,
    TERMS_LIMIT,
    _mapped,
    beginnings,
    beginnings_of,
    excerpt,
    heads,
    nearest_words,
    normal_lines,
    normalise,
    pieces,
    plain,
    read_words,
    spans,
)
from followup.source_words import is_inside_cluster

TONE_FIRST = "ท" + "\u0e48" + "\u0e35"  # ท, a tone, then the vowel above
NIKHAHIT = "น" + "\u0e49" + "\u0e4d" + "\u0e32"  # น้ and a split ำ


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("กค.", "กค"),
        ("ก.ค.", "กค"),
        ("ก. ค.", "กค"),
        ("๒๕๖๗", "2567"),
        ("CODI", "codi"),
        (TONE_FIRST, "ที่"),
        (NIKHAHIT, "น้ำ"),
        ("น\u0e4d\u0e49\u0e32", "น้ำ"),
        ("น\u0e33\u0e49", "น้ำ"),
        ("เเผน", "แผน"),
        ("ภาค\u200bประชาสังคม", "ภาคประชาสังคม"),
        ("ต่าง ๆ", "ต่าง"),
        ("2565-3.1", "๒๕๖๕–๓.๑"),
    ],
)
def test_what_reads_alike_is_compared_alike(one, other):
    assert normalise(one) == normalise(other) != ""


def test_a_line_is_compared_by_itself():
    assert normal_lines("ก.ค.\n\n-\nงบ ประมาณ", "") == ["กค", "งบประมาณ"]


LETTERS = st.text("กคงนบปรมอเแโใไะาำิีึุู็่้๊๋์ํๆฯ๑๒12Aa .-\u200b\u00a0()", max_size=30)


@given(LETTERS)
def test_the_characters_of_a_text_add_up_to_its_normal_form(text):
    normal, starts, ends = _mapped(text)
    assert normal == normalise(text)
    assert len(starts) == len(ends) == len(normal)


@given(LETTERS, LETTERS)
def test_a_mark_divides_no_character_and_shows_every_letter(text, query):
    words = read_words(query)
    assert plain(pieces(text, words)) == text
    for start, end in spans(text, words):
        assert start < end
        assert not is_inside_cluster(text, end)
    plain(excerpt(text, words, around=5))


# A query ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["2024", "๒๐๒๔", "ค.ศ. 2024", "ค.ศ.2024"])
def test_a_year_is_looked_for_in_both_eras(typed):
    (term,) = read_words(typed).terms
    assert set(term.keys) == {"2024", "2567"}


def test_a_number_that_is_no_year_is_itself():
    assert [term.keys for term in read_words("1234 25670").terms] == [("1234",), ("25670",)]


@pytest.mark.parametrize(
    ("typed", "code"),
    [("2565-3.1", "2565-3.1"), ("๒๕๖๕-๓", "2565-3"), ("3.1", "3.1"), ("2565", None), ("3", None)],
)
def test_a_code_is_known(typed, code):
    found = read_words(typed).code
    assert (str(found) if found else None) == code


@pytest.mark.parametrize("typed", ["", " ", "...", "%", "“”", "\u200b", "็", "\0"])
def test_without_a_letter_nothing_is_asked(typed):
    assert read_words(typed).terms == ()


def test_a_query_has_a_length():
    words = read_words("ก" * (QUERY_LIMIT + 1))
    assert (len(words.typed), words.is_cut) == (QUERY_LIMIT, True)
    many = read_words(" ".join(f"คำ{nth}" for nth in range(TERMS_LIMIT + 3)))
    assert (len(many.terms), many.is_cut) == (TERMS_LIMIT, True)
    assert not read_words("ก" * QUERY_LIMIT).is_cut


# Beginnings of words ---------------------------------------------------------------------------


def test_a_short_word_begins_a_word_or_not():
    text = "สำนักงบประมาณ ถึงบริการ ใช้งบ"
    assert [text[at : at + 2] for at in beginnings(text)].count("งบ") == 2
    assert " งบ " in heads(text)
    assert " งบ " not in heads("ถึงบริการ")
    assert " กค " in heads("กระทรวงการคลัง", "ก.ค.")


def hits(text, query):
    return [(each.text) for each in pieces(text, read_words(query)) if each.is_hit]


def test_a_short_word_is_marked_where_it_begins_a_word_if_it_does():
    assert spans("ถึงบริการ ใช้งบ", read_words("งบ")) == [(13, 15)]
    assert spans("ถึงบริการ", read_words("งบ")) == [(2, 4)]


def test_marks_are_the_words_of_the_text():
    assert hits("ปี ๒๕๖๗ และ 2567", "2024") == ["๒๕๖๗", "2567"]
    assert hits("เดือน ก.ค. นี้", "กค") == ["ก.ค"]
    assert hits("กี่ครั้ง", "ก") == ["กี่"]
    assert hits("มาตรการ 31 ข้อ", "3.1") == [], "the digits of a short code stand in many texts"


def test_an_excerpt_is_around_the_first_hit_and_cut_at_words():
    text = "หน่วยงานรายงานผล " * 20 + "จัดตั้งกองทุนแล้ว " + "หน่วยงานรายงานผล " * 20
    shown = plain(excerpt(text, read_words("กองทุน")))
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert "จัดตั้งกองทุนแล้ว" in shown
    assert len(shown) < 160
    assert shown.removeprefix("…").startswith(("หน่วย", "รายงาน", "ผล", "งาน"))
    assert plain(excerpt("สั้น ๆ", read_words("ไม่มี"))) == "สั้น ๆ"


def test_the_beginnings_of_a_word_divide_no_letter():
    assert beginnings_of("กองทุนเกษตร") == [
        "กอง",
        "กองทุ",
        "กองทุน",
        "กองทุนเก",
        "กองทุนเกษ",
        "กองทุนเกษต",
    ]
    assert beginnings_of("กอง") == []


# Near spellings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("กองทุนหมุนวียน", "กองทุนหมุนเวียน"),
        ("กองทูนหมุนเวียน", "กองทุนหมุนเวียน"),
        ("กองทุนหมุนเวียน", ""),  # that is no other spelling
        ("ไม่มีอะไรเหมือน", ""),
        ("กท", ""),
    ],
)
def test_a_near_spelling_is_found_in_a_sentence(typed, near):
    lines = ["ส่งเสริมการเรียนรู้", "จัดตั้งกองทุนหมุนเวียนของประชาชน"]
    assert nearest_words(typed, lines) == near
