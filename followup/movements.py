"""What was published about a thing that somebody follows: the words of feeds and of news by e-mail.

A movement is a round's publication, a correction, or an edition that was taken back. It is told of
everything, or of one resolution, agency or province. All words and figures are those of published
editions; nothing is read of a round at work.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

from django.db.models import Q, TextChoices
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import commitment_changes, published
from followup.commitment_changes import Kind as Turning
from followup.commitment_changes import Turn
from followup.corrections import Effect, effects_of, effects_text
from followup.models import (
    Agency,
    Province,
    PublishedEdition,
    PublishedLine,
    Role,
    Round,
    Snapshot,
    TakenBack,
)
from followup.naming import forums_title, item_name
from followup.progress import MeasureProgress, YearProgress
from followup.published import Edition
from followup.responses import Response
from followup.status import Change, Status
from forum_portal.thai import format_date
from proposals.codes import parse_code
from proposals.models import Forum, Measure, Resolution

ENTRIES_MAX = 50
#: The reports that a movement lists; of more it says how many.
LISTED = 20
#: A report that names more provinces than this is of no single one of them.
PLACES_MAX = 10


class Kind(TextChoices):
    """What can be followed; the values are the parameters of the follow page."""

    ALL = "all", _l("ทุกอย่างที่เผยแพร่")
    RESOLUTION = "resolution", _l("ข้อเสนอ")
    AGENCY = "agency", _l("หน่วยงาน")
    AREA = "area", _l("จังหวัด")


class Act(TextChoices):
    PUBLISHED = "published", _l("เผยแพร่")
    CORRECTED = "corrected", _l("แก้ไข")
    TAKEN_BACK = "taken_back", _l("ถอนการเผยแพร่")


@dataclass(frozen=True)
class Subject:
    """A thing that is followed. `row` is its resolution, agency or province; None of everything.

    `names` are an agency's codes and keys with those of records that were merged into it.
    """

    kind: Kind
    row: Resolution | Agency | Province | None = None
    codes: frozenset[str] = frozenset()
    keys: frozenset[int] = frozenset()

    @classmethod
    def of(cls, row: Resolution | Agency | Province | None) -> Subject:
        """The subject of a row; of a merged agency that of the one it is in now. A query an agency."""
        if row is None:
            return cls(Kind.ALL)
        if isinstance(row, Resolution):
            return cls(Kind.RESOLUTION, row)
        if isinstance(row, Province):
            return cls(Kind.AREA, row)
        agency = row.merged_into or row
        every = [agency, *agency.duplicates.all()]
        return cls(
            Kind.AGENCY,
            agency,
            frozenset(each.code for each in every),
            frozenset(each.pk for each in every),
        )

    @property
    def code(self) -> str:
        """Its code in addresses: `2565-3`, `CODI`, `TH-50`; "" of everything."""
        match self.row:
            case Resolution():
                return self.row.full_code
            case Agency():
                return self.row.code
            case Province():
                return self.row.iso
        return ""

    def name(self, *, several_forums: bool) -> str:
        match self.row:
            case Resolution():
                return _("%(item)s %(title)s") % {
                    "item": item_name(self.row, several_forums=several_forums),
                    "title": self.row.title,
                }
            case Agency():
                return self.row.name
            case Province():
                return _("จังหวัด%(name)s") % {"name": self.row.name}
        return str(Kind.ALL.label)

    @property
    def path(self) -> str:
        """The page that shows it."""
        match self.row:
            case Resolution():
                return reverse("resolution", args=[self.row.forum.year_be, self.row.number])
            case Agency():
                return reverse("agency", args=[self.row.code])
            case Province():
                return reverse("area", args=[self.row.iso])
        return reverse("home")

    @property
    def feed_path(self) -> str:
        match self.row:
            case Resolution():
                return reverse("resolution-feed", args=[self.row.forum.year_be, self.row.number])
            case Agency():
                return reverse("agency-feed", args=[self.row.code])
            case Province():
                return reverse("area-feed", args=[self.row.iso])
        return reverse("feed")


@dataclass(frozen=True)
class Event:
    """Something that the public was told: which edition of which round, and when."""

    act: Act
    at: datetime
    round: Round
    number: int
    digest: str = ""  # the edition's hash; "" of one that was taken back
    snapshot: Snapshot | None = None  # a correction's, or the one that was taken back
    taken: TakenBack | None = None


@dataclass(frozen=True)
class Movement:
    """What an event says of a subject: a title, lines of plain text, and the path of its page."""

    event: Event
    title: str
    lines: Sequence[str]
    path: str


@dataclass(frozen=True)
class Told:
    """A line of an edition in brief: which agency's report on which measure, with its status."""

    measure: int
    agency: int
    assignment: int
    status: Status
    is_received: bool


