"""The content of a year's annual report, from the same counting as every page. No queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from followup import indicators, joint_reports
from followup.annual_report.blocks import (
    BarRow,
    Bars,
    Block,
    Boxes,
    Heading,
    Items,
    Part,
    Quote,
    Report,
    Signatures,
    Table,
    Text,
    Verbatim,
    bar_row,
)
from followup.annual_report.drafts import counted, slot_of, slots
from followup.corrections import Effect, describe, effects_text
from followup.grades import Grade
from followup.models import Assessment, Evidence, Province, Round, Snapshot
from followup.naming import forum_name, forum_years, forums_title, item_name, of_all_forums
from followup.progress import (
    Independent,
    Line,
    MeasureProgress,
    Named,
    Promise,
    Promises,
    Reporting,
    ResolutionProgress,
    Tally,
    YearProgress,
    agency_rows,
    independent_tally,
    unique,
)
from followup.report_fields import FIELDS, Kind, ReportField, Section, Writer, written_by
from followup.responses import Response
from followup.snapshots import eights
from followup.status import INDEPENDENT_RULES, STEPS, Status
from followup.targets import Due
from forum_portal.addresses import absolute
from forum_portal.languages import listed
from forum_portal.thai import format_date, format_number
from proposals.codes import shown_code
from proposals.models import Forum, Measure, Resolution

NOTHING = "–"


def title_of(progress: YearProgress) -> list[str]:
    """The report's title, split where a cover may break the line; it names every forum."""
    forums = [forum for forum, _year in progress.parts]
    if len(forums) > 1:
        title = _(
            "รายงานผลการดำเนินงาน|ตามข้อเสนอจากการประชุม CSOs Forum |ประจำปี %(years)s |"
            "ประจำปีงบประมาณ พ.ศ. %(year)s"
        ) % {"years": forum_years(forums), "year": progress.round.label}
    else:
        title = _(
            "รายงานผลการดำเนินงาน|ตามข้อเสนอจากการประชุม |%(forums)s |ประจำปีงบประมาณ พ.ศ. %(year)s"
        ) % {"forums": forums_title(forums), "year": progress.round.label}
    return title.split("|")


def build(
    progress: YearProgress,
    *,
    forums: Iterable[Forum],
    successors: Mapping[int, Sequence[Measure]],
    assessments: Sequence[Assessment],
    duty: Resolution | None,
    narratives: Mapping[str, str],
    edition: int | None,
    digest: str = "",
    made_at: datetime,
    corrections: Sequence[Snapshot] = (),
    effects: Mapping[int, Sequence[Effect]],
) -> Report:
    """The report of a year. Without an `edition` it is a draft, marked as one on every page.

    `digest`: the edition's hash, which the report prints.

    `forums`: those that the year followed up, with all their columns. `successors`: key of a replaced
    measure -> the measures under which it is followed up. `assessments`: the independent ones, in the
    source's order. `duty`: see `followup.duty`. `effects`: number of a correction -> its effect on the
    figures.

    A report on one forum has a part for the whole and one for the proposals; on several forums it has
    a part that compares them, and a part for each, with its own figures and denominator. Independent
    assessments have a part of their own if there are any, and are in no other.
    """
    written = {
        each.name: Text(narratives.get(each.name) or each.draft, each.name not in narratives)
        for each in slots(progress, duty=duty)
    }
    made_on = format_date(timezone.localtime(made_at))
    cover = [
        _("คณะกรรมการส่งเสริมและพัฒนาองค์กรภาคประชาสังคม (คสป.)"),
        _("กองส่งเสริมและพัฒนาองค์กรภาคประชาสังคม"),
        _("กรมพัฒนาสังคมและสวัสดิการ"),
        _("ฉบับที่ %(number)s เผยแพร่ %(day)s") % {"number": edition, "day": made_on}
        if edition
        else _("ฉบับร่าง %(day)s") % {"day": made_on},
    ]
    if progress.round.is_demo:
        cover.append(_("ข้อมูลตัวอย่าง ไม่ใช่ผลการดำเนินงานจริง"))
    forums = list(forums)
    several = progress.has_several_forums
    writer = _Proposals(written, successors, several)
    chapters: list[tuple[str, list[Block], bool]] = [  # title, blocks, whether its pages are wide
        (_("ความเป็นมาและฐานอำนาจ"), _background(forums), False),
        (
            _("วิธีการติดตามและนิยามสถานะ"),
            [*_method(progress), *_hashed(progress.round, edition, digest)],
            False,
        ),
    ]
    if several:
        overview = _forums(progress, writer)
        chapters.append((_("ผลการดำเนินงานในภาพรวม"), overview, True))
        chapters += [
            (
                _("ผลการดำเนินงานตามข้อเสนอ %(forum)s") % {"forum": forum.short_name},
                [Heading(_("ภาพรวมของเวที")), *writer.overall(year), *writer.proposals(year)],
                True,
            )
            for forum, year in progress.parts
        ]
    else:
        chapters += [
            (_("ผลการดำเนินงานในภาพรวม"), writer.overall(progress), True),
            (_("ผลการดำเนินงานรายข้อเสนอ"), writer.proposals(progress), True),
        ]
    if assessments:
        other_voice = _independent(progress, assessments, writer)
        chapters.append((_("การประเมินของภาคประชาสังคม"), other_voice, True))
    if progress.promises and progress.promises.is_begun:
        chapters.append((_("คำตอบและกำหนดของหน่วยงานหลัก"), _promised(progress, writer), True))
    chapters += [
        (_("ผลระดับพื้นที่"), _areas(progress), False),
        (
            _("ปัญหา อุปสรรค และข้อเสนอแนะ"),
            _obstacles(progress, written["recommendations"]),
            False,
        ),
        (_("การดำเนินการในระยะต่อไป"), [written["next_steps"]], False),
    ]
    parts = [
        Part(_("คำนำ"), [written["preface"]]),
        Part(_("บทสรุปผู้บริหาร"), _summary(progress, written["summary"]), is_one_page=True),
        Part(_("สารบัญ"), is_contents=True),
        *(
            Part(
                _("ส่วนที่ %(number)s %(title)s") % {"number": number, "title": title},
                blocks,
                is_wide=is_wide,
            )
            for number, (title, blocks, is_wide) in enumerate(chapters, start=1)
        ),
        Part(_("ภาคผนวก ก ข้อความต้นฉบับ"), _source(forums)),
        Part(_("ภาคผนวก ข หน่วยงานที่รายงานและไม่รายงาน"), _agencies(progress)),
        Part(_("ภาคผนวก ค รายการหลักฐาน"), _evidence(progress)),
        Part(_("ภาคผนวก ง การแก้ไขหลังเผยแพร่"), _corrections(corrections, effects, several=several)),
        Part(_("การรับรองรายงานและมติที่ประชุม"), _end(progress, narratives.get("meeting", ""))),
    ]
    return Report(
        title_lines=title_of(progress),
        cover=cover,
        year=progress.round.year_be,
        made_at=Verbatim(made_at.isoformat()),
        parts=parts,
        watermark="" if edition else _("ฉบับร่าง"),
    )


