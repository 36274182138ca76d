"""The annual report: its pages and files, the texts by staff, the meeting pack."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from followup import actions, permissions
from followup.annual_report import drafts, pack, printing, store
from followup.duty import duty
from followup.models import Printed, PrintState, Round, Snapshot
from followup.progress import Involved
from followup.report_fields import TEXT_LIMIT
from followup.views.staff import StaffRequest, staff_page
from followup.views.years import YearChoice, any_round, published_round
from forum_portal import kept_files, word
from forum_portal.costly import costly
from forum_portal.kept_files import KeptFile
from forum_portal.languages import is_english
from forum_portal.page_cache import public_page, vouch
from forum_portal.row_ids import read_id
from forum_portal.thai import clean_text
from proposals.models import Forum

logger = logging.getLogger(__name__)

TYPES = {
    Printed.PDF: "application/pdf",
    Printed.DOCX: word.MIME,
}


def _edition(request: HttpRequest, choice: YearChoice) -> tuple[Snapshot, list[int]]:
    """(the edition in `?edition=`, or the last one; the numbers of all editions).

    Raises Http404, which names the editions, for an unknown number.
    """
    assert choice.round  # noqa: S101  published_round found one or raised
    every = choice.round.snapshots.standing().select_related("round").defer("content", "changes")
    editions = {each.number: each for each in every.order_by("number")}
    asked = request.GET.get("edition") or str(max(editions, default=""))
    for number, edition in editions.items():
        if str(number) == asked:
            vouch(request, "edition")
            return edition, list(editions)
    raise Http404(
        _("รายงานปีงบประมาณ %(year)s มีฉบับที่ %(numbers)s")
        % {"year": choice.round.label, "numbers": ", ".join(map(str, editions))}
    )


@public_page("edition")
@costly
def annual_report(request: HttpRequest, round_code: str) -> HttpResponse:
    choice = published_round(round_code)
    return _page(request, choice, *_edition(request, choice))


def _page(
    request: HttpRequest,
    choice: YearChoice,
    edition: Snapshot,
    editions: list[int],
    *,
    failed: bool = False,
) -> HttpResponse:
    """The report's beginning: its files, the contents, the summary."""
    report, _none = store.web_page(edition)
    return render(
        request,
        "public/report.html",
        {
            "choice": choice,
            "report": report,
            "edition": edition,
            "editions": editions,
            "asked": _asked_edition(edition, editions),
            "failed": failed,
        },
        status=503 if failed else 200,
    )


def _asked_edition(edition: Snapshot, editions: list[int]) -> str:
    """The query that stays with an older edition; "" for the last one."""
    return f"?edition={edition.number}" if edition.number != editions[-1] else ""


@public_page("edition", "page")
@costly
def report_part(request: HttpRequest, round_code: str, part: int) -> HttpResponse:
    """A part of the report; a long one in pages (`?page=2`). A page beyond the end is the last one."""
    choice = published_round(round_code)
    edition, editions = _edition(request, choice)
    number = read_id(request.GET.get("page", "")) or 1
    report, shown = store.web_page(edition, part, number)
    listed = [each for each in report["parts"] if not each["is_contents"]]
    place = next((place for place, each in enumerate(listed) if each["number"] == part), None)
    if place is None:
        raise Http404(
            _("รายงานปีงบประมาณ %(year)s ไม่มีส่วนนี้ เลือกส่วนอื่นจากสารบัญของรายงาน")
            % {"year": choice.round.label}  # type: ignore[union-attr]
        )
    pages = listed[place]["pages"]
    if number > pages:
        number = pages
        report, shown = store.web_page(edition, part, number)
    if request.GET.get("page") == str(number):
        vouch(request, "page")
    return render(
        request,
        "public/report_part.html",
        {
            "choice": choice,
            "report": report,
            "edition": edition,
            "part": listed[place],
            "shown": shown,
            "number": number,
            "page_before": number - 1,
            "page_after": number + 1 if number < pages else 0,
            "part_before": listed[place - 1] if place else None,
            "part_after": listed[place + 1] if place + 1 < len(listed) else None,
            "asked": _asked_edition(edition, editions),
        },
    )


@costly
def annual_report_file(request: HttpRequest, round_code: str, kind: str) -> HttpResponseBase:
    """The report as a file; if the engine fails, the page with the same content and a message."""
    choice = published_round(round_code)
    edition, editions = _edition(request, choice)
    suffix = "-en" if is_english() else ""
    name = f"csos-forum-report-{edition.round.code}-{edition.number}{suffix}.{kind}"
    if "wait" not in request.GET and (sent := _kept(request, edition, kind, name)):
        return sent
    made = printing.edition(edition, kind)
    if made.state == PrintState.FAILED:
        return _page(request, choice, edition, editions, failed=True)
    is_done = made.state == PrintState.DONE and "wait" not in request.GET
    if is_done and (sent := _kept(request, edition, kind, name)):
        return sent
    waiting = Waiting(
        "public/printing.html", reverse("report", args=[edition.round.code]), choice.round
    )
    return _file(request, made, kind, name, waiting)


