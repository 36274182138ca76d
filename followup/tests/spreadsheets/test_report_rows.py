"""Whole rows written in bulk: each with its history, and put back exactly."""

import json
from decimal import Decimal

import pytest
from django.db import transaction

from followup.models import Evidence, Province, StatusReport
from followup.spreadsheets import report_rows
from followup.tests.factories import find_report, link, make_report
from followup.tests.files import piece


@pytest.fixture
def report(open_round, people):
    made = make_report(
        open_round,
        "3.1",
        by=people["staff"],
        reviewer=people["reviewer"],
        status="on_hold",
        obstacles="รอ",
        budget_spent=Decimal("5.25"),
        evidence=[link(1), link(2, is_public=False), piece()],
    )
    made.provinces.set(Province.objects.filter(name_th="ลำพูน"))
    return find_report(open_round, "3.1")


def links_of(report):
    pieces = Evidence.objects.filter(report=report).exclude(url="")
    return [(each.title, each.is_public) for each in pieces]


def test_batches_take_everything_once(monkeypatch):
    monkeypatch.setattr(report_rows, "BATCH", 2)
    assert list(report_rows.batches([1, 2, 3])) == [[1, 2], [3]]
    assert list(report_rows.batches([])) == []


def test_what_is_kept_is_json_and_puts_a_report_back_exactly(report):
    kept = json.loads(json.dumps(report_rows.as_it_was(report)))
    before = {name: getattr(report, name) for name in report_rows.KEPT}
    assert kept["budget_spent"] == "5.25"
    assert kept["provinces"] == ["51"]
    assert [each[:3] for each in kept["evidence"]] == [
        ["หลักฐานที่ 1", "https://example.org/evidence/1", True],
        ["หลักฐานที่ 2", "https://example.org/evidence/2", False],
    ]
    fresh = StatusReport(round=report.round, assignment=report.assignment)
    report_rows.revive(fresh, kept)
    assert {name: getattr(fresh, name) for name in report_rows.KEPT} == before


def test_a_stored_row_has_one_entry_in_the_history_with_its_provinces(report, people):
    entries = report.history.count()
    report.results = "ใหม่"
    report_rows.touch(report, people["administrator"])
    report_rows.store([report], people["administrator"], "import 7")
    stored = StatusReport.objects.get(pk=report.pk)
    assert (stored.results, stored.version) == ("ใหม่", report.version)
    assert stored.updated_by == people["administrator"]
    assert report.history.count() == entries + 1
    entry = report.history.first()
    assert (entry.results, entry.history_change_reason) == ("ใหม่", "import 7")
    assert [each.province_id for each in entry.provinces.all()] == ["51"]


def test_nothing_to_store_writes_nothing(db, people, django_assert_num_queries):
    with django_assert_num_queries(0):
        report_rows.store([], people["staff"], "x")


def test_links_become_the_list_given_and_those_that_stay_keep_what_they_are(report, people):
    pieces = [["หลักฐานที่ 2", "https://example.org/evidence/2"], ["ใหม่", "https://example.org/n"]]
    stayed = Evidence.objects.get(title="หลักฐานที่ 2")
    report_rows.set_evidence([(report, pieces)], by=people["administrator"], reason="x")
    assert set(links_of(report)) == {("หลักฐานที่ 2", False), ("ใหม่", True)}
    assert Evidence.objects.get(title="หลักฐานที่ 2").pk == stayed.pk
    assert Evidence.objects.filter(report=report).exclude(file="").count() == 1, "files stay"


def test_the_same_links_are_not_written_again(report, people, django_assert_num_queries):
    fresh = StatusReport.objects.prefetch_related("evidence").get(pk=report.pk)
    pieces = [[each.title, each.url] for each in fresh.evidence.all() if each.url]
    with django_assert_num_queries(0):
        report_rows.set_evidence([(fresh, pieces)], by=people["staff"], reason="x")


ABOUT = ["minutes", "2024-09-30", "กรมฯ"]


def test_what_a_piece_says_of_itself_comes_and_goes_with_an_import_and_its_undo(report, people):
    def kept():
        fresh = StatusReport.objects.prefetch_related("evidence", "provinces").get(pk=report.pk)
        return fresh, report_rows.as_it_was(fresh)

    fresh, before = kept()
    silent = [piece[:2] for piece in before["evidence"]]
    by = people["administrator"]
    report_rows.set_evidence([(fresh, [[*silent[0], ABOUT], *silent[1:]])], by=by, reason="x")
    changed = Evidence.objects.get(report=report, url=silent[0][1])
    assert changed.described == ["รายงานการประชุม", "กรมฯ", "30 ก.ย. 2567"]
    fresh, now = kept()
    assert now["evidence"][0][-1] == ABOUT
    report_rows.set_evidence([(fresh, silent)], by=by, reason="x")
    assert kept()[1] == now, "a file from before keeps what is stored"
    report_rows.set_evidence([(fresh, [])], by=by, reason="x")
    report_rows.set_evidence([(kept()[0], now["evidence"])], by=by, reason="undo")
    assert kept()[1]["evidence"] == now["evidence"]
    report_rows.set_evidence([(kept()[0], before["evidence"])], by=by, reason="undo")
    assert kept()[1]["evidence"] == before["evidence"]


def test_a_link_with_a_copy_stays_as_files_do(report, people):
    copied = Evidence.objects.exclude(file="").get(report=report)
    Evidence.objects.filter(pk=copied.pk).update(url="https://example.org/copied")
    fresh = StatusReport.objects.prefetch_related("evidence", "provinces").get(pk=report.pk)
    assert "https://example.org/copied" not in str(report_rows.as_it_was(fresh)["evidence"])
    report_rows.set_evidence([(fresh, [])], by=people["administrator"], reason="x")
    assert Evidence.objects.get(report=report).pk == copied.pk


def test_provinces_become_the_list_given(report):
    report_rows.set_provinces([(report, ["10", "50"])])
    assert sorted(each.pk for each in StatusReport.objects.get(pk=report.pk).provinces.all()) == [
        "10",
        "50",
    ]
    report_rows.set_provinces([(StatusReport.objects.get(pk=report.pk), [])])
    assert not StatusReport.objects.get(pk=report.pk).provinces.exists()


def test_locked_reports_come_by_number_with_all_that_is_compared(
    report, open_round, django_assert_num_queries
):
    other = find_report(open_round, "1.2")
    with transaction.atomic():
        found = report_rows.locked([other.pk, report.pk, 0])
        assert set(found) == {report.pk, other.pk}
        with django_assert_num_queries(0):
            report_rows.as_it_was(found[report.pk])


def test_what_people_can_change_of_a_record_tells_whether_somebody_did(codi):
    made = report_rows.as_made(codi)
    codi.abbr_th = "อื่น"
    assert report_rows.as_made(codi) != made
    assert json.dumps(made, default=str)
    assert "id" not in made
