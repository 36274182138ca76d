"""The privacy page: what is kept of whom and for how long, the cookies, the rights.

Every figure is read from where it is in force, so that the page cannot tell another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from allauth.account import app_settings
from allauth.core.internal.ratelimit import parse_rates
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from followup import devices, retention
from followup.duty import duty
from followup.models.imports import KEEP_FOR
from followup.views.agency_link import DEAD_SECONDS
from followup.views.feedback import TRIES_SECONDS
from followup.views.follow import CLIENT_SECONDS
from followup.views.public import page
from followup.views.years import chosen_year
from forum_portal.display import MAX_AGE
from forum_portal.page_cache import public_page
from forum_portal.thai import format_duration


@dataclass(frozen=True)
class Cookie:
    """A cookie that the portal sets: to whom, what for, and for how long."""

    name: str
    who: str
    purpose: str
    lasts: str


@dataclass(frozen=True)
class Kept:
    """A kind of personal data and the time for which it is kept."""

    what: str
    how_long: str


@public_page("year")
def privacy(request: HttpRequest) -> HttpResponse:
    return page(
        request,
        "privacy",
        chosen_year(request),
        cookies=cookies(),
        periods=periods(),
        counted=format_duration(counted_for()),
        contact=settings.DATA_CONTACT_EMAIL,
        duty=duty(),
        log_is_hashed=settings.SECURITY_LOG_ADDRESS == "hashed",
        log_has_requests=settings.ACCESS_LOG,
        checks_links=settings.LINK_CHECKS,
    )


def counted_for() -> int:
    """The longest time, in seconds, for which a throttle counts a client's attempts."""
    limits = app_settings.RATE_LIMITS.values()
    return max(
        DEAD_SECONDS,
        TRIES_SECONDS,
        CLIENT_SECONDS,
        *(int(rate.duration) for each in limits for rate in parse_rates(each)),
    )


def cookies() -> list[Cookie]:
    """Every cookie that the portal sets."""
    staff, forms = _("เจ้าหน้าที่"), _("เจ้าหน้าที่ และหน่วยงานที่ใช้ลิงก์")
    senders = _("เจ้าหน้าที่ หน่วยงานที่ใช้ลิงก์ และผู้เปิดแบบฟอร์มแจ้งข้อมูล")
    return [
        Cookie(
            settings.DISPLAY_COOKIE_NAME,
            _("ผู้ที่เลือกการแสดงผล"),
            _("จำขนาดตัวอักษร โทนสี และตัวเลขที่เลือก ไม่มีข้อมูลอื่น"),
            format_duration(MAX_AGE),
        ),
        Cookie(
            settings.SESSION_COOKIE_NAME,
            staff,
            _("จำว่าเจ้าหน้าที่เข้าสู่ระบบแล้ว"),
            _("จนปิดเบราว์เซอร์ อย่างนาน %(most)s และสิ้นสุดเมื่อไม่ได้ใช้งาน %(idle)s")
            % {
                "most": format_duration(settings.SESSION_COOKIE_AGE),
                "idle": format_duration(settings.SESSION_IDLE_AGE),
            },
        ),
        Cookie(
            settings.CSRF_COOKIE_NAME,
            senders,
            _("ป้องกันการส่งแบบฟอร์มปลอมในชื่อของผู้ใช้"),
            format_duration(settings.CSRF_COOKIE_AGE),
        ),
        Cookie(
            settings.MESSAGES_COOKIE_NAME,
            forms,
            _("แสดงผลของการบันทึกครั้งล่าสุด"),
            _("จนแสดงข้อความแล้ว หรือปิดเบราว์เซอร์"),
        ),
        Cookie(
            settings.DEVICE_COOKIE_NAME,
            staff,
            _("จำเครื่องที่เจ้าหน้าที่เคยเข้าสู่ระบบ ผู้อื่นที่ลองรหัสผ่านผิดจึงกันเจ้าหน้าที่ไม่ให้เข้าระบบไม่ได้"),
            _("%(time)s นับจากการเข้าสู่ระบบครั้งล่าสุด") % {"time": format_duration(devices.MAX_AGE)},
        ),
    ]


