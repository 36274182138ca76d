"""The public pages: what they say before the first round, of a year, and of each proposal and agency."""

from urllib.parse import quote

import pytest
from django.contrib.staticfiles import finders

from followup.grades import Grade
from followup.models import Agency, Assignment, Round, Ruling
from followup.progress import Reporting, agency_rows, year_progress
from followup.responses import Response
from followup.source_text import LETTERS
from followup.status import Change, Status
from followup.targets import Due
from followup.tests.client import Element, read
from followup.tests.factories import republish
from followup.tests.public import NBSP, PUBLIC, SENTENCES, listed, measure_section
from forum_portal.version import VERSION
from proposals.models import EditorNote, Measure, Resolution

NO_ROUND = "ยังไม่มีรอบติดตามที่เผยแพร่ ระบบจะแสดงความคืบหน้าเมื่อฝ่ายเลขานุการ คสป. เผยแพร่รอบแรก"


DEMO = "ข้อมูลตัวอย่าง ใช้สำหรับทดสอบระบบเท่านั้น ไม่ใช่ผลการดำเนินงานจริง"


def all_of(year: int):
    """The counting of a year beside the one before, straight from `progress`."""
    round_ = Round.objects.get(year_be=year)
    return year_progress(round_, previous=Round.objects.filter(year_be=year - 1).first())


def plain(text: str) -> str:
    """Text as a page shows it, runs of white space aside."""
    return " ".join(text.split())


def statuses_in(page: Element) -> list[Element]:
    """What a page shows as a status: a tag, a word, a cell."""
    every = page.one("main").walk()
    return [each for each in every if any(name.startswith("st-") for name in each.classes)]


def test_home_says_that_nothing_is_published_and_shows_the_eight_proposals(forum, visitor):
    page = visitor.page("/")
    assert page.one("p.hero__say").text == NO_ROUND
    assert page.texts("ol.props h3") == [each.title_th for each in Resolution.objects.all()]
    assert page.texts("ol.props h3")[7] == "คสป. ติดตามและรายงานผลเป็นประจำทุกปี"
    codes = page.texts("ol.props ul.plain b")
    assert codes == [each.code for each in Measure.objects.select_related("resolution")]
    assert len(codes) == 34
    assert not page.has("form.year")


def test_no_page_invents_a_status(forum, visitor):
    for path in (*PUBLIC, "/agencies/CODI/"):
        if path == "/about/":
            continue  # explains what the statuses mean
        page = visitor.page(path)
        assert not statuses_in(page), path
        assert not any(str(status.label) in page.text for status in Status), path
        assert DEMO not in page.text


def test_a_resolution_shows_its_assignments_as_proposed_and_no_status(forum, visitor):
    page = visitor.page("/resolutions/2565/3/")
    assert "ยังไม่มีรอบติดตามที่เผยแพร่ จึงยังไม่แสดงสถานะ" in page.text
    assert not statuses_in(page)
    for measure in Measure.objects.filter(resolution__number=3):
        rows = measure_section(page, measure.code).texts("dl.who dd")
        assigned = list(measure.assignments.order_by("role", "agency__sort_key"))
        assert len(rows) == len(assigned) > 1
        for row, each in zip(rows, assigned, strict=True):
            assert row.startswith(str(each.agency))
            assert "เสนอ รอ คสป. ยืนยัน" in row


def test_all_103_assignments_are_proposed(forum, visitor):
    pages = [visitor.page(f"/resolutions/2565/{number}/") for number in range(1, 9)]
    rows = [row for page in pages for row in page.texts("section.measure dl.who dd")]
    assert len(rows) == 103
    assert all("เสนอ รอ คสป. ยืนยัน" in row for row in rows)


def test_the_other_pages_wait_for_the_first_round(forum, visitor):
    assert "ตารางจะแสดงเมื่อเผยแพร่รอบแรก" in visitor.page("/matrix/").text
    assert NO_ROUND in visitor.page("/years/").text
    assert "หน่วยงานในระบบ (64)" in visitor.page("/agencies/").text
    page = visitor.page("/agencies/CODI/")
    assert "ยังไม่มีรอบติดตามที่เผยแพร่ จึงยังไม่แสดงผล" in page.text
    assert len(page.select("ul.rows li")) == 10
    assert "ยังไม่มีรอบติดตามที่เผยแพร่" in visitor.page("/years/2567/", status=404).text


@pytest.mark.parametrize("path", [*PUBLIC, "/resolutions/2565/8/"])
def test_a_year_changes_nothing_where_no_year_is_published(forum, visitor, path):
    page = visitor.page(path).one("main").text
    for year in ("2567", "abc", "๒๕๖๗", "\0", "67"):
        assert visitor.page(path, year=year).one("main").text == page


def test_the_pages_work_on_an_empty_database(db, visitor):
    for path in PUBLIC:
        visitor.page(path)


@pytest.mark.parametrize("year", SENTENCES)
def test_home_says_the_year_in_one_sentence(demo, visitor, year):
    page = visitor.page("/", year=year)
    assert page.one("p.hero__say").text == SENTENCES[year]
    tally = all_of(year).tally
    assert SENTENCES[year] == (
        f"จาก {tally.n} มาตรการย่อย บรรลุแล้ว {tally.achieved}"
        f" กำลังทำ {tally.of(Status.IN_PROGRESS)} ชะลอ {tally.of(Status.ON_HOLD)}"
        f" ยังไม่เริ่ม {tally.of(Status.NOT_STARTED)} และยังไม่ได้รับรายงาน {tally.silent}"
    )
    assert f"ปีงบประมาณ {year} (1 ต.ค. {year - 1} – 30 ก.ย. {year})" in page.text
    assert f"ข้อมูลถึงวันที่ 30 กันยายน {year}" in page.text


