"""The meeting pack for the committee: one page for each proposal, or for each agency."""

from __future__ import annotations

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from followup.annual_report.blocks import Bars, Part, Quote, Report, Table, Text, Verbatim, bar_row
from followup.annual_report.content import NOTHING, title_of
from followup.annual_report.drafts import comment
from followup.annual_report.store import start_of_day
from followup.models import RoundState
from followup.naming import item_name
from followup.progress import AgencyRow, Line, ResolutionProgress, YearProgress, agency_rows

KINDS = ("resolution", "agency")
#: Characters shown of a result, so that many fit on a page; the report shows the whole text.
SHORT = 160


def build(progress: YearProgress, *, by: str) -> Report:
    year = progress.round.year_be
    several = progress.has_several_forums
    parts = (
        [_proposal(each, year, several=several) for each in progress.resolutions]
        if by == "resolution"
        else [_agency(row, year, several=several) for row in agency_rows(progress)]
    )
    is_final = progress.round.state == RoundState.PUBLISHED
    return Report(
        title_lines=title_of(progress),
        cover=[],
        year=year,
        made_at=Verbatim(start_of_day().isoformat()),
        parts=parts,
        watermark="" if is_final else _("ฉบับร่าง"),
    )


def _proposal(each: ResolutionProgress, year: int, *, several: bool) -> Part:
    told = comment(each)
    return Part(
        f"{item_name(each.resolution, several_forums=several)} {each.resolution.title_th}",
        [
            Quote(Verbatim(each.resolution.text)),
            Bars(_year(year), told, [bar_row("", each.tally)]),
            Text(told),
            Table(
                _("มาตรการย่อย"),
                [_("ที่"), _("มาตรการย่อย"), _("หน่วยงานหลัก"), _("สถานะ"), _("ผลการดำเนินงานโดยย่อ")],
                [
                    [
                        one.measure.shown_code(several_forums=several),
                        one.measure.title_th,
                        ", ".join(line.agency.short for line in one.leads) or NOTHING,
                        "\n".join(
                            [
                                str(one.status.label),
                                *([str(one.change.label)] if one.change else []),
                            ]
                        ),
                        _short(one.leads),
                    ]
                    for one in each.measures
                ],
                [1, 4, 3, 3, 7],
            ),
        ],
    )


def _agency(row: AgencyRow, year: int, *, several: bool) -> Part:
    return Part(
        row.agency.name_th,
        [
            Text(
                _(
                    "%(year)s เป็นหน่วยงานหลัก %(leads)s รายการ สนับสนุน %(supports)s รายการ "
                    "รายงานแล้ว %(a)s จาก %(n)s"
                )
                % {
                    "year": _year(year),
                    "leads": row.leads,
                    "supports": row.supports,
                    "a": row.reported,
                    "n": len(row.lines),
                }
            ),
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


def _year(year: int) -> str:
    return _("ปีงบประมาณ พ.ศ. %(year)s") % {"year": year}


def _short(lines: list[Line]) -> str:
    results = (line.report.results for line in lines if line.report)
    told = [Truncator(" ".join(text.split())).chars(SHORT) for text in results if text]
    return "\n".join(told) or NOTHING
