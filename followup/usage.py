"""What uses a row that somebody wants to delete: editions that the public reads, rounds, reports.

Foreign keys protect rows that other rows refer to. An edition is a text that names rows by their keys,
and some columns are emptied when their row goes; those are found here.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from followup.models import Agency, Province, Round, Snapshot, StatusReport, User
from proposals.models import Forum

#: Model -> the text by which an edition names one of its rows (see `snapshots.FROZEN_COLUMNS`).
_IN_EDITION = {
    Agency: '"agency_id":%s,',
    Province: '{"code":"%s","name_th":',
    Forum: '"forum_id":%s,',
}


def uses_of(row: Model) -> list[str]:
    """Sentences that say what uses the row, and what to do instead; [] if it can go. Four queries."""
    model = type(row)
    found = [*_of_editions(row), *_of_reports(row)]
    if found and model in _instead():
        found.append(_instead()[model])
    return found


def _instead() -> dict[type[Model], str]:
    return {
        Agency: _("หากหน่วยงานยุบหรือบันทึกซ้ำ ใช้ “เปลี่ยนเป็นหน่วยงานอื่น” หรือ “รวมกับหน่วยงานอื่น” ที่หน้าหน่วยงาน"),
        User: _("ปิดการใช้งานบัญชี หรือใช้ “ลบข้อมูลส่วนบุคคล” แทน ประวัติจะคงอยู่"),
        Forum: _("หากไม่ติดตามต่อ ใช้ “สรุปการติดตาม” ที่หน้าเวทีแทน"),
    }


def _of_editions(row: Model) -> Iterable[str]:
    if isinstance(row, User):
        editions = Snapshot.objects.filter(made_by=row)
        said = _("“%(row)s” เผยแพร่ฉบับของปีงบประมาณ %(years)s")
    elif text := _IN_EDITION.get(type(row)):
        editions = Snapshot.objects.filter(content__contains=text % row.pk)
        said = _("ฉบับที่เผยแพร่ของปีงบประมาณ %(years)s แสดง “%(row)s”")
    else:
        return
    if years := _labels(Round.objects.filter(snapshots__in=editions)):
        yield said % {"years": years, "row": row}


def _labels(rounds: QuerySet[Round]) -> str:
    """The fiscal years of rounds, the earliest first, each once."""
    every = sorted(set(rounds), key=lambda each: each.order)
    return ", ".join(each.label for each in every)


def _of_reports(row: Model) -> Iterable[str]:
    if isinstance(row, Agency):
        used = Q(assignment__agency=row)
    elif isinstance(row, Province):
        used = Q(provinces=row)
    elif isinstance(row, Forum):
        used = Q(assignment__measure__resolution__forum=row)
    elif isinstance(row, User):
        # A report that somebody else has submitted or approved anew since counts too.
        theirs = Q(submitted_by=row) | Q(approved_by=row)
        earlier = StatusReport.history.filter(theirs).values("id")
        used = theirs | Q(pk__in=earlier)
    else:
        return
    reports = StatusReport.objects.filter(used, version__gt=0)
    if years := _labels(Round.objects.filter(reports__in=reports)):
        yield _("รายงานผล %(n)s ฉบับในรอบ %(years)s อ้างถึง “%(row)s”") % {
            "n": reports.distinct().count(),
            "years": years,
            "row": row,
        }
