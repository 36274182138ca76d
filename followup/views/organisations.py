"""The secretariat's pages on the organisations that assess: the list, register, invite, revoke, end."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from followup import actions, permissions
from followup.forms.assessments import InviteForm, OrganisationForm
from followup.forms.fields import error_list
from followup.forms.secretariat import RevokeForm
from followup.models import (
    AssessmentState,
    AssessorLink,
    Organisation,
    Round,
    RoundState,
)
from followup.views.kept import is_resumed, keeps_form
from followup.views.paging import paged
from followup.views.refusals import as_seen, show_conflict, show_refusal
from followup.views.staff import StaffRequest, posted, staff_page
from followup.views.years import any_round, rounds_at_work
from forum_portal.addresses import absolute

PAGE = 50  # organisations a page
LINKS = 20  # of one organisation, the latest first


def _require(request: StaffRequest) -> None:
    if not permissions.may_keep_organisations(request.user):
        raise PermissionDenied


def inviting() -> list[Round]:
    """The rounds to which an organisation can be invited now, those that take reports first."""
    closed = Round.objects.filter(state=RoundState.CLOSED).order_by("year_be", "months")
    return [*rounds_at_work(), *closed]


@staff_page
def organisation_list(request: StaffRequest) -> HttpResponse:
    """Every organisation, those that may assess first, with what it has sent in."""
    _require(request)
    sent = Q(
        assessments__state__in=[AssessmentState.SUBMITTED, AssessmentState.ACCEPTED],
    )
    every = Organisation.objects.annotate(
        has_ended=Q(ended_on__isnull=False), sent=Count("assessments", filter=sent)
    ).order_by("has_ended", "sort_key", "pk")
    shown = paged(request, every, PAGE)
    active = Organisation.objects.filter(ended_on=None).count()
    context = {"paged": shown, "organisations": shown.rows, "active": active}
    return render(request, "staff/organisations.html", context)


@keeps_form(OrganisationForm)
@staff_page
def organisation_new(request: StaffRequest) -> HttpResponse:
    """Register an organisation."""
    _require(request)
    form, status = OrganisationForm(posted(request)), 200
    if request.method == "POST" and not is_resumed(request):
        status = 422
        if form.is_valid():
            fields = {name: form.cleaned_data[name] for name in actions.ORGANISATION_FIELDS}
            try:
                made = actions.register_organisation(by=request.user, fields=fields)
            except actions.Refused as refused:
                show_refusal(form, refused)
            else:
                messages.success(request, _("บันทึกองค์กรแล้ว ออกลิงก์เชิญได้ที่หน้านี้"))
                return redirect("staff-organisation", pk=made.pk)
    context = {"form": form, "errors": error_list(form), "here": request.path}
    return render(request, "staff/organisation_edit.html", context, status=status)


@keeps_form(OrganisationForm)
@staff_page
def organisation(request: StaffRequest, pk: int) -> HttpResponse:
    """One organisation: its links, what it has assessed, and the form that changes its name."""
    _require(request)
    stored = get_object_or_404(Organisation, pk=pk)
    form = OrganisationForm(posted(request), initial=as_seen(stored, actions.ORGANISATION_FIELDS))
    status, conflict = 200, {}
    if request.method == "POST" and not is_resumed(request):
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                actions.change_organisation(
                    organisation=stored,
                    by=request.user,
                    seen=data["seen"],
                    fields={name: data[name] for name in actions.ORGANISATION_FIELDS},
                )
            except actions.Conflict as found:
                status, stored = 409, found.current
                conflict = {"conflict": True, "clash": show_conflict(form, stored)}
            except actions.Refused as refused:
                show_refusal(form, refused)
            else:
                messages.success(request, _("บันทึกองค์กรแล้ว ฉบับที่เผยแพร่ไปแล้วคงชื่อเดิม"))
                return redirect(request.path)
    return _organisation_page(request, stored, form, status=status, **conflict)


def _organisation_page(
    request: StaffRequest,
    stored: Organisation,
    form: OrganisationForm | None = None,
    *,
    status: int = 200,
    **more: object,
) -> HttpResponse:
    links = stored.links.select_related("round", "organisation", "issued_by", "revoked_by")
    if form is None:
        form = OrganisationForm(initial=as_seen(stored, actions.ORGANISATION_FIELDS))
    context = {
        "organisation": stored,
        "form": form,
        "errors": error_list(form) if form.is_bound else [],
        "links": [(link, permissions.assessor_link_works(link)) for link in links[:LINKS]],
        "rounds": inviting(),
        "assessments": stored.assessments.count(),
        "here": reverse("staff-organisation", args=[stored.pk]),
        **more,
    }
    return render(request, "staff/organisation.html", context, status=status)


@staff_page
def invite(request: StaffRequest, pk: int, round_code: str) -> HttpResponse:
    """Explain what a new link does, and issue it once it is confirmed; its address is shown once."""
    _require(request)
    stored, round_ = get_object_or_404(Organisation, pk=pk), any_round(round_code)
    held = AssessorLink.objects.select_related("round", "organisation").filter(
        round=round_, organisation=stored, revoked_at=None
    )
    old = next((link for link in held if permissions.assessor_link_works(link)), None)
    initial = {
        "expires_on": actions.default_expiry(round_),
        "replaces": old.pk if old else None,
    }
    form, status = InviteForm(posted(request), initial=initial), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                link = actions.issue_assessor_link(
                    round_=round_, organisation=stored, by=request.user, **form.cleaned_data
                )
            except actions.Refused as refused:
                show_refusal(form, refused)
            else:
                # No redirect: nobody can open the page with the address a second time.
                messages.success(
                    request,
                    _("ออกลิงก์ให้ %(name)s แล้ว คัดลอกข้อความด้านล่างส่งให้องค์กร") % {"name": stored},
                )
                path = reverse("assessor-measures", args=[actions.token_of(link)])
                return _organisation_page(
                    request, stored, address=absolute(path, request), issued=link
                )
    context = {
        "organisation": stored,
        "round": round_,
        "old": old,
        "form": form,
        "errors": error_list(form),
    }
    return render(request, "staff/organisation_invite.html", context, status=status)


@keeps_form(RevokeForm)
@staff_page
def revoke(request: StaffRequest, pk: int) -> HttpResponse:
    """Explain what revoking an organisation's link does, and do it once it is confirmed."""
    _require(request)
    every = AssessorLink.objects.select_related("round", "organisation")
    link = get_object_or_404(every, pk=pk)
    form = RevokeForm(posted(request))
    if request.method == "POST" and not is_resumed(request) and form.is_valid():
        actions.revoke_link(link=link, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("ยกเลิกลิงก์ของ %(name)s แล้ว") % {"name": link.organisation})
        return redirect("staff-organisation", pk=link.organisation_id)
    errors = error_list(form)
    context = {"link": link, "form": form, "errors": errors}
    return render(request, "staff/organisation_revoke.html", context, status=422 if errors else 200)


@staff_page
def end(request: StaffRequest, pk: int) -> HttpResponse:
    """Explain what ending an organisation's registration does, and do it or take it back."""
    _require(request)
    stored = get_object_or_404(Organisation, pk=pk)
    if request.method == "POST":
        verb, said = actions.end_organisation, _("องค์กรนี้สิ้นสุดการเป็นผู้ประเมินแล้ว ลิงก์ทั้งหมดใช้ไม่ได้แล้ว")
        if request.POST.get("do") == "resume":
            verb, said = actions.resume_organisation, _("องค์กรนี้กลับมาเป็นผู้ประเมินแล้ว ออกลิงก์ใหม่ให้ได้")
        try:
            verb(organisation=stored, by=request.user)
        except actions.Refused as refused:
            messages.error(request, str(refused))
            return redirect("staff-organisations")
        messages.success(request, said)
        return redirect("staff-organisation", pk=stored.pk)
    return render(request, "staff/organisation_end.html", {"organisation": stored})
