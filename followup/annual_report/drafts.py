"""Generated texts of the report, used until staff write their own: the figures in plain sentences.

The slots are those of `followup.models.annual`: texts on the whole report, and a comment on each
proposal. The meeting's resolution cannot be generated: until staff write it, there are boxes to tick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from django.utils.translation import gettext as _

from followup.models.annual import SLOTS, resolution_slot, slot_label
from followup.naming import forum_name, forums_title, item_name, of_all_forums
from followup.progress import (
    Involved,
    MeasureProgress,
    ResolutionProgress,
    Tally,
    YearProgress,
)
from followup.status import ACHIEVED, Status
from forum_portal.languages import listed
from proposals.models import Forum, Resolution

#: Limits in characters; the summary shares one page with its chart.
LIMITS = {"summary": 1500}
#: Limits in lines, for slots that have one.
LINE_LIMITS = {"summary": 12}


def slot_of(resolution: Resolution) -> str:
    return resolution_slot(resolution.forum.year_be, resolution.number)


@dataclass(frozen=True)
class Slot:
    """A slot for a text: its name, its label, and the generated draft shown until staff write.

    The draft is empty if there is nothing to generate it from. `forum` is that of a commented proposal.
    """

    name: str
    label: str
    draft: str
    forum: Forum | None = None


def slots(
    progress: YearProgress, *, duty: Resolution | None, involved: Involved | None = None
) -> list[Slot]:
    """All slots of a year's report, in the report's order. `duty`: see `followup.duty`.

    `involved` is counted from `progress` if it is not given.
    """
    involved = involved or Involved.of(progress)
    write: dict[str, Callable[[YearProgress], str]] = {
        "preface": partial(preface, duty=duty, involved=involved),
        "summary": summary,
        "recommendations": partial(recommendations, involved=involved),
        "next_steps": next_steps,
        "meeting": lambda _progress: "",
    }
    several = progress.has_several_forums
    fixed = [Slot(name, str(label), write[name](progress)) for name, label in SLOTS.items()]
    comments = [
        Slot(
            slot_of(each.resolution),
            f"{slot_label(slot_of(each.resolution), several_forums=several)} "
            f"{each.resolution.title_th}",
            comment(each),
            each.resolution.forum,
        )
        for each in progress.resolutions
    ]
    return [*fixed[:2], *comments, *fixed[2:]]


def too_long(texts: Mapping[str, str], *, limit: int) -> dict[str, str]:
    """Slot -> error, for texts that exceed their space in the report. `limit`: characters."""
    problems = {}
    for name, text in texts.items():
        if len(text) > (most := LIMITS.get(name, limit)):
            problems[name] = _(
                "ข้อความยาว %(length)s อักขระ เกินกำหนด %(limit)s อักขระ ตัดให้สั้นลงแล้วบันทึกอีกครั้ง"
            ) % {"length": len(text), "limit": most}
        elif (lines := len(text.splitlines())) > (most := LINE_LIMITS.get(name, limit)):
            problems[name] = _(
                "ข้อความมี %(lines)s บรรทัด เกินกำหนด %(limit)s บรรทัด รวมบรรทัดแล้วบันทึกอีกครั้ง"
            ) % {"lines": lines, "limit": most}
    return problems


def codes(measures: Iterable[MeasureProgress]) -> str:
    """The short codes of measures of one forum, whose name stands beside them if there are several."""
    return ", ".join(each.measure.code for each in measures)


def counted(tally: Tally) -> str:
    """`บรรลุแล้ว 3 ข้อ อยู่ระหว่างดำเนินการ 2 ข้อ …`: the statuses that occur, in the vocabulary's words."""
    told = [_("บรรลุแล้ว %(count)s ข้อ") % {"count": tally.achieved}]
    told += [
        _("%(status)s %(count)s ข้อ") % {"status": status.label, "count": count}
        for status, count in tally.rows
        if count and status not in ACHIEVED
    ]
    return listed(told)


