"""Provinces, agencies with their aliases, and assignments."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from followup.models.history import Batched
from forum_portal.languages import is_english, localised
from forum_portal.thai import format_date, match_key, sort_key
from forum_portal.years import YEAR_MAX, YEAR_MIN
from proposals.models import Forum, Measure


class Province(models.Model):
    """One of the 77 provinces, with the Department of Provincial Administration's two-digit code."""

    code = models.CharField(_("รหัส"), max_length=2, primary_key=True)
    iso = models.CharField("ISO 3166-2", max_length=6, unique=True)
    name_th = models.CharField(_("ชื่อ"), max_length=60, unique=True)
    name_en = models.CharField(_("ชื่อภาษาอังกฤษ"), max_length=60)
    region_th = models.CharField(
        _("ภาค"), max_length=40, help_text=_("การจัดเข้าสี่ภาคเป็นการกำหนดของระบบ")
    )
    aliases_th = models.JSONField(_("ชื่ออื่น"), default=list, blank=True)
    sort_key = models.CharField(max_length=120, editable=False, db_index=True)

    class Meta:
        verbose_name = _("จังหวัด")
        verbose_name_plural = _("จังหวัด")
        ordering = ["sort_key"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = sort_key(self.name_th)
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        """In the page's language."""
        return localised(self, "name")

    @property
    def region(self) -> str:
        """In the page's language: the catalogue has the four regions."""
        return gettext(self.region_th)


def label_of_choice(choices: type[models.TextChoices], value: str) -> str:
    """The label of a stored value; the value itself if it is none of them.

    Django's `get_…_display` translates the labels of all choices each time: 1,100 translations on the
    page of the agencies.
    """
    try:
        return str(choices(value).label)
    except ValueError:
        return value


class AgencyKind(models.TextChoices):
    """The kind of an agency, from central government outwards."""

    GOVERNMENT = "government", _("รัฐบาล")
    MINISTRY = "ministry", _("กระทรวงหรือเทียบเท่า")
    DEPARTMENT = "department", _("กรมหรือเทียบเท่า")
    DIVISION = "division", _("กองหรือศูนย์")
    STATE_AGENCY = "state_agency", _("หน่วยงานของรัฐ")
    PUBLIC_ORGANIZATION = "public_organization", _("องค์การมหาชน")
    STATE_ENTERPRISE = "state_enterprise", _("รัฐวิสาหกิจ")
    CONSTITUTIONAL_BODY = "constitutional_body", _("องค์กรตามรัฐธรรมนูญ")
    FUND = "fund", _("กองทุน")
    COMMITTEE = "committee", _("คณะกรรมการ")
    REGIONAL_OFFICE = "regional_office", _("สำนักงานระดับภาค")
    PROVINCIAL_MECHANISM = "provincial_mechanism", _("กลไกระดับจังหวัด")
    LOCAL_GOVERNMENT = "local_government", _("องค์กรปกครองส่วนท้องถิ่น")
    CSO = "cso", _("องค์กรภาคประชาสังคม")
    FORUM = "forum", _("เวทีหรือสมัชชา")
    PRIVATE = "private", _("ภาคเอกชน")
    MEDIA = "media", _("สื่อ")
    INTERNATIONAL = "international", _("ระหว่างประเทศ")
    SECTOR = "sector", _("ภาคส่วน (คำรวม)")
    GROUP = "group", _("กลุ่มหน่วยงาน")  # it has members, which answer for it singly


class AgencyQuerySet(models.QuerySet["Agency"]):
    def standing(self) -> AgencyQuerySet:
        """All agencies but second records that were merged into another one."""
        return self.filter(merged_into__isnull=True)

    def answering(self) -> AgencyQuerySet:
        """Those that answer themselves: not groups, whose members do."""
        return self.standing().exclude(kind=AgencyKind.GROUP)

    def named(self, codes: Collection[str]) -> AgencyQuerySet:
        """The agencies with these codes; for a record that was merged, the one that it is in now."""
        merged = self.model._base_manager.filter(code__in=codes, merged_into__isnull=False)
        return self.standing().filter(Q(code__in=codes) | Q(pk__in=merged.values("merged_into")))

    def sharing(self, keys: Collection[str], *, but: int | None = None) -> list[Agency]:
        """The agencies with one of these names (`match_key`), but for the one with key `but`.

        Two agencies may share a name (สป.); most often they are one agency, recorded twice.
        """
        others = self.standing().prefetch_related("aliases")
        if but is not None:
            others = others.exclude(pk=but)
        return [each for each in others if not each.name_keys.isdisjoint(keys)]

    def matching(self, words: str) -> AgencyQuerySet:
        """Agencies whose name, abbreviation or alias contains `words`, ignoring dots and spaces."""
        key = match_key(words)
        if not key:
            return self
        return self.filter(
            Q(search_text__contains=key)
            | Q(pk__in=AgencyAlias.objects.filter(match_key__contains=key).values("agency"))
        )

    def ended_before(self, year: int) -> AgencyQuerySet:
        """Agencies that answer for nothing in fiscal year `year` (พ.ศ.) or later.

        They answered for something before, or another agency has taken over; one that never had an
        assignment may still get its first.
        """
        of_agency = Assignment.objects.filter(agency=OuterRef("pk"))
        going_on = of_agency.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=year))
        once = of_agency.filter(valid_to__lt=year)
        return self.filter(Q(successor__isnull=False) | Exists(once), ~Exists(going_on))

    def divisions(self) -> dict[int, set[int]]:
        """Agency pk -> the pks of all its divisions at any depth; agencies without any are left out.

        One query. A cycle of parents, which is an error in the data, does not loop, and no agency
        is its own division."""
        parent_of = dict(self.model._base_manager.values_list("pk", "parent_id"))
        below: dict[int, set[int]] = {}
        for agency in parent_of:
            passed = {agency}
            above = parent_of[agency]
            while above is not None and above not in passed:
                below.setdefault(above, set()).add(agency)
                passed.add(above)
                above = parent_of[above]
        return below


