"""The administrators' page on how the portal runs."""

from __future__ import annotations

from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l

from followup import health, operation, permissions
from followup.health import Finding
from followup.views.staff import StaffRequest, staff_page
from forum_portal.version import RELEASED_ON, VERSION


class Part(NamedTuple):
    """How the page names a check, what to do if it fails, and the URL name of where more stands."""

    label: str | Promise
    advice: str | Promise
    page: str = ""


PARTS = {
    "database": Part(_l("ฐานข้อมูล"), _l("ตรวจว่าเซิร์ฟเวอร์ฐานข้อมูลทำงานอยู่ และดิสก์ไม่เต็ม")),
    "cache": Part(_l("แคช"), _l("ตรวจว่าบริการแคชใน CACHE_URL ทำงานอยู่ ระหว่างนี้เข้าสู่ระบบไม่ได้")),
    "disk": Part(_l("ดิสก์"), _l("ลบข้อมูลสำรองเก่า หรือเพิ่มพื้นที่ ก่อนที่การบันทึกจะหยุด")),
    "migrations": Part(_l("ตารางในฐานข้อมูล"), _l("สั่ง manage.py migrate แล้วเริ่มระบบใหม่")),
    "clock": Part(_l("นาฬิกา"), _l("เปิดการตั้งเวลาอัตโนมัติ (NTP) ของทุกเครื่อง")),
    "backup": Part(_l("ข้อมูลสำรอง"), _l("สั่ง manage.py backup แล้วดูว่าตัวตั้งเวลายังทำงาน")),
    "storage": Part(
        _l("ที่เก็บไฟล์หลักฐาน"), _l("ตรวจว่าบริการที่เก็บไฟล์ (S3) ทำงานอยู่ ระหว่างนี้เปิดหลักฐานไม่ได้")
    ),
    "jobs": Part(
        _l("งานเบื้องหลัง"),
        _l("เริ่มคำสั่ง manage.py work แล้วดูงานที่ไม่สำเร็จในหน้า “งานเบื้องหลัง”"),
        "staff-jobs",
    ),
    "mail": Part(_l("ระบบอีเมล"), _l("ตรวจ EMAIL_URL และระบบอีเมล จดหมายที่ยังไม่ได้ส่งรออยู่ ไม่หาย")),
    "certificate": Part(_l("ใบรับรอง HTTPS"), _l("ต่ออายุใบรับรองที่พร็อกซี แล้วเปิดหน้านี้อีกครั้ง")),
}


class Line(NamedTuple):
    """One part of the portal, and what its check found."""

    part: Part
    found: Finding


@staff_page
def system(request: StaffRequest) -> HttpResponse:
    if not permissions.may_administer(request.user):
        raise PermissionDenied
    found = health.examine([*health.CHECKS, *health.ALSO])
    lines = [Line(PARTS[name], finding) for name, finding in found.items()]
    return render(
        request,
        "staff/system.html",
        {
            # What does not work comes first.
            "lines": sorted(lines, key=lambda line: line.found.is_ok),
            "faults": sum(not line.found.is_ok for line in lines),
            "version": VERSION,
            "released_on": RELEASED_ON,
            "programs": operation.programs(),
            "mails": operation.Mails.now(),
            "link_checks": operation.LinkChecks.now(),
            "agency_links": operation.agency_links(),
            "organisation_links": operation.organisation_links(),
        },
    )
