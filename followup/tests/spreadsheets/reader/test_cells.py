"""Values as calamine gives them, as cells."""

from followup.tests.spreadsheets.reader.books import (
    Files,
    data,
    first_column,
    number_formats,
    raw,
    table,
)


def test_numbers_texts_and_booleans_keep_their_type(files: Files) -> None:
    row = [True, False, "007", 7, 1.5, -3, "1,000", "1_000", 2.10, "2.10", "", 1234567890123]
    (found,) = files.sheet(table(row)).rows
    assert found == (
        *(True, False, "007", 7, 1.5, -3, "1,000", "1_000", 2.1, "2.10", None),
        1234567890123,
    )
    assert [type(cell) for cell in found[:6]] == [bool, bool, str, int, float, int]
    assert type(found[-1]) is int


def test_numbers_that_are_none_become_text(files: Files) -> None:
    cells = [f"><v>{value}</v>" for value in ("NaN", "inf", "-inf", "1e400", "1E22", "-0")]
    assert first_column(files.sheet(raw(data(*cells)))) == ["nan", "inf", "-inf", "inf", 1e22, 0]


def test_texts_keep_every_character(files: Files) -> None:
    texts = [" ก  ข ", "บรรทัด\nสอง", "กรม\u200bอนามัย", "ก\u00a0ข", "เเผน", "😀", "<b>&amp;</b>"]
    assert first_column(files.sheet(table(*[[text] for text in texts]))) == texts


def test_rich_text_is_its_text(files: Files) -> None:
    strings = '<si><r><t>กรม</t></r><r><t xml:space="preserve"> อนามัย</t></r></si>'
    sheet = files.sheet(raw(data(' t="s"><v>0</v>'), strings=strings))
    assert sheet.rows == [("กรม อนามัย",)]


def test_times_and_durations_are_texts(files: Files) -> None:
    body = data(' s="0"><v>0.5625</v>', ' s="1"><v>1.5</v>', ' s="0"><v>0.00001</v>')
    content = raw(body, styles=number_formats("h:mm", "[h]:mm"))
    assert first_column(files.sheet(content)) == ["13:30", "36:00", "00:00"]
