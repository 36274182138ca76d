"""The pages behind an agency's link: only its own reports of one round."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from followup import actions, link_checks, permissions, promised, standing
from followup.forms.fields import error_list
from followup.forms.report import ReplyForm
from followup.models import AgencyLink, Evidence, RoundState, SignedLink, StatusReport
from followup.models.reports import SETTLED
from followup.views import evidence, report_form
from followup.views.paging import Paged, paged
from followup.views.refusals import show_refusal
from followup.views.report_form import Desk, stand_on
from followup.workload import by_agency
from forum_portal import security_log
from forum_portal.bodies import TYPED, takes_body, upload_bytes
from forum_portal.client import hashed_address
from forum_portal.security_log import Event

#: The limit of invalid-link attempts for one client, and the window in seconds.
DEAD_LIMIT, DEAD_SECONDS = 20, 10 * 60

#: Reports a page.
PAGE = 20

View = Callable[..., HttpResponseBase]


def link_page(view: View) -> View:
    """Decorate a view for a valid link; every invalid link gets the same page."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponseBase:
        link = actions.find_link(token)
        if link is None:
            return dead(request, token)
        if request.method == "POST" and not permissions.may_write_by_link(request.user):
            return report_form.keep(request, sentence=_signed_in_message(), may_resume=False)
        if request.method == "GET":
            user = request.user if request.user.is_authenticated else None
            actions.note_opened(link=link, user=user)
            # Each time: another address than the agency's would be seen here.
            security_log.write(Event.LINK_OPENED, about=link, outcome="preview" if user else "")
        return view(request, link, token, **kwargs)

    return require_http_methods(["GET", "HEAD", "POST"])(guarded)


def _signed_in_message() -> str:
    return _(
        "ท่านเข้าสู่ระบบอยู่ จึงดูหน้าของหน่วยงานได้อย่างเดียว บันทึกแทนหน่วยงานได้ที่หน้ารายงานของเจ้าหน้าที่ "
        "คัดลอกข้อความที่พิมพ์ไว้จากหน้านี้"
    )


