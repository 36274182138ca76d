"""What the public tells or asks about a measure or an agency, and the answers that are shown."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from followup.models.agencies import Agency
from followup.models.reports import FileType, evidence_storage
from followup.models.rounds import Round, Snapshot
from forum_portal.web_address import WebAddress
from forum_portal.years import YEAR_MAX, YEAR_MIN
from proposals.models import Measure


class FeedbackKind(models.TextChoices):
    """What somebody writes for."""

    MORE = "more", _("ให้ข้อมูลเพิ่มเติม")
    FIX = "fix", _("ขอแก้ไข")
    LINK = "link", _("หลักฐานเปิดไม่ได้")
    OTHER = "other", _("เรื่องอื่น")


class FeedbackState(models.TextChoices):
    """How far a message has come; ANSWERED and CORRECTED have an answer, DECLINED its reason."""

    NEW = "new", _("ได้รับแล้ว")
    CHECKING = "checking", _("กำลังตรวจสอบ")
    ANSWERED = "answered", _("ตอบแล้ว")
    CORRECTED = "corrected", _("แก้ไขข้อมูลที่เผยแพร่แล้ว")
    DECLINED = "declined", _("ไม่รับไว้ตอบ")


#: The states of a message that waits for the secretariat.
WAITING = (FeedbackState.NEW, FeedbackState.CHECKING)


class FeedbackCount(models.Model):
    """The last number given in a year; its lock is the turn of whoever sends a message."""

    year_be = models.PositiveSmallIntegerField(_("ปี พ.ศ."), primary_key=True)
    last = models.PositiveIntegerField(_("เลขล่าสุด"), default=0)

    class Meta:
        verbose_name = _("เลขรับเรื่องที่แจ้ง")
        verbose_name_plural = _("เลขรับเรื่องที่แจ้ง")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(year_be__range=(YEAR_MIN, YEAR_MAX)), name="feedback_count_of_be_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.year_be} {self.last}"


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def waiting(self) -> Self:
        """The messages without an answer."""
        return self.filter(state__in=WAITING)

    def with_subject(self) -> Self:
        """With what the pages show of what a message is about."""
        return self.select_related("measure__resolution__forum", "agency", "round").defer(
            "measure__resolution__forum__source_text"
        )


class Feedback(models.Model):
    """One message of a visitor, private to the secretariat and to whoever has its address.

    Of the key in that address the hash alone is stored. Contact, file and `sender` are personal data:
    `purged_at` says when they went, with the text unless its sender agreed to its publication.
    """

    # Of the day of sending, in the Buddhist era; with `serial` it is the number that people see.
    year_be = models.PositiveSmallIntegerField(_("ปี พ.ศ."))
    serial = models.PositiveIntegerField(_("ลำดับที่"))
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    kind = models.CharField(_("ประเภท"), max_length=8, choices=FeedbackKind)
    # What it is about: a measure, an agency or neither. `about` names it by its full code for good.
    measure = models.ForeignKey(
        Measure,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("มาตรการย่อย"),
    )
    agency = models.ForeignKey(
        Agency,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("หน่วยงาน"),
    )
    about = models.CharField(_("รหัสของเรื่อง"), max_length=40, blank=True)
    round = models.ForeignKey(  # the one whose results were read
        Round, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("รอบติดตาม")
    )
    text = models.TextField(_("รายละเอียด"), blank=True)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    url = models.URLField(_("ลิงก์หลักฐาน"), max_length=500, blank=True, validators=[WebAddress()])
    file = models.FileField(_("ไฟล์หลักฐาน"), storage=evidence_storage, max_length=100, blank=True)
    file_name = models.CharField(_("ชื่อไฟล์"), max_length=255, blank=True)
    file_type = models.CharField(_("ชนิดไฟล์"), max_length=5, choices=FileType, blank=True)
    size = models.PositiveBigIntegerField(_("ขนาด (ไบต์)"), null=True, blank=True)
    contact = models.CharField(_("อีเมลหรือโทรศัพท์"), max_length=200, blank=True)
    may_publish = models.BooleanField(_("ยอมให้เผยแพร่เรื่องและคำตอบ"), default=False)
    sender = models.CharField(max_length=32, blank=True, editable=False)  # `hashed_address`
    sent_at = models.DateTimeField(_("ส่งเมื่อ"))
    state = models.CharField(
        _("สถานะ"), max_length=10, choices=FeedbackState, default=FeedbackState.NEW
    )
    version = models.PositiveIntegerField(default=0, editable=False)
    taken_at = models.DateTimeField(_("เริ่มตรวจสอบเมื่อ"), null=True, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ผู้ตรวจสอบ"),
    )
    answer = models.TextField(_("คำตอบหรือเหตุผลที่ไม่รับ"), blank=True)
    closed_at = models.DateTimeField(_("ตอบเมื่อ"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ผู้ตอบ"),
    )
    needs_correction = models.BooleanField(_("ต้องแก้ไขข้อมูลที่เผยแพร่"), default=False)
    corrected_at = models.DateTimeField(_("แก้ไขข้อมูลที่เผยแพร่เมื่อ"), null=True, blank=True)
    correction = models.ForeignKey(
        Snapshot,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ฉบับที่แก้ไข"),
    )
    purged_at = models.DateTimeField(_("ลบข้อมูลส่วนบุคคลเมื่อ"), null=True, blank=True)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name = _("เรื่องที่ประชาชนแจ้ง")
        verbose_name_plural = _("เรื่องที่ประชาชนแจ้ง")
        ordering = ["sent_at", "pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["year_be", "serial"], name="feedback_number_once"),
            models.CheckConstraint(
                condition=Q(year_be__range=(YEAR_MIN, YEAR_MAX)), name="feedback_year_is_buddhist"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=FeedbackKind.values), name="feedback_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=FeedbackState.values), name="feedback_state_known"
            ),
            models.CheckConstraint(
                condition=Q(measure__isnull=True) | Q(agency__isnull=True),
                name="feedback_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state=FeedbackState.NEW, answer="", closed_at__isnull=True)
                | Q(
                    state=FeedbackState.CHECKING,
                    answer="",
                    closed_at__isnull=True,
                    taken_at__isnull=False,
                )
                | (
                    Q(
                        state__in=[
                            FeedbackState.ANSWERED,
                            FeedbackState.CORRECTED,
                            FeedbackState.DECLINED,
                        ],
                        closed_at__isnull=False,
                        taken_at__isnull=False,
                    )
                    & ~Q(answer="")
                ),
                name="feedback_closed_with_an_answer",
            ),
            models.CheckConstraint(
                condition=Q(state=FeedbackState.CORRECTED, corrected_at__isnull=False)
                | (~Q(state=FeedbackState.CORRECTED) & Q(corrected_at__isnull=True)),
                name="feedback_corrected_with_its_state",
            ),
            # A link with another scheme (javascript:, data:) could run in the reader's browser.
            models.CheckConstraint(
                condition=Q(url="") | Q(url__startswith="http://") | Q(url__startswith="https://"),
                name="feedback_url_is_web",
            ),
            models.CheckConstraint(
                condition=Q(file="", file_name="", file_type="", size__isnull=True)
                | (
                    ~Q(file="")
                    & ~Q(file_name="")
                    & Q(file_type__in=FileType.values, size__isnull=False)
                ),
                name="feedback_file_is_described",
            ),
            models.CheckConstraint(
                condition=Q(purged_at__isnull=False) | ~Q(text=""), name="feedback_has_text"
            ),
            models.CheckConstraint(
                condition=Q(purged_at__isnull=True) | Q(contact="", file="", sender=""),
                name="feedback_purged_of_its_sender",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "sent_at"], name="feedback_waiting"),
            models.Index(fields=["sent_at"], name="feedback_lately"),
            models.Index(fields=["digest"], name="feedback_digest"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number that its sender and the secretariat name it by: `F-2569-0147`."""
        return f"F-{self.year_be}-{self.serial:04d}"

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING

    @property
    def is_answered(self) -> bool:
        return self.state in {FeedbackState.ANSWERED, FeedbackState.CORRECTED}


