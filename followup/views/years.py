"""The choice of the round, for all views; an unknown year has the same response everywhere.

- A page that shows a selectable year reads `?year=2567` (`chosen_year`, and `chosen_round` for
  staff). An invalid or unknown year falls back to the default round, with a message.
- A page of one year has it in its path (`published_round`, and `any_round` for staff), or in `?year=`
  if it writes something for a round (`asked_round`). An unknown year is a 404 that names the known
  years.

For visitors only published rounds exist. The API answers an invalid year with a 400
(`followup.opendata.filters`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from followup.models import Round, RoundState
from forum_portal.years import YearError, as_typed, parse_year


@dataclass(frozen=True)
class YearChoice:
    """The published rounds (latest first), the chosen one, and a message if `?year=` matches none."""

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
        """The query string for links on the page, which keeps a year that is not the latest."""
        if self.round is None or self.round == self.rounds[0]:
            return ""
        return f"?year={self.round.year_be}"


def chosen_year(request: HttpRequest) -> YearChoice:
    """Read `?year=` of a public page; fall back to the latest published year, with a notice.

    A year in the Christian era is redirected to its Buddhist-era address, see
    `forum_portal.middleware.CanonicalYearMiddleware`.
    """
    rounds = list(Round.objects.published())
    asked = request.GET.get("year", "")
    if not rounds or not asked:
        return YearChoice(rounds, rounds[0] if rounds else None)
    latest = rounds[0]
    try:
        year = parse_year(asked).be
    except YearError:
        notice = _("ไม่เข้าใจปี “%(typed)s” จึงแสดงปีงบประมาณ %(year)s") % {
            "typed": as_typed(asked),
            "year": latest.year_be,
        }
        return YearChoice(rounds, latest, notice)
    if chosen := _of_year(rounds, year):
        return YearChoice(rounds, chosen)
    notice = _("ปีงบประมาณ %(asked)s ยังไม่มีรอบที่เผยแพร่ จึงแสดงปีงบประมาณ %(year)s") % {
        "asked": year,
        "year": latest.year_be,
    }
    return YearChoice(rounds, latest, notice)


def published_round(year: int) -> YearChoice:
    """The choice for a year in the path. Raises Http404, which names the published years."""
    rounds = list(Round.objects.published())
    if chosen := _of_year(rounds, year):
        return YearChoice(rounds, chosen)
    if not rounds:
        raise Http404(published_years(rounds))
    raise Http404(
        _("ปีงบประมาณ %(year)s ไม่มีรอบที่เผยแพร่ %(years)s")
        % {"year": year, "years": published_years(rounds)}
    )


def published_years(rounds: Sequence[Round]) -> str:
    """The sentence that names the years of published rounds."""
    if not rounds:
        return _("ยังไม่มีรอบรายงานที่เผยแพร่")
    return _("ปีที่เผยแพร่แล้ว: %(years)s") % {"years": _years(rounds)}


# Staff: every round exists -------------------------------------------------------------------


def rounds_at_work() -> list[Round]:
    """The rounds at work: the earliest open one first, those being corrected last."""
    rounds = Round.objects.filter(state=RoundState.OPEN).order_by("year_be")
    return sorted(rounds, key=lambda each: each.is_reopened)


def chosen_round(
    request: HttpRequest, rounds: Sequence[Round], default: Round | None
) -> Round | None:
    """Read `?year=` of a list for staff; fall back to the default, with a message."""
    asked = request.GET.get("year", "")
    if not asked:
        return default
    try:
        year = parse_year(asked).be
    except YearError:
        notice = _("ไม่เข้าใจปี “%(typed)s”") % {"typed": as_typed(asked)}
    else:
        if chosen := _of_year(rounds, year):
            return chosen
        notice = _("หน้านี้ไม่มีรอบปีงบประมาณ %(asked)s") % {"asked": year}
    if default:
        notice = _("%(notice)s จึงแสดงปีงบประมาณ %(year)s") % {
            "notice": notice,
            "year": default.year_be,
        }
    messages.warning(request, notice)
    return default


def any_round(year: int) -> Round:
    """The round of a year in the path. Raises Http404, which names the known years."""
    rounds = list(Round.objects.all())
    if chosen := _of_year(rounds, year):
        return chosen
    raise Http404(_no_round(year, rounds))


def asked_round(request: HttpRequest) -> Round:
    """The round of `?year=`; without it the one at work, or the latest.

    Raises Http404 for an unknown year, so that nothing is written for a round that was not meant.
    """
    if asked := request.GET.get("year", ""):
        try:
            year = parse_year(asked).be
        except YearError as error:
            raise Http404(str(error)) from error
        return any_round(year)
    if default := default_round():
        return default
    raise Http404(_("ยังไม่มีรอบรายงาน"))


def default_round() -> Round | None:
    """The round at work, or the latest."""
    return next(iter(rounds_at_work()), None) or Round.objects.order_by("-year_be").first()


def _of_year(rounds: Sequence[Round], year: int) -> Round | None:
    return next((each for each in rounds if each.year_be == year), None)


def _no_round(year: int, rounds: Sequence[Round]) -> str:
    if not rounds:
        return _("ยังไม่มีรอบรายงาน")
    return _("ไม่มีรอบปีงบประมาณ %(year)s รอบที่มี: %(years)s") % {
        "year": year,
        "years": _years(rounds),
    }


def _years(rounds: Sequence[Round]) -> str:
    return ", ".join(map(str, sorted(each.year_be for each in rounds)))
