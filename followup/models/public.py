"""The revision of what the public reads: see `followup.public_revision`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PublicRevision(models.Model):
    """One row with a random stamp, which triggers replace whenever a public table is written."""

    id = models.PositiveSmallIntegerField(primary_key=True)  # 1
    stamp = models.CharField(max_length=32)  # hexadecimal

    class Meta:
        db_table = "public_revision"
        verbose_name = _("รุ่นของข้อมูลสาธารณะ")
        verbose_name_plural = _("รุ่นของข้อมูลสาธารณะ")
        default_permissions = ()

    def __str__(self) -> str:
        return self.stamp


class PublicTouch(models.Model):
    """On PostgreSQL, that this transaction has written a public table; no committed row exists."""

    class Meta:
        db_table = "public_touch"
        verbose_name = _("การเขียนข้อมูลสาธารณะ")
        verbose_name_plural = _("การเขียนข้อมูลสาธารณะ")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)
