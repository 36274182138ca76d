"""The fields of a report, each declared once.

Everything that stores, shows, compares, imports or exports a report reads `FIELDS`: the verbs, the
history, the editions, the forms, the workbook, the import, the admin, the open data and the annual
report. Each module handles a `Kind`, and names a field only where it must. A new field of a known
kind needs a declaration here, a column of `StatusReport` and a migration.

This module imports no model, because the models take their labels from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import grades, responses
from followup.status import Status
from forum_portal.thai import format_baht, format_date, format_number

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as Promise

TEXT_LIMIT = 4000  # characters of a text
WORD_LIMIT = 40  # characters of one line, such as the number of a meeting


class Kind(StrEnum):
    """The kind of content; it decides how each module handles a field."""

    STATUS = "status"  # a code of the vocabulary
    TEXT = "text"  # paragraphs
    WORD = "word"  # one line
    MONEY = "money"  # an amount in baht
    COUNT = "count"  # a whole number
    NUMBER = "number"  # a decimal number with a sign
    DATE = "date"  # a day
    CHOICE = "choice"  # a code of another vocabulary, see `ReportField.choices`
    CODES = "codes"  # project codes, one a line, see `followup.project_codes`
    PROVINCES = "provinces"  # many to many
    EVIDENCE = "evidence"  # rows of another table
    FLAG = "flag"  # a tick


class Writer(StrEnum):
    """The author of a field."""

    AGENCY = "agency"  # the agency, or the secretariat on its behalf, in the report
    COMMITTEE = "committee"  # the committee, in its assessment
    REPLY = "reply"  # the agency, in its answer to an assessment


class Section(StrEnum):
    """What a field is about. Fields of a section stand together, in forms and on pages.

    What the sections of `STANDING` say stands until a later report says it again.
    """

    REPORT = "report"  # the year's own report
    RESPONSE = "response"  # what a lead agency answers to the measure
    TARGET = "target"  # by when it promises what
    INDICATOR = "indicator"  # what it measures its work by
    PROJECTS = "projects"  # under which codes other systems know it

    @property
    def label(self) -> Promise:
        return _SECTIONS[self]


_SECTIONS: Mapping[Section, Promise] = {
    Section.REPORT: _l("รายงานผล"),
    Section.RESPONSE: _l("คำตอบของหน่วยงาน"),
    Section.TARGET: _l("กำหนดแล้วเสร็จ"),
    Section.INDICATOR: _l("ตัวชี้วัด"),
    Section.PROJECTS: _l("รหัสโครงการ"),
}

#: The empty value of each kind.
_EMPTY: Mapping[Kind, Any] = {
    Kind.STATUS: "",
    Kind.TEXT: "",
    Kind.WORD: "",
    Kind.MONEY: None,
    Kind.COUNT: None,
    Kind.NUMBER: None,
    Kind.DATE: None,
    Kind.CHOICE: "",
    Kind.CODES: "",
    Kind.PROVINCES: (),
    Kind.EVIDENCE: (),
    Kind.FLAG: False,
}


@dataclass(frozen=True)
class SheetColumn:
    """A field's column in spreadsheets.

    `name` is its `spreadsheets.types.Field`; `heading` is its heading in the portal's workbook.
    `aliases` are further headings that an import recognises, besides the field's own labels and the
    word list. A rare field is seldom filled in: forms and the workbook put it after the others.
    """

    name: str
    width: int = 14  # characters
    heading: str = ""  # "": the field's label
    label: Promise | None = None  # in questions of an import, if the short label does not fit
    aliases: tuple[str, ...] = ()
    is_rare: bool = False
    note: tuple[Promise, Promise] | None = None  # title and text of the input message beside a cell
    help: Promise | None = None  # on the workbook's instruction sheet


@dataclass(frozen=True)
class ReportField:
    """One field: its name in the models, its labels, its author, and where it appears."""

    name: str
    label: Promise
    kind: Kind
    section: Section = Section.REPORT
    choices: tuple[TextChoices, ...] = ()  # of a CHOICE: what may be stored, in order
    max_length: int = 0  # characters of a line or text; 0: the kind's limit
    short_label: Promise | None = None  # in forms and tables, where context completes it
    writer: Writer = Writer.AGENCY
    stands_alone: bool = (
        False  # of the committee: told also where it agrees with the agency's status
    )
    is_public: bool = True  # on public pages, in editions, open data and the annual report
    is_compared: bool = True  # a difference between two editions is a correction
    column: SheetColumn | None = None
    data_name: str = ""  # in the open data, without its kind's suffix; "" leaves it out
    need: Promise | None = None  # in the form: when it is required
    hint: Promise | None = None  # in the form: how to fill it in
    is_long: bool = False  # a main text of the report
    blank: Promise | None = None  # on public pages if the field is empty; None: not shown
    said: Promise | None = None  # on public pages: the meaning of a tick, as a sentence
    group: Promise | None = None  # label of the line that shows several amounts together
    part: Promise | None = None  # the amount's label within that line

    @property
    def short(self) -> Promise:
        return self.short_label or self.label

    @property
    def heading(self) -> str:
        """The heading in the portal's workbook and in narrow tables."""
        own = self.column.heading if self.column else ""
        return _(own) if own else str(self.label)

    @property
    def limit(self) -> int:
        """The maximum length of a text or a line, in characters."""
        return self.max_length or (WORD_LIMIT if self.kind is Kind.WORD else TEXT_LIMIT)

    @property
    def is_column(self) -> bool:
        """Whether it is a column of the report's table."""
        return self.kind not in {Kind.PROVINCES, Kind.EVIDENCE}

    @property
    def empty(self) -> Any:
        """Its empty value."""
        return _EMPTY[self.kind]

    def is_empty(self, value: Any) -> bool:
        return value is None or value == self.empty

    def plain(self, value: Any) -> Any:
        """Its value as JSON has it: numbers and days as text. For a column of the report's table."""
        if value is None:
            return None
        match self.kind:
            case Kind.MONEY:
                return f"{value:.2f}"
            case Kind.NUMBER:
                return f"{value.normalize():f}"
            case Kind.DATE:
                return value.isoformat()
        return value

    def stored(self, plain: Any) -> Any:
        """The value of the model from its `plain` one."""
        if plain is None:
            return None
        match self.kind:
            case Kind.MONEY | Kind.NUMBER:
                return Decimal(plain)
            case Kind.DATE:
                return date.fromisoformat(plain)
        return plain

    def word_of(self, code: str) -> str:
        """The label of a code of its choices."""
        return next(str(each.label) for each in self.choices if each.value == code)

    def in_words(self, value: Any) -> str:
        """Its value as text for people; "" if it is empty.

        `value` is as in the model, or `plain`; provinces and evidence are lists of the texts to show.
        """
        if self.is_empty(value):
            return ""
        match self.kind:
            case Kind.STATUS:
                return str(Status(value).label)
            case Kind.MONEY:
                return format_baht(Decimal(value))
            case Kind.COUNT:
                return f"{value:,}"
            case Kind.NUMBER:
                return format_number(Decimal(value))
            case Kind.DATE:
                return format_date(self.stored(value) if isinstance(value, str) else value)
            case Kind.CHOICE:
                return self.word_of(value)
            case Kind.FLAG:
                return _("ใช่")
            case Kind.PROVINCES:
                return ", ".join(map(str, value))
            case Kind.EVIDENCE:
                return "\n".join(map(str, value))
        return str(value)


