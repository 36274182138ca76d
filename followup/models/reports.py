"""The report of (round, assignment): the agency's content and the committee's assessment."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from followup.grades import Grade
from followup.models.agencies import Agency, Assignment, Province
from followup.models.history import Batched
from followup.models.link_checks import CheckedLink
from followup.models.rounds import Round, RoundState
from followup.report_fields import FIELDS, WORD_LIMIT, label_of
from followup.status import ACHIEVED, STORED, Claim, Status
from forum_portal.thai import NUMBER_PLACES, format_date
from forum_portal.web_address import WebAddress
from proposals.models import Measure, Resolution

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from followup.models.accounts import User
    from followup.standing import Told

_STORED = [status.value for status in STORED]
_STATUS_CHOICES = [(status.value, status.label) for status in STORED]


def _choice(name: str) -> models.CharField[str, str]:
    """The column of a declared CHOICE; a constraint of the model holds its codes."""
    choices = [(each.value, each.label) for each in FIELDS[name].choices]
    return models.CharField(label_of(name), max_length=16, choices=choices, blank=True)


def _line(name: str) -> models.CharField[str, str]:
    """The column of a declared line."""
    return models.CharField(label_of(name), max_length=FIELDS[name].limit, blank=True)


def _number(name: str) -> models.DecimalField[Decimal | None, Decimal | None]:
    """The column of a declared decimal number."""
    return models.DecimalField(
        label_of(name), max_digits=18, decimal_places=NUMBER_PLACES, null=True, blank=True
    )


def _known(name: str) -> models.CheckConstraint:
    codes = ["", *(each.value for each in FIELDS[name].choices)]
    return models.CheckConstraint(
        condition=Q(**{f"{name}__in": codes}), name=f"report_{name}_known"
    )


class ReportState(models.TextChoices):
    """The workflow state of a report."""

    DRAFT = "draft", _("ฉบับร่าง")
    SUBMITTED = "submitted", _("ส่งตรวจ")
    RETURNED = "returned", _("ส่งกลับแก้ไข")
    APPROVED = "approved", _("รับรองแล้ว")
    WITHDRAWN = "withdrawn", _("ถอนออกจากรอบ")


#: Submitted or approved.
SETTLED = frozenset({ReportState.SUBMITTED, ReportState.APPROVED})


#: The states in which a report may be unfinished.
_UNCHECKED = [ReportState.DRAFT, ReportState.RETURNED, ReportState.WITHDRAWN]


class Source(models.TextChoices):
    """How a report reached the portal."""

    TYPED = "typed", _("พิมพ์ในระบบ")
    SPREADSHEET = "spreadsheet", _("นำเข้าจากสเปรดชีต")
    LETTER = "letter", _("จดหมายหรือหนังสือราชการ")
    AGENCY = "agency", _("หน่วยงานกรอกเอง")


class FileType(models.TextChoices):
    """The file types accepted as evidence, detected by content."""

    PDF = "pdf", "PDF"
    DOCX = "docx", "DOCX"
    XLSX = "xlsx", "XLSX"
    JPG = "jpg", "JPG"
    PNG = "png", "PNG"


class EvidenceKind(models.TextChoices):
    """What a piece of evidence is."""

    ORDER = "order", _("คำสั่งหรือประกาศ")
    LAW = "law", _("กฎหมายหรือระเบียบ")
    BUDGET = "budget", _("รายการงบประมาณ")
    MINUTES = "minutes", _("รายงานการประชุม")
    REPORT = "report", _("รายงานหรือข้อมูล")
    PHOTO = "photo", _("ภาพถ่าย")
    NEWS = "news", _("ข่าว")
    OTHER = "other", _("อื่น ๆ")


def evidence_storage() -> Storage:
    """The storage of evidence files; it is a setting, so that web processes can share it."""
    return storages["evidence"]


#: What no row of a list shows of its forum and resolution: long texts, and columns of JSON to be parsed.
_NOT_IN_LISTS = tuple(
    f"assignment__measure__resolution__{name}"
    for name in (
        "summary_en",
        "legal_references",
        "named_parties",
        "forum__source_text",
        "forum__background_th",
        "forum__preamble_th",
        "forum__objective_th",
        "forum__quotation_th",
        "forum__legal_basis",
        "forum__partners_th",
        "forum__participant_groups_th",
        "forum__not_stated",
    )
)


class StatusReportQuerySet(models.QuerySet["StatusReport"]):
    def with_context(self) -> StatusReportQuerySet:
        """Reports with the relations that every row shows: measure, resolution, agency, round, evidence.

        They are in the source's clause order, the lead agency first.
        """
        return (
            self.select_related(
                "round",
                "assignment__agency",
                "assignment__of_group__agency",
                "assignment__measure__resolution__forum",
            )
            .defer(*_NOT_IN_LISTS)
            .prefetch_related("evidence", "provinces")
            .in_source_order()
        )

    def in_source_order(self) -> StatusReportQuerySet:
        """In the order of the source's text, and of each measure's agencies."""
        return self.order_by(
            "assignment__measure__resolution__forum__year_be",
            "assignment__measure__resolution__number",
            "assignment__measure__number",
            "assignment__role",
            "assignment__agency__sort_key",
        )

    def standing(self) -> StatusReportQuerySet:
        """Reports that are part of their round: all but the withdrawn ones.

        Whatever counts, lists or asks for a round's reports starts from these.
        """
        return self.exclude(state=ReportState.WITHDRAWN)

    def waiting(self) -> StatusReportQuerySet:
        """Reports that wait for a reviewer, in rounds not yet published or being corrected."""
        return self.filter(
            state=ReportState.SUBMITTED, round__state__in=[RoundState.OPEN, RoundState.CLOSED]
        )

    def received(self) -> StatusReportQuerySet:
        """Approved reports; only these count as received."""
        return self.filter(state=ReportState.APPROVED)

    def last_before(self, rounds: Collection[Round]) -> LastReports:
        """The last received report of each assignment before each of some rounds.

        "Last" means the latest earlier round with a received report, not necessarily the year before;
        it may be the interim round of the same year. This is the only definition: the form, the queue,
        the letters, the workbook and "no change" use it. One query; reports that a later one supersedes
        for all the rounds are not loaded.
        """
        if not rounds:
            return LastReports(())
        first = min(rounds, key=lambda each: each.order)
        last = max(rounds, key=lambda each: each.order)
        later = StatusReport.objects.received().filter(
            Q(round__year_be__gt=OuterRef("round__year_be"))
            | Q(
                round__year_be=OuterRef("round__year_be"),
                round__months__gt=OuterRef("round__months"),
            ),
            assignment=OuterRef("assignment"),
            round__in=Round.objects.before(first),
        )
        found = self.received().filter(~Exists(later), round__in=Round.objects.before(last))
        return LastReports(found.select_related("round"))


class LastReports:
    """Received reports, for looking up an assignment's last one before a round."""

    def __init__(self, reports: Iterable[StatusReport]) -> None:
        self._of: dict[int, list[StatusReport]] = {}
        for report in sorted(reports, key=lambda each: each.round.order, reverse=True):
            self._of.setdefault(report.assignment_id, []).append(report)

    def before(self, round_: Round, assignment: int) -> StatusReport | None:
        """The last report of an assignment before a round; None if there is none."""
        of_assignment = self._of.get(assignment, ())
        return next((each for each in of_assignment if each.round.order < round_.order), None)

    def of(self, report: StatusReport) -> StatusReport | None:
        """The last report of the same assignment before this one."""
        return self.before(report.round, report.assignment_id)


