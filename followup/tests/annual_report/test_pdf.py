"""The report as PDF, read back: every word, the headings' pages, and what must fit."""

import re
import shutil
import subprocess

import pypdfium2
import pytest

from followup import actions
from followup.annual_report import drafts, pdf, store
from followup.models import Round
from followup.tests.annual_report.reading import (
    as_pdf,
    as_set,
    bookmarks,
    headings_of,
    letters,
    newest,
    pages,
)
from proposals.models import Resolution

pytestmark = pytest.mark.usefixtures("demo")


@pytest.mark.slow
@pytest.mark.once
def test_every_proposals_words_come_out_of_the_pdf_letter_by_letter(require, tmp_path):
    file = as_pdf(store.document(newest()))
    assert b"pdfuaid:part" in file
    of_pdfium = "\n".join(pages(file))
    require(shutil.which("pdftotext"), "pdftotext is not installed (apt-get install poppler-utils)")
    path = tmp_path / "report.pdf"
    path.write_bytes(file)
    told = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True)
    of_poppler = told.stdout.decode()
    texts = {one.number: one.text for one in Resolution.objects.all()}
    assert len(texts) == 8
    for extracted in (of_pdfium, of_poppler):
        missing = [number for number, text in texts.items() if not as_set(text).search(extracted)]
        assert missing == []
        # It does look at spaces and at marks.
        assert not as_set(texts[3].replace("สังคม ใน", "สังคมใน", 1)).search(extracted)
        assert not as_set(texts[3].replace("สนับสนุน", "สนับ สนุน", 1)).search(extracted)
        assert not as_set(texts[3].replace("ุ", "ู", 1)).search(extracted)


@pytest.mark.slow
@pytest.mark.once
def test_the_summary_has_one_page_even_at_its_limits(people):
    round_ = Round.objects.get(year_be=2569)
    longest = "\n".join(["ก" * 124] * 12)
    assert len(longest) <= drafts.LIMITS["summary"]
    texts = {"summary": actions.Written(longest, "")}
    actions.write_narratives(round_=round_, by=people["staff"], texts=texts)
    found = pages(pdf.write(store.draft(round_).as_data()))
    (place,) = [number for number, page in enumerate(found) if "ก" * 40 in letters(page)]
    assert letters("บทสรุปผู้บริหาร") in letters(found[place])
    assert letters("สถานะของมาตรการย่อยทั้งหมด") in letters(found[place]), "with its chart"
    assert letters("สารบัญ") in letters(found[place + 1])


@pytest.mark.slow
@pytest.mark.once
def test_the_pdf_has_the_headings_as_bookmarks_and_the_contents_their_pages():
    report = store.document(newest())
    file = as_pdf(report)
    wanted = [text for text in headings_of(report) if text != "สารบัญ"]
    assert bookmarks(file) == wanted
    contents = next(page for page in pages(file) if "สารบัญ" in page)
    assert re.search(r"ส่วนที่ ๑ [^\n]*\.\s*[๐-๙]+", contents)


@pytest.mark.slow
@pytest.mark.once
def test_no_amount_runs_into_the_next_column():
    """The longest amounts in the narrowest column: each is set on one line of its own."""
    table = next(
        block
        for part in store.document(newest())["parts"]
        for block in part["blocks"]
        if block["kind"] == "table" and len(block["head"]) == 9
    )
    assert table["head"][5] == "งบประมาณ (บาท)"
    amounts = "ได้รับ\n๙,๙๙๙,๙๙๙,๙๙๙\nเบิกจ่าย\n๙,๙๙๙,๙๙๙,๙๙๙"
    table["rows"] = [["๑.๑", *["ก" * 30] * 4, amounts, *["ฮ" * 30] * 3]]
    report = store.document(newest())
    report["parts"] = [{"title": "ก", "is_wide": True, "is_contents": False, "blocks": [table]}]
    document = pypdfium2.PdfDocument(pdf.write(report))
    try:
        text = document[1].get_textpage()
        found = text.search("๙,๙๙๙,๙๙๙,๙๙๙")
        right_of_amounts = [
            text.get_charbox(place + count - 1)[2]
            for place, count in [found.get_next(), found.get_next()]
        ]
        left_of_next = text.get_charbox(text.search("ฮ").get_next()[0])[0]
    finally:
        document.close()
    assert max(right_of_amounts) < left_of_next


@pytest.mark.slow
@pytest.mark.once
def test_markup_in_somebodys_words_is_words(people):
    nasty = '#panic("x") *ก* $x$ <b> \\ [/] @a'
    round_ = Round.objects.get(year_be=2569)
    texts = {"preface": actions.Written(nasty, "")}
    actions.write_narratives(round_=round_, by=people["staff"], texts=texts)
    assert letters(nasty) in letters("".join(pages(pdf.write(store.draft(round_).as_data()))))


@pytest.mark.once
def test_a_cell_and_a_text_may_have_thousands_of_terms_that_stay_on_one_line():
    """Typst nests what a show rule finds within a paragraph, and fails at some hundred."""
    words = "มาตรการย่อย ๑๒ ข้อ " * 2000
    table = {"kind": "table", "caption": "ก", "head": ["ก", "ข"], "rows": [["ก", words]]}
    text = {"kind": "text", "text": words, "is_drafted": False}
    report = store.document(newest())
    part = {"title": "ก", "is_wide": False, "is_contents": False}
    report["parts"] = [part | {"blocks": [table | {"widths": [1, 5]}, text]}]
    found = letters("".join(pages(pdf.write(report))))
    assert found.count(letters("มาตรการย่อย ๑๒ ข้อ")) > 3950  # some stand on two pages


@pytest.mark.once
def test_a_table_with_a_sum_may_be_longer_than_a_page():
    rows = [[f"แถวที่ {number}", "๑"] for number in range(100)]
    table = {"kind": "table", "caption": "ก", "head": ["ก", "ข"], "rows": rows, "has_total": True}
    report = store.document(newest())
    part = {"title": "ก", "is_wide": False, "is_contents": False}
    report["parts"] = [part | {"blocks": [table | {"widths": [5, 1], "numbers": [1]}]}]
    found = letters("".join(pages(pdf.write(report))))
    assert [number for number in range(100) if letters(f"แถวที่ {number}") not in found] == []
