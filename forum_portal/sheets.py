"""Spreadsheets of the admin: export and import of columns.

A row is identified by its natural key (a code, a year and a number), never by a database id. A cell
with its exported value changes nothing, so that an exported file can be imported unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import PurePath
from typing import Any

import tablib
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Model, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.formats.base_formats import CSV, XLSX
from import_export.resources import Diff, ModelResource
from import_export.results import Result
from import_export.widgets import CharWidget, Widget

from forum_portal.cells import safe_cell, unsafe_cell
from forum_portal.tables import read_table
from forum_portal.thai import clean_text, format_date, match_key, parse_date, xml_text
from forum_portal.years import as_typed, parse_year

MAX_ROWS = 5_000  # 10 to 20 seconds of work; a larger import needs a command
MAX_COLUMNS = 50
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


# Files ----------------------------------------------------------------------------------------


class Sheet(tablib.Dataset):
    """The content of a file, and notices about how it was read."""

    notices: Sequence[str] = ()


class FromTable:
    """A format whose files are read by `forum_portal.tables`, from the same bytes each time."""

    #: File extension -> the format to choose for it.
    CHOICES = {".xlsx": "xlsx", ".csv": "csv", ".tsv": "csv", ".txt": "csv"}

    #: The name of the uploaded file, if it is known.
    file_name = ""

    def create_dataset(self, in_stream: bytes) -> Sheet:
        """Read a file. Raises ValidationError for one that is unreadable, empty or too large."""
        own: str = self.get_title()  # type: ignore[attr-defined]
        extension = PurePath(self.file_name.strip()).suffix.lower()
        other = self.CHOICES.get(extension, own)
        if other != own:
            raise ValidationError(
                _("เลือกรูปแบบ %(own)s แต่ไฟล์เป็น %(extension)s เลือกรูปแบบ %(other)s แล้วตรวจไฟล์อีกครั้ง")
                % {"own": own, "extension": extension, "other": other}
            )
        try:
            table = read_table(in_stream, self.file_name or f"file.{own}")
        except ValidationError as error:
            if error.code == "F12":  # a file far over the limit, whatever its content
                raise ValidationError(f"{error.message} {_too_many_rows()}") from error
            raise
        if not table.rows:
            raise ValidationError(_("ไฟล์นี้ไม่มีแถวข้อมูล"))
        if len(table.rows) > MAX_ROWS:
            raise ValidationError(_too_many_rows())
        if len(table.headings) > MAX_COLUMNS:
            raise ValidationError(
                _("ไฟล์มี %(count)s คอลัมน์ นำเข้าได้ไม่เกิน %(max)s คอลัมน์ ลบคอลัมน์ที่ไม่ใช้แล้วเลือกไฟล์อีกครั้ง")
                % {"count": f"{len(table.headings):,}", "max": MAX_COLUMNS}
            )
        sheet = Sheet(*(tuple(row) for row in table.rows), headers=table.headings)
        sheet.notices = table.notices
        return sheet


def _too_many_rows() -> str:
    return _("นำเข้าได้ครั้งละไม่เกิน %(max)s แถว") % {"max": f"{MAX_ROWS:,}"}


class Csv(FromTable, CSV):
    pass


class Xlsx(FromTable, XLSX):
    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        """Escape text that looks like an escape sequence of the format (_x0041_ is an A)."""
        written = tablib.Dataset(headers=dataset.headers, title=dataset.title)
        for row in dataset:
            written.append(
                [_ESCAPE.sub("_x005F_", cell) if isinstance(cell, str) else cell for cell in row]
            )
        content: bytes = super().export_data(written, **kwargs)
        return content


# Cells ----------------------------------------------------------------------------------------


class TextCell(CharWidget):
    """Text, cleaned like a text field."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return "" if value is None else clean_text(str(value))


class VerbatimCell(CharWidget):
    """Verbatim text of the source; only its line ends depend on the file."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return as_exported(value)


class NumberCell(Widget):
    """A whole number; a spreadsheet may store it as text or as 3.0."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        text = TextCell().clean(value).removesuffix(".0")
        if not text:
            return None
        if not (text.isdecimal() and len(text) < 10):
            raise ValueError(_("“%(value)s” ไม่ใช่จำนวนเต็ม") % {"value": as_typed(text)})
        return int(text)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else value  # a number stays a number in a spreadsheet


class YearCell(NumberCell):
    """A year in either era, stored in the Buddhist one."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        text = TextCell().clean(value).removesuffix(".0")
        return parse_year(text).be if text else None


class DayCell(Widget):
    """A day, written as text; exported as "12 ต.ค. 2569", which no spreadsheet turns into another."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> date | None:
        return parse_date(TextCell().clean(value))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return format_date(value, "medium") if value else ""


class ChoiceCell(Widget):
    """A value of a vocabulary, by its word or its code; exported as its word.

    `also`: further words -> code.
    """

    def __init__(self, choices: Any, also: Mapping[Any, str] | None = None) -> None:
        super().__init__()
        self.choices, self.also = choices, dict(also or {})

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        text = TextCell().clean(value)
        if not text:
            return ""
        known = {match_key(str(word)): code for word, code in self.also.items()}
        for code, label in self.choices.choices:
            known |= {match_key(code): code, match_key(str(label)): code}
        try:
            return known[match_key(text)]
        except KeyError as error:
            raise ValueError(
                _("ไม่รู้จัก “%(value)s” ใช้คำใดคำหนึ่ง: %(words)s")
                % {
                    "value": as_typed(text),
                    "words": ", ".join(str(label) for label in self.choices.labels),
                }
            ) from error

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return str(self.choices(value).label) if value else ""


