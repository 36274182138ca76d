"""Receipts: each published figure with its rule, its rows, its edition and the edition's hash.

For people and for programs (JSON). An edition's content, from which `script/verify_figure` counts again,
is served as it was hashed: it holds what the pages of that edition show (ADR 22).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from followup import figures
from followup.figures import Figure, Over, Place, Row, edition_code, parse_edition
from followup.models import Round, Snapshot, TakenBack
from followup.published import Edition, edition_of_snapshot
from followup.snapshots import eights
from followup.status import Status
from followup.views.api import MAX_AGE, View, as_json, read_only, shared
from followup.views.paging import paged
from followup.views.years import YearChoice, last_of_years
from forum_portal.addresses import absolute_in
from forum_portal.costly import costly
from forum_portal.kept_files import KeptFile, kept, serve
from forum_portal.page_cache import public_page
from forum_portal.problems import open_to_all, problem

logger = logging.getLogger(__name__)

FORMAT = 1  # of a receipt's JSON
ROWS_A_PAGE = 500
EDITIONS_NAMED = 20  # in the sentence about an edition that is not there
JSON_TYPE = "application/json; charset=utf-8"
PROGRAM = settings.ROOT / "script" / "verify_figure"


@dataclass(frozen=True)
class Asked:
    """The edition of an address, and what readers have to know of it.

    `latest` is the edition that the public reads of its round now; `taken` says that this one was taken
    back, and then nothing of it is shown.
    """

    choice: YearChoice
    snapshot: Snapshot
    latest: Snapshot | None
    taken: TakenBack | None

    @property
    def round(self) -> Round:
        return self.snapshot.round

    @property
    def code(self) -> str:
        return edition_code(self.round.code, self.snapshot.number)

    @property
    def newer(self) -> Snapshot | None:
        return self.latest if self.latest and self.latest.pk != self.snapshot.pk else None

    @property
    def latest_code(self) -> str:
        """The code of the edition that is read now; "" if there is none."""
        return edition_code(self.round.code, self.latest.number) if self.latest else ""

    newer_code = latest_code

    @property
    def query(self) -> str:
        """The query of links to pages of its year."""
        return f"?{urlencode({'year': self.round.code})}"

    @cached_property
    def edition(self) -> Edition:
        return edition_of_snapshot(self.snapshot)

    def later(self, code: str) -> Figure | None:
        """The same figure in the edition that is read now."""
        return figures.figure(code, edition_of_snapshot(self.newer)) if self.newer else None


def _asked(code: str) -> Asked:
    """The edition of a code. Raises Http404, which names the editions that there are."""
    every = list(Round.objects.public())
    snapshots = list(
        Snapshot.objects.filter(round__year_be=_year(code))
        .select_related("round", "taken_back")
        .defer("content", "changes")
        .order_by("-number")
    )
    for snapshot in snapshots:
        round_ = snapshot.round
        taken = getattr(snapshot, "taken_back", None)
        if edition_code(round_.code, snapshot.number) == code and (taken or round_.is_public):
            choice = YearChoice(last_of_years(every), round_ if round_.is_public else None)
            standing = (
                each
                for each in snapshots
                if each.round_id == round_.pk and getattr(each, "taken_back", None) is None
            )
            latest = next(standing, None) if round_.is_public else None
            return Asked(choice, snapshot, latest, taken)
    known = [
        edition_code(each.round.code, each.number)
        for each in Snapshot.objects.standing()
        .filter(round__in=every)
        .select_related("round")
        .defer("content", "changes")
        .order_by("-round__year_be", "-round__months", "-number")[:EDITIONS_NAMED]
    ]
    if not known:
        raise Http404(_("ยังไม่มีฉบับที่เผยแพร่"))
    raise Http404(_("ไม่มีฉบับนี้ ฉบับที่เผยแพร่: %(editions)s") % {"editions": ", ".join(known)})


def _year(code: str) -> int:
    """The year of an edition's code; 0, which no round has, if it is none."""
    parsed = parse_edition(code)
    return int(parsed[0].partition("-")[0]) if parsed else 0


