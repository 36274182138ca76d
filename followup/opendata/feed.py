"""The feed: an entry for each published round, each correction and each edition taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import gettext as _

from followup.corrections import effects_of, effects_text
from followup.models import Round, Snapshot, TakenBack
from followup.naming import forums_title
from forum_portal.thai import xml_text
from forum_portal.years import to_ce
from proposals.models import Forum

ENTRIES_MAX = 50


def entry_id(round_: Round, edition: int) -> str:
    """A tag URI (RFC 4151), which does not change if the portal moves to another host."""
    year = to_ce(round_.year_be)
    return f"tag:{settings.FEED_AUTHORITY},{year}:rounds/{round_.code}/{edition}"


def atom(address: Callable[[str], str]) -> str:
    rounds = list(Round.objects.public())
    corrections = list(
        Snapshot.objects.corrections()
        .filter(round__in=rounds)
        .select_related("round")
        .defer("content")
        .order_by("-made_at", "-pk")[:ENTRIES_MAX]
    )
    effects, forums = effects_of(corrections), list(Forum.objects.order_by("year_be"))
    several = len(forums) > 1
    # Not number 1 if the first edition was taken back: readers of the feed know that entry already.
    first: dict[int, tuple[int, str]] = {}
    for round_id, number, digest in (
        Snapshot.objects.standing().order_by("number").values_list("round", "number", "digest")
    ):
        first.setdefault(round_id, (number, digest))
    taken_back = TakenBack.objects.select_related("snapshot__round").defer("snapshot__content")
    author = _("คณะกรรมการส่งเสริมและพัฒนาองค์กรภาคประชาสังคม (คสป.)")
    feed = Atom1Feed(
        title=_("ระบบติดตามผลข้อเสนอ CSOs Forum"),
        subtitle=_("การเผยแพร่ผลการติดตามและการแก้ไขหลังเผยแพร่"),
        description="",
        link=address(reverse("home")),
        feed_url=address(reverse("feed")),
        feed_guid=f"tag:{settings.FEED_AUTHORITY},2022:feed",
        author_name=author,
        language="th",
    )
    for moment, item in sorted(
        [
            *(
                (each.published_at, _publication(each, forums, *first.get(each.pk, (1, ""))))
                for each in rounds
                if each.published_at
            ),
            *(
                (
                    each.made_at,
                    _correction(
                        each, effects_text(effects.get(each.pk, ()), several_forums=several)
                    ),
                )
                for each in corrections
            ),
            *((each.at, _taken_back(each)) for each in taken_back[:ENTRIES_MAX]),
        ],
        key=lambda pair: pair[0],
        reverse=True,
    )[:ENTRIES_MAX]:
        feed.add_item(
            link=address(item["path"]),
            title=xml_text(item["title"]),
            description=escape(xml_text(item["description"])),  # a summary is HTML
            unique_id=item["unique_id"],
            author_name=author,
            pubdate=moment,
            updateddate=moment,
        )
    return feed.writeString("utf-8")


def _publication(
    round_: Round, forums: Sequence[Forum], number: int, digest: str
) -> dict[str, Any]:
    """A round's entry; of several forums it names those that the round followed up."""
    title = _("เผยแพร่ผลการติดตามปีงบประมาณ %(year)s") % {"year": round_.label}
    if round_.is_demo:
        title = _("ตัวอย่าง: %(word)s") % {"word": title}
    followed = [each for each in forums if each.is_followed_in(round_.year_be)]
    said = _("ผลการดำเนินงานตามข้อเสนอ %(forums)s ปีงบประมาณ %(year)s") % {
        "forums": forums_title(followed if len(forums) > 1 else ()),
        "year": round_.label,
    }
    if round_.meeting_ref:
        said += " " + _("คสป. รับทราบในการประชุมครั้งที่ %(meeting)s") % {"meeting": round_.meeting_ref}
    if digest:
        said += " " + _hashed(digest)
    return {
        "title": title,
        "description": said,
        "unique_id": entry_id(round_, number),
        "path": reverse("year", args=[round_.code]),
    }


def _correction(snapshot: Snapshot, told: str) -> dict[str, Any]:
    """A correction's entry: first whether figures changed, then the reason and the extent."""
    year, count = snapshot.round.label, len(snapshot.changes)
    said = _("%(effect)s เหตุผล: %(reason)s") % {
        "effect": " ".join(told.splitlines()),
        "reason": snapshot.reason,
    }
    if count:
        said += " " + _("แก้ไข %(count)s รายการ") % {"count": count}
    said += " " + _hashed(snapshot.digest)
    return {
        "title": _("แก้ไขผลการติดตามปีงบประมาณ %(year)s ฉบับที่ %(number)s")
        % {"year": year, "number": snapshot.number},
        "description": said,
        "unique_id": entry_id(snapshot.round, snapshot.number),
        "path": f"{reverse('corrections')}?edition={snapshot.pk}#c{snapshot.pk}",
    }


def _hashed(digest: str) -> str:
    """The edition's hash: who kept the entry knows an edition again."""
    return _("ค่าแฮชของฉบับ (SHA-256) %(digest)s") % {"digest": digest}


def _taken_back(taken: TakenBack) -> dict[str, Any]:
    """The entry of an edition that was taken back: only that, when and why; none of its content."""
    round_, number = taken.snapshot.round, taken.snapshot.number
    return {
        "title": _("ถอนการเผยแพร่ผลการติดตามปีงบประมาณ %(year)s ฉบับที่ %(number)s")
        % {"year": round_.label, "number": number},
        "description": _("เหตุผล: %(reason)s") % {"reason": taken.note},
        "unique_id": f"{entry_id(round_, number)}/taken-back",
        "path": f"{reverse('corrections')}#t{taken.pk}",
    }
