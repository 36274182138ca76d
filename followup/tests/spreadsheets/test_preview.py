"""A table against what is stored: what would be written, asked, refused and left as it is."""

from datetime import date
from decimal import Decimal

import pytest

from followup import actions
from followup.models import Agency, Province
from followup.spreadsheets import preview
from followup.spreadsheets.ledger import Fate, Ledger, Reason
from followup.spreadsheets.lookup import EMPTY
from followup.spreadsheets.types import SKIP_ROW
from followup.tests.factories import dump, find_report, link, make_report
from followup.tests.files import piece
from followup.tests.spreadsheets.wizard import HEAD, WHOLE, check_rows, report_of, row

COUNTS = ("total", "ready", "asked", "wrong", "same", "skipped")
ON_HOLD = {"status": "on_hold", "results": "อนุมัติแล้ว", "obstacles": "รอระเบียบ"}


def counts(found):
    """The counts that are not 0."""
    return {name: getattr(found, name) for name in COUNTS if getattr(found, name)}


def codes(found):
    """(row, code) of everything that is said, in the order in which it is found."""
    return [(each.row, each.problem.code) for each in found.troubles]


def written(found):
    [write] = found.writes
    return write


@pytest.fixture
def draft(open_round, people):
    """On 3.1 (กสจ.), on hold, saved once."""
    return make_report(open_round, "3.1", by=people["staff"], state="draft", **ON_HOLD)


@pytest.fixture
def approved(open_round, people):
    return make_report(
        open_round, "3.1", by=people["staff"], reviewer=people["reviewer"], **ON_HOLD
    )


# New, changed, equal --------------------------------------------------------------------------


def test_a_row_for_a_report_that_nobody_touched_is_new(open_round):
    report = report_of("3.1", "SWF")
    found = check_rows(open_round, row("3.1", "กสจ.", "ชะลอ", "อนุมัติแล้ว", "รอ", 1250))
    write = written(found)
    assert counts(found) == {"total": 1, "ready": 1}
    assert codes(found) == []
    assert (write.row, write.place, write.is_new) == (2, "", True)
    assert (write.report, write.version) == (report.pk, 0)
    assert (write.assignment, write.measure) == (report.assignment_id, report.measure.pk)
    assert (write.agency, write.new_agency) == (report.assignment.agency_id, "")
    assert write.values == EMPTY | {
        "reported_status": "on_hold",
        "results": "อนุมัติแล้ว",
        "obstacles": "รอ",
        "budget_received": "1250.00",
    }
    assert write.changes == {
        "reported_status": ("", "on_hold"),
        "results": ("", "อนุมัติแล้ว"),
        "obstacles": ("", "รอ"),
        "budget_received": (None, "1250.00"),
    }


def test_a_row_that_says_something_else_is_a_change_from_the_version_that_was_read(
    open_round, draft
):
    write = written(check_rows(open_round, row("3.1", "กสจ.", "ชะลอ", "อนุมัติครบ", "รอระเบียบ")))
    assert (write.report, write.version, write.is_new) == (draft.pk, 1, False)
    assert write.changes == {"results": ("อนุมัติแล้ว", "อนุมัติครบ")}
    assert write.values["obstacles"] == "รอระเบียบ"


def test_what_the_table_has_no_column_for_stays_as_it_is(open_round, people):
    make_report(
        open_round,
        "3.1",
        by=people["staff"],
        state="draft",
        **ON_HOLD,
        next_steps="เสนอ คสป.",
        budget_spent=Decimal("5.25"),
        evidence=[link(1)],
    )
    write = written(check_rows(open_round, row(results="ใหม่"), head=HEAD))
    assert list(write.changes) == ["results"]
    assert write.values["next_steps"] == "เสนอ คสป."
    assert write.values["budget_spent"] == "5.25"
    assert write.values["evidence"] == [["หลักฐานที่ 1", "https://example.org/evidence/1"]]


