"""Spreadsheet imports: the files, the person's decisions, and what was written."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path, PurePath
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from followup.models.agencies import Agency
from followup.models.reports import StatusReport
from followup.models.rounds import Round
from forum_portal import pending_files

KEEP_FOR = timedelta(hours=24)  # an upload is removed after this time
#: Reports that are written, or taken back, in one transaction: a third of a second's work, for which
#: everybody else waits. A larger import has several.
PART = 300


class ImportState(models.TextChoices):
    """The state of an import."""

    UPLOADED = "uploaded", _("เลือกไฟล์แล้ว")
    CHECKING = "checking", _("กำลังตรวจ")
    CHECKED = "checked", _("ตรวจแล้ว")
    APPLYING = "applying", _("กำลังนำเข้า")
    APPLIED = "applied", _("นำเข้าแล้ว")
    UNDOING = "undoing", _("กำลังย้อน")
    UNDONE = "undone", _("ย้อนแล้ว")
    FAILED = "failed", _("ไม่สำเร็จ")


#: The states in which decisions can be made, and those in which the import has written.
EDITABLE = (ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)
WRITTEN = (ImportState.APPLIED, ImportState.UNDOING, ImportState.UNDONE)


def new_token() -> str:
    return get_random_string(32)


class SpreadsheetImportQuerySet(models.QuerySet["SpreadsheetImport"]):
    def half_done(self) -> SpreadsheetImportQuerySet:
        """Imports of which some parts may be written or taken back, and others not."""
        return self.alias(written=Count("rows")).filter(
            Q(state=ImportState.APPLYING, written__gt=0)
            | Q(state=ImportState.UNDOING, written__gt=PART)
        )


class SpreadsheetImport(models.Model):
    """An import of one or more files into a round; it belongs to the user who uploaded them.

    The files and what was found in them are in a folder of `pending_files` named `token`;
    `sources` are their names and digests, in order. The person's decisions are `tables` (sheet ->
    whether it is read, and its header row), `mapping` (signature of the headings -> column index ->
    field), `answers` (question key -> answer) and `fixes` (texts typed to replace cells, see
    `spreadsheets.fixes`). `version` counts every change of these.

    `made` lists the rows created besides reports, for the undo; `set_aside` the rows that were not
    written because somebody else had saved the report meanwhile.
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
    sources = models.JSONField(default=list, editable=False)
    #: A digest of the rows read, by which the same table is recognised in another file.
    rows_sha256 = models.CharField(max_length=64, editable=False, blank=True, db_index=True)
    state = models.CharField(
        _("สถานะ"), max_length=10, choices=ImportState, default=ImportState.UPLOADED
    )

    version = models.PositiveIntegerField(default=0, editable=False)
    #: Counts the tasks that were begun. A task writes only while it is the last one.
    attempt = models.PositiveIntegerField(default=0, editable=False)
    #: The job of the last task (see `followup.jobs`); null if a request runs it.
    task = models.UUIDField(null=True, editable=False)
    encoding = models.CharField(max_length=10, blank=True)
    tables = models.JSONField(default=dict, blank=True)
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
    remember = models.BooleanField(_("จำการจับคู่คอลัมน์"), default=False)
    remember_unused = models.BooleanField(_("จำคอลัมน์ที่ไม่นำเข้าด้วย"), default=False)

    counts = models.JSONField(default=dict, blank=True)
    failure = models.TextField(blank=True)
    made = models.JSONField(default=dict, editable=False)
    set_aside = models.JSONField(default=list, editable=False)
    applied_at = models.DateTimeField(_("นำเข้าเมื่อ"), null=True, blank=True)
    undone_at = models.DateTimeField(_("ย้อนเมื่อ"), null=True, blank=True)

    objects = SpreadsheetImportQuerySet.as_manager()

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
                condition=~Q(state__in=["applied", "undoing", "undone"])
                | Q(applied_at__isnull=False),
                name="import_applied_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def folder(self) -> Path:
        """The upload's folder on this host; created on first use, not readable by other system users.

        What is written here is known to other hosts once it is shared, see `pending_files`.
        """
        path: Path = settings.IMPORT_FOLDER / self.token
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def stored(self, name: str) -> str:
        """The name by which `pending_files` knows a file of this import."""
        return f"{self.token}/{name}"

    def upload_name(self, number: int = 0) -> str:
        return self.stored(f"upload-{number}" if number else "upload")

    def upload(self, number: int = 0) -> Path:
        """Where the file at index `number` in `sources` is, or would be, on this host."""
        return self.folder / PurePath(self.upload_name(number)).name

    @property
    def is_expired(self) -> bool:
        """Whether the upload is deleted or due for deletion; then only the result can be viewed."""
        return timezone.now() - self.created_at > KEEP_FOR or not pending_files.is_there(
            self.upload_name()
        )

    @property
    def can_change(self) -> bool:
        """Whether decisions about the file can still be made."""
        return self.state in EDITABLE and not self.is_expired

    def drop_files(self) -> None:
        pending_files.drop(self.token)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.drop_files()
        return super().delete(*args, **kwargs)


class ImportedRow(models.Model):
    """One report that an import wrote: its former content, and its version afterwards.

    `before` holds the former fields, evidence and provinces, for the undo; `made` tells whether this
    import created the report itself.
    """

    spreadsheet_import = models.ForeignKey(
        SpreadsheetImport, models.CASCADE, related_name="rows", verbose_name=_("การนำเข้า")
    )
    report = models.ForeignKey(
        StatusReport, models.CASCADE, related_name="+", verbose_name=_("รายงานผล")
    )
    row = models.PositiveIntegerField(_("แถว"))
    place = models.CharField(_("ไฟล์และชีต"), max_length=300, blank=True)
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
    """A remembered mapping of columns, for the next file with the same headings.

    `signature` is a hash of the headings; `mapping` is column index -> field name.
    """

    signature = models.CharField(max_length=64, unique=True)
    mapping = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("การจับคู่คอลัมน์ที่จำไว้")
        verbose_name_plural = _("การจับคู่คอลัมน์ที่จำไว้")

    def __str__(self) -> str:
        return self.signature[:12]
