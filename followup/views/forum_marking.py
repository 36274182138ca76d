"""Step 3 of entering a forum: proposals and measures, marked in the source text.

One form holds the text and the fields of the chosen mark; whatever its button says, its fields are
stored. A button names its verb and its object: `take:12-40`, `place:measure:12-40:k3`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import actions, forum_file, forum_marks
from followup.forms.forum_entry import Agencies, mark_from
from followup.forum_file import MARKS, Content
from followup.forum_marks import MEASURE, RESOLUTION, Mark, MarkRefused
from followup.marked_text import Pending, lines_of
from followup.models import ForumDraft, Role, Round
from followup.progress import year_progress
from followup.source_words import around, find, line_of
from followup.views.forum_entry import (
    Checked,
    after_saving,
    as_typed_here,
    conflict_message,
    draft_of,
    field_of,
    resumes,
    step_page,
    step_response,
    unsaved_message,
    version_in,
)
from followup.views.staff import StaffRequest
from proposals.models import Measure, MeasureKind, Relation

KINDS = {
    MeasureKind.OUTPUT: _l("สิ่งที่ต้องเกิดและนับได้ เช่น ระเบียบ แผน ระบบ"),
    MeasureKind.PROCESS: _l("การลงมือทำ เช่น ประชุม อบรม ประสานงาน"),
    MeasureKind.OUTCOME: _l("ความเปลี่ยนแปลงในสังคมที่วัดได้"),
    MeasureKind.RECURRING: _l("บรรลุเป็นรายปี ใช้ “แล้วเสร็จ” ไม่ได้"),
    MeasureKind.PRINCIPLE: _l("ทิศทางที่ยึดถือ ใช้ “แล้วเสร็จ” ไม่ได้"),
    MeasureKind.DISCRETIONARY: _l("ต้นฉบับเขียน “อาจ” ปีที่ไม่ได้ใช้ไม่นับในตัวหาร"),
}
RELATIONS = {
    Relation.REPEATS: _l("ความเดียวกัน ติดตามทั้งสองข้อ"),
    Relation.CONTINUES: _l("ขยายหรือทำให้ชัดขึ้น ติดตามทั้งสองข้อ"),
    Relation.REPLACES: _l("หยุดติดตามข้อเดิม ติดตามต่อที่ข้อนี้"),
}


@dataclass(frozen=True)
class Trouble:
    """Why words were not marked, the stretch, and the ways out: (value of the button, its words)."""

    sentence: str
    pending: Pending
    read: str = ""
    ways: Sequence[tuple[str, str]] = ()
    line: int = 1


@dataclass
class Desk:
    """The marks' page while one request is served."""

    request: StaffRequest
    draft: ForumDraft
    content: Content
    agencies: Agencies
    chosen: str = ""  # the key of the mark in the form
    trouble: Trouble | None = None
    pending: Pending | None = None  # a selection that came back after the login
    found: Sequence[Mapping[str, Any]] = ()  # places of pasted words
    error: str = ""  # about the pasted words
    blank_agency: bool = False
    blank_note: bool = False

    @property
    def source(self) -> str:
        return self.draft.source_text


@step_page
def marks(request: StaffRequest, year: int) -> HttpResponse:
    """Proposals and measures, marked in the source text, and the form of the chosen one."""
    draft = draft_of(year)
    desk = Desk(request, draft, copy.deepcopy(draft.content), Agencies.load())
    if request.method != "POST":
        asked = request.GET.get("m", "")
        mark = forum_marks.mark_of(desk.content, asked) or forum_marks.by_code(desk.content, asked)
        desk.chosen = mark.key if mark else ""
        return _marks_page(desk)
    desk.chosen = request.POST.get("m", "")
    _take_form(desk)
    if resumes(request):
        messages.warning(request, unsaved_message())
        start, end = _stretch(request.POST.get("start", ""), request.POST.get("end", ""))
        desk.pending = Pending(start, end) if end > start else None
        return _marks_page(desk, version=version_in(request))
    command, _colon, value = request.POST.get("do", "draft").partition(":")
    before = copy.deepcopy(desk.content)
    query = ""
    try:
        query = _obey(desk, command, value)
    except MarkRefused as refused:
        desk.content = before
        desk.trouble = desk.trouble or _trouble_of(desk, refused, command, value)
    try:
        desk.draft = actions.save_forum(
            draft=draft, by=request.user, version=version_in(request), content=desk.content
        )
    except actions.Conflict as conflict:
        return _conflict(desk, conflict.current)
    except actions.Refused as refused:
        return _marks_page(desk, errors=[("src", str(refused))], status=422)
    if desk.trouble or desk.error:
        return _marks_page(desk, status=422)
    if desk.found or desk.blank_agency or desk.blank_note:
        return _marks_page(desk)
    mark = forum_marks.mark_of(desk.content, desk.chosen)
    checked = Checked.of(desk.draft)
    if mark and command in {"draft", "following"} and (wrong := checked.wrong(MARKS, mark.code)):
        errors = [(field_of(fault), fault.sentence) for fault in wrong]
        return _marks_page(desk, errors=errors, status=422, stored=True)
    if command == "following":
        desk.chosen = value
    if desk.chosen and forum_marks.mark_of(desk.content, desk.chosen):
        query = query or f"?m={desk.chosen}"
    return after_saving(request, desk.draft, "staff-forum-marks", query)


