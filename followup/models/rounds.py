"""Rounds, each the follow-up of a fiscal year or of its first six months, and their snapshots."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from followup.models.history import Batched
from forum_portal.thai import format_date
from forum_portal.years import (
    HALF_YEAR,
    WHOLE_YEAR,
    YEAR_MAX,
    YEAR_MIN,
    round_code,
    shown_year,
)


class RoundState(models.TextChoices):
    """The state of a round; it moves from each one to the next."""

    PLANNED = "planned", _("เตรียมการ")
    OPEN = "open", _("เปิดรับรายงาน")
    CLOSED = "closed", _("ปิดรับรายงาน")
    PUBLISHED = "published", _("เผยแพร่แล้ว")


class Months(models.IntegerChoices):
    """What a round covers, from the first day of its fiscal year."""

    HALF = HALF_YEAR, _("6 เดือน")
    WHOLE = WHOLE_YEAR, _("12 เดือน")


class RoundQuerySet(models.QuerySet["Round"]):
    def public(self) -> RoundQuerySet:
        """The rounds that the public may see, the latest first.

        A reopened round stays public in its last published edition.
        """
        return self.filter(published_at__isnull=False).order_by("-year_be", "-months")

    def published(self) -> RoundQuerySet:
        """Of each fiscal year the last public round, the latest first: it is the year's state."""
        later = Round.objects.filter(
            published_at__isnull=False, year_be=OuterRef("year_be"), months__gt=OuterRef("months")
        )
        return self.public().filter(~Exists(later))

    def before(self, round_: Round) -> RoundQuerySet:
        """The rounds before another one: of earlier fiscal years, and of the same year's first half."""
        return self.filter(
            Q(year_be__lt=round_.year_be) | Q(year_be=round_.year_be, months__lt=round_.months)
        )

    def locked(self) -> RoundQuerySet:
        """The rounds, locked until the transaction ends, in the order of their keys.

        A verb judges the state that it reads here. It locks the round first, then the reports, so that
        no two verbs wait for each other. New rows may still refer to a locked round (`no_key`).
        """
        return self.select_for_update(no_key=True).order_by("pk")