class StatusReport(models.Model):
    """One agency's report on one measure in one round, and the committee's assessment.

    A round's expected reports are created when it opens. An untouched one is a draft without a
    status and counts as no report.
    """

    round = models.ForeignKey(
        Round, models.CASCADE, related_name="reports", verbose_name=_("รอบติดตาม")
    )
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, related_name="reports", verbose_name=_("การมอบหมาย")
    )

    reported_status = models.CharField(
        label_of("reported_status"), max_length=12, choices=_STATUS_CHOICES, blank=True
    )
    results = models.TextField(label_of("results"), blank=True)
    obstacles = models.TextField(label_of("obstacles"), blank=True)
    next_steps = models.TextField(label_of("next_steps"), blank=True)
    meeting_ref = models.CharField(label_of("meeting_ref"), max_length=WORD_LIMIT, blank=True)
    budget_received = models.DecimalField(
        label_of("budget_received"), max_digits=15, decimal_places=2, null=True, blank=True
    )
    budget_spent = models.DecimalField(
        label_of("budget_spent"), max_digits=15, decimal_places=2, null=True, blank=True
    )
    beneficiaries = models.PositiveIntegerField(label_of("beneficiaries"), null=True, blank=True)
    provinces = models.ManyToManyField(Province, blank=True, verbose_name=label_of("provinces"))
    response = _choice("response")
    response_reason = models.TextField(label_of("response_reason"), blank=True)
    competent_agency = _line("competent_agency")
    response_on = models.DateField(label_of("response_on"), null=True, blank=True)
    response_document = _line("response_document")
    target_on = models.DateField(label_of("target_on"), null=True, blank=True)
    milestone = _line("milestone")
    target_reason = _line("target_reason")
    indicator = _line("indicator")
    indicator_unit = _line("indicator_unit")
    indicator_baseline = _number("indicator_baseline")
    indicator_target = _number("indicator_target")
    indicator_value = _number("indicator_value")
    project_codes = models.TextField(label_of("project_codes"), blank=True)
    no_change = models.BooleanField(label_of("no_change"), default=False)
    reported_on = models.DateField(_("วันที่รายงาน"), null=True, blank=True)
    #: The agency's report of this round with the texts of this one, see `followup.joint_reports`.
    told_in = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="tells",
        verbose_name=_("รายงานร่วมใน"),
    )

    assessed_status = models.CharField(
        label_of("assessed_status"), max_length=12, choices=_STATUS_CHOICES, blank=True
    )
    assessed_note = models.TextField(label_of("assessed_note"), blank=True)
    assessed_meeting = models.CharField(
        label_of("assessed_meeting"), max_length=WORD_LIMIT, blank=True
    )
    assessed_grade = _choice("assessed_grade")
    agency_reply = models.TextField(label_of("agency_reply"), blank=True)

    state = models.CharField(
        _("ขั้นตอน"), max_length=10, choices=ReportState, default=ReportState.DRAFT
    )
    return_reason = models.TextField(_("สิ่งที่ต้องแก้ไข"), blank=True)
    withdrawn_reason = models.TextField(
        _("เหตุผลที่ถอนออกจากรอบ"), blank=True, help_text=_("แสดงต่อสาธารณะ หากรอบเคยเผยแพร่แล้ว")
    )
    source = models.CharField(_("ที่มา"), max_length=12, choices=Source, default=Source.TYPED)
    version = models.PositiveIntegerField(_("ฉบับที่"), default=0)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ผู้แก้ไขล่าสุด"),
    )
    updated_at = models.DateTimeField(_("แก้ไขเมื่อ"), auto_now=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ผู้ส่งตรวจ"),
    )
    submitted_at = models.DateTimeField(_("ส่งตรวจเมื่อ"), null=True, blank=True)
    #: The agency's link through which it was submitted; then `submitted_by` is empty.
    submitted_link = models.ForeignKey(
        "followup.AgencyLink",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ลิงก์ที่ส่งผ่าน"),
    )
    #: When a reviewer first opened what is submitted now: until then the submitter may take it back.
    review_opened_at = models.DateTimeField(
        _("ผู้ตรวจเปิดอ่านเมื่อ"), null=True, blank=True, editable=False
    )
    review_opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ผู้รับรอง"),
    )
    approved_at = models.DateTimeField(_("รับรองเมื่อ"), null=True, blank=True)

    history = HistoricalRecords(m2m_fields=[provinces], bases=[Batched])

    objects = StatusReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("รายงานผล")
        verbose_name_plural = _("รายงานผล")
        permissions = [
            ("log_statusreport", _("บันทึกและส่งรายงานผล")),
            ("review_statusreport", _("ตรวจและรับรองรายงานผล")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["round", "assignment"], name="report_once"),
            models.CheckConstraint(
                condition=Q(told_in__isnull=True) | ~Q(told_in=models.F("id")),
                name="report_not_told_in_itself",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ReportState.values), name="report_state_known"
            ),
            models.CheckConstraint(
                condition=Q(source__in=Source.values), name="report_source_known"
            ),
            models.CheckConstraint(
                condition=Q(reported_status__in=["", *_STORED]), name="report_status_known"
            ),
            models.CheckConstraint(
                condition=Q(assessed_status__in=["", *_STORED]), name="report_assessed_known"
            ),
            _known("response"),
            _known("assessed_grade"),
            models.CheckConstraint(
                condition=Q(response="") | Q(response_on__isnull=False) | Q(state__in=_UNCHECKED),
                name="report_response_has_day",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "approved"]) | ~Q(reported_status=""),
                name="report_submitted_has_status",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReportState.RETURNED) | ~Q(return_reason=""),
                name="report_returned_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReportState.WITHDRAWN) | ~Q(withdrawn_reason=""),
                name="report_withdrawn_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "approved"]) | Q(submitted_at__isnull=False),
                name="report_submitted_has_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReportState.APPROVED) | Q(approved_at__isnull=False),
                name="report_approved_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(submitted_by__isnull=True)
                | ~Q(approved_by=models.F("submitted_by")),
                name="report_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(budget_received__isnull=True) | Q(budget_received__gte=0),
                name="report_budget_received_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(budget_spent__isnull=True) | Q(budget_spent__gte=0),
                name="report_budget_spent_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "approved"])
                | ~Q(reported_status=Status.ON_HOLD)
                | ~Q(obstacles=""),
                name="report_on_hold_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "approved"])
                | ~Q(reported_status=Status.IN_PROGRESS)
                | ~Q(results=""),
                name="report_in_progress_has_results",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "approved"])
                | ~Q(reported_status=Status.CANCELLED)
                | ~Q(meeting_ref=""),
                name="report_cancelled_has_meeting",
            ),
        ]
        indexes = [
            # The workload is counted from the index alone: the rows are long.
            models.Index(
                fields=["round", "state", "assignment", "version"], name="report_round_state"
            ),
            # The review queue has the oldest first.
            models.Index(fields=["state", "submitted_at"], name="report_state_submitted"),
            # Promises that are past due are found by their day: most reports say none.
            models.Index(
                fields=["target_on", "assignment"],
                condition=Q(target_on__isnull=False),
                name="report_promised",
            ),
        ]

    #: The measures of the other reports of its activity, where `followup.joint_reports` has set them.
    joint_with: Sequence[Measure] = ()
    #: What its assignment's earlier reports said, where `followup.standing` or an edition has set it.
    earlier: Sequence[Told] = ()
    #: Its project codes that stand at several measures of its edition, by their keys: at how many.
    shared_codes: Mapping[str, int] = MappingProxyType({})

    def __str__(self) -> str:
        return f"{self.round.label} {self.assignment}"

    @property
    def status(self) -> Status:
        """The assessed status, else the reported one, else `Status.NO_REPORT`."""
        return Status(self.assessed_status or self.reported_status or Status.NO_REPORT)

    @property
    def reported(self) -> Status:
        """The status reported by the agency itself."""
        return Status(self.reported_status or Status.NO_REPORT)

    @property
    def voices_differ(self) -> bool:
        """Whether the assessed status differs from the reported one."""
        return bool(self.assessed_status) and self.assessed_status != self.reported_status

    @property
    def grade(self) -> Grade:
        """What its status rests on, as the committee says."""
        return Grade(self.assessed_grade or Grade.UNGRADED)

    @property
    def grounds(self) -> list[Evidence]:
        """The pieces of evidence that the committee names, internal ones among them."""
        return [piece for piece in self.evidence.all() if piece.is_ground]

    @property
    def is_untouched(self) -> bool:
        """Whether nobody has saved anything into this expected report yet."""
        return self.version == 0

    @property
    def takes_text(self) -> bool:
        """Whether it can be edited now: its round takes reports, and no reviewer has it."""
        is_free = not (self.is_settled or self.is_withdrawn)
        return self.round.state == RoundState.OPEN and is_free

    @property
    def is_settled(self) -> bool:
        """Whether it was submitted or approved: it cannot be edited unless a reviewer returns it."""
        return self.state in SETTLED

    @property
    def is_withdrawn(self) -> bool:
        """Whether it was taken out of its round: it keeps its content, and counts nowhere."""
        return self.state == ReportState.WITHDRAWN

    @property
    def last_writer(self) -> str:
        """The last writer's name; for the secretariat only."""
        return self._name(self.updated_by)

    @property
    def submitter(self) -> str:
        """The submitter's name; for the secretariat only."""
        return self._name(self.submitted_by)

    def _name(self, user: User | None) -> str:
        if user is not None:
            return str(user)
        if self.source == Source.AGENCY:
            return self.assignment.agency.link_name
        return gettext("ผู้อื่น")

    @property
    def lacks_evidence(self) -> bool:
        """Whether it claims an achieved measure without evidence of this year."""
        return self.status in ACHIEVED and not self.evidence.all()

    @property
    def measure(self) -> Measure:
        return self.assignment.measure

    @property
    def resolution(self) -> Resolution:
        return self.assignment.measure.resolution

    @property
    def public_evidence(self) -> Iterable[Evidence]:
        return [piece for piece in self.evidence.all() if piece.is_public]

    @cached_property
    def last(self) -> StatusReport | None:
        """The same assignment's last received report of an earlier round. One query."""
        of_assignment = StatusReport.objects.filter(assignment=self.assignment_id)
        return of_assignment.last_before([self.round]).of(self)

    @cached_property
    def inherited(self) -> StatusReport | None:
        """What the agency that had this assignment before said last, as the public has read it.

        The nearest predecessor that ever reported; None if the agency itself reported before. It may be
        taken over as a beginning, but "no change" is said against one's own report only. One query for
        each predecessor.
        """
        if self.last is not None:
            return None
        passed, pk = {self.assignment_id}, self.assignment.predecessor_id
        while pk is not None and pk not in passed:
            passed.add(pk)
            found = (
                StatusReport.objects.received()
                .filter(
                    assignment=pk,
                    round__published_at__isnull=False,
                    round__starts_on__lt=self.round.starts_on,
                )
                .with_context()
                .order_by("-round__starts_on", "-round__ends_on")
                .first()
            )
            if found:
                return found
            pk = Assignment.objects.values_list("predecessor_id", flat=True).get(pk=pk)
        return None

    def claim(self) -> Claim:
        """This report as input of the vocabulary's rules; queries the last report if it is needed."""
        last = self.last if self.no_change else None
        return Claim(
            status=self.reported_status,
            kind=self.measure.kind,
            results=self.results,
            obstacles=self.obstacles,
            meeting=self.meeting_ref,
            evidence=len(self.evidence.all()),
            no_change=self.no_change,
            last=last.reported_status if last else None,
        )


