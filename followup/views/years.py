"""The choice of the round, for all views; an unknown year has the same response everywhere.

- A page that shows a selectable year reads `?year=2567` (`chosen_year`, and `chosen_round` for
  staff). An invalid or unknown year falls back to the default round, with a message.
- A page of one year has it in its path (`published_round`, and `any_round` for staff), or in `?year=`
  if it writes something for a round (`asked_round`). An unknown year is a 404 that names the known
  years.

A round is named by its code, "2567" or "2567-6". For the public "2567" is the state of that year, which
is its last published round; for staff it is the round of twelve months, and nothing else.

For visitors only published rounds exist. The API answers an invalid year with a 400
(`followup.opendata.filters`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from followup.models import Round, RoundState
from followup.published import Edition, editions
from forum_portal.page_cache import vouch
from forum_portal.years import YearError, as_typed, parse_round_code, round_code, shown_year


@dataclass(frozen=True)
class YearChoice:
    """The last published round of each year (latest first), the chosen one, and a message if `?year=`
    matches none. An interim round whose year has a later one can be chosen too."""

    rounds: Sequence[Round]
    round: Round | None
    notice: str = ""
    #: The interim round of the chosen round's year, if that year has a later one.
    interim: Round | None = None

    @property
    def previous(self) -> Round | None:
        """The last published round of an earlier year than the chosen one's."""
        if self.round is None:
            return None
        return next((each for each in self.rounds if each.year_be < self.round.year_be), None)

    @cached_property
    def editions(self) -> dict[Round, Edition]:
        """The edition of each of its rounds, asked for once a request."""
        every = [
            *self.rounds,
            *([self.round] if self.round and self.round not in self.rounds else []),
        ]
        return editions(every)

    @property
    def edition(self) -> Edition | None:
        """That of the round shown."""
        return self.editions[self.round] if self.round else None

    @property
    def query(self) -> str:
        """The query string for links on the page, which keeps a year that is not the latest."""
        if self.round is None or self.round == self.rounds[0]:
            return ""
        return f"?year={self.round.code}"


def chosen_year(request: HttpRequest) -> YearChoice:
    """Read `?year=` of a public page; fall back to the latest published year, with a notice.

    A year in the Christian era is redirected to its Buddhist-era address, see
    `forum_portal.middleware.CanonicalYearMiddleware`.
    """
    every = list(Round.objects.public())
    rounds = last_of_years(every)
    asked = request.GET.get("year", "")
    if not rounds:
        return YearChoice(rounds, None)
    if not asked:
        return _choice(every, rounds, rounds[0])
    latest = rounds[0]
    try:
        code = _code(asked)
    except YearError:
        notice = _("ไม่เข้าใจปี “%(typed)s” จึงแสดงปีงบประมาณ %(year)s") % {
            "typed": as_typed(asked),
            "year": latest.label,
        }
        return YearChoice(rounds, latest, notice)
    if chosen := _public(every, code):
        if asked in {chosen.code, str(chosen.year_be)}:
            vouch(request, "year")
        return _choice(every, rounds, chosen)
    notice = _("ปีงบประมาณ %(asked)s ยังไม่มีรอบที่เผยแพร่ จึงแสดงปีงบประมาณ %(year)s") % {
        "asked": code,
        "year": latest.label,
    }
    return YearChoice(rounds, latest, notice)


@dataclass(frozen=True)
class AskedRound:
    """What a parameter asks for: a round, or the reason, a Thai clause, why there is none."""

    round: Round | None = None
    wrong: str = ""


def round_asked(request: HttpRequest, name: str, public: Sequence[Round]) -> AskedRound:
    """Read a parameter that names a public round; neither a round nor a reason if it is empty."""
    asked = request.GET.get(name, "")
    if not asked:
        return AskedRound()
    try:
        code = _code(asked)
    except YearError:
        return AskedRound(wrong=_("ไม่เข้าใจปี “%(typed)s”") % {"typed": as_typed(asked)})
    if chosen := _public(public, code):
        if asked in {chosen.code, str(chosen.year_be)}:
            vouch(request, name)
        return AskedRound(chosen)
    return AskedRound(wrong=_("ปีงบประมาณ %(year)s ยังไม่มีรอบที่เผยแพร่") % {"year": code})


@dataclass(frozen=True)
class YearPair:
    """Two published rounds to compare, the earlier first; None where none was understood.

    `rounds`: the last published round of each year, latest first. `notice` says what was wrong, or that
    the two were swapped.
    """

    rounds: Sequence[Round]
    before: Round | None = None
    now: Round | None = None
    notice: str = ""

    @property
    def is_comparable(self) -> bool:
        return self.before is not None and self.now is not None and self.before != self.now

    @property
    def is_default(self) -> bool:
        """Whether the page compares these two without being asked."""
        return [self.now, self.before] == list(self.rounds[:2])

    @property
    def between(self) -> list[Round]:
        """The state of each year between the two, the earliest first."""
        if self.before is None or self.now is None:
            return []
        first, last = self.before.order, self.now.order
        return [each for each in reversed(self.rounds) if first < each.order < last]


