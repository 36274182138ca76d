"""Work on many agencies at once: the ticked ones of the list get links, letters or e-mails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import actions, jobs, permissions
from followup.forms.fields import error_list
from followup.forms.secretariat import MailForm
from followup.models import Agency, AgencyLink, FocalPoint, Round, SentMail
from followup.views.downloads import attachment
from followup.views.report_form import unsaved_message
from followup.views.staff import StaffRequest, staff_page
from forum_portal.addresses import absolute
from forum_portal.row_ids import read_id

View = Callable[..., HttpResponse]


# The ticks ------------------------------------------------------------------------------------


def query_of(request: HttpRequest, names: Iterable[str], **more: Any) -> str:
    """A query string with these parameters of the address, and others; without empty ones."""
    kept = {name: request.GET[name] for name in names if request.GET.get(name)} | more
    if kept.get("page") == 1:
        del kept["page"]
    kept = {name: str(value) for name, value in kept.items() if value not in {"", None}}
    return f"?{urlencode(kept)}" if kept else ""


def ticks_in(request: HttpRequest) -> list[int]:
    """The keys of the ticked agencies: those of the page, and those of the filter's other pages."""
    sent = request.POST if request.method == "POST" else request.GET
    every = [*sent.getlist("tick"), *sent.get("others", "").split(",")]
    found = (read_id(each) for each in every)
    return list(dict.fromkeys(key for key in found if key))


def list_with_ticks(request: HttpRequest) -> str:
    """The address of the list with the ticks that were sent; opening it changes nothing."""
    query = request.GET.copy()
    query.pop("select", None)
    if ticks := ticks_in(request):
        query["others"] = ",".join(map(str, ticks))
    return f"{reverse('staff-agencies')}?{query.urlencode()}"


def keeps_ticks(view: View) -> View:
    """Decorate a page: what was ticked when the login ended is ticked once signed in."""

    @wraps(view)
    def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            return redirect_to_login(list_with_ticks(request))
        return view(request, *args, **kwargs)

    return keeping


