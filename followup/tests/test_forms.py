"""Forms: they read what people type, say in Thai what is wrong with it, and keep it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from followup.forms import (
    DayField,
    DecisionForm,
    EvidenceForm,
    EvidenceFormSet,
    PublishForm,
    ReportForm,
    RoundForm,
    error_list,
    evidence_of,
    wanted_evidence,
)
from followup.models import Evidence, Province, Round, StatusReport
from followup.tests.factories import find_report, make_report

pytestmark = pytest.mark.django_db  # a report's form offers the provinces that there are

TOO_LONG = "%sยาว %d อักขระ เกินกำหนด %d อักขระ ตัดให้สั้นลงแล้วบันทึกอีกครั้ง"
BAD_LINK = "ลิงก์ไม่ถูกต้อง คัดลอกมาทั้งบรรทัด ขึ้นต้นด้วย https:// หรือ http://"


def report_form(last=None, **data):
    return ReportForm({"version": "0", "reported_status": "not_started", **data}, last=last)


def cleaned(**data):
    form = report_form(**data)
    assert form.is_valid(), form.errors
    return form.cleaned_data


def errors(form):
    assert not form.is_valid()
    return {name: [str(each) for each in messages] for name, messages in form.errors.items()}


# Texts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "label", "limit"),
    [
        ("results", "ผลการดำเนินงาน", 4000),
        ("obstacles", "ปัญหา/อุปสรรค", 4000),
        ("next_steps", "ข้อเสนอแนะ/แผนระยะต่อไป", 4000),
        ("meeting_ref", "มติ คสป. ครั้งที่", 40),
    ],
)
def test_a_text_over_its_limit_says_by_how_much_and_stays(field, label, limit):
    assert cleaned(**{field: "ก" * limit})[field] == "ก" * limit
    long = "ก" * limit + "ข"
    form = report_form(**{field: long})
    assert errors(form) == {field: [TOO_LONG % (label, limit + 1, limit)]}
    assert form[field].value() == long, "nothing of it is cut"
    assert long in str(form[field])
    assert "maxlength" not in str(form[field]), "nor does the browser cut it"


def test_a_line_end_counts_once_however_the_browser_sends_it():
    for end in ("\r\n", "\r", "\n"):
        assert cleaned(results=end.join(["ก"] * 2000))["results"] == "\n".join(["ก"] * 2000)


def test_a_limit_counts_what_is_stored_not_what_was_sent():
    padded = f"  \u200b{'ก' * 4000}\x00\ufeff\r\n  "
    assert cleaned(results=padded)["results"] == "ก" * 4000
    exactly = "\r\n".join(["ก"] * 2000)  # 3999 as stored, 5998 as sent
    assert len(cleaned(results=exactly)["results"]) == 3999
    form = report_form(results=exactly + "\r\nข")  # 4001
    assert errors(form) == {"results": [TOO_LONG % ("ผลการดำเนินงาน", 4001, 4000)]}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("จัดเวที\u200bประชาคม", "จัดเวทีประชาคม"),
        ("\ufeffจัดเวที", "จัดเวที"),
        ("จัด\x00เวที", "จัดเวที"),
        ("สองวรรค\r\nบรรทัด\rสาม", "สองวรรค\nบรรทัด\nสาม"),
        ("จัด\u00a0เวที", "จัด เวที"),
        ("กํากับ เเละ น้ํา", "กำกับ และ น้ำ"),  # as some PDF readers and keyboards write it
        ("๑๒๓ คน", "๑๒๓ คน"),  # the digits of a text are the writer's own
        (" \u200b\r\n ", ""),
        ("<b>หนา</b>", "<b>หนา</b>"),
    ],
)
def test_texts_are_cleaned_and_otherwise_left_alone(typed, stored):
    assert cleaned(results=typed)["results"] == stored


def test_a_text_of_nothing_but_invisible_characters_is_empty():
    data = cleaned(results="\u200b\u200b", obstacles="\x00", meeting_ref="\ufeff ")
    assert (data["results"], data["obstacles"], data["meeting_ref"]) == ("", "", "")


# Money -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("", None),
        ("-", None),
        ("0", Decimal("0")),
        ("1,250,000", Decimal("1250000")),
        ("1.25 ล้าน", Decimal("1250000")),
        ("๑,๒๕๐,๐๐๐.๕๐ บาท", Decimal("1250000.50")),
        (" 1250000.5 ", Decimal("1250000.50")),
        ("9,999,999,999,999.99", Decimal("9999999999999.99")),
    ],
)
def test_amounts_as_people_write_them(typed, amount):
    data = cleaned(budget_received=typed, budget_spent=typed)
    assert (data["budget_received"], data["budget_spent"]) == (amount, amount)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("สองล้าน", "งบประมาณ “สองล้าน” ไม่ใช่ตัวเลข"),
        ("1O0,000", "งบประมาณ “1O0,000” ไม่ใช่ตัวเลข (มีตัวอักษร O)"),
        ("1,25,000", "งบประมาณ “1,25,000” ไม่ใช่ตัวเลข"),
        ("๑00", "งบประมาณ “๑00” ไม่ใช่ตัวเลข"),
        ("-500", "จำนวนเงินต้องไม่ติดลบ"),
        ("1.250", "จำนวนเงินมีทศนิยมได้ไม่เกิน 2 ตำแหน่ง (สตางค์)"),
        ("10000000000000", "จำนวนเงินมากเกินไป ระบุไม่เกิน 9,999,999,999,999.99 บาท"),
        ("10,000,000 ล้าน", "จำนวนเงินมากเกินไป ระบุไม่เกิน 9,999,999,999,999.99 บาท"),
        ("5\x00", "งบประมาณ “5\ufffd” ไม่ใช่ตัวเลข"),
    ],
)
def test_what_is_no_amount_is_said_and_kept(typed, message):
    form = report_form(budget_received=typed, results="ก")
    assert errors(form) == {"budget_received": [message]}
    assert form["budget_received"].value() == typed
    assert form["results"].value() == "ก"


def test_a_stored_amount_shows_with_commas():
    form = ReportForm(initial={"budget_received": Decimal("1250000.00")}, last=None)
    assert form["budget_received"].value() == "1,250,000"
    form = ReportForm(initial={"budget_received": Decimal("0.50")}, last=None)
    assert form["budget_received"].value() == "0.50"
    assert (
        ReportForm(initial={"budget_received": None}, last=None)["budget_received"].value() is None
    )


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


def test_no_change_with_another_status_is_a_contradiction(last):
    form = report_form(last=last, no_change="on", reported_status="completed")
    assert errors(form) == {
        "no_change": [
            "เลือก “ไม่มีการเปลี่ยนแปลงจากปีก่อน” แต่สถานะต่างจากปีก่อน (ชะลอ / ติดปัญหา) เลือกอย่างใดอย่างหนึ่ง"
        ]
    }
    assert form["reported_status"].value() == "completed"


def test_no_change_needs_a_year_before():
    form = report_form(last=None, no_change="on", reported_status="")
    assert errors(form) == {"no_change": ["ไม่มีรายงานของปีก่อนให้เทียบ เอาเครื่องหมายออกแล้วเลือกสถานะ"]}


# Evidence --------------------------------------------------------------------------------------


def evidence_form(title="สรุปโครงการ", url="https://example.org/1", **data):
    return EvidenceForm({"title": title, "url": url, "is_public": "on", **data})


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


def evidence_forms(*rows, initial=()):
    data = {
        "evidence-TOTAL_FORMS": str(len(rows)),
        "evidence-INITIAL_FORMS": str(len(initial)),
    }
    for place, row in enumerate(rows):
        data |= {f"evidence-{place}-{name}": value for name, value in row.items()}
    return EvidenceFormSet(data, prefix="evidence", initial=initial)


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
    assert wanted_evidence(formset) == [
        {"title": "หนึ่ง", "url": "https://example.org/1", "is_public": True},
        {"title": "สาม", "url": "https://example.org/3", "is_public": False},
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


# Days, rounds, decisions -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("30/11/2569", date(2026, 11, 30)),
        ("๓๐/๑๑/๒๕๖๙", date(2026, 11, 30)),
        ("1-2-2567", date(2024, 2, 1)),
        ("30 พ.ย. 2569", date(2026, 11, 30)),
        ("30 พฤศจิกายน 2569", date(2026, 11, 30)),
        ("30/11/2026", date(2026, 11, 30)),
        ("29/2/2567", date(2024, 2, 29)),
    ],
)
def test_days_as_people_write_them(typed, day):
    assert DayField().clean(typed) == day


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("พรุ่งนี้", "วันที่ “พรุ่งนี้” อ่านไม่ได้ พิมพ์ วัน/เดือน/ปี พ.ศ. เช่น 30/11/2569"),
        ("30/11/69", "วันที่ “30/11/69” อ่านไม่ได้ พิมพ์ วัน/เดือน/ปี พ.ศ. เช่น 30/11/2569"),
        ("2569-11-30", "วันที่ “2569-11-30” อ่านไม่ได้ พิมพ์ วัน/เดือน/ปี พ.ศ. เช่น 30/11/2569"),
        ("31/11/2569", "ไม่มีวันที่ 31/11/2569 ในปฏิทิน"),
        ("29/2/2569", "ไม่มีวันที่ 29/2/2569 ในปฏิทิน"),
        ("30 ไม่ทราบ 2569", "ไม่มีวันที่ 30 ไม่ทราบ 2569 ในปฏิทิน"),
    ],
)
def test_what_is_no_day_is_said_and_kept(typed, message):
    form = PublishForm({"meeting_on": typed, "meeting_ref": "5/2569"})
    assert errors(form) == {"meeting_on": [message]}
    assert form["meeting_on"].value() == typed
    assert form["meeting_ref"].value() == "5/2569"


def test_a_stored_day_shows_in_the_buddhist_era():
    form = RoundForm(initial={"due_on": date(2026, 11, 30)})
    assert form["due_on"].value() == "30/11/2569"
    assert DayField().clean(form["due_on"].value()) == date(2026, 11, 30)


def test_publishing_may_name_no_meeting():
    form = PublishForm({"meeting_ref": " ", "meeting_on": ""})
    assert form.is_valid()
    assert form.cleaned_data == {"meeting_ref": "", "meeting_on": None}
    assert errors(PublishForm({"meeting_ref": "ก" * 41})) == {
        "meeting_ref": [TOO_LONG % ("การประชุม คสป. ที่รับทราบ ครั้งที่", 41, 40)]
    }


@pytest.mark.parametrize(
    ("typed", "year"), [("2570", 2570), ("๒๕๗๐", 2570), ("พ.ศ. 2570", 2570), ("2027", 2570)]
)
def test_years_of_a_round(typed, year):
    form = RoundForm({"year": typed})
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"year": year, "due_on": None}


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "ระบุปีงบประมาณ เช่น 2570"),
        ("70", "ปี “70” มีเพียง 2 หลัก ระบุปี พ.ศ. ให้ครบ 4 หลัก เช่น 2567"),
        ("ปีหน้า", "อ่านปี “ปีหน้า” ไม่ได้ ระบุปี พ.ศ. เป็นตัวเลข 4 หลัก เช่น 2567"),
        ("2559", "ปี “2559” อยู่นอกช่วง พ.ศ. 2560–2599 ระบุปีในช่วงนี้"),
        ("2600", "ปี “2600” อยู่นอกช่วง พ.ศ. 2560–2599 ระบุปีในช่วงนี้"),
        ("ค.ศ. 2570", "ปี “ค.ศ. 2570” ขัดกัน ระบุ “พ.ศ. 2570” หรือแก้ตัวเลข"),
    ],
)
def test_what_is_no_year_of_a_round_is_said_and_kept(typed, message):
    form = RoundForm({"year": typed, "due_on": "30/11/2570"})
    assert errors(form) == {"year": [message]}
    assert form["year"].value() == typed
    assert form["due_on"].value() == "30/11/2570"


def test_the_next_year_is_the_one_after_the_last_round():
    for year in (2566, 2568):
        Round.objects.create(
            year_be=year,
            starts_on=date(2020, 1, 1),
            ends_on=date(2020, 12, 31),
            due_on=date(2021, 1, 1),
        )
    assert RoundForm.next_year() == 2569


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


def test_the_list_of_errors_follows_the_order_of_the_fields():
    form = report_form(
        last=None, reported_status="?", results="ก" * 4001, budget_spent="x", no_change="on"
    )
    form.is_valid()
    form.add_error(None, "ประโยคของทั้งแบบ")
    form.add_error("results", "อีกประโยค")
    assert error_list(form) == [
        ("id_reported_status", "เลือกสถานะจากรายการ"),
        ("id_results", TOO_LONG % ("ผลการดำเนินงาน", 4001, 4000)),
        ("id_results", "อีกประโยค"),
        ("id_budget_spent", "งบประมาณ “x” ไม่ใช่ตัวเลข"),
        ("id_no_change", "ไม่มีรายงานของปีก่อนให้เทียบ เอาเครื่องหมายออกแล้วเลือกสถานะ"),
        ("", "ประโยคของทั้งแบบ"),
    ]


def test_errors_of_an_evidence_row_point_to_that_row():
    row = {"title": "หนึ่ง", "url": "https://example.org/1"}
    formset = evidence_forms(row, {"title": "", "url": "https://example.org/2"})
    assert not formset.is_valid()
    assert [error_list(form) for form in formset] == [
        [],
        [("id_evidence-1-title", "ระบุชื่อหลักฐาน เช่น “สรุปโครงการ ปีงบประมาณ 2567”")],
    ]