# The parts ------------------------------------------------------------------------------------


def _told(tally: Tally) -> str:
    return _("มาตรการย่อยที่นับ %(n)s ข้อ %(counted)s") % {"n": tally.n, "counted": counted(tally)}


def _told_of_each(progress: YearProgress) -> list[str]:
    """The figures of each forum in words, a line each."""
    return [
        _("%(forum)s: %(text)s") % {"forum": forum_name(forum), "text": _told(year.tally)}
        for forum, year in progress.parts
    ]


def _bars_of_each(progress: YearProgress) -> Bars:
    return Bars(
        _("สถานะของมาตรการย่อยรายเวที"),
        " ".join(_told_of_each(progress)),
        [bar_row(forum_name(forum), year.tally) for forum, year in progress.parts],
    )


def _summary(progress: YearProgress, text: Text) -> list[Block]:
    if progress.has_several_forums:
        return [text, _bars_of_each(progress)]
    tally = progress.tally
    bar = Bars(_("สถานะของมาตรการย่อยทั้งหมด"), _told(tally), [bar_row("", tally)])
    return [text, bar]


def _background(forums: Sequence[Forum]) -> list[Block]:
    blocks: list[Block] = []
    for forum in forums:
        blocks += [
            Heading(forum.short_name),
            Text(
                _("%(name)s จัดโดย%(organiser)s ร่วมกับ %(partners)s")
                % {
                    "name": forum.name,
                    "organiser": forum.organiser_th,
                    "partners": " ".join(forum.partners_th),
                }
            ),
        ]
        if forum.background_th:
            blocks.append(Quote(Verbatim(forum.background_th)))
        laws = [Verbatim(law["verbatim"]) for law in forum.legal_basis if law.get("verbatim")]
        if laws:
            blocks += [Heading(_("ฐานอำนาจ"), 3), *map(Quote, laws)]
    return blocks


def _denominators(progress: YearProgress) -> list[str]:
    """How each forum's denominator comes about."""
    several = progress.has_several_forums
    told = []
    for forum, tally in [(forum, year.tally) for forum, year in progress.parts]:
        said = _(
            "ตัวหาร %(n)s = มาตรการย่อยทั้งหมด %(total)s − ยุติ %(cancelled)s "
            "− มาตรการเชิงดุลพินิจที่ไม่มีการใช้ %(unused)s ข้อที่ยังไม่ได้รับรายงานอยู่ในตัวหารเสมอ"
        ) % {
            "n": tally.n,
            "total": tally.total,
            "cancelled": tally.cancelled,
            "unused": tally.unused,
        }
        if several:
            said = _("%(forum)s: %(text)s") % {"forum": forum_name(forum), "text": said}
        told.append(said)
    return told