def _take_form(desk: Desk) -> None:
    """Put the form of the chosen mark into the content."""
    mark = forum_marks.mark_of(desk.content, desk.chosen)
    if mark and "title_th" in desk.request.POST:
        mark_from(desk.request.POST, mark.row, desk.agencies, is_measure=mark.measure is not None)


def _stretch(start: str, end: str) -> tuple[int, int]:
    """Two offsets of a form; (0, 0) if they are none."""
    texts = (start, end)
    if all(each.isascii() and each.isdecimal() and len(each) < 8 for each in texts):
        return int(start), int(end)
    return 0, 0


def _span(text: str) -> tuple[int, int]:
    """Two offsets of a button, `12-40`."""
    start, _dash, end = text.partition("-")
    return _stretch(start, end)


def _obey(desk: Desk, command: str, value: str) -> str:
    """Do what a button says. Returns the fragment or query of the page that follows."""
    post, content, text = desk.request.POST, desk.content, desk.source
    if command == "mark":
        start, end = _stretch(post.get("start", ""), post.get("end", ""))
        seen = _stretch(post.get("word_start", ""), post.get("word_end", ""))
        return _mark(desk, start, end, value, words=seen if seen[1] else None)
    if command == "place":
        kind, _colon, rest = value.partition(":")
        span, _colon, key = rest.partition(":")
        return _mark(desk, *_span(span), kind, key=key, is_sure=True)
    if command == "find":
        return _find(desk)
    if command == "take":
        mark = forum_marks.accept(content, text, value)
        desk.chosen = mark.key
        return f"?m={mark.key}#src"
    if command == "drop":
        forum_marks.drop(content, text, value)
        return "#src"
    if command == "remove":
        forum_marks.remove(content, value)
        return "#src"
    if command == "add":
        desk.blank_agency, desk.blank_note = value == "agency", value == "note"
    if command == "less":
        _without_agency(desk, value)
    return ""


def _without_agency(desk: Desk, value: str) -> None:
    """Leave out one row of the agencies, by its place."""
    mark = forum_marks.mark_of(desk.content, desk.chosen)
    if mark and mark.measure is not None and value.isascii() and value.isdecimal():
        place = int(value) if len(value) < 4 else -1
        rows = mark.measure["agencies"]
        mark.measure["agencies"] = [row for nth, row in enumerate(rows) if nth != place]


def _mark(
    desk: Desk,
    start: int,
    end: int,
    kind: str,
    *,
    key: str = "",
    words: tuple[int, int] | None = None,
    is_sure: bool = False,
) -> str:
    """Mark a stretch, or move a mark there; a stretch that divides a word is asked about first."""
    if kind == "move" and not key:
        key = desk.chosen
    if not is_sure and (found := forum_marks.divided(desk.source, start, end, words)):
        cut, wider = found
        at = end if cut.start < end < cut.end else start
        start, end = forum_marks.trimmed(desk.source, start, end)
        named = {"word": cut.word, "before": cut.before, "after": cut.after}
        desk.trouble = Trouble(
            _("ตัดกลางคำ “%(word)s”") % named,
            Pending(start, end, at),
            _("แบ่งคำเป็น “%(before)s” กับ “%(after)s”") % named,
            [
                (f"place:{kind}:{wider[0]}-{wider[1]}:{key}", _("ขยายให้ครบคำ “%(word)s”") % named),
                (f"place:{kind}:{start}-{end}:{key}", _("ทำเครื่องหมายตามที่เลือก")),
            ],
            line_of(desk.source, at),
        )
        raise MarkRefused(desk.trouble.sentence, at)
    if kind not in {RESOLUTION, MEASURE} and not key:
        raise MarkRefused(_("เลือกก่อนว่าจะทำเครื่องหมายเป็นข้อเสนอหรือมาตรการย่อย"), start)
    mark = forum_marks.place(desk.content, desk.source, start, end, kind, key=key)
    desk.chosen = mark.key
    return f"?m={mark.key}#src"


