"""Corrections in the open data."""

from followup.models import (
    Round,
    Snapshot,
)
from followup.tests.client import PortalClient
from followup.tests.doors import unguarded
from followup.tests.opendata.reading import api_of, body, json_of


def test_a_correction_has_a_row_for_each_change(corrected):
    first, second, meeting, preface = json_of("corrections")
    assert first == {
        "correction_id": "2567-2-1",
        "year_be": 2567,
        "year_ce": 2024,
        "round_months": 12,
        "edition": 2,
        "corrected_at": "2025-03-03T22:06:07Z",
        "reason_th": "หน่วยงานแจ้งแก้จำนวนเวที",
        "resolution_id": "2565-1",
        "measure_id": "2565-1.2",
        "agency_code": "CODI",
        "organisation_name_th": None,
        "field_code": "results",
        "field_th": "ผลการดำเนินงาน",
        "before": "4",
        "before_th": "4",
        "after": "5",
        "after_th": "5",
        "is_demo": True,
    }
    assert (second["correction_id"], second["agency_code"]) == ("2567-2-2", None)
    assert (second["before"], second["after"], second["after_th"]) == (
        None,
        "on_hold",
        "ชะลอ / ติดปัญหา",
    )
    # What is the round's own has neither measure nor agency.
    for row, label, before, after in (
        (meeting, "วันที่ประชุม", "20 ธันวาคม 2567", "27 ธันวาคม 2567"),
        (preface, "รายงานประจำปี: คำนำ", None, "คำนำใหม่"),
    ):
        assert (row["measure_id"], row["agency_code"], row["field_th"]) == (None, None, label)
        assert (row["before_th"], row["after_th"]) == (before, after)
    assert (meeting["before"], preface["after"]) == ("2024-12-20", "คำนำใหม่")
    assert api_of("corrections", measure="2565-1.2") == [first]
    assert "คุณstaff" not in body(PortalClient().get("/data/corrections.csv")).decode()


def test_a_correction_of_a_round_that_is_not_public_stays_inside(corrected):
    with unguarded():
        Snapshot.objects.filter(pk=corrected.pk).update(round=Round.objects.get(year_be=2569))
    assert json_of("corrections") == []
