"""Groups of agencies as tests make them."""

from followup import actions
from followup.actions import MEMBER_FIELDS
from followup.models import Agency, AgencyKind, Assignment, GroupMember, User
from followup.tests.factories import measure_of
from forum_portal.stored_version import version_of


def offices(count: int) -> list[Agency]:
    """New provincial offices `พมจ. 01`, `พมจ. 02` …"""
    made = []
    for number in range(1, count + 1):
        agency = Agency(
            code=f"PROV{number:02}",
            name_th=f"สำนักงานพัฒนาสังคมจังหวัดที่ {number:02}",
            abbr_th=f"พมจ. {number:02}",
            kind=AgencyKind.PROVINCIAL_MECHANISM,
        )
        agency.save()
        made.append(agency)
    return made


def make_group(
    by: User, agencies: list[Agency], *, first_year: int = 2569, code: str = "PROVS"
) -> Agency:
    return actions.begin_group(
        by=by,
        name_th=f"พมจ. ทุกจังหวัด {code}",
        abbr_th="พมจ. ทุกจังหวัด" if code == "PROVS" else code,
        code=code,
        agencies=agencies,
        first_year=first_year,
    )


def assign(
    by: User, group: Agency, measure: str, *, role: str = "lead", year: int = 2569
) -> Assignment:
    """The group's assignment to a measure (full code)."""
    return actions.add_assignment(
        by=by, measure=measure_of(measure), agency=group, as_role=role, first_year=year
    )


def member(group: Agency, agency: Agency) -> GroupMember:
    return GroupMember.objects.get(group=group, agency=agency)


def seen(row: GroupMember) -> str:
    return version_of(row, MEMBER_FIELDS)