class Evidence(CheckedLink, models.Model):
    """Evidence for a report: a link, a file stored in the portal, or a link with its copy as a file."""

    report = models.ForeignKey(
        StatusReport, models.CASCADE, related_name="evidence", verbose_name=_("รายงานผล")
    )
    title = models.CharField(_("ชื่อหลักฐาน"), max_length=200)
    kind = models.CharField(_("ประเภทหลักฐาน"), max_length=12, choices=EvidenceKind, blank=True)
    dated_on = models.DateField(_("หลักฐานลงวันที่"), null=True, blank=True)
    issuer = models.CharField(_("ผู้ออกหลักฐาน"), max_length=200, blank=True)
    # A row with a link and a file is a link of which the portal keeps a copy.
    url = models.URLField(_("ลิงก์"), max_length=500, blank=True, validators=[WebAddress()])
    # Stored under a random name outside the web root; people see `file_name`.
    file = models.FileField(_("ไฟล์"), storage=evidence_storage, max_length=100, blank=True)
    file_name = models.CharField(_("ชื่อไฟล์"), max_length=255, blank=True)
    file_type = models.CharField(_("ชนิดไฟล์"), max_length=5, choices=FileType, blank=True)
    size = models.PositiveBigIntegerField(_("ขนาด (ไบต์)"), null=True, blank=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True, editable=False)
    is_public = models.BooleanField(_("เปิดเผยต่อสาธารณะ"), default=True)
    #: Whether the committee's assessment rests on it, see `followup.grades`.
    is_ground = models.BooleanField(_("คสป. ใช้ประเมิน"), default=False, editable=False)
    position = models.PositiveSmallIntegerField(default=0, editable=False)
    # The agency that gave it through its link; empty if the secretariat added it.
    given_by = models.ForeignKey(
        Agency,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("หน่วยงานที่ให้ผ่านลิงก์"),
    )
    history = HistoricalRecords(bases=[Batched])

    class Meta:
        verbose_name = _("หลักฐาน")
        verbose_name_plural = _("หลักฐาน")
        ordering = ["report", "position", "pk"]
        constraints = [
            # A link with another scheme (javascript:, data:) could run in the reader's browser.
            models.CheckConstraint(
                condition=Q(url="") | Q(url__startswith="http://") | Q(url__startswith="https://"),
                name="evidence_url_is_web",
            ),
            models.CheckConstraint(
                condition=~Q(file="") | ~Q(url=""), name="evidence_is_link_or_file"
            ),
            models.CheckConstraint(
                condition=Q(file="")
                | (~Q(file_name="") & ~Q(file_type="") & ~Q(sha256="") & Q(size__isnull=False)),
                name="evidence_file_is_described",
            ),
            models.CheckConstraint(
                condition=Q(file_type__in=["", *FileType.values]), name="evidence_type_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["", *EvidenceKind.values]), name="evidence_kind_known"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="evidence_has_title"),
        ]

    def __str__(self) -> str:
        return self.title

    #: What it says of itself, besides its title, link and file.
    DESCRIBED = ("kind", "dated_on", "issuer")
    #: The address of the file for an agency that reads it through its link; "" otherwise.
    address_by_link = ""

    @property
    def address(self) -> str:
        """The address: the link itself, or the portal's address of the file."""
        return self.url or self.file_at

    @property
    def file_at(self) -> str:
        """The portal's address of the file; "" for a link without a copy."""
        if not self.file:
            return ""
        return self.address_by_link or reverse("evidence", args=[self.pk, self.file_name])

    @property
    def described(self) -> list[str]:
        """Its kind, issuer and day in words, as far as they are known."""
        day = format_date(self.dated_on, "medium") if self.dated_on else ""
        kind = str(self.get_kind_display()) if self.kind else ""
        return [each for each in (kind, self.issuer, day) if each]

    @property
    def is_copied_link(self) -> bool:
        """Whether it is a link of which the portal keeps a copy."""
        return bool(self.url and self.file)


class Ruling(models.Model):
    """The committee's own status for a measure or resolution in a round, citing a meeting.

    It overrules the roll-up, and the page says so.
    """

    round = models.ForeignKey(
        Round, models.CASCADE, related_name="rulings", verbose_name=_("รอบติดตาม")
    )
    resolution = models.ForeignKey(
        Resolution, models.PROTECT, null=True, blank=True, verbose_name=_("ข้อเสนอ")
    )
    measure = models.ForeignKey(
        Measure, models.PROTECT, null=True, blank=True, verbose_name=_("มาตรการย่อย")
    )
    status = models.CharField(_("สถานะ"), max_length=12, choices=_STATUS_CHOICES)
    meeting_ref = models.CharField(_("การประชุม คสป. ครั้งที่"), max_length=40)
    #: Empty in rows and editions from before it was asked for.
    meeting_on = models.DateField(_("วันที่ประชุม"), null=True, blank=True)
    note = models.TextField(_("เหตุผล"), blank=True)
    history = HistoricalRecords(bases=[Batched])

    class Meta:
        verbose_name = _("มติ คสป. ที่กำหนดสถานะ")
        verbose_name_plural = _("มติ คสป. ที่กำหนดสถานะ")
        constraints = [
            models.CheckConstraint(
                condition=Q(resolution__isnull=True, measure__isnull=False)
                | Q(resolution__isnull=False, measure__isnull=True),
                name="ruling_on_one_thing",
            ),
            models.CheckConstraint(condition=Q(status__in=_STORED), name="ruling_status_known"),
            models.CheckConstraint(condition=~Q(meeting_ref=""), name="ruling_cites_meeting"),
            models.UniqueConstraint(fields=["round", "resolution"], name="ruling_resolution_once"),
            models.UniqueConstraint(fields=["round", "measure"], name="ruling_measure_once"),
        ]

    def __str__(self) -> str:
        return f"{self.round.label} {self.measure or self.resolution}"

    @property
    def subject(self) -> Measure | Resolution:
        """What it is on: a measure, or a whole resolution; a constraint requires one of them."""
        subject = self.measure or self.resolution
        assert subject is not None  # noqa: S101
        return subject

    @property
    def judged(self) -> Status:
        """The status that the committee set."""
        return Status(self.status)
