"""The codes under which the government's other systems know what a report is about.

They are stored as text, one code a line: `eMENSCR: 0413-66-0001 | https://…`. The system and the link may
be missing. A code is compared without spaces, hyphens and case, because people write it in all ways.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from forum_portal.thai import clean_text, match_key, to_arabic_digits
from forum_portal.web_address import WebAddress
from forum_portal.years import as_typed, one_line

#: Codes of a report, and characters of a code.
AT_MOST, LONGEST = 20, 60
LINK = " | "


class System(models.TextChoices):
    """Whose code it is."""

    EMENSCR = "emenscr", _l("eMENSCR")
    PLAN = "plan", _l("แผนปฏิบัติการ")
    BUDGET = "budget", _l("รหัสงบประมาณ")
    OTHER = "", _l("รหัสอื่น")


#: What people call a system, besides its label.
_ALIASES = {
    System.EMENSCR: ("emenscr", "e-menscr", "ระบบติดตามและประเมินผลแห่งชาติ"),
    System.PLAN: ("plan", "แผน", "แผนปฏิบัติราชการ", "แผนงาน", "action plan"),
    System.BUDGET: ("budget", "งบประมาณ", "รหัสงบ", "gfmis"),
    System.OTHER: ("project", "โครงการ", "รหัส", "รหัสโครงการของหน่วยงาน"),
}
_SYSTEM_OF = {
    match_key(word): system
    for system, words in _ALIASES.items()
    for word in (*words, str(system.label))
}
#: What a code is compared without; white space is one space in a stored text.
IGNORED = " -–—"
_BETWEEN = re.compile(rf"[\s{re.escape(IGNORED)}]+")
_SYSTEM = re.compile(r"(?P<system>[^:：|]{1,40})[:：]\s*(?P<code>.*)")


class CodeError(ValueError):
    """Text that is not a list of codes; `str()` is the Thai message."""


@dataclass(frozen=True)
class ProjectCode:
    """One code of a report."""

    system: System
    code: str
    url: str = ""

    @property
    def key(self) -> str:
        """What tells whether two codes are the same: the code alone, whosever it is called."""
        return code_key(self.code)

    @property
    def line(self) -> str:
        """How it is stored, and shown where there are no links."""
        system = f"{self.system.label}: " if self.system else ""
        return f"{system}{self.code}{LINK + self.url if self.url else ''}"


def code_key(code: str) -> str:
    """A code as it is compared."""
    return _BETWEEN.sub("", to_arabic_digits(code)).casefold()


def read_codes(text: str) -> list[ProjectCode]:
    """The codes of a text, one a line; each code once.

    Raises CodeError for a line without a code, for a link that is no web address, and for too many.
    """
    found: dict[str, ProjectCode] = {}
    for line in clean_text(text).splitlines():
        if one_line(line) in {"", "-"}:
            continue
        code = _read(one_line(line))
        found.setdefault(code.key, code)
    if len(found) > AT_MOST:
        raise CodeError(
            _("มีรหัสโครงการ %(n)s รหัส รับได้ไม่เกิน %(max)s รหัส") % {"n": len(found), "max": AT_MOST}
        )
    return list(found.values())


def normal_codes(text: str) -> str:
    """A text of codes as it is stored. Raises CodeError."""
    return "\n".join(each.line for each in read_codes(text))


def stored_codes(text: str) -> Sequence[ProjectCode]:
    """The codes of a stored text; a line that is no code any more is left out."""
    try:
        return read_codes(text)
    except CodeError:
        return ()


def _read(line: str) -> ProjectCode:
    said, _bar, url = (part.strip() for part in line.partition("|"))
    system = System.OTHER
    named = _SYSTEM.fullmatch(said)
    if named and (known := _SYSTEM_OF.get(match_key(named["system"]))) is not None:
        system, said = known, named["code"].strip()
    if not any(each.isalnum() for each in said) or "://" in said or len(said) > LONGEST:
        raise CodeError(
            _("อ่านรหัสโครงการ “%(value)s” ไม่ได้ พิมพ์บรรทัดละรหัส เช่น eMENSCR: 0413-66-0001 | https://…")
            % {"value": as_typed(line)}
        )
    if url:
        try:
            WebAddress()(url)
        except ValidationError as error:
            raise CodeError(
                _("ลิงก์ “%(value)s” ไม่ใช่ที่อยู่เว็บ ใช้ https:// หรือ http://") % {"value": as_typed(url)}
            ) from error
    return ProjectCode(system, said, url)
