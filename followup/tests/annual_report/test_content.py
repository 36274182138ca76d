"""What the report says: the figures of the counting, a table for each proposal, the meeting's words."""

import re

import pytest
from django.urls import reverse

from followup import actions
from followup.annual_report import content, store
from followup.models import Round
from followup.progress import progress_by_year
from followup.tests.annual_report.reading import newest, table_of
from followup.tests.opendata.reading import api_of, csv_of
from forum_portal.thai import to_arabic_digits

pytestmark = pytest.mark.usefixtures("demo")


@pytest.mark.parametrize("data", ["demo", "grown"], indirect=True)
def test_the_figures_are_those_of_the_counting_and_of_the_page(visitor, data):
    year = Round.objects.published().first()
    progress = progress_by_year(Round.objects.published())[-1]
    report = store.document(year.snapshots.latest("number"))
    tables = [
        block
        for part in report["parts"]
        for block in part["blocks"]
        if block["kind"] == "table" and "สถานะรายข้อเสนอ" in block["caption"]
    ]
    assert len(tables) == len(progress.parts) == (2 if data == "grown" else 1)
    rows = [row for table in tables for row in table["rows"][:-1]]
    whole = table_of(report, "ตารางที่ ๑")["rows"][-1]
    if data == "grown":  # the table that compares the forums has no column for a status
        whole = [*whole, ""]

    def numbers(tally):
        return [tally.of(status) for status, _count in tally.rows] + [tally.achieved, tally.n]

    def read(row):
        return [int(to_arabic_digits(cell)) for cell in row[1:-1]]

    assert [read(row) for row in rows] == [numbers(each.tally) for each in progress.resolutions]
    assert read(whole) == numbers(progress.tally)
    assert [row[-1] for row in rows] == [str(each.status.label) for each in progress.resolutions]
    links = [
        reverse("report-part", args=[year.year_be, number])
        for number, part in enumerate(report["parts"], start=1)
        if not part["is_contents"]
    ]
    page = to_arabic_digits("".join(visitor.get(link).content.decode() for link in links))
    page = re.sub(r'<span class="nb">(.*?)</span>', r"\1", page)
    for _forum, one in progress.parts:
        assert f"มาตรการย่อยที่นับ {one.tally.n} ข้อ บรรลุแล้ว {one.tally.achieved} ข้อ" in page
    # And the same again as others take them away.
    columns = [status.value for status, _count in progress.tally.rows]
    columns += ["achieved", "measures_counted"]
    for level, told in (("resolution", rows), ("year", [whole])):
        figures = [read(row) for row in told]
        by_api = api_of("progress", year=year.year_be, level=level)
        assert [[row[name] for name in columns] for row in by_api] == figures
        by_csv = csv_of("progress", f"?year={year.year_be}&level={level}")
        assert [[int(row[name]) for name in columns] for row in by_csv] == figures
        if level == "resolution":
            for taken in (by_api, by_csv):
                assert [row["status_th"] for row in taken] == [row[-1] for row in told]


def test_every_measure_stands_in_its_proposals_table():
    report = store.document(newest())
    codes = [
        row[0]
        for part in report["parts"]
        for block in part["blocks"]
        if block["kind"] == "table" and len(block["head"]) == 9
        for row in block["rows"]
    ]
    assert len(codes) == 34
    assert codes[0] == "๑.๑"
    assert codes[-1] == "๘.๒"


def test_the_tables_are_numbered_through():
    report = store.document(newest())
    numbers = re.findall(r"ตารางที่ ([๐-๙]+)", " ".join(str(part) for part in report["parts"]))
    assert [int(to_arabic_digits(each)) for each in dict.fromkeys(numbers)] == list(range(1, 10))
    assert content.NOTHING == "–"


def test_what_the_meeting_resolved_stands_in_the_report_or_boxes_to_tick(people):
    round_ = Round.objects.get(year_be=2569)

    def last():
        return store.draft(round_).as_data()["parts"][-1]["blocks"][-1]

    assert last()["items"] == ["รับทราบ", "เห็นชอบ", "ให้ดำเนินการเพิ่มเติม"]
    texts = {"meeting": actions.Written("เห็นชอบ และให้ติดตามข้อ 7", "")}
    actions.write_narratives(round_=round_, by=people["staff"], texts=texts)
    assert last()["text"] == "เห็นชอบ และให้ติดตามข้อ ๗"
