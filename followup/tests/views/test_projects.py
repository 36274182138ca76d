"""The pages of project codes: one code's measures and years together, and nothing that is not public."""

import pytest

from followup import actions, published
from followup.models import PublishedProject, Round, StatusReport
from followup.tests.factories import find_report, make_report, measure_of, republish
from followup.tests.opendata.reading import json_of

LINK = "https://example.org/emenscr/1"
CODE = f"eMENSCR: 0413-66-0001 | {LINK}"
SAME = "0413660001"


def publish(round_, people):
    actions.close_round(round_=round_, by=people["staff"])
    actions.publish_round(round_=round_, by=people["reviewer"])


@pytest.fixture
def coded(open_round, people):
    """2569: one code at 1.2 and 1.3, written differently, another at 8.1; 8.2 is not approved."""
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(open_round, "1.2", project_codes=CODE, **write)
    make_report(open_round, "1.3", status="not_started", project_codes=SAME, **write)
    make_report(open_round, "8.1", project_codes=f"แผนปฏิบัติการ: งป/66~1\n{SAME}x", **write)
    make_report(
        open_round, "8.2", state="submitted", project_codes="ลับ 1\n0413660001", by=people["staff"]
    )
    publish(open_round, people)
    return Round.objects.get(pk=open_round.pk)


def rows_of(page):
    return [
        [cell.text for cell in (*row.select("th"), *row.select("td"))]
        for row in page.select("tbody tr")
    ]


def test_the_codes_of_a_year_stand_with_their_measures_and_agencies(coded, visitor):
    page = visitor.page("/projects/")
    rows = rows_of(page)
    assert len(rows) == 3
    assert rows[0][0] == "0413-66-0001 eMENSCR", "the code at most measures first, as first written"
    assert rows[0][1] == "2 มาตรการย่อย: 1.2, 1.3"
    leads = {find_report(coded, each).assignment.agency.short for each in ("1.2", "1.3")}
    assert rows[0][2].startswith(f"{len(leads)} หน่วยงาน: ")
    assert all(each in rows[0][2] for each in leads)
    assert {row[1] for row in rows[1:]} == {"1 มาตรการย่อย: 8.1"}
    assert "ลับ" not in page.text
    assert "3 รหัส" in page.text


def test_codes_are_kept_by_system(coded, visitor):
    page = visitor.page("/projects/?system=plan")
    assert [row[0] for row in rows_of(page)] == ["งป/66~1 แผนปฏิบัติการ"]
    assert page.texts("a[aria-current=true]")[-1] == "แผนปฏิบัติการ (1)"
    assert [row[0] for row in rows_of(visitor.page("/projects/?system=other"))] == [
        "0413-66-0001 eMENSCR",
        "0413660001x",
    ]
    assert len(rows_of(visitor.page("/projects/?system=nothing"))) == 3


def test_a_code_shows_its_reports_over_years_each_with_its_own_status(coded, people, visitor):
    following = actions.create_round(by=people["staff"], year=2570)
    actions.open_round(round_=following, by=people["staff"])
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(following, "1.3", status="continuous", project_codes=SAME, **write)
    publish(following, people)
    page = visitor.page(f"/projects/{SAME}/")
    assert page.texts("section h2") == ["ปีงบประมาณ 2570", "ปีงบประมาณ 2569"]
    told = [(row[0].split()[0], row[2].removeprefix("สถานะ: ")) for row in rows_of(page)]
    assert told == [
        ("1.3", "ดำเนินการต่อเนื่องทุกปี"),
        ("1.2", "อยู่ระหว่างดำเนินการ"),
        ("1.3", "ยังไม่ดำเนินการ"),
    ]
    assert "3 รายงาน ของ 2 มาตรการย่อย" in page.text
    (outside,) = [a for a in page.select("main a") if a["href"] == LINK]
    assert outside["rel"] == "nofollow noopener"
    earlier = [a["href"] for a in page.select("tbody th a")]
    assert ["?year=" in each for each in earlier] == [False, True, True]


def test_a_code_that_no_published_report_gives_is_not_found(coded, visitor):
    for code in ("ลับ1", "nothing"):
        response = visitor.get(f"/projects/{code}/")
        assert response.status_code == 404
        assert "ไม่มีรายงานที่เผยแพร่แล้วซึ่งให้รหัสโครงการ" in response.content.decode()