@pytest.mark.parametrize("year", SENTENCES)
def test_the_bar_its_legend_and_its_table_say_the_same(demo, visitor, year):
    page, progress = visitor.page("/", year=year), all_of(year)
    tally = progress.tally
    drawn = [each for each in tally.rows if each[1]]
    bar = page.one("figure.bar")
    assert [each.raw().strip() for each in bar.select("text.bar__n")] == [str(n) for _s, n in drawn]
    assert bar.one("title").raw().strip() == f"สถานะของ {tally.n} มาตรการย่อย ปีงบประมาณ {year}"
    assert " ".join(bar.one("desc").raw().split()) == (
        "".join(f"{status.label} {count} " for status, count in drawn)
        + f"บรรลุแล้ว {tally.achieved} จาก {tally.n} มีความเคลื่อนไหว {tally.moving} จาก {tally.n}"
    )
    assert bar.texts("ul.legend li") == [f"{s.label} {count}" for s, count in tally.rows]

    table = page.one("table.tbl")
    years = [str(year)] + ([str(year - 1)] if progress.before else [])
    assert table.texts("thead th") == ["สถานะ", *years]
    assert table.texts("tbody th") == [str(status.label) for status, *_rest in progress.table]
    numbers = [str(n) for _status, *both in progress.table for n in both[: len(years)]]
    assert table.texts("tbody td") == numbers
    assert table.texts("tfoot td") == [str(tally.n), "33"][: len(years)]
    assert sum(map(int, table.texts("tbody td")[:: len(years)])) == tally.n


def test_the_denominator_is_explained_in_numbers(demo, visitor):
    sentence = (
        "ตัวหาร 33 = มาตรการย่อยทั้งหมด 34 − ยุติ {} − มาตรการเชิงดุลพินิจที่ไม่มีการใช้ {} "
        "ข้อที่ยังไม่ได้รับรายงานอยู่ในตัวหารเสมอ"
    )
    page = visitor.page("/")
    assert sentence.format(1, 0) in page.text
    assert "ช่องขอบจุดไม่นับในตัวหาร (5.2)" in page.text
    page = visitor.page("/", year=2567)
    assert sentence.format(0, 1) in page.text
    assert "ช่องขอบจุดไม่นับในตัวหาร (3.4)" in page.text


def test_no_two_pages_disagree(demo, visitor):
    years = visitor.page("/years/")
    for year in SENTENCES:
        progress = all_of(year)
        tally = progress.tally
        of_each = [
            f"บรรลุ {each.tally.achieved} จาก {each.tally.n}" for each in progress.resolutions
        ]
        statuses = [str(each.status.label) for each in progress.resolutions]
        codes = {
            status: [each.measure.code for each in progress.measures if each.status is status]
            for status in Status
        }
        for path in ("/", "/resolutions/", f"/years/{year}/"):
            page = visitor.page(path, year=year)
            assert page.texts("ol.props .prop__sum .nb") == of_each
            assert page.texts("ol.props .prop__st .tag") == statuses
            for status in Status:
                cells = page.select(f"ol.strip a.st-{status.value}")
                assert [cell.texts("span")[0] for cell in cells] == codes[status]
        for each, sentence in zip(progress.resolutions, of_each, strict=True):
            page = visitor.page(f"/resolutions/2565/{each.resolution.number}/", year=year)
            assert f"{sentence} มาตรการย่อย" in page.one(".rhead__m").text
            assert page.texts(".rhead__m .tag") == [str(each.status.label)]
            assert page.texts("ol.mini .mini__s .tag") == [
                str(m.status.label) for m in each.measures
            ]
        assert (
            f"บรรลุแล้ว {tally.achieved} จาก {tally.n} มาตรการย่อย มีความเคลื่อนไหว {tally.moving} "
            f"และยังไม่ได้รับรายงาน {tally.silent}"
        ) in [plain(text) for text in years.texts("section p")]


def test_the_year_picker_offers_the_published_years_and_links_keep_the_choice(demo, visitor):
    page = visitor.page("/")
    assert page.texts("select#y option") == ["2568", "2567", "2566"]
    assert page.texts("select#y option[selected]") == ["2568"]
    to_resolutions = "ol.props h3 a"
    assert page.select(to_resolutions)[2]["href"] == "/resolutions/2565/3/"

    page = read(visitor.send(page, "form.year", year="2566"))
    assert page.texts("select#y option[selected]") == ["2566"]
    assert page.select(to_resolutions)[2]["href"] == "/resolutions/2565/3/?year=2566"
    assert page.select("ol.strip a")[0]["href"] == "/resolutions/2565/1/?year=2566#m2565-1-1"
    page = visitor.page(page.select(to_resolutions)[2]["href"])
    assert page.texts("select option[selected]") == ["2566"]
    assert page.one("nav.pn a.pn__next")["href"] == "/resolutions/2565/4/?year=2566"


