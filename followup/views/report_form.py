"""The form of one report, shared by the secretariat's pages and an agency's link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import (
    actions,
    joint_reports,
    link_checks,
    permissions,
    shared_codes,
    standing,
    standing_words,
)
from followup.forms.fields import ThaiTextField, error_list
from followup.forms.report import (
    TOLD_IN,
    DecisionForm,
    EvidenceFormSet,
    ReplyForm,
    ReportForm,
    WithdrawForm,
    evidence_of,
    files_given_twice,
    wanted_evidence,
)
from followup.models import AgencyLink, Evidence, RoundState, StatusReport, User
from followup.report_fields import FIELDS, STANDING, Kind, Section, Writer, written_by
from followup.source_text import excerpt
from followup.views.refusals import show_refusal
from forum_portal.row_ids import read_id
from forum_portal.thai import format_time
from proposals.models import Forum

#: What "copy from last year" fills in if it is empty: the texts of the year's report, not the figures.
#: What the other sections said stands without being said again.
_COPIED = frozenset({Kind.STATUS, Kind.TEXT})


@dataclass(frozen=True)
class Desk:
    """The context of the form: the writer, the report, the page, and the next page.

    The writer is exactly one of `by` (a member of the secretariat) and `link` (an agency's).
    """

    request: HttpRequest
    record: StatusReport
    template: str
    here: str
    after: str
    thanks: str  # the message after submission; with %(report)s or %(measure)s
    by: User | None = None
    link: AgencyLink | None = None
    context: Mapping[str, Any] = field(default_factory=dict)

    def address_of(self, other: StatusReport) -> str:
        """The address of another report of the agency, for the same writer."""
        if self.link is None:
            return reverse("staff-report", args=[other.pk])
        return reverse("agency-report", args=[actions.token_of(self.link), other.pk])

    @property
    def share_at(self) -> str:
        """Where its stored evidence is attached to other reports; "" without any."""
        if not self.evidence:
            return ""
        if self.link is None:
            return reverse("staff-report-evidence", args=[self.record.pk])
        return reverse("agency-report-evidence", args=[actions.token_of(self.link), self.record.pk])

    @property
    def writer(self) -> dict[str, Any]:
        """The writer as keyword arguments of the actions."""
        return {"by": self.by, "link": self.link}

    @property
    def last(self) -> StatusReport | None:
        return self.record.last

    @cached_property
    def partners(self) -> list[StatusReport]:
        """The other reports of the activity."""
        return joint_reports.mark_one(self.record)

    @cached_property
    def mains(self) -> list[StatusReport]:
        """The reports in which this one may be told; none while others are told in this one."""
        if self.partners and self.record.told_in_id is None:
            return []
        return joint_reports.candidates(self.record)

    @cached_property
    def evidence(self) -> list[dict[str, Any]]:
        """The stored evidence that this writer may see, as initial data of the form set."""
        hidden = permissions.evidence_hidden_from(self.link, self.record)
        pairs = zip(self.record.evidence.all(), evidence_of(self.record), strict=True)
        return [row for piece, row in pairs if piece.pk not in hidden]

    @property
    def other(self) -> str:
        """The last writer as this writer may know them: an agency sees no names of staff."""
        if self.link is None:
            return self.record.last_writer
        return _("ฝ่ายเลขานุการ") if self.record.updated_by_id else _("ผู้ใช้ลิงก์ของหน่วยงานท่านหนึ่ง")

    def bind(self, data: Any = None) -> tuple[ReportForm, Any]:
        """The forms as posted, or with other `data` in the report's own fields."""
        posted = self.request.POST
        form = ReportForm(
            posted if data is None else data,
            last=self.last,
            mains=self.mains,
            kind=self.record.measure.kind,
            is_lead=standing.is_lead(self.record),
        )
        # Only as many rows count as initial as the posted page had: otherwise a newly typed row that
        # equals a row stored meanwhile by another writer would count as unchanged and be dropped.
        shown = posted.get("evidence-INITIAL_FORMS", "")
        initial = self.evidence[: read_id(shown) or 0]
        formset = EvidenceFormSet(posted, self.request.FILES, prefix="evidence", initial=initial)
        return form, formset


def begin(desk: Desk) -> HttpResponse:
    """The form with the stored values."""
    form = ReportForm(
        last=desk.last,
        mains=desk.mains,
        kind=desk.record.measure.kind,
        is_lead=standing.is_lead(desk.record),
        initial=ReportForm.initial_of(desk.record),
    )
    formset = EvidenceFormSet(prefix="evidence", initial=desk.evidence)
    return _page(desk, form, formset)


def take(desk: Desk) -> HttpResponse:
    """Store the posted draft, submit it if requested, or show the errors."""
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
            told_in=form.told_in_to_store(),
        )
        stored = True
        if do == "submit":
            actions.submit(report=record, **desk.writer, version=record.version)
    except actions.Conflict as conflict:
        return _conflict_page(replace(desk, record=conflict.current), form, formset)
    except actions.Refused as refused:
        show_refusal(form, refused)
        if stored:  # only the submission was refused: continue from the version of the draft
            stand_on(form, record.version)
        return _page(desk, form, formset, status=422, refused=refused, stored=stored)
    for name in files_given_twice(evidence):
        messages.warning(request, _("ไฟล์ “%(name)s” ซ้ำกับที่แนบไว้แล้ว จึงเก็บไว้ครั้งเดียว") % {"name": name})
    received, spent = record.budget_received, record.budget_spent
    if received is not None and spent is not None and spent > received:
        messages.warning(request, _("เบิกจ่ายมากกว่างบประมาณที่ได้รับ ตรวจตัวเลขอีกครั้ง"))
    if desk.link is None:  # an agency is told nothing of what others have not published
        for sentence in shared_codes.in_words(record):
            messages.info(request, sentence)
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
    """Show the form with the text typed before signing in again; nothing is stored."""
    messages.warning(desk.request, unsaved_message())
    return _page(desk, *desk.bind(), status=status)


