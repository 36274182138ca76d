"""The rows of a table: what each is about, what it says, and what is asked of many at once."""

from followup.models import Agency
from followup.spreadsheets.ledger import Ledger, Reason
from followup.spreadsheets.messages import sentence
from followup.spreadsheets.types import SKIP_ROW
from followup.tests.groups import assign, make_group, offices
from followup.tests.spreadsheets.wizard import HEAD, WHOLE, check_rows, row

YEAR = [*HEAD, "ปีงบประมาณ"]


def codes(found):
    return [(each.row, each.problem.code) for each in found.troubles]


def places(found):
    """(row, agency) of what would be written."""
    names = dict(Agency.objects.values_list("pk", "code"))
    return [(write.row, names[write.agency]) for write in found.writes]


def test_a_row_without_a_measure_or_an_agency_is_wrong(open_round):
    found = check_rows(open_round, row(None), head=HEAD)
    assert codes(found) == [(2, "R08")]
    found = check_rows(open_round, row("3.1", None), head=HEAD)
    assert codes(found) == [(2, "R09")]
    found = check_rows(open_round, row("3.1", "กสจ."), row("3.2", None), head=HEAD)
    assert codes(found) == [(3, "R24")], "it may be that of the row above: asked"


def test_a_group_answers_through_its_members_only(open_round, people):
    admin = people["administrator"]
    group = make_group(admin, offices(2))
    assign(admin, group, "2565-3.1")
    found = check_rows(
        open_round,
        row("3.1", "พมจ. ทุกจังหวัด"),
        row("3.1", "พมจ. 01"),
        row("3.1", "พมจ. 02, พมจ. ทุกจังหวัด"),
        head=HEAD,
    )
    assert codes(found) == [(2, "R29"), (4, "A04"), (4, "R29")]
    assert places(found) == [(3, "PROV01")]


def test_all_rows_may_be_of_one_agency_that_the_person_names(open_round):
    swf = Agency.objects.get(code="SWF").pk
    found = check_rows(
        open_round,
        ["3.1", "ชะลอ", "ผล"],
        head=["รหัสมาตรการย่อย", "สถานะ", "ผลการดำเนินงาน"],
        agency=swf,
    )
    assert (places(found), codes(found)) == ([(2, "SWF")], [])


def test_one_row_of_several_agencies_is_a_report_of_each(open_round):
    found = check_rows(open_round, row("3.1", "กสจ., พอช."), head=HEAD)
    assert sorted(code for _row, code in places(found)) == ["CODI", "SWF"]
    assert codes(found) == [(2, "A04")], "and that it was divided is said"


def test_a_row_of_another_year_is_not_of_this_round(open_round):
    found = check_rows(open_round, [*row(), 2568], [*row("1.2", "พม."), 2569], head=YEAR)
    assert codes(found) == [(2, "Y05")]
    assert [trouble.problem.params["v"] for trouble in found.troubles] == [2568]
    assert places(found) == [(3, "MSDHS")]


def test_no_report_can_be_older_than_the_first_forum(open_round):
    found = check_rows(open_round, [*row(), 2564], [*row(), 2565], head=YEAR)
    assert codes(found) == [(2, "Y02"), (3, "Y05")]
    assert sentence(found.troubles[0].problem) == "ปี “2564” อยู่นอกช่วง พ.ศ. 2565–2599"


def test_a_row_in_a_row_of_its_own_belongs_to_the_one_above_only_when_somebody_says_so(open_round):
    rows = [row("3.1", "กสจ.", "ชะลอ", None), [None, None, None, "ข"], row("1.2", "พม.")]
    found = check_rows(open_round, *rows, head=HEAD)
    [(key, troubles)] = found.questions.items()
    assert {each.problem.code for each in troubles} == {"R22"}
    assert places(found) == [(4, "MSDHS")]
    joined = check_rows(open_round, *rows, head=HEAD, answers={key: "join"})
    assert joined.writes[0].values["results"] == "ข"
    ledger = Ledger()
    left = check_rows(open_round, *rows, head=HEAD, answers={key: "leave"}, ledger=ledger)
    assert left.writes[0].values["results"] == ""
    assert ledger.reasons[Reason.CONTINUATION] == 1


def test_equal_cells_are_asked_about_once_whatever_their_rows(open_round):
    rows = [
        row("1.1", "กสป.", "ชะลอ", "ผล", "รอ", "ไม่มี"),
        row("1.2", "พม.", "ชะลอ", "ผล", "รอ", "ไม่มี"),
    ]
    found = check_rows(open_round, *rows)
    assert [[each.row for each in troubles] for troubles in found.questions.values()] == [[2, 3]]


def test_a_question_may_be_answered_by_leaving_its_rows_out(open_round):
    found = check_rows(open_round, row("3.1", "หน่วยงานที่ไม่มี"), head=HEAD)
    [key] = found.questions
    ledger = Ledger()
    check_rows(
        open_round,
        row("3.1", "หน่วยงานที่ไม่มี"),
        head=HEAD,
        answers={key: SKIP_ROW},
        ledger=ledger,
    )
    assert ledger.reasons[Reason.SKIPPED] == 4


def test_an_error_of_a_formula_is_wrong_where_it_stands(open_round):
    from followup.spreadsheets.types import CellError

    found = check_rows(open_round, row("3.1", "กสจ.", "ชะลอ", CellError("#REF!")), head=HEAD)
    [trouble] = found.troubles
    assert (trouble.row, trouble.index, trouble.problem.code) == (2, 3, "R19")


def test_broken_thai_is_mended_and_counted_for_the_row(open_round):
    found = check_rows(open_round, row("3.1", "กสจ.", "ชะลอ", "ดําเนินการเเล้ว"), head=HEAD)
    [write] = found.writes
    assert write.values["results"] == "ดำเนินการแล้ว"
    assert [(each.row, each.problem.code) for each in found.troubles] == [(2, "T01")]


def test_a_blank_cell_of_a_column_empties_nothing_that_is_stored_but_says_so(open_round):
    found = check_rows(open_round, row("3.1", "กสจ.", "ชะลอ", "ผล"), head=WHOLE)
    [write] = found.writes
    assert write.values["obstacles"] == ""
    assert "obstacles" not in write.changes
