"""The record only grows: the database itself refuses anything else, but through its two doors."""

import sqlite3
from contextlib import closing

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, connection, transaction
from django.db.models.deletion import ProtectedError

from followup import actions, append_only
from followup import demo as demo_data
from followup.actions.people import note
from followup.append_only import open_door
from followup.models import (
    Agency,
    DoorPass,
    Narrative,
    OpenDoor,
    RecordEntry,
    Ruling,
    Snapshot,
    StatusReport,
    User,
)
from followup.tests.assessing import accepted, invite
from followup.tests.editions import take_back
from followup.tests.factories import link, make_report
from followup.tests.groups import make_group, offices

pytestmark = pytest.mark.security


@pytest.fixture
def full(on_20_november, open_round, people, send_letter):
    """A row in every guarded table."""
    agency = Agency.objects.get(code="MSDHS")
    issued = actions.issue_link(round_=open_round, agency=agency, by=people["staff"])
    actions.note_opened(link=issued)
    report = make_report(open_round, by=people["staff"], reviewer=people["reviewer"])
    report.provinces.set(["10"])
    report.save()
    make_report(open_round, "1.1", by=people["staff"], state="draft", evidence=[link()])
    send_letter(agency, 0)
    Ruling.objects.create(
        round=open_round, measure=report.measure, status="on_hold", meeting_ref="1/2569"
    )
    Narrative.objects.create(
        round=open_round, slot="preface", text="คำนำ", accepted_at=report.submitted_at
    )
    make_group(people["administrator"], offices(1))
    heard = accepted(invite(open_round, people["staff"]), "2565-1.2", people["reviewer"])
    actions.answer_assessment(assessment=heard, by=people["reviewer"], seen="", text="รับทราบ")
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    take_back(open_round, people["reviewer"])
    note(people["administrator"], Agency.objects.filter(pk=agency.pk), "x")
    RecordEntry.objects.create(act="added", by=people["staff"], model="followup.agency", key="1")
    return open_round


def test_every_table_of_the_history_is_guarded_and_has_its_triggers(db):
    tables = {model._meta.db_table for model in append_only.guarded()}
    assert {
        table for table in connection.introspection.table_names() if "_historical" in table
    } <= (tables), "a new model with a history cannot be forgotten"
    assert {"followup_snapshot", "followup_renderedreport", "django_admin_log"} < tables
    assert set(append_only.triggers()) == append_only.wanted()
    assert len(append_only.wanted()) >= 2 * len(tables)


def test_triggers_that_a_migration_dropped_are_there_again_after_migrate(db):
    append_only.uninstall()
    assert not append_only.triggers()
    append_only.install()
    append_only.install()
    assert set(append_only.triggers()) == append_only.wanted()