def _declared(*fields: ReportField) -> dict[str, ReportField]:
    return {each.name: each for each in fields}


#: Name -> field, in reading order.
FIELDS: dict[str, ReportField] = _declared(
    ReportField(
        "reported_status",
        _l("สถานะที่หน่วยงานรายงาน"),
        Kind.STATUS,
        short_label=_l("สถานะ"),
        column=SheetColumn(
            "status",
            22,
            "สถานะ",
            aliases=("status_code", "status_th"),
            help=_l("เลือกจากรายการตามนิยามด้านล่าง"),
        ),
        data_name="reported_status",
        need=_l("จำเป็น"),
        hint=_l("เลือกตามนิยาม สถานะที่เผยแพร่คือสถานะที่ คสป. ประเมิน"),
    ),
    ReportField(
        "results",
        _l("ผลการดำเนินงาน"),
        Kind.TEXT,
        column=SheetColumn(
            "result",
            48,
            help=_l("ทำอะไร ที่ไหน เมื่อไร เกิดผลอย่างไร ไม่เกิน 4,000 อักขระ ขึ้นบรรทัดใหม่ด้วย Alt+Enter"),
        ),
        data_name="results_th",
        need=_l("จำเป็นเมื่ออยู่ระหว่างดำเนินการ"),
        hint=_l("ทำอะไร ที่ไหน เมื่อไร เกิดผลอย่างไร ไม่เกิน 4,000 อักขระ"),
        is_long=True,
        blank=_l("ไม่ได้รายงานรายละเอียด"),
    ),
    ReportField(
        "obstacles",
        _l("ปัญหา/อุปสรรค"),
        Kind.TEXT,
        column=SheetColumn("problems", 32, help=_l("บังคับเมื่อเลือก “ชะลอ / ติดปัญหา”")),
        data_name="obstacles_th",
        need=_l("จำเป็นเมื่อเลือก “ชะลอ / ติดปัญหา”"),
        blank=_l("ไม่ได้รายงานปัญหา"),
    ),
    ReportField(
        "next_steps",
        _l("ข้อเสนอแนะ/แผนระยะต่อไป"),
        Kind.TEXT,
        column=SheetColumn("suggestions", 32, "ข้อเสนอแนะ"),
        data_name="next_steps_th",
    ),
    ReportField(
        "meeting_ref",
        _l("มติ คสป. ครั้งที่ (เมื่อยุติ)"),
        Kind.WORD,
        short_label=_l("มติ คสป. ครั้งที่"),
        column=SheetColumn(
            "meeting",
            13,
            "มติ คสป. ครั้งที่",
            aliases=("ประชุม คสป. ครั้งที่", "การประชุมครั้งที่"),
            is_rare=True,
            note=(_l("เมื่อสถานะเป็น ยกเลิก / ยุติ"), _l("ครั้งที่ประชุม เช่น 2/2567")),
            help=_l("บังคับเมื่อเลือก “ยกเลิก / ยุติ” เช่น 2/2567"),
        ),
        data_name="cancelled_by_meeting",
        need=_l("จำเป็นเมื่อเลือก “ยกเลิก / ยุติ”"),
        hint=_l("ครั้งที่ประชุมที่มีมติ เช่น 2/2567"),
    ),
    ReportField(
        "budget_received",
        _l("งบประมาณที่ได้รับ (บาท)"),
        Kind.MONEY,
        column=SheetColumn(
            "budget",
            18,
            "งบประมาณ (บาท)",
            label=_l("งบประมาณที่ได้รับ"),
            help=_l("ตัวเลข หน่วยเป็นบาท เช่น 1250000"),
        ),
        data_name="budget_received",
        hint=_l("พิมพ์ 1,250,000 หรือ 1.25 ล้าน"),
        group=_l("งบประมาณ (บาท)"),
        part=_l("ได้รับ"),
    ),
    ReportField(
        "budget_spent",
        _l("เบิกจ่ายแล้ว (บาท)"),
        Kind.MONEY,
        column=SheetColumn("disbursed", 18, "เบิกจ่ายแล้ว", label=_l("เบิกจ่ายแล้ว")),
        data_name="budget_spent",
        hint=_l("เว้นว่างถ้าไม่ทราบ"),
        group=_l("งบประมาณ (บาท)"),
        part=_l("เบิกจ่าย"),
    ),
    ReportField(
        "beneficiaries",
        _l("จำนวนผู้รับประโยชน์"),
        Kind.COUNT,
        column=SheetColumn(
            "beneficiaries",
            aliases=("จำนวนผู้ได้รับประโยชน์",),
            help=_l("จำนวนคน เป็นตัวเลข เช่น 1250 เว้นว่างถ้าไม่ทราบ"),
        ),
        data_name="beneficiaries",
        hint=_l("จำนวนคน เว้นว่างถ้าไม่ทราบ"),
    ),
    ReportField(
        "provinces",
        _l("จังหวัดที่ดำเนินการ"),
        Kind.PROVINCES,
        column=SheetColumn(
            "province",
            20,
            "จังหวัด",
            label=_l("จังหวัด"),
            note=(_l("จังหวัดที่ดำเนินการ"), _l("คั่นด้วยจุลภาค เว้นว่างถ้าเป็นระดับประเทศ")),
            help=_l("คั่นด้วยจุลภาค เช่น เชียงใหม่, ลำพูน เว้นว่างถ้าเป็นระดับประเทศ"),
        ),
        data_name="province",
    ),
    ReportField(
        "no_change",
        _l("ไม่มีการเปลี่ยนแปลงจากรายงานล่าสุด"),
        Kind.FLAG,
        column=SheetColumn(
            "no_change",
            13,
            "ไม่มีการเปลี่ยนแปลง",
            aliases=("ไม่เปลี่ยนแปลงจากปีก่อน", "ไม่มีการเปลี่ยนแปลงจากปีก่อน"),
            is_rare=True,
            help=_l(
                "เลือก “ใช่” เมื่อผลเหมือนรายงานล่าสุดทุกประการ สถานะต้องตรงกับ “รายงานล่าสุด: สถานะ” "
                "คำตอบ กำหนด และตัวชี้วัดแจ้งใหม่ได้"
            ),
        ),
        data_name="is_unchanged",
        said=_l("หน่วยงานยืนยันว่าไม่มีการเปลี่ยนแปลงจากรายงานล่าสุด"),
        hint=_l(
            "ยืนยันว่าตรวจแล้ว ไม่ใช่ยังไม่ได้กรอก ช่องที่ว่างจะใช้ข้อความของรายงานล่าสุด "
            "หมายถึงสถานะและผล คำตอบ กำหนด และตัวชี้วัดแจ้งใหม่ได้"
        ),
    ),
    ReportField(
        "response",
        _l("คำตอบต่อมาตรการย่อย"),
        Kind.CHOICE,
        section=Section.RESPONSE,
        choices=responses.GIVEN,
        column=SheetColumn(
            "response",
            18,
            is_rare=True,
            help=_l("เฉพาะหน่วยงานหลัก เลือกจากรายการ เว้นว่างถ้าคำตอบเดิมยังใช้อยู่"),
        ),
        data_name="response",
        hint=_l("เว้นว่างถ้าคำตอบเดิมยังใช้อยู่ เปลี่ยนได้ด้วยคำตอบใหม่ที่ลงวันที่หลังคำตอบเดิม"),
    ),
    ReportField(
        "response_reason",
        _l("เหตุผลของคำตอบ"),
        Kind.TEXT,
        section=Section.RESPONSE,
        column=SheetColumn("response_reason", 32, is_rare=True),
        data_name="response_reason_th",
        need=_l("จำเป็น เว้นแต่รับไปดำเนินการทั้งข้อ"),
    ),
    ReportField(
        "competent_agency",
        _l("หน่วยงานที่มีอำนาจ"),
        Kind.WORD,
        section=Section.RESPONSE,
        max_length=200,
        column=SheetColumn("competent_agency", 22, is_rare=True),
        data_name="competent_agency_th",
        need=_l("จำเป็นเมื่อไม่อยู่ในอำนาจ"),
    ),
    ReportField(
        "response_on",
        _l("วันที่ตอบรับมาตรการ"),
        Kind.DATE,
        section=Section.RESPONSE,
        column=SheetColumn("response_on", is_rare=True, help=_l("วัน/เดือน/ปี พ.ศ. เช่น 2/3/2566")),
        data_name="response_on",
        need=_l("จำเป็นเมื่อมีคำตอบ"),
        hint=_l("วัน/เดือน/ปี พ.ศ. เช่น 2/3/2566"),
    ),
    ReportField(
        "response_document",
        _l("หนังสือที่ตอบ"),
        Kind.WORD,
        section=Section.RESPONSE,
        max_length=120,
        column=SheetColumn("response_document", 20, is_rare=True),
        data_name="response_document",
        hint=_l("เลขที่หนังสือ เช่น พม 0413/2210"),
    ),
    ReportField(
        "target_on",
        _l("กำหนดแล้วเสร็จ"),
        Kind.DATE,
        section=Section.TARGET,
        column=SheetColumn(
            "target_on",
            is_rare=True,
            help=_l("วัน/เดือน/ปี พ.ศ. เช่น 30/9/2570 เว้นว่างถ้ากำหนดเดิมยังใช้อยู่"),
        ),
        data_name="target_on",
        hint=_l("วัน/เดือน/ปี พ.ศ. เช่น 30/9/2570 เว้นว่างถ้ากำหนดเดิมยังใช้อยู่ กำหนดเดิมทุกครั้งยังแสดงอยู่"),
    ),
    ReportField(
        "milestone",
        _l("สิ่งที่จะเห็นเมื่อถึงกำหนด"),
        Kind.WORD,
        section=Section.TARGET,
        max_length=300,
        column=SheetColumn("milestone", 32, is_rare=True),
        data_name="milestone_th",
    ),
    ReportField(
        "target_reason",
        _l("เหตุผลที่เปลี่ยนกำหนด"),
        Kind.WORD,
        section=Section.TARGET,
        max_length=300,
        column=SheetColumn("target_reason", 32, is_rare=True),
        data_name="target_reason_th",
        need=_l("จำเป็นเมื่อเปลี่ยนกำหนดเดิม"),
    ),
    ReportField(
        "indicator",
        _l("ตัวชี้วัดที่ใช้ติดตาม"),
        Kind.WORD,
        section=Section.INDICATOR,
        max_length=200,
        column=SheetColumn(
            "indicator",
            28,
            is_rare=True,
            help=_l("เช่น จำนวนภาคีที่ส่งเนื้อหาสม่ำเสมอ เว้นว่างถ้าตัวชี้วัดเดิมยังใช้อยู่"),
        ),
        data_name="indicator_th",
        hint=_l("เว้นว่างถ้าตัวชี้วัดเดิมยังใช้อยู่"),
    ),
    ReportField(
        "indicator_unit",
        _l("หน่วยนับของตัวชี้วัด"),
        Kind.WORD,
        section=Section.INDICATOR,
        column=SheetColumn("indicator_unit", is_rare=True),
        data_name="indicator_unit_th",
        need=_l("จำเป็นเมื่อมีตัวชี้วัด"),
        hint=_l("เช่น ภาคี คน แห่ง"),
    ),
    ReportField(
        "indicator_baseline",
        _l("ค่าตั้งต้นของตัวชี้วัด"),
        Kind.NUMBER,
        section=Section.INDICATOR,
        column=SheetColumn("indicator_baseline", is_rare=True),
        data_name="indicator_baseline",
    ),
    ReportField(
        "indicator_target",
        _l("ค่าเป้าหมายของตัวชี้วัด"),
        Kind.NUMBER,
        section=Section.INDICATOR,
        column=SheetColumn("indicator_target", is_rare=True),
        data_name="indicator_target",
    ),
    ReportField(
        "indicator_value",
        _l("ค่าตัวชี้วัดของปีนี้"),
        Kind.NUMBER,
        section=Section.INDICATOR,
        column=SheetColumn("indicator_value", is_rare=True),
        data_name="indicator_value",
        hint=_l("ค่าที่วัดได้จริง ณ สิ้นรอบ เว้นว่างถ้าไม่ได้วัด"),
    ),
    ReportField(
        "project_codes",
        _l("รหัสโครงการ"),
        Kind.CODES,
        section=Section.PROJECTS,
        column=SheetColumn(
            "project_codes",
            32,
            aliases=("รหัส eMENSCR", "eMENSCR", "รหัสโครงการ eMENSCR", "รหัสโครงการ/กิจกรรม"),
            is_rare=True,
            note=(
                _l("รหัสโครงการ บรรทัดละ 1 รหัส"),
                _l("eMENSCR: 0413-66-0001 | https://… ขึ้นบรรทัดใหม่ด้วย Alt+Enter"),
            ),
            help=_l("บรรทัดละ 1 รหัส: eMENSCR: 0413-66-0001 | https://… ระบบและลิงก์เว้นได้"),
        ),
        data_name="project_codes",
        hint=_l(
            "บรรทัดละ 1 รหัส เช่น eMENSCR: 0413-66-0001 | https://… "
            "ขึ้นต้นด้วย eMENSCR แผน หรือ งบประมาณ ลิงก์เว้นได้ ผู้อ่านเห็นรหัสเดียวกันของทุกมาตรการพร้อมกัน"
        ),
    ),
    ReportField(
        "evidence",
        _l("หลักฐาน"),
        Kind.EVIDENCE,
        column=SheetColumn(
            "evidence",
            44,
            aliases=("url", "evidence_url"),
            note=(
                _l("หลักฐาน บรรทัดละ 1 รายการ"),
                _l(
                    "ชื่อหลักฐาน | https://… | ประเภท | วัน/เดือน/ปี | ผู้ออก (สามส่วนหลังเว้นได้) "
                    "ขึ้นบรรทัดใหม่ด้วย Alt+Enter (LibreOffice: Ctrl+Enter)"
                ),
            ),
            help=_l(
                "บรรทัดละ 1 รายการ: ชื่อหลักฐาน | https://… บังคับเมื่อแล้วเสร็จหรือต่อเนื่อง ปิดบังข้อมูลส่วนบุคคลก่อน "
                "เพิ่มหลังลิงก์ได้: | ประเภท | วัน/เดือน/ปี | ผู้ออก"
            ),
        ),
        data_name="evidence",
    ),
    ReportField(
        "assessed_status",
        _l("สถานะที่ คสป. ประเมิน"),
        Kind.STATUS,
        writer=Writer.COMMITTEE,
        data_name="assessed_status",
    ),
    ReportField(
        "assessed_note",
        _l("เหตุผลของ คสป."),
        Kind.TEXT,
        writer=Writer.COMMITTEE,
        data_name="assessed_note_th",
    ),
    ReportField(
        "assessed_meeting",
        _l("ประเมินในการประชุมครั้งที่"),
        Kind.WORD,
        writer=Writer.COMMITTEE,
        data_name="assessed_meeting",
    ),
    ReportField(
        "assessed_grade",
        _l("หลักฐานที่ใช้ประเมิน"),
        Kind.CHOICE,
        choices=grades.GIVEN,
        short_label=_l("หลักฐานที่ใช้"),
        writer=Writer.COMMITTEE,
        stands_alone=True,
        data_name="assessed_grade",
    ),
    ReportField(
        "agency_reply",
        _l("คำชี้แจงของหน่วยงาน"),
        Kind.TEXT,
        writer=Writer.REPLY,
        data_name="agency_reply_th",
    ),
)