def test_links_of_a_table_come_after_those_that_are_stored(open_round, people):
    make_report(open_round, "3.1", by=people["staff"], state="draft", **ON_HOLD, evidence=[link(1)])
    both = "ซ้ำ | https://example.org/evidence/1\nใหม่ | https://example.org/b"
    write = written(check_rows(open_round, [*row(), both], head=[*HEAD, "หลักฐาน"]))
    assert write.values["evidence"] == [
        ["หลักฐานที่ 1", "https://example.org/evidence/1"],
        ["ใหม่", "https://example.org/b"],
    ]


def test_what_a_line_says_of_a_stored_link_is_taken_and_silence_changes_nothing(open_round, people):
    stored = link(1) | {"kind": "news", "dated_on": date(2024, 9, 30), "issuer": "กรมฯ"}
    make_report(open_round, "3.1", by=people["staff"], state="draft", **ON_HOLD, evidence=[stored])
    head = [*HEAD, "หลักฐาน"]
    silence = "ซ้ำ | https://example.org/evidence/1"
    assert check_rows(open_round, [*row(), silence], head=head).writes == []
    says = "ซ้ำ | https://example.org/evidence/1 | ภาพถ่าย"
    told = written(check_rows(open_round, [*row(), says], head=head))
    assert told.values["evidence"] == [
        ["หลักฐานที่ 1", "https://example.org/evidence/1", ["photo", "", ""]]
    ]


def test_a_link_with_a_copy_is_not_added_a_second_time(open_round, people):
    copied = link(1) | {"file": piece()["file"]}
    make_report(open_round, "3.1", by=people["staff"], state="draft", **ON_HOLD, evidence=[copied])
    both = "ซ้ำ | https://example.org/evidence/1\nใหม่ | https://example.org/b"
    write = written(check_rows(open_round, [*row(), both], head=[*HEAD, "หลักฐาน"]))
    assert write.values["evidence"] == [["ใหม่", "https://example.org/b"]]


@pytest.mark.parametrize(
    ("results", "obstacles"),
    [("อนุมัติแล้ว", "รอระเบียบ"), (" อนุมัติแล้ว ", "รอระเบียบ\n"), ("อนุมัติแล้ว", "รอระเบียบ\u200b")],
)
def test_a_row_that_says_the_same_is_counted_and_not_written(open_round, draft, results, obstacles):
    ledger = Ledger()
    found = check_rows(open_round, row("3.1", "กสจ.", "ชะลอ", results, obstacles), ledger=ledger)
    assert counts(found) == {"total": 1, "same": 1}
    assert found.writes == []
    assert ledger.reasons[Reason.SAME] == 5
    assert ledger.fates[Fate.WRITTEN] == 0


def test_a_check_writes_nothing(open_round, draft):
    before = dump()
    check_rows(open_round, row("3.1", "กสจ.", "ชะลอ", "อื่น"), row("3.2", "ไม่มีจริง"))
    assert dump() == before


# Wrong and asked ------------------------------------------------------------------------------


def test_a_row_of_an_agency_that_is_not_assigned_is_wrong_where_its_code_stands(open_round):
    found = check_rows(open_round, row("3.1", "กต."), row("3.1", "กสจ."))
    assert counts(found) == {"total": 2, "ready": 1, "wrong": 1}
    [trouble] = found.troubles
    assert (trouble.row, trouble.index, trouble.column) == (2, 0, "รหัสมาตรการย่อย")
    assert trouble.problem.code == "R07"
    assert trouble.problem.params == {"agency": "กต.", "v": "3.1", "year": 2569}
    assert [write.row for write in found.writes] == [3]


def test_one_wrong_cell_keeps_the_whole_row_from_being_written(open_round):
    found = check_rows(open_round, row("3.1", "กสจ.", "ชะลอ", "ผล", "รอ", "สิบบาท"))
    assert counts(found) == {"total": 1, "wrong": 1}
    assert codes(found) == [(2, "B01")]
    assert found.writes == []