class PublicAnswer(models.Model):
    """A message and its answer as the public reads them, with its sender's consent.

    Public pages read this table alone: what is private of a message cannot get there. `text` is the
    message, or what the secretariat left of it (`is_cut`).
    """

    feedback = models.OneToOneField(
        Feedback, models.CASCADE, related_name="shown", verbose_name=_("เรื่องที่แจ้ง")
    )
    number = models.CharField(_("เลขรับ"), max_length=20)
    measure = models.ForeignKey(
        Measure,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("มาตรการย่อย"),
    )
    agency = models.ForeignKey(
        Agency, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("หน่วยงาน")
    )
    kind = models.CharField(_("ประเภท"), max_length=8, choices=FeedbackKind)
    text = models.TextField(_("เรื่องที่แจ้ง"))
    is_cut = models.BooleanField(_("ปิดบังบางส่วน"), default=False)
    answer = models.TextField(_("คำตอบ"))
    sent_on = models.DateField(_("แจ้งเมื่อ"))
    answered_on = models.DateField(_("ตอบเมื่อ"))
    correction = models.ForeignKey(
        Snapshot,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ฉบับที่แก้ไข"),
    )

    class Meta:
        verbose_name = _("คำถามและคำตอบที่เผยแพร่")
        verbose_name_plural = _("คำถามและคำตอบที่เผยแพร่")
        ordering = ["-answered_on", "-pk"]
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=Q(measure__isnull=False, agency__isnull=True)
                | Q(measure__isnull=True, agency__isnull=False),
                name="public_answer_about_one_thing",
            ),
            models.CheckConstraint(
                condition=~Q(text="") & ~Q(answer=""), name="public_answer_has_both_texts"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=FeedbackKind.values), name="public_answer_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.number
