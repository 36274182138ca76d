"""E-mails that follow from a write, sent after its commit: to an agency's focal points about one report,
and to the subscribers about an edition.

A mail that cannot be sent changes nothing: the log names the report and the kind of failure, never an
address or a name. A link's address is a secret that is not stored, so that no mail can hold it; it says
where the agency has it from, and whom to ask for another one.
"""

from __future__ import annotations

import logging

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import background
from followup.models import AgencyLink, FocalPoint, RoundState, StatusReport, Subscriber
from proposals.models import Forum

logger = logging.getLogger(__name__)


def after_return(report: StatusReport) -> None:
    """Tell the focal points, after the commit, that what their link submitted was returned."""
    if report.submitted_link_id is not None:
        transaction.on_commit(lambda: _tell_returned(report.pk), robust=True)


def _tell_returned(pk: int) -> int:
    """Send one e-mail to each focal point with an address; returns how many were sent."""
    report = StatusReport.objects.with_context().get(pk=pk)
    agency, round_ = report.assignment.agency, report.round
    link = None
    if round_.state == RoundState.OPEN:
        held = AgencyLink.objects.filter(round=round_, agency=agency, revoked_at=None)
        link = held.filter(expires_at__gt=timezone.now()).first()
    code = report.measure.shown_code(several_forums=Forum.objects.are_several())
    sent = 0
    for person in FocalPoint.objects.filter(agency=agency).exclude(email=""):
        context = {"person": person, "report": report, "round": round_, "link": link, "code": code}
        subject = _("ขอให้แก้ไขรายงานผล มาตรการย่อย %(code)s ปีงบประมาณ %(year)s") % {
            "code": code,
            "year": round_.label,
        }
        try:
            body = render_to_string("agency/returned.txt", context)
            EmailMessage(subject, body, to=[person.email]).send()
            sent += 1
        except Exception as error:
            logger.error(
                "the notice of report %s to contact %s was not sent: %s",
                pk,
                person.pk,
                type(error).__name__,
            )
    logger.info("the return of report %s was told to %s contacts", pk, sent)
    return sent


def after_edition() -> None:
    """Tell the subscribers, in a separate process after the commit, what the public reads now.

    `followup.news` finds by itself which edition is new. Without subscribers there is nothing to start.
    """
    if Subscriber.objects.confirmed().exists():
        transaction.on_commit(lambda: background.start("send_news"), robust=True)
