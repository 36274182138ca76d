"""Errors in Thai: pages, and problem documents under /api/.

None of them needs the database, because the database may be the cause of the error.
"""

import errno
import logging
import re
import sys
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from forum_portal import current_request, thai
from forum_portal.logs import one_line
from forum_portal.problems import problem, wants_problem
from forum_portal.storage_fault import StorageUnavailable

logger = logging.getLogger(__name__)

#: Names of form fields whose values no page repeats.
SECRET = re.compile(r"passw|otp|token|recovery|^code$", re.I)
#: The operating system's words for a disk without room.
FULL = {errno.ENOSPC, errno.EDQUOT}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400; `BadRequest("…")` raised by our own views may carry a Thai sentence."""
    if wants_problem(request):
        return problem(400, _("ระบบอ่านคำขอนี้ไม่ได้"))
    return render(request, "errors/400.html", {"reason": _reason(exception)}, status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a missing CSRF token: usually cookies are off or the browser was closed meanwhile."""
    return render(request, "errors/csrf.html", status=403)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if wants_problem(request):
        return problem(403, _("ไม่มีสิทธิ์เปิดที่อยู่นี้"))
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404 with a way home; `Http404("…")` raised by our own views may carry a Thai sentence."""
    reason = _reason(exception)
    if wants_problem(request):
        return problem(404, reason or _("ไม่มีที่อยู่นี้ ดูที่อยู่ทั้งหมดได้ที่ /api/v1/"))
    return render(
        request,
        "errors/404.html",
        {"reason": reason},
        status=404,
    )


def _reason(exception: Exception | None) -> str:
    """Our own view's Thai message; "" for Django's messages, which are for developers."""
    reason = exception.args[0] if exception and exception.args else ""
    return reason if isinstance(reason, str) and thai.is_thai(reason) else ""


def too_large(request: HttpRequest) -> HttpResponse:
    """413: the body was not read."""
    if wants_problem(request):
        return problem(413, _("คำขอใหญ่เกินกว่าที่อยู่นี้รับได้"))
    return render(request, "errors/413.html", status=413)


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    """429: this client, or all of them together, ask for more than is answered at a time."""
    if wants_problem(request):
        response = problem(429, _("มีคำขอมากเกินไป รอ %(n)d วินาทีแล้วลองใหม่") % {"n": seconds})
    else:
        response = plain("errors/429.html", {"seconds": seconds}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def too_many_attempts(request: HttpRequest) -> HttpResponse:
    """429 for an address that is used too often; every such limit counts by the minute."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "60"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500 with the request's number, which the log has too; 503 if what it needs is not there now."""
    error = sys.exc_info()[1]
    if error is not None and (why := _why_not_now(error)):
        logger.error("503 at %s: %s", one_line(request.path), type(error).__name__)
        is_login = request.path.startswith(reverse("login"))
        context = {"why": why, "is_login": is_login} | unsaved(request)
        response = (
            problem(503, why)
            if wants_problem(request)
            else plain("errors/503.html", context, status=503)
        )
        response["Retry-After"] = "60"
        return response
    number = current_request.number()
    logger.error("error %s at %s", number, one_line(request.path))
    if wants_problem(request):
        return problem(500, _("บันทึกเหตุการณ์แล้ว รหัส %(number)s") % {"number": number})
    return plain("errors/500.html", {"number": number} | unsaved(request), status=500)


def _why_not_now(error: BaseException) -> str:
    """Why the portal cannot answer at the moment; "" if the fault is in the portal itself."""
    if is_full(error):
        return _("พื้นที่เก็บข้อมูลของระบบเต็ม จึงบันทึกไม่ได้ แจ้งผู้ดูแลระบบ ข้อมูลที่บันทึกแล้วยังอยู่ครบ")
    if is_busy(error):
        return _("ระบบกำลังบันทึกงานอื่นอยู่ ข้อมูลที่บันทึกแล้วยังอยู่ครบ ลองใหม่ในอีกสักครู่")
    if isinstance(error, OperationalError | InterfaceError):
        return _("ฐานข้อมูลไม่ตอบในขณะนี้ ข้อมูลที่บันทึกแล้วยังอยู่ครบ ลองใหม่ในอีกสักครู่")
    if isinstance(error, StorageUnavailable):
        return _("ที่เก็บไฟล์ไม่ตอบในขณะนี้ ข้อมูลที่บันทึกแล้วยังอยู่ครบ ลองใหม่ในอีกสักครู่")
    if type(error).__module__.partition(".")[0] == "redis":  # the package is optional
        return _("ระบบส่วนหนึ่งไม่ตอบในขณะนี้ ข้อมูลที่บันทึกแล้วยังอยู่ครบ ลองใหม่ในอีกสักครู่")
    return ""


def is_full(error: BaseException) -> bool:
    """Whether there is no room to store anything. Then a connection to SQLite may only read."""
    cause = error.__cause__ or error
    return (
        getattr(cause, "errno", None) in FULL
        or getattr(cause, "sqlstate", None) == "53100"
        or getattr(cause, "sqlite_errorname", "") in {"SQLITE_FULL", "SQLITE_READONLY"}
    )


def is_busy(error: BaseException) -> bool:
    """Whether somebody else held what was needed for longer than one waits for it."""
    cause = error.__cause__ or error
    name = getattr(cause, "sqlite_errorname", "")
    return getattr(cause, "sqlstate", None) in {"55P03", "57014"} or name.startswith(
        ("SQLITE_BUSY", "SQLITE_LOCKED")
    )


def unsaved(request: HttpRequest) -> dict[str, Any]:
    """What somebody has sent in a form that could not be stored, for a page that can send it again.

    Empty if nothing was typed, and for forms with a secret: no page repeats a password or a code.
    """
    if request.method != "POST":
        return {}
    try:
        sent = [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if name != "csrfmiddlewaretoken"
        ]
    except (SuspiciousOperation, OSError):  # too large, or it never arrived
        return {}
    if any(SECRET.search(name) for name, _value in sent):
        return {}
    typed = [value for _name, value in sent if len(value) > 1 and not value.isdecimal()]
    return {
        "sent": sent,
        "typed_texts": typed,
        "path": request.get_full_path(),
        "has_files": bool(request.FILES),
        "csrf_token": get_token(request),
    }


def plain(template: str, context: dict[str, Any], status: int) -> HttpResponse:
    """Render a page without a request, so that no context processor queries the database."""
    return render(None, template, context, status=status)
