"""The matrix and the changes for the worse: a better status never hides a worse one."""

import pytest

from followup.models import Agency, Assignment, Role, Round
from followup.progress import Line, Reporting, agency_rows, year_progress
from followup.status import BETTER, WORSE, Change, Status
from followup.tests.annual_report.reading import report_pages
from followup.tests.client import Element
from followup.tests.factories import republish
from followup.views import public
from proposals.models import Measure

SEVEN = [
    "แล้วเสร็จ",
    "ต่อเนื่อง",
    "กำลังทำ",
    "ชะลอ",
    "ยังไม่เริ่ม",
    "ยุติ",
    "ไม่มีรายงาน",
]


def year_of(year: int):
    before = Round.objects.filter(year_be=year - 1).first()
    return year_progress(Round.objects.get(year_be=year), previous=before)


def chip(line: Line, year: int) -> tuple[str, str, str, bool]:
    """The chip of a line: its link, its shape, its text for screen readers, whether it is outlined."""
    measure = line.assignment.measure
    role = "หน่วยงานหลัก" if line.is_lead else "หน่วยงานสนับสนุน"
    heard = f"{measure.code} {measure.title_th}: {line.status.label} ({role})"
    if line.report and line.report.reported is not line.status:
        heard += f" หน่วยงานรายงานว่า {line.report.reported.label}"
    query = "" if year == 2568 else f"?year={year}"
    address = f"/resolutions/2565/{measure.resolution.number}/{query}#{measure.anchor}"
    return address, f"st-{line.status.value}", heard, not line.is_lead


def chips_in(element: Element) -> list[tuple[str, str, str, bool]]:
    found = []
    for each in element.select("a.chip"):
        (status,) = [name for name in each.classes if name.startswith("st-")]
        assert each.select("use")[0]["href"] == f"#s-{status.removeprefix('st-')}", (
            "the shape says it too"
        )
        found.append(
            (each["href"], status, " ".join(each.text.split()), "chip--sup" in each.classes)
        )
    return found


def cell_of(page: Element, agency: str, place: int) -> Element:
    rows = page.select("table.mx tbody tr")
    row = next(each for each in rows if each.select("td") and each.one("th a").text == agency)
    return row.select("td")[place - 1]


@pytest.mark.parametrize("year", [2566, 2567, 2568])
def test_each_measure_in_each_cell_has_its_own_status(demo, visitor, year):
    page = visitor.page("/matrix/", year=year, role="all")
    rows = Reporting.of(agency_rows(year_of(year))).rows
    shown = [each for each in page.select("table.mx tbody tr") if each.select("td")]
    assert [each.one("th a").text for each in shown] == [row.agency.short for row in rows]
    filled = 0
    for row, element in zip(rows, shown, strict=True):
        assert len(element.select("td")) == len(row.cells) == 8
        for lines, cell in zip(row.cells, element.select("td"), strict=True):
            assert chips_in(cell) == [chip(line, year) for line in lines]
            filled += bool(lines)
    assert filled > 50
    everything = [line for row in rows for line in row.lines]
    assert len(page.select("table.mx a.chip")) == len(everything) == 103
    cards = page.select("li.card")
    assert [each.one(".card__t a").text for each in cards] == [row.agency.short for row in rows]
    for row, element in zip(rows, cards, strict=True):
        assert chips_in(element) == [chip(line, year) for line in row.lines]


