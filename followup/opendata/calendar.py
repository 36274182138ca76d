"""The calendar of publications, and of the dates of rounds and promises, as iCalendar (RFC 5545).

It has whole days only, so that the few lines of the format that it needs are written here: properties,
escaped texts, and lines folded at 75 octets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import commitment_changes
from followup.models import Round, RoundState, Snapshot
from followup.movements import Kind, Record, Subject
from followup.standing import times_postponed
from followup.targets import Due
from forum_portal.thai import format_date, xml_text
from forum_portal.years import to_ce
from proposals.models import Measure

CONTENT_TYPE = "text/calendar; charset=utf-8"
#: The promises of an edition that the calendar has, at most: those of the latest days.
PROMISES_MAX = 500
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
            _uid(each.event.round.year_be, name),
            each.event.at,
            timezone.localdate(each.event.at),
            each.title,
            "\n".join(each.lines),
            address(each.path),
        )
    for round_, told_at in _due():
        lines += _event(
            _uid(round_.year_be, f"{round_.code}-due"),
            told_at,
            round_.due_on,
            _("กำหนดส่งรายงานปีงบประมาณ %(year)s") % {"year": round_.label},
            _("หน่วยงานส่งรายงานผลการดำเนินงานตามข้อเสนอ CSOs Forum ภายในวันนี้"),
            address(reverse("follow-up")),
        )
    for promise in _promises(record, address):
        lines += promise
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


def _promises(record: Record, address: Callable[[str], str]) -> Iterator[list[str]]:
    """The dates that agencies promised, as the last published round has them; one event of each.

    A date that moves is the same event with a higher SEQUENCE. What the committee has ended is told as
    cancelled.
    """
    edition = record.editions[record.rounds[0]] if record.rounds else None
    if edition is None:
        return
    dated = [
        (each.on, each)
        for each in commitment_changes.said_in(edition).values()
        if each.on is not None
    ]
    dated = sorted(dated, key=lambda pair: (pair[0], pair[1].position))[-PROMISES_MAX:]
    agencies = edition.named({each.agency for _day, each in dated}) if dated else {}
    told_at = edition.made_at or timezone.now()
    as_of = commitment_changes.day_of(edition)
    for day, each in dated:
        measure, agency = edition.frame.measures[each.measure], agencies[each.agency]
        said = {
            "code": measure.shown_code(several_forums=record.several),
            "agency": agency.name,
            "title": measure.title,
        }
        words = [
            _("กำหนดแล้วเสร็จที่หน่วยงานแจ้งไว้เอง"),
            _("%(due)s ณ วันที่ %(day)s") % {"due": each.due.label, "day": format_date(as_of)},
        ]
        if milestone := each.targets[-1].get("milestone"):
            words.append(milestone)
        if times := times_postponed(each.targets):
            first = format_date(each.targets[0].get("target_on"))
            words.append(_("เลื่อน %(times)s ครั้ง จาก %(first)s") % {"times": times, "first": first})
        yield _event(
            # The full code names the forum; the key of an assignment never changes.
            _uid(
                measure.resolution.forum.year_be, f"{measure.full_code}-{each.assignment}-promise"
            ),
            told_at,
            day,
            _("กำหนด: %(code)s %(agency)s %(title)s") % said,
            "\n".join(words),
            address(_path_of(measure)),
            more=[
                f"STATUS:{'CANCELLED' if each.due is Due.ENDED else 'CONFIRMED'}",
                f"SEQUENCE:{len(each.targets) - 1}",
            ],
        )


def _path_of(measure: Measure) -> str:
    resolution = measure.resolution
    return reverse("measure", args=[resolution.forum.year_be, resolution.number, measure.number])


def _uid(year: int, name: str) -> str:
    """A name that stays if the portal moves to another host; of a year B.E."""
    return f"{to_ce(year)}-{name}@{settings.FEED_AUTHORITY}"


def _event(
    uid: str,
    told_at: datetime,
    day: date,
    title: str,
    words: str,
    address: str,
    *,
    more: Iterable[str] = (),
) -> list[str]:
    """One event of a whole day, with further lines.

    DTSTAMP is when the public was told, so that it stays the same.
    """
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
        *more,
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