class Round(models.Model):
    """The follow-up of a fiscal year, or an interim one of its first six months.

    A round of 12 months tells the whole year, not its second half. Its dates are stored, not derived
    from the year.
    """

    year_be = models.PositiveSmallIntegerField(_("ปีงบประมาณ พ.ศ."))
    months = models.PositiveSmallIntegerField(_("ช่วงที่รายงาน"), choices=Months, default=Months.WHOLE)
    starts_on = models.DateField(_("เริ่มรอบ"))
    ends_on = models.DateField(_("สิ้นสุดรอบ"))
    due_on = models.DateField(_("กำหนดส่งรายงาน"))
    #: The date that agencies were told first, and why it was extended; empty until it is.
    due_first_on = models.DateField(_("กำหนดส่งเดิม"), null=True, blank=True, editable=False)
    due_reason = models.TextField(_("เหตุผลที่เลื่อนกำหนดส่ง"), blank=True, editable=False)
    state = models.CharField(
        _("สถานะ"), max_length=10, choices=RoundState, default=RoundState.PLANNED
    )
    opened_at = models.DateTimeField(_("เปิดเมื่อ"), null=True, blank=True)
    closed_at = models.DateTimeField(_("ปิดเมื่อ"), null=True, blank=True)
    published_at = models.DateTimeField(_("เผยแพร่เมื่อ"), null=True, blank=True)
    meeting_ref = models.CharField(
        _("การประชุม คสป. ครั้งที่"),
        max_length=40,
        blank=True,
        help_text=_("ครั้งที่รับทราบรายงาน เช่น 5/2567"),
    )
    meeting_on = models.DateField(_("วันที่ประชุม"), null=True, blank=True)
    reopen_reason = models.TextField(
        _("เหตุผลที่เปิดแก้ไขหลังเผยแพร่"), blank=True, help_text=_("แสดงต่อสาธารณะ")
    )
    is_demo = models.BooleanField(_("ข้อมูลตัวอย่าง"), default=False, editable=False)
    history = HistoricalRecords(bases=[Batched])

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("รอบติดตาม")
        verbose_name_plural = _("รอบติดตาม")
        ordering = ["-year_be", "-months"]
        permissions = [
            ("run_round", _("สร้าง เปิด และปิดรอบติดตาม")),
            ("publish_round", _("เผยแพร่รอบติดตาม")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["year_be", "months"], name="round_once"),
            models.CheckConstraint(
                condition=Q(months__in=Months.values), name="round_months_known"
            ),
            models.CheckConstraint(
                condition=Q(year_be__range=(YEAR_MIN, YEAR_MAX)), name="round_year_is_buddhist"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__lt=F("ends_on")), name="round_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("starts_on")),
                name="round_due_after_start",
                violation_error_message=_("กำหนดส่งต้องไม่ก่อนวันเริ่มรอบ"),
            ),
            # A due date is extended, never advanced, and agencies are told why.
            models.CheckConstraint(
                condition=Q(due_first_on__isnull=True, due_reason="")
                | (Q(due_first_on__isnull=False, due_first_on__lt=F("due_on")) & ~Q(due_reason="")),
                name="round_extension_is_later_and_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=RoundState.values), name="round_state_known"
            ),
            # A state and its timestamp belong together: one without the other would be wrong on pages.
            models.CheckConstraint(
                condition=Q(state=RoundState.PLANNED, opened_at__isnull=True)
                | (~Q(state=RoundState.PLANNED) & Q(opened_at__isnull=False)),
                name="round_opened_when_not_planned",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "open"], closed_at__isnull=True)
                | Q(state__in=["closed", "published"], closed_at__isnull=False),
                name="round_closed_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state=RoundState.PUBLISHED) | Q(published_at__isnull=False),
                name="round_published_has_moment",
            ),
            # A published round cannot become unpublished without a public reason.
            models.CheckConstraint(
                condition=Q(state=RoundState.PUBLISHED)
                | Q(published_at__isnull=True)
                | (~Q(reopen_reason="") & ~Q(state=RoundState.PLANNED)),
                name="round_reopened_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The round's name for people."""
        return gettext("รอบ %(months)s ปีงบประมาณ %(year)s") % {
            "months": self.get_months_display(),
            "year": self.year_be,
        }

    @property
    def code(self) -> str:
        """Its name in addresses, files and keys, see `round_code`."""
        return round_code(self.year_be, self.months)

    @property
    def label(self) -> str:
        """Its fiscal year for people; an interim round's says its months: "2567 (6 เดือน)".

        In English in both eras: "2024 (B.E. 2567)".
        """
        year = shown_year(self.year_be)
        if not self.is_interim:
            return year
        return gettext("%(year)s (%(months)s)") % {
            "year": year,
            "months": self.get_months_display(),
        }

    @property
    def is_interim(self) -> bool:
        return self.months != Months.WHOLE

    @property
    def order(self) -> tuple[int, int]:
        """Sorts rounds, the earliest first."""
        return self.year_be, self.months

    @property
    def extension(self) -> str:
        """How the due date was extended, for agencies and staff; "" if it was not. Never public."""
        if self.due_first_on is None:
            return ""
        return gettext("เลื่อนกำหนดส่งจาก %(before)s เป็น %(after)s เพราะ %(reason)s") % {
            "before": format_date(self.due_first_on),
            "after": format_date(self.due_on),
            "reason": self.due_reason,
        }

    @property
    def is_public(self) -> bool:
        return self.published_at is not None

    @property
    def is_reopened(self) -> bool:
        """Whether it was published and is being corrected now; the public reads the last snapshot."""
        return self.is_public and self.state != RoundState.PUBLISHED

    def days_left(self, today: date | None = None) -> int:
        """Days to the due date; negative when it has passed."""
        return (self.due_on - (today or timezone.localdate())).days

    @property
    def days_late(self) -> int:
        """Days since the due date; 0 before it."""
        return max(0, -self.days_left())


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def standing(self) -> SnapshotQuerySet:
        """The editions that nobody has taken back. The public reads only these."""
        return self.filter(taken_back__isnull=True)

    def corrections(self) -> SnapshotQuerySet:
        """The standing editions that correct an earlier standing one."""
        earlier = Snapshot.objects.standing().filter(
            round=OuterRef("round"), number__lt=OuterRef("number")
        )
        return self.standing().filter(Exists(earlier))


class Snapshot(models.Model):
    """An edition of a round: the stored text that its public pages read.

    Number 1 is the publication. Every later one is a correction, with a public reason and the list
    of changes. A snapshot is never changed or deleted while its round exists; one that was taken back
    stays stored, and no reader shows it.
    """

    round = models.ForeignKey(
        Round, models.CASCADE, related_name="snapshots", verbose_name=_("รอบติดตาม")
    )
    number = models.PositiveSmallIntegerField(_("ฉบับที่"))
    made_at = models.DateTimeField(_("เผยแพร่เมื่อ"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ผู้เผยแพร่"),
    )
    reason = models.TextField(_("เหตุผลต่อสาธารณะ"), blank=True)
    changes = models.JSONField(
        _("สิ่งที่เปลี่ยน"),
        default=list,
        help_text=_("รายการของ {measure, agency, field, before, after}"),
    )
    content = models.TextField(editable=False)
    digest = models.CharField("SHA-256", max_length=64, editable=False)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        verbose_name = _("ฉบับที่เผยแพร่")
        verbose_name_plural = _("ฉบับที่เผยแพร่")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="snapshot_once"),
            models.CheckConstraint(
                condition=Q(number=1) | (Q(number__gt=1) & ~Q(reason="")),
                name="snapshot_correction_has_reason",
            ),
        ]
        # Each page asks for the digests. In the table they stand behind contents of many megabytes,
        # which SQLite reads through to get there.
        indexes = [models.Index(fields=["round", "number", "digest"], name="snapshot_digest")]

    def __str__(self) -> str:
        return gettext("ปีงบประมาณ %(year)s ฉบับที่ %(number)s") % {
            "year": self.round.label,
            "number": self.number,
        }


class TakenBack(models.Model):
    """That an edition was taken back soon after its publication, with the note that the public reads.

    Neither this row nor the edition is ever changed or deleted.
    """

    snapshot = models.OneToOneField(
        Snapshot, models.CASCADE, related_name="taken_back", verbose_name=_("ฉบับที่เผยแพร่")
    )
    at = models.DateTimeField(_("ถอนเมื่อ"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ถอนโดย"),
    )
    note = models.TextField(_("เหตุผลต่อสาธารณะ"))

    class Meta:
        verbose_name = _("การถอนฉบับที่เผยแพร่")
        verbose_name_plural = _("การถอนฉบับที่เผยแพร่")
        ordering = ["-at", "-pk"]
        default_permissions = ("view",)
        constraints = [models.CheckConstraint(condition=~Q(note=""), name="taken_back_has_note")]

    def __str__(self) -> str:
        return str(self.snapshot)