def test_another_spelling_of_a_code_leads_to_it_and_a_slash_may_be_in_one(coded, visitor):
    response = visitor.get("/projects/0413-66-0001/")
    assert (response.status_code, response["Location"]) == (301, f"/projects/{SAME}/")
    (address,) = [
        a["href"] for a in visitor.page("/projects/").select("tbody th a") if "66~" in a["href"]
    ]
    assert address.endswith("~166~01/"), "RFC 6901: ~1 is a slash, ~0 is ~"
    assert "งป/66~1" in visitor.page(address).text


def test_a_report_leads_to_the_code_that_several_measures_have(coded, visitor):
    page = visitor.page("/resolutions/2565/1/")
    links = [a for a in page.select("a") if a["href"] == f"/projects/{SAME}/"]
    assert [a.text for a in links] == [
        "ดูทุกมาตรการที่ใช้รหัสนี้ (2) 0413-66-0001",
        "ดูทุกมาตรการที่ใช้รหัสนี้ (2) 0413660001",
    ]
    alone = visitor.page("/resolutions/2565/8/")
    assert "งป/66~1" in alone.text
    assert not [a for a in alone.select("main a") if a["href"].startswith("/projects/")]


def test_a_search_finds_a_code_however_it_is_written(coded, visitor):
    for typed in ("0413-66-0001", "0413660001"):
        found = visitor.page(f"/search/?q={typed}").text
        assert "รหัสโครงการ" in found
        assert "1.3" in found


def test_the_open_data_has_a_row_for_each_code_of_each_report(coded):
    rows = json_of("project_codes")
    assert [
        (row["measure_id"], row["code"], row["code_key"], row["system_code"], row["url"])
        for row in rows
    ] == [
        ("2565-1.2", "0413-66-0001", SAME, "emenscr", LINK),
        ("2565-1.3", SAME, SAME, None, None),
        ("2565-8.1", "งป/66~1", "งป/66~1", "plan", None),
        ("2565-8.1", f"{SAME}x", f"{SAME}x", None, None),
    ]
    assert [row["project_code_id"].rpartition("-")[2] for row in rows] == ["1", "1", "1", "2"]
    assert {row["report_id"] for row in rows} <= {
        row["report_id"] for row in json_of("status_reports")
    }


def test_a_correction_takes_the_codes_of_the_edition_before_with_it(coded, people, visitor):
    actions.reopen_round(round_=coded, by=people["reviewer"], reason="รหัสผิด")
    report = find_report(coded, "1.2")
    actions.send_back(report=report, by=people["reviewer"], version=report.version, reason="แก้รหัส")
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(coded, "1.2", project_codes="0413-66-0002", **write)
    publish(coded, people)
    page = visitor.page("/projects/")
    assert [row[:2] for row in rows_of(page)] == [
        ["0413660001", "1 มาตรการย่อย: 1.3"],
        ["0413660001x", "1 มาตรการย่อย: 8.1"],
        ["0413-66-0002", "1 มาตรการย่อย: 1.2"],
        ["งป/66~1 แผนปฏิบัติการ", "1 มาตรการย่อย: 8.1"],
    ]
    assert "ดูทุกมาตรการ" not in visitor.page("/resolutions/2565/1/").text
    assert PublishedProject.objects.filter(key=SAME).count() == 3, (
        "the edition before keeps its own"
    )


def test_before_the_first_publication_the_page_says_so(forum, visitor):
    assert "ยังไม่มีรอบติดตามที่เผยแพร่" in visitor.page("/projects/").text


def test_a_year_without_codes_says_so(open_round, people, visitor):
    publish(open_round, people)
    assert "ปีงบประมาณ 2569 ไม่มีรายงานที่ให้รหัสโครงการ" in visitor.page("/projects/").text


def test_the_codes_of_two_forums_stand_together_in_full(two_forums, visitor, people):
    page = visitor.page("/projects/")
    codes = {row[1] for row in rows_of(page)}
    assert any("2565-" in each for each in codes)
    assert any("2566-" in each for each in codes)


def test_a_code_of_a_measure_that_a_later_forum_replaced_is_not_told(two_forums):
    replaced = measure_of("2565-2.2")
    reports = StatusReport.objects.filter(assignment__measure=replaced, state="approved")
    assert reports.update(project_codes="AB-1") > 1
    republish()
    editions = published.editions(Round.objects.published())
    told = {
        round_.year_be: edition.projects().filter(measure_id=replaced.pk).exists()
        for round_, edition in editions.items()
        if reports.filter(round=round_).exists()
    }
    assert told == {2566: True, 2567: False}, "replaced from 2567 on"
