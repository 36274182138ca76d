"""Who answers, in the open data: agencies, and the measures assigned to them."""

import pytest

from followup.models import Agency, Assignment, FocalPoint
from followup.tests.opendata.reading import json_of


@pytest.fixture
def agencies(forum):
    return {row["agency_code"]: row for row in json_of("agencies")}


def test_an_agency_goes_out_with_its_names_and_its_place(agencies):
    assert len(agencies) == 64
    codi = agencies["CODI"]
    assert codi["name_th"] == "สถาบันพัฒนาองค์กรชุมชน (องค์การมหาชน)"
    assert codi["abbr_th"] == "พอช."
    stored = Agency.objects.get(code="CODI")
    assert codi["parent_code"] == stored.parent.code
    assert codi["aliases_th"] == " | ".join(stored.aliases.values_list("name", flat=True)) or None
    assert all(row["parent_code"] in {*agencies, None} for row in agencies.values())


def test_no_person_of_an_agency_goes_out(forum, codi):
    FocalPoint.objects.create(agency=codi, name="สมศรี ใจดี", phone="0 2111 1111")
    assert "สมศรี" not in str(json_of("agencies"))
    assert "2111" not in str(json_of("agencies"))


def test_a_successor_is_named_by_its_code(forum, codi):
    Agency.objects.filter(code="BOB").update(successor=codi)
    row = next(row for row in json_of("agencies") if row["agency_code"] == "BOB")
    assert row["successor_code"] == "CODI"


def test_assignments_stand_in_the_order_of_the_source_the_lead_first(forum):
    rows = [row for row in json_of("assignments") if row["measure_code"] == "3.1"]
    assert (rows[0]["agency_code"], rows[0]["role_code"]) == ("SWF", "lead")
    assert {row["role_code"] for row in rows[1:]} == {"support"}
    assert len(json_of("assignments")) == 103


def test_an_assignment_says_from_and_to_when_in_both_eras(forum):
    assignment = Assignment.objects.get(
        measure__resolution__number=3, measure__number=1, role="lead"
    )
    Assignment.objects.filter(pk=assignment.pk).update(valid_to=2567)
    [row] = [row for row in json_of("assignments") if row["assignment_id"] == "2565-3.1-SWF-2565"]
    assert (row["valid_from_be"], row["valid_from_ce"]) == (2565, 2022)
    assert (row["valid_to_be"], row["valid_to_ce"]) == (2567, 2024)
    assert row["basis_code"] == "proposed"
