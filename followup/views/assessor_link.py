"""The pages behind an organisation's link: what it finds of a round's measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from followup import actions, permissions
from followup.forms.assessments import AssessmentForm, in_lines
from followup.forms.fields import error_list
from followup.models import Assessment, AssessmentState, AssessorLink
from followup.source_text import excerpt
from followup.status import Status
from followup.views.agency_link import dead
from followup.views.kept import is_resumed
from followup.views.paging import paged
from followup.views.refusals import show_refusal
from followup.views.report_form import unsaved_message
from forum_portal import security_log
from forum_portal.bodies import TYPED, takes_body
from forum_portal.row_ids import read_id
from forum_portal.security_log import Event
from forum_portal.thai import format_time
from proposals.models import Measure

#: Measures a page.
PAGE = 40

View = Callable[..., HttpResponse]


def assessor_page(view: View) -> View:
    """Decorate a view for an organisation's valid link; every invalid link gets the same page.

    Somebody signed in does not get in: the secretariat reads assessments on its own pages, and whoever
    decides on one should not have written it.
    """

    @wraps(view)
    def guarded(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
        link = actions.find_assessor_link(token)
        if link is None:
            return dead(request, token, kind=AssessorLink, typed=typed_in(request))
        if request.user.is_authenticated:
            security_log.write(Event.LINK_OPENED, about=link, outcome="preview")
            return render(request, "assessor/signed_in.html", typed_in(request), status=403)
        if request.method == "GET":
            security_log.write(Event.LINK_OPENED, about=link)
        return view(request, link, token, **kwargs)

    return takes_body(lambda request, **kwargs: TYPED)(
        require_http_methods(["GET", "HEAD", "POST"])(guarded)
    )


def typed_in(request: HttpRequest) -> dict[str, Any]:
    """The texts of a posted assessment with their labels, for reading and copying."""
    form = AssessmentForm(request.POST, kind="")
    typed = [
        (field.label, request.POST[name])
        for name, field in form.fields.items()
        if not field.widget.is_hidden and name != "status" and request.POST.get(name)
    ]
    chosen = request.POST.get("status", "")
    if chosen in Status.values:
        typed.insert(0, (form.fields["status"].label, str(Status(chosen).label)))
    return {"typed": typed}


@assessor_page
def measures(request: HttpRequest, link: AssessorLink, token: str) -> HttpResponse:
    """The measures of the round, each with what the organisation has written of it; in the source's
    order."""
    mine = permissions.assessments_of(link)
    every = permissions.assessable_in(link.round).select_related("resolution__forum")
    if only := request.GET.get("show") == "mine":
        every = every.filter(pk__in=mine.values("measure"))
    of_link: Any = Prefetch("assessments", queryset=mine, to_attr="mine")
    shown = paged(request, every.prefetch_related(of_link), PAGE)
    rows = [
        (
            measure,
            next(iter(measure.mine), None),
            reverse("assessor-measure", args=[token, measure.pk]),
        )
        for measure in cast(Any, shown.rows)
    ]
    states = list(mine.values_list("state", flat=True))
    context = {
        "link": link,
        "round": link.round,
        "rows": rows,
        "paged": shown,
        "only": only,
        "sent": sum(
            state in {AssessmentState.SUBMITTED, AssessmentState.ACCEPTED} for state in states
        ),
        "written": len(states),
    }
    return render(request, "assessor/measures.html", context)


@assessor_page
def measure(request: HttpRequest, link: AssessorLink, token: str, pk: int) -> HttpResponse:
    """The form of one assessment; or the one that was sent, with the button that takes it back."""
    found = (
        permissions.assessable_in(link.round)
        .select_related("resolution__forum")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    stored = _stored(link, found)
    here = reverse("assessor-measure", args=[token, found.pk])
    if request.method == "POST" and request.POST.get("do") == "withdraw":
        return _withdraw(request, link, stored, here)
    if request.method != "POST":
        form = AssessmentForm(kind=found.kind, initial=AssessmentForm.initial_of(stored))
        return _page(request, link, token, found, stored, form)
    form = AssessmentForm(request.POST, kind=found.kind)
    if is_resumed(request):
        return _page(request, link, token, found, stored, form)
    return _take(request, link, token, found, form)


def _stored(link: AssessorLink, of: Measure) -> Assessment | None:
    mine = permissions.assessments_of(link).filter(measure=of).select_related("answer")
    return mine.prefetch_related("evidence").first()


def _take(
    request: HttpRequest, link: AssessorLink, token: str, of: Measure, form: AssessmentForm
) -> HttpResponse:
    """Store the posted draft, send it if that is asked, or show the errors."""
    stored = _stored(link, of)
    if not form.is_valid():
        return _page(request, link, token, of, stored, form, status=422)
    here, is_stored = reverse("assessor-measure", args=[token, of.pk]), False
    try:
        saved = actions.save_assessment(
            link=link,
            measure=of,
            version=form.cleaned_data["version"] or 0,
            status=form.cleaned_data["status"],
            reason=form.cleaned_data["reason"],
            evidence=form.wanted(),
        )
        is_stored = True
        if request.POST.get("do") == "submit":
            actions.submit_assessment(link=link, assessment=saved, version=saved.version)
    except actions.Conflict:
        stored = _stored(link, of)
        assert stored is not None  # noqa: S101  a conflict is with a stored row
        clash = _clash(form, stored)
        _stand_on(form, stored.version)
        return _page(request, link, token, of, stored, form, status=409, clash=clash, conflict=True)
    except actions.Refused as refused:
        show_refusal(form, refused)
        if is_stored:  # only sending was refused: the form goes on from the stored draft
            _stand_on(form, saved.version)
        return _page(
            request, link, token, of, _stored(link, of), form, status=422, stored=is_stored
        )
    if request.POST.get("do") == "submit":
        messages.success(
            request,
            _("ส่งการประเมินแล้ว ฝ่ายเลขานุการ คสป. ตรวจเฉพาะเรื่องกฎหมายและความสุภาพ ไม่ตรวจความเห็น"),
        )
        return redirect("assessor-measures", token=token)
    messages.success(
        request,
        _("บันทึกร่างแล้ว เวลา %(time)s") % {"time": format_time(timezone.localtime(saved.updated_at))},
    )
    return redirect(here)


def _withdraw(
    request: HttpRequest, link: AssessorLink, stored: Assessment | None, here: str
) -> HttpResponse:
    version = read_id(request.POST.get("version", "")) or 0
    try:
        if stored is not None:
            actions.withdraw_assessment(link=link, assessment=stored, version=version)
            messages.success(request, _("ดึงการประเมินกลับแล้ว แก้ไขแล้วส่งใหม่ได้"))
    except actions.Conflict:
        messages.error(request, _("การประเมินนี้เปลี่ยนไปหลังจากเปิดหน้า จึงยังไม่ดึงกลับ อ่านฉบับล่าสุดก่อน"))
    except actions.Refused as refused:
        messages.error(request, str(refused))
    return redirect(here)


def unsaved(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """Show a form that was sent with an old CSRF token; nothing is stored."""
    link = actions.find_assessor_link(token)
    if link is None:
        return dead(request, token, kind=AssessorLink, typed=typed_in(request))
    if request.user.is_authenticated:
        return render(request, "assessor/signed_in.html", typed_in(request), status=403)
    of = permissions.assessable_in(link.round).select_related("resolution__forum")
    found = of.filter(pk=pk).first()
    if found is None:
        raise Http404
    messages.warning(request, unsaved_message())
    form = AssessmentForm(request.POST, kind=found.kind)
    return _page(request, link, token, found, _stored(link, found), form, status=403)


def _clash(form: AssessmentForm, stored: Assessment) -> list[dict[str, str]]:
    """The typed and the stored version, field by field, where they differ."""
    typed = form.cleaned_data

    def word(status: str) -> str:
        return str(Status(status).label) if status else ""

    both = [
        (form.fields["status"].label, word(typed["status"]), word(stored.status)),
        (form.fields["reason"].label, typed["reason"], stored.reason),
        (form.fields["evidence"].label, in_lines(form.wanted()), in_lines(stored.pieces)),
    ]
    return [
        {"label": str(label), "mine": mine, "theirs": theirs}
        for label, mine, theirs in both
        if mine != theirs
    ]


def _stand_on(form: AssessmentForm, version: int) -> None:
    """Set the version against which a form that is shown again will be saved."""
    data = cast(QueryDict, form.data).copy()
    data["version"] = str(version)
    form.data = data


def _page(
    request: HttpRequest,
    link: AssessorLink,
    token: str,
    of: Measure,
    assessment: Assessment | None,
    form: AssessmentForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The form; a sent assessment for reading, unless something was typed that must not be lost."""
    errors = error_list(form) if form.is_bound else []
    where = f"id_{form['evidence-0-title'].html_name}"
    context: Mapping[str, Any] = {
        "link": link,
        "round": link.round,
        "measure": of,
        "excerpt": excerpt(of),
        "assessment": assessment,
        "form": form,
        "errors": [(where if at == "id_evidence" else at, said) for at, said in errors],
        "reading": bool(assessment and not assessment.is_writable and not form.is_bound),
        "submitting": request.POST.get("do") == "submit",
        "home": reverse("assessor-measures", args=[token]),
        "here": reverse("assessor-measure", args=[token, of.pk]),
        **more,
    }
    return render(request, "assessor/measure.html", context, status=status)
