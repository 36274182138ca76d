"""Entering a forum: the list of forums and drafts, and the five steps of a draft.

Every save stores the draft as it is, right or wrong, and the page tells what is wrong with it. The
steps are: facts of the meeting, source text, marks in it, what is missing, preview and publication.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import actions, forum_file, forum_marks, permissions
from followup.forms.fields import error_list
from followup.forms.forum_entry import (
    LISTS,
    CorrectionForm,
    FactsForm,
    NewForumForm,
    day_as_typed,
    facts_from,
)
from followup.forum_file import FACTS, MARKS, SOURCE, Content, Fault
from followup.models import Agency, Assignment, ForumDraft, Round
from followup.published import progress_by_year
from followup.relations import Related, to_earlier
from followup.source_text import annotate
from followup.source_words import normalised
from followup.spreadsheets.documents import EXTENSIONS, read_document
from followup.views.chosen_forum import forum_of
from followup.views.refusals import show_refusal
from followup.views.staff import StaffRequest, View, posted, staff_page
from followup.views.years import YearChoice
from forum_portal.bodies import SMALL, TYPED, form_bytes, takes_body, upload_bytes
from forum_portal.thai import format_time
from forum_portal.uploads import TooLarge
from proposals.models import Forum, Measure, Relation, Resolution

STEPS = (
    ("staff-forum-facts", _l("ข้อมูลการประชุม")),
    ("staff-forum-source", _l("เอกสารต้นฉบับ")),
    ("staff-forum-marks", _l("ทำเครื่องหมายในข้อความ")),
    ("staff-forum-check", _l("ตรวจความครบถ้วน")),
    ("staff-forum-publish", _l("ดูตัวอย่างและเผยแพร่")),
)
_PAGES = {FACTS: "staff-forum-facts", SOURCE: "staff-forum-source", MARKS: "staff-forum-marks"}


def form_of_entry(request: HttpRequest, **kwargs: Any) -> int:
    """The largest form, in bytes; who is signed out gets the text back, so that it has to be read."""
    return form_bytes() if permissions.may_work(request.user) else TYPED


def upload_of_entry(request: HttpRequest, **kwargs: Any) -> int:
    """The largest form with a document, in bytes."""
    return upload_bytes() if permissions.may_work(request.user) else TYPED


def small_form(request: HttpRequest, **kwargs: Any) -> int:
    """The largest confirmation, in bytes."""
    return SMALL


def administrators_page(view: View) -> View:
    """Decorate a page for administrators: other signed-in people get a 403, visitors the login."""

    @wraps(view)
    @staff_page
    def guarded(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not permissions.may_administer(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return takes_body(getattr(view, "body_limit", small_form))(guarded)


def step_page(view: View) -> View:
    """Decorate a step of a draft: what a visitor sends is kept on a page, for after the login."""

    page = administrators_page(view)

    @wraps(view)
    def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            return keep(request)
        return page(request, *args, **kwargs)

    return takes_body(getattr(view, "body_limit", form_of_entry))(keeping)


def draft_of(year: int) -> ForumDraft:
    """The draft of a year that is being worked on. Raises Http404."""
    drafts = ForumDraft.objects.select_related("changed_by")
    draft = drafts.filter(year_be=year, published_at__isnull=True).first()
    if draft is None:
        raise Http404(_("ไม่มีร่างเวทีปี %(year)s") % {"year": year})
    return draft


# The list ----------------------------------------------------------------------------------------


@administrators_page
def forum_list(request: StaffRequest) -> HttpResponse:
    """Every forum and every draft; a new one is begun with its year."""
    form = NewForumForm(posted(request))
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                draft = actions.begin_forum(by=request.user, year=form.cleaned_data["year"])
            except actions.Refused as refused:
                show_refusal(form, refused)
            else:
                messages.success(request, _("เริ่มร่างเวที %(year)s แล้ว") % {"year": draft.year_be})
                return redirect("staff-forum-facts", year=draft.year_be)
        status = 422
    drafts = {
        draft.year_be: draft
        for draft in ForumDraft.objects.filter(published_at__isnull=True).select_related(
            "changed_by"
        )
    }
    known = forum_file.Known.load()
    return render(
        request,
        "staff/forums.html",
        {
            "forums": [
                (forum, drafts.pop(forum.year_be, None))
                for forum in Forum.objects.order_by("-year_be").prefetch_related("resolutions")
            ],
            "drafts": [(draft, Checked.of(draft, known).standing) for draft in drafts.values()],
            "form": form,
            "errors": error_list(form),
        },
        status=status,
    )


@administrators_page
def remove(request: StaffRequest, year: int) -> HttpResponse:
    """Explain what removing a draft does, and do it once it is confirmed."""
    draft = draft_of(year)
    if request.method == "POST":
        try:
            actions.remove_forum_draft(draft=draft, by=request.user, version=version_in(request))
        except (actions.Conflict, actions.Refused):
            messages.warning(
                request,
                _("มีผู้อื่นแก้ไขร่างนี้หลังจากเปิดหน้า จึงยังไม่ลบ ดูร่างล่าสุดแล้วลบอีกครั้งหากยังต้องการ"),
            )
            return redirect("staff-forum-remove", year=year)
        messages.success(request, _("ลบร่างเวที %(year)s แล้ว") % {"year": year})
        return redirect("staff-forums")
    return render(
        request, "staff/forum/remove.html", {"draft": draft, "standing": Checked.of(draft).standing}
    )


@administrators_page
def edit(request: StaffRequest, year: int) -> HttpResponse:
    """Open the draft of a published forum again, while no round expects reports of it."""
    forum = forum_of(year)
    if request.method == "POST":
        try:
            actions.reopen_forum(forum=forum, by=request.user)
        except actions.Refused as refused:
            messages.warning(request, str(refused))
            return redirect("staff-forum-edit", year=year)
        return redirect("staff-forum-facts", year=year)
    return render(
        request,
        "staff/forum/edit.html",
        {"forum": forum, "settled": actions.settled_message(forum)},
    )


@step_page
def correct(request: StaffRequest, year: int) -> HttpResponse:
    """Correct words of a forum whose texts are settled, with a public reason."""
    forum = forum_of(year)
    choices = [
        (key, _target_label(row, name)) for key, (row, name) in actions.correctable(forum).items()
    ]
    form = CorrectionForm(posted(request), choices=choices)
    status = 200
    if request.method == "POST" and resumes(request):
        messages.warning(request, unsaved_message())
    elif request.method == "POST":
        if form.is_valid():
            try:
                actions.correct_forum(forum=forum, by=request.user, **form.cleaned_data)
            except actions.Refused as refused:
                show_refusal(form, refused)
            else:
                messages.success(request, _("แก้แล้ว และแจ้งไว้ที่หน้าการแก้ไขหลังเผยแพร่"))
                return redirect("staff-forums")
        status = 422
    context = {"forum": forum, "form": form, "errors": error_list(form)}
    return render(request, "staff/forum/correct.html", context, status=status)


def _target_label(row: Any, name: str) -> str:
    """What a correction changes, in words, with the text that stands there now."""
    label = row._meta.get_field(name).verbose_name
    if name == actions.SOURCE_TEXT:
        return _("คำใน%(field)s") % {"field": label}
    code = f"{row.full_code} " if hasattr(row, "full_code") else ""
    return f"{code}{label}: {Truncator(getattr(row, name) or '–').chars(60)}"


# What every step shares --------------------------------------------------------------------------


@dataclass(frozen=True)
class Checked:
    """A draft with its faults and numbers."""

    draft: ForumDraft
    faults: Sequence[Fault]
    standing: forum_marks.Standing

    @classmethod
    def of(cls, draft: ForumDraft, known: forum_file.Known | None = None) -> Checked:
        content, source = draft.content, draft.source_text
        faults = forum_file.check(
            forum_marks.to_file(content),
            source,
            known or forum_file.Known.load(),
            again="stored" in content,
            title_limit=actions.TITLE_LIMIT,
        )
        standing = forum_marks.standing(content, source, {each.key for each in faults})
        return cls(draft, faults, standing)

    def wrong(self, step: str, key: str | None = None) -> list[Fault]:
        """What is wrong rather than missing, in one step or with one mark."""
        return [
            each
            for each in self.faults
            if each.step == step and not each.is_missing and key in {None, each.key}
        ]


def version_in(request: HttpRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else -1


def step_response(
    request: StaffRequest,
    checked: Checked,
    name: str,
    template: str,
    context: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    draft = checked.draft
    done = {
        "staff-forum-facts": not any(each.step == FACTS for each in checked.faults),
        "staff-forum-source": bool(draft.source_text.strip()),
        "staff-forum-marks": bool(checked.standing.marked)
        and not any(each.step == MARKS for each in checked.faults),
        "staff-forum-check": not checked.faults,
        "staff-forum-publish": False,
    }
    steps = [
        {
            "label": label,
            "url": reverse(step, args=[draft.year_be]),
            "is_here": step == name,
            "is_done": done[step],
        }
        for step, label in STEPS
    ]
    names = [step for step, _label in STEPS]
    following = names[names.index(name) + 1 :][:1]
    shared = {
        "draft": draft,
        "steps": steps,
        "standing": checked.standing,
        "title": dict(STEPS)[name],
        "following": dict(STEPS)[following[0]] if following else "",
        "is_again": "stored" in draft.content,
    }
    return render(request, template, {**shared, **context}, status=status)


def after_saving(
    request: StaffRequest, draft: ForumDraft, here: str, query: str = ""
) -> HttpResponse:
    """Where a saved step leads: on, or back to itself with the time of saving."""
    names = [step for step, _label in STEPS]
    if request.POST.get("do") == "next":
        return redirect(names[names.index(here) + 1], year=draft.year_be)
    messages.success(request, saved_message())
    return redirect(f"{reverse(here, args=[draft.year_be])}{query}")


def saved_message() -> str:
    return _("บันทึกร่างแล้ว เวลา %(time)s ออกจากหน้านี้แล้วกลับมาทำต่อได้") % {
        "time": format_time(timezone.localtime())
    }


def resumes(request: StaffRequest) -> bool:
    """Whether a form comes back after the login ended: it is shown, and nothing is stored."""
    return request.POST.get("do") == "resume" or getattr(request, "is_unsaved", False)


def unsaved_message() -> str:
    return _("ยังไม่ได้บันทึก ข้อความที่พิมพ์และที่เลือกไว้อยู่ในแบบฟอร์มนี้ครบแล้ว ตรวจอีกครั้งก่อนบันทึก")


def conflict_message(draft: ForumDraft) -> str:
    return _("%(who)s บันทึกร่างนี้หลังจากเปิดหน้า สิ่งที่พิมพ์ไว้ยังอยู่ในแบบฟอร์ม ตรวจกับที่บันทึกอยู่แล้วบันทึกอีกครั้ง") % {
        "who": draft.changed_by or _("ผู้อื่น")
    }


def keep(request: HttpRequest) -> HttpResponse:
    """A page that holds what was typed and marked; after the login it is sent on to the form."""
    unsent = {"csrfmiddlewaretoken", "do"}
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in unsent
        for value in values
    ]
    labels = {name: field.label for name, field in FactsForm.base_fields.items()} | {
        "source": _("ข้อความต้นฉบับ"),
        "old": _("ข้อความเดิม"),
        "new": _("แก้เป็น"),
        "reason": _("เหตุผลต่อสาธารณะ"),
        "paste": _("ข้อความที่วาง"),
        "title_th": _("ชื่อย่อ"),
        "title_en": _("ชื่อภาษาอังกฤษ"),
        "suggested_evidence_th": _("หลักฐานที่ควรมี"),
        "agency": _("หน่วยงาน"),
        "note_text": _("หมายเหตุ"),
        **{name: heading for name, (heading, _hint, _word) in LISTS.items()},
    }
    typed = [(labels[name], value) for name, value in sent if name in labels and value]
    context = {"sent": sent, "typed": typed, "may_resume": True}
    return render(request, "reporting/kept.html", context, status=403)


def unsaved(view: View) -> View:
    """Show a step's form that was sent with an earlier login's CSRF token; nothing is stored."""

    @wraps(view)
    def shown(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        request.is_unsaved = True  # type: ignore[attr-defined]
        response = view(request, **kwargs)
        if response.status_code == 200:
            response.status_code = 403
        return response

    return shown


# 1 Facts -----------------------------------------------------------------------------------------


@step_page
def facts(request: StaffRequest, year: int) -> HttpResponse:
    """The facts of the meeting."""
    draft = draft_of(year)
    if request.method != "POST":
        return _facts_page(
            request, Checked.of(draft), FactsForm(initial=FactsForm.initial_of(draft.content))
        )
    content = copy.deepcopy(draft.content)
    form = FactsForm(request.POST)
    form.is_valid()
    facts_from(form, request.POST, content)
    do = request.POST.get("do", "draft")
    added = do.removeprefix("add:") if do.startswith("add:") else ""
    if resumes(request):
        messages.warning(request, unsaved_message())
        return _facts_page(
            request, Checked.of(as_typed_here(draft, content)), form, version_in(request)
        )
    try:
        draft = actions.save_forum(
            draft=draft, by=request.user, version=version_in(request), content=content
        )
    except actions.Conflict as conflict:
        stored = conflict.current
        clash = [
            {"label": field.label, "mine": mine, "theirs": theirs}
            for name, field in form.fields.items()
            for mine, theirs in [(content["forum"].get(name), stored.content["forum"].get(name))]
            if (mine or "") != (theirs or "")
        ]
        form.add_error(None, conflict_message(stored))
        checked = Checked.of(as_typed_here(stored, content))
        return _facts_page(request, checked, form, stored.version, clash=clash, status=409)
    except actions.Refused as refused:
        form.add_error(None, str(refused))
        return _facts_page(request, Checked.of(as_typed_here(draft, content)), form, status=422)
    checked = Checked.of(draft)
    if wrong := checked.wrong(FACTS):
        for fault in wrong:
            form.add_error(fault.name if fault.name in form.fields else None, fault.sentence)
        return _facts_page(request, checked, form, status=422, added=added)
    if added:
        return _facts_page(request, checked, form, added=added)
    return after_saving(request, draft, "staff-forum-facts")


def as_typed_here(draft: ForumDraft, content: Content) -> ForumDraft:
    """The draft as it would be with this content; not stored."""
    shown = copy.copy(draft)
    shown.content = content
    return shown


def _facts_page(
    request: StaffRequest,
    checked: Checked,
    form: FactsForm,
    version: int | None = None,
    *,
    added: str = "",
    clash: Sequence[Mapping[str, Any]] = (),
    status: int = 200,
) -> HttpResponse:
    facts_ = checked.draft.content["forum"]
    lists = [
        {
            "name": name,
            "heading": heading,
            "hint": hint,
            "word": word,
            # One blank row, and another one if it was asked for: without script the page grows so.
            "rows": [*facts_.get(name, []), *[""] * (2 if added == name else 1)],
        }
        for name, (heading, hint, word) in LISTS.items()
    ]
    blank: list[Content] = [{}] * (2 if added == "legal_basis" else 1)
    legal = [
        {
            "verbatim": row.get("verbatim", ""),
            "duty": row.get("duty_th", ""),
            "on": day_as_typed(row.get("approved_on", "")),
        }
        for row in [*facts_.get("legal_basis", []), *blank]
    ]
    errors = error_list(form)
    context = {
        "form": form,
        "lists": lists,
        "legal": legal,
        "errors": [(target or "id_name_th", sentence) for target, sentence in errors],
        "version": checked.draft.version if version is None else version,
        "clash": clash,
        "stored": status == 422,
    }
    return step_response(
        request, checked, "staff-forum-facts", "staff/forum/facts.html", context, status
    )


# 2 Source ----------------------------------------------------------------------------------------


@step_page
@takes_body(upload_of_entry)
def source(request: StaffRequest, year: int) -> HttpResponse:
    """The source text: pasted, or read from a document. Marks stay where their words still are."""
    draft = draft_of(year)
    if request.method != "POST":
        return _source_page(request, Checked.of(draft), draft.source_text)
    typed = request.POST.get("source", "")
    if resumes(request):
        messages.warning(request, unsaved_message())
        return _source_page(request, Checked.of(draft), typed, version=version_in(request))
    try:
        text, name, told = _read_source(request, typed, draft)
    except ValidationError as error:
        return _source_page(
            request, Checked.of(draft), typed, error=" ".join(error.messages), status=422
        )
    content = copy.deepcopy(draft.content)
    lost = forum_marks.follow(content, draft.source_text, text)
    content["forum"]["source_file"] = name
    try:
        draft = actions.save_forum(
            draft=draft,
            by=request.user,
            version=version_in(request),
            content=content,
            source=text,
            source_name=name,
        )
    except actions.Conflict as conflict:
        return _source_page(
            request,
            Checked.of(conflict.current),
            typed,
            error=conflict_message(conflict.current),
            status=409,
        )
    except actions.Refused as refused:
        return _source_page(request, Checked.of(draft), typed, error=str(refused), status=422)
    for sentence in told:
        messages.info(request, sentence)
    if lost:
        messages.warning(
            request,
            _("ไม่พบคำของเครื่องหมาย %(count)s แห่งในข้อความใหม่: %(codes)s คำเดิมเก็บไว้ในขั้นทำเครื่องหมาย")
            % {"count": len(lost), "codes": ", ".join(mark.code for mark in lost)},
        )
    return after_saving(request, draft, "staff-forum-source")


def _read_source(
    request: StaffRequest, typed: str, draft: ForumDraft
) -> tuple[str, str, Sequence[str]]:
    """The text, the name of its file, and what was changed in it. Raises ValidationError."""
    upload = request.FILES.get("file")
    if upload is not None:
        if isinstance(upload, TooLarge):
            raise ValidationError(_("ไฟล์ใหญ่เกินกำหนด คัดลอกเฉพาะข้อความมาวางแทน"))
        document = read_document(upload.read(), upload.name or "")
        if len(document.text) > actions.SOURCE_LIMIT:
            raise ValidationError(actions.source_too_long(len(document.text)))
        name = (upload.name or "").rpartition(".")[0] or str(draft.year_be)
        return document.text, f"{name[:190]}.txt", document.told
    text, told = normalised(typed)
    # A browser sends every line end as CR LF: that is no change of the text.
    told = [each for each in told if "\r\n" not in typed or "(LF)" not in each]
    if len(text) > actions.SOURCE_LIMIT:
        raise ValidationError(actions.source_too_long(len(text)))
    if "\0" in text:
        raise ValidationError(_("ข้อความมีอักขระที่จัดเก็บไม่ได้ ลบแล้ววางใหม่"))
    name = draft.source_name or f"csos-forum-{draft.year_be}.txt"
    return text, name, told


def _source_page(
    request: StaffRequest,
    checked: Checked,
    text: str,
    *,
    version: int | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "text": text,
        "error": error,
        "errors": [("source", error)] if error else [],
        "accepted": EXTENSIONS,
        "limit": actions.SOURCE_LIMIT,
        "version": checked.draft.version if version is None else version,
    }
    return step_response(
        request, checked, "staff-forum-source", "staff/forum/source.html", context, status
    )


# 4 What is missing -------------------------------------------------------------------------------


@step_page
def check(request: StaffRequest, year: int) -> HttpResponse:
    """What is missing or wrong, counted, each with its link. English is counted, not required."""
    checked = Checked.of(draft_of(year))
    groups = [
        (
            label,
            [
                (fault, _link(checked.draft, fault))
                for fault in checked.faults
                if _PAGES[fault.step] == name
            ],
        )
        for name, label in STEPS[:3]
    ]
    context = {"groups": [each for each in groups if each[1]], "faults": checked.faults}
    return step_response(request, checked, "staff-forum-check", "staff/forum/check.html", context)


def field_of(fault: Fault) -> str:
    """The id of the field that a fault is about."""
    return {
        "title_th": "t",
        "kind": "kind",
        "agencies": "agency-1",
        "earlier": "old",
        "suggested_evidence_th": "ev",
        "sdg": "sdg",
        "notes": "note-1",
        "title_en": "en",
    }.get(fault.name, "src")


def _link(draft: ForumDraft, fault: Fault) -> str:
    """The page and field where a fault is put right."""
    address = reverse(_PAGES[fault.step], args=[draft.year_be])
    if fault.step == MARKS:
        query = f"?m={fault.key}" if forum_marks.by_code(draft.content, fault.key) else ""
        return f"{address}{query}#{field_of(fault)}"
    if fault.step == FACTS:
        return f"{address}#id_{fault.name}" if fault.name in FactsForm.base_fields else address
    return f"{address}#source"


# 5 Preview and publication -----------------------------------------------------------------------


@step_page
def publish(request: StaffRequest, year: int) -> HttpResponse:
    """The previews, the file, and the publication once it is confirmed."""
    draft = draft_of(year)
    status = 200
    if request.method == "POST" and request.POST.get("do") == "publish":
        try:
            forum = actions.publish_forum(draft=draft, by=request.user, version=version_in(request))
        except actions.Conflict as conflict:
            messages.error(request, conflict_message(conflict.current))
            draft, status = conflict.current, 409
        except actions.Refused as refused:
            messages.error(request, str(refused))
            status = 422
        else:
            messages.success(request, _("เผยแพร่เวที %(year)s แล้ว") % {"year": forum.year_be})
            return redirect("staff-forums")
    checked = Checked.of(draft)
    content = draft.content
    codes = {
        agency["agency"]
        for mark in forum_marks.marks(content)
        if mark.measure is not None
        for agency in mark.measure["agencies"]
    }
    context = {
        "resolutions": content["resolutions"],
        "agencies": len(codes),
        "faults": checked.faults,
        "version": draft.version,
        "open": Round.objects.filter(state="open").order_by("year_be").first(),
        "followed_from": content["forum"].get("followed_from") or draft.year_be,
    }
    return step_response(
        request, checked, "staff-forum-publish", "staff/forum/publish.html", context, status
    )


def _relations_of(
    resolution: Resolution, rows: Sequence[Mapping[str, Any]]
) -> dict[int, list[Related]]:
    """A drafted measure's number -> its relation to an earlier forum, as its page will tell it."""
    codes = {row["number"]: row["earlier"] for row in rows if row.get("earlier")}
    if not codes:
        return {}
    earlier = {each.full_code: each for each in Measure.objects.all()}
    years = progress_by_year(Round.objects.published())
    relation = {row["number"]: row["relation"] for row in rows if row.get("relation")}
    return {
        measure.number: [
            to_earlier(
                measure,
                earlier[codes[measure.number]],
                Relation(relation[measure.number]),
                years,
            )
        ]
        for measure in resolution.measures.all()
        if codes.get(measure.number) in earlier and measure.number in relation
    }


