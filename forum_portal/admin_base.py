"""Base classes of the portal's admin. Models are registered in each app's `admin.py`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin, IncorrectLookupParameters
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import BadRequest, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.signing import BadSignature
from django.db import connection, models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from import_export.admin import ImportExportMixin
from import_export.forms import ConfirmImportForm, ExportForm, ImportForm
from import_export.results import Result, RowResult

from forum_portal.import_storage import OwnTempStorage
from forum_portal.sheets import Csv, FromTable, Xlsx
from forum_portal.stored_version import SEEN, VersionedForm
from forum_portal.thai import clean_text, xml_text
from forum_portal.uploads import TooLarge

logger = logging.getLogger(__name__)


class CleanTextField(forms.CharField):
    """Text, cleaned by `forum_portal.thai.clean_text`."""

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "")


class VerbatimField(forms.CharField):
    """Verbatim text of the source: only line ends are changed, which a browser sends as CR LF."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "strip": False})

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class ListField(forms.JSONField):
    """A JSON list; an empty field is the empty list."""

    def clean(self, value: Any) -> Any:
        items = super().clean(value)
        if items in self.empty_values:
            return []
        if not isinstance(items, list):
            raise ValidationError(_('ต้องเป็นรายการในรูปแบบ JSON เช่น ["ก", "ข"]'))
        return _storable(items)


def _storable(data: Any) -> Any:
    """Remove NUL and lone surrogates, which JSON allows but no database stores and no page shows."""
    if isinstance(data, str):
        return xml_text(data)
    if isinstance(data, dict):
        return {xml_text(name): _storable(value) for name, value in data.items()}
    return [_storable(value) for value in data] if isinstance(data, list) else data


