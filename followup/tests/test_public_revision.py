"""The stamp of what the public reads changes with every write of it, and with no other."""

import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import psycopg
import pytest
from django.conf import settings as portal
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import timezone

from followup import public_revision, public_urls, urls
from followup.models import (
    Agency,
    PublicRevision,
    PublicTouch,
    PublishedEdition,
    PublishedMeasure,
    Round,
    Snapshot,
    StatusReport,
    User,
)
from followup.tests.client import PortalClient
from followup.tests.doors import unguarded
from followup.tests.test_queries import PUBLIC, UNPUBLISHED
from forum_portal.page_cache import PAGES, WHOLE_QUERY
from forum_portal.side_reads import SideRead
from forum_portal.tests.ports import free_port
from forum_portal.tests.test_gunicorn import ask
from proposals.models import Resolution

#: Tables that public addresses read and that are not watched.
NOT_WATCHED = {
    "followup_printjob": "says whether a file is being made; such an answer is not kept",
}
#: Public addresses whose answers are not kept.
UNMARKED = {
    "data-file": "serves itself from disk, with ranges; a selection is counted as `costly`",
    "data-everything": "serves itself from disk, with ranges",
    "data-everything-hash": "serves itself from disk",
    "receipt-edition": "serves itself from disk, with ranges",
    "picture": "serves itself from disk, to be kept for good",
    "picture-portal": "serves itself from disk",
    "report-pdf": "a file, or the page that waits for it",
    "report-docx": "a file, or the page that waits for it",
    "healthz": "of this moment",
    "readyz": "of this moment",
    "favicon": "leads on",
    "feedback-new": "a form with a token of its own",
    "display": "a form of one reader's choices, and leads back to any page",
}


def stamp_now() -> str:
    return PublicRevision.objects.get().stamp


@pytest.fixture
def stamp():
    """Reads the stamp as the page cache does: on another connection, so only what is committed."""
    read = SideRead(public_revision.stamp._sql)
    yield read
    read.close()


# Which tables ------------------------------------------------------------------------------------


def read_by(visitor, pages) -> dict[str, set[str]]:
    """Table -> the addresses that read it."""
    found: dict[str, set[str]] = {}
    for name, args, query in pages:
        address = reverse(name, args=args) + query
        with CaptureQueriesContext(connection) as queries:
            list(visitor.get(address))
        for each in queries:
            for table in re.findall(r'(?:FROM|JOIN) "(\w+)"', each["sql"]):
                found.setdefault(table, set()).add(address)
    return found


@pytest.mark.slow
def test_every_table_that_a_public_address_reads_is_watched(demo, visitor):
    found = read_by(visitor, PUBLIC)
    watched = set(public_revision.tables())
    assert {t: a for t, a in found.items() if t not in watched | NOT_WATCHED.keys()} == {}
    assert {"followup_snapshot", "followup_round", "proposals_resolution"} <= found.keys()
    of_staff = {"followup_statusreport", "followup_evidence"}
    assert not of_staff & (found.keys() | watched), "staff's work empties nothing"


def test_every_table_that_a_public_address_reads_before_the_first_round_is_watched(forum, visitor):
    found = read_by(visitor, UNPUBLISHED)
    assert found.keys() <= public_revision.tables().keys() | NOT_WATCHED.keys()


def test_every_public_address_is_marked_or_says_why_not():
    marked = {
        each.name
        for each in [*public_urls.urlpatterns, *urls.urlpatterns]
        if hasattr(each.callback, "public_page")
    }
    public = {name for name, _args, _query in PUBLIC} | {"robots", "security-txt", "favicon"}
    assert marked == public - UNMARKED.keys()
    assert UNMARKED.keys() <= public


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_values_that_there_are_have_pages_and_invented_ones_leave_none(demo, cached):
    """Of every public page, with every parameter that it declares."""
    for address in (
        "/?year=2567",
        "/?forum=2565&year=2568",
        "/agencies/?kind=ministry&role=lead&reported=no&page=1",
        "/matrix/?role=all&kind=ministry",
        "/api/v1/status_reports?year=2567&status=completed",
        "/reports/2568/?edition=1",
    ):
        for _twice in range(2):  # the first reader of a report has it made, which is a write
            assert cached.get(address).status_code == 200
        with CaptureQueriesContext(connection) as queries:
            cached.get(address)
        assert len(queries) == 0, address
    invented = {"year": "2599", "forum": "2599", "page": "0999999"}
    for name, args, query in PUBLIC:
        address = reverse(name, args=args)
        mark = getattr(resolve(address).func, "public_page", None)
        if query or mark is None or not mark.params:
            continue
        kept = {*PAGES._pages}
        for param in ("agency", "x") if WHOLE_QUERY in mark.params else mark.params:
            cached.get(address, {param: invented.get(param, "INVENTED")})
        assert {*PAGES._pages} == kept, address


