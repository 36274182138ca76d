"""Corrections: what of two editions differs, in words, and what became of the figures."""

import json
from importlib import import_module

import pytest
from django.apps import apps

from followup import actions, corrections, snapshots
from followup.annual_report import drafts
from followup.models import Evidence, Round, Snapshot, StatusReport
from followup.progress import year_progress
from followup.status import Status
from followup.tests.annual_report.reading import report_pages
from followup.tests.doors import unguarded
from followup.tests.editions import REASON, correct
from followup.tests.factories import find_report, make_report
from followup.views import public
from proposals.models import Measure


@pytest.fixture
def published(three_reports):
    return three_reports


@pytest.fixture
def both(second_forum, open_round, people):
    """2569 with a report on 3.1 of each of two forums, by one agency, published."""
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    for code in ("2565-3.1", "2566-3.1"):
        make_report(open_round, code, "BOB", results=f"ผลของ {code}", **write)
    for code in ("2565-3.5", "2566-3.2"):
        make_report(open_round, code, status="on_hold", **write)
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    return Round.objects.get(pk=open_round.pk)


def report_text(visitor, query=""):
    """All pages of the report of 2569; those of an older edition stay in it."""
    return " ".join(page.text for page in report_pages(visitor, f"/reports/2569/{query}"))


def told_of(snapshot, *, several_forums=False):
    return corrections.describe(snapshot, several_forums=several_forums)


def rewrite(published, people, code, agency, **fields):
    """Reopen a published round, let one report be written anew, and publish it again."""
    actions.reopen_round(round_=published, by=people["reviewer"], reason=REASON)
    report = find_report(published, code, agency)
    if report.state == "approved":
        actions.send_back(report=report, by=people["reviewer"], version=report.version, reason="แก้")
    make_report(published, code, agency, by=people["staff"], reviewer=people["reviewer"], **fields)
    actions.close_round(round_=published, by=people["staff"])
    actions.publish_round(round_=published, by=people["reviewer"])


def test_a_correction_says_publicly_what_changed_and_why(published, people, visitor):
    correct(published, people)
    edition = Snapshot.objects.get(number=2)
    report = find_report(published, "1.2")
    assert edition.reason == REASON
    assert edition.changes == [
        {
            "measure": "2565-1.2",
            "agency": report.assignment.agency.code,
            "field": "results",
            "before": "จัดเวที 3 ภาค",
            "after": "จัดเวที 4 ภาค",
        }
    ]
    page = visitor.page("/corrections/")
    assert page.texts("h2")[:1] == ["ปีงบประมาณ 2569 ฉบับที่ 2"]
    (row,) = page.select("main table tbody tr")
    assert row.texts("td") == ["จัดเวที 3 ภาค", "จัดเวที 4 ภาค"]
    assert report.assignment.agency.name_th in row.text
    assert "ผลการดำเนินงาน" in row.text
    assert REASON in page.text
    for person in people.values():
        assert str(person) not in page.text
    assert Snapshot.objects.get(number=1).content != edition.content, "the first stays as it was"


def test_statuses_lists_and_rulings_are_told_too(published, people):
    before = snapshots.thaw(published.snapshots.get().content)
    report = find_report(published, "1.3")
    StatusReport.objects.filter(pk=report.pk).update(assessed_status="on_hold", budget_spent=5)
    report.provinces.set(["10"])
    Evidence.objects.filter(report=report, is_public=True).delete()
    unheard = find_report(published, "8.1")
    StatusReport.objects.filter(pk=unheard.pk).update(state="returned", return_reason="ก")
    published.rulings.create(
        measure=report.measure, status="cancelled", meeting_ref="6/2569", note="ยุติ"
    )
    told = {
        (each["measure"], each["field"]): (each["before"], each["after"])
        for each in corrections.differences(before, snapshots.thaw(snapshots.freeze(published)))
    }
    assert told["2565-1.3", "assessed_status"] == ("", "on_hold")
    assert told["2565-1.3", "budget_spent"] == ("", "5.00")
    assert told["2565-1.3", "provinces"] == ("", "กรุงเทพมหานคร")
    assert told["2565-1.3", "evidence"] == ("หลักฐานที่ 1 https://example.org/evidence/1", "")
    assert told["2565-8.1", "state"] == ("approved", "draft")
    assert told["2565-8.1", "obstacles"] == ("รอระเบียบใหม่ประกาศใช้", "")
    assert told["2565-1.3", "ruling_status"] == ("", "cancelled")
    assert told["2565-1.3", "ruling_meeting_ref"] == ("", "6/2569")
    snapshot = Snapshot(
        changes=[
            {"measure": "2565-1.3", "agency": "A", "field": field, "before": before, "after": after}
            for (_measure, field), (before, after) in told.items()
        ]
    )
    words = {each.label: (each.before, each.after) for each in told_of(snapshot)}
    assert words["สถานะที่ คสป. ประเมิน"] == ("", str(Status.ON_HOLD.label))
    assert words["การรับรายงาน"] == ("รับรองแล้ว", "ยังไม่ได้รับรายงาน")
    assert words["มติ คสป. ที่กำหนดสถานะ"] == ("", str(Status.CANCELLED.label))


