"""Two forums that share codes and agencies: each text reaches its own measure on every path.

2565 and 2566 both have a measure 1.2, 2.1, 3.1, 3.2 … and agencies that answer for both. Every text
here names its measure, so that a test can compare a page with what it shows. Imported and exported
spreadsheets are tested in `spreadsheets/`.
"""

import re
from io import BytesIO

import docx
import pytest

from followup import actions
from followup.models import Agency, Round, RoundState, User
from followup.tests.annual_report.reading import report_pages
from followup.tests.client import PortalClient
from followup.tests.factories import find_report, link, make_report
from followup.tests.ground import ground, layer
from followup.tests.opendata.reading import api_of, csv_of
from forum_portal.thai import to_arabic_digits
from proposals.models import Resolution

WORD = re.compile(r"คำเฉพาะ (256[56]-[0-9](?:\.[0-9])?) จบ")
#: (measure, the agency that reports on it, the way it is written)
WRITTEN = (
    ("2565-3.1", "BOB", "desk"),
    ("2566-3.1", "BOB", "desk"),
    ("2565-2.2", "DLA", "link"),
    ("2566-1.2", "DLA", "link"),
    ("2565-8.1", "CSPC", "desk"),
    ("2566-5.1", "CSPC", "desk"),
)


def word(code: str) -> str:
    return f"คำเฉพาะ {code} จบ"


def words_in(text: str) -> set[str]:
    return set(WORD.findall(text))


def fill(client: PortalClient, path: str, code: str) -> None:
    """Write and hand in one report, as its form takes it."""
    response = client.send(
        client.page(path),
        "form#f",
        do="submit",
        reported_status="in_progress",
        results=word(code),
        evidence__0__title=word(code),
        evidence__0__url=link()["url"],
    )
    assert response.status_code == 302, response.content.decode()


@layer
def lived() -> None:
    open_round = Round.objects.get(year_be=2569)
    people = {name: User.objects.get(username=name) for name in ("staff", "reviewer")}
    staff, reviewer = PortalClient(), PortalClient()
    staff.force_login(people["staff"])
    reviewer.force_login(people["reviewer"])
    issued = actions.issue_link(
        round_=open_round, agency=Agency.objects.get(code="DLA"), by=people["staff"]
    )
    for code, agency, way in WRITTEN:
        report = find_report(open_round, code, agency)
        if way == "desk":
            fill(staff, f"/staff/reports/{report.pk}/", code)
        else:
            fill(PortalClient(), f"/r/{actions.token_of(issued)}/{report.pk}/", code)
    for code, agency, _way in WRITTEN:
        report = find_report(open_round, code, agency)
        page = reviewer.page(f"/staff/reports/{report.pk}/review/")
        assert words_in(page.text) == {code}
        assert reviewer.send(page, do="approve", assessed_grade="said").status_code == 302
    for year in (2565, 2566):
        page = staff.page("/staff/rounds/2569/report/", forum=str(year))
        sent = staff.send(page, **{f"resolution__{year}__3": word(f"{year}-3")})
        assert sent["Location"].endswith(f"?forum={year}")
    for year, status in ((2565, "on_hold"), (2566, "not_started")):
        open_round.rulings.create(
            measure=Resolution.objects.get(forum__year_be=year, number=5).measures.get(number=1),
            status=status,
            meeting_ref=f"{year}/2569",
            note=word(f"{year}-5.1"),
        )
    for verb in ("close", "publish"):
        who = staff if verb == "close" else reviewer
        page = who.page(f"/staff/rounds/2569/{verb}/")
        assert who.send(page).status_code == 302


@pytest.fixture(name="lived")
def lived_fixture(second_forum, open_round, people):
    """2569 lived with both forums through the pages, up to its publication."""
    ground.lay("lived")
    round_ = Round.objects.get(pk=open_round.pk)
    assert round_.state == RoundState.PUBLISHED
    return round_


def test_each_forums_pages_hold_its_own_words_only(lived, visitor):
    for resolution in Resolution.objects.all():
        year, number = resolution.forum.year_be, resolution.number
        page = visitor.page(f"/resolutions/{year}/{number}/")
        own = {*(each[0] for each in WRITTEN), "2565-5.1", "2566-5.1"}
        assert words_in(page.text) == {code for code in own if code.startswith(f"{year}-{number}.")}
        for measure in resolution.measures.all():
            section = page.one(f"section#{measure.anchor}")
            assert words_in(section.text) <= {measure.full_code}