class Agency(models.Model):
    """A body that answers for measures, or that the source document names."""

    code = models.CharField(
        _("รหัส"),
        max_length=20,
        unique=True,
        validators=[RegexValidator(r"^[A-Z0-9_]+$", _("ใช้อักษร A–Z ตัวเลข และ _ เท่านั้น"))],
    )
    name_th = models.CharField(_("ชื่อเต็ม"), max_length=200)
    abbr_th = models.CharField(_("ชื่อย่อ"), max_length=40, blank=True)
    name_en = models.CharField(_("ชื่อภาษาอังกฤษ"), max_length=200, blank=True)
    abbr_en = models.CharField(_("ชื่อย่อภาษาอังกฤษ"), max_length=40, blank=True)
    kind = models.CharField(_("ประเภท"), max_length=24, choices=AgencyKind)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("สังกัด"),
    )
    successor = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("หน่วยงานที่รับช่วง"),
    )
    # A second record of the same body; it stays for the history, and is in no list.
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="duplicates",
        verbose_name=_("รวมเข้ากับหน่วยงาน"),
    )
    province = models.ForeignKey(
        Province, models.PROTECT, null=True, blank=True, verbose_name=_("จังหวัด")
    )
    named_in_source = models.BooleanField(_("ต้นฉบับเอ่ยถึง"), default=False)
    note = models.TextField(_("บันทึกภายใน"), blank=True)
    caretaker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="agencies",
        verbose_name=_("เจ้าหน้าที่ผู้ดูแล"),
        help_text=_("ผู้ติดตามงานของหน่วยงานนี้ ไม่แสดงต่อสาธารณะ"),
    )
    sort_key = models.CharField(max_length=400, editable=False, db_index=True)
    search_text = models.TextField(editable=False)

    objects = AgencyQuerySet.as_manager()

    class Meta:
        verbose_name = _("หน่วยงาน")
        verbose_name_plural = _("หน่วยงาน")
        ordering = ["sort_key", "pk"]
        permissions = [
            ("import_agency", _("นำเข้าหน่วยงาน")),
            ("export_agency", _("ส่งออกหน่วยงาน")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=AgencyKind.values), name="agency_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                name="agency_not_its_own_parent",
                violation_error_message=_("หน่วยงานสังกัดตัวเองไม่ได้"),
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | ~Q(successor=F("id")),
                name="agency_not_its_own_successor",
                violation_error_message=_("หน่วยงานรับช่วงตัวเองไม่ได้"),
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="agency_not_merged_into_itself",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.abbr})" if self.abbr else self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_key = sort_key(self.name_th)
        self.search_text = " ".join(
            match_key(name) for name in (self.name_th, self.abbr_th, self.name_en, self.abbr_en)
        )
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        """In the page's language."""
        return localised(self, "name")

    @property
    def abbr(self) -> str:
        """In the page's language; "" where it has none there."""
        return self.abbr_en if is_english() else self.abbr_th

    def clean(self) -> None:
        """Raise ValidationError for a group with members that would become another kind of agency, and
        for an agency with assignments that would become a group: their reports would be nobody's."""
        if not self.pk:
            return
        if self.kind != AgencyKind.GROUP and self.memberships.exists():
            raise ValidationError({"kind": _("มีหน่วยงานอยู่ในกลุ่มนี้ จึงเปลี่ยนเป็นประเภทอื่นไม่ได้")})
        if self.kind == AgencyKind.GROUP and (
            self.member_of.exists() or self.assignments.filter(reports__isnull=False).exists()
        ):
            raise ValidationError(
                {"kind": _("หน่วยงานนี้มีรายงานหรืออยู่ในกลุ่มอื่น จึงเปลี่ยนเป็นกลุ่มไม่ได้ สร้างกลุ่มใหม่แทน")}
            )

    def get_kind_display(self) -> str:  # type: ignore[no-redef]  # the plugin adds Django's
        return label_of_choice(AgencyKind, self.kind)

    @property
    def is_group(self) -> bool:
        return self.kind == AgencyKind.GROUP

    @property
    def short(self) -> str:
        """The abbreviation, or the name if there is none; in the page's language."""
        return self.abbr or self.name

    @property
    def own_keys(self) -> set[str]:
        """The keys (`match_key`) of its names without the aliases; reads nothing."""
        names = (self.name_th, self.abbr_th, self.name_en, self.abbr_en)
        return {key for key in map(match_key, names) if key}

    @property
    def name_keys(self) -> set[str]:
        """The keys (`match_key`) of its code and of all its names. Reads the aliases."""
        return (
            self.own_keys
            | {match_key(self.code)}
            | {alias.match_key for alias in self.aliases.all()}
        )

    @property
    def link_name(self) -> str:
        """The writer's name in the history for this agency's link."""
        return (gettext("หน่วยงาน %(agency)s (ลิงก์)") % {"agency": self.short})[:100]


