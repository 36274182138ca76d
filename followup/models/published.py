"""The plain rows of published editions, which public pages query and page.

They are made of an edition's stored content (`Snapshot.content`), which stays the record and the
proof, and can be made of it again (`followup.published`). A row names other rows by their keys as they
were then, not by foreign keys: what was published stays when a row is merged or deleted.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from followup.models.agencies import Role


class PublishedEdition(models.Model):
    """The rows of one edition; `digest` is that of the snapshot's content.

    Its rows are read once they are complete (`ready_at`). `content`: what an edition has little of, as
    JSON: its round, forums, resolutions, measures, groups, provinces, rulings and named agencies.
    """

    digest = models.CharField("SHA-256", max_length=64, db_index=True, editable=False)
    begun_at = models.DateTimeField(_("เริ่มทำเมื่อ"), default=timezone.now, editable=False)
    ready_at = models.DateTimeField(_("พร้อมอ่านเมื่อ"), null=True, blank=True)
    content = models.TextField(editable=False)
    expected = models.PositiveIntegerField(_("รายงานที่คาดหมาย"))
    received = models.PositiveIntegerField(_("รายงานที่ได้รับ"))

    class Meta:
        verbose_name = _("แถวข้อมูลของฉบับที่เผยแพร่")
        verbose_name_plural = _("แถวข้อมูลของฉบับที่เผยแพร่")
        ordering = ["pk"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.digest


class PublishedRow(models.Model):
    """What rows of an edition have in common."""

    edition = models.ForeignKey(PublishedEdition, models.CASCADE, related_name="+")

    class Meta:
        abstract = True
        default_permissions = ()


class PublishedMeasure(PublishedRow):
    """What a measure's lines come to (`progress.Answers`, as JSON)."""

    measure_id = models.BigIntegerField()
    content = models.TextField()

    class Meta(PublishedRow.Meta):
        verbose_name = _("มาตรการย่อยของฉบับที่เผยแพร่")
        verbose_name_plural = _("มาตรการย่อยของฉบับที่เผยแพร่")
        constraints = [
            models.UniqueConstraint(fields=["edition", "measure_id"], name="published_measure_once")
        ]

    def __str__(self) -> str:
        return str(self.measure_id)


class PublishedLine(PublishedRow):
    """One expected report: who answers for which measure, and the approved report if there is one.

    `position` is its place in the edition; `nth` its place among the single lead agencies, the single
    supporting ones, or a group's members on its measure, from 1. `group_id` is the group's own
    assignment. `content`: the assignment and the report with its evidence, as JSON.
    """

    position = models.PositiveIntegerField()
    nth = models.PositiveIntegerField()
    report_id = models.BigIntegerField()
    assignment_id = models.BigIntegerField()
    measure_id = models.BigIntegerField()
    resolution_id = models.BigIntegerField()
    forum_id = models.BigIntegerField()
    agency_id = models.BigIntegerField()
    group_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=8, choices=Role)
    status = models.CharField(max_length=20)
    is_received = models.BooleanField()
    reported_on = models.DateField(null=True)
    content = models.TextField()

    class Meta(PublishedRow.Meta):
        verbose_name = _("บรรทัดรายงานของฉบับที่เผยแพร่")
        verbose_name_plural = _("บรรทัดรายงานของฉบับที่เผยแพร่")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "position"], name="published_line_once"),
            models.UniqueConstraint(
                fields=["edition", "assignment_id"], name="published_line_assignment"
            ),
        ]
        indexes = [
            models.Index(fields=["edition", "measure_id", "nth"], name="published_line_measure"),
            models.Index(fields=["edition", "agency_id", "position"], name="published_line_agency"),
            models.Index(fields=["edition", "status", "position"], name="published_line_status"),
        ]

    def __str__(self) -> str:
        return f"{self.edition_id}/{self.position}"


class PublishedAgency(PublishedRow):
    """An agency as an edition names it; `content` is its row as JSON."""

    agency_id = models.BigIntegerField()
    code = models.CharField(max_length=20)
    kind = models.CharField(max_length=24)
    sort_key = models.CharField(max_length=400)
    content = models.TextField()

    class Meta(PublishedRow.Meta):
        verbose_name = _("หน่วยงานของฉบับที่เผยแพร่")
        verbose_name_plural = _("หน่วยงานของฉบับที่เผยแพร่")
        constraints = [
            models.UniqueConstraint(fields=["edition", "agency_id"], name="published_agency_once")
        ]

    def __str__(self) -> str:
        return str(self.agency_id)


class Answering(models.TextChoices):
    """How an agency answers for measures: by itself, as a group's member, or as a group."""

    ALONE = "alone", _("หน่วยงานเดียว")
    MEMBER = "member", _("สมาชิกกลุ่ม")
    GROUP = "group", _("กลุ่มหน่วยงาน")


class PublishedCell(PublishedRow):
    """What an agency answers for in one resolution: a cell of the matrix.

    `leads` and `supports` are numbers of units (a group is one), `expected` and `received` of lines.
    `content`: the units, as JSON.
    """

    agency = models.ForeignKey(PublishedAgency, models.CASCADE, related_name="cells")
    answering = models.CharField(max_length=8, choices=Answering)
    forum_id = models.BigIntegerField()
    resolution_id = models.BigIntegerField()
    leads = models.PositiveIntegerField()
    supports = models.PositiveIntegerField()
    expected = models.PositiveIntegerField()
    received = models.PositiveIntegerField()
    content = models.TextField()

    class Meta(PublishedRow.Meta):
        verbose_name = _("ช่องตารางรวมของฉบับที่เผยแพร่")
        verbose_name_plural = _("ช่องตารางรวมของฉบับที่เผยแพร่")
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "resolution_id", "answering"], name="published_cell_once"
            ),
            models.CheckConstraint(
                condition=Q(received__lte=models.F("expected")), name="published_cell_received"
            ),
        ]
        indexes = [
            models.Index(fields=["edition", "answering", "forum_id"], name="published_cell_forum")
        ]

    def __str__(self) -> str:
        return f"{self.agency_id}/{self.resolution_id}"