@pytest.mark.parametrize("agency", ["BOB", "DLA", "CSPC"])
def test_an_agencys_page_tells_its_measures_apart(lived, visitor, agency):
    page = visitor.page(f"/agencies/{agency}/")
    expected = {code for code, who, _way in WRITTEN if who == agency}
    assert words_in(page.text) == expected
    for code in expected:
        section = page.one(f"section#m{code.replace('.', '-')}")
        assert words_in(section.text) == {code}
        assert section.one(".measure__c").text == code
        year, number = code[:4], code[5]
        assert section.one("h3 a")["href"].startswith(f"/resolutions/{year}/{number}/")


def test_lists_name_the_forum_where_two_share_a_number(lived, visitor):
    kickers = visitor.page("/resolutions/").texts(".prop .kicker")
    assert "เวที 2565 ข้อเสนอที่ 3" in kickers
    assert "เวที 2566 ข้อเสนอที่ 3" in kickers
    assert len(kickers) == len(set(kickers)) == 13


def test_every_row_of_the_open_data_names_the_measure_it_speaks_of(lived):
    for name, column in (("status_reports", "results_th"), ("evidence", "title_th")):
        rows = [row for row in api_of(name) if words_in(row[column] or "")]
        assert len(rows) == len(WRITTEN)
        for row in rows:
            assert words_in(row[column]) == {row["measure_id"]}
            assert row["resolution_id"] == row["measure_id"].partition(".")[0]
            assert row["forum_year_be"] == int(row["measure_id"][:4])
    progress = {row["measure_id"]: row for row in api_of("progress", level="measure")}
    assert progress["2565-5.1"]["status_code"] == "on_hold"
    assert progress["2566-5.1"]["status_code"] == "not_started"
    assert progress["2566-5.1"]["ruled_by_meeting"] == "2566/2569"


def test_a_filter_by_code_keeps_one_forums_rows(lived):
    for code in ("2565-3.1", "2566-3.1"):
        rows = api_of("status_reports", measure=code, agency="BOB")
        assert [words_in(row["results_th"]) for row in rows] == [{code}]
        assert {row["measure_id"] for row in csv_of("status_reports", f"?measure={code}")} == {code}
        year = code[:4]
        rows = api_of("measures", resolution=f"{year}-3")
        assert {row["forum_year_be"] for row in rows} == {int(year)}


def test_the_annual_report_puts_each_text_under_its_own_heading(lived, visitor):
    pages = report_pages(visitor, "/reports/2569/")
    text = to_arabic_digits(" ".join(page.text for page in pages))
    assert words_in(text) >= {code for code, _agency, _way in WRITTEN} | {"2565-3", "2566-3"}
    rows = [to_arabic_digits(row.text) for page in pages for row in page.select("table tbody tr")]
    for code, _agency, _way in WRITTEN:
        mine = [row for row in rows if code in words_in(row)]
        assert mine
        for row in mine:
            assert row.startswith(code), "named in full"
    for code in ("2565-3", "2566-3"):
        at = text.index(word(code))
        heading = text.rindex("ข้อเสนอที่ 3", 0, at)
        assert text[heading - 10 : heading].endswith(f"เวที {code[:4]} ")


def test_the_queue_is_narrowed_to_one_forums_proposal(second_forum, open_round, people, sign_in):
    staff = sign_in(people["staff"])
    for query, codes in (
        ("?state=untouched&resolution=2566-3", {"2566-3.1", "2566-3.2"}),
        ("?state=untouched&q=2566-3.1", {"2566-3.1"}),
        ("?state=untouched&q=๒๕๖๕-๓.๑", {"2565-3.1"}),
        ("?state=untouched&q=3.1", {"2565-3.1", "2566-3.1"}),
    ):
        assert set(staff.page(f"/staff/{query}").texts(".task__t b")) == codes, query


def test_a_letter_and_a_link_name_the_forum(second_forum, open_round, people, sign_in):
    staff = sign_in(people["staff"])
    page = staff.page("/staff/letters/BOB/", year="2569")
    assert page.texts(".task__t b") == ["2565-2.3", "2565-3.1", "2566-3.1"]
    letter = docx.Document(BytesIO(staff.get("/staff/letters/BOB.docx", {"year": "2569"}).content))
    codes = [row.cells[1].text for row in letter.tables[0].rows[1:]]
    assert codes == ["๒๕๖๕-๒.๓", "๒๕๖๕-๓.๑", "๒๕๖๖-๓.๑"]
    issued = actions.issue_link(
        round_=open_round, agency=Agency.objects.get(code="BOB"), by=people["staff"]
    )
    page = PortalClient().page(f"/r/{actions.token_of(issued)}/")
    assert page.texts("ol.tasks .task__t b") == ["2565-2.3", "2565-3.1", "2566-3.1"]


