"""The version of a row without a version column, and how a conflict is told."""

from datetime import date

import pytest
from django.contrib.auth.models import Group

from followup.models import Agency, User
from forum_portal.stored_version import conflict_message, in_words, version_of


def test_a_version_is_of_the_fields_that_are_named(forum):
    agency = Agency.objects.get(code="CODI")
    name, note = version_of(agency, ["name_th"]), version_of(agency, ["note", "name_th"])
    assert version_of(agency, ["name_th", "note"]) == note, "in any order"
    agency.note = "แก้แล้ว"
    assert version_of(agency, ["name_th"]) == name
    assert version_of(agency, ["name_th", "note"]) != note
    agency.save()
    assert version_of(Agency.objects.get(pk=agency.pk), ["name_th"]) == name


@pytest.mark.parametrize("column", ["parent", "is_active", "groups"])
def test_keys_flags_and_groups_count(forum, people, column):
    row = Agency.objects.get(code="CODI") if column == "parent" else people["staff"]
    before = version_of(row, [column])
    if column == "parent":
        row.parent = Agency.objects.exclude(pk__in=[row.pk, row.parent_id or 0])[0]
    elif column == "is_active":
        row.is_active = False
    else:
        row.groups.add(Group.objects.exclude(user=row)[0])
    assert version_of(row, [column]) != before


def test_values_are_told_in_thai():
    assert in_words(None) == in_words("") == in_words([]) == "ว่าง"
    assert (in_words(True), in_words(False)) == ("ใช่", "ไม่ใช่")
    assert in_words(date(2026, 11, 20)) == "20 พ.ย. 2569"
    assert in_words([User(display_name="ก"), User(display_name="ข")]) == "ก, ข"
    assert conflict_message({"ชื่อ": "สมศรี", "โทรศัพท์": ""}) == (
        "มีผู้อื่นบันทึกรายการนี้หลังจากเปิดหน้า ค่าที่บันทึกอยู่คือ ชื่อ “สมศรี”, โทรศัพท์ “ว่าง” "
        "ตรวจแล้วบันทึกอีกครั้งหากต้องการใช้ค่าที่พิมพ์"
    )
