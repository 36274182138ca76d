"""The committee's decisions on statuses: of a round, and on one measure or resolution."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from followup import actions, permissions
from followup.forms.fields import error_list
from followup.forms.secretariat import RulingForm
from followup.models import Round, RoundState, Ruling, StatusReport
from followup.views.kept import is_resumed, keeps_form
from followup.views.refusals import as_seen, look_again, show_conflict, show_refusal
from followup.views.staff import StaffRequest, posted, staff_page
from followup.views.years import any_round
from forum_portal.row_ids import read_id
from proposals.models import Forum, Measure, Resolution

MODELS: dict[str, type[Measure] | type[Resolution]] = {
    "measure": Measure,
    "resolution": Resolution,
}


def address_of(round_: Round, subject: Measure | Resolution) -> str:
    """The page on which the ruling on a subject is made."""
    kind = "measure" if isinstance(subject, Measure) else "resolution"
    return reverse("staff-ruling", args=[round_.pk, kind, subject.pk])


def rulings_of(round_: Round) -> list[tuple[Ruling, str]]:
    """(ruling, its page) of a round, in clause order. One query."""
    rulings = round_.rulings.select_related("measure__resolution__forum", "resolution__forum")
    ordered = sorted(rulings, key=lambda each: _place(each.subject))
    return [(each, address_of(round_, each.subject)) for each in ordered]


def _place(subject: Any) -> tuple[int, int, int]:
    resolution = subject.resolution if isinstance(subject, Measure) else subject
    clause = subject.number if isinstance(subject, Measure) else 0
    return resolution.forum.year_be, resolution.number, clause


def context_of(round_: Round, subject: Measure | Resolution) -> dict[str, Any]:
    """What a page needs that tells of the ruling on a subject, and leads to its form. One query."""
    return {
        "ruling": _ruling_on(round_, subject),
        "ruling_address": address_of(round_, subject),
        "may_rule": round_.state != RoundState.PUBLISHED,
    }


def _ruling_on(round_: Round, subject: Measure | Resolution) -> Ruling | None:
    on: dict[str, Any] = {"resolution": subject}
    if isinstance(subject, Measure):
        on = {"measure": subject}
    return Ruling.objects.filter(round=round_, **on).first()


@staff_page
def choose(request: StaffRequest, round_code: str) -> HttpResponse:
    """Choose the measure or resolution of a round on which the committee has decided."""
    round_ = any_round(round_code)
    if not permissions.may_rule(request.user):
        raise PermissionDenied
    forums = list(Forum.objects.followed_in(round_.year_be).only("year_be").order_by("year_be"))
    of_round = Resolution.objects.for_display().filter(forum__in=forums)
    if on := request.GET.get("on", ""):
        kind, _dot, key = on.partition(".")
        pk = read_id(key)
        known = {
            "resolution": of_round,
            "measure": Measure.objects.filter(resolution__forum__in=forums),
        }
        if pk and kind in known and known[kind].filter(pk=pk).exists():
            return redirect("staff-ruling", round_pk=round_.pk, kind=kind, pk=pk)
        messages.error(request, _("เลือกข้อเสนอหรือมาตรการย่อยจากรายการ"))
    # One forum's at a time, the latest one's first: all measures would be a list of hundreds.
    asked = request.GET.get("forum", "")
    latest = forums[-1] if forums else None
    forum = next((each for each in forums if str(each.year_be) == asked), latest)
    resolutions = of_round.filter(forum=forum).defer("text").prefetch_related("measures")
    context = {"round": round_, "forums": forums, "forum": forum, "resolutions": resolutions}
    return render(request, "staff/rulings.html", context)


@keeps_form(RulingForm)
@staff_page
def ruling(request: StaffRequest, round_pk: int, kind: str, pk: int) -> HttpResponse:
    """Store, change or withdraw the committee's decision on one measure or resolution."""
    if not permissions.may_rule(request.user):
        raise PermissionDenied
    if kind not in MODELS:
        raise Http404
    round_ = get_object_or_404(Round, pk=round_pk)
    related = ("resolution__forum",) if kind == "measure" else ("forum",)
    subject: Any = get_object_or_404(MODELS[kind]._default_manager.select_related(*related), pk=pk)
    stored = _ruling_on(round_, subject)
    form = RulingForm(
        posted(request), initial=as_seen(stored, actions.RULING_FIELDS) if stored else {}
    )
    report = _report_of(request, round_, kind, pk)
    back = (
        reverse("staff-review-report", args=[report])
        if report
        else reverse("staff-round", args=[round_.code])
    )
    status, conflict = 200, {}
    is_removal = request.POST.get("do") == "withdraw"
    if request.method == "POST" and not is_resumed(request):
        status = 422
        try:
            if is_removal:
                if stored is not None:  # else it was withdrawn already
                    seen = request.POST.get("seen", "")
                    actions.withdraw_ruling(ruling=stored, by=request.user, seen=seen)
                messages.success(request, _("ถอนมติแล้ว สถานะเป็นไปตามรายงานที่รับรอง"))
                return redirect(back)
            if form.is_valid():
                data = form.cleaned_data
                actions.rule(round_=round_, subject=subject, by=request.user, **data)
                messages.success(request, _("บันทึกมติ คสป. ที่กำหนดสถานะแล้ว"))
                return redirect(back)
        except actions.Refused as refused:
            show_refusal(form, refused)
        except actions.Conflict as found:
            if is_removal:
                return look_again(request)
            status, stored = 409, found.current
            conflict = {"conflict": True, "clash": show_conflict(form, found.current)}
    context = {
        "round": round_,
        "subject": subject,
        "ruling": stored,
        "ruling_form": form,
        "ruling_address": request.path,
        "may_rule": round_.state != RoundState.PUBLISHED,
        "errors": error_list(form),
        "back": back,
        "report": report,
        "here": request.path,
    }
    return render(request, "staff/ruling.html", context | conflict, status=status)


def _report_of(request: StaffRequest, round_: Round, kind: str, pk: int) -> int | None:
    """The key of the report under review from which somebody came, if it is on this measure."""
    key = read_id(request.POST.get("report", "") or request.GET.get("report", ""))
    if key is None or kind != "measure":
        return None
    reports = StatusReport.objects.filter(pk=key, round=round_, assignment__measure=pk)
    return reports.values_list("pk", flat=True).first()