class PortalOptions(BaseModelAdmin):
    """Shared options of our model admins and inlines."""

    #: Relations shown on every page of these rows, for `select_related`.
    joins: tuple[str, ...] = ()
    #: Long columns, of the rows and of what is joined, that no page of the admin shows.
    unread: tuple[str, ...] = ()
    #: Whether the rows' names are personal data, which the admin's log does not keep.
    personal = False
    #: Fields tied to the source document: set when a row is added, never changed.
    verbatim: tuple[str, ...] = ()

    formfield_overrides = {
        models.CharField: {"form_class": CleanTextField},
        models.TextField: {"form_class": CleanTextField},
        models.URLField: {"assume_scheme": "https"},
        models.JSONField: {"form_class": ListField},
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset = super().get_queryset(request)
        queryset = queryset.select_related(*self.joins) if self.joins else queryset
        return queryset.defer(*self.unread) if self.unread else queryset

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name in self.verbatim and isinstance(db_field, models.TextField):
            kwargs["form_class"] = VerbatimField
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fixed = self.verbatim if obj else ()
        return (*super().get_readonly_fields(request, obj), *fixed)


def versioned(form: type[Any]) -> type[Any]:
    """The form with the version check of `VersionedForm`."""
    if issubclass(form, VersionedForm):
        return form
    metaclass: Any = type(form)
    return cast(type[Any], metaclass(form.__name__, (VersionedForm, form), {}))


def _are_keys(relation: Any, given: Any) -> bool:
    """Whether each of the given values can be a key of the related model."""
    key = relation.related_model._meta.pk
    try:
        for each in given if isinstance(given, list) else [given]:
            key.to_python(each)
    except ValidationError:
        return False
    return True


#: Functions of a row that say in sentences what uses it, besides the foreign keys that protect it.
USES: list[Callable[[models.Model], Iterable[str]]] = []


class Nameless:
    """A row as the admin's log needs it: with its key, and without its name."""

    def __init__(self, row: models.Model) -> None:
        self._meta, self.pk = row._meta, row.pk

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class PortalAdmin(PortalOptions, admin.ModelAdmin):
    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Initial values from the address, without keys that are none: the row picker fails on them."""
        given = super().get_changeform_initial_data(request)
        relations = {field.name: field for field in self.opts.get_fields() if field.is_relation}
        return {
            name: value
            for name, value in given.items()
            if name not in relations or _are_keys(relations[name], value)
        }

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return super().log_addition(request, Nameless(obj) if self.personal else obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return super().log_change(request, Nameless(obj) if self.personal else obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        rows: Any = [Nameless(row) for row in queryset] if self.personal else queryset
        return super().log_deletions(request, rows)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> Any:
        """The log's message, without the names of inline rows that are personal data."""
        parts: list[dict[str, Any]] = super().construct_change_message(request, form, formsets, add)
        personal = {
            str(inline.model._meta.verbose_name)
            for inline in self.inlines
            if getattr(inline, "personal", False)
        }
        for part in parts:
            for detail in part.values():
                if detail.get("name") in personal:
                    detail["object"] = "…"
        return parts

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is not None and self.has_change_permission(request, obj):
            kwargs["form"] = versioned(kwargs.get("form", self.form))
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not self.has_change_permission(request, obj):
            return fieldsets
        shown = flatten_fieldsets(fieldsets)
        return fieldsets if SEEN in shown else [*fieldsets, (None, {"fields": [SEEN]})]

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The row of a page; where a form is saved it is locked first, so that what is judged stays."""
        row = super().get_object(request, object_id, from_field)
        if row is None or request.method != "POST" or not connection.in_atomic_block:
            return row
        list(self.model._base_manager.select_for_update(no_key=True).filter(pk=row.pk).values("pk"))
        return super().get_object(request, object_id, from_field)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """If something prevents a deletion, list it instead of the missing permission.

        First in sentences what uses the rows (`USES`), then the rows that refer to them.
        """
        deleted, counts, rights_missing, protected = super().get_deleted_objects(objs, request)
        said = [sentence for row in objs for uses in USES for sentence in uses(row)]
        protected = [*said, *protected]
        return deleted, counts, set() if protected else rights_missing, protected


class PortalInline(PortalOptions, admin.TabularInline):
    extra = 0

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        if self.has_change_permission(request, obj):
            kwargs["form"] = versioned(kwargs.get("form", self.form))
        return super().get_formset(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_fields(request, obj)
        if SEEN in fields or not self.has_change_permission(request, obj):
            return fields
        return [*fields, SEEN]


class ViewOnly(BaseModelAdmin):
    """Read-only pages: their rows are written elsewhere."""

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
        allow_empty_file=True,  # the reader has a better message
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
    """Its fields are hidden and prefilled; other values than ours were made up."""

    format = forms.ChoiceField(
        widget=forms.HiddenInput,
        choices=[(str(number), number) for number in range(len(FORMATS))],
    )
    resource = forms.ChoiceField(widget=forms.HiddenInput, choices=[("0", 0)], required=False)


class SheetExportForm(ExportForm):
    format = forms.ChoiceField(label=_l("รูปแบบไฟล์"))


class SheetAdmin(ImportExportMixin, PortalAdmin):
    """Rows with export and import as a spreadsheet; a file is imported completely or not at all."""

    formats = FORMATS
    to_encoding = "utf-8-sig"  # Excel garbles Thai in a CSV file without the mark
    tmp_storage_class = OwnTempStorage
    import_form_class = SheetImportForm
    confirm_form_class = SheetConfirmForm
    export_form_class = SheetExportForm

    def write_to_tmp_storage(self, import_file: UploadedFile, input_format: FromTable) -> Any:
        """Give the format the file's name as well; the library passes only the bytes."""
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
            # The name was made up, is older than a day, or was imported by a first click.
            return self.start_again(request, _("ไฟล์ที่ตรวจไว้ไม่อยู่แล้ว เลือกไฟล์แล้วตรวจอีกครั้ง"))
        except ValidationError as error:  # the stored file, read in a wrong format
            return self.start_again(request, " ".join(error.messages))

    def get_export_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows of the list as it is filtered. Raises BadRequest for a filter that is none."""
        try:
            return super().get_export_queryset(request)
        except IncorrectLookupParameters as error:
            raise BadRequest(_("ตัวกรองในที่อยู่นี้ใช้ไม่ได้ กลับไปที่รายการแล้วส่งออกใหม่")) from error

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
