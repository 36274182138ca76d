"""Problem documents (RFC 9457): the error responses under /api/."""

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _l

from forum_portal.headers import for_other_sites

API_PREFIX = "/api/"
PROBLEM_TYPE = "application/problem+json"
TITLES = {
    HTTPStatus.BAD_REQUEST: _l("คำขอไม่ถูกต้อง"),
    HTTPStatus.FORBIDDEN: _l("ไม่มีสิทธิ์"),
    HTTPStatus.NOT_FOUND: _l("ไม่พบข้อมูล"),
    HTTPStatus.METHOD_NOT_ALLOWED: _l("ใช้เมธอดนี้ไม่ได้"),
    HTTPStatus.GONE: _l("ถอนแล้ว"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _l("คำขอใหญ่เกินไป"),
    HTTPStatus.TOO_MANY_REQUESTS: _l("มีคำขอมากเกินไป"),
    HTTPStatus.INTERNAL_SERVER_ERROR: _l("ระบบขัดข้อง"),
    HTTPStatus.SERVICE_UNAVAILABLE: _l("ระบบยังไม่พร้อม"),
}


def wants_problem(request: HttpRequest | None) -> bool:
    """Whether the request is to the API, whose clients are programs and do not read pages."""
    return request is not None and request.path.startswith(API_PREFIX)


def open_to_all(response: HttpResponse) -> HttpResponse:
    """Allow scripts of any site to read this response; it holds no data of a signed-in person."""
    response["Access-Control-Allow-Origin"] = "*"
    return for_other_sites(response)


def problem(status: int, detail: str, **more: Any) -> HttpResponse:
    """A problem document. `detail` is in Thai; `more` are extra members such as `parameter`."""
    document = {
        "type": "about:blank",
        "title": str(TITLES[HTTPStatus(status)]),
        "status": int(status),
        "detail": detail,
        **more,
    }
    content = json.dumps(document, ensure_ascii=False)
    return open_to_all(HttpResponse(content, content_type=PROBLEM_TYPE, status=status))
