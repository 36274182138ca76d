"""What the report says: the figures of the counting, a table for each proposal, the meeting's words."""

import json
import re
from dataclasses import replace
from io import BytesIO

import docx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from followup import actions
from followup.annual_report import content, store
from followup.models import Assessment, AssessmentAnswer, Organisation, Round, Snapshot
from followup.progress import progress_by_year
from followup.snapshots import thaw
from followup.tests.annual_report.reading import (
    as_pdf,
    as_word,
    bookmarks,
    letters,
    newest,
    pages,
    table_of,
)
from followup.tests.assessing import REASON, accepted, invite
from followup.tests.factories import make_report
from followup.tests.opendata.reading import api_of, csv_of
from followup.tests.test_independent_voice import ANSWER, HIDDEN, assessed_fixture  # noqa: F401
from forum_portal.thai import to_arabic_digits, to_thai_digits
from proposals.models import Measure

of_demo = pytest.mark.usefixtures("demo")


@of_demo
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


@of_demo
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


@of_demo
def test_an_indicator_has_its_values_and_what_changed():
    report = store.document(Round.objects.published()[0].snapshots.latest("number"))
    tables = {
        block["caption"]: block["rows"]
        for part in report["parts"]
        for block in part["blocks"]
        if block["kind"] == "table" and "ตัวชี้วัด" in block["caption"]
    }
    third, sixth = tables.values()
    assert third == [
        [
            "๓.๑",
            "เวลาพิจารณาโครงการโดยเฉลี่ย (วัน)",
            "ค่าตั้งต้น ๗๔\nค่าเป้าหมาย ๔๕",
            "๒๕๖๗: ๗๔\n๒๕๖๘: ๕๘",
            "ลดลง ๑๖ วัน จากปี ๒๕๖๗ ไปทางเป้าหมาย\nเปลี่ยนเป้าหมายจาก ๖๐ เป็น ๔๕ ในปี ๒๕๖๘",
        ]
    ]
    assert [row[0] for row in sixth] == ["๖.๑", "๖.๒"]
    assert sixth[1][3] == "๒๕๖๖: ๓๖๐\n๒๕๖๗: ๕๔๐\n๒๕๖๘: ไม่ได้แจ้งค่า"


@of_demo
def test_the_tables_are_numbered_through():
    report = store.document(newest())
    numbers = re.findall(r"ตารางที่ ([๐-๙]+)", " ".join(str(part) for part in report["parts"]))
    assert [int(to_arabic_digits(each)) for each in dict.fromkeys(numbers)] == list(range(1, 13))
    assert content.NOTHING == "–"


@of_demo
def test_what_the_meeting_resolved_stands_in_the_report_or_boxes_to_tick(people):
    round_ = Round.objects.get(year_be=2569)

    def last():
        return store.draft(round_).as_data()["parts"][-1]["blocks"][-1]

    assert last()["items"] == ["รับทราบ", "เห็นชอบ", "ให้ดำเนินการเพิ่มเติม"]
    texts = {"meeting": actions.Written("เห็นชอบ และให้ติดตามข้อ 7", "")}
    actions.write_narratives(round_=round_, by=people["staff"], texts=texts)
    assert last()["text"] == "เห็นชอบ และให้ติดตามข้อ ๗"


# The other voice ------------------------------------------------------------------------------

VOICE = "การประเมินของภาคประชาสังคม"


def titles_of(report):
    return [part["title"] for part in report["parts"]]


def voice_of(report):
    (part,) = [each for each in report["parts"] if VOICE in each["title"]]
    return arabic(part)


def arabic(data):
    return json.loads(to_arabic_digits(json.dumps(data, ensure_ascii=False)))


def of_kind(part, kind):
    return [block for block in part["blocks"] if block["kind"] == kind]


def rebuilt(round_, frozen):
    """The report that this content gives, as the edition's own."""
    edition = round_.snapshots.get()
    return store.built(
        round_,
        frozen,
        edition=1,
        digest=edition.digest,
        made_at=edition.made_at,
        corrections=[],
        effects={},
    ).as_data()


def without_voices(edition):
    """An edition's content as before there were assessments."""
    data = json.loads(edition.content)
    del data["assessments"], data["organisations"]
    return thaw(json.dumps(data))


