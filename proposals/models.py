"""Forum, Resolution, Measure and what is attached to their text.

`Forum.source_text` holds the whole source document. A resolution's text is an exact substring of
it. A measure is a span of its resolution's text, given by two offsets, so its words cannot differ
from those that people agreed on.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from forum_portal.languages import localised
from forum_portal.years import YEAR_MAX, YEAR_MIN
from proposals.codes import anchor_of, full_code, short_code, shown_code


class ForumQuerySet(models.QuerySet["Forum"]):
    def are_several(self) -> bool:
        """Whether there are several forums, so that a short code may be ambiguous."""
        return len(self.values_list("pk")[:2]) > 1

    def sizes(self) -> dict[int, int]:
        """Year of the forum (B.E.) -> its number of resolutions; one query."""
        counted = self.order_by("year_be").annotate(size=Count("resolutions"))
        return dict(counted.values_list("year_be", "size"))

    def followed_in(self, year: int) -> ForumQuerySet:
        """The forums that the round of a fiscal year (B.E.) follows up."""
        return self.filter(
            Q(concluded_after__isnull=True) | Q(concluded_after__gte=year), followed_from__lte=year
        )


class Forum(models.Model):
    """One national meeting; each year's is another row.

    It is followed up by the rounds from `followed_from` to `concluded_after` (fiscal years, B.E.), or
    without end until the committee concludes it. A forum that is still being entered is no row here.
    """

    year_be = models.PositiveSmallIntegerField(_("ปี พ.ศ."), unique=True)
    name_th = models.TextField(_("ชื่อเต็ม"))
    short_name_th = models.CharField(_("ชื่อสั้น"), max_length=200)
    name_en = models.CharField(_("ชื่อภาษาอังกฤษ"), max_length=300, blank=True)
    theme_th = models.CharField(_("หัวข้อการประชุม"), max_length=300, blank=True)
    objective_th = models.TextField(_("วัตถุประสงค์"), blank=True)
    organiser_th = models.CharField(_("ผู้จัด"), max_length=300, blank=True)
    partners_th = models.JSONField(_("องค์กรร่วมจัด"), default=list, blank=True)
    participants_total = models.PositiveIntegerField(_("จำนวนผู้เข้าร่วม"), null=True, blank=True)
    participant_groups_th = models.JSONField(_("กลุ่มผู้เข้าร่วม"), default=list, blank=True)
    regional_workshops = models.PositiveSmallIntegerField(_("เวทีระดับภาค"), null=True, blank=True)
    legal_basis = models.JSONField(
        _("ฐานอำนาจ"),
        default=list,
        blank=True,
        help_text=_("รายการของ {verbatim, duty_th, approved_on} ตามเอกสารต้นฉบับ"),
    )
    background_th = models.TextField(_("ความเป็นมา"), blank=True)
    preamble_th = models.TextField(_("คำปรารภ"), blank=True)
    quotation_th = models.TextField(_("คำกล่าวที่ยกมา"), blank=True)
    not_stated = models.JSONField(_("สิ่งที่ต้นฉบับไม่ได้ระบุ"), default=list, blank=True)
    source_file = models.CharField(_("แฟ้มต้นฉบับ"), max_length=200, blank=True)
    source_text = models.TextField(_("ข้อความต้นฉบับ"))
    followed_from = models.PositiveSmallIntegerField(
        _("ติดตามตั้งแต่รอบปีงบประมาณ"), validators=[MaxValueValidator(YEAR_MAX)]
    )
    concluded_after = models.PositiveSmallIntegerField(
        _("รอบสุดท้ายที่ติดตาม"), null=True, blank=True, editable=False
    )
    concluded_reason = models.TextField(_("เหตุผลที่สรุปการติดตาม"), blank=True, editable=False)
    concluded_ref = models.CharField(
        _("สรุปตามมติ คสป. ครั้งที่"), max_length=40, blank=True, editable=False
    )
    concluded_on = models.DateField(_("วันที่มีมติสรุป"), null=True, blank=True, editable=False)

    objects = ForumQuerySet.as_manager()

    class Meta:
        verbose_name = _("การประชุม CSOs Forum")
        verbose_name_plural = _("การประชุม CSOs Forum")
        ordering = ["year_be"]
        constraints = [
            models.CheckConstraint(
                condition=Q(year_be__range=(YEAR_MIN, YEAR_MAX)),
                name="forum_year_is_buddhist",
                violation_error_message=_("ปีต้องเป็น พ.ศ. ระหว่าง 2560 ถึง 2599"),
            ),
            models.CheckConstraint(
                condition=Q(followed_from__gte=F("year_be")),
                name="forum_followed_from_its_year",
                violation_error_message=_("รอบแรกที่ติดตามต้องไม่ก่อนปีที่จัดประชุม"),
            ),
            models.CheckConstraint(
                condition=Q(
                    concluded_after__isnull=True,
                    concluded_on__isnull=True,
                    concluded_ref="",
                    concluded_reason="",
                )
                | (
                    Q(
                        concluded_after__isnull=False,
                        concluded_after__gte=F("followed_from"),
                        concluded_on__isnull=False,
                    )
                    & ~Q(concluded_ref="")
                    & ~Q(concluded_reason="")
                ),
                name="forum_concluded_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.short_name_th

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A forum without a first round is followed up from its own year."""
        if self.followed_from is None:
            self.followed_from = self.year_be
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        """In the page's language."""
        return localised(self, "name")

    @property
    def short_name(self) -> str:
        """In the page's language; the English name has no short form."""
        return localised(self, "short_name", self.name_en)

    @property
    def is_concluded(self) -> bool:
        return self.concluded_after is not None

    def is_followed_in(self, year: int) -> bool:
        """Whether the round of a fiscal year (B.E.) follows it up; see `ForumQuerySet.followed_in`."""
        return self.followed_from <= year and year <= (self.concluded_after or year)