def test_what_changed_stands_with_both_statuses_and_the_rest_one_link_away(demo, visitor):
    page = visitor.page("/")
    assert page.one("#h-c").text == "เปลี่ยนแปลงล่าสุด"
    worse, better = page.select("section ul.rows")[:2]
    assert worse.texts("li")[0] == (
        "2.5 ท้องถิ่นมอบหมายเอกชน/ประชาสังคมจัดบริการสาธารณะแทน (ม. ๒๕๐) "
        "สถานะ: กำลังทำ เปลี่ยนเป็น ชะลอ / ติดปัญหา ถดถอย"
    )
    assert better.texts("li")[0] == (
        "1.3 ทุกภาคส่วนปรับทัศนคติและสร้างบรรยากาศที่ดี สถานะ: กำลังทำ เปลี่ยนเป็น ดำเนินการต่อเนื่องทุกปี ดีขึ้น"
    )
    everything = page.one("p.all a")
    assert everything.text == "ดูการเปลี่ยนแปลงทั้ง 14 ข้อ"
    assert everything["href"] == "/years/2568/#changes"

    page = visitor.page("/years/2568/")
    changed = all_of(2568).changed
    assert page.texts("ul.rows .rows__t b") == [each.measure.code for each in changed]
    assert page.texts("ul.rows .chg") == [str(each.change.label) for each in changed]
    assert [str(each.change.label) for each in changed][3:5] == ["ยุติในปีนี้", "ปีนี้ไม่มีรายงาน"]
    assert page.texts("section[aria-labelledby=changes] p.chgs .chg") == [
        "ถดถอย 3",
        "ยุติในปีนี้ 1",
        "ปีนี้ไม่มีรายงาน 1",
        "ไม่มีรายงานสองปีติดกัน 3",
        "ดีขึ้น 7",
        "รายงานครั้งแรก 1",
        "กลับมารายงาน 1",
        "คงเดิม 17",
    ]


def test_what_needs_watching_stands_by_name(demo, visitor):
    page = visitor.page("/")
    assert "ชะลอ 2 ข้อ และยังไม่ได้รับรายงาน 4 ข้อ จาก 33 มาตรการย่อย" in page.texts("p.meta")
    assert page.texts("h3.sub")[2:] == [
        "ชะลอ / ติดปัญหา 2",
        "ยังไม่ได้รับรายงาน 4",
        "ไม่ขยับมา 3 รอบขึ้นไป 3",
    ]
    _worse, _better, on_hold, no_report, still = page.select("section ul.rows")
    assert still.texts(".rows__t b") == ["2.3", "3.5", "6.1"]
    assert still.texts(".meta") == ["ตั้งแต่ปี 2566"] * 3
    assert on_hold.texts(".rows__t b") == ["2.5", "3.3"]
    assert "กสป." in on_hold.texts("li")[1]
    assert no_report.texts(".rows__t b") == ["2.2", "2.7", "7.2", "7.3"]
    assert no_report.texts("p.meta") == [
        "สถ. · ปีก่อนรายงานว่ากำลังทำ",
        "มท. · ไม่มีรายงานสองปีติดกัน",
        "กต. · ไม่มีรายงานสองปีติดกัน",
        "กต. · ไม่มีรายงานสองปีติดกัน",
    ]


def test_what_needs_watching_is_counted_above_the_rows_and_leads_down(demo, visitor):
    page = visitor.page("/")
    counts = page.one("dl.tally--watch")
    assert counts.texts("dt") == [
        "แย่ลงจากปีก่อน",
        "ชะลอ / ติดปัญหา",
        "ยังไม่ได้รับรายงาน",
        "ไม่ขยับมา 3 รอบขึ้นไป",
    ]
    assert [each.text for each in counts.select("dd") if not each.classes] == ["5", "2", "4", "3"]
    for link in counts.select("dt a"):
        assert link["href"].removeprefix("#") in page.ids
    assert counts.texts("ul.chips a")[0].startswith("2.5")


def test_statuses_lead_to_their_definition_and_short_names_to_their_agency(demo, visitor):
    page = visitor.page("/")
    about = visitor.page("/about/")
    links = page.select(".props a.taglink")
    assert len(links) == 8
    for link in links:
        address, _mark, anchor = link["href"].partition("#")
        assert address == "/about/"
        assert anchor in about.ids
    (first, *_rest) = page.select(".props a.ab")
    assert first["href"] == "/agencies/DSDW_CSO/"
    assert first.one("abbr")["title"] == "กองส่งเสริมและพัฒนาองค์กรภาคประชาสังคม"
    older = visitor.page("/", year=2566).select(".props a.ab")
    assert older[0]["href"] == "/agencies/DSDW_CSO/?year=2566"


def test_the_first_year_has_none_to_compare_with(demo, visitor):
    page = visitor.page("/", year=2566)
    assert page.texts("dl.tally--watch dt") == ["ชะลอ / ติดปัญหา", "ยังไม่ได้รับรายงาน"]
    assert "ปีนี้เป็นปีแรกที่เผยแพร่ จึงยังไม่มีปีก่อนให้เทียบ" in page.text
    assert not page.has(".chg")
    page = visitor.page("/resolutions/2565/1/", year=2566)
    assert "ไม่มีปีก่อนให้เทียบ" in page.text
    assert not page.has("ol.mini .chg")
    assert not page.has("section.measure .chg")