def _method(progress: YearProgress) -> list[Block]:
    tally = progress.tally
    nobodys = [_("ข้อที่ยังไม่มีผู้รับผิดชอบก็เช่นกัน")] if tally.unassigned else []
    return [
        Items(
            [
                _(
                    "ข้อเสนอแต่ละข้อแบ่งเป็นมาตรการย่อยที่ติดตามแยกกันได้ มาตรการย่อยเป็นช่วงข้อความของต้นฉบับทุกตัวอักษร"
                ),
                _(
                    "หน่วยงานรายงานสถานะของปีงบประมาณ ฝ่ายเลขานุการ คสป. ตรวจโดยคนที่ไม่ใช่ผู้ส่ง แล้วเผยแพร่ทั้งรอบ"
                ),
                _(
                    "สถานะของมาตรการย่อยมาจากรายงานของหน่วยงานหลัก "
                    "หาก คสป. ประเมินต่างจากหน่วยงาน รายงานแสดงทั้งสองเสียง"
                ),
                _(
                    "บรรลุแล้ว = แล้วเสร็จ + ต่อเนื่องที่มีหลักฐานของปีนั้น มีความเคลื่อนไหว = บรรลุ + อยู่ระหว่างดำเนินการ"
                ),
                *_denominators(progress),
                *nobodys,
            ]
        ),
        Table(
            _("นิยามสถานะ"),
            [_("สถานะ"), _("ใช้เมื่อ")],
            [[str(each.label), str(each.definition)] for each in Status],
            [2, 5],
        ),
    ]


def _hashed(round_: Round, edition: int | None, digest: str) -> list[Block]:
    """The edition's hash, in eights, and where its figures can be checked; nothing of a draft."""
    if not (edition and digest):
        return []
    address = absolute(reverse("receipts", args=[f"{round_.code}-{edition}"]))
    return [
        Heading(_("ตรวจตัวเลขในรายงานนี้")),
        Text(
            _(
                "ตัวเลขทุกตัวในรายงานนี้นับจากฉบับที่ %(number)s ของปีงบประมาณ %(year)s "
                "ตรวจซ้ำได้จากใบรับรองตัวเลขที่ %(address)s ค่าแฮชของฉบับ (SHA-256) คือ"
            )
            % {"number": edition, "year": round_.label, "address": address}
        ),
        Quote(Verbatim(" ".join(eights(digest)))),
    ]


def _numbers(tally: Tally, statuses: Iterable[Status]) -> list[str]:
    """The cells of a tally: a count for each status, achieved, and the denominator."""
    return [*(str(tally.of(status)) for status in statuses), str(tally.achieved), str(tally.n)]


def _forums(progress: YearProgress, writer: _Proposals) -> list[Block]:
    """The forums side by side, each with its own denominator; their sum is named as one."""
    statuses = [status for status, _count in progress.tally.rows]
    rows = [[forum.short_name, *_numbers(year.tally, statuses)] for forum, year in progress.parts]
    rows.append([of_all_forums(), *_numbers(progress.tally, statuses)])
    return [
        Text("\n".join(_told_of_each(progress))),
        _bars_of_each(progress),
        Table(
            _("ตารางที่ %(table)s สถานะรายเวที (จำนวนมาตรการย่อย)") % {"table": writer.next_table()},
            [_("เวที"), *(str(status.short) for status in statuses), _("บรรลุ"), _("ที่นับ")],
            rows,
            [14, *(2 for _status in statuses), 2, 2],
            numbers=list(range(1, len(statuses) + 3)),
            has_total=True,
        ),
    ]


