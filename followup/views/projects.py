"""Project codes: those of a year, and the reports that give one, over measures and years."""

from __future__ import annotations

from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from followup import published
from followup.models import Round
from followup.project_codes import System, code_key
from followup.views.paging import Paged, paged
from followup.views.public import page
from followup.views.years import chosen_year
from forum_portal.page_cache import public_page, vouch
from forum_portal.years import as_typed

PAGE = 30  # codes, or reports, of a page
NAMED = 3  # agencies that the list names at a code
#: What an address calls the codes without a system.
OTHER = "other"


def _system(request: HttpRequest) -> System | None:
    """The system that the address asks for; None for all."""
    asked = request.GET.get("system", "")
    if asked != OTHER and asked not in System.values:
        return None
    if asked:
        vouch(request, "system")
        return System("" if asked == OTHER else asked)
    return None


@public_page("year", "system", "page")
def project_list(request: HttpRequest) -> HttpResponse:
    """The codes of a year's reports, those at most measures first, with measures and agencies."""
    choice = chosen_year(request)
    if choice.edition is None or choice.round is None:
        return page(request, "project_list", choice)
    system = _system(request)
    counts = published.project_systems(choice.edition)
    shown: Paged[str] = paged(request, published.project_keys(choice.edition, system), PAGE)
    year = f"year={choice.round.code}&" if choice.query else ""
    return page(
        request,
        "project_list",
        choice,
        paged=shown,
        projects=published.projects(choice.edition, shown.rows, first=NAMED),
        system=system,
        systems=[
            (each, count, f"?{year}system={each.value or OTHER}") for each, count in counts.items()
        ],
        whole=f"?{year}".rstrip("&"),
    )


@public_page("page")
def project_detail(request: HttpRequest, key: str) -> HttpResponse:
    """The reports that give a code, the latest round first, each with its own status."""
    if key != code_key(key):
        return redirect("project", code_key(key), permanent=True)
    choice = chosen_year(request)
    editions = published.editions(Round.objects.public())
    rows = published.with_code(key, editions)
    shown = paged(request, rows, PAGE)
    if not shown.total:
        raise Http404(
            _("ไม่มีรายงานที่เผยแพร่แล้วซึ่งให้รหัสโครงการ “%(code)s” ดูรหัสทั้งหมดได้จากหน้ารหัสโครงการ")
            % {"code": as_typed(key)}
        )
    reports = published.project_reports(shown.rows, editions)
    return page(
        request,
        "project",
        choice,
        project=reports[0].code,
        urls=list(dict.fromkeys(each.code.url for each in reports if each.code.url)),
        paged=shown,
        measures=rows.order_by().values("measure_id").distinct().count(),
        years=[
            (round_, "" if round_ == choice.rounds[0] else f"?year={round_.code}", list(every))
            for round_, every in groupby(reports, key=lambda each: each.round)
        ],
    )
