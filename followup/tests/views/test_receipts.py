"""Receipts of figures: what their pages and their JSON say, and what other addresses get."""

import hashlib
import json
from urllib.parse import quote

import pytest

from followup.figures import Over, figure
from followup.models import Round, Snapshot, User
from followup.published import edition_of
from followup.report_fields import columns_of, statuses_first
from followup.snapshots import FROZEN_COLUMNS, eights
from followup.tests.client import read
from followup.tests.editions import correct, take_back
from followup.tests.test_figures import every_figure


def facts(page):
    """The facts of the edition: name -> what it says."""
    return dict(zip(page.texts(".facts--list dt"), page.texts(".facts--list dd"), strict=True))


def test_a_receipt_tells_the_figure_its_sum_its_divisor_and_its_edition(demo, visitor):
    page = read(visitor.get("/receipt/2568-1/achieved/"))
    assert page.one(".rcpt__fig").text == "บรรลุแล้ว 11 จาก 33 มาตรการย่อย"
    summed, divisor = page.select("table.eq")
    assert [each.text for each in summed.select("td.r")] == ["3", "+ 8", "11"]
    assert [each.text for each in divisor.select("td.r")] == ["34", "− 1", "− 0", "33"]
    assert "(5.2)" in divisor.text
    told = facts(page)
    digest = Snapshot.objects.get(round__year_be=2568).digest
    pieces = [each.text for each in page.select(".hash code")]
    assert pieces == eights(digest)
    assert "".join(pieces) == digest
    assert len(pieces) == 8
    assert told["ฉบับ"] == "ปีงบประมาณ 2568 ฉบับที่ 1 เป็นฉบับล่าสุด"
    assert told["แก้ไขหลังเผยแพร่"].startswith("ยังไม่มี")
    links = [each["href"] for each in page.select(".facts--list a")]
    assert links == ["/?year=2568", "/years/2568/", "/reports/2568/"]
    assert page.texts("h3.sub-h") == ["นับเป็นบรรลุแล้ว 11 แถว"]
    assert page.texts("details.more summary")[:2] == [
        "อยู่ในตัวหาร แต่ไม่นับเป็นบรรลุแล้ว 22 แถว",
        "ไม่อยู่ในตัวหาร 1 แถว",
    ]
    assert [len(each.select("tbody tr")) for each in page.select("table.rrows")] == [11, 22, 1]


@pytest.mark.parametrize(
    ("code", "said", "used"),
    [
        ("moving-2565-3", "มีความเคลื่อนไหว 5 จาก 6 มาตรการย่อย", "/resolutions/2565/3/?year=2568"),
        ("achieved-2565", "บรรลุแล้ว 11 จาก 33 มาตรการย่อย", "/?year=2568&forum=2565"),
        ("status-2565-3", "สถานะ อยู่ระหว่างดำเนินการ", "/resolutions/2565/3/?year=2568"),
        (
            "status-2565-3.1",
            "สถานะ ดำเนินการต่อเนื่องทุกปี",
            "/resolutions/2565/3/?year=2568#m2565-3-1",
        ),
        ("received", "ได้รับรายงาน 65 จาก 103 รายงาน", "/follow-up/"),
        ("received-CODI", "ได้รับรายงาน 5 จาก 10 รายงาน", "/agencies/CODI/?year=2568"),
        ("agencies_silent", "หน่วยงานที่ไม่รายงานเลย 14 จาก 43 หน่วยงาน", "/years/2568/"),
        ("agencies_leading", "หน่วยงานหลัก 17 จาก 43 หน่วยงาน", "/matrix/?year=2568"),
    ],
)
def test_every_kind_of_figure_has_a_page_and_says_where_it_stands(demo, visitor, code, said, used):
    page = read(visitor.get(f"/receipt/2568-1/{code}/"))
    assert page.one(".rcpt__fig").text == said
    links = [each["href"] for each in page.select(".facts--list a")]
    assert used in links
    assert visitor.get(used.partition("#")[0]).status_code == 200


def test_the_page_says_how_to_check_it_with_a_spreadsheet(demo, visitor):
    page = read(visitor.get("/receipt/2568-1/achieved/"))
    first, second, _third = page.select(".check-it li")
    assert "กรองคอลัมน์ level ให้เป็น measure" in first.text
    assert "ผลรวมของ achieved ต้องได้ 11 และผลรวมของ measures_counted ต้องได้ 33" in first.text
    assert first.one("p a")["href"] == "/data/progress.csv?year=2568"
    assert "verify_figure.py http://testserver/receipt/2568-1/achieved.json" in second.text
    assert visitor.get("/verify_figure.py").content.startswith(b"#!/usr/bin/env python3")


