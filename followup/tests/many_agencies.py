"""A grown-up year: 300 agencies, 77 of them in a group, 77 lead agencies of one measure."""

from datetime import UTC, datetime

from followup import actions
from followup.models import Agency, AgencyKind, Assignment, Province, Round, User
from followup.tests.factories import measure_of
from followup.tests.groups import assign, make_group
from forum_portal.thai import match_key, sort_key

MEMBERS = 77
ANSWERED = 12
OTHERS = 300 - 2 * MEMBERS
WRITTEN = datetime(2026, 11, 20, 3, tzinfo=UTC)


def _agencies(code: str, name: str, abbr: str, count: int, kind: str) -> list[Agency]:
    made = []
    for number in range(1, count + 1):
        full, short = f"{name} {number:03}", f"{abbr} {number:03}"
        made.append(
            Agency(
                code=f"{code}{number:03}",
                name_th=full,
                abbr_th=short,
                kind=kind,
                sort_key=sort_key(full),
                search_text=f"{match_key(full)} {match_key(short)}  ",
            )
        )
    Agency.objects.bulk_create(made)
    return list(Agency.objects.filter(code__startswith=code).order_by("code"))


def many_rounds() -> None:
    """The round of 2569, published, and that of 2570, open.

    The group PROVS (members PRV001 …) leads 1.2, where 12 members have answered; LOC001 … lead 1.1 on
    their own and have not; OTH001 … support the measures of the other proposals.
    """
    by = {name: User.objects.get(username=name) for name in ("staff", "reviewer", "administrator")}
    members = _agencies(
        "PRV", "สำนักงานพัฒนาสังคมจังหวัด", "พมจ.", MEMBERS, AgencyKind.PROVINCIAL_MECHANISM
    )
    for agency, province in zip(members, Province.objects.all(), strict=True):
        agency.province = province
    Agency.objects.bulk_update(members, ["province"])
    locals_ = _agencies("LOC", "เทศบาลนคร", "ทน.", MEMBERS, AgencyKind.LOCAL_GOVERNMENT)
    others = _agencies("OTH", "องค์กรภาคี", "อภ.", OTHERS, AgencyKind.CSO)
    led = measure_of("2565-1.1")
    rest = [measure_of(f"2565-{number}.1") for number in range(2, 9)]
    Assignment.objects.bulk_create(
        [Assignment(measure=led, agency=each, role="lead", valid_from=2565) for each in locals_]
        + [
            Assignment(
                measure=rest[place % len(rest)], agency=each, role="support", valid_from=2565
            )
            for place, each in enumerate(others)
        ]
    )
    assign(by["administrator"], make_group(by["administrator"], members), "2565-1.2")
    round_ = actions.create_round(by=by["staff"], year=2569)
    actions.open_round(round_=round_, by=by["staff"])
    answered = round_.reports.filter(
        assignment__agency__in=[each.pk for each in members[:ANSWERED]]
    )
    answered.update(
        reported_status="in_progress",
        results="จัดเวทีระดับจังหวัดครบตามแผน",
        state="approved",
        version=3,
        submitted_at=WRITTEN,
        submitted_by=by["staff"],
        approved_at=WRITTEN,
        approved_by=by["reviewer"],
    )
    actions.close_round(round_=round_, by=by["staff"])
    actions.publish_round(round_=round_, by=by["reviewer"])
    later = actions.create_round(by=by["staff"], year=2570)
    actions.open_round(round_=later, by=by["staff"])


def published() -> Round:
    return Round.objects.get(year_be=2569)
