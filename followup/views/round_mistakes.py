"""The secretariat's pages that undo a mistake with a round; each shows its effect first."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import actions, permissions
from followup.forms.fields import error_list
from followup.forms.secretariat import DueForm, TakeBackForm
from followup.models import Round, RoundState, User
from followup.views.kept import is_resumed, keeps_form
from followup.views.refusals import as_seen, show_conflict, show_refusal
from followup.views.staff import StaffRequest, posted, staff_page
from followup.views.years import any_round
from forum_portal.thai import format_date

LABELS = {
    "unopen": _l("กลับไปเตรียมการ"),
    "delete": _l("ลบรอบ"),
    "take-back": _l("ถอนการเผยแพร่"),
}
_BEFORE_CLOSING = (RoundState.PLANNED, RoundState.OPEN)


def undoable(user: User, round_: Round) -> list[str]:
    """The mistakes with a round that this person may undo now, as keys of LABELS. No query unless it
    is published."""
    found = []
    if permissions.may_run(user) and not round_.is_public:
        if round_.state == RoundState.OPEN:
            found.append("unopen")
        if round_.state in _BEFORE_CLOSING:
            found.append("delete")
    if round_.state == RoundState.PUBLISHED and permissions.may_publish(user):
        edition = actions.last_edition(round_)
        if edition and not actions.why_not_taken_back(edition, user):
            found.append("take-back")
    return found


def may_extend(user: User, round_: Round) -> bool:
    return permissions.may_run(user) and round_.state in _BEFORE_CLOSING


@keeps_form(DueForm)
@staff_page
def due(request: StaffRequest, round_code: str) -> HttpResponse:
    """Extend the due date of a round, with the reason that agencies read."""
    round_ = any_round(round_code)
    if not permissions.may_run(request.user):
        raise PermissionDenied
    initial = as_seen(round_, actions.DUE_FIELDS)
    form = DueForm(posted(request), initial=initial | {"due_on": None, "due_reason": ""})
    status, conflict = 200, {}
    if request.method == "POST" and not is_resumed(request):
        status = 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                round_ = actions.extend_due(
                    round_=round_,
                    by=request.user,
                    seen=data["seen"],
                    due_on=data["due_on"],
                    reason=data["due_reason"],
                )
            except actions.Refused as refused:
                show_refusal(form, refused)
            except actions.Conflict as found:
                status, round_ = 409, found.current
                conflict = {"conflict": True, "clash": show_conflict(form, found.current)}
            else:
                messages.success(
                    request,
                    _("เลื่อนกำหนดส่งเป็น %(day)s แล้ว หน่วยงานจะเห็นในหน้าลิงก์และหนังสือติดตาม")
                    % {"day": format_date(round_.due_on)},
                )
                return redirect("staff-round", round_code=round_.code)
    elif not may_extend(request.user, round_):
        messages.error(request, _("เลื่อนกำหนดส่งได้ก่อนปิดรับรายงานเท่านั้น"))
        return redirect("staff-round", round_code=round_code)
    context = {"round": round_, "form": form, "errors": error_list(form), "here": request.path}
    return render(request, "staff/round_due.html", context | conflict, status=status)


@keeps_form(TakeBackForm)
@staff_page
def undo(request: StaffRequest, round_code: str, verb: str) -> HttpResponse:
    """Show what undoing a step does, or what stands in its way, and do it once it is confirmed."""
    if verb not in LABELS:
        raise Http404
    allowed = permissions.may_publish if verb == "take-back" else permissions.may_run
    if not allowed(request.user):
        raise PermissionDenied
    round_ = any_round(round_code)
    edition = actions.last_edition(round_) if verb == "take-back" else None
    form = None
    if verb == "take-back":
        form = TakeBackForm(posted(request), initial={"edition": edition.pk if edition else None})
    status = 200
    if request.method == "POST" and not is_resumed(request):
        if form is None or form.is_valid():
            try:
                return _undone(request, round_, verb, form)
            except actions.Refused as refused:
                if form is None or "note" not in refused.messages:
                    messages.error(request, str(refused))
                    return redirect("staff-round", round_code=round_code)
                show_refusal(form, refused)
        status = 422
    elif verb not in undoable(request.user, round_):
        messages.error(request, _why_not(request.user, round_, verb))
        return redirect("staff-round", round_code=round_code)
    return render(
        request,
        "staff/round_undo.html",
        {
            "round": round_,
            "verb": verb,
            "label": LABELS[verb],
            "in_the_way": [] if form else actions.written_in(round_),
            "expected": round_.reports.count(),
            "edition": edition,
            "form": form,
            "errors": error_list(form) if form else [],
        },
        status=status,
    )


def _undone(
    request: StaffRequest, round_: Round, verb: str, form: TakeBackForm | None
) -> HttpResponse:
    by, name = request.user, round_.name
    if form:
        data = form.cleaned_data
        actions.take_back(round_=round_, by=by, edition=data["edition"], note=data["note"])
        messages.success(request, _("ถอนการเผยแพร่ %(round)s แล้ว") % {"round": name})
    elif verb == "delete":
        actions.delete_round(round_=round_, by=by)
        messages.success(request, _("ลบ %(round)s แล้ว") % {"round": name})
        return redirect("staff-rounds")
    else:
        actions.unopen_round(round_=round_, by=by)
        messages.success(request, _("%(round)s กลับไปอยู่ในขั้นเตรียมการแล้ว") % {"round": name})
    return redirect("staff-round", round_code=round_.code)


def _why_not(user: User, round_: Round, verb: str) -> str:
    """Why a mistake cannot be undone now."""
    if verb == "take-back" and round_.state == RoundState.PUBLISHED:
        return actions.why_not_taken_back(actions.last_edition(round_), user)
    return _("รอบนี้อยู่ในขั้น “%(state)s” จึงทำขั้นนี้ไม่ได้") % {"state": round_.get_state_display()}