def test_each_organisations_finding_stands_under_its_name_with_reason_day_and_answer(
    assessed, visitor
):
    part = voice_of(store.document(assessed.snapshots.get()))
    rules, counts = of_kind(part, "items")
    about = visitor.page("/about/").texts("ol.numbered li")
    told = [each for each in about if each.startswith(tuple(rules["items"]))]
    assert len(told) == len(rules["items"]) == 6, "the rules are those of the page on the method"
    assert counts["items"] == [
        "คสป. ประเมินว่าบรรลุ 1 จาก 34 ข้อ",
        "ภาคประชาสังคมประเมินว่าบรรลุ 1 จาก 3 ข้อที่ประเมิน (ทั้งหมด 34 ข้อ)",
        "ข้อที่ภาคประชาสังคมเห็นต่าง 2 ข้อ",
    ]
    (table,) = of_kind(part, "table")
    assert [(row[0].split()[0], *row[1:2], row[3]) for row in table["rows"]] == [
        ("1.2", "อยู่ระหว่างดำเนินการ", "ชะลอ / ติดปัญหา\nเห็นต่าง\nต่ำกว่า 1 ขั้น"),
        ("1.2", "อยู่ระหว่างดำเนินการ", "อยู่ระหว่างดำเนินการ\nเห็นตรงกัน"),
        ("1.3", "ดำเนินการต่อเนื่องทุกปี", "ดำเนินการต่อเนื่องทุกปี\nเห็นตรงกัน"),
        ("8.1", "ชะลอ / ติดปัญหา", "อยู่ระหว่างดำเนินการ\nเห็นต่าง\nสูงกว่า 1 ขั้น"),
    ]
    first, second, *_others = table["rows"]
    sent = Assessment.objects.get(status="on_hold", state="accepted").assessed_on
    assert first[2] == f"เครือข่ายสื่อชุมชน\n{content.format_date(sent, 'medium')}"
    assert first[4:] == [f"{REASON}\nหลักฐาน: ผังรายการ", f"{ANSWER}\nครั้งที่ 4/2569"]
    assert second[2].startswith("สมาคมคนเฝ้ามอง\n")
    assert second[4:] == ["เห็นตามนั้น", content.NOTHING]
    assert HIDDEN not in json.dumps(part, ensure_ascii=False)
    assert part["blocks"][-1]["text"].startswith("ขั้น: ยังไม่ดำเนินการ → ชะลอ")


def test_the_part_follows_the_results_and_an_edition_without_assessments_has_none(assessed):
    edition = assessed.snapshots.get()
    report = store.document(edition)
    place = titles_of(report).index(f"ส่วนที่ ๕ {VOICE}")
    assert titles_of(report)[place - 1] == "ส่วนที่ ๔ ผลการดำเนินงานรายข้อเสนอ"
    assert titles_of(report)[place + 1] == "ส่วนที่ ๖ ผลระดับพื้นที่"
    agreeing = [each for each in thaw(edition.content).assessments if each.status == "continuous"]
    frozen = replace(thaw(edition.content), assessments=agreeing)
    assert voice_of(rebuilt(assessed, frozen))["blocks"][-1]["kind"] == "table", (
        "no steps to explain"
    )
    older = rebuilt(assessed, without_voices(edition))
    assert titles_of(older)[place] == "ส่วนที่ ๕ ผลระดับพื้นที่"
    assert VOICE not in json.dumps(older, ensure_ascii=False)


def test_no_word_or_figure_of_the_committee_moves_and_no_query_is_added(assessed):
    """Everything but that part is, letter by letter, what it is without assessments."""
    frozen = thaw(assessed.snapshots.get().content)
    with CaptureQueriesContext(connection) as with_voices:
        report = rebuilt(assessed, frozen)
    with CaptureQueriesContext(connection) as without:
        bare = rebuilt(assessed, replace(frozen, assessments=()))
    assert len(with_voices) == len(without)
    report["parts"] = [each for each in report["parts"] if VOICE not in each["title"]]
    for each in (report, bare):
        for part in each["parts"]:
            part["title"] = re.sub("^ส่วนที่ [๐-๙]+ ", "", part["title"])
    assert report == bare


def test_it_is_told_from_the_edition_whatever_becomes_of_the_rows(assessed):
    edition = assessed.snapshots.get()
    report = store.document(edition)
    Assessment.objects.update(reason="แก้ทีหลัง", status="not_started")
    AssessmentAnswer.objects.update(text="แก้ทีหลัง")
    Organisation.objects.update(name_th="ชื่อใหม่")
    assert rebuilt(assessed, thaw(edition.content)) == report


def test_each_forum_has_its_own_counts_and_one_that_nobody_assessed_says_so(
    second_forum, open_round, people
):
    link = invite(open_round, people["staff"])
    accepted(link, "2566-3.1", people["reviewer"], status="continuous")

    def told():
        part = voice_of(store.draft(open_round).as_data())
        forums = {}
        for block in part["blocks"][2:-1]:  # the rules; what a step is
            if block["kind"] == "heading":
                now = forums.setdefault(block["text"], [])
            else:
                now.append(block)
        return [forums[f"CSOs Forum ประจำปี {year}"] for year in (2565, 2566)]

    earlier, later = told()
    assert [block["text"] for block in earlier] == ["ไม่มีองค์กรใดประเมินมาตรการย่อยของเวทีนี้"]
    assert later[0]["items"][:2] == [
        "คสป. ประเมินว่าบรรลุ 0 จาก 9 ข้อ",
        "ภาคประชาสังคมประเมินว่าบรรลุ 1 จาก 1 ข้อที่ประเมิน (ทั้งหมด 9 ข้อ)",
    ]
    # The same short code of the other forum is another measure, and another figure.
    accepted(link, "2565-3.1", people["reviewer"], status="on_hold")
    earlier, again = told()
    assert again[0] == later[0]
    assert earlier[0]["items"][1] == ("ภาคประชาสังคมประเมินว่าบรรลุ 0 จาก 1 ข้อที่ประเมิน (ทั้งหมด 34 ข้อ)")
    assert [block["rows"][0][0].split()[0] for _items, block in (earlier, again)] == [
        "2565-3.1",
        "2566-3.1",
    ]
    assert [re.findall("[0-9]+", block["caption"]) for _items, block in (earlier, again)] == [
        ["17"],
        ["18"],
    ]


