"""Cells of text: every case of the contract's "Thai"."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.spreadsheets.messages import level
from followup.spreadsheets.types import Level
from followup.spreadsheets.values import (
    count_repairs,
    read_text,
)
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.values.reading import read, said
from forum_portal.thai import clean_text


@pytest.mark.parametrize(
    ("raw", "text", "repairs"),
    [
        ("ประจําปี", "ประจำปี", 1),
        ("นํ้า น้ํา นำ้", "น้ำ น้ำ น้ำ", 3),
        ("เเละ เเก้", "และ แก้", 2),
        ("ท่ี สิทธ์ิ รู้", "ที่ สิทธิ์ รู้", 2),
        ("กๅร ทํๅ ฤๅษี", "การ ทำ ฤๅษี", 2),
        ("กรม\u200bการ\ufeffปกครอง\u00ad", "กรมการปกครอง", 3),
        ("ต่าง\u00a0ๆ", "ต่าง ๆ", 1),
        ("ก  ข   ค", "ก ข ค", 2),
        ("ก\x00ข", "กข", 1),
    ],
)
def test_repairs(raw, text, repairs):
    reading = read_text(raw)
    assert count_repairs(raw) == repairs
    assert read(reading) == (
        text,
        [told("T01", n=repairs)],
    )
    assert level(reading.problems[0]) is Level.INFO


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (None, ""),
        ("  จัดประชุม\r\n4 ภาค ", "จัดประชุม\n4 ภาค"),
        (5, "5"),
        (5.0, "5"),
        (0.1, "0.1"),
        (True, "TRUE"),
        (date(2024, 9, 30), "30 กันยายน 2567"),
        (datetime(2024, 9, 30, 14, 30), "30 กันยายน 2567"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("==1+1", "==1+1"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        (
            "ราคาสั่งซื้อ จิตอาสานักเรียน เจรจาเป็นผล ศาลาลำดวน",
            "ราคาสั่งซื้อ จิตอาสานักเรียน เจรจาเป็นผล ศาลาลำดวน",
        ),
        (
            "งบ 1,250,000,000 บาท ปี 2567 เลข 1234567890123",
            "งบ 1,250,000,000 บาท ปี 2567 เลข 1234567890123",
        ),
        ("๕ ² ５", "๕ ² ５"),
    ],
)
def test_text_that_needs_no_remark(raw, text):
    assert read(read_text(raw)) == (text, [])


@pytest.mark.parametrize(
    ("raw", "v", "guess"),
    [
        ("จังหวัดล าปาง", "ล าปาง", "ลำปาง"),
        ("อ านาจเจริญ", "อ านาจเจริญ", "อำนาจเจริญ"),
        ("ผลการดาเนินงาน", "ดาเนินงาน", "ดำเนินงาน"),
        ("น ้าท่วม", "น ้าท่วม", "น้ำท่วม"),
        ("ท ี่ประชุม", "ท ี่ประชุม", "ที่ประชุม"),
        ("หนองบัวลาภู", "หนองบัวลาภู", "หนองบัวลำภู"),
        ("มีคาแนะนา", "คาแนะนา", "คำแนะนำ"),
        ("ที\uf70aประชุม", "ที\uf70aประชุม", "ที่ประชุม"),
    ],
)
def test_damage_from_a_pdf_is_flagged_and_left(raw, v, guess):
    assert read(read_text(raw)) == (
        raw,
        [told("T02", v=v, guess=guess)],
    )


@pytest.mark.parametrize(
    "raw",
    [
        "โทร. 081-234-5678",
        "โทร ๐๘๑ ๒๓๔ ๕๖๗๘",
        "0812345678",
        "02-306-8963",
        "0 2306 8963",
        "053-123456",
        "+66 81 234 5678",
        "เลขประจำตัว 3100600445635",
        "1-1017-00207-03-0",
        "บัตร ๓๑๐๐๖๐๐๔๔๕๖๓๕",
    ],
)
def test_personal_data(raw):
    assert said(read_text(raw)) == [told("T03")]


@pytest.mark.parametrize(
    "raw", ["3100600445634", "1 ต.ค. 2565 - 30 ก.ย. 2566", "01/10/2565-30/09/2566", "0.8123456789"]
)
def test_numbers_that_are_no_personal_data(raw):
    assert said(read_text(raw)) == []


def test_long_text_is_refused_and_not_cut():
    assert read_text("ก" * 4000).value == "ก" * 4000
    assert read(read_text("ก" * 4001)) == (None, [told("T04", max="4000")])
    assert read(read_text("ก" * 41, limit=40)) == (
        None,
        [told("T04", max="40")],
    )
    assert read(read_text("ก" * 200_000)) == (
        None,
        [told("T04", max="4000")],
    )


@given(st.text("กงนแาำิุ่้ ab1ๆ", max_size=30))
def test_any_clean_text_reads_back(text):
    stored = read_text(text).value
    assert stored is not None
    assert read_text(stored).value == stored
    assert clean_text(stored) == stored