class _Proposals:
    """Writes forums' proposals in order, and numbers the tables through."""

    def __init__(
        self,
        written: Mapping[str, Text],
        successors: Mapping[int, Sequence[Measure]],
        several: bool,
    ) -> None:
        self.written, self.successors, self.several = written, successors, several
        self.tables = count(1)

    def next_table(self) -> int:
        return next(self.tables)

    def name(self, resolution: Resolution) -> str:
        return item_name(resolution, several_forums=self.several)

    def code(self, of: Resolution | Measure) -> str:
        return of.shown_code(several_forums=self.several)

    def overall(self, progress: YearProgress) -> list[Block]:
        """The figures of one forum's year as a whole."""
        tally = progress.tally
        statuses = [status for status, _count in tally.rows]
        bars: list[BarRow] = []
        if progress.before and progress.before.resolutions:
            bars.append(bar_row(progress.before.round.label, progress.before.tally))
        bars.append(bar_row(progress.round.label, tally))
        rows = [
            [
                f"{self.code(each.resolution)} {each.resolution.title}",
                *_numbers(each.tally, statuses),
                str(each.status.label) if each.measures else NOTHING,
            ]
            for each in progress.resolutions
        ]
        rows.append([_("รวม"), *_numbers(tally, statuses), ""])
        return [
            Text(_told(tally)),
            Bars(_("สถานะของมาตรการย่อยรายปี"), _told(tally), bars),
            Table(
                _("ตารางที่ %(table)s สถานะรายข้อเสนอ (จำนวนมาตรการย่อย)")
                % {"table": self.next_table()},
                [
                    _("ข้อเสนอ"),
                    *(str(status.short) for status in statuses),
                    _("บรรลุ"),
                    _("ที่นับ"),
                    _("สถานะโดยรวม"),
                ],
                rows,
                [14, *(2 for _status in statuses), 2, 2, 5],
                numbers=list(range(1, len(statuses) + 3)),
                has_total=True,
            ),
            Bars(
                _("สถานะของมาตรการย่อยรายข้อเสนอ"),
                listed(
                    _("%(item)s บรรลุแล้ว %(a)s จาก %(n)s")
                    % {
                        "item": self.name(each.resolution),
                        "a": each.tally.achieved,
                        "n": each.tally.n,
                    }
                    for each in progress.resolutions
                ),
                [
                    bar_row(
                        _("ข้อที่ %(number)s") % {"number": self.code(each.resolution)}, each.tally
                    )
                    for each in progress.resolutions
                ],
            ),
        ]

    def proposals(self, progress: YearProgress) -> list[Block]:
        return [block for each in progress.resolutions for block in self.proposal(each)]

    def proposal(self, each: ResolutionProgress) -> list[Block]:
        item = self.name(each.resolution)
        blocks: list[Block] = [
            Heading(f"{item} {each.resolution.title}"),
            Quote(Verbatim(each.resolution.text)),
            self.written[slot_of(each.resolution)],
            *_ruling(each),
        ]
        if each.measures:
            blocks.append(
                Table(
                    _("ตารางที่ %(table)s ผลการดำเนินงานตาม%(item)s")
                    % {"table": self.next_table(), "item": item},
                    [
                        _("ที่"),
                        _("มาตรการย่อย"),
                        _("หน่วยงานหลัก/สนับสนุน"),
                        *(column.head for column in _columns()),
                    ],
                    [_measure(one, several_forums=self.several) for one in each.measures],
                    [2, 6, 5, *(column.width for column in _columns())],
                )
            )
        if measured := _measured(each, several_forums=self.several):
            blocks.append(
                Table(
                    _("ตารางที่ %(table)s ตัวชี้วัดที่หน่วยงานใช้ติดตามตาม%(item)s")
                    % {"table": self.next_table(), "item": item},
                    [
                        _("ที่"),
                        _("ตัวชี้วัด"),
                        _("ค่าตั้งต้นและค่าเป้าหมาย"),
                        _("ค่ารายปี"),
                        _("จากค่าก่อนหน้า"),
                    ],
                    measured,
                    [2, 7, 4, 6, 6],
                )
            )
        return [*blocks, *replaced(each, self.successors)]


def replaced(each: ResolutionProgress, successors: Mapping[int, Sequence[Measure]]) -> list[Block]:
    """What of a resolution is followed up under a later forum's measures, and is not counted here."""
    if not each.replaced:
        return []
    pairs = [
        _("%(earlier)s → %(later)s")
        % {
            "earlier": one.full_code,
            "later": ", ".join(later.full_code for later in successors.get(one.pk, ())) or NOTHING,
        }
        for one in each.replaced
    ]
    return [
        Text(
            _("มาตรการย่อยที่ติดตามต่อภายใต้ข้อเสนอของเวทีหลัง จึงไม่นับที่นี่: %(pairs)s")
            % {"pairs": "; ".join(pairs)}
        )
    ]


def _ruling(each: ResolutionProgress | MeasureProgress) -> list[Block]:
    return [Text(ruled)] if (ruled := _ruled(each)) else []


def _ruled(each: ResolutionProgress | MeasureProgress) -> str:
    if not each.ruling:
        return ""
    told = {"status": each.status.label, "meeting": each.ruling.meeting_ref}
    if each.ruling.meeting_on:
        told["day"] = format_date(each.ruling.meeting_on)
        sentence = _("คสป. มีมติเป็น “%(status)s” (ครั้งที่ %(meeting)s วันที่ %(day)s)") % told
    else:
        sentence = _("คสป. มีมติเป็น “%(status)s” (ครั้งที่ %(meeting)s)") % told
    return f"{sentence} {each.ruling.note}".strip()


@dataclass(frozen=True)
class _Column:
    """A column of reported content: its fields share a cell. Without fields it is the status."""

    head: str
    width: int
    fields: Sequence[ReportField] = ()


