"""The verbs that write. Each is keyword-only, atomic and recorded in the history.

Forms, admin and commands all write through them, so the rules hold on every path. They raise
`Refused` with a Thai sentence if the rules do not allow the change, Django's `PermissionDenied` if the
person lacks the right, and `Conflict` for a save against an older version. A docstring names the cases
that are particular to its verb.
"""

from followup.actions.assignments import (
    ASSIGNMENT_FIELDS,
    add_assignment,
    change_role,
    confirm_assignments,
    end_assignment,
    last_reported_year,
    withdraw_confirmation,
    wrong_with_confirmation,
)
from followup.actions.base import Conflict, Refused, action, closed_message, gone_message
from followup.actions.conclusions import conclude_forum, resume_forum
from followup.actions.letters import LETTER_FIELDS, correct_letter, record_letter, remove_letter
from followup.actions.links import (
    default_expiry,
    erase_uses,
    find_link,
    issue_link,
    note_opened,
    revoke_link,
    signed_link,
    token_of,
)
from followup.actions.narratives import Written, write_narratives
from followup.actions.people import (
    FOCAL_POINT_FIELDS,
    erase_person,
    hand_over,
    purge_focal_point,
    remove_focal_point,
    reset_second_factor,
    save_focal_point,
)
from followup.actions.reports import (
    REPORT_FIELDS,
    approve,
    approve_many,
    own_message,
    reply,
    save_draft,
    send_back,
    submit,
)
from followup.actions.rounds import (
    DUE_AFTER,
    close_round,
    create_round,
    expect_reports,
    expected_by_forum,
    open_round,
    publish_round,
    refresh_open_rounds,
    reopen_round,
    stale_message,
)

__all__ = [
    "ASSIGNMENT_FIELDS",
    "DUE_AFTER",
    "FOCAL_POINT_FIELDS",
    "LETTER_FIELDS",
    "REPORT_FIELDS",
    "Conflict",
    "Refused",
    "Written",
    "action",
    "add_assignment",
    "approve",
    "approve_many",
    "change_role",
    "close_round",
    "closed_message",
    "conclude_forum",
    "confirm_assignments",
    "correct_letter",
    "create_round",
    "default_expiry",
    "end_assignment",
    "erase_person",
    "erase_uses",
    "expect_reports",
    "expected_by_forum",
    "find_link",
    "gone_message",
    "hand_over",
    "issue_link",
    "last_reported_year",
    "note_opened",
    "open_round",
    "own_message",
    "publish_round",
    "purge_focal_point",
    "record_letter",
    "refresh_open_rounds",
    "remove_focal_point",
    "remove_letter",
    "reopen_round",
    "reply",
    "reset_second_factor",
    "resume_forum",
    "revoke_link",
    "save_draft",
    "save_focal_point",
    "send_back",
    "signed_link",
    "stale_message",
    "submit",
    "token_of",
    "withdraw_confirmation",
    "write_narratives",
    "wrong_with_confirmation",
]
