"""The admin of provinces, agencies, assignments and users; rounds and reports are read-only.

A year's work is done on the staff pages, whose actions check its rules. Nothing here bypasses them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, cast

import allauth.account.admin
import allauth.mfa.admin  # noqa: F401 - both register models that the portal does not use
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserCreationForm
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django_tasks_db.models import DBTaskResult

from followup.accounts import enrolled_at
from followup.actions import (
    Refused,
    erase_person,
    published_message,
    refresh_open_rounds,
    remove_subscribers,
    reset_second_factor,
    wrong_with_ruling,
)
from followup.forms.fields import DayField
from followup.history import gone_user, noted_by, one_batch
from followup.models import (
    Agency,
    AgencyAlias,
    AgencyLink,
    Assignment,
    ChainEntry,
    Digest,
    Evidence,
    Feedback,
    FocalPoint,
    GroupMember,
    Letter,
    LinkUse,
    Narrative,
    News,
    NewsMail,
    PrintJob,
    Province,
    PublicAnswer,
    RecordEntry,
    RenderedReport,
    Round,
    RoundState,
    Ruling,
    SentMail,
    Snapshot,
    SpreadsheetImport,
    StatusReport,
    Subscriber,
    TakenBack,
    User,
    former_names,
    keep_as_aliases,
    shared_name,
)
from followup.report_fields import Kind, Writer, of_assessment, written_by
from followup.resources import AgencyResource, AssignmentResource
from followup.spreadsheets import session
from forum_portal.admin_base import PortalAdmin, PortalInline, SheetAdmin, ViewOnly
from forum_portal.thai import format_date, format_time, match_key


def written(value: date | None) -> str:
    """A date, or a date and time, in Thai notation."""
    if value is None:
        return "–"
    if not isinstance(value, datetime):
        return format_date(value, "medium")
    value = timezone.localtime(value)
    return f"{format_date(value, 'medium')} {format_time(value)}"


def moment(model: type[Model], name: str) -> Callable[[Any, Any], str]:
    """A list column for a date or a time; Django itself would write it in the Christian era."""
    field: Any = model._meta.get_field(name)

    @admin.display(description=field.verbose_name, ordering=name)
    def column(self: Any, row: Any) -> str:
        return written(getattr(row, name))

    return column


def flag(model: type[Model], name: str) -> Callable[[Any, Any], str]:
    """A column for a yes or no in words; Django's icon says True or False to who cannot see it."""
    field: Any = model._meta.get_field(name)

    @admin.display(description=field.verbose_name, ordering=name)
    def column(self: Any, row: Any) -> str:
        return yes_or_no(getattr(row, name))

    return column


def yes_or_no(value: bool) -> str:
    return _("ใช่") if value else _("ไม่ใช่")


def acting(request: HttpRequest) -> User:
    """The administrator who sends the request."""
    return request.user  # type: ignore[return-value]


# Agencies -------------------------------------------------------------------------------------


@admin.register(Province)
class ProvinceAdmin(PortalAdmin):
    list_display = ["name_th", "name_en", "region_th", "code", "iso"]
    list_filter = ["region_th"]
    search_fields = ["name_th", "name_en", "code"]