class AgencyAlias(models.Model):
    """Another spelling of an agency's name."""

    agency = models.ForeignKey(
        Agency, models.CASCADE, related_name="aliases", verbose_name=_("หน่วยงาน")
    )
    name = models.CharField(_("ชื่ออื่น"), max_length=200)
    match_key = models.CharField(max_length=200, editable=False, db_index=True)

    class Meta:
        verbose_name = _("ชื่ออื่นของหน่วยงาน")
        verbose_name_plural = _("ชื่ออื่นของหน่วยงาน")
        ordering = ["agency", "name"]
        constraints = [
            # Two agencies may share an alias (สป.); one agency cannot have the same alias twice.
            models.UniqueConstraint(fields=["agency", "name"], name="agency_alias_once")
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.match_key = match_key(self.name)
        super().save(*args, **kwargs)


def former_names(stored: Agency, now: Agency) -> list[str]:
    """The Thai names that an agency has in the database and no longer has now."""
    return [
        name
        for name in (stored.name_th, stored.abbr_th)
        if match_key(name) and match_key(name) not in now.own_keys
    ]


def keep_as_aliases(agency: Agency, names: Iterable[str]) -> None:
    """Keep former names as aliases, so that files that still use them are read."""
    known = agency.name_keys
    for name in names:
        if match_key(name) not in known:
            agency.aliases.create(name=name[:200])


class GroupMember(models.Model):
    """An agency in a group of agencies, from which fiscal year (B.E.) to which."""

    group = models.ForeignKey(
        Agency,
        models.PROTECT,
        related_name="memberships",
        limit_choices_to={"kind": AgencyKind.GROUP},
        verbose_name=_("กลุ่มหน่วยงาน"),
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="member_of", verbose_name=_("หน่วยงาน")
    )
    valid_from = models.PositiveSmallIntegerField(_("ตั้งแต่ปีงบประมาณ"))
    valid_to = models.PositiveSmallIntegerField(_("ถึงปีงบประมาณ"), null=True, blank=True)
    history = HistoricalRecords(bases=[Batched])

    class Meta:
        verbose_name = _("สมาชิกกลุ่มหน่วยงาน")
        verbose_name_plural = _("สมาชิกกลุ่มหน่วยงาน")
        ordering = ["group", "agency__sort_key", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "agency", "valid_from"], name="group_member_once"
            ),
            models.CheckConstraint(
                condition=~Q(group=F("agency")),
                name="group_not_its_own_member",
                violation_error_message=_("กลุ่มเป็นสมาชิกของตัวเองไม่ได้"),
            ),
            models.CheckConstraint(
                condition=Q(valid_from__range=(YEAR_MIN, YEAR_MAX)),
                name="group_member_from_is_buddhist",
                violation_error_message=_("ปีต้องเป็น พ.ศ. ระหว่าง 2560 ถึง 2599"),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_to__gte=F("valid_from"), valid_to__lte=YEAR_MAX),
                name="group_member_ends_after_start",
                violation_error_message=_("ปีสุดท้ายต้องไม่ก่อนปีแรก และไม่เกิน พ.ศ. 2599"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group.short}: {self.agency.short}"


