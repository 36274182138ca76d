"""E-mails that follow from a write, queued with it: to an agency's focal points about one report, and to
the subscribers about an edition.

A mail that cannot be sent changes nothing: the log names the report and the kind of failure, never an
address or a name. A link's address is a secret that is not stored, so that no mail can hold it; it says
where the agency has it from, and whom to ask for another one.
"""

from __future__ import annotations

import logging
from smtplib import SMTPRecipientsRefused

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import jobs
from followup.models import (
    AgencyLink,
    FocalPoint,
    ReportState,
    RoundState,
    StatusReport,
    Subscriber,
)
from proposals.models import Forum

logger = logging.getLogger(__name__)


def after_return(report: StatusReport) -> None:
    """Queue an e-mail to each focal point: what their link submitted was returned."""
    if report.submitted_link_id is None:
        return
    people = FocalPoint.objects.filter(agency=report.assignment.agency).exclude(email="")
    for contact in people.values_list("pk", flat=True):
        jobs.enqueue("tell_returned", report.pk, contact)


def tell_returned(pk: int, contact: int) -> None:
    """Send the e-mail about a returned report to one focal point. Raises TryAgain if no server took it.

    A report that was sent in again meanwhile, and a person who was removed, need none.
    """
    report = StatusReport.objects.with_context().filter(pk=pk, state=ReportState.RETURNED).first()
    person = FocalPoint.objects.filter(pk=contact).exclude(email="").first()
    if report is None or person is None:
        return
    agency, round_ = report.assignment.agency, report.round
    link = None
    if round_.state == RoundState.OPEN:
        held = AgencyLink.objects.filter(round=round_, agency=agency, revoked_at=None)
        link = held.filter(expires_at__gt=timezone.now()).first()
    code = report.measure.shown_code(several_forums=Forum.objects.are_several())
    subject = _("ขอให้แก้ไขรายงานผล มาตรการย่อย %(code)s ปีงบประมาณ %(year)s") % {
        "code": code,
        "year": round_.label,
    }
    context = {"person": person, "report": report, "round": round_, "link": link, "code": code}
    body = render_to_string("agency/returned.txt", context)
    try:
        EmailMessage(subject, body, to=[person.email]).send()
    except Exception as error:
        kind = type(error).__name__
        logger.error("the notice of report %s to contact %s was not sent: %s", pk, contact, kind)
        if not isinstance(error, SMTPRecipientsRefused):  # nor would it take another try
            raise jobs.TryAgain from None  # the server's words may repeat the address


def after_edition() -> None:
    """Queue the e-mails to the subscribers about what the public reads now.

    `followup.news` finds by itself which edition is new. Without subscribers there is nothing to queue.
    """
    if Subscriber.objects.confirmed().exists():
        jobs.enqueue("send_news")
