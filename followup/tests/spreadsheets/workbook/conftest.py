"""An agency, its workbook, and a full report."""

from datetime import date
from decimal import Decimal

import pytest

from followup import actions
from followup.models import Agency, Province, StatusReport
from followup.spreadsheets import workbook
from followup.status import Status
from followup.tests.factories import link
from followup.tests.spreadsheets.workbook.sheets import reports_of


@pytest.fixture
def agency(forum) -> Agency:
    return Agency.objects.get(code="CODI")


@pytest.fixture
def filled(open_round, agency, people) -> StatusReport:
    """A draft of the agency, which supports, with something in every field of which it is asked."""
    report = reports_of(open_round, agency)[0]
    report = actions.save_draft(
        report=report,
        by=people["staff"],
        version=report.version,
        fields={
            "reported_status": Status.ON_HOLD,
            "results": "จัดเวทีแล้ว 2 ภาค\nอีก 2 ภาครอระเบียบ",
            "obstacles": "- รอระเบียบใหม่",
            "next_steps": "เสนอ คสป.",
            "meeting_ref": "2/2569",
            "budget_received": Decimal("1250000.50"),
            "budget_spent": Decimal("9999999999999.99"),
            "beneficiaries": 1250,
            "target_on": date(2027, 9, 30),
            "milestone": "ครบ 4 ภาค",
            "target_reason": "รอระเบียบ",
            "indicator": "จำนวนภาคี",
            "indicator_unit": "ภาคี",
            "indicator_baseline": Decimal(0),
            "indicator_target": Decimal("99999999999.9999"),
            "indicator_value": Decimal("-41.5"),
            "project_codes": "eMENSCR: 0413-66-0001 | https://example.org/p/1\nP-12",
        },
        evidence=[link(1), link(2)],
        provinces=Province.objects.filter(name_th__in=["ลำพูน", "เชียงใหม่"]),
    )
    report.no_change = True  # of an agency that reported before; nothing was in this database
    report.save()
    return report


@pytest.fixture
def content(open_round, agency) -> bytes:
    return workbook.agency_workbook(open_round, agency)