def test_a_measure_outside_the_denominator_is_told_and_not_counted(open_round, people):
    code = Measure.objects.filter(kind="discretionary").first().full_code
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(open_round, code, status="not_started", **write)
    accepted(invite(open_round, write["by"]), code, write["reviewer"], status="completed")
    part = voice_of(store.draft(open_round).as_data())
    assert of_kind(part, "items")[1]["items"][1] == (
        "ภาคประชาสังคมประเมินว่าบรรลุ 0 จาก 0 ข้อที่ประเมิน (ทั้งหมด 33 ข้อ)"
    )
    (row,) = of_kind(part, "table")[0]["rows"]
    assert row[1] == "ยังไม่ดำเนินการ\nปีนี้ไม่มีการใช้ จึงไม่นับในตัวหาร"


def test_the_part_is_a_page_of_the_web_in_both_languages(assessed, visitor):
    address = reverse("report-part", args=[2569, 8])
    assert address in [each["href"] for each in visitor.page("/reports/2569/").select("main a")]
    page = visitor.page(address)
    assert VOICE in page.one("h1").text
    rows = [row.text for row in page.select("table tbody tr")]
    assert len(rows) == 4
    for said in ("ชะลอ / ติดปัญหา", "เห็นต่าง", "ต่ำกว่า ๑ ขั้น", "เครือข่ายสื่อชุมชน", ANSWER):
        assert said in rows[0]
    with translation.override("en"):
        english = visitor.page(reverse("report-part", args=[2569, 8]))
    assert english.one("h1").text == "Part 5 Civil society assessments"
    assert "Disagrees Steps lower: 1" in english.select("table tbody tr")[0].text
    assert "Achieved, as assessed by civil society: 1 of 3 measures assessed (34 in all)" in (
        english.text
    )


@pytest.mark.slow
@pytest.mark.once
def test_the_files_have_the_part(assessed):
    report = store.document(assessed.snapshots.get())
    title = f"ส่วนที่ ๕ {VOICE}"
    (table,) = of_kind(next(one for one in report["parts"] if one["title"] == title), "table")
    file = as_pdf(report)
    assert title in bookmarks(file)
    text = letters("".join(pages(file)))
    book = docx.Document(BytesIO(as_word(report)))
    assert title in [each.text for each in book.paragraphs if each.style.name == "Heading 1"]
    tables = [[[cell.text for cell in row.cells] for row in each.rows] for each in book.tables]
    assert [table["head"], *table["rows"]] in tables
    for said in (REASON, "ต่ำกว่า ๑ ขั้น", "เห็นตรงกัน", ANSWER, "สมาคมคนเฝ้ามอง"):
        assert letters(to_thai_digits(said)) in text


@of_demo
def test_what_lead_agencies_promised_has_a_part_with_its_denominators():
    edition = Snapshot.objects.get(round__year_be=2568)
    parts = {part["title"]: part for part in store.document(edition)["parts"]}
    (title,) = [each for each in parts if "คำตอบและกำหนดของหน่วยงานหลัก" in each]
    _words, counts, table = parts[title]["blocks"]
    assert counts["items"][0].startswith("คำตอบของหน่วยงานหลัก: รับไปดำเนินการ ๒๒")
    assert all(each.endswith(("จาก ๓๓", "จาก ๒๙")) for each in counts["items"])
    assert len(table["rows"]) == 33
    row = next(each for each in table["rows"] if each[0].startswith("๔.๒"))
    assert row[3].splitlines() == [
        "๓๑ มี.ค. ๒๕๖๙ ยังไม่ถึงกำหนด",
        "มีช่วงเวลาออกอากาศประจำในผังรายการครบ ๔ ภาค",
        "กำหนดแรก แจ้งเมื่อ ๑๒ ต.ค. ๒๕๖๖: ๓๐ ก.ย. ๒๕๖๗",
        "เลื่อนเมื่อ ๑๕ ต.ค. ๒๕๖๗: ๓๐ ก.ย. ๒๕๖๘ รอจัดสรรสถานี",
        "เลื่อนเมื่อ ๖ พ.ย. ๒๕๖๘: ๓๑ มี.ค. ๒๕๖๙ ปรับผังรายการ",
    ]
