"""Follow-up letters: recorded in their order, the late on top, and written ready to edit."""

import zipfile
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import docx
import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from followup import actions
from followup.actions import Refused
from followup.letters import correspondence
from followup.models import Agency, Letter, Round
from followup.tests.client import read
from followup.tests.factories import make_report
from followup.tests.spreadsheets.office import SOFFICE, run_office
from forum_portal.thai import to_thai_digits

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-20T03:00:00+00:00", tick=False):
        yield


@pytest.fixture
def agency(forum):
    return Agency.objects.get(code="CODI")


@pytest.fixture
def send(open_round, people):
    """Record an agency's next letter, so many days ago."""

    def record(agency, days_ago=10, *, attempt=None, within=30, number="พม 0305/1234", **more):
        sent_on = TODAY - timedelta(days=days_ago)
        done = Letter.objects.filter(agency=agency).count()
        return actions.record_letter(
            round_=open_round,
            agency=agency,
            by=more.pop("by", people["staff"]),
            attempt=attempt or done + 1,
            number=number,
            sent_on=sent_on,
            answer_by=sent_on + timedelta(days=within),
            **more,
        )

    return record


def change(letter, by, **values):
    names = ("number", "sent_on", "answer_by", "answered_on", "note")
    now = {name: getattr(letter, name) for name in names} | values
    return actions.correct_letter(letter=letter, by=by, **now)


# The verbs ------------------------------------------------------------------------------------


def test_letters_follow_each_other_and_leave_a_history(send, agency, people):
    letters = [send(agency, days) for days in (90, 50, 10)]
    assert [each.attempt for each in letters] == [1, 2, 3]
    entries = Letter.history.order_by("history_id")
    assert [each.history_change_reason for each in entries] == ["letter sent"] * 3
    with pytest.raises(Refused, match=r"^บันทึกครบ 3 ครั้งแล้ว$"):
        send(agency)


@pytest.mark.parametrize(("done", "attempt"), [(0, 2), (1, 1), (1, 3)])
def test_a_letter_out_of_turn_is_refused(send, agency, done, attempt):
    for _turn in range(done):
        send(agency)
    with pytest.raises(Refused) as refused:
        send(agency, attempt=attempt)
    assert str(refused.value) == (f"มีผู้บันทึกหนังสือถึงครั้งที่ {done} แล้ว เปิดหน้าใหม่เพื่อดูรายการล่าสุด")


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"number": ""}, "number", "ระบุเลขที่หนังสือ เช่น พม 0305/1234"),
        (
            {"sent_on": date(2025, 9, 30)},
            "sent_on",
            "ลงวันที่ต้องไม่ก่อนวันเริ่มรอบ 1 ตุลาคม 2568",
        ),
        (
            {"sent_on": date(2026, 11, 21), "answer_by": date(2026, 12, 21)},
            "sent_on",
            "ลงวันที่ต้องไม่เป็นวันในอนาคต",
        ),
        ({"answer_by": date(2026, 10, 1)}, "answer_by", "วันที่ขอคำตอบต้องไม่ก่อนวันที่ของหนังสือ"),
        (
            {"answered_on": date(2026, 10, 1)},
            "answered_on",
            "วันที่ได้รับคำตอบต้องไม่ก่อนวันที่ของหนังสือ และไม่เป็นวันในอนาคต",
        ),
        (
            {"answered_on": date(2026, 11, 21)},
            "answered_on",
            "วันที่ได้รับคำตอบต้องไม่ก่อนวันที่ของหนังสือ และไม่เป็นวันในอนาคต",
        ),
    ],
)
def test_days_that_contradict_each_other_are_refused(send, agency, people, values, field, sentence):
    letter = send(agency, 20)
    with pytest.raises(Refused) as refused:
        change(letter, people["staff"], **values)
    assert refused.value.messages == {field: sentence}
    letter.refresh_from_db()
    assert (letter.number, letter.sent_on) == ("พม 0305/1234", TODAY - timedelta(days=20))


def test_letters_stay_in_the_order_of_their_days(send, agency, people):
    first, second = send(agency, 40), send(agency, 20)
    with pytest.raises(Refused, match="ต้องไม่ก่อนหนังสือครั้งก่อน 11 ตุลาคม 2569"):
        change(second, people["staff"], sent_on=TODAY - timedelta(days=41))
    with pytest.raises(Refused, match="ต้องไม่หลังหนังสือครั้งถัดไป 31 ตุลาคม 2569"):
        change(first, people["staff"], sent_on=TODAY - timedelta(days=19))


