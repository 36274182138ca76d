"""The grades of evidence: what the committee's status of a report rests on."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l


class Grade(models.TextChoices):
    """What a status rests on, the best evidence first; the order of counts and tables."""

    DOCUMENTED = "documented", _l("มีเอกสารยืนยัน")
    SAID = "said", _l("หน่วยงานแจ้ง")
    NONE = "none", _l("ไม่มีหลักฐาน")
    UNGRADED = "ungraded", _l("ยังไม่ระบุหลักฐานที่ใช้")  # computed, never stored

    @property
    def symbol(self) -> str:
        """The name of its mark in the sprite: steps, so that it is no status."""
        return _SYMBOLS[self]

    @property
    def definition(self) -> Promise:
        return DEFINITIONS[self]


_SYMBOLS = {
    Grade.DOCUMENTED: "g-doc",
    Grade.SAID: "g-said",
    Grade.NONE: "g-none",
    Grade.UNGRADED: "g-open",
}
DEFINITIONS: Mapping[Grade, Promise] = {
    Grade.DOCUMENTED: _l("คสป. ระบุหลักฐานที่ใช้ และหลักฐานนั้นยืนยันสถานะ"),
    Grade.SAID: _l("มีเพียงคำของหน่วยงานเอง ไม่มีเอกสารยืนยัน"),
    Grade.NONE: _l("ไม่มีสิ่งใดยืนยันสถานะ"),
    Grade.UNGRADED: _l("รับรองก่อนที่ คสป. จะเริ่มระบุหลักฐานที่ใช้ หรือยังไม่ได้ระบุ"),
}

#: The grades that the committee gives.
GIVEN = tuple(each for each in Grade if each is not Grade.UNGRADED)
#: Those that it may give to several reports at once: they name no evidence.
GIVEN_AT_ONCE = tuple(each for each in GIVEN if each is not Grade.DOCUMENTED)


def missing_from_grade(grade: str, *, named: int, needed: bool) -> dict[str, str]:
    """The errors of a grade: field name -> Thai sentence; empty if there are none.

    `named` is the number of pieces of evidence that the committee names; `needed` is whether there must
    be a grade. A documented status names its evidence, and no other one does.
    """
    if not grade:
        return {"assessed_grade": _("ระบุหลักฐานที่ใช้ประเมิน")} if needed or named else {}
    if grade == Grade.DOCUMENTED and not named:
        return {"assessed_grade": _("เลือกหลักฐานที่ใช้อย่างน้อย 1 รายการ หรือเลือกระดับอื่น")}
    if grade != Grade.DOCUMENTED and named:
        return {
            "assessed_grade": _("เลือกหลักฐานไว้ %(n)s รายการ เลือก “%(grade)s” หรือเอาเครื่องหมายออก")
            % {"n": named, "grade": Grade.DOCUMENTED.label}
        }
    return {}
