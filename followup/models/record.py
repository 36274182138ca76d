"""The record of writes that have no history row of their own, and the doors of the append-only tables."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from followup.models.history import Batched


class RecordEntry(Batched):
    """One write to a record without history: who did what to which key, without the content.

    `about` holds keys and names of fields, never what a person typed. The user's row may be deleted
    later; the entry then keeps the key alone.
    """

    class Act(models.TextChoices):
        ADDED = "added", _("เพิ่ม")
        CHANGED = "changed", _("แก้ไข")
        REMOVED = "removed", _("ลบ")
        ISSUED = "issued", _("ออก")
        REVOKED = "revoked", _("ยกเลิก")
        HANDED_OVER = "handed_over", _("ส่งต่อ")
        FACTOR_RESET = "factor_reset", _("ล้างการยืนยันตัวตนสองขั้น")
        ERASED = "erased", _("ลบข้อมูลส่วนบุคคล")
        DEMO_REMOVED = "demo_removed", _("ลบข้อมูลตัวอย่าง")

    at = models.DateTimeField(_("เมื่อ"), default=timezone.now, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="+",
        verbose_name=_("ผู้ทำ"),
    )
    act = models.CharField(_("การกระทำ"), max_length=20, choices=Act)
    model = models.CharField(_("ตาราง"), max_length=60, blank=True)  # as in Model._meta.label_lower
    key = models.CharField(_("รหัส"), max_length=40, blank=True)
    about = models.JSONField(_("รายละเอียด"), default=dict, blank=True)

    class Meta:
        verbose_name = _("บันทึกการกระทำ")
        verbose_name_plural = _("บันทึกการกระทำ")
        ordering = ["-at", "-pk"]
        default_permissions = ("view",)
        indexes = [models.Index(fields=["at"], name="record_entry_at")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    act__in=[
                        "added",
                        "changed",
                        "removed",
                        "issued",
                        "revoked",
                        "handed_over",
                        "factor_reset",
                        "erased",
                        "demo_removed",
                    ]
                ),
                name="record_entry_act_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()} {self.model} {self.key}".strip()


class ChainEntry(models.Model):
    """One link of the record's chain: the digests of some rows, and the hash of the entry before it.

    See `followup.chain`, which alone appends. `content` is JSON: the columns of each table, and the rows
    as [table, key, digest]; an empty digest tells that the row went through a door.
    """

    class Kind(models.TextChoices):
        BEGIN = "begin", _("เริ่มโซ่")
        BATCH = "batch", _("ชุดการเขียน")
        ROW = "row", _("แถวเดี่ยว")
        EDITION = "edition", _("ฉบับที่เผยแพร่")
        DOOR = "door", _("ผ่านประตู")

    number = models.PositiveBigIntegerField(_("ลำดับ"), primary_key=True)
    at = models.DateTimeField(_("เมื่อ"))
    kind = models.CharField(_("ชนิด"), max_length=10, choices=Kind)
    key = models.CharField(_("รหัส"), max_length=100, blank=True)
    content = models.TextField(editable=False)
    previous = models.CharField(_("แฮชก่อนหน้า"), max_length=64, blank=True)
    hash = models.CharField(_("แฮช"), max_length=64)

    class Meta:
        verbose_name = _("โซ่ของบันทึก")
        verbose_name_plural = _("โซ่ของบันทึก")
        ordering = ["-number"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.number} {self.get_kind_display()}"


class OpenDoor(models.Model):
    """The open door of the append-only tables: its row exists only within one transaction.

    See `followup.append_only`. No committed database has a row here.
    """

    act = models.CharField(max_length=20)
    subject = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = _("ประตูที่เปิดอยู่")
        verbose_name_plural = _("ประตูที่เปิดอยู่")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.act} {self.subject}".strip()


class DoorPass(models.Model):
    """A row that was changed or deleted while the door was open; written by the database's triggers."""

    table_name = models.CharField(max_length=100)
    row_key = models.CharField(max_length=40)
    act = models.CharField(max_length=10)  # update, delete

    class Meta:
        verbose_name = _("แถวที่ผ่านประตู")
        verbose_name_plural = _("แถวที่ผ่านประตู")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.act} {self.table_name} {self.row_key}"