class Role(models.TextChoices):
    """The agency's role in an assignment; lead assignments decide a measure's status."""

    LEAD = "lead", _("หน่วยงานหลัก")
    SUPPORT = "support", _("หน่วยงานสนับสนุน")


class Basis(models.TextChoices):
    """The basis of an assignment: named in the text, proposed, or confirmed."""

    NAMED = "named", _("ระบุในข้อความ")
    PROPOSED = "proposed", _("เสนอ รอ คสป. ยืนยัน")
    CONFIRMED = "confirmed", _("คสป. ยืนยันแล้ว")


def shared_name(agencies: Iterable[Agency]) -> str:
    """The warning that other agencies have the same name."""
    return gettext("ชื่อนี้เป็นของหน่วยงานอื่นด้วย: %(list)s หากเป็นหน่วยงานเดียวกัน ใช้รายการเดิม") % {
        "list": ", ".join(f"{each} [{each.code}]" for each in agencies)
    }


def future_meeting(day: date) -> str:
    """The message for a confirmation by a meeting that has not been held yet."""
    return gettext("วันที่ %(day)s ยังมาไม่ถึง ระบุวันที่ คสป. มีมติแล้ว") % {"day": format_date(day)}


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def answering(self) -> AssignmentQuerySet:
        """Those of which a report is expected: a group's members answer for it, so not its own."""
        return self.exclude(agency__kind=AgencyKind.GROUP)

    def as_given(self) -> AssignmentQuerySet:
        """Those that a person makes, confirms and ends: a group's own, not its members'."""
        return self.filter(of_group__isnull=True)

    def valid_in(self, year: int) -> AssignmentQuerySet:
        """Assignments in force in a Buddhist-era fiscal year of which a report is expected."""
        return self.in_force(year).answering()

    def in_force(self, year: int) -> AssignmentQuerySet:
        """Assignments in force in a Buddhist-era fiscal year, groups' own and their members'.

        Its round follows up the forum, and no later measure replaces theirs.
        """
        return self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=year),
            valid_from__lte=year,
            measure__resolution__forum__in=Forum.objects.followed_in(year),
        ).exclude(measure__in=Measure.objects.replaced_in(year))