class PublishedEvidence(PublishedRow):
    """One public piece of evidence; `number` is its place in its report, from 1.

    `line_position` is the place of its report's line. `content` is its row as JSON.
    """

    line_position = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    evidence_id = models.BigIntegerField()
    measure_id = models.BigIntegerField()
    resolution_id = models.BigIntegerField()
    forum_id = models.BigIntegerField()
    agency_id = models.BigIntegerField()
    content = models.TextField()

    class Meta(PublishedRow.Meta):
        verbose_name = _("หลักฐานของฉบับที่เผยแพร่")
        verbose_name_plural = _("หลักฐานของฉบับที่เผยแพร่")
        ordering = ["line_position", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "line_position", "number"], name="published_evidence_once"
            )
        ]
        indexes = [models.Index(fields=["evidence_id"], name="published_evidence_key")]

    def __str__(self) -> str:
        return str(self.evidence_id)


class PublishedAssessment(PublishedRow):
    """One independent assessment; `position` is its place in the edition.

    `published` is the measure's status in the edition. `steps` says how far the assessed one is from it
    (see `status.steps_between`); null if the two cannot be compared. `content`: the assessment with its
    organisation, evidence and answer, as JSON.
    """

    position = models.PositiveIntegerField()
    assessment_id = models.BigIntegerField()
    measure_id = models.BigIntegerField()
    resolution_id = models.BigIntegerField()
    forum_id = models.BigIntegerField()
    organisation_id = models.BigIntegerField()
    status = models.CharField(max_length=20)
    published = models.CharField(max_length=20)
    differs = models.BooleanField()
    steps = models.SmallIntegerField(null=True)
    content = models.TextField()

    class Meta(PublishedRow.Meta):
        verbose_name = _("การประเมินของภาคประชาสังคมของฉบับที่เผยแพร่")
        verbose_name_plural = _("การประเมินของภาคประชาสังคมของฉบับที่เผยแพร่")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "position"], name="published_assessment_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["edition", "differs", "steps", "position"], name="published_assessment_step"
            )
        ]

    def __str__(self) -> str:
        return f"{self.edition_id}/{self.position}"


class PublishedPlace(PublishedRow):
    """A province that a received report names.

    `line_position` is the place of the report's line, `named` the number of provinces in that report.
    """

    line_position = models.PositiveIntegerField()
    province_code = models.CharField(max_length=2)
    named = models.PositiveIntegerField()
    measure_id = models.BigIntegerField()
    agency_id = models.BigIntegerField()

    class Meta(PublishedRow.Meta):
        verbose_name = _("จังหวัดในรายงานของฉบับที่เผยแพร่")
        verbose_name_plural = _("จังหวัดในรายงานของฉบับที่เผยแพร่")
        ordering = ["line_position", "province_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "province_code", "line_position"], name="published_place_once"
            ),
            models.CheckConstraint(condition=Q(named__gte=1), name="published_place_named"),
        ]

    def __str__(self) -> str:
        return f"{self.line_position}/{self.province_code}"


class PublishedProject(PublishedRow):
    """A project code of a received report; `number` is its place in the report, from 1.

    `line_position` is the place of the report's line. `key` is the code as it is compared
    (`project_codes.code_key`). `role` and `status` are those of the report.
    """

    line_position = models.PositiveIntegerField()
    number = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=200)
    system = models.CharField(max_length=12, blank=True)
    code = models.CharField(max_length=60)
    url = models.TextField(blank=True)
    measure_id = models.BigIntegerField()
    resolution_id = models.BigIntegerField()
    forum_id = models.BigIntegerField()
    agency_id = models.BigIntegerField()
    role = models.CharField(max_length=8, choices=Role)
    status = models.CharField(max_length=20)

    class Meta(PublishedRow.Meta):
        verbose_name = _("รหัสโครงการของฉบับที่เผยแพร่")
        verbose_name_plural = _("รหัสโครงการของฉบับที่เผยแพร่")
        ordering = ["line_position", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "line_position", "key"], name="published_project_once"
            )
        ]
        indexes = [models.Index(fields=["key", "edition"], name="published_project_key")]

    def __str__(self) -> str:
        return f"{self.line_position}/{self.code}"


class PublishedRequest(PublishedRow):
    """How an agency was asked for its reports: a letter, or the e-mails of one day (attempt 0)."""

    agency_id = models.BigIntegerField()
    attempt = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=60)
    sent_on = models.DateField()
    answer_by = models.DateField(null=True)
    answered_on = models.DateField(null=True)
    explanation = models.TextField(blank=True)

    class Meta(PublishedRow.Meta):
        verbose_name = _("หนังสือและอีเมลของฉบับที่เผยแพร่")
        verbose_name_plural = _("หนังสือและอีเมลของฉบับที่เผยแพร่")
        ordering = ["agency_id", "attempt", "sent_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "agency_id", "attempt", "sent_on"], name="published_request_once"
            ),
            models.CheckConstraint(
                condition=Q(attempt=0, number="") | (Q(attempt__gt=0) & ~Q(number="")),
                name="published_request_letter_has_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id}/{self.attempt}"
