"""Helpers for tests of writing and undoing an import."""

from django.apps import apps

from followup import actions
from followup.models import (
    Agency,
    AgencyAlias,
    Assignment,
    ChainEntry,
    Evidence,
    RememberedMapping,
    StatusReport,
)
from followup.spreadsheets import apply as writing
from followup.spreadsheets.lookup import EMPTY, values_of
from followup.spreadsheets.preview import Write

#: The tables that an import may change -> the columns not compared: ids, last writer, time, and
#: versions, which only rise so that nobody overwrites unseen changes.
TOUCHED = {
    StatusReport: {"version", "updated_by_id", "updated_at"},
    Evidence: {"id"},
    StatusReport.provinces.through: {"id"},
    Agency: set(),
    AgencyAlias: set(),
    Assignment: set(),
    RememberedMapping: {"updated_at"},
}


def picture(*, history=False):
    """Every row of every table that an import may touch, for comparing before and after."""
    seen = {}
    for model, bookkeeping in TOUCHED.items():
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if field.attname not in bookkeeping
        ]
        seen[model] = sorted(map(repr, model._base_manager.values_list(*names)))
        if history and hasattr(model, "history"):
            seen["history", model] = model.history.count()
    return seen


def other_tables():
    """The number of rows of every other table of the app, without the record of writes."""
    return {
        model.__name__: model._base_manager.count()
        for model in apps.get_app_config("followup").get_models(include_auto_created=True)
        if model not in {*TOUCHED, ChainEntry} and not model.__name__.startswith("Historical")
    }


def expected(round_, code, agency):
    return round_.reports.with_context().get(
        assignment__measure__resolution__number=code.split(".")[0],
        assignment__measure__number=code.split(".")[1],
        assignment__agency__code=agency,
    )


def joint(round_, by):
    """Two reports of กสป., the second told in the first."""
    fields = {"reported_status": "in_progress", "results": "จัดเวทีร่วม"}
    main, other = (expected(round_, code, "DSDW_CSO") for code in ("1.1", "1.3"))
    for report, more in ((main, {}), (other, {"told_in": main})):
        own = fields if not more else {"reported_status": "in_progress"}
        actions.save_draft(report=report, by=by, version=0, fields=own, evidence=[], **more)
    return main, other


def write_for(report, row=2, **values):
    before = values_of(report)
    after = {**before, **values}
    return Write(
        row=row,
        assignment=report.assignment_id,
        report=report.pk,
        version=report.version,
        measure=report.measure.pk,
        agency=report.assignment.agency_id,
        new_agency="",
        values=after,
        changes={
            name: (before[name], after[name]) for name in after if before[name] != after[name]
        },
        is_new=report.version == 0,
    )


RESULTS = {
    "reported_status": "in_progress",
    "results": "จัดเวที 3 ครั้ง",
    "budget_received": "1250000.00",
    "provinces": ["10", "50"],
    "evidence": [["สรุปเวที", "https://example.org/a"]],
}


def new_write(round_, code, row=2, name="มูลนิธิทดสอบ", **values):
    """A row about a new agency."""
    measure = expected(round_, code, "SWF" if code == "3.1" else "DOPA").measure
    return Write(
        row=row,
        assignment=0,
        report=0,
        version=0,
        measure=measure.pk,
        agency=0,
        new_agency=name,
        values={**EMPTY, **RESULTS, **values},
        changes={},
        is_new=True,
    )


def applied(record, by, writes, **learnt):
    writing.apply(record=record, writes=writes, learnt=learnt, by=by)
    return record


def told(response):
    return " ".join(response.content.decode().split())
