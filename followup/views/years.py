"""Which year a page shows: `?year=2567`, wherever a page shows one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from followup.models import Round
from forum_portal.years import YearError, as_typed, parse_year


@dataclass(frozen=True)
class YearChoice:
    """The published rounds (latest first), the one chosen, and a sentence where none fitted."""

    rounds: Sequence[Round]
    round: Round | None
    notice: str = ""

    @property
    def previous(self) -> Round | None:
        """The published round before the chosen one."""
        if self.round is None:
            return None
        return next((each for each in self.rounds if each.year_be < self.round.year_be), None)

    @property
    def query(self) -> str:
        """What links on the page append, so that they keep a year that is not the latest."""
        if self.round is None or self.round == self.rounds[0]:
            return ""
        return f"?year={self.round.year_be}"


def chosen_year(request: HttpRequest) -> YearChoice:
    """Read `?year=`; what cannot be understood or is not public falls back to the latest year.

    The page then says so. A year in the Christian era is led to its address in the Buddhist one:
    see `forum_portal.middleware.CanonicalYearMiddleware`.
    """
    rounds = list(Round.objects.published())
    if not rounds:
        return YearChoice([], None)
    asked = request.GET.get("year", "")
    if not asked:
        return YearChoice(rounds, rounds[0])
    latest = rounds[0]
    try:
        year = parse_year(asked).be
    except YearError:
        notice = _("ไม่เข้าใจปี “%(typed)s” จึงแสดงปีงบประมาณ %(year)s") % {
            "typed": as_typed(asked),
            "year": latest.year_be,
        }
        return YearChoice(rounds, latest, notice)
    chosen = next((each for each in rounds if each.year_be == year), None)
    if chosen:
        return YearChoice(rounds, chosen)
    notice = _("ปีงบประมาณ %(asked)s ยังไม่มีรอบที่เผยแพร่ จึงแสดงปีงบประมาณ %(year)s") % {
        "asked": year,
        "year": latest.year_be,
    }
    return YearChoice(rounds, latest, notice)


def published_round(year: int) -> YearChoice:
    """The choice for a year in the address. Raises Http404 that names the years there are."""
    rounds = list(Round.objects.published())
    for each in rounds:
        if each.year_be == year:
            return YearChoice(rounds, each)
    if not rounds:
        raise Http404(_("ยังไม่มีรอบรายงานที่เผยแพร่"))
    raise Http404(
        _("ปีงบประมาณ %(year)s ไม่มีรอบที่เผยแพร่ ปีที่เผยแพร่แล้ว: %(years)s")
        % {"year": year, "years": ", ".join(str(each.year_be) for each in reversed(rounds))}
    )