def unsaved_message() -> str:
    return _("ยังไม่ได้บันทึก ข้อความที่พิมพ์ไว้อยู่ในแบบฟอร์มนี้ครบแล้ว ตรวจอีกครั้งก่อนบันทึก")


def stand_on(form: ReportForm | DecisionForm | ReplyForm | WithdrawForm, version: int) -> None:
    """Set the version against which a form that is shown again will be saved."""
    data = cast(QueryDict, form.data).copy()
    data["version"] = str(version)
    form.data = data


def _start_from_last_year(desk: Desk) -> HttpResponse:
    """The form again, its empty fields filled with last year's texts; nothing is stored."""
    form, formset = desk.bind()
    last = desk.last or desk.record.inherited
    if last is None:
        form.add_error(None, _("ไม่มีรายงานก่อนหน้านี้ให้คัดลอก"))
        return _page(desk, form, formset, status=422)
    data = desk.request.POST.copy()
    own = last is desk.last
    kinds = _COPIED if own else {Kind.TEXT}  # an agency says its status in its own name
    for each in written_by(Writer.AGENCY):
        if each.section is not Section.REPORT or each.kind not in kinds:
            continue
        name = each.name
        if not data.get(name, "").strip():
            data[name] = getattr(last, name)
    fresh, formset = desk.bind(data)
    fresh.is_valid()
    messages.info(
        desk.request,
        _("คัดลอกข้อความของ%(agency)sปีงบประมาณ %(year)s มาในช่องที่ว่างแล้ว ปรับให้เป็นของปีนี้ก่อนบันทึก")
        % {
            "year": last.round.label,
            "agency": "" if own else f" {last.assignment.agency.short} ",
        },
    )
    return _page(desk, fresh, formset)


# A submission taken back ----------------------------------------------------------------------


def recall_of(
    record: StatusReport, *, by: User | None = None, link: AgencyLink | None = None
) -> dict[str, Any]:
    """Whether this writer may take the submission back, and the sentence why no longer."""
    is_own = permissions.sent_by(record, by=by, link=link)
    return {
        "may_recall": permissions.may_recall(record, by=by, link=link),
        "opened": actions.opened_message(record) if is_own and record.review_opened_at else "",
    }


def recall(desk: Desk) -> HttpResponse:
    """Take one's own submission back to its form, or say why it cannot be."""
    version = read_id(desk.request.POST.get("version", ""))
    try:
        actions.recall(report=desk.record, **desk.writer, version=version or 0)
    except actions.Conflict:
        messages.error(desk.request, _("รายการนี้เปลี่ยนไปหลังจากเปิดหน้า จึงยังไม่ดึงกลับ อ่านฉบับล่าสุดก่อน"))
    except actions.Refused as refused:
        messages.error(desk.request, str(refused))
    else:
        messages.success(desk.request, _("ดึงรายงานกลับมาเป็นฉบับร่างแล้ว แก้ไขแล้วส่งใหม่ได้"))
    return redirect(desk.here)


