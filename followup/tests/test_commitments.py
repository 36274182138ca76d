"""What a report must have that says what stands, for lead and supporting agencies."""

from datetime import date
from decimal import Decimal

from followup.commitments import missing_commitments
from followup.report_fields import FIELDS, STANDING, Section, of_section

NOTHING = {each.name: each.empty for section in STANDING for each in of_section(section)}


def lacks(before=None, *, is_lead=True, **values):
    return missing_commitments(NOTHING | values, before or {}, is_lead=is_lead)


def test_an_empty_report_lacks_nothing():
    assert lacks() == {}
    assert lacks(is_lead=False) == {}


def test_only_a_lead_agency_responds():
    accepted = {"response": "accepted", "response_on": date(2026, 1, 5)}
    assert lacks(**accepted) == {}
    assert lacks(is_lead=False, **accepted) == {
        "response": "เฉพาะหน่วยงานหลักตอบรับมาตรการย่อย ลบคำตอบออกจากรายการนี้"
    }
    assert lacks(is_lead=False, target_on=date(2026, 9, 30)) == {}


def test_an_indicator_has_its_unit_and_a_value_its_indicator():
    assert set(lacks(indicator="จำนวนภาคี")) == {"indicator_unit"}
    assert lacks(indicator="จำนวนภาคี", indicator_unit="ภาคี", indicator_value=Decimal(0)) == {}
    assert set(lacks(indicator_value=Decimal(0))) == {"indicator"}
    assert set(lacks(indicator_target=Decimal(11))) == {"indicator"}
    before = {Section.INDICATOR: {name: FIELDS[name].empty for name in ("indicator",)}}
    assert lacks(before, indicator_value=Decimal(7)) == {}, "the earlier indicator stands"
    assert set(lacks(before, indicator_target=Decimal(11))) == {"indicator"}
