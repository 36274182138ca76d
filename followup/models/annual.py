"""The annual report: its texts, and its printed files."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from followup.models.history import Batched
from followup.models.rounds import Round, Snapshot
from forum_portal.languages import LANGUAGES
from proposals.codes import parse_code

#: The slots for texts about the whole report, in the report's order.
SLOTS = {
    "preface": _("คำนำ"),
    "summary": _("บทสรุปผู้บริหาร"),
    "recommendations": _("ข้อเสนอแนะ"),
    "next_steps": _("การดำเนินการในระยะต่อไป"),
    "meeting": _("มติที่ประชุม"),
}
_RESOLUTION = "resolution"


def resolution_slot(forum_year: int, number: int) -> str:
    """The slot for a comment on a resolution: `resolution-2565-3`."""
    return f"{_RESOLUTION}-{forum_year}-{number}"


def slot_label(slot: str, *, several_forums: bool) -> str:
    """The Thai name of a slot; a resolution's has its forum if there are several forums.

    A slot that no report has any more still gets its name.
    """
    kind, _dash, proposal = slot.partition("-")
    if kind == _RESOLUTION and (code := parse_code(proposal)):
        if several_forums and code.year:
            return gettext("ข้อคิดเห็นต่อเวที %(year)s ข้อเสนอที่ %(number)s") % {
                "year": code.year,
                "number": code.resolution,
            }
        return gettext("ข้อคิดเห็นต่อข้อเสนอที่ %(number)s") % {"number": code.resolution}
    return str(SLOTS.get(slot, slot))


class Narrative(models.Model):
    """A text of a round's annual report that somebody wrote, or accepted as drafted.

    A slot without a row is drafted from the figures, and the report marks it as a draft text.
    """

    round = models.ForeignKey(
        Round, models.CASCADE, related_name="narratives", verbose_name=_("รอบติดตาม")
    )
    # a key of SLOTS, or a slot made by resolution_slot
    slot = models.CharField(_("ส่วนของรายงาน"), max_length=40)
    text = models.TextField(_("ข้อความ"))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ผู้รับรอง"),
    )
    accepted_at = models.DateTimeField(_("รับรองเมื่อ"))
    history = HistoricalRecords(bases=[Batched])

    class Meta:
        verbose_name = _("ข้อความในรายงานประจำปี")
        verbose_name_plural = _("ข้อความในรายงานประจำปี")
        ordering = ["round", "slot"]
        constraints = [
            models.UniqueConstraint(fields=["round", "slot"], name="narrative_once"),
            models.CheckConstraint(condition=~models.Q(text=""), name="narrative_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.round.label} {slot_label(self.slot, several_forums=True)}"


class Printed(models.TextChoices):
    """The stored forms of an annual report: its content, and the files made from it."""

    DOCUMENT = "document", _("เนื้อหา")
    PDF = "pdf", "PDF"
    DOCX = "docx", "DOCX"
    PAGE = "page", _("หน้าเว็บ")


class RenderedReport(models.Model):
    """The stored annual report of an edition in a language. It never changes: its bytes stay the same.

    A page for the web has the numbers of its part and of the page within it; the beginning has 0 and 0.
    """

    snapshot = models.ForeignKey(
        Snapshot, models.CASCADE, related_name="printed", verbose_name=_("ฉบับที่เผยแพร่")
    )
    kind = models.CharField(_("ชนิด"), max_length=10, choices=Printed)
    language = models.CharField(
        _("ภาษา"), max_length=2, choices=list(LANGUAGES.items()), default=settings.LANGUAGE_CODE
    )
    part = models.PositiveSmallIntegerField(_("ส่วนที่"), default=0)
    page = models.PositiveSmallIntegerField(_("หน้าที่"), default=0)
    content = models.BinaryField(editable=False)
    digest = models.CharField("SHA-256", max_length=64, editable=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("รายงานประจำปีที่เก็บไว้")
        verbose_name_plural = _("รายงานประจำปีที่เก็บไว้")
        constraints = [
            models.UniqueConstraint(
                fields=["snapshot", "kind", "language", "part", "page"], name="rendered_report_once"
            ),
            models.CheckConstraint(
                condition=models.Q(kind=Printed.PAGE) | models.Q(part=0, page=0),
                name="rendered_report_part_of_page",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=Printed.values), name="rendered_report_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(language__in=list(LANGUAGES)),
                name="rendered_report_language_known",
            ),
        ]

    def __str__(self) -> str:
        place = f" {self.part}.{self.page}" if self.kind == Printed.PAGE else ""
        return f"{self.snapshot} {self.kind}{place}"


class PrintState(models.TextChoices):
    PRINTING = "printing", _("กำลังจัดทำ")
    DONE = "done", _("เสร็จแล้ว")
    FAILED = "failed", _("ไม่สำเร็จ")


class PrintJob(models.Model):
    """A file of a report while it is being made, so that pages can show its progress.

    A draft's file stays here for a day. An edition's file moves to `RenderedReport`, and its job is
    deleted.
    """

    key = models.CharField(max_length=64, unique=True, editable=False)  # SHA-256 of its content
    kind = models.CharField(_("ชนิด"), max_length=10, choices=Printed)
    document = models.TextField(editable=False)  # the report as JSON
    is_fitted = models.BooleanField(default=False, editable=False)  # each part fits on one page
    snapshot = models.ForeignKey(
        Snapshot,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ฉบับที่เผยแพร่"),
    )
    state = models.CharField(
        _("สถานะ"), max_length=10, choices=PrintState, default=PrintState.PRINTING
    )
    begun_at = models.DateTimeField(_("เริ่มเมื่อ"))
    #: The last sign of life of the process that prints it; null while a request prints it.
    alive_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(_("เสร็จเมื่อ"), null=True, blank=True)
    #: The job that prints it (see `followup.jobs`); null while a request prints it.
    task = models.UUIDField(null=True, editable=False)
    content = models.BinaryField(editable=False, default=b"")

    class Meta:
        verbose_name = _("งานจัดทำไฟล์รายงาน")
        verbose_name_plural = _("งานจัดทำไฟล์รายงาน")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[Printed.PDF, Printed.DOCX]),
                name="print_job_kind_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state=PrintState.PRINTING, ended_at__isnull=True)
                | models.Q(state__in=[PrintState.DONE, PrintState.FAILED], ended_at__isnull=False),
                name="print_job_ends_with_its_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key[:8]}"
