"""Permissions: every address × everybody × GET and POST, against a hand-written table.

A new address without a row fails, and so does a row without an address.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, path, resolve, reverse
from django.utils import timezone

from followup import actions
from followup.annual_report import printing
from followup.models import Agency, FocalPoint, SpreadsheetImport, User
from followup.tests import assessing, entered, files, stored
from followup.tests.assessing import invite, save
from followup.tests.client import PortalClient, read
from followup.tests.factories import PASSWORD, find_report, make_report
from followup.tests.ground import ground, layer
from followup.tests.groups import make_group, offices
from followup.tests.visitors import send

EVERYBODY = ("anonymous", "outsider", "staff", "reviewer", "administrator")
#: Visitors without a login: one with the link of the agency that `house` has a report of, and one with
#: another agency's link.
BY_LINK = ("agency link", "other agency's link")
LOGIN = "login"  # sent to the login page
REFUSALS = {LOGIN, 403, 404, 405}

Answers = tuple[int | str, ...]  # one for each of EVERYBODY

PUBLIC: Answers = (200, 200, 200, 200, 200)
READ_ONLY: Answers = (405, 405, 405, 405, 405)
LED_ON: Answers = (302, 302, 302, 302, 302)
BY_ASSESSOR: Answers = (200, 403, 403, 403, 403)
ENTRANCE: Answers = (LOGIN, 302, 302, 302, 302)


def for_staff(answer: int) -> Answers:
    return (LOGIN, 403, answer, answer, answer)


def for_reviewers(answer: int) -> Answers:
    return (LOGIN, 403, 403, answer, answer)


def for_administrators(answer: int) -> Answers:
    return (LOGIN, 403, 403, 403, answer)


def kept(answers: Answers) -> Answers:
    """Answers if an ended session gives the typed text back instead of the login page."""
    return (403, *answers[1:])


def with_login(answer: int) -> Answers:
    return (LOGIN, answer, answer, answer, answer)


@dataclass(frozen=True)
class Row:
    """One address: its URL name, the answers to GET and POST, its arguments, and the posted data.

    `"@name"` in `args` is the key of a row of the `house`; `"@token"` is the visitor's link, or an
    invented one. A link opens only addresses with `by_link`; elsewhere the answer is anybody's.
    """

    name: str
    get: Answers
    post: Answers
    args: tuple[Any, ...] = ()
    data: dict[str, str] = field(default_factory=dict)
    by_link: dict[str, tuple[int, int]] = field(
        default_factory=dict
    )  # method: one for each BY_LINK

    def expected(self, method: str, who: str) -> int | str:
        if who in BY_LINK and method in self.by_link:
            return self.by_link[method][BY_LINK.index(who)]
        answers: Answers = getattr(self, method)
        return answers[0] if who in BY_LINK else answers[EVERYBODY.index(who)]

    def __str__(self) -> str:
        return " ".join([self.name, *map(str, self.args)])


NO_EVIDENCE = {"evidence-TOTAL_FORMS": "0", "evidence-INITIAL_FORMS": "0"}
LETTER = {"attempt": "1", "number": "พม 0305/1", "sent_on": "1/10/2568"}
CONFIRM = {"confirm": "yes"}
ORGANISATION = {"name_th": "สมาคมใหม่", "registration_number": "9/2569"}
NO_ROW = 10**9  # no row has this key
CONTACT = {"name": "สมศรี ใจดี", "phone": "0 2111 1111", "is_main": "on"}
KEPT = {
    "staff-report",
    "staff-review-report",
    "staff-report-withdraw",
    "agency-report",
    "staff-forum-facts",
    "staff-forum-source",
    "staff-forum-marks",
    "staff-forum-check",
    "staff-forum-publish",
    "staff-forum-correct",
    "staff-round-due",
    "staff-round-undo",
    "staff-ruling",
    "staff-link-revoke",
    "assessor-measure",
    "staff-assessment",
    "staff-organisation",
    "staff-organisation-new",
    "staff-organisation-revoke",
    "staff-group",
    "staff-group-new",
    "feedback-new",
    "staff-feedback-message",
}  # a post that fails does not lose what was typed
#: A post that fails leads back to the form, with what was typed in its address.
NO_SENDING = "00000000-0000-4000-8000-000000000000"
LED_BACK = {
    "staff-assignments",
    "staff-assignment-step",
    "staff-assignment-add",
    "staff-assignment-replace",
    "staff-agencies",
    "staff-agencies-links",
    "staff-agencies-letters",
    "staff-agencies-mail",
    "staff-report-evidence",
}
DIFFERENTLY = {"assessed_status": "not_started", "assessed_note": "ยังไม่เห็นผล"}
PUBLISHED = "จัดเวทีครบ 77 จังหวัด"  # what the public reads of the house's report
NEW_PASSWORD = "ดอกปีบ-บานเช้า-77"

TABLE = (
    Row("home", PUBLIC, PUBLIC),
    Row("resolutions", PUBLIC, PUBLIC),
    Row("resolution", PUBLIC, PUBLIC, (2565, 3)),
    Row("measure", PUBLIC, PUBLIC, (2565, 3, 1)),
    Row("forums", PUBLIC, PUBLIC),
    Row("forum", PUBLIC, PUBLIC, (2565,)),
    Row("staff-forum-conclude", for_administrators(200), for_administrators(422), (2565,)),
    Row("agencies", PUBLIC, PUBLIC),
    Row("agency", PUBLIC, PUBLIC, ("CODI",)),
    Row("matrix", PUBLIC, PUBLIC),
    Row("years", PUBLIC, PUBLIC),
    Row("compare", PUBLIC, PUBLIC),
    Row("year", PUBLIC, PUBLIC, (2566,)),
    # A round that is not published is a 404 for everybody.
    Row("year", (404,) * 5, (404,) * 5, (2569,)),
    Row("report", PUBLIC, PUBLIC, (2566,)),
    Row("report", (404,) * 5, (404,) * 5, (2569,)),
    Row("report-part", PUBLIC, PUBLIC, (2566, 4)),
    Row("report-part", (404,) * 5, (404,) * 5, (2569, 4)),
    Row("report-pdf", PUBLIC, PUBLIC, (2566,)),
    Row("report-pdf", (404,) * 5, (404,) * 5, (2569,)),
    Row("report-docx", PUBLIC, PUBLIC, (2566,)),
    Row("report-docx", (404,) * 5, (404,) * 5, (2569,)),
    Row("areas", PUBLIC, PUBLIC),
    Row("area", PUBLIC, PUBLIC, ("TH-40",)),
    Row("projects", PUBLIC, PUBLIC),
    # So is a code that no published report has.
    Row("project", (404,) * 5, (404,) * 5, ("0413670001",)),
    Row("receipts", PUBLIC, PUBLIC, ("2566-1",)),
    Row("receipt", PUBLIC, PUBLIC, ("2566-1", "achieved")),
    # An edition of a round that is not published does not exist.
    Row("receipts", (404,) * 5, (404,) * 5, ("2569-1",)),
    Row("receipt", (404,) * 5, (404,) * 5, ("2569-1", "achieved")),
    Row("receipt-json", PUBLIC, READ_ONLY, ("2566-1", "achieved")),
    Row("receipt-json", (404,) * 5, READ_ONLY, ("2569-1", "achieved")),
    Row("receipt-edition", PUBLIC, READ_ONLY, ("2566-1",)),
    Row("receipt-edition", (404,) * 5, READ_ONLY, ("2569-1",)),
    Row("verify-figure", PUBLIC, READ_ONLY),
    Row("follow-up", PUBLIC, PUBLIC),
    Row("silence", PUBLIC, PUBLIC),
    Row("corrections", PUBLIC, PUBLIC),
    Row("about", PUBLIC, PUBLIC),
    Row("feedback", PUBLIC, PUBLIC),
    Row("feedback-new", PUBLIC, LED_ON, data={"kind": "more", "text": "ก" * 30}),
    Row("feedback-message", PUBLIC, READ_ONLY, ("@message number", "@message key")),
    Row("feedback-message", (404,) * 5, READ_ONLY, ("@message number", "0" * 24)),
    Row("staff-feedback", for_staff(200), for_staff(200)),
    Row(
        "staff-feedback-message",
        for_staff(200),
        kept(for_staff(302)),
        ("@message",),
        {"do": "take", "version": "0"},
    ),
    Row("staff-feedback-message", for_staff(404), kept(for_staff(404)), (NO_ROW,)),
    Row("staff-feedback-file", for_staff(200), for_staff(200), ("@message", "report.pdf")),
    Row("staff-feedback-file", for_staff(404), for_staff(404), ("@message", "other.pdf")),
    Row("privacy", PUBLIC, PUBLIC),
    Row("accessibility", PUBLIC, PUBLIC),
    Row("display", PUBLIC, READ_ONLY),
    Row("data", PUBLIC, READ_ONLY),
    Row("data-dictionary", PUBLIC, READ_ONLY),
    Row("data-package", PUBLIC, READ_ONLY),
    Row("data-catalog", PUBLIC, READ_ONLY),
    Row("data-ckan", PUBLIC, READ_ONLY),
    Row("data-schema", PUBLIC, READ_ONLY),
    Row("data-everything", PUBLIC, READ_ONLY),
    Row("data-everything-hash", PUBLIC, READ_ONLY),
    Row("data-file", PUBLIC, READ_ONLY, ("status_reports", "csv")),
    Row("data-file", (404,) * 5, READ_ONLY, ("users", "csv")),
    Row("data-file", (404,) * 5, READ_ONLY, ("forums", "pdf")),
    Row("api", PUBLIC, READ_ONLY),
    Row("api-openapi", PUBLIC, READ_ONLY),
    Row("api-rows", PUBLIC, READ_ONLY, ("status_reports",)),
    Row("api-rows", (404,) * 5, READ_ONLY, ("users",)),
    Row("api-row", PUBLIC, READ_ONLY, ("measures", "2565-3.4")),
    Row("api-row", (404,) * 5, READ_ONLY, ("progress", "2569")),
    Row("api-search", (400,) * 5, READ_ONLY),
    Row("search", PUBLIC, READ_ONLY),
    Row("search-feed", PUBLIC, READ_ONLY),
    Row("feed", PUBLIC, READ_ONLY),
    Row("resolution-feed", PUBLIC, READ_ONLY, (2565, 3)),
    Row("agency-feed", PUBLIC, READ_ONLY, ("CODI",)),
    Row("area-feed", PUBLIC, READ_ONLY, ("TH-50",)),
    Row("calendar", PUBLIC, READ_ONLY),
    Row("follow", PUBLIC, (422,) * 5),  # an empty form
    Row("follow-sent", PUBLIC, READ_ONLY),
    Row("follow-confirm", (404,) * 5, (404,) * 5, ("no-key",)),
    Row("follow-change", (404,) * 5, (404,) * 5, ("no-key",)),
    Row("follow-leave", (404,) * 5, (404,) * 5, ("no-key",)),
    Row("embed-badge", PUBLIC, READ_ONLY, (2565, 3)),
    Row("embed-card", PUBLIC, READ_ONLY, (2565, 3)),
    Row("healthz", PUBLIC, PUBLIC),
    Row("readyz", PUBLIC, PUBLIC),
    Row("metrics", (404,) * 5, (404,) * 5),  # off
    Row("picture", PUBLIC, READ_ONLY, ("2566-1", "2565-3.1")),
    Row("picture", (404,) * 5, READ_ONLY, ("2569-1", "2565")),  # the open round
    Row("picture-portal", PUBLIC, READ_ONLY),
    Row("robots", PUBLIC, READ_ONLY),
    Row("sitemap", PUBLIC, READ_ONLY),
    Row("sitemap-section", PUBLIC, READ_ONLY, ("years",)),
    Row("sitemap-section", (404,) * 5, READ_ONLY, ("staff",)),
    Row("security-txt", (404,) * 5, (404,) * 5),  # not set
    Row("favicon", (301,) * 5, (301,) * 5),
    Row("evidence", PUBLIC, (405,) * 5, ("@public_file", "สรุปเวที.pdf")),
    # An internal file does not exist for those who may not read it.
    Row("evidence", (404, 404, 200, 200, 200), (405,) * 5, ("@internal_file", "ภายใน.pdf")),
    Row("login", PUBLIC, LED_ON, data={"username": "colleague", "password": PASSWORD}),
    Row("account_login", PUBLIC, LED_ON, data={"username": "colleague", "password": PASSWORD}),
    # Only between password and code; everybody else is redirected.
    Row("mfa_authenticate", ENTRANCE, ENTRANCE),
    Row("logout", (405,) * 5, LED_ON),
    Row(
        "password_change",
        with_login(200),
        with_login(302),
        data={
            "old_password": PASSWORD,
            "new_password1": NEW_PASSWORD,
            "new_password2": NEW_PASSWORD,
        },
    ),
    Row("mfa_index", with_login(200), with_login(405)),
    Row("mfa_activate_totp", with_login(200), with_login(200), data={"code": "000000"}),
    Row("mfa_deactivate_totp", with_login(404), with_login(404)),
    Row("mfa_view_recovery_codes", with_login(404), with_login(405)),
    Row("mfa_generate_recovery_codes", with_login(200), with_login(200)),
    Row("mfa_download_recovery_codes", with_login(404), with_login(404)),
    Row("account_reauthenticate", with_login(200), with_login(302), data={"password": PASSWORD}),
    Row("mfa_reauthenticate", with_login(302), with_login(302)),
    # Staff read who answers for what; administrators change it.
    Row("staff-assignments", for_staff(200), for_administrators(422)),
    Row(
        "staff-assignment-step",
        for_administrators(200),
        # Without the version that its page carries it changes nothing.
        for_administrators(409),
        ("@assignment", "role"),
        {"new_role": "support"},
    ),
    Row("staff-assignment-step", for_staff(404), for_staff(404), ("@assignment", "burn")),
    Row("staff-assignment-step", for_administrators(404), for_administrators(404), (NO_ROW, "end")),
    Row(
        "staff-assignment-add",
        for_administrators(200),
        for_administrators(302),
        ("@measure",),
        {"agency": "THF", "as_role": "support", "first_year": "2570"},
    ),
    # Without the name of the agency that is replaced it only asks for it.
    Row("staff-assignment-replace", for_administrators(200), for_administrators(200)),
    Row("staff-groups", for_staff(200), for_staff(200)),
    Row("staff-group-new", for_administrators(200), kept(for_administrators(422))),
    Row("staff-group", for_staff(200), kept(for_administrators(422)), ("@group",)),
    Row("staff-group", for_staff(404), kept(for_staff(404)), ("CODI",)),
    Row("staff-agencies", for_staff(200), for_staff(200)),
    Row("staff-agencies-links", for_staff(302), for_staff(404)),
    Row("staff-agencies-mail", for_staff(302), for_staff(404)),
    Row("staff-agencies-mailed", for_staff(404), for_staff(404), (NO_SENDING,)),
    Row("staff-agencies-letters", for_staff(302), for_staff(404), ("zip",)),
    Row("staff-agencies-letters", for_staff(404), for_staff(404), ("exe",)),
    Row("staff-agency", for_staff(200), for_staff(200), ("CODI",)),
    Row("staff-agency", for_staff(404), for_staff(404), ("NOBODY",)),
    # Without the other record it only asks for it.
    Row("staff-agency-merge", for_administrators(200), for_administrators(422), ("CODI",)),
    Row("staff-agency-merge", for_administrators(404), for_administrators(404), ("NOBODY",)),
    Row("staff-contact-new", for_staff(200), for_staff(302), ("CODI",), CONTACT),
    # A form without the version that its page carries changes nothing.
    Row("staff-contact", for_staff(200), for_staff(409), ("CODI", "@contact"), CONTACT),
    Row("staff-contact", for_staff(404), for_staff(404), ("MOF", "@contact"), CONTACT),
    Row("staff-handover", for_staff(200), for_staff(422), data={"from": "nobody"}),
    # Without an agency's link it is a 404, for signed-in people too.
    Row(
        "agency-reports",
        (404,) * 5,
        (404,) * 5,
        ("@token",),
        by_link={"get": (200, 200), "post": (200, 200)},
    ),
    Row(
        "agency-report",
        (404,) * 5,
        (404,) * 5,
        ("@token", "@linked"),
        {"version": "0", "results": "เริ่มแล้ว", **NO_EVIDENCE},
        by_link={"get": (200, 404), "post": (302, 404)},
    ),
    Row(
        "agency-report",
        (404,) * 5,
        (404,) * 5,
        ("@token", "@assessed"),
        {"version": "3", "agency_reply": "ขอชี้แจง", "do": "reply"},
        by_link={"get": (200, 404), "post": (302, 404)},
    ),
    Row(
        "agency-evidence",
        (404,) * 5,
        (405,) * 5,
        ("@token", "@given_file", "สรุปเวที.pdf"),
        by_link={"get": (200, 404)},
    ),
    # Internal evidence of the secretariat.
    Row(
        "agency-evidence",
        (404,) * 5,
        (405,) * 5,
        ("@token", "@kept_file", "ภายใน.pdf"),
        by_link={"get": (404, 404)},
    ),
    # The same agency's report of another round.
    Row(
        "agency-report",
        (404,) * 5,
        (404,) * 5,
        ("@token", "@elsewhere"),
        {"version": "0", "results": "เริ่มแล้ว", **NO_EVIDENCE},
        by_link={"get": (404, 404), "post": (404, 404)},
    ),
    # An organisation's link opens for nobody who is signed in; an agency's link is none of its kind.
    Row("disagreements", PUBLIC, PUBLIC),
    Row("assessor-measures", BY_ASSESSOR, BY_ASSESSOR, ("@assessor",)),
    Row("assessor-measures", (404,) * 5, (404,) * 5, ("@token",)),
    Row(
        "assessor-measure",
        BY_ASSESSOR,
        (302, 403, 403, 403, 403),
        ("@assessor", "@measure"),
        {"version": "0", "status": "on_hold", "reason": "ยังไม่เห็นผล"},
    ),
    Row(
        "assessor-measure",
        (404, 403, 403, 403, 403),
        (404, 403, 403, 403, 403),
        ("@assessor", NO_ROW),
    ),
    Row("staff-assessments", for_staff(200), for_staff(200)),
    Row(
        "staff-assessment",
        for_staff(200),
        kept(for_reviewers(302)),
        ("@sent_assessment",),
        {"version": "2", "do": "accept"},
    ),
    # A draft is its organisation's alone.
    Row("staff-assessment", for_staff(404), kept(for_staff(404)), ("@drafted_assessment",)),
    Row("staff-organisations", for_staff(200), for_staff(200)),
    Row("staff-organisation-new", for_staff(200), kept(for_staff(302)), (), ORGANISATION),
    # A form without the version that its page carries changes nothing.
    Row(
        "staff-organisation", for_staff(200), kept(for_staff(409)), ("@organisation",), ORGANISATION
    ),
    Row(
        "staff-organisation-invite",
        for_staff(200),
        for_staff(422),  # it has a link, which this form does not name
        ("@organisation", 2569),
        CONFIRM,
    ),
    Row("staff-organisation-invite", for_staff(404), for_staff(404), (NO_ROW, 2569)),
    Row("staff-organisation-end", for_staff(200), for_staff(302), ("@organisation",), CONFIRM),
    Row(
        "staff-organisation-revoke",
        for_staff(200),
        kept(for_staff(302)),
        ("@assessor_link",),
        CONFIRM,
    ),
    Row("staff-dead-links", for_staff(200), for_staff(200)),
    Row("staff-links", for_staff(200), for_staff(200)),
    Row("staff-link", for_staff(200), for_staff(200), ("@link",)),
    Row("staff-link-revoke", for_staff(200), kept(for_staff(302)), ("@link",), CONFIRM),
    Row("staff-link-issue", for_staff(200), for_staff(200), (2569, "CODI"), CONFIRM),
    Row("staff-link-issue", for_staff(404), for_staff(404), (2569, "NONE")),
    Row("staff-queue", for_staff(200), for_staff(200)),
    Row(
        "staff-report",
        for_staff(200),
        kept(for_staff(302)),
        ("@draft",),
        {"version": "0", "results": "เริ่มแล้ว", **NO_EVIDENCE},
    ),
    Row("staff-report", for_staff(404), kept(for_staff(404)), (NO_ROW,)),
    Row("staff-report-evidence", for_staff(200), for_staff(422), ("@draft",)),
    Row("staff-report-evidence", for_staff(404), for_staff(404), (NO_ROW,)),
    Row(
        "agency-report-evidence",
        (404,) * 5,
        (404,) * 5,
        ("@token", "@linked"),
        by_link={"get": (200, 404), "post": (422, 404)},
    ),
    Row("staff-report-history", for_staff(200), for_staff(200), ("@draft",)),
    Row(
        "staff-report-withdraw",
        for_administrators(200),
        kept(for_administrators(302)),
        ("@submitted",),
        {"version": "2", "withdrawn_reason": "โอนภารกิจ"},
    ),
    Row(
        "staff-report-withdraw",
        for_administrators(404),
        kept(for_administrators(404)),
        (NO_ROW,),
    ),
    Row("staff-report-history", for_staff(404), for_staff(404), (NO_ROW,)),
    Row("staff-promised", for_staff(200), for_staff(200)),
    Row("staff-history", for_staff(200), for_staff(200)),
    # A job is named, or it is no request.
    Row("staff-jobs", for_staff(200), for_administrators(400)),
    Row("staff-review", for_staff(200), for_reviewers(302)),
    Row(
        "staff-review-report",
        for_reviewers(200),
        kept(for_reviewers(302)),
        ("@submitted",),
        {"version": "2", "do": "approve", "assessed_grade": "said"},
    ),
    Row("staff-review-report", for_reviewers(404), kept(for_reviewers(404)), (NO_ROW,)),
    Row("staff-rounds", for_staff(200), for_staff(200)),
    Row("staff-round-new", for_staff(200), for_staff(302), data={"year": "2571"}),
    Row("staff-round", for_staff(200), for_staff(200), (2569,)),
    Row("staff-round", for_staff(404), for_staff(404), (2580,)),
    Row("staff-round-step", for_staff(200), for_staff(302), (2570, "open"), CONFIRM),
    Row("staff-round-step", for_staff(200), for_staff(302), (2569, "close"), CONFIRM),
    Row("staff-round-step", for_staff(200), for_staff(302), (2568, "reopen"), CONFIRM),
    Row("staff-round-step", for_reviewers(200), for_reviewers(302), (2568, "publish"), CONFIRM),
    Row("staff-round-step", for_reviewers(302), for_reviewers(302), (2568, "correct"), CONFIRM),
    Row("staff-round-step", for_staff(404), for_staff(404), (2569, "delete")),
    Row("staff-rulings", for_reviewers(200), for_reviewers(200), (2569,)),
    Row(
        "staff-ruling",
        for_reviewers(200),
        kept(for_reviewers(302)),
        ("@round", "measure", "@ruled"),
        {"status": "on_hold", "meeting_ref": "1/2569", "meeting_on": "1/10/2569"},
    ),
    Row(
        "staff-ruling",
        for_reviewers(404),
        kept(for_reviewers(404)),
        ("@round", "agency", "@ruled"),
    ),
    Row("staff-round-due", for_staff(200), kept(for_staff(422)), (2569,)),
    Row("staff-round-due", for_staff(302), kept(for_staff(422)), (2568,)),
    Row("staff-round-undo", for_staff(200), kept(for_staff(302)), (2569, "unopen"), CONFIRM),
    Row("staff-round-undo", for_staff(200), kept(for_staff(302)), (2570, "delete"), CONFIRM),
    # Only who published may take it back.
    Row(
        "staff-round-undo",
        (LOGIN, 403, 403, 200, 302),
        kept(for_reviewers(422)),
        (2566, "take-back"),
    ),
    Row("staff-round-undo", for_staff(404), kept(for_staff(404)), (2569, "close")),
    Row("staff-round-report", for_staff(200), for_staff(302), (2569,), {"preface": "คำนำ"}),
    Row("staff-round-report", for_staff(404), for_staff(404), (2580,)),
    Row("staff-round-report-pdf", for_staff(200), for_staff(200), (2569,)),
    Row("staff-round-report-docx", for_staff(200), for_staff(200), (2569,)),
    Row("staff-round-pack", for_staff(200), for_staff(200), (2569,)),
    Row("staff-workbooks", for_staff(200), for_staff(200), (2570,)),
    Row("staff-workbook", for_staff(200), for_staff(200), (2569, "MOF")),
    Row("staff-round-export", for_staff(200), for_staff(200), (2569, "csv")),
    Row("staff-system", for_administrators(200), for_administrators(200)),
    Row("staff-forums", for_administrators(200), for_administrators(302), data={"year": "2567"}),
    # A form without the version that its page carries changes nothing.
    Row("staff-forum-facts", for_administrators(200), kept(for_administrators(409)), (2566,)),
    Row("staff-forum-source", for_administrators(200), kept(for_administrators(409)), (2566,)),
    Row("staff-forum-marks", for_administrators(200), kept(for_administrators(409)), (2566,)),
    Row("staff-forum-check", for_administrators(200), kept(for_administrators(200)), (2566,)),
    Row(
        "staff-forum-publish",
        for_administrators(200),
        kept(for_administrators(409)),
        (2566,),
        {"do": "publish"},
    ),
    Row("staff-forum-preview", for_administrators(200), for_administrators(200), (2566, 1)),
    Row("staff-forum-preview", for_administrators(404), for_administrators(404), (2566, 9)),
    Row("staff-forum-file", for_administrators(200), for_administrators(200), (2566,)),
    Row("staff-forum-file", for_administrators(404), for_administrators(404), (2580,)),
    Row("staff-forum-edit", for_administrators(200), for_administrators(302), (2565,)),
    Row("staff-forum-correct", for_administrators(200), kept(for_administrators(422)), (2565,)),
    Row("staff-forum-remove", for_administrators(200), for_administrators(302), (2566,)),
    Row("staff-forum-facts", for_administrators(404), kept(for_administrators(404)), (2565,)),
    Row("staff-letters", for_staff(200), for_staff(200)),
    Row("staff-letters-agency", for_staff(200), for_staff(302), ("CODI",), LETTER),
    Row("staff-letters-agency", for_staff(404), for_staff(404), ("CABINET",)),
    Row("staff-letters-letter", for_staff(200), for_staff(409), ("MOF", 1), LETTER),
    Row("staff-letters-letter", for_staff(404), for_staff(404), ("MOF", 2)),
    Row("staff-letter-file", for_staff(200), for_staff(200), ("CODI",)),
    Row("import", for_administrators(200), for_administrators(422)),
    # The import is done: its steps lead on to what it brought.
    Row("import-result", for_administrators(200), for_administrators(200), ("@import",)),
    Row("import-sheet", for_administrators(302), for_administrators(302), ("@import",)),
    Row("import-columns", for_administrators(302), for_administrators(302), ("@import",)),
    Row("import-check", for_administrators(302), for_administrators(302), ("@import",)),
    Row("import-problems", for_administrators(302), for_administrators(302), ("@import",)),
    Row("import-left-out", for_administrators(302), for_administrators(302), ("@import",)),
    Row("import-confirm", for_administrators(302), for_administrators(302), ("@import",)),
    Row("import-undo", for_administrators(200), for_administrators(302), ("@import",)),
    Row("admin:index", for_administrators(200), for_administrators(200)),
)


# The addresses there are -----------------------------------------------------------------------


def names_of(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[str]:
    """The name of every address; of the admin, which has its own tests, only the index."""
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from ["admin:index"] if each.app_name == "admin" else names_of(each.url_patterns)
        else:
            yield each.name or str(each.pattern)


def unmatched(patterns: Iterable[URLPattern | URLResolver], rows: Iterable[Row]) -> set[str]:
    """Addresses without a row, and rows without an address."""
    return set(names_of(patterns)) ^ {row.name for row in rows}


def test_every_address_has_a_row():
    assert unmatched(get_resolver().url_patterns, TABLE) == set()


def test_an_address_without_a_row_is_seen():
    patterns = get_resolver().url_patterns
    named = path("staff/secrets/", lambda request: HttpResponse(), name="staff-secrets")
    nameless = path("staff/nameless/", lambda request: HttpResponse())
    assert unmatched([*patterns, named], TABLE) == {"staff-secrets"}
    assert unmatched([*patterns, nameless], TABLE) == {"staff/nameless/"}
    without = [row for row in TABLE if row.name != "staff-report"]
    assert unmatched(patterns, without) == {"staff-report"}
    assert unmatched(patterns, [*TABLE, Row("staff-gone", PUBLIC, PUBLIC)]) == {"staff-gone"}


# The table against the portal ------------------------------------------------------------------


HOUSE: dict[str, Any] = {}  # the keys of the rows that were last written


@layer
def house() -> None:
    people = {user.username: user for user in User.objects.all()}
    staff, reviewer = people["staff"], people["reviewer"]
    rounds = {year: actions.create_round(by=staff, year=year) for year in (2566, 2568, 2569, 2570)}
    for year in (2566, 2568, 2569):
        actions.open_round(round_=rounds[year], by=staff)
    shown = make_report(
        rounds[2566],
        by=staff,
        reviewer=reviewer,
        status="completed",
        state="approved",
        results=PUBLISHED,
        evidence=[
            files.piece(),
            files.piece(files.pdf(11), "ภายใน.pdf", title="ภายใน", is_public=False),
        ],
    )
    public, internal = shown.evidence.order_by("position")
    actions.record_letter(
        round_=rounds[2569],
        agency=Agency.objects.get(code="MOF"),
        by=staff,
        attempt=1,
        number="พม 0305/2",
        sent_on=rounds[2569].starts_on,
        answer_by=rounds[2569].due_on,
    )
    for year in (2566, 2568):
        actions.close_round(round_=rounds[year], by=staff)
    actions.publish_round(round_=rounds[2566], by=reviewer)
    for kind in printing.WRITERS:  # whoever is first has them printed; that is kept
        printing.edition(rounds[2566].snapshots.get(), kind)
    upload = SpreadsheetImport.objects.create(
        round=rounds[2569],
        created_by=people["administrator"],
        file_name="ผลปี 2569.xlsx",
        state="applied",
        applied_at=timezone.now(),
    )
    assessed = make_report(
        rounds[2569],
        "1.1",
        "MSDHS",
        by=people["colleague"],
        reviewer=reviewer,
        assessed=DIFFERENTLY,
        evidence=[
            files.piece(),
            files.piece(files.pdf(11), "ภายใน.pdf", title="ภายใน", is_public=False),
        ],
    )
    given_file, kept_file = assessed.evidence.order_by("position")
    contact = FocalPoint.objects.create(
        agency=Agency.objects.get(code="CODI"), name="สมชาย", email="somchai@codi.example.org"
    )
    agency = Agency.objects.get(code="MSDHS")
    entered.draft_of(people["administrator"])
    link = actions.issue_link(round_=rounds[2569], agency=agency, by=staff)
    other = Agency.objects.get(code="MOF")
    submitted = make_report(rounds[2569], "2.4", by=people["colleague"], state="submitted")
    # A reviewer who opens a submission is recorded, the first time.
    actions.note_review_opened(report=submitted, by=people["reviewer"])
    assessor = invite(rounds[2569], people["colleague"])
    message, key = send(file=files.stored(files.pdf(12), "report.pdf"))
    keys = {
        "message": message.pk,
        "message number": message.number,
        "message key": key,
        "assessor": actions.token_of(assessor),
        "assessor_link": assessor.pk,
        "organisation": assessor.organisation_id,
        "sent_assessment": assessing.send(assessor, "2565-2.1").pk,
        "drafted_assessment": save(assessor, "2565-2.2").pk,
        "assignment": assessed.assignment_id,
        "measure": assessed.measure.pk,
        "link": link.pk,
        "token agency link": actions.token_of(link),
        "token other agency's link": actions.token_of(
            actions.issue_link(round_=rounds[2569], agency=other, by=staff)
        ),
        "linked": find_report(rounds[2569], "1.2", "MSDHS").pk,
        "elsewhere": find_report(rounds[2568], "1.2", "MSDHS").pk,
        "assessed": assessed.pk,
        "given_file": given_file.pk,
        "kept_file": kept_file.pk,
        "draft": find_report(rounds[2569], "1.2").pk,
        "round": rounds[2569].pk,
        "ruled": find_report(rounds[2569], "1.2").measure.pk,
        "submitted": submitted.pk,
        "import": upload.pk,
        "public_file": public.pk,
        "internal_file": internal.pk,
        "contact": contact.pk,
        "group": make_group(people["administrator"], offices(1)).code,
    }
    HOUSE.clear()
    HOUSE.update(keys)


@pytest.fixture(name="house")
def house_fixture(forum, people, settings, tmp_path, working) -> dict[str, Any]:
    """A round in each state, reports, and an import of the administrator's; the keys of its rows."""
    settings.IMPORT_FOLDER = tmp_path
    cache.clear()  # of links that were tried in vain
    ground.lay("house")
    return dict(HOUSE)


