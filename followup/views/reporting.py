"""Writing one report, wherever it is done: at the secretariat's desk or through an agency's link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import actions, permissions
from followup.forms import (
    DecisionForm,
    EvidenceFormSet,
    ReplyForm,
    ReportForm,
    TextField,
    error_list,
    evidence_of,
    files_given_twice,
    wanted_evidence,
)
from followup.models import AgencyLink, RoundState, StatusReport, User
from followup.source_text import excerpt
from followup.status import Status
from forum_portal.thai import format_baht, format_time
from proposals.models import Forum


@dataclass(frozen=True)
class Desk:
    """Who writes which report, on which page, and where they go afterwards.

    Exactly one of `by` (a member of the secretariat) and `link` (an agency's) writes.
    """

    request: HttpRequest
    record: StatusReport
    template: str
    here: str
    after: str
    thanks: str  # when it was handed in; names the %(report)s or its %(measure)s
    by: User | None = None
    link: AgencyLink | None = None
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def writer(self) -> dict[str, Any]:
        """As the actions take it."""
        return {"by": self.by, "link": self.link}

    @cached_property
    def last(self) -> StatusReport | None:
        return last_report(self.record)

    @cached_property
    def evidence(self) -> list[dict[str, Any]]:
        """What this writer sees of the stored evidence, as the form set takes it."""
        hidden = permissions.evidence_hidden_from(self.link, self.record)
        pairs = zip(self.record.evidence.all(), evidence_of(self.record), strict=True)
        return [row for piece, row in pairs if piece.pk not in hidden]

    @property
    def other(self) -> str:
        """Who wrote last, as this writer may know it: an agency learns no names."""
        if self.link is None:
            return self.record.last_writer
        return _("ฝ่ายเลขานุการ") if self.record.updated_by_id else _("ผู้ใช้ลิงก์ของหน่วยงานท่านหนึ่ง")

    def bind(self, data: Any = None) -> tuple[ReportForm, Any]:
        """The forms as they were sent, or with other `data` in the report's own fields."""
        posted = self.request.POST
        form = ReportForm(posted if data is None else data, last=self.last)
        # No more rows are "as they were" than the page had that was sent: a row that was typed anew
        # and happens to say what somebody else stored meanwhile would pass for an empty one.
        shown = posted.get("evidence-INITIAL_FORMS", "")
        initial = self.evidence[: int(shown) if shown.isdecimal() else 0]
        formset = EvidenceFormSet(posted, self.request.FILES, prefix="evidence", initial=initial)
        return form, formset


def last_report(report: StatusReport) -> StatusReport | None:
    """The same assignment's approved report in the latest round before this one."""
    return (
        StatusReport.objects.received()
        .filter(assignment=report.assignment_id, round__year_be__lt=report.round.year_be)
        .select_related("round")
        .prefetch_related("evidence")
        .order_by("-round__year_be")
        .first()
    )


def begin(desk: Desk) -> HttpResponse:
    """The form with what is stored."""
    form = ReportForm(last=desk.last, initial=ReportForm.initial_of(desk.record))
    formset = EvidenceFormSet(prefix="evidence", initial=desk.evidence)
    return _page(desk, form, formset)


def take(desk: Desk) -> HttpResponse:
    """Store what was sent, hand it in where that was asked for, or say what is wrong."""
    request, record = desk.request, desk.record
    do = request.POST.get("do", "draft")
    if do == "copy":
        return _start_from_last_year(desk)
    if do == "resume":
        return resume(desk)
    form, formset = desk.bind()
    if not (form.is_valid() & formset.is_valid()):
        return _page(desk, form, formset, status=422)
    stored = False
    evidence = wanted_evidence(formset)
    try:
        actions.save_draft(
            report=record,
            **desk.writer,
            version=form.cleaned_data["version"],
            fields=form.fields_to_store(),
            evidence=evidence,
            provinces=form.cleaned_data["provinces"],
        )
        stored = True
        if do == "submit":
            actions.submit(report=record, **desk.writer, version=record.version)
    except actions.Conflict as conflict:
        return _conflict_page(replace(desk, record=conflict.current), form, formset)
    except actions.Refused as refused:
        for name, sentence in refused.messages.items():
            form.add_error(name if name in form.fields else None, sentence)
        # Where only the submission was refused, the draft is stored; go on from its version.
        stand_on(form, record.version)
        return _page(desk, form, formset, status=422, refused=refused, stored=stored)
    for name in files_given_twice(evidence):
        messages.warning(request, _("ไฟล์ “%(name)s” ซ้ำกับที่แนบไว้แล้ว จึงเก็บไว้ครั้งเดียว") % {"name": name})
    received, spent = record.budget_received, record.budget_spent
    if received is not None and spent is not None and spent > received:
        messages.warning(request, _("เบิกจ่ายมากกว่างบประมาณที่ได้รับ ตรวจตัวเลขอีกครั้ง"))
    if do == "submit":
        code = record.measure.shown_code(several_forums=Forum.objects.are_several())
        messages.success(request, desk.thanks % {"report": record.assignment, "measure": code})
        return redirect(desk.after)
    messages.success(
        request,
        _("บันทึกร่างแล้ว เวลา %(time)s")
        % {"time": format_time(timezone.localtime(record.updated_at))},
    )
    return redirect(desk.here)


def resume(desk: Desk, *, status: int = 200) -> HttpResponse:
    """Show what was typed before signing in again, in the form; nothing is stored."""
    messages.warning(desk.request, unsaved_message())
    return _page(desk, *desk.bind(), status=status)


def unsaved_message() -> str:
    return _("ยังไม่ได้บันทึก ข้อความที่พิมพ์ไว้อยู่ในแบบฟอร์มนี้ครบแล้ว ตรวจอีกครั้งก่อนบันทึก")


def stand_on(form: ReportForm | DecisionForm | ReplyForm, version: int) -> None:
    """Let a form that is shown again be saved against the version that its page now shows."""
    data = cast(QueryDict, form.data).copy()
    data["version"] = str(version)
    form.data = data


def _start_from_last_year(desk: Desk) -> HttpResponse:
    """The form again with last year's words where nothing was typed yet; nothing is stored."""
    form, formset = desk.bind()
    last = desk.last
    if last is None:
        form.add_error(None, _("ไม่มีรายงานของปีก่อนให้คัดลอก"))
        return _page(desk, form, formset, status=422)
    data = desk.request.POST.copy()
    for name in ("reported_status", "results", "obstacles", "next_steps"):
        if not data.get(name, "").strip():
            data[name] = getattr(last, name)
    fresh, formset = desk.bind(data)
    fresh.is_valid()
    messages.info(
        desk.request,
        _("คัดลอกข้อความของปีงบประมาณ %(year)s มาในช่องที่ว่างแล้ว ปรับให้เป็นของปีนี้ก่อนบันทึก")
        % {"year": last.round.year_be},
    )
    return _page(desk, fresh, formset)


# Two versions ---------------------------------------------------------------------------------


def in_words(name: str, value: Any) -> str:
    """A field's value as the form shows it."""
    if name == "reported_status":
        return str(Status(value).label) if value else ""
    if isinstance(value, Decimal):
        return format_baht(value)
    if isinstance(value, bool):
        return _("ใช่") if value else _("ไม่ใช่")
    return value or ""


def evidence_in_words(rows: Iterable[Mapping[str, Any]]) -> str:
    """One line for each piece: its title, its address, and that it is internal."""
    lines = []
    for row in rows:
        file = row.get("file")
        line = " ".join(filter(None, [row["title"], file.file_name if file else row.get("url")]))
        lines.append(line if row.get("is_public", True) else _("%(line)s (ภายใน)") % {"line": line})
    return "\n".join(lines)


def _conflict_page(desk: Desk, form: ReportForm, formset: Any) -> HttpResponse:
    """What was typed stays in the form; beside it stands, field by field, what somebody stored."""
    typed, current = form.fields_to_store(), desk.record
    both = [
        (
            form.fields[name].label,
            in_words(name, typed[name]),
            in_words(name, getattr(current, name)),
        )
        for name in actions.REPORT_FIELDS
    ]
    both.append(
        (
            _("หลักฐาน"),
            evidence_in_words(wanted_evidence(formset)),
            evidence_in_words(desk.evidence),
        )
    )
    provinces = form.cleaned_data["provinces"], current.provinces.all()
    mine, theirs = (" · ".join(sorted(each.name_th for each in every)) for every in provinces)
    both.append((form.fields["provinces"].label, mine, theirs))
    # To save again is to say "mine": it then stands on the version that was just shown.
    stand_on(form, current.version)
    clash = [
        {"label": label, "mine": mine, "theirs": theirs}
        for label, mine, theirs in both
        if mine != theirs
    ]
    return _page(desk, form, formset, status=409, clash=clash, conflict=True)


# Pages ----------------------------------------------------------------------------------------


def context_of(record: StatusReport, last: StatusReport | None) -> dict[str, Any]:
    """What every page on one report shows around it."""
    return {
        "report": record,
        "measure": record.measure,
        "round": record.round,
        "last": last,
        "excerpt": excerpt(record.measure),
    }


def _page(
    desk: Desk,
    form: ReportForm,
    formset: Any,
    *,
    status: int = 200,
    refused: actions.Refused | None = None,
    **extra: Any,
) -> HttpResponse:
    errors = error_list(form)
    if refused and "evidence" in refused.messages:
        # It belongs to the evidence rows, which are forms of their own.
        errors = [
            (
                "id_evidence-0-title" if sentence == refused.messages["evidence"] else target,
                sentence,
            )
            for target, sentence in errors
        ]
    for each in formset.forms if formset.is_bound else []:
        errors += error_list(each)
    if formset.is_bound:
        where = "id_evidence-0-title" if formset.forms else "id_evidence"
        errors += [(where, sentence) for sentence in formset.non_form_errors()]
    context = context_of(desk.record, desk.last) | {
        "form": form,
        "formset": formset,
        "errors": errors,
        "evidence_limit": settings.EVIDENCE_MAX_BYTES,
        "evidence_error": refused.messages.get("evidence", "") if refused else "",
        "closed": desk.record.round.state != RoundState.OPEN,
        "submitting": desk.request.POST.get("do") == "submit",
        "here": desk.here,
        "who": desk.other,
        **desk.context,
        **extra,
    }
    return render(desk.request, desk.template, context, status=status)


# Typed, and not stored ------------------------------------------------------------------------


def keep(
    request: HttpRequest, *, status: int = 403, sentence: str = "", may_resume: bool = True
) -> HttpResponse:
    """A page that holds what somebody typed when it cannot be stored; it goes nowhere by itself.

    Whoever signs in in another tab can then send it on into the form, as unsaved text.
    """
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name in _fields() or name.startswith("evidence-")
    ]
    context = {"sent": sent, "sentence": sentence, "may_resume": may_resume}
    return render(request, "reporting/kept.html", context | typed_in(request), status=status)


def _fields() -> dict[str, Any]:
    """Every field in which somebody writes about a report."""
    return ReportForm.base_fields | DecisionForm.base_fields | ReplyForm.base_fields


def typed_in(request: HttpRequest) -> dict[str, Any]:
    """The words of a form that was sent, with their labels, to be read and copied."""
    typed: list[tuple[Any, Any]] = [
        (field.label, request.POST[name])
        for name, field in _fields().items()
        if isinstance(field, TextField) and request.POST.get(name)
    ]
    typed += [
        (_("หลักฐาน"), value)
        for name, value in request.POST.items()
        if name.startswith("evidence-") and name.endswith(("-title", "-url")) and value
    ]
    return {"typed": typed}