def preface(
    progress: YearProgress, *, duty: Resolution | None, involved: Involved | None = None
) -> str:
    """Why there is this report, which forums it is about, and how many agencies reported."""
    involved = involved or Involved.of(progress)
    about = forums_title(forum for forum, _year in progress.parts)
    if duty:
        why = _(
            "รายงานฉบับนี้จัดทำขึ้นตาม%(item)s จากการประชุม %(forum)s ซึ่งให้คณะกรรมการส่งเสริมและพัฒนา"
            "องค์กรภาคประชาสังคม (คสป.) ติดตามและรายงานผลเป็นประจำทุกปี"
        ) % {"item": item_name(duty, several_forums=False), "forum": forums_title([duty.forum])}
    else:
        why = _(
            "รายงานฉบับนี้แสดงผลที่คณะกรรมการส่งเสริมและพัฒนาองค์กรภาคประชาสังคม (คสป.) "
            "ติดตามตามข้อเสนอจากการประชุม %(forum)s"
        ) % {"forum": about}
    lines = [why]
    if progress.has_several_forums:
        lines.append(
            _(
                "รายงานครอบคลุมข้อเสนอจาก %(count)s เวที คือ %(forums)s ตัวเลขของแต่ละเวทีมีตัวหารของตนเอง "
                "ส่วนจำนวนหน่วยงานเป็นจำนวน%(all)s หน่วยงานเดียวกันนับครั้งเดียว"
            )
            % {"count": len(progress.parts), "forums": about, "all": of_all_forums()}
        )
    lines.append(
        _(
            "ในปีงบประมาณ พ.ศ. %(year)s มีหน่วยงานที่ต้องรายงาน %(agencies)s หน่วยงาน "
            "รายงานแล้ว %(reported)s หน่วยงาน "
            "เนื้อหารวบรวมจากรายงานที่ฝ่ายเลขานุการ คสป. ตรวจแล้ว "
            "ตัวเลขทุกตัวนับด้วยวิธีเดียวกับที่แสดงในระบบติดตามผลข้อเสนอ CSOs Forum"
        )
        % {
            "year": progress.round.label,
            "agencies": involved.agencies,
            "reported": involved.heard,
        }
    )
    return "\n".join(lines)


def summary(progress: YearProgress) -> str:
    if progress.has_several_forums:
        return _summary_of_several(progress)
    return "\n".join([*_figures(progress), *_named(progress)])


def _summary_of_several(progress: YearProgress) -> str:
    """A paragraph for each forum; only its figures if all of it exceeds the summary's one page."""
    opening = _(
        "ในปีงบประมาณ พ.ศ. %(year)s ติดตามข้อเสนอจาก %(count)s เวที ตัวเลขของแต่ละเวทีมีตัวหารของตนเอง"
    ) % {"year": progress.round.label, "count": len(progress.parts)}
    told = {forum: _figures(year) for forum, year in progress.parts}
    more = {forum: [*told[forum], *_named(year)] for forum, year in progress.parts}
    for each in (more, told):
        text = "\n".join(
            [opening, *(_of_forum(forum, " ".join(lines)) for forum, lines in each.items())]
        )
        if not too_long({"summary": text}, limit=LIMITS["summary"]):
            break
    return text


def _of_forum(forum: Forum, text: str) -> str:
    return _("%(forum)s: %(text)s") % {"forum": forum_name(forum), "text": text}


def _figures(progress: YearProgress) -> list[str]:
    """The counts of one forum's year, and its changes."""
    tally = progress.tally
    lines = [
        _("ในปีงบประมาณ พ.ศ. %(year)s มีมาตรการย่อยที่นับ %(n)s ข้อ จากทั้งหมด %(total)s ข้อ %(counted)s")
        % {
            "year": progress.round.label,
            "n": tally.n,
            "total": tally.total,
            "counted": counted(tally),
        },
        _("มาตรการย่อยที่มีความเคลื่อนไหว คือบรรลุแล้วหรืออยู่ระหว่างดำเนินการ รวม %(moving)s จาก %(n)s ข้อ")
        % {"moving": tally.moving, "n": tally.n},
    ]
    if progress.before and progress.changes:
        changes = listed(
            _("%(change)s %(count)s ข้อ") % {"change": change.label, "count": count}
            for change, count in progress.changes
        )
        lines.append(
            _("เมื่อเทียบกับปีงบประมาณ พ.ศ. %(year)s: %(changes)s")
            % {"year": progress.before.round.label, "changes": changes}
        )
    return lines