def test_raw_sql_neither_changes_nor_deletes_any_row(full):
    for model in append_only.guarded():
        table, key = model._meta.db_table, model._meta.pk.column
        assert model._base_manager.exists(), f"{table} has a row to try it on"
        for sql in (f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"):  # noqa: S608
            with (
                pytest.raises(IntegrityError, match="neither changed nor deleted"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(sql)
    assert not DoorPass.objects.exists()


def test_truncate_is_refused_on_postgresql(full):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    connection.check_constraints()
    for model in append_only.guarded():
        with (
            pytest.raises(IntegrityError, match="neither changed nor deleted"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE")


def test_a_row_is_not_replaced_on_sqlite(full):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no REPLACE")
    edition = Snapshot.objects.get()
    columns = [field.column for field in Snapshot._meta.concrete_fields]
    values = ", ".join({"id": "%s", "content": "'forged'"}.get(each, each) for each in columns)
    sql = (
        f"INSERT OR REPLACE INTO followup_snapshot ({', '.join(columns)}) "  # noqa: S608
        f"SELECT {values} FROM followup_snapshot"
    )
    for key in (edition.pk, edition.pk + 1000):  # the same key; the same round and number
        with (
            pytest.raises(IntegrityError, match="UNIQUE constraint failed: followup_snapshot"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql, [key])
    assert Snapshot.objects.get().content == edition.content


@pytest.mark.django_db(transaction=True)
def test_another_program_is_refused_as_well(forum):
    if connection.vendor != "sqlite":
        pytest.skip("the test before this one speaks raw SQL to PostgreSQL")
    connection.close()
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        assert other.execute("SELECT count(*) FROM followup_historicalassignment").fetchone()[0]
        for sql in (
            "DELETE FROM followup_historicalassignment",
            "UPDATE followup_historicalassignment SET role = 'lead'",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="neither changed nor deleted"):
                other.execute(sql)


# Doors ----------------------------------------------------------------------------------------


def test_a_door_lets_rows_pass_and_says_which(open_round, people):
    rows = StatusReport.history.filter(id=StatusReport.objects.first().pk)
    with transaction.atomic():
        with open_door(
            RecordEntry.Act.ERASED, by=people["administrator"], subject="followup.user:7"
        ):
            rows.update(results="")
            rows.update(obstacles="")
            rows.delete()
        with pytest.raises(IntegrityError), transaction.atomic():
            StatusReport.history.all().delete()
    entry = RecordEntry.objects.get()
    assert (entry.act, entry.by, entry.model, entry.key) == (
        "erased",
        people["administrator"],
        "followup.user",
        "7",
    )
    assert entry.about == {"rows": {"followup_historicalstatusreport delete": 1}}
    assert not OpenDoor.objects.exists()
    assert not DoorPass.objects.exists()


def test_an_error_closes_the_door_and_brings_the_rows_back(open_round):
    before = StatusReport.history.count()

    def fail():
        with transaction.atomic(), open_door(RecordEntry.Act.ERASED):
            StatusReport.history.all().delete()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert StatusReport.history.count() == before
    assert not OpenDoor.objects.exists()
    assert not RecordEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_door_opens_inside_a_transaction_only():
    with (
        pytest.raises(transaction.TransactionManagementError),
        open_door(RecordEntry.Act.ERASED),
    ):
        pass
    assert not OpenDoor.objects.exists()


def test_the_demo_goes_through_its_door(demo):
    assert Snapshot.objects.exists()
    demo_data.remove()
    assert not Snapshot.objects.exists()
    entry = RecordEntry.objects.get()
    assert entry.act == "demo_removed"
    assert entry.about["rows"]["followup_snapshot delete"] == 3
    assert entry.about["rows"]["followup_historicalround delete"] >= 4


def test_a_deleted_account_leaves_the_record_and_takes_its_name(open_round, people):
    colleague = people["colleague"]
    key = colleague.pk
    make_report(open_round, by=colleague, state="draft")
    note(colleague, Agency.objects.filter(code="CODI"), "ผู้ดูแล: ใคร")
    written = StatusReport.history.filter(history_user=colleague)
    rows = [row.history_id for row in written]
    assert rows
    colleague.delete()
    assert not User.objects.filter(pk=key).exists()
    assert set(
        StatusReport.history.filter(history_id__in=rows).values_list("history_user", flat=True)
    ) == {None}
    kept, door = RecordEntry.objects.order_by("pk")
    assert (kept.by_id, kept.act, kept.model) == (key, "changed", "followup.agency")
    assert (door.act, door.model, door.key) == ("erased", "followup.user", str(key))
    assert door.about["rows"]["followup_historicalstatusreport update"] == len(rows)
    assert not LogEntry.objects.exists()
    assert not OpenDoor.objects.exists()


def test_an_administrator_who_deletes_an_account_is_named(people, sign_in):
    desk = sign_in(people["administrator"])
    key = people["colleague"].pk
    response = desk.post(f"/admin/followup/user/{key}/delete/", {"post": "yes"})
    assert response.status_code == 302
    entry = RecordEntry.objects.get(act="erased")
    assert (entry.by, entry.key) == (people["administrator"], str(key))


def test_an_agency_whose_link_was_used_stays(open_round, people):
    agency = Agency.objects.get(code="MSDHS")
    actions.issue_link(round_=open_round, agency=agency, by=people["staff"])
    with pytest.raises(ProtectedError):
        agency.delete()