# Pages ----------------------------------------------------------------------------------------


@public_page("page")
def receipt(request: HttpRequest, edition: str, figure: str) -> HttpResponse:
    asked = _asked(edition)
    if asked.taken:
        return _taken_back(request, asked)
    found = figures.figure(figure, asked.edition)
    if found is None:
        return _list(request, asked, unknown=figure)
    shown = paged(request, found.rows, ROWS_A_PAGE)
    return render(
        request,
        "public/receipt.html",
        {
            "choice": asked.choice,
            "asked": asked,
            "edition": asked.snapshot,  # for the line on paper
            "figure": found,
            "is_status": isinstance(found.value, Status),
            "unit": _units()[found.kind.over],
            "later": asked.later(found.code),
            "paged": shown,
            "sections": _sections(found, shown.rows),
            "eights": eights(asked.snapshot.digest),
            "used": [] if asked.newer else _used_at(found, asked.round),
            "check": check_of(found, asked),
            "address": absolute_in(request)(reverse("receipt-json", args=[asked.code, found.code])),
        },
    )


def _units() -> dict[Over, str]:
    return {
        Over.MEASURES: pgettext("several", "มาตรการย่อย"),
        Over.REPORTS: _("รายงาน"),
        Over.AGENCIES: pgettext("several", "หน่วยงาน"),
        Over.PROMISES: _("การมอบหมายหลัก"),
        Over.STATUS: "",
    }


def _sections(found: Figure, rows: Iterable[Row]) -> list[tuple[str, str, int, list[Row]]]:
    """(place, heading, how many there are on all pages, the rows on this page) of each place."""
    words = _headings(found)
    by_place: dict[Place, list[Row]] = {}
    for row in rows:
        by_place.setdefault(row.place, []).append(row)
    return [(place.value, words[place], found.sizes[place], few) for place, few in by_place.items()]


def _headings(found: Figure) -> dict[Place, str]:
    name = {"name": found.kind.name}
    match found.kind.over:
        case Over.STATUS:
            return {
                Place.IN: _("ใช้สรุปสถานะ"),
                Place.BESIDE: "",
                Place.OUT: _("แสดงไว้ แต่ไม่ใช้สรุปสถานะ"),
            }
        case Over.REPORTS:
            return {
                Place.IN: _("มีรายงานที่ได้รับ"),
                Place.BESIDE: _("ยังไม่ได้รับรายงาน"),
                Place.OUT: "",
            }
    return {
        Place.IN: _("นับเป็น%(name)s") % name,
        Place.BESIDE: _("อยู่ในตัวหาร แต่ไม่นับเป็น%(name)s") % name,
        Place.OUT: _("ไม่อยู่ในตัวหาร"),
    }


def _used_at(found: Figure, round_: Round) -> list[tuple[str, str]]:
    """(address, name) of pages that print the figure."""
    year = urlencode({"year": round_.code})
    name = {"year": round_.label}
    of_year = (reverse("year", args=[round_.code]), _("รายปี %(year)s") % name)
    report = (reverse("report", args=[round_.code]), _("รายงานประจำปี %(year)s") % name)
    home = f"{reverse('home')}?{year}"
    match found.kind.over, found.scope.partition("-"):
        case Over.AGENCIES, _scope if found.kind.code == "agencies_leading":
            return [(f"{reverse('matrix')}?{year}", _("ตารางรวม"))]
        case Over.AGENCIES, _scope:
            return [of_year]
        case Over.REPORTS, ("", _hyphen, _rest):
            return [(reverse("follow-up"), _("คสป. ติดตามทุกปีหรือไม่"))]
        case Over.REPORTS, _scope:
            address = reverse("agency", args=[found.scope])
            return [(f"{address}?{year}", _("หน้าของหน่วยงาน"))]
        case _over, ("", _hyphen, _rest):
            return [(home, _("ภาพรวม")), of_year, report]
        case _over, (forum, "", _rest):
            return [(f"{home}&{urlencode({'forum': forum})}", _("ภาพรวม")), of_year, report]
        case _over, (forum, _hyphen, rest):
            number, _dot, clause = rest.partition(".")
            address = f"{reverse('resolution', args=[forum, number])}?{year}"
            if clause:
                measure = next(iter(found.filters.values()), found.scope)
                address += f"#m{measure.replace('.', '-')}"
            return [(address, _("หน้าของข้อเสนอ")), report]
    return []


