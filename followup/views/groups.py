"""Groups of agencies: their members, and which measures they answer for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from followup import actions, permissions
from followup.forms.fields import error_list
from followup.forms.groups import GroupForm, LeaveForm, MembersForm
from followup.models import (
    Agency,
    AgencyKind,
    Assignment,
    GroupMember,
    Province,
    Round,
    RoundState,
)
from followup.views.forum_entry import resumes
from followup.views.paging import paged
from followup.views.refusals import show_refusal
from followup.views.report_form import unsaved_message
from followup.views.staff import StaffRequest, posted, staff_page
from forum_portal.row_ids import read_id
from forum_portal.stored_version import SEEN, version_of
from forum_portal.years import YEAR_MAX, YEAR_MIN, fiscal_year_today

PAGE = 100  # members a page
OFFERED = 100  # agencies to tick at once
SHOW, TICK = "show", "tick"  # what to do: show agencies to tick, and tick them all

View = Callable[..., HttpResponse]
Members = TypeVar("Members", bound=MembersForm)


# What was typed -------------------------------------------------------------------------------


def keeps_names(view: View) -> View:
    """Decorate a page: what is sent after the login ended is on a page that sends it on."""

    @wraps(view)
    def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            return keep(request)
        return view(request, *args, **kwargs)

    return keeping


def keep(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """A page that holds what was typed; after the login it is sent on to the form."""
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        if name in {*GroupForm.base_fields, *LeaveForm.base_fields}
        for value in values
    ]
    labels = {name: field.label for name, field in GroupForm.base_fields.items()}
    typed = [(labels[name], value) for name, value in sent if name in labels and value]
    context = {"sent": sent, "typed": typed, "may_resume": True}
    return render(request, "reporting/kept.html", context, status=403)


# Pages ----------------------------------------------------------------------------------------


@staff_page
def group_list(request: StaffRequest) -> HttpResponse:
    """Every group, with how many agencies and measures it has this year."""
    year = fiscal_year_today()
    now = Q(memberships__valid_to__isnull=True) | Q(memberships__valid_to__gte=year)
    going_on = Q(assignments__valid_to__isnull=True) | Q(assignments__valid_to__gte=year)
    groups = (
        Agency.objects.filter(kind=AgencyKind.GROUP)
        .annotate(
            members_now=Count("memberships__agency", filter=now, distinct=True),
            measures_now=Count("assignments__measure", filter=going_on, distinct=True),
        )
        .order_by("sort_key")
    )
    return render(request, "staff/groups.html", {"groups": list(groups)})


@keeps_names
@staff_page
def group_new(request: StaffRequest) -> HttpResponse:
    """A new group with its first members."""
    _require_administrator(request)
    form = _form(request, GroupForm)
    if request.method == "POST" and resumes(request):
        messages.warning(request, unsaved_message())
    elif form.is_valid():
        try:
            made = actions.begin_group(
                by=request.user,
                name_th=form.cleaned_data["name_th"],
                abbr_th=form.cleaned_data["abbr_th"],
                code=form.cleaned_data["code"],
                agencies=form.chosen,
                first_year=form.cleaned_data["first_year"],
            )
        except actions.Refused as refused:
            _show(form, refused)
        else:
            messages.success(
                request,
                _("สร้าง%(group)sแล้ว %(count)s หน่วยงาน")
                % {"group": made.short, "count": len(form.chosen)},
            )
            return redirect("staff-group", code=made.code)
    return render(
        request,
        "staff/group_new.html",
        {"form": form, **_to_tick(request), "errors": _errors(request, form)},
        status=_status(request, form),
    )


@keeps_names
@staff_page
def group(request: StaffRequest, code: str) -> HttpResponse:
    """A group's members and measures; an administrator adds members and ends memberships."""
    record = get_object_or_404(Agency, code=code, kind=AgencyKind.GROUP)
    members = list(record.memberships.select_related("agency"))
    leaving = _leaving(request, members)
    may_change = permissions.may_administer(request.user)
    if request.method == "POST":
        _require_administrator(request)
    form: forms.Form = _leave_form(request, leaving) if leaving else _form(request, MembersForm)
    if request.method == "POST" and resumes(request):
        messages.warning(request, unsaved_message())
    elif form.is_valid() and (done := _write(request, record, leaving, form)):
        messages.success(request, done)
        return redirect("staff-group", code=code)
    return render(
        request,
        "staff/group.html",
        {
            "group": record,
            "paged": paged(request, members, PAGE),
            "assignments": Assignment.objects.filter(agency=record)
            .select_related("measure__resolution__forum")
            .order_by(
                "measure__resolution__forum__year_be",
                "measure__resolution__number",
                "measure__number",
            ),
            "form": form if may_change else None,
            "leaving": leaving,
            **(_to_tick(request) if may_change and not leaving else {}),
            "errors": _errors(request, form),
        },
        status=_status(request, form),
    )


