"""Spreadsheets of the admin: the columns that go out, and how they are read when they come back.

A row is found by what people know it by (a code, a year and a number), never by a database id. A cell
that still holds what was exported changes nothing, so that a file may go out and come back untouched.
"""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import openpyxl
import tablib
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Model, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from import_export.fields import Field
from import_export.formats.base_formats import CSV, XLSX
from import_export.resources import Diff, ModelResource
from import_export.widgets import CharWidget, Widget

from forum_portal.cells import safe_cell, unsafe_cell
from forum_portal.thai import clean_text, to_arabic_digits
from forum_portal.years import as_typed, parse_year
from proposals.codes import Code, full_code, parse_code, short_code
from proposals.models import Forum, Measure, Resolution

MAX_ROWS = 5_000  # 10 to 20 seconds of work; more belongs to a command
MAX_COLUMNS = 50


# Files ----------------------------------------------------------------------------------------


def usable(dataset: tablib.Dataset) -> tablib.Dataset:
    """The dataset, if it has rows and not too many of them."""
    if not dataset:
        raise ValidationError(_("ไฟล์นี้ไม่มีแถวข้อมูล"))
    if len(dataset) > MAX_ROWS:
        raise ValidationError(_("นำเข้าได้ครั้งละไม่เกิน %(max)s แถว") % {"max": f"{MAX_ROWS:,}"})
    return dataset


class Csv(CSV):
    def create_dataset(self, in_stream: Any, **kwargs: Any) -> tablib.Dataset:
        return usable(super().create_dataset(in_stream, **kwargs))


class Xlsx(XLSX):
    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        """The first sheet, up to its last row that holds anything.

        The bounds are ours: a sheet may state others than it has, and rows would be lost silently.
        """
        book = openpyxl.load_workbook(BytesIO(in_stream), read_only=True, data_only=True)
        rows = list(
            book.worksheets[0].iter_rows(
                max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True
            )
        )
        book.close()
        while rows and not any(value is not None for value in rows[-1]):
            rows.pop()
        titles = rows[0] if rows else ()
        width = max((at for at, title in enumerate(titles, 1) if title is not None), default=0)
        return usable(tablib.Dataset(*(row[:width] for row in rows[1:]), headers=titles[:width]))


# Cells ----------------------------------------------------------------------------------------


class Text(CharWidget):
    """Text as a text field stores it."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return "" if value is None else clean_text(str(value))


class Verbatim(CharWidget):
    """Words of the source, character by character; only line ends are a matter of the file."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return as_exported(value)


class Number(Widget):
    """A whole number; a spreadsheet may hold it as text or as 3.0."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        text = Text().clean(value).removesuffix(".0")
        if not text:
            return None
        if not (text.isdecimal() and len(text) < 10):
            raise ValueError(_("“%(value)s” ไม่ใช่จำนวนเต็ม") % {"value": as_typed(text)})
        return int(text)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else value  # a number stays one in a spreadsheet


class Year(Number):
    """A year in either era, stored in the Buddhist one."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        text = Text().clean(value).removesuffix(".0")
        return parse_year(text).be if text else None


class Lookup(Widget):
    """A row of another table by what people know it by; `noun` says what was not found."""

    def __init__(self, model: type[Model], field: str, noun: Any) -> None:
        super().__init__()
        self.model, self.field, self.noun = model, field, noun

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Model | None:
        key = Text().clean(value)
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


def read_code(cell: Any, row: Any) -> Code:
    """The code of a measure in a cell, with the forum's year wherever the row names it.

    In full, `2565-3.4`; a short `3.4` takes the year of the column `forum`, and has none without one.
    Raises ValueError for what is no such code, and where code and column name two forums.
    """
    text = Text().clean(cell)
    code = parse_code(to_arabic_digits(text))
    if code is None or not code.clause:
        raise ValueError(
            _("อ่านรหัส “%(value)s” ไม่ได้ เขียนปีของเวที ขีด เลขข้อ จุด เลขข้อย่อย เช่น 2565-3.4")
            % {"value": as_typed(text)}
        )
    stated = Text().clean((row or {}).get("forum"))
    year = parse_year(stated.removesuffix(".0")).be if stated else 0
    if year and code.year and year != code.year:
        raise ValueError(
            _("รหัส “%(value)s” เป็นของเวทีอื่น คอลัมน์ “forum” ระบุปี %(year)s แก้ให้ตรงกัน")
            % {"value": as_typed(text), "year": year}
        )
    return replace(code, year=code.year or year)


def only(found: QuerySet[Any], forum: str, code: Code) -> Any | None:
    """The one row, of the forum that the code names where it names one. Raises ValueError for several."""
    if code.year:
        found = found.filter(**{f"{forum}__year_be": code.year})
    first, second = [*found[:2], None, None][:2]
    if second:
        raise ValueError(
            _("มีรหัส “%(value)s” ในการประชุมมากกว่าหนึ่งปี เขียนรหัสเต็ม เช่น 2565-%(value)s")
            % {"value": short_code(code.resolution, code.clause)}
        )
    return first


class MeasureCode(Widget):
    """A measure by its full code, `2565-3.4`; the short one will do where one forum alone has it."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Measure | None:
        if not Text().clean(value):
            return None
        code = read_code(value, row)
        measures = Measure.objects.select_related("resolution__forum")
        found = measures.filter(resolution__number=code.resolution, number=code.clause)
        measure = only(found, "resolution__forum", code)
        if measure is None:
            raise ValueError(_("ไม่พบมาตรการย่อย “%(value)s”") % {"value": code})
        return measure

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.full_code if value else ""


def as_exported(cell: Any) -> str:
    """A cell's text, whatever the file made of its line ends."""
    return "" if cell is None else str(cell).replace("\r\n", "\n")


