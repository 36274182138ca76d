"""The staff's pages on groups of agencies."""

import re

import pytest

from followup import actions
from followup.models import Agency, GroupMember
from followup.tests.assignments import assignment_of
from followup.tests.client import PortalClient
from followup.tests.factories import make_report
from followup.tests.groups import assign, make_group, member, offices

pytestmark = pytest.mark.usefixtures("on_20_november")


@pytest.fixture
def admin(people):
    return people["administrator"]


@pytest.fixture
def desk(admin, sign_in):
    return sign_in(admin)


@pytest.fixture
def group(open_round, admin):
    made = make_group(admin, offices(3))
    assign(admin, made, "2565-1.2")
    return made


NEW = {"name_th": "พมจ. ทุกจังหวัด", "abbr_th": "พมจ.ท.", "code": "psdhs_all", "first_year": "2569"}


def test_a_group_is_made_of_ticked_and_pasted_agencies(open_round, desk):
    offices(3)
    page = desk.page("/staff/groups/new/?kind=provincial_mechanism")
    assert "สำนักงานพัฒนาสังคมจังหวัดที่ 02" in page.text
    answer = desk.post(
        "/staff/groups/new/", NEW | {"tick": ["PROV01"], "names": "พมจ. 02\nPROV03", "do": "save"}
    )
    assert answer["Location"] == "/staff/groups/PSDHS_ALL/"
    assert "สร้างพมจ.ท.แล้ว 3 หน่วยงาน" in desk.page("/staff/groups/PSDHS_ALL/").text
    row = desk.page("/staff/groups/").one("tbody tr")
    assert row.texts("td") == ["3", "0"]


