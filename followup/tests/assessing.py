"""Organisations that assess, and what they find: made as the verbs make them."""

from __future__ import annotations

from typing import Any

from followup import actions
from followup.models import Assessment, AssessorLink, Organisation, Round, User
from followup.tests.factories import measure_of

REASON = "ผู้ผลิตในจังหวัดส่งเรื่อง 41 เรื่อง ได้ออกอากาศ 6 เรื่อง"
PROOF = {"title": "ผังรายการ", "url": "https://media.example.org/plan"}


def make_organisation(by: User, name: str = "เครือข่ายสื่อชุมชน", **more: str) -> Organisation:
    fields = {"name_th": name, "registration_number": f"ทะเบียน {name}", "website": ""} | more
    return actions.register_organisation(by=by, fields=fields)


def invite(round_: Round, by: User, organisation: Organisation | None = None) -> AssessorLink:
    """A link of an organisation into a round; of a new one if none is given."""
    return actions.issue_assessor_link(
        round_=round_, organisation=organisation or make_organisation(by), by=by
    )


def save(link: AssessorLink, code: str, **more: Any) -> Assessment:
    """An organisation's draft on the measure with this code ("1.2" of 2565, or a full code)."""
    values: dict[str, Any] = {
        "version": 0,
        "status": "on_hold",
        "reason": REASON,
        "evidence": [PROOF],
    }
    return actions.save_assessment(link=link, measure=measure_of(code), **values | more)


def send(link: AssessorLink, code: str, **more: Any) -> Assessment:
    saved = save(link, code, **more)
    return actions.submit_assessment(link=link, assessment=saved, version=saved.version)


def accept(assessment: Assessment, by: User) -> Assessment:
    return actions.accept_assessment(assessment=assessment, by=by, version=assessment.version)


def accepted(link: AssessorLink, code: str, by: User, **more: Any) -> Assessment:
    """An accepted assessment."""
    return accept(send(link, code, **more), by)


def path_of(link: AssessorLink, assessment: Assessment | None = None) -> str:
    here = f"/a/{actions.token_of(link)}/"
    return here + (f"{assessment.measure_id}/" if assessment else "")