def test_a_question_is_asked_once_for_all_its_rows_and_writes_nothing_before(open_round):
    rows = [row("1.1", "กสป.", "ไปเรื่อย ๆ"), row("1.2", "พม.", "ไปเรื่อย ๆ")]
    found = check_rows(open_round, *rows)
    assert counts(found) == {"total": 2, "asked": 2}
    assert found.writes == []
    [(key, troubles)] = found.questions.items()
    assert [(each.row, each.problem.code) for each in troubles] == [(2, "S01"), (3, "S01")]
    answered = check_rows(open_round, *rows, answers={key: "in_progress"})
    assert counts(answered) == {"total": 2, "ready": 2}
    assert list(answered.questions) == [key], "so that the answer can be changed"
    assert {write.values["reported_status"] for write in answered.writes} == {"in_progress"}
    skipped = check_rows(open_round, *rows, answers={key: SKIP_ROW})
    assert (counts(skipped), skipped.writes) == ({"total": 2, "skipped": 2}, [])
    unknown = check_rows(open_round, *rows, answers={key: "finished"})
    assert counts(unknown) == {"total": 2, "asked": 2}, "an answer that is none of the options"


def test_a_mistake_beside_a_question_is_the_graver(open_round):
    found = check_rows(open_round, row("3.1", "กสจ.", "ไปเรื่อย ๆ", "ผล", "รอ", "สิบบาท"))
    assert counts(found) == {"total": 1, "wrong": 1}
    assert codes(found) == [(2, "S01"), (2, "B01")]


def test_a_row_that_says_no_report_is_skipped(open_round):
    ledger = Ledger()
    found = check_rows(
        open_round, row("3.1", "กสจ.", "ยังไม่ได้รับรายงาน", None), head=HEAD, ledger=ledger
    )
    assert (counts(found), found.writes) == ({"total": 1, "skipped": 1}, [])
    assert ledger.reasons[Reason.NO_REPORT] == 3


def test_totals_are_skipped_by_name(open_round):
    found = check_rows(open_round, row(), ["รวมทั้งสิ้น", None, None, None, None, 10])
    assert counts(found) == {"total": 2, "ready": 1, "skipped": 1}
    assert codes(found) == [(3, "R05")]


# Several rows for one report ------------------------------------------------------------------


def test_of_several_versions_none_is_written_before_one_is_chosen(open_round):
    rows = [row(results="ก"), row(results="ข"), row(results="ก")]
    found = check_rows(open_round, *rows, head=HEAD)
    assert counts(found) == {"total": 3, "asked": 2, "same": 1}
    assert codes(found) == [(2, "R04"), (3, "R04")], "row 4 says what row 2 says"
    assert found.writes == []
    [(key, troubles)] = found.questions.items()
    assert [each.problem.params for each in troubles] == [{"r2": "3"}, {"r2": "2"}]
    first, second = troubles[0].problem.options
    assert [option.label for option in (first, second)] == [
        "ใช้แถว 2 (ผลการดำเนินงาน: ก)",
        "ใช้แถว 3 (ผลการดำเนินงาน: ข)",
    ]
    chosen = check_rows(open_round, *rows, head=HEAD, answers={key: second.value})
    assert [write.values["results"] for write in chosen.writes] == ["ข"]
    assert counts(chosen) == {"total": 3, "ready": 1, "same": 1, "skipped": 1}
    stale = check_rows(open_round, *rows, head=HEAD, answers={key: "another-table:3"})
    assert (counts(stale), stale.writes) == (counts(found), []), "an answer about other rows"


# Reports that are with the reviewer or beyond ----------------------------------------------------