def test_demo_data_is_marked_on_every_page(demo, visitor):
    for path in (*PUBLIC, "/resolutions/2565/3/", "/agencies/CODI/", "/years/2567/"):
        assert visitor.page(path).one("aside.demo").text == DEMO
    assert visitor.page("/nowhere/", status=404).one("aside.demo").text == DEMO


@pytest.mark.parametrize("data", ["forum", "demo"])
def test_the_verbatim_box_holds_the_source_to_the_letter(request, visitor, data):
    request.getfixturevalue(data)
    for resolution in Resolution.objects.all():
        page = visitor.page(f"/resolutions/2565/{resolution.number}/")
        box = page.one("blockquote.source__txt p")
        for ours in (*box.select("a.span__n"), *box.select("a.note")):
            ours.children.clear()
        assert box.raw().replace(NBSP, " ") == resolution.text
        marked = {each["id"]: each.raw().replace(NBSP, " ") for each in box.select("mark")}
        assert marked == {f"s-{each.anchor}": each.span for each in resolution.measures.all()}


def test_the_editors_notes_stand_beside_the_words_they_are_about(forum, visitor):
    for resolution in Resolution.objects.prefetch_related("editor_notes"):
        page = visitor.page(f"/resolutions/2565/{resolution.number}/")
        notes = list(resolution.editor_notes.all())
        shown = page.texts("ol.notes__l li")
        for text, note in zip(shown, notes, strict=True):
            assert plain(note.text_th) in text
            assert plain(note.quotation) in text
        letters = [each["id"] for each in page.select("blockquote a.note")]
        assert sorted(letters) == sorted(f"r{letter}" for letter in LETTERS[: len(notes)])


def test_the_oddity_of_the_source_is_noted_and_not_repaired(forum, visitor):
    oddity = EditorNote.objects.get(quotation__contains="คสช.")
    page = visitor.page("/about/")
    assert "คสช. ได้แต่งตั้งคณะกรรมการ" in page.one("p.source__full").text
    assert plain(oddity.text_th) in page.text


def test_both_voices_stand_where_they_differ(demo, visitor):
    section = measure_section(visitor.page("/resolutions/2565/3/", year=2567), "3.5")
    agency, committee = section.select(".voice")
    assert agency.text == "หน่วยงานรายงาน กสจ. 15 ต.ค. 2567 สถานะ: ดำเนินการแล้วเสร็จ"
    assert committee.text == (
        "คสป. ประเมิน ครั้งที่ 4/2567 สถานะ: อยู่ระหว่างดำเนินการ หลักฐานที่ใช้ มีเอกสารยืนยัน 1 รายการ "
        "ข้อความระบุ “ทุกประเภท” แต่รายงานครอบคลุมสองกลุ่ม จึงยังไม่ครบตามข้อความ "
        "ใช้เป็นสถานะที่เผยแพร่"
    )
    assert section.one("p.reply").text == (
        "คำชี้แจงของหน่วยงาน รับทราบ จะเปิดรับโครงการสำหรับกลุ่มที่ยังไม่ครอบคลุมในปีงบประมาณ 2568"
    )
    assert section.select(".yr .tag")[0].text == "อยู่ระหว่างดำเนินการ"
    row = visitor.page("/resolutions/2565/3/", year=2567).texts("ol.mini li")[4]
    assert row.startswith("3.5")
    assert "อยู่ระหว่างดำเนินการ" in row


def test_one_voice_stands_where_they_agree(demo, visitor):
    section = measure_section(visitor.page("/resolutions/2565/3/", year=2567), "3.1")
    assert not section.has(".voice")
    assert "หน่วยงานรายงาน" not in section.text


def test_a_cancelled_measure_cites_the_meeting_and_leaves_the_denominator(demo, visitor):
    page = visitor.page("/resolutions/2565/5/")
    section = measure_section(page, "5.2")
    assert section.one(".measure__now").texts(".yr .tag") == ["ยกเลิก / ยุติ"]
    assert section.texts(".yr .chg") == ["ยุติในปีนี้"]
    meeting = dict(zip(section.texts("dl.field dt"), section.texts("dl.field dd"), strict=True))
    assert meeting["มติ คสป. ครั้งที่ (เมื่อยุติ)"] == "3/2568"
    assert "บรรลุ 1 จาก 2" in page.text
    cell = next(each for each in visitor.page("/").select("ol.strip a.cell") if "5.2" in each.text)
    assert "cell--out" in cell.classes
    assert cell.text.endswith("ยกเลิก / ยุติ (ยุติในปีนี้) ไม่นับในตัวหาร")


def test_a_discretionary_measure_that_was_not_used_is_not_counted_and_says_so(demo, visitor):
    page = visitor.page("/resolutions/2565/3/", year=2567)
    sentence = "ใช้ดุลพินิจ (ต้นฉบับเขียน “อาจ”) ปีนี้ไม่มีการใช้ จึงไม่นับในตัวหาร"
    assert sentence in measure_section(page, "3.4").text
    assert page.text.count(sentence) == 1
    assert "บรรลุ 2 จาก 5" in page.text
    page = visitor.page("/resolutions/2565/3/", year=2568)
    assert sentence not in page.text
    assert "บรรลุ 2 จาก 6" in page.text


