"""What the database knows, as far as a table can refer to it."""

from decimal import Decimal

import pytest

from followup.models import Province
from followup.report_fields import FIELDS
from followup.spreadsheets.lookup import EMPTY, look_up, values_of
from followup.tests.factories import find_report, grow, link, make_report
from followup.tests.files import piece


def test_a_report_that_nobody_touched_has_the_empty_values(open_round):
    assert values_of(find_report(open_round, "3.1")) == EMPTY


def test_values_are_what_json_can_hold_money_as_text_files_aside(open_round, people):
    report = make_report(
        open_round,
        "3.1",
        by=people["staff"],
        state="draft",
        results="ผล",
        budget_received=Decimal("1250000.5"),
        evidence=[link(1), piece()],
    )
    report.provinces.set(Province.objects.filter(name_th__in=["ลำพูน", "กรุงเทพมหานคร"]))
    assert values_of(report) == EMPTY | {
        "reported_status": "in_progress",
        "results": "ผล",
        "budget_received": "1250000.50",
        "provinces": ["10", "51"],
        "evidence": [["หลักฐานที่ 1", "https://example.org/evidence/1"]],
    }
    stored = look_up(open_round).stored[report.assignment_id]
    assert (stored.pk, stored.version, stored.state, stored.files) == (report.pk, 1, "draft", ("",))


@pytest.mark.parametrize(
    ("amount", "text"), [(None, None), (Decimal(0), "0.00"), (Decimal("10.5"), "10.50")]
)
def test_money_is_text_with_satang(amount, text):
    assert FIELDS["budget_spent"].plain(amount) == text


def test_only_assignments_of_the_rounds_year_are_known(open_round):
    report = find_report(open_round, "3.1")
    assignment = report.assignment
    place = (assignment.measure_id, assignment.agency_id)
    look = look_up(open_round)
    assert look.assignments[place] == assignment.pk
    assert look.places[assignment.pk] == place
    assert look.roles[place] == "หน่วยงานหลัก"
    assert look.agency_names[assignment.agency_id] == "กสจ."
    type(assignment).objects.filter(pk=assignment.pk).update(valid_to=2568)
    assert place not in look_up(open_round).assignments


def test_it_asks_as_often_for_thrice_the_rows(open_round, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        look_up(open_round)
    grow(3)
    with django_assert_max_num_queries(10):
        look_up(open_round)