@pytest.mark.parametrize(("state", "word"), [("submitted", "ส่งตรวจ"), ("approved", "รับรอง")])
def test_a_settled_report_that_differs_is_asked_about_and_kept_until_answered(
    open_round, people, state, word
):
    report = make_report(
        open_round, "3.1", by=people["staff"], reviewer=people["reviewer"], state=state, **ON_HOLD
    )
    told = row("3.1", "กสจ.", "ชะลอ", "อื่น", "รอระเบียบ")
    found = check_rows(open_round, told)
    assert counts(found) == {"total": 1, "asked": 1}
    assert codes(found) == [(2, "U01")]
    assert found.questions == {}, "it has a table of its own"
    assert found.writes == []
    [settled] = found.settled
    assert (settled.report, settled.row, settled.state) == (report.pk, 2, word)
    assert settled.changes == {"results": ("อนุมัติแล้ว", "อื่น")}
    kept = check_rows(open_round, told, answers={settled.key: preview.KEEP})
    assert (counts(kept), kept.writes) == ({"total": 1, "skipped": 1}, [])
    replaced = check_rows(open_round, told, answers={settled.key: preview.DRAFT})
    assert counts(replaced) == {"total": 1, "ready": 1}
    assert written(replaced).version == report.version
    assert [each.key for each in replaced.settled] == [settled.key], "the answer can be changed"


def test_a_withdrawn_report_takes_nothing_from_a_file_until_it_is_back(open_round, people):
    report = make_report(open_round, "3.1", by=people["staff"], state="submitted", **ON_HOLD)
    actions.withdraw_report(
        report=report, by=people["administrator"], version=report.version, reason="โอนภารกิจ"
    )
    told = row("3.1", "กสจ.", "ชะลอ", "อื่น", "รอระเบียบ")
    ledger = Ledger()
    found = check_rows(open_round, told, ledger=ledger)
    assert (counts(found), found.writes, found.settled) == ({"total": 1, "skipped": 1}, [], [])
    assert ledger.reasons[Reason.WITHDRAWN] == 5
    actions.restore_report(report=report, by=people["administrator"], version=report.version)
    assert counts(check_rows(open_round, told)) == {"total": 1, "asked": 1}


def test_a_settled_report_that_says_the_same_is_not_asked_about(open_round, approved):
    found = check_rows(open_round, row("3.1", "กสจ.", "ชะลอ", "อนุมัติแล้ว", "รอระเบียบ"))
    assert (counts(found), found.settled) == ({"total": 1, "same": 1}, [])


def test_a_returned_report_is_a_draft_again_and_written_without_a_question(open_round, people):
    make_report(
        open_round,
        "3.1",
        by=people["staff"],
        reviewer=people["reviewer"],
        state="returned",
        **ON_HOLD,
    )
    found = check_rows(open_round, row("3.1", "กสจ.", "ชะลอ", "อื่น", "รอระเบียบ"))
    assert (counts(found), found.settled) == ({"total": 1, "ready": 1}, [])


# Submitted at once ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "is_complete"),
    [
        (row("3.1", "กสจ.", "ชะลอ", "ผล", "รอ"), True),
        (row("3.1", "กสจ.", "ชะลอ", "ผล", None), False),
        (row("3.1", "กสจ.", "อยู่ระหว่างดำเนินการ", "ผล"), True),
        (row("3.1", "กสจ.", "อยู่ระหว่างดำเนินการ", None), False),
        (row("3.1", "กสจ.", "ดำเนินการแล้วเสร็จ", "ผล"), False),
    ],
)
def test_what_is_submitted_at_once_must_say_what_its_status_demands(open_round, told, is_complete):
    assert counts(check_rows(open_round, told)) == {"total": 1, "ready": 1}, "as a draft"
    found = check_rows(open_round, told, submit=True)
    assert counts(found) == {"total": 1, "ready" if is_complete else "wrong": 1}
    assert codes(found) == ([] if is_complete else [(2, "S05")])


