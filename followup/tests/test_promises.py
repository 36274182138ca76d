"""What lead agencies answer, promise and show: counted once, and the same wherever it is told."""

from datetime import date, timedelta

import pytest

from followup import actions
from followup.figures import figure
from followup.grades import Grade
from followup.models import Round
from followup.progress import Promise, Promises, edition_progress, progress_by_year
from followup.published import edition_counted, edition_of
from followup.responses import Response
from followup.snapshots import thaw
from followup.targets import Due
from followup.tests.factories import make_report
from followup.tests.opendata.reading import api_of, csv_of, json_of

YEAR = 2568


@pytest.fixture
def edition(demo):
    return edition_of(Round.objects.get(year_be=YEAR))


def counted(edition):
    promises = edition_counted(edition).promises
    assert promises
    return promises


def test_every_group_of_counts_has_its_denominator(edition):
    promises = counted(edition)
    year = edition_counted(edition)
    assert promises.asked == year.tally.n == 33, "one lead agency for each measure of the demo"
    assert sum(promises.due.values()) == promises.asked
    assert promises.received == sum(promises.grades.values()) == 29
    assert Promises.sum(each.promises for each in year.resolutions) == promises
    assert promises.due[Due.KEPT] == year.tally.achieved + 1, "and one that the committee ruled on"


def test_figures_of_all_outputs_are_equal(edition, visitor):
    """The page, receipts, both datasets and the API."""
    promises = counted(edition)
    home = visitor.page(f"/?year={YEAR}").one("dl.promises").text
    assert f"รับไปดำเนินการ {promises.responses[Response.ACCEPTED]} จาก {promises.asked}" in home
    assert f"เลยกำหนด {promises.due[Due.PAST_DUE]} จาก {promises.asked}" in home
    rows = [row for row in csv_of("commitments", f"?year={YEAR}") if row["role_code"] == "lead"]
    counted_measures = {
        row["measure_id"]
        for row in json_of("progress", f"?year={YEAR}")
        if row["level"] == "measure" and row["measures_counted"]
    }
    rows = [row for row in rows if row["measure_id"] in counted_measures]
    (whole,) = [row for row in api_of("progress", year=YEAR) if row["level"] == "year"]
    assert whole["leads_asked"] == len(rows) == promises.asked
    assert whole["leads_received"] == promises.received
    assert whole["postponed"] == sum(int(row["times_postponed"]) > 0 for row in rows)
    for kind, column, counts in (
        ("response", "response_code", promises.responses),
        ("due", "due_code", promises.due),
        ("grade", "grade_code", promises.grades),
    ):
        for word in type(next(iter(counts))):
            name = f"{kind}_{word.value}"
            found = figure(name, edition)
            expected = counts.get(word, 0)
            assert found
            assert (found.value, whole[name]) == (expected, expected), name
            assert sum(row[column] == word.value for row in rows) == expected, name


def test_a_measure_tells_the_response_the_dates_and_the_grade(demo, visitor):
    page = visitor.page(f"/resolutions/2565/4/?year={YEAR}")
    partly = page.one("#m2565-4-1 .resp").text
    assert "รับบางส่วน" in partly
    assert "รับส่วนที่ใช้งบของกรม ไม่รับส่วนที่เป็นสื่อเอกชน" in partly
    assert "ตอบเมื่อ 2 มี.ค. 2566 หนังสือ พม 0413/2210 (ตัวอย่าง)" in partly
    assert "30 กันยายน 2568 เลยกำหนด" in partly
    assert "ยังไม่เคยเลื่อน · เลยมา 81 วัน ณ วันเผยแพร่" in partly
    moved = page.one("#m2565-4-2 .resp").text
    assert "เลื่อน 2 ครั้ง จาก 30 ก.ย. 2567" in moved
    told = [each.text for each in page.select("#m2565-4-2 .dates li")]
    assert [each[:13].strip() for each in told] == ["30 ก.ย. 2567", "30 ก.ย. 2568", "31 มี.ค. 2569"]
    assert "กำหนดแรก แจ้งเมื่อ" in told[0]
    assert told[1].endswith("รอจัดสรรสถานี")
    assert "เลยกำหนด" not in moved
    silent = page.one("#m2565-4-3 .resp").text
    assert "ยังไม่ตอบ" in silent
    assert "ยังไม่ได้แจ้งกำหนด" in silent
    assert "มีเอกสารยืนยัน 1 รายการ" in page.one("#m2565-4-3 .grade").text


def test_an_english_page_tells_the_same(demo, visitor):
    page = visitor.page(f"/en/resolutions/2565/4/?year={YEAR}")
    moved = page.one("#m2565-4-2 .resp").text
    assert "Accepted" in moved
    assert "Postponed 2 times from 30 Sep 2024" in moved
    assert "Past due" in page.one("#m2565-4-1 .resp").text


def test_an_edition_from_before_tells_none_of_it(demo, visitor):
    """It was not asked then, so that nobody is called silent."""
    round_ = Round.objects.get(year_be=YEAR)
    content = round_.snapshots.get().content
    before = thaw(content.replace('"format":2', '"format":1').replace('"as_of"', '"then"', 1))
    assert edition_progress(before).promises is None
    assert edition_progress(thaw(content)).promises is not None


@pytest.fixture
def promised(open_round, people):
    """An approved report that promises the day after the round's edition is published."""
    make_report(
        open_round,
        "1.2",
        by=people["staff"],
        reviewer=people["reviewer"],
        target_on=date(2026, 10, 20),
        response="accepted",
        response_on=date(2026, 10, 2),
    )
    return open_round


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2026, 10, 19), Due.NOT_YET),
        (date(2026, 10, 20), Due.NOT_YET),
        (date(2026, 10, 21), Due.PAST_DUE),
    ],
)
def test_a_date_is_judged_on_the_day_of_the_edition(
    promised, people, time_machine, visitor, day, due
):
    time_machine.move_to(day)
    actions.close_round(round_=promised, by=people["staff"])
    actions.publish_round(round_=promised, by=people["reviewer"])
    edition = edition_of(Round.objects.get(pk=promised.pk))
    promises = counted(edition)
    assert edition.as_of == day
    assert {each for each in promises.due if each is not Due.NO_TARGET} == {due}
    time_machine.move_to(day + timedelta(days=400))
    text = visitor.page("/resolutions/2565/1/").one("#m2565-1-2 .resp").text
    assert ("เลยกำหนด" in text) is (due is Due.PAST_DUE)


def test_the_rows_now_are_judged_today(promised, time_machine):
    time_machine.move_to(date(2026, 10, 21))
    (year,) = progress_by_year([promised], live=True)
    measure = next(each for each in year.measures if each.measure.full_code == "2565-1.2")
    promises = measure.answers.promises
    assert promises.due == {Due.PAST_DUE: 1}
    assert promises.responses == {Response.ACCEPTED: 1}
    assert promises.grades == {Grade.UNGRADED: 1}
    (line,) = measure.single_leads
    assert Promise(line, date(2026, 10, 30)).days_past == 10