class ResolutionQuerySet(models.QuerySet["Resolution"]):
    def for_display(self) -> ResolutionQuerySet:
        """Resolutions in order, with the forum that their heading or link needs."""
        return self.select_related("forum").order_by("forum__year_be", "number")


class ResolutionManager(models.Manager.from_queryset(ResolutionQuerySet)):  # type: ignore[misc]
    """Loads the forum with every resolution, because code and label need it."""

    def get_queryset(self) -> ResolutionQuerySet:
        return super().get_queryset().select_related("forum")


class Resolution(models.Model):
    """A numbered proposal of a forum (ข้อเสนอที่ n), verbatim."""

    forum = models.ForeignKey(
        Forum, models.PROTECT, related_name="resolutions", verbose_name=_("การประชุม")
    )
    number = models.PositiveSmallIntegerField(_("ข้อที่"))
    text = models.TextField(_("ข้อความตามต้นฉบับ"))
    title_th = models.CharField(
        _("ชื่อย่อ"), max_length=200, help_text=_("จัดทำโดยฝ่ายเลขานุการเพื่อความสะดวกในการอ่าน")
    )
    title_phrases = models.CharField(
        _("วลีของชื่อย่อ"),
        max_length=220,
        blank=True,
        help_text=_("ชื่อย่อเดียวกัน คั่นด้วย | ตรงที่ให้ตัดบรรทัดได้"),
    )
    theme_th = models.CharField(_("หัวคอลัมน์"), max_length=100, blank=True)
    title_en = models.CharField(_("ชื่อภาษาอังกฤษ"), max_length=200, blank=True)
    summary_en = models.TextField(_("สรุปภาษาอังกฤษ"), blank=True)
    legal_references = models.JSONField(_("กฎหมายที่อ้างถึง"), default=list, blank=True)
    named_parties = models.JSONField(
        _("ผู้ที่ข้อความเอ่ยถึง"), default=list, blank=True, help_text=_("รหัสหน่วยงาน")
    )

    objects = ResolutionManager()

    class Meta:
        verbose_name = _("ข้อเสนอ")
        verbose_name_plural = _("ข้อเสนอ")
        ordering = ["forum__year_be", "number"]
        permissions = [
            ("import_resolution", _("นำเข้าข้อเสนอ")),
            ("export_resolution", _("ส่งออกข้อเสนอ")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["forum", "number"], name="resolution_number_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="resolution_number_from_1",
                violation_error_message=_("เลขข้อเริ่มจาก 1"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_code} {self.title_th}"

    def clean(self) -> None:
        """Raise ValidationError if the text is not an exact substring of the source document."""
        if self.forum_id and self.text and self.text not in self.forum.source_text:
            raise ValidationError({"text": _("ข้อความนี้ไม่ตรงกับเอกสารต้นฉบับทุกตัวอักษร")})

    @property
    def full_code(self) -> str:
        """The code by which programs and files name this resolution: `2565-3`. Reads the forum."""
        return full_code(self.forum.year_be, self.number)

    def shown_code(self, *, several_forums: bool) -> str:
        """The code for a page or a document: in full where it speaks of several forums."""
        return shown_code(self.full_code, several_forums=several_forums)

    @property
    def title(self) -> str:
        """In the page's language."""
        return localised(self, "title")

    @property
    def phrases(self) -> list[str]:
        """The title split where a line may break; one piece if the stored cuts do not match it."""
        phrases = self.title_phrases.split("|")
        return phrases if "".join(phrases) == self.title_th else [self.title_th]


class MeasureKind(models.TextChoices):
    """The kind of commitment, which decides which statuses a measure may have."""

    PRINCIPLE = "principle", _("หลักการ")
    PROCESS = "process", _("กระบวนการ")
    OUTPUT = "output", _("ผลผลิต")
    OUTCOME = "outcome", _("ผลลัพธ์")
    RECURRING = "recurring", _("หน้าที่ประจำทุกปี")
    DISCRETIONARY = "discretionary", _("ใช้ดุลพินิจ")


class Relation(models.TextChoices):
    """What a measure is to one of an earlier forum; a replaced one is no longer followed up itself."""

    REPEATS = "repeats", _("เสนอซ้ำ")
    CONTINUES = "continues", _("ต่อเนื่อง")
    REPLACES = "replaces", _("แทนที่")


class MeasureQuerySet(models.QuerySet["Measure"]):
    def replaced_in(self, year: int) -> MeasureQuerySet:
        """The measures that a later forum's measure replaces in the round of a fiscal year (B.E.)."""
        successors = Measure.objects.filter(
            relation=Relation.REPLACES, resolution__forum__followed_from__lte=year
        )
        return self.filter(pk__in=successors.values("earlier"))


class MeasureManager(models.Manager.from_queryset(MeasureQuerySet)):  # type: ignore[misc]
    """Loads resolution and forum with every measure, because code and label need them."""

    def get_queryset(self) -> MeasureQuerySet:
        return super().get_queryset().select_related("resolution__forum")


class Measure(models.Model):
    """A clause of a resolution that can be followed up by itself (มาตรการย่อย n.m)."""

    resolution = models.ForeignKey(
        Resolution, models.PROTECT, related_name="measures", verbose_name=_("ข้อเสนอ")
    )
    number = models.PositiveSmallIntegerField(_("ข้อย่อยที่"))
    start = models.PositiveIntegerField(
        _("ตำแหน่งเริ่ม"), help_text=_("ลำดับอักขระในข้อความของข้อเสนอ เริ่มนับจาก 0")
    )
    end = models.PositiveIntegerField(_("ตำแหน่งสิ้นสุด"))
    title_th = models.CharField(_("ชื่อย่อ"), max_length=200)
    title_en = models.CharField(_("ชื่อภาษาอังกฤษ"), max_length=200, blank=True)
    kind = models.CharField(_("ลักษณะ"), max_length=20, choices=MeasureKind)
    suggested_evidence_th = models.CharField(_("หลักฐานที่ควรมี"), max_length=300, blank=True)
    relation = models.CharField(_("เกี่ยวกับข้อของเวทีก่อน"), max_length=10, choices=Relation, blank=True)
    earlier = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="later",
        verbose_name=_("ข้อเดิม"),
    )

    objects = MeasureManager()

    class Meta:
        verbose_name = _("มาตรการย่อย")
        verbose_name_plural = _("มาตรการย่อย")
        ordering = ["resolution__forum__year_be", "resolution__number", "number"]
        permissions = [
            ("import_measure", _("นำเข้ามาตรการย่อย")),
            ("export_measure", _("ส่งออกมาตรการย่อย")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["resolution", "number"], name="measure_number_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="measure_number_from_1",
                violation_error_message=_("เลขข้อย่อยเริ่มจาก 1"),
            ),
            models.CheckConstraint(
                condition=Q(start__lt=F("end")),
                name="measure_span_not_empty",
                violation_error_message=_("ตำแหน่งสิ้นสุดต้องอยู่หลังตำแหน่งเริ่ม"),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=MeasureKind.values), name="measure_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(relation="", earlier__isnull=True)
                | Q(relation__in=Relation.values, earlier__isnull=False),
                name="measure_relation_with_earlier",
                violation_error_message=_("ระบุทั้งข้อเดิมและความเกี่ยวข้องกับข้อเดิม"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_code} {self.title_th}"

    def clean(self) -> None:
        """Raise ValidationError for a span after its text's end, or an earlier measure that is not."""
        if self.resolution_id and self.end is not None and self.end > len(self.resolution.text):
            raise ValidationError({"end": _("ตำแหน่งสิ้นสุดเกินความยาวของข้อความต้นฉบับ")})
        if (
            self.resolution_id
            and self.earlier
            and self.earlier.resolution.forum.year_be >= self.resolution.forum.year_be
        ):
            raise ValidationError({"earlier": _("ข้อเดิมต้องเป็นของเวทีก่อนหน้า")})

    @property
    def title(self) -> str:
        """In the page's language."""
        return localised(self, "title")

    @property
    def code(self) -> str:
        """The short code, resolution and clause: `3.4`. For people, beside its forum; never a key."""
        return short_code(self.resolution.number, self.number)

    @property
    def full_code(self) -> str:
        """The code by which programs and files name this measure: `2565-3.4`. Reads the forum."""
        return full_code(self.resolution.forum.year_be, self.resolution.number, self.number)

    def shown_code(self, *, several_forums: bool) -> str:
        """The code for a page or a document: in full where it speaks of several forums."""
        return shown_code(self.full_code, several_forums=several_forums)

    @property
    def anchor(self) -> str:
        """The HTML id of this measure, the same on every page: `m2565-3-4`."""
        return anchor_of(self.full_code)

    @property
    def span(self) -> str:
        """The measure's text, exactly as in the source."""
        return self.resolution.text[self.start : self.end]


class SdgTarget(models.Model):
    """A Sustainable Development Goal target that the editor linked to a resolution."""

    resolution = models.ForeignKey(
        Resolution, models.CASCADE, related_name="sdg_targets", verbose_name=_("ข้อเสนอ")
    )
    goal = models.PositiveSmallIntegerField(_("เป้าหมาย"))
    target = models.CharField(_("เป้าหมายย่อย"), max_length=8)
    justification_th = models.CharField(_("เหตุผล"), max_length=300)
    position = models.PositiveSmallIntegerField(_("ลำดับ"), default=0)

    class Meta:
        verbose_name = _("เป้าหมาย SDGs")
        verbose_name_plural = _("เป้าหมาย SDGs")
        ordering = ["resolution", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["resolution", "target"], name="sdg_target_once"),
            models.CheckConstraint(
                condition=Q(goal__range=(1, 17)),
                name="sdg_goal_1_to_17",
                violation_error_message=_("เป้าหมาย SDGs มีเลข 1 ถึง 17"),
            ),
        ]

    def __str__(self) -> str:
        return self.target


class EditorNote(models.Model):
    """The editor's note on an oddity of the source. The source itself stays as written.

    `quotation` is the passage it is about: exact words of the resolution's text, or of the source
    document if the note belongs to no resolution. It is empty if the note is about no passage.
    """

    forum = models.ForeignKey(
        Forum, models.CASCADE, related_name="editor_notes", verbose_name=_("การประชุม")
    )
    resolution = models.ForeignKey(
        Resolution,
        models.CASCADE,
        related_name="editor_notes",
        null=True,
        blank=True,
        verbose_name=_("ข้อเสนอ"),
    )
    quotation = models.CharField(_("คำในต้นฉบับ"), max_length=300, blank=True)
    text_th = models.TextField(_("หมายเหตุ"))
    position = models.PositiveSmallIntegerField(_("ลำดับ"), default=0)

    class Meta:
        verbose_name = _("หมายเหตุผู้จัดทำ")
        verbose_name_plural = _("หมายเหตุผู้จัดทำ")
        ordering = ["forum", "position", "pk"]

    def __str__(self) -> str:
        return self.quotation or self.text_th[:40]

    def clean(self) -> None:
        """Raise ValidationError if the quotation is not in the text that the note is about."""
        if self.resolution:
            where = self.resolution.text
        elif self.forum_id:
            where = self.forum.source_text
        else:
            return  # the form already reports that the meeting is missing
        if self.quotation not in where:
            raise ValidationError({"quotation": _("คำนี้ไม่มีในข้อความต้นฉบับ")})
