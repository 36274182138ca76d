"""The verb that queues e-mails to focal points; `followup.mailings` sends them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from followup import jobs, permissions
from followup.actions.base import Refused, action, require
from followup.actions.links import issue_links
from followup.history import note_write
from followup.models import (
    Agency,
    Assignment,
    FocalPoint,
    RecordEntry,
    Round,
    RoundState,
    SentMail,
    StatusReport,
    User,
)

Outcome = SentMail.Outcome


@action
def queue_mails(
    *, round_: Round, agencies: Sequence[Agency], content: str, sending: UUID, by: User
) -> int:
    """Queue one e-mail to each focal point with an address of these agencies; returns how many.

    `content` is a `SentMail.Content`. For a link, agencies without one that works get one. `sending` is
    the key of the form: a second call with it queues nothing. Raises `Refused` if the round takes no
    reports.
    """
    require(permissions.may_issue_links(by))
    round_ = Round.objects.locked().get(pk=round_.pk)
    if round_.state != RoundState.OPEN:
        raise Refused(_("ส่งอีเมลได้เฉพาะรอบที่เปิดรับรายงาน"))
    if SentMail.objects.filter(sending=sending).exists():  # under the round's lock
        return 0
    people: dict[int, list[FocalPoint]] = {}
    for person in FocalPoint.objects.filter(agency__in=agencies).exclude(email=""):
        people.setdefault(person.agency_id, []).append(person)
    expecting = set(
        StatusReport.objects.standing()
        .filter(
            round=round_,
            assignment__agency__in=agencies,
            assignment__in=Assignment.objects.valid_in(round_.year_be),
        )
        .values_list("assignment__agency", flat=True)
    )
    rows = []
    for agency in agencies:
        if agency.pk not in expecting:
            outcome: tuple[str, list[FocalPoint | None]] = (Outcome.NOTHING_DUE, [None])
        elif agency.pk not in people:
            outcome = (Outcome.NO_ADDRESS, [None])
        else:
            outcome = (Outcome.WAITING, [*people[agency.pk]])
        rows += [
            SentMail(
                sending=sending,
                round=round_,
                agency=agency,
                focal_point=person,
                content=content,
                by=by,
                at=timezone.now(),
                outcome=outcome[0],
            )
            for person in outcome[1]
        ]
    waiting = [row for row in rows if row.outcome == Outcome.WAITING]
    if content == SentMail.Content.LINK:
        issue_links(
            round_=round_, agencies=list(dict.fromkeys(row.agency for row in waiting)), by=by
        )
    SentMail.objects.bulk_create(rows)
    if waiting:
        jobs.enqueue("send_mails", str(sending))
    note_write(
        RecordEntry.Act.ADDED,
        SentMail,
        {row.pk: {"agency": row.agency_id, "round": round_.pk} for row in waiting},
    )
    return len(waiting)