class _NotPrinted(LookupError):
    """An edition's file has not been printed yet."""


def _kept(request: HttpRequest, edition: Snapshot, kind: str, name: str) -> HttpResponseBase | None:
    """An edition's file from disk; None if it has not been printed, or if the disk takes no file."""

    def find() -> KeptFile:
        if file := store.printed_file(edition, kind):
            return file
        raise _NotPrinted

    try:
        response = kept_files.serve(request, find, TYPES[Printed(kind)])
    except _NotPrinted:
        return None
    except OSError:
        logger.warning("an edition's file could not be kept on disk", exc_info=True)
        return None
    header = content_disposition_header(as_attachment=kind != Printed.PDF, filename=name)
    response["Content-Disposition"] = str(header)
    return response


@dataclass(frozen=True)
class Waiting:
    """The page shown while a file is being made: its template and its links."""

    template: str
    back: str
    round: Round | None


def _file(
    request: HttpRequest, made: printing.Print, kind: str, name: str, waiting: Waiting
) -> HttpResponse:
    """A finished file; else the page that waits for it, or that reports a failure.

    The waiting page reloads itself with `?wait=`. When the file is ready it starts the download and
    stays open, because a download does not replace the current page.
    """
    is_done = made.state == PrintState.DONE
    if is_done and "wait" not in request.GET:
        response = HttpResponse(made.content, content_type=TYPES[Printed(kind)])
        header = content_disposition_header(as_attachment=kind != Printed.PDF, filename=name)
        response["Content-Disposition"] = str(header)
        return response
    query = request.GET.copy()
    query.pop("wait", None)
    if made.key:
        query["made"] = made.key
    file = f"?{query.urlencode()}" if query else request.path
    query["wait"] = "1"
    response = render(
        request,
        waiting.template,
        {
            "made": made,
            "is_done": is_done,
            "is_failed": made.state == PrintState.FAILED,
            "kind": kind.upper(),
            "file": file,
            "again": f"?{query.urlencode()}",
            "back": waiting.back,
            "round": waiting.round,
        },
        status={PrintState.DONE: 200, PrintState.PRINTING: 202, PrintState.FAILED: 503}[made.state],
    )
    add_never_cache_headers(response)
    return response


# Staff ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NarrativeBox:
    """A slot on the page: the text in the box, the stored text, and the error.

    `seen` is the stored text when this person began to write, or a later one shown to them.
    """

    slot: drafts.Slot
    typed: str
    stored: str
    seen: str
    error: str = ""

    @property
    def limit(self) -> int:
        return drafts.LIMITS.get(self.slot.name, TEXT_LIMIT)

    @property
    def line_limit(self) -> int | None:
        return drafts.LINE_LIMITS.get(self.slot.name)

    @property
    def is_drafted(self) -> bool:
        return not self.stored


@staff_page
def narratives(request: StaffRequest, round_code: str) -> HttpResponse:
    """The texts of a round's annual report; a slot without a text is drafted from the figures."""
    round_ = any_round(round_code)
    progress = store.counted_in_brief(round_)
    slots = drafts.slots(progress, duty=duty(), involved=Involved.now(round_))
    if request.method == "POST":
        return _take_narratives(request, round_, slots)
    return _narratives_page(request, round_, slots)