def address_of(row: Row, house: dict[str, Any], who: str = "") -> str:
    keys = house | {"token": house.get(f"token {who}", "made-up")}
    args = [keys[each[1:]] if str(each).startswith("@") else each for each in row.args]
    return reverse(row.name, args=args)


def client_of(user: User | None, **options: Any) -> PortalClient:
    client = PortalClient(**options)
    if user:
        client.force_login(user)
    return client


def answer_of(response: Any) -> int | str:
    if response.status_code == 302 and response["Location"].startswith("/staff/login/"):
        return LOGIN
    return int(response.status_code)


def writes_of(queries: Iterable[dict[str, str]]) -> list[str]:
    """The statements that write, except to the session, the cache, the log of links' use, and the
    files of drafts that are stored for a day."""
    verbs = ("INSERT", "UPDATE", "DELETE")
    every = (query["sql"] for query in queries)
    own = ("django_session", "followup_linkuse", "followup_printjob", "portal_cache")
    return [sql for sql in every if sql.startswith(verbs) and not any(map(sql.count, own))]


@pytest.mark.parametrize("who", [*EVERYBODY, *BY_LINK])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.slow
@pytest.mark.once
def test_everybody_gets_what_the_table_says(house, people, who, method):
    wrong = {}
    for row in TABLE:
        expected = row.expected(method, who)
        data = row.data if method == "post" else None
        with transaction.atomic():
            client = client_of(people.get(who))
            if who in BY_LINK:
                assert client.get(f"/r/{house[f'token {who}']}/").status_code == 200
            with CaptureQueriesContext(connection) as queries:
                response = getattr(client, method)(address_of(row, house, who), data)
            transaction.set_rollback(True)
        answer = answer_of(response)
        if answer != expected:
            wrong[str(row)] = f"{answer} instead of {expected}"
        elif writes_of(queries) and (method == "get" or answer in REFUSALS):
            wrong[str(row)] = f"{answer}, and yet something was written"
    assert wrong == {}


