"""The rounds: their plan, their steps, and agencies without any report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import actions, corrections, permissions
from followup.charts import WorkBar
from followup.forms.fields import error_list
from followup.forms.secretariat import NewRoundForm, PublishForm, ReopenForm
from followup.models import Agency, ReportState, Round, RoundState
from followup.views.paging import paged
from followup.views.refusals import show_refusal
from followup.views.round_mistakes import LABELS, may_extend, undoable
from followup.views.rulings import rulings_of
from followup.views.staff import StaffRequest, posted, staff_page
from followup.views.years import any_round
from followup.workload import by_agency, by_forum, by_grade, by_resolution, standings

PAGE = 50  # agencies a page


@staff_page
def round_list(request: StaffRequest) -> HttpResponse:
    rounds = list(Round.objects.all())
    return render(
        request,
        "staff/rounds.html",
        {"rounds": [(round_, WorkBar(numbers)) for round_, numbers in standings(rounds).items()]},
    )


@staff_page
def round_new(request: StaffRequest) -> HttpResponse:
    if not permissions.may_run(request.user):
        raise PermissionDenied
    form = NewRoundForm(posted(request), initial={"year": NewRoundForm.next_year()})
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                round_ = actions.create_round(
                    by=request.user,
                    year=form.cleaned_data["year"],
                    months=form.cleaned_data["months"],
                    due_on=form.cleaned_data["due_on"],
                )
            except actions.Refused as refused:
                show_refusal(form, refused)
            else:
                messages.success(request, _("สร้าง%(round)s แล้ว") % {"round": round_.name})
                return redirect("staff-round", round_code=round_.code)
        status = 422
    return render(
        request, "staff/round_new.html", {"form": form, "errors": error_list(form)}, status=status
    )


@staff_page
def round_detail(request: StaffRequest, round_code: str) -> HttpResponse:
    """The progress of a round by agency, and its next steps."""
    round_ = any_round(round_code)
    work = by_agency(round_.reports.standing())
    known = Agency.objects.only("code", "name_th", "abbr_th", "sort_key").in_bulk(
        list(work.standings)
    )
    agencies = [(known[pk], WorkBar(numbers)) for pk, numbers in work.standings.items()]
    # Agencies without any report first, then by the number of reports left.
    agencies.sort(
        key=lambda pair: (
            not pair[1].standing.is_silent,
            -pair[1].standing.to_do,
            pair[0].sort_key,
        )
    )
    grades = by_grade(round_.reports.all())
    editions = round_.snapshots.select_related("made_by", "taken_back").defer("content", "changes")
    return render(
        request,
        "staff/round.html",
        {
            "withdrawn": round_.reports.filter(state=ReportState.WITHDRAWN)
            .with_context()
            .prefetch_related(None),
            "round": round_,
            "work": WorkBar(work.total),
            "numbers": work.total,
            "grades": grades,
            "by_forum": work.by_forum,
            "paged": paged(request, agencies, PAGE),
            "silent": sum(work.standing.is_silent for _agency, work in agencies),
            "plan": plan_of(round_),
            "editions": [(each, getattr(each, "taken_back", None)) for each in editions],
            "rulings": rulings_of(round_),
            "may_rule": permissions.may_rule(request.user) and round_.state != RoundState.PUBLISHED,
            "may_extend": may_extend(request.user, round_),
            "undoable": [(verb, LABELS[verb]) for verb in undoable(request.user, round_)],
            "steps": [step for step in STEPS.values() if step.is_next(request, round_)],
        },
    )


def plan_of(round_: Round) -> list[tuple[Any, Any, bool]]:
    """(step, its actual or planned date, whether it is done) of a round's year, in order.

    After a publication it is the plan of the correction: its dates, not those of the first time.
    """
    if round_.is_reopened:
        return _plan_of_correction(round_)
    done = [RoundState.PLANNED, RoundState.OPEN, RoundState.CLOSED, RoundState.PUBLISHED].index(
        RoundState(round_.state)
    )
    return [
        (_("เปิดรอบ"), round_.opened_at or round_.starts_on, done > 0),
        (
            _("สิ้นช่วงที่รายงาน") if round_.is_interim else _("สิ้นปีงบประมาณ"),
            round_.ends_on,
            round_.ends_on < timezone.localdate(),
        ),
        (_("กำหนดส่งรายงาน"), round_.due_on, round_.due_on < timezone.localdate()),
        (_("ปิดรับรายงาน"), round_.closed_at, done > 1),
        (_("คสป. รับทราบ"), round_.meeting_on, bool(round_.meeting_ref)),
        (_("เผยแพร่"), round_.published_at, done > 2),
    ]


def _plan_of_correction(round_: Round) -> list[tuple[Any, Any, bool]]:
    edition, reopened = actions.last_edition(round_), actions.reopened_at(round_)
    steps: list[tuple[Any, Any, bool]] = [
        (_("เผยแพร่ฉบับล่าสุด"), edition and edition.made_at, True),
        (_("เปิดแก้ไข"), reopened, reopened is not None),
        (_("กำหนดส่งรายงาน"), round_.due_on, round_.due_on < timezone.localdate()),
        (_("ปิดรับรายงาน"), round_.closed_at, round_.closed_at is not None),
        (_("เผยแพร่อีกครั้ง"), None, False),
    ]
    return steps


@dataclass(frozen=True)
class Step:
    """A step of a round that requires confirmation."""

    verb: str
    label: Any
    from_state: RoundState
    allowed: Callable[[Any], bool]
    act: Callable[..., Round]

    def is_next(self, request: StaffRequest, round_: Round) -> bool:
        return round_.state == self.from_state and self.allowed(request.user)


STEPS = {
    step.verb: step
    for step in (
        Step("open", _l("เปิดรอบ"), RoundState.PLANNED, permissions.may_run, actions.open_round),
        Step("close", _l("ปิดรับรายงาน"), RoundState.OPEN, permissions.may_run, actions.close_round),
        Step(
            "publish",
            _l("เผยแพร่ทั้งรอบ"),
            RoundState.CLOSED,
            permissions.may_publish,
            actions.publish_round,
        ),
        Step(
            "reopen",
            _l("กลับไปเปิดรับ (ยังไม่เผยแพร่)"),
            RoundState.CLOSED,
            permissions.may_run,
            actions.reopen_round,
        ),
        Step(
            "correct",
            _l("แก้ฉบับที่เผยแพร่แล้ว"),
            RoundState.PUBLISHED,
            permissions.may_publish,
            actions.reopen_round,
        ),
    )
}


@staff_page
def round_step(request: StaffRequest, round_code: str, verb: str) -> HttpResponse:
    """Show a step's effect in numbers, and take it once it is confirmed."""
    step = STEPS.get(verb)
    if step is None:
        raise Http404
    if not step.allowed(request.user):
        raise PermissionDenied
    round_ = any_round(round_code)
    asks = {"publish": PublishForm, "correct": ReopenForm}.get(verb)
    # When a round is published again, the form starts with the meeting of the last publication.
    known = {
        "meeting_ref": round_.meeting_ref,
        "meeting_on": round_.meeting_on,
        "day_of": round_.meeting_ref,
    }
    form = asks(posted(request), initial=known if verb == "publish" else None) if asks else None
    status = 200
    if request.method == "POST":
        if round_.state != step.from_state:
            messages.error(request, actions.stale_message())
            return redirect("staff-round", round_code=round_code)
        if form is None or form.is_valid():
            try:
                step.act(round_=round_, by=request.user, **(form.cleaned_data if form else {}))
            except actions.Refused as refused:
                if form is None or not set(refused.messages) <= set(form.fields):
                    messages.error(request, str(refused))
                    return redirect("staff-round", round_code=round_code)
                show_refusal(form, refused)
            else:
                messages.success(
                    request,
                    _("%(step)s ปีงบประมาณ %(year)s แล้ว")
                    % {"step": step.label, "year": round_.label},
                )
                return redirect("staff-round", round_code=round_code)
        status = 422
    elif round_.state != step.from_state:
        messages.error(
            request, _("รอบนี้อยู่ในขั้น “%(state)s” จึงทำขั้นนี้ไม่ได้") % {"state": round_.get_state_display()}
        )
        return redirect("staff-round", round_code=round_code)
    expected = actions.expected_by_forum(round_)
    reports = round_.reports.standing()
    return render(
        request,
        "staff/round_step.html",
        {
            "round": round_,
            "step": step,
            "numbers": standings([round_])[round_],
            "expected": sum(count for _year, count in expected),
            "expected_by_forum": expected if verb == "open" else (),
            "by_forum": by_forum(by_resolution(reports)) if verb != "open" else (),
            "grades": by_grade(reports) if verb == "publish" else {},
            "pending": corrections.pending(round_) if round_.is_reopened else None,
            "form": form,
            "errors": error_list(form) if form else [],
        },
        status=status,
    )
