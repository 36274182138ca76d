"""The independent voice: registered organisations of civil society, and what they find of a measure.

An assessment stands beside what the committee publishes and never changes it. It is moderated for law
and decency only, and it is public once its round is published.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from followup.models.contacts import SignedLink
from followup.models.history import Batched
from followup.models.link_checks import CheckedLink
from followup.models.rounds import Round
from followup.status import ASSESSABLE, Status
from forum_portal.languages import localised
from forum_portal.thai import sort_key
from forum_portal.web_address import WebAddress
from proposals.models import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

_STATUSES = [status.value for status in ASSESSABLE]
#: Characters of a reason, and of an answer.
REASON_LIMIT = 4000
#: Characters of an organisation's name that the history keeps of who wrote.
_VIA = 100


class Organisation(models.Model):
    """A registered organisation of civil society that may assess measures.

    It is a body, not a person: nothing of a person is kept of it.
    """

    name_th = models.CharField(_("ชื่อองค์กร"), max_length=200)
    name_en = models.CharField(_("ชื่อภาษาอังกฤษ"), max_length=200, blank=True)
    registration_number = models.CharField(_("เลขที่จดแจ้งหรือจดทะเบียน"), max_length=60)
    website = models.URLField(_("เว็บไซต์"), max_length=500, blank=True, validators=[WebAddress()])
    since = models.DateField(_("เชิญเมื่อ"))
    ended_on = models.DateField(_("สิ้นสุดเมื่อ"), null=True, blank=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("ผู้เชิญ"),
    )
    sort_key = models.CharField(max_length=400, editable=False)  # Thai alphabetical order
    history = HistoricalRecords(bases=[Batched])

    class Meta:
        verbose_name = _("องค์กรภาคประชาสังคมผู้ประเมิน")
        verbose_name_plural = _("องค์กรภาคประชาสังคมผู้ประเมิน")
        ordering = ["sort_key", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name_th=""), name="organisation_has_name"),
            models.CheckConstraint(
                condition=~Q(registration_number=""), name="organisation_has_number"
            ),
            models.UniqueConstraint(
                fields=["registration_number"],
                name="organisation_once",
                violation_error_message=_("มีองค์กรที่ใช้เลขที่จดแจ้งนี้แล้ว"),
            ),
            models.CheckConstraint(
                condition=Q(website="")
                | Q(website__startswith="http://")
                | Q(website__startswith="https://"),
                name="organisation_website_is_web",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("since")),
                name="organisation_ends_after_beginning",
            ),
        ]

    def __str__(self) -> str:
        return self.name_th

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = sort_key(self.name_th)
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        """In the page's language."""
        return localised(self, "name")

    @property
    def is_active(self) -> bool:
        """Whether it may assess: it was invited, and its registration here has not ended."""
        return self.ended_on is None


