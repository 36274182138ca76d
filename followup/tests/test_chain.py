"""The chain: whole after every kind of write, and each break is named."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from followup import actions, append_only, chain
from followup import demo as demo_data
from followup.append_only import open_door
from followup.models import (
    Assignment,
    ChainEntry,
    RecordEntry,
    Round,
    Ruling,
    Snapshot,
    StatusReport,
)
from followup.tests.factories import find_report, link, make_report
from followup.tests.focal_points import fields
from followup.tests.test_races import at_once

pytestmark = pytest.mark.security


@pytest.fixture
def year(open_round, people, codi):
    """A chain over a year's work: a report with evidence and provinces, a contact, an edition."""
    chain.begin("test")
    report = make_report(open_round, by=people["staff"], reviewer=people["reviewer"])
    report.provinces.set(["10", "50"])  # loose rows, outside any verb
    report.save()
    make_report(open_round, "1.1", by=people["staff"], state="draft", evidence=[link()])
    actions.save_focal_point(by=people["staff"], agency=codi, fields=fields())
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    return open_round


def raw(sql, *values):
    """What somebody does who may do everything in the database: the triggers are no obstacle."""
    connection.check_constraints()  # PostgreSQL drops no trigger while checks wait
    append_only.uninstall()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def broken():
    """The sentence with which the command ends; its exit code is 1."""
    with pytest.raises(CommandError) as error:
        call_command("verify_record", stdout=StringIO())
    assert error.value.returncode == 1
    return str(error.value)


def entry_of(model, pk):
    """The number of the last entry that covers a row."""
    name = f'["{model._meta.db_table}","{pk}","'
    return ChainEntry.objects.filter(content__contains=name).latest("number").number


def test_whole_after_a_years_work_and_it_says_so(year):
    said = StringIO()
    call_command("verify_record", stdout=said)
    whole = chain.verify()
    last = ChainEntry.objects.latest("number")
    assert said.getvalue() == (
        f"บันทึกครบถ้วน: โซ่ {last.number} ลำดับ (เริ่ม {whole.begun} ครั้ง) {whole.rows} แถว "
        f"ลบผ่านประตู 0 แถว\nแฮชล่าสุด {last.hash}\n"
    )
    assert whole.rows == sum(model._base_manager.count() for model in chain.chained())


def test_an_edition_is_in_the_entry_of_its_batch(year):
    entry = ChainEntry.objects.get(number=entry_of(Snapshot, Snapshot.objects.get().pk))
    batch = Round.history.filter(state="published").latest("history_id").batch
    assert (entry.kind, entry.key) == ("batch", str(batch))


def test_a_changed_row_is_named(year):
    row = StatusReport.history.filter(history_change_reason="submit").earliest("history_id")
    number = entry_of(type(row), row.pk)
    raw("UPDATE followup_historicalstatusreport SET results = 'x' WHERE history_id = %s", row.pk)
    assert broken() == (
        f"บันทึกไม่ครบถ้วน โซ่ลำดับที่ {number}: แถว followup_historicalstatusreport {row.pk} ถูกแก้ไข"
    )


def test_a_changed_writer_is_named(year, people):
    row = StatusReport.history.filter(history_change_reason="approve").latest("history_id")
    raw(
        "UPDATE followup_historicalstatusreport SET history_user_id = %s WHERE history_id = %s",
        people["administrator"].pk,
        row.pk,
    )
    assert f"followup_historicalstatusreport {row.pk} ถูกแก้ไข" in broken()


def test_a_deleted_row_is_named(year):
    row = Round.history.filter(state="closed").earliest("history_id")
    number = entry_of(type(row), row.pk)
    raw("DELETE FROM followup_historicalround WHERE history_id = %s", row.pk)
    assert broken() == (
        f"บันทึกไม่ครบถ้วน โซ่ลำดับที่ {number}: แถว followup_historicalround {row.pk} หายไป"
    )


def test_an_inserted_row_is_named(year):
    row = Round.history.latest("history_id")
    row.pk = row.pk + 1000
    row.history_date = row.history_date.replace(year=2020)
    row.save(force_insert=True)  # no signal, no entry
    assert broken() == f"บันทึกไม่ครบถ้วน แถว followup_historicalround {row.pk} ไม่อยู่ในโซ่"


def test_a_changed_edition_is_named(year):
    edition = Snapshot.objects.get()
    raw("UPDATE followup_snapshot SET content = '{}' WHERE id = %s", edition.pk)
    assert f"แถว followup_snapshot {edition.pk} ถูกแก้ไข" in broken()


def test_a_changed_entry_of_the_record_is_named(year):
    entry = RecordEntry.objects.get(act="added")
    raw("UPDATE followup_recordentry SET key = '0' WHERE id = %s", entry.pk)
    assert f"แถว followup_recordentry {entry.pk} ถูกแก้ไข" in broken()


def test_the_first_of_two_breaks_is_named(year):
    rows = StatusReport.history.filter(history_change_reason__in=["draft", "approve"])
    first, *_others = rows.order_by("history_id")
    raw(
        "UPDATE followup_historicalstatusreport SET results = 'x' "
        "WHERE history_change_reason IN ('draft', 'approve')"
    )
    assert f"แถว followup_historicalstatusreport {first.pk} ถูกแก้ไข" in broken()


