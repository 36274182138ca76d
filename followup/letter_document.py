"""The follow-up letter to an agency as an editable DOCX in the form of a Thai official letter."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any, Protocol

import docx
from django.utils.translation import gettext as _
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt

from followup.letters import Correspondence, answer_by
from followup.models import Round, StatusReport
from followup.models.reports import LastReports
from followup.naming import forum_name, forums_title, of_all_forums
from followup.promised import Asked, Promise
from followup.status import Status
from forum_portal import word
from forum_portal.thai import format_date, to_thai_digits, xml_text
from proposals.models import Forum

_FIRST_LINE = Cm(2.5)
_COLUMN = Cm(3)  # indent of the text after a heading
_WIDTHS = (Cm(1.2), Cm(1.6), Cm(7.4), Cm(2.2), Cm(3.6))


class Paper(Protocol):
    """What a letter is written on, from top to bottom: a DOCX here, a PDF in `letter_print`."""

    def line(
        self,
        words: str,
        *,
        align: WD_ALIGN_PARAGRAPH | None = None,
        before: int = 0,
        indent: Any = None,
    ) -> Any: ...

    def paragraph(self, words: str, *, before: int = 6) -> None: ...

    def headed(self, heading: str, items: list[str]) -> None: ...

    def table(self, headings: list[str], rows: list[list[str]]) -> None: ...


def build(
    round_: Round,
    row: Correspondence,
    last: LastReports,
    today: date,
    *,
    several_forums: bool | None = None,
) -> bytes:
    """Make the next letter to an agency; `last` has the last received reports of its assignments.

    `several_forums` is asked for if it is not given.
    """
    letter = _Letter(docx.Document())
    if several_forums is None:
        several_forums = Forum.objects.are_several()
    return letter.bytes(compose(letter, round_, row, last, today, several_forums=several_forums))


def compose(
    letter: Paper,
    round_: Round,
    row: Correspondence,
    last: LastReports,
    today: date,
    *,
    several_forums: bool,
) -> str:
    """Write the next letter to an agency on any paper; returns its subject."""
    attempt = row.next_attempt or len(row.letters)
    year = round_.label
    letter.line(_("(ตราครุฑ)"), align=WD_ALIGN_PARAGRAPH.CENTER)
    letter.line(_("ที่ พม ……………/……………"))
    letter.line(_("คณะกรรมการส่งเสริมและพัฒนาองค์กรภาคประชาสังคม"), align=WD_ALIGN_PARAGRAPH.RIGHT)
    letter.line(_("กรมพัฒนาสังคมและสวัสดิการ"), align=WD_ALIGN_PARAGRAPH.RIGHT)
    letter.line(format_date(today), align=WD_ALIGN_PARAGRAPH.CENTER, before=6)
    subject = _("ขอให้รายงานผลการดำเนินงานตามข้อเสนอ CSOs Forum ปีงบประมาณ พ.ศ. %(year)s") % {
        "year": year
    }
    if attempt > 1:
        subject += " " + _("(ติดตามครั้งที่ %(attempt)s)") % {"attempt": attempt}
    letter.headed(_("เรื่อง"), [subject])
    letter.headed(_("เรียน"), [_head_of(row.agency.name_th)])
    letter.headed(
        _("อ้างถึง"),
        [
            _("หนังสือที่ %(number)s ลงวันที่ %(day)s")
            % {"number": each.number, "day": format_date(each.sent_on)}
            for each in row.letters
        ],
    )
    letter.headed(_("สิ่งที่ส่งมาด้วย"), [_("แบบรายงานผลการดำเนินงาน (ไฟล์สเปรดชีต) จำนวน 1 ชุด")])

    due: dict[str, Any] = {"count": len(row.due), "year": year, "day": format_date(round_.due_on)}
    forums = [forum for forum, numbers in row.by_forum if numbers.to_do]
    due["forums"] = forums_title(forums if several_forums else ())
    letter.paragraph(
        _(
            "ตามที่คณะกรรมการส่งเสริมและพัฒนาองค์กรภาคประชาสังคม (คสป.) ติดตามผลการดำเนินงานตามข้อเสนอ"
            "จากการประชุม %(forums)s เป็นประจำทุกปี และกำหนดให้หน่วยงานรายงานผลรอบปีงบประมาณ พ.ศ. %(year)s "
            "ภายในวันที่ %(day)s นั้น"
        )
        % due
    )
    if round_.extension:
        letter.paragraph(_("ทั้งนี้ คสป. %(extension)s") % {"extension": round_.extension})
    if len(forums) > 1:
        due["each"] = " ".join(
            _("%(forum)s จำนวน %(count)s มาตรการย่อย")
            % {"forum": forum_name(forum), "count": numbers.to_do}
            for forum, numbers in row.by_forum
            if numbers.to_do
        )
        due["all"] = of_all_forums()
        missing = _(
            "ฝ่ายเลขานุการ คสป. ตรวจสอบแล้ว ยังไม่ได้รับรายงานผลที่ครบถ้วนของหน่วยงานท่าน %(each)s "
            "%(all)s %(count)s มาตรการย่อย ดังตารางต่อไปนี้"
        )
    else:
        missing = _(
            "ฝ่ายเลขานุการ คสป. ตรวจสอบแล้ว ยังไม่ได้รับรายงานผลที่ครบถ้วนของหน่วยงานท่าน จำนวน %(count)s มาตรการย่อย "
            "ดังตารางต่อไปนี้"
        )
    letter.paragraph(missing % due)
    letter.table(
        [_("ลำดับ"), _("รหัส"), _("มาตรการย่อย"), _("บทบาท"), _("สถานะล่าสุด")],
        [
            _cells(place, report, last, several_forums=several_forums)
            for place, report in enumerate(row.due, start=1)
        ],
    )
    _ask_beside(letter, row.asked, several_forums=several_forums)
    letter.paragraph(
        _("จึงเรียนมาเพื่อโปรดรายงานผลการดำเนินงานดังกล่าว ภายในวันที่ %(day)s จะขอบคุณยิ่ง")
        % {"day": format_date(answer_by(today))},
        before=12,
    )
    for words, before in (
        (_("ขอแสดงความนับถือ"), 12),
        (_("(……………………………………………)"), 48),
        (_("ตำแหน่ง ……………………………………………"), 0),
    ):
        letter.line(words, align=WD_ALIGN_PARAGRAPH.CENTER, before=before, indent=Cm(7))
    letter.line(_("กองส่งเสริมและพัฒนาองค์กรภาคประชาสังคม (ฝ่ายเลขานุการ คสป.)"), before=24)
    letter.line(_("โทร. ……………………………"))
    letter.line(_("ไปรษณีย์อิเล็กทรอนิกส์ ……………………………"))
    return subject


def _ask_beside(letter: Paper, asked: Asked, *, several_forums: bool) -> None:
    """Name the dates that the agency promised, and the measures to which it never responded."""
    for words, promises in (
        (
            _(
                "อนึ่ง หน่วยงานท่านแจ้งกำหนดแล้วเสร็จไว้ และเลยกำหนดแล้ว %(count)s มาตรการย่อย "
                "โปรดรายงานผล หรือแจ้งกำหนดใหม่พร้อมเหตุผล"
            ),
            asked.past,
        ),
        (
            _("หน่วยงานท่านแจ้งกำหนดแล้วเสร็จไว้ในรอบนี้ %(count)s มาตรการย่อย"),
            asked.within,
        ),
    ):
        if promises:
            letter.paragraph(words % {"count": len(promises)}, before=12)
        for each in promises:
            letter.line(_promised(each, several_forums=several_forums), indent=_FIRST_LINE)
    if asked.unanswered:
        letter.paragraph(
            _(
                "หน่วยงานท่านยังไม่เคยตอบว่ารับไปดำเนินการหรือไม่ %(count)s มาตรการย่อย "
                "โปรดตอบว่ารับ รับบางส่วน ไม่รับ หรือไม่อยู่ในอำนาจ พร้อมเหตุผล"
            )
            % {"count": len(asked.unanswered)},
            before=12,
        )
    for row in asked.unanswered:
        said = {
            "code": row.measure.shown_code(several_forums=several_forums),
            "title": row.measure.title_th,
            "n": row.asked,
        }
        letter.line(
            _("%(code)s %(title)s ยังไม่ตอบ ขอรายงานมาแล้ว %(n)s รอบ") % said, indent=_FIRST_LINE
        )


def _promised(promise: Promise, *, several_forums: bool) -> str:
    said = {
        "code": promise.measure.shown_code(several_forums=several_forums),
        "title": promise.measure.title_th,
        "day": format_date(promise.on),
        "days": promise.days_past,
        "n": promise.times_postponed,
    }
    words = _("%(code)s %(title)s กำหนด %(day)s")
    if promise.is_past:
        words = _("%(code)s %(title)s กำหนด %(day)s เลยมา %(days)s วัน")
    told = words % said
    if promise.times_postponed:
        told += " " + _("เลื่อนมาแล้ว %(n)s ครั้ง") % said
    return told


def _cells(
    place: int, report: StatusReport, last: LastReports, *, several_forums: bool
) -> list[str]:
    before = last.of(report)
    return [
        str(place),
        report.measure.shown_code(several_forums=several_forums),
        report.measure.title_th,
        str(report.assignment.get_role_display()),
        _("%(status)s (ปีงบประมาณ %(year)s)")
        % {"status": before.status.label, "year": before.round.label}
        if before
        else str(Status.NO_REPORT.label),
    ]


def _head_of(name: str) -> str:
    """The addressee; if the title differs from body to body, the editor fills it in."""
    for body, head in ((_("กระทรวง"), _("ปลัด")), (_("กรม"), _("อธิบดี"))):
        if name.startswith(body):
            return head + name
    return _("ผู้บริหาร") + name


class _Letter:
    """A document written from top to bottom, with Thai digits throughout."""

    def __init__(self, document: Document) -> None:
        self.document = document
        section = document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin, section.right_margin = Cm(3), Cm(2)
        section.top_margin, section.bottom_margin = Cm(2.5), Cm(2)
        style: Any = document.styles["Normal"]
        word.set_style(style, word.BODY)
        style.paragraph_format.space_after = Pt(0)

    def line(
        self,
        words: str,
        *,
        align: WD_ALIGN_PARAGRAPH | None = None,
        before: int = 0,
        indent: Any = None,
    ) -> Any:
        line = self.document.add_paragraph(to_thai_digits(xml_text(words)))
        if align is not None:
            line.alignment = align
        line.paragraph_format.space_before = Pt(before)
        line.paragraph_format.left_indent = indent
        return line

    def paragraph(self, words: str, *, before: int = 6) -> None:
        line = self.line(words, before=before, align=WD_ALIGN_PARAGRAPH.THAI_JUSTIFY)
        line.paragraph_format.first_line_indent = _FIRST_LINE

    def headed(self, heading: str, items: list[str]) -> None:
        """A heading such as เรื่อง or เรียน, with its items in a column of their own."""
        for place, item in enumerate(items, start=1):
            number = f"{place}. " if len(items) > 1 else ""
            line = self.line(f"{heading if place == 1 else ''}\t{number}{item}", before=6)
            line.paragraph_format.left_indent = _COLUMN
            line.paragraph_format.first_line_indent = -_COLUMN
            line.paragraph_format.tab_stops.add_tab_stop(_COLUMN)

    def table(self, headings: list[str], rows: list[list[str]]) -> None:
        table = self.document.add_table(rows=0, cols=len(headings), style="Table Grid")
        table.autofit = False
        for place, texts in enumerate([headings, *rows]):
            row = table.add_row()
            for cell, text, width in zip(row.cells, texts, _WIDTHS, strict=True):
                cell.width = width
                run = cell.paragraphs[0].add_run(to_thai_digits(xml_text(text)))
                if place == 0:
                    word.set_run(run, is_bold=True)
            word.keep_on_one_page(row)
            if place == 0:
                word.repeat_on_every_page(row)

    def bytes(self, title: str) -> bytes:
        word.describe(self.document, title)
        word.name_other_fonts(self.document)
        buffer = BytesIO()
        self.document.save(buffer)
        return buffer.getvalue()