def test_a_mistake_is_mended_and_the_history_keeps_it(send, agency, people):
    letter = send(agency)
    change(letter, people["colleague"], number="พม 0305/9999", answered_on=TODAY)
    assert Letter.objects.get().answered_on == TODAY
    numbers = Letter.history.order_by("history_id").values_list("number", flat=True)
    assert list(numbers) == ["พม 0305/1234", "พม 0305/9999"]


def test_only_the_last_letter_is_taken_out(send, agency, people):
    first, second = send(agency, 40), send(agency, 10)
    with pytest.raises(Refused, match=r"^มีหนังสือครั้งถัดไปแล้ว ลบได้เฉพาะครั้งล่าสุด$"):
        actions.remove_letter(letter=first, by=people["staff"])
    actions.remove_letter(letter=second, by=people["staff"])
    assert list(Letter.objects.all()) == [first]
    assert Letter.history.order_by("-history_id")[0].history_change_reason == "letter removed"
    assert send(agency).attempt == 2


def test_a_published_round_takes_no_letters(send, agency, open_round, people):
    letter = send(agency)
    actions.close_round(round_=open_round, by=people["staff"])
    change(letter, people["staff"], answered_on=TODAY)
    actions.publish_round(round_=open_round, by=people["reviewer"])
    letter.round.refresh_from_db()
    why = "บันทึกหนังสือติดตามได้เมื่อเปิดรอบแล้วจนถึงก่อนเผยแพร่"
    for verb in (
        lambda: send(agency),
        lambda: change(letter, people["staff"]),
        lambda: actions.remove_letter(letter=letter, by=people["staff"]),
    ):
        with pytest.raises(Refused, match=why):
            verb()


def test_only_the_secretariat_writes(send, agency, people):
    letter = send(agency)
    outsider = people["outsider"]
    for verb in (
        lambda: send(agency, by=outsider),
        lambda: change(letter, outsider),
        lambda: actions.remove_letter(letter=letter, by=outsider),
    ):
        with pytest.raises(PermissionDenied):
            verb()


# Where it stands ------------------------------------------------------------------------------


def test_the_late_come_first_and_the_latest_of_them_on_top(send, open_round, people):
    rows = correspondence(open_round)
    assert len(rows) == len({each.assignment.agency for each in open_round.reports.all()})
    a, b, c, d = (row.agency for row in rows[:4])
    send(a, 31)  # a day late
    send(b, 60)
    send(b, 40)  # ten days late
    send(c, 30)  # due today
    late = send(d, 80)  # late, but answered
    change(late, people["staff"], answered_on=TODAY)
    rows = correspondence(open_round)
    assert [(row.agency, row.days_overdue) for row in rows[:2]] == [(b, 10), (a, 1)]
    assert all(row.days_overdue == 0 for row in rows[2:])
    assert next(row for row in rows if row.agency == c).is_waiting
    assert rows[-1].agency == c, "whoever was asked in time waits at the end"


def test_who_has_sent_everything_and_was_never_asked_is_not_listed(open_round, people):
    rows = correspondence(open_round)
    only = next(row for row in rows if len(row.due) == 1)
    report = only.due[0]
    make_report(
        open_round,
        report.measure.code,
        only.agency.code,
        by=people["staff"],
        state="submitted",
    )
    assert only.agency not in [row.agency for row in correspondence(open_round)]


def test_what_was_returned_is_due_again(open_round, people):
    before = next(row for row in correspondence(open_round) if row.agency.code == "CODI")
    code = before.due[0].measure.code
    make_report(
        open_round, code, "CODI", by=people["staff"], reviewer=people["reviewer"], state="returned"
    )
    now = next(row for row in correspondence(open_round) if row.agency.code == "CODI")
    assert len(now.due) == len(before.due)
    assert (before.is_silent, now.is_silent) == (True, False)


# The pages ------------------------------------------------------------------------------------


@pytest.fixture
def staff(people, sign_in):
    return sign_in(people["staff"])


AT = "/staff/letters/CODI/"


