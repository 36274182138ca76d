"""The choice of the forum, for pages that show one forum at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from followup.charts import Bar, stacked_bar
from followup.progress import YearProgress
from forum_portal.page_cache import vouch
from forum_portal.years import YearError, as_typed, parse_year
from proposals.models import Forum


class ForumLine(NamedTuple):
    """A forum in a year, on one line: its counts, and their bar."""

    forum: Forum
    progress: YearProgress
    bar: Bar

    @classmethod
    def of(cls, forum: Forum, part: YearProgress) -> ForumLine:
        return cls(forum, part, stacked_bar(part.tally))


@dataclass(frozen=True)
class ForumChoice:
    """The forums that a year followed up (newest first), the chosen one, and a message if `?forum=`
    names none of them. `is_default`: whether the page shows that one without being asked."""

    forums: Sequence[Forum]
    forum: Forum
    notice: str = ""
    is_default: bool = True


def forum_of(year: int, forums: QuerySet[Forum] | None = None) -> Forum:
    """The forum of a year in the path. Raises Http404, which names those there are."""
    every = Forum.objects.all() if forums is None else forums
    if forum := every.filter(year_be=year).first():
        return forum
    known = ", ".join(map(str, Forum.objects.sizes()))
    if not known:
        raise Http404(_("ยังไม่มีเวทีในระบบ"))
    raise Http404(_("ไม่มีเวทีปี %(year)s เวทีที่มี: %(years)s") % {"year": year, "years": known})


def chosen_forum(request: HttpRequest, progress: YearProgress) -> ForumChoice | None:
    """Read `?forum=2565`; fall back to the newest forum with a received report, with a notice.

    If the year has no report of any forum, the newest forum. None if the year followed up no forum.
    """
    parts = progress.parts[::-1]
    if not parts:
        return None
    forums = [forum for forum, _part in parts]
    default = next((forum for forum, part in parts if part.is_heard), forums[0])
    return forum_among(
        request,
        forums,
        default,
        _("ปีงบประมาณ %(year)s ไม่ได้ติดตามเวที %(asked)s จึงแสดงเวที %(shown)s"),
        year=progress.round.label,
    )


def chosen_forum_of_years(
    request: HttpRequest, years: Sequence[YearProgress]
) -> ForumChoice | None:
    """Read `?forum=2565` of a page of several years, the earliest first; it has the forums of any.

    The default is the newest forum with a received report in the latest year that has one.
    """
    forums = {forum for year in years for forum in year.by_forum}
    if not forums:
        return None
    newest_first = sorted(forums, key=lambda forum: -forum.year_be)
    heard = (forum for year in reversed(years) for forum, part in year.parts[::-1] if part.is_heard)
    return forum_among(
        request,
        newest_first,
        next(heard, newest_first[0]),
        _("ปีที่เผยแพร่ไม่ได้ติดตามเวที %(asked)s จึงแสดงเวที %(shown)s"),
    )


def forum_among(
    request: HttpRequest,
    forums: Sequence[Forum],
    default: Forum,
    missing: str,
    **words: str,
) -> ForumChoice:
    """Read `?forum=` of a page that has these forums.

    `missing`: what to say of another forum, with the places %(asked)s, %(shown)s and those of `words`.
    """
    asked = request.GET.get("forum", "")
    if not asked:
        return ForumChoice(forums, default)
    said = {"shown": default.year_be, **words}
    try:
        year = parse_year(asked).be
    except YearError:
        notice = _("ไม่เข้าใจเวที “%(typed)s” จึงแสดงเวที %(shown)s")
        return ForumChoice(forums, default, notice % (said | {"typed": as_typed(asked)}))
    for forum in forums:
        if forum.year_be == year:
            if asked == str(year):
                vouch(request, "forum")
            return ForumChoice(forums, forum, is_default=forum == default)
    return ForumChoice(forums, default, missing % (said | {"asked": year}))