def test_this_year_stands_beside_last_year(demo, visitor):
    section = measure_section(visitor.page("/resolutions/2565/3/", year=2567), "3.5")
    now, then = section.one(".measure__now"), section.one(".measure__then")
    assert now.texts("h4") == ["ปีงบประมาณ 2567"]
    assert "96 โครงการ ผู้รับประโยชน์ประมาณ 18,500 คน" in now.text
    assert then.texts("h4") == ["ปีงบประมาณ 2566"]
    assert then.texts(".tag") == ["อยู่ระหว่างดำเนินการ"]
    assert "สนับสนุน 71 โครงการ ผู้รับประโยชน์ประมาณ 13,200 คน" in then.text
    assert "71 โครงการ" not in now.text


def test_a_report_shows_money_provinces_and_links(demo, visitor):
    section = measure_section(visitor.page("/resolutions/2565/6/"), "6.1")
    field = dict(zip(section.texts("dl.field dt"), section.texts("dl.field dd"), strict=True))
    assert field["งบประมาณ (บาท)"] == "ได้รับ 7,100,000 เบิกจ่าย 6,930,000"
    assert field["จังหวัดที่ดำเนินการ"].startswith("52 จังหวัด ")
    assert [each["href"] for each in section.select("ul.files")[1].select("a")] == [
        "https://example.org/demo/2568/6-1-orders.pdf",
        "https://example.org/demo/2568/6-1-province-list.xlsx",
    ]
    assert "รายงานเมื่อ 3 ต.ค. 2568" in section.text


def test_an_overruled_measure_says_by_whom(demo, visitor):
    sentence = (
        "คสป. มีมติเป็น “อยู่ระหว่างดำเนินการ” (ครั้งที่ 3/2568) "
        "รวมงานของมาตรการย่อย 5.2 เข้ามาด้วยตั้งแต่ปีนี้ จึงยังไม่ครบตามข้อความ"
    )
    page = visitor.page("/resolutions/2565/5/")
    assert measure_section(page, "5.1").one(".measure__out").text == sentence
    assert page.text.count("คสป. มีมติเป็น") == 1
    assert "มีมติเป็น" not in visitor.page("/resolutions/2565/5/", year=2567).text


def test_an_overruled_resolution_says_so_wherever_it_stands(demo, visitor):
    Ruling.objects.create(
        round=Round.objects.get(year_be=2568),
        resolution=Resolution.objects.get(number=8),
        status="on_hold",
        meeting_ref="6/2568",
    )
    republish()
    sentence = "คสป. มีมติเป็น “ชะลอ / ติดปัญหา” (ครั้งที่ 6/2568)"
    page = visitor.page("/resolutions/2565/8/")
    assert page.one("p.notice").text == sentence
    assert page.texts(".rhead__m .tag") == ["ชะลอ / ติดปัญหา"]
    for path in ("/", "/resolutions/", "/years/2568/"):
        row = visitor.page(path).select("li.prop")[7]
        assert row.one(".prop__st .tag").text == "ชะลอ / ติดปัญหา"
        assert sentence in row.text
        assert "บรรลุ 2 จาก 2" in row.text, "the measures' own numbers stay"


def test_supporting_agencies_are_counted_beside_the_measure(demo, visitor):
    section = measure_section(visitor.page("/resolutions/2565/3/", year=2567), "3.3")
    first, cite = section.texts("summary")
    assert first == "รายงานของหน่วยงานสนับสนุน 1 จาก 3"
    assert cite == "คัดลอกลิงก์ · อ้างอิง มาตรการย่อย 3.3"
    assert section.select(".yr .tag")[0].text == "ชะลอ / ติดปัญหา", "the lead agency decides"
    who = section.one("dl.who")
    assert who.texts("dt") == ["หน่วยงานหลัก", "สนับสนุน"]
    assert who.text.count("(เสนอ รอ คสป. ยืนยัน)") == 4


def test_a_measure_without_a_lead_says_so(demo, visitor):
    Assignment.objects.filter(measure__resolution__number=7, measure__number=2).update(
        role="support"
    )
    republish()
    section = measure_section(visitor.page("/resolutions/2565/7/"), "7.2")
    assert section.one("dl.who").text.startswith("หน่วยงานหลัก ยังไม่มีผู้รับผิดชอบ สนับสนุน")
    assert section.texts(".measure__now .tag") == ["ยังไม่มีผู้รับผิดชอบ"]


def test_a_confirmed_assignment_bears_no_mark(demo, visitor):
    Assignment.objects.filter(measure__resolution__number=8).update(basis="confirmed")
    republish()
    page = visitor.page("/resolutions/2565/8/")
    assert "(เสนอ รอ คสป. ยืนยัน)" not in page.text


def test_resolutions_lead_to_their_neighbours(forum, visitor):
    first = visitor.page("/resolutions/2565/1/").select("nav.pn a")
    assert [each["href"] for each in first] == ["/resolutions/2565/2/"]
    last = visitor.page("/resolutions/2565/8/").select("nav.pn a")
    assert [each["href"] for each in last] == ["/resolutions/2565/7/"]
    middle = visitor.page("/resolutions/2565/4/").select("nav.pn a")
    assert [each["href"] for each in middle] == ["/resolutions/2565/3/", "/resolutions/2565/5/"]