def test_a_stranger_is_nobody_without_a_look_at_the_session(forum, visitor):
    """A page for whose making the session was read is never kept."""
    for name, args, query in UNPUBLISHED:
        response = visitor.get(reverse(name, args=args) + query)
        assert not response.wsgi_request.session.accessed, name
        assert isinstance(response.context["user"], AnonymousUser)
        assert "Vary" not in response.headers


# What changes it ---------------------------------------------------------------------------------


def test_all_triggers_are_there(db):
    assert set(public_revision.triggers.present()) == public_revision.triggers.wanted()
    public_revision.triggers.uninstall()
    assert not public_revision.triggers.present()
    before = stamp_now()
    public_revision.install()
    assert set(public_revision.triggers.present()) == public_revision.triggers.wanted()
    assert stamp_now() != before, "what was written without them is not to be served"


@pytest.mark.django_db(transaction=True)
def test_each_public_table_changes_the_stamp_when_it_is_written(stamp):
    """By raw SQL on this connection: the rows do not matter, so the statements touch none or one."""
    assert stamp() == stamp_now()
    for table, columns in public_revision.tables().items():
        writes = (
            writes_on_postgresql(table, columns)
            if connection.vendor == "postgresql"
            else writes_on_sqlite(table)
        )
        assert len(writes) >= 2, table
        for sql in writes:
            before = stamp()
            with transaction.atomic(), unguarded(), connection.cursor() as cursor:
                cursor.execute(sql)
            assert stamp() not in {before, None}, sql
    assert not PublicTouch.objects.exists()


def writes_on_postgresql(table, columns):
    """Statements of which each fires a trigger, though no row fits."""
    with connection.cursor() as cursor:
        first = connection.introspection.get_table_description(cursor, table)[0].name
    column = columns[0] if columns else first
    sql = {
        "INSERT": f'INSERT INTO "{table}" SELECT * FROM "{table}" WHERE false',  # noqa: S608
        "UPDATE": f'UPDATE "{table}" SET "{column}" = "{column}" WHERE false',  # noqa: S608
        "DELETE": f'DELETE FROM "{table}" WHERE false',  # noqa: S608
        "TRUNCATE": f'TRUNCATE "{table}" CASCADE',
    }
    return [sql[event] for event in public_revision.events(table, tuple(sql))]


def writes_on_sqlite(table):
    """What SQLite has instead of statement triggers: the body of each trigger, executed by its event."""
    with connection.cursor() as cursor:
        sql = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"
        cursor.execute(sql, [table])
        bodies = {name: body for name, body in cursor.fetchall() if name.startswith("public_")}
    expected = public_revision.events(table, ("INSERT", "UPDATE", "DELETE"))
    assert {each.split("_")[1].upper() for each in bodies} == set(expected)
    return [re.search(r"BEGIN (UPDATE[^;]+);", body)[1] for body in bodies.values()]


def rolled_back():
    with transaction.atomic():
        Agency.objects.update(name_en="x")
        transaction.set_rollback(True)


WRITES = {
    "a save": lambda: Agency.objects.get(code="CODI").save(),
    "update()": lambda: Resolution.objects.filter(number=1).update(title_th="ข้อเสนอ"),
    "a bulk write": lambda: Agency.objects.bulk_create(
        [Agency(code="NEW", name_th="ใหม่", kind="cso")]
    ),
    "a deletion": lambda: Agency.objects.filter(code="NEW").delete(),
    "rows of another": lambda: Resolution.objects.first().sdg_targets.all().delete(),
    "a demo user": lambda: User.objects.create_user("somebody"),
}


