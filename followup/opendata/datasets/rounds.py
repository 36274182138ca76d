"""The published rounds: when each was published and corrected, its counting, and its edition's hash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext_lazy as _l

from followup.figures import edition_code
from followup.models import Round, Snapshot
from followup.opendata.datasets.columns import fiscal_year, is_demo, text, utc
from followup.opendata.datasets.progress import tally_columns
from followup.opendata.registry import Column, Dataset, Source, Type
from followup.progress import Tally
from followup.published import Edition, edition_counted, editions
from forum_portal.years import HALF_YEAR


@dataclass(frozen=True)
class PublishedRound:
    """A public round in its standing edition."""

    round: Round
    edition: Edition
    published_at: datetime
    is_state: bool  # it tells its year's state, so that a year is not counted twice

    @property
    def told(self) -> Round:
        """The round's own values as the edition has them."""
        return self.edition.frame.round

    @cached_property
    def tally(self) -> Tally:
        return edition_counted(self.edition).tally

    @property
    def corrected_at(self) -> datetime | None:
        made_at = self.edition.made_at
        return made_at if made_at and made_at > self.published_at else None

    @property
    def code(self) -> str:
        """The edition's code in addresses."""
        return edition_code(self.round.code, self.edition.number)


def _rounds(source: Source) -> Iterator[PublishedRound]:
    """The requested round, or every public one, the earliest first; interim rounds too."""
    if source.round:
        rounds, states = [source.round], set(Round.objects.published())
    else:
        rounds = list(reversed(Round.objects.public()))
        states = set({each.year_be: each for each in rounds}.values())  # the last of each year
    first: dict[int, datetime] = {}
    made = Snapshot.objects.standing().filter(round__in=[each.pk for each in rounds])
    for pk, made_at in made.order_by("number").values_list("round", "made_at"):
        first.setdefault(pk, made_at)
    for round_, edition in editions(rounds).items():
        yield PublishedRound(round_, edition, first[round_.pk], is_state=round_ in states)


ROUNDS = Dataset(
    name="rounds",
    title=_l("รอบติดตามที่เผยแพร่"),
    about=_l(
        "หนึ่งแถวต่อหนึ่งรอบ ตามฉบับล่าสุดที่เผยแพร่ รวมรอบ 6 เดือนของปีที่มีรอบ 12 เดือนแล้ว "
        "เลือก is_year_state ก่อนบวกข้ามปี จำนวนมาตรการย่อยรวมทุกเวที"
    ),
    key="round_code",
    example="year",
    columns=(
        Column(
            "round_code",
            _l("รหัสรอบติดตาม"),
            lambda each: each.round.code,
            about=_l("ปี พ.ศ. ตามด้วย -6 เมื่อเป็นรอบ 6 เดือน"),
            pattern=f"25[6-9][0-9](-{HALF_YEAR})?",
            is_required=True,
        ),
        *fiscal_year(lambda each: each.round),
        Column(
            "is_year_state",
            _l("เป็นรอบล่าสุดของปีนั้น"),
            lambda each: each.is_state,
            Type.BOOLEAN,
            about=_l("false: รอบ 6 เดือนของปีที่เผยแพร่รอบ 12 เดือนแล้ว"),
            is_required=True,
        ),
        Column(
            "starts_on", _l("เริ่มรอบ"), lambda each: each.told.starts_on, Type.DATE, is_required=True
        ),
        Column(
            "ends_on", _l("สิ้นสุดรอบ"), lambda each: each.told.ends_on, Type.DATE, is_required=True
        ),
        Column(
            "published_at",
            _l("เผยแพร่ครั้งแรกเมื่อ (เวลาสากล)"),
            lambda each: utc(each.published_at),
            Type.DATETIME,
            is_required=True,
        ),
        Column(
            "corrected_at",
            _l("แก้ไขล่าสุดเมื่อ (เวลาสากล)"),
            lambda each: utc(each.corrected_at) if each.corrected_at else None,
            Type.DATETIME,
            about=_l("ว่าง: ยังไม่เคยแก้ไขหลังเผยแพร่ รายการที่แก้อยู่ใน corrections"),
        ),
        text(
            "meeting_ref",
            _l("การประชุม คสป. ครั้งที่"),
            lambda each: each.told.meeting_ref,
            about=_l("ครั้งที่รับทราบรายงาน"),
        ),
        Column("meeting_on", _l("วันที่ประชุม"), lambda each: each.told.meeting_on, Type.DATE),
        *tally_columns(),
        Column(
            "reports_expected",
            _l("รายงานที่คาดหมาย"),
            lambda each: each.edition.expected,
            Type.INTEGER,
            minimum=0,
            is_required=True,
        ),
        Column(
            "reports_received",
            _l("รายงานที่ได้รับ"),
            lambda each: each.edition.received,
            Type.INTEGER,
            about=_l("ตัวหารคือรายงานที่คาดหมาย"),
            minimum=0,
            is_required=True,
        ),
        Column(
            "edition",
            _l("ฉบับที่"),
            lambda each: each.edition.number,
            Type.INTEGER,
            about=_l("ฉบับที่ 1 คือฉบับที่เผยแพร่ครั้งแรก"),
            minimum=1,
            is_required=True,
        ),
        Column(
            "edition_sha256",
            _l("ค่าตรวจสอบของฉบับ SHA-256"),
            lambda each: each.edition.digest,
            pattern="[0-9a-f]{64}",
            is_required=True,
        ),
        Column(
            "edition_path",
            _l("ที่อยู่ของเนื้อหาฉบับบนระบบนี้"),
            lambda each: reverse("receipt-edition", args=[each.code]),
            about=_l("ไฟล์ที่ใช้คำนวณค่าตรวจสอบ"),
            is_required=True,
        ),
        is_demo(lambda each: each.round),
    ),
    take=_rounds,
    by_year=True,
)