@pytest.mark.parametrize(
    "words",
    [
        "พอช",
        "พอช.",
        "พ.อ.ช.",
        "พ อ ช",
        " พอช ",
        "สถาบันพัฒนาองค์การชุมชน",
        "พัฒนาองค์กรชุมชน",
        "Community Org",
    ],
)
def test_an_agency_is_found_by_any_name_dots_and_spaces_aside(demo, visitor, words):
    page = visitor.page("/agencies/", q=words)
    assert listed(page) == ["CODI"]
    assert "พบ 1 หน่วยงาน" in page.text
    assert page.one("input#f4")["value"] == words.strip()


def test_the_list_counts_what_it_shows(demo, visitor):
    page = visitor.page("/agencies/")
    assert "ได้รับมอบหมายในปีงบประมาณ 2568 (43)" in page.texts("h2")
    assert "ยังไม่มีมาตรการย่อยที่ได้รับมอบหมาย (21)" in page.texts("h2")
    assert len(page.select("table.ag tbody tr")) == 43
    assert len(page.select("ul.cols li")) == 21
    assert sorted(listed(page)) == sorted(each.code for each in Agency.objects.all())
    assert "พบ " not in page.text, "nothing was asked for"
    row = next(each for each in page.select("table.ag tr") if "กสป." in each.text)
    assert row.texts("td.r") == ["10", "5", "15", "0"]
    page = visitor.page("/agencies/", q="กระทรวง")
    assert f"พบ {len(listed(page))} หน่วยงาน" in page.text


def test_each_agency_has_a_strip_of_its_measures_and_the_silent_come_first(demo, visitor):
    rows = visitor.page("/agencies/").select("table.ag tbody tr")
    silent = [row.texts("td")[2] == "0" for row in rows]
    assert silent == sorted(silent, reverse=True)
    for row in rows:
        leads, supports = map(int, row.texts("td")[:2])
        chips = row.select("ul.chips a.chip")
        assert len(chips) == min(16, leads + supports)


@pytest.mark.parametrize("year", SENTENCES)
def test_the_list_says_who_has_reported(demo, visitor, year):
    rows = Reporting.of(agency_rows(all_of(year))).rows
    complete = [row.agency.code for row in rows if row.silent == 0]
    missing = [row.agency.code for row in rows if row.silent]
    assert listed(visitor.page("/agencies/", year=year, reported="yes")) == complete
    assert listed(visitor.page("/agencies/", year=year, reported="no")) == missing
    assert complete
    assert "DSDW_CSO" in (complete if year == 2568 else missing)


def test_the_list_keeps_kinds_and_roles(demo, visitor):
    kind = listed(visitor.page("/agencies/", kind="ministry"))
    assert sorted(kind) == ["MDES", "MFA", "MOF", "MOI", "MSDHS", "OPM"]
    lead = listed(visitor.page("/agencies/", role="lead"))
    assert len(lead) == 17
    assert "CODI" in lead
    assert "TPBS" not in lead
    support = listed(visitor.page("/agencies/", role="support"))
    assert {"CODI", "TPBS"} <= set(support)
    assert "CSPC" not in support
    both = visitor.page("/agencies/", kind="ministry", role="lead", reported="no", q="กระทรวง")
    assert listed(both) == ["MFA", "MOI", "MOF"]
    assert "พบ 3 หน่วยงาน" in both.text
    assert both.texts("form.filters option[selected]") == [
        "2568",
        "กระทรวงหรือเทียบเท่า",
        "หน่วยงานหลัก",
        "ยังไม่ครบ",
    ]


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "gang", "role": "boss", "reported": "maybe"},
        {"kind": "\0", "role": "lead'--", "reported": "1"},
        {"q": " . "},
        {"q": "\0"},
    ],
)
def test_a_filter_that_the_page_does_not_offer_is_none(demo, visitor, query):
    assert len(listed(visitor.page("/agencies/", **query))) == 64


@pytest.mark.parametrize("words", ["ไม่มีหน่วยงานนี้", "<b>หนา</b>", "%", "_", "ก" * 3000])
def test_words_that_name_nobody_are_said_back(demo, visitor, words):
    page = visitor.page("/agencies/", q=words)
    assert listed(page) == []
    assert f"ไม่พบ “{words[:100]}” ลองใช้คำที่สั้นลง หรือค้นด้วยชื่อย่อหน่วยงาน" in page.text


def test_filters_that_leave_nobody_say_so(demo, visitor):
    page = visitor.page("/agencies/", kind="ministry", role="support", reported="yes", year=2566)
    assert listed(page) == ["MSDHS", "MDES"]
    page = visitor.page("/agencies/", kind="media", role="lead")
    assert listed(page) == []
    assert "ไม่มีหน่วยงานที่ตรงกับตัวกรอง" in page.text


def test_an_agency_shows_its_names_its_measures_and_its_years(demo, visitor):
    page = visitor.page("/agencies/CODI/")
    assert page.one("h1").text == "สถาบันพัฒนาองค์กรชุมชน (องค์การมหาชน)"
    assert page.one("p.kicker").text == "องค์การมหาชน"
    assert page.select("dl.facts a")[0]["href"] == "/agencies/MSDHS/"
    assert "สถาบันพัฒนาองค์การชุมชน (องค์การมหาชน)" in page.one("dl.facts").text
    assert "ปีงบประมาณ 2568 รายงานแล้ว 5 จาก 10 มาตรการย่อย · ส่งรายงานครบ 0 จาก 3 รอบ" in page.texts(
        ".sec__head p"
    )
    assert len(page.select("section.measure")) == 10
    section = measure_section(page, "3.5")
    assert "หน่วยงานสนับสนุน (เสนอ รอ คสป. ยืนยัน)" in section.text
    assert "ซ่อมสร้างบ้านผู้มีรายได้น้อย 2,610 หลัง" in section.text
    assert section.texts(".measure__then li") == [
        "2568 สถานะ: กำลังทำ",
        "2567 สถานะ: กำลังทำ",
        "2566 สถานะ: ไม่มีรายงาน",
    ]
    page = visitor.page("/agencies/CODI/", year=2567)
    assert "ปีงบประมาณ 2567 รายงานแล้ว 6 จาก 10 มาตรการย่อย" in page.text
    assert "2,480 หลัง" in measure_section(page, "3.5").text