class AssessorLink(SignedLink):
    """The link with which one organisation assesses measures in one round."""

    round = models.ForeignKey(  # type: ignore[assignment]
        Round, models.CASCADE, related_name="assessor_links", verbose_name=_("รอบติดตาม")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="links", verbose_name=_("องค์กร")
    )

    class Meta:
        verbose_name = _("ลิงก์ขององค์กรผู้ประเมิน")
        verbose_name_plural = _("ลิงก์ขององค์กรผู้ประเมิน")
        ordering = ["-issued_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")),
                name="assessor_link_expires_after_issue",
            ),
            models.UniqueConstraint(
                fields=["round", "organisation"],
                condition=Q(revoked_at__isnull=True),
                name="assessor_link_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round.label} {self.organisation}"

    @property
    def writer(self) -> str:
        return self.organisation.name_th[:_VIA]

    @property
    def about(self) -> dict[str, int]:
        return {"organisation": self.organisation_id, "round": self.round_id}


class AssessmentState(models.TextChoices):
    """Where an assessment stands; only an accepted one is published."""

    DRAFT = "draft", _("ฉบับร่าง")
    SUBMITTED = "submitted", _("ส่งแล้ว รอตรวจ")
    RETURNED = "returned", _("ส่งกลับ")
    ACCEPTED = "accepted", _("รับแล้ว")
    WITHDRAWN = "withdrawn", _("องค์กรดึงกลับ")


#: The states in which the organisation may write.
WRITABLE = frozenset({AssessmentState.DRAFT, AssessmentState.RETURNED, AssessmentState.WITHDRAWN})


class Ground(models.TextChoices):
    """The only two grounds on which an assessment is returned. What it finds is none of them."""

    LAW = "law", _("ขัดต่อกฎหมาย เช่น หมิ่นประมาท หรือเปิดเผยข้อมูลส่วนบุคคล")
    DECENCY = "decency", _("ถ้อยคำไม่สุภาพ หรือดูหมิ่น")


class Assessment(models.Model):
    """What one organisation finds of one measure in one round."""

    round = models.ForeignKey(
        Round, models.CASCADE, related_name="assessments", verbose_name=_("รอบติดตาม")
    )
    measure = models.ForeignKey(
        Measure, models.PROTECT, related_name="assessments", verbose_name=_("มาตรการย่อย")
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="assessments", verbose_name=_("องค์กร")
    )
    status = models.CharField(
        _("สถานะที่ประเมิน"),
        max_length=12,
        blank=True,
        choices=[(status.value, status.label) for status in ASSESSABLE],
    )
    reason = models.TextField(_("เหตุผล"), blank=True)
    state = models.CharField(
        _("ขั้นตอน"), max_length=10, choices=AssessmentState, default=AssessmentState.DRAFT
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    updated_at = models.DateTimeField(_("บันทึกล่าสุด"), default=timezone.now, editable=False)
    submitted_at = models.DateTimeField(_("ส่งเมื่อ"), null=True, blank=True)
    submitted_link = models.ForeignKey(
        AssessorLink,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ลิงก์ที่ส่งผ่าน"),
    )
    decided_at = models.DateTimeField(_("ตรวจเมื่อ"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ผู้ตรวจ"),
    )
    return_ground = models.CharField(_("เหตุที่ส่งกลับ"), max_length=8, choices=Ground, blank=True)
    return_reason = models.TextField(_("คำอธิบายเหตุที่ส่งกลับ"), blank=True)
    history = HistoricalRecords(bases=[Batched])

    class Meta:
        verbose_name = _("การประเมินของภาคประชาสังคม")
        verbose_name_plural = _("การประเมินของภาคประชาสังคม")
        ordering = ["round", "measure", "organisation"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "measure", "organisation"], name="assessment_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=AssessmentState.values), name="assessment_state_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["", *_STATUSES]), name="assessment_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "accepted"])
                | (~Q(status="") & ~Q(reason="") & Q(submitted_at__isnull=False)),
                name="assessment_submitted_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(decided_at__isnull=False),
                name="assessment_accepted_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(return_ground__in=["", *Ground.values]),
                name="assessment_ground_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | (~Q(return_ground="") & ~Q(return_reason="")),
                name="assessment_returned_has_ground",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "submitted_at"], name="assessment_state_submitted")
        ]

    def __str__(self) -> str:
        return f"{self.round.label} {self.measure} {self.organisation}"

    @property
    def found(self) -> Status:
        """The status that the organisation finds; of a complete assessment."""
        return Status(self.status)

    @property
    def assessed_on(self) -> date | None:
        """The day on which the organisation sent it in."""
        return timezone.localdate(self.submitted_at) if self.submitted_at else None

    @property
    def is_writable(self) -> bool:
        """Whether its organisation may write it now, as far as its own state says."""
        return self.state in WRITABLE

    @property
    def answered(self) -> AssessmentAnswer | None:
        """The committee's answer; None without one."""
        return getattr(self, "answer", None)

    @property
    def pieces(self) -> Sequence[AssessmentEvidence]:
        """Its evidence, in its order."""
        return list(self.evidence.all())


class AssessmentEvidence(CheckedLink, models.Model):
    """A link that backs an assessment."""

    assessment = models.ForeignKey(
        Assessment, models.CASCADE, related_name="evidence", verbose_name=_("การประเมิน")
    )
    title = models.CharField(_("ชื่อหลักฐาน"), max_length=200)
    url = models.URLField(_("ลิงก์"), max_length=500, validators=[WebAddress()])
    position = models.PositiveSmallIntegerField(default=0, editable=False)
    history = HistoricalRecords(bases=[Batched])

    class Meta:
        verbose_name = _("หลักฐานของการประเมิน")
        verbose_name_plural = _("หลักฐานของการประเมิน")
        ordering = ["assessment", "position", "pk"]
        constraints = [
            # A link with another scheme (javascript:, data:) could run in the reader's browser.
            models.CheckConstraint(
                condition=Q(url__startswith="http://") | Q(url__startswith="https://"),
                name="assessment_evidence_is_web",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="assessment_evidence_has_title"),
        ]

    def __str__(self) -> str:
        return self.title


class AssessmentAnswer(models.Model):
    """What the committee answers to an assessment; published with it."""

    assessment = models.OneToOneField(
        Assessment, models.CASCADE, related_name="answer", verbose_name=_("การประเมิน")
    )
    text = models.TextField(_("คำตอบของ คสป."))
    meeting_ref = models.CharField(_("การประชุม คสป. ครั้งที่"), max_length=40, blank=True)
    answered_on = models.DateField(_("ตอบเมื่อ"))
    history = HistoricalRecords(bases=[Batched])

    class Meta:
        verbose_name = _("คำตอบของ คสป. ต่อการประเมิน")
        verbose_name_plural = _("คำตอบของ คสป. ต่อการประเมิน")
        ordering = ["assessment"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="assessment_answer_has_text")
        ]

    def __str__(self) -> str:
        return str(self.assessment)
