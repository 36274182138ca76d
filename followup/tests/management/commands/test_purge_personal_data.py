"""The command that removes personal data, as a scheduler runs it."""

from io import StringIO

import pytest
from django.core.management import call_command

from followup.models import Digest

pytestmark = pytest.mark.security


def run(*arguments):
    out = StringIO()
    call_command("purge_personal_data", *arguments, stdout=out)
    return out.getvalue()


def summary(done, digests):
    return (
        f"การเข้าสู่ระบบที่หมดอายุ: {done} 0 รายการ\n"
        f"ตัวนับความถี่ที่หมดอายุ: {done} 0 รายการ\n"
        f"ไฟล์นำเข้าที่ค้าง: {done} 0 รายการ\n"
        f"บันทึกการส่งอีเมลสรุป: {done} {digests} รายการ\n"
        f"บันทึกการใช้ลิงก์ที่สิ้นสุดแล้ว: {done} 0 รายการ\n"
        f"ผู้ประสานงานของหน่วยงานที่สิ้นสุดแล้ว: {done} 0 รายการ\n"
        f"บัญชีที่ปิดแล้ว: {done} 0 รายการ\n"
        f"บันทึกการส่งอีเมลถึงผู้ประสานงาน: {done} 0 รายการ\n"
        f"ค่าแฮชของที่อยู่เครือข่ายของผู้แจ้งเรื่อง: {done} 0 รายการ\n"
        f"ข้อมูลของผู้แจ้งเรื่อง: {done} 0 รายการ\n"
        f"คำขอติดตามที่ไม่มีผู้ยืนยัน: {done} 0 รายการ\n"
        f"บันทึกการส่งข่าวถึงผู้ติดตาม: {done} 0 รายการ\n"
    )


def test_it_says_what_it_removes_and_before_that_only_counts(people):
    Digest.objects.create(user=people["staff"], day="2020-01-01")
    assert run("--dry-run") == summary("จะลบ", 1)
    assert Digest.objects.count() == 1
    assert run() == summary("ลบแล้ว", 1)
    assert Digest.objects.count() == 0
    assert run() == summary("ลบแล้ว", 0)
