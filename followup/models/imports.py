"""What somebody brings in as a spreadsheet: the file, the decisions about it, and what it wrote."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from followup.models.agencies import Agency
from followup.models.reports import StatusReport
from followup.models.rounds import Round

KEEP_FOR = timedelta(hours=24)  # an upload is removed after that


class ImportState(models.TextChoices):
    """Where an import stands."""

    UPLOADED = "uploaded", _("เลือกไฟล์แล้ว")
    CHECKING = "checking", _("กำลังตรวจ")
    CHECKED = "checked", _("ตรวจแล้ว")
    APPLYING = "applying", _("กำลังนำเข้า")
    APPLIED = "applied", _("นำเข้าแล้ว")
    UNDONE = "undone", _("ย้อนแล้ว")
    FAILED = "failed", _("ไม่สำเร็จ")


def new_token() -> str:
    return get_random_string(32)


class SpreadsheetImport(models.Model):
    """One file on its way into a round; it belongs to the user who uploaded it.

    The file itself and what was read of it lie in a folder of their own outside the web root, by
    `token`. The person's decisions are `sheet`, `header_row`, `mapping` (column index -> field name),
    `answers` (question key -> answer) and `fixes` ("row:column" -> text typed instead of the cell).
    """

    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    round = models.ForeignKey(
        Round, models.CASCADE, related_name="imports", verbose_name=_("รอบติดตาม")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="imports",
        verbose_name=_("ผู้นำเข้า"),
    )
    created_at = models.DateTimeField(_("เลือกไฟล์เมื่อ"), auto_now_add=True)
    file_name = models.CharField(_("ชื่อไฟล์"), max_length=255)
    sha256 = models.CharField(max_length=64, editable=False, db_index=True)
    state = models.CharField(
        _("สถานะ"), max_length=10, choices=ImportState, default=ImportState.UPLOADED
    )

    encoding = models.CharField(max_length=10, blank=True)
    sheet = models.CharField(_("ชีต"), max_length=100, blank=True)
    header_row = models.PositiveIntegerField(_("แถวหัวตาราง"), null=True, blank=True)
    include_hidden = models.BooleanField(_("นำเข้าแถวและคอลัมน์ที่ซ่อนไว้ด้วย"), default=False)
    mapping = models.JSONField(default=dict, blank=True)
    agency = models.ForeignKey(
        Agency,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ทุกแถวเป็นของหน่วยงาน"),
    )
    answers = models.JSONField(default=dict, blank=True)
    fixes = models.JSONField(default=dict, blank=True)
    submit = models.BooleanField(_("ส่งตรวจทันที"), default=False)

    counts = models.JSONField(default=dict, blank=True)
    failure = models.TextField(blank=True)
    applied_at = models.DateTimeField(_("นำเข้าเมื่อ"), null=True, blank=True)
    undone_at = models.DateTimeField(_("ย้อนเมื่อ"), null=True, blank=True)

    class Meta:
        verbose_name = _("การนำเข้าสเปรดชีต")
        verbose_name_plural = _("การนำเข้าสเปรดชีต")
        ordering = ["-created_at"]
        permissions = [("use_import", _("นำเข้าและย้อนการนำเข้าสเปรดชีต"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ImportState.values), name="import_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["applied", "undone"]) | Q(applied_at__isnull=False),
                name="import_applied_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def folder(self) -> Path:
        """Where the upload lies; made on first use, closed to other users of the machine."""
        path: Path = settings.IMPORT_FOLDER / self.token
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    @property
    def upload(self) -> Path:
        return self.folder / "upload"

    @property
    def is_expired(self) -> bool:
        """The upload is gone, or as good as gone: only what was written can still be looked at."""
        return timezone.now() - self.created_at > KEEP_FOR or not self.upload.exists()

    @property
    def can_change(self) -> bool:
        """Whether decisions about the file can still be made."""
        editable = {ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED}
        return self.state in editable and not self.is_expired

    def drop_files(self) -> None:
        shutil.rmtree(settings.IMPORT_FOLDER / self.token, ignore_errors=True)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.drop_files()
        return super().delete(*args, **kwargs)


class ImportedRow(models.Model):
    """One report that an import wrote: what it was before, and the version it had after.

    `before` holds the fields, evidence and provinces as they were, for taking the import back;
    `made` says that the report itself was made by this import.
    """

    spreadsheet_import = models.ForeignKey(
        SpreadsheetImport, models.CASCADE, related_name="rows", verbose_name=_("การนำเข้า")
    )
    report = models.ForeignKey(
        StatusReport, models.CASCADE, related_name="+", verbose_name=_("รายงานผล")
    )
    row = models.PositiveIntegerField(_("แถว"))
    before = models.JSONField()
    version_after = models.PositiveIntegerField()
    made = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("แถวที่นำเข้า")
        verbose_name_plural = _("แถวที่นำเข้า")
        ordering = ["row"]
        constraints = [
            models.UniqueConstraint(
                fields=["spreadsheet_import", "report"], name="imported_report_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.spreadsheet_import_id}:{self.row}"


class RememberedMapping(models.Model):
    """How somebody mapped the columns of a file of a certain shape, for the next one like it.

    `signature` stands for the headings; `mapping` is column index -> field name.
    """

    signature = models.CharField(max_length=64, unique=True)
    mapping = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("การจับคู่คอลัมน์ที่จำไว้")
        verbose_name_plural = _("การจับคู่คอลัมน์ที่จำไว้")

    def __str__(self) -> str:
        return self.signature[:12]
