"""A pytest plugin that declares two more fields of a report, a count and a day.

`pytest -p followup.tests.extra_field` loads it. It adds the declarations, the model's columns and nothing
else, as the recipe in docs/developing.md says. `extra_field_everywhere.py` then looks for the fields in
every place that shows a report.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, models
from django.db.models.signals import class_prepared, post_migrate

NAME = "trees_planted"
LABEL = "จำนวนต้นไม้ที่ปลูก"
DAY, DAY_LABEL = "planted_on", "วันที่ปลูก"


def declare(sender: type[models.Model], **kwargs: Any) -> None:
    """Before the report's model is there, so that whatever reads the declaration finds the field."""
    if sender._meta.label == "followup.Province":
        from followup import report_fields

        report_fields.FIELDS[NAME] = report_fields.ReportField(
            NAME,
            LABEL,
            report_fields.Kind.COUNT,
            column=report_fields.SheetColumn(NAME),
            data_name=NAME,
        )
        report_fields.FIELDS[DAY] = report_fields.ReportField(
            DAY,
            DAY_LABEL,
            report_fields.Kind.DATE,
            column=report_fields.SheetColumn(DAY),
            data_name=DAY,
        )
    if sender._meta.label == "followup.StatusReport":
        sender.add_to_class(NAME, models.PositiveIntegerField(LABEL, null=True, blank=True))
        sender.add_to_class(DAY, models.DateField(DAY_LABEL, null=True, blank=True))


def add_column(sender: Any, **kwargs: Any) -> None:
    """In the place of a migration."""
    if sender.label != "followup":
        return
    from followup.models import StatusReport

    for model in (StatusReport, StatusReport.history.model):
        with connection.cursor() as cursor:
            table = connection.introspection.get_table_description(cursor, model._meta.db_table)
        for name in {NAME, DAY} - {column.name for column in table}:
            with connection.schema_editor() as editor:
                editor.add_field(model, model._meta.get_field(name))


class_prepared.connect(declare, weak=False)
post_migrate.connect(add_column, weak=False)