def _named(progress: YearProgress) -> list[str]:
    """The measures of one forum's year that need attention, by their codes."""
    lines = []
    if on_hold := progress.with_status(Status.ON_HOLD):
        lines.append(_("มาตรการย่อยที่ชะลอหรือติดปัญหา ได้แก่ %(codes)s") % {"codes": codes(on_hold)})
    if silent := progress.with_status(Status.NO_REPORT):
        lines.append(_("มาตรการย่อยที่ยังไม่ได้รับรายงาน ได้แก่ %(codes)s") % {"codes": codes(silent)})
    if nobodys := progress.unassigned:
        lines.append(_("มาตรการย่อยที่ยังไม่มีผู้รับผิดชอบ ได้แก่ %(codes)s") % {"codes": codes(nobodys)})
    return lines


def comment(each: ResolutionProgress) -> str:
    if each.replaced and not each.measures:
        return _("มาตรการย่อยทุกข้อติดตามต่อภายใต้ข้อเสนอของเวทีหลัง จึงไม่นับที่นี่")
    lines = [
        _("มาตรการย่อยที่นับ %(n)s ข้อ %(counted)s สถานะโดยรวม: %(status)s")
        % {"n": each.tally.n, "counted": counted(each.tally), "status": each.status.label}
    ]
    held = [one for one in each.measures if one.status is Status.ON_HOLD]
    if held:
        lines.append(_("มาตรการย่อย %(codes)s ชะลอหรือติดปัญหา") % {"codes": codes(held)})
    silent = [one for one in each.measures if one.status is Status.NO_REPORT]
    if silent:
        lines.append(_("มาตรการย่อย %(codes)s ยังไม่ได้รับรายงาน") % {"codes": codes(silent)})
    nobodys = [one for one in each.measures if one.status is Status.UNASSIGNED]
    if nobodys:
        lines.append(_("มาตรการย่อย %(codes)s ยังไม่มีผู้รับผิดชอบ") % {"codes": codes(nobodys)})
    ended = [one for one in each.measures if one.status is Status.CANCELLED]
    if ended:
        lines.append(_("มาตรการย่อย %(codes)s ยุติแล้ว จึงไม่นับในตัวหาร") % {"codes": codes(ended)})
    return "\n".join(lines)


def _each_forum(progress: YearProgress, write: Callable[[YearProgress], list[str]]) -> list[str]:
    """The lines about each forum's year, which name the forum if there are several."""
    if not progress.has_several_forums:
        return write(progress)
    return [_of_forum(forum, line) for forum, year in progress.parts for line in write(year)]


def recommendations(progress: YearProgress, *, involved: Involved | None = None) -> str:
    def held(year: YearProgress) -> list[str]:
        found = year.with_status(Status.ON_HOLD)
        said = _("ควรพิจารณาแก้ไขปัญหา/อุปสรรคของมาตรการย่อยที่ชะลอ ได้แก่ %(codes)s")
        return [said % {"codes": codes(found)}] if found else []

    lines = _each_forum(progress, held)
    involved = involved or Involved.of(progress)
    if silent := involved.agencies - involved.heard:
        lines.append(
            _("ควรติดตามหน่วยงานที่ยังไม่ได้รายงาน %(count)s หน่วยงาน ตามรายชื่อในภาคผนวก ข")
            % {"count": silent}
        )
    return "\n".join(lines) or _("ไม่มีมาตรการย่อยที่ชะลอ และได้รับรายงานครบทุกหน่วยงาน")


def next_steps(progress: YearProgress) -> str:
    def open_ones(year: YearProgress) -> list[str]:
        told = (
            (_("มาตรการย่อยที่อยู่ระหว่างดำเนินการ %(count)s ข้อ ได้แก่ %(codes)s"), Status.IN_PROGRESS),
            (_("มาตรการย่อยที่ยังไม่ดำเนินการ %(count)s ข้อ ได้แก่ %(codes)s"), Status.NOT_STARTED),
        )
        return [
            said % {"count": len(found), "codes": codes(found)}
            for said, status in told
            if (found := year.with_status(status))
        ]

    coming = _("ฝ่ายเลขานุการ คสป. จะติดตามผลในรอบปีงบประมาณ พ.ศ. %(year)s ต่อไป") % {
        "year": progress.round.year_be + 1
    }
    return "\n".join([coming, *_each_forum(progress, open_ones)])