def _list(request: HttpRequest, asked: Asked, *, unknown: str = "") -> HttpResponse:
    """The figures of an edition; with status 404 if the address names one that it has not."""
    return render(
        request,
        "public/receipts.html",
        {
            "choice": asked.choice,
            "asked": asked,
            "unknown": unknown,
            "scopes": list(figures.listed(asked.edition)),
            "eights": eights(asked.snapshot.digest),
        },
        status=404 if unknown else 200,
    )


@public_page()
def receipt_list(request: HttpRequest, edition: str) -> HttpResponse:
    asked = _asked(edition)
    return _taken_back(request, asked) if asked.taken else _list(request, asked)


def _taken_back(request: HttpRequest, asked: Asked) -> HttpResponse:
    """That an edition was taken back, when and why; nothing of its content."""
    return render(
        request,
        "public/receipt_taken_back.html",
        {"choice": asked.choice, "asked": asked},
        status=410,
    )


# For programs ---------------------------------------------------------------------------------


def for_programs(view: View) -> View:
    """Decorate a view for programs: only reading, and an edition or figure that is not there is a problem
    document."""

    @read_only
    @wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404 as error:
            return problem(404, str(error))

    return answering


def _gone(asked: Asked) -> HttpResponse:
    assert asked.taken  # noqa: S101  the caller asked
    note = _("ฉบับ %(edition)s ถอนการเผยแพร่แล้ว เหตุผล: %(reason)s")
    return problem(410, note % {"edition": asked.code, "reason": asked.taken.note})


@public_page()
@for_programs
def receipt_json(request: HttpRequest, edition: str, figure: str) -> HttpResponse:
    """A receipt for programs; `script/verify_figure` reads it."""
    asked = _asked(edition)
    if asked.taken:
        return _gone(asked)
    found = figures.figure(figure, asked.edition)
    if found is None:
        address = absolute_in(request)(reverse("receipts", args=[asked.code]))
        raise Http404(
            _("ฉบับ %(edition)s ไม่มีตัวเลขนี้ ดูรายการตัวเลขที่ %(address)s")
            % {"edition": asked.code, "address": address}
        )
    return shared(request, as_json(document(found, asked, absolute_in(request))))


def document(found: Figure, asked: Asked, address: Any) -> dict[str, Any]:
    """A receipt as plain values; the form is described in docs/receipts.md."""
    snapshot, later = asked.snapshot, asked.later(found.code)
    check = check_of(found, asked)
    return {
        "format": FORMAT,
        "receipt": f"{asked.code}-{found.code}",
        "address": address(reverse("receipt", args=[asked.code, found.code])),
        "figure": {
            "code": found.code,
            "kind": found.kind.code,
            "scope": found.scope,
            "agencies": list(found.agencies),
            "name_th": str(found.kind.name),
            "of_th": found.of_what,
            "rule_th": str(found.kind.rule),
            "value": _plain(found.value),
            "divisor": found.divisor,
        },
        "edition": {
            "code": asked.code,
            "round": asked.round.code,
            "number": snapshot.number,
            "published_at": timezone.localtime(snapshot.made_at).isoformat(),
            "sha256": snapshot.digest,
            "content": address(reverse("receipt-edition", args=[asked.code])),
            "is_latest": asked.newer is None,
        },
        "later": {
            "edition": edition_code(asked.round.code, asked.newer.number),
            "value": _plain(later.value) if later else None,
            "divisor": later.divisor if later else None,
        }
        if asked.newer
        else None,
        "check": {**check, "csv": address(check["csv"]), "json": address(check["json"])}
        if check
        else None,
        "rows": [
            {
                "measure": row.measure.full_code if row.measure else None,
                "agency": row.agency.code if row.agency else None,
                "status": row.status.value if row.status else None,
                "counts": row.counts,
                "of": row.of,
            }
            for row in found.rows[:]
        ],
    }


