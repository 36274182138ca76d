"""Codes of several forums: which one a row means, and when it is asked."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from followup.spreadsheets.lookup import look_up
from followup.spreadsheets.types import SKIP_ROW
from followup.tests.factories import find_report
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.two_forums import CASES, asked, found, landed, notice, row, said
from followup.tests.spreadsheets.wizard import (
    confirm,
    questions_in,
    sentences,
    walk_to_check,
)


def test_with_one_forum_nothing_is_said_of_forums(client, people, open_round):
    client.force_login(people["administrator"])
    record = walk_to_check(client, (CASES / "two_forums_bare_codes.xlsx").read_bytes())
    assert (record.counts["ready"], record.counts["questions"]) == (3, 0)
    assert sentences(record) == set()
    result = confirm(client, record).content.decode()
    assert "<b>3.1</b>" in result
    assert "2565-3.1" not in result


def test_a_code_is_asked_once_for_all_its_rows_and_not_for_those_that_it_fits_once(both):
    rows = [row("3.1", "สงป."), row("๓.๑", "สงป.", says="ก"), row("3.1", "กสจ."), row(3.1, "สงป.")]
    check = found(both, *rows)
    assert asked(check) == {"R11:3.1": ([2, 3, 5], ["2565-3.1", "2566-3.1", SKIP_ROW])}
    assert landed(check) == [(4, "2565-3.1", "SWF")]
    assert (4, notice("3.1", "2565-3.1")) in said(check)
    check = found(both, *rows[:1], rows[2], answers={"R11:3.1": "2566-3.1"})
    assert landed(check) == [(2, "2566-3.1", "BOB"), (3, "2565-3.1", "SWF")]


def test_a_code_that_one_forum_has_needs_no_word(both):
    check = found(both, row("2.7", "มท."), row("5.2", "คสป."), row("6.4", "กสป."))
    assert landed(check) == [
        (2, "2565-2.7", "MOI"),
        (3, "2566-5.2", "CSPC"),
        (4, "2565-6.4", "DSDW_CSO"),
    ]
    assert said(check) == [(3, notice("5.2", "2566-5.2"))]


def test_the_question_shows_every_agency_that_is_in_doubt(both):
    third = find_report(both, "2565-3.1", "SWF").assignment
    measure = find_report(both, "2566-3.1").measure
    measure.assignments.create(
        agency=third.agency, role="support", basis="proposed", valid_from=2566
    )
    check = found(both, row("3.1", "สงป."), row("3.1", "กสจ."))
    [question] = questions_in(check)
    assert question["rows"] == [2, 3]
    labels = [option["label"] for option in question["options"]]
    assert labels[0].endswith("(หน่วยงานสนับสนุน สงป.; หน่วยงานหลัก กสจ.)")
    assert labels[1].endswith("(หน่วยงานหลัก สงป.; หน่วยงานสนับสนุน กสจ.)")
    check = found(both, row("3.1", "สงป."), row("3.1", "กสจ."), answers={"R11:3.1": "2566-3.1"})
    assert landed(check) == [(2, "2566-3.1", "BOB"), (3, "2566-3.1", "SWF")]


def test_an_answer_that_does_not_fit_a_rows_agency_is_no_guess(both):
    rows = [row("3.1", "สงป.")]
    check = found(both, *rows, answers={"R11:3.1": "2567-3.1"})
    assert landed(check) == []
    assert check.wrong == 1
    assert (
        2,
        told("R15", v="3.1", answer="2567-3.1", agency="สงป.", list="2565-3.1 หรือ 2566-3.1"),
    ) in said(check)


def test_an_agency_of_neither_forum_is_refused_by_full_codes(both):
    check = found(both, row("3.1", "กต."))
    assert said(check) == [
        (
            2,
            told("R07", agency="กต.", v="2565-3.1 หรือ 2566-3.1", year="2569"),
        )
    ]
    assert check.wrong == 1


def test_agencies_of_one_row_need_a_forum_in_common(both):
    check = found(both, row("3.1", "สงป., กสจ."), row("1.1", "พม., มท."))
    assert landed(check) == [(2, "2565-3.1", "BOB"), (2, "2565-3.1", "SWF")]
    assert (
        3,
        told("R16", v="1.1", list="พม. 2565-1.1, มท. 2566-1.1"),
    ) in said(check)


def test_a_new_agency_may_be_meant_for_any_forum(both):
    check = found(both, row("3.1", "กองลับ"), answers={"A01:กองลับ": "new"})
    assert asked(check)["R11:3.1"] == ([2], ["2565-3.1", "2566-3.1", SKIP_ROW])
    answers = {"A01:กองลับ": "new", "R11:3.1": "2566-3.1"}
    [write] = found(both, row("3.1", "กองลับ"), answers=answers).writes
    assert (write.new_agency, write.measure) == ("กองลับ", find_report(both, "2566-3.1").measure.pk)


def test_what_no_forum_has_is_said_with_what_each_has(both):
    check = found(
        both, row("3.7", "สงป."), row("9.1", "สงป."), row("7.9", "สงป."), row("ก", "สงป.")
    )
    assert said(check) == [
        (
            2,
            told("R02", v="3.7", i="3", list="3.1–3.6 (เวที 2565), 3.1–3.3 (เวที 2566)"),
        ),
        (3, told("R01", v="9", list="1–8 (เวที 2565), 1–5 (เวที 2566)")),
        (4, told("R02", v="7.9", i="7", list="7.1–7.3 (เวที 2565)")),
        (5, told("R01", v="ก", list="1–8 (เวที 2565), 1–5 (เวที 2566)")),
    ]


def test_the_number_of_queries_is_that_of_one_forum(both):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        look_up(both)
    assert len(captured) == 10