#: Fields of the model that are not content of a report: its identity, its workflow, its writers and
#: times. A field of the model is either here or in `FIELDS`.
BOOKKEEPING = frozenset(
    {
        "id",
        "round",
        "assignment",
        "state",
        "return_reason",
        "withdrawn_reason",
        "source",
        "version",
        "reported_on",
        "told_in",
        "updated_by",
        "updated_at",
        "submitted_by",
        "submitted_at",
        "submitted_link",
        "review_opened_at",
        "review_opened_by",
        "approved_by",
        "approved_at",
    }
)


#: What these sections say stands until a later report says it again: an empty field changes nothing.
STANDING = (Section.RESPONSE, Section.TARGET, Section.INDICATOR)
#: The field of each of these sections without which the others say nothing.
HEAD: Mapping[Section, str] = {
    Section.RESPONSE: "response",
    Section.TARGET: "target_on",
    Section.INDICATOR: "indicator",
}


def of_section(section: Section) -> list[ReportField]:
    """The fields of a section, in order."""
    return [each for each in FIELDS.values() if each.section is section]


def is_asked(section: Section, *, is_lead: bool) -> bool:
    """Whether an agency is asked for a section: only a lead agency responds to a measure."""
    return is_lead or section is not Section.RESPONSE


def written_by(*writers: Writer) -> list[ReportField]:
    """The fields of the given writers, in order."""
    return [each for each in FIELDS.values() if each.writer in writers]


def of_assessment() -> list[ReportField]:
    """The committee's assessment and the agency's reply; shown if the two statuses differ."""
    return written_by(Writer.COMMITTEE, Writer.REPLY)


def statuses_first() -> list[ReportField]:
    """All fields in the order of an edition: the reported status, the assessment, then the rest."""
    reported = written_by(Writer.AGENCY)
    status = [each for each in reported if each.kind is Kind.STATUS]
    return [*status, *of_assessment(), *(each for each in reported if each not in status)]


def with_column() -> list[ReportField]:
    """The fields that have a column in spreadsheets, the rare ones last."""
    found = [each for each in FIELDS.values() if each.column]
    return sorted(found, key=lambda each: bool(each.column and each.column.is_rare))


def columns_of(fields: Iterable[ReportField]) -> tuple[str, ...]:
    """The names of the fields that are columns of the report's table."""
    return tuple(each.name for each in fields if each.is_column)


def label_of(name: str) -> Promise:
    return FIELDS[name].label
