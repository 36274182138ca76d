"""The admin of what was resolved, and what every admin page of the portal has in common."""

from __future__ import annotations

import logging
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.signing import BadSignature
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from import_export.admin import ImportExportMixin
from import_export.forms import ConfirmImportForm, ExportForm, ImportForm
from import_export.results import Result, RowResult

from forum_portal.import_storage import OwnTempStorage
from forum_portal.thai import clean_text, to_arabic_digits, xml_text
from forum_portal.uploads import TooLarge
from proposals.codes import parse_code
from proposals.models import EditorNote, Forum, Measure, Resolution, SdgTarget
from proposals.resources import Csv, FromTable, MeasureResource, ResolutionResource, Xlsx

logger = logging.getLogger(__name__)

# In common ------------------------------------------------------------------------------------


class TextField(forms.CharField):
    """Text, stored as `forum_portal.thai.clean_text` says."""

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "")


class VerbatimField(forms.CharField):
    """Words of the source: nothing is changed but the line ends, which a browser sends as CR LF."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "strip": False})

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class ListField(forms.JSONField):
    """A JSON list; left empty it is the empty list."""

    def clean(self, value: Any) -> Any:
        items = super().clean(value)
        if items in self.empty_values:
            return []
        if not isinstance(items, list):
            raise ValidationError(_('ต้องเป็นรายการในรูปแบบ JSON เช่น ["ก", "ข"]'))
        return _storable(items)


def _storable(data: Any) -> Any:
    """JSON may spell NUL, and halves of a character, which no database stores and no page shows."""
    if isinstance(data, str):
        return xml_text(data)
    if isinstance(data, dict):
        return {xml_text(name): _storable(value) for name, value in data.items()}
    return [_storable(value) for value in data] if isinstance(data, list) else data


class PortalOptions(BaseModelAdmin):
    """What our model admins and inlines share."""

    #: What every page of these rows shows of other tables, for `select_related`.
    joins: tuple[str, ...] = ()
    #: Fields tied to the source document: written when a row is added, never changed.
    verbatim: tuple[str, ...] = ()

    formfield_overrides = {
        models.CharField: {"form_class": TextField},
        models.TextField: {"form_class": TextField},
        models.URLField: {"assume_scheme": "https"},
        models.JSONField: {"form_class": ListField},
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset = super().get_queryset(request)
        return queryset.select_related(*self.joins) if self.joins else queryset

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.verbatim and isinstance(db_field, models.TextField):
            kwargs["form_class"] = VerbatimField
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = self.verbatim if obj else ()
        return (*super().get_readonly_fields(request, obj), *fixed)


class PortalAdmin(PortalOptions, admin.ModelAdmin):
    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Where rows stand in the way, name them rather than the right to delete them."""
        deleted, counts, rights_missing, protected = super().get_deleted_objects(objs, request)
        return deleted, counts, set() if protected else rights_missing, protected


class PortalInline(PortalOptions, admin.TabularInline):
    extra = 0


class ViewOnly(BaseModelAdmin):
    """Pages to look at: what they show is made elsewhere."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


# Spreadsheets ---------------------------------------------------------------------------------


FORMATS = [Xlsx, Csv]


class SheetImportForm(ImportForm):
    format = forms.ChoiceField(label=_l("รูปแบบไฟล์"))
    import_file = forms.FileField(
        label=_l("ไฟล์"),
        allow_empty_file=True,  # the reader says it better
        error_messages={"required": _l("เลือกไฟล์ .xlsx หรือ .csv")},
    )

    def clean_import_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["import_file"]
        if isinstance(file, TooLarge):
            raise ValidationError(
                _("ไฟล์ใหญ่เกิน %(mb)s MB แบ่งเป็นหลายไฟล์แล้วนำเข้าทีละไฟล์")
                % {"mb": settings.EVIDENCE_MAX_BYTES // 2**20}
            )
        return file


class SheetConfirmForm(ConfirmImportForm):
    """Its fields are hidden and filled in; other values than ours are somebody's own."""

    format = forms.ChoiceField(
        widget=forms.HiddenInput,
        choices=[(str(number), number) for number in range(len(FORMATS))],
    )
    resource = forms.ChoiceField(widget=forms.HiddenInput, choices=[("0", 0)], required=False)


class SheetExportForm(ExportForm):
    format = forms.ChoiceField(label=_l("รูปแบบไฟล์"))


