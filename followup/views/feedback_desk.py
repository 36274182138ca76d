"""The secretariat's pages on the public's messages: the list, one message with its steps, its file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import actions, feedback, permissions
from followup.forms.feedback import (
    AnswerForm,
    CorrectionNoteForm,
    DeclineForm,
    TypedForm,
    VersionForm,
)
from followup.forms.fields import error_list
from followup.models import Feedback, FeedbackState, PublicAnswer, Snapshot
from followup.models.feedback import WAITING
from followup.views import evidence
from followup.views.kept import is_resumed, keeps_form
from followup.views.paging import Paged, paged
from followup.views.refusals import show_refusal
from followup.views.staff import StaffRequest, staff_page
from forum_portal.thai import clean_text, to_arabic_digits

PAGE = 30  # messages a page

FORMS: dict[str, type[forms.Form]] = {
    "take": VersionForm,
    "answer": AnswerForm,
    "decline": DeclineForm,
    "correct": CorrectionNoteForm,
}
#: The fields in which people write.
TYPED = ("answer", "public_text", "reason")
NOTHING: Mapping[str, Any] = {}

#: The tabs of the list: name, label, which messages.
TABS = (
    ("waiting", _l("รอตอบ"), Q(state__in=WAITING)),
    ("new", _l("ยังไม่เริ่ม"), Q(state=FeedbackState.NEW)),
    ("checking", _l("กำลังตรวจสอบ"), Q(state=FeedbackState.CHECKING)),
    ("correcting", _l("รอแก้ไขข้อมูล"), Q(state=FeedbackState.ANSWERED, needs_correction=True)),
    ("answered", _l("ตอบแล้ว"), Q(state__in=[FeedbackState.ANSWERED, FeedbackState.CORRECTED])),
    ("declined", _l("ไม่รับไว้ตอบ"), Q(state=FeedbackState.DECLINED)),
)


@staff_page
def message_list(request: StaffRequest) -> HttpResponse:
    """The messages, those that wait first and of those the oldest."""
    if not permissions.may_answer(request.user):
        raise PermissionDenied
    conditions = {name: condition for name, _label, condition in TABS}
    counts = Feedback.objects.aggregate(
        **{name: Count("pk", filter=condition) for name, condition in conditions.items()},
        overdue=Count("pk", filter=conditions["waiting"] & feedback.overdue()),
    )
    tab = request.GET.get("state", "")
    tab = tab if tab in conditions else "waiting"
    words = to_arabic_digits(clean_text(request.GET.get("q", "")))[:100]
    rows = Feedback.objects.filter(conditions[tab]).with_subject()
    if words:
        rows = rows.filter(_named(words))
    # What waits is answered in the order in which it came; of the rest the latest is looked for.
    is_queue = tab in {"waiting", "new", "checking"}
    rows = rows.order_by(*(("sent_at", "pk") if is_queue else ("-closed_at", "-pk")))
    shown: Paged[Feedback] = paged(request, rows, PAGE)
    return render(
        request,
        "staff/feedback.html",
        {
            "tabs": [(name, label, counts[name]) for name, label, _condition in TABS],
            "tab": tab,
            "overdue": counts["overdue"],
            "paged": shown,
            "rows": [(row, feedback.times_of(row)) for row in shown.rows],
            "words": words,
        },
    )


def _named(words: str) -> Q:
    """The messages with this number, about this code, or with these words."""
    found = Q(about__icontains=words) | Q(text__icontains=words)
    if number := feedback.NUMBER.fullmatch(words.upper()):
        found |= Q(year_be=int(number[1]), serial=int(number[2]))
    return found


@keeps_form(TypedForm)
@staff_page
def message(request: StaffRequest, pk: int) -> HttpResponse:
    """One message: take it up, answer, decline, note the edition that corrects."""
    row = _get(request, pk)
    editions = feedback.corrections_for(row) if row.is_answered else []
    do = request.POST.get("do", "")
    if is_resumed(request):
        return _page(request, row, editions, typed=request.POST.dict())
    if request.method != "POST" or do not in FORMS:
        return _page(request, row, editions)
    form = _made(do, editions, data=request.POST)
    status = 422
    if form.is_valid():
        try:
            done = _do(do, row, request, form, editions)
        except actions.Conflict as conflict:
            status = 409
            row = _get(request, conflict.current.pk)
            form.add_error(
                None,
                _(
                    "มีผู้อื่นบันทึกเรื่องนี้หลังจากท่านเปิดหน้า อ่านรายการล่าสุด แล้วบันทึกอีกครั้งหากยังต้องการ "
                    "ข้อความที่พิมพ์ยังอยู่ในช่อง"
                ),
            )
            # The form then is based on what is stored now, so that sending it again means it.
            data = cast(QueryDict, form.data).copy()
            data["version"] = str(row.version)
            form.data = data
            editions = feedback.corrections_for(row) if row.is_answered else []
        except actions.Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, done)
            return redirect("staff-feedback-message", row.pk)
    return _page(request, row, editions, {do: form}, status=status)


def _do(
    do: str,
    row: Feedback,
    request: StaffRequest,
    form: forms.Form,
    editions: Sequence[Snapshot],
) -> str:
    """Call the verb; returns what to say. Raises as the verbs do."""
    given = dict(form.cleaned_data)
    as_seen: dict[str, Any] = {"feedback": row, "by": request.user, "version": given.pop("version")}
    if do == "take":
        actions.take_up_feedback(**as_seen)
        return _("เริ่มตรวจสอบ %(number)s แล้ว ผู้แจ้งเห็นในหน้าติดตาม") % {"number": row.number}
    if do == "answer":
        actions.answer_feedback(**as_seen, **given)
        return _("บันทึกคำตอบของ %(number)s แล้ว ผู้แจ้งเห็นในหน้าติดตาม") % {"number": row.number}
    if do == "decline":
        actions.decline_feedback(**as_seen, **given)
        return _("บันทึกว่าไม่รับ %(number)s ไว้ตอบแล้ว ผู้แจ้งเห็นเหตุผลในหน้าติดตาม") % {"number": row.number}
    edition = next(each for each in editions if each.pk == given["edition"])
    actions.note_correction(**as_seen, edition=edition)
    return _("บันทึกว่าแก้ไขข้อมูลที่เผยแพร่ตาม %(number)s แล้ว") % {"number": row.number}


def _get(request: StaffRequest, pk: int) -> Feedback:
    if not permissions.may_answer(request.user):
        raise PermissionDenied
    return get_object_or_404(
        Feedback.objects.with_subject()
        .select_related("taken_by", "closed_by", "correction__round")
        .defer("correction__content", "correction__changes"),
        pk=pk,
    )


def _made(do: str, editions: Sequence[Snapshot], **kwargs: Any) -> forms.Form:
    """The form of a step; each has ids of its own, since all stand on one page."""
    if do == "correct":
        kwargs["editions"] = editions
    return FORMS[do](auto_id=f"{do}_%s", **kwargs)


def _page(
    request: StaffRequest,
    row: Feedback,
    editions: Sequence[Snapshot],
    bound: Mapping[str, forms.Form] = NOTHING,
    *,
    typed: Mapping[str, str] = NOTHING,
    status: int = 200,
) -> HttpResponse:
    shown = PublicAnswer.objects.filter(feedback=row).first()
    initial = {
        "version": row.version,
        "answer": row.answer if row.is_answered else "",
        "needs_correction": row.needs_correction,
        "shows": shown is not None,
        "public_text": shown.text if shown and shown.is_cut else "",
    } | {name: typed[name] for name in TYPED if name in typed}
    form = next(iter(bound.values()), None)
    return render(
        request,
        "staff/feedback_message.html",
        {
            "row": row,
            "times": feedback.times_of(row),
            "shown": shown,
            "query": f"?year={row.round.code}" if row.round else "",
            "sees_sender": permissions.may_see_sender(request.user),
            "may_show": row.may_publish and (row.measure or row.agency),
            "may_change": bool(row.text),
            "forms": {do: bound.get(do) or _made(do, editions, initial=initial) for do in FORMS},
            "editions": editions,
            "errors": error_list(form) if form else [],
        },
        status=status,
    )


@staff_page
def message_file(request: StaffRequest, pk: int, name: str) -> HttpResponse:
    """The file of a message, for whoever may see it; the security log notes each."""
    row = _get(request, pk)
    if not permissions.may_see_sender(request.user):
        raise PermissionDenied
    if not row.file or row.file_name != name:
        raise Http404
    return cast(HttpResponse, evidence.send(row))  # as `downloads.attachment` does: a file
