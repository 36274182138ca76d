"""The forms of one report: what the agency writes, its evidence, the decision."""

from decimal import Decimal
from typing import Any

import pytest

from followup.forms.report import (
    DecisionForm,
    EvidenceForm,
    EvidenceFormSet,
    ReportForm,
    evidence_of,
    wanted_evidence,
)
from followup.models import Evidence, Province, StatusReport
from followup.tests.factories import find_report, make_report
from followup.tests.forms.filled import (
    BAD_LINK,
    TOO_LONG,
    cleaned,
    errors,
    evidence_form,
    evidence_forms,
    report_form,
)

pytestmark = pytest.mark.django_db  # a report's form offers the provinces that there are


def test_spending_more_than_was_received_is_no_error_of_the_form():
    data = cleaned(budget_received="1", budget_spent="2")
    assert data["budget_spent"] == 2


# Status, provinces -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["no_report", "done", "NOT_STARTED"])
def test_only_a_status_that_is_offered_is_taken(status):
    form = report_form(reported_status=status)
    assert errors(form) == {"reported_status": ["เลือกสถานะจากรายการ"]}


def test_a_draft_needs_no_status():
    assert cleaned(reported_status="")["reported_status"] == ""


def test_statuses_are_offered_in_the_order_of_work_with_the_chosen_one_marked():
    form = report_form(reported_status="on_hold")
    assert [(each["status"].value, each["checked"]) for each in form.status_options] == [
        ("not_started", False),
        ("in_progress", False),
        ("on_hold", True),
        ("continuous", False),
        ("completed", False),
        ("cancelled", False),
    ]


def test_provinces_are_those_there_are():
    Province.objects.create(code="50", iso="TH-50", name_th="เชียงใหม่", region_th="ภาคเหนือ")
    assert [each.name_th for each in cleaned(provinces=["50"])["provinces"]] == ["เชียงใหม่"]
    assert not cleaned(provinces=[])["provinces"].exists()
    assert errors(report_form(provinces=["50", "99"])) == {"provinces": ["ไม่มีจังหวัดรหัส 99"]}
    assert set(errors(report_form(provinces=["5\x000"]))) == {"provinces"}


@pytest.mark.parametrize("version", ["", "x", "1.5"])
def test_a_form_without_its_version_is_refused(version):
    assert set(errors(report_form(version=version))) == {"version"}


def test_a_stored_report_shows_in_the_form_and_comes_back_the_same(open_round, people):
    report = make_report(
        open_round,
        by=people["staff"],
        state="draft",
        obstacles="รอ",
        next_steps="ต่อ",
        meeting_ref="1/2569",
        budget_received=Decimal("1250000.50"),
        budget_spent=Decimal("0"),
    )
    report.provinces.set(Province.objects.filter(code__in=["50", "10"]))
    initial = ReportForm.initial_of(find_report(open_round, "1.2"))
    assert initial["version"] == 1
    assert set(initial["provinces"]) == {"50", "10"}
    form = ReportForm(initial=initial, last=None)
    shown = {name: form[name].value() for name in form.fields}
    again = ReportForm({name: value or "" for name, value in shown.items()}, last=None)
    assert again.is_valid(), again.errors
    for name, value in again.fields_to_store().items():
        assert value == getattr(report, name), name


# No change since last year -----------------------------------------------------------------------


@pytest.fixture
def last():
    return StatusReport(
        reported_status="on_hold",
        results="ผลปีก่อน",
        obstacles="รอระเบียบ",
        next_steps="แผนปีก่อน",
        meeting_ref="3/2568",
        budget_spent=Decimal("100"),
    )


def test_no_change_takes_over_what_was_left_empty(last):
    data = cleaned(last=last, no_change="on", reported_status="", obstacles="")
    assert data["no_change"] is True
    assert (data["reported_status"], data["results"]) == ("on_hold", "ผลปีก่อน")
    assert (data["obstacles"], data["meeting_ref"]) == ("รอระเบียบ", "3/2568")
    assert (data["next_steps"], data["budget_spent"]) == ("", None), (
        "plans and money are this year's"
    )


def test_no_change_keeps_what_was_typed(last):
    data = cleaned(
        last=last, no_change="on", reported_status="on_hold", obstacles="ยังรออยู่", results="ของปีนี้"
    )
    assert (data["obstacles"], data["results"]) == ("ยังรออยู่", "ของปีนี้")


def test_without_the_tick_nothing_is_taken_over(last):
    data = cleaned(last=last, reported_status="")
    assert data["no_change"] is False
    assert (data["reported_status"], data["results"], data["obstacles"]) == ("", "", "")


def test_the_form_leaves_a_wrong_no_change_to_the_rules(last):
    """`status.wrong_no_change` refuses it on every path; see `test_reports.py` of the verbs."""
    assert cleaned(last=last, no_change="on", reported_status="completed")["no_change"] is True
    assert cleaned(last=None, no_change="on", reported_status="")["no_change"] is True


# Evidence --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("https://example.org/ก?a=1#b", "https://example.org/ก?a=1#b"),
        ("http://example.org/", "http://example.org/"),
        ("example.org/report.pdf", "https://example.org/report.pdf"),
        ("  https://example.org/  ", "https://example.org/"),
        ("", ""),
    ],
)
def test_links_as_people_paste_them(typed, stored):
    form = evidence_form(url=typed, title="สรุป" if stored else "")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["url"] == stored