class AgencyAdminForm(forms.ModelForm):
    """A name that another agency has is warned of, and stored once somebody says that it is right."""

    is_another = forms.BooleanField(
        label=_l("เป็นคนละหน่วยงาน"),
        required=False,
        help_text=_l("ทำเครื่องหมายเมื่อระบบเตือนว่าชื่อซ้ำ และเป็นคนละหน่วยงานจริง"),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        stored = Agency.objects.filter(pk=self.instance.pk).first() if self.instance.pk else None
        # The aliases stand in forms of their own, which are sent with this one.
        aliases = {
            match_key(value)
            for name, value in self.data.items()
            if name.startswith("aliases-") and name.endswith("-name")
        }
        named = [data.get(name) or "" for name in ("name_th", "abbr_th", "name_en", "abbr_en")]
        keys = {match_key(name) for name in named} | aliases
        new = keys - (stored.name_keys if stored else set()) - {""}
        if new and not data.get("is_another"):
            others = Agency.objects.sharing(new, but=self.instance.pk)
            if others:
                self.add_error(
                    "is_another",
                    _("%(shared)s หากเป็นคนละหน่วยงาน ทำเครื่องหมายที่นี่แล้วบันทึกอีกครั้ง")
                    % {"shared": shared_name(others)},
                )
        return data


class AgencyAliasInline(PortalInline):
    model = AgencyAlias


class FocalPointInline(PortalInline):
    model = FocalPoint
    personal = True


@admin.register(Agency)
class AgencyAdmin(SheetAdmin):
    resource_classes = [AgencyResource]
    form = AgencyAdminForm
    list_display = ["name_th", "abbr_th", "code", "kind", "parent"]
    list_filter = ["kind", "named_in_source"]
    search_fields = ["name_th"]
    search_help_text = _l("ค้นด้วยชื่อ ชื่อย่อ หรือชื่ออื่น ไม่ต้องใส่จุด")
    joins = ("parent",)
    autocomplete_fields = ["parent", "successor", "province", "caretaker"]
    inlines = [AgencyAliasInline, FocalPointInline]
    fieldsets = [
        (None, {"fields": ["code", "name_th", "abbr_th", "name_en", "abbr_en", "kind"]}),
        (_l("ความเกี่ยวข้อง"), {"fields": ["parent", "successor", "province", "caretaker"]}),
        (_l("ข้อมูลประกอบ"), {"fields": ["named_in_source", "note"]}),
    ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found = Agency.objects.matching(search_term)
        if request.resolver_match and request.resolver_match.url_name == "autocomplete":
            found = found.standing()  # a merged record is nothing to choose
        return queryset.filter(pk__in=found), False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None and not self.has_change_permission(request, obj):
            return fieldsets
        return [*fieldsets, (None, {"fields": ["is_another"]})]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A renamed agency keeps its former name as an alias; published editions keep it too."""
        stored = Agency.objects.get(pk=obj.pk) if change else None
        super().save_model(request, obj, form, change)
        obj.former_names = former_names(stored, obj) if stored else []

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        keep_as_aliases(Agency.objects.get(pk=form.instance.pk), form.instance.former_names)


@admin.register(AgencyAlias)
class AgencyAliasAdmin(PortalAdmin):
    list_display = ["name", "agency"]
    search_fields = ["name", "agency__name_th", "agency__abbr_th"]
    ordering = ["name"]
    joins = ("agency",)
    autocomplete_fields = ["agency"]


class AssignmentAdminForm(forms.ModelForm):
    confirmed_on = DayField(label=_l("วันที่มีมติยืนยัน"), required=False)


@admin.register(Assignment)
class AssignmentAdmin(SheetAdmin):
    """Changes here are applied to the rounds that still take reports."""

    resource_classes = [AssignmentResource]
    form = AssignmentAdminForm
    list_display = ["measure", "agency", "role", "basis", "valid_from", "valid_to"]
    list_display_links = ["measure", "agency"]
    list_filter = ["role", "basis", "valid_from", "measure__resolution"]
    search_fields = ["agency__name_th", "agency__abbr_th", "agency__code", "measure__title_th"]
    joins = ("measure__resolution__forum", "agency")
    autocomplete_fields = ["measure", "agency"]
    fieldsets = [
        (None, {"fields": ["measure", "agency", "role", "basis"]}),
        (_l("มติ คสป. ที่ยืนยัน"), {"fields": ["confirmed_ref", "confirmed_on"]}),
        (_l("ช่วงปีที่มีผล"), {"fields": ["valid_from", "valid_to"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Agency and measure are read-only once a report has been saved."""
        reported = obj and obj.reports.filter(version__gt=0).exists()
        fixed = ("measure", "agency") if reported else ()
        return (*super().get_readonly_fields(request, obj), *fixed)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without those of groups' members, which follow the group's."""
        return super().get_queryset(request).filter(of_group__isnull=True)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with one_batch(acting(request)):
            super().save_model(request, obj, form, change)
            refresh_open_rounds()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with one_batch(acting(request)):
            super().delete_model(request, obj)
            refresh_open_rounds()

    @transaction.atomic
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with one_batch(acting(request)):
            super().delete_queryset(request, queryset)
            refresh_open_rounds()


# A year's work --------------------------------------------------------------------------------


class RoundAdminForm(forms.ModelForm):
    due_on = DayField(label=_l("กำหนดส่งรายงาน"))
    meeting_on = DayField(label=_l("วันที่ประชุม"), required=False)

    def clean_due_on(self) -> Any:
        due_on = self.cleaned_data["due_on"]
        if due_on is None:
            raise ValidationError(_("ระบุกำหนดส่งรายงาน"))
        if due_on < self.instance.starts_on:
            raise ValidationError(
                _("กำหนดส่งรายงานต้องไม่ก่อนวันเริ่มรอบ (%(day)s)")
                % {"day": format_date(self.instance.starts_on)}
            )
        return due_on


@admin.register(Round)
class RoundAdmin(PortalAdmin):
    """Rounds are created, opened, closed and published on the staff pages."""

    form = RoundAdminForm
    list_display = ["name", "state", "due", "meeting_ref", "sample"]
    list_filter = ["state"]
    search_fields = ["year_be", "meeting_ref"]
    readonly_fields = (
        "year_be",
        "months",
        "state",
        "starts",
        "ends",
        "opened",
        "closed",
        "published",
        "sample",
        "staff_page",
    )
    fieldsets = [
        (None, {"fields": ["due_on", "meeting_ref", "meeting_on"]}),
        (_l("จัดการที่หน้างานของเจ้าหน้าที่"), {"fields": readonly_fields}),
    ]

    due = moment(Round, "due_on")
    starts = moment(Round, "starts_on")
    ends = moment(Round, "ends_on")
    opened = moment(Round, "opened_at")
    closed = moment(Round, "closed_at")
    published = moment(Round, "published_at")
    met = moment(Round, "meeting_on")
    sample = flag(Round, "is_demo")

    @admin.display(description=_l("รอบติดตาม"), ordering="year_be")
    def name(self, round_: Round) -> str:
        return round_.name

    @admin.display(description=_l("หน้างาน"))
    def staff_page(self, round_: Round) -> SafeString:
        return link("staff-round", round_.code, _("เปิดหน้ารอบติดตาม"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Round | None = None) -> Any:
        """Read-only dates use our own columns, because Django's are in the Christian era."""
        if obj is None or self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        return [(None, {"fields": ["due", "meeting_ref", "met"]}), self.fieldsets[1]]

    def has_change_permission(self, request: HttpRequest, obj: Round | None = None) -> bool:
        """A published round changes only by a correction, which states its reason."""
        is_public = obj is not None and obj.is_public
        return not is_public and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def link(name: str, argument: Any, words: str) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse(name, args=[argument]), words)


@admin.display(description=_l("ที่อยู่"))
def evidence_address(self: Any, piece: Evidence) -> SafeString:
    """A link, or the portal's address of a file: the storage has no address of its own."""
    return format_html('<a href="{}">{}</a>', piece.address, piece.url or piece.file_name)


class EvidenceInline(ViewOnly, PortalInline):
    model = Evidence
    fields = ["title", "kind", "dated_on", "issuer", "address", "file_type", "public"]
    readonly_fields = ["address", "public"]
    address = evidence_address
    public = flag(Evidence, "is_public")


@admin.register(StatusReport)
class StatusReportAdmin(ViewOnly, PortalAdmin):
    """Reports are written and reviewed on the staff pages."""

    list_display = [
        "assignment",
        "round",
        "state",
        "reported_status",
        "assessed_status",
        "updated",
        "staff_page",
    ]
    list_filter = ["round", "state", "reported_status", "assessed_status", "source"]
    search_fields = [
        "assignment__agency__name_th",
        "assignment__agency__abbr_th",
        "assignment__measure__title_th",
    ]
    ordering = ["-round__year_be", "-round__months", "assignment__measure", "assignment__agency"]
    joins = (
        "round",
        "assignment__agency",
        "assignment__measure__resolution__forum",
        "updated_by",
        "submitted_by",
        "approved_by",
    )
    inlines = [EvidenceInline]
    fieldsets = [
        (None, {"fields": ["staff_page", "round", "assignment", "state", "source", "version"]}),
        (
            _l("หน่วยงานรายงาน"),
            {
                "fields": [
                    *(
                        "unchanged" if each.name == "no_change" else each.name
                        for each in written_by(Writer.AGENCY)
                        if each.kind is not Kind.EVIDENCE
                    ),
                    "reported",
                ]
            },
        ),
        (
            _l("คสป. ประเมิน"),
            {"fields": [each.name for each in of_assessment()]},
        ),
        (
            _l("การส่งและการตรวจ"),
            {
                "fields": [
                    "submission",
                    "approval",
                    "return_reason",
                    "withdrawn_reason",
                    "last_change",
                ]
            },
        ),
    ]

    updated = moment(StatusReport, "updated_at")
    reported = moment(StatusReport, "reported_on")
    unchanged = flag(StatusReport, "no_change")

    @admin.display(description=_l("หน้างาน"))
    def staff_page(self, report: StatusReport) -> SafeString:
        return link("staff-report", report.pk, _("เปิดหน้ารายงาน"))

    @admin.display(description=_l("ส่งตรวจ"))
    def submission(self, report: StatusReport) -> str:
        return hand(report.submitted_by, report.submitted_at)

    @admin.display(description=_l("รับรอง"))
    def approval(self, report: StatusReport) -> str:
        return hand(report.approved_by, report.approved_at)

    @admin.display(description=_l("แก้ไขล่าสุด"))
    def last_change(self, report: StatusReport) -> str:
        return hand(report.updated_by, report.updated_at)


def hand(person: User | None, at: datetime | None) -> str:
    """The user and the time; the time alone if the user was deleted."""
    return f"{person} {written(at)}" if person else written(at)


@admin.register(Evidence)
class EvidenceAdmin(ViewOnly, PortalAdmin):
    list_display = ["title", "report", "address", "file_type", "public"]
    list_filter = ["is_public", "file_type", "report__round"]
    search_fields = ["title", "url", "file_name"]
    fields = ["report", "title", "address", "file_type", "size", "public"]
    public = flag(Evidence, "is_public")
    readonly_fields = ["address", "public"]
    address = evidence_address
    joins = (
        "report__round",
        "report__assignment__agency",
        "report__assignment__measure__resolution__forum",
    )


class RulingForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if bool(data.get("resolution")) == bool(data.get("measure")):
            self.add_error("measure", _("เลือกข้อเสนอหรือมาตรการย่อยอย่างใดอย่างหนึ่ง"))
        chosen = data.get("round")
        # The round that it leaves as well; locked until the ruling is saved.
        before = self.initial.get("round")
        rounds = {each for each in (chosen and chosen.pk, before) if each}
        for round_ in Round.objects.locked().filter(pk__in=rounds):
            if round_.state == RoundState.PUBLISHED:
                self.add_error("round", published_message(round_))
        wrong = wrong_with_ruling(
            data.get("status", ""),
            data["measure"].kind if data.get("measure") else "",
            data.get("meeting_ref", ""),
            data.get("meeting_on"),
        )
        for name, sentence in wrong.items():
            # A row from before the date was asked for may stay without it.
            is_old = name == "meeting_on" and self.instance.pk and not data.get("meeting_on")
            if not is_old and name not in self.errors:
                self.add_error(name, sentence)
        return data


@admin.register(Ruling)
class RulingAdmin(PortalAdmin):
    form = RulingForm
    list_display = ["subject", "round", "status", "meeting_ref"]
    list_filter = ["round", "status"]
    search_fields = ["meeting_ref", "note", "resolution__title_th", "measure__title_th"]
    ordering = ["-round__year_be", "-round__months", "pk"]
    joins = ("round", "resolution__forum", "measure__resolution__forum")
    autocomplete_fields = ["resolution", "measure"]
    fieldsets = [
        (None, {"fields": ["round", "resolution", "measure"]}),
        (_l("มติ คสป. ที่กำหนดสถานะ"), {"fields": ["status", "meeting_ref", "meeting_on", "note"]}),
    ]

    @admin.display(description=_l("เรื่อง"))
    def subject(self, ruling: Ruling) -> str:
        return str(ruling.measure or ruling.resolution)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A published ruling changes only with a public reason."""
        published = obj is not None and obj.round.state == RoundState.PUBLISHED
        return not published and super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: Ruling) -> None:
        obj.round = Round.objects.locked().get(pk=obj.round_id)
        if not self.has_delete_permission(request, obj):  # published since the page was opened
            raise PermissionDenied
        super().delete_model(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}  # bulk deletion would not ask for each row


# Publication and correspondence -----------------------------------------------------------------


@admin.register(Snapshot)
class SnapshotAdmin(ViewOnly, PortalAdmin):
    list_display = ["round", "number", "made", "reason"]
    list_filter = ["round"]
    ordering = ["-made_at"]
    joins = ("round", "made_by")
    unread = ("content", "changes")
    fields = ["round", "number", "made", "made_by", "reason", "digest"]
    readonly_fields = ["made", "digest"]
    made = moment(Snapshot, "made_at")


@admin.register(Letter)
class LetterAdmin(ViewOnly, PortalAdmin):
    list_display = ["number", "round", "agency", "attempt", "sent", "due", "answered"]
    list_filter = ["round", "attempt"]
    search_fields = ["number", "agency__name_th"]
    ordering = ["-sent_on", "pk"]
    joins = ("round", "agency")
    fields = ["round", "agency", "attempt", "number", "sent", "due", "answered", "note"]
    readonly_fields = ["sent", "due", "answered"]
    sent = moment(Letter, "sent_on")
    due = moment(Letter, "answer_by")
    answered = moment(Letter, "answered_on")


@admin.register(AgencyLink)
class AgencyLinkAdmin(ViewOnly, PortalAdmin):
    list_display = ["round", "agency", "issued_by", "issued", "expires", "revoked"]
    list_filter = ["round"]
    search_fields = ["agency__name_th"]
    ordering = ["-issued_at"]
    joins = ("round", "agency", "issued_by")
    fields = ["round", "agency", "issued_by", "issued", "expires", "revoked", "revoked_by"]
    readonly_fields = ["issued", "expires", "revoked"]
    issued = moment(AgencyLink, "issued_at")
    expires = moment(AgencyLink, "expires_at")
    revoked = moment(AgencyLink, "revoked_at")


@admin.register(LinkUse)
class LinkUseAdmin(ViewOnly, PortalAdmin):
    list_display = ["link", "act", "user", "when"]
    list_filter = ["act", "link__round"]
    ordering = ["-at"]
    joins = ("link__round", "link__agency", "user")
    fields = ["link", "act", "user", "when"]
    readonly_fields = ["when"]
    when = moment(LinkUse, "at")


@admin.register(Digest)
class DigestAdmin(ViewOnly, PortalAdmin):
    list_display = ["user", "sent_for", "sent"]
    ordering = ["-day", "user"]
    joins = ("user",)
    fields = ["user", "sent_for", "sent"]
    readonly_fields = ["sent_for", "sent"]
    sent_for = moment(Digest, "day")
    sent = moment(Digest, "sent_at")


@admin.register(SentMail)
class SentMailAdmin(ViewOnly, PortalAdmin):
    list_display = ["round", "agency", "focal_point", "content", "outcome", "when"]
    list_filter = ["outcome", "content", "round"]
    joins = ("round", "agency", "focal_point")
    fields = ["round", "agency", "focal_point", "content", "outcome", "by", "when"]
    readonly_fields = ["when"]
    when = moment(SentMail, "at")


@admin.register(Feedback)
class FeedbackAdmin(ViewOnly, PortalAdmin):
    """Messages are answered on the staff pages; files are there, too."""

    list_display = ["number", "kind", "about", "state", "sent", "closed"]
    list_filter = ["state", "kind"]
    ordering = ["-sent_at", "-pk"]
    joins = ("measure__resolution__forum", "agency", "round", "taken_by", "closed_by")
    fields = [
        "number",
        "kind",
        "about",
        "round",
        "state",
        "sent",
        "text",
        "url",
        "file_name",
        "contact",
        "may_publish",
        "taken_by",
        "answer",
        "closed",
        "closed_by",
        "needs_correction",
        "purged",
    ]
    readonly_fields = ["number", "sent", "closed", "purged"]
    sent = moment(Feedback, "sent_at")
    closed = moment(Feedback, "closed_at")
    purged = moment(Feedback, "purged_at")

    @admin.display(description=_l("เลขรับ"), ordering="serial")
    def number(self, row: Feedback) -> str:
        return row.number


@admin.register(PublicAnswer)
class PublicAnswerAdmin(ViewOnly, PortalAdmin):
    list_display = ["number", "measure", "agency", "answered"]
    ordering = ["-answered_on", "-pk"]
    joins = ("measure__resolution__forum", "agency")
    unread = ("measure__resolution__forum__source_text",)
    fields = [
        "number",
        "measure",
        "agency",
        "kind",
        "text",
        "is_cut",
        "answer",
        "sent",
        "answered",
    ]
    readonly_fields = ["sent", "answered"]
    sent = moment(PublicAnswer, "sent_on")
    answered = moment(PublicAnswer, "answered_on")


@admin.register(Subscriber)
class SubscriberAdmin(PortalAdmin):
    """How many follow; one of them is found by the whole address, to be removed at their request.

    No page lists addresses, or shows one that the administrator does not know.
    """

    personal = True
    list_display = ["__str__", "confirmed", "asked"]
    search_fields = ["=email"]
    search_help_text = _l("ค้นด้วยที่อยู่อีเมลทั้งหมด เพื่อลบตามคำขอของเจ้าของ")
    fields = ["confirmed", "asked", "follows"]
    readonly_fields = ["confirmed", "asked", "follows"]
    confirmed = moment(Subscriber, "confirmed_at")
    asked = moment(Subscriber, "asked_at")
    follows = flag(Subscriber, "follows_all")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queryset.filter(email=search_term.strip().lower()), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        every = Subscriber.objects
        title = _("ผู้ติดตามทางอีเมล: ยืนยันแล้ว %(confirmed)d รอยืนยัน %(waiting)d") % {
            "confirmed": every.confirmed().count(),
            "waiting": every.unconfirmed().count(),
        }
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Subscriber) -> None:
        remove_subscribers(by=acting(request), subscribers=[obj.pk])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        remove_subscribers(by=acting(request), subscribers=queryset.values_list("pk", flat=True))


@admin.register(News)
class NewsAdmin(ViewOnly, PortalAdmin):
    list_display = ["snapshot", "kind", "queued"]
    list_filter = ["kind"]
    joins = ("snapshot__round",)
    unread = ("snapshot__content", "snapshot__changes")
    fields = ["snapshot", "kind", "queued"]
    readonly_fields = ["queued"]
    queued = moment(News, "queued_at")


@admin.register(NewsMail)
class NewsMailAdmin(ViewOnly, PortalAdmin):
    """How many mails were sent about an edition, and how many were not."""

    list_display = ["news", "outcome"]
    list_filter = ["outcome"]
    joins = ("news__snapshot__round",)
    unread = ("news__snapshot__content", "news__snapshot__changes")
    fields = ["news", "outcome"]


@admin.register(GroupMember)
class GroupMemberAdmin(ViewOnly, PortalAdmin):
    """Members join and leave on the staff pages, which ask their reports of them."""

    list_display = ["group", "agency", "valid_from", "valid_to"]
    list_filter = [("group", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["agency__name_th", "agency__abbr_th"]
    joins = ("group", "agency")
    fields = ["group", "agency", "valid_from", "valid_to"]


@admin.register(TakenBack)
class TakenBackAdmin(ViewOnly, PortalAdmin):
    list_display = ["snapshot", "by", "when", "note"]
    joins = ("snapshot__round", "by")
    unread = ("snapshot__content", "snapshot__changes")
    fields = ["snapshot", "by", "when", "note"]
    readonly_fields = ["when"]
    when = moment(TakenBack, "at")


@admin.register(Narrative)
class NarrativeAdmin(ViewOnly, PortalAdmin):
    list_display = ["round", "slot", "accepted_by", "accepted"]
    list_filter = ["round"]
    ordering = ["-round__year_be", "-round__months", "slot"]
    joins = ("round", "accepted_by")
    fields = ["round", "slot", "text", "accepted_by", "accepted"]
    readonly_fields = ["accepted"]
    accepted = moment(Narrative, "accepted_at")


@admin.register(RenderedReport)
class RenderedReportAdmin(ViewOnly, PortalAdmin):
    list_display = ["snapshot", "kind", "part", "page", "made", "digest"]
    list_filter = ["kind"]
    ordering = ["-made_at", "-pk"]
    joins = ("snapshot__round",)
    unread = ("content", "snapshot__content", "snapshot__changes")
    fields = ["snapshot", "kind", "part", "page", "made", "digest"]
    readonly_fields = ["made", "digest"]
    made = moment(RenderedReport, "made_at")


@admin.register(RecordEntry)
class RecordEntryAdmin(ViewOnly, PortalAdmin):
    list_display = ["when", "who", "act", "model", "key"]
    list_display_links = ["when"]
    list_filter = ["act", "model"]
    ordering = ["-at", "-pk"]
    joins = ("by",)
    fields = ["when", "who", "act", "model", "key", "about"]
    readonly_fields = ["when", "who"]
    when = moment(RecordEntry, "at")

    @admin.display(description=_l("ผู้ทำ"))
    def who(self, entry: RecordEntry) -> str:
        return noted_by(entry)


@admin.register(ChainEntry)
class ChainEntryAdmin(ViewOnly, PortalAdmin):
    list_display = ["number", "when", "kind", "key", "hash"]
    list_filter = ["kind"]
    ordering = ["-number"]
    fields = ["number", "when", "kind", "key", "previous", "hash"]
    readonly_fields = ["when"]
    when = moment(ChainEntry, "at")


@admin.register(PrintJob)
class PrintJobAdmin(ViewOnly, PortalAdmin):
    list_display = ["__str__", "snapshot", "state", "begun", "ended"]
    list_filter = ["state", "kind"]
    ordering = ["-begun_at", "-pk"]
    joins = ("snapshot__round",)
    unread = ("content", "document", "snapshot__content", "snapshot__changes")
    fields = ["kind", "snapshot", "state", "begun", "ended"]
    readonly_fields = ["begun", "ended"]
    begun = moment(PrintJob, "begun_at")
    ended = moment(PrintJob, "ended_at")


@admin.register(FocalPoint)
class FocalPointAdmin(PortalAdmin):
    personal = True
    list_display = ["name", "agency", "position", "email", "phone", "main"]
    main = flag(FocalPoint, "is_main")
    list_filter = ["is_main"]
    search_fields = ["name", "agency__name_th", "email"]
    ordering = ["agency__sort_key", "-is_main", "name"]
    joins = ("agency",)
    autocomplete_fields = ["agency"]


@admin.register(SpreadsheetImport)
class SpreadsheetImportAdmin(ViewOnly, PortalAdmin):
    """Every import, so that one whose process was lost is seen and can be freed."""

    list_display = ["file_name", "round", "created_by", "state", "created", "stopped"]
    list_filter = ["state", "round"]
    search_fields = ["file_name"]
    joins = ("round", "created_by")
    fields = ["file_name", "round", "created_by", "state", "created", "applied", "undone"]
    readonly_fields = ["created", "applied", "undone"]
    actions = ["free"]
    created = moment(SpreadsheetImport, "created_at")
    applied = moment(SpreadsheetImport, "applied_at")
    undone = moment(SpreadsheetImport, "undone_at")

    @admin.display(description=_l("หยุดกลางคัน"))
    def stopped(self, record: SpreadsheetImport) -> str:
        return yes_or_no(session.is_lost(record))

    @admin.action(description=_l("ปลดงานที่หยุดกลางคัน"), permissions=["view"])
    def free(self, request: HttpRequest, queryset: QuerySet[SpreadsheetImport]) -> None:
        lost = [record for record in queryset if session.is_lost(record)]
        for record in lost:
            session.give_up(record, cast("User", request.user))
        self.message_user(request, _("ปลดแล้ว %(n)d งาน ผู้นำเข้าลองอีกครั้งได้") % {"n": len(lost)})


# People ---------------------------------------------------------------------------------------


class PasswordForm(AdminPasswordChangeForm):
    """A new password. To end a person's access, the account is made inactive instead."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)

    def save(self, commit: bool = True) -> Any:
        self.user.must_change_password = True
        return super().save(commit)


class NewUserForm(UserCreationForm):
    """An account with a first password, which its owner replaces."""

    def save(self, commit: bool = True) -> Any:
        self.instance.must_change_password = True
        return super().save(commit)


@admin.register(User)
class UserAdmin(PortalAdmin, BaseUserAdmin):
    """An administrator manages all users but superusers, and grants rights by group only."""

    personal = True
    add_form = NewUserForm
    add_form_template = None
    change_password_form = PasswordForm
    list_display = ["username", "display_name", "email", "active", "group_names"]
    active = flag(User, "is_active")
    list_filter = ["is_active", "groups"]
    search_fields = ["username", "display_name", "email"]
    filter_horizontal = ["user_permissions"]
    actions = ["forget_second_factor", "erase"]
    readonly_fields = ("last_entry", "second_factor", "password_page")
    fieldsets = [
        (None, {"fields": ["username", "display_name", "email"]}),
        (_l("สิทธิ์"), {"fields": ["is_active", "groups"]}),
        (_l("การเข้าใช้"), {"fields": readonly_fields}),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "display_name", "email", "groups"]}),
        (_l("รหัสผ่าน"), {"fields": ["password1", "password2"]}),
    ]
    last_entry = moment(User, "last_login")
    superuser_fieldsets = [(_l("สิทธิ์นอกกลุ่ม"), {"fields": ["is_superuser", "user_permissions"]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_l("กลุ่ม"))
    def group_names(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())

    @admin.display(description=_l("การยืนยันตัวตนสองขั้น"))
    def second_factor(self, user: User) -> str:
        return yes_or_no(enrolled_at(user) is not None)

    @admin.action(description=_l("ล้างการยืนยันตัวตนสองขั้น (โทรศัพท์หาย)"), permissions=["change"])
    def forget_second_factor(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for user in queryset:
            try:
                reset_second_factor(by=request.user, user=user)  # type: ignore[arg-type]
            except Refused as refused:
                self.message_user(request, f"{user}: {refused}", messages.ERROR)
            else:
                self.message_user(
                    request,
                    _("ล้างของ %(user)s แล้ว เมื่อเข้าสู่ระบบครั้งต่อไปจะต้องเปิดใช้ใหม่") % {"user": user},
                    messages.SUCCESS,
                )

    @admin.action(description=_l("ลบข้อมูลส่วนบุคคล (คงประวัติไว้ ไม่มีชื่อ)"), permissions=["change"])
    def erase(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Ask first; then erase each, or say why not."""
        if "confirmed" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": _("ลบข้อมูลส่วนบุคคล"),
                "opts": self.opts,
                "people": list(queryset),
            }
            return TemplateResponse(request, "admin/followup/user/erase.html", context)
        for user in queryset:
            name = str(user)
            try:
                erase_person(by=acting(request), user=user)
            except Refused as refused:
                self.message_user(request, f"{name}: {refused}", messages.ERROR)
            else:
                self.message_user(
                    request,
                    _("ลบข้อมูลส่วนบุคคลของ %(user)s แล้ว ประวัติเรียกบัญชีนี้ว่า “%(gone)s”")
                    % {"user": name, "gone": gone_user(user.pk)},
                    messages.SUCCESS,
                )
        return None

    @admin.display(description=_l("รหัสผ่าน"))
    def password_page(self, user: User) -> SafeString:
        return link("admin:auth_user_password_change", user.pk, _("ตั้งรหัสผ่านใหม่"))

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        kwargs["help_texts"] = {
            "username": _l("ไม่เกิน 150 อักขระ ใช้ตัวอักษร ตัวเลข และ @ . + - _"),
            "groups": _l("สิทธิ์ทั้งหมดมาจากกลุ่ม"),
        }
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj and request.user.is_superuser:
            return [*fieldsets, *self.superuser_fieldsets]
        return fieldsets if may_touch(request, obj) else fieldsets[:-1]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return (
            super().has_change_permission(request, obj)
            and may_touch(request, obj)
            and (obj is None or obj.erased_at is None)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whose part in the records keeps the account is told on the page (`followup.usage`)."""
        return super().has_delete_permission(request, obj) and may_touch(request, obj)


def may_touch(request: HttpRequest, user: User | None) -> bool:
    return user is None or request.user.is_superuser or not user.is_superuser


# Jobs have a page of their own (`views.jobs`), and no row of theirs is to be changed by hand.
admin.site.unregister([Group, EmailAddress, Authenticator, DBTaskResult])


@admin.register(Group)
class GroupAdmin(ViewOnly, BaseGroupAdmin):
    """The groups and their rights are fixed in `followup.roles`."""

    fields = ["name", "rights"]
    readonly_fields = ["rights"]

    @admin.display(description=_l("สิทธิ์"))
    def rights(self, group: Group) -> SafeString:
        return format_html_join(
            "", "{}<br>", ((permission.name,) for permission in group.permissions.all())
        )