def chosen_pair(request: HttpRequest) -> YearPair:
    """Read `?from=2566&to=2568`; without them the last two years. A year as elsewhere, in either era.

    Nothing is compared in place of a year that is unknown: the notice names those there are.
    """
    every = list(Round.objects.public())
    rounds = last_of_years(every)
    if len(every) < 2:
        return YearPair(rounds)
    first, second = (round_asked(request, name, every) for name in ("from", "to"))
    wrong = next((each.wrong for each in (first, second) if each.wrong), "")
    if wrong:
        notice = _("%(reason)s %(years)s") % {"reason": wrong, "years": published_years(rounds)}
        return YearPair(rounds, first.round, second.round, notice)
    now = second.round or rounds[0]
    before = first.round or next((each for each in every if each.year_be < now.year_be), None)
    if before is None:  # the first year, with the one after it
        before, now = now, next(each for each in reversed(every) if each.order > now.order)
    if before == now:
        return YearPair(rounds, before, now, _("เลือกปีที่ต่างกัน 2 ปี"))
    if before.order < now.order:
        return YearPair(rounds, before, now)
    notice = _("ปีตั้งต้นต้องมาก่อน จึงสลับเป็นเปรียบเทียบปี %(before)s กับปี %(now)s") % {
        "before": now.label,
        "now": before.label,
    }
    return YearPair(rounds, now, before, notice)


def published_round(code: str) -> YearChoice:
    """The choice for a code in the path. Raises Http404, which names the published rounds."""
    every = list(Round.objects.public())
    rounds = last_of_years(every)
    if chosen := _public(every, code):
        return _choice(every, rounds, chosen)
    if not rounds:
        raise Http404(published_years(rounds))
    raise Http404(
        _("ปีงบประมาณ %(year)s ไม่มีรอบที่เผยแพร่ %(years)s")
        % {"year": code, "years": published_years(rounds)}
    )


def last_of_years(public: Sequence[Round]) -> list[Round]:
    """Of `Round.objects.public()` what `Round.objects.published()` gives, without a query."""
    last: dict[int, Round] = {}
    for each in public:
        last.setdefault(each.year_be, each)
    return list(last.values())


def _public(every: Sequence[Round], code: str) -> Round | None:
    """The public round of a code: exactly that one, or the last one of the year that it names."""
    return _of_code(every, code) or next(
        (each for each in every if str(each.year_be) == code), None
    )


def _choice(every: Sequence[Round], rounds: Sequence[Round], chosen: Round) -> YearChoice:
    """The choice of a public round; an interim one says where its whole year is."""
    interim = next(
        (each for each in every if each.year_be == chosen.year_be and each not in rounds), None
    )
    if chosen != interim:
        return YearChoice(rounds, chosen, interim=interim)
    notice = _(
        "หน้านี้แสดงรอบ %(months)s ของปีงบประมาณ %(year)s ซึ่งเผยแพร่ผลทั้งปีแล้ว เลือกปีงบประมาณ %(year)s เพื่อดูผลทั้งปี"
    ) % {"months": chosen.get_months_display(), "year": shown_year(chosen.year_be)}
    return YearChoice(rounds, chosen, notice)


def _code(typed: str) -> str:
    """The code that a typed year or code means. Raises YearError."""
    year, months = parse_round_code(typed)
    return round_code(year.be, months) if months else round_code(year.be)


def published_years(rounds: Sequence[Round]) -> str:
    """The sentence that names the years of published rounds."""
    if not rounds:
        return _("ยังไม่มีรอบติดตามที่เผยแพร่")
    return _("ปีที่เผยแพร่แล้ว: %(years)s") % {"years": _years(rounds)}


# Staff: every round exists -------------------------------------------------------------------


def rounds_at_work() -> list[Round]:
    """The rounds at work: the earliest open one first, those being corrected last."""
    rounds = Round.objects.filter(state=RoundState.OPEN).order_by("year_be", "months")
    return sorted(rounds, key=lambda each: each.is_reopened)


def chosen_round(
    request: HttpRequest, rounds: Sequence[Round], default: Round | None
) -> Round | None:
    """Read `?year=` of a list for staff; fall back to the default, with a message."""
    asked = request.GET.get("year", "")
    if not asked:
        return default
    try:
        code = _code(asked)
    except YearError:
        notice = _("ไม่เข้าใจปี “%(typed)s”") % {"typed": as_typed(asked)}
    else:
        if chosen := _of_code(rounds, code):
            return chosen
        notice = _("หน้านี้ไม่มีรอบปีงบประมาณ %(asked)s") % {"asked": code}
    if default:
        notice = _("%(notice)s จึงแสดงปีงบประมาณ %(year)s") % {
            "notice": notice,
            "year": default.label,
        }
    messages.warning(request, notice)
    return default


def any_round(code: str) -> Round:
    """The round of a code in the path. Raises Http404, which names the known rounds."""
    rounds = list(Round.objects.all())
    if chosen := _of_code(rounds, code):
        return chosen
    raise Http404(_no_round(code, rounds))


def asked_round(request: HttpRequest) -> Round:
    """The round of `?year=`; without it the one at work, or the latest.

    Raises Http404 for an unknown year, so that nothing is written for a round that was not meant.
    """
    if asked := request.GET.get("year", ""):
        try:
            code = _code(asked)
        except YearError as error:
            raise Http404(str(error)) from error
        return any_round(code)
    if default := default_round():
        return default
    raise Http404(_("ยังไม่มีรอบติดตาม"))


def default_round() -> Round | None:
    """The round at work, or the latest."""
    return next(iter(rounds_at_work()), None) or Round.objects.first()


def _of_code(rounds: Sequence[Round], code: str) -> Round | None:
    return next((each for each in rounds if each.code == code), None)


def _no_round(code: str, rounds: Sequence[Round]) -> str:
    if not rounds:
        return _("ยังไม่มีรอบติดตาม")
    return _("ไม่มีรอบปีงบประมาณ %(year)s รอบที่มี: %(years)s") % {
        "year": code,
        "years": _years(rounds),
    }


def _years(rounds: Sequence[Round]) -> str:
    return ", ".join(each.label for each in sorted(rounds, key=lambda each: each.order))