def test_the_list_names_what_is_due_and_what_is_late(staff, send, agency):
    send(agency, 45)
    page = staff.page("/staff/letters/")
    first = page.select("ol.tasks li")[0]
    assert first.one(".task__t a").text == agency.name_th
    assert "เกินกำหนดตอบ 15 วัน" in first.text
    assert "ครั้งที่ 1 พม 0305/1234 ลงวันที่ 6 ต.ค. 2569 ขอคำตอบภายใน 5 พ.ย. 2569" in first.text
    count = len(correspondence(Round.objects.get())[0].due)
    assert f"ยังไม่ส่ง {count} จาก {count} รายการ" in first.text
    assert page.one("nav.tabs a[aria-current=page]").text == "หนังสือติดตาม"


def test_the_next_attempt_is_proposed_and_recorded(staff, send, agency):
    page = staff.page(AT)
    assert page.one("#h-n").text == "บันทึกหนังสือครั้งที่ 1"
    form = page.one("main form").controls()
    assert (form["sent_on"], form["answer_by"]) == ("20/11/2569", "20/12/2569")
    response = staff.send(page, number="พม ๐๓๐๕/๑", sent_on="1/11/2569", answer_by="")
    assert response["Location"] == f"{AT}?year=2569"
    letter = Letter.objects.get()
    assert (letter.sent_on, letter.answer_by) == (date(2026, 11, 1), date(2026, 12, 1))
    page = staff.page(response["Location"])
    assert page.texts(".flash p") == ["บันทึกหนังสือครั้งที่ 1 แล้ว ขอคำตอบภายใน 1 ธันวาคม 2569"]
    assert page.one("#h-n").text == "บันทึกหนังสือครั้งที่ 2"


def test_bad_input_gets_its_sentence_and_keeps_what_was_typed(staff, open_round):
    page = staff.page(AT)
    response = staff.send(page, number="", sent_on="32/1/2569", note="ลงทะเบียน")
    assert response.status_code == 422
    page = read(response)
    assert "#id_sent_on" in [a["href"] for a in page.select(".errs a")]
    assert page.one("#id_sent_on")["value"] == "32/1/2569"
    assert "ลงทะเบียน" in page.one("#id_note").raw()
    response = staff.send(staff.page(AT), number="", sent_on="19/11/2569")
    assert read(response).texts(".errs a") == ["ระบุเลขที่หนังสือ เช่น พม 0305/1234"]


def test_a_second_click_records_no_second_letter(staff, open_round):
    page = staff.page(AT)
    assert staff.send(page, number="1/2569").status_code == 302
    response = staff.send(page, number="1/2569")
    assert response.status_code == 422
    assert read(response).texts(".errs li") == ["มีผู้บันทึกหนังสือถึงครั้งที่ 1 แล้ว เปิดหน้าใหม่เพื่อดูรายการล่าสุด"]
    assert Letter.objects.count() == 1


def test_an_answer_is_noted_and_a_mistake_taken_out(staff, send, agency):
    send(agency, 45)
    page = staff.page(f"{AT}1/")
    assert staff.send(page, answered_on="19/11/2569").status_code == 302
    assert Letter.objects.get().answered_on == date(2026, 11, 19)
    assert "ตอบแล้ว 19 พ.ย. 2569" in staff.page("/staff/letters/").one("main").text
    assert staff.send(page, do="remove").status_code == 302
    assert not Letter.objects.exists()
    assert staff.get(f"{AT}1/").status_code == 404


def test_after_the_third_there_is_no_form(staff, send, agency):
    for days in (90, 50, 10):
        send(agency, days)
    page = staff.page(AT)
    assert "ติดตามครบ 3 ครั้งแล้ว เสนอ คสป. พิจารณาต่อ" in page.one("main").text
    assert not page.has("main form")
    response = staff.post(AT, {"number": "4/2569", "sent_on": "19/11/2569", "attempt": "4"})
    assert response.status_code == 422
    assert Letter.objects.count() == 3


def test_before_the_first_round_the_page_says_how_to_begin(staff, forum):
    page = staff.page("/staff/letters/")
    assert "ยังไม่มีรอบ สร้างรอบแรกเพื่อเริ่มติดตามผล" in page.one("main").text
    assert staff.get(AT).status_code == 404


def test_another_year_is_asked_for_by_its_number(staff, open_round, people):
    actions.create_round(by=people["staff"], year=2570)
    assert "ปีงบประมาณ 2570" in staff.page("/staff/letters/?year=2570").one("main .kicker").text
    assert staff.get("/staff/letters/?year=2580").status_code == 404
    assert staff.get("/staff/letters/?year=x").status_code == 404
    assert staff.get(f"{AT}?year=2570").status_code == 404


