"""The content of a year's annual report, from the same counting as every page. No queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

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
from followup.corrections import describe, effects_of, effects_text
from followup.models import Evidence, Province, Snapshot
from followup.naming import item_name
from followup.progress import (
    Line,
    MeasureProgress,
    Reporting,
    ResolutionProgress,
    Tally,
    YearProgress,
    agency_rows,
    unique,
)
from followup.report_fields import FIELDS, Kind, ReportField, Writer, written_by
from followup.status import Status
from forum_portal.thai import format_date
from proposals.codes import shown_code
from proposals.models import Forum, Measure

NOTHING = "–"


def title_of(progress: YearProgress) -> list[str]:
    """The report's title, split where a cover may break the line."""
    forum = progress.resolutions[0].resolution.forum.year_be if progress.resolutions else ""
    title = _(
        "รายงานผลการดำเนินงาน|ตามข้อเสนอจากการประชุม |CSOs Forum ประจำปี %(forum)s |"
        "ประจำปีงบประมาณ พ.ศ. %(year)s"
    ) % {"forum": forum, "year": progress.round.year_be}
    return title.split("|")


def build(
    progress: YearProgress,
    *,
    forums: Iterable[Forum],
    narratives: Mapping[str, str],
    edition: int | None,
    made_at: datetime,
    corrections: Sequence[Snapshot] = (),
) -> Report:
    """The report of a year. Without an `edition` it is a draft, marked as one on every page."""
    written = {
        each.name: Text(narratives.get(each.name) or each.draft, each.name not in narratives)
        for each in slots(progress)
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
    parts = [
        Part(_("คำนำ"), [written["preface"]]),
        Part(_("บทสรุปผู้บริหาร"), _summary(progress, written["summary"]), is_one_page=True),
        Part(_("สารบัญ"), is_contents=True),
        Part(_("ส่วนที่ 1 ความเป็นมาและฐานอำนาจ"), _background(forums)),
        Part(_("ส่วนที่ 2 วิธีการติดตามและนิยามสถานะ"), _method(progress)),
        Part(_("ส่วนที่ 3 ผลการดำเนินงานในภาพรวม"), _overall(progress), is_wide=True),
        Part(
            _("ส่วนที่ 4 ผลการดำเนินงานรายข้อเสนอ"),
            [
                block
                for place, each in enumerate(progress.resolutions)
                for block in _proposal(
                    each,
                    written[slot_of(each.resolution)],
                    place + 2,
                    several=progress.has_several_forums,
                )
            ],
            is_wide=True,
        ),
        Part(_("ส่วนที่ 5 ผลระดับพื้นที่"), _areas(progress)),
        Part(
            _("ส่วนที่ 6 ปัญหา อุปสรรค และข้อเสนอแนะ"),
            _obstacles(progress, written["recommendations"]),
        ),
        Part(_("ส่วนที่ 7 การดำเนินการในระยะต่อไป"), [written["next_steps"]]),
        Part(_("ภาคผนวก ก ข้อความต้นฉบับ"), _source(forums)),
        Part(_("ภาคผนวก ข หน่วยงานที่รายงานและไม่รายงาน"), _agencies(progress)),
        Part(_("ภาคผนวก ค รายการหลักฐาน"), _evidence(progress)),
        Part(
            _("ภาคผนวก ง การแก้ไขหลังเผยแพร่"),
            _corrections(corrections, several=progress.has_several_forums),
        ),
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


def _summary(progress: YearProgress, text: Text) -> list[Block]:
    tally = progress.tally
    bar = Bars(_("สถานะของมาตรการย่อยทั้งหมด"), _told(tally), [bar_row("", tally)])
    return [text, bar]


def _background(forums: Sequence[Forum]) -> list[Block]:
    blocks: list[Block] = []
    for forum in forums:
        blocks += [
            Heading(forum.short_name_th),
            Text(
                _("%(name)s จัดโดย%(organiser)s ร่วมกับ %(partners)s")
                % {
                    "name": forum.name_th,
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
                _(
                    "ตัวหาร %(n)s = มาตรการย่อยทั้งหมด %(total)s − ยุติ %(cancelled)s "
                    "− มาตรการเชิงดุลพินิจที่ไม่มีการใช้ %(unused)s ข้อที่ยังไม่ได้รับรายงานอยู่ในตัวหารเสมอ"
                )
                % {
                    "n": tally.n,
                    "total": tally.total,
                    "cancelled": tally.cancelled,
                    "unused": tally.unused,
                },
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


def _overall(progress: YearProgress) -> list[Block]:
    tally, several = progress.tally, progress.has_several_forums
    statuses = [status for status, _count in tally.rows]
    bars: list[BarRow] = []
    if progress.before:
        bars.append(bar_row(str(progress.before.round.year_be), progress.before.tally))
    bars.append(bar_row(str(progress.round.year_be), tally))
    whole = _("รวม")
    rows = [
        [
            f"{each.resolution.shown_code(several_forums=several)} {each.resolution.title_th}",
            *(str(each.tally.of(status)) for status in statuses),
            str(each.tally.achieved),
            str(each.tally.n),
            str(each.status.label),
        ]
        for each in progress.resolutions
    ]
    rows.append(
        [
            whole,
            *(str(tally.of(status)) for status in statuses),
            str(tally.achieved),
            str(tally.n),
            "",
        ]
    )
    return [
        Text(_told(tally)),
        Bars(_("สถานะของมาตรการย่อยรายปี"), _told(tally), bars),
        Table(
            _("ตารางที่ 1 สถานะรายข้อเสนอ (จำนวนมาตรการย่อย)"),
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
            " ".join(
                _("%(item)s บรรลุแล้ว %(a)s จาก %(n)s")
                % {
                    "item": item_name(each.resolution, several_forums=several),
                    "a": each.tally.achieved,
                    "n": each.tally.n,
                }
                for each in progress.resolutions
            ),
            [
                bar_row(
                    _("ข้อที่ %(number)s")
                    % {"number": each.resolution.shown_code(several_forums=several)},
                    each.tally,
                )
                for each in progress.resolutions
            ],
        ),
    ]


def _proposal(each: ResolutionProgress, comment: Text, table: int, *, several: bool) -> list[Block]:
    item = item_name(each.resolution, several_forums=several)
    return [
        Heading(f"{item} {each.resolution.title_th}"),
        Quote(Verbatim(each.resolution.text)),
        comment,
        *_ruling(each),
        Table(
            _("ตารางที่ %(table)s ผลการดำเนินงานตาม%(item)s") % {"table": table, "item": item},
            [
                _("ที่"),
                _("มาตรการย่อย"),
                _("หน่วยงานหลัก/สนับสนุน"),
                *(column.head for column in _columns()),
            ],
            [_measure(one, several_forums=several) for one in each.measures],
            [2, 6, 5, *(column.width for column in _columns())],
        ),
    ]


def _ruling(each: ResolutionProgress | MeasureProgress) -> list[Block]:
    return [Text(ruled)] if (ruled := _ruled(each)) else []


def _ruled(each: ResolutionProgress | MeasureProgress) -> str:
    if not each.ruling:
        return ""
    sentence = _("คสป. วินิจฉัยเป็น “%(status)s” (ครั้งที่ %(meeting)s)") % {
        "status": each.status.label,
        "meeting": each.ruling.meeting_ref,
    }
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
        if field.is_public:
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
    several = len(each.leads) > 1

    def of_leads(fields: Sequence[ReportField]) -> str:
        told = []
        for line in each.leads:
            if line.report and (
                text := "\n".join(filter(None, (_reported(line, f) for f in fields)))
            ):
                told.append(f"{line.agency.short}: {text}" if several else text)
        return "\n".join(told) or NOTHING

    who = [
        _("หลัก: %(agencies)s")
        % {"agencies": ", ".join(line.agency.short for line in each.leads) or NOTHING}
    ]
    if each.supports:
        who.append(
            _("สนับสนุน: %(agencies)s")
            % {"agencies": ", ".join(line.agency.short for line in each.supports)}
        )
    return [
        each.measure.shown_code(several_forums=several_forums),
        each.measure.title_th,
        "\n".join(who),
        *(of_leads(column.fields) if column.fields else _status(each) for column in _columns()),
    ]


def _status(each: MeasureProgress) -> str:
    lines = [str(each.status.label)]
    if ruled := _ruled(each):
        lines.append(ruled)
    if each.is_unused:
        lines.append(_("ปีนี้ไม่มีการใช้ จึงไม่นับในตัวหาร"))
    lines += [
        _("หน่วยงานรายงานว่า %(status)s") % {"status": line.report.reported.label}
        for line in each.leads
        if line.report and line.report.voices_differ
    ]
    if len(each.leads) > 1:  # one combined status must not hide the worse behind the better
        lines += [
            f"{line.agency.short}: {line.status.label}"
            for line in each.leads
            if line.status is not each.status
        ]
    if each.change:
        lines.append(_("เทียบปีก่อน: %(change)s") % {"change": each.change.label})
    return "\n".join(lines)


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
                [province.name_th, ", ".join(code_of(one) for one in unique(measures))]
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
            f"{code_of(measure.measure)} {measure.measure.title_th}",
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
        for block in (Heading(forum.short_name_th), Quote(Verbatim(forum.source_text)))
    ]


def _agencies(progress: YearProgress) -> list[Block]:
    rows = [
        [row.agency.name_th, str(len(row.lines)), str(row.reported), str(row.silent)]
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


def _corrections(editions: Sequence[Snapshot], *, several: bool) -> list[Block]:
    if not editions:
        return [Text(_("ไม่มีการแก้ไขหลังเผยแพร่"))]
    blocks: list[Block] = []
    effects = effects_of(editions)
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
            Text(effects_text(effects.get(each.pk, ()), several_forums=several)),
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
