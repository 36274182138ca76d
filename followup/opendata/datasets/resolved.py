"""Forums, resolutions and measures."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _l

from followup.opendata.datasets.columns import (
    MEASURE_ID,
    SEPARATOR,
    coded,
    forum_year,
    measure_code,
    measure_id,
    measure_key,
    resolution_key,
    resolution_number,
    text,
    year_columns,
)
from followup.opendata.registry import Column, Dataset, Type
from proposals.models import Forum, Measure, MeasureKind, Relation, Resolution, SdgTarget

FORUMS = Dataset(
    name="forums",
    title=_l("การประชุม CSOs Forum"),
    about=_l("การประชุมแต่ละครั้ง หนึ่งแถวต่อหนึ่งครั้ง"),
    key="forum_year_be",
    example="forum",
    columns=(
        *forum_year(lambda forum: forum, refers_to=""),
        Column("name_th", _l("ชื่อเต็ม"), lambda forum: forum.name_th, is_required=True),
        Column("short_name_th", _l("ชื่อสั้น"), lambda forum: forum.short_name_th, is_required=True),
        text("name_en", _l("ชื่อภาษาอังกฤษ"), lambda forum: forum.name_en),
        text("theme_th", _l("หัวข้อการประชุม"), lambda forum: forum.theme_th),
        text("organiser_th", _l("ผู้จัด"), lambda forum: forum.organiser_th),
        text(
            "partners_th",
            _l("องค์กรร่วมจัด"),
            lambda forum: SEPARATOR.join(forum.partners_th),
            about=_l("คั่นด้วย |"),
        ),
        Column(
            "participants_total",
            _l("จำนวนผู้เข้าร่วม"),
            lambda forum: forum.participants_total,
            Type.INTEGER,
            minimum=0,
        ),
        Column(
            "regional_workshops",
            _l("เวทีระดับภาค"),
            lambda forum: forum.regional_workshops,
            Type.INTEGER,
            minimum=0,
        ),
        text("objective_th", _l("วัตถุประสงค์"), lambda forum: forum.objective_th),
        *year_columns(
            "followed_from",
            _l("ติดตามตั้งแต่รอบปีงบประมาณ พ.ศ."),
            _l("ติดตามตั้งแต่รอบปีงบประมาณ ค.ศ."),
            lambda forum: forum.followed_from,
            is_required=True,
        ),
        *year_columns(
            "concluded_after",
            _l("รอบสุดท้ายที่ติดตาม พ.ศ."),
            _l("รอบสุดท้ายที่ติดตาม ค.ศ."),
            lambda forum: forum.concluded_after,
            about=_l("ว่าง: ยังติดตามอยู่"),
        ),
        text("concluded_reason_th", _l("เหตุผลที่สรุปการติดตาม"), lambda each: each.concluded_reason),
        text("concluded_by_meeting", _l("สรุปตามมติ คสป. ครั้งที่"), lambda each: each.concluded_ref),
        Column("concluded_on", _l("วันที่มีมติสรุป"), lambda each: each.concluded_on, Type.DATE),
    ),
    take=lambda source: Forum.objects.order_by("year_be"),
)

RESOLUTIONS = Dataset(
    name="resolutions",
    title=_l("ข้อเสนอ"),
    about=_l("ข้อเสนอของการประชุม ข้อความตรงตามต้นฉบับทุกตัวอักษร ชื่อย่อจัดทำโดยฝ่ายเลขานุการ"),
    key="resolution_id",
    example="resolution",
    columns=(
        resolution_key(lambda resolution: resolution, refers_to="", is_required=True),
        *forum_year(lambda resolution: resolution.forum),
        resolution_number(lambda resolution: resolution.number, is_required=True),
        Column("title_th", _l("ชื่อย่อ"), lambda resolution: resolution.title_th, is_required=True),
        text("title_en", _l("ชื่อภาษาอังกฤษ"), lambda resolution: resolution.title_en),
        Column(
            "text_th",
            _l("ข้อความตามต้นฉบับ"),
            lambda resolution: resolution.text,
            about=_l("คงตัวสะกดและเลขไทยตามเอกสารต้นฉบับ"),
            is_required=True,
        ),
    ),
    take=lambda source: Resolution.objects.for_display(),
)

MEASURES = Dataset(
    name="measures",
    title=_l("มาตรการย่อย"),
    about=_l("ส่วนของข้อเสนอที่ติดตามแยกกันได้ เป็นช่วงข้อความของต้นฉบับ"),
    key="measure_id",
    example="measure",
    columns=(
        measure_key(lambda measure: measure, refers_to="", is_required=True),
        *forum_year(lambda measure: measure.resolution.forum),
        resolution_key(lambda measure: measure.resolution, is_required=True),
        resolution_number(lambda measure: measure.resolution.number, is_required=True),
        measure_code(lambda measure: measure.code, is_required=True),
        Column("title_th", _l("ชื่อย่อ"), lambda measure: measure.title_th, is_required=True),
        text("title_en", _l("ชื่อภาษาอังกฤษ"), lambda measure: measure.title_en),
        Column("text_th", _l("ข้อความตามต้นฉบับ"), lambda measure: measure.span, is_required=True),
        *coded("kind", _l("ลักษณะ"), MeasureKind, lambda measure: measure.kind, is_required=True),
        text(
            "suggested_evidence_th",
            _l("หลักฐานที่ควรมี"),
            lambda measure: measure.suggested_evidence_th,
        ),
        *coded(
            "relation",
            _l("เกี่ยวกับข้อของเวทีก่อน"),
            Relation,
            lambda measure: measure.relation,
            about=_l("replaces: ข้อเดิมติดตามต่อภายใต้ข้อนี้ และไม่นับที่เวทีเดิมตั้งแต่รอบแรกของเวทีนี้"),
        ),
        Column(
            "earlier_measure_id",
            _l("รหัสอ้างอิงข้อเดิม"),
            lambda measure: measure_id(measure.earlier) if measure.earlier else None,
            about=_l("มาตรการย่อยของเวทีก่อน ว่าง: ไม่เกี่ยวกับข้อใด"),
            pattern=MEASURE_ID,
            refers_to="measures",
        ),
    ),
    take=lambda source: Measure.objects.select_related(
        "resolution__forum", "earlier__resolution__forum"
    ),
)

_SDG_NUMBER = r"([1-9]|1[0-7])\.([1-9][0-9]?|[a-d])"
#: The United Nations' addresses of goals and targets as linked data.
SDG_ADDRESS = "http://metadata.un.org/sdg/"


def _sdg_target(link: SdgTarget) -> str:
    """The target's code: with letters, because a program would read 16.10 as the number 16.1."""
    return f"SDG-{link.target}"