def test_what_a_merged_word_would_hide_stands_in_the_cell(demo, visitor):
    page = visitor.page("/matrix/", role="all")
    assert [each[1:3] for each in chips_in(cell_of(page, "สถ.", 2))] == [
        (
            "st-no_report",
            "2.2 ท้องถิ่นจัดทำแผนและงบประมาณแก้ปัญหาพื้นที่ได้เอง: ยังไม่ได้รับรายงาน (หน่วยงานหลัก)",
        ),
        (
            "st-on_hold",
            "2.5 ท้องถิ่นมอบหมายเอกชน/ประชาสังคมจัดบริการสาธารณะแทน (ม. ๒๕๐): ชะลอ / ติดปัญหา (หน่วยงานหลัก)",
        ),
        (
            "st-continuous",
            "2.6 ทุกภาคส่วนมีส่วนร่วมในการจัดการตนเองของท้องถิ่น: ดำเนินการต่อเนื่องทุกปี (หน่วยงานหลัก)",
        ),
        (
            "st-in_progress",
            "2.1 ยกระดับการสนับสนุนการกระจายอำนาจ: อยู่ระหว่างดำเนินการ (หน่วยงานสนับสนุน)",
        ),
        (
            "st-no_report",
            "2.4 ท้องถิ่นใช้ภาษีที่จัดเก็บในพื้นที่ได้มากขึ้น: ยังไม่ได้รับรายงาน (หน่วยงานสนับสนุน)",
        ),
    ]
    silent = [
        heard[:3] for _, status, heard, _ in chips_in(cell_of(page, "พอช.", 2)) if "no" in status
    ]
    assert silent == ["2.2"], "beside 2.8, which is completed"
    assert [each[2][:3] for each in chips_in(page.one("table.mx")) if each[1] == "st-on_hold"] == [
        "2.5",
        "3.3",
    ]


def test_the_key_lists_every_status_that_a_report_or_its_absence_can_have(demo, visitor):
    page = visitor.page("/matrix/", kind="ministry")
    assert page.texts("p.key--mx .word") == SEVEN
    roles = " ".join(page.one("p.key--role").text.split())
    for words in (
        "1.2 หน่วยงานหลัก พื้นทึบขอบหนา",
        "1.2 หน่วยงานสนับสนุน เส้นขอบ",
        "1.2 หน่วยงานรายงานสถานะอื่น ต่างจากที่เผยแพร่",
    ):
        assert words in roles


def test_those_that_reported_nothing_come_first_each_group_with_its_count(demo, visitor):
    page = visitor.page("/matrix/")
    assert page.texts("tr.mx__g th") == [
        "ไม่มีรายงานเลย 1 หน่วยงาน",
        "รายงานบางข้อ 5 หน่วยงาน",
        "รายงานครบ 11 หน่วยงาน",
    ]
    assert page.texts("h2.mx__h") == page.texts("tr.mx__g th")
    names = [each.one("th a").text for each in page.select("table.mx tbody tr") if each.has("td")]
    assert names[:6] == ["กต.", "พอช.", "มท.", "สถ.", "กค.", "สศช."]
    assert [each.one(".mx__r").text for each in page.select("table.mx tbody tr") if each.has("td")][
        :3
    ] == ["รายงาน 0 จาก 2", "รายงาน 5 จาก 10", "รายงาน 1 จาก 4"]
    page = visitor.page("/matrix/", role="all", kind="committee")
    assert "ไม่มีรายงานเลย" not in page.one("table.mx").text, "an empty group is left out"


def test_two_voices_are_marked_and_spoken(demo, visitor):
    page = visitor.page("/matrix/", role="all")
    marked = [each for each in page.select("table.mx a.chip") if each.has(".chip__v")]
    spoken = [each for each in page.select("table.mx a.chip") if "หน่วยงานรายงานว่า" in each.text]
    assert [each["href"] for each in marked] == [each["href"] for each in spoken]
    assert sorted(" ".join(each.text.split()) for each in marked) == [
        "1.2 กฎระเบียบที่ส่งเสริมมากกว่าควบคุม: อยู่ระหว่างดำเนินการ (หน่วยงานหลัก) "
        "หน่วยงานรายงานว่า ดำเนินการแล้วเสร็จ",
        "4.2 สื่อสาธารณะของรัฐเพิ่มบทบาทการสื่อสารกับสังคม: อยู่ระหว่างดำเนินการ (หน่วยงานหลัก) "
        "หน่วยงานรายงานว่า ดำเนินการต่อเนื่องทุกปี",
        "6.1 พัฒนากลไกความร่วมมือระดับชาติ ภูมิภาค และจังหวัด: อยู่ระหว่างดำเนินการ (หน่วยงานหลัก) "
        "หน่วยงานรายงานว่า ดำเนินการแล้วเสร็จ",
    ]


