"""Nothing that is not published leaks onto a public page."""

import json

import pytest
from django.utils import timezone

from followup import actions, search_index
from followup.annual_report import printing
from followup.models import Agency, Evidence, Round, Ruling, SearchText, StatusReport, User
from followup.search_words import normalise
from followup.tests.factories import link, make_report
from followup.tests.ground import ground, layer
from followup.tests.public import PUBLIC, SENTENCES, WITH_YEAR, crawl, listed, measure_section
from proposals.models import Measure

SECRET = "ความลับของรอบ"


TEXTS = ("results", "obstacles", "next_steps", "meeting_ref")


def texts(mark: str) -> dict[str, str]:
    return {name: f"{SECRET} {name[:3]} {mark}" for name in TEXTS}


@layer
def secrets_everywhere() -> None:
    people = {name: User.objects.get(username=name) for name in ("staff", "reviewer")}
    for user in User.objects.all():
        user.display_name, user.first_name = f"{SECRET} {user.username}", SECRET
        user.email = f"{user.username}@secret.example.org"
        user.save()
    staff, reviewer = people["staff"], people["reviewer"]
    for year in (2570, 2571):
        round_ = actions.create_round(by=staff, year=year)
        actions.open_round(round_=round_, by=staff)
        for measure, state in (
            ("1.2", "draft"),
            ("1.4", "submitted"),
            ("2.1", "returned"),
            ("3.3", "approved"),
        ):
            report = make_report(
                round_,
                measure,
                by=staff,
                reviewer=reviewer,
                state=state,
                evidence=[
                    link() | {"title": f"{SECRET} {year}", "url": "https://secret.example.org/"}
                ],
                assessed={"assessed_status": "on_hold", "assessed_note": f"{SECRET} ประเมิน"}
                if state == "approved"
                else None,
                **texts(f"{year} {state}"),
            )
            if state == "returned":
                StatusReport.objects.filter(pk=report.pk).update(return_reason=f"{SECRET} ส่งกลับ")
        Ruling.objects.create(
            round=round_,
            measure=Measure.objects.get(resolution__number=8, number=1),
            status="on_hold",
            meeting_ref=f"{SECRET}",
            note=f"{SECRET} วินิจฉัย",
        )
        Round.objects.filter(pk=round_.pk).update(meeting_ref=SECRET)
    actions.close_round(round_=Round.objects.get(year_be=2570), by=staff)

    published = Round.objects.get(year_be=2568)
    hidden = list(published.reports.exclude(state="approved").order_by("pk")[:3])
    for report, state in zip(hidden, ("draft", "submitted", "returned"), strict=True):
        now = timezone.now() if state == "submitted" else None
        StatusReport.objects.filter(pk=report.pk).update(
            state=state,
            reported_status="in_progress",
            return_reason=f"{SECRET} ส่งกลับ",
            assessed_status="completed",
            assessed_note=SECRET,
            agency_reply=SECRET,
            submitted_at=now,
            submitted_by=staff if now else None,
            version=1,
            **texts(f"2568 {state}"),
        )
        Evidence.objects.create(report=report, title=SECRET, url="https://secret.example.org/")
    for report in published.reports.filter(state="approved"):
        Evidence.objects.create(
            report=report,
            title=f"{SECRET} ภายใน",
            url="https://secret.example.org/inside",
            is_public=False,
        )
        StatusReport.objects.filter(pk=report.pk).update(return_reason=SECRET)
    Agency.objects.update(note=f"{SECRET} บันทึกภายใน")


@pytest.fixture(name="secrets_everywhere")
def secrets_everywhere_fixture(demo, people):
    """The demo's three published years, and beside them everything that is not for the public."""
    ground.lay("secrets_everywhere")


def leaks(pages: dict[str, str]) -> list[str]:
    names = list(User.objects.values_list("username", flat=True))
    words = [SECRET, "secret.example.org", *(name for name in names if name != "staff")]
    return [
        f"{word} on {address}" for address, html in pages.items() for word in words if word in html
    ]