def test_a_stored_file_counts_as_the_evidence_that_a_table_cannot_hold(open_round, people):
    make_report(open_round, "3.1", by=people["staff"], state="draft", **ON_HOLD, evidence=[piece()])
    found = check_rows(open_round, row("3.1", "กสจ.", "ดำเนินการแล้วเสร็จ", "ผล"), submit=True)
    assert counts(found) == {"total": 1, "ready": 1}
    assert written(found).values["evidence"] == []


# New agencies ---------------------------------------------------------------------------------


def test_a_name_answered_with_an_agency_is_learnt_and_with_a_new_one_is_to_be_made(open_round):
    told = row("3.1", "มูลนิธิทดสอบ")
    [key] = check_rows(open_round, told).questions
    codi = Agency.objects.get(code="CODI").pk
    known = check_rows(open_round, told, answers={key: f"agency:{codi}"})
    assert (written(known).agency, known.learnt) == (codi, {"มูลนิธิทดสอบ": codi})
    new = written(check_rows(open_round, told, answers={key: "new"}))
    assert (new.new_agency, new.agency, new.assignment, new.report) == ("มูลนิธิทดสอบ", 0, 0, 0)
    assert (new.is_new, new.measure) == (True, report_of("3.1", "SWF").measure.pk)


# What the page opens with -----------------------------------------------------------------------


def test_the_summary_counts_rows_questions_and_writes(open_round, approved):
    rows = [
        row("3.1", "กสจ.", "ชะลอ", "อื่น", "รอระเบียบ"),  # settled
        row("1.1", "กสป.", "ไปเรื่อย ๆ"),  # asked
        row("1.2", "พม.", "ชะลอ", "ผล", "รอ"),  # new
        row("3.1", "กต."),  # wrong
    ]
    found = check_rows(open_round, *rows)
    none = preview.summary(found, preview.Choices())
    assert none == {
        "total": 4,
        "ready": 1,
        "asked": 2,
        "wrong": 1,
        "same": 0,
        "skipped": 0,
        "questions": 2,
        "open": 2,
        "writes": 1,
        "new": 1,
        "changed": 0,
    }
    [key], [settled] = found.questions, found.settled
    answers = {key: "in_progress", settled.key: preview.DRAFT}
    found = check_rows(open_round, *rows, answers=answers)
    told = preview.summary(found, preview.Choices(answers=answers))
    assert (told["questions"], told["open"]) == (2, 0)
    assert (told["writes"], told["new"], told["changed"]) == (3, 2, 1)


def test_every_row_is_in_one_of_the_counts_and_every_cell_in_one_fate(open_round, approved):
    ledger = Ledger()
    rows = [
        row("3.1", "กสจ.", "ชะลอ", "อื่น", "รอระเบียบ", 10),
        row("1.1", "กสป.", "ไปเรื่อย ๆ", "ผล"),
        row("1.2", "พม.", "ชะลอ", "ผล", "รอ", "สิบบาท"),
        row("2.2", "สถ.", "ชะลอ", "ผล", "รอ"),
        ["รวม", None, None, None, None, 10],
    ]
    found = check_rows(open_round, *rows, ledger=ledger)
    assert found.total == found.ready + found.asked + found.wrong + found.same + found.skipped == 5
    cells = sum(cell is not None for each in [WHOLE, *rows] for cell in each)
    assert ledger.cells == cells
    assert dict(ledger.fates) == {
        Fate.LEFT_OUT: len(WHOLE) + 2,
        Fate.ASKED: 6 + 4,
        Fate.WRONG: 6,
        Fate.WRITTEN: 5,
    }


def test_the_same_rows_are_known_again_in_any_order_and_other_rows_are_not(open_round):
    one, other = row("1.1", "กสป."), row("1.2", "พม.")
    digest = check_rows(open_round, one, other).rows_sha256
    assert check_rows(open_round, other, one).rows_sha256 == digest
    assert check_rows(open_round, one).rows_sha256 != digest
    assert check_rows(open_round, one, row("1.2", "พม.", "ชะลอ", "x")).rows_sha256 != digest


