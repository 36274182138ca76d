"""Forums that are being entered. Nothing of them is public: no public code reads this table."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forum_portal.years import YEAR_MAX, YEAR_MIN
from proposals.models import Forum


class ForumDraft(models.Model):
    """One forum while an administrator enters it, or changes it before its first reports.

    A draft is a document, not rows: `content` has the form of a forum's file (`followup.forum_file`),
    with what is marked but not complete (`followup.forum_marks`). After its publication the draft is
    settled: `published_at` is set, and it is opened again from the stored forum.
    """

    year_be = models.PositiveSmallIntegerField(_("ปี พ.ศ."), unique=True)
    source_text = models.TextField(_("ข้อความต้นฉบับ"), blank=True)
    source_name = models.CharField(_("แฟ้มต้นฉบับ"), max_length=200, blank=True)
    content = models.JSONField(_("เนื้อหา"), default=dict)
    version = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("เริ่มเมื่อ"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ผู้เริ่ม"),
    )
    changed_at = models.DateTimeField(_("บันทึกล่าสุด"), null=True, blank=True)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ผู้บันทึก"),
    )
    published_at = models.DateTimeField(_("เผยแพร่เมื่อ"), null=True, blank=True)

    class Meta:
        verbose_name = _("ร่างเวที")
        verbose_name_plural = _("ร่างเวที")
        ordering = ["-year_be"]
        constraints = [
            models.CheckConstraint(
                condition=Q(year_be__range=(YEAR_MIN, YEAR_MAX)),
                name="forum_draft_year_is_buddhist",
            ),
        ]

    def __str__(self) -> str:
        return gettext("ร่างเวที %(year)s") % {"year": self.year_be}


class SourceCorrection(models.Model):
    """A public correction of a forum's texts after a round expects reports of it.

    Until then the texts change in the draft. `about` is the full code of a proposal or measure, or the
    forum's year; `name` the field, "source_text" for words of the source document.
    """

    forum = models.ForeignKey(
        Forum, models.CASCADE, related_name="source_corrections", verbose_name=_("การประชุม")
    )
    about = models.CharField(_("ข้อ"), max_length=20)
    name = models.CharField(_("ช่อง"), max_length=40)
    before = models.TextField(_("เดิม"), blank=True)
    after = models.TextField(_("แก้เป็น"))
    reason = models.TextField(_("เหตุผลต่อสาธารณะ"))
    made_at = models.DateTimeField(_("แก้เมื่อ"), auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ผู้แก้ไข"),
    )

    class Meta:
        verbose_name = _("การแก้ข้อความของเวที")
        verbose_name_plural = _("การแก้ข้อความของเวที")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(after=""), name="source_correction_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.about} {self.name}"