@lru_cache(maxsize=16)
def _places(pk: int, digest: str) -> Mapping[str, frozenset[int]]:
    """Province code -> the positions of the lines in an edition whose reports name it.

    Without those that name more than PLACES_MAX. An edition never changes, so each process reads it once.
    """
    found: dict[str, set[int]] = {}
    rows = PublishedLine.objects.filter(edition=pk, is_received=True).order_by()
    for position, content in rows.values_list("position", "content").iterator(chunk_size=500):
        codes = json.loads(content)["report"].get("provinces") or ()
        if len(codes) <= PLACES_MAX:
            for code in codes:
                found.setdefault(code, set()).add(position)
    return {code: frozenset(positions) for code, positions in found.items()}


@dataclass
class Record:
    """What the public was told so far, read once for any number of subjects."""

    rounds: Sequence[Round] = field(default_factory=lambda: list(Round.objects.public()))

    @cached_property
    def forums(self) -> Sequence[Forum]:
        return list(Forum.objects.order_by("year_be"))

    @property
    def several(self) -> bool:
        return len(self.forums) > 1

    @cached_property
    def first(self) -> Mapping[int, tuple[int, str]]:
        """Round -> the number and the hash of its first standing edition.

        Not 1 if that was taken back: readers of the feed know that entry already.
        """
        rows = Snapshot.objects.standing().order_by("-number")
        return {
            each: (number, digest)
            for each, number, digest in rows.values_list("round", "number", "digest")
        }

    @cached_property
    def corrections(self) -> Sequence[Snapshot]:
        rows = Snapshot.objects.corrections().filter(round__in=self.rounds)
        rows = rows.select_related("round").defer("content")
        return list(rows.order_by("-made_at", "-pk")[:ENTRIES_MAX])

    @cached_property
    def effects(self) -> Mapping[int, Sequence[Effect]]:
        return effects_of(self.corrections)

    @cached_property
    def events(self) -> Sequence[Event]:
        """The latest first, at most ENTRIES_MAX."""
        taken = TakenBack.objects.select_related("snapshot__round").defer("snapshot__content")
        every = [
            *(
                Event(Act.PUBLISHED, each.published_at, each, *self.first.get(each.pk, (1, "")))
                for each in self.rounds
                if each.published_at
            ),
            *(
                Event(Act.CORRECTED, each.made_at, each.round, each.number, each.digest, each)
                for each in self.corrections
            ),
            *(
                Event(
                    Act.TAKEN_BACK,
                    each.at,
                    each.snapshot.round,
                    each.snapshot.number,
                    snapshot=each.snapshot,
                    taken=each,
                )
                for each in taken[:ENTRIES_MAX]
            ),
        ]
        return sorted(every, key=lambda each: each.at, reverse=True)[:ENTRIES_MAX]

    @cached_property
    def editions(self) -> Mapping[Round, Edition]:
        return published.editions(self.rounds)

    def year_of(self, round_: Round) -> YearProgress:
        """The counting of a public round, compared with the last one of an earlier year."""
        if round_ not in self._years:
            before = [each for each in self.rounds if each.year_be < round_.year_be]
            self._years[round_] = published.year_progress(
                round_, previous=next(iter(before), None), known=self.editions
            )
        return self._years[round_]

    @cached_property
    def _years(self) -> dict[Round, YearProgress]:
        return {}

    def turns(self, round_: Round) -> Sequence[Turn]:
        """What agencies answered and promised anew in a public round, beside the round before it."""
        if round_ not in self._turns:
            before = [each for each in self.rounds if each.order < round_.order]
            last = self.editions.get(before[0]) if before else None
            self._turns[round_] = commitment_changes.turns(self.editions[round_], last)
        return self._turns[round_]

    @cached_property
    def _turns(self) -> dict[Round, Sequence[Turn]]:
        return {}

    @cached_property
    def taken(self) -> Mapping[str, int]:
        """Digest of an edition that was taken back -> the key of its rows."""
        digests = [
            each.snapshot.digest
            for each in self.events
            if each.act is Act.TAKEN_BACK and each.snapshot
        ]
        rows = PublishedEdition.objects.filter(digest__in=digests, ready_at__isnull=False)
        return dict(rows.order_by("-pk").values_list("digest", "pk")) if digests else {}

    # One subject -------------------------------------------------------------------------------

    def movements(self, subject: Subject) -> list[Movement]:
        """What the events say of a subject, the latest first, without those that do not touch it."""
        lines = self._lines(subject)
        told = (self._told(event, subject, lines) for event in self.events)
        return [each for each in told if each is not None]

    def movement(self, event: Event, subject: Subject) -> Movement | None:
        """What one event says of a subject; None if it does not touch it."""
        return self._told(event, subject, self._lines(subject))

    def _told(
        self, event: Event, subject: Subject, lines: Mapping[int, Sequence[Told]]
    ) -> Movement | None:
        if event.act is Act.PUBLISHED:
            return self._publication(event, subject, lines)
        if event.act is Act.CORRECTED:
            return self._correction(event, subject, lines)
        return self._taken_back(event, subject, lines)

    def _lines(self, subject: Subject) -> Mapping[int, Sequence[Told]]:
        """Key of an edition's rows -> its lines of an agency or a province. One query."""
        if subject.kind not in {Kind.AGENCY, Kind.AREA}:
            return {}
        editions = {each.pk: each for each in self.editions.values()}
        keys = {*editions, *self.taken.values()}
        if subject.kind is Kind.AGENCY:
            groups = {
                pk
                for each in editions.values()
                for pk, row in each.groups.items()
                if row["agency_id"] in subject.keys
            }
            wanted = Q(agency_id__in=subject.keys) | Q(group_id__in=groups)
        else:
            code = str(subject.row.pk) if subject.row else ""
            digests = {each.pk: each.digest for each in editions.values()}
            digests |= {pk: digest for digest, pk in self.taken.items()}
            wanted = Q(pk__in=[])
            for pk, digest in digests.items():
                positions = _places(pk, digest).get(code)
                if positions:
                    wanted |= Q(edition=pk, position__in=positions)
        found: dict[int, list[Told]] = {}
        rows = PublishedLine.objects.filter(wanted, edition__in=keys).order_by("position")
        for edition, measure, agency, assignment, status, is_received in rows.values_list(
            "edition_id",
            "measure_id",
            "agency_id",
            "assignment_id",
            "status",
            "is_received",
        ):
            told = Told(measure, agency, assignment, Status(status), is_received)
            found.setdefault(edition, []).append(told)
        return found

    def _named(self, title: str, subject: Subject) -> str:
        if subject.kind is Kind.ALL:
            return title
        return _("%(name)s: %(title)s") % {
            "name": subject.name(several_forums=self.several),
            "title": title,
        }

    # A publication -----------------------------------------------------------------------------

    def _publication(
        self, event: Event, subject: Subject, lines: Mapping[int, Sequence[Told]]
    ) -> Movement | None:
        round_ = event.round
        title = _("เผยแพร่ผลการติดตามปีงบประมาณ %(year)s") % {"year": round_.label}
        path = reverse("year", args=[round_.code])
        match subject.row:
            case Resolution():
                said = self._of_resolution(round_, subject.row)
                path = f"{subject.path}?year={round_.code}"
            case Agency():
                said = self._of_agency(round_, subject, lines)
                path = f"{subject.path}?year={round_.code}"
            case Province():
                said = self._of_area(round_, lines)
            case _:
                said = [self._of_round(round_), *self._turned(round_)]
        if not said:
            return None
        said += self._turns_of(round_, subject, lines)
        title = self._named(title, subject)
        if round_.is_demo:
            title = _("ตัวอย่าง: %(word)s") % {"word": title}
        return Movement(event, title, said, path)

    def _of_round(self, round_: Round) -> str:
        """Which forums the round followed up, if there are several, and which meeting took note."""
        followed = [each for each in self.forums if each.is_followed_in(round_.year_be)]
        said = _("ผลการดำเนินงานตามข้อเสนอ %(forums)s ปีงบประมาณ %(year)s") % {
            "forums": forums_title(followed if self.several else ()),
            "year": round_.label,
        }
        if round_.meeting_ref:
            said += " " + _("คสป. รับทราบในการประชุมครั้งที่ %(meeting)s") % {
                "meeting": round_.meeting_ref
            }
        return said

    def _turned(self, round_: Round) -> list[str]:
        """How many responses and dates are new, of how many; nothing if none is."""
        every = self.turns(round_)
        if not every:
            return []
        edition = self.editions[round_]
        answers = Counter(each.after for each in every if each.kind is Turning.ANSWERED)
        moved = Counter[Turning](each.kind for each in every)
        del moved[Turning.ANSWERED]
        said = []
        if answers:
            leads = PublishedLine.objects.filter(edition=edition.pk, role=Role.LEAD)
            asked = leads.exclude(measure_id__in=edition.material.replaced).count()
            counts = [f"{each.label} {answers[each]}" for each in Response if answers[each]]
            said.append(
                _("คำตอบใหม่ของหน่วยงานหลัก %(count)s จาก %(asked)s รายการ: %(counts)s")
                % {
                    "count": answers.total(),
                    "asked": asked,
                    "counts": " · ".join(counts),
                }
            )
        if moved:
            dated = sum(
                each.on is not None for each in commitment_changes.said_in(edition).values()
            )
            counts = [
                words % {"count": moved[kind]}
                for kind, words in (
                    (Turning.PAST_DUE, _("เลยกำหนดเพิ่ม %(count)s")),
                    (Turning.POSTPONED, _("เลื่อนกำหนดออกไป %(count)s")),
                    (Turning.ADVANCED, _("เลื่อนกำหนดให้เร็วขึ้น %(count)s")),
                )
                if moved[kind]
            ]
            said.append(
                _("กำหนดแล้วเสร็จที่หน่วยงานแจ้งไว้ %(dated)s รายการ: %(counts)s")
                % {"dated": dated, "counts": " · ".join(counts)}
            )
        return said

    def _turns_of(
        self, round_: Round, subject: Subject, lines: Mapping[int, Sequence[Told]]
    ) -> list[str]:
        """What is new of one subject, each in a line."""
        edition = self.editions[round_]
        if subject.kind is Kind.ALL:
            return []
        if isinstance(subject.row, Resolution):
            measures = edition.frame.measures
            mine = [
                each
                for each in self.turns(round_)
                if measures[each.of.measure].resolution_id == subject.row.pk
            ]
        else:
            own = {each.assignment for each in lines.get(edition.pk, ())}
            mine = [each for each in self.turns(round_) if each.of.assignment in own]
        agencies = edition.named({each.of.agency for each in mine[:LISTED]}) if mine else {}
        told = [
            self._turn(each, edition.frame.measures[each.of.measure], agencies[each.of.agency])
            for each in mine[:LISTED]
        ]
        return _cut(told, of=len(mine))

    def _turn(self, turn: Turn, measure: Measure, agency: Agency) -> str:
        said: dict[str, Any] = {
            "code": measure.shown_code(several_forums=self.several),
            "agency": agency.short,
        }
        for name, value in (("before", turn.before), ("after", turn.after)):
            said[name] = (
                value.label if isinstance(value, Response) else value and format_date(value)
            )
        match turn.kind:
            case Turning.PAST_DUE:
                words = _("%(code)s (%(agency)s): เลยกำหนด %(after)s")
            case Turning.POSTPONED:
                words = _("%(code)s (%(agency)s): เลื่อนกำหนดจาก %(before)s เป็น %(after)s")
            case Turning.ADVANCED:
                words = _("%(code)s (%(agency)s): เลื่อนกำหนดให้เร็วขึ้น จาก %(before)s เป็น %(after)s")
            case _ if turn.before:
                words = _("%(code)s (%(agency)s): เปลี่ยนคำตอบจาก “%(before)s” เป็น “%(after)s”")
            case _:
                words = _("%(code)s (%(agency)s): ตอบว่า “%(after)s”")
        return words % said

    def figures(self, round_: Round) -> list[str]:
        """What a publication comes to, forum by forum: achieved of how many, and what got worse."""
        said = []
        for forum, year in self.year_of(round_).parts:
            values: dict[str, Any] = {"a": year.tally.achieved, "n": year.tally.n}
            if self.several:
                values["year"] = forum.year_be
                said.append(_("เวที %(year)s: บรรลุแล้ว %(a)s จาก %(n)s มาตรการย่อย") % values)
            else:
                said.append(_("บรรลุแล้ว %(a)s จาก %(n)s มาตรการย่อย") % values)
            said += [
                _("%(change)s %(count)s ข้อ") % {"change": change.label, "count": count}
                for change, count in year.changes_to_show
            ]
            said += _cut([self._in_year(each) for each in year.worse])
        return said

    def _of_resolution(self, round_: Round, resolution: Resolution) -> list[str]:
        year = self.year_of(round_)
        shown = next((each for each in year.resolutions if each.resolution == resolution), None)
        if shown is None:
            return []
        if shown.is_replaced:
            return [_("ติดตามต่อภายใต้เวทีหลังทั้งข้อ")]
        before = next(
            (each for each in year.before.resolutions if each.resolution == resolution)
            if year.before
            else iter(()),
            None,
        )
        now = _("สถานะ: %(status)s") % {"status": shown.status.label}
        if before is not None and not before.is_replaced and before.status is not shown.status:
            now = _("สถานะ: %(status)s (ปีก่อน: %(before)s)") % {
                "status": shown.status.label,
                "before": before.status.label,
            }
        counted = _("บรรลุแล้ว %(a)s จาก %(n)s มาตรการย่อย") % {
            "a": shown.tally.achieved,
            "n": shown.tally.n,
        }
        return [
            now,
            counted,
            *(self._in_year(each) for each in shown.measures),
        ]

    def _in_year(self, each: MeasureProgress) -> str:
        before = each.before.status if each.before else None
        return self._measure(each.measure, each.status, each.change, before)

    def _measure(
        self, measure: Measure, status: Status, change: Change | None, before: Status | None
    ) -> str:
        said = {
            "code": measure.shown_code(several_forums=self.several),
            "title": measure.title,
            "status": status.label,
        }
        if change is None:
            return _("%(code)s %(title)s: %(status)s") % said
        said["change"] = change.label
        if before is None or before is status:
            return _("%(code)s %(title)s: %(status)s (%(change)s)") % said
        said["before"] = before.label
        return _("%(code)s %(title)s: %(status)s (%(change)s จากปีก่อน: %(before)s)") % said

    def _of_agency(
        self, round_: Round, subject: Subject, lines: Mapping[int, Sequence[Told]]
    ) -> list[str]:
        edition = self.editions[round_]
        mine = lines.get(edition.pk, ())
        if not mine:
            return []
        earlier = [each for each in self.rounds if each.year_be < round_.year_be]
        then = [lines.get(self.editions[each].pk, ()) for each in earlier]
        before = {each.assignment: each.status for each in (then[0] if then else ())}
        heard = {each.assignment for few in then[1:] for each in few if each.is_received}
        said = [
            _("ได้รับรายงานแล้ว %(received)s จาก %(expected)s รายการ")
            % {"received": sum(each.is_received for each in mine), "expected": len(mine)}
        ]
        own = [each for each in mine if each.agency in subject.keys]
        told = []
        for each in own:
            was = before.get(each.assignment)
            known = each.assignment in heard
            change = Change.between(was, each.status, heard_earlier=known) if was else None
            told.append(
                self._measure(edition.frame.measures[each.measure], each.status, change, was)
            )
        return [*said, *_cut(told)]

    def _of_area(self, round_: Round, lines: Mapping[int, Sequence[Told]]) -> list[str]:
        edition = self.editions[round_]
        mine = lines.get(edition.pk, ())
        if not mine:
            return []
        listed = mine[:LISTED]
        agencies = edition.named({each.agency for each in listed})
        told = [
            _("%(code)s %(title)s (%(agency)s): %(status)s")
            % {
                "code": edition.frame.measures[each.measure].shown_code(
                    several_forums=self.several
                ),
                "title": edition.frame.measures[each.measure].title,
                "agency": agencies[each.agency].short,
                "status": each.status.label,
            }
            for each in listed
        ]
        return [
            _("รายงานที่ระบุว่าดำเนินการในจังหวัดนี้ %(count)s รายการ") % {"count": len(mine)},
            *_cut(told, of=len(mine)),
        ]

    # A correction ------------------------------------------------------------------------------

    def _correction(
        self, event: Event, subject: Subject, lines: Mapping[int, Sequence[Told]]
    ) -> Movement | None:
        snapshot = event.snapshot
        if snapshot is None:
            return None
        effects = self.effects.get(snapshot.pk, ())
        title = _("แก้ไขผลการติดตามปีงบประมาณ %(year)s ฉบับที่ %(number)s") % {
            "year": event.round.label,
            "number": event.number,
        }
        path = f"{reverse('corrections')}?edition={snapshot.pk}#c{snapshot.pk}"
        if subject.kind is Kind.ALL:
            told = effects_text(effects, several_forums=self.several)
            said = _("%(effect)s เหตุผล: %(reason)s") % {
                "effect": " ".join(told.splitlines()),
                "reason": snapshot.reason,
            }
            if count := len(snapshot.changes):
                said += " " + _("แก้ไข %(count)s รายการ") % {"count": count}
            return Movement(event, title, [said], path)
        changes = self._touching(snapshot, subject, lines)
        moved = [
            each for effect in effects for each in effect.moved if _is_of(each.what, subject.row)
        ]
        if not (changes or moved):
            return None
        lines_said = [
            _("%(name)s: แก้สถานะจาก %(before)s เป็น %(after)s")
            % {
                "name": item_name(each.what, several_forums=self.several)
                if isinstance(each.what, Resolution)
                else each.what.shown_code(several_forums=self.several),
                "before": each.before.label if each.before else "–",
                "after": each.after.label if each.after else "–",
            }
            for each in moved
        ]
        codes = list(dict.fromkeys(row["measure"] for row in changes if row["measure"]))
        if changes:
            lines_said.append(
                _("แก้ไข %(count)s รายการ ในมาตรการย่อย %(codes)s")
                % {"count": len(changes), "codes": ", ".join(map(self._shown, codes))}
            )
        lines_said.append(_("เหตุผล: %(reason)s") % {"reason": snapshot.reason})
        return Movement(event, self._named(title, subject), lines_said, path)

    def _shown(self, code: str) -> str:
        return code if self.several else code.rpartition("-")[2]

    def _touching(
        self, snapshot: Snapshot, subject: Subject, lines: Mapping[int, Sequence[Told]]
    ) -> list[Mapping[str, str]]:
        """The changes of a correction that are about the subject."""
        match subject.row:
            case Resolution():
                return [
                    row for row in snapshot.changes if self._is_code_of(row["measure"], subject.row)
                ]
            case Agency():
                return [row for row in snapshot.changes if row["agency"] in subject.codes]
            case Province():
                name = subject.row.name
                here = self._pairs(snapshot.round, lines)
                return [
                    row
                    for row in snapshot.changes
                    if (row["measure"], row["agency"]) in here
                    or (
                        row["field"] == "provinces"
                        and name in f"{row['before']}\n{row['after']}".split("\n")
                    )
                ]
        return list(snapshot.changes)

    def _is_code_of(self, text: str, resolution: Resolution) -> bool:
        """Whether a code of a change is that of a resolution or of one of its measures.

        A short code, of an old edition, means the only forum's.
        """
        code = parse_code(text)
        if code is None or code.resolution != resolution.number:
            return False
        return code.year == resolution.forum.year_be if code.year else not self.several

    def _pairs(self, round_: Round, lines: Mapping[int, Sequence[Told]]) -> set[tuple[str, str]]:
        """(measure, agency), as changes name them, of a province's lines in the standing edition."""
        edition = self.editions.get(round_)
        mine = lines.get(edition.pk, ()) if edition else ()
        if not (edition and mine):
            return set()
        agencies = edition.named({each.agency for each in mine})
        return {
            (edition.frame.measures[each.measure].full_code, agencies[each.agency].code)
            for each in mine
        }

    # An edition that was taken back ------------------------------------------------------------

    def _taken_back(
        self, event: Event, subject: Subject, lines: Mapping[int, Sequence[Told]]
    ) -> Movement | None:
        """Only that, when and why; none of its content."""
        taken = event.taken
        if taken is None or not self._was_in(taken.snapshot, subject, lines):
            return None
        title = _("ถอนการเผยแพร่ผลการติดตามปีงบประมาณ %(year)s ฉบับที่ %(number)s") % {
            "year": event.round.label,
            "number": event.number,
        }
        said = [_("เหตุผล: %(reason)s") % {"reason": taken.note}]
        path = f"{reverse('corrections')}#t{taken.pk}"
        return Movement(event, self._named(title, subject), said, path)

    def _was_in(
        self, taken: Snapshot, subject: Subject, lines: Mapping[int, Sequence[Told]]
    ) -> bool:
        """Whether an edition that was taken back had told the public anything of the subject."""
        if subject.kind is Kind.ALL:
            return True
        if taken.changes:  # a correction
            return bool(self._touching(taken, subject, lines))
        if isinstance(subject.row, Resolution):
            return subject.row.forum.is_followed_in(taken.round.year_be)
        return bool(lines.get(self.taken.get(taken.digest, 0)))


def _is_of(what: Measure | Resolution, row: Any) -> bool:
    if not isinstance(row, Resolution):
        return False
    return (what.pk if isinstance(what, Resolution) else what.resolution_id) == row.pk


def _cut(said: Sequence[str], *, of: int = 0) -> list[str]:
    """The first lines, and how many more there are."""
    more = max(of, len(said)) - LISTED
    shown = list(said[:LISTED])
    return [*shown, _("และอีก %(count)s รายการ") % {"count": more}] if more > 0 else shown
