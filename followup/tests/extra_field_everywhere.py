"""The fields of `extra_field` in every place that shows a report. Run by `test_report_fields.py`."""

import json
from datetime import date

import pytest
from django.http import QueryDict
from django.urls import reverse

from followup import actions, corrections, history
from followup.admin import StatusReportAdmin
from followup.annual_report import store
from followup.forms.report import ReportForm
from followup.history import TOLD
from followup.models import StatusReport
from followup.opendata.datasets.reported import STATUS_REPORTS
from followup.spreadsheets import report_rows, workbook
from followup.spreadsheets.fields import Field
from followup.spreadsheets.lookup import EMPTY, values_of
from followup.spreadsheets.words import FIELD_LABELS
from followup.tests.extra_field import DAY, DAY_LABEL, LABEL, NAME
from followup.tests.factories import find_report, make_report
from followup.tests.spreadsheets.wizard import HEADINGS, confirm, sentences, walk_to_check, xlsx

pytestmark = pytest.mark.django_db


@pytest.fixture
def reported(open_round, people):
    """An approved report with 1,250 and 12 August in the fields."""
    said = {NAME: 1250, DAY: date(2026, 8, 12)}
    return make_report(open_round, "1.1", by=people["staff"], reviewer=people["reviewer"], **said)


@pytest.fixture
def published(open_round, people, reported):
    actions.close_round(round_=open_round, by=people["staff"])
    return actions.publish_round(round_=open_round, by=people["reviewer"])


def test_the_form_takes_it_as_it_is_typed(open_round, people, sign_in):
    report = find_report(open_round, "1.1")
    form = ReportForm(QueryDict(f"version=0&{NAME}=๑,๒๕๐&{DAY}=12/8/2569"), last=None)
    assert form.is_valid(), form.errors
    assert form.fields_to_store()[NAME] == 1250
    assert form.fields_to_store()[DAY] == date(2026, 8, 12)
    wrong = ReportForm(QueryDict(f"version=0&{NAME}=หลาย"), last=None)
    assert wrong.errors[NAME] == ["“หลาย” ไม่ใช่จำนวนเต็ม พิมพ์เป็นตัวเลข เช่น 1,250"]
    page = sign_in(people["staff"]).get(reverse("staff-report", args=[report.pk]))
    assert f'name="{NAME}"' in page.content.decode()
    assert f'name="{DAY}"' in page.content.decode()


def test_two_versions_are_shown_side_by_side(open_round, people, sign_in):
    report = find_report(open_round, "1.1")
    mine = {
        "version": "0",
        NAME: "7",
        DAY: "12/8/2569",
        "evidence-TOTAL_FORMS": "0",
        "evidence-INITIAL_FORMS": "0",
    }
    actions.save_draft(
        report=report, by=people["colleague"], version=0, fields={NAME: 8}, evidence=[]
    )
    page = sign_in(people["staff"]).post(reverse("staff-report", args=[report.pk]), mine)
    assert page.status_code == 409
    assert f"{LABEL} ของฉัน" in page.content.decode()
    assert "12 สิงหาคม 2569" in page.content.decode()


def test_the_history_names_it(reported):
    assert NAME in TOLD[StatusReport]
    entries, _more = history.entries(report=reported)
    told = {(each.label, each.before, each.after) for entry in entries for each in entry.changes}
    assert {(LABEL, "", "1,250"), (DAY_LABEL, "", "12 สิงหาคม 2569")} <= told


def test_editions_keep_and_compare_it(published, people, reported):
    content = json.loads(published.snapshots.get().content)
    assert 1250 in {row.get(NAME) for row in content["reports"]}
    assert "2026-08-12" in {row.get(DAY) for row in content["reports"]}
    actions.reopen_round(round_=published, by=people["reviewer"], reason="ตัวเลขผิด")
    reported.refresh_from_db()
    actions.send_back(
        report=reported, by=people["reviewer"], version=reported.version, reason="แก้ตัวเลข"
    )
    fields = {"reported_status": "in_progress", "results": reported.results, NAME: 900}
    for step in (
        {"verb": actions.save_draft, "by": "staff", "fields": fields, "evidence": []},
        {"verb": actions.submit, "by": "staff"},
        {"verb": actions.approve, "by": "reviewer"},
    ):
        verb, by = step.pop("verb"), people[step.pop("by")]
        verb(report=reported, by=by, version=reported.version, **step)
    actions.close_round(round_=published, by=people["staff"])
    actions.publish_round(round_=published, by=people["reviewer"])
    told = corrections.describe(published.snapshots.latest("number"), several_forums=False)
    assert (LABEL, "1,250", "900") in {(each.label, each.before, each.after) for each in told}


def test_public_pages_and_the_last_report_show_it(published, people, visitor, sign_in):
    page = visitor.get(reverse("resolution", args=[2565, 1]), {"year": 2569}).content.decode()
    assert LABEL in page
    assert "1,250" in page
    assert "12 สิงหาคม 2569" in page
    following = actions.create_round(by=people["staff"], year=2570)
    actions.open_round(round_=following, by=people["staff"])
    report = find_report(following, "1.1")
    page = sign_in(people["staff"]).get(reverse("staff-report", args=[report.pk])).content.decode()
    assert "1,250" in page[page.index("รายงานล่าสุด") :]


def test_the_workbook_has_a_column_of_it(open_round, reported):
    column = next(each for each in workbook.HEADINGS if each.text == LABEL)
    assert column.is_input
    assert column.validation["validate"] == "integer"
    record = next(
        each for each in workbook.records(open_round.reports.all()) if each.report.pk == reported.pk
    )
    assert column.value(record) == 1250
    day = next(each for each in workbook.HEADINGS if each.text == DAY_LABEL)
    assert day.is_input
    assert day.value(record) == "12/8/2569"


def test_an_import_reads_and_writes_it(client, people, open_round, reported, settings, tmp_path):
    settings.IMPORT_FOLDER = tmp_path
    client.force_login(people["administrator"])
    assert EMPTY[NAME] is None
    assert values_of(reported)[NAME] == 1250
    assert NAME in report_rows.KEPT
    assert FIELD_LABELS[Field(NAME)] == LABEL
    row = ["1", "1.2", "", "อยู่ระหว่างดำเนินการ", "จัดเวที", "", "", "", "๑,๓๐๐ คน", "12 ส.ค. 2569"]
    report = find_report(open_round, "1.2")
    row[2] = report.assignment.agency.name_th
    record = walk_to_check(client, xlsx([*HEADINGS, LABEL, DAY_LABEL], row))
    assert LABEL in client.get(reverse("import-columns", args=[record.pk])).content.decode()
    client.get(reverse("import-check", args=[record.pk]))
    assert sentences(record) == set()
    confirm(client, record)
    report.refresh_from_db()
    assert (getattr(report, NAME), getattr(report, DAY)) == (1300, date(2026, 8, 12))


def test_the_admin_the_open_data_and_the_annual_report_have_it(published, people, client, visitor):
    assert NAME in dict(StatusReportAdmin.fieldsets)["หน่วยงานรายงาน"]["fields"]
    assert NAME in [column.name for column in STATUS_REPORTS.columns]
    data = visitor.get(reverse("data-file", args=["status_reports", "csv"])).getvalue().decode()
    header, *rows = data.splitlines()
    assert NAME in header
    assert DAY in header
    assert any(",1250," in row for row in rows)
    report = store.document(published.snapshots.latest("number"))
    assert f"{LABEL} ๑,๒๕๐" in repr(report)
