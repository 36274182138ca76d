"""The letter itself, as Word and LibreOffice open it."""

import zipfile
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import docx
import pytest
import time_machine
from django.utils import timezone

from followup import letter_document
from followup.letters import correspondence
from followup.models import Agency, Role, Round, StatusReport
from followup.tests.factories import find_report, make_report
from followup.tests.promises import ACCEPTED, DAY, MOVED, following, promise, publish, report
from followup.tests.spreadsheets.office import SOFFICE, run_office
from forum_portal.thai import to_thai_digits

pytestmark = pytest.mark.usefixtures("on_20_november")


@pytest.fixture
def letter_of(staff):
    def get(code="CODI"):
        response = staff.get(f"/staff/letters/{code}.docx")
        assert response.status_code == 200
        return response

    return get


def words_of(content):
    document = docx.Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


def test_the_letter_says_all_that_an_official_letter_says(letter_of, send_letter, codi, open_round):
    send_letter(codi, 80, number="พม 0305/1200")
    send_letter(codi, 45, number="พม 0305/1300")
    response = letter_of()
    assert response["Content-Disposition"] == (
        f"attachment; filename*=utf-8''{quote('หนังสือติดตาม_2569_พอช..docx')}"
    )
    text = words_of(response.content)
    for words in (
        "๒๐ พฤศจิกายน ๒๕๖๙",
        "เรื่อง\tขอให้รายงานผลการดำเนินงานตามข้อเสนอ CSOs Forum ปีงบประมาณ พ.ศ. ๒๕๖๙ (ติดตามครั้งที่ ๓)",
        f"เรียน\tผู้บริหาร{codi.name_th}",
        "อ้างถึง\t๑. หนังสือที่ พม ๐๓๐๕/๑๒๐๐ ลงวันที่ ๑ กันยายน ๒๕๖๙",
        "\t๒. หนังสือที่ พม ๐๓๐๕/๑๓๐๐ ลงวันที่ ๖ ตุลาคม ๒๕๖๙",
        "สิ่งที่ส่งมาด้วย",
        "ภายในวันที่ ๓๐ พฤศจิกายน ๒๕๖๙",
        "ขอแสดงความนับถือ",
        "โทร.",
    ):
        assert words in text
    assert not set(text) & set("0123456789"), "Thai digits throughout"


def test_the_letter_lists_what_is_due_and_nothing_else(letter_of, codi, open_round, people):
    row = next(row for row in correspondence(open_round) if row.agency == codi)
    gone = row.due[0].measure
    make_report(open_round, gone.code, "CODI", by=people["staff"], state="submitted")
    content = letter_of().content
    table = docx.Document(BytesIO(content)).tables[0]
    rows = [[cell.text for cell in each.cells] for each in table.rows]
    assert rows[0] == ["ลำดับ", "รหัส", "มาตรการย่อย", "บทบาท", "สถานะล่าสุด"]
    assert [each[1:3] for each in rows[1:]] == [
        [to_thai_digits(report.measure.code), to_thai_digits(report.measure.title_th)]
        for report in row.due[1:]
    ]
    assert rows[1][0] == "๑"
    assert {each[4] for each in rows[1:]} == {"ยังไม่ได้รับรายงาน"}
    assert f"จำนวน {to_thai_digits(len(row.due) - 1)} มาตรการย่อย" in words_of(content)


def test_the_last_status_and_its_year_stand_beside_each_measure(staff, demo):
    round_ = Round.objects.get(state="open")
    row = next(each for each in correspondence(round_) if each.due)
    content = staff.get(f"/staff/letters/{row.agency.code}.docx").content
    table = docx.Document(BytesIO(content)).tables[0]
    last = StatusReport.objects.last_before([round_])
    expected = [
        to_thai_digits(f"{found.status.label} (ปีงบประมาณ {found.round.year_be})")
        if (found := last.of(report))
        else "ยังไม่ได้รับรายงาน"
        for report in row.due
    ]
    assert [each.cells[4].text for each in table.rows][1:] == expected
    assert set(expected) != {"ยังไม่ได้รับรายงาน"}


def test_thai_has_its_font_size_and_language_and_the_heading_repeats(letter_of, open_round):
    with zipfile.ZipFile(BytesIO(letter_of().content)) as archive:
        styles = archive.read("word/styles.xml").decode()
        body = archive.read("word/document.xml").decode()
        fonts = archive.read("word/fontTable.xml").decode()
    assert 'w:cs="TH Sarabun New"' in styles
    assert '<w:szCs w:val="32"/>' in styles
    assert 'w:bidi="th-TH"' in styles
    assert body.count("<w:tblHeader/>") == 1
    assert '<w:altName w:val="TH SarabunPSK' in fonts


def test_a_ministry_and_a_department_are_addressed_by_their_heads(letter_of, open_round):
    assert "เรียน\tปลัดกระทรวงมหาดไทย" in words_of(letter_of("MOI").content)


def test_who_owes_nothing_gets_no_letter(staff, open_round, people):
    only = next(row for row in correspondence(open_round) if len(row.due) == 1)
    make_report(
        open_round,
        only.due[0].measure.code,
        only.agency.code,
        by=people["staff"],
        state="submitted",
    )
    response = staff.get(f"/staff/letters/{only.agency.code}.docx")
    assert response.status_code == 404
    assert "หน่วยงานนี้ส่งรายงานครบแล้ว จึงไม่มีหนังสือติดตาม" in response.content.decode()


