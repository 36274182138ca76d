"""What pages cost with 2,721 reports a round beside 103: queries and bytes, no times."""

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.growth import TARGET, Address, addresses
from benchmarks.stress import OF_REAL_FORUM, Size, fill
from followup import middleware
from followup.annual_report import printing
from followup.models import AgencyLink, Evidence, Round, Snapshot, StatusReport
from followup.workload import standings

SMALL, LARGE = (
    Size(reports, rounds=2, published=1, sentences=1) for reports in (OF_REAL_FORUM, 2721)
)
#: A page of these is full with many reports, and has a few rows with 103. The queue's is twice as
#: large to within ten bytes, so that the digits of its keys decide whether it counts as grown.
FULLER = {
    "agencies",  # the strips of agencies, up to 16 chips each
    "api-row",  # a proposal's progress names up to 10 agencies of each measure
    "area-feed",  # up to 50 entries
    "agencies ?role=lead&reported=no",
    "measure",
    "silence",
    "staff-queue ?state=approved",
}

#: With 103 reports the agencies of every line are at hand; of others one query more asks, for all.
ASKS_FOR_AGENCIES = {
    **dict.fromkeys(["measure", "silence", "api-rows", "api-rows (2)", "area-feed"], 1),
    "area": 2,  # of two lists
}
#: The report that these show has a link among more reports: one query for what its checks found.
ASKS_FOR_LINKS = {"staff-report (2)": 1, "staff-review-report": 1}


def test_the_shares_of_the_forums_are_the_reports():
    for size in (Size(2721), Size(30023, forums=10), Size(400, forums=2, offices=30)):
        assert sum(size.shares) == size.reports
        assert len(size.shares) == len(set(size.forum_years)) == size.forums
        assert max(size.forum_years) <= size.round_years[0]
    assert Size(2721).shares == [2721], "each of 77 offices for each of 34 measures"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"reports": 2722}, "no room"),
        ({"reports": 102}, "at least"),
        ({"reports": 103, "published": 1, "rounds": 3}, "the last round may be open"),
    ],
)
def test_a_size_that_cannot_be_made_says_why(wrong, told):
    with pytest.raises(SystemExit, match=told):
        Size(**wrong)


@pytest.mark.slow
def test_groups_answer_by_their_members(forum):
    people = fill(Size(400, forums=2, rounds=1, published=1, offices=30, groups=True, sentences=1))
    assert set(people) == {"staff", "reviewer", "administrator"}
    [round_] = Round.objects.all()
    assert standings([round_])[round_].expected == 400
    assert Snapshot.objects.get().round == round_
    members = StatusReport.objects.filter(assignment__of_group__isnull=False)
    assert members.count() > 200
    history = StatusReport.history.filter(id=members.filter(state="approved")[0].pk)
    assert list(history.values_list("history_change_reason", flat=True)) == ["approve", "expected"]
    assert Evidence.history.count() == Evidence.objects.count()
    assert not AgencyLink.objects.exists(), "there is no open round"
    with pytest.raises(SystemExit, match="rounds already"):
        fill(SMALL)


def cost(client: Client, address: Address) -> tuple[int, int]:
    """(bytes, queries) of a page, once what is read once a process has been read."""
    client.get(address.path)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address.path)
        length = sum(map(len, response))
    assert response.status_code == 200, address.path
    return length, len(queries)


def costs(size: Size) -> dict[str, tuple[int, int]]:
    """Label of a page -> its bytes and queries in a stress record of that size, which is gone after."""
    found = {}
    with transaction.atomic():
        people = fill(size)
        [opened] = Round.objects.filter(state="open")
        assert standings([opened])[opened].expected == size.reports
        staff, visitor = Client(), Client()
        staff.force_login(people["administrator"])
        # A page cache passes a session on, even a void one: it is the page that is measured.
        visitor.cookies[settings.SESSION_COOKIE_NAME] = "void"
        for address in addresses():
            if not address.name.startswith("admin:"):
                client = visitor if address.is_public else staff
                found[address.label] = cost(client, address)
        transaction.set_rollback(True)
    return found


@pytest.mark.slow
@pytest.mark.once
def test_pages_are_as_large_with_2721_reports_as_with_103(forum, monkeypatch):
    monkeypatch.setattr(printing, "INLINE", 10**9)  # a page that waits has other queries
    monkeypatch.setattr(middleware, "NOTE_EVERY", 10**9)
    before, after = costs(SMALL), costs(LARGE)
    assert before.keys() == after.keys()
    more = {
        label: (queries, after[label][1])
        for label, (_length, queries) in before.items()
        if after[label][1]
        > queries + ASKS_FOR_AGENCIES.get(label, 0) + ASKS_FOR_LINKS.get(label, 0)
    }
    assert more == {}, "queries of pages that ask more with more reports"
    grown = {
        label
        for label, (length, _queries) in before.items()
        # A search finds more rows among more: its page is full.
        if after[label][0] > TARGET * length and "?q=" not in label
    }
    assert grown <= FULLER