def test_an_agency_that_always_reported_is_complete(demo, visitor):
    page = visitor.page("/agencies/CSPC/")
    assert "รายงานแล้ว 2 จาก 2 มาตรการย่อย · ส่งรายงานครบ 3 จาก 3 รอบ" in page.text


def test_an_agency_without_a_measure_says_so(demo, visitor):
    page = visitor.page("/agencies/CABINET/")
    assert "หน่วยงานนี้ยังไม่มีมาตรการย่อยที่ได้รับมอบหมาย" in page.text


def test_an_agency_assigned_later_shows_its_measures_without_a_status(demo, visitor):
    measure = Measure.objects.get(resolution__number=1, number=1)
    Assignment.objects.create(
        measure=measure, agency=Agency.objects.get(code="SLC"), role="support", valid_from=2569
    )
    page = visitor.page("/agencies/SLC/")
    assert "ไม่มีการมอบหมายในปีงบประมาณ 2568" in page.text
    assert [each["href"] for each in page.select("ul.rows a")] == ["/resolutions/2565/1/#m2565-1-1"]


def test_a_successor_is_named(demo, visitor):
    Agency.objects.filter(code="SLC").update(successor=Agency.objects.get(code="OPM"))
    page = visitor.page("/agencies/SLC/")
    assert "หน่วยงานที่รับช่วง สำนักนายกรัฐมนตรี (นร.)" in page.one("dl.facts").text


def test_the_matrix_shows_who_leads_what_and_how_far_it_is(demo, visitor):
    page = visitor.page("/matrix/")
    assert "ปีงบประมาณ 2568 หน่วยงานหลัก 17 จาก 43 หน่วยงานที่ได้รับมอบหมาย" in page.text
    rows = [each for each in page.select("table.mx tbody tr") if each.has("td")]
    assert len(rows) == 17
    assert len(page.select("table.mx thead th")) == 9
    row = next(each for each in rows if each.one("th a").text == "กสจ.")
    filled = [(place, cell) for place, cell in enumerate(row.select("td")) if cell.select("a")]
    assert [place for place, _cell in filled] == [2]
    lasting, going = filled[0][1].select("a")
    assert lasting.text.startswith("3.1")
    assert lasting["href"] == "/resolutions/2565/3/#m2565-3-1"
    assert "st-continuous" in lasting.classes
    assert going.text.startswith("3.5")
    assert going["href"] == "/resolutions/2565/3/#m2565-3-5"
    assert "st-in_progress" in going.classes


def test_the_matrix_keeps_roles_and_kinds(demo, visitor):
    page = visitor.page("/matrix/", role="all")
    assert len(page.select("table.mx tbody th[scope=row]")) == 43
    assert page.texts("form.filters option[selected]") == ["2568", "หลักและสนับสนุน"]
    page = visitor.page("/matrix/", role="all", kind="ministry")
    assert sorted(page.texts("table.mx tbody th a")) == ["กค.", "กต.", "ดศ.", "พม.", "มท."]
    page = visitor.page("/matrix/", kind="cso")
    assert "ไม่มีหน่วยงานที่ตรงกับตัวกรอง" in page.text
    assert not page.has("table")
    for wrong in ({"role": "boss"}, {"kind": "gang"}, {"role": "\0", "kind": "\0"}):
        assert len(visitor.page("/matrix/", **wrong).select("table.mx tbody th[scope=row]")) == 17


def test_the_years_stand_latest_first_and_only_published_ones(demo, visitor):
    page = visitor.page("/years/")
    assert page.texts("h3 a") == ["ปีงบประมาณ 2568", "ปีงบประมาณ 2567", "ปีงบประมาณ 2566"]
    assert "1 ต.ค. 2567 – 30 ก.ย. 2568 · เผยแพร่ 20 ธ.ค. 2568" in page.texts("p.meta")
    first, _second, third = page.select("ol.ybars li")
    assert "เทียบปีก่อน:" in first.text
    assert "เทียบปีก่อน:" not in third.text
    assert first.texts("p.key .nb") == [
        "แล้วเสร็จ 3",
        "ต่อเนื่อง 8",
        "กำลังทำ 15",
        "ชะลอ 2",
        "ยังไม่เริ่ม 1",
        "ไม่มีรายงาน 4",
    ]


