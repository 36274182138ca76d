"""The letters to many agencies: the PDF says what the DOCX says."""

from datetime import date

from followup import letter_document, letter_print
from followup.models import Agency, StatusReport


def test_each_letter_is_typeset_from_the_words_of_its_document(
    open_round, send_letter, codi, msdhs, monkeypatch
):
    send_letter(codi, 80, number="พม 0305/1200")
    send_letter(codi, 45, number="พม 0305/1300")
    rows = letter_print.letters_due(open_round, [codi, msdhs])
    assert [row.agency for row in rows] == [msdhs, codi]
    sheet = letter_print._Sheet()
    letter_document.compose(
        sheet,
        open_round,
        rows[1],
        StatusReport.objects.last_before([open_round]),
        date(2026, 11, 20),
        several_forums=False,
    )
    kinds = [each["kind"] for each in sheet.items]
    assert set(kinds) == {"line", "headed", "paragraph", "table"}
    said = str(sheet.items)
    for words in (
        "๒๐ พฤศจิกายน ๒๕๖๙",
        "(ติดตามครั้งที่ ๓)",
        "๒. หนังสือที่ พม ๐๓๐๕/๑๓๐๐",
        f"ผู้บริหาร{codi.name_th}",
    ):
        assert words in said
    (table,) = (each for each in sheet.items if each["kind"] == "table")
    assert len(table["rows"]) == len(rows[1].due)
    assert letter_print.as_pdf(open_round, rows, date(2026, 11, 20)).startswith(b"%PDF-")


def test_two_agencies_of_one_abbreviation_have_two_files(open_round, codi):
    other = Agency(code="CODI2", abbr_th=codi.abbr_th, name_th="อีกแห่ง")
    names = {letter_print.file_name(open_round, each) for each in (codi, other)}
    assert len(names) == 2