def _trouble_of(desk: Desk, refused: MarkRefused, command: str, value: str) -> Trouble:
    """What the page says of a mark that cannot be, with the way out if there is one."""
    post = desk.request.POST
    start, end = _stretch(post.get("start", ""), post.get("end", ""))
    ways = []
    kind, _colon, rest = value.partition(":") if command in {"mark", "place"} else (MEASURE, "", "")
    if command == "place":
        start, end = _span(rest.partition(":")[0])
    if refused.wider:
        first, last = refused.wider
        key = desk.chosen if kind == "move" else ""
        words = desk.source[max(first, last - 12) : last]
        ways.append(
            (f"place:{kind}:{first}-{last}:{key}", _("ขยายให้จบที่ “…%(words)s”") % {"words": words})
        )
        at = refused.at
    else:
        at = -1
    return Trouble(
        str(refused),
        Pending(start, end, at if at >= 0 else None),
        "",
        ways,
        line_of(desk.source, max(0, refused.at)),
    )


def _find(desk: Desk) -> str:
    """Look for the pasted words; mark them if there is one place, else ask which is meant."""
    post = desk.request.POST
    words, wanted = post.get("paste", ""), post.get("as", MEASURE)
    kind, _colon, key = wanted.partition(":")
    chosen = post.get("at", "")
    places = find(desk.source, words)
    if chosen:
        picked = _span(chosen)
        if picked in places:
            return _mark(desk, *picked, kind, key=key)
    if not places:
        desk.error = (
            forum_file.not_in_source(desk.source, words)
            if words.strip()
            else _("วางข้อความจากต้นฉบับก่อน แล้วกดหา")
        )
        return ""
    if len(places) == 1:
        return _mark(desk, *places[0], kind, key=key)
    desk.found = [_place(desk, *each) for each in places]
    return ""


def _place(desk: Desk, start: int, end: int) -> dict[str, Any]:
    """One of several places of pasted words, with its line and what is around it."""
    before, after = around(desk.source, start, end)
    inside = [
        each.code
        for each in forum_marks.marks(desk.content)
        if each.start < end and start < each.end
    ]
    return {
        "value": f"{start}-{end}",
        "line": line_of(desk.source, start),
        "before": before,
        "words": desk.source[start:end],
        "after": after,
        "inside": inside[-1] if inside else "",
    }


def _conflict(desk: Desk, stored: ForumDraft) -> HttpResponse:
    """The page with the stored marks, and in the form what was typed here."""
    typed = forum_marks.mark_of(desk.content, desk.chosen)
    content = copy.deepcopy(stored.content)
    theirs = forum_marks.mark_of(content, desk.chosen)
    clash = []
    if typed and theirs:
        clash = [
            {"label": label, "mine": mine, "theirs": their}
            for label, mine, their in _compared(typed.row, theirs.row, desk.agencies)
            if mine != their
        ]
        mark_from(
            desk.request.POST, theirs.row, desk.agencies, is_measure=theirs.measure is not None
        )
    shown = _on_version(desk, stored, content)
    return _marks_page(
        shown,
        errors=[("src", conflict_message(stored))],
        clash=clash,
        status=409,
        version=stored.version,
    )


def _on_version(desk: Desk, draft: ForumDraft, content: Content) -> Desk:
    """The desk on another version of the draft."""
    return replace(desk, draft=draft, content=content, trouble=None, found=())


def _compared(mine: Content, theirs: Content, agencies: Agencies) -> Iterable[tuple[str, str, str]]:
    for name, label in (
        ("title_th", _("ชื่อย่อ")),
        ("kind", _("ลักษณะ")),
        ("suggested_evidence_th", _("หลักฐานที่ควรมี")),
        ("title_en", _("ชื่อภาษาอังกฤษ")),
        ("summary_en", _("สรุปภาษาอังกฤษ")),
        ("earlier", _("ข้อเดิม")),
    ):
        yield label, str(mine.get(name, "")), str(theirs.get(name, ""))
    named = [
        ", ".join(agencies.label_of(each["agency"]) for each in row.get("agencies", ()))
        for row in (mine, theirs)
    ]
    yield _("หน่วยงาน"), named[0], named[1]


