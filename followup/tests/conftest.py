"""The data and the users that followup's tests share."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection, transaction

from followup import actions, demo, forum_file, health, search_index
from followup import roles as group_names
from followup.models import (
    Agency,
    AgencyAlias,
    AgencyLink,
    Assignment,
    ChainEntry,
    Letter,
    Province,
    PublicRevision,
    Round,
    SearchText,
    User,
)
from followup.spreadsheets import sandbox, session
from followup.spreadsheets.reader import Limits, child
from followup.tests.client import PortalClient
from followup.tests.editions import publish_three_reports
from followup.tests.factories import (
    HALF_PAST_TWO,
    ON_20_NOVEMBER,
    PASSWORD,
    grow,
    measure_of,
    republish,
)
from followup.tests.ground import CLOCKS, ground, layer
from followup.tests.spreadsheets.in_process import as_child
from followup.tests.two_factor import MORNING, SECRET
from proposals.models import Forum, Relation

CAST = {
    "staff": group_names.COMMITTEE_STAFF,
    "colleague": group_names.COMMITTEE_STAFF,
    "reviewer": group_names.REVIEWER,
    "administrator": group_names.ADMINISTRATOR,
    "outsider": None,
}


# The loaders take a second; inserting the same rows again takes a twentieth of that. -------------

Rows = list[tuple[str, list[Any]]]  # an INSERT, and what it inserts
FOLLOWS = SearchText._meta.db_table  # written after each commit


def _forum_tables() -> list[str]:
    models = [*apps.get_app_config("proposals").get_models(), Province, Agency, AgencyAlias]
    return [model._meta.db_table for model in (*models, Assignment, Assignment.history.model)]


def _demo_tables() -> list[str]:
    """The other tables of followup, without the users' groups: a flush creates the groups again, with
    other keys."""
    every = apps.get_app_config("followup").get_models(include_auto_created=True)
    not_these = {
        *_forum_tables(),
        User.groups.through._meta.db_table,
        # A test that checks the chain begins it anew: these rows were inserted past it.
        ChainEntry._meta.db_table,
        # Triggers write its one row, which is never missing.
        PublicRevision._meta.db_table,
        FOLLOWS,
    }
    return [model._meta.db_table for model in every if model._meta.db_table not in not_these]


def _take(tables: list[str]) -> Rows:
    taken = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own names
            columns = [column[0] for column in cursor.description]
            marks = ", ".join(["%s"] * len(columns))
            names = ", ".join(map(connection.ops.quote_name, columns))
            insert = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
            taken.append((insert, cursor.fetchall()))
    return taken


def _load(name: str, tables: list[str], load: Callable[[], Any]) -> Any:
    """Call `load` the first time; later insert the rows that it made, if the tables are empty.

    Returns what `load` returned when it made these rows. What follows a commit is kept with them, and
    apart from what was made within a test's transaction, which has none.
    """
    kept_as = name, connection.in_atomic_block
    is_empty = not any(rows for _insert, rows in _take(tables))
    if not is_empty or kept_as not in KEPT:
        result = load()
        if is_empty:
            KEPT[kept_as] = _take([*tables, FOLLOWS]), result
        return result
    inserts, result = KEPT[kept_as]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {FOLLOWS}")  # noqa: S608 - our own name
        for insert, rows in inserts:
            if rows:
                cursor.executemany(insert, rows)
    return result


# The layers of the ground (see `followup.tests.ground`), and a fixture for each. ------------------

KEPT: dict[tuple[str, bool], tuple[Rows, Any]] = {}
PASSWORDS: dict[str, str] = {}  # of the demo's logins when they were last written


@layer
def forum() -> None:
    load = partial(call_command, "load_forum", verbosity=0, stdout=StringIO())
    _load("forum", _forum_tables(), load)


@layer
def second_forum() -> None:
    folder = Path(__file__).parent / "second_forum"
    forum_file.load(folder / "forum-2566.json", assignments=folder / "assignments-2566.csv")


@layer
def demo_logins() -> None:
    passwords = _load(
        "demo",
        _demo_tables(),
        lambda: {user.username: password for user, password in demo.load()},
    )
    PASSWORDS.clear()
    PASSWORDS.update(passwords)
    for username, _display_name, group in demo.PEOPLE:
        User.objects.get(username=username).groups.set([Group.objects.get(name=group)])


@layer
def people() -> None:
    for name, group in CAST.items():
        user = User.objects.create_user(name, password=PASSWORD, display_name=f"คุณ{name}")
        if group:
            user.groups.add(Group.objects.get(name=group))


@layer
def open_round() -> None:
    staff = User.objects.get(username="staff")
    actions.open_round(round_=actions.create_round(by=staff, year=2569), by=staff)


@layer
def three_reports() -> None:
    people = {name: User.objects.get(username=name) for name in ("staff", "reviewer")}
    publish_three_reports(Round.objects.get(year_be=2569), people)


@layer
def grown() -> None:
    grow(2)


@layer
def two_forums() -> None:
    """2566 is followed up from 2567 on, and remembers three measures of 2565."""
    grow(2)
    Forum.objects.filter(year_be=2566).update(
        followed_from=2567, theme_th="พลังประชาสังคม", short_name_th="CSOs Forum ประจำปี ๒๕๖๖"
    )
    for later, earlier, relation in (
        ("2566-1.1", "2565-8.1", Relation.REPEATS),
        ("2566-1.2", "2565-1.4", Relation.CONTINUES),
        ("2566-2.1", "2565-2.2", Relation.REPLACES),
    ):
        measure = measure_of(later)
        measure.relation, measure.earlier = relation, measure_of(earlier)
        measure.save()
    republish()


@layer
def searchable() -> None:
    search_index.refresh()  # nothing follows a commit, since a test's transaction has none


@layer
def thrice() -> None:
    grow(3)
    staff, reviewer = (User.objects.get(username=name) for name in ("staff", "reviewer"))
    for year in (2570, 2571, 2572):
        round_ = actions.open_round(round_=actions.create_round(by=staff, year=year), by=staff)
        actions.close_round(round_=round_, by=staff)
        actions.publish_round(round_=round_, by=reviewer)


@pytest.fixture(name="forum")
def forum_fixture(db: None) -> Forum:
    """The real forum as `load_forum` makes it: 8 resolutions, 34 measures, 103 assignments."""
    ground.lay("forum")
    return Forum.objects.get(year_be=2565)


@pytest.fixture(name="second_forum")
def second_forum_fixture(forum: Forum) -> Forum:
    """An invented forum of 2566: 5 resolutions, 9 measures, 8 assignments.

    Its codes are those of 2565, and so are its agencies. Nobody is assigned to 3.3 and 4.1.
    """
    ground.lay("second_forum")
    return Forum.objects.get(year_be=2566)


@pytest.fixture(name="two_forums")
def two_forums_fixture(demo: dict[str, str], people: dict[str, User]) -> tuple[Forum, Forum]:
    """The demo data, and a forum as large that is followed up from 2567; the earlier forum first.

    2566-1.1 repeats 2565-8.1, 2566-1.2 continues 2565-1.4, and 2566-2.1 replaces 2565-2.2.
    """
    ground.lay("two_forums")
    return Forum.objects.get(year_be=2565), Forum.objects.get(year_be=2566)


@pytest.fixture(name="searchable")
def searchable_fixture(demo: dict[str, str]) -> None:
    """The demo data, and the texts of its record that a search finds."""
    ground.lay("searchable")


@pytest.fixture(name="demo_logins")
def demo_logins_fixture(forum: Forum) -> dict[str, str]:
    """The forum with the demo data; the passwords of its logins by username."""
    ground.lay("demo_logins")
    return dict(PASSWORDS)


@pytest.fixture(name="demo")
def demo_fixture(demo_logins: dict[str, str]) -> dict[str, str]:
    return demo_logins


@pytest.fixture(name="people")
def people_fixture(db: None, request: pytest.FixtureRequest) -> dict[str, User]:
    """A user of each group, two of the secretariat, and one without any permission.

    All with the password `factories.PASSWORD`.
    """
    if "demo" in request.fixturenames:
        request.getfixturevalue("demo")  # its logins first: their rows come back with their keys
    ground.lay("people")
    return {name: User.objects.get(username=name) for name in CAST}


@pytest.fixture(name="open_round")
def open_round_fixture(forum: Forum, people: dict[str, User]) -> Round:
    """The round of 2569, made and opened by the secretariat; nobody has written anything."""
    ground.lay("open_round")
    return Round.objects.get(year_be=2569)


@pytest.fixture(name="three_reports")
def three_reports_fixture(open_round: Round, people: dict[str, User]) -> Round:
    """The round of 2569, published: see `editions.publish_three_reports`."""
    ground.lay("three_reports")
    return Round.objects.get(pk=open_round.pk)


@pytest.fixture
def working(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker lives, for `/readyz`: its checks have connections that do not see the test's rows."""
    monkeypatch.setitem(health.CHECKS, "jobs", health.Remark)


