"""One edit down both roads: through the verbs and through an import. Rows and history are the same."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from followup import actions, history
from followup.models import ImportState, Province, ReportState, SpreadsheetImport, StatusReport
from followup.report_fields import FIELDS
from followup.spreadsheets import apply as writing
from followup.status import STORED, missing
from followup.tests.factories import link, make_report
from followup.tests.spreadsheets.imports import expected, write_for

pytestmark = pytest.mark.django_db

TEXTS = st.sampled_from(["", "จัดเวที 3 ครั้ง", "รอระเบียบ\nข้อ 2"])
LINKS = st.lists(
    st.sampled_from([["สรุป", "https://example.org/a"], ["ภาพ", "https://example.org/b"]]),
    unique_by=tuple,
    max_size=2,
)
AMOUNTS = st.sampled_from([None, "0.00", "1250000.00", "0.50"])
EDITS = st.fixed_dictionaries(
    {
        "reported_status": st.sampled_from(["", *(status.value for status in STORED)]),
        "results": TEXTS,
        "obstacles": TEXTS,
        "next_steps": TEXTS,
        "meeting_ref": st.sampled_from(["", "2/2569"]),
        "budget_received": AMOUNTS,
        "budget_spent": AMOUNTS,
        "beneficiaries": st.sampled_from([None, 0, 1250]),
        "provinces": st.sampled_from([[], ["10"], ["10", "50"]]),
        "no_change": st.just(False),
        "evidence": LINKS,
    }
)
STEPS = st.sampled_from([ReportState.DRAFT, ReportState.RETURNED])

#: Bookkeeping that tells the roads apart: how the report came, and how many writes it took.
APART = {"id", "source", "version", "updated_at", "submitted_at", "updated_by"}


class Undone(Exception):
    """Takes back what one road wrote."""


def prepare(open_round, people, state, before):
    report = make_report(
        open_round, "3.1", "SWF", by=people["staff"], reviewer=people["reviewer"], state=state
    )
    actions.save_draft(
        report=report,
        by=people["staff"],
        version=report.version,
        fields=columns(before),
        evidence=pieces(before),
        provinces=Province.objects.filter(pk__in=before["provinces"]),
    )
    return expected(open_round, "3.1", "SWF")


def columns(values):
    amounts = {"budget_received", "budget_spent"}
    return {
        name: Decimal(value) if name in amounts and value is not None else value
        for name, value in values.items()
        if FIELDS[name].is_column
    }


def pieces(values):
    return [{"title": title, "url": url, "is_public": True} for title, url in values["evidence"]]


def by_the_verbs(report, values, people, *, submit):
    by = people["administrator"]
    actions.save_draft(
        report=report,
        by=by,
        version=report.version,
        fields=columns(values),
        evidence=pieces(values),
        provinces=Province.objects.filter(pk__in=values["provinces"]),
    )
    if submit:
        actions.submit(report=report, by=by, version=report.version)


def by_an_import(report, values, people, *, submit):
    record = SpreadsheetImport.objects.create(
        round=report.round,
        created_by=people["administrator"],
        file_name="ผล.xlsx",
        state=ImportState.CHECKED,
        submit=submit,
    )
    write = write_for(report, **values)
    writing.apply(record=record, writes=[write], learnt={}, by=people["administrator"])


def outcome(road, report, values, people, *, submit):
    """What a road leaves: the row, its links in order, provinces, and what the history tells of it."""
    seen = {}
    try:
        with transaction.atomic():
            last = StatusReport.history.latest("history_id").history_id
            road(report, values, people, submit=submit)
            after = StatusReport.objects.get(pk=report.pk)
            seen["row"] = {
                field.name: getattr(after, field.attname)
                for field in after._meta.concrete_fields
                if field.name not in APART
            }
            seen["links"] = [(each.title, each.url, each.position) for each in after.evidence.all()]
            seen["provinces"] = sorted(after.provinces.values_list("pk", flat=True))
            entry = after.history.first()
            assert entry.history_id > last
            seen["who"] = entry.history_user_id
            seen["history"] = {
                name: history.in_words(StatusReport, name, getattr(entry, name))
                for name in history.TOLD[StatusReport]
            }
            raise Undone
    except Undone:
        return seen


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(before=EDITS, edit=EDITS, state=STEPS)
def test_both_roads_leave_the_same_rows_and_history(open_round, people, before, edit, state):
    try:
        with transaction.atomic():
            report = prepare(open_round, people, state, before)
            values = write_for(report, **edit).values
            claim = StatusReport.objects.get(pk=report.pk)
            for name, value in columns(values).items():
                setattr(claim, name, value)
            asked = replace(claim.claim(), evidence=len(values["evidence"]))
            # An import checks before it writes; a verb while it does.
            submit = not missing(asked)
            changed = values != write_for(report).values
            if changed or submit:
                roads = [
                    outcome(road, expected(open_round, "3.1", "SWF"), values, people, submit=submit)
                    for road in (by_the_verbs, by_an_import)
                ]
                assert roads[0] == roads[1]
            raise Undone
    except Undone:
        pass


def test_a_settled_report_is_taken_up_whole(open_round, people, record):
    """No verb writes into it; an import may, after somebody chose that (U01): nothing stays of what
    the reviewers decided."""
    report = make_report(
        open_round,
        "3.1",
        "SWF",
        by=people["staff"],
        reviewer=people["reviewer"],
        status="completed",
        evidence=[link()],
        assessed={"assessed_status": "in_progress", "assessed_note": "ยังไม่ครบ"},
    )
    write = write_for(report, results="ผลใหม่")
    writing.apply(record=record, writes=[write], learnt={}, by=people["administrator"])
    report = expected(open_round, "3.1", "SWF")
    assert (report.state, report.results) == (ReportState.DRAFT, "ผลใหม่")
    assert (report.assessed_status, report.assessed_note, report.approved_by) == ("", "", None)
    assert (report.submitted_by, report.submitted_at) == (None, None)


def test_a_returned_report_keeps_its_reason_until_it_is_submitted(open_round, people, record):
    report = make_report(
        open_round,
        "3.1",
        "SWF",
        by=people["staff"],
        reviewer=people["reviewer"],
        state=ReportState.RETURNED,
    )
    write = write_for(report, results="ผลใหม่")
    writing.apply(record=record, writes=[write], learnt={}, by=people["administrator"])
    report = expected(open_round, "3.1", "SWF")
    assert (report.state, report.return_reason) == (ReportState.RETURNED, "ระบุจำนวนผู้เข้าร่วม")