# Two versions ---------------------------------------------------------------------------------


def evidence_in_words(rows: Iterable[Mapping[str, Any]]) -> str:
    """One line for each piece: what it is, its address, its file, and whether it is internal."""
    lines = []
    for row in rows:
        file = row.get("file")
        where = [row["title"], row.get("url"), file.file_name if file else ""]
        about = Evidence(**{name: row[name] for name in Evidence.DESCRIBED if name in row})
        line = " · ".join([" ".join(filter(None, where)), *about.described])
        lines.append(line if row.get("is_public", True) else _("%(line)s (ภายใน)") % {"line": line})
    return "\n".join(lines)


def _conflict_page(desk: Desk, form: ReportForm, formset: Any) -> HttpResponse:
    """The form with the typed text, and beside each field the value stored by another writer."""
    typed, current = form.fields_to_store(), desk.record
    shown = {
        name: (FIELDS[name].in_words(typed[name]), FIELDS[name].in_words(getattr(current, name)))
        for name in actions.REPORT_FIELDS
    }
    shown["evidence"] = (
        evidence_in_words(wanted_evidence(formset)),
        evidence_in_words(desk.evidence),
    )
    mine, theirs = (
        FIELDS["provinces"].in_words(sorted(each.name_th for each in every))
        for every in (form.cleaned_data["provinces"], current.provinces.all())
    )
    shown["provinces"] = (mine, theirs)
    # Saving again means "mine": the form is then based on the version that was just shown.
    stand_on(form, current.version)
    clash = [
        {"label": FIELDS[name].short, "mine": mine, "theirs": theirs}
        for name, (mine, theirs) in shown.items()
        if mine != theirs
    ]
    return _page(desk, form, formset, status=409, clash=clash, conflict=True)


# Pages ----------------------------------------------------------------------------------------


def context_of(
    record: StatusReport,
    last: StatusReport | None,
    partners: Sequence[StatusReport] | None = None,
) -> dict[str, Any]:
    """The context that every page on one report shares; `partners` if they are known already."""
    if partners is None:
        partners = joint_reports.mark_one(record)
    link_checks.mark_of([record])
    return {
        "partners": partners,
        "report": record,
        "measure": record.measure,
        "round": record.round,
        "last": last,
        "inherited": record.inherited,
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
        # This error belongs to the evidence rows, which are separate forms.
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
    standing.mark([desk.record])
    form.stands = standing_words.before_in_words(desk.record)
    context = context_of(desk.record, desk.last, desk.partners) | {
        "form": form,
        "formset": formset,
        "errors": errors,
        "main": form.main,
        "main_at": desk.address_of(form.main) if form.main else "",
        "share_at": desk.share_at,
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


# Unsaved text ---------------------------------------------------------------------------------


def keep(
    request: HttpRequest, *, status: int = 403, sentence: str = "", may_resume: bool = True
) -> HttpResponse:
    """A page that holds typed text that cannot be stored; it sends nothing by itself.

    After signing in in another tab, the person can send it on to the form as unsaved text.
    """
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name in _fields() or name == TOLD_IN or name.startswith("evidence-")
    ]
    context = {"sent": sent, "sentence": sentence, "may_resume": may_resume}
    return render(request, "reporting/kept.html", context | typed_in(request), status=status)


def _fields() -> dict[str, Any]:
    """Every form field in which people write about a report."""
    forms = (ReportForm, DecisionForm, ReplyForm, WithdrawForm)
    return {name: field for form in forms for name, field in form.base_fields.items()}


def _is_typed(name: str, field: Any) -> bool:
    """Whether a form field holds words of its own: a text, or anything in a section that stands."""
    declared = FIELDS.get(name)
    return isinstance(field, ThaiTextField) or bool(declared and declared.section in STANDING)


def _as_read(field: Any, value: str) -> str:
    """A posted value as a person reads it: the word of a choice, everything else as it was typed."""
    return str(dict(getattr(field, "choices", ())).get(value, value))


def typed_in(request: HttpRequest) -> dict[str, Any]:
    """The texts of a posted form with their labels, for reading and copying."""
    typed: list[tuple[Any, Any]] = [
        (field.label, _as_read(field, request.POST[name]))
        for name, field in _fields().items()
        if request.POST.get(name) and _is_typed(name, field)
    ]
    typed += [
        (FIELDS["evidence"].label, value)
        for name, value in request.POST.items()
        if name.startswith("evidence-") and name.endswith(("-title", "-issuer", "-url")) and value
    ]
    return {"typed": typed}