@administrators_page
def preview(request: StaffRequest, year: int, number: int) -> HttpResponse:
    """The public page of a proposal, made of the draft: the same template, with rows never stored."""
    draft = draft_of(year)
    content = forum_marks.to_file(draft.content)
    if not 1 <= number <= len(content["resolutions"]):
        raise Http404(_("ร่างนี้ไม่มีข้อเสนอที่ %(number)s") % {"number": number})
    resolutions = forum_file.unsaved(content, draft.source_text)
    resolution = resolutions[number - 1]
    agencies = Agency.objects.in_bulk(
        [row["agency"] for row in content["assignments"]], field_name="code"
    )
    assigned: dict[str, list[Assignment]] = {}
    for row in content["assignments"]:
        if agency := agencies.get(row["agency"]):
            assigned.setdefault(row["measure"], []).append(
                Assignment(agency=agency, role=row["role"], basis=row.get("basis") or "proposed")
            )
    related = _relations_of(resolution, content["resolutions"][number - 1]["measures"])
    for each in assigned.values():
        each.sort(key=lambda one: (one.role, one.agency.sort_key))
    return render(
        request,
        "public/resolution.html",
        {
            "choice": YearChoice([], None),
            "draft": draft,
            "resolution": resolution,
            "progress": None,
            "text": annotate(resolution),
            "named": Agency.objects.filter(code__in=resolution.named_parties),
            "unreported": [
                (measure, assigned.get(measure.code, []), related.get(measure.number, ()), 0)
                for measure in resolution.measures.all()
            ],
            "followed": [],
            "previous": resolutions[number - 2] if number > 1 else None,
            "next": resolutions[number] if number < len(resolutions) else None,
        },
    )


@administrators_page
def file(request: StaffRequest, year: int) -> HttpResponse:
    """The forum as a file that `manage.py load_forum` takes: the draft's, or the published one's."""
    draft = ForumDraft.objects.filter(year_be=year, published_at__isnull=True).first()
    if draft is not None:
        content = forum_marks.without_places(forum_marks.to_file(draft.content))
        content["forum"]["source_text"] = draft.source_text
    else:
        content = forum_file.export(forum_of(year))
    response = HttpResponse(forum_file.to_json(content), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="forum-{year}.json"'
    return response