def _columns() -> list[_Column]:
    """The columns of reported content: results with their numbers, status, amounts, other texts,
    evidence. Provinces have their own part of the report."""
    kinds: dict[Kind, list[ReportField]] = {}
    for field in written_by(Writer.AGENCY):
        if field.is_public and field.section is Section.REPORT:
            kinds.setdefault(field.kind, []).append(field)
    results = [each for each in kinds[Kind.TEXT] if each.is_long]
    amounts = kinds[Kind.MONEY]
    return [
        _Column(results[0].heading, 10, [*results, *kinds.get(Kind.COUNT, ())]),
        _Column(str(FIELDS["reported_status"].short), 5),
        _Column(str(amounts[0].group), 6, amounts),
        *(_Column(each.heading, 6, [each]) for each in kinds[Kind.TEXT] if each not in results),
        *(_Column(each.heading, 5, [each]) for each in kinds[Kind.EVIDENCE]),
    ]


def _reported(line: Line, field: ReportField) -> str:
    """A field's texts in a line that has a report; numbers have labels, because they share a cell."""
    assert line.report  # noqa: S101  callers pass only lines with a report
    if field.kind is Kind.EVIDENCE:
        return ", ".join(piece.title for piece in line.report.public_evidence)
    words = field.in_words(getattr(line.report, field.name))
    if words and field.kind in {Kind.MONEY, Kind.COUNT}:
        return f"{field.part or field.label} {words}"
    return words


def _measure(each: MeasureProgress, *, several_forums: bool) -> list[str]:
    """A measure's row: its lead agencies' reports, with names if there are several."""
    several = each.answers.lead_count > 1

    def of_leads(fields: Sequence[ReportField]) -> str:
        told = []
        for line in each.leads_told_singly:
            if line.report and (
                text := "\n".join(filter(None, (_reported(line, f) for f in fields)))
            ):
                if any(f.name == "results" for f in fields):
                    joint = joint_reports.in_words(
                        line.report.joint_with, several_forums=several_forums
                    )
                    text = "\n".join(filter(None, (joint, text)))
                told.append(f"{line.agency.short}: {text}" if several else text)
        return "\n".join(told) or NOTHING

    who = [
        _("หลัก: %(agencies)s")
        % {"agencies": named(each.leads_to_name, each.single_leads if each.has_many_leads else [])}
    ]
    if each.answers.support_units:
        many = each.single_supports if each.has_many_supports else []
        who.append(_("สนับสนุน: %(agencies)s") % {"agencies": named(each.supports_to_name, many)})
    return [
        each.measure.shown_code(several_forums=several_forums),
        each.measure.title,
        "\n".join(who),
        *(of_leads(column.fields) if column.fields else _status(each) for column in _columns()),
    ]


def _measured(each: ResolutionProgress, *, several_forums: bool) -> list[list[str]]:
    """The rows of the indicators of lead agencies: values by year, never joined over a change of unit."""
    rows = []
    for measure in each.measures:
        several = measure.answers.lead_count > 1
        for line in measure.leads_told_singly:
            shown = indicators.series(line.report) if line.report else None
            if shown is None:
                continue
            defined, values = shown.standing.definition, shown.standing.values
            name = _("%(indicator)s (%(unit)s)") % {
                "indicator": defined.name,
                "unit": defined.unit or NOTHING,
            }
            ends = {_("ค่าตั้งต้น"): defined.baseline, _("ค่าเป้าหมาย"): defined.target}
            changed = indicators.change_in_words(values[-1]) if values else ""
            rows.append(
                [
                    measure.measure.shown_code(several_forums=several_forums),
                    f"{line.agency.short}: {name}" if several else name,
                    "\n".join(
                        f"{word} {format_number(value)}"
                        for word, value in ends.items()
                        if value is not None
                    )
                    or NOTHING,
                    "\n".join(
                        f"{one.round.label}: "
                        f"{_('ไม่ได้แจ้งค่า') if one.value is None else format_number(one.value)}"
                        for one in shown.standing.readings
                    ),
                    "\n".join(
                        filter(None, [changed, *map(indicators.redefined_in_words, shown.changes)])
                    )
                    or NOTHING,
                ]
            )
    return rows


def named(units: Sequence[Named], many: Sequence[Line]) -> str:
    """The names of agencies and groups, and how many others there are."""
    names = [unit.agency.short for unit in units]
    if many:
        names.append(_("%(count)s หน่วยงาน") % {"count": len(many)})
    return ", ".join(names) or NOTHING


def _status(each: MeasureProgress) -> str:
    lines = [str(each.status.label)]
    if ruled := _ruled(each):
        lines.append(ruled)
    if each.is_unused:
        lines.append(_("ปีนี้ไม่มีการใช้ จึงไม่นับในตัวหาร"))
    lines += [
        _("หน่วยงานรายงานว่า %(status)s") % {"status": line.report.reported.label}
        for line in each.leads_told_singly
        if line.report and line.report.voices_differ
    ]
    if each.answers.lead_count > 1:  # one combined status must not hide the worse behind the better
        lines += [
            f"{unit.agency.short}: {unit.status.label}"
            for unit in each.leads_to_name
            if unit.status is not each.status
        ]
    lines += [
        _("%(group)s ตอบแล้ว %(count)s จาก %(total)s หน่วยงาน")
        % {"group": unit.agency.short, "count": unit.answered, "total": unit.expected}
        for unit in each.lead_groups
    ]
    if each.has_many_leads:
        lines.append(
            _("หน่วยงานหลัก ตอบแล้ว %(count)s จาก %(total)s")
            % {"count": each.answers.leads_reported, "total": each.answers.single_leads}
        )
    if each.change:
        lines.append(_("เทียบปีก่อน: %(change)s") % {"change": each.change.label})
    return "\n".join(lines)


