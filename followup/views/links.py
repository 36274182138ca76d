"""The secretariat's pages on agencies' links: the list, the use of each, issue and revoke."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Max
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from followup import actions, permissions
from followup.forms.fields import error_list
from followup.forms.secretariat import LinkForm, RevokeForm
from followup.models import Agency, AgencyLink, Round, RoundState, StatusReport
from followup.views.kept import is_resumed, keeps_form
from followup.views.paging import paged
from followup.views.refusals import show_refusal
from followup.views.staff import StaffRequest, posted, staff_page
from followup.views.years import any_round, chosen_round
from forum_portal.addresses import absolute

LOG_LENGTH = 50
PAGE = 50  # agencies a page


def rounds_with_links() -> list[Round]:
    """The rounds that have been opened, those that take reports first."""
    rounds = Round.objects.exclude(state=RoundState.PLANNED).order_by("-year_be", "-months")
    return sorted(rounds, key=lambda round_: round_.state != RoundState.OPEN)


@staff_page
def link_list(request: StaffRequest) -> HttpResponse:
    """Every agency with reports in a round, and its link."""
    rounds = rounds_with_links()
    round_ = chosen_round(request, rounds, next(iter(rounds), None))
    links = {
        link.agency_id: link
        for link in AgencyLink.objects.filter(round=round_, revoked_at=None)
        .select_related("round", "issued_by")
        .annotate(use_count=Count("uses"), last_use=Max("uses__at"))
    }
    agencies = Agency.objects.filter(
        pk__in=StatusReport.objects.standing().filter(round=round_).values("assignment__agency")
    ).order_by("sort_key")
    rows = [(agency, links.get(agency.pk)) for agency in agencies]
    shown = paged(request, rows, PAGE)
    return render(
        request,
        "staff/links.html",
        {
            "round": round_,
            "rounds": sorted(rounds, key=lambda each: each.order, reverse=True),
            "paged": shown,
            "rows": [
                (agency, link, bool(link and permissions.link_works(link)))
                for agency, link in shown.rows
            ],
            "working": sum(bool(link and permissions.link_works(link)) for _agency, link in rows),
            "may_issue": bool(round_ and round_.state == RoundState.OPEN),
        },
    )


def get_link(pk: int) -> AgencyLink:
    every = AgencyLink.objects.select_related("round", "agency", "issued_by", "revoked_by")
    return get_object_or_404(every, pk=pk)


@staff_page
def link_detail(request: StaffRequest, pk: int) -> HttpResponse:
    """A link's state and the record of its use. Its address is shown at its making only."""
    return _link_page(request, get_link(pk))


def _link_page(request: StaffRequest, link: AgencyLink, address: str = "") -> HttpResponse:
    uses = link.uses.select_related("user", "report__assignment__measure__resolution__forum")
    context = {
        "link": link,
        "works": permissions.link_works(link),
        "address": address,
        "uses": uses[:LOG_LENGTH],
    }
    return render(request, "staff/link.html", context)


@staff_page
def issue(request: StaffRequest, round_code: str, code: str) -> HttpResponse:
    """Explain what a new link does, and issue it once it is confirmed."""
    round_ = any_round(round_code)
    agency = get_object_or_404(Agency, code=code)
    held = AgencyLink.objects.select_related("round").filter(
        round=round_, agency=agency, revoked_at=None
    )
    old = next((link for link in held if permissions.link_works(link)), None)
    initial = {
        "expires_on": actions.default_expiry(round_),
        "replaces": old.pk if old else None,
    }
    form = LinkForm(posted(request), initial=initial)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                link = actions.issue_link(
                    round_=round_, agency=agency, by=request.user, **form.cleaned_data
                )
            except actions.Refused as refused:
                show_refusal(form, refused)
            else:
                # No redirect: nobody can open the page with the address a second time.
                messages.success(
                    request,
                    _("ออกลิงก์ให้ %(agency)s แล้ว คัดลอกที่อยู่ด้านล่างส่งให้ผู้ประสานงาน")
                    % {"agency": agency.short},
                )
                path = reverse("agency-reports", args=[actions.token_of(link)])
                return _link_page(request, link, absolute(path, request))
        status = 422
    return render(
        request,
        "staff/link_issue.html",
        {"round": round_, "agency": agency, "old": old, "form": form, "errors": error_list(form)},
        status=status,
    )


@keeps_form(RevokeForm)
@staff_page
def revoke(request: StaffRequest, pk: int) -> HttpResponse:
    """Explain what revoking does, and do it once it is confirmed."""
    link = get_link(pk)
    form = RevokeForm(posted(request))
    if request.method == "POST" and not is_resumed(request) and form.is_valid():
        actions.revoke_link(link=link, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("ยกเลิกลิงก์ของ %(agency)s แล้ว") % {"agency": link.agency.short})
        return redirect(f"{reverse('staff-links')}?year={link.round.code}")
    errors = error_list(form)
    context = {"link": link, "form": form, "errors": errors, "is_unused": not link.uses.exists()}
    return render(request, "staff/link_revoke.html", context, status=422 if errors else 200)