# The letter -----------------------------------------------------------------------------------


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


def test_the_letter_says_all_that_an_official_letter_says(letter_of, send, agency, open_round):
    send(agency, 80, number="พม 0305/1200")
    send(agency, 45, number="พม 0305/1300")
    response = letter_of()
    assert response["Content-Disposition"] == (
        f"attachment; filename*=UTF-8''{quote('หนังสือติดตาม_2569_พอช..docx')}"
    )
    text = words_of(response.content)
    for words in (
        "๒๐ พฤศจิกายน ๒๕๖๙",
        "เรื่อง\tขอให้รายงานผลการดำเนินงานตามข้อเสนอ CSOs Forum ปีงบประมาณ พ.ศ. ๒๕๖๙ (ติดตามครั้งที่ ๓)",
        f"เรียน\tผู้บริหาร{agency.name_th}",
        "อ้างถึง\t๑. หนังสือที่ พม ๐๓๐๕/๑๒๐๐ ลงวันที่ ๑ กันยายน ๒๕๖๙",
        "\t๒. หนังสือที่ พม ๐๓๐๕/๑๓๐๐ ลงวันที่ ๖ ตุลาคม ๒๕๖๙",
        "สิ่งที่ส่งมาด้วย",
        "ภายในวันที่ ๓๐ พฤศจิกายน ๒๕๖๙",
        "ขอแสดงความนับถือ",
        "โทร.",
    ):
        assert words in text
    assert not set(text) & set("0123456789"), "Thai digits throughout"


def test_the_letter_lists_what_is_due_and_nothing_else(letter_of, agency, open_round, people):
    row = next(row for row in correspondence(open_round) if row.agency == agency)
    gone = row.due[0].measure
    make_report(open_round, gone.code, "CODI", by=people["staff"], state="submitted")
    content = letter_of().content
    table = docx.Document(BytesIO(content)).tables[0]
    rows = [[cell.text for cell in each.cells] for each in table.rows]
    assert rows[0] == ["ลำดับ", "รหัส", "มาตรการย่อย", "บทบาท", "สถานะปีก่อน"]
    assert [each[1:3] for each in rows[1:]] == [
        [to_thai_digits(report.measure.code), to_thai_digits(report.measure.title_th)]
        for report in row.due[1:]
    ]
    assert rows[1][0] == "๑"
    assert {each[4] for each in rows[1:]} == {"ยังไม่ได้รับรายงาน"}
    assert f"จำนวน {to_thai_digits(len(row.due) - 1)} มาตรการย่อย" in words_of(content)


def test_last_years_status_stands_beside_each_measure(staff, demo):
    round_ = Round.objects.get(state="open")
    row = next(each for each in correspondence(round_) if each.due)
    content = staff.get(f"/staff/letters/{row.agency.code}.docx").content
    table = docx.Document(BytesIO(content)).tables[0]
    from followup.views.staff import last_reports

    last = last_reports(round_)
    expected = [
        str(last[report.assignment_id].status.label)
        if report.assignment_id in last
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


def test_libreoffice_opens_it_with_every_measure_in_it(
    letter_of, agency, open_round, require, tmp_path
):
    writer = SOFFICE and (Path(SOFFICE).resolve().parent / "libswlo.so").exists()
    require(writer, "LibreOffice Writer is not installed (apt-get install libreoffice-writer)")
    source = tmp_path / "letter.docx"
    source.write_bytes(letter_of().content)
    form = ("--convert-to", "txt:Text (encoded):UTF8", "--outdir", tmp_path)
    with time_machine.travel(timezone.now(), tick=True):
        run_office(*form, source)
    text = (tmp_path / "letter.txt").read_text(encoding="utf-8-sig")
    row = next(row for row in correspondence(open_round) if row.agency == agency)
    for report in row.due:
        assert to_thai_digits(report.measure.title_th) in text


def test_letters_of_the_demo_go_with_it_and_leave_no_history(demo, people):
    from followup import demo as demo_data

    round_ = Round.objects.get(state="open")
    actions.record_letter(
        round_=round_,
        agency=Agency.objects.get(code="CODI"),
        by=people["staff"],
        attempt=1,
        number="1/2569",
        sent_on=round_.starts_on,
        answer_by=round_.due_on,
    )
    assert Letter.history.count() == 1
    demo_data.remove()
    assert (Letter.objects.count(), Letter.history.count()) == (0, 0)
