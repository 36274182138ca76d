"""What the forms of groups accept."""

import pytest

from followup.forms.groups import GroupForm, LeaveForm, MembersForm
from followup.models import Agency, GroupMember


@pytest.fixture
def filled(forum):
    """A members' form with these names, validated."""

    def fill(names, **data):
        form = MembersForm(
            {"names": names, "first_year": "2569", **data},
            agencies=list(Agency.objects.prefetch_related("aliases")),
            years=[2569, 2570],
        )
        form.is_valid()
        return form

    return fill


def test_agencies_are_pasted_by_code_short_or_full_name_each_once(filled):
    form = filled("CODI\n พอช. \n\nกรมบัญชีกลาง\n", tick=["MSDHS", "CODI"])
    assert form.errors == {}
    assert [each.code for each in form.chosen] == ["MSDHS", "CODI", "CGD"]


def test_lines_that_name_nobody_or_several_are_told(filled):
    Agency.objects.create(code="A1", name_th="สำนักงานหนึ่ง", abbr_th="สน.", kind="media")
    Agency.objects.create(code="A2", name_th="สำนักงานสอง", abbr_th="สน.", kind="media")
    form = filled("พอช.\nไม่มีชื่อนี้\n" + "\n".join(f"ไม่มี {n}" for n in range(6)) + "\nสน.")
    assert form.errors["names"] == [
        "ไม่พบหน่วยงาน “ไม่มีชื่อนี้” “ไม่มี 0” “ไม่มี 1” “ไม่มี 2” “ไม่มี 3” และอีก 2 บรรทัด "
        "พิมพ์ชื่อหรือรหัสให้ตรงกับในระบบ หรือเพิ่มหน่วยงานในหน้าจัดการระบบก่อน",
        "“สน.” เป็นชื่อของหลายหน่วยงาน ใช้รหัสของหน่วยงานที่ต้องการ",
    ]


def test_a_full_name_wins_over_the_same_short_name(filled):
    Agency.objects.create(code="A1", name_th="สน.", kind="media")
    Agency.objects.create(code="A2", name_th="สำนักงานสอง", abbr_th="สน.", kind="media")
    assert [each.code for each in filled("สน.").chosen] == ["A1"]


def test_a_group_needs_a_name_and_a_code(forum):
    form = GroupForm({"first_year": "2569"}, agencies=[], years=[2569])
    assert form.errors == {
        "name_th": ["ระบุชื่อกลุ่ม เช่น พมจ. 77 จังหวัด"],
        "code": ["ระบุรหัสของกลุ่ม เช่น PSDHS_ALL"],
    }
    form = GroupForm(
        {"first_year": "2569", "name_th": "ก", "code": "psdhs"}, agencies=[], years=[2569]
    )
    assert form.is_valid()
    assert form.cleaned_data["code"] == "PSDHS"


def test_the_year_before_the_first_one_undoes_a_membership():
    form = LeaveForm(member=GroupMember(valid_from=2569), years=[2568, 2569])
    assert form.fields["last_year"].choices == [
        ("2568", "ไม่เคยอยู่ในกลุ่ม (เพิ่มผิด)"),
        ("2569", "2569"),
    ]