def periods() -> list[Kept]:
    """How long each kind of personal data is kept."""

    def kept(kind: str) -> str:
        return _length(retention.days(kind))

    return [
        Kept(
            _("ค่าแฮชของที่อยู่เครือข่าย ในตัวนับจำนวนครั้ง"),
            _("นับอย่างนาน %(time)s ตัวนับที่หมดอายุถูกลบในการลบประจำวัน")
            % {"time": format_duration(counted_for())},
        ),
        Kept(_("บันทึกความปลอดภัยของระบบ"), kept("security_log")),
        Kept(
            _("การเข้าสู่ระบบ"),
            _("อย่างนาน %(time)s แล้วถูกลบในการลบประจำวัน")
            % {"time": format_duration(settings.SESSION_COOKIE_AGE)},
        ),
        Kept(_("บันทึกว่าส่งอีเมลสรุปงานถึงใครวันใด"), kept("digests")),
        Kept(_("บันทึกว่าส่งอีเมลถึงผู้ประสานงานคนใดวันใด"), kept("mails")),
        Kept(
            _("อีเมลของผู้ติดตาม และสิ่งที่ติดตาม"),
            _("จนเลิกติดตาม แล้วลบทันที คำขอที่ไม่มีผู้ยืนยันเก็บไว้ %(time)s") % {"time": kept("unconfirmed")},
        ),
        Kept(_("บันทึกว่าส่งข่าวถึงผู้ติดตามคนใดแล้ว"), kept("news")),
        Kept(_("ไฟล์ที่เลือกมานำเข้าแล้วไม่ได้ใช้"), _length(KEEP_FOR)),
        Kept(
            _("บันทึกการใช้ลิงก์ของหน่วยงาน"),
            _("%(time)s นับจากวันที่ลิงก์สิ้นสุด และรอบนั้นเผยแพร่แล้ว") % {"time": kept("link_uses")},
        ),
        Kept(
            _("ผู้ประสานงานของหน่วยงาน"),
            _("ตราบที่หน่วยงานยังมีหน้าที่รายงาน และอีก %(time)s หลังหน้าที่นั้นสิ้นสุด หรือจนเจ้าหน้าที่ลบ")
            % {"time": kept("focal_points")},
        ),
        Kept(
            _("บัญชีเจ้าหน้าที่"),
            _("ตราบที่ยังปฏิบัติหน้าที่ และอีก %(time)s หลังปิดบัญชี แล้วชื่อและอีเมลถูกลบ")
            % {"time": kept("accounts")},
        ),
        Kept(
            _("อีเมลหรือโทรศัพท์ ไฟล์ และข้อความของผู้แจ้งเรื่อง"),
            _("%(time)s นับจากวันที่ตอบหรือไม่รับไว้ตอบ ข้อความคงอยู่ถ้าผู้แจ้งยอมให้เผยแพร่")
            % {"time": kept("feedback")},
        ),
        Kept(
            _("อีเมลหรือโทรศัพท์ และไฟล์ของผู้แจ้งเรื่องที่ยังไม่มีคำตอบ"),
            _("%(time)s นับจากวันที่ส่ง") % {"time": kept("feedback_unanswered")},
        ),
        Kept(_("ค่าแฮชของที่อยู่เครือข่ายของผู้แจ้งเรื่อง"), _("จนสิ้นวันที่ส่ง แล้วถูกลบในการลบประจำวัน")),
        Kept(
            _("รายงานและประวัติการแก้ไข"),
            _("เก็บไว้ตลอดเพื่อการตรวจสอบ เมื่อบัญชีถูกลบแล้ว ประวัติเรียกผู้แก้ไขว่า “ผู้ใช้ที่ลบแล้ว”"),
        ),
    ]


def _length(time: timedelta) -> str:
    return format_duration(round(time.total_seconds()))
