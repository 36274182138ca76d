"""Thai text: digits, dates, money, repair, comparison, order, line breaks and the filters."""

import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal
from html import unescape

import pytest
from django.utils.safestring import SafeString, mark_safe
from hypothesis import given
from hypothesis import strategies as st

from forum_portal.thai import (
    GLUE_TERMS,
    MONTHS,
    MONTHS_SHORT,
    AmountError,
    clean_text,
    format_baht,
    format_date,
    format_duration,
    format_time,
    glue,
    match_key,
    parse_baht,
    sort_key,
    to_arabic_digits,
    to_thai_digits,
)

# The characters that the repairs concern, so that combinations of them are frequent.
AWKWARD = st.text("กงเแโๆฯ่้๊๋์็ําำฺุูั .-'\u0301\u00a0\u200b\ufeff\u00ad\x00\r\n\t1๑Aa")


# --- digits


def test_digits():
    assert to_thai_digits("ข้อ 9 (5) 0123456789") == "ข้อ ๙ (๕) ๐๑๒๓๔๕๖๗๘๙"
    assert to_thai_digits(848) == "๘๔๘"
    assert to_arabic_digits("ข้อ ๙ (๕) ๐๑๒๓๔๕๖๗๘๙") == "ข้อ 9 (5) 0123456789"
    assert to_arabic_digits("² ５ ৫") == "² ５ ৫"


# --- dates and times


@pytest.mark.parametrize(
    ("style", "text"),
    [("long", "30 กันยายน 2567"), ("medium", "30 ก.ย. 2567"), ("short", "30 ก.ย. 67")],
)
def test_format_date(style, text):
    assert format_date(date(2024, 9, 30), style) == text
    assert format_date(datetime(2024, 9, 30, 14, 30), style) == text


def test_format_date_edges():
    assert format_date(date(2024, 2, 29)) == "29 กุมภาพันธ์ 2567"
    assert format_date(date(2057, 1, 1), "short") == "1 ม.ค. 00"
    assert len(MONTHS) == len(MONTHS_SHORT) == 12
    with pytest.raises(KeyError):
        format_date(date(2024, 9, 30), "full")


def test_format_time():
    assert format_time(datetime(2024, 9, 30, 14, 30)) == "14.30 น."
    assert format_time(time(9, 5)) == "09.05 น."


# --- money


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("", None),
        (" \u00a0", None),
        ("-", None),
        (" - ", None),
        ("0", "0.00"),
        ("007", "7.00"),
        ("1,250,000", "1250000.00"),
        ("1250000.50", "1250000.50"),
        ("0.5", "0.50"),
        ("๑,๒๕๐,๐๐๐", "1250000.00"),
        ("1.25 ล้าน", "1250000.00"),
        ("1.25ล้านบาท", "1250000.00"),
        ("1.25 ล้านบาท", "1250000.00"),
        ("๑.๒๕ ล้านบาท", "1250000.00"),
        ("1,250 ล้านบาท", "1250000000.00"),
        ("0.00000001 ล้าน", "0.01"),
        ("1,250,000 บาท", "1250000.00"),
        ("\ufeff1,250,000\u00a0บาท\u200b", "1250000.00"),
        ("9,999,999,999,999.99", "9999999999999.99"),
        ("๙๙๙๙๙๙๙.๙๙๙๙๙๙๙๙ ล้าน", "9999999999999.99"),
    ],
)
def test_parse_baht(text, amount):
    parsed = parse_baht(text)
    assert (parsed if parsed is None else str(parsed)) == amount


@pytest.mark.parametrize(
    "text",
    [
        *("1,25", "1,2500", "12,50,000", "0,123", ",125", "1,,250", "1.2.3", "1.", ".5", "1 250"),
        *("๑,250", "1.๒๕", "1_000", "1e5", "1e400", "NaN", "inf", "Infinity", "+5", "(500)"),
        *("²", "５", "৫", "0x10", "฿5", "บาท", "ล้าน", "-บาท", "--", "25%", "No.5", "ห้า"),
    ],
)
def test_parse_baht_refuses_what_is_no_number(text):
    with pytest.raises(AmountError) as error:
        parse_baht(text)
    assert error.value.code == "not_a_number"
    assert str(error.value) == f"งบประมาณ “{text}” ไม่ใช่ตัวเลข"