# Values in words ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("reported_status", "", ""),
        ("reported_status", "on_hold", "ชะลอ / ติดปัญหา"),
        ("budget_received", None, ""),
        ("budget_received", "0.00", "0"),
        ("budget_spent", "1250000.50", "1,250,000.50"),
        ("no_change", True, "ใช่"),
        ("no_change", False, ""),
        ("provinces", ["10", "99"], "กรุงเทพมหานคร, 99"),
        (
            "evidence",
            [["ก", "https://a.b"], ["ข", "https://c.d"]],
            "ก | https://a.b\nข | https://c.d",
        ),
        ("results", "สองบรรทัด\nครบ", "สองบรรทัด\nครบ"),
        ("response", "not_competent", "ไม่อยู่ในอำนาจ"),
        ("response", "", ""),
        ("target_on", "2027-09-30", "30 กันยายน 2570"),
        ("target_on", None, ""),
        ("indicator_value", "-3.5", "−3.5"),
        ("project_codes", "eMENSCR: 1 | https://a.b", "eMENSCR: 1 | https://a.b"),
    ],
)
def test_values_as_the_list_of_differences_shows_them(name, value, told):
    assert preview.shown(name, value, {"10": "กรุงเทพมหานคร"}) == told


def test_every_value_of_a_report_has_a_label():
    assert set(preview.TAKEN) == set(EMPTY)


def test_provinces_are_compared_by_code(open_round, people, draft):
    actions.save_draft(
        report=draft,
        by=people["staff"],
        version=1,
        fields={},
        evidence=[],
        provinces=Province.objects.filter(name_th__in=["เชียงใหม่", "ลำพูน"]),
    )
    head = [*HEAD, "จังหวัด"]
    same = check_rows(open_round, [*row(), "ลำพูน, เชียงใหม่"], head=head)
    assert counts(same) == {"total": 1, "same": 1}
    write = written(check_rows(open_round, [*row(), "ลำพูน"], head=head))
    assert write.changes == {"provinces": (["50", "51"], ["51"])}


# No change since the last report -----------------------------------------------------------------


NO_CHANGE_HEAD = ["รหัสมาตรการย่อย", "หน่วยงานรับผิดชอบ", "สถานะ", "ไม่มีการเปลี่ยนแปลง"]


@pytest.fixture
def following(open_round, people):
    """The round of 2570, after one in which 1.2 was on hold and 1.3 was not reported."""
    make_report(
        open_round,
        by=people["staff"],
        reviewer=people["reviewer"],
        status="on_hold",
        obstacles="รอ",
    )
    later = actions.create_round(by=people["staff"], year=2570)
    return actions.open_round(round_=later, by=people["staff"])


def ticked(following, code, status):
    agency = find_report(following, code).assignment.agency.name_th
    return check_rows(following, [f"2565-{code}", agency, status, "ใช่"], head=NO_CHANGE_HEAD)


def test_no_change_takes_over_the_last_report_in_an_import_as_well(following):
    [write] = ticked(following, "1.2", None).writes
    assert write.values["reported_status"] == "on_hold"
    assert (write.values["obstacles"], write.values["no_change"]) == ("รอ", True)


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("1.2", "ยังไม่ดำเนินการ", "แต่สถานะต่างจากรายงานล่าสุด (ชะลอ / ติดปัญหา)"),
        ("1.3", "ยังไม่ดำเนินการ", "ไม่มีรายงานก่อนหน้านี้ให้เทียบ"),
    ],
)
def test_no_change_against_nothing_or_another_status_is_not_imported(following, code, status, said):
    found = ticked(following, code, status)
    assert found.writes == []
    [problem] = [each.problem for each in found.troubles if each.problem.code == "S05"]
    assert said in problem.params["why"]
