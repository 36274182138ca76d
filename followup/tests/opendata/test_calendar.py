"""The calendar: what RFC 5545 demands, and which dates the public may know."""

import re
from datetime import date

import pytest
from django.conf import settings

from followup.models import Round
from followup.opendata import calendar as ics
from followup.opendata.calendar import escaped, folded
from followup.tests.client import PortalClient
from followup.tests.factories import find_report, make_report
from followup.tests.promises import following, promise, publish, report


def calendar():
    """The lines of the calendar, unfolded."""
    response = PortalClient().get("/calendar.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    content = response.content
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    assert [line.decode() for line in content.split(b"\r\n")], "no character is cut"
    return content.decode().replace("\r\n ", "").split("\r\n")


def events():
    found = "\n".join(calendar()).split("BEGIN:VEVENT\n")[1:]
    return [dict(re.findall(r"^([A-Z]+)[^:\n]*:(.*)$", each, re.M)) for each in found]


def test_it_has_publications_corrections_and_due_dates(corrected, settings):
    settings.PORTAL_SHOW_OPEN_ROUND = True
    promised = promises()
    found = [each for each in events() if each not in promised]
    assert [(each["SUMMARY"], each["DTSTART"], each["DTEND"]) for each in found[:2]] == [
        ("ตัวอย่าง: เผยแพร่ผลการติดตามปีงบประมาณ 2568", "20251220", "20251221"),
        ("แก้ไขผลการติดตามปีงบประมาณ 2567 ฉบับที่ 2", "20250304", "20250305"),
    ]
    assert [each["SUMMARY"] for each in found[-2:]] == [
        "กำหนดส่งรายงานปีงบประมาณ 2568",
        "กำหนดส่งรายงานปีงบประมาณ 2569",
    ]
    assert len({each["UID"] for each in found}) == len(found) == 8
    for each in found:
        assert re.fullmatch(r"\d{8}T\d{6}Z", each["DTSTAMP"])
    assert found[1]["URL"].startswith("http://testserver/corrections/?edition=")
    assert calendar() == calendar(), "the same for as long as nothing is published"


def test_the_date_of_an_open_round_is_told_by_a_setting_and_of_a_planned_one_never(demo, settings):
    Round.objects.create(
        year_be=2570, starts_on="2026-10-01", ends_on="2027-09-30", due_on="2027-11-30"
    )
    settings.PORTAL_SHOW_OPEN_ROUND = False
    told = [each["SUMMARY"] for each in events() if "กำหนดส่ง" in each["SUMMARY"]]
    assert [each[-4:] for each in told] == ["2566", "2567", "2568"]
    settings.PORTAL_SHOW_OPEN_ROUND = True
    told = [each["SUMMARY"] for each in events() if "กำหนดส่ง" in each["SUMMARY"]]
    assert [each[-4:] for each in told] == ["2566", "2567", "2568", "2569"]


def test_a_calendar_before_the_first_round_is_whole(forum):
    assert events() == []


def test_texts_are_escaped_and_lines_are_folded_between_characters():
    assert escaped("ก, ข; ค\\ง\r\nจ\x0b") == "ก\\, ข\\; ค\\\\ง\\nจ"
    line = "SUMMARY:" + "ก" * 60 + "a"
    parts = folded(line).split("\r\n")
    assert all(len(part.encode()) <= 75 for part in parts)
    assert parts[0] == "SUMMARY:" + "ก" * 22
    assert all(part.startswith(" ") for part in parts[1:])
    assert folded(line).replace("\r\n ", "") == line
    assert folded("ก" * 25) == "ก" * 25


# Promised dates -------------------------------------------------------------------------------

FIRST_DAY, LATER = date(2026, 12, 31), date(2028, 3, 31)


def promises():
    return [each for each in events() if each["UID"].partition("@")[0].endswith("-promise")]


def test_a_promise_is_an_event_of_its_day(open_round, people):
    milestone = "ครบ 4 ภาค, ทุกจังหวัด"
    row = report(open_round, people, "1.1", **promise(FIRST_DAY, milestone=milestone))
    assert promises() == [], "it is not published"
    publish(open_round, people)
    agency, measure = row.assignment.agency, row.measure
    [event] = promises()
    assert event["UID"] == f"2022-2565-1.1-{row.assignment_id}-promise@{settings.FEED_AUTHORITY}"
    assert (event["DTSTART"], event["DTEND"]) == ("20261231", "20270101")
    assert event["SUMMARY"] == escaped(f"กำหนด: 1.1 {agency.name} {measure.title}")
    assert (event["STATUS"], event["SEQUENCE"]) == ("CONFIRMED", "0")
    assert event["URL"] == "http://testserver/resolutions/2565/1/1/"
    assert event["DESCRIPTION"].startswith("กำหนดแล้วเสร็จที่หน่วยงานแจ้งไว้เอง\\nยังไม่ถึงกำหนด ณ วันที่ ")
    assert event["DESCRIPTION"].endswith("\\nครบ 4 ภาค\\, ทุกจังหวัด")


def test_a_promise_that_moves_is_the_same_event_with_a_higher_sequence(open_round, people):
    report(open_round, people, "1.1", **promise(FIRST_DAY))
    publish(open_round, people)
    [before] = promises()
    second = following(open_round, people)
    report(second, people, "1.1", **promise(LATER, target_reason="รอจัดสรรสถานี"))
    assert promises() == [before], "what is not published moves nothing"
    publish(second, people)
    [after] = promises()
    assert (before["UID"], before["SEQUENCE"]) == (after["UID"], "0")
    assert (after["DTSTART"], after["SEQUENCE"]) == ("20280331", "1")
    assert "เลื่อน 1 ครั้ง จาก 31 ธันวาคม 2569" in after["DESCRIPTION"]


def test_a_promise_that_is_past_due_says_so_though_its_agency_is_silent(open_round, people):
    report(open_round, people, "1.1", **promise(FIRST_DAY))
    publish(open_round, people)
    publish(following(open_round, people), people)
    [event] = promises()
    assert "เลยกำหนด ณ วันที่ " in event["DESCRIPTION"]


def test_what_was_ended_is_cancelled(open_round, people):
    report(open_round, people, "1.1", status="cancelled", **promise(FIRST_DAY))
    publish(open_round, people)
    [event] = promises()
    assert event["STATUS"] == "CANCELLED"
    assert "ยุติ ณ วันที่ " in event["DESCRIPTION"]


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_a_date_that_nobody_has_approved_is_in_no_calendar(open_round, people, state):
    who = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(open_round, "1.1", state=state, **who, **promise(FIRST_DAY))
    publish(open_round, people)
    assert promises() == []
    assert "20261231" not in "".join(calendar())


def test_two_forums_and_two_agencies_have_events_of_their_own(second_forum, open_round, people):
    for code in ("2565-1.1", "2566-1.1"):
        report(open_round, people, code, **promise(FIRST_DAY))
    lead = find_report(open_round, "2565-1.1").assignment
    other = open_round.reports.filter(assignment__measure=lead.measure_id)
    other = other.exclude(assignment=lead).select_related("assignment__agency").first()
    if other:
        report(open_round, people, "2565-1.1", other.assignment.agency.code, **promise(LATER))
    publish(open_round, people)
    found = promises()
    assert len({each["UID"] for each in found}) == len(found) == 2 + bool(other)
    assert [each["SUMMARY"].split()[1] for each in found][:2] == ["2565-1.1", "2566-1.1"]


def test_the_calendar_has_the_latest_of_very_many(open_round, people, monkeypatch):
    monkeypatch.setattr(ics, "PROMISES_MAX", 1)
    report(open_round, people, "1.1", **promise(FIRST_DAY))
    report(open_round, people, "8.1", **promise(LATER))
    publish(open_round, people)
    assert [each["DTSTART"] for each in promises()] == ["20280331"]
