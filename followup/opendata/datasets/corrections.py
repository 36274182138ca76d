"""Changes made after publication."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _l

from followup.corrections import Difference, describe
from followup.models import Round, Snapshot
from followup.opendata.datasets.columns import fiscal_year, is_demo, text, utc
from followup.opendata.registry import Column, Dataset, Source, Type
from proposals.codes import Code, full_code, parse_code


@dataclass(frozen=True)
class Corrected:
    """One change of one correction of a published round."""

    snapshot: Snapshot
    number: int
    change: Mapping[str, str]  # codes, as stored
    words: Difference  # the same as the page tells it

    @property
    def code(self) -> Code | None:
        """The code of the measure or resolution; None if the change is to the round itself."""
        return parse_code(self.change["measure"])

    @property
    def resolution(self) -> str | None:
        return (
            full_code(self.code.year, self.code.resolution)
            if self.code and self.code.year
            else None
        )

    @property
    def id(self) -> str:
        return f"{self.snapshot.round.code}-{self.snapshot.number}-{self.number}"


def corrections(source: Source) -> Iterable[Snapshot]:
    """The corrections of the requested round, or of all public ones, the earliest first."""
    rounds = [source.round.pk] if source.round else Round.objects.public().values("pk")
    return (
        Snapshot.objects.corrections()
        .filter(round__in=rounds)
        .select_related("round")
        .defer("content")
        .order_by("made_at", "pk")
    )


def _corrections(source: Source) -> Iterator[Corrected]:
    for snapshot in corrections(source):
        pairs = zip(snapshot.changes, describe(snapshot, several_forums=True), strict=True)
        for number, (change, words) in enumerate(pairs, start=1):
            yield Corrected(snapshot, number, change, words)


CORRECTIONS = Dataset(
    name="corrections",
    title=_l("การแก้ไขหลังเผยแพร่"),
    about=_l("สิ่งที่แก้หลังเผยแพร่ หนึ่งแถวต่อหนึ่งรายการ พร้อมเหตุผล ค่าเดิม และค่าใหม่"),
    key="correction_id",
    example="correction",
    columns=(
        Column("correction_id", _l("รหัสการแก้ไข"), lambda each: each.id, is_required=True),
        *fiscal_year(lambda each: each.snapshot.round),
        Column(
            "edition",
            _l("ฉบับที่"),
            lambda each: each.snapshot.number,
            Type.INTEGER,
            about=_l("ฉบับที่ 1 คือฉบับที่เผยแพร่ครั้งแรก"),
            minimum=2,
            is_required=True,
        ),
        Column(
            "corrected_at",
            _l("แก้ไขเมื่อ (เวลาสากล)"),
            lambda each: utc(each.snapshot.made_at),
            Type.DATETIME,
            is_required=True,
        ),
        Column("reason_th", _l("เหตุผล"), lambda each: each.snapshot.reason, is_required=True),
        text(
            "resolution_id",
            _l("รหัสข้อเสนอ"),
            lambda each: each.resolution,
            about=_l("ว่าง เมื่อเป็นข้อความของรายงานประจำปีหรือการประชุมของรอบ"),
        ),
        text(
            "measure_id",
            _l("รหัสอ้างอิงมาตรการย่อย"),
            lambda each: each.change["measure"] if each.code and each.code.clause else None,
            about=_l("ว่างด้วย เมื่อเป็นมติ คสป. ทั้งข้อเสนอ"),
        ),
        text("agency_code", _l("รหัสหน่วยงาน"), lambda each: each.change["agency"]),
        text(
            "organisation_name_th",
            _l("องค์กรภาคประชาสังคม"),
            lambda each: each.words.organisation,
            about=_l("มีเฉพาะเมื่อแก้การประเมินของภาคประชาสังคม"),
        ),
        Column(
            "field_code", _l("รหัสรายการที่แก้"), lambda each: each.change["field"], is_required=True
        ),
        Column("field_th", _l("รายการที่แก้"), lambda each: each.words.label, is_required=True),
        text("before", _l("เดิม"), lambda each: each.change["before"], about=_l("ค่าตามที่เก็บ")),
        text("before_th", _l("เดิม"), lambda each: each.words.before, about=_l("ตามที่แสดงบนหน้าเว็บ")),
        text("after", _l("แก้เป็น"), lambda each: each.change["after"], about=_l("ค่าตามที่เก็บ")),
        text("after_th", _l("แก้เป็น"), lambda each: each.words.after, about=_l("ตามที่แสดงบนหน้าเว็บ")),
        is_demo(lambda each: each.snapshot.round),
    ),
    take=_corrections,
    by_year=True,
)
