"""What a new portal still lacks, until it lacks nothing."""

from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from followup import actions, roles
from followup.first_steps import first_steps
from followup.models import Agency, Assignment, FocalPoint, User
from followup.tests.groups import assign, make_group, offices


def told(user):
    return {step.label: (step.count, step.is_done) for step in first_steps(user)}


def everybody_can_be_reached():
    for agency in Agency.objects.filter(assignments__isnull=False).distinct():
        FocalPoint.objects.create(agency=agency, name="ผู้ประสานงาน", phone="1")


def test_an_empty_portal_lists_what_is_to_do_with_its_numbers(forum, people, settings):
    settings.DATA_CONTACT_EMAIL = ""
    total = Assignment.objects.count()
    agencies = Agency.objects.filter(assignments__isnull=False).distinct().count()
    assert told(people["administrator"]) == {
        "คสป. ยืนยันการมอบหมาย": (f"ยืนยันแล้ว 0 จาก {total}", False),
        "ผู้ประสานงานของหน่วยงาน": (f"มีแล้ว 0 จาก {agencies} หน่วยงาน", False),
        "บัญชีของเจ้าหน้าที่และผู้ตรวจ": ("เจ้าหน้าที่ 2 คน ผู้ตรวจ 1 คน", True),
        "ผู้ดูแลระบบอย่างน้อยสองคน": ("มีแล้ว 1 คน", False),
        "อีเมลติดต่อของสำนักงานที่หน้าเว็บแสดง": ("ยังไม่ได้ตั้งค่า DATA_CONTACT_EMAIL", False),
        "รอบติดตามรอบแรก": ("เปิดแล้ว 0 รอบ", False),
    }
    assert list(told(people["staff"])) == [
        "ผู้ประสานงานของหน่วยงาน",
        "รอบติดตามรอบแรก",
    ], "only what they can do something about"
    assert told(people["outsider"]) == {}


def test_it_is_gone_once_all_is_done(forum, people, settings, staff):
    settings.DATA_CONTACT_EMAIL = "office@example.org"
    second = User.objects.create_user("second")
    second.groups.add(Group.objects.get(name=roles.ADMINISTRATOR))
    everybody_can_be_reached()
    Assignment.objects.update(basis="confirmed")
    page = staff.page("/staff/")
    assert page.one("#h-steps").text == "เริ่มใช้ระบบ"
    links = [a["href"] for a in page.select("section.firsts a")]
    assert links == ["/staff/rounds/new/"], "what is done is no link"
    round_ = actions.create_round(by=people["staff"], year=2569)
    assert told(people["staff"])["รอบติดตามรอบแรก"] == ("เปิดแล้ว 0 รอบ", False)
    actions.open_round(round_=round_, by=people["staff"])
    assert told(people["administrator"]) == told(people["staff"]) == {}
    assert not staff.page("/staff/").has("#h-steps")
    second.is_active = False
    second.save()
    assert told(people["administrator"])["ผู้ดูแลระบบอย่างน้อยสองคน"] == ("มีแล้ว 1 คน", False)


def test_of_a_group_its_members_are_to_be_reached(open_round, people):
    admin = people["administrator"]
    before = told(admin)["ผู้ประสานงานของหน่วยงาน"][0]
    group = make_group(admin, offices(3))
    assign(admin, group, "2565-4.1")
    count = int(before.split()[-2])
    said = told(admin)["ผู้ประสานงานของหน่วยงาน"][0]
    assert said == f"มีแล้ว 0 จาก {count + 3} หน่วยงาน"


def test_the_number_of_queries_is_fixed(forum, people):
    admin = people["administrator"]
    first_steps(admin)  # permissions are read once

    def count():
        with CaptureQueriesContext(connection) as queries:
            first_steps(admin)
        return len(queries)

    before = count()
    everybody_can_be_reached()
    assert count() == before <= 7
