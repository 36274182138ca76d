"""What a question to the API keeps, and what it refuses."""

import pytest

from followup.models import Assignment
from followup.opendata.datasets import DATASETS
from followup.opendata.filters import filters_of
from followup.tests.opendata.asking import get, problem
from followup.tests.opendata.reading import api_of


@pytest.mark.parametrize(
    ("name", "query", "column", "value"),
    [
        ("status_reports", {"year": "2567"}, "year_be", 2567),
        ("status_reports", {"year": "ค.ศ. 2024"}, "year_be", 2567),
        ("status_reports", {"status": "completed"}, "status_code", "completed"),
        ("status_reports", {"agency": "CODI"}, "agency_code", "CODI"),
        ("status_reports", {"measure": "๒๕๖๕-๓.๔"}, "measure_id", "2565-3.4"),
        ("measures", {"resolution": "2565-3"}, "resolution_id", "2565-3"),
        ("measures", {"forum": "2565"}, "forum_year_be", 2565),
        ("progress", {"level": "resolution", "year": "2568"}, "level", "resolution"),
        ("agencies", {"agency": "CODI"}, "agency_code", "CODI"),
        ("evidence", {"resolution": "2565-1"}, "resolution_id", "2565-1"),
    ],
)
def test_a_filter_keeps_what_it_names(demo, name, query, column, value):
    rows = api_of(name, **query)
    others = [row for row in api_of(name) if row not in rows]
    assert rows
    assert {row[column] for row in rows} == {value}
    if set(query) == {each.name for each in filters_of(DATASETS[name]) if each.column == column}:
        assert value not in {row[column] for row in others}


def test_the_assignments_of_a_year_are_those_in_force(demo):
    one = Assignment.objects.order_by("pk").first()
    Assignment.objects.filter(pk=one.pk).update(valid_to=2566)
    before, after = len(api_of("assignments", year=2566)), len(api_of("assignments", year=2567))
    assert before - after == 1


@pytest.mark.parametrize(
    ("path", "query", "parameter", "detail"),
    [
        ("measures", {"colour": "red"}, "colour", "ไม่มีพารามิเตอร์ “colour” ที่ใช้ได้: forum, resolution"),
        ("measures", {"year": "2567"}, "year", "ไม่มีพารามิเตอร์ “year”"),
        ("measures/2565-3.4", {"page": "1"}, "page", "ที่อยู่นี้ไม่มีพารามิเตอร์ “page”"),
        ("progress", {"year": "67"}, "year", "มีเพียง 2 หลัก"),
        ("progress", {"year": ""}, "year", "อ่านปี “” ไม่ได้"),
        ("progress", {"year": "2\0"}, "year", "อ่านปี “2\ufffd” ไม่ได้"),
        ("progress", {"year": ["2566", "2567"]}, "year", "ระบุ “year” ได้ครั้งเดียว"),
        ("progress", {"level": "area"}, "level", "ค่าที่ใช้ได้: year, forum, resolution, measure"),
        ("progress", {"status": "done"}, "status", "ค่าที่ใช้ได้: completed, continuous"),
        ("measures", {"measure": "3.4"}, "measure", "รูปแบบที่ใช้ได้ เช่น 2565-1.1"),
        ("agencies", {"agency": "พอช."}, "agency", "รูปแบบที่ใช้ได้ เช่น DSDW_CSO"),
        ("measures", {"resolution": "3"}, "resolution", "รูปแบบที่ใช้ได้ เช่น 2565-1"),
        ("measures", {"resolution": "9" * 5000}, "resolution", "รูปแบบที่ใช้ได้ เช่น 2565-1"),
        ("measures", {"page": "-1"}, "page", "จำนวนเต็มตั้งแต่ 1 ถึง 999,999"),
        ("measures", {"page": "1e3"}, "page", "จำนวนเต็มตั้งแต่ 1"),
        ("measures", {"page_size": "201"}, "page_size", "จำนวนเต็มตั้งแต่ 1 ถึง 200"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(demo, path, query, parameter, detail):
    said = problem(get(path, **query), 400)
    assert said["parameter"] == parameter
    assert detail in said["detail"]
    assert said["title"] == "คำขอไม่ถูกต้อง"