@pytest.mark.slow
@pytest.mark.once
def test_libreoffice_opens_it_with_every_measure_in_it(
    letter_of, codi, open_round, require, tmp_path
):
    writer = SOFFICE and (Path(SOFFICE).resolve().parent / "libswlo.so").exists()
    require(writer, "LibreOffice Writer is not installed (apt-get install libreoffice-writer)")
    source = tmp_path / "letter.docx"
    source.write_bytes(letter_of().content)
    form = ("--convert-to", "txt:Text (encoded):UTF8", "--outdir", tmp_path)
    with time_machine.travel(timezone.now(), tick=True):
        run_office(*form, source)
    text = (tmp_path / "letter.txt").read_text(encoding="utf-8-sig")
    row = next(row for row in correspondence(open_round) if row.agency == codi)
    for each in row.due:
        assert to_thai_digits(each.measure.title_th) in text


def test_the_letter_tells_that_the_due_date_was_extended_and_why(letter_of, open_round):
    assert "เลื่อนกำหนดส่ง" not in words_of(letter_of().content)
    Round.objects.filter(pk=open_round.pk).update(
        due_first_on="2026-11-30", due_on="2026-12-15", due_reason="ที่ประชุมเลื่อน"
    )
    assert (
        "ทั้งนี้ คสป. เลื่อนกำหนดส่งจาก ๓๐ พฤศจิกายน ๒๕๖๙ เป็น ๑๕ ธันวาคม ๒๕๖๙ เพราะ ที่ประชุมเลื่อน"
        in words_of(letter_of().content)
    )


# Promised dates and responses -----------------------------------------------------------------


@pytest.fixture
def second_round(open_round, people):
    """1.1 of กสป. by 31 December 2569, 8.1 of another agency past due; the next round is open."""
    report(open_round, people, "1.1", **promise(), **ACCEPTED)
    report(open_round, people, "8.1", **promise(date(2026, 10, 1)))
    publish(open_round, people)
    return following(open_round, people)


def letter_on(day, staff, round_, code):
    with time_machine.travel(f"{day}T12:00:00+07:00", tick=False):
        row = correspondence(round_, [Agency.objects.get(code=code)])[0]
        last = StatusReport.objects.last_before([round_])
        return words_of(letter_document.build(round_, row, last, day))


def agency_of(round_, code):
    return find_report(round_, code).assignment.agency.code


@pytest.mark.parametrize(("days", "is_past"), [(-1, False), (0, False), (1, True)])
def test_the_letter_names_the_agencys_promised_dates(second_round, staff, days, is_past):
    day = DAY + timedelta(days=days)
    text = letter_on(day, staff, second_round, agency_of(second_round, "1.1"))
    title = find_report(second_round, "1.1").measure.title_th
    if is_past:
        assert "เลยกำหนดแล้ว ๑ มาตรการย่อย โปรดรายงานผล หรือแจ้งกำหนดใหม่พร้อมเหตุผล" in text
        assert f"๑.๑ {title} กำหนด ๓๑ ธันวาคม ๒๕๖๙ เลยมา ๑ วัน" in text
    else:
        assert "แจ้งกำหนดแล้วเสร็จไว้ในรอบนี้ ๑ มาตรการย่อย" in text
        assert f"๑.๑ {title} กำหนด ๓๑ ธันวาคม ๒๕๖๙" in text
        assert "เลยมา" not in text
    assert "๑ ตุลาคม ๒๕๖๙" not in text.partition("อนึ่ง")[2], "another agency's"


def test_the_letter_says_how_often_a_date_was_postponed(second_round, people, staff):
    report(second_round, people, "1.1", **promise(MOVED, target_reason="รอจัดสรรสถานี"))
    text = letter_on(DAY, staff, second_round, agency_of(second_round, "1.1"))
    assert "กำหนด ๓๑ มีนาคม ๒๕๗๐ เลื่อนมาแล้ว ๑ ครั้ง" in text


def test_the_letter_asks_for_responses_that_were_never_given(second_round, staff):
    text = letter_on(DAY, staff, second_round, agency_of(second_round, "1.1"))
    asked = [line for line in text.splitlines() if "ยังไม่ตอบ ขอรายงานมาแล้ว ๒ รอบ" in line]
    assert asked
    assert not any(line.startswith("๑.๑ ") for line in asked), "it has accepted that one"
    assert f"ยังไม่เคยตอบว่ารับไปดำเนินการหรือไม่ {to_thai_digits(len(asked))} มาตรการย่อย" in text


def test_the_letter_asks_nothing_of_who_only_supports(open_round, staff):
    leads = open_round.reports.filter(assignment__role=Role.LEAD).values("assignment__agency")
    only = open_round.reports.exclude(assignment__agency__in=leads).first().assignment.agency
    text = letter_on(DAY, staff, open_round, only.code)
    assert "ยังไม่เคยตอบว่ารับ" not in text
    assert "กำหนดแล้วเสร็จ" not in text
