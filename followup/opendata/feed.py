"""The feeds: an entry for each published round, each correction and each edition taken back.

One tells of everything; the others of a resolution, an agency or a province, and only of what touches it.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _

from followup.models import Round
from followup.movements import ENTRIES_MAX, Act, Event, Kind, Record, Subject
from followup.search import Hit, Search, newest
from forum_portal.thai import xml_text
from forum_portal.years import to_ce

WHOLE = Subject(Kind.ALL)


def entry_id(round_: Round, edition: int) -> str:
    """A tag URI (RFC 4151), which does not change if the portal moves to another host."""
    return _tag(to_ce(round_.year_be), f"rounds/{round_.code}/{edition}")


def _tag(year: int, name: str) -> str:
    return f"tag:{settings.FEED_AUTHORITY},{year}:{name}"


def _place(subject: Subject) -> str:
    """The subject in an identifier; "" of everything."""
    return "" if subject.kind is Kind.ALL else f"/{subject.kind.value}/{subject.code}"


def _id_of(event: Event, subject: Subject) -> str:
    """An event is another entry in each feed, because its words are others."""
    end = "/taken-back" if event.act is Act.TAKEN_BACK else ""
    return f"{entry_id(event.round, event.number)}{_place(subject)}{end}"


def _hashed(event: Event, subject: Subject) -> tuple[str, ...]:
    """The edition's hash, in the feed of everything: who kept the entry knows an edition again."""
    if subject.kind is not Kind.ALL or not event.digest:
        return ()
    return (_("ค่าแฮชของฉบับ (SHA-256) %(digest)s") % {"digest": event.digest},)


def atom(address: Callable[[str], str], subject: Subject = WHOLE) -> str:
    """The feed of a subject. `address` makes whole addresses of paths."""
    record = Record()
    author = _("คณะกรรมการส่งเสริมและพัฒนาองค์กรภาคประชาสังคม (คสป.)")
    title = _("ระบบติดตามผลข้อเสนอ CSOs Forum")
    if subject.kind is not Kind.ALL:
        name = subject.name(several_forums=record.several)
        title = _("%(name)s: %(portal)s") % {"name": name, "portal": title}
    feed = Atom1Feed(
        title=xml_text(title),
        subtitle=_("การเผยแพร่ผลการติดตามและการแก้ไขหลังเผยแพร่"),
        description="",
        link=address(subject.path),
        feed_url=address(subject.feed_path),
        feed_guid=_tag(2022, f"feed{_place(subject)}"),
        author_name=author,
        language="th",
    )
    for each in record.movements(subject):
        words = "\n".join((*each.lines, *_hashed(each.event, subject)))
        feed.add_item(
            link=address(each.path),
            title=xml_text(each.title),
            # A summary is HTML.
            description=escape(xml_text(words)).replace("\n", "<br>"),
            unique_id=_id_of(each.event, subject),
            author_name=author,
            pubdate=each.event.at,
            updateddate=each.event.at,
        )
    return feed.writeString("utf-8")


# Of a search ----------------------------------------------------------------------------------


def atom_of_search(search: Search, path: str, address: Callable[[str], str]) -> str:
    """The newest published reports and corrections in which the words of a search stand.

    `path`: the page of the search, with its query.
    """
    author = _("คณะกรรมการส่งเสริมและพัฒนาองค์กรภาคประชาสังคม (คสป.)")
    words = xml_text(search.words.typed)
    feed = Atom1Feed(
        title=_("ค้นหา “%(words)s” ในระบบติดตามผลข้อเสนอ CSOs Forum") % {"words": words},
        subtitle=_("ผลการดำเนินงานและการแก้ไขที่เผยแพร่ซึ่งมีคำนี้"),
        description="",
        link=address(path),
        feed_url=address(path.replace(reverse("search"), reverse("search-feed"), 1)),
        feed_guid=f"tag:{settings.FEED_AUTHORITY},2022:{path.lstrip('/')}",
        author_name=author,
        language="th",
    )
    for hit in newest(search, ENTRIES_MAX) if search.words.terms else ():
        feed.add_item(
            link=address(hit.path),
            title=xml_text(_title_of(hit)),
            description=escape(xml_text(hit.plain_text)),
            unique_id=_text_id(hit),
            author_name=author,
            pubdate=hit.moment,
            updateddate=hit.moment,
        )
    return feed.writeString("utf-8")


def _title_of(hit: Hit) -> str:
    if hit.agency and hit.round:
        return _("%(code)s %(title)s: %(agency)s ปีงบประมาณ %(year)s") % {
            "code": hit.code,
            "title": hit.plain_title,
            "agency": hit.agency.short,
            "year": hit.round.label,
        }
    return _("แก้ไข %(code)s %(title)s") % {"code": hit.code, "title": hit.plain_title}


def _text_id(hit: Hit) -> str:
    """A tag URI of the text itself, the same in the feed of every search and in every edition."""
    row = hit.row
    moment = hit.moment
    year = to_ce(hit.round.year_be) if hit.round else (moment.year if moment else 2022)
    return f"tag:{settings.FEED_AUTHORITY},{year}:{row.kind}/{row.subject_id}/{row.part}" + (
        f"/{row.position}" if row.edition_id is None else ""
    )