def test_a_year_tells_its_dates_its_meeting_and_who_reported(demo, visitor):
    page = visitor.page("/years/2567/")
    assert page.one("h1").text == "ผลการดำเนินงาน ปีงบประมาณ 2567"
    assert "(1 ตุลาคม 2566 – 30 กันยายน 2567)" in page.text
    facts = dict(zip(page.texts("dl.facts dt"), page.texts("dl.facts dd"), strict=True))
    assert facts == {
        "เปิดรับรายงาน": "1 ตุลาคม 2567",
        "กำหนดส่ง": "30 พฤศจิกายน 2567",
        "เผยแพร่": "20 ธันวาคม 2567",
        "การประชุม คสป. ที่รับทราบรายงาน": "ครั้งที่ 5/2567 20 ธันวาคม 2567",
    }
    rows = Reporting.of(agency_rows(all_of(2567))).rows
    complete = [row.agency.short for row in rows if not row.silent]
    partial = [row.agency.short for row in rows if row.reported and row.silent]
    silent = [row.agency.short for row in rows if not row.reported]
    assert (
        f"จาก 43 หน่วยงาน ยังไม่รายงานเลย {len(silent)} บางส่วน {len(partial)} "
        f"รายงานครบ {len(complete)}"
    ) in page.texts("p.meta")
    section = next(each for each in page.select("section") if each.select("#h-a"))
    assert section.texts("a") == silent + partial + complete + section.texts(".acts a")
    assert "กค." in silent
    assert "พอช. 6 จาก 10" in section.text


def test_about_explains_the_counting_and_holds_the_whole_source(forum, visitor):
    page = visitor.page("/about/")
    assert "848 คน จากเวทีระดับภาค 4 ภาค และระดับประเทศ" in page.text
    assert "สถาบันพัฒนาองค์กรชุมชน (องค์การมหาชน)" in page.text
    assert "แผนปฏิบัติการด้านการส่งเสริมและพัฒนาองค์กรภาคประชาสังคม ระยะที่ ๑" in page.text
    tables = page.select("table.tbl")
    for table, vocabulary in zip(tables, (Status, Response, Due, Grade), strict=True):
        assert table.texts("tbody th") == [str(each.label) for each in vocabulary]
        assert table.texts("tbody td") == [str(each.definition) for each in vocabulary]
    assert page.texts("p.chgs .chg") == [str(change.label) for change in Change]
    assert page.one("p.source__full").raw() == forum.source_text
    assert page.one("blockquote.quotation").raw() == forum.quotation_th
    notes = page.texts("ol.rows li")
    assert len(notes) == EditorNote.objects.count()
    for shown, note in zip(notes, EditorNote.objects.all(), strict=True):
        assert plain(note.text_th) in shown
    assert page.texts("ul.bullets")[1].count(" ") >= len(forum.not_stated) - 1


def test_no_public_page_sets_a_cookie(demo, visitor):
    for path in (*PUBLIC, "/resolutions/2565/1/", "/agencies/CODI/", "/years/2567/", "/healthz"):
        assert not visitor.get(path).cookies, path


def said(page: Element) -> list[str]:
    return page.texts("main p.measure-w")[:-1]


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere/",
        "/resolutions/2565/9/",
        "/resolutions/2565/0/",
        "/resolutions/2566/1/",
        f"/resolutions/{'9' * 40}/{'9' * 40}/",
        "/resolutions/2565/x/",
        "/agencies/NOBODY/",
        "/agencies/codi/",
        "/agencies/%00/",
        "/years/abc/",
        "/.env",
        quote("/ไม่มีหน้านี้/"),
    ],
)
def test_a_wrong_address_gets_a_thai_page_with_a_way_home(demo, visitor, path):
    page = visitor.page(path, status=404)
    assert page.one("h1").text == "ไม่พบหน้าที่ต้องการ"
    assert said(page) == [], "nothing in the words of the machine"
    assert "ที่อยู่อาจพิมพ์ผิด หรือหน้านี้ถูกย้าย เลือกทางไปต่อด้านล่าง" in page.text
    ways = [each["href"] for each in page.select("main a")]
    assert ways == ["/", "/resolutions/", "/years/"]


@pytest.mark.parametrize("year", ["2565", "2569", "2570", "2024", "9" * 30])
def test_a_year_that_is_not_public_gets_the_years_that_are(demo, visitor, year):
    page = visitor.page(f"/years/{year}/", status=404)
    assert said(page) == [f"ปีงบประมาณ {year} ไม่มีรอบที่เผยแพร่ ปีที่เผยแพร่แล้ว: 2566, 2567, 2568"]


def test_an_unslashed_address_is_led_to_its_page(demo, visitor):
    assert visitor.get("/years")["Location"] == "/years/"


def test_the_old_address_of_the_icon_leads_to_it(db, visitor):
    response = visitor.get("/favicon.ico")
    assert response.status_code == 301
    assert finders.find(response["Location"].removeprefix("/static/"))


# The software ------------------------------------------------------------------------------------


def test_about_tells_the_version_and_its_licence(forum, visitor):
    section = visitor.page("/about/").one("section[aria-labelledby=software]")
    assert f"รุ่น {VERSION} เป็นซอฟต์แวร์เสรี" in section.text
    assert "MIT" in section.text


def test_about_leads_to_the_source_if_its_address_is_set(forum, settings, visitor):
    def links():
        page = visitor.page("/about/")
        return [each["href"] for each in page.select("section[aria-labelledby=software] a")]

    assert links() == ["/accessibility/"]
    settings.SOURCE_URL = "https://code.example.org/portal"
    assert links() == ["https://code.example.org/portal", "/accessibility/"]
