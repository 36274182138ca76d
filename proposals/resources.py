"""The admin's spreadsheets of resolutions and measures, and the codes that identify measures in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from dataclasses import replace
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from import_export.fields import Field
from import_export.widgets import Widget

from forum_portal.sheets import LookupCell, NumberCell, SheetResource, TextCell, VerbatimCell, at
from forum_portal.thai import to_arabic_digits
from forum_portal.years import as_typed, fiscal_year_today, parse_year
from proposals.codes import Code, full_code, parse_code, short_code
from proposals.models import Forum, Measure, Resolution

# Codes ----------------------------------------------------------------------------------------


def _example() -> str:
    """A code for a message: a measure's that there is, else one of the right form."""
    measure = Measure.objects.first()
    return measure.full_code if measure else full_code(fiscal_year_today(), 1, 1)


def read_code(cell: Any, row: Any) -> Code:
    """Read a measure's code from a cell.

    A full code is `2565-3.4`. A short `3.4` takes its year from the column `forum`; without that
    column its year is 0. Raises ValueError, in Thai, for a cell that is not a measure's code, and
    if the code and the column name different forums.
    """
    text = TextCell().clean(cell)
    code = parse_code(to_arabic_digits(text))
    if code is None or not code.clause:
        raise ValueError(
            _("อ่านรหัส “%(value)s” ไม่ได้ เขียนปีของเวที ขีด เลขข้อ จุด เลขข้อย่อย เช่น %(example)s")
            % {"value": as_typed(text), "example": _example()}
        )
    stated = TextCell().clean((row or {}).get("forum"))
    year = parse_year(stated.removesuffix(".0")).be if stated else 0
    if year and code.year and year != code.year:
        raise ValueError(
            _("รหัส “%(value)s” เป็นของเวทีอื่น คอลัมน์ “forum” ระบุปี %(year)s แก้ให้ตรงกัน")
            % {"value": as_typed(text), "year": year}
        )
    return replace(code, year=code.year or year)


def only(found: QuerySet[Any], forum: str, code: Code) -> Any | None:
    """The one row found, in the code's forum if it names one; None for none.

    Raises ValueError, in Thai, if several rows match.
    """
    if code.year:
        found = found.filter(**{f"{forum}__year_be": code.year})
    first, second = [*found[:2], None, None][:2]
    if second:
        raise ValueError(
            _("มีรหัส “%(value)s” ในการประชุมมากกว่าหนึ่งปี เขียนรหัสเต็ม เช่น %(example)s")
            % {
                "value": short_code(code.resolution, code.clause),
                "example": first.full_code,
            }
        )
    return first


class MeasureCell(Widget):
    """A measure by its full code, `2565-3.4`; a short code is accepted if only one forum has it."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Measure | None:
        if not TextCell().clean(value):
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
    """The error message for a code that a spreadsheet turned into a number."""
    return _("“%(long)s” อาจถูก Excel ตัดเป็น %(cut)s จัดรูปแบบเซลล์เป็นข้อความ แล้วพิมพ์รหัสใหม่ให้ครบทุกหลัก") % {
        "long": f"{number}0",
        "cut": number,
    }


class CodedSheet(SheetResource):
    """A spreadsheet with codes of measures, from which Excel may have removed a zero."""

    #: Columns with codes of measures.
    codes: tuple[str, ...] = ()
    #: Numbers in those columns that may have lost a zero; set once a file is read.
    may_be_cut: Set[float] = frozenset()

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        super().before_import(dataset, **kwargs)
        self.may_be_cut = self._may_be_cut(dataset)

    def _may_be_cut(self, dataset: tablib.Dataset) -> set[float]:
        """Numbers in code columns that may have lost a zero: 2.1 may be 2.10 if 2.10 exists."""
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
        ]:  # a code's second occurrence in the file must be a new row
            may_be |= {number for number, count in Counter(numbers).items() if count > 1}
        return may_be & set(numbers)

    def import_field(
        self, field: Field, instance: Any, row: dict[str, Any], is_m2m: bool = False, **kwargs: Any
    ) -> None:
        column = field.column_name
        if column in self.codes and row.get(column) in self.may_be_cut:
            raise ValueError(at(self.shown(column), cut_code(row[column])))
        super().import_field(field, instance, row, is_m2m, **kwargs)


# Sheets ---------------------------------------------------------------------------------------


class KnownRows(SheetResource):
    """A spreadsheet that describes stored rows: a new one would be public as it is stored.

    New proposals are entered as a draft of their forum.
    """

    def import_instance(self, instance: Any, row: dict[str, Any], **kwargs: Any) -> None:
        super().import_instance(instance, row, **kwargs)
        if instance.pk is None:
            raise ValidationError(
                _("ไม่มีรายการนี้ในระบบ เพิ่มข้อเสนอและมาตรการย่อยใหม่เป็นร่างที่หน้า “เวที” ไม่ใช่ด้วยสเปรดชีต")
            )


class ResolutionResource(KnownRows):
    forum = Field("forum", "forum", LookupCell(Forum, "year_be", _l("การประชุมปี")))
    text = Field("text", "text", VerbatimCell())

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
    """A measure's code. For a new measure it gives the resolution and the clause number."""

    def save(self, instance: Any, row: dict[str, Any], is_m2m: bool = False, **kwargs: Any) -> None:
        code = read_code(row[self.column_name], row)
        found = Resolution.objects.select_related("forum").filter(number=code.resolution)
        resolution = only(found, "forum", code)
        if resolution is None:
            raise ValueError(
                _("ไม่พบข้อเสนอที่ %(number)s") % {"number": full_code(code.year, code.resolution)}
            )
        instance.resolution, instance.number = resolution, code.clause


class MeasureResource(KnownRows, CodedSheet):
    forum = Field("resolution__forum__year_be", "forum", NumberCell(), readonly=True)
    code = CodeField("full_code", "code")
    start = Field("start", "start", NumberCell())
    end = Field("end", "end", NumberCell())

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
            return MeasureCell().clean(row["code"], row)
        except ValueError:
            return None