def test_the_json_has_the_whole_hash_the_rows_and_where_to_check(demo, visitor):
    answer = visitor.get("/receipt/2568-1/no_report.json")
    assert answer["Access-Control-Allow-Origin"] == "*"
    said = answer.json()
    assert said["receipt"] == "2568-1-no_report"
    assert (said["figure"]["value"], said["figure"]["divisor"]) == (4, 33)
    counted = [row["measure"] for row in said["rows"] if row["counts"]]
    assert len(counted) == 4
    assert all(row["status"] == "no_report" for row in said["rows"] if row["counts"])
    assert sum(row["of"] for row in said["rows"]) == 33
    content = b"".join(visitor.get("/receipt/2568-1/edition.json").streaming_content)
    assert hashlib.sha256(content).hexdigest() == said["edition"]["sha256"]
    assert said["edition"]["content"] == "http://testserver/receipt/2568-1/edition.json"
    assert said["later"] is None
    assert visitor.get("/receipt/2568-1/no_report.json").headers["ETag"]


def test_a_corrected_edition_says_what_the_later_one_has(three_reports, people, visitor):
    correct(three_reports, people)
    page = read(visitor.get("/receipt/2569-1/in_progress/"))
    notice = page.one("p.notice[role=status]")
    assert notice.text == (
        "มีฉบับที่ใหม่กว่า: ฉบับนี้ อยู่ระหว่างดำเนินการ 1 จาก 34 ฉบับที่ 2 อยู่ระหว่างดำเนินการ 1 จาก 34 ดูใบรับรองของฉบับที่ 2"
    )
    assert notice.one("a")["href"] == "/receipt/2569-2/in_progress/"
    # The open data and the pages are those of the later edition.
    assert "ใช้ตัวเลขนี้ที่" not in facts(page)
    assert len(page.select(".check-it li")) == 2
    said = visitor.get("/receipt/2569-1/in_progress.json").json()
    assert said["later"] == {"edition": "2569-2", "value": 1, "divisor": 34}
    assert said["check"] is None
    assert not said["edition"]["is_latest"]
    assert "มีฉบับที่ใหม่กว่า" in read(visitor.get("/receipt/2569-1/")).one("main").text
    later = read(visitor.get("/receipt/2569-2/in_progress/"))
    assert not later.select("p.notice[role=status]")
    # Each has the content that it was hashed with.
    contents = [
        b"".join(visitor.get(f"/receipt/2569-{number}/edition.json").streaming_content)
        for number in (1, 2)
    ]
    stored = Snapshot.objects.filter(round__year_be=2569).order_by("number")
    assert [hashlib.sha256(each).hexdigest() for each in contents] == [
        each.digest for each in stored
    ]
    assert contents[0] != contents[1]


def test_an_edition_that_was_taken_back_shows_nothing_but_why(three_reports, people, visitor):
    digest = Snapshot.objects.get(round=three_reports).digest
    take_back(three_reports, people["reviewer"], note="ยังไม่ผ่านที่ประชุม")
    for path in ("/receipt/2569-1/", "/receipt/2569-1/achieved/"):
        answer = visitor.get(path)
        assert answer.status_code == 410
        page = read(answer)
        assert page.one("h1").text == "ปีงบประมาณ 2569 ฉบับที่ 1 ถอนการเผยแพร่แล้ว"
        assert "ยังไม่ผ่านที่ประชุม" in page.one("main").text
        assert digest[:8] not in answer.content.decode()
    for path in ("/receipt/2569-1/achieved.json", "/receipt/2569-1/edition.json"):
        answer = visitor.get(path)
        assert answer.status_code == 410
        assert "ยังไม่ผ่านที่ประชุม" in json.loads(answer.content)["detail"]


