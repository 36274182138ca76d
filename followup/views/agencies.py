"""The secretariat's pages on agencies: focal points, caretakers, hand-over."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import actions
from followup.agencies_at_work import AgenciesAtWork, Filters
from followup.charts import WorkBar
from followup.forms.fields import error_list
from followup.forms.secretariat import FocalPointForm, HandOverForm
from followup.models import Agency, FocalPoint, Round, RoundState, User
from followup.views.many_agencies import keeps_ticks, query_of, ticks_in
from followup.views.refusals import as_seen, look_again, show_conflict, show_refusal
from followup.views.staff import StaffRequest, posted, staff_page
from followup.views.years import chosen_round, rounds_at_work
from followup.workload import NOTHING, Standing, standing_by_agency, total
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


#: The state of the list -> the word of its tab.
STATE_WORDS: dict[str, Promise] = {
    "": _l("ทั้งหมด"),
    "untouched": _l("ยังไม่เริ่ม"),
    "due": _l("ค้าง"),
    "done": _l("ส่งครบ"),
    "no_contact": _l("ไม่มีผู้ประสานงาน"),
    "no_link": _l("ไม่มีลิงก์"),
}
#: What narrows the list, and stays in its links.
FILTERS = ("year", "q", "kind", "caretaker", "mine", "state")


@keeps_ticks
@staff_page
def agency_list(request: StaffRequest) -> HttpResponse:
    """The agencies with an assignment: caretaker, focal points, reports due; work on the ticked ones."""
    rounds = rounds_at_work()
    round_ = chosen_round(request, rounds, next(iter(rounds), None))
    filters = Filters.read(request.GET)
    work = AgenciesAtWork.load(round_, filters, person=request.user.pk)
    number = min(read_id(request.GET.get("page", "")) or 1, work.pages)
    rows = work.page(number)
    here = {row.agency.pk for row in rows}
    select = request.GET.get("select", "")
    picked = {"page": here, "all": {row.agency.pk for row in work.shown}}.get(
        select, set(ticks_in(request))
    )
    ticked = here & picked
    elsewhere = [
        row.agency.pk for row in work.shown if row.agency.pk in picked and row.agency.pk not in here
    ]
    home = reverse("staff-agencies")

    def at(**more: Any) -> str:
        return home + query_of(request, FILTERS, **more)

    return render(
        request,
        "staff/agencies.html",
        {
            "round": round_,
            "rounds": rounds,
            "work": work,
            "rows": [(row, row.agency.pk in ticked) for row in rows],
            "filters": filters,
            "filtered": filters != Filters(),
            "tabs": [
                (name, STATE_WORDS[name], count, at(state=name))
                for name, count in work.counts.items()
            ],
            "others": ",".join(map(str, elsewhere)),
            "elsewhere": len(elsewhere),
            "picked": len(ticked) + len(elsewhere),
            "to_select": {
                name or "none": at(page=number, select=name) for name in ("", "page", "all")
            },
            "query": query_of(request, FILTERS, page=number),
            "number": number,
            "before": at(page=number - 1, select=select) if number > 1 else "",
            "after": at(page=number + 1, select=select) if number < work.pages else "",
            "takes": bool(round_ and round_.state == RoundState.OPEN),
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
    numbers = standing_by_agency(round_, record).get(record.pk, NOTHING)
    return render(
        request,
        "staff/agency.html",
        {
            "agency": record,
            "round": round_,
            "work": WorkBar(numbers),
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
            of_agencies = standing_by_agency(round_at_work())
            numbers = total(of_agencies.get(each.pk, NOTHING) for each in chosen)
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
