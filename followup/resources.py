"""Spreadsheets of the admin: agencies and their assignments."""

from __future__ import annotations

from typing import Any

import tablib
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from import_export.fields import Field
from import_export.results import Result
from import_export.widgets import Widget

from followup.actions import refresh_open_rounds
from followup.history import one_batch
from followup.models import (
    Agency,
    AgencyAlias,
    Assignment,
    Basis,
    Province,
    Role,
    former_names,
    keep_as_aliases,
    shared_name,
)
from forum_portal.sheets import (
    ChoiceCell,
    DayCell,
    LookupCell,
    NumberCell,
    SheetResource,
    TextCell,
    YearCell,
)
from forum_portal.thai import match_key
from forum_portal.years import as_typed
from proposals.resources import CodedSheet, MeasureCell

#: The roles as the pages shorten them -> code.
SHORT_ROLES = {_l("หลัก"): Role.LEAD.value, _l("สนับสนุน"): Role.SUPPORT.value}
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

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        self.warnings: list[str] = []
        super().before_import(dataset, **kwargs)

    def after_import(self, dataset: tablib.Dataset, result: Result, **kwargs: Any) -> None:
        super().after_import(dataset, result, **kwargs)
        result.notices = [*result.notices, *self.warnings]

    def before_save_instance(self, instance: Any, row: dict[str, Any], **kwargs: Any) -> None:
        """Warn of a name that another agency has, before the file is imported; keep a former name."""
        super().before_save_instance(instance, row, **kwargs)
        stored = Agency.objects.filter(pk=instance.pk).first() if instance.pk else None
        keys = instance.own_keys | {match_key(n) for n in getattr(instance, "wanted_aliases", ())}
        new = keys - (stored.name_keys if stored else set()) - {""}
        if new and (others := Agency.objects.sharing(new, but=instance.pk)):
            self.warnings.append(f"{instance.code}: {shared_name(others)}")
        instance.former_names = former_names(stored, instance) if stored else []

    def after_save_instance(self, instance: Any, row: dict[str, Any], **kwargs: Any) -> None:
        wanted = getattr(instance, "wanted_aliases", None)
        if wanted is not None:  # a file with this column says all of them
            self._set_aliases(instance, wanted)
        else:
            keep_as_aliases(instance, instance.former_names)

    def _set_aliases(self, instance: Agency, wanted: list[str]) -> None:
        instance.aliases.exclude(name__in=wanted).delete()
        present = set(instance.aliases.values_list("name", flat=True))
        for name in wanted:
            if name not in present:
                instance.aliases.create(name=name)


class AgencyCell(LookupCell):
    """An agency by its code, or by a name that no other agency has; exported as its code."""

    def __init__(self) -> None:
        super().__init__(Agency, "code", _l("หน่วยงาน"))

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Model | None:
        text = TextCell().clean(value)
        key = match_key(text)
        known = Agency.objects.standing().filter(code=text).first()
        if known or not key:
            return known
        found = [
            agency
            for agency in Agency.objects.standing().matching(text).prefetch_related("aliases")
            if key in agency.name_keys
        ]
        if len(found) > 1:
            raise ValueError(
                _("“%(value)s” เป็นชื่อของหลายหน่วยงาน ใช้รหัส: %(codes)s")
                % {
                    "value": as_typed(text),
                    "codes": ", ".join(agency.code for agency in found),
                }
            )
        return found[0] if found else super().clean(value, row, **kwargs)


class AssignmentResource(CodedSheet):
    forum = Field("measure__resolution__forum__year_be", "forum", NumberCell(), readonly=True)
    measure = Field("measure", "measure", MeasureCell())
    agency = Field("agency", "agency", AgencyCell())
    agency_name = Field("agency__name_th", "agency_name", TextCell(), readonly=True)
    role = Field("role", "role", ChoiceCell(Role, SHORT_ROLES))
    basis = Field("basis", "basis", ChoiceCell(Basis))
    confirmed_ref = Field("confirmed_ref", "confirmed_ref", TextCell())
    confirmed_on = Field("confirmed_on", "confirmed_on", DayCell())
    valid_from = Field("valid_from", "valid_from", YearCell())
    valid_to = Field("valid_to", "valid_to", YearCell())

    joins = ("measure__resolution__forum", "agency")
    codes = ("measure",)
    titles = {
        "forum": _l("เวที"),
        "measure": _l("มาตรการย่อย"),
        "agency": _l("หน่วยงาน"),
        "agency_name": _l("ชื่อหน่วยงาน"),
        "role": _l("บทบาท"),
        "basis": _l("ที่มา"),
        "confirmed_ref": _l("ยืนยันตามมติ ครั้งที่"),
        "confirmed_on": _l("วันที่มีมติ"),
        "valid_from": _l("ตั้งแต่ปี"),
        "valid_to": _l("ถึงปี"),
    }

    class Meta:
        model = Assignment
        import_id_fields = ("measure", "agency", "valid_from")
        fields = (
            "forum",
            "measure",
            "agency",
            "agency_name",
            "role",
            "basis",
            "confirmed_ref",
            "confirmed_on",
            "valid_from",
            "valid_to",
        )

    def import_data_inner(self, *args: Any, **kwargs: Any) -> Result:
        """One batch of history for the whole file, at the end of its transaction."""
        with one_batch():
            return super().import_data_inner(*args, **kwargs)

    def after_import(self, dataset: tablib.Dataset, result: Result, **kwargs: Any) -> None:
        super().after_import(dataset, result, **kwargs)
        if not self._is_dry_run(kwargs):
            refresh_open_rounds()