# Rows -----------------------------------------------------------------------------------------


def at(column: str, problem: Any) -> str:
    """What is wrong, and in which column."""
    return _("คอลัมน์ “%(column)s”: %(problem)s") % {"column": column, "problem": problem}


class PlainDiff(Diff):
    """Before and after of each cell, without the inline styles that the security policy forbids."""

    def as_html(self) -> list[SafeString]:
        return [
            format_html("{}", after)
            if self.new or before == after
            else format_html("<del>{}</del> <ins>{}</ins>", before, after)
            for before, after in zip(self.left, self.right, strict=True)
        ]


class SheetResource(ModelResource):
    """What the portal's spreadsheets have in common."""

    #: What an exported row shows of other tables, for `select_related`.
    joins: tuple[str, ...] = ()
    #: Columns that are exact words or places of the source: read for new rows only.
    verbatim: tuple[str, ...] = ()

    WIDGETS_MAP = {"CharField": Text, "TextField": Text, "PositiveSmallIntegerField": Number}

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

    def export_field(self, field: Field, instance: Any, **kwargs: Any) -> Any:
        return safe_cell(super().export_field(field, instance, **kwargs))

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        """A title that we do not know is a column that somebody thinks was imported."""
        titles = dataset.headers = [Text().clean(title) for title in dataset.headers]
        known = [field.column_name for field in self.get_import_fields()]
        unknown = [title for title in titles if title not in known]
        if unknown:
            raise ValueError(
                _("ไม่รู้จักคอลัมน์ “%(unknown)s” คอลัมน์ที่ใช้ได้: %(known)s")
                % {"unknown": as_typed("”, “".join(unknown)), "known": ", ".join(known)}
            )
        missing = [name for name in self.get_import_id_fields() if name not in titles]
        if missing:
            raise ValueError(_("ไฟล์ต้องมีคอลัมน์ “%(names)s”") % {"names": "”, “".join(missing)})

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        for column, value in row.items():
            row[column] = unsafe_cell(value)

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> Any:
        try:
            return super().get_instance(instance_loader, row)
        except ValueError:
            return None  # `import_field` says what is wrong, with the row's other faults

    def import_field(
        self, field: Field, instance: Any, row: dict[str, Any], is_m2m: bool = False, **kwargs: Any
    ) -> None:
        column = field.column_name
        if column in row and instance.pk:
            if as_exported(row[column]) == as_exported(field.export(instance)):
                return
            if column in self.verbatim:
                raise ValueError(at(column, _("ค่านี้ตรึงไว้กับเอกสารต้นฉบับ การนำเข้าเปลี่ยนไม่ได้")))
        try:
            super().import_field(field, instance, row, is_m2m, **kwargs)
        except ValueError as error:
            raise ValueError(at(column, error)) from error

    def validate_instance(
        self, instance: Any, import_validation_errors: Any = None, validate_unique: bool = True
    ) -> None:
        """What could not be read comes first; the model then checks what was."""
        if import_validation_errors:
            raise ValidationError(import_validation_errors)
        try:
            super().validate_instance(instance, None, validate_unique)
        except ValidationError as error:
            columns = self.get_diff_headers()
            raise ValidationError(
                {
                    name: [at(name, each) if name in columns else each for each in messages]
                    for name, messages in error.message_dict.items()
                }
            ) from error


class ResolutionResource(SheetResource):
    forum = Field("forum", "forum", Lookup(Forum, "year_be", _l("การประชุมปี")))
    text = Field("text", "text", Verbatim())

    joins = ("forum",)
    verbatim = ("text",)

    class Meta:
        model = Resolution
        import_id_fields = ("forum", "number")
        fields = (
            "forum",
            "number",
            "title_th",
            "title_phrases",
            "theme_th",
            "title_en",
            "summary_en",
            "text",
        )


class CodeField(Field):
    """A measure's code; for a new one it says which resolution it belongs to and its number."""

    def save(self, instance: Any, row: dict[str, Any], is_m2m: bool = False, **kwargs: Any) -> None:
        code = read_code(row[self.column_name], row)
        found = Resolution.objects.select_related("forum").filter(number=code.resolution)
        resolution = only(found, "forum", code)
        if resolution is None:
            raise ValueError(
                _("ไม่พบข้อเสนอที่ %(number)s") % {"number": full_code(code.year, code.resolution)}
            )
        instance.resolution, instance.number = resolution, code.clause


class MeasureResource(SheetResource):
    forum = Field("resolution__forum__year_be", "forum", Number(), readonly=True)
    code = CodeField("full_code", "code")
    start = Field("start", "start", Number())
    end = Field("end", "end", Number())

    joins = ("resolution__forum",)
    verbatim = ("start", "end")

    class Meta:
        model = Measure
        import_id_fields = ("code",)
        fields = (
            "forum",
            "code",
            "title_th",
            "title_en",
            "kind",
            "suggested_evidence_th",
            "start",
            "end",
        )

    def get_instance(self, instance_loader: Any, row: dict[str, Any]) -> Measure | None:
        try:
            return MeasureCode().clean(row["code"], row)
        except ValueError:
            return None