def _plain(value: int | Status) -> int | str:
    return value.value if isinstance(value, Status) else value


def check_of(found: Figure, asked: Asked) -> dict[str, Any] | None:
    """How the figure is found in the open data with a spreadsheet.

    None if that has not all of it: the open data is that of the latest edition.

    `where` narrows the dataset's rows. Of those, `sum` and `of` are the columns to add up; or `status` is
    the column that has the value; or the rows whose `count_not` column differs are counted.
    """
    if asked.newer:
        return None
    filters = {"year": asked.round.code}
    scope = found.scope
    check: dict[str, Any]
    match found.kind.over:
        case Over.MEASURES | Over.PROMISES | Over.STATUS:
            dataset = "progress"
            check = {"where": {"level": "measure"}}
            if "." in scope:
                check["where"]["measure_id"] = scope
            elif "-" in scope:
                check["where"]["resolution_id"] = scope
            elif scope:
                check["where"]["forum_year_be"] = int(scope)
            if found.kind.over is Over.STATUS:
                check["where"]["level"] = "measure" if "." in scope else "resolution"
                check["status"] = "status_code"
            elif found.kind.over is Over.PROMISES:
                check["sum"] = found.kind.code
                check["of"] = "leads_received" if found.kind.of_received else "leads_asked"
            else:
                counted = {"counted": "measures_counted"}
                check["sum"] = counted.get(found.kind.code, found.kind.code)
                check["of"] = "measures_total" if found.kind.of_all else "measures_counted"
        case Over.REPORTS:
            # Measures that a later forum's replaced are in the edition, and not in the open data.
            is_group = any(row.of > 1 for row in found.rows) and bool(scope)
            if asked.edition.material.replaced or is_group or len(found.agencies) > 1:
                return None
            dataset = "status_reports"
            if scope:
                filters["agency"] = scope
            check = {
                "where": {},
                "count_not": {"column": "status_code", "value": Status.NO_REPORT.value},
            }
        case _:
            return None  # the open data has no row for an agency's year
    query = urlencode(filters)
    return {
        "dataset": dataset,
        "csv": f"{reverse('data-file', args=[dataset, 'csv'])}?{query}",
        "json": f"{reverse('data-file', args=[dataset, 'json'])}?{query}",
        **check,
    }


@for_programs
@costly
def edition_content(request: HttpRequest, edition: str) -> HttpResponse:
    """The content of an edition, byte by byte as it was hashed."""
    asked = _asked(edition)
    if asked.taken:
        return _gone(asked)
    snapshot = asked.snapshot

    def content() -> str:
        return Snapshot.objects.values_list("content", flat=True).get(pk=snapshot.pk)

    def find() -> KeptFile:
        return kept(
            f"edition-{asked.code}",
            snapshot.digest,
            "json",
            lambda: [content().encode()],
            packed=True,
        )

    try:
        response: Any = serve(request, find, JSON_TYPE)
    except OSError:
        logger.warning("an edition could not be kept on disk", exc_info=True)
        response = HttpResponse(content().encode(), content_type=JSON_TYPE)
    patch_cache_control(response, public=True, max_age=MAX_AGE)
    return open_to_all(response)


@public_page()
@read_only
def program(request: HttpRequest) -> HttpResponse:
    """The program that counts a figure again, to be saved."""
    response = HttpResponse(PROGRAM.read_bytes(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="verify_figure.py"'
    return shared(request, response)
