"""An agency's indicator over the years: its values, what they are compared with, and how they changed.

The definition (indicator, unit, baseline, target) stands until a report says it again; the value is the
year's own. A year without a value has none, which is not 0. Values of another indicator or unit cannot
be compared, so each of them is a stretch of its own. Nothing here is a percentage that nobody gave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import pgettext_lazy

from followup.models import Round, StatusReport
from followup.report_fields import Section
from followup.standing import Told
from forum_portal.thai import format_number
from forum_portal.years import WHOLE_YEAR

#: The parts of a definition in sentences.
_INDICATOR, _UNIT = _l("ตัวชี้วัด"), _l("หน่วยนับ")
_BASELINE, _TARGET = _l("ค่าตั้งต้น"), pgettext_lazy("indicator", "เป้าหมาย")
#: Makes of an agency's own words what the medium shows: plain text, or escaped and marked as Thai.
Mark = Callable[[str], str]


@dataclass(frozen=True)
class Definition:
    """What is measured, in which unit, from which value and to which; None if that was never said."""

    name: str
    unit: str
    baseline: Decimal | None = None
    target: Decimal | None = None

    @property
    def subject(self) -> tuple[str, str]:
        """What must be the same if two values are to be compared."""
        return self.name, self.unit

    @property
    def direction(self) -> int:
        """1 if the value is meant to rise, -1 to fall, 0 if baseline and target do not say."""
        if self.baseline is None or self.target is None:
            return 0
        return _sign(self.target - self.baseline)


@dataclass(frozen=True)
class Reading:
    """A year's value, None if none was told; `last` is the reading before it that has one.

    `round` is the round of the report that told it. `last` is None for the first value of a stretch.
    """

    round: Round
    definition: Definition
    value: Decimal | None = None
    last: Reading | None = None

    @property
    def change(self) -> Decimal | None:
        """The difference from the last value; None if there is nothing to compare."""
        if self.value is None or self.last is None or self.last.value is None:
            return None
        return self.value - self.last.value

    @property
    def symbol(self) -> str:
        """The name of the change's mark in the sprite."""
        return {1: "c-up", 0: "c-stay", -1: "c-down"}[_sign(self.change or Decimal(0))]

    @property
    def is_towards_target(self) -> bool | None:
        """Whether the value moved the way it is meant to; None if it did not, or nobody said which."""
        moved = _sign(self.change or Decimal(0)) * self.definition.direction
        return moved > 0 if moved else None

    @property
    def is_reached(self) -> bool | None:
        """Whether the value is at its target or beyond; None without a value, or without a direction."""
        target, direction = self.definition.target, self.definition.direction
        if self.value is None or target is None or not direction:
            return None
        return (self.value - target) * direction >= 0


@dataclass(frozen=True)
class Redefinition:
    """A part of the definition that a report changed; "" for what was, or is, not said."""

    round: Round
    part: Promise
    before: str
    after: str


@dataclass(frozen=True)
class Stretch:
    """The years of one indicator in one unit, the first first; a year without a value is one of them."""

    readings: Sequence[Reading]

    @property
    def definition(self) -> Definition:
        """As it stands at the stretch's end."""
        return self.readings[-1].definition

    @property
    def values(self) -> Sequence[Reading]:
        """The years with a value."""
        return [each for each in self.readings if each.value is not None]


@dataclass(frozen=True)
class Series:
    """An assignment's indicator up to a round; there is one stretch at least."""

    stretches: Sequence[Stretch]
    changes: Sequence[Redefinition]

    @property
    def standing(self) -> Stretch:
        """That of the indicator as it stands."""
        return self.stretches[-1]

    @property
    def earlier(self) -> Sequence[Stretch]:
        """Those that cannot be compared with it, of which a value was told."""
        return [each for each in self.stretches[:-1] if each.values]


def series(report: StatusReport) -> Series | None:
    """The indicator of a report's assignment up to the report; None if it never had one.

    `earlier` must be set, by `standing.mark` or by an edition.
    """
    return series_of([*report.earlier, Told.of_report(report)], report.round)


