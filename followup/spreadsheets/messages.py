"""Every coded sentence of the import, with its level. The codes are those of the wording list, §6.1."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _l

from followup.spreadsheets.types import Level, Problem

MESSAGES: Mapping[str, tuple[Level, Promise]] = {
    "F01": (
        Level.STOP,
        _l("เปิดไฟล์ไม่ได้ ไฟล์อาจเสียหายหรือมีรหัสผ่าน บันทึกใหม่เป็น .xlsx ที่ไม่มีรหัสผ่านแล้วลองอีกครั้ง"),
    ),
    "F02": (
        Level.STOP,
        _l("ไม่รองรับไฟล์ .%(ext)s ใช้ .xlsx หรือ .csv (ไฟล์ .xls ให้เปิดใน Excel แล้วบันทึกเป็น .xlsx)"),
    ),
    "F03": (Level.STOP, _l("ไฟล์ใหญ่เกิน %(mb)s MB แบ่งเป็นหลายไฟล์แล้วนำเข้าทีละไฟล์")),
    "F04": (Level.ASK, _l("อ่านไฟล์เป็นรหัสอักขระ %(enc)s ข้อความตัวอย่างถูกต้องหรือไม่")),
    "F05": (
        Level.STOP,
        _l("ไม่พบตัวอักษรไทยที่อ่านได้ ไฟล์อาจถูกบันทึกผิดรหัส บันทึกเป็น “CSV UTF-8” แล้วลองอีกครั้ง"),
    ),
    "F06": (Level.STOP, _l("ไม่พบแถวหัวตาราง เลือกแถวหัวตารางด้วยตนเอง")),
    "F07": (Level.WARN, _l("ไฟล์นี้เคยนำเข้าแล้วเมื่อ %(date)s (เนื้อหาเหมือนกันทุกแถว)")),
    "F08": (Level.WARN, _l("พบสูตรในเซลล์ ระบบใช้ค่าที่คำนวณไว้ล่าสุดในไฟล์")),
    "F09": (
        Level.STOP,
        _l("สูตรไม่มีค่าที่บันทึกไว้ เปิดไฟล์ใน Excel แล้วกดบันทึกหนึ่งครั้งก่อนนำเข้า"),
    ),
    "F10": (Level.WARN, _l("ข้ามแถว/คอลัมน์ที่ซ่อนไว้ %(n)s รายการ")),
    "F11": (Level.STOP, _l("ไฟล์ว่าง ไม่มีแถวข้อมูลให้นำเข้า")),
    "F12": (
        Level.STOP,
        _l("ไฟล์มีเซลล์มากเกินกว่าที่ระบบรับได้ (%(max)s เซลล์) ลบแถวและคอลัมน์ว่างแล้วบันทึกใหม่"),
    ),
    "F13": (
        Level.STOP,
        _l("แบบฟอร์มนี้เป็นของรอบปีงบประมาณ %(theirs)s ไม่ใช่รอบ %(ours)s เลือกรอบให้ตรงแล้วลองอีกครั้ง"),
    ),
    "F14": (
        Level.STOP,
        _l("แบบฟอร์มนี้ถูกแก้ไขรหัสแถวหรือข้อมูลกำกับ ดาวน์โหลดแบบฟอร์มใหม่แล้วคัดลอกผลลงไป"),
    ),
    "F15": (Level.STOP, _l("แบบฟอร์มนี้เป็นของ %(theirs)s แต่มีแถวของหน่วยงานอื่น ดาวน์โหลดแบบฟอร์มใหม่")),
    "C01": (Level.STOP, _l("ยังไม่ได้จับคู่คอลัมน์ที่จำเป็น: %(list)s")),
    "C02": (Level.ASK, _l("มีคอลัมน์ชื่อ “%(c)s” %(n)s คอลัมน์ เลือกคอลัมน์ที่ถูกต้อง")),
    "R01": (Level.ERROR, _l("ไม่พบข้อเสนอที่ “%(v)s” ใช้เลข 1–8")),
    "R02": (
        Level.ERROR,
        _l("ไม่พบมาตรการย่อย “%(v)s” ของข้อเสนอที่ %(i)s รหัสที่มีคือ %(list)s"),
    ),
    "R03": (Level.ASK, _l("“%(v)s” อาจถูก Excel ตัดเป็น %(cut)s ตรวจรหัสมาตรการย่อย")),
    "R04": (
        Level.ASK,
        _l("ซ้ำกับแถว %(r2)s (ข้อเสนอ ปี และหน่วยงานเดียวกัน) เลือกแถวที่จะใช้"),
    ),
    "R05": (Level.SKIP, _l("แถวรวม/แถวหมายเหตุ ไม่นำเข้า")),
    "R06": (
        Level.ASK,
        _l("แถวนี้ระบุเฉพาะข้อเสนอที่ %(i)s ใช้กับมาตรการย่อยใดของ %(agency)s"),
    ),
    "R07": (
        Level.ERROR,
        _l("%(agency)s ไม่ได้รับมอบหมายมาตรการย่อย %(v)s ในปี %(year)s เพิ่มการมอบหมายก่อน หรือแก้รหัส"),
    ),
    "R08": (Level.ERROR, _l("แถวนี้ไม่ระบุข้อเสนอหรือมาตรการย่อย")),
    "R09": (Level.ERROR, _l("แถวนี้ไม่ระบุหน่วยงาน")),
    "R10": (Level.ERROR, _l("“%(v)s” มีมากกว่าหนึ่งรหัสในช่องเดียว แยกเป็นแถวละรหัส")),
    "S01": (Level.ASK, _l("ไม่รู้จักสถานะ “%(v)s” เลือกสถานะที่ตรงกัน")),
    "S02": (Level.ASK, _l("“%(v)s” หมายถึง เริ่มแล้ว หรือ แล้วเสร็จ")),
    "S03": (Level.ASK, _l("พบเครื่องหมาย “%(v)s” ในคอลัมน์ “%(c)s” ใช้เป็นสถานะ “%(c)s” หรือไม่")),
    "S04": (Level.ERROR, _l("มีเครื่องหมายมากกว่าหนึ่งสถานะในแถวเดียวกัน")),
    "S05": (Level.ERROR, _l("%(why)s")),  # what the status vocabulary demands, in its own words
    "Y01": (Level.ASK, _l("ปี “%(v)s” อ่านเป็น พ.ศ. %(be)s (ค.ศ. %(ce)s) ถูกต้องหรือไม่")),
    "Y02": (Level.ERROR, _l("ปี “%(v)s” อยู่นอกช่วง พ.ศ. 2565–%(max)s")),
    "Y03": (Level.ASK, _l("ปี “%(v)s” เป็นปีปฏิทินหรือปีงบประมาณ")),
    "Y04": (Level.ERROR, _l("อ่านปี “%(v)s” ไม่ได้ พิมพ์ปีงบประมาณ พ.ศ. สี่หลัก เช่น 2567")),
    "Y05": (
        Level.ERROR,
        _l("แถวนี้เป็นของปีงบประมาณ %(v)s แต่กำลังนำเข้าให้รอบ %(year)s"),
    ),
    "D01": (Level.ASK, _l("วันที่ “%(v)s” อ่านเป็น %(date)s (วัน/เดือน/ปี) ถูกต้องหรือไม่")),
    "D02": (
        Level.WARN,
        _l("เซลล์วันที่เก็บเป็นปี ค.ศ. %(y)s ซึ่งน่าจะเป็น พ.ศ. %(y)s ระบบอ่านเป็น %(date)s"),
    ),
    "D03": (
        Level.ASK,
        _l("เซลล์วันที่เป็นปี ค.ศ. 19%(yy)s อาจพิมพ์ปี พ.ศ. สองหลัก (%(yy)s) อ่านเป็น พ.ศ. 25%(yy)s หรือไม่"),
    ),
    "D04": (Level.ERROR, _l("ไม่มีวันที่ %(v)s ในปฏิทิน")),
    "D05": (
        Level.WARN,
        _l("วันที่ %(date)s อยู่นอกปีงบประมาณ %(fy)s (1 ต.ค. %(before)s – 30 ก.ย. %(fy)s)"),
    ),
    "D06": (Level.ERROR, _l("วันสิ้นสุดอยู่ก่อนวันเริ่ม")),
    "D07": (Level.ERROR, _l("อ่านวันที่ “%(v)s” ไม่ได้ พิมพ์ วัน/เดือน/ปี พ.ศ. เช่น 30/9/2567")),
    "A01": (Level.ASK, _l("ไม่พบหน่วยงาน “%(v)s” ใกล้เคียง: %(list)s")),
    "A02": (Level.ASK, _l("ชื่อย่อ “%(v)s” ตรงกับหลายหน่วยงาน: %(list)s")),
    "A03": (Level.ASK, _l("“คสช.” หมายถึง คสป. หรือคณะกรรมการสุขภาพแห่งชาติ")),
    "A04": (Level.WARN, _l("แยก “%(v)s” เป็น %(n)s หน่วยงาน: %(list)s")),
    "P01": (Level.ASK, _l("ไม่พบจังหวัด “%(v)s” หมายถึง %(guess)s หรือไม่")),
    "B01": (Level.ERROR, _l("งบประมาณ “%(v)s” ไม่ใช่ตัวเลข")),
    "B02": (
        Level.ASK,
        _l("งบประมาณ %(v)s หน่วย “ล้านบาท” เท่ากับ %(baht)s บาท สูงผิดปกติ หน่วยที่ถูกต้องคือ"),
    ),
    "B03": (Level.WARN, _l("เบิกจ่ายมากกว่างบประมาณที่ได้รับ")),
    "B04": (Level.ERROR, _l("จำนวนเงิน “%(v)s” ต้องไม่ติดลบ")),
    "B05": (Level.ERROR, _l("จำนวนเงิน “%(v)s” มีทศนิยมเกิน 2 ตำแหน่ง (สตางค์)")),
    "B06": (Level.WARN, _l("จำนวนเงิน “%(v)s” ปัดเป็น %(baht)s บาท")),
    "B07": (Level.ERROR, _l("จำนวนเงิน “%(v)s” มากเกินกว่าที่ระบบรับได้ ตรวจหน่วยและจำนวนหลัก")),
    "N01": (Level.ERROR, _l("ร้อยละ “%(v)s” ต้องอยู่ระหว่าง 0–100")),
    "N02": (Level.ASK, _l("ค่า %(v)s เป็นสัดส่วน (0–1) หรือร้อยละ")),
    "N03": (Level.ERROR, _l("อ่าน “%(v)s” ไม่ได้ พิมพ์ ใช่ หรือเว้นว่าง")),
    "T01": (Level.INFO, _l("แก้อักขระไทยให้แล้ว %(n)s แห่ง (เช่น “ํา” เป็น “ำ”, “เเ” เป็น “แ”)")),
    "T02": (
        Level.WARN,
        _l("ข้อความอาจคัดลอกจาก PDF แล้วอักขระหาย เช่น “%(v)s” ควรเป็น “%(guess)s”"),
    ),
    "T03": (
        Level.WARN,
        _l("อาจมีข้อมูลส่วนบุคคล (เลขบัตรประชาชน/โทรศัพท์) ลบหรือปิดบังก่อนเผยแพร่"),
    ),
    "T04": (Level.ERROR, _l("ข้อความยาวเกิน %(max)s อักขระ จะไม่ตัดให้เอง")),
    "T05": (Level.ERROR, _l("ลิงก์ “%(v)s” ไม่ใช่ที่อยู่เว็บ ใช้ https:// หรือ http://")),
    "T06": (Level.WARN, _l("หลักฐาน “%(v)s” ไม่มีลิงก์ จึงไม่นำเข้าเป็นหลักฐาน")),
    "U01": (Level.ASK, _l("ข้อมูลเดิม%(state)sแล้วและต่างจากไฟล์")),
    "U02": (Level.ERROR, _l("รายการนี้%(state)sแล้ว แก้ด้วยการนำเข้าไม่ได้ ขอให้ผู้ตรวจส่งกลับก่อน")),
}


def level(problem: Problem) -> Level:
    return MESSAGES[problem.code][0]


def sentence(problem: Problem) -> str:
    """The problem in Thai, with its values filled in."""
    return str(MESSAGES[problem.code][1]) % problem.params


def located(problem: Problem, row: int, column: str) -> str:
    """The sentence with its place: `row` counts from 1 as Excel does; no column is the whole row."""
    place = {"row": row, "column": column, "problem": sentence(problem)}
    if not column:
        return gettext("แถว %(row)s: %(problem)s") % place
    return gettext("แถว %(row)s คอลัมน์ “%(column)s”: %(problem)s") % place