def test_another_ground_of_an_assessment_is_a_correction(published):
    before = snapshots.thaw(published.snapshots.get().content)
    report = find_report(published, "1.3")
    Evidence.objects.filter(report=report, is_public=True).update(is_ground=True)
    (told,) = corrections.differences(before, snapshots.thaw(snapshots.freeze(published)))
    piece = "หลักฐานที่ 1 https://example.org/evidence/1"
    assert (told["field"], told["before"], told["after"]) == (
        "evidence",
        piece,
        f"{piece} · คสป. ใช้ประเมิน",
    )


def test_a_correction_of_the_reports_texts_alone_is_an_edition_too(published, people, visitor):
    """And one of the meeting: the annual report says both, so the public is told."""
    actions.reopen_round(round_=published, by=people["reviewer"], reason=REASON)
    texts = {
        "preface": actions.Written("คำนำฉบับแก้ไข", ""),
        "resolution-2565-3": actions.Written("ข้อคิดเห็นใหม่", ""),
    }
    actions.write_narratives(round_=published, by=people["staff"], texts=texts)
    assert len(corrections.pending(published).changes) == 2
    actions.close_round(round_=published, by=people["staff"])
    actions.publish_round(round_=published, by=people["reviewer"], meeting_ref="6/2569")
    edition = Snapshot.objects.get(number=2)
    assert [(each.label, each.before, each.after) for each in told_of(edition)] == [
        ("การประชุม คสป. ครั้งที่", "5/2569", "6/2569"),
        ("รายงานประจำปี: คำนำ", "", "คำนำฉบับแก้ไข"),
        ("รายงานประจำปี: ข้อคิดเห็นต่อข้อเสนอที่ 3", "", "ข้อคิดเห็นใหม่"),
    ]
    page = visitor.page("/corrections/").text
    assert "คำนำฉบับแก้ไข" in page
    assert "รายงานประจำปี: คำนำ" in page
    assert "คำนำฉบับแก้ไข" in report_text(visitor)
    first = report_text(visitor, "?edition=1")
    assert "คำนำฉบับแก้ไข" not in first
    assert "ครั้งที่ ๕/๒๕๖๙" in first


def test_of_an_edition_from_before_texts_were_frozen_none_is_said_to_have_changed(published):
    content = json.loads(published.snapshots.get().content)
    assert content["narratives"] == {}
    del content["narratives"], content["round"]["meeting_ref"], content["round"]["meeting_on"]
    before = snapshots.thaw(json.dumps(content))
    assert corrections.differences(before, snapshots.thaw(snapshots.freeze(published))) == []


# Two forums -----------------------------------------------------------------------------------