SDG_LINKS = Dataset(
    name="sdg_links",
    title=_l("ข้อเสนอกับเป้าหมาย SDGs"),
    about=_l("เป้าหมายการพัฒนาที่ยั่งยืนที่เกี่ยวข้องกับข้อเสนอ ผู้จัดทำระบบเป็นผู้เชื่อมโยง ไม่ได้ระบุในต้นฉบับ"),
    key="sdg_link_id",
    example="sdg_link",
    columns=(
        Column(
            "sdg_link_id",
            _l("รหัสแถว"),
            lambda link: f"{link.resolution.full_code}-{_sdg_target(link)}",
            is_required=True,
        ),
        *forum_year(lambda link: link.resolution.forum),
        resolution_key(lambda link: link.resolution, is_required=True),
        resolution_number(lambda link: link.resolution.number, is_required=True),
        Column(
            "sdg_goal",
            _l("เป้าหมายหลัก SDGs"),
            lambda link: link.goal,
            Type.INTEGER,
            minimum=1,
            maximum=17,
            is_required=True,
        ),
        Column(
            "sdg_target",
            _l("เป้าหมายย่อย SDGs"),
            _sdg_target,
            about=_l("SDG- แล้วตามด้วยเลขของสหประชาชาติ ให้โปรแกรมไม่อ่าน 16.10 เป็น 16.1"),
            pattern=f"SDG-{_SDG_NUMBER}",
            is_required=True,
        ),
        Column(
            "sdg_target_url",
            _l("ที่อยู่ของเป้าหมายย่อยที่สหประชาชาติ"),
            lambda link: f"{SDG_ADDRESS}{link.target}",
            is_url=True,
            is_required=True,
        ),
        text("reason_th", _l("เหตุผลที่เชื่อมโยง"), lambda link: link.justification_th),
    ),
    # The admin takes any text as a target; what is none of the United Nations' has no address there.
    take=lambda source: (
        SdgTarget.objects.filter(target__regex=f"^{_SDG_NUMBER}$")
        .select_related("resolution__forum")
        .order_by("resolution__forum__year_be", "resolution__number", "position", "pk")
    ),
)