@pytest.fixture
def two_forums(demo, second_forum):
    """The round of 2568 with a forum of 2566 beside that of 2565, of which nothing is reported."""
    round_ = Round.objects.get(year_be=2568)
    for each in Assignment.objects.filter(measure__resolution__forum=second_forum):
        round_.reports.get_or_create(assignment=each)
    republish()
    return round_


def test_columns_stand_under_their_forum_where_there_are_several(two_forums, visitor):
    page = visitor.page("/matrix/", role="all")
    assert page.texts("tr.mx__top th") == ["หน่วยงาน", "เวที 2565 8 ข้อเสนอ", "เวที 2566 5 ข้อเสนอ"]
    assert [each["colspan"] for each in page.select("tr.mx__top th[colspan]")] == ["8", "5"]
    heads = page.select("table.mx thead tr")[-1].texts("th a .sr")
    assert (heads[7], heads[8]) == ("เวที 2565 ข้อเสนอที่ 8", "เวที 2566 ข้อเสนอที่ 1")
    (later,) = cell_of(page, "สงป.", 11).select("a.chip")
    assert later["href"] == "/resolutions/2566/3/#m2566-3-1"
    assert "st-no_report" in later.classes
    earlier = cell_of(page, "สงป.", 3).one("a.chip")
    assert earlier["href"] == "/resolutions/2565/3/#m2565-3-1"
    assert "st-continuous" in earlier.classes
    card = next(each for each in page.select("li.card") if each.one(".card__t a").text == "สงป.")
    assert card.texts(".card__f p") == ["เวที 2565", "เวที 2566"]
    assert [each["href"] for each in card.select(".card__f")[1].select("a.chip")] == [later["href"]]
    assert "ยังไม่มีผู้รับผิดชอบ จึงไม่อยู่ในตาราง: 2566-3.3, 2566-4.1" in " ".join(page.text.split())


def test_one_forum_has_no_row_of_forums(demo, visitor):
    page = visitor.page("/matrix/")
    assert not page.has("tr.mx__top")
    assert not page.has(".card__f")
    assert "เวที 2565" not in page.one("table.mx").text
    assert "ยังไม่มีผู้รับผิดชอบ" not in page.text


def test_more_columns_than_fit_leave_the_list(demo, visitor, monkeypatch):
    monkeypatch.setattr(public, "MATRIX_COLUMNS", 7)
    page = visitor.page("/matrix/", role="all")
    assert not page.has("table.mx")
    assert len(page.select("ul.cards a.chip")) == 103
    assert not page.has(".narrow"), "the list stands at every width"


# What became worse -----------------------------------------------------------------------------

WORSE_OF_2568 = [
    ("2.5 ท้องถิ่นมอบหมายเอกชน/ประชาสังคมจัดบริการสาธารณะแทน (ม. ๒๕๐)", "ถดถอย"),
    ("4.2 สื่อสาธารณะของรัฐเพิ่มบทบาทการสื่อสารกับสังคม", "ถดถอย"),
    ("5.1 ใช้ข้อมูลและเทคโนโลยีเป็นเครื่องมือพัฒนา", "ถดถอย"),
    ("5.2 มุ่งแก้ปัญหาความยากจนและความเหลื่อมล้ำ", "ยุติในปีนี้"),
    ("2.2 ท้องถิ่นจัดทำแผนและงบประมาณแก้ปัญหาพื้นที่ได้เอง", "ปีนี้ไม่มีรายงาน"),
]


def changes_on(page: Element, heading: str) -> list[tuple[str, str]]:
    section = next(each for each in page.select("section") if each.has(heading))
    return list(zip(section.texts("ul.rows .rows__t"), section.texts("ul.rows .chg"), strict=True))


