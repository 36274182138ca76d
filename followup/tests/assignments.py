"""Assignments as tests name them."""

from followup.actions import ASSIGNMENT_FIELDS
from followup.models import Assignment
from forum_portal.stored_version import version_of
from proposals.codes import parse_code


def assignment_of(measure: str, agency: str) -> Assignment:
    """The stored assignment of a measure (`3.4` of 2565, or `2566-3.1`) to an agency (its code)."""
    code = parse_code(measure)
    assert code, measure
    return Assignment.objects.select_related("measure", "agency").get(
        measure__resolution__forum__year_be=code.year or 2565,
        measure__resolution__number=code.resolution,
        measure__number=code.clause,
        agency__code=agency,
    )


def seen(assignment: Assignment) -> str:
    """The version that a page with this assignment carries."""
    return version_of(assignment, ASSIGNMENT_FIELDS)