def _independent(
    progress: YearProgress, assessments: Sequence[Assessment], writer: _Proposals
) -> list[Block]:
    """What independent organisations found, forum by forum, apart from the committee's figures."""
    voices = [Independent(each, progress.status_of[each.measure_id]) for each in assessments]
    blocks: list[Block] = [
        Heading(_("วิธีประเมินและวิธีนับ")),
        Items([str(rule) for rule in INDEPENDENT_RULES]),
    ]
    for forum, year in progress.parts:
        of_forum = [
            each for each in voices if each.assessment.measure.resolution.forum_id == forum.pk
        ]
        blocks.append(Heading(forum.short_name if writer.several else _("ผลการประเมิน")))
        if of_forum:
            blocks += _voices(year, of_forum, writer)
        else:
            blocks.append(Text(_("ไม่มีองค์กรใดประเมินมาตรการย่อยของเวทีนี้")))
    if any(each.differs for each in voices):
        blocks.append(Text(str(STEPS)))
    return blocks


def _voices(
    progress: YearProgress, voices: Sequence[Independent], writer: _Proposals
) -> list[Block]:
    """The assessments of one forum: counted beside the committee's figure, and one by one."""
    measures = {each.measure.pk: each for each in progress.measures}
    found: dict[int, list[Status]] = {}
    for each in voices:
        found.setdefault(each.assessment.measure_id, []).append(each.found)
    tally = independent_tally(progress.measures, found)
    counts = [
        _("คสป. ประเมินว่าบรรลุ %(a)s จาก %(n)s ข้อ")
        % {"a": progress.tally.achieved, "n": progress.tally.n},
        _("ภาคประชาสังคมประเมินว่าบรรลุ %(a)s จาก %(assessed)s ข้อที่ประเมิน (ทั้งหมด %(n)s ข้อ)")
        % {"a": tally.achieved, "assessed": tally.assessed, "n": tally.n},
        _("ข้อที่ภาคประชาสังคมเห็นต่าง %(n)s ข้อ") % {"n": tally.differing},
    ]
    head = [
        _("มาตรการย่อย"),
        _("สถานะที่เผยแพร่"),
        _("องค์กร"),
        _("ภาคประชาสังคมประเมิน"),
        _("เหตุผล"),
        _("คำตอบของ คสป."),
    ]
    rows = [_voice(each, measures[each.assessment.measure_id], writer) for each in voices]
    title = _("ตารางที่ %(table)s การประเมินของภาคประชาสังคมรายมาตรการย่อย")
    caption = title % {"table": writer.next_table()}
    return [Items(counts), Table(caption, head, rows, [5, 4, 5, 4, 9, 6])]


def _voice(each: Independent, of: MeasureProgress, writer: _Proposals) -> list[str]:
    """An assessment's row: one for each organisation, so that its reason and answer stand beside its name
    wherever the table is cut."""
    assessment, answer = each.assessment, each.assessment.answered
    public = [str(each.published.label)]
    if of.is_unused:
        public.append(_("ปีนี้ไม่มีการใช้ จึงไม่นับในตัวหาร"))
    who = [assessment.organisation.name]
    if assessment.assessed_on:
        who.append(format_date(assessment.assessed_on, "medium"))
    found = [
        str(each.found.label),
        *([_("เห็นต่าง"), each.apart] if each.differs else [_("เห็นตรงกัน")]),
    ]
    reason = [assessment.reason]
    if assessment.pieces:
        titles = ", ".join(piece.title for piece in assessment.pieces)
        reason.append(_("หลักฐาน: %(titles)s") % {"titles": titles})
    answered = [answer.text] if answer else [NOTHING]
    if answer and answer.meeting_ref:
        answered.append(_("ครั้งที่ %(meeting)s") % {"meeting": answer.meeting_ref})
    return [
        f"{writer.code(of.measure)} {of.measure.title}",
        *("\n".join(lines) for lines in (public, who, found, reason, answered)),
    ]


