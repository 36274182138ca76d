"""Sends the e-mails to focal points that `actions.queue_mails` queued: each to one person, once."""

from __future__ import annotations

import logging
from smtplib import SMTPRecipientsRefused
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import actions, jobs, link_checks, permissions, promised
from followup.models import AgencyLink, FocalPoint, SentMail
from followup.spreadsheets import workbook as books
from followup.spreadsheets.exports import XLSX_TYPE
from forum_portal.addresses import absolute
from forum_portal.compare_and_set import compare_and_set
from proposals.models import Forum

logger = logging.getLogger(__name__)

Outcome = SentMail.Outcome


def send(sending: UUID, *, is_last: bool = True) -> int:
    """Send what waits of a sending; returns how many were sent. Two processes send each mail once.

    A mail that no server takes waits on, and `TryAgain` is raised in the end; if `is_last`, it has
    failed.
    """
    waiting = SentMail.objects.filter(sending=sending, outcome=Outcome.WAITING)
    workbooks: dict[int, bytes] = {}
    sent, left = 0, False
    for mail in waiting.select_related("round", "agency", "focal_point").order_by("pk"):
        if not compare_and_set(
            mail, expected={"outcome": Outcome.WAITING}, outcome=Outcome.SENDING
        ):
            continue
        outcome = _send(mail, workbooks)
        if outcome == Outcome.FAILED and not is_last:
            outcome, left = Outcome.WAITING, True
        compare_and_set(mail, expected={"outcome": Outcome.SENDING}, outcome=outcome)
        sent += outcome == Outcome.SENT
    if left:
        raise jobs.TryAgain
    return sent


def _send(mail: SentMail, workbooks: dict[int, bytes]) -> str:
    """Send one e-mail; what became of it. No log and no row names the address or the link."""
    person = mail.focal_point
    if person is None or not person.email:  # removed since
        return Outcome.NO_ADDRESS
    link = None
    if mail.content == SentMail.Content.LINK:
        link = _working_link(mail)
        if link is None:
            return Outcome.NO_LINK
    try:
        _message(mail, person, link, workbooks).send()
    except SMTPRecipientsRefused:
        return Outcome.REFUSED
    except Exception as error:  # a failure for one person must not stop the others
        logger.error("the e-mail %s was not sent: %s", mail.pk, type(error).__name__)
        return Outcome.FAILED
    return Outcome.SENT


def _working_link(mail: SentMail) -> AgencyLink | None:
    links = AgencyLink.objects.filter(round=mail.round, agency=mail.agency, revoked_at=None)
    links = links.select_related("round")
    return next((each for each in links if permissions.link_works(each)), None)


def _message(
    mail: SentMail, person: FocalPoint, link: AgencyLink | None, workbooks: dict[int, bytes]
) -> EmailMessage:
    contact = settings.DATA_CONTACT_EMAIL
    asked = promised.asked(mail.round, [mail.agency], timezone.localdate())
    body = render_to_string(
        "staff/mail.txt",
        {
            "person": person,
            "agency": mail.agency,
            "round": mail.round,
            "link": link,
            "address": absolute(reverse("agency-reports", args=[actions.token_of(link)]))
            if link
            else "",
            "contact": contact,
            "asked": asked.get(mail.agency.pk),
            "dead_links": link_checks.dead_of(mail.agency_id),
            "several_forums": Forum.objects.are_several(),
        },
    )
    subject = _("ขอให้รายงานผลตามข้อเสนอ CSOs Forum ปีงบประมาณ พ.ศ. %(year)s") % {
        "year": mail.round.label
    }
    message = EmailMessage(
        subject, body, to=[person.email], reply_to=[contact] if contact else None
    )
    if link is None:
        if mail.agency_id not in workbooks:
            workbooks[mail.agency_id] = books.agency_workbook(mail.round, mail.agency)
        name = books.file_name(mail.round, mail.agency)
        message.attach(name, workbooks[mail.agency_id], XLSX_TYPE)
    return message