def test_what_was_typed_is_there_beside_what_is_wrong(open_round, desk):
    answer = desk.post("/staff/groups/new/", NEW | {"names": "ใครก็ไม่รู้", "do": "save"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "ไม่พบหน่วยงาน “ใครก็ไม่รู้”" in text
    assert 'value="พมจ. ทุกจังหวัด"' in text
    answer = desk.post("/staff/groups/new/", NEW | {"do": "save"})
    assert "ยังไม่ได้เลือกหน่วยงาน เลือกหรือวางชื่ออย่างน้อยหนึ่งหน่วยงาน" in answer.content.decode()
    assert not Agency.objects.filter(code="PSDHS_ALL").exists()


def test_agencies_to_tick_are_shown_beside_what_was_typed(group, desk):
    typed = NEW | {"tick": ["CODI"], "names": "ใครก็ไม่รู้", "kind": "provincial_mechanism"}
    codes = ["CODI", "PROV01", "PROV02", "PROV03"]
    for path in ("/staff/groups/new/", "/staff/groups/PROVS/"):
        answer = desk.post(path, typed | {"q": "พัฒนาสังคมจังหวัดที่", "do": "show"})
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "ใครก็ไม่รู้</textarea>" in text
        assert "ไม่พบหน่วยงาน" not in text  # nothing is judged yet
        assert re.findall(r'name="tick" value="(\w+)"', text) == codes
        assert re.findall(r'value="(\w+)" checked', text) == ["CODI"]
        answer = desk.post(path, typed | {"q": "พัฒนาสังคมจังหวัดที่", "do": "tick"})
        assert re.findall(r'value="(\w+)" checked', answer.content.decode()) == codes
    assert (
        'value="พมจ. ทุกจังหวัด"'
        in desk.post("/staff/groups/new/", typed | {"do": "show"}).content.decode()
    )
    assert Agency.objects.filter(kind="group").count() == 1


def test_members_join_and_leave_on_the_groups_page(group, desk, open_round):
    page = desk.page("/staff/groups/PROVS/")
    assert len(page.select("section ul.rows li")) == 1
    desk.post("/staff/groups/PROVS/", {"names": "CODI", "first_year": "2569", "do": "add"})
    page = desk.page("/staff/groups/PROVS/")
    assert "เพิ่มเข้ากลุ่มแล้ว 1 หน่วยงาน" in page.text
    assert page.one("#h-m").text == "หน่วยงานในกลุ่ม (4)"
    row = member(group, Agency.objects.get(code="CODI"))
    form = desk.page(f"/staff/groups/PROVS/?leave={row.pk}")
    answer = desk.send(form, "form#step", last_year="2568", do="leave")
    assert answer.status_code == 302
    assert "กำหนดรอบสุดท้ายของ พอช. ในกลุ่มแล้ว" in desk.page("/staff/groups/PROVS/").text
    assert not open_round.reports.filter(
        assignment__agency__code="CODI", assignment__of_group__isnull=False
    ).exists()


def test_a_member_that_somebody_else_changed_is_not_changed(group, desk, admin):
    row = member(group, Agency.objects.get(code="PROV01"))
    form = desk.page(f"/staff/groups/PROVS/?leave={row.pk}")
    GroupMember.objects.filter(pk=row.pk).update(valid_to=2575)
    answer = desk.send(form, "form#step", last_year="2569", do="leave")
    assert answer.status_code == 422
    assert "มีผู้อื่นแก้ไขสมาชิกรายนี้หลังจากเปิดหน้า" in answer.content.decode()
    assert GroupMember.objects.get(pk=row.pk).valid_to == 2575


def test_a_year_before_a_report_is_not_offered(group, desk, open_round, people):
    make_report(open_round, "1.2", "PROV01", by=people["staff"], state="submitted")
    row = member(group, Agency.objects.get(code="PROV01"))
    form = desk.page(f"/staff/groups/PROVS/?leave={row.pk}")
    assert form.texts("select option")[0] == "2569"


def test_names_are_kept_after_the_login_ended(group, desk, people, sign_in):
    answer = PortalClient().post("/staff/groups/PROVS/", {"names": "CODI", "first_year": "2569"})
    assert answer.status_code == 403
    kept = answer.content.decode()
    assert "ยังไม่ได้บันทึก ข้อความที่พิมพ์อยู่ในหน้านี้" in kept
    assert 'name="names" value="CODI"' in kept
    again = desk.post(
        "/staff/groups/PROVS/", {"names": "CODI", "first_year": "2569", "do": "resume"}
    )
    assert again.status_code == 200
    assert ">\nCODI</textarea>" in again.content.decode()
    assert GroupMember.objects.count() == 3
    again = desk.post("/staff/groups/new/", NEW | {"do": "resume"})
    assert 'value="psdhs_all"' in again.content.decode()


def test_staff_see_a_group_without_its_forms(group, people, sign_in):
    page = sign_in(people["staff"]).page("/staff/groups/PROVS/")
    assert not page.has("main form")
    assert "พมจ." in page.text


def test_the_list_of_assignments_shows_the_group_with_its_size(group, desk):
    page = desk.page("/staff/assignments/?q=พมจ. ทุกจังหวัด")
    assert "3 หน่วยงานในกลุ่ม" in page.text
    assert "พมจ. 01" not in page.one("table.asgs").text
    by_member = desk.page("/staff/assignments/?q=พมจ. 02")
    assert "3 หน่วยงานในกลุ่ม" in by_member.text
    row = assignment_of("1.2", "PROVS")
    step = desk.page(f"/staff/assignments/{row.pk}/end/")
    assert "รอบ 2569 ยังไม่มีใครเขียนรายงานนี้" in step.text


def test_a_group_is_assigned_as_an_agency_is(open_round, admin, desk):
    make_group(admin, offices(2))
    row = assignment_of("1.2", "MSDHS")
    desk.post(
        f"/staff/assignments/add/{row.measure_id}/",
        {"agency": "PROVS", "as_role": "lead", "first_year": "2569"},
    )
    assert "เพิ่ม 2565-1.2 พมจ. ทุกจังหวัด แล้ว" in desk.page("/staff/assignments/").text
    assert open_round.reports.filter(assignment__of_group__isnull=False).count() == 2


def test_the_public_sees_a_group_after_publication_only(group, open_round, people, visitor):
    before = visitor.page("/resolutions/2565/1/").raw()
    actions.add_members(
        by=people["administrator"],
        group=group,
        agencies=[Agency.objects.get(code="CODI")],
        first_year=2569,
    )
    assert visitor.page("/resolutions/2565/1/").raw() == before
