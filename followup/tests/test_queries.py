"""The number of queries of each page, which must not depend on the amount of data."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse

from followup import actions, middleware
from followup.annual_report import printing
from followup.models import Agency, AgencyLink, Round, StatusReport
from followup.permissions import reports_of
from followup.published import AgencyCounts
from followup.tests.client import PortalClient
from followup.tests.entered import draft_of
from followup.tests.factories import grow
from followup.tests.groups import make_group, offices
from followup.tests.test_permissions import names_of
from followup.views.public import AGENCIES_A_PAGE
from proposals.models import Resolution

# (name, arguments, query): queries. A page of another year or with a filter costs the same.
PUBLIC: dict[tuple[str, tuple[Any, ...], str], int] = {
    ("home", (), ""): 8,
    ("home", (), "?year=2567"): 8,
    ("resolutions", (), ""): 6,
    ("forums", (), ""): 6,
    ("forums", (), "?year=2567"): 6,
    ("forum", (2565,), ""): 11,
    ("resolution", (2565, 3), ""): 19,
    ("measure", (2565, 3, 1), ""): 10,
    ("resolution", (2565, 2), "?year=2566"): 18,
    ("agencies", (), ""): 13,
    ("agencies", (), "?q=พอช&role=support&reported=no&kind=public_organization"): 10,
    ("agency", ("CODI",), ""): 22,
    ("agency", ("CABINET",), ""): 19,
    ("matrix", (), ""): 10,
    ("matrix", (), "?role=all&kind=ministry"): 10,
    ("years", (), ""): 5,
    ("years", (), "?to=2567&forum=2565"): 5,
    ("compare", (), ""): 7,
    ("compare", (), "?from=2566&to=2568&forum=2565"): 7,
    ("year", (2568,), ""): 9,
    ("report", (2568,), ""): 6,
    ("report-part", (2568, 7), ""): 6,
    ("report-pdf", (2568,), ""): 3,
    ("report-docx", (2568,), ""): 3,
    ("areas", (), ""): 6,
    ("areas", (), "?year=2567&sort=name"): 6,
    ("receipts", ("2568-1",), ""): 5,
    ("receipt", ("2568-1", "achieved"), ""): 5,
    ("receipt", ("2567-1", "status-2565-3.1"), ""): 7,
    ("receipt", ("2568-1", "received-CODI"), ""): 7,
    ("receipt", ("2568-1", "agencies_silent"), ""): 8,
    ("receipt-json", ("2568-1", "received"), ""): 4,
    ("receipt-edition", ("2568-1",), ""): 2,
    ("verify-figure", (), ""): 0,
    ("follow-up", (), ""): 7,
    ("disagreements", (), ""): 7,
    ("area", ("TH-40",), ""): 11,
    ("projects", (), ""): 9,
    ("projects", (), "?year=2567&system=emenscr"): 9,
    ("project", ("0413670001",), ""): 10,
    ("silence", (), ""): 14,
    ("silence", (), "?year=2567&agency=MFA"): 14,
    ("corrections", (), ""): 9,
    ("feedback", (), ""): 4,
    ("feedback-new", (), "?measure=2565-3.1"): 6,
    ("feedback-new", (), "?agency=CODI"): 5,
    ("about", (), ""): 10,
    ("privacy", (), ""): 5,
    ("accessibility", (), ""): 4,
    ("display", (), "?next=/years/"): 2,
    ("data", (), ""): 27,
    ("data", (), "?year=2567"): 26,
    ("data-dictionary", (), ""): 4,
    ("data-package", (), ""): 3,
    ("data-catalog", (), ""): 3,
    ("data-ckan", (), ""): 3,
    ("data-schema", (), ""): 3,
    ("sitemap", (), ""): 9,
    ("sitemap-section", ("forum-2565",), ""): 9,
    ("picture", ("2568-1", "2565-3"), ""): 2,
    ("picture-portal", (), ""): 0,
    ("data-everything", (), ""): 95,
    ("data-everything-hash", (), ""): 95,
    ("data-file", ("forums", "json"), ""): 1,
    ("data-file", ("status_reports", "csv"), ""): 6,
    ("data-file", ("status_reports", "xlsx"), "?year=2567"): 4,
    ("api", (), ""): 18,
    ("api-openapi", (), ""): 15,
    ("api-rows", ("forums",), ""): 1,
    ("api-rows", ("resolutions",), ""): 1,
    ("api-rows", ("measures",), ""): 1,
    ("api-rows", ("agencies",), ""): 2,
    ("api-rows", ("assignments",), "?year=2567"): 3,
    ("api-rows", ("status_reports",), ""): 4,
    ("api-rows", ("status_reports",), "?year=2567&status=completed&page_size=5"): 4,
    ("api-rows", ("progress",), ""): 3,
    ("api-rows", ("changes",), "?from=2566&to=2568"): 3,
    ("api-rows", ("evidence",), ""): 9,
    ("api-rows", ("assessments",), ""): 3,
    ("api-rows", ("corrections",), ""): 1,
    ("api-row", ("progress", "2567-2565-3"), ""): 3,
    ("search", (), ""): 8,
    ("search", (), "?q=งบ"): 17,
    ("search", (), "?q=งบ&group=result&page=2"): 11,
    ("api-search", (), "?q=งบ"): 12,
    ("search-feed", (), "?q=งบ"): 7,
    ("feed", (), ""): 9,
    ("resolution-feed", (2565, 3), ""): 7,
    ("agency-feed", ("CODI",), ""): 9,
    ("area-feed", ("TH-50",), ""): 8,
    ("calendar", (), ""): 11,
    ("follow", (), ""): 8,
    ("follow", (), "?resolution=2565-3&agency=CODI&area=TH-50"): 12,
    ("follow-sent", (), ""): 3,
    ("embed-badge", (2565, 3), ""): 5,
    ("embed-card", (2565, 3), ""): 5,
    ("healthz", (), ""): 0,  # threads ask, on connections of their own
    ("readyz", (), ""): 0,
}
#: It reads one edition after the other, each with a fixed number of queries.
BY_EDITION = {
    ("data-file", ("status_reports", "csv"), ""),
    ("data-everything", (), ""),
    ("data-everything-hash", (), ""),
}
STAFF: dict[tuple[str, tuple[Any, ...], str], int] = {
    ("staff-queue", (), ""): 27,
    ("staff-queue", (), "?state=approved&resolution=2565-3"): 27,
    ("staff-promised", (), ""): 18,
    ("staff-promised", (), "?state=soon&mine=1"): 16,
    ("staff-report", ("fresh",), ""): 16,
    ("staff-report", ("submitted",), ""): 15,
    ("staff-report", ("published",), ""): 16,
    ("staff-report-history", ("submitted",), ""): 13,
    ("staff-report-withdraw", ("submitted",), ""): 15,
    ("staff-report-evidence", ("fresh",), ""): 12,
    ("staff-history", (), ""): 28,
    ("staff-jobs", (), ""): 12,
    ("staff-jobs", (), "?kind=send_news"): 12,
    ("staff-review", (), ""): 13,
    ("staff-review-report", ("submitted",), ""): 23,
    ("staff-assessments", (), ""): 8,
    ("staff-organisations", (), ""): 8,
    ("staff-dead-links", (), ""): 7,
    ("staff-links", (), ""): 8,
    ("staff-links", (), "?year=2568"): 8,
    ("staff-link", ("link",), ""): 7,
    ("staff-link-issue", (2569, "CODI"), ""): 8,
    ("staff-link-revoke", ("link",), ""): 7,
    ("staff-rounds", (), ""): 8,
    ("staff-round-new", (), ""): 6,
    ("staff-round", (2569,), ""): 13,
    ("staff-round", (2568,), ""): 14,
    ("staff-round-step", (2569, "close"), ""): 10,
    ("staff-rulings", (2569,), ""): 10,
    ("staff-ruling", ("round", "resolution", "whole"), ""): 8,
    ("staff-round-due", (2569,), ""): 6,
    ("staff-round-undo", (2569, "unopen"), ""): 17,
    ("staff-round-report", (2569,), ""): 17,
    ("staff-round-report-docx", (2569,), ""): 30,
    ("staff-round-pack", (2569,), ""): 27,
    ("staff-round-export", (2569, "csv"), ""): 13,
    ("staff-workbook", (2569, "CODI"), ""): 14,
    ("staff-assignments", (), ""): 10,
    ("staff-assignments", (), "?q=พอช&tab=waiting&select=all"): 11,
    ("staff-assignment-step", ("assignment", "role"), ""): 15,
    ("staff-assignment-step", ("assignment", "end"), ""): 17,
    ("staff-assignment-add", ("measure",), ""): 16,
    ("staff-agency-merge", ("CODI",), "?into=MOF"): 16,
    ("staff-assignment-replace", (), "?from=CODI"): 13,
    ("staff-forums", (), ""): 11,
    ("staff-system", (), ""): 13,  # its checks ask on connections of their own
    ("staff-forum-facts", (2580,), ""): 9,
    ("staff-forum-source", (2580,), ""): 9,
    ("staff-forum-marks", (2580,), ""): 12,
    ("staff-forum-marks", (2580,), "?m=1.1"): 12,
    ("staff-forum-check", (2580,), ""): 9,
    ("staff-forum-publish", (2580,), ""): 10,
    ("staff-forum-preview", (2580, 1), ""): 8,
    ("staff-feedback", (), ""): 8,
    ("staff-letters", (), ""): 11,
    ("staff-letters-agency", ("CODI",), ""): 16,
    ("staff-letter-file", ("CODI",), ""): 16,
    ("import", (), ""): 8,
    ("password_change", (), ""): 5,
    ("staff-agencies", (), ""): 12,
    ("staff-agencies", (), "?mine=1"): 12,
    ("staff-agencies", (), "?q=พอช&state=due&select=all"): 13,
    ("staff-agency", ("CODI",), ""): 10,
    ("staff-contact-new", ("CODI",), ""): 7,
    ("staff-handover", (), ""): 9,
    ("mfa_index", (), ""): 7,
    ("mfa_activate_totp", (), ""): 10,
    ("staff-groups", (), ""): 6,
    ("staff-group-new", (), "?kind=cso"): 9,
    ("staff-group", ("PROVS",), "?kind=cso"): 12,
}
# Of an agency with ten reports in the open round.
BY_LINK: dict[tuple[str, tuple[Any, ...], str], int] = {
    ("agency-reports", ("token",), ""): 17,
    ("agency-report", ("token", "theirs"), ""): 17,
    ("agency-report-evidence", ("token", "theirs"), ""): 13,
}
UNPUBLISHED: dict[tuple[str, tuple[Any, ...], str], int] = {
    ("home", (), ""): 8,
    ("resolutions", (), ""): 8,
    ("resolution", (2565, 3), ""): 14,
    ("measure", (2565, 3, 1), ""): 6,
    ("agencies", (), ""): 9,
    ("agency", ("CODI",), ""): 13,
    ("matrix", (), ""): 4,
    ("areas", (), ""): 4,
    ("silence", (), ""): 4,
    ("area", ("TH-40",), ""): 5,
    ("projects", (), ""): 4,
    ("years", (), ""): 4,
    ("search", (), ""): 8,
    ("search", (), "?q=งบ"): 14,
    ("compare", (), ""): 4,
}
NOT_COUNTED = {
    "robots": "asks nothing",
    "security-txt": "asks nothing",
    **dict.fromkeys(("follow-confirm", "follow-change", "follow-leave"), "is about one subscriber"),
    "staff-agencies-mail": "answers a form only",
    "staff-agencies-mailed": "of one sending, with its own tests",
    "staff-agencies-links": "answers a form only, once",
    "staff-agencies-letters": "answers a form only, with a file",
    "feedback-message": "is one message",
    "staff-feedback-message": "is one message",
    "staff-feedback-file": "one file, with its own tests",
    "favicon": "asks nothing",
    "metrics": "is off; its figures are counted in test_operation",
    "login": "asks nothing of the data",
    "logout": "is no page",
    "evidence": "one file, with its own tests",
    "agency-evidence": "one file, with its own tests",
    "staff-forum-conclude": "is a form, without rows",
    "staff-letters-letter": "one letter on its agency's page, which is counted",
    "account_login": "is the same page as login",
    **dict.fromkeys(
        (
            "mfa_authenticate",
            "mfa_deactivate_totp",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_download_recovery_codes",
            "mfa_reauthenticate",
            "account_reauthenticate",
        ),
        "is about one account",
    ),
    "staff-forum-file": "is a file",
    "staff-forum-correct": "asks about one forum",
    "staff-forum-edit": "asks about one forum",
    "staff-forum-remove": "asks about one draft",
    "assessor-measures": "is counted with its own tests",
    "assessor-measure": "is counted with its own tests",
    "staff-assessment": "is counted with its own tests",
    "staff-organisation": "is counted with its own tests",
    "staff-organisation-new": "is a form, without rows",
    "staff-organisation-invite": "is a form, without rows",
    "staff-organisation-end": "is a form, without rows",
    "staff-organisation-revoke": "is a form, without rows",
    "staff-contact": "is the same page as staff-contact-new",
    "admin:index": "shows no data; the admin's lists have tests of their own",
    "staff-round-report-pdf": "asks what its DOCX asks",
    "staff-workbooks": "a file for each agency, each with queries of its own",
    "import-result": "of one import, with its own tests",
    "import-sheet": "of one import, with its own tests",
    "import-columns": "of one import, with its own tests",
    "import-check": "of one import, with its own tests",
    "import-problems": "of one import, with its own tests",
    "import-confirm": "of one import, with its own tests",
    "import-left-out": "is a file",
    "import-undo": "of one import, with its own tests",
}


def test_every_page_is_counted_or_says_why_not():
    counted = {name for name, _args, _query in [*PUBLIC, *STAFF, *BY_LINK]}
    assert counted.isdisjoint(NOT_COUNTED)
    assert counted | set(NOT_COUNTED) == set(names_of(get_resolver().url_patterns))


def counts(client: PortalClient, pages: dict[Any, int]) -> dict[Any, int]:
    """How many queries each page takes now."""
    found, known = {}, keys()
    for page, expected in pages.items():
        name, args, query = page
        address = reverse(name, args=[known.get(each, each) for each in args]) + query
        found[page] = count(client, address)
        if found[page] != expected:  # what was published is read once a process
            found[page] = count(client, address)
    return found


def count(client: PortalClient, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
        list(response)  # some files are written while they are sent
    assert response.status_code == 200, address
    return len(queries)


def keys() -> dict[str, Any]:
    """The names in the tables above -> reports of one measure in different states, and other keys."""

    def key(year: int, state: str) -> int:
        reports = StatusReport.objects.filter(round__year_be=year, state=state)
        return reports.order_by("pk").values_list("pk", flat=True)[0]

    if not Round.objects.exists():
        return {}
    link = AgencyLink.objects.first()
    of_link = {}
    if link:
        theirs = reports_of(link).filter(state="draft").order_by("pk")[0].pk
        of_link = {"link": link.pk, "token": actions.token_of(link), "theirs": theirs}
    assignment = StatusReport.objects.get(pk=key(2569, "draft")).assignment
    return of_link | {
        "assignment": assignment.pk,
        "measure": assignment.measure_id,
        "round": Round.objects.get(year_be=2569).pk,
        "whole": assignment.measure.resolution_id,
        "fresh": key(2569, "draft"),
        "submitted": key(2569, "submitted"),
        "published": key(2568, "approved"),
    }


# On the demo, and on three times as much with three more published rounds.
at_both_sizes = pytest.mark.parametrize("data", ["demo", "thrice"], indirect=True)


@pytest.fixture
def sized(data, monkeypatch) -> str:
    monkeypatch.setattr(printing, "INLINE", 10**9)  # a page that waits has other queries
    monkeypatch.setattr(middleware, "NOTE_EVERY", 10**9)  # a slow machine would note it halfway
    resolutions, rounds = (24, 7) if data == "thrice" else (8, 4)
    assert (Resolution.objects.count(), Round.objects.count()) == (resolutions, rounds)
    assert StatusReport.objects.filter(round__year_be=2569).count() == resolutions // 8 * 103
    return str(data)


@at_both_sizes
@pytest.mark.slow
def test_public_pages_cost_the_same_at_three_times_the_data(sized, visitor, working):
    found = counts(visitor, PUBLIC)
    if Round.objects.published().count() == 3:
        assert found == PUBLIC
    # With more data no page asks more; one that has nothing to name asks less.
    more = {page for page, queries in found.items() if queries > PUBLIC[page]}
    assert more <= BY_EDITION


@pytest.fixture
def used_link(sized, people) -> AgencyLink:
    """A link that was opened in this hour, as the first look alone is noted."""
    round_, agency = Round.objects.get(year_be=2569), Agency.objects.get(code="CODI")
    link = actions.issue_link(round_=round_, agency=agency, by=people["staff"])
    actions.note_opened(link=link)
    return link


@at_both_sizes
@pytest.mark.slow
def test_an_agencys_pages_cost_the_same_at_three_times_the_data(used_link, visitor):
    assert counts(visitor, BY_LINK) == BY_LINK


@at_both_sizes
@pytest.mark.slow
def test_staff_pages_cost_the_same_at_three_times_the_data(used_link, people, sign_in):
    draft_of(people["administrator"], year=2580)
    make_group(people["administrator"], offices(3))
    assert counts(sign_in(people["administrator"]), STAFF) == STAFF


def test_the_pages_before_the_first_round_cost_the_same_at_three_times_the_data(forum, visitor):
    assert counts(visitor, UNPUBLISHED) == UNPUBLISHED
    grow(3)
    assert counts(visitor, UNPUBLISHED) == UNPUBLISHED


@at_both_sizes
@pytest.mark.slow
def test_a_query_in_a_loop_is_seen(sized, visitor, monkeypatch):
    """The control: what asks once for each row costs more with more rows."""
    page = ("agencies", (), "")
    real = AgencyCounts.__getitem__

    def careless(self: AgencyCounts, index: Any) -> Any:
        rows = real(self, index)
        for row in rows:
            row.agency.aliases.count()
        return rows

    monkeypatch.setattr(AgencyCounts, "__getitem__", careless)
    agencies = Agency.objects.filter(assignments__isnull=False).distinct().count()
    rows = min(agencies, AGENCIES_A_PAGE)
    assert counts(visitor, {page: PUBLIC[page]})[page] >= PUBLIC[page] + rows // 2 > PUBLIC[page]