def series_of(told: Iterable[Told], last: Round) -> Series | None:
    """The indicator that reports tell, in the order of their rounds; `last` is the last year shown.

    A value before any indicator is left out: nobody knows what it measures.
    """
    readings: list[Reading] = []
    changes: list[Redefinition] = []
    standing: Definition | None = None
    for each in told:
        defined = _defined(each, standing)
        if defined is None:
            continue
        if standing is not None:
            readings += _gaps(readings[-1].round, each.year_be, standing)
            changes += _changes(each.round, standing, defined)
        standing = defined
        reading = Reading(each.round, standing, each.get("indicator_value"))
        if readings and readings[-1].round.year_be == each.year_be:
            before = readings.pop()
            if reading.value is None:
                # A year's later round tells the year's value; without one, that of the earlier stays.
                same = before.definition.subject == standing.subject
                reading = replace(before, definition=standing) if same else before
        readings.append(reading)
    if standing is None:
        return None
    readings += _gaps(readings[-1].round, last.year_be + 1, standing)
    if readings[-1].definition.subject != standing.subject:  # changed after the year's value
        readings.append(Reading(last, standing))
    return Series(_stretches(readings), changes)


def _defined(told: Told, before: Definition | None) -> Definition | None:
    """The definition as it stands by a report: an empty field changes nothing of the same indicator."""
    if not told.says(Section.INDICATOR):
        return before
    name = told.get("indicator")
    same = before if before is not None and before.name == name else None
    unit = told.get("indicator_unit") or (same.unit if same else "")
    found = Definition(name, unit, told.get("indicator_baseline"), told.get("indicator_target"))
    if same is None or same.unit != unit:
        return found
    return replace(
        found,
        baseline=same.baseline if found.baseline is None else found.baseline,
        target=same.target if found.target is None else found.target,
    )


def _gaps(last: Round, until: int, standing: Definition) -> list[Reading]:
    """The years after a round and before another one, in which nothing was told."""
    years = range(last.year_be + 1, until)
    return [Reading(Round(year_be=year, months=WHOLE_YEAR), standing) for year in years]


def _changes(round_: Round, before: Definition, after: Definition) -> list[Redefinition]:
    parts = (
        (_INDICATOR, before.name, after.name),
        (_UNIT, before.unit, after.unit),
        (_BASELINE, _number(before.baseline), _number(after.baseline)),
        (_TARGET, _number(before.target), _number(after.target)),
    )
    return [Redefinition(round_, part, was, now) for part, was, now in parts if was != now]


def _stretches(readings: Iterable[Reading]) -> list[Stretch]:
    found: list[list[Reading]] = []
    last: Reading | None = None
    for each in readings:
        if not found or found[-1][-1].definition.subject != each.definition.subject:
            found.append([])
            last = None
        reading = replace(each, last=last)
        found[-1].append(reading)
        if reading.value is not None:
            last = replace(reading, last=None)
    return [Stretch(each) for each in found]


def _sign(number: Decimal) -> int:
    return (number > 0) - (number < 0)


def _number(value: Decimal | None) -> str:
    return "" if value is None else format_number(value)


# In words -------------------------------------------------------------------------------------


def change_in_words(reading: Reading, mark: Mark = str) -> str:
    """How a value changed, with whether that is the way to its target; "" if nothing is compared."""
    if reading.change is None or reading.last is None:
        return ""
    said = {
        "amount": format_number(abs(reading.change)),
        "unit": mark(reading.definition.unit),
        "year": reading.last.round.label,
    }
    if not reading.change:
        return _("เท่ากับปี %(year)s") % said
    if reading.change > 0:
        words = _("เพิ่มขึ้น %(amount)s %(unit)s จากปี %(year)s") % said
    else:
        words = _("ลดลง %(amount)s %(unit)s จากปี %(year)s") % said
    match reading.is_towards_target:
        case True:
            return _("%(change)s ไปทางเป้าหมาย") % {"change": words}
        case False:
            return _("%(change)s สวนทางกับเป้าหมาย") % {"change": words}
    return words


def moved_in_words(reading: Reading) -> str:
    """How a value moved since the last one, where its unit and its year are said already."""
    if reading.change is None:
        return ""
    said = {"amount": format_number(abs(reading.change))}
    if not reading.change:
        return _("เท่าเดิม")
    return (_("เพิ่มขึ้น %(amount)s") if reading.change > 0 else _("ลดลง %(amount)s")) % said


def redefined_in_words(each: Redefinition, mark: Mark = str) -> str:
    """What a report changed in the definition, as a sentence."""
    said = {
        "part": each.part,
        "before": mark(each.before),
        "after": mark(each.after),
        "year": each.round.label,
    }
    if not each.before:
        return _("กำหนด%(part)s %(after)s ในปี %(year)s") % said
    if not each.after:
        return _("ไม่ได้กำหนด%(part)sใหม่ในปี %(year)s เดิม %(before)s") % said
    return _("เปลี่ยน%(part)sจาก %(before)s เป็น %(after)s ในปี %(year)s") % said