@pytest.mark.parametrize("who", ["staff", "reviewer", "administrator", "agency link"])
@pytest.mark.slow
def test_what_the_table_lets_pass_does_something(house, people, who):
    """Control: successful posts do write, so that "nothing was written" is meaningful."""
    idle, tried = [], 0
    for row in TABLE:
        if row.data and row.name != "login" and row.expected("post", who) == 302:
            tried += 1
            before = stored.digest()
            with transaction.atomic(), CaptureQueriesContext(connection) as queries:
                client_of(people.get(who)).post(address_of(row, house, who), row.data)
                is_same = stored.digest() == before
                transaction.set_rollback(True)
            if is_same or not writes_of(queries):
                idle.append(str(row))
    assert idle == []
    assert tried >= (2 if who in BY_LINK else 6)


@pytest.mark.parametrize("who", [*EVERYBODY, *BY_LINK])
@pytest.mark.slow
@pytest.mark.security
@pytest.mark.once
def test_every_row_is_the_same_after_every_refusal(house, people, who):
    """Refused for want of a right, of a token, of the method, and for what was sent."""
    client, strict = (
        client_of(people.get(who)),
        client_of(people.get(who), enforce_csrf_checks=True),
    )
    before, refused = stored.digest(), 0
    for row in TABLE:
        address = address_of(row, house, who)
        answers = [strict.post(address, row.data)]
        answers += [getattr(client, method)(address) for method in ("put", "patch", "delete")]
        if row.expected("post", who) in REFUSALS:
            answers.append(client.post(address, row.data))
        refused += sum(answer_of(each) in REFUSALS for each in answers)
    for row in TABLE:
        if not row.data or row.expected("post", who) in REFUSALS:
            continue
        wrong = dict.fromkeys(row.data, "\0ไม่ใช่") | {"version": "0"}
        with transaction.atomic():
            answer = answer_of(client.post(address_of(row, house, who), wrong))
            if answer not in {200, 302}:
                refused += 1
                assert stored.digest() == before, f"{row}: {answer}"
            transaction.set_rollback(True)
    assert stored.digest() == before
    assert refused > 2 * len(TABLE)


