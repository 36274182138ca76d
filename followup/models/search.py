"""The texts that a search finds: derived rows, see `followup.search_index` and `followup.published`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from followup.models.published import PublishedEdition


class SearchKind(models.TextChoices):
    """The groups of a search's results, in the order in which pages show them."""

    PROPOSAL = "proposal", _("ข้อเสนอและมาตรการย่อย")
    RESULT = "result", _("ผลการดำเนินงาน")
    AGENCY = "agency", _("หน่วยงาน")
    FORUM = "forum", _("เวที")
    SOURCE = "source", _("ข้อความตามต้นฉบับ")
    CORRECTION = "correction", _("การแก้ไข")


class SearchText(models.Model):
    """One public text, as it is shown and as it is searched. Never the source of anything.

    `edition`: the published edition that it is of; empty for what the record itself says. `subject_id`:
    the key of the forum, resolution, measure, agency, report, edition or correction that it tells of;
    `part` says which of its texts. `names` are what it is called, each normalised, between line feeds;
    `normal` is all of it, normalised, a line each. `heads`: the first two characters of each word
    that surely begins in it, between spaces. `sort`: its place in its group.
    """

    kind = models.CharField(max_length=12, choices=SearchKind)
    part = models.CharField(max_length=40)
    edition = models.ForeignKey(PublishedEdition, models.CASCADE, null=True, related_name="+")
    subject_id = models.BigIntegerField()
    position = models.PositiveIntegerField(default=0)
    forum_id = models.BigIntegerField(null=True)
    measure_id = models.BigIntegerField(null=True)
    agency_id = models.BigIntegerField(null=True)
    round_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=8, blank=True)
    status = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=40, blank=True)
    title = models.TextField(blank=True)
    text = models.TextField(blank=True)
    before = models.TextField(blank=True)  # of a correction: the words until then
    names = models.TextField(blank=True)
    normal = models.TextField()
    heads = models.TextField()
    sort = models.CharField(max_length=420)

    class Meta:
        verbose_name = _("ข้อความที่ค้นหาได้")
        verbose_name_plural = _("ข้อความที่ค้นหาได้")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=SearchKind.values), name="search_text_kind_known"
            ),
            models.UniqueConstraint(
                fields=["edition", "part", "position"], name="search_text_once"
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "sort", "id"], name="search_text_sort"),
            models.Index(fields=["kind", "subject_id"], name="search_text_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code} {self.part}"
