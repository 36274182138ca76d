"""The grid of measures by years, and which years of many a page shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext as _

from followup.models import Round
from followup.progress import Unmoved, YearProgress, is_unused, unmoved, unmoved_in
from followup.status import UNHEARD, Change, Status
from followup.views.years import round_asked
from proposals.models import Measure, Resolution

#: Columns that fit a telephone.
COLUMNS = 4
#: Changes that have no mark in a cell: beside the cell before they would say the same again.
UNMARKED = frozenset({Change.SAME})


@dataclass(frozen=True)
class Window:
    """The rounds that a page shows, at most `COLUMNS`, and the queries for those before and after.

    All rounds are in order, the earliest first; `upto` has those shown and all before them.
    """

    rounds: Sequence[Round]
    upto: Sequence[Round]
    before: str = ""
    after: str = ""
    notice: str = ""

    @property
    def is_last(self) -> bool:
        return not self.after


def window(request: HttpRequest, rounds: Sequence[Round]) -> Window:
    """The last rounds up to that of `?to=2568`, or the latest; `rounds` with the earliest first.

    An unknown year gets the latest rounds, and a notice.
    """
    notice, end = "", len(rounds)
    asked = round_asked(request, "to", rounds)
    if asked.round:
        end = list(rounds).index(asked.round) + 1
    elif asked.wrong and rounds:
        notice = _("%(reason)s จึงแสดงถึงปีงบประมาณ %(year)s") % {
            "reason": asked.wrong,
            "year": rounds[-1].label,
        }
    start = max(0, end - COLUMNS)

    def at(place: int) -> str:
        query = request.GET.copy()
        query["to"] = rounds[place].code
        return f"?{query.urlencode()}"

    return Window(
        rounds[start:end],
        rounds[:end],
        # The years before overlap those here, so that every window is full.
        before=at(max(COLUMNS, start) - 1) if start else "",
        after=at(min(len(rounds), end + COLUMNS) - 1) if end < len(rounds) else "",
        notice=notice,
    )


@dataclass(frozen=True)
class Cell:
    """A measure in one round; `status` is None if it was not followed up, and then `out` says why."""

    round: Round
    status: Status | None
    change: Change | None = None
    out: str = ""  # why it is not counted; "" if it is
    word: str = ""  # in place of the status's own short word

    @property
    def query(self) -> str:
        """The query that selects its round on a page of the measure."""
        return f"?{urlencode({'year': self.round.code})}"

    @property
    def mark(self) -> Change | None:
        return None if self.change in UNMARKED else self.change


@dataclass(frozen=True)
class GridRow:
    """A measure in each round of the grid, and how long it has not moved."""

    measure: Measure
    cells: Sequence[Cell]
    stay: Unmoved | None = None


@dataclass(frozen=True)
class Grid:
    """Measures by rounds; `groups` has the rows of each resolution, in clause order."""

    window: Window
    groups: Sequence[tuple[Resolution, Sequence[GridRow]]]

    @property
    def rows(self) -> list[GridRow]:
        return [row for _resolution, rows in self.groups for row in rows]

    @property
    def columns(self) -> int:
        return 1 + len(self.window.rounds) + self.has_stays

    @property
    def statuses(self) -> list[Status]:
        """The statuses that occur, for the key."""
        here = {cell.status for row in self.rows for cell in row.cells}
        return [status for status in Status if status in here]

    @property
    def changes(self) -> list[Change]:
        """The marks that occur, for the key."""
        here = {cell.mark for row in self.rows for cell in row.cells}
        return [change for change in Change if change in here]

    @property
    def has_stays(self) -> bool:
        return any(row.stay for row in self.rows)


def grid_of(
    years: Sequence[YearProgress], shown: Window, *, resolution: Resolution | None = None
) -> Grid:
    """The measures of some years up to the last shown, earliest first; of one resolution, or of all.

    A measure has a row if it was followed up, or taken over, in a year that is shown.
    """
    wanted = {each.pk for each in shown.rounds}
    told = [year for year in years if year.round.pk in wanted]
    stays = unmoved_in(years)
    measures: dict[int, Measure] = {}
    cells: dict[int, dict[int, Cell]] = {}
    for year in told:
        for each in year.resolutions:
            if resolution not in (None, each.resolution):
                continue
            for one in each.measures:
                out, word = ("", "") if one.is_counted else (_("ไม่นับในตัวหาร"), "")
                if one.is_unused:
                    word = _("ไม่ใช้")
                measures[one.measure.pk] = one.measure
                cells.setdefault(one.measure.pk, {})[year.round.pk] = Cell(
                    year.round, one.status, one.change, out, word
                )
            for measure in each.replaced:
                measures[measure.pk] = measure
                cells.setdefault(measure.pk, {})[year.round.pk] = Cell(
                    year.round, None, out=_("ติดตามต่อภายใต้ข้อของเวทีหลัง"), word=_("ย้ายเวที")
                )
    rows = [
        GridRow(
            measure,
            [
                cells[pk].get(each.pk) or Cell(each, None, out=_("ไม่ได้ติดตามในรอบนี้"), word="–")
                for each in shown.rounds
            ],
            stays.get(pk),
        )
        for pk, measure in measures.items()
    ]
    return Grid(shown, _grouped(rows))


#: A measure with the status in each round in which an answer was expected, earliest first.
History = tuple[Measure, Mapping[int, Status]]


def grid_of_answers(histories: Iterable[History], shown: Window) -> Grid:
    """What one agency answered for each of its measures; the statuses are its own.

    `histories`: the measures, each with round pk -> status.
    """
    rows = []
    for measure, statuses in histories:
        every = [(each, statuses.get(each.pk)) for each in shown.upto]
        rows.append(
            GridRow(
                measure,
                _answers(measure, every)[-len(shown.rounds) :],
                unmoved(every) if not _unused(measure, every) else None,
            )
        )
    return Grid(shown, _grouped(rows))


def _unused(measure: Measure, history: Sequence[tuple[Round, Status | None]]) -> bool:
    status = history[-1][1] if history else None
    return status is not None and is_unused(measure, status)


def _answers(measure: Measure, history: Sequence[tuple[Round, Status | None]]) -> list[Cell]:
    cells: list[Cell] = []
    before: Status | None = None
    heard = False
    for round_, status in history:
        if status is None:
            cells.append(Cell(round_, None, out=_("ไม่ได้รับมอบหมายในรอบนี้"), word="–"))
        elif is_unused(measure, status):
            cells.append(Cell(round_, status, out=_("ไม่นับในตัวหาร"), word=_("ไม่ใช้")))
        else:
            change = Change.between(before, status, heard_earlier=heard) if before else None
            out = _("ไม่นับในตัวหาร") if status is Status.CANCELLED else ""
            cells.append(Cell(round_, status, change, out))
        heard = heard or (before is not None and before not in UNHEARD)
        before = status
    return cells


def _grouped(rows: Iterable[GridRow]) -> list[tuple[Resolution, Sequence[GridRow]]]:
    def place(row: GridRow) -> tuple[int, int, int]:
        resolution = row.measure.resolution
        return resolution.forum.year_be, resolution.number, row.measure.number

    ordered = sorted(rows, key=place)
    return [
        (few[0].measure.resolution, few)
        for _key, found in groupby(ordered, key=lambda row: place(row)[:2])
        for few in [list(found)]
    ]
