"""Spreadsheets of the admin: agencies and their assignments."""

from __future__ import annotations

from typing import Any

import tablib
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from import_export.fields import Field
from import_export.results import Result
from import_export.widgets import Widget

from followup.actions import refresh_open_rounds
from followup.history import one_batch
from followup.models import Agency, AgencyAlias, Assignment, Province
from forum_portal.sheets import LookupCell, NumberCell, SheetResource, TextCell, YearCell
from proposals.resources import CodedSheet, MeasureCell

ALIAS_LIMIT: int = AgencyAlias._meta.get_field("name").max_length or 0


class AliasList(Widget):
    """Names in one cell, separated by semicolons; their order has no meaning."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[str]:
        names = {TextCell().clean(name) for name in str(value or "").split(";")} - {""}
        for name in names:
            if len(name) > ALIAS_LIMIT:
                raise ValueError(
                    _("ชื่ออื่นยาว %(length)d อักขระ เกินกำหนด %(limit)d อักขระ")
                    % {"length": len(name), "limit": ALIAS_LIMIT}
                )
        return sorted(names)

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "; ".join(value or ())


class AliasField(Field):
    """An agency's aliases; those read are kept on the instance until it is saved."""

    def get_value(self, instance: Agency) -> list[str]:
        if hasattr(instance, "wanted_aliases"):
            return instance.wanted_aliases
        return sorted(alias.name for alias in instance.aliases.all()) if instance.pk else []

    def save(self, instance: Any, row: dict[str, Any], is_m2m: bool = False, **kwargs: Any) -> None:
        instance.wanted_aliases = self.clean(row, **kwargs)


class AgencyResource(SheetResource):
    parent = Field("parent", "parent", LookupCell(Agency, "code", _l("หน่วยงานรหัส")))
    successor = Field("successor", "successor", LookupCell(Agency, "code", _l("หน่วยงานรหัส")))
    province = Field("province", "province", LookupCell(Province, "code", _l("จังหวัดรหัส")))
    aliases = AliasField("aliases", "aliases", AliasList())

    joins = ("parent", "successor", "province")

    class Meta:
        model = Agency
        import_id_fields = ("code",)
        fields = (
            "code",
            "name_th",
            "abbr_th",
            "name_en",
            "abbr_en",
            "kind",
            "parent",
            "successor",
            "province",
            "aliases",
        )

    def filter_export(self, queryset: QuerySet[Any], **kwargs: Any) -> QuerySet[Any]:
        return super().filter_export(queryset, **kwargs).prefetch_related("aliases")

    def after_save_instance(self, instance: Any, row: dict[str, Any], **kwargs: Any) -> None:
        wanted = getattr(instance, "wanted_aliases", None)
        if wanted is None:
            return
        instance.aliases.exclude(name__in=wanted).delete()
        present = set(instance.aliases.values_list("name", flat=True))
        for name in wanted:
            if name not in present:
                instance.aliases.create(name=name)


class AssignmentResource(CodedSheet):
    forum = Field("measure__resolution__forum__year_be", "forum", NumberCell(), readonly=True)
    measure = Field("measure", "measure", MeasureCell())
    agency = Field("agency", "agency", LookupCell(Agency, "code", _l("หน่วยงานรหัส")))
    valid_from = Field("valid_from", "valid_from", YearCell())
    valid_to = Field("valid_to", "valid_to", YearCell())

    joins = ("measure__resolution__forum", "agency")
    codes = ("measure",)

    class Meta:
        model = Assignment
        import_id_fields = ("measure", "agency", "valid_from")
        fields = ("forum", "measure", "agency", "role", "basis", "valid_from", "valid_to")

    def import_data_inner(self, *args: Any, **kwargs: Any) -> Result:
        """One batch of history for the whole file, at the end of its transaction."""
        with one_batch():
            return super().import_data_inner(*args, **kwargs)

    def after_import(self, dataset: tablib.Dataset, result: Result, **kwargs: Any) -> None:
        super().after_import(dataset, result, **kwargs)
        if not self._is_dry_run(kwargs):
            refresh_open_rounds()
