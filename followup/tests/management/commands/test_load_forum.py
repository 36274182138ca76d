"""The command that loads the real forum, once, or another one from its file."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from followup import actions
from followup.models import Agency, AgencyAlias, Assignment, Province, StatusReport
from followup.tests import second_forum_files
from followup.tests.factories import dump
from proposals.models import Forum, Measure, Resolution


def load(*arguments, **options):
    out = StringIO()
    call_command("load_forum", *arguments, stdout=out, **options)
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
    with pytest.raises(CommandError, match=r"^forum-2600\.json: ไม่มีแฟ้มนี้$"):
        load(year=2600)
    assert dump() == before
    assert not Forum.objects.exists()


def test_every_assignment_is_proposed_from_the_forums_year(forum):
    assert set(Assignment.objects.values_list("basis", "valid_from", "valid_to")) == {
        ("proposed", 2565, None)
    }
    assert (Resolution.objects.count(), Measure.objects.count()) == (8, 34)


LOADED_2566 = (
    "CSOs Forum 2566: ข้อเสนอ 5 ข้อ มาตรการย่อย 9 ข้อ หน่วยงาน 64 แห่ง การมอบหมายที่เสนอ 8 รายการ\n"
)


def test_another_forum_is_loaded_from_its_file_with_the_assignments_beside_it(db):
    """On an empty database the agencies come too, or the file could name none."""
    assert load(str(second_forum_files.FILE)) == LOADED_2566
    assert Forum.objects.get().followed_from == 2566
    before = dump()
    assert load(str(second_forum_files.FILE)) == "CSOs Forum 2566: มีอยู่แล้ว ไม่เปลี่ยนแปลงข้อมูล\n"
    assert dump() == before


def test_a_later_forum_brings_no_deleted_agency_back_and_an_open_round_expects_its_reports(
    open_round,
):
    """2566 is followed up from its own year on, so that the open round of 2569 asks for it, too."""
    Agency.objects.filter(code="PUBLIC").delete()
    agencies = Agency.objects.count()
    load(str(second_forum_files.FILE), assignments=second_forum_files.ASSIGNMENTS)
    assert Agency.objects.count() == agencies
    of_2566 = StatusReport.objects.filter(
        round=open_round, assignment__measure__resolution__forum__year_be=2566
    )
    assert of_2566.count() == 8
    assert actions.expect_reports(round_=open_round) == (0, 0)


def test_every_fault_of_a_file_is_told_and_nothing_is_stored(forum, tmp_path):
    text = second_forum_files.FILE.read_text("utf-8")
    broken = text.replace('"kind": "recurring"', '"kind": "always"', 1).replace(
        '"end": 93,', '"end": 94,'
    )
    (tmp_path / "forum-2566.json").write_text(broken, "utf-8")
    (tmp_path / "forum-2566.txt").write_text(second_forum_files.SOURCE, "utf-8")
    before = dump()
    with pytest.raises(CommandError) as refused:
        load(str(tmp_path / "forum-2566.json"))
    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == [
        "มาตรการย่อย 1.1",
        "มาตรการย่อย 3.1",
    ]
    assert dump() == before
