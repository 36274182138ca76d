"""Browser tests: data of every kind, and pages of people who have signed in."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page

from followup import actions
from followup.models import Agency, ReportState, Role, Round, RoundState, StatusReport, User
from followup.tests import entered
from followup.tests.assessing import invite, send
from followup.tests.assignments import assignment_of, seen
from followup.tests.browser.pages import Sample
from followup.tests.factories import make_report
from followup.tests.groups import assign, make_group, offices
from followup.tests.subscribers import asked, of_resolutions, subscribed


@pytest.fixture
def everything(demo: dict[str, str], people: dict[str, User]) -> dict[str, User]:
    """The demo data, a planned round, a closed one, a late letter, a confirmed assignment, an
    agency's link, an organisation's with an assessment, a group, a subscriber and a request to follow;
    returns the users."""
    by = people["staff"]
    current = Round.objects.get(state=RoundState.OPEN)
    make_report(
        current,
        find_untouched(current).measure.code,
        by=by,
        reviewer=people["reviewer"],
        assessed={"assessed_status": "not_started", "assessed_note": "ยังไม่เห็นผล"},
    )
    assessed = current.reports.exclude(assessed_status="").first()
    actions.issue_link(round_=current, agency=assessed.assignment.agency, by=by)
    send(invite(current, by), "2565-2.1")
    actions.record_letter(
        round_=current,
        agency=Agency.objects.get(code="CODI"),
        by=by,
        attempt=1,
        number="พม 0305/1234",
        sent_on=current.starts_on,
        answer_by=current.starts_on,
    )
    entered.draft_of(people["administrator"], entered.marked(complete=False))
    closed = actions.create_round(by=by, year=2571)
    actions.open_round(round_=closed, by=by)
    make_report(closed, by=by, state=ReportState.SUBMITTED)
    actions.close_round(round_=closed, by=by)
    actions.create_round(by=by, year=2570)
    row = assignment_of("1.2", "MSDHS")
    actions.confirm_assignments(
        by=people["administrator"],
        assignments=[(row.pk, seen(row))],
        meeting_ref="3/2566",
        meeting_on=date(2023, 6, 1),
    )
    agency = Agency.objects.get(code="CODI")
    person = {"name": "สมศรี ใจดี", "position": "", "email": "", "phone": "0 2111 1111"}
    actions.save_focal_point(by=by, agency=agency, fields=person | {"is_main": True})
    group = make_group(people["administrator"], offices(2), first_year=current.year_be)
    assign(people["administrator"], group, "2565-2.4", role="support", year=current.year_be)
    subscribed(of_resolutions(3))
    asked(email="waits@example.org")
    return people


def find_untouched(round_: Round) -> StatusReport:
    """A lead agency's untouched report, of an agency with more to do."""
    return round_.reports.with_context().filter(version=0, assignment__role=Role.LEAD)[0]


@pytest.fixture
def open_report(everything: dict[str, User]) -> str:
    """The address of an untouched report that has one of last year beside it."""
    written = StatusReport.objects.received().values("assignment")
    report = StatusReport.objects.filter(
        round__state=RoundState.OPEN, version=0, assignment__in=written
    ).first()
    return reverse("staff-report", args=[report.pk])


@pytest.fixture
def context_of(
    new_context: Callable[..., BrowserContext], live_server: Any
) -> Callable[..., BrowserContext]:
    """Return a function that makes a browser context, signed in as a user or not."""

    def make(who: User | None = None, **options: Any) -> BrowserContext:
        context = new_context(base_url=live_server.url, **options)
        if who:
            client = Client()
            client.force_login(who)
            session = client.cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies(
                [{"name": session.key, "value": session.value, "url": live_server.url}]
            )
        return context

    return make


@pytest.fixture
def page_of(context_of: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Return a function that makes a page in such a context."""
    return lambda who=None, **options: context_of(who, **options).new_page()


@pytest.fixture
def visit() -> Callable[[Page, Sample], None]:
    """Return a function that opens a sample page and sends its form, if it has one."""

    def open_it(page: Page, sample: Sample) -> None:
        response = page.goto(sample.path)
        if sample.form:
            with page.expect_navigation() as navigation:
                _send(page, sample.form)
            response = navigation.value
        assert response
        assert response.status == sample.status, sample

    return open_it


SEND_AS = """what => {
    const form = document.querySelector("main form[method=post]");
    form.append(Object.assign(document.createElement("input"),
        {type: "hidden", name: "do", value: what}));
    form.submit();
}"""


def _send(page: Page, form: dict[str, str]) -> None:
    main = page.locator("main")
    for name, value in form.items():
        field = main.locator(f'[name="{name}"]')
        if name == "do":
            continue
        if field.first.get_attribute("type") == "radio":
            main.locator(f'[name="{name}"][value="{value}"]').check()
        else:  # some are hidden
            field.evaluate("(field, value) => { field.value = value; }", value)
    if do := form.get("do"):
        # One that is there for the Enter key alone cannot be clicked.
        button = page.locator(f'button[name="do"][value="{do}"]:not(.sr)').first
        if button.count() and button.is_visible():
            button.click()
        else:  # a script shows it once words are selected
            page.evaluate(SEND_AS, do)
    else:
        main.locator("form[method=post] [type=submit]").click()