def test_home_tells_what_became_worse_first_and_all_of_it(demo, visitor):
    page = visitor.page("/")
    told = changes_on(page, "#h-c")
    assert told[:5] == WORSE_OF_2568
    assert [text[:3] for text, _change in told[5:]] == ["1.3", "1.4", "3.4"]
    assert page.texts("section h3.sub")[:2] == ["แย่ลง 5", "ดีขึ้นหรือมีรายงานใหม่ 9"]
    left = page.one("p.all")
    assert left.text == "แสดงที่ดีขึ้นหรือมีรายงานใหม่ 3 จาก 9 ข้อ ดูการเปลี่ยนแปลงทั้ง 14 ข้อ"
    assert left.one("a")["href"] == "/years/2568/#changes"
    everything = changes_on(visitor.page("/years/2568/"), "#changes")
    assert everything[: len(told)] == told
    assert len(everything) == 14


@pytest.mark.parametrize(("room", "better"), [(100, 9), (6, 1), (5, 0), (0, 0)])
def test_no_room_is_too_small_for_what_became_worse(demo, visitor, monkeypatch, room, better):
    monkeypatch.setattr(public, "CHANGES_ON_HOME", room)
    page = visitor.page("/")
    told = changes_on(page, "#h-c")
    assert told[:5] == WORSE_OF_2568
    assert len(told) == 5 + better
    if better < 9:
        assert f"แสดงที่ดีขึ้นหรือมีรายงานใหม่ {better} จาก 9 ข้อ" in page.one("p.all").text
    else:
        assert not page.has("p.all"), "nothing is cut"


def test_counts_of_changes_stand_worse_first_wherever_they_are_told(demo, visitor):
    assert [str(each.label) for each in (*WORSE, *BETTER)] == [
        "ถดถอย",
        "ยุติในปีนี้",
        "ปีนี้ไม่มีรายงาน",
        "ดีขึ้น",
        "รายงานครั้งแรก",
        "กลับมารายงาน",
    ]
    order = [str(each.label) for each in Change]
    for path in ("/", "/years/", "/years/2568/", "/resolutions/", "/reports/2568/"):
        for line in visitor.page(path).select("p.chgs"):
            words = [each.text.rsplit(" ", 1)[0] for each in line.select(".chg")]
            assert words == sorted(words, key=order.index), path
    year = year_of(2568)
    for each in year.resolutions:
        told = {change for change, _count in each.changes_to_show}
        bad = {one.change for one in each.measures if one.change in {*WORSE, Change.SILENT}}
        assert bad <= told, "two silent years are no less than one"


# Other words for several agencies --------------------------------------------------------------


def test_the_list_of_agencies_begins_with_those_that_reported_nothing(demo, visitor):
    page = visitor.page("/agencies/")
    reported = [int(each.texts("td")[2]) for each in page.select("table.ag tbody tr")]
    silent = [int(each.texts("td")[3]) for each in page.select("table.ag tbody tr")]
    rank = [0 if not a else 1 if b else 2 for a, b in zip(reported, silent, strict=True)]
    assert rank == sorted(rank)
    assert set(rank) == {0, 1, 2}
    assert "หน่วยงานที่ไม่รายงานเลยอยู่บนสุด ตามด้วยที่รายงานบางข้อ และที่รายงานครบ" in page.texts("p.meta")


def test_a_measure_of_two_leads_tells_each_ones_status(demo, visitor):
    measure = Measure.objects.get(resolution__number=2, number=6)
    assert year_of(2568).resolutions[1].measures[5].status is Status.CONTINUOUS
    second = Assignment.objects.create(
        measure=measure, agency=Agency.objects.get(code="SLC"), role=Role.LEAD, valid_from=2568
    )
    Round.objects.get(year_be=2568).reports.get_or_create(assignment=second)
    republish()
    section = visitor.page("/resolutions/2565/2/").one("section#m2565-2-6")
    assert section.texts(".measure__now p.voice__w .word") == [
        "ดำเนินการต่อเนื่องทุกปี",
        "ยังไม่ได้รับรายงาน",
    ]
    report = " ".join(page.text for page in report_pages(visitor, "/reports/2568/"))
    assert "สถ.: ดำเนินการต่อเนื่องทุกปี" in report
    assert "สลค.: ยังไม่ได้รับรายงาน" in report
