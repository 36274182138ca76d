"""The meanings of a table's columns: the fields of a report, and others.

They are not in `types`, because the process that reads uploaded files imports `types` without Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from followup.report_fields import FIELDS, Kind, ReportField, with_column


class Field(StrEnum):
    """The meanings of a column. Most names are those of the column alias table.

    The columns of report fields that no code names are added as members.
    """

    FORUM = "forum"  # the year of the CSOs Forum of the row's proposals
    ITEM_NO = "item_no"
    CLAUSE_CODE = "clause_code"
    LEAD_AGENCY = "lead_agency"
    SUPPORT_AGENCIES = "support_agencies"
    FISCAL_YEAR = "fiscal_year"
    PERIOD = "period"
    STATUS = "status"
    PERCENT = "percent"
    RESULT = "result"
    PROBLEMS = "problems"
    SUGGESTIONS = "suggestions"
    BUDGET = "budget"
    DISBURSED = "disbursed"
    PROVINCE = "province"
    REGION = "region"
    DATE_START = "date_start"
    DATE_END = "date_end"
    EVIDENCE = "evidence"
    REPORTER = "reporter"
    REMARK = "remark"
    MEETING = "meeting"  # the committee's meeting that ended a measure
    NO_CHANGE = "no_change"
    ROW_KEY = "row_key"  # in the portal's own workbook
    TICK = "tick"  # one column of a tick matrix; `Column.status` is its status

    _ignore_ = ["each", "name"]
    for each in FIELDS.values():
        name = each.column.name if each.column else ""
        if name and name.upper() not in vars():
            vars()[name.upper()] = name


#: The columns of a report's fields, in the order of a list of columns.
REPORT_COLUMNS: Mapping[Field, ReportField] = {
    Field(each.column.name): each for each in with_column() if each.column
}


def of_kind(*kinds: Kind) -> frozenset[Field]:
    """The columns of the report fields of the given kinds."""
    return frozenset(name for name, each in REPORT_COLUMNS.items() if each.kind in kinds)
