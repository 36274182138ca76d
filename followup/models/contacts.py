"""Contact with agencies: focal points, letters, links to the agency's form, digests."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from followup.models.agencies import Agency
from followup.models.history import Batched
from followup.models.rounds import Round


class FocalPoint(models.Model):
    """An agency's contact person for its reports. Never shown to the public."""

    agency = models.ForeignKey(
        Agency, models.CASCADE, related_name="focal_points", verbose_name=_("หน่วยงาน")
    )
    name = models.CharField(_("ชื่อ"), max_length=150)
    position = models.CharField(_("ตำแหน่ง"), max_length=150, blank=True)
    email = models.EmailField(_("อีเมล"), blank=True)
    phone = models.CharField(_("โทรศัพท์"), max_length=40, blank=True)
    is_main = models.BooleanField(_("ผู้ประสานงานหลัก"), default=False)

    class Meta:
        verbose_name = _("ผู้ประสานงานของหน่วยงาน")
        verbose_name_plural = _("ผู้ประสานงานของหน่วยงาน")
        ordering = ["agency", "-is_main", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["agency"],
                condition=Q(is_main=True),
                name="focal_point_one_main",
                violation_error_message=_("หน่วยงานหนึ่งมีผู้ประสานงานหลักได้คนเดียว"),
            ),
            models.CheckConstraint(
                condition=~Q(email="") | ~Q(phone=""),
                name="focal_point_can_be_reached",
                violation_error_message=_("ระบุอีเมลหรือโทรศัพท์อย่างน้อยหนึ่งอย่าง"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Letter(models.Model):
    """A follow-up letter to an agency in a round, and whether it was answered."""

    ATTEMPTS = (1, 2, 3)

    round = models.ForeignKey(
        Round, models.CASCADE, related_name="letters", verbose_name=_("รอบติดตาม")
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="letters", verbose_name=_("หน่วยงาน")
    )
    attempt = models.PositiveSmallIntegerField(_("ครั้งที่"))
    number = models.CharField(_("เลขที่หนังสือ"), max_length=60)
    sent_on = models.DateField(_("ลงวันที่"))
    answer_by = models.DateField(_("ขอคำตอบภายใน"))
    answered_on = models.DateField(_("ได้รับคำตอบเมื่อ"), null=True, blank=True)
    #: What the agency itself says about its missing reports; published with the round, unlike the note.
    explanation = models.TextField(_("คำชี้แจงในหนังสือตอบ"), blank=True)
    note = models.TextField(_("บันทึก"), blank=True)
    history = HistoricalRecords(bases=[Batched])

    class Meta:
        verbose_name = _("หนังสือติดตาม")
        verbose_name_plural = _("หนังสือติดตาม")
        ordering = ["round", "agency", "attempt"]
        constraints = [
            models.UniqueConstraint(fields=["round", "agency", "attempt"], name="letter_once"),
            models.CheckConstraint(
                condition=Q(attempt__in=[1, 2, 3]), name="letter_attempt_one_to_three"
            ),
            models.CheckConstraint(condition=~Q(number=""), name="letter_has_number"),
            models.CheckConstraint(
                condition=Q(answer_by__gte=F("sent_on")), name="letter_answer_after_sending"
            ),
            models.CheckConstraint(
                condition=Q(answered_on__isnull=True) | Q(answered_on__gte=F("sent_on")),
                name="letter_answered_after_sending",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class SignedLink(models.Model):
    """A signed address with which somebody without an account writes in one round.

    The address carries a signature over `key`. A deleted, revoked or expired link opens nothing. Who
    holds it is up to each kind.
    """

    round: models.ForeignKey[Round]
    key = models.CharField(max_length=32, unique=True, editable=False)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("ผู้ออก"),
    )
    issued_at = models.DateTimeField(_("ออกเมื่อ"))
    expires_at = models.DateTimeField(_("หมดอายุ"))
    revoked_at = models.DateTimeField(_("ยกเลิกเมื่อ"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ผู้ยกเลิก"),
    )
    revoke_reason = models.CharField(_("เหตุผลที่ยกเลิก"), max_length=200, blank=True)

    class Meta:
        abstract = True

    @property
    def last_day(self) -> date:
        """The last day on which it works; it expires at midnight after that day."""
        return timezone.localdate(self.expires_at - timedelta(microseconds=1))

    @property
    def writer(self) -> str:
        """How the history names who writes through it."""
        raise NotImplementedError

    @property
    def about(self) -> dict[str, int]:
        """The keys of what it is for, as the record notes them."""
        raise NotImplementedError


class AgencyLink(SignedLink):
    """The link with which one agency fills in one round's reports."""

    round = models.ForeignKey(  # type: ignore[assignment]
        Round, models.CASCADE, related_name="links", verbose_name=_("รอบติดตาม")
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="links", verbose_name=_("หน่วยงาน")
    )

    class Meta:
        verbose_name = _("ลิงก์ให้หน่วยงานกรอกเอง")
        verbose_name_plural = _("ลิงก์ให้หน่วยงานกรอกเอง")
        ordering = ["-issued_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")), name="link_expires_after_issue"
            ),
            models.UniqueConstraint(
                fields=["round", "agency"],
                condition=Q(revoked_at__isnull=True),
                name="link_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round.label} {self.agency.short}"

    @property
    def writer(self) -> str:
        return self.agency.link_name

    @property
    def about(self) -> dict[str, int]:
        return {"agency": self.agency_id, "round": self.round_id}


class LinkUse(models.Model):
    """One use of an agency's link: what was done, and when.

    `user` is who was signed in when it was opened. Such a person only looks at the pages.
    """

    class Act(models.TextChoices):
        OPENED = "opened", _("เปิดดู")
        PREVIEWED = "previewed", _("เปิดดูขณะเข้าสู่ระบบ")
        SAVED = "saved", _("บันทึกร่าง")
        SUBMITTED = "submitted", _("ส่งรายงาน")
        REPLIED = "replied", _("ชี้แจงผลประเมิน")
        RECALLED = "recalled", _("ดึงรายงานกลับมาแก้ไข")

    link = models.ForeignKey(AgencyLink, models.CASCADE, related_name="uses", verbose_name=_("ลิงก์"))
    act = models.CharField(_("การใช้"), max_length=10, choices=Act)
    at = models.DateTimeField(_("เมื่อ"), auto_now_add=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ผู้ใช้"),
    )
    report = models.ForeignKey(
        "followup.StatusReport",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("รายงานผล"),
    )

    class Meta:
        verbose_name = _("การใช้ลิงก์ของหน่วยงาน")
        verbose_name_plural = _("การใช้ลิงก์ของหน่วยงาน")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.link} {self.get_act_display()}"


class Digest(models.Model):
    """Records that a person's digest of a day was sent, so that it is not sent twice."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="digests",
        verbose_name=_("ผู้ใช้"),
    )
    day = models.DateField(_("วันที่"))
    sent_at = models.DateTimeField(_("ส่งเมื่อ"), auto_now_add=True)

    class Meta:
        verbose_name = _("อีเมลสรุปประจำวัน")
        verbose_name_plural = _("อีเมลสรุปประจำวัน")
        ordering = ["-day", "user"]
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="digest_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.user}"


class SentMail(models.Model):
    """One e-mail about an agency's reports to one focal point: what it held, what became of it.

    Neither the address nor the text is kept, and nothing of a link. `sending` is the key of the form
    that asked for it, so that a form sent twice mails once. An agency to which nothing could be sent has
    a row as well, without a person, so that the result is complete.
    """

    class Content(models.TextChoices):
        LINK = "link", _("ลิงก์ให้หน่วยงานกรอกเอง")
        WORKBOOK = "workbook", _("แบบรายงาน (ไฟล์สเปรดชีต)")

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("รอส่ง")
        SENDING = "sending", _("กำลังส่ง")
        SENT = "sent", _("ส่งแล้ว")
        REFUSED = "refused", _("ระบบอีเมลไม่รับที่อยู่นี้ ตรวจอีเมลของผู้ประสานงาน")
        FAILED = "failed", _("ส่งไม่สำเร็จ ระบบอีเมลขัดข้อง ลองส่งอีกครั้งภายหลัง")
        NO_LINK = "no_link", _("ไม่มีลิงก์ที่ใช้ได้ ออกลิงก์ก่อน แล้วส่งอีกครั้ง")
        NO_ADDRESS = "no_address", _("ไม่มีอีเมลของผู้ประสานงาน เพิ่มในหน้าของหน่วยงาน")
        NOTHING_DUE = "nothing_due", _("ไม่มีรายการที่ต้องรายงานในรอบนี้")

    sending = models.UUIDField(_("การส่ง"), editable=False)
    round = models.ForeignKey(
        Round, models.CASCADE, related_name="mails", verbose_name=_("รอบติดตาม")
    )
    agency = models.ForeignKey(
        Agency, models.CASCADE, related_name="mails", verbose_name=_("หน่วยงาน")
    )
    focal_point = models.ForeignKey(
        FocalPoint,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="mails",
        verbose_name=_("ผู้ประสานงาน"),
    )
    content = models.CharField(_("สิ่งที่ส่ง"), max_length=10, choices=Content)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ผู้ส่ง"),
    )
    at = models.DateTimeField(_("เมื่อ"))
    outcome = models.CharField(_("ผล"), max_length=12, choices=Outcome, default=Outcome.WAITING)

    class Meta:
        verbose_name = _("อีเมลถึงผู้ประสานงาน")
        verbose_name_plural = _("อีเมลถึงผู้ประสานงาน")
        ordering = ["-at", "-pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["sending", "focal_point"], name="mail_once_a_person"),
            models.CheckConstraint(
                condition=Q(content__in=["link", "workbook"]), name="mail_content_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    outcome__in=[
                        "waiting",
                        "sending",
                        "sent",
                        "refused",
                        "failed",
                        "no_link",
                        "no_address",
                        "nothing_due",
                    ]
                ),
                name="mail_outcome_known",
            ),
        ]
        indexes = [models.Index(fields=["round", "agency"], name="mail_of_agency")]

    def __str__(self) -> str:
        return f"{self.round.year_be} {self.agency.short} {self.get_outcome_display()}"