@pytest.mark.parametrize(
    "typed",
    [
        "ไม่มีลิงก์",
        "https://",
        "ftp://example.org/1",
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "https://exa mple.org/",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_web_link_is_said_and_kept(typed):
    form = evidence_form(url=typed)
    assert errors(form) == {"url": [BAD_LINK]}
    assert form["url"].value() == typed


def test_a_scheme_in_capitals_is_that_scheme():
    form = evidence_form(url="HTTPS://example.org/A")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["url"] == "https://example.org/A"


def test_invisible_characters_around_a_link_are_no_part_of_it():
    """Chat programs and PDF readers put them there; the link would lead nowhere."""
    form = evidence_form(url="\ufeffhttps://example.org/1\u200b")
    assert form.is_valid(), form.errors
    assert form.cleaned_data["url"] == "https://example.org/1"


def test_a_link_over_its_limit():
    long = "https://example.org/" + "a" * 481
    assert errors(evidence_form(url=long)) == {"url": ["ลิงก์ยาว 501 อักขระ เกินกำหนด 500 อักขระ"]}
    assert evidence_form(url=long[:-1]).is_valid()
    assert "maxlength" not in str(evidence_form()["url"])


def test_a_title_over_its_limit():
    assert errors(evidence_form(title="ก" * 201)) == {"title": [TOO_LONG % ("ชื่อหลักฐาน", 201, 200)]}


def test_a_link_needs_a_title_and_a_title_a_link():
    assert errors(evidence_form(title="\u200b")) == {
        "title": ["ระบุชื่อหลักฐาน เช่น “สรุปโครงการ ปีงบประมาณ 2567”"]
    }
    assert errors(evidence_form(url="")) == {"url": ["วางลิงก์หรือแนบไฟล์ของ “สรุปโครงการ”"]}
    assert evidence_form(title="", url="").is_valid(), "an empty row is no evidence"


def test_each_fault_is_said_once():
    assert errors(evidence_form(title="", url="x y")) == {"url": [BAD_LINK]}
    assert set(errors(evidence_form(title="ก" * 201, url=""))) == {"title"}


def test_wanted_evidence_is_what_is_filled_in_and_not_deleted():
    row = {"title": "หนึ่ง", "url": "https://example.org/1", "is_public": "on"}
    formset = evidence_forms(
        row,
        {"title": "", "url": ""},
        row | {"title": "สอง", "url": "https://example.org/2", "DELETE": "on"},
        {"title": "สาม", "url": "example.org/3"},
        {"title": "ลบแล้ว", "url": "ไม่ใช่ลิงก์", "DELETE": "on"},
    )
    assert formset.is_valid(), formset.errors
    nothing = {"kind": "", "dated_on": None, "issuer": ""}
    assert wanted_evidence(formset) == [
        nothing | {"title": "หนึ่ง", "url": "https://example.org/1", "is_public": True},
        nothing | {"title": "สาม", "url": "https://example.org/3", "is_public": False},
    ]


def test_stored_evidence_goes_into_the_forms_and_comes_back_the_same(open_round, people):
    report = make_report(open_round, by=people["staff"], state="draft", evidence=[])
    for place, public in enumerate((True, False)):
        Evidence.objects.create(
            report=report, title=f"{place}", url="https://example.org/", is_public=public
        )
    before = evidence_of(report)
    rows = [
        {"title": each["title"], "url": each["url"]}
        | ({"is_public": "on"} if each["is_public"] else {})
        for each in before
    ]
    formset = evidence_forms(*rows, {"title": "", "url": ""}, initial=before)
    assert formset.is_valid(), formset.errors
    assert wanted_evidence(formset) == before
    assert [each["is_public"] for each in before] == [True, False]


def test_two_empty_rows_wait_for_more_evidence():
    assert len(EvidenceFormSet(prefix="evidence", initial=[])) == 2
    assert EvidenceForm()["is_public"].value() is True


def test_more_rows_than_anybody_needs_are_refused():
    row = {"title": "ก", "url": "https://example.org/1"}
    assert evidence_forms(*[row] * 50).is_valid()
    formset = evidence_forms(*[row] * 51)
    assert not formset.is_valid()
    (message,) = formset.non_form_errors()
    assert "50" in message
    assert not any("a" <= letter <= "z" for letter in message.lower()), f"in Thai: {message}"


def test_a_decision_offers_the_agencys_own_status_first():
    field: Any = DecisionForm(initial={"version": 2}).fields["assessed_status"]
    choices = list(field.choices)
    assert [value for value, _label in choices] == [
        "",
        "not_started",
        "in_progress",
        "on_hold",
        "continuous",
        "completed",
        "cancelled",
    ]
    assert choices[0][1] == "ตรงกับที่หน่วยงานรายงาน"
    form = DecisionForm({"version": "2", "return_reason": "ก" * 4001})
    assert errors(form) == {"return_reason": [TOO_LONG % ("สิ่งที่ต้องแก้ไข", 4001, 4000)]}
