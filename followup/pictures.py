"""The picture that other sites show with a link to a page: 1200 × 630, as PNG.

Of a forum, a resolution or a measure in one edition: its title, status and figures, with the bar of its
page. All that it says comes from the edition, so it is made once (`forum_portal.kept_files`) and its
address may be kept for good. Typst draws it and gets the text as JSON: no text is part of its program.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from followup.annual_report.pdf import as_shown
from followup.annual_report.typesetting import SETTING
from followup.appearance import colours, patterns, symbols, token
from followup.charts import stacked_bar
from followup.models import Round
from followup.naming import forums_title, item_name
from followup.progress import MeasureProgress, Tally
from followup.published import Edition, year_progress
from followup.status import Status
from forum_portal.languages import is_english, language, listed
from forum_portal.thai import GLUE_TERMS, format_date
from forum_portal.version import VERSION
from proposals.codes import Code, full_code, parse_code
from proposals.models import Resolution

WIDTH, HEIGHT = 1200, 630  # pixels
PNG_TYPE = "image/png"
_HERE = Path(__file__).parent
_PROGRAM = _HERE / "picture.typ"
_LONGEST = {"title": 120, "line": 60}  # characters; the rest is cut with an ellipsis
_LEADS = 3  # lead agencies that are named
_BAR_WIDTH = WIDTH - 2 * 56
_TONES = ("paper", "ink", "ink-2", "rule", "accent", "accent-2", "demo")
_SETTING = {
    key: value for key, value in SETTING.items() if key in {"font_paths", "ignore_system_fonts"}
}


@dataclass(frozen=True)
class Picture:
    """What a picture says; `told` says it to those who do not see it."""

    kicker: str
    title: Sequence[str]  # phrases, between which a line may break
    year: str = ""
    status: Status | None = None
    figure: str = ""
    lines: Sequence[str] = ()
    tally: Tally | None = None
    edition: str = ""
    is_demo: bool = False

    @property
    def told(self) -> str:
        title = "".join(self.title)
        status = str(self.status.label) if self.status else ""
        return ": ".join(filter(None, [self.kicker, title, status, self.figure, self.year]))


def portal() -> Picture:
    """The picture of the portal itself, without a figure."""
    return Picture(
        kicker=_("คสป."),
        title=[_("ข้อเสนอของภาคประชาสังคม คืบหน้าถึงไหน")],
        lines=[_("สถานะและหลักฐานของทุกมาตรการย่อย รายปีงบประมาณ")],
    )


def picture(subject: str, round_: Round, edition: Edition) -> Picture | None:
    """The picture of a subject in the standing edition of a public round.

    `subject` is a forum's year, or the full code of a resolution or a measure. None if it names nothing
    that the edition follows up.
    """
    code = parse_code(subject)
    if code and not code.year:  # a year alone
        code = Code(code.resolution, 0, 0) if not code.clause else None
    if code is None or subject_of(code.year, code.resolution, code.clause) != subject:
        return None
    resolutions = edition.frame.resolutions.values()
    of_forum = [each for each in resolutions if each.forum.year_be == code.year]
    if not of_forum:
        return None
    if not code.resolution:
        return _of_forum(of_forum[0], round_, edition)
    found = next((each for each in of_forum if each.number == code.resolution), None)
    if found is None:
        return None
    return _of_resolution(found, code.clause, round_, edition)


def _of_forum(any_: Resolution, round_: Round, edition: Edition) -> Picture:
    year = year_progress(round_, known={round_: edition}).of_forum(any_.forum)
    return Picture(
        kicker=forums_title([any_.forum]),
        title=[_("ข้อเสนอของภาคประชาสังคม คืบหน้าถึงไหน")],
        figure=_achieved(year.tally),
        tally=year.tally,
        **_of_edition(round_, edition),
    )


def _achieved(tally: Tally) -> str:
    return _("บรรลุแล้ว %(a)s จาก %(n)s มาตรการย่อย") % {"a": tally.achieved, "n": tally.n}


def _of_resolution(
    resolution: Resolution, clause: int, round_: Round, edition: Edition
) -> Picture | None:
    year = year_progress(round_, resolution=resolution, known={round_: edition})
    if not year.resolutions:
        return None
    shown = year.resolutions[0]
    name = item_name(resolution, several_forums=True)
    if clause:
        measure = next((each for each in shown.measures if each.measure.number == clause), None)
        return _of_measure(measure, name, round_, edition) if measure else None
    if shown.is_replaced:
        return Picture(
            kicker=name,
            title=_phrases(resolution),
            figure=_("ติดตามต่อภายใต้ข้อเสนอของเวทีหลัง"),
            **_of_edition(round_, edition),
        )
    return Picture(
        kicker=name,
        title=_phrases(resolution),
        status=shown.status,
        figure=_achieved(shown.tally),
        tally=shown.tally,
        **_of_edition(round_, edition),
    )


def _of_measure(each: MeasureProgress, name: str, round_: Round, edition: Edition) -> Picture:
    names = [unit.agency.short for unit in each.answers.lead_units[:_LEADS]]
    more = each.answers.lead_count - len(names)
    if names and more > 0:
        names.append(_("และอีก %(n)s หน่วยงาน") % {"n": more})
    return Picture(
        kicker=_("%(name)s มาตรการย่อย %(code)s") % {"name": name, "code": each.measure.code},
        title=[each.measure.title],
        status=each.status,
        lines=[_("หน่วยงานหลัก: %(names)s") % {"names": listed(names)}] if names else [],
        **_of_edition(round_, edition),
    )


def _of_edition(round_: Round, edition: Edition) -> dict[str, Any]:
    assert edition.made_at is not None  # noqa: S101  a standing edition's
    return {
        "year": _("ปีงบประมาณ %(year)s") % {"year": round_.label},
        "edition": _("ข้อมูลฉบับที่ %(number)s เผยแพร่ %(day)s")
        % {
            "number": edition.number,
            "day": format_date(timezone.localtime(edition.made_at), "medium"),
        },
        "is_demo": round_.is_demo,
    }


def _phrases(resolution: Resolution) -> Sequence[str]:
    if is_english() and resolution.title_en:
        return [resolution.title_en]
    return resolution.phrases


def subject_of(year: int, resolution: int = 0, clause: int = 0) -> str:
    """The subject that `picture` reads: of a forum, or of one of its resolutions or measures."""
    return full_code(year, resolution, clause) if resolution else str(year)


@cache
def look() -> str:
    """Changes with everything that a picture depends on besides its edition and its language."""
    told = sha256(f"{VERSION} {settings.PORTAL_ITEM_NOUN} {settings.PORTAL_ITEM_NOUN_EN}".encode())
    for path in (_PROGRAM, Path(__file__)):
        told.update(path.read_bytes())
    return told.hexdigest()[:8]


def drawn(what: Picture) -> bytes:
    """The picture as PNG, in the language of the thread; 0.2 s."""
    import typst  # costs 10 ms and 20 MB to load

    statuses = {each.value: asdict(colours()[each]) for each in Status}
    tones = {name: token(name) for name in _TONES}
    made: bytes = typst.compile(
        _PROGRAM,
        root=_HERE,
        format="png",
        ppi=72.0,  # a point is a pixel
        sys_inputs={
            "picture": json.dumps(_input(what) | {"statuses": statuses}),
            "colours": json.dumps(tones),
        },
        **_SETTING,
    )
    return made


def _input(what: Picture) -> dict[str, Any]:
    """A picture as `picture.typ` reads it."""
    segments = stacked_bar(what.tally).segments if what.tally and what.tally.n else []
    left = _LONGEST["title"]
    title = []
    for part in _phrases_of(what.title):
        if left > 0:
            title.append(_cut(part, left))
        left -= len(part)
    return {
        "language": language(),
        "terms": [re.escape(each) for each in GLUE_TERMS],
        "site": _("ระบบติดตามผลข้อเสนอ CSOs Forum"),
        "foot": _("คสป."),
        "mark": _("ข้อมูลตัวอย่าง") if what.is_demo else "",
        "kicker": _cut(what.kicker, _LONGEST["line"]),
        "title": title,
        "year": what.year,
        "status": what.status.value if what.status else None,
        "word": str(what.status.label) if what.status else "",
        "figure": _cut(what.figure, _LONGEST["line"]),
        "lines": [_cut(each, _LONGEST["line"]) for each in what.lines],
        "edition": what.edition,
        "segments": [
            {
                "status": each.status.value,
                "count": str(each.count),
                "x": each.x,
                "width": each.width,
            }
            for each in segments
        ],
        "legend": [
            {
                "status": each.status.value,
                "word": str(each.status.label),
                "count": str(each.count),
            }
            for each in segments
        ],
        "bar": _bar(what.tally) if what.tally and segments else "",
        "symbols": {
            status.value: (
                '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" '
                f'viewBox="0 0 24 24" color="{colours()[status].ink}">{drawing}</svg>'
            )
            for status, drawing in symbols().items()
        },
    }


def _phrases_of(title: Sequence[str]) -> Sequence[str]:
    """The pieces of a title that are best not broken; Thai parts its phrases with spaces."""
    return title if len(title) > 1 or is_english() else re.findall(r"\S+\s*", title[0])


def _bar(tally: Tally) -> str:
    """The bar of the page, as SVG without a style sheet."""
    context = {
        "bar": stacked_bar(tally),
        "patterns": patterns().values(),
        "width": _BAR_WIDTH,
        "ground": token("paper"),
        "blank": token("blank"),
    }
    return render_to_string("embed/bar.svg", context)


def _cut(words: str, longest: int) -> str:
    cut = Truncator(re.sub(r"\s+", " ", words)).chars(longest)
    return as_shown(cut)
