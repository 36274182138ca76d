"""Where a text names a place, and the passage that shows it."""

import pytest

from followup.mentions import mentioned


def names_in(text, *names, **options):
    return [piece.text for piece in mentioned(text, names, **options) if piece.is_hit]


def whole(text, *names, **options):
    return "".join(piece.text for piece in mentioned(text, names, **options))


def test_a_name_is_found_within_its_sentence():
    text = "ลงพื้นที่ติดตามในขอนแก่นและพัทลุง แล้วกลับมาที่ขอนแก่น"
    assert names_in(text, "ขอนแก่น") == ["ขอนแก่น", "ขอนแก่น"]
    assert whole(text, "ขอนแก่น") == text
    assert names_in(text, "ลำปาง") == []
    assert mentioned("", ["ลำปาง"]) == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("เผยแพร่ผลแล้ว", "แพร่"),
        ("ไม่มีเลย", "เลย"),
        ("ตากแดดริมทาง", "ตาก"),
        ("ปลูกตราดอกไม้", "ตราด"),
        ("น่านน้ำไทย", "น่าน"),
    ],
)
def test_a_short_name_within_another_word_is_no_name(text, name):
    assert names_in(text, name) == []


@pytest.mark.parametrize(
    "text", ["จังหวัดแพร่", "จ.แพร่ และ จ. น่าน", "เชียงใหม่ แพร่ และน่าน", "แพร่", "ในแพร่และน่าน", "(แพร่)"]
)
def test_a_short_name_that_is_a_word_is_found(text):
    assert names_in(text, "แพร่") == ["แพร่"]


def test_of_two_names_at_one_place_the_longer_one_counts():
    assert names_in("กรุงเทพมหานครและกทม.", "กรุงเทพ", "กทม.", "กรุงเทพมหานคร") == [
        "กรุงเทพมหานคร",
        "กทม.",
    ]


def test_a_long_text_is_cut_at_spaces_around_the_name():
    text = " ".join(["คำนำ"] * 100 + ["ลำปาง"] + ["คำตาม"] * 100)
    shown = whole(text, "ลำปาง", longest=120)
    assert names_in(text, "ลำปาง", longest=120) == ["ลำปาง"]
    assert shown.startswith("… คำนำ ")
    assert shown.endswith(" คำตาม …")
    assert len(shown) <= 124
    assert whole(text, "น่าน", longest=120).startswith("คำนำ คำนำ")


def test_a_text_without_spaces_is_cut_all_the_same():
    text = "ก" * 300 + "ลำปาง" + "ข" * 300
    assert names_in(text, "ลำปาง", longest=90) == ["ลำปาง"]
    assert len(whole(text, "ลำปาง", longest=90)) <= 94