def _take_narratives(
    request: StaffRequest, round_: Round, slots: Sequence[drafts.Slot]
) -> HttpResponse:
    """Store the written or accepted texts, or show the form again with everything typed."""
    post = request.POST
    typed = {each.name: clean_text(post.get(each.name, "")) for each in slots}
    seen = {each.name: clean_text(post.get(f"seen-{each.name}", "")) for each in slots}
    for each in slots:
        if f"start-{each.name}" in post:
            typed[each.name] = "\n".join(filter(None, [typed[each.name], each.draft]))
            messages.info(
                request, _("ใส่ข้อความร่างใน “%(slot)s” แล้ว ยังไม่ได้บันทึก") % {"slot": each.label}
            )
            return _narratives_page(request, round_, slots, typed=typed, seen=seen)
    accepted = {each.name: each.draft for each in slots if f"use-{each.name}" in post}
    errors = drafts.too_long(typed, limit=TEXT_LIMIT) | {
        name: _("พิมพ์ข้อความไว้และรับรองข้อความร่างด้วย ลบข้อความที่พิมพ์ หรือเอาเครื่องหมายรับรองออก")
        for name, draft in accepted.items()
        if typed[name] not in ("", draft)
    }
    if errors:
        return _narratives_page(
            request, round_, slots, typed=typed, seen=seen, errors=errors, status=422
        )
    typed |= accepted
    texts = {name: actions.Written(text, seen[name]) for name, text in typed.items()}
    try:
        changed = actions.write_narratives(round_=round_, by=request.user, texts=texts)
    except actions.Refused as refused:
        # The page now shows the colleague's text, so the next save counts as having seen it.
        stored = dict(round_.narratives.values_list("slot", "text"))
        seen |= {name: stored.get(name, "") for name in refused.messages if name}
        return _narratives_page(
            request, round_, slots, typed=typed, seen=seen, errors=refused.messages, status=409
        )
    messages.success(request, _("บันทึกข้อความ %(count)s ส่วนแล้ว") % {"count": changed})
    address = reverse("staff-round-report", args=[round_.code])
    forum = _commented(request, slots)[1]
    return redirect(f"{address}?forum={forum.year_be}" if "forum" in post and forum else address)


def _commented(
    request: StaffRequest, slots: Sequence[drafts.Slot]
) -> tuple[list[Forum], Forum | None]:
    """(the forums of the report, the latest first; the one whose proposals the page comments on)."""
    forums = list(dict.fromkeys(each.forum for each in slots if each.forum))[::-1]
    asked = request.POST.get("forum") or request.GET.get("forum", "")
    latest = forums[0] if forums else None
    return forums, next((each for each in forums if str(each.year_be) == asked), latest)


def _narratives_page(
    request: StaffRequest,
    round_: Round,
    slots: Sequence[drafts.Slot],
    *,
    typed: Mapping[str, str] | None = None,
    seen: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form, as sent or with the stored texts.

    The comments are those on one forum's proposals at a time: all would be a list of hundreds. A text
    that was sent is there in any case.
    """
    stored = dict(round_.narratives.values_list("slot", "text"))
    typed, seen, errors = typed or stored, seen or stored, errors or {}
    forums, forum = _commented(request, slots)
    shown = [each for each in slots if each.forum in (None, forum) or each.name in request.POST]
    fields = [
        NarrativeBox(each, *(texts.get(each.name, "") for texts in (typed, stored, seen, errors)))
        for each in shown
    ]
    return render(
        request,
        "staff/narratives.html",
        {
            "round": round_,
            "forums": forums,
            "forum": forum,
            "fields": fields,
            "written": sum(bool(stored.get(each.name)) for each in slots),
            "total": len(slots),
            "errors": [(f"id-{name}" if name else "", text) for name, text in errors.items()],
            "may_write": permissions.may_narrate(request.user, round_),
        },
        status=status,
    )


@staff_page
def draft_file(request: StaffRequest, round_code: str, kind: str) -> HttpResponse:
    """The report as it would be published now, marked as a draft on every page."""
    round_ = any_round(round_code)
    made = _asked_before(request) or printing.draft(store.draft(round_).as_data(), kind)
    return _draft(request, round_, made, kind, f"draft-{round_.code}.{kind}")


@staff_page
def meeting_pack(request: StaffRequest, round_code: str) -> HttpResponse:
    """A page for each proposal or agency, for the committee's table."""
    by = request.GET.get("by", "resolution")
    if by not in pack.KINDS:
        raise Http404(_("ชุดเอกสารประชุมจัดตามข้อเสนอหรือตามหน่วยงาน"))
    round_ = any_round(round_code)
    made = _asked_before(request) or printing.draft(
        pack.build(store.counted_now(round_), by=by).as_data(), Printed.PDF, fitted=True
    )
    return _draft(request, round_, made, Printed.PDF, f"pack-{round_.code}-{by}.pdf")


def _asked_before(request: StaffRequest) -> printing.Print | None:
    """The print that this page waits for, even if texts were changed in the meantime."""
    key = request.GET.get("made", "").replace("\0", "")
    return printing.find(key) if key else None


def _draft(
    request: StaffRequest, round_: Round, made: printing.Print, kind: str, name: str
) -> HttpResponse:
    back = reverse("staff-round-report", args=[round_.code])
    if made.state == PrintState.FAILED and "wait" not in request.GET:
        messages.error(
            request,
            _("สร้างไฟล์ %(kind)s ไม่สำเร็จ บันทึกเหตุการณ์แล้ว ลองใหม่ภายหลัง") % {"kind": kind.upper()},
        )
        return redirect(back)
    return _file(request, made, kind, name, Waiting("staff/printing.html", back, round_))
