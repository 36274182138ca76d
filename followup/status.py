"""The status vocabulary: words, shapes, order, groups and the requirements of each status.

The only definition of the statuses. Colours are in the style sheet under `.st-<code>`, shapes in the
symbol sprite under `#s-<code>`. Definitions and colours follow the committee's wording list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from proposals.models import MeasureKind


class Status(models.TextChoices):
    """The status of a measure, from the most to the least done; the order of bars and tables."""

    COMPLETED = "completed", _l("ดำเนินการแล้วเสร็จ")
    CONTINUOUS = "continuous", _l("ดำเนินการต่อเนื่องทุกปี")
    IN_PROGRESS = "in_progress", _l("อยู่ระหว่างดำเนินการ")
    ON_HOLD = "on_hold", _l("ชะลอ / ติดปัญหา")
    NOT_STARTED = "not_started", _l("ยังไม่ดำเนินการ")
    CANCELLED = "cancelled", _l("ยกเลิก / ยุติ")
    NO_REPORT = "no_report", _l("ยังไม่ได้รับรายงาน")  # computed, never stored
    UNASSIGNED = "unassigned", _l("ยังไม่มีผู้รับผิดชอบ")  # no lead agency; computed too

    @property
    def short(self) -> Promise:
        """The label in about ten characters, for table cells."""
        return SHORT[self]

    @property
    def is_unheard(self) -> bool:
        """Whether no report was received; drawn hollow, with a dashed edge."""
        return self in UNHEARD

    @property
    def definition(self) -> Promise:
        """The definition of when to use this status."""
        return DEFINITIONS[self]


SHORT: Mapping[Status, Promise] = {
    Status.COMPLETED: _l("แล้วเสร็จ"),
    Status.CONTINUOUS: _l("ต่อเนื่อง"),
    Status.IN_PROGRESS: _l("กำลังทำ"),
    Status.ON_HOLD: _l("ชะลอ"),
    Status.NOT_STARTED: _l("ยังไม่เริ่ม"),
    Status.CANCELLED: _l("ยุติ"),
    Status.NO_REPORT: _l("ไม่มีรายงาน"),
    Status.UNASSIGNED: _l("ไม่มีผู้รับผิดชอบ"),
}
DEFINITIONS: Mapping[Status, Promise] = {
    Status.COMPLETED: _l("ครบตามข้อความของมาตรการย่อยและมีหลักฐาน"),
    Status.CONTINUOUS: _l("งานประจำทุกปีและมีหลักฐานของปีนั้น"),
    Status.IN_PROGRESS: _l("เริ่มแล้วแต่ยังไม่ครบ รวมกรณีทำแล้วแต่ยังไม่ถึงเป้าหมาย"),
    Status.ON_HOLD: _l("หยุดชั่วคราว ต้องระบุเหตุผล"),
    Status.NOT_STARTED: _l("หน่วยงานรายงานว่ายังไม่เริ่ม"),
    Status.CANCELLED: _l("คสป. มีมติให้ยุติ ต้องอ้างครั้งที่ประชุม"),
    Status.NO_REPORT: _l("ยังไม่มีหน่วยงานใดส่งข้อมูลในรอบนี้ ไม่ได้แปลว่าไม่ได้ทำ"),
    Status.UNASSIGNED: _l(
        "ยังไม่มีหน่วยงานใดได้รับมอบหมายเป็นหน่วยงานหลัก จึงยังไม่มีใครถูกขอรายงาน ไม่นับเป็นความเงียบของหน่วยงานใด"
    ),
}

#: Statuses without a received report: the agency sent none, or no agency was asked.
UNHEARD = frozenset({Status.NO_REPORT, Status.UNASSIGNED})
STORED = tuple(status for status in Status if status not in UNHEARD)
#: The order of the choices in a form: from nothing done to done.
FORM_ORDER = (
    Status.NOT_STARTED,
    Status.IN_PROGRESS,
    Status.ON_HOLD,
    Status.CONTINUOUS,
    Status.COMPLETED,
    Status.CANCELLED,
)
#: What an independent organisation may find. To discontinue a measure is the committee's decision, which
#: cites a meeting, so that nobody else can find it.
ASSESSABLE = tuple(status for status in STORED if status is not Status.CANCELLED)
ACHIEVED = frozenset({Status.COMPLETED, Status.CONTINUOUS})
MOVING = ACHIEVED | {Status.IN_PROGRESS}
#: The statuses that an agency's report, or its absence, can give a measure.
OF_REPORTS = (*STORED, Status.NO_REPORT)
WATCHED = (Status.ON_HOLD, Status.NO_REPORT)  # these need attention

# Rank of each status, for comparing two years. The two achieved ones rank alike: a move from one to
# the other is neither progress nor setback.
_RANK = {
    Status.NOT_STARTED: 0,
    Status.ON_HOLD: 1,
    Status.IN_PROGRESS: 2,
    Status.CONTINUOUS: 3,
    Status.COMPLETED: 3,
}
#: These ranks in words.
STEPS = _l("ขั้น: ยังไม่ดำเนินการ → ชะลอ → อยู่ระหว่างดำเนินการ → ต่อเนื่องหรือแล้วเสร็จ")


class Change(models.TextChoices):
    """The change of a measure since the year before, worse first; lists use this order."""

    DOWN = "down", _l("ถดถอย")
    ENDED = "ended", _l("ยุติในปีนี้")
    GAP = "gap", _l("ปีนี้ไม่มีรายงาน")
    SILENT = "silent", _l("ไม่มีรายงานสองปีติดกัน")
    UP = "up", _l("ดีขึ้น")
    NEW = "new", _l("รายงานครั้งแรก")
    BACK = "back", _l("กลับมารายงาน")
    SAME = "same", _l("คงเดิม")

    @classmethod
    def between(cls, before: Status, now: Status, *, heard_earlier: bool = False) -> Change | None:
        """The change from last year's status to this year's; None if nobody was asked in either year.

        `heard_earlier`: a report was received in a year before last year. Without it the first
        report after a year without one would count as the first report ever.
        """
        if now in UNHEARD and before in UNHEARD:
            return cls.SILENT if now is before is Status.NO_REPORT else None
        if now in UNHEARD:
            return cls.GAP
        if before in UNHEARD:
            return cls.BACK if heard_earlier else cls.NEW
        if now is before:
            return cls.SAME
        if now is Status.CANCELLED:
            return cls.ENDED
        step = _RANK[now] - _RANK.get(before, -1)  # resumed after an end counts as up
        return cls.UP if step > 0 else cls.DOWN if step < 0 else cls.SAME


class Difference(models.TextChoices):
    """What became of a measure from one year to any later one, worse first; lists use this order.

    It is told for these two years, which need not be adjacent: what came between does not matter.
    """

    DOWN = "down", _l("ถดถอย")
    GAP = "gap", _l("เคยรายงาน แต่ปีหลังไม่มีรายงาน")
    ENDED = "ended", _l("ยุติ")
    UP = "up", _l("ดีขึ้น")
    NEW = "new", _l("มีรายงานแล้ว")
    SAME = "same", _l("ไม่เปลี่ยน")
    APART = "apart", _l("เทียบกันไม่ได้")  # neither better nor worse, nor the same

    @property
    def symbol(self) -> str:
        """The name of its mark in the sprite."""
        return f"c-{self.value}"

    @classmethod
    def between(cls, before: Status, now: Status) -> Difference:
        """The difference of two statuses of a measure, by the rules of `Change`.

        Statuses are apart if nobody was asked in one year and nobody answered in the other.
        """
        match Change.between(before, now):
            case Change.DOWN:
                return cls.DOWN
            case Change.GAP:
                return cls.GAP
            case Change.ENDED:
                return cls.ENDED
            case Change.UP:
                return cls.UP
            case Change.NEW | Change.BACK:
                return cls.NEW
            case None if now is not before:
                return cls.APART
        return cls.SAME


WORSE = (Change.DOWN, Change.ENDED, Change.GAP)
BETTER = (Change.UP, Change.NEW, Change.BACK)


def steps_between(published: Status, found: Status) -> int | None:
    """How many steps another finding is above (+) or below (-) the published status.

    0 if both are achieved. None if the published one has no rank: nothing was received, nobody was
    asked, or the measure was discontinued.
    """
    if published not in _RANK:
        return None
    return _RANK[found] - _RANK[published]


def apart_in_words(published: Status, found: Status) -> str:
    """How far another finding is from the published status, from which it differs."""
    steps = steps_between(published, found)
    if steps is None:
        return _("เทียบเป็นขั้นไม่ได้")
    if steps < 0:
        return _("ต่ำกว่า %(n)s ขั้น") % {"n": -steps}
    if steps > 0:
        return _("สูงกว่า %(n)s ขั้น") % {"n": steps}
    return _("บรรลุทั้งคู่ แต่คนละสถานะ")


def offered(kind: str) -> list[Status]:
    """The statuses that a form offers for a measure of this kind, in the order of work."""
    return [status for status in FORM_ORDER if not ruled_out(status, kind)]


def offered_to_assessors(kind: str) -> list[Status]:
    """The statuses that an independent organisation may find of a measure of this kind."""
    return [status for status in offered(kind) if status in ASSESSABLE]


@dataclass(frozen=True)
class Claim:
    """The values of a report that the vocabulary's rules check."""

    status: str
    kind: str  # of the measure
    results: str
    obstacles: str
    meeting: str
    evidence: int  # number of pieces of this year's evidence
    no_change: bool = False
    last: str | None = None  # status of the agency's last report; None if there is none


