"""What stands of each assignment in each year, as the dataset tells it."""

from followup.tests.opendata.reading import api_of, json_of


def row_of(measure, agency, year):
    (row,) = api_of("commitments", year=year, measure=measure, agency=agency)
    return row


def test_a_date_and_an_answer_stand_until_they_are_said_again(demo):
    first, last = (row_of("2565-4.2", "PRD", year) for year in (2566, 2568))
    assert (first["response_code"], first["response_on"]) == ("accepted", "2023-02-14")
    assert (first["target_on"], first["times_postponed"]) == ("2024-09-30", 0)
    assert first["due_code"] == "not_yet"
    assert (last["response_code"], last["response_on"]) == ("accepted", "2023-02-14")
    assert (last["target_on"], last["first_target_on"]) == ("2026-03-31", "2024-09-30")
    assert (last["times_postponed"], last["due_code"]) == (2, "not_yet")
    assert last["judged_on"] == "2025-12-20"
    assert last["milestone_th"] == "มีช่วงเวลาออกอากาศประจำในผังรายการครบ 4 ภาค"
    assert last["grade_code"] == "documented"


def test_a_supporting_agency_is_not_asked_for_an_answer(demo):
    rows = json_of("commitments", "?year=2568")
    assert {row["response_code"] for row in rows if row["role_code"] == "support"} == {None}
    assert all(row["response_code"] for row in rows if row["role_code"] == "lead")
    reported = json_of("status_reports", "?year=2568")
    assert len(rows) == len(reported)
