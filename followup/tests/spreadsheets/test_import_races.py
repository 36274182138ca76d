"""Two imports at once, and an import against somebody who saves."""

import pytest
from django.db import connection

from followup import actions
from followup.models import Agency, ImportState, SpreadsheetImport
from followup.spreadsheets import apply as writing
from followup.spreadsheets import report_rows
from followup.spreadsheets import undo as taking_back
from followup.tests.spreadsheets.imports import RESULTS, expected, new_write, picture, write_for
from followup.tests.test_races import at_once, losers, meet, winners  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_imports_give_their_new_agencies_codes_of_their_own(
    record,
    people,
    open_round,
    meet,  # noqa: F811
):
    """In two rounds, so that no lock keeps them apart."""
    by = people["administrator"]
    later = actions.create_round(by=people["staff"], year=2570)
    actions.open_round(round_=later, by=people["staff"])
    other = SpreadsheetImport.objects.create(
        round=later, created_by=by, file_name="ข", state=ImportState.CHECKED
    )
    writes = {
        each: [
            new_write(open_round, code, row=row, name=f"มูลนิธิของ {each.pk} {code}")
            for row, code in ((2, "3.1"), (3, "3.2"))
        ]
        for each in (record, other)
    }
    meet(Agency, "save")
    outcomes = at_once(
        *(
            lambda each=each: writing.apply(record=each, writes=writes[each], learnt={}, by=by)
            for each in (record, other)
        )
    )
    assert outcomes == [2, 2]
    codes = Agency.objects.filter(code__startswith="NEW_").values_list("code", flat=True)
    assert sorted(codes) == ["NEW_1", "NEW_2", "NEW_3", "NEW_4"]


def test_of_an_import_and_somebody_who_saves_neither_is_lost(record, people, open_round, meet):  # noqa: F811
    """Whoever is first: the import sets aside what was saved, or the other is told."""
    by, report = people["administrator"], expected(open_round, "3.1", "SWF")
    writes = [
        write_for(report, **RESULTS),
        write_for(expected(open_round, "3.2", "DOPA"), row=3, **RESULTS),
    ]
    if connection.vendor != "sqlite":
        meet(actions.reports, "_claim_version")
    applied, saved = at_once(
        lambda: writing.apply(record=record, writes=writes, learnt={}, by=by),
        lambda: actions.save_draft(
            report=report, by=people["staff"], version=0, fields={"results": "พิมพ์เอง"}, evidence=[]
        ),
    )
    stored = expected(open_round, "3.1", "SWF")
    assert stored.version == 1
    record.refresh_from_db()
    if isinstance(saved, actions.Conflict):
        assert (applied, stored.results, record.set_aside) == (2, RESULTS["results"], [])
    else:
        assert (applied, stored.results) == (1, "พิมพ์เอง")
        assert [each["code"] for each in record.set_aside] == ["2565-3.1"]


def test_two_who_take_an_import_back_do_it_once(record, people, open_round, meet):  # noqa: F811
    by = people["administrator"]
    before = picture()
    writes = [
        write_for(expected(open_round, "3.1", "SWF"), **RESULTS),
        new_write(open_round, "3.2"),
    ]
    writing.apply(record=record, writes=writes, learnt={}, by=by)
    meet(report_rows, "batches")
    outcomes = at_once(
        *(
            lambda mine=mine: taking_back.undo(record=mine, by=by)
            for mine in [SpreadsheetImport.objects.get(pk=record.pk) for _turn in range(2)]
        )
    )
    assert winners(outcomes) == [2]
    (lost,) = losers(outcomes)
    assert isinstance(lost, actions.Refused)
    assert picture() == before
    assert expected(open_round, "3.1", "SWF").version == 2
