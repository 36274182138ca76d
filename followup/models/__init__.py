from followup.models.accounts import User
from followup.models.agencies import (
    Agency,
    AgencyAlias,
    AgencyKind,
    Assignment,
    Basis,
    Province,
    Role,
)
from followup.models.imports import (
    ImportedRow,
    ImportState,
    RememberedMapping,
    SpreadsheetImport,
)
from followup.models.reports import Evidence, ReportState, Ruling, Source, StatusReport
from followup.models.rounds import Round, RoundState

__all__ = [
    "Agency",
    "AgencyAlias",
    "AgencyKind",
    "Assignment",
    "Basis",
    "Evidence",
    "ImportState",
    "ImportedRow",
    "Province",
    "RememberedMapping",
    "ReportState",
    "Role",
    "Round",
    "RoundState",
    "Ruling",
    "Source",
    "SpreadsheetImport",
    "StatusReport",
    "User",
]