@pytest.mark.slow
@pytest.mark.once
def test_no_address_takes_a_post_without_its_token(house, people):
    client = client_of(people["administrator"], enforce_csrf_checks=True)
    for row in TABLE:
        with CaptureQueriesContext(connection) as queries:
            response = client.post(address_of(row, house), row.data)
        assert not writes_of(queries), row
        if row.name in KEPT:
            # The form of a report comes back with what was typed, or its address is not there.
            assert response.status_code in {403, 404}, row
            continue
        if row.name in LED_BACK:
            assert response.status_code == 302, row
            many = row.name.startswith("staff-agencies")  # what is done on the list's ticked ones
            back = reverse("staff-agencies") if many else address_of(row, house)
            assert response["Location"].startswith(back), row
            continue
        view = resolve(address_of(row, house)).func
        if getattr(view, "csrf_exempt", False):  # for programs, or without an account to protect
            assert response.status_code == row.post[-1], row
            continue
        assert response.status_code == 403, row
        assert read(response).one("h1").text == "ส่งแบบฟอร์มไม่ได้", row


def test_a_refusal_says_so_in_thai_and_offers_a_way_out(house, people):
    page = read(client_of(people["outsider"]).get("/staff/"))
    assert page.one("h1").text == "บัญชีนี้ไม่มีสิทธิ์เปิดหน้านี้"
    assert [a["href"] for a in page.select("main a")] == ["/"]
    assert page.one("main form")["action"] == "/staff/logout/"
    page = read(client_of(people["staff"]).get("/admin/"))
    assert page.one("h1").text == "บัญชีนี้ไม่มีสิทธิ์เปิดหน้านี้"
    assert [a["href"] for a in page.select("main a")] == ["/", "/staff/"]


