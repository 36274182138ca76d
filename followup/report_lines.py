"""A report as lines of a page: labels and values of the declared fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from followup.models import StatusReport
from followup.report_fields import (
    STANDING,
    Kind,
    ReportField,
    Section,
    Writer,
    of_section,
    written_by,
)


@dataclass
class ReportLine:
    """One label with its reported content.

    `words` is formatted text; `amounts` are (label, amount) of the amounts that share a line; `notes`
    are sentences below. `blank` is the text to show if nothing was reported.
    """

    kind: Kind
    label: str
    words: str = ""
    amounts: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    blank: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.amounts)


def report_lines(report: StatusReport, *, for_staff: bool = False) -> Sequence[ReportLine]:
    """The lines of an agency's report, in order; evidence is the last, without words.

    The public sees the public fields, and an empty line only if its absence has a meaning. Staff and
    the agency see all fields; a missing text or amount is a dash.
    """
    lines: list[ReportLine] = []
    groups: dict[str, ReportLine] = {}
    notes: list[str] = []
    for each in written_by(Writer.AGENCY):
        if each.kind is Kind.STATUS or not (each.is_public or for_staff):
            continue
        if each.section in STANDING and not for_staff:  # shown in their own place
            continue
        words = _words(report, each)
        if each.kind is Kind.FLAG:
            notes += [str(each.said or each.label)] if words else []
            continue
        line = ReportLine(each.kind, str(each.group or each.label), words)
        if each.group:
            line = groups.setdefault(str(each.group), line)
            line.words = ""
            line.amounts += [(str(each.part), words)] if words else []
            if line in lines:
                continue
        if each.blank or (
            for_staff and each.section is Section.REPORT and each.kind in {Kind.TEXT, Kind.MONEY}
        ):
            line.blank = "–" if for_staff else str(each.blank)
        lines.append(line)
    if lines:
        lines[0].notes = notes
    return [line for line in lines if not line.is_empty or line.blank or line.kind is Kind.EVIDENCE]


def standing_lines(report: StatusReport) -> Sequence[ReportLine]:
    """What a report itself says in the sections that stand: for its writers and reviewers."""
    return [
        ReportLine(each.kind, str(each.label), words)
        for section in STANDING
        for each in of_section(section)
        if (words := _words(report, each))
    ]


def _words(report: StatusReport, each: ReportField) -> str:
    if each.kind is Kind.PROVINCES:
        return each.in_words([province.name for province in report.provinces.all()])
    if each.kind is Kind.EVIDENCE:
        return ""
    return each.in_words(getattr(report, each.name))