def test_reordered_entries_are_named(year):
    last = ChainEntry.objects.latest("number").number
    for before, after in ((last - 1, 9000), (last, last - 1), (9000, last)):
        raw("UPDATE followup_chainentry SET number = %s WHERE number = %s", after, before)
    assert broken() == f"บันทึกไม่ครบถ้วน โซ่ลำดับที่ {last - 1} ไม่ต่อจากลำดับที่ {last - 2}"


def test_a_missing_entry_is_named(year):
    last = ChainEntry.objects.latest("number").number
    raw("DELETE FROM followup_chainentry WHERE number = %s", last - 2)
    assert broken() == f"บันทึกไม่ครบถ้วน โซ่ขาดลำดับที่ {last - 2}"


def test_a_rewritten_entry_is_named(year):
    last = ChainEntry.objects.latest("number").number
    raw("UPDATE followup_chainentry SET content = '{}' WHERE number = %s", last)
    assert broken() == f"บันทึกไม่ครบถ้วน โซ่ลำดับที่ {last} ถูกแก้ไข"


def test_a_chain_that_was_cut_and_begun_anew_lacks_the_hash_that_was_kept(year):
    head = chain.verify().head
    assert chain.verify(head).head == head
    raw("DELETE FROM followup_chainentry")
    with pytest.raises(chain.Broken, match="โซ่ยังไม่มีลำดับใดเลย"):
        chain.verify()
    chain.begin_if_empty()
    chain.verify()
    with pytest.raises(CommandError, match="โซ่ไม่มีค่าแฮชที่เคยมี"):
        call_command("verify_record", head=head, stdout=StringIO())


def test_the_chain_is_whole_after_a_door_which_says_what_passed(year, people):
    before = chain.verify()
    report = find_report(year, "1.1")
    rows = StatusReport.history.filter(id=report.pk)
    gone = rows.latest("history_id").pk
    with transaction.atomic(), open_door(RecordEntry.Act.ERASED, by=people["administrator"]):
        type(rows[0]).objects.filter(pk=gone).delete()
        rows.update(results="")
    whole = chain.verify()
    assert whole.erased == 1
    assert whole.entries == before.entries + 1
    entry = ChainEntry.objects.latest("number")
    assert entry.kind == "door"
    assert f'["followup_historicalstatusreport","{gone}",""]' in entry.content
    raw("UPDATE followup_historicalstatusreport SET results = 'y' WHERE id = %s", report.pk)
    assert f"โซ่ลำดับที่ {entry.number}: " in broken(), "the door is no excuse for later changes"


def test_the_chain_is_whole_after_the_demo_came_and_went(forum):
    chain.begin("test")
    demo_data.load()
    assert chain.verify().rows > 1000
    demo_data.remove()
    assert chain.verify().erased > 1000


def test_the_chain_is_whole_after_an_account_is_deleted(year, people):
    report = find_report(year, "1.1")
    people["staff"].delete()
    assert set(
        StatusReport.history.filter(id=report.pk).values_list("history_user", flat=True)
    ) == {None}
    chain.verify()


def test_the_chain_is_whole_after_the_admin_wrote(open_round, people, sign_in):
    chain.begin("test")
    desk = sign_in(people["administrator"])
    assignment = Assignment.objects.filter(reports__version=0)[0]
    form = {
        "measure": assignment.measure_id,
        "agency": assignment.agency_id,
        "role": assignment.role,
        "basis": "confirmed",
        "valid_from": assignment.valid_from,
        "valid_to": "",
    }
    address = f"/admin/followup/assignment/{assignment.pk}/change/"
    page = desk.page(address)
    desk.post(address, form | {"seen": page.one("input[name=seen]")["value"]})
    assert Assignment.objects.get(pk=assignment.pk).basis == "confirmed"
    Ruling.objects.create(
        round=open_round, measure=assignment.measure, status="on_hold", meeting_ref="1/2569"
    )
    whole = chain.verify()
    assert whole.entries > ChainEntry.objects.filter(kind="begin").latest("number").number + 1


def test_a_verb_that_writes_nothing_asks_nothing_more(issued):
    actions.note_opened(link=issued)
    entries = ChainEntry.objects.count()
    actions.note_opened(link=issued)
    assert ChainEntry.objects.count() == entries


def test_a_refused_verb_leaves_no_entry(open_round, people):
    entries = ChainEntry.objects.count()
    with pytest.raises(actions.Refused):
        actions.publish_round(round_=open_round, by=people["reviewer"])
    assert ChainEntry.objects.count() == entries


@pytest.mark.django_db(transaction=True)
def test_the_chain_stays_whole_if_two_write_at_once(open_round, people):
    chain.begin("test")
    codes = ["1.1", "1.2", "1.3", "2.1"]
    reports = [find_report(open_round, code) for code in codes]

    def saving(report):
        def call():
            for version in range(5):
                actions.save_draft(
                    report=report,
                    by=people["staff"],
                    version=version,
                    fields={"results": f"ครั้งที่ {version}"},
                    evidence=[],
                )

        return call

    before = ChainEntry.objects.count()
    outcomes = at_once(*(saving(report) for report in reports))
    assert outcomes == [None] * 4
    assert ChainEntry.objects.count() == before + 20
    chain.verify()


def test_rows_that_were_there_before_are_covered_by_the_first_entry(open_round):
    raw("DELETE FROM followup_chainentry")
    chain.begin_if_empty()
    entry = ChainEntry.objects.get()
    assert (entry.number, entry.kind, entry.previous) == (1, "begin", "")
    whole = chain.verify()
    assert whole.rows >= StatusReport.history.count() > 100
    chain.begin_if_empty()
    assert ChainEntry.objects.count() == 1