def test_where_a_report_comments_on_the_same_number_of_two_forums_labels_tell_them_apart(
    both, people, visitor
):
    actions.reopen_round(round_=both, by=people["reviewer"], reason=REASON)
    texts = {
        f"resolution-{year}-3": actions.Written(f"ความเห็นของ {year}", "") for year in (2565, 2566)
    }
    actions.write_narratives(round_=both, by=people["staff"], texts=texts)
    actions.close_round(round_=both, by=people["staff"])
    actions.publish_round(round_=both, by=people["reviewer"])
    rows = visitor.page("/corrections/").select("main table tbody tr")
    assert [row.one("th").text for row in rows] == [
        "รายงานประจำปี: ข้อคิดเห็นต่อเวที 2565 ข้อเสนอที่ 3",
        "รายงานประจำปี: ข้อคิดเห็นต่อเวที 2566 ข้อเสนอที่ 3",
    ]
    labels = [slot.label for slot in drafts.slots(year_progress(both), duty=None)]
    assert len(set(labels)) == len(labels) == 18
    assert sum(label.startswith("ข้อคิดเห็นต่อเวที 2566 ข้อเสนอที่ ") for label in labels) == 5


@pytest.mark.parametrize("code", ["2565-3.1", "2566-3.1"])
def test_a_correction_belongs_to_the_forum_that_was_corrected(both, people, visitor, code):
    """Both forums have a 3.1, and one agency answers for both."""
    other = {"2565-3.1": "2566-3.1", "2566-3.1": "2565-3.1"}[code]
    rewrite(both, people, code, "BOB", results="ผลที่แก้แล้ว")
    assert Snapshot.objects.get(number=2).changes == [
        {
            "measure": code,
            "agency": "BOB",
            "field": "results",
            "before": f"ผลของ {code}",
            "after": "ผลที่แก้แล้ว",
        }
    ]
    (row,) = visitor.page("/corrections/").select("main table tbody tr")
    assert row.one("th").text == f"{code} สำนักงบประมาณ ผลการดำเนินงาน"
    year, anchor = code[:4], f"m{code.replace('.', '-')}"
    assert row.one("a")["href"] == f"/resolutions/{year}/3/#{anchor}"
    for each, word in ((code, "ผลที่แก้แล้ว"), (other, f"ผลของ {other}")):
        year, _dash, clause = each.partition("-")
        section = visitor.page(f"/resolutions/{year}/3/").one(f"section#m{year}-3-1")
        assert word in section.text, clause
    assert "จำนวนนับและสถานะของทุกมาตรการย่อยคงเดิม" in visitor.page("/corrections/").text


def test_rulings_on_the_same_numbers_of_two_forums_are_told_apart(both, second_forum, forum):
    before = snapshots.thaw(both.snapshots.get().content)
    for where, reference in ((forum, "1/2570"), (second_forum, "2/2570")):
        resolution = where.resolutions.get(number=3)
        both.rulings.create(resolution=resolution, status="on_hold", meeting_ref=reference)
        measure = resolution.measures.get(number=1)
        both.rulings.create(measure=measure, status="cancelled", meeting_ref=reference)
    told = {
        (each["measure"], each["field"]): each["after"]
        for each in corrections.differences(before, snapshots.thaw(snapshots.freeze(both)))
        if each["field"] == "ruling_meeting_ref"
    }
    assert told == {
        ("2565-3", "ruling_meeting_ref"): "1/2570",
        ("2565-3.1", "ruling_meeting_ref"): "1/2570",
        ("2566-3", "ruling_meeting_ref"): "2/2570",
        ("2566-3.1", "ruling_meeting_ref"): "2/2570",
    }


def test_stored_corrections_get_full_codes(both, people):
    """The migration: what only one forum can mean is named in full, the rest stays as it was."""
    migration = import_module("followup.migrations.0007_full_codes_in_corrections")
    codes = migration.full_codes(both.snapshots.get().content)
    assert codes["8.1"] == "2565-8.1"
    assert codes["8"] == "2565-8"
    assert "3.1" not in codes
    assert "3" not in codes
    edition = snapshots.store_edition(
        round_=both,
        by=None,
        reason=REASON,
        changes=[
            {"measure": code, "agency": "A", "field": "results", "before": "", "after": "ก"}
            for code in ("8.1", "3.1", "")
        ],
    )
    with unguarded():  # it runs before the triggers are there
        migration.forwards(apps, None)
    edition.refresh_from_db()
    assert [each["measure"] for each in edition.changes] == ["2565-8.1", "3.1", ""]
    with unguarded():
        migration.backwards(apps, None)
    edition.refresh_from_db()
    assert [each["measure"] for each in edition.changes] == ["8.1", "3.1", ""]


