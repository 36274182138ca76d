"""A published round, and a correction of it: editions for tests of what is frozen and what differs."""

from collections.abc import Mapping

from followup import actions
from followup.models import Round, User
from followup.tests.factories import find_report, link, make_report

REASON = "หน่วยงานแจ้งว่าจำนวนเวทีที่รายงานไว้ผิด"


def publish_three_reports(open_round: Round, people: Mapping[str, User]) -> Round:
    """2569 with three approved reports and one that nobody reviewed, published."""
    write = {"by": people["staff"], "reviewer": people["reviewer"]}
    make_report(open_round, "1.2", status="in_progress", results="จัดเวที 3 ภาค", **write)
    make_report(
        open_round,
        "1.3",
        status="continuous",
        evidence=[link(1), link(2, is_public=False)],
        **write,
    )
    make_report(open_round, "8.1", status="on_hold", **write)
    make_report(open_round, "8.2", state="submitted", results="ยังไม่มีใครตรวจ", by=people["staff"])
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"], meeting_ref="5/2569")
    return Round.objects.get(pk=open_round.pk)


def correct(published, people, text="จัดเวที 4 ภาค", *, publish=True):
    """Reopen, mend 1.2, and publish again."""
    actions.reopen_round(round_=published, by=people["reviewer"], reason=REASON)
    report = find_report(published, "1.2")
    actions.send_back(
        report=report, by=people["reviewer"], version=report.version, reason="แก้จำนวน"
    )
    make_report(
        published,
        "1.2",
        by=people["staff"],
        reviewer=people["reviewer"],
        status="in_progress",
        results=text,
    )
    actions.close_round(round_=published, by=people["staff"])
    if publish:
        actions.publish_round(round_=published, by=people["reviewer"])


def take_back(published, by, note="เผยแพร่ก่อนที่ประชุมรับทราบ"):
    """Take back the edition that the public reads."""
    edition = actions.last_edition(published)
    return actions.take_back(round_=published, by=by, edition=edition.pk, note=note)
