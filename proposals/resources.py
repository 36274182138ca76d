"""Spreadsheets of the admin: the columns that go out, and how they are read when they come back.

A row is found by what people know it by (a code, a year and a number), never by a database id. A cell
that still holds what was exported changes nothing, so that a file may go out and come back untouched.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import replace
from pathlib import PurePath
from typing import Any

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
from import_export.results import Result
from import_export.widgets import CharWidget, Widget

from forum_portal.cells import safe_cell, unsafe_cell
from forum_portal.tables import read_table
from forum_portal.thai import clean_text, to_arabic_digits, xml_text
from forum_portal.years import as_typed, parse_year
from proposals.codes import Code, full_code, parse_code, short_code
from proposals.models import Forum, Measure, Resolution

MAX_ROWS = 5_000  # 10 to 20 seconds of work; more belongs to a command
MAX_COLUMNS = 50
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


# Files ----------------------------------------------------------------------------------------


class Sheet(tablib.Dataset):
    """What a file holds, and what is to be said about how it was read."""

    notices: Sequence[str] = ()


class FromTable:
    """A format whose files come through `forum_portal.tables`, from the same bytes each time."""

    #: Extension of a file -> the format to choose for it.
    CHOICES = {".xlsx": "xlsx", ".csv": "csv", ".tsv": "csv", ".txt": "csv"}

    #: What the owner called the file, where that is known.
    file_name = ""

    def create_dataset(self, in_stream: bytes) -> Sheet:
        """Raises ValidationError."""
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
            if error.code == "F12":  # far more than may come in at a time, whatever it was
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
        """Text that looks like an escape of the format's own (_x0041_ is an A) is escaped as such."""
        written = tablib.Dataset(headers=dataset.headers, title=dataset.title)
        for row in dataset:
            written.append(
                [_ESCAPE.sub("_x005F_", cell) if isinstance(cell, str) else cell for cell in row]
            )
        content: bytes = super().export_data(written, **kwargs)
        return content


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


def cut_code(number: float) -> str:
    """What to do about a code that a spreadsheet took for a number."""
    return _("“%(long)s” อาจถูก Excel ตัดเป็น %(cut)s จัดรูปแบบเซลล์เป็นข้อความ แล้วพิมพ์รหัสใหม่ให้ครบทุกหลัก") % {
        "long": f"{number}0",
        "cut": number,
    }


def as_exported(cell: Any) -> str:
    """A cell's text, whatever the file made of its line ends and of what it cannot hold."""
    return "" if cell is None else xml_text(str(cell)).replace("\r\n", "\n")


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
    #: Columns that hold codes of measures.
    codes: tuple[str, ...] = ()
    #: Numbers there that may be other codes than they look; known once a file is read.
    may_be_cut: Set[float] = frozenset()

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
        self.may_be_cut = self._may_be_cut(dataset)

    def _may_be_cut(self, dataset: tablib.Dataset) -> set[float]:
        """The numbers in code columns that may have lost a zero: 2.1 was 2.10 if there is a 2.10."""
        numbers = [
            cell
            for column in self.codes
            if column in dataset.headers
            for cell in dataset[column]
            if isinstance(cell, float)
        ]
        if not numbers:
            return set()
        tens = Measure.objects.filter(number__in=range(10, 100, 10))
        codes = tens.values_list("resolution__number", "number")
        may_be = {float(f"{resolution}.{number}") for resolution, number in codes}
        if [*self.get_import_id_fields()] == [
            *self.codes
        ]:  # where a code stands once, twice is new
            may_be |= {number for number, count in Counter(numbers).items() if count > 1}
        return may_be & set(numbers)

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
            return None  # `import_field` says what is wrong, with the row's other faults

    def import_field(
        self, field: Field, instance: Any, row: dict[str, Any], is_m2m: bool = False, **kwargs: Any
    ) -> None:
        column = field.column_name
        if column in self.codes and row.get(column) in self.may_be_cut:
            raise ValueError(at(column, cut_code(row[column])))
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
    codes = ("code",)

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