def test_history_names_the_forum(lived, people, sign_in):
    told = sign_in(people["staff"]).page("/staff/history/").text
    assert "2565-3.1 สงป." in told
    assert "2566-3.1 สงป." in told


def test_sums_of_work_are_named_and_told_of_each_forum(second_forum, open_round, people, sign_in):
    make_report(open_round, "2566-3.1", "BOB", by=people["staff"], reviewer=people["reviewer"])
    staff = sign_in(people["staff"])
    said = "รวมทุกเวที · เวที 2565 ต้องทำ 103 รับรองแล้ว 0 จาก 103 · เวที 2566 ต้องทำ 7 รับรองแล้ว 1 จาก 8"
    for path in ("/staff/", "/staff/rounds/2569/", "/staff/rounds/2569/close/"):
        assert said in staff.page(path).text, path
    of_bob = "รวมทุกเวที · เวที 2565 ต้องทำ 2 รับรองแล้ว 0 จาก 2 · เวที 2566 ต้องทำ 0 รับรองแล้ว 1 จาก 1"
    for path in ("/staff/letters/", "/staff/letters/BOB/"):
        assert of_bob in staff.page(path, year="2569").text, path
    issued = actions.issue_link(
        round_=open_round, agency=Agency.objects.get(code="BOB"), by=people["staff"]
    )
    assert of_bob in PortalClient().page(f"/r/{actions.token_of(issued)}/").text


@pytest.mark.parametrize(
    "path", ["/staff/rounds/", "/staff/rounds/2569/", "/staff/agencies/", "/staff/agencies/BOB/"]
)
def test_pages_that_list_work_say_that_it_is_of_all_forums(
    second_forum, open_round, people, sign_in, path
):
    assert "ตัวเลขรวมทุกเวที" in sign_in(people["staff"]).page(path).one("main").text


def test_a_round_says_what_it_will_expect_of_each_forum(second_forum, people, sign_in):
    actions.create_round(by=people["staff"], year=2569)
    page = sign_in(people["staff"]).page("/staff/rounds/2569/open/")
    assert "111 รายการ" in page.text
    assert "รวมทุกเวที · เวที 2565 103 รายการ · เวที 2566 8 รายการ" in page.text


def test_the_queue_shows_the_forum_of_each_proposal(second_forum, open_round, people, sign_in):
    staff = sign_in(people["staff"])
    pages = [page := staff.page("/staff/")]
    while further := page.select("a[rel=next]"):
        pages.append(page := staff.page(f"/staff/{further[0]['href']}"))
    kickers = list(dict.fromkeys(each for one in pages for each in one.texts(".grp__h .kicker")))
    assert kickers.count("เวที 2565 ข้อเสนอที่ 3") == kickers.count("เวที 2566 ข้อเสนอที่ 3") == 1
    options = [each.text for each in page.select("#f1 option")]
    assert len(options) == len(set(options)) == 1 + len(kickers)


def test_a_letter_says_how_much_of_each_forum_is_missing(second_forum, open_round, people, sign_in):
    staff = sign_in(people["staff"])

    def letter():
        content = staff.get("/staff/letters/BOB.docx", {"year": "2569"}).content
        return " ".join(each.text for each in docx.Document(BytesIO(content)).paragraphs)

    said = to_arabic_digits(letter())
    assert "จากการประชุม CSOs Forum ประจำปี 2565 และ 2566 เป็นประจำทุกปี" in said
    assert "เวที 2565 จำนวน 2 มาตรการย่อย เวที 2566 จำนวน 1 มาตรการย่อย รวมทุกเวที 3 มาตรการย่อย" in said
    make_report(open_round, "2566-3.1", "BOB", by=people["staff"], reviewer=people["reviewer"])
    said = to_arabic_digits(letter())
    assert "จากการประชุม CSOs Forum ประจำปี 2565 เป็นประจำทุกปี" in said
    assert "ของหน่วยงานท่าน จำนวน 2 มาตรการย่อย" in said


def test_nothing_is_said_of_forums_while_there_is_one(open_round, people, sign_in):
    staff = sign_in(people["staff"])
    lists = ("/staff/rounds/", "/staff/agencies/", "/staff/agencies/BOB/")
    work = ("/staff/", "/staff/rounds/2569/", "/staff/letters/BOB/", "/staff/letters/")
    for path in (*work, *lists):
        main = staff.page(path, year="2569").one("main").text
        assert "เวที 2565" not in main, path
        assert "รวมทุกเวที" not in main, path
    content = staff.get("/staff/letters/BOB.docx", {"year": "2569"}).content
    words = " ".join(each.text for each in docx.Document(BytesIO(content)).paragraphs)
    assert "จากการประชุม CSOs Forum เป็นประจำทุกปี" in words
