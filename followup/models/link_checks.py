"""What the checks of links have found: see `followup.link_checks`."""

from __future__ import annotations

from collections.abc import Callable

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

URL_LIMIT = 500  # characters, as in Evidence


class LinkState(models.TextChoices):
    """Whether a link can be opened, as the last checks found it."""

    REACHABLE = "reachable", _("เปิดได้")
    MOVED = "moved", _("ย้ายที่อยู่")
    GONE = "gone", _("เปิดไม่ได้")
    UNKNOWN = "unknown", _("ตรวจไม่ได้")  # its host does not answer programs, or was not asked

    @property
    def definition(self) -> Promise:
        return _DEFINITIONS[self]


_DEFINITIONS = {
    LinkState.REACHABLE: _("เปิดได้เมื่อตรวจครั้งล่าสุด"),
    LinkState.MOVED: _("เปิดได้ที่อยู่ใหม่ ซึ่งเว็บไซต์แจ้งว่าย้ายถาวร"),
    LinkState.GONE: _("เปิดไม่ได้สามวันติดต่อกัน"),
    LinkState.UNKNOWN: _("เว็บไซต์ไม่ให้โปรแกรมตรวจ หรือยังตรวจไม่สำเร็จ ไม่ได้หมายความว่าเปิดไม่ได้"),
}


class LinkCheck(models.Model):
    """The checks of one address, whatever refers to it.

    `since` is when its state began; of a dead link when it first failed. `failures` counts the failed
    checks one after the other, and `failed_at` is the first of them: the state changes at the third.
    """

    url = models.CharField(_("ลิงก์"), max_length=URL_LIMIT, unique=True)
    state = models.CharField(
        _("ผลการตรวจ"), max_length=9, choices=LinkState, default=LinkState.UNKNOWN
    )
    status_code = models.PositiveSmallIntegerField(_("รหัส HTTP"), null=True, blank=True)
    checked_at = models.DateTimeField(_("ตรวจเมื่อ"))
    since = models.DateTimeField(_("ตั้งแต่"))
    moved_to = models.CharField(_("ที่อยู่ใหม่"), max_length=URL_LIMIT, blank=True)
    failures = models.PositiveSmallIntegerField(_("เปิดไม่ได้ติดต่อกัน (ครั้ง)"), default=0)
    failed_at = models.DateTimeField(_("เปิดไม่ได้ครั้งแรกเมื่อ"), null=True, blank=True)

    class Meta:
        verbose_name = _("การตรวจลิงก์")
        verbose_name_plural = _("การตรวจลิงก์")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=LinkState.values), name="link_check_state_known"
            ),
            models.CheckConstraint(
                condition=(Q(state=LinkState.MOVED) & ~Q(moved_to=""))
                | (~Q(state=LinkState.MOVED) & Q(moved_to="")),
                name="link_check_moved_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(moved_to="")
                | Q(moved_to__startswith="http://")
                | Q(moved_to__startswith="https://"),
                name="link_check_moved_to_web",
            ),
            models.CheckConstraint(
                condition=Q(failures=0, failed_at__isnull=True)
                | Q(failures__gt=0, failed_at__isnull=False),
                name="link_check_failures_have_moment",
            ),
        ]
        indexes = [models.Index(fields=["state", "since"], name="link_check_state")]

    def __str__(self) -> str:
        return self.url

    @property
    def has_answer(self) -> bool:
        """Whether its host has said whether it can be opened; else there is nothing to tell."""
        return self.state != LinkState.UNKNOWN

    @property
    def is_gone(self) -> bool:
        return self.state == LinkState.GONE

    @property
    def has_moved(self) -> bool:
        return self.state == LinkState.MOVED


class CheckedLink:
    """A row with a link, `url`, which may know what the checks of it have found."""

    url: str
    #: What finds the check of an address, where `followup.link_checks` has set it.
    checks: Callable[[str], LinkCheck | None] | None = None

    @property
    def check_of_link(self) -> LinkCheck | None:
        """What the last checks of its link found; None without one, or for a file."""
        return self.checks(self.url) if self.checks is not None and self.url else None