@pytest.mark.django_db(transaction=True)
def test_writes_by_the_orm_change_the_stamp_and_those_of_staff_do_not(open_round, people, stamp):
    seen = {stamp()}
    for name, write in WRITES.items():
        write()
        assert stamp() not in seen, name
        seen.add(stamp())
    now = stamp()
    StatusReport.objects.update(results="กำลังทำ")
    User.objects.filter(username="staff").update(last_login="2026-11-20T03:00:00Z")
    assert stamp() == now
    rolled_back()
    assert stamp() == now, "what was rolled back has changed nothing"
    with transaction.atomic():
        rolled_back()
        Agency.objects.update(name_en="y")
        assert stamp() == now, "not before the commit"
    assert stamp() != now, "the savepoint took the note of the first write along"
    name = "public_update_followup_agency"
    drop = f'DROP TRIGGER "{name}"' + (
        ' ON "followup_agency"' if connection.vendor == "postgresql" else ""
    )
    now = stamp()
    try:
        with connection.cursor() as cursor:
            cursor.execute(drop)
        Agency.objects.update(name_en="z")
        assert stamp() == now, "the control: without its trigger a table changes nothing"
        PublicRevision.objects.all().delete()
        assert stamp() is None
        Resolution.objects.filter(number=1).update(title_th="อีก")
        assert stamp() not in {now, None}, "a missing row comes back"
    finally:
        public_revision.install()


@pytest.mark.django_db(transaction=True)
def test_rows_that_wait_for_their_edition_change_nothing_and_their_edition_does(db, stamp):
    edition = PublishedEdition.objects.create(digest="0" * 64, content="{}", expected=1, received=0)
    row = PublishedMeasure(edition=edition, measure_id=1, content="{}")
    now = stamp()
    PublishedMeasure.objects.bulk_create([row])
    assert stamp() == now, "nobody reads it yet"
    writes = (
        lambda: PublishedMeasure.objects.update(content="[]"),
        lambda: PublishedEdition.objects.update(ready_at=timezone.now()),
        lambda: PublishedMeasure.objects.all()._raw_delete(using="default"),
    )
    for write in writes:
        write()
        assert stamp() not in {now, None}
        now = stamp()


@pytest.mark.django_db(transaction=True)
def test_another_program_changes_the_stamp(forum, stamp):
    before = stamp()
    write = "UPDATE followup_agency SET name_en = 'Other' WHERE code = 'CODI'"
    if connection.vendor == "sqlite":
        connection.close()
        with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other, other:
            other.execute(write)
    else:
        parameters = connection.get_connection_params()
        with psycopg.connect(**parameters) as other:
            other.execute(write)
    assert stamp() not in {before, None}


