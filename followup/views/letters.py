"""Follow-up letters: agencies to write to, letters sent, and the letter as a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import actions
from followup.forms.fields import error_list
from followup.forms.letters import CorrectionForm, LetterForm
from followup.letters import Correspondence, answer_by, correspondence, overview
from followup.models import Agency, Round, RoundState, StatusReport
from followup.views.downloads import attachment
from followup.views.paging import paged
from followup.views.refusals import as_seen, look_again, show_conflict, show_refusal
from followup.views.staff import StaffRequest, posted, staff_page
from followup.views.years import asked_round, chosen_round, default_round
from forum_portal import word
from forum_portal.stored_version import SEEN
from forum_portal.thai import format_date

PAGE = 50  # agencies a page


@staff_page
def letters(request: StaffRequest) -> HttpResponse:
    """Every agency with a report due or a letter; late answers on top."""
    rounds = list(Round.objects.all())
    round_ = chosen_round(request, rounds, default_round())
    if round_ is None:
        return render(request, "staff/letters_empty.html")
    rows = overview(round_)
    return render(
        request,
        "staff/letters.html",
        {
            "round": round_,
            "rounds": rounds,
            "paged": paged(request, rows, PAGE),
            "overdue": sum(row.days_overdue > 0 for row in rows),
            "unasked": sum(row.left > 0 and row.last is None for row in rows),
        },
    )


@staff_page
def agency_letters(request: StaffRequest, code: str) -> HttpResponse:
    """One agency's letters, and the form that records the next."""
    round_ = asked_round(request)
    row = one_agency(round_, code)
    today = timezone.localdate()
    initial = {"attempt": row.next_attempt, "sent_on": today, "answer_by": answer_by(today)}
    form = LetterForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            letter = actions.record_letter(
                round_=round_, agency=row.agency, by=request.user, **form.cleaned_data
            )
        except actions.Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(
                request,
                _("บันทึกหนังสือครั้งที่ %(attempt)s แล้ว ขอคำตอบภายใน %(day)s")
                % {"attempt": letter.attempt, "day": format_date(letter.answer_by)},
            )
            return redirect(address_of(row.agency, round_))
    return letter_page(request, "staff/letters_agency.html", round_, row, form)


@staff_page
def letter(request: StaffRequest, code: str, attempt: int) -> HttpResponse:
    """One letter: note its answer, correct it, or remove it."""
    round_ = asked_round(request)
    row = one_agency(round_, code)
    record = next((each for each in row.letters if each.attempt == attempt), None)
    if record is None:
        raise Http404(_("ไม่มีหนังสือครั้งนี้ อาจมีผู้ลบแล้ว"))
    form = CorrectionForm(posted(request), initial=as_seen(record, actions.LETTER_FIELDS))
    conflict: dict[str, Any] = {}
    is_removal = request.POST.get("do") == "remove"
    if request.method == "POST" and (form.is_valid() or is_removal):
        try:
            if is_removal:
                seen = request.POST.get(SEEN, "")
                actions.remove_letter(letter=record, by=request.user, seen=seen)
                messages.success(request, _("ลบหนังสือครั้งที่ %(attempt)s แล้ว") % {"attempt": attempt})
            else:
                actions.correct_letter(letter=record, by=request.user, **form.cleaned_data)
                messages.success(request, _("บันทึกหนังสือครั้งที่ %(attempt)s แล้ว") % {"attempt": attempt})
            return redirect(address_of(row.agency, round_))
        except actions.Refused as refused:
            show_refusal(form, refused)
        except actions.Conflict as found:
            if is_removal:
                return look_again(request)
            conflict = {"conflict": True, "clash": show_conflict(form, found.current)}
    return letter_page(request, "staff/letter.html", round_, row, form, letter=record, **conflict)


def one_agency(round_: Round, code: str) -> Correspondence:
    """An agency's correspondence. Raises Http404 if the round expects nothing of it."""
    agency = get_object_or_404(Agency, code=code)
    row = correspondence(round_, [agency])
    if not row:
        raise Http404(_("หน่วยงานนี้ไม่มีรายงานที่ต้องส่งในรอบนี้"))
    return row[0]


def address_of(agency: Agency, round_: Round) -> str:
    return f"{reverse('staff-letters-agency', args=[agency.code])}?year={round_.code}"


def letter_page(
    request: StaffRequest,
    template: str,
    round_: Round,
    row: Correspondence,
    form: forms.Form,
    **extra: Any,
) -> HttpResponse:
    errors = error_list(form) if form.is_bound else []
    context = {
        "round": round_,
        "row": row,
        "form": form,
        "errors": errors,
        "submitting": False,
        "stored": False,
        "takes": round_.state in {RoundState.OPEN, RoundState.CLOSED},
        "here": request.get_full_path(),
        **extra,
    }
    status = 409 if extra.get("conflict") else 422 if errors else 200
    return render(request, template, context, status=status)


@staff_page
def letter_file(request: StaffRequest, code: str) -> HttpResponse:
    """The agency's next letter, ready to edit."""
    from followup import letter_document  # python-docx costs 60 ms to load

    round_ = asked_round(request)
    row = one_agency(round_, code)
    if not row.due:
        raise Http404(_("หน่วยงานนี้ส่งรายงานครบแล้ว จึงไม่มีหนังสือติดตาม"))
    last = StatusReport.objects.last_before([round_])
    content = letter_document.build(round_, row, last, timezone.localdate())
    name = _("หนังสือติดตาม_%(year)s_%(agency)s.docx") % {
        "year": round_.label,
        "agency": row.agency.short,
    }
    return attachment(HttpResponse(content, content_type=word.MIME), name)