def _promised(progress: YearProgress, writer: _Proposals) -> list[Block]:
    """What lead agencies answered and promised, and what statuses rest on, forum by forum."""
    blocks: list[Block] = [
        Items(
            [f"{each.label}: {each.definition}" for each in (*Response, *Due, *Grade)],
        )
    ]
    for forum, year in progress.parts:
        if year.promises is None:
            continue
        if writer.several:
            blocks.append(Heading(forum.short_name))
        rows = [
            _promise(each, line, writer)
            for each in year.measures
            if each.is_counted and each.day
            for line in each.leads_told_singly
        ]
        head = [
            _("มาตรการย่อย"),
            _("หน่วยงานหลัก"),
            _("คำตอบ"),
            str(Section.TARGET.label),
            str(FIELDS["assessed_grade"].short),
        ]
        title = _("ตารางที่ %(table)s คำตอบและกำหนดของหน่วยงานหลัก รายมาตรการย่อย")
        caption = title % {"table": writer.next_table()}
        blocks += [
            Items(promised_in_words(year.promises)),
            Table(caption, head, rows, [6, 4, 7, 8, 4]),
        ]
    return blocks


def promised_in_words(promises: Promises) -> list[str]:
    """The counts of promises, a line for each group, with their denominators."""

    def told(name: str, rows: Iterable[tuple[Any, int]], n: int) -> str:
        counts = listed(f"{word.label} {number}" for word, number in rows if number)
        return _("%(name)s: %(counts)s จาก %(n)s") % {"name": name, "counts": counts, "n": n}

    return [
        told(_("คำตอบของหน่วยงานหลัก"), promises.response_rows, promises.asked),
        told(str(Section.TARGET.label), promises.due_rows, promises.asked),
        told(str(FIELDS["assessed_grade"].short), promises.grade_rows, promises.received),
    ]


def _promise(of: MeasureProgress, line: Line, writer: _Proposals) -> list[str]:
    """A lead agency's row: its response, its dates with the earlier ones, and the grade."""
    assert of.day  # noqa: S101  callers pass only years in which promises were kept
    promise = Promise(line, of.day)
    response = [str(promise.response.label)]
    if said := promise.answer:
        response += [
            format_date(said.get("response_on"), "medium"),
            said.get("competent_agency"),
            said.get("response_reason"),
            said.get("response_document"),
        ]
    target = [NOTHING]
    if promise.target_on and promise.target:
        day = format_date(promise.target_on, "medium")
        target = [f"{day} {promise.due.label}", promise.target.get("milestone")]
        target += [
            f"{word.label} {format_date(told.told_on, 'medium')}: "
            f"{format_date(told.get('target_on'), 'medium')} {told.get('target_reason')}".strip()
            for word, told in promise.dates
            if told.told_on and len(promise.dates) > 1
        ]
    return [
        f"{writer.code(of.measure)} {of.measure.title}",
        line.agency.short,
        "\n".join(filter(None, response)),
        "\n".join(filter(None, target)),
        str(line.grade.label) if line.grade else NOTHING,
    ]


def _areas(progress: YearProgress) -> list[Block]:
    """The provinces of the reports."""
    code_of = _codes(progress)
    where: dict[Province, list[Measure]] = {}
    for measure in progress.measures:
        for line in measure.lines:
            for province in line.report.provinces.all() if line.report else ():
                where.setdefault(province, []).append(measure.measure)
    if not where:
        return [Text(_("ปีนี้ไม่มีรายงานที่ระบุจังหวัด"))]
    return [
        Text(
            _("รายงานที่ระบุจังหวัดครอบคลุม %(count)s จังหวัด รายงานที่ไม่ระบุจังหวัดเป็นการดำเนินงานระดับประเทศ")
            % {"count": len(where)}
        ),
        Table(
            _("มาตรการย่อยที่ดำเนินการรายจังหวัด"),
            [_("จังหวัด"), _("มาตรการย่อย")],
            [
                [province.name, ", ".join(code_of(one) for one in unique(measures))]
                for province, measures in sorted(where.items(), key=lambda pair: pair[0].sort_key)
            ],
            [2, 5],
        ),
    ]


def _codes(progress: YearProgress) -> Callable[[Measure], str]:
    """The name of a measure in this year's report."""
    several = progress.has_several_forums
    return lambda measure: measure.shown_code(several_forums=several)


def _obstacles(progress: YearProgress, text: Text) -> list[Block]:
    code_of = _codes(progress)
    rows = [
        [
            f"{code_of(measure.measure)} {measure.measure.title}",
            line.agency.short,
            line.report.obstacles,
            line.report.next_steps or NOTHING,
        ]
        for measure in progress.measures
        for line in measure.lines
        if line.report and line.report.obstacles
    ]
    blocks: list[Block] = [Heading(_("ปัญหาและอุปสรรคที่หน่วยงานรายงาน"))]
    if rows:
        texts = [FIELDS[name].heading for name in ("obstacles", "next_steps")]
        head = [_("มาตรการย่อย"), _("หน่วยงาน"), *texts]
        blocks.append(Table(_("ปัญหา อุปสรรค และข้อเสนอแนะรายมาตรการย่อย"), head, rows, [4, 3, 5, 5]))
    else:
        blocks.append(Text(_("ไม่มีหน่วยงานรายงานปัญหา")))
    return [*blocks, Heading(_("ข้อเสนอแนะ")), text]


