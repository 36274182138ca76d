"""The status vocabulary: words, shapes, order, groups and what each status demands.

The only place that knows the statuses. Colours live in the style sheet under `.st-<code>`, shapes in
the symbol sprite under `#s-<code>`. Definitions and colours follow the committee's wording list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from proposals.models import MeasureKind


class Status(models.TextChoices):
    """How far a measure has come, from the most to the least done; the order of bars and tables."""

    COMPLETED = "completed", _l("ดำเนินการแล้วเสร็จ")
    CONTINUOUS = "continuous", _l("ดำเนินการต่อเนื่องทุกปี")
    IN_PROGRESS = "in_progress", _l("อยู่ระหว่างดำเนินการ")
    ON_HOLD = "on_hold", _l("ชะลอ / ติดปัญหา")
    NOT_STARTED = "not_started", _l("ยังไม่ดำเนินการ")
    CANCELLED = "cancelled", _l("ยกเลิก / ยุติ")
    NO_REPORT = "no_report", _l("ยังไม่ได้รับรายงาน")  # computed, never stored
    UNASSIGNED = "unassigned", _l("ยังไม่มีผู้รับผิดชอบ")  # of a measure that nobody leads; likewise

    @property
    def short(self) -> Promise:
        """The word in ten characters or so, for table cells."""
        return SHORT[self]

    @property
    def is_unheard(self) -> bool:
        """Whether nothing was received: drawn hollow, with a broken edge."""
        return self in UNHEARD

    @property
    def definition(self) -> Promise:
        """When this status is to be used."""
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

#: Nothing was received: of those who were asked, or because nobody was.
UNHEARD = frozenset({Status.NO_REPORT, Status.UNASSIGNED})
STORED = tuple(status for status in Status if status not in UNHEARD)
#: The order in which a form offers them: from nothing done to done.
FORM_ORDER = (
    Status.NOT_STARTED,
    Status.IN_PROGRESS,
    Status.ON_HOLD,
    Status.CONTINUOUS,
    Status.COMPLETED,
    Status.CANCELLED,
)
ACHIEVED = frozenset({Status.COMPLETED, Status.CONTINUOUS})
MOVING = ACHIEVED | {Status.IN_PROGRESS}
#: What an agency's own report, or its absence, can say of a measure.
OF_REPORTS = (*STORED, Status.NO_REPORT)
WATCHED = (Status.ON_HOLD, Status.NO_REPORT)  # what needs watching

# How far along, for comparing two years. The two achieved ones rank alike: moving from one to the
# other is no progress and no setback.
_RANK = {
    Status.NOT_STARTED: 0,
    Status.ON_HOLD: 1,
    Status.IN_PROGRESS: 2,
    Status.CONTINUOUS: 3,
    Status.COMPLETED: 3,
}


class Change(models.TextChoices):
    """What became of a measure since the year before, worse first: the order in which it is told."""

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
        """The change from last year's status to this year's; None where nobody was asked then or now.

        `heard_earlier`: a report was received in some year before last year. Without it the first
        report after a silent year would pass for the first report ever.
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
        step = _RANK[now] - _RANK.get(before, -1)  # taken up again after an end counts as up
        return cls.UP if step > 0 else cls.DOWN if step < 0 else cls.SAME


WORSE = (Change.DOWN, Change.ENDED, Change.GAP)
BETTER = (Change.UP, Change.NEW, Change.BACK)


@dataclass(frozen=True)
class Claim:
    """What a report says for itself, as far as the vocabulary has rules for it."""

    status: str
    kind: str  # of the measure
    results: str
    obstacles: str
    meeting: str
    evidence: int  # number of pieces of this year's evidence


def missing(claim: Claim) -> dict[str, str]:
    """What a claim lacks before it may be submitted: field name -> Thai sentence. Empty: nothing.

    The rules are the vocabulary's own: a reason for on_hold, results for in_progress, evidence for
    completed and continuous, a meeting for cancelled; a principle or a recurring duty is never
    completed.
    """
    if not claim.status:
        return {"reported_status": _("เลือกสถานะ")}
    status, lacks = Status(claim.status), {}
    if never := _never(status, claim.kind):
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
    """What the committee finds where it finds another status than the agency reports."""

    status: str
    kind: str  # of the measure
    note: str
    meeting: str
    evidence: int  # number of pieces of this year's evidence


def missing_from_assessment(found: Assessment) -> dict[str, str]:
    """What an assessment lacks before it can stand: field name -> Thai sentence. Empty: nothing.

    It demands the committee's own words, never the agency's: a note, and a meeting for cancelled.
    What the measure's kind rules out and what the counting would not take is refused here as well,
    since the page would show one status and count another.
    """
    status, lacks = Status(found.status), {}
    if never := _never(status, found.kind):
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


def _never(status: Status, kind: str) -> str:
    """Why a measure of this kind is never in this status; "" where it may be."""
    if status is Status.COMPLETED and kind in {MeasureKind.PRINCIPLE, MeasureKind.RECURRING}:
        return _("มาตรการย่อยนี้เป็น%(kind)s จึงแล้วเสร็จไม่ได้ เลือก “ดำเนินการต่อเนื่องทุกปี” หรือสถานะอื่น") % {
            "kind": MeasureKind(kind).label
        }
    return ""