class SheetAdmin(ImportExportMixin, PortalAdmin):
    """Rows that also come and go as a spreadsheet: all of a file or none of it."""

    formats = FORMATS
    to_encoding = "utf-8-sig"  # Excel garbles Thai in a CSV file without the mark
    tmp_storage_class = OwnTempStorage
    import_form_class = SheetImportForm
    confirm_form_class = SheetConfirmForm
    export_form_class = SheetExportForm

    def write_to_tmp_storage(self, import_file: UploadedFile, input_format: FromTable) -> Any:
        """The library hands a format the bytes alone; what the file is called goes with them."""
        input_format.file_name = import_file.name or ""
        return super().write_to_tmp_storage(import_file, input_format)

    def add_data_read_fail_error_to_form(self, form: forms.Form, e: Exception) -> None:
        if not isinstance(e, ValidationError):
            logger.error("reading an upload failed", exc_info=e)
            e = ValidationError(
                _("เปิดไฟล์ไม่ได้ ไฟล์อาจเสียหายหรือมีรหัสผ่าน บันทึกใหม่เป็น .xlsx ที่ไม่มีรหัสผ่านแล้วลองอีกครั้ง")
            )
        form.add_error("import_file", e)

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            return super().process_import(request, **kwargs)
        except (BadSignature, FileNotFoundError):
            # Made up, older than a day, or imported already by a first click.
            return self.start_again(request, _("ไฟล์ที่ตรวจไว้ไม่อยู่แล้ว เลือกไฟล์แล้วตรวจอีกครั้ง"))
        except ValidationError as error:  # the kept file, read as what it is not
            return self.start_again(request, " ".join(error.messages))

    def process_dataset(self, *args: Any, **kwargs: Any) -> Result:
        return super().process_dataset(*args, rollback_on_validation_errors=True, **kwargs)

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponse:
        if result.has_errors() or result.has_validation_errors():
            return self.start_again(
                request, _("ข้อมูลในระบบเปลี่ยนไปหลังการตรวจ จึงยังไม่ได้นำเข้า เลือกไฟล์แล้วตรวจอีกครั้ง")
            )
        return super().process_result(result, request)

    def start_again(self, request: HttpRequest, why: str) -> HttpResponse:
        messages.error(request, why)
        return redirect("admin:{}_{}_import".format(*self.get_model_info()))

    def add_success_message(self, result: Result, request: HttpRequest) -> None:
        messages.success(
            request,
            _("นำเข้า%(name)sแล้ว: เพิ่ม %(new)d แก้ไข %(update)d ไม่เปลี่ยนแปลง %(skip)d")
            % {
                "name": self.opts.verbose_name,
                "new": result.totals[RowResult.IMPORT_TYPE_NEW],
                "update": result.totals[RowResult.IMPORT_TYPE_UPDATE],
                "skip": result.totals[RowResult.IMPORT_TYPE_SKIP],
            },
        )


# What was resolved ----------------------------------------------------------------------------


@admin.register(Forum)
class ForumAdmin(PortalAdmin):
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
    """A resolution's measures; a new one is added on its own page, where its place is chosen."""

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
class ResolutionAdmin(SheetAdmin):
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
            _l("ชื่อและหัวข้อ จัดทำโดยผู้พัฒนาระบบ"),
            {"fields": ["title_th", "title_phrases", "theme_th", "title_en", "summary_en"]},
        ),
        (_l("สิ่งที่ข้อความอ้างถึง"), {"fields": ["legal_references", "named_parties"]}),
    ]

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """None before the text is stored: measures and notes stand in it."""
        return super().get_inlines(request, obj) if obj else []

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        if formset.model is EditorNote:
            for note in (each.instance for each in formset.forms):
                note.forum_id = form.instance.forum_id
        super().save_formset(request, form, formset, change)


@admin.register(Measure)
class MeasureAdmin(SheetAdmin):
    resource_classes = [MeasureResource]
    list_display = ["code", "title_th", "kind", "resolution"]
    list_display_links = ["code", "title_th"]
    list_filter = ["kind", "resolution__forum", "resolution"]
    search_fields = ["title_th", "title_en"]
    search_help_text = _l("ค้นด้วยคำในชื่อย่อ หรือรหัส เช่น 2565-3.4")
    joins = ("resolution__forum",)
    verbatim = ("resolution", "start", "end")
    autocomplete_fields = ["resolution"]
    readonly_fields = ["span"]
    fieldsets = [
        (None, {"fields": ["resolution", "number", "start", "end", "span"]}),
        (
            _l("คำอธิบาย จัดทำโดยผู้พัฒนาระบบ"),
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
        # "3." on the way to "3.4" finds all of resolution 3.
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
        # The model's check reads the forum; without one the form has already said that it is needed.
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