def _source(forums: Sequence[Forum]) -> list[Block]:
    return [
        block
        for forum in forums
        for block in (Heading(forum.short_name), Quote(Verbatim(forum.source_text)))
    ]


def _agencies(progress: YearProgress) -> list[Block]:
    """Who reported how much: of each forum, because an agency may answer for measures of several."""
    if not progress.has_several_forums:
        return _reporting(progress)
    every = agency_rows(progress)
    blocks: list[Block] = [
        Text(
            _(
                "%(all)s: จาก %(count)s หน่วยงานที่ต้องรายงาน ยังไม่รายงานเลย %(silent)s หน่วยงาน "
                "หน่วยงานเดียวกันนับครั้งเดียว"
            )
            % {
                "all": of_all_forums(),
                "count": len(every),
                "silent": sum(not row.reported for row in every),
            }
        )
    ]
    for forum, year in progress.parts:
        blocks += [Heading(forum.short_name), *_reporting(year)]
    return blocks


def _reporting(progress: YearProgress) -> list[Block]:
    rows = [
        [row.agency.name, str(len(row.lines)), str(row.reported), str(row.silent)]
        for row in Reporting.of(agency_rows(progress)).rows
    ]
    silent = sum(row[2] == "0" for row in rows)
    return [
        Text(
            _("จาก %(all)s หน่วยงานที่ต้องรายงาน ยังไม่รายงานเลย %(silent)s หน่วยงาน เรียงไว้บนสุด")
            % {"all": len(rows), "silent": silent}
        ),
        Table(
            _("การรายงานของหน่วยงาน (จำนวนรายการ)"),
            [_("หน่วยงาน"), _("ต้องรายงาน"), _("รายงานแล้ว"), _("ยังไม่รายงาน")],
            rows,
            [6, 2, 2, 2],
            numbers=(1, 2, 3),
        ),
    ]


def _evidence(progress: YearProgress) -> list[Block]:
    code_of = _codes(progress)

    def where(piece: Evidence) -> Verbatim:
        return Verbatim(piece.url or piece.file_name)

    rows = [
        [code_of(measure.measure), line.agency.short, piece.title, where(piece)]
        for measure in progress.measures
        for line in measure.lines
        if line.report
        for piece in line.report.public_evidence
    ]
    if not rows:
        return [Text(_("ไม่มีหลักฐานที่เปิดเผยต่อสาธารณะ"))]
    head = [_("มาตรการย่อย"), _("หน่วยงาน"), _("หลักฐาน"), _("ที่อยู่")]
    return [Table(_("หลักฐานที่เปิดเผยต่อสาธารณะ"), head, rows, [3, 3, 6, 6])]


def _corrections(
    editions: Sequence[Snapshot], effects: Mapping[int, Sequence[Effect]], *, several: bool
) -> list[Block]:
    if not editions:
        return [Text(_("ไม่มีการแก้ไขหลังเผยแพร่"))]
    blocks: list[Block] = []
    for each in editions:
        rows = [
            [
                f"{shown_code(one.measure, several_forums=several)} {one.agency} {one.label}",
                one.before or NOTHING,
                one.after or NOTHING,
            ]
            for one in describe(each, several_forums=several)
        ]
        blocks += [
            Heading(
                _("ฉบับที่ %(number)s %(day)s")
                % {"number": each.number, "day": format_date(timezone.localtime(each.made_at))}
            ),
            Text(each.reason),
            Text(effects_text(effects.get(each.number, ()), several_forums=several)),
        ]
        if rows:
            title = _("สิ่งที่แก้ไขในฉบับที่ %(number)s") % {"number": each.number}
            blocks.append(Table(title, [_("รายการ"), _("เดิม"), _("แก้เป็น")], rows, [3, 4, 4]))
    return blocks


def _end(progress: YearProgress, resolved: str) -> list[Block]:
    """The signatures, and the meeting's resolution: the text by staff, or boxes to tick."""
    round_ = progress.round
    meeting = _("เสนอที่ประชุม คสป. ครั้งที่ %(meeting)s วันที่ %(day)s") % {
        "meeting": round_.meeting_ref or "……/……",
        "day": format_date(round_.meeting_on) if round_.meeting_on else "……………………",
    }
    return [
        Signatures(
            [
                _("ผู้จัดทำรายงาน"),
                _("ผู้ตรวจสอบ (ผู้อำนวยการกองส่งเสริมและพัฒนาองค์กรภาคประชาสังคม)"),
                _("ผู้รับรอง (ฝ่ายเลขานุการ คสป.)"),
            ]
        ),
        Heading(_("มติที่ประชุม")),
        Text(meeting),
        Text(resolved) if resolved else Boxes([_("รับทราบ"), _("เห็นชอบ"), _("ให้ดำเนินการเพิ่มเติม")]),
    ]