def dead(
    request: HttpRequest,
    token: str,
    *,
    kind: type[SignedLink] = AgencyLink,
    typed: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The page for an invalid link: how to get another one; typed text can be copied from it.

    `typed`: what was typed, as `report_form.typed_in` gives it for a report. All kinds of links share
    one limit.
    """
    key = f"dead-link:{hashed_address(request)}"
    cache.add(key, 0, DEAD_SECONDS)
    try:
        tried = cache.incr(key)
    except ValueError:  # it expired during this request
        tried = 1
    too_many = tried > DEAD_LIMIT
    security_log.write(
        Event.LINK_REFUSED,
        about=actions.signed_link(token, kind) or "",
        outcome="throttled" if too_many else "",
    )
    context = {"too_many": too_many, "minutes": DEAD_SECONDS // 60}
    context |= report_form.typed_in(request) if typed is None else typed
    response = render(request, "agency/dead.html", context, status=429 if too_many else 404)
    if too_many:
        response["Retry-After"] = str(DEAD_SECONDS)
    return response


@link_page
def report_list(request: HttpRequest, link: AgencyLink, token: str) -> HttpResponse:
    """The agency's reports of the round, those still to be done first."""
    reports = permissions.reports_of(link)
    in_order = reports.with_context()
    if link.round.state == RoundState.OPEN:
        in_order = in_order.annotate(is_sent=Q(state__in=SETTLED)).order_by(
            "is_sent", *in_order.query.order_by
        )
    shown: Paged[StatusReport] = paged(request, in_order, PAGE)
    rows = [
        (report, reverse("agency-report", args=[token, report.pk]), permissions.may_reply(report))
        for report in shown.rows
    ]
    work = by_agency(reports)
    asked = promised.asked(link.round, [link.agency], timezone.localdate())
    context = {
        "link": link,
        "round": link.round,
        "rows": rows,
        "paged": shown,
        "numbers": work.total,
        "by_forum": work.by_forum,
        "asked": asked.get(link.agency_id),
        "dead_links": link_checks.dead_of(link.agency_id),
        "preview": not permissions.may_write_by_link(request.user),
    }
    return render(request, "agency/reports.html", context)


def _body_limit(request: HttpRequest, token: str, **kwargs: Any) -> int:
    """The largest form in bytes: with files for a link that works; else its text comes back."""
    return upload_bytes() if actions.find_link(token) else TYPED


@takes_body(_body_limit)
@link_page
def report(request: HttpRequest, link: AgencyLink, token: str, pk: int) -> HttpResponse:
    """The form of one report; or the submitted report, with the reply to the assessment."""
    record = permissions.reports_of(link).with_context().filter(pk=pk).first()
    if record is None:
        if request.method == "POST" and request.POST.get("version"):
            gone = actions.gone_message()
            return report_form.keep(request, status=404, sentence=gone, may_resume=False)
        raise Http404
    desk = desk_of(request, link, token, record)
    if request.method == "POST":
        do = request.POST.get("do")
        take = {"reply": _take_reply, "recall": report_form.recall}.get(do or "", report_form.take)
        return take(desk)
    if record.takes_text:
        return report_form.begin(desk)
    initial = {"version": record.version, "agency_reply": record.agency_reply}
    return _read_page(desk, ReplyForm(initial=initial))


@require_safe
@link_page
def evidence_file(
    request: HttpRequest, link: AgencyLink, token: str, pk: int, name: str
) -> HttpResponseBase:
    """A file of one of the agency's reports, unless it is the secretariat's internal evidence."""
    piece = get_object_or_404(Evidence.objects.exclude(file=""), pk=pk, file_name=name)
    record = permissions.reports_of(link).filter(pk=piece.report_id).first()
    if record is None or piece.pk in permissions.evidence_hidden_from(link, record):
        raise Http404
    return evidence.send(piece)


def unsaved(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """Show a form that was sent with an old CSRF token; nothing is stored."""
    link = actions.find_link(token)
    if link is None:
        return dead(request, token)
    if not permissions.may_write_by_link(request.user):
        return report_form.keep(request, sentence=_signed_in_message(), may_resume=False)
    record = permissions.reports_of(link).with_context().filter(pk=pk).first()
    if record is None:
        raise Http404
    desk = desk_of(request, link, token, record)
    if record.takes_text:
        return report_form.resume(desk, status=403)
    messages.warning(request, _("ยังไม่ได้บันทึก ตรวจอีกครั้งก่อนบันทึก"))
    return _read_page(desk, ReplyForm(request.POST), status=403)


def desk_of(request: HttpRequest, link: AgencyLink, token: str, record: StatusReport) -> Desk:
    for piece in record.evidence.all():
        if piece.file:
            address = reverse("agency-evidence", args=[token, piece.pk, piece.file_name])
            piece.address_by_link = address
    return Desk(
        request,
        record,
        template="agency/report.html",
        here=reverse("agency-report", args=[token, record.pk]),
        after=reverse("agency-reports", args=[token]),
        thanks=_("ส่งมาตรการย่อย %(measure)s แล้ว ฝ่ายเลขานุการ คสป. จะตรวจและรับรอง"),
        link=link,
        context={
            "link": link,
            "home": reverse("agency-reports", args=[token]),
            "preview": not permissions.may_write_by_link(request.user),
            **report_form.recall_of(record, link=link),
        },
    )


def _take_reply(desk: Desk) -> HttpResponse:
    form = ReplyForm(desk.request.POST)
    status = 422
    if form.is_valid():
        try:
            actions.reply(
                report=desk.record,
                link=desk.link,
                version=form.cleaned_data["version"],
                text=form.cleaned_data["agency_reply"],
            )
        except actions.Conflict as conflict:
            desk, status = replace(desk, record=conflict.current), 409
            form.add_error(
                None, _("รายการนี้เปลี่ยนไปหลังจากเปิดหน้า อ่านฉบับล่าสุดด้านล่าง ข้อความที่พิมพ์ยังอยู่ในช่อง")
            )
            stand_on(form, desk.record.version)
        except actions.Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(desk.request, _("บันทึกคำชี้แจงแล้ว สาธารณะจะเห็นเมื่อเผยแพร่รอบ"))
            return redirect(desk.here)
    return _read_page(desk, form, status=status)


def _read_page(desk: Desk, form: ReplyForm, *, status: int = 200) -> HttpResponse:
    standing.mark([desk.record])
    context = report_form.context_of(desk.record, desk.last) | {
        "form": form,
        "errors": error_list(form) if form.is_bound else [],
        "here": desk.here,
        "may_reply": permissions.may_reply(desk.record) and not desk.context["preview"],
        "submitting": False,
        "stored": False,
        **desk.context,
    }
    return render(desk.request, "agency/report_read.html", context, status=status)