def test_an_unknown_figure_gets_the_figures_of_the_edition(demo, visitor):
    answer = visitor.get("/receipt/2568-1/happiness-2565/")
    assert answer.status_code == 404
    page = read(answer)
    assert "ฉบับนี้ไม่มีตัวเลข “happiness-2565”" in page.one("main").text
    links = {each["href"] for each in page.select("ul.cols a")}
    assert {"/receipt/2568-1/achieved/", "/receipt/2568-1/moving-2565-3/"} <= links
    assert links == {
        each["href"] for each in read(visitor.get("/receipt/2568-1/")).select("ul.cols a")
    }
    for link in sorted(links)[::9]:
        assert visitor.get(link).status_code == 200, link
    problem = visitor.get("/receipt/2568-1/happiness.json")
    assert problem.status_code == 404
    assert "http://testserver/receipt/2568-1/" in json.loads(problem.content)["detail"]


@pytest.mark.parametrize(
    "edition", ["2568-2", "2599-1", "2568-6-1", "2569-1", "0-0", "9" * 30 + "-1"]
)
def test_an_unknown_edition_gets_those_that_there_are(demo, visitor, edition):
    assert Round.objects.filter(year_be=2569, published_at=None).exists()
    for path in ("", "achieved/"):
        answer = visitor.get(f"/receipt/{edition}/{path}")
        assert answer.status_code == 404
        assert "ฉบับที่เผยแพร่: 2568-1, 2567-1, 2566-1" in read(answer).one("main").text
    for path in ("achieved.json", "edition.json"):
        answer = visitor.get(f"/receipt/{edition}/{path}")
        assert answer.status_code == 404
        assert "2568-1, 2567-1, 2566-1" in json.loads(answer.content)["detail"]


def test_before_the_first_publication_there_is_no_edition(forum, visitor):
    answer = visitor.get("/receipt/2568-1/achieved/")
    assert answer.status_code == 404
    assert "ยังไม่มีฉบับที่เผยแพร่" in read(answer).one("main").text


def test_what_is_no_code_is_no_page(demo, visitor):
    for code in ("Achieved", "achieved 2565", "<b>", "a" * 200, "achieved--" + "x" * 60):
        assert visitor.get(f"/receipt/2568-1/{quote(code)}/").status_code == 404


# What an edition's content may hold -------------------------------------------------------------

#: The columns of an edition's content. They are public: read ADR 22 before one is added.
PUBLIC_COLUMNS = {
    "Round": "id year_be months starts_on ends_on due_on state is_demo meeting_ref meeting_on",
    "Forum": "id year_be name_th short_name_th name_en theme_th",
    "Resolution": "id forum_id number text title_th title_en title_phrases theme_th",
    "Measure": "id resolution_id number start end title_th title_en kind",
    "Agency": "id code name_th abbr_th name_en abbr_en kind sort_key",
    "Assignment": "id measure_id agency_id role basis valid_from valid_to confirmed_ref confirmed_on"
    " of_group_id",
    "Province": "code name_th name_en sort_key",
    "Evidence": "id report_id title kind dated_on issuer url file file_name file_type size sha256"
    " is_public is_ground position",
    "Ruling": "id round_id resolution_id measure_id status meeting_ref meeting_on note",
    "Organisation": "id name_th name_en registration_number website",
    "Assessment": "id measure_id organisation_id status reason submitted_at",
    "AssessmentEvidence": "id assessment_id title url position",
    "AssessmentAnswer": "id assessment_id text meeting_ref answered_on",
}
REPORT_BESIDE_ITS_FIELDS = "id round_id assignment_id reported_on told_in_id state source version"


def test_every_column_of_an_edition_was_found_fit_for_everybody():
    kept = {model.__name__: set(columns) for model, columns in FROZEN_COLUMNS.items()}
    reports = kept.pop("StatusReport")
    assert kept == {name: set(columns.split()) for name, columns in PUBLIC_COLUMNS.items()}
    declared = set(columns_of(each for each in statuses_first() if each.is_public))
    assert reports - declared == set(REPORT_BESIDE_ITS_FIELDS.split())


def test_an_editions_content_has_no_word_that_its_pages_do_not_show(three_reports, visitor):
    """Of a report that nobody approved, and of internal evidence, there is that it is there."""
    content = b"".join(visitor.get("/receipt/2569-1/edition.json").streaming_content).decode()
    said = json.loads(content)
    assert "ยังไม่มีใครตรวจ" not in content
    assert "จัดเวที 3 ภาค" in content
    unread = [row for row in said["reports"] if row["state"] != "approved"]
    assert unread
    assert all(row.keys() == {"id", "round_id", "assignment_id", "state"} for row in unread)
    internal = [row for row in said["evidence"] if not row["is_public"]]
    assert len(internal) == 1
    assert internal[0].keys() == {"id", "report_id", "is_public"}
    for name in User.objects.values_list("username", flat=True):
        assert f'"{name}"' not in content


