"""Marked texts in every field that some people may not read, and a crawl of what one person reaches."""

from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.http import Http404
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from followup.models import (
    Agency,
    AgencyLink,
    Evidence,
    FocalPoint,
    ForumDraft,
    Letter,
    Narrative,
    Round,
    Ruling,
    SpreadsheetImport,
    StatusReport,
    User,
)
from followup.tests.client import read
from followup.tests.public import inner_links, is_page
from followup.tests.test_permissions import PUBLISHED
from proposals.models import Measure

AT_MOST = 2  # addresses of one view that are followed
STAFF = frozenset({"staff", "reviewer", "administrator"})
NOBODY: frozenset[str] = frozenset()
EVERYBODY = STAFF | {"anonymous", "outsider", "agency link"}

#: Canary -> who may read it. The agency's link belongs to the agency of `@assessed` and `@linked`.
READERS = {
    PUBLISHED: EVERYBODY,
    "canary-draft-of-another": STAFF,
    "canary-submitted-of-another": STAFF,
    "canary-returned": STAFF | {"agency link"},
    "canary-assessment": STAFF | {"agency link"},
    "canary-ruling": STAFF,
    "canary-narrative": STAFF,
    "canary-internal-evidence": STAFF,
    "canary-agency-note": frozenset({"administrator"}),
    "canary-contact": STAFF,
    "canary-letter": STAFF,
    "canary-import": frozenset({"administrator"}),
    "canary-forum-name": frozenset({"administrator"}),
    "canary-forum-source": frozenset({"administrator"}),
    "canary-proposal-title": frozenset({"administrator"}),
    "canary-measure-title": frozenset({"administrator"}),
    "canary-forum-note": frozenset({"administrator"}),
    "canary-email": frozenset({"administrator"}),
    "canary-password": NOBODY,
    "canary-second-factor": NOBODY,
    "canary-link-key": NOBODY,
    "canary-session": NOBODY,
}


def release(house: dict[str, Any], people: dict[str, User]) -> None:
    """Put the canaries into the rows of the permission table's `house`."""
    now = timezone.now()
    round_ = Round.objects.get(year_be=2569)
    reports = StatusReport.objects.filter(round=round_)
    untouched = reports.filter(version=0).exclude(assignment__agency__code="MSDHS")
    reports.filter(pk=untouched[0].pk).update(
        state="draft", version=1, results="canary-draft-of-another"
    )
    reports.filter(pk=house["submitted"]).update(results="canary-submitted-of-another")
    reports.filter(pk=house["linked"]).update(
        state="returned", version=1, return_reason="canary-returned"
    )
    reports.filter(pk=house["assessed"]).update(assessed_note="canary-assessment")
    Evidence.objects.filter(pk=house["kept_file"]).update(title="canary-internal-evidence")
    Ruling.objects.create(
        round=round_,
        measure=Measure.objects.get(resolution__number=8, number=1),
        status="on_hold",
        meeting_ref="1/2569",
        note="canary-ruling",
    )
    Narrative.objects.create(round=round_, slot="preface", text="canary-narrative", accepted_at=now)
    Agency.objects.filter(code="CODI").update(note="canary-agency-note")
    FocalPoint.objects.filter(pk=house["contact"]).update(name="canary-contact")
    Letter.objects.update(number="canary-letter")
    draft = ForumDraft.objects.get()
    draft.source_text = f"canary-forum-source\n{draft.source_text}"
    for row in draft.content["resolutions"]:
        row["at"] += len("canary-forum-source\n")
    first = draft.content["resolutions"][0]
    first |= {"title_th": "canary-proposal-title"}
    first["notes"] = [{"quotation": "", "text_th": "canary-forum-note"}]
    first["measures"][0]["title_th"] = "canary-measure-title"
    draft.content["forum"]["short_name_th"] = "canary-forum-name"
    draft.save()
    SpreadsheetImport.objects.filter(pk=house["import"]).update(file_name="canary-import.xlsx")
    colleague = people["colleague"]
    User.objects.filter(pk=colleague.pk).update(
        email="canary-email@example.org", password="canary-password"
    )
    Authenticator.objects.create(
        user=colleague, type="totp", data={"secret": "canary-second-factor"}
    )
    AgencyLink.objects.exclude(pk=house["link"]).update(key="canary-link-key")
    Session.objects.create(session_key="canary-session", session_data="x", expire_date=now)


def homes(house: dict[str, Any]) -> list[str]:
    """Pages of rows that have a canary."""
    return [
        reverse("staff-report", args=[house["assessed"]]),
        reverse("staff-review-report", args=[house["assessed"]]),
        reverse("admin:followup_agency_change", args=[Agency.objects.get(code="CODI").pk]),
    ]


def view_of(address: str) -> str:
    """The name of the view at an address; the address itself if it has none."""
    try:
        return resolve(address).view_name
    except Http404:
        return address


def reached(client: Client, starts: Iterable[str]) -> dict[str, str]:
    """What a client reads at these addresses and at those that their pages lead to.

    Of each view a few addresses are followed.
    """
    found: dict[str, str] = {}
    begun, each_view = set(starts), Counter[str]()
    waiting = list(begun)
    while waiting:
        address = waiting.pop()
        if address in found or "logout" in address:
            continue
        if address not in begun:
            view = view_of(address)
            each_view[view] += 1
            if each_view[view] > AT_MOST:
                continue
        response = client.get(address)
        body = b"".join(response) if response.streaming else response.content
        found[address] = body.decode(errors="replace")
        if response.status_code == 302:
            waiting.append(urlsplit(response["Location"]).path)
        elif is_page(response):
            waiting += [
                urlsplit(to).path
                for _written, to, _fragment in inner_links(address, read(response))
                if not to.startswith("/static/")
            ]
    return found
