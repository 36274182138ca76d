"""The command that loads the real forum, once."""

from io import StringIO

import pytest
from django.core.management import call_command

from followup.models import Agency, AgencyAlias, Assignment, Province
from followup.tests.factories import dump
from proposals.models import Forum, Measure, Resolution


def load(**options):
    out = StringIO()
    call_command("load_forum", stdout=out, **options)
    return out.getvalue()


def test_it_says_what_it_loaded_and_loads_nothing_twice(db):
    assert (
        load()
        == "CSOs Forum 2565: ข้อเสนอ 8 ข้อ มาตรการย่อย 34 ข้อ หน่วยงาน 64 แห่ง การมอบหมายที่เสนอ 103 รายการ\n"
    )
    assert Province.objects.count() == 77
    before = dump()
    assert load() == "CSOs Forum 2565: มีอยู่แล้ว ไม่เปลี่ยนแปลงข้อมูล\n"
    assert dump() == before


def test_what_staff_edited_and_deleted_stays_as_they_left_it(forum):
    Agency.objects.filter(code="CODI").update(name_th="ชื่อใหม่")
    Assignment.objects.filter(measure__resolution__number=1).delete()
    before = dump()
    load()
    assert dump() == before


def test_an_agency_that_is_there_already_keeps_its_names(db):
    Agency.objects.create(code="CODI", name_th="ชื่อของเรา", kind="cso")
    load()
    codi = Agency.objects.get(code="CODI")
    assert codi.name_th == "ชื่อของเรา"
    assert not AgencyAlias.objects.filter(agency=codi).exists()
    assert Agency.objects.count() == 64


def test_a_year_without_a_source_loads_nothing(db):
    before = dump()
    with pytest.raises(FileNotFoundError):
        load(year=2600)
    assert dump() == before
    assert not Forum.objects.exists()


def test_every_assignment_is_proposed_from_the_forums_year(forum):
    assert set(Assignment.objects.values_list("basis", "valid_from", "valid_to")) == {
        ("proposed", 2565, None)
    }
    assert (Resolution.objects.count(), Measure.objects.count()) == (8, 34)