def _marks_page(
    desk: Desk,
    *,
    errors: Sequence[tuple[str, str]] = (),
    clash: Sequence[Mapping[str, Any]] = (),
    status: int = 200,
    stored: bool = False,
    version: int | None = None,
) -> HttpResponse:
    draft = as_typed_here(desk.draft, desk.content)
    known = forum_file.Known.load()
    checked = Checked.of(draft, known)
    trouble = desk.trouble
    pending = trouble.pending if trouble else desk.pending
    every = list(forum_marks.marks(desk.content))
    mark = forum_marks.mark_of(desk.content, desk.chosen) or next(
        (each for each in every if each.measure is not None), every[0] if every else None
    )
    shown_errors = list(errors)
    if trouble:
        shown_errors.append(
            (
                "cut",
                _("บรรทัด %(line)s: %(sentence)s")
                % {"line": trouble.line, "sentence": trouble.sentence},
            )
        )
    if desk.error:
        shown_errors.append(("paste", desk.error))
    fields = _mark_fields(desk, mark, every, checked, known) if mark else None
    context = {
        "onward": fields["after"] if fields else None,
        "key": mark.key if mark else "",
        "lines": lines_of(desk.content, desk.source, pending),
        "pending": pending,
        "trouble": trouble,
        "errors": shown_errors,
        "stored": stored or trouble or desk.error,
        "clash": clash,
        "mark": mark,
        "fields": fields,
        "targets": _targets(desk, every, mark),
        "found": desk.found,
        "error": desk.error,
        "paste": desk.request.POST.get("paste", "") if status != 200 or desk.found else "",
        "as": desk.request.POST.get("as", ""),
        "lost": desk.content["lost"],
        "version": desk.draft.version if version is None else version,
        "length": f"{len(desk.source):,}" if desk.source else "",
    }
    return step_response(
        desk.request, checked, "staff-forum-marks", "staff/forum/marks.html", context, status
    )


def _targets(desk: Desk, every: Sequence[Mark], mark: Mark | None) -> list[tuple[str, str]]:
    """What pasted words can be marked as: (value, words)."""
    choices = [
        (MEASURE, _("มาตรการย่อยใหม่")),
        (RESOLUTION, _("ข้อเสนอใหม่")),
    ]
    if mark:
        choices.append((f"move:{mark.key}", _("ที่ใหม่ของ %(code)s ที่กำลังแก้") % {"code": mark.code}))
    choices += [
        (
            f"move:{each['row']['key']}",
            _("คืนที่ให้ %(code)s เดิม") % {"code": each["code"]},
        )
        for each in desk.content["lost"]
    ]
    return choices


def _mark_fields(
    desk: Desk, mark: Mark, every: Sequence[Mark], checked: Checked, known: forum_file.Known
) -> dict[str, Any]:
    """What the form of the chosen mark shows."""
    row, agencies = mark.row, desk.agencies
    same_kind = [each for each in every if (each.measure is None) == (mark.measure is None)]
    place = next(nth for nth, each in enumerate(same_kind) if each.key == mark.key)
    shared: dict[str, Any] = {
        "row": row,
        "before": same_kind[place - 1] if place else None,
        "after": same_kind[place + 1] if place + 1 < len(same_kind) else None,
        "place": place + 1,
        "count": len(same_kind),
        "labels": agencies.labels.values(),
        "wrong": {each.name: each.sentence for each in checked.wrong(MARKS, mark.code)},
    }
    if mark.measure is None:
        blank = {"quotation": "", "text_th": ""}
        return shared | {
            "sdg": ", ".join(each["target"] for each in row["sdg_targets"]),
            "laws": "\n".join(row["legal_references"]),
            "parties": [*(agencies.label_of(each) for each in row["named_parties"]), ""],
            "notes": [*row["notes"], *([blank] * (2 if desk.blank_note else 1))],
        }
    rows = [
        {"label": agencies.label_of(each["agency"]), "role": each["role"]}
        for each in row["agencies"]
    ]
    if desk.blank_agency or not rows:
        rows.append({"label": "", "role": Role.LEAD if not rows else Role.SUPPORT})
    return shared | {
        "kinds": [(kind, MeasureKind(kind).label, words) for kind, words in KINDS.items()],
        "relations": [(each, Relation(each).label, words) for each, words in RELATIONS.items()],
        "agencies": rows,
        "roles": Role.choices,
        "earlier": _earlier(mark, desk.draft.year_be),
        "then": _then(row["earlier"]),
        "length": len(row["title_th"]),
        "limit": actions.TITLE_LIMIT,
    }


def _earlier(mark: Mark, year: int) -> list[tuple[str, str]]:
    """The measures of earlier forums, the latest first: (full code, code and title)."""
    measures = Measure.objects.filter(resolution__forum__year_be__lt=year).order_by(
        "-resolution__forum__year_be", "resolution__number", "number"
    )
    return [(each.full_code, f"{each.full_code} {each.title_th}") for each in measures]


def _then(code: str) -> tuple[int, Any] | None:
    """The last published status of an earlier measure: (year of the round, status)."""
    round_ = Round.objects.published().first() if code else None
    if round_ is None:
        return None
    for each in year_progress(round_).measures:
        if each.measure.full_code == code:
            return round_.year_be, each.status
    return None
