"""The admin of forums, resolutions and measures."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _l

from forum_portal.admin_base import PortalAdmin, PortalInline, SheetAdmin
from forum_portal.thai import to_arabic_digits
from proposals.codes import parse_code
from proposals.models import EditorNote, Forum, Measure, Resolution, SdgTarget
from proposals.resources import MeasureResource, ResolutionResource


class EnteredElsewhere(PortalAdmin):
    """Rows that are public as soon as they are stored: they are entered as a draft, on its own pages."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Forum)
class ForumAdmin(EnteredElsewhere):
    list_display = ["year_be", "short_name_th", "theme_th", "participants_total"]
    list_display_links = ["year_be", "short_name_th"]
    search_fields = ["name_th", "short_name_th", "theme_th"]
    ordering = ["-year_be"]
    verbatim = ("source_text",)
    fieldsets = [
        (
            None,
            {"fields": ["year_be", "name_th", "short_name_th", "name_en", "theme_th"]},
        ),
        (
            _l("การประชุม"),
            {
                "fields": [
                    "objective_th",
                    "organiser_th",
                    "partners_th",
                    "participants_total",
                    "participant_groups_th",
                    "regional_workshops",
                ]
            },
        ),
        (
            _l("ที่มา"),
            {
                "fields": [
                    "legal_basis",
                    "background_th",
                    "preamble_th",
                    "quotation_th",
                    "not_stated",
                ]
            },
        ),
        (_l("เอกสารต้นฉบับ"), {"fields": ["source_file", "source_text"]}),
    ]


class MeasureInline(PortalInline):
    """A resolution's measures; new ones are added on their own page, where offsets are chosen."""

    model = Measure
    fields = ["number", "title_th", "kind", "span"]
    readonly_fields = ["span"]
    joins = ("resolution",)
    show_change_link = True
    can_delete = False

    @admin.display(description=_l("ข้อความตามต้นฉบับ"))
    def span(self, measure: Measure) -> str:
        return measure.span

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SdgTargetInline(PortalInline):
    model = SdgTarget


class EditorNoteInline(PortalInline):
    model = EditorNote
    exclude = ["forum"]  # the resolution's, see `ResolutionAdmin.save_formset`


@admin.register(Resolution)
class ResolutionAdmin(EnteredElsewhere, SheetAdmin):
    resource_classes = [ResolutionResource]
    list_display = ["forum", "number", "title_th", "theme_th"]
    list_display_links = ["number", "title_th"]
    list_filter = ["forum"]
    search_fields = ["title_th", "text", "title_en"]
    joins = ("forum",)
    verbatim = ("forum", "text")
    inlines = [MeasureInline, SdgTargetInline, EditorNoteInline]
    fieldsets = [
        (None, {"fields": ["forum", "number", "text"]}),
        (
            _l("ชื่อและหัวข้อ จัดทำโดยฝ่ายเลขานุการ"),
            {"fields": ["title_th", "title_phrases", "theme_th", "title_en", "summary_en"]},
        ),
        (_l("สิ่งที่ข้อความอ้างถึง"), {"fields": ["legal_references", "named_parties"]}),
    ]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """No inlines before the text is stored: measures and notes refer to positions in it."""
        return super().get_inlines(request, obj) if obj else []

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is EditorNote:
            for note in (each.instance for each in formset.forms):
                note.forum_id = form.instance.forum_id
        super().save_formset(request, form, formset, change)


@admin.register(Measure)
class MeasureAdmin(EnteredElsewhere, SheetAdmin):
    resource_classes = [MeasureResource]
    list_display = ["code", "title_th", "kind", "resolution"]
    list_display_links = ["code", "title_th"]
    list_filter = ["kind", "resolution__forum", "resolution"]
    search_fields = ["title_th", "title_en"]
    search_help_text = _l("ค้นด้วยคำในชื่อย่อ หรือรหัส เช่น 3.4 หรือรหัสเต็มที่ขึ้นต้นด้วยปีของเวที")
    joins = ("resolution__forum",)
    verbatim = ("resolution", "start", "end")
    autocomplete_fields = ["resolution"]
    readonly_fields = ["span"]
    fieldsets = [
        (None, {"fields": ["resolution", "number", "start", "end", "span"]}),
        (
            _l("คำอธิบาย จัดทำโดยฝ่ายเลขานุการ"),
            {"fields": ["title_th", "title_en", "kind", "suggested_evidence_th"]},
        ),
    ]

    @admin.display(description=_l("ข้อ"), ordering="resolution__number")
    def code(self, measure: Measure) -> str:
        return measure.full_code

    @admin.display(description=_l("ข้อความตามต้นฉบับ"))
    def span(self, measure: Measure) -> str:
        return measure.span if measure.pk else "–"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        # "3.", typed on the way to "3.4", finds all of resolution 3.
        typed = to_arabic_digits(search_term.strip())
        code = parse_code(typed.removesuffix("."))
        if code is None or typed.isdecimal():
            return super().get_search_results(request, queryset, search_term)
        queryset = queryset.filter(resolution__number=code.resolution)
        if code.year:
            queryset = queryset.filter(resolution__forum__year_be=code.year)
        return (queryset.filter(number=code.clause) if code.clause else queryset), False


@admin.register(SdgTarget)
class SdgTargetAdmin(PortalAdmin):
    list_display = ["target", "resolution", "justification_th"]
    list_filter = ["goal"]
    search_fields = ["target", "justification_th"]
    joins = ("resolution__forum",)
    autocomplete_fields = ["resolution"]


class EditorNoteForm(forms.ModelForm):
    def _post_clean(self) -> None:
        # The model's check reads the forum; without one the form already has the error "required".
        if self.cleaned_data.get("forum"):
            super()._post_clean()  # type: ignore[misc]


@admin.register(EditorNote)
class EditorNoteAdmin(PortalAdmin):
    form = EditorNoteForm
    list_display = ["quotation_or_text", "forum", "resolution"]
    list_filter = ["forum", "resolution"]
    search_fields = ["quotation", "text_th"]
    joins = ("forum", "resolution__forum")
    autocomplete_fields = ["resolution"]

    @admin.display(description=_l("หมายเหตุ"))
    def quotation_or_text(self, note: EditorNote) -> str:
        return str(note)
