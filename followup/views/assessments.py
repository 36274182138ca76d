"""The secretariat's pages on independent assessments: the list, and one with its answer."""

from __future__ import annotations

from functools import wraps
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from followup import actions, history, permissions
from followup.forms.assessments import AnswerForm, ModerationForm
from followup.forms.fields import error_list
from followup.models import Assessment, AssessmentState, RoundState
from followup.source_text import excerpt
from followup.views.kept import is_resumed
from followup.views.kept import keep as keep_form
from followup.views.paging import paged
from followup.views.refusals import as_seen, look_again, show_conflict, show_refusal
from followup.views.staff import StaffRequest, staff_page

PAGE = 50  # assessments a page
#: The states that the list can show; a draft is its organisation's alone.
SHOWN = (
    AssessmentState.SUBMITTED,
    AssessmentState.ACCEPTED,
    AssessmentState.RETURNED,
)


def readable() -> Any:
    """What the secretariat may read: what was sent in, of any round. Drafts are their writers' alone."""
    return Assessment.objects.filter(state__in=SHOWN).select_related(
        "round",
        "organisation",
        "measure__resolution__forum",
        "submitted_link",
        "answer",
    )


@staff_page
def assessment_list(request: StaffRequest) -> HttpResponse:
    """The assessments in one state, those that wait first, the oldest first."""
    asked = request.GET.get("state", "")
    state = AssessmentState(asked) if asked in SHOWN else AssessmentState.SUBMITTED
    counts = dict(
        Assessment.objects.filter(state__in=SHOWN)
        .exclude(round__state=RoundState.PUBLISHED)
        .order_by()
        .values_list("state")
        .annotate(Count("pk"))
    )
    rows = (
        readable()
        .filter(state=state)
        .exclude(round__state=RoundState.PUBLISHED)
        .order_by("submitted_at", "pk")
    )
    shown = paged(request, rows, PAGE)
    context = {
        "paged": shown,
        "rows": [
            (each, permissions.may_moderate(request.user, each)) for each in cast(Any, shown.rows)
        ],
        "state": state,
        "states": [(each, counts.get(each, 0)) for each in SHOWN],
    }
    return render(request, "staff/assessments.html", context)


def _keeping(view: Any) -> Any:
    """Decorate the page: after the end of the session it holds what was typed into either form."""

    @wraps(view)
    def keeping(request: HttpRequest, pk: int) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            return unsaved(request, pk=pk)
        return cast(HttpResponse, view(request, pk=pk))

    return keeping


@_keeping
@staff_page
def assessment(request: StaffRequest, pk: int) -> HttpResponse:
    """One assessment: accept it, return it on one of the two grounds, answer it."""
    stored = get_object_or_404(readable(), pk=pk)
    if request.method == "POST" and not permissions.may_review(request.user):
        raise PermissionDenied
    if request.method == "POST" and not is_resumed(request):
        take = {
            "accept": _accept,
            "return": _return,
            "answer": _answer,
            "save": _answer,
            "remove": _remove_answer,
        }.get(request.POST.get("do", ""))
        return take(request, stored) if take else redirect(request.path)
    is_answer = "text" in request.POST
    return _page(
        request,
        stored,
        returning=ModerationForm(request.POST) if request.POST and not is_answer else None,
        answering=AnswerForm(request.POST) if is_answer else None,
    )


def unsaved(request: HttpRequest, pk: int) -> HttpResponse:
    """A page that holds what was typed, after the end of the session; nothing is stored."""
    return keep_form(request, AnswerForm if "text" in request.POST else ModerationForm)


def _accept(request: StaffRequest, stored: Assessment) -> HttpResponse:
    form = ModerationForm(request.POST)
    if form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            actions.accept_assessment(assessment=stored, by=request.user, version=version)
        except actions.Conflict:
            messages.error(request, _changed())
        except actions.Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("รับการประเมินแล้ว จะแสดงต่อสาธารณะเมื่อเผยแพร่รอบ"))
            return redirect("staff-assessments")
    return redirect(request.path)


def _changed() -> str:
    return _("การประเมินนี้เปลี่ยนไปหลังจากเปิดหน้า อ่านฉบับล่าสุดแล้วพิจารณาอีกครั้ง")


def _return(request: StaffRequest, stored: Assessment) -> HttpResponse:
    form, status = ModerationForm(request.POST), 422
    if form.is_valid():
        data = form.cleaned_data
        try:
            actions.return_assessment(
                assessment=stored,
                by=request.user,
                version=data["version"] or 0,
                ground=data["ground"],
                reason=data["reason"],
            )
        except actions.Conflict as conflict:
            status = 409
            form.add_error(None, _changed())
            _stand_on(form, conflict.current.version)
        except actions.Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("ส่งกลับแล้ว องค์กรเห็นเหตุและคำอธิบายในลิงก์ของตน"))
            return redirect("staff-assessments")
    # What was sent in may be a draft again: then the page shows what it was, for copying.
    now = readable().filter(pk=stored.pk).first() or stored
    return _page(request, now, returning=form, status=status)


def _stand_on(form: ModerationForm, version: int) -> None:
    data = cast(QueryDict, form.data).copy()
    data["version"] = str(version)
    form.data = data


def _answer(request: StaffRequest, stored: Assessment) -> HttpResponse:
    form, status, conflict = AnswerForm(request.POST), 422, {}
    if form.is_valid():
        try:
            actions.answer_assessment(assessment=stored, by=request.user, **form.cleaned_data)
        except actions.Conflict as found:
            status = 409
            conflict = {"conflict": True, "clash": show_conflict(form, found.current)}
        except actions.Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("บันทึกคำตอบของ คสป. แล้ว สาธารณะจะเห็นเมื่อเผยแพร่รอบ"))
            return redirect(request.path)
    now = readable().filter(pk=stored.pk).first() or stored
    return _page(request, now, answering=form, status=status, **conflict)  # type: ignore[arg-type]


def _remove_answer(request: StaffRequest, stored: Assessment) -> HttpResponse:
    answer = stored.answered
    if answer is not None:  # else it was withdrawn already
        try:
            seen = request.POST.get("seen", "")
            actions.remove_answer(answer=answer, by=request.user, seen=seen)
        except actions.Conflict:
            return look_again(request)
        except actions.Refused as refused:
            messages.error(request, str(refused))
            return redirect(request.path)
    messages.success(request, _("ถอนคำตอบแล้ว"))
    return redirect(request.path)


def _page(
    request: StaffRequest,
    stored: Assessment,
    *,
    returning: ModerationForm | None = None,
    answering: AnswerForm | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    answer = stored.answered
    returning = returning or ModerationForm(initial={"version": stored.version})
    answering = answering or AnswerForm(
        initial=as_seen(answer, actions.ANSWER_FIELDS) if answer else {}
    )
    entries, _more = history.entries(assessment=stored, limit=30)
    context = {
        "assessment": stored,
        "measure": stored.measure,
        "round": stored.round,
        "excerpt": excerpt(stored.measure),
        "may_moderate": permissions.may_moderate(request.user, stored),
        "may_answer": permissions.may_answer_assessment(request.user, stored),
        "is_own_link": permissions.issued_its_link(request.user, stored),
        "returning": returning,
        "answering": answering,
        "answer": answer,
        "errors": [
            *(error_list(returning) if returning.is_bound else []),
            *(error_list(answering) if answering.is_bound else []),
        ],
        "entries": entries,
        "here": request.path,
        **more,
    }
    return render(request, "staff/assessment.html", context, status=status)
