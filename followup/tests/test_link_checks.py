"""Links are opened now and then: what is told of one, when, and to whom."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail

from followup import jobs, link_checks, public_revision
from followup.link_checks import Told, due, user_agent
from followup.models import AgencyLink, Evidence, FocalPoint, LinkCheck, LinkState
from followup.tests.assessing import accepted, invite
from followup.tests.factories import make_report
from followup.tests.queued import queued, work_off
from forum_portal.link_probe import Outcome, Probed

A, B, C = (f"https://{name}.example/doc" for name in "abc")
OTHER = "https://a.example/other"
MONDAY = datetime(2026, 11, 30, 20, tzinfo=UTC)  # Tuesday three o'clock in Bangkok

FINE = Probed(Outcome.REACHABLE, 200)
MISSING = Probed(Outcome.BROKEN, 404)
SILENT = Probed(Outcome.SILENT)
CLOSED = Probed(Outcome.CLOSED, 403)
REFUSED = Probed(Outcome.REFUSED)


def moved_to(url):
    return Probed(Outcome.MOVED, 200, url)


class Stub:
    """A prober with fixed answers; `asked` is what it was asked, in order."""

    def __init__(self, answers=()):
        self.answers, self.asked = dict(answers), []

    def ask(self, url):
        self.asked.append(url)
        return self.answers.get(url, FINE)


@pytest.fixture(autouse=True)
def is_on(settings):
    settings.LINK_CHECKS = True


@pytest.fixture
def days():
    """A clock that a test shifts by days."""
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


def run(answers=None):
    prober = Stub(answers or {})
    return link_checks.run(prober, pause=0), prober


def piece(url, **more):
    return {"title": url, "url": url, "is_public": True} | more


@pytest.fixture
def report(open_round, people):
    """A submitted report with three links."""
    return make_report(
        open_round, by=people["staff"], state="submitted", evidence=[piece(A), piece(B), piece(C)]
    )


def state_of(url):
    check = LinkCheck.objects.get(url=url)
    return check.state, check.failures


# Which links -------------------------------------------------------------------------------------


def test_public_links_of_reports_that_were_sent_in_are_opened(open_round, people, days):
    make_report(
        open_round,
        by=people["staff"],
        state="submitted",
        evidence=[piece(A), piece(B, is_public=False)],
    )
    make_report(open_round, "2.4", by=people["staff"], state="draft", evidence=[piece(C)])
    told, prober = run()
    assert prober.asked == [A]
    assert told == Told(opened=1)


def test_links_of_accepted_assessments_are_opened(forum, open_round, people, days):
    link = invite(open_round, people["staff"])
    accepted(link, "2565-1.2", people["reviewer"], evidence=[{"title": "ก", "url": A}])
    assert run()[1].asked == [A]


def test_invented_links_are_never_opened_and_what_is_told_of_them_stays(demo, days):
    url = Evidence.objects.filter(url__contains="/2568/").first().url
    LinkCheck.objects.create(url=url, checked_at=MONDAY, since=MONDAY)
    days.shift(timedelta(days=30))
    assert run()[1].asked == []
    assert LinkCheck.objects.filter(url=url).exists()


def test_the_switch_turns_it_off(report, settings, days):
    settings.LINK_CHECKS = False
    assert run()[1].asked == []
    assert not LinkCheck.objects.exists()


def test_a_link_is_opened_once_a_week(report, days):
    run()
    for _day in range(6):
        days.shift(timedelta(days=1))
        assert run()[1].asked == []
    days.shift(timedelta(days=1))
    assert sorted(run()[1].asked) == [A, B, C]


def test_one_address_of_several_pieces_is_opened_once(report, open_round, people, days):
    make_report(open_round, "2.4", by=people["staff"], state="submitted", evidence=[piece(A)])
    assert sorted(run()[1].asked) == [A, B, C]


def test_a_link_that_nothing_refers_to_is_forgotten(report, days):
    run()
    Evidence.objects.filter(url=A).delete()
    run()
    assert set(LinkCheck.objects.values_list("url", flat=True)) == {B, C}


def test_those_that_fail_come_first_then_new_ones_then_the_oldest(days):
    def check(url, ago, failures=0):
        at = MONDAY - timedelta(days=ago)
        return LinkCheck(url=url, checked_at=at, since=at, failures=failures)

    known = {
        "https://old.example/": check("https://old.example/", 9),
        "https://older.example/": check("https://older.example/", 10),
        "https://fails.example/": check("https://fails.example/", 1, failures=1),
        "https://fresh.example/": check("https://fresh.example/", 6),
        "https://gone.example/": check("https://gone.example/", 6, failures=3),
        "https://today.example/": check("https://today.example/", 0, failures=1),
    }
    assert due([*known, "https://new.example/"], known, MONDAY) == [
        "https://fails.example/",
        "https://new.example/",
        "https://older.example/",
        "https://old.example/",
    ]


def test_a_run_opens_so_many_and_of_a_host_few(monkeypatch):
    monkeypatch.setattr(link_checks, "OF_A_HOST", 2)
    urls = [f"https://a.example/{n}" for n in range(5)] + [B, C]
    assert due(urls, {}, MONDAY) == ["https://a.example/0", "https://a.example/1", B, C]
    monkeypatch.setattr(link_checks, "A_RUN", 3)
    assert len(due(urls, {}, MONDAY)) == 3


def test_a_host_is_asked_one_thing_after_the_other():
    class Watching(Stub):
        now = 0
        most = 0

        def ask(self, url):
            Watching.now += 1
            Watching.most = max(Watching.most, Watching.now)
            link_checks.time.sleep(0.01)
            Watching.now -= 1
            return super().ask(url)

    urls = [f"https://a.example/{n}" for n in range(5)]
    found = dict(link_checks._probe(urls, Watching(), 0))
    assert list(found) == urls
    assert Watching.most == 1


# What is told ------------------------------------------------------------------------------------


def test_a_link_is_gone_after_the_third_day_since_the_first(report, days):
    run()
    days.shift(timedelta(days=7))
    for failures in (1, 2):
        told, prober = run({A: MISSING})
        assert told.failing == 1
        assert A in prober.asked
        assert state_of(A) == ("reachable", failures)
        assert run({A: MISSING})[1].asked == [], "once a day"
        days.shift(timedelta(days=1))
    told, prober = run({A: MISSING})
    assert prober.asked == [A]
    assert told == Told(opened=1, failing=1, gone=1)
    check = LinkCheck.objects.get(url=A)
    assert (check.state, check.status_code, check.failures) == ("gone", 404, 3)
    assert check.since == MONDAY + timedelta(days=7), "since it first failed"
    days.shift(timedelta(days=1))
    assert run()[1].asked == [], "a dead one is opened once a week"
    days.shift(timedelta(days=6))
    run()
    assert state_of(A) == ("reachable", 0)


def test_a_slow_night_is_no_death(report, days):
    run({A: SILENT})
    days.shift(timedelta(days=1))
    run()
    assert state_of(A) == ("reachable", 0)
    assert LinkCheck.objects.get(url=A).failed_at is None


def test_a_host_that_refuses_programs_says_nothing(report, days):
    run({A: CLOSED, B: REFUSED})
    assert state_of(A) == state_of(B) == ("unknown", 0)


def test_a_page_that_moved_says_where_to(report, days):
    run({A: moved_to("https://new.example/doc")})
    check = LinkCheck.objects.get(url=A)
    assert (check.state, check.moved_to) == ("moved", "https://new.example/doc")
    days.shift(timedelta(days=7))
    run({A: moved_to("https://newer.example/doc")})
    check = LinkCheck.objects.get(url=A)
    assert (check.moved_to, check.since) == (
        "https://newer.example/doc",
        MONDAY + timedelta(days=7),
    )
    days.shift(timedelta(days=7))
    run()
    assert LinkCheck.objects.get(url=A).moved_to == ""


@pytest.mark.security
@pytest.mark.parametrize(
    "to", ["javascript:alert(1)", "https://user:pw@b.example/", "https://b.example/" + "x" * 500]
)
def test_an_address_that_may_not_stand_on_a_page_is_not_kept(report, days, to):
    run({A: moved_to(to)})
    check = LinkCheck.objects.get(url=A)
    assert (check.state, check.moved_to) == ("reachable", "")


# Our own network ---------------------------------------------------------------------------------


@pytest.mark.faults
def test_nothing_is_told_of_any_link_if_all_fail(report, days):
    for _day in range(4):
        told, prober = run({A: SILENT, B: SILENT, C: SILENT})
        assert told == Told(opened=3, no_network=True)
        assert len(prober.asked) == 3
        days.shift(timedelta(days=1))
    assert not LinkCheck.objects.exists()


@pytest.mark.faults
def test_what_was_known_stays_while_the_network_is_down(report, days):
    run()
    days.shift(timedelta(days=7))
    down = {A: SILENT, B: SILENT, C: CLOSED}
    for _day in range(4):
        assert run(down)[0].no_network
        days.shift(timedelta(days=1))
    assert {each.state for each in LinkCheck.objects.all()} == {"reachable"}
    assert {each.checked_at for each in LinkCheck.objects.all()} == {MONDAY}


@pytest.mark.faults
def test_one_dead_link_alone_is_told_if_another_shows_that_there_is_a_network(report, days):
    run({A: SILENT})
    days.shift(timedelta(days=1))
    told, prober = run({A: SILENT})
    assert prober.asked[0] == A
    assert set(prober.asked[1:]) == {B, C}, "they are known to work"
    assert (told.opened, told.failing, told.no_network) == (1, 1, False)
    days.shift(timedelta(days=1))
    assert run({A: SILENT, B: SILENT, C: SILENT})[0].no_network
    assert state_of(A) == ("unknown", 2)


# Who is told -------------------------------------------------------------------------------------


@pytest.fixture
def contact(report):
    agency = report.assignment.agency
    FocalPoint.objects.filter(agency=agency).delete()
    return FocalPoint.objects.create(agency=agency, name="มะลิ", email="mali@example.org")


def kill(url, days):
    for _day in range(3):
        run({url: MISSING})
        days.shift(timedelta(days=1))


def test_its_agency_is_told_once(report, contact, days):
    kill(A, days)
    check = LinkCheck.objects.get(url=A)
    assert queued() == [("tell_dead_links", contact.pk, [check.pk])]
    work_off()
    (sent,) = mail.outbox
    assert sent.to == ["mali@example.org"]
    assert sent.subject == f"ลิงก์ของหลักฐานเปิดไม่ได้ 1 รายการ {report.assignment.agency.short}"
    assert f"{report.measure.code} {report.measure.title_th}" in sent.body
    assert A in sent.body
    assert "เปิดไม่ได้ตั้งแต่ 1 ธ.ค. 2569" in sent.body
    assert B not in sent.body
    for _week in range(3):
        days.shift(timedelta(days=7))
        run({A: MISSING})
    assert queued() == []


def test_a_link_that_dies_again_is_told_again(report, contact, days):
    kill(A, days)
    work_off()
    days.shift(timedelta(days=7))
    run()
    days.shift(timedelta(days=7))
    kill(A, days)
    assert [kind for kind, *_rest in queued()] == ["tell_dead_links"]


def test_what_opens_again_before_the_mail_is_not_told(report, contact, days):
    kill(A, days)
    LinkCheck.objects.filter(url=A).update(state=LinkState.REACHABLE)
    work_off()
    assert mail.outbox == []


def test_no_other_agency_is_told(report, contact, days):
    from followup.models import Agency

    other = Agency.objects.exclude(pk=contact.agency_id).first()
    FocalPoint.objects.create(agency=other, name="ก", email="other@example.org")
    kill(A, days)
    assert [each[1] for each in queued()] == [contact.pk]


@pytest.mark.faults
def test_a_mail_that_no_server_takes_is_tried_again_without_the_servers_words(
    report, contact, days, monkeypatch, caplog
):
    from followup import notices

    def refuse(self):
        raise OSError("mali@example.org is unknown")

    kill(A, days)
    pk = LinkCheck.objects.get(url=A).pk
    monkeypatch.setattr(notices.EmailMessage, "send", refuse)
    with pytest.raises(jobs.TryAgain):
        notices.tell_dead_links(contact.pk, [pk])
    assert "mali" not in caplog.text


def test_the_agencys_link_lists_its_dead_links(report, days, visitor, people):
    from followup import actions

    kill(A, days)
    agency = report.assignment.agency
    days.move_to(MONDAY + timedelta(days=3))
    issued = actions.issue_link(round_=report.round, agency=agency, by=people["staff"])
    page = visitor.page(f"/r/{actions.token_of(AgencyLink.objects.get(pk=issued.pk))}/")
    assert "ลิงก์ของหลักฐานเปิดไม่ได้ 1 รายการ" in page.text
    assert [a["href"] for a in page.select(".notice .files a")] == [A]


# What the public reads ---------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_is_told_of_a_link_changes_the_public_stamp(forum):
    stamps = [public_revision.stamp()]
    at = datetime(2026, 12, 1, tzinfo=UTC)
    check = LinkCheck.objects.create(url=A, checked_at=at, since=at)
    stamps.append(public_revision.stamp())
    LinkCheck.objects.filter(pk=check.pk).update(state="gone")
    stamps.append(public_revision.stamp())
    assert len(set(stamps)) == 3
    LinkCheck.objects.filter(pk=check.pk).update(failures=1, failed_at=at)
    assert public_revision.stamp() == stamps[-1], "no page tells of it"


# The machine -------------------------------------------------------------------------------------


def test_it_is_a_job_of_every_day_in_a_queue_of_its_own():
    assert jobs.KINDS["check_links"].lane == "links"
    assert [name for name, kind in jobs.KINDS.items() if kind.lane == "links"] == ["check_links"]
    assert len(jobs.DAILY["check_links"]) == 7


def test_the_job_tells_what_the_run_did(report, days, monkeypatch):
    monkeypatch.setattr(link_checks, "Prober", lambda agent: Stub({A: MISSING}))
    monkeypatch.setattr(link_checks, "PAUSE", 0)
    jobs.enqueue("check_links")
    work_off()
    (job,) = jobs.in_state("SUCCESSFUL", "check_links")
    assert job.return_value == {"opened": 3, "failing": 1, "gone": 0, "no_network": False}


def test_who_asks_says_whom_to_ask(settings):
    settings.PORTAL_URL = "https://forum.example.org"
    settings.DATA_CONTACT_EMAIL = "data@example.org"
    assert user_agent().startswith("CSOs-Forum-portal/")
    assert user_agent().endswith(
        "(+https://forum.example.org/about/; data@example.org; link check)"
    )
    settings.LINK_CHECKS_CONTACT = "https://example.org/contact"
    assert "https://example.org/contact" in user_agent()