CLOCKS.update(
    clock=HALF_PAST_TWO,
    morning=MORNING,
    on_20_november=datetime(2026, 11, 20, 3, tzinfo=UTC),
)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Half past two in the afternoon in Bangkok, 8 days before the reports of 2569 are due."""
    with time_machine.travel(CLOCKS["clock"]) as traveller:
        yield traveller


@pytest.fixture
def msdhs(forum: Forum) -> Agency:
    """Leads 1.2 and supports 1.1."""
    return Agency.objects.get(code="MSDHS")


@pytest.fixture
def issued(open_round: Round, people: dict[str, User], msdhs: Agency) -> AgencyLink:
    """A link of that agency into the open round."""
    return actions.issue_link(round_=open_round, agency=msdhs, by=people["staff"])


@pytest.fixture
def codi(forum: Forum) -> Agency:
    return Agency.objects.get(code="CODI")


@pytest.fixture(scope="session", autouse=True)
def own_leftovers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A purge under a set clock removes nothing that other tests have in the system's folder."""
    folder = str(tmp_path_factory.mktemp("leftovers"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "gettempdir", lambda: folder)
        yield


@pytest.fixture
def read_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read spreadsheets in this process, without the child's start-up and without its limits.

    For tests of sound files that read many of them. What a hostile file may do is tested without it.
    """

    def run(arguments: list[str], errors: Path, limits: Limits) -> None:
        with as_child():
            assert child.main(arguments) == 0

    monkeypatch.setattr(sandbox, "_run", run)


@pytest.fixture
def empty_storage():
    """Nothing kept before, nothing left behind."""
    storage = storages["evidence"]
    for name in storage.listdir("")[1] if storage.exists("") else []:
        storage.delete(name)
    return storage


@pytest.fixture
def morning() -> Iterator[Any]:
    with time_machine.travel(CLOCKS["morning"], tick=False) as travelling:
        yield travelling


@pytest.fixture
def required(settings: Any) -> None:
    settings.REQUIRE_TWO_FACTOR = True


@pytest.fixture
def enrolled(people: dict[str, User], morning: Any) -> User:
    """One of the secretariat with a phone that knows SECRET."""
    TOTP.activate(people["staff"], SECRET)
    return people["staff"]


@pytest.fixture
def on_20_november() -> Iterator[None]:
    """Ten in the morning in Bangkok."""
    with time_machine.travel(CLOCKS["on_20_november"], tick=False):
        yield


@pytest.fixture
def send_letter(open_round: Round, people: dict[str, User]) -> Callable[..., Letter]:
    """Record an agency's next letter, so many days ago."""

    def record(
        agency: Agency,
        days_ago: int = 10,
        *,
        attempt: int | None = None,
        within: int = 30,
        number: str = "พม 0305/1234",
        **more: Any,
    ) -> Letter:
        sent_on = ON_20_NOVEMBER - timedelta(days=days_ago)
        done = Letter.objects.filter(agency=agency).count()
        return actions.record_letter(
            round_=open_round,
            agency=agency,
            by=more.pop("by", people["staff"]),
            attempt=attempt or done + 1,
            number=number,
            sent_on=sent_on,
            answer_by=sent_on + timedelta(days=within),
            **more,
        )

    return record


@pytest.fixture
def data(demo: dict[str, str], people: dict[str, User], request: pytest.FixtureRequest) -> str:
    """How much data there is, by the parameter that a test gives it; returns that.

    - demo: the demo data, and `people`.
    - grown: besides, a second forum of the same size and with the same reports (`factories.grow`).
    - thrice: a second forum of twice the size, and three more published rounds.
    """
    amount = str(request.param)
    if amount != "demo":
        ground.lay(amount)
    return amount


@pytest.fixture
def visitor() -> PortalClient:
    """A client that has not signed in; it checks every page for flaws."""
    return PortalClient()


@pytest.fixture
def sign_in() -> Callable[[User], PortalClient]:
    """Return a function that makes a client signed in as the given user."""

    def signed_in(user: User) -> PortalClient:
        client = PortalClient()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def staff(people: dict[str, User], sign_in: Callable[[User], PortalClient]) -> PortalClient:
    """One of the secretariat who has signed in."""
    return sign_in(people["staff"])
