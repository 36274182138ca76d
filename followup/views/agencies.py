"""The secretariat's pages on agencies: focal points, caretakers, hand-over."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from followup import actions
from followup.assigned import first_year_at_work
from followup.charts import WorkBar
from followup.forms.fields import error_list
from followup.forms.secretariat import FocalPointForm, HandOverForm
from followup.models import Agency, FocalPoint, Round, User
from followup.views.refusals import as_seen, look_again, show_conflict, show_refusal
from followup.views.staff import StaffRequest, posted, staff_page
from followup.views.years import rounds_at_work
from followup.workload import Standing, reports_by_agency, standing
from forum_portal.row_ids import read_id
from forum_portal.stored_version import SEEN

NOBODY = "nobody"


def round_at_work() -> Round | None:
    """The round that these pages show: the first one that takes reports."""
    return next(iter(rounds_at_work()), None)


def colleagues() -> Any:
    """The possible caretakers: members of the secretariat with an active account."""
    return User.objects.with_perm(
        "followup.log_statusreport", backend="django.contrib.auth.backends.ModelBackend"
    ).order_by("display_name", "username")


@staff_page
def agency_list(request: StaffRequest) -> HttpResponse:
    """Every agency with an assignment: its caretaker, its focal points, its reports due."""
    round_ = round_at_work()
    reports = reports_by_agency(round_)
    mine = request.GET.get("mine") == "1"
    agencies = list(
        Agency.objects.filter(assignments__isnull=False)
        .exclude(pk__in=Agency.objects.ended_before(first_year_at_work()))
        .distinct()
        .select_related("caretaker")
        .prefetch_related(
            Prefetch(
                "focal_points", FocalPoint.objects.filter(is_main=True), to_attr="main_contacts"
            )
        )
    )
    of_mine = [agency for agency in agencies if agency.caretaker_id == request.user.pk]
    rows = [(each, standing(reports.get(each.pk, []))) for each in (of_mine if mine else agencies)]
    return render(
        request,
        "staff/agencies.html",
        {
            "round": round_,
            "rows": rows,
            "mine": mine,
            "count": len(agencies),
            "mine_count": len(of_mine),
            "without": sum(agency.caretaker_id is None for agency in agencies),
        },
    )


def get_agency(code: str) -> Agency:
    return get_object_or_404(Agency.objects.select_related("caretaker", "merged_into"), code=code)


@staff_page
def agency(request: StaffRequest, code: str) -> HttpResponse:
    """One agency: its reports due in this round, its focal points, its letters."""
    record = get_agency(code)
    if record.merged_into:
        return redirect("staff-agency", code=record.merged_into.code)
    round_ = round_at_work()
    reports = reports_by_agency(round_).get(record.pk, [])
    return render(
        request,
        "staff/agency.html",
        {
            "agency": record,
            "round": round_,
            "work": WorkBar(standing(reports)),
            "contacts": list(record.focal_points.all()),
        },
    )


@staff_page
def contact(request: StaffRequest, code: str, pk: int | None = None) -> HttpResponse:
    """Add, change or remove a focal point."""
    record = get_agency(code)
    if record.merged_into:
        return redirect("staff-agency", code=record.merged_into.code)
    person = get_object_or_404(FocalPoint, pk=pk, agency=record) if pk else None
    if person and request.POST.get("do") == "remove":
        try:
            seen = request.POST.get(SEEN, "")
            actions.remove_focal_point(by=request.user, focal_point=person, seen=seen)
        except actions.Conflict:
            return look_again(request)
        messages.success(request, _("ลบ %(name)s แล้ว") % {"name": person.name})
        return redirect("staff-agency", code=code)
    # An agency's first focal point is its main one by default.
    initial: dict[str, Any] = {"is_main": not record.focal_points.filter(is_main=True).exists()}
    if person:
        initial = as_seen(person, actions.FOCAL_POINT_FIELDS)
    form = FocalPointForm(posted(request), initial=initial)
    conflict: dict[str, Any] = {}
    if form.is_valid():
        try:
            stored = actions.save_focal_point(
                by=request.user,
                agency=record,
                focal_point=person,
                fields=form.cleaned_data,
                seen=form.cleaned_data[SEEN],
            )
        except actions.Refused as refused:
            show_refusal(form, refused)
        except actions.Conflict as found:
            conflict = {"conflict": True, "clash": show_conflict(form, found.current)}
        else:
            messages.success(request, _("บันทึก %(name)s แล้ว") % {"name": stored.name})
            return redirect("staff-agency", code=code)
    return render(
        request,
        "staff/contact.html",
        {
            "agency": record,
            "person": person,
            "form": form,
            "errors": error_list(form),
            "here": request.path,
            **conflict,
        },
        status=409 if conflict else 422 if form.is_bound else 200,
    )


# Hand-over ------------------------------------------------------------------------------------


@staff_page
def hand_over(request: StaffRequest) -> HttpResponse:
    """Choose whose agencies go to whom, show the effect in numbers, confirm."""
    takers = colleagues()
    givers = User.objects.filter(agencies__isnull=False).distinct().order_by("display_name")
    asked = (request.POST or request.GET).get("from", "")
    key = read_id(asked)
    giver = givers.filter(pk=key).first() if key else None
    if not giver and asked != NOBODY:
        giver = givers.filter(pk=request.user.pk).first()
    chosen: list[Agency] = []
    numbers: Standing | None = None
    form = HandOverForm(posted(request), giver=giver, takers=takers)
    if giver:  # a person on leave hands over all; agencies without a caretaker are shared out
        form.fields["agencies"].initial = giver.agencies.all()
    if form.is_valid():
        to = form.cleaned_data["to"]
        chosen = list(form.cleaned_data["agencies"])
        if request.POST.get("do") == "confirm":
            try:
                actions.hand_over(
                    by=request.user, agencies=[each.pk for each in chosen], from_=giver, to=to
                )
            except actions.Refused as refused:
                show_refusal(form, refused)
            else:
                messages.success(
                    request,
                    _("ส่งต่อ %(n)d หน่วยงานให้ %(to)s แล้ว") % {"n": len(chosen), "to": to},
                )
                return redirect("staff-agencies")
        else:
            reports = reports_by_agency(round_at_work())
            numbers = standing(report for each in chosen for report in reports.get(each.pk, []))
    return render(
        request,
        "staff/handover_confirm.html" if numbers else "staff/handover.html",
        {
            "form": form,
            "errors": error_list(form),
            "giver": giver,
            "givers": givers,
            "from": giver.pk if giver else NOBODY,
            "to": form.cleaned_data.get("to") if form.is_bound else None,
            "chosen": chosen,
            "numbers": numbers,
        },
        status=422 if form.errors else 200,
    )
