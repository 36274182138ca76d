from followup.models.accounts import User
from followup.models.agencies import (
    Agency,
    AgencyAlias,
    AgencyKind,
    Assignment,
    Basis,
    GroupMember,
    Province,
    Role,
    future_meeting,
)
from followup.models.annual import (
    Narrative,
    Printed,
    PrintJob,
    PrintState,
    RenderedReport,
)
from followup.models.contacts import AgencyLink, Digest, FocalPoint, Letter, LinkUse
from followup.models.drafts import ForumDraft, SourceCorrection
from followup.models.imports import (
    ImportedRow,
    ImportState,
    RememberedMapping,
    SpreadsheetImport,
)
from followup.models.record import ChainEntry, DoorPass, OpenDoor, RecordEntry
from followup.models.reports import Evidence, FileType, ReportState, Ruling, Source, StatusReport
from followup.models.rounds import Months, Round, RoundState, Snapshot, TakenBack

__all__ = [
    "Agency",
    "AgencyAlias",
    "AgencyKind",
    "AgencyLink",
    "Assignment",
    "Basis",
    "ChainEntry",
    "Digest",
    "DoorPass",
    "Evidence",
    "FileType",
    "FocalPoint",
    "ForumDraft",
    "GroupMember",
    "ImportState",
    "ImportedRow",
    "Letter",
    "LinkUse",
    "Months",
    "Narrative",
    "OpenDoor",
    "PrintJob",
    "PrintState",
    "Printed",
    "Province",
    "RecordEntry",
    "RememberedMapping",
    "RenderedReport",
    "ReportState",
    "Role",
    "Round",
    "RoundState",
    "Ruling",
    "Snapshot",
    "Source",
    "SourceCorrection",
    "SpreadsheetImport",
    "StatusReport",
    "TakenBack",
    "User",
    "future_meeting",
]
