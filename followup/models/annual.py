"""The annual report: what people write for it, and what was printed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from followup.models.history import Batched
from followup.models.rounds import Round, Snapshot


class Narrative(models.Model):
    """A text of a round's annual report that somebody wrote, or accepted as it was drafted.

    A slot without a row is drafted from the figures, and the report says that it is.
    """

    round = models.ForeignKey(
        Round, models.CASCADE, related_name="narratives", verbose_name=_("รอบติดตาม")
    )
    # preface, summary, recommendations, next_steps, or resolution-2565-3
    slot = models.CharField(_("ส่วนของรายงาน"), max_length=40)
    text = models.TextField(_("ข้อความ"))
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
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
        return f"{self.round.year_be} {self.slot}"


class Printed(models.TextChoices):
    """What is kept of an annual report: its content, and the files made of it."""

    DOCUMENT = "document", _("เนื้อหา")
    PDF = "pdf", "PDF"
    DOCX = "docx", "DOCX"


class RenderedReport(models.Model):
    """An edition's annual report, kept: the same bytes a year later. Never changed."""

    snapshot = models.ForeignKey(
        Snapshot, models.CASCADE, related_name="printed", verbose_name=_("ฉบับที่เผยแพร่")
    )
    kind = models.CharField(_("ชนิด"), max_length=10, choices=Printed)
    content = models.BinaryField(editable=False)
    digest = models.CharField("SHA-256", max_length=64, editable=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("รายงานประจำปีที่เก็บไว้")
        verbose_name_plural = _("รายงานประจำปีที่เก็บไว้")
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "kind"], name="rendered_report_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=Printed.values), name="rendered_report_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.snapshot} {self.kind}"