def _write(
    request: StaffRequest, record: Agency, leaving: GroupMember | None, form: forms.Form
) -> str:
    """Do what the form asks for; what was done, in words, or "" after a refusal."""
    try:
        if leaving:
            actions.leave_group(by=request.user, member=leaving, **form.cleaned_data)
            return _("กำหนดรอบสุดท้ายของ %(agency)s ในกลุ่มแล้ว") % {"agency": leaving.agency.short}
        assert isinstance(form, MembersForm)  # noqa: S101
        added = actions.add_members(
            by=request.user,
            group=record,
            agencies=form.chosen,
            first_year=form.cleaned_data["first_year"],
        )
    except actions.Refused as refused:
        _show(form, refused)
    except actions.Conflict:
        form.add_error(
            None, _("มีผู้อื่นแก้ไขสมาชิกรายนี้หลังจากเปิดหน้า ดูค่าล่าสุดในรายการ แล้วทำอีกครั้งหากยังต้องการ")
        )
    else:
        return _("เพิ่มเข้ากลุ่มแล้ว %(count)s หน่วยงาน") % {"count": len(added)}
    return ""


def _require_administrator(request: StaffRequest) -> None:
    if not permissions.may_administer(request.user):
        raise PermissionDenied


def _leaving(request: StaffRequest, members: list[GroupMember]) -> GroupMember | None:
    """The membership that the address wants to end."""
    key = read_id(request.GET.get("leave", ""))
    return next((each for each in members if key and each.pk == key), None)


def _leave_form(request: StaffRequest, member: GroupMember) -> LeaveForm:
    first = max(member.valid_from - 1, (actions.last_year_of(member) or 0))
    last = max(fiscal_year_today(), first, member.valid_to or 0) + 1
    years = range(first, last + 1)
    initial = {
        SEEN: version_of(member, actions.MEMBER_FIELDS),
        "last_year": member.valid_to or max(first, _initial()["first_year"]),
    }
    return LeaveForm(posted(request), member=member, years=years, initial=initial)


def _form(request: StaffRequest, kind: type[Members]) -> Members:
    """The form with what was sent; asked for agencies to tick alone, it is kept and not yet judged."""
    initial = _initial()
    data = posted(request)
    if request.POST.get("do") in (SHOW, TICK):
        names = kind.base_fields.keys() - {"tick"}
        initial |= {name: request.POST[name] for name in names if name in request.POST}
        data = None
    return kind(data, agencies=_agencies(request), years=_years(), initial=initial)


def _agencies(request: StaffRequest) -> list[Agency]:
    """Whom a pasted name may mean; read only for a form that was sent."""
    if request.method != "POST":
        return []
    return list(Agency.objects.prefetch_related("aliases"))


def _years() -> list[int]:
    """The fiscal years (B.E.) from which an agency may be a member: those of the rounds, and one more."""
    rounds = Round.objects.aggregate(first=Min("year_be"), last=Max("year_be"))
    this = fiscal_year_today()
    first = max(min(rounds["first"] or this, this), YEAR_MIN)
    return list(range(first, min(max(rounds["last"] or this, this) + 1, YEAR_MAX) + 1))


def _initial() -> dict[str, Any]:
    """From the earliest round that takes reports on, or from this fiscal year on."""
    taking = Round.objects.filter(state=RoundState.OPEN).aggregate(first=Min("year_be"))
    return {"first_year": min(taking["first"] or fiscal_year_today(), fiscal_year_today())}


def _to_tick(request: StaffRequest) -> dict[str, Any]:
    """The agencies to tick: those ticked before, then those asked for by kind, region or words."""
    asked = request.POST if "kind" in request.POST else request.GET
    kind = asked.get("kind", "")
    region = asked.get("region", "")
    words = asked.get("q", "").replace("\0", "").strip()[:100]
    ticked = request.POST.getlist("tick")
    every = Agency.objects.answering().select_related("province")
    offered = list(every.filter(code__in=ticked)) if ticked else []
    found: list[Agency] = []
    if kind or region or words:
        matching = every.matching(words).exclude(code__in=ticked)
        if kind:
            matching = matching.filter(kind=kind)
        if region:
            matching = matching.filter(province__region_th=region)
        found = list(matching[: OFFERED + 1])
        offered += found[:OFFERED]
    if request.POST.get("do") == TICK:
        ticked = [agency.code for agency in offered]
    return {
        "kind": kind,
        "region": region,
        "words": words,
        "kinds": [each for each in AgencyKind.choices if each[0] != AgencyKind.GROUP],
        "regions": list(
            Province.objects.order_by("region_th").values_list("region_th", flat=True).distinct()
        ),
        "offered": offered,
        "too_many": len(found) > OFFERED,
        "ticked": ticked,
        "filtered": bool(kind or region or words),
        "is_typed": request.method == "POST",
    }


def _show(form: forms.Form, refused: actions.Refused) -> None:
    """Show a refusal; what it says of agencies stands at the names."""
    show_refusal(
        form,
        actions.Refused(
            {
                "names" if name == "agencies" else name: sentence
                for name, sentence in refused.messages.items()
            }
        ),
    )


def _errors(request: StaffRequest, form: forms.Form) -> list[Any]:
    return error_list(form) if form.is_bound and not resumes(request) else []


def _status(request: StaffRequest, form: forms.Form) -> int:
    return 422 if form.is_bound and not resumes(request) else 200
