"""One agency takes over another one's assignments: the form, what will happen, the confirmation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from followup import actions, permissions
from followup.assigned import first_year_at_work
from followup.forms.assignments import AgencyNameField, ReplaceForm
from followup.forms.fields import error_list
from followup.models import Agency, Assignment, Round
from followup.views.assignments import keeps_typed, keys_in, suggested
from followup.views.refusals import show_refusal
from followup.views.staff import StaffRequest, posted, staff_page
from forum_portal.stored_version import version_of
from forum_portal.years import fiscal_year_today


@keeps_typed
@staff_page
def replace_agency(request: StaffRequest) -> HttpResponse:
    """Choose the agency that is replaced; then what moves, to whom, from when and why; then confirm."""
    if not permissions.may_administer(request.user):
        raise PermissionDenied
    agencies = list(Agency.objects.standing().prefetch_related("aliases"))
    source, wrong = _source(request.GET.get("from", ""), agencies)
    context: dict[str, Any] = {
        "source": source,
        "asked": request.GET.get("from", ""),
        "wrong": wrong,
        "names": suggested(agencies),
    }
    if source is None:
        return render(request, "staff/replace.html", context)
    rows = _rows(source)
    form = ReplaceForm(
        posted(request), agencies=agencies, years=_years(rows), initial=_initial(request)
    )
    status, plan = 200, None
    if request.method == "POST":
        plan, status = _plan(request, form, source)
        if plan and request.POST.get("do") == "confirm":
            try:
                _replace(request, form, source)
            except actions.Refused as refused:
                show_refusal(form, refused)
                status = 422
            else:
                _thank(request, plan)
                return redirect("staff-agency", code=plan.target.code)
        elif request.POST.get("do") == "edit":
            plan, status = None, 200
    # Without script and before anything was sent, all measures are ticked.
    ticked = {row.pk for row in rows}
    if request.method == "POST":
        ticked &= set(keys_in(request.POST.getlist("tick")))
    elif "ticks" in request.GET:
        ticked &= set(keys_in(request.GET["ticks"].split(",")))
    context |= {
        "form": form,
        "errors": error_list(form) if status != 200 else [],
        "plan": plan,
        "rows": [
            (row, f"{row.pk}.{version_of(row, actions.ASSIGNMENT_FIELDS)}", row.pk in ticked)
            for row in rows
        ],
        "here": request.get_full_path(),
    }
    template = "staff/replace_confirm.html" if plan else "staff/replace.html"
    return render(request, template, context, status=status)


def _source(typed: str, agencies: list[Agency]) -> tuple[Agency | None, str]:
    """(the agency that is replaced, what is wrong with its name); a code or any of its names."""
    if not typed.strip():
        return None, ""
    field = AgencyNameField(required=False)
    field.agencies = agencies
    try:
        found = field.clean(typed)
    except ValidationError as error:
        return None, " ".join(error.messages)
    return found, "" if found else _("ระบุหน่วยงานเดิม พิมพ์ชื่อย่อหรือชื่อเต็ม")


def _rows(source: Agency) -> list[Assignment]:
    """What the agency still answers for, in clause order."""
    first = first_year_at_work()
    return [
        row
        for row in Assignment.objects.as_given()
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=first), agency=source)
        .select_related("measure__resolution__forum", "agency")
        .order_by(
            "measure__resolution__forum__year_be",
            "measure__resolution__number",
            "measure__number",
            "role",
        )
        if not row.was_never_in_force
    ]


def _years(rows: list[Assignment]) -> dict[int, str]:
    """The fiscal years (B.E.) from which the new agency may answer -> their words."""
    states = {each.year_be: each.get_state_display() for each in Round.objects.order_by("pk")}
    first = min([*(row.valid_from for row in rows), *states, fiscal_year_today()])
    last = max([first, fiscal_year_today(), *states]) + 1
    return {
        year: _("%(year)s (%(state)s)") % {"year": year, "state": states[year]}
        if year in states
        else str(year)
        for year in range(first, last + 1)
    }


def _initial(request: StaffRequest) -> dict[str, Any]:
    kept = {name: request.GET[name] for name in ("to", "year", "reason") if name in request.GET}
    came_back = "ticks" in request.GET
    return {
        "year": first_year_at_work(),
        "withdraws": "withdraws" in request.GET if came_back else True,
    } | kept


def _plan(
    request: StaffRequest, form: ReplaceForm, source: Agency
) -> tuple[actions.Replacement | None, int]:
    """(what would happen, the status of the page); the form has the errors."""
    if not form.is_valid():
        return None, 422
    data = form.cleaned_data
    try:
        plan = actions.plan_replacement(
            source=source,
            target=data["to"],
            first_year=data["year"],
            assignments=data["tick"],
            withdraws=data["withdraws"],
        )
    except actions.Refused as refused:
        show_refusal(form, refused)
        return None, 422
    return plan, 200


def _replace(request: StaffRequest, form: ReplaceForm, source: Agency) -> None:
    data = form.cleaned_data
    actions.replace_agency(
        by=request.user,
        source=source,
        target=data["to"],
        first_year=data["year"],
        assignments=data["tick"],
        reason=data["reason"],
        withdraws=data["withdraws"],
        effects=data["effects"],
    )


def _thank(request: StaffRequest, plan: actions.Replacement) -> None:
    messages.success(
        request,
        _("%(to)s รับช่วงจาก %(from)s %(count)s ข้อ ตั้งแต่รอบ %(year)s แล้ว รอ คสป. ยืนยัน")
        % {
            "to": plan.target.short,
            "from": plan.source.short,
            "count": plan.ended,
            "year": plan.first_year,
        },
    )
