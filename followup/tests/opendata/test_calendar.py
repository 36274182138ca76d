"""The calendar: what RFC 5545 demands, and which dates the public may know."""

import re

from followup.models import Round
from followup.opendata.calendar import escaped, folded
from followup.tests.client import PortalClient


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
    found = events()
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