@pytest.mark.django_db(transaction=True)
def test_writers_who_meet_at_the_stamp_do_not_deadlock(open_round, stamp):
    """One writes an agency and then wants the round, which the other has locked."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    has_round, has_agency, failed = threading.Event(), threading.Event(), []

    def publisher():
        try:
            with transaction.atomic():
                Round.objects.select_for_update().get(pk=open_round.pk)
                has_round.set()
                assert has_agency.wait(10)
                Resolution.objects.filter(number=1).update(title_th="ใหม่")
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    def editor():
        try:
            assert has_round.wait(10)
            with transaction.atomic():
                Agency.objects.filter(code="CODI").update(name_en="x")
                has_agency.set()
                Round.objects.select_for_update().get(pk=open_round.pk)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    before = stamp()
    threads = [threading.Thread(target=publisher), threading.Thread(target=editor)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    assert failed == []
    assert stamp() != before


@pytest.mark.django_db(transaction=True)
def test_an_ignored_or_replaced_row_changes_the_stamp_on_sqlite(forum, stamp):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has neither")
    for rule in ("IGNORE", "REPLACE"):
        before = stamp()
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT OR {rule} INTO followup_agencyalias (agency_id, name, match_key) "  # noqa: S608
                f"SELECT agency_id, name || '{rule}', match_key FROM followup_agencyalias LIMIT 1"
            )
        assert stamp() not in {before, None}, rule


# How it is read ----------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_connections_stay_open_and_are_made_again_when_they_have_died(stamp):
    assert stamp() == stamp_now()
    first = stamp._free[0]
    assert stamp() == stamp_now()
    assert stamp._free == [first]
    first.close()
    assert stamp() == stamp_now()
    assert stamp._free != [first]
    kept = stamp._free[0]
    stamp._forked()
    assert stamp() == stamp_now()
    assert kept not in stamp._free, "a child process leaves its parent's connection alone"
    kept.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.faults
def test_a_database_that_does_not_answer_gives_no_stamp_and_is_not_asked_for_a_while(monkeypatch):
    broken = SideRead("SELECT stamp FROM no_such_table")
    assert broken() is None
    opened = []
    monkeypatch.setattr(broken, "_open", lambda: opened.append(True))
    assert broken() is None
    assert opened == []
    monkeypatch.undo()
    broken._sql = public_revision.stamp._sql
    broken.forget()
    assert broken() == stamp_now()
    broken.close()


# As a whole --------------------------------------------------------------------------------------


@pytest.fixture
def cached(settings):
    settings.PAGE_CACHE_BYTES = 10_000_000
    public_revision.stamp.forget()
    PAGES.clear()
    yield PortalClient()
    PAGES.clear()
    public_revision.stamp.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.security
def test_a_stranger_reads_the_page_of_now_and_never_a_signed_in_readers(
    demo, people, cached, sign_in
):
    for path in ("/", "/agencies/CODI/", "/api/v1/agencies", "/feed.atom"):
        with CaptureQueriesContext(connection) as queries:
            first = cached.get(path)
        assert len(queries) > 0
        with CaptureQueriesContext(connection) as queries:
            again = cached.get(path)
        assert len(queries) == 0, "kept"
        assert first.content == again.content
        assert "public" in again["Cache-Control"]
    Agency.objects.filter(code="CODI").update(name_th="สถาบันที่เพิ่งเปลี่ยนชื่อ")
    assert "สถาบันที่เพิ่งเปลี่ยนชื่อ" in cached.get("/agencies/CODI/").content.decode()
    staff = sign_in(people["staff"])
    desk = f'href="{reverse("staff-queue")}"'
    # The same server for both: the client's handler has the cache.
    cached.cookies = staff.cookies
    theirs = cached.get("/")
    assert desk in theirs.content.decode()
    assert "private" in theirs["Cache-Control"]
    cached.cookies.clear()
    assert desk not in cached.get("/").content.decode()
    edition = Snapshot.objects.order_by("pk").last()
    with unguarded():
        Snapshot.objects.filter(pk=edition.pk).update(number=edition.number)
    with CaptureQueriesContext(connection) as queries:
        cached.get("/")
    assert len(queries) > 0, "an edition was written"


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_both_processes_of_a_real_server_see_what_a_third_one_writes(forum, tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("the copy of the database is SQLite's")
    port = free_port()
    environment = os.environ | {
        "ENV_FILE": os.devnull,
        "PORTAL_ENV": "local",
        "SECRET_KEY": "only-for-tests" * 5,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'portal.sqlite3'}",
        "DJANGO_SETTINGS_MODULE": "forum_portal.settings",
        "PORT": str(port),
        "WEB_WORKERS": "2",
    }
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(tmp_path / "portal.sqlite3")])
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "forum_portal/gunicorn.py", "forum_portal.wsgi"],
        cwd=portal.ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _turn in range(150):
            try:
                ask(port, "/robots.txt")
                break
            except OSError:
                time.sleep(0.2)
        before: set[str] = set()
        for name in ("First", "Second", "Third"):
            with closing(sqlite3.connect(tmp_path / "portal.sqlite3")) as other, other:
                other.execute("UPDATE followup_agency SET name_th = ? WHERE code = 'CODI'", [name])
            seen = [ask(port, "/api/v1/agencies") for _turn in range(12)]  # either process answers
            tags = {re.search('ETag: "(.*)"', each)[1] for each in seen}
            assert len(tags) == 1
            assert tags.isdisjoint(before), name
            before |= tags
    finally:
        server.terminate()
        server.wait(20)
