"""Who follows what by e-mail, and the mails about a publication, each sent once.

An address is personal data of a stranger: it stands in `Subscriber` alone, has no history, and goes with
its row. Nothing else of the person is kept but the language of their mails.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from followup.models.agencies import Agency, Province
from followup.models.rounds import Snapshot
from forum_portal.languages import LANGUAGES
from proposals.models import Resolution


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def confirmed(self) -> SubscriberQuerySet:
        """Those whose owner of the address has confirmed it. Nobody else gets news."""
        return self.filter(confirmed_at__isnull=False)

    def unconfirmed(self) -> SubscriberQuerySet:
        return self.filter(confirmed_at__isnull=True)


class Subscriber(models.Model):
    """An address that wants news of publications, or somebody's request for it that waits.

    `key` stands, signed, in the links of mails; without SECRET_KEY no link can be made of the row. A
    request of an address that is confirmed already is a row of its own, so that nobody but the owner
    changes what is followed; its confirmation adds to the confirmed row.
    """

    email = models.EmailField(_("อีเมล"), max_length=254)  # in lower case
    key = models.CharField(max_length=32, unique=True, editable=False)
    follows_all = models.BooleanField(_("ติดตามทุกอย่าง"), default=False)
    language = models.CharField(
        _("ภาษา"), max_length=2, choices=list(LANGUAGES.items()), default=settings.LANGUAGE_CODE
    )  # of the page on which it was asked for
    asked_at = models.DateTimeField(_("ขอเมื่อ"))
    confirmed_at = models.DateTimeField(_("ยืนยันเมื่อ"), null=True, blank=True)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        verbose_name = _("ผู้ติดตามทางอีเมล")
        verbose_name_plural = _("ผู้ติดตามทางอีเมล")
        ordering = ["pk"]
        default_permissions = ("view", "delete")
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                condition=Q(confirmed_at__isnull=False),
                name="subscriber_confirmed_once",
            ),
            models.CheckConstraint(
                condition=Q(language__in=list(LANGUAGES)), name="subscriber_language_known"
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], name="subscriber_asked")]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class Following(models.Model):
    """One thing that a subscriber follows: a resolution, an agency or a province."""

    subscriber = models.ForeignKey(
        Subscriber, models.CASCADE, related_name="followings", verbose_name=_("ผู้ติดตาม")
    )
    resolution = models.ForeignKey(
        Resolution, models.CASCADE, null=True, blank=True, related_name="+"
    )
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, blank=True, related_name="+")
    province = models.ForeignKey(Province, models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("สิ่งที่ติดตาม")
        verbose_name_plural = _("สิ่งที่ติดตาม")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(resolution__isnull=False, agency__isnull=True, province__isnull=True)
                | Q(resolution__isnull=True, agency__isnull=False, province__isnull=True)
                | Q(resolution__isnull=True, agency__isnull=True, province__isnull=False),
                name="following_is_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["subscriber", "resolution"], name="following_resolution_once"
            ),
            models.UniqueConstraint(fields=["subscriber", "agency"], name="following_agency_once"),
            models.UniqueConstraint(
                fields=["subscriber", "province"], name="following_province_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.resolution or self.agency or self.province)


class News(models.Model):
    """That the mails about an edition were queued, or about its being taken back; at most once each."""

    class Kind(models.TextChoices):
        EDITION = "edition", _("การเผยแพร่หรือการแก้ไข")
        TAKEN_BACK = "taken_back", _("การถอนการเผยแพร่")

    snapshot = models.ForeignKey(
        Snapshot, models.CASCADE, related_name="+", verbose_name=_("ฉบับที่เผยแพร่")
    )
    kind = models.CharField(_("เรื่อง"), max_length=10, choices=Kind)
    queued_at = models.DateTimeField(_("เข้าคิวเมื่อ"))

    class Meta:
        verbose_name = _("ข่าวถึงผู้ติดตาม")
        verbose_name_plural = _("ข่าวถึงผู้ติดตาม")
        ordering = ["-queued_at", "-pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "kind"], name="news_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["edition", "taken_back"]), name="news_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.snapshot}"


class NewsMail(models.Model):
    """One mail to one subscriber about one piece of news: whether it waits, and what became of it."""

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("รอส่ง")
        SENDING = "sending", _("กำลังส่ง")
        SENT = "sent", _("ส่งแล้ว")
        NOTHING = "nothing", _("ไม่เกี่ยวกับสิ่งที่ติดตาม")
        REFUSED = "refused", _("ระบบอีเมลไม่รับที่อยู่นี้")
        EXPIRED = "expired", _("ส่งไม่สำเร็จภายในเวลาที่กำหนด")

    news = models.ForeignKey(News, models.CASCADE, related_name="mails", verbose_name=_("ข่าว"))
    subscriber = models.ForeignKey(
        Subscriber, models.CASCADE, related_name="mails", verbose_name=_("ผู้ติดตาม")
    )
    outcome = models.CharField(_("ผล"), max_length=8, choices=Outcome, default=Outcome.WAITING)

    class Meta:
        verbose_name = _("อีเมลถึงผู้ติดตาม")
        verbose_name_plural = _("อีเมลถึงผู้ติดตาม")
        ordering = ["pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["news", "subscriber"], name="news_mail_once"),
            models.CheckConstraint(
                condition=Q(
                    outcome__in=["waiting", "sending", "sent", "nothing", "refused", "expired"]
                ),
                name="news_mail_outcome_known",
            ),
        ]
        indexes = [models.Index(fields=["outcome"], name="news_mail_outcome")]

    def __str__(self) -> str:
        return f"{self.news_id} {self.get_outcome_display()}"
