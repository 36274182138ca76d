"""What a number shows where its format says more than the number."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from followup.spreadsheets.reader import format_kind
from followup.spreadsheets.reader.numberformat import telling
from followup.tests.spreadsheets.reader.books import Files, xlsxwriter_book


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *(("General", ""), ("0", ""), ("#,##0.00", ""), ('0.0" d%"', ""), ("[Red]0", "")),
        *(("9", "percent"), ("0.0%;[Red]-0.0%", "percent"), ("67", "percent"), ("t0%", "percent")),
        *((r"0\%", ""), ('#,##0 "วัน"', ""), ("0 วัน", ""), ("[$฿-41E]#,##0.00", ""), ("t#,##0", "")),
        *(("d/m/yyyy", "date"), ("14", "date"), ("[$-41E]mmm bbbb", "date"), ("mmm", "date")),
        *(("bbbb", "thai"), ("ว/ด/ปปปป", "thai"), ("71", "thai"), ("G/ทั่วไป", "")),
        *(("h:mm", "time"), ("[h]:mm", "time"), ("mm:ss.0", "time"), ("20", "time")),
        *(
            ("yyyy-mm-dd hh:mm", "date"),
            ("_-* #,##0_-;-* #,##0_-", ""),
            ("@", ""),
            ("0.00E+00", ""),
        ),
    ],
)
def test_what_a_number_format_says(code: str, kind: str) -> None:
    assert format_kind(code) == kind


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("9", {0.75: "75%", -0.755: "-76%", 0: "0%", 1.005: "101%", 0.285: "29%", -0.001: "0%"}),
        ("10", {0.12345: "12.35%"}),
        ("0.0#%", {0.5: "50.0%", 0.51239: "51.24%"}),
        ("t0%", {0.25: "๒๕%"}),
        ("0.0%;[Red](0.0%)", {0.5: "50.0%", -0.5: "(50.0%)"}),
        (
            '#,##0 "ครอบครัว"',
            {1250: "1,250 ครอบครัว", -3: "-3 ครอบครัว", 1234567.5: "1,234,568 ครอบครัว"},
        ),
        (r"0\ \ค\น", {12: "12 คน"}),
        ("#,##0 วัน", {1000: "1,000 วัน"}),
        ('General" แห่ง"', {5: "5 แห่ง", 2.5: "2.5 แห่ง"}),
        ('0.0,,"ล้าน"', {12_500_000: "12.5ล้าน", 1e5: "0.1ล้าน"}),
        ("#,##0,", {1_234_567: "1,235"}),  # in thousands, and nothing says so
        ('_-* #,##0.00\\ "บาท"_-;-* #,##0.00', {12: "12.00 บาท", -3: ""}),
        ('[>=1000000]#,##0.0,,"M";#,##0', {2_500_000: "2.5M", 3: ""}),
        ('[=1]"✔";[=0]"✘";0', {1: "✔", 0: "✘", 2: ""}),
        ('0" คน";-0" คน";"ไม่มี"', {0: "ไม่มี", -2: "-2 คน", 2: "2 คน"}),
        ("[$USD] #,##0", {1234: "USD 1,234"}),
        ('00000" ก"', {12: "00012 ก"}),
        ('0"%"', {75: "75%"}),
        ("0%", {float("inf"): "", float("nan"): "", 1e300: ""}),
    ],
)
def test_what_a_telling_format_shows(code: str, shown: dict[float, str]) -> None:
    told = telling(code)
    assert told
    assert {value: told.render(value) for value in shown} == shown


@pytest.mark.parametrize(
    "code",
    [
        *(
            "General",
            "0",
            "4",
            "44",
            "#,##0.00",
            "0.00;[Red]-0.00",
            ";;;",
            "@",
            "d/m/yyyy",
            "0;-0;-",
        ),
        *("[$฿-41E]#,##0.00", '"฿"#,##0.00', "_-* #,##0_-;-* #,##0_-", "(#,##0)", "0-0000"),
        *("# ?/?", '0.00E+00" ม."', '0-00" ก"', "[h]:mm", f'0"{"ก" * 300}"', "[", '"', ""),
    ],
)
def test_formats_that_say_no_more_than_the_number_or_are_too_odd(code: str) -> None:
    assert telling(code) is None


@hypothesis_settings(deadline=None)
@given(
    code=st.text(st.sampled_from('0#?,.%;-[]>=1$"\\_*@กEทt '), max_size=30),
    value=st.floats(allow_nan=True, allow_infinity=True),
)
def test_any_format_is_rendered_or_left_out(code: str, value: float) -> None:
    told = telling(code)
    assert told is None or len(told.render(value)) < 500


@given(value=st.floats(-1e9, 1e9), decimals=st.integers(0, 6))
def test_percents_round_as_numbers_do(value: float, decimals: int) -> None:
    told = telling(f"0{'.' * (decimals > 0)}{'0' * decimals}%")
    assert told
    shown = told.render(value)
    assert shown.endswith("%")
    assert abs(float(shown[:-1]) - value * 100) <= 0.51 * 10**-decimals + abs(value) * 1e-10


def test_what_formats_say_is_told_by_cell(files: Files) -> None:
    """Formulas, too; but neither texts nor plain numbers."""

    def build(book: Any) -> None:
        sheet = book.add_worksheet()
        percent, families = (
            book.add_format({"num_format": code}) for code in ("0%", '#,##0 "ครอบครัว"')
        )
        sheet.write_row(0, 0, ["ร้อยละ", "จำนวน"])
        sheet.write_number(1, 0, 0.75, percent)
        sheet.write_number(1, 1, 1250, families)
        sheet.write_formula(2, 0, "=3/4", percent, 0.75)
        sheet.write_string(2, 1, "1,250", families)
        sheet.write_number(3, 0, 0.75)
        sheet.write_blank(3, 1, None, families)

    sheet = files.sheet(xlsxwriter_book(build))
    assert sheet.rows[1] == (0.75, 1250)
    assert sheet.shown == {(1, 0): "75%", (1, 1): "1,250 ครอบครัว", (2, 0): "75%"}
