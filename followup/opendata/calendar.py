"""The calendar of due dates and publications, as iCalendar (RFC 5545).

It has whole days only, so that the few lines of the format that it needs are written here: properties,
escaped texts, and lines folded at 75 octets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from followup.models import Round, RoundState, Snapshot
from followup.movements import Kind, Record, Subject
from forum_portal.thai import xml_text
from forum_portal.years import to_ce

CONTENT_TYPE = "text/calendar; charset=utf-8"
LINE = 75  # octets, without the end of the line (RFC 5545, 3.1)


def calendar(address: Callable[[str], str]) -> str:
    """The calendar. `address` makes whole addresses of paths. A fixed number of queries."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//CSOs Forum//Follow-up portal//TH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(_('ระบบติดตามผลข้อเสนอ CSOs Forum'))}",
    ]
    record = Record()
    for each in record.movements(Subject(Kind.ALL)):
        name = f"{each.event.round.code}-{each.event.number}-{each.event.act}"
        lines += _event(
            _uid(each.event.round, name),
            each.event.at,
            timezone.localdate(each.event.at),
            each.title,
            "\n".join(each.lines),
            address(each.path),
        )
    for round_, told_at in _due():
        lines += _event(
            _uid(round_, f"{round_.code}-due"),
            told_at,
            round_.due_on,
            _("กำหนดส่งรายงานปีงบประมาณ %(year)s") % {"year": round_.label},
            _("หน่วยงานส่งรายงานผลการดำเนินงานตามข้อเสนอ CSOs Forum ภายในวันนี้"),
            address(reverse("follow-up")),
        )
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _due() -> Iterator[tuple[Round, datetime]]:
    """Rounds whose due date is public, with the moment from which it is: published ones, and those that
    take reports for the first time if PORTAL_SHOW_OPEN_ROUND."""
    made = dict(Snapshot.objects.standing().order_by("-number").values_list("round_id", "made_at"))
    for round_ in Round.objects.order_by("year_be", "months"):
        is_open = round_.state in {RoundState.OPEN, RoundState.CLOSED}
        if round_.is_public:
            yield round_, made.get(round_.pk) or round_.published_at  # type: ignore[misc]
        elif is_open and settings.PORTAL_SHOW_OPEN_ROUND and round_.opened_at:
            yield round_, round_.opened_at


def _uid(round_: Round, name: str) -> str:
    """A name that stays if the portal moves to another host."""
    return f"{to_ce(round_.year_be)}-{name}@{settings.FEED_AUTHORITY}"


def _event(
    uid: str, told_at: datetime, day: date, title: str, words: str, address: str
) -> list[str]:
    """One event of a whole day. DTSTAMP is when the public was told, so that it stays the same."""
    return [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{told_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(title)}",
        f"DESCRIPTION:{escaped(words)}",
        f"URL:{address}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def escaped(text: str) -> str:
    """A text as a value (RFC 5545, 3.3.11), without what no text may hold."""
    text = xml_text(text).replace("\r\n", "\n").replace("\r", "\n")
    for mark in ("\\", ";", ","):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", "\\n")


def folded(line: str) -> str:
    """A content line in parts of at most 75 octets, none cut within a character."""
    parts, size = [""], 0
    for character in line:
        octets = len(character.encode())
        if size + octets > LINE:
            parts.append(" ")  # which counts as well
            size = 1
        parts[-1] += character
        size += octets
    return "\r\n".join(parts)