class LookupCell(Widget):
    """A row of another table by its natural key; the error message names it with `noun`."""

    def __init__(self, model: type[Model], field: str, noun: Any) -> None:
        super().__init__()
        self.model, self.field, self.noun = model, field, noun

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Model | None:
        key = TextCell().clean(value)
        if not key:
            return None
        try:
            return self.model._default_manager.get(**{self.field: key})
        except (ObjectDoesNotExist, ValueError) as error:
            raise ValueError(
                _("ไม่พบ%(noun)s “%(value)s”") % {"noun": self.noun, "value": as_typed(key)}
            ) from error

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else getattr(value, self.field)


def as_exported(cell: Any) -> str:
    """A cell's text for comparison, without changes made by the file format."""
    return "" if cell is None else xml_text(str(cell)).replace("\r\n", "\n")


# Rows -----------------------------------------------------------------------------------------


def at(column: str, problem: Any) -> str:
    """An error message with its column."""
    return _("คอลัมน์ “%(column)s”: %(problem)s") % {"column": column, "problem": problem}


class PlainDiff(Diff):
    """The old and new value of each cell, without inline styles, which the CSP forbids."""

    def as_html(self) -> list[SafeString]:
        return [
            format_html("{}", after)
            if self.new or before == after
            else format_html("<del>{}</del> <ins>{}</ins>", before, after)
            for before, after in zip(self.left, self.right, strict=True)
        ]


class SheetResource(ModelResource):
    """Base class of the portal's spreadsheets."""

    #: Relations in an exported row, for `select_related`.
    joins: tuple[str, ...] = ()
    #: Columns with verbatim text or positions of the source: imported for new rows only.
    verbatim: tuple[str, ...] = ()
    #: Column -> its heading in files. A file may have either; a column without an entry is its name.
    titles: Mapping[str, Any] = {}

    WIDGETS_MAP = {
        "CharField": TextCell,
        "TextField": TextCell,
        "PositiveSmallIntegerField": NumberCell,
    }

    class Meta:
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True

    @classmethod
    def get_diff_class(cls) -> type[Diff]:
        return PlainDiff

    def get_queryset(self) -> QuerySet[Any]:
        return self.filter_export(super().get_queryset())

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        return queryset.select_related(*self.joins)

    def shown(self, column: str) -> str:
        """A column as people know it, for headings and messages."""
        return str(self.titles.get(column, column))

    def get_export_headers(self, selected_fields: Any = None) -> list[str]:
        return [self.shown(name) for name in super().get_export_headers(selected_fields)]

    def get_diff_headers(self) -> list[str]:
        return [self.shown(name) for name in super().get_diff_headers()]

    def export_field(self, field: Field, instance: Any, **kwargs: Any) -> Any:
        return safe_cell(super().export_field(field, instance, **kwargs))

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        """Raises ValueError for a missing key column and an unknown one, which would be ignored."""
        known = [field.column_name for field in self.get_import_fields()]
        by_title = {match_key(self.shown(name)): name for name in known}
        titles = [TextCell().clean(title) for title in dataset.headers]
        titles = dataset.headers = [
            title if title in known else by_title.get(match_key(title), title) for title in titles
        ]
        if twice := [name for name in known if titles.count(name) > 1]:
            raise ValueError(
                _("คอลัมน์ “%(names)s” ซ้ำกัน เหลือไว้คอลัมน์เดียวแล้วตรวจไฟล์อีกครั้ง")
                % {"names": "”, “".join(map(self.shown, twice))}
            )
        unknown = [title for title in titles if title not in known]
        if unknown:
            raise ValueError(
                _("ไม่รู้จักคอลัมน์ “%(unknown)s” คอลัมน์ที่ใช้ได้: %(known)s")
                % {
                    "unknown": as_typed("”, “".join(unknown)),
                    "known": ", ".join(map(self.shown, known)),
                }
            )
        missing = [name for name in self.get_import_id_fields() if name not in titles]
        if missing:
            names = "”, “".join(map(self.shown, missing))
            raise ValueError(_("ไฟล์ต้องมีคอลัมน์ “%(names)s”") % {"names": names})

    def after_import(self, dataset: tablib.Dataset, result: Result, **kwargs: Any) -> None:
        super().after_import(dataset, result, **kwargs)
        result.notices = getattr(dataset, "notices", ())

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        for column, value in row.items():
            row[column] = unsafe_cell(value)

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> Any:
        try:
            return super().get_instance(instance_loader, row)
        except ValueError:
            return None  # `import_field` reports it with the row's other errors

    def import_field(
        self, field: Field, instance: Any, row: dict[str, Any], is_m2m: bool = False, **kwargs: Any
    ) -> None:
        column = field.column_name
        if column in row and instance.pk:
            if as_exported(row[column]) == as_exported(field.export(instance)):
                return
            if column in self.verbatim:
                raise ValueError(
                    at(self.shown(column), _("ค่านี้ตรึงไว้กับเอกสารต้นฉบับ การนำเข้าเปลี่ยนไม่ได้"))
                )
        try:
            super().import_field(field, instance, row, is_m2m, **kwargs)
        except ValueError as error:
            raise ValueError(at(self.shown(column), error)) from error

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """Report unreadable cells first; only without any, validate the model.

        Raises ValidationError.
        """
        if import_validation_errors:
            raise ValidationError(import_validation_errors)
        try:
            super().validate_instance(instance, None, validate_unique)
        except ValidationError as error:
            columns = [field.column_name for field in self.get_import_fields()]
            raise ValidationError(
                {
                    name: [
                        at(self.shown(name), each) if name in columns else each for each in messages
                    ]
                    for name, messages in error.message_dict.items()
                }
            ) from error