TOO_PRECISE = "จำนวนเงินมีทศนิยมได้ไม่เกิน 2 ตำแหน่ง (สตางค์)"


TOO_LARGE = "จำนวนเงินมากเกินไป ระบุไม่เกิน 9,999,999,999,999.99 บาท"


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("12\x000", "not_a_number", "งบประมาณ “12\ufffd0” ไม่ใช่ตัวเลข"),
        ("12O,000", "not_a_number", "งบประมาณ “12O,000” ไม่ใช่ตัวเลข (มีตัวอักษร O)"),
        ("1o", "not_a_number", "งบประมาณ “1o” ไม่ใช่ตัวเลข (มีตัวอักษร o)"),
        ("l00 บาท", "not_a_number", "งบประมาณ “l00 บาท” ไม่ใช่ตัวเลข (มีตัวอักษร l)"),
        ("๑I,๐๐๐", "not_a_number", "งบประมาณ “๑I,๐๐๐” ไม่ใช่ตัวเลข (มีตัวอักษร I)"),
        ("-5", "negative", "จำนวนเงินต้องไม่ติดลบ"),
        ("− 1,000 บาท", "negative", "จำนวนเงินต้องไม่ติดลบ"),
        ("1.250", "too_precise", TOO_PRECISE),
        ("0.000000001 ล้าน", "too_precise", TOO_PRECISE),
        ("10000000000000", "too_large", TOO_LARGE),
        ("๑๐,๐๐๐,๐๐๐ ล้าน", "too_large", TOO_LARGE),
        pytest.param("9" * 2_000_000, "too_large", TOO_LARGE, id="two million nines"),
    ],
)
def test_parse_baht_refuses(text, code, message):
    with pytest.raises(AmountError) as error:
        parse_baht(text)
    assert (error.value.code, str(error.value)) == (code, message)


def test_format_baht():
    assert format_baht(Decimal("1250000")) == "1,250,000"
    assert format_baht(Decimal("1250000.00")) == "1,250,000"
    assert format_baht(Decimal("1250000.5")) == "1,250,000.50"
    assert format_baht(Decimal("0")) == "0"


@given(
    amount=st.decimals(0, Decimal("9999999999999.99"), places=2),
    thai=st.booleans(),
    unit=st.sampled_from(["", " บาท", "บาท"]),
)
def test_any_amount_formatted_reads_back(amount, thai, unit):
    text = format_baht(amount) + unit
    assert parse_baht(to_thai_digits(text) if thai else text) == amount


@given(st.text() | st.text("019๐๑๙,.-lO ล้านบาท\x00"))
def test_any_text_is_an_amount_that_fits_or_an_amount_error(text):
    message = ""
    try:
        amount = parse_baht(text)
        assert amount is None or 0 <= amount < 10**13
    except AmountError as error:
        message = str(error)
    assert message.isprintable()


# --- text as stored, compared and sorted


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("  ก\r\nข\rค \n", "ก\nข\nค"),
        ("ก\u00a0ข", "ก ข"),
        ("ก\tข", "ก\tข"),
        ("\ufeffภาค\u200bประชา\u00adสังคม", "ภาคประชาสังคม"),
        ("ก\x00ข\x1f\x0b", "กข"),
        ("ประจ\u0e4d\u0e32", "ประจำ"),
        ("น\u0e4d\u0e49\u0e32", "น้ำ"),
        ("น\u0e49\u0e4d\u0e32", "น้ำ"),
        ("เเผนงาน", "แผนงาน"),
        ("อำนาจ ① ½ ﬁ", "อำนาจ ① ½ ﬁ"),
        ("e\u0301", "é"),
        ("", ""),
    ],
)
def test_clean_text(text, clean):
    assert clean_text(text) == clean


@given(st.text() | AWKWARD)
def test_clean_text_is_clean(text):
    clean = clean_text(text)
    assert clean_text(clean) == clean == unicodedata.normalize("NFC", clean).strip()
    assert not re.search("[\u200b\ufeff\u00ad\u00a0\x00-\x08\x0b-\x1f]|เเ|ํ[่-๋]?า", clean)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ก.บ.จ.", "กบจ"),
        ("คสป.", " ค.ส.ป "),
        ("เวที ๔ ภาค", "เวที4ภาค"),
        ("ต่าง ๆ", "ต่างๆ"),
        ("กองส่งเสริมฯ", "กองส่งเสริม"),
        ("CSOs Forum", "csos-forum"),
        ("“องค์กร” (มหาชน)", "องค์กรมหาชน"),
        ("อ\u0e4d\u0e32นาจ", "อำนาจ"),
    ],
)
def test_match_key_equal(one, other):
    assert match_key(one) == match_key(other)


