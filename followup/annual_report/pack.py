"""The meeting pack for the committee: one page for each proposal, or for each agency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from followup.annual_report.blocks import (
    Bars,
    Block,
    Part,
    Quote,
    Report,
    Table,
    Text,
    Verbatim,
    bar_row,
)
from followup.annual_report.content import NOTHING, named, replaced, title_of
from followup.annual_report.drafts import comment
from followup.annual_report.store import start_of_day, successors
from followup.models import RoundState
from followup.naming import forum_name, item_name
from followup.progress import AgencyRow, Line, ResolutionProgress, YearProgress, agency_rows
from proposals.models import Measure

KINDS = ("resolution", "agency")
#: Characters shown of a result, so that many fit on a page; the report shows the whole text.
SHORT = 160


def build(progress: YearProgress, *, by: str) -> Report:
    year = progress.round.label
    several, later = progress.has_several_forums, successors(progress)
    parts = (
        [_proposal(each, year, several=several, successors=later) for each in progress.resolutions]
        if by == "resolution"
        else [_agency(row, year, several=several) for row in agency_rows(progress)]
    )
    is_final = progress.round.state == RoundState.PUBLISHED
    return Report(
        title_lines=title_of(progress),
        cover=[],
        year=progress.round.year_be,
        made_at=Verbatim(start_of_day().isoformat()),
        parts=parts,
        watermark="" if is_final else _("ฉบับร่าง"),
    )


def _proposal(
    each: ResolutionProgress,
    year: str,
    *,
    several: bool,
    successors: Mapping[int, Sequence[Measure]],
) -> Part:
    told = comment(each)
    blocks: list[Block] = [Quote(Verbatim(each.resolution.text))]
    if each.measures:
        blocks.append(Bars(_year(year), told, [bar_row("", each.tally)]))
    blocks.append(Text(told))
    if each.measures:
        head = [_("ที่"), _("มาตรการย่อย"), _("หน่วยงานหลัก"), _("สถานะ"), _("ผลการดำเนินงานโดยย่อ")]
        rows = [
            [
                one.measure.shown_code(several_forums=several),
                one.measure.title_th,
                named(one.leads_to_name, one.single_leads if one.has_many_leads else []),
                "\n".join(
                    [str(one.status.label), *([str(one.change.label)] if one.change else [])]
                ),
                _short(one.leads_told_singly),
            ]
            for one in each.measures
        ]
        blocks.append(Table(_("มาตรการย่อย"), head, rows, [1, 4, 3, 3, 7]))
    return Part(
        f"{item_name(each.resolution, several_forums=several)} {each.resolution.title_th}",
        [*blocks, *replaced(each, successors)],
    )


def _agency(row: AgencyRow, year: str, *, several: bool) -> Part:
    return Part(
        row.agency.name_th,
        [
            Text(_roles(row, year, several=several)),
            Table(
                _("มาตรการย่อยที่รับผิดชอบ"),
                [_("ที่"), _("มาตรการย่อย"), _("บทบาท"), _("สถานะ"), _("ผลการดำเนินงานโดยย่อ")],
                [
                    [
                        line.assignment.measure.shown_code(several_forums=several),
                        line.assignment.measure.title_th,
                        line.assignment.get_role_display(),
                        str(line.status.label),
                        _short([line]),
                    ]
                    for line in row.lines
                ],
                [2, 9, 5, 6, 11],
            ),
        ],
    )


def _roles(row: AgencyRow, year: str, *, several: bool) -> str:
    """How many measures an agency answers for and how many reports came, of each forum."""
    told = []
    for forum, units in row.by_forum:
        leads = sum(unit.is_lead for unit in units)
        lines = [line for unit in units for line in unit.lines]
        said = _(
            "%(year)s เป็นหน่วยงานหลัก %(leads)s รายการ สนับสนุน %(supports)s รายการ "
            "รายงานแล้ว %(a)s จาก %(n)s"
        ) % {
            "year": _year(year),
            "leads": leads,
            "supports": len(lines) - leads,
            "a": sum(line.report is not None for line in lines),
            "n": len(lines),
        }
        if several:
            said = _("%(forum)s: %(text)s") % {"forum": forum_name(forum), "text": said}
        told.append(said)
    return "\n".join(told)


def _year(year: str) -> str:
    return _("ปีงบประมาณ พ.ศ. %(year)s") % {"year": year}


def _short(lines: Sequence[Line]) -> str:
    results = (line.report.results for line in lines if line.report)
    told = [Truncator(" ".join(text.split())).chars(SHORT) for text in results if text]
    return "\n".join(told) or NOTHING
