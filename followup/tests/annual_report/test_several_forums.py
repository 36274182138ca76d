"""The report and the meeting pack of one, two and three forums: parts, figures, what is left out."""

import re
from io import BytesIO

import pytest
from docx import Document

from followup import actions
from followup.annual_report import drafts, pack, store
from followup.duty import duty
from followup.progress import year_progress
from followup.tests.annual_report.reading import as_pdf, as_word, bookmarks, headings_of, table_of
from followup.tests.factories import make_report
from forum_portal.thai import to_arabic_digits
from proposals.models import Forum, Measure, Relation, Resolution


def arabic(data):
    """The report with ordinary digits, as tests are read more easily."""
    if isinstance(data, str):
        return to_arabic_digits(data)
    if isinstance(data, dict):
        return {name: arabic(value) for name, value in data.items()}
    return [arabic(each) for each in data] if isinstance(data, list) else data


def report_of(round_):
    return arabic(store.draft(round_).as_data())


def texts(data):
    """Every text in a report or a part of it."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for each in data.values() if isinstance(data, dict) else data:
            yield from texts(each)


def part_of(report, title):
    (part,) = [each for each in report["parts"] if title in each["title"]]
    return part


@pytest.fixture
def third_forum(second_forum):
    """A forum of 2567 with one measure, which replaces 2566-2.1 and so proposal 2 as a whole."""
    words = "ให้ คสป. เผยแพร่ผลทุกสามเดือน"
    forum = Forum.objects.create(
        year_be=2567,
        name_th="CSOs Forum",
        short_name_th="CSOs Forum ประจำปี ๒๕๖๗",
        source_text=words,
    )
    resolution = Resolution.objects.create(forum=forum, number=1, text=words, title_th="ผลทุกไตรมาส")
    earlier = Measure.objects.get(resolution__forum=second_forum, resolution__number=2)
    Measure.objects.create(
        resolution=resolution,
        number=1,
        start=0,
        end=len(words),
        title_th="เผยแพร่ผล",
        kind="recurring",
        relation=Relation.REPLACES,
        earlier=earlier,
    )
    return forum


BEFORE = ["คำนำ", "บทสรุปผู้บริหาร", "สารบัญ"]
OF_ANY = ["ความเป็นมาและฐานอำนาจ", "วิธีการติดตามและนิยามสถานะ", "ผลการดำเนินงานในภาพรวม"]
OF_ALL = ["ผลระดับพื้นที่", "ปัญหา อุปสรรค และข้อเสนอแนะ", "การดำเนินการในระยะต่อไป"]
AFTER = [
    "ภาคผนวก ก ข้อความต้นฉบับ",
    "ภาคผนวก ข หน่วยงานที่รายงานและไม่รายงาน",
    "ภาคผนวก ค รายการหลักฐาน",
    "ภาคผนวก ง การแก้ไขหลังเผยแพร่",
    "การรับรองรายงานและมติที่ประชุม",
]


def numbered(*titles):
    return [f"ส่วนที่ {number} {title}" for number, title in enumerate(titles, start=1)]


def test_the_report_on_one_forum_names_it_in_the_title_only(open_round):
    report = report_of(open_round)
    assert report["title"] == (
        "รายงานผลการดำเนินงานตามข้อเสนอจากการประชุม CSOs Forum ประจำปี 2565 ประจำปีงบประมาณ พ.ศ. 2569"
    )
    middle = numbered(*OF_ANY, "ผลการดำเนินงานรายข้อเสนอ", *OF_ALL)
    assert [part["title"] for part in report["parts"]] == [*BEFORE, *middle, *AFTER]
    told = " ".join(texts(report["parts"]))
    assert "เวที 2565" not in told
    assert "รวมทุกเวที" not in told
    assert "ตามข้อเสนอที่ 8 จากการประชุม CSOs Forum ประจำปี 2565 ซึ่งให้" in told


def test_the_report_on_two_forums_has_a_part_for_each(second_forum, open_round, people):
    for code, agency in (("2566-3.1", "BOB"), ("2565-1.2", "MSDHS")):
        make_report(open_round, code, agency, by=people["staff"], reviewer=people["reviewer"])
    report = report_of(open_round)
    assert "CSOs Forum ประจำปี 2565 และ 2566 ประจำปีงบประมาณ" in report["title"]
    each = [f"ผลการดำเนินงานตามข้อเสนอ CSOs Forum ประจำปี {year}" for year in (2565, 2566)]
    assert [part["title"] for part in report["parts"]] == [
        *BEFORE,
        *numbered(*OF_ANY, *each, *OF_ALL),
        *AFTER,
    ]
    for title, count, proposals, codes in ((each[0], 34, 8, "2565-"), (each[1], 9, 5, "2566-")):
        part = part_of(report, title)
        assert part["blocks"][1]["text"].startswith(f"มาตรการย่อยที่นับ {count} ข้อ")
        assert len([one for one in headings_of({"parts": [part]}) if "ข้อเสนอที่" in one]) == proposals
        tables = [one for one in part["blocks"] if one["kind"] == "table"]
        rows = [row[0] for table in tables for row in table["rows"] if row[0] != "รวม"]
        assert len(rows) == count + proposals
        assert all(row.startswith(codes) for row in rows)
        assert tables[0]["rows"][-1][-2] == str(count)
    numbers = re.findall(r"ตารางที่ ([0-9]+)", " ".join(texts(report["parts"])))
    assert list(map(int, dict.fromkeys(numbers))) == list(range(1, 17))


def test_each_forum_keeps_its_own_denominator(second_forum, open_round, people):
    make_report(open_round, "2566-3.1", "BOB", by=people["staff"], reviewer=people["reviewer"])
    report = report_of(open_round)
    table = table_of(report, "ตารางที่ 1 สถานะรายเวที")
    assert [(row[0], row[-1]) for row in table["rows"]] == [
        ("CSOs Forum ประจำปี 2565", "34"),
        ("CSOs Forum ประจำปี 2566", "9"),
        ("รวมทุกเวที", "43"),
    ]
    method = " ".join(texts(part_of(report, "วิธีการติดตาม")))
    assert "เวที 2565: ตัวหาร 34 = มาตรการย่อยทั้งหมด 34" in method
    assert "เวที 2566: ตัวหาร 9 = มาตรการย่อยทั้งหมด 9" in method
    summary = part_of(report, "บทสรุปผู้บริหาร")["blocks"]
    for year, count in ((2565, 34), (2566, 9)):
        assert f"เวที {year}: ในปีงบประมาณ พ.ศ. 2569 มีมาตรการย่อยที่นับ {count} ข้อ" in summary[0]["text"]
    assert [row["label"] for row in summary[1]["rows"]] == ["เวที 2565", "เวที 2566"]
    # The sum stands in one row, which says what it is.
    sums = [text for text in texts(report["parts"]) if re.search(r"^43$|\b43 ข้อ", text)]
    assert sums == ["43"]
    appendix = part_of(report, "ภาคผนวก ข")["blocks"]
    assert appendix[0]["text"].startswith("รวมทุกเวที: จาก")
    assert headings_of({"parts": [part_of(report, "ภาคผนวก ข")]})[1:] == [
        "CSOs Forum ประจำปี 2565",
        "CSOs Forum ประจำปี 2566",
    ]
    of_2566 = [one for one in appendix if one["kind"] == "table"][1]
    assert ["สำนักงบประมาณ", "1", "1", "0"] in of_2566["rows"]


def test_what_a_later_forum_replaced_is_told_and_not_counted(third_forum, open_round):
    report = report_of(open_round)
    assert "ประจำปี 2565 2566 และ 2567 ประจำปีงบประมาณ" in report["title"]
    table = table_of(report, "ตารางที่ 1 สถานะรายเวที")
    assert [row[-1] for row in table["rows"]] == ["34", "8", "1", "43"]
    part = part_of(report, "ตามข้อเสนอ CSOs Forum ประจำปี 2566")
    told = " ".join(texts(part))
    assert "จึงไม่นับที่นี่: 2566-2.1 → 2567-1.1" in told
    overall = next(one for one in part["blocks"] if one["kind"] == "table")
    assert overall["rows"][1][-2:] == ["0", "–"], "no status is invented for what is not counted"
    made = arabic(pack.build(year_progress(open_round), by="resolution").as_data())
    assert len(made["parts"]) == 8 + 5 + 1
    assert "2566-2.1 → 2567-1.1" in " ".join(texts(part_of(made, "เวที 2566 ข้อเสนอที่ 2")))


def test_a_concluded_forum_has_no_part_in_later_reports(third_forum, open_round):
    Forum.objects.filter(year_be=2566).update(
        concluded_after=2568,
        concluded_reason="ครบ",
        concluded_ref="1/2569",
        concluded_on="2026-01-05",
    )
    open_round.reports.filter(assignment__measure__resolution__forum__year_be=2566).delete()
    report = report_of(open_round)
    assert "CSOs Forum ประจำปี 2565 และ 2567" in report["title"]
    told = " ".join(texts(report["parts"]))
    assert "2566-" not in told
    followed = ["CSOs Forum ประจำปี 2565", "CSOs Forum ประจำปี 2567"]
    assert headings_of({"parts": [part_of(report, "ภาคผนวก ก")]})[1:] == followed
    background = headings_of({"parts": [part_of(report, "ความเป็นมา")]})
    assert [each for each in background if each.startswith("CSOs Forum")] == followed


def test_the_drafted_summary_fits_on_its_page_for_three_forums(third_forum, open_round):
    progress = year_progress(open_round)
    text = drafts.summary(progress)
    assert [line.partition(":")[0] for line in text.splitlines()[1:]] == [
        "เวที 2565",
        "เวที 2566",
        "เวที 2567",
    ]
    assert drafts.too_long({"summary": text}, limit=10**6) == {}


def test_a_drafted_summary_that_would_be_too_long_keeps_the_figures_of_each_forum(
    second_forum, open_round, monkeypatch
):
    progress = year_progress(open_round)
    whole = drafts.summary(progress)
    assert "ได้แก่ 1.1" in whole
    monkeypatch.setitem(drafts.LIMITS, "summary", len(whole) - 1)
    text = drafts.summary(progress)
    assert "ได้แก่" not in text
    for year, count in ((2565, 34), (2566, 9)):
        assert f"เวที {year}: ในปีงบประมาณ พ.ศ. 2569 มีมาตรการย่อยที่นับ {count} ข้อ" in text


def test_the_preface_names_the_forums_and_the_duty(second_forum, open_round):
    progress = year_progress(open_round)
    text = drafts.preface(progress, duty=duty())
    assert "รายงานครอบคลุมข้อเสนอจาก 2 เวที คือ CSOs Forum ประจำปี 2565 และ 2566" in text
    assert "จำนวนรวมทุกเวที" in text
    assert "ข้อเสนอที่ 8" not in drafts.preface(progress, duty=None)


def test_an_agencys_page_of_the_pack_counts_each_forum_apart(second_forum, open_round):
    made = arabic(pack.build(year_progress(open_round), by="agency").as_data())
    told = part_of(made, "สำนักงบประมาณ")["blocks"][0]["text"].splitlines()
    assert [line[:9] for line in told] == ["เวที 2565", "เวที 2566"]
    assert told[1].endswith("เป็นหน่วยงานหลัก 1 รายการ สนับสนุน 0 รายการ รายงานแล้ว 0 จาก 1")


def test_a_round_without_any_forum_has_a_report_and_a_pack(people):
    round_ = actions.create_round(by=people["staff"], year=2569)
    report = report_of(round_)
    assert report["title"].endswith("จากการประชุม CSOs Forum ประจำปีงบประมาณ พ.ศ. 2569")
    assert len(report["parts"]) == len([*BEFORE, *OF_ANY, *OF_ALL, *AFTER]) + 1
    assert pack.build(year_progress(round_), by="resolution").parts == []


@pytest.mark.slow
@pytest.mark.once
def test_the_files_on_three_forums_have_every_heading(third_forum, open_round):
    report = store.draft(open_round).as_data()
    wanted = headings_of(report)
    assert bookmarks(as_pdf(report)) == [text for text in wanted if text != "สารบัญ"]
    book = Document(BytesIO(as_word(report)))
    found = [each.text for each in book.paragraphs if each.style.name.startswith("Heading")]
    assert found == wanted
    assert len([text for text in wanted if text.startswith("ส่วนที่")]) == 3 + 3 + 3