def test_a_stranger_comes_back_to_where_they_were_going(house):
    for row in TABLE:
        address = address_of(row, house)
        response = PortalClient().get(address)
        if answer_of(response) == LOGIN and row.name != "mfa_authenticate":
            assert response["Location"] == f"/staff/login/?next={address}"


def test_an_import_is_its_owners_alone(house, people):
    """Another administrator's import is a 404, not a 403, which would reveal it."""
    people["colleague"].groups.set(people["administrator"].groups.all())
    client = client_of(people["colleague"])
    for row in TABLE:
        if row.name.startswith("import-"):
            assert client.get(address_of(row, house)).status_code == 404, row
            assert client.post(address_of(row, house)).status_code == 404, row


def test_a_right_that_was_taken_is_gone_at_once(house, people):
    client = client_of(people["reviewer"])
    assert client.get("/staff/review/").status_code == 200
    people["reviewer"].groups.clear()
    assert client.get("/staff/review/").status_code == 403


def test_an_account_that_was_closed_is_signed_out_at_once(house, people):
    client = client_of(people["reviewer"])
    assert client.get("/staff/review/").status_code == 200
    User.objects.filter(pk=people["reviewer"].pk).update(is_active=False)
    assert answer_of(client.get("/staff/review/")) == LOGIN


def test_the_staff_tick_of_django_opens_nothing(house, people):
    User.objects.filter(pk=people["outsider"].pk).update(is_staff=True)
    client = client_of(people["outsider"])
    assert client.get("/admin/").status_code == 403
    assert client.get("/staff/").status_code == 403