# One figure, one number -------------------------------------------------------------------------


def test_each_figure_is_the_same_on_every_page_that_prints_it(demo, visitor):
    """The receipt, its JSON, the open data, the API, and the pages to which the receipt leads."""
    progress = visitor.get("/data/progress.json?year=2568")
    rows = json.loads(b"".join(progress))
    rows = (
        rows
        if isinstance(rows, list)
        else next(each for each in rows.values() if isinstance(each, list))
    )
    by_key = {row["progress_id"]: row for row in rows}
    api = visitor.get("/api/v1/progress/2568-2565").json()
    assert api == by_key["2568-2565"]
    pages = {}

    def text_of(path):
        if path not in pages:
            pages[path] = read(visitor.get(path)).one("main").text
        return pages[path]

    edition = edition_of(Round.objects.get(year_be=2568))
    columns = {"counted": ("measures_counted", "measures_total")}
    outside = ("measures_total", "measures_total")
    for code, each in every_figure(edition).items():
        if each.kind.over is Over.MEASURES:
            row = by_key["-".join(filter(None, ["2568", each.scope or "2565"]))]
            column, of = columns.get(each.kind.code, (each.kind.code, "measures_counted"))
            of = outside[1] if each.kind.of_all else of
            assert (row[column], row[of]) == (each.value, each.divisor), code
        elif each.kind.over is Over.STATUS:
            assert by_key[f"2568-{each.scope}"]["status_code"] == each.value, code
    # What the pages say in words, each with the figure's own numbers.
    for code, path, sentence in PRINTED:
        found = figure(code, edition)
        shown = found.value.label if found.divisor is None else found.value
        wanted = sentence.format(value=shown, divisor=found.divisor)
        assert wanted in text_of(path), (code, path, wanted)
        page = read(visitor.get(f"/receipt/2568-1/{code}/")).one(".rcpt__fig").text
        assert str(shown) in page
        said = visitor.get(f"/receipt/2568-1/{code}.json").json()["figure"]
        assert (said["value"], said["divisor"]) == (found.value, found.divisor)


#: (figure, page, how the page says it)
PRINTED = (
    ("achieved", "/", "จาก {divisor} มาตรการย่อย บรรลุแล้ว {value}"),
    ("achieved", "/", "2568 บรรลุ {value} จาก {divisor}"),
    ("achieved", "/years/", "บรรลุแล้ว {value} จาก {divisor} มาตรการย่อย"),
    ("achieved", "/forums/2565/", "บรรลุ {value} จาก {divisor}"),
    ("moving", "/years/", "มีความเคลื่อนไหว {value}"),
    ("no_report", "/", "และยังไม่ได้รับรายงาน {value}"),
    ("no_report", "/years/", "ยังไม่ได้รับรายงาน {value}"),
    ("on_hold", "/", "ชะลอ {value}"),
    ("counted", "/", "ตัวหาร {value} = มาตรการย่อยทั้งหมด {divisor}"),
    ("counted", "/years/2568/", "ตัวหาร {value} = มาตรการย่อยทั้งหมด {divisor}"),
    ("achieved-2565-3", "/resolutions/", "บรรลุ {value} จาก {divisor}"),
    ("achieved-2565-3", "/resolutions/2565/3/", "บรรลุ {value} จาก {divisor}"),
    ("moving-2565-3", "/resolutions/2565/3/", "มีความเคลื่อนไหว {value} จาก {divisor}"),
    ("status-2565-3", "/resolutions/2565/3/", "{value}"),
    ("status-2565-3.1", "/resolutions/2565/3/1/", "{value}"),
    ("received", "/follow-up/", "{value} จาก {divisor} รายการ"),
    ("received-CODI", "/agencies/CODI/", "รายงานแล้ว {value} จาก {divisor} มาตรการย่อย"),
    ("agencies_silent", "/years/2568/", "จาก {divisor} หน่วยงาน ยังไม่รายงานเลย {value}"),
    ("agencies_partial", "/years/2568/", "บางส่วน {value}"),
    ("agencies_complete", "/years/2568/", "รายงานครบ {value}"),
    ("agencies_leading", "/matrix/", "หน่วยงานหลัก {value} จาก {divisor} หน่วยงาน"),
)