def unsaved(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """A form with an earlier login's CSRF token: the list again with its ticks, nothing is done."""
    if not request.user.is_authenticated:
        return redirect_to_login(list_with_ticks(request))
    messages.warning(request, unsaved_message())
    return redirect(list_with_ticks(request))


def chosen(request: StaffRequest) -> tuple[Round, list[Agency]] | HttpResponse:
    """The round of the form and its ticked agencies; the list again if there are none.

    Raises Http404 for a round that is no more.
    """
    if request.method != "POST":
        return redirect(list_with_ticks(request))
    round_ = get_object_or_404(Round, pk=read_id(request.POST.get("round", "")) or 0)
    agencies = list(Agency.objects.filter(pk__in=ticks_in(request)).order_by("sort_key", "pk"))
    if not agencies:
        return refused(request, _("ยังไม่ได้เลือกหน่วยงาน เลือกในรายการก่อน แล้วกดอีกครั้ง"))
    return round_, agencies


def refused(request: StaffRequest, sentence: str) -> HttpResponse:
    """The list again, with its ticks and why nothing was done."""
    messages.error(request, sentence)
    return redirect(list_with_ticks(request))


# Links ----------------------------------------------------------------------------------------


@keeps_ticks
@staff_page
def links(request: StaffRequest) -> HttpResponse:
    """Issue a link to each ticked agency without one; the addresses are shown on this answer only."""
    found = chosen(request)
    if isinstance(found, HttpResponse):
        return found
    round_, agencies = found
    try:
        outcome = actions.issue_links(round_=round_, agencies=agencies, by=request.user)
    except actions.Refused as error:
        return refused(request, str(error))
    rows = []
    for each in outcome:
        path = reverse("agency-reports", args=[actions.token_of(each.link)]) if each.link else ""
        rows.append((each, absolute(path, request) if path else ""))
    issued = sum(bool(address) for _each, address in rows)
    # No redirect: nobody can open the page with the addresses a second time.
    return render(
        request,
        "staff/agencies_links.html",
        {
            "round": round_,
            "rows": rows,
            "issued": issued,
            "kept": len(rows) - issued,
            "back": list_with_ticks(request),
        },
    )


# Letters --------------------------------------------------------------------------------------

#: The kind of file of many letters -> its content type.
LETTER_FILES = {"zip": "application/zip", "pdf": "application/pdf"}
NAMED = 10  # agencies that a message names; the others are counted


@keeps_ticks
@staff_page
def letters(request: StaffRequest, kind: str) -> HttpResponse:
    """The next letters to the ticked agencies in one file: a zip of DOCX, or a PDF to print."""
    from followup import letter_print  # typst and python-docx cost 70 ms to load

    if kind not in LETTER_FILES:
        raise Http404
    found = chosen(request)
    if isinstance(found, HttpResponse):
        return found
    round_, agencies = found
    rows = letter_print.letters_due(round_, agencies)
    if not rows:
        return refused(request, _("หน่วยงานที่เลือกส่งรายงานครบแล้ว จึงไม่มีหนังสือติดตาม"))
    write = letter_print.as_zip if kind == "zip" else letter_print.as_pdf
    content = write(round_, rows, timezone.localdate())
    written = {row.agency.pk for row in rows}
    if without := [each.short for each in agencies if each.pk not in written]:
        more = len(without) - NAMED
        messages.info(
            request,
            _("ไฟล์หนังสือที่ดาวน์โหลดไม่มีหนังสือถึง %(list)s เพราะส่งรายงานครบแล้ว")
            % {
                "list": ", ".join(without[:NAMED])
                + (_(" และอีก %(n)d แห่ง") % {"n": more} if more > 0 else "")
            },
        )
    name = _("หนังสือติดตาม_%(year)s") % {"year": round_.code}
    return attachment(HttpResponse(content, content_type=LETTER_FILES[kind]), f"{name}.{kind}")


# E-mails --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recipients:
    """A ticked agency, its focal points with an address, and when it was last written to."""

    agency: Agency
    people: list[FocalPoint]
    last: datetime | None


@keeps_ticks
@staff_page
def mail(request: StaffRequest) -> HttpResponse:
    """List who would get an e-mail with what, and send it once that is confirmed."""
    found = chosen(request)
    if isinstance(found, HttpResponse):
        return found
    round_, agencies = found
    form = MailForm(request.POST if request.POST.get("do") == "send" else None)
    if form.is_valid():
        sending = form.cleaned_data["sending"]
        try:
            actions.queue_mails(
                round_=round_,
                agencies=agencies,
                content=form.cleaned_data["content"],
                sending=sending,
                by=request.user,
            )
        except actions.Refused as error:
            return refused(request, str(error))
        return redirect("staff-agencies-mailed", sending=sending)
    people: dict[int, list[FocalPoint]] = {}
    for person in FocalPoint.objects.filter(agency__in=agencies).exclude(email=""):
        people.setdefault(person.agency_id, []).append(person)
    last = dict(
        SentMail.objects.filter(round=round_, agency__in=agencies, outcome=SentMail.Outcome.SENT)
        .order_by()
        .values_list("agency")
        .annotate(Max("at"))
    )
    with_link = {
        link.agency_id
        for link in AgencyLink.objects.filter(
            round=round_, agency__in=agencies, revoked_at=None
        ).select_related("round")
        if permissions.link_works(link)
    }
    rows = [Recipients(each, people.get(each.pk, []), last.get(each.pk)) for each in agencies]
    context = {
        "round": round_,
        "rows": rows,
        "people": sum(len(row.people) for row in rows),
        "without": sum(not row.people for row in rows),
        "without_link": sum(bool(row.people) and row.agency.pk not in with_link for row in rows),
        "form": form,
        "errors": error_list(form),
        "ticks": ",".join(str(each.pk) for each in agencies),
        "sending": request.POST.get("sending") or uuid4(),
        "here": request.get_full_path(),
        "back": list_with_ticks(request),
    }
    status = 422 if form.is_bound else 200
    return render(request, "staff/agencies_mail.html", context, status=status)


@staff_page
def mailed(request: StaffRequest, sending: UUID) -> HttpResponse:
    """What became of each e-mail of one sending, so far."""
    mails = list(
        SentMail.objects.filter(sending=sending)
        .select_related("round", "agency", "focal_point")
        .order_by("agency__sort_key", "pk")
    )
    if not mails:
        raise Http404
    outcomes = Counter(each.outcome for each in mails)
    left = outcomes[SentMail.Outcome.WAITING]
    is_alone = bool(left) and not jobs.somebody_works()
    return render(
        request,
        "staff/agencies_mailed.html",
        {
            "round": mails[0].round,
            "mails": mails,
            "sent": outcomes[SentMail.Outcome.SENT],
            "waiting": left + outcomes[SentMail.Outcome.SENDING],
            "goes_on": bool(left) and not is_alone,
            "alone": is_alone,
            "here": request.path,
        },
    )