class Assignment(models.Model):
    """Measure × agency: which agency answers for a measure, from which year to which."""

    measure = models.ForeignKey(
        Measure, models.PROTECT, related_name="assignments", verbose_name=_("มาตรการย่อย")
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, related_name="assignments", verbose_name=_("หน่วยงาน")
    )
    role = models.CharField(_("บทบาท"), max_length=8, choices=Role)
    basis = models.CharField(_("ที่มา"), max_length=10, choices=Basis, default=Basis.PROPOSED)
    valid_from = models.PositiveSmallIntegerField(_("ตั้งแต่ปีงบประมาณ"))
    valid_to = models.PositiveSmallIntegerField(_("ถึงปีงบประมาณ"), null=True, blank=True)
    # The other agency's assignment that this one continues.
    predecessor = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="continued_by",
        verbose_name=_("รับช่วงจากการมอบหมาย"),
    )
    # Why the agency was replaced: on the row that ended, and on the one that continues it.
    replaced_reason = models.TextField(_("เหตุผลที่เปลี่ยนหน่วยงาน"), blank=True, editable=False)
    # The meeting that confirmed it. A row confirmed before these columns were added has none.
    confirmed_ref = models.CharField(_("ยืนยันตามมติ คสป. ครั้งที่"), max_length=40, blank=True)
    confirmed_on = models.DateField(_("วันที่มีมติยืนยัน"), null=True, blank=True)
    # A member's assignment follows the group's in all but its agency and, within the group's years,
    # its years: `actions.follow_groups` writes it, nobody else.
    of_group = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        related_name="members",
        verbose_name=_("การมอบหมายของกลุ่ม"),
    )
    history = HistoricalRecords(bases=[Batched])

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("การมอบหมาย")
        verbose_name_plural = _("การมอบหมาย")
        ordering = ["measure", "role", "agency"]
        permissions = [
            ("import_assignment", _("นำเข้าการมอบหมาย")),
            ("export_assignment", _("ส่งออกการมอบหมาย")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "agency", "valid_from"], name="assignment_once"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="assignment_role_known"),
            models.CheckConstraint(
                condition=Q(basis__in=Basis.values), name="assignment_basis_known"
            ),
            models.CheckConstraint(
                condition=Q(valid_from__range=(YEAR_MIN, YEAR_MAX)),
                name="assignment_from_is_buddhist",
                violation_error_message=_("ปีต้องเป็น พ.ศ. ระหว่าง 2560 ถึง 2599"),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                # The year before the first one: replaced before it was ever in force.
                | Q(valid_to__gte=F("valid_from") - 1, valid_to__lte=YEAR_MAX),
                name="assignment_ends_after_start",
                violation_error_message=_("ปีสุดท้ายต้องไม่ก่อนปีแรก และไม่เกิน พ.ศ. 2599"),
            ),
            models.CheckConstraint(
                condition=Q(predecessor__isnull=True) | ~Q(predecessor=F("id")),
                name="assignment_not_its_own_predecessor",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_ref="", confirmed_on__isnull=True)
                | (Q(basis=Basis.CONFIRMED, confirmed_on__isnull=False) & ~Q(confirmed_ref="")),
                name="assignment_meeting_of_confirmed",
                violation_error_message=_(
                    "ระบุครั้งที่และวันที่ของมติให้ครบทั้งคู่ และเฉพาะที่ คสป. ยืนยันแล้ว ที่ยังรอยืนยันให้เว้นว่าง"
                ),
            ),
        ]

        indexes = [
            # How many are confirmed is counted from the index alone.
            models.Index(
                fields=["of_group", "basis", "valid_to", "measure"],
                name="assignment_of_group_basis",
            )
        ]

    def __str__(self) -> str:
        return f"{self.measure.full_code} {self.agency.short}"

    def get_role_display(self) -> str:  # type: ignore[no-redef]
        return label_of_choice(Role, self.role)

    @property
    def was_never_in_force(self) -> bool:
        """Whether it ended before it began: the agency was replaced from its first year on."""
        return self.valid_to is not None and self.valid_to < self.valid_from

    @property
    def is_confirmed(self) -> bool:
        return self.basis == Basis.CONFIRMED

    def clean(self) -> None:
        """Raise ValidationError for a second assignment of one agency to one measure at one time, and
        for a meeting that has not been held yet."""
        if self.confirmed_on and self.confirmed_on > timezone.localdate():
            raise ValidationError({"confirmed_on": future_meeting(self.confirmed_on)})
        if not (self.measure_id and self.agency_id and self.valid_from):
            return
        if self.valid_to and self.valid_to < self.valid_from:
            raise ValidationError({"valid_to": _("ปีสุดท้ายต้องไม่ก่อนปีแรก และไม่เกิน พ.ศ. 2599")})
        others = Assignment.objects.filter(
            Q(valid_to__isnull=True)
            # One that was never in force is in nobody's way.
            | (Q(valid_to__gte=self.valid_from) & Q(valid_to__gte=F("valid_from"))),
            measure=self.measure_id,
            agency=self.agency_id,
        ).exclude(pk=self.pk)
        if self.valid_to:
            others = others.filter(valid_from__lte=self.valid_to)
        if others.exists():
            raise ValidationError(_("หน่วยงานนี้ได้รับมอบหมายมาตรการย่อยนี้ในช่วงปีที่ทับซ้อนกันอยู่แล้ว"))