def test_match_key_tells_apart():
    assert match_key("คสป.") != match_key("คสช.")
    assert match_key("2.1") != match_key("2.2")


@given(AWKWARD)
def test_match_key_of_a_key_is_itself(text):
    assert match_key(match_key(text)) == match_key(text)


def test_sort_key_dictionary_order():
    ordered = [
        "CSOs Forum",
        "csos forum ก",
        "กก",
        "กรม",
        "กระทรวง",
        "กา",
        "ก่า",
        "ก้า",
        "ก๊า",
        "ก๋า",
        "ก่าง",
        "เก",
        "เก็บ",
        "เก่า",
        "แก",
        "แก้ม",
        "แกะ",
        "โก้",
        "ใกล้",
        "ไก่",
        "ขา",
        "จันทบุรี",
        "เชียงใหม่",
        "นา",
        "นำ",
        "น้ำ",
        "แพร่",
        "ยะลา",
        "ราชบุรี",
        "ฤกษ์",
        "ลำปาง",
        "เลย",
    ]
    assert sorted(set(ordered), key=sort_key) == ordered
    assert sort_key("เก่า") == "กเา\x01  \u0e48"


# --- line breaks


def test_glue():
    assert glue("องค์กรภาคประชาสังคมท้องถิ่น") == (
        'องค์กร<span class="nb">ภาคประชาสังคม</span><span class="nb">ท้องถิ่น</span>'
    )
    assert glue("ประชาสังคม") == '<span class="nb">ประชาสังคม</span>'
    assert glue("ปีงบประมาณ 2567 และปีงบประมาณ ๒๕๖๘") == (
        '<span class="nb">ปีงบประมาณ 2567</span> และ<span class="nb">ปีงบประมาณ ๒๕๖๘</span>'
    )
    assert glue("ปีงบประมาณ 25678") == '<span class="nb">ปีงบประมาณ</span> 25678'
    assert glue("การดำเนินงาน ความเป็นมา ข้อเสนอแนะ") == (
        'การ<span class="nb">ดำเนินงาน</span> <span class="nb">ความเป็นมา</span> '
        '<span class="nb">ข้อเสนอแนะ</span>'
    )
    assert glue("ประเด็นต่าง ๆ ต่างๆ") == "ประเด็นต่าง\u00a0ๆ ต่างๆ"


def test_glue_escapes_plain_text_only():
    plain = glue('<b title="แผนงาน">แผนงาน</b> & ๆ')
    assert plain == (
        '&lt;b title=&quot;<span class="nb">แผนงาน</span>&quot;&gt;'
        '<span class="nb">แผนงาน</span>&lt;/b&gt; &amp;\u00a0ๆ'
    )
    assert isinstance(plain, SafeString)
    with_tags = mark_safe('<b title="แผนงาน">แผนงาน ๆ</b>')
    assert glue(with_tags) is with_tags
    assert glue(plain) is plain
    assert glue(mark_safe("แผนงาน &amp; ๆ")) == '<span class="nb">แผนงาน</span> &amp;\u00a0ๆ'


@given(
    st.lists(
        st.sampled_from([*GLUE_TERMS, "ปีงบประมาณ 2567", " ๆ", "<b>", "&amp;", "'", "ก", "5", " "])
        | st.text(max_size=3)
    ).map("".join)
)
def test_glue_keeps_the_text(text):
    html = glue(text)
    read = unescape(re.sub(r'<span class="nb">|</span>', "", html))
    assert read == text.replace(" ๆ", "\u00a0ๆ")
    assert not re.search(r'<span class="nb">[^<]*<span', html)
    assert html.count("<span") == html.count("</span>") == html.count("<") / 2


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 วินาที"),
        (90, "90 วินาที"),
        (60, "1 นาที"),
        (5_400, "90 นาที"),
        (43_200, "12 ชั่วโมง"),
        (86_400, "1 วัน"),
        (31_449_600, "364 วัน"),
        (86_400 * 1_000, "1,000 วัน"),
    ],
)
def test_a_time_in_its_largest_whole_unit(seconds, written):
    assert format_duration(seconds) == written