# What a correction did to the figures -----------------------------------------------------------


def test_a_correction_opens_with_what_became_of_the_figures(published, people, visitor):
    """1.3 was continuous and falls; 8.1 was on hold and rises: the worse one comes first."""
    rewrite(published, people, "1.3", "", status="on_hold")
    (effect,) = corrections.effects_of(Snapshot.objects.filter(number=2))[
        Snapshot.objects.get(number=2).pk
    ]
    assert effect.achieved == "บรรลุแล้ว 1 → 0 จาก 34"
    assert [(str(each.label), each.before, each.after) for each in effect.counts] == [
        ("ดำเนินการต่อเนื่องทุกปี", 1, 0),
        ("ชะลอ / ติดปัญหา", 1, 2),
    ]
    rewrite(published, people, "8.1", "", status="in_progress", results="กลับมาทำ")
    rewrite(published, people, "1.3", "", status="not_started")
    page = visitor.page("/corrections/")
    assert page.texts(".effect__a") == [
        "บรรลุแล้วคงเดิม 0 จาก 34",
        "บรรลุแล้วคงเดิม 0 จาก 34",
        "บรรลุแล้ว 1 → 0 จาก 34",
    ]
    first = page.select(".effect")[2]
    assert first.texts("li") == [
        "1.3 ทุกภาคส่วนปรับทัศนคติและสร้างบรรยากาศที่ดี สถานะ: ดำเนินการต่อเนื่องทุกปี → เปลี่ยนเป็น ชะลอ / ติดปัญหา"
    ]
    second = page.select(".effect")[1]
    assert [text.partition(" ")[0] for text in second.texts("li .rows__t")] == ["ข้อเสนอที่", "8.1"]


def test_before_a_correction_is_published_staff_read_what_it_will_do(published, people, sign_in):
    actions.reopen_round(round_=published, by=people["reviewer"], reason=REASON)
    report = find_report(published, "1.3")
    actions.send_back(report=report, by=people["reviewer"], version=report.version, reason="แก้")
    actions.close_round(round_=published, by=people["staff"])
    page = sign_in(people["reviewer"]).page("/staff/rounds/2569/publish/")
    assert page.texts(".effect__a") == ["บรรลุแล้ว 1 → 0 จาก 34"]
    assert "ยังไม่ได้รับรายงาน" in page.one(".effect").text


def test_figures_that_change_without_any_report_are_a_correction_too(
    published, people, visitor, sign_in
):
    """A measure's kind decides whether it is counted where nothing was begun."""
    rewrite(published, people, "1.2", "", status="not_started")
    actions.reopen_round(round_=published, by=people["reviewer"], reason=REASON)
    Measure.objects.filter(resolution__number=1, number=2).update(kind="discretionary")
    actions.close_round(round_=published, by=people["staff"])
    page = sign_in(people["reviewer"]).page("/staff/rounds/2569/publish/")
    assert "ไม่มีรายงานใดต่างจากฉบับที่เผยแพร่ แต่จำนวนนับหรือสถานะต่าง" in page.text
    assert page.texts(".effect__a") == ["บรรลุแล้ว 1 จาก 34 → 1 จาก 33"]
    actions.publish_round(round_=published, by=people["reviewer"])
    edition = published.snapshots.get(number=3)
    assert edition.changes == []
    section = visitor.page("/corrections/").one(f"section[aria-labelledby=c{edition.pk}]")
    assert section.texts(".effect__a") == ["บรรลุแล้ว 1 จาก 34 → 1 จาก 33"]
    assert not section.has("table")
    assert "แก้ไข 0 รายการ" not in visitor.get("/feed.atom").content.decode()
    assert "บรรลุแล้ว ๑ จาก ๓๔ → ๑ จาก ๓๓" in report_text(visitor)