def test_nothing_that_is_not_published_leaks(secrets_everywhere, visitor, monkeypatch):
    # The text that is printed: a PDF and a .docx are packed, so that no word is found in them.
    unpacked = {
        kind: lambda report, _fitted: json.dumps(report, ensure_ascii=False).encode()
        for kind in printing.WRITERS
    }
    monkeypatch.setattr(printing, "WRITERS", unpacked)
    responses = crawl(visitor)
    for address in (
        "/robots.txt",
        "/healthz",
        "/readyz",
        "/staff/login/",
        "/agencies/?q=secret",
        *(f"/years/{year}/" for year in (2569, 2570, 2571)),
        *(f"{path}?year=2571" for path in WITH_YEAR),
        *(f"/resolutions/2565/{number}/?year=2570" for number in range(1, 9)),
    ):
        responses[address] = visitor.get(address)
    assert len(responses) > 100
    pages = {  # a file comes in parts; a workbook is no text, but has what the .csv beside it has
        address: b"".join(response).decode(errors="replace")
        for address, response in responses.items()
    }
    assert "/data/status_reports.csv" in pages
    assert "อยู่ระหว่างดำเนินการ" in pages["/reports/2568.pdf"]
    assert leaks(pages) == []


def test_a_search_for_a_secret_finds_nobody(secrets_everywhere, visitor):
    assert listed(visitor.page("/agencies/", q=SECRET)) == []


def test_a_search_finds_nothing_of_what_is_not_published(secrets_everywhere, visitor):
    search_index.refresh()
    answers = {}
    for words in (
        "ลับ",
        "draft",
        "returned",
        "2570",
        "2571",
        "ประเมิน",
        "วินิจฉัย",
        "ภายใน",
        "example.org",
    ):
        for path in ("/search/", "/api/v1/search", "/search.atom"):
            answers[f"{path} {words}"] = visitor.get(path, {"q": words}).content.decode()
    assert leaks(answers) == []
    assert not SearchText.objects.filter(normal__contains=normalise(SECRET)).exists()


def test_a_leak_is_seen(secrets_everywhere, people, sign_in):
    report = StatusReport.objects.get(round__year_be=2571, state="draft", version__gt=0)
    page = sign_in(people["staff"]).get(f"/staff/reports/{report.pk}/").content.decode()
    assert len(leaks({"a staff page": page})) >= 2


def test_published_numbers_do_not_move_with_what_is_not_published(secrets_everywhere, visitor):
    for year, sentence in SENTENCES.items():
        page = visitor.page("/", year=year)
        assert page.one("p.hero__say").text == sentence
        assert page.texts("select#y option") == ["2568", "2567", "2566"]


def test_a_signed_in_reader_sees_no_more_on_a_public_page(
    secrets_everywhere, people, sign_in, visitor
):
    client = sign_in(people["administrator"])
    for path in (*PUBLIC, "/resolutions/2565/1/", "/agencies/CODI/", "/years/2568/"):
        assert client.page(path).one("main").text == visitor.page(path).one("main").text
    assert client.get("/years/2571/").status_code == 404


def test_only_approved_reports_of_a_published_round_are_shown(open_round, people, visitor):
    staff, reviewer = people["staff"], people["reviewer"]
    for measure, state in (("1.2", "approved"), ("2.1", "submitted"), ("2.4", "draft")):
        make_report(
            open_round,
            measure,
            by=staff,
            reviewer=reviewer,
            state=state,
            results=f"ผลของ {measure}",
        )
    actions.close_round(round_=open_round, by=staff)
    actions.publish_round(round_=open_round, by=reviewer)
    assert "ผลของ 1.2" in visitor.page("/resolutions/2565/1/").text
    page = visitor.page("/resolutions/2565/2/")
    assert "ผลของ" not in page.text
    now = measure_section(page, "2.1").one(".measure__now").text
    assert now.startswith("ปีงบประมาณ 2569 สถานะ: ยังไม่ได้รับรายงาน ยังไม่ได้รับรายงานในรอบนี้ คัดลอกลิงก์")
    assert visitor.page("/").one("p.hero__say").text == (
        "จาก 34 มาตรการย่อย บรรลุแล้ว 0 กำลังทำ 1 ชะลอ 0 ยังไม่เริ่ม 0 และยังไม่ได้รับรายงาน 33"
    )