#: The fields that "no change" copies from the last report if they are empty: the status, and the texts
#: that a status may require.
TAKEN_OVER = ("reported_status", "results", "obstacles", "meeting_ref")


def take_over(values: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    """The `values` of a "no change" report, with empty ones filled from `last`.

    The tick records that somebody checked the last report, so nothing has to be typed again.
    """
    return {**values, **{name: values.get(name) or last[name] for name in TAKEN_OVER}}


def wrong_no_change(claim: Claim) -> str:
    """The reason why "no change" is invalid for this claim, as a Thai sentence; "" if it is valid.

    An earlier report must exist, and the status must equal its status. Drafts are checked as well:
    if tick and status contradict each other, nobody can tell later which of them was meant.
    """
    if not claim.no_change:
        return ""
    if claim.last is None:
        return _("ไม่มีรายงานก่อนหน้านี้ให้เทียบ เอาเครื่องหมายออกแล้วเลือกสถานะ")
    if claim.status and claim.status != claim.last:
        return _(
            "เลือก “ไม่มีการเปลี่ยนแปลงจากรายงานล่าสุด” แต่สถานะต่างจากรายงานล่าสุด (%(status)s) เลือกอย่างใดอย่างหนึ่ง"
        ) % {"status": Status(claim.last).label}
    return ""


def missing(claim: Claim) -> dict[str, str]:
    """The errors that prevent a submission: field name -> Thai sentence; empty if there are none.

    The rules of the vocabulary: on_hold needs a reason, in_progress results, completed and continuous
    evidence, cancelled a meeting. A principle or a recurring duty is never completed. "No change"
    needs an earlier report with the same status.
    """
    lacks = {"no_change": wrong} if (wrong := wrong_no_change(claim)) else {}
    if not claim.status:
        return lacks | {"reported_status": _("เลือกสถานะ")}
    status = Status(claim.status)
    if never := ruled_out(status, claim.kind):
        lacks["reported_status"] = never
    if status is Status.IN_PROGRESS and not claim.results:
        lacks["results"] = _("ระบุผลการดำเนินงาน")
    if status is Status.ON_HOLD and not claim.obstacles:
        lacks["obstacles"] = _("ระบุปัญหา/อุปสรรคที่ทำให้ชะลอ")
    if status in ACHIEVED and not claim.evidence:
        lacks["evidence"] = _("สถานะ “%(status)s” ต้องมีหลักฐานอย่างน้อย 1 รายการ") % {
            "status": status.short
        }
    if status is Status.CANCELLED and not claim.meeting:
        lacks["meeting_ref"] = _("ระบุครั้งที่ประชุม คสป. ที่มีมติให้ยุติ เช่น 2/2567")
    return lacks


@dataclass(frozen=True)
class Assessment:
    """The committee's finding if its status differs from the agency's."""

    status: str
    kind: str  # of the measure
    note: str
    meeting: str
    evidence: int  # number of pieces of this year's evidence


def missing_from_assessment(found: Assessment) -> dict[str, str]:
    """The errors of an assessment: field name -> Thai sentence; empty if there are none.

    It requires the committee's own words, never the agency's: a note, and a meeting for cancelled.
    A status that the measure's kind excludes, or that the counting would not accept, is an error as
    well, because the page would show one status and count another.
    """
    status, lacks = Status(found.status), {}
    if never := ruled_out(status, found.kind):
        lacks["assessed_status"] = never
    elif status in ACHIEVED and not found.evidence:
        lacks["assessed_status"] = _(
            "สถานะ “%(status)s” นับได้เมื่อมีหลักฐานของปีนี้ รายงานนี้ไม่มีหลักฐาน "
            "ส่งกลับให้แนบหลักฐาน หรือประเมินเป็นสถานะอื่น"
        ) % {"status": status.short}
    if not found.note:
        lacks["assessed_note"] = _("ระบุเหตุผลที่ประเมินต่างจากที่หน่วยงานรายงาน")
    if status is Status.CANCELLED and not found.meeting:
        lacks["assessed_meeting"] = _("ระบุครั้งที่ประชุม คสป. ที่มีมติให้ยุติ เช่น 2/2567")
    return lacks


#: How independent organisations assess and how it is counted, for readers.
INDEPENDENT_RULES: Sequence[Promise] = (
    _l(
        "องค์กรภาคประชาสังคมที่จดแจ้งหรือจดทะเบียนแล้ว ขอประเมินโดยอิสระได้ที่ฝ่ายเลขานุการ คสป. "
        "ซึ่งจะบันทึกองค์กรและส่งลิงก์ของรอบให้"
    ),
    _l(
        "องค์กรเลือกมาตรการย่อยเอง ใช้คำสถานะเดียวกับ คสป. พร้อมเหตุผลและหลักฐาน "
        "แล้วเสร็จและต่อเนื่องต้องมีหลักฐาน การยุติเป็นมติของ คสป. จึงไม่มีให้เลือก"
    ),
    _l(
        "ฝ่ายเลขานุการตรวจก่อนเผยแพร่สองเรื่องเท่านั้น: ไม่ขัดต่อกฎหมาย และใช้ถ้อยคำสุภาพ ไม่ตรวจความเห็น "
        "หากส่งกลับต้องบอกว่าเป็นเรื่องใดและเพราะเหตุใด"
    ),
    _l(
        "การประเมินแสดงคู่กับสถานะที่เผยแพร่ในชื่อขององค์กร ไม่เปลี่ยนสถานะนั้น "
        "และไม่อยู่ในจำนวนใดของ คสป. คสป. ตอบได้"
    ),
    _l(
        "วิธีนับ: มาตรการย่อยหนึ่งข้อนับว่าภาคประชาสังคมประเมินว่าบรรลุ "
        "เมื่อทุกองค์กรที่ประเมินข้อนั้นเห็นว่าแล้วเสร็จหรือต่อเนื่อง ไม่มีการหาค่าเฉลี่ย "
        "บอกจำนวนข้อที่ประเมินและจำนวนข้อทั้งหมดคู่กันเสมอ ข้อที่อยู่นอกตัวหารของ คสป. ไม่อยู่ในจำนวนนี้"
    ),
    _l("เมื่อเผยแพร่รอบ การประเมินและคำตอบอยู่ในฉบับนั้น และแก้ได้โดยการแก้ไขหลังเผยแพร่เท่านั้น"),
)


def missing_from_independent(
    *, status: str, kind: str, reason: str, evidence: int
) -> dict[str, str]:
    """The errors that prevent sending an independent assessment: field name -> Thai sentence.

    `kind` is the measure's; `evidence` the number of its pieces. The vocabulary asks the same of it as
    of an agency: an achieved status needs evidence.
    """
    lacks: dict[str, str] = {}
    if status not in {each.value for each in ASSESSABLE}:
        lacks["status"] = _("เลือกสถานะที่ประเมิน")
    elif never := ruled_out(Status(status), kind):
        lacks["status"] = never
    elif Status(status) in ACHIEVED and not evidence:
        lacks["evidence"] = _("สถานะ “%(status)s” ต้องมีหลักฐานอย่างน้อย 1 รายการ") % {
            "status": Status(status).short
        }
    if not reason:
        lacks["reason"] = _("ระบุเหตุผลที่ประเมินเช่นนี้")
    return lacks


def ruled_out(status: Status, kind: str) -> str:
    """The reason why a measure of this kind cannot have this status; "" if it can."""
    if status is Status.COMPLETED and kind in {MeasureKind.PRINCIPLE, MeasureKind.RECURRING}:
        return _("มาตรการย่อยนี้เป็น%(kind)s จึงแล้วเสร็จไม่ได้ เลือก “ดำเนินการต่อเนื่องทุกปี” หรือสถานะอื่น") % {
            "kind": MeasureKind(kind).label
        }
    return ""