def test_each_forums_figures_have_their_own_denominator(both, people, visitor):
    rewrite(both, people, "2566-3.1", "BOB", status="continuous")
    page = visitor.page("/corrections/")
    assert page.texts(".effect__a") == ["เวที 2566: บรรลุแล้ว 0 → 1 จาก 9"]
    assert [text.partition(" ")[0] for text in page.texts(".effect li .rows__t")] == ["2566-3.1"]


def test_a_withdrawn_report_is_told_with_its_reason(published, people, visitor):
    before = visitor.page("/resolutions/2565/1/").text
    actions.reopen_round(round_=published, by=people["reviewer"], reason=REASON)
    report = find_report(published, "1.2")
    actions.withdraw_report(
        report=report,
        by=people["administrator"],
        version=report.version,
        reason="หน่วยงานนี้ไม่ใช่ผู้รับผิดชอบ",
    )
    assert visitor.page("/resolutions/2565/1/").text == before, "not before it is published"
    actions.close_round(round_=published, by=people["staff"])
    actions.publish_round(round_=published, by=people["reviewer"])
    edition = published.snapshots.get(number=2)
    told = {each.label: (each.before, each.after) for each in told_of(edition)}
    assert told["การรับรายงาน"] == ("รับรองแล้ว", "ถอนออกจากรอบ")
    assert told["เหตุผลที่ถอนออกจากรอบ"] == ("", "หน่วยงานนี้ไม่ใช่ผู้รับผิดชอบ")
    assert "หน่วยงานนี้ไม่ใช่ผู้รับผิดชอบ" in visitor.page("/corrections/").text
    assert "จัดเวที 3 ภาค" not in visitor.page("/resolutions/2565/1/").text
    assert "จัดเวที 3 ภาค" not in edition.content
    actions.reopen_round(round_=published, by=people["reviewer"], reason=REASON)
    report = find_report(published, "1.2")
    actions.restore_report(report=report, by=people["administrator"], version=report.version)
    actions.close_round(round_=published, by=people["staff"])
    actions.publish_round(round_=published, by=people["reviewer"])
    told = {each.label: each.before for each in told_of(published.snapshots.get(number=3))}
    assert told["เหตุผลที่ถอนออกจากรอบ"] == "หน่วยงานนี้ไม่ใช่ผู้รับผิดชอบ"
    assert "จัดเวที 3 ภาค" in visitor.page("/resolutions/2565/1/").text


def rows_of(page):
    return page.select("main table tbody tr")


def test_a_correction_of_many_changes_is_read_page_by_page(published, people, visitor):
    correct(published, people)
    edition = Snapshot.objects.get(number=2)
    row = edition.changes[0]
    many = [row | {"after": f"ค่าที่ {number} ใหม่"} for number in range(120)]
    with unguarded():
        Snapshot.objects.filter(pk=edition.pk).update(changes=many)
    page = visitor.page("/corrections/")
    assert len(rows_of(page)) == public.CHANGES_IN_BRIEF
    (link,) = [each for each in page.select("main a") if "ดูการแก้ไขทุกรายการ" in each.text]
    assert link.text.endswith("(120)")
    address, told_there = link["href"], []
    assert address.endswith(f"#c{edition.pk}")
    while address:
        page = visitor.page(address.partition("#")[0])
        told_there += [each.texts("td")[1] for each in rows_of(page)]
        assert REASON in page.text
        after = page.select(".pager a[rel=next]")
        address = "/corrections/" + after[0]["href"] if after else ""
    assert told_there == [each["after"] for each in many]
    assert visitor.get("/corrections/?edition=99999").status_code == 404
    assert visitor.get("/corrections/?edition=x").status_code == 404


def test_corrections_have_pages(published, people, visitor, monkeypatch):
    monkeypatch.setattr(public, "CORRECTIONS_A_PAGE", 1)
    for text in ("จัดเวที 4 ภาค", "จัดเวที 5 ภาค"):
        correct(published, people, text)
    first = visitor.page("/corrections/")
    second = visitor.page("/corrections/" + first.one(".pager a[rel=next]")["href"])
    shown = [page.texts("main table tbody td")[-1] for page in (first, second)]
    assert shown == ["จัดเวที 5 ภาค", "จัดเวที 4 ภาค"], "the latest first"
