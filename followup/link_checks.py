"""The links of evidence are opened now and then, so that a dead one is told as such.

Each public link of a report that was sent in, and of an accepted assessment, is opened once a week. One
that fails is opened again on the next two days, and only then counts as gone: a host that is slow at
night is not dead. If a whole run fails, the portal's own network is taken to be down, and nothing is told
of any link. Who reads a page asks no other machine: what was found is stored in `LinkCheck`.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import cached_property

from followup import jobs
from followup.models import (
    AssessmentEvidence,
    AssessmentState,
    Evidence,
    FocalPoint,
    LinkCheck,
    LinkState,
    StatusReport,
)
from followup.models.link_checks import URL_LIMIT, CheckedLink
from followup.models.reports import SETTLED
from forum_portal.addresses import absolute
from forum_portal.link_probe import Outcome, Probed, Prober
from forum_portal.version import VERSION
from forum_portal.web_address import WebAddress

EVERY = timedelta(days=7)  # a link is opened
FAILURES = 3  # after which a link is gone, on as many days
A_RUN = 3000  # links are opened in one run at most
OF_A_HOST = 60  # of them
CONTROLS = 3  # links that are known to work, which tell whether the portal has a network
PAUSE = 1.0  # seconds between two questions to a host
RUN_SECONDS = 20 * 60.0  # after which a run begins no other question
AT_ONCE = 4  # hosts
AT_ONCE_STORED = 100  # links, in one transaction

_FAILED = frozenset({Outcome.BROKEN, Outcome.SILENT})
_is_web_address = WebAddress()
T = TypeVar("T", bound=CheckedLink)


# What was found ---------------------------------------------------------------------------------


class Checks:
    """The checks of some addresses: one query, when the first is asked for."""

    def __init__(self, urls: Iterable[str]) -> None:
        self._urls = {url for url in urls if url}

    @cached_property
    def _found(self) -> Mapping[str, LinkCheck]:
        return of(self._urls)

    def __call__(self, url: str) -> LinkCheck | None:
        return self._found.get(url) if url in self._urls else None


def of(urls: Collection[str]) -> dict[str, LinkCheck]:
    """Address -> its check, of those that were checked. One query for each 500."""
    every, found = list(urls), {}
    for start in range(0, len(every), 500):
        for each in LinkCheck.objects.filter(url__in=every[start : start + 500]):
            found[each.url] = each
    return found


def mark(pieces: Iterable[T]) -> list[T]:
    """Let evidence know the checks of its links. One query for all, once one of them is needed."""
    found = list(pieces)
    checks = Checks(piece.url for piece in found)
    for piece in found:
        piece.checks = checks
    return found


def mark_of(reports: Iterable[StatusReport]) -> None:
    """`mark` for the evidence of reports."""
    mark(piece for report in reports for piece in report.evidence.all())


def dead() -> QuerySet[Evidence]:
    """The public evidence of the reports that were sent in whose link is gone, in the source's order."""
    return (
        _public()
        .filter(url__in=LinkCheck.objects.filter(state=LinkState.GONE).values("url"))
        .select_related(
            "report__round",
            "report__assignment__agency",
            "report__assignment__measure__resolution__forum",
        )
        .order_by(
            "-report__round__ends_on",
            "report__assignment__agency__sort_key",
            "report__assignment__measure__resolution__forum__year_be",
            "report__assignment__measure__resolution__number",
            "report__assignment__measure__number",
            "position",
        )
    )


def dead_of(agency: int, among: Collection[str] | None = None) -> list[Evidence]:
    """The dead links of an agency's evidence, each with its check; `among`: only these addresses."""
    found = dead().filter(report__assignment__agency=agency)
    return mark(found if among is None else found.filter(url__in=among))


def _public() -> QuerySet[Evidence]:
    """The public links of reports that were sent in."""
    return Evidence.objects.filter(is_public=True, report__state__in=SETTLED).exclude(url="")


def in_use() -> set[str]:
    """The addresses that are checked. Two queries. Invented links of the demo data are not."""
    accepted = AssessmentEvidence.objects.filter(assessment__state=AssessmentState.ACCEPTED)
    return {
        *_urls(_public().filter(report__round__is_demo=False)),
        *_urls(accepted.filter(assessment__round__is_demo=False)),
    }


def _urls(pieces: QuerySet[Any]) -> Iterable[str]:
    return pieces.order_by().values_list("url", flat=True).distinct()


# A run ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """What a run did: links opened, those that cannot be opened now, those that are gone since."""

    opened: int = 0
    failing: int = 0
    gone: int = 0
    no_network: bool = False

    @property
    def plain(self) -> dict[str, int | bool]:
        """As the row of the job keeps it."""
        return vars(self)


def run(prober: Prober | None = None, *, pause: float | None = None) -> Told:
    """Open the links that are due, and store what was found. `settings.LINK_CHECKS` switches it off."""
    if not settings.LINK_CHECKS:
        return Told()
    prober = prober or Prober(user_agent())
    pause = PAUSE if pause is None else pause
    now, used = timezone.now(), in_use()
    known = {each.url: each for each in LinkCheck.objects.iterator(chunk_size=2000)}
    of_demo = set(_urls(Evidence.objects.filter(report__round__is_demo=True)))
    _forget([each.pk for url, each in known.items() if url not in used | of_demo])
    opened = failing = gone = 0
    has_network = False
    waiting: dict[str, Probed] = {}

    def store() -> None:
        nonlocal failing, gone
        failing += has_network and sum(each.outcome in _FAILED for each in waiting.values())
        gone += sum(each.is_gone for each in _store(waiting, now, has_network=has_network))
        waiting.clear()

    for url, probed in _probe(due(used, known, now), prober, pause):
        opened += 1
        waiting[url] = probed
        has_network = has_network or probed.proves_a_network
        if has_network and len(waiting) >= AT_ONCE_STORED:
            store()
    if waiting and not has_network:
        controls = _controls(known, used, waiting)
        has_network = any(each.proves_a_network for _url, each in _probe(controls, prober, pause))
    store()
    return Told(opened, failing, gone, bool(opened) and not has_network)


def user_agent() -> str:
    """By which the owner of a host finds out who asks: the portal, its address, and a mailbox if set."""
    contact = settings.LINK_CHECKS_CONTACT or settings.DATA_CONTACT_EMAIL
    who = "; ".join(filter(None, [f"+{absolute('/about/')}", contact]))
    return f"CSOs-Forum-portal/{VERSION} ({who}; link check)"


def due(used: Iterable[str], known: Mapping[str, LinkCheck], now: datetime) -> list[str]:
    """The addresses to be opened now: those that fail first, then new ones, then the oldest checks.

    Days are counted, not hours: a run may begin a little earlier than yesterday's.
    """
    today = timezone.localdate(now)
    order: list[tuple[int, datetime, str]] = []
    for url in used:
        check = known.get(url)
        if check is None:
            order.append((1, now, url))
            continue
        days = (today - timezone.localdate(check.checked_at)).days
        if days >= 1 and 0 < check.failures < FAILURES:
            order.append((0, check.checked_at, url))
        elif days >= EVERY.days:
            order.append((2, check.checked_at, url))
    chosen, of_host = [], dict[str, int]()
    for _rank, _at, url in sorted(order):
        host = host_of(url)
        of_host[host] = of_host.get(host, 0) + 1
        if of_host[host] <= OF_A_HOST:
            chosen.append(url)
    return chosen[:A_RUN]


def host_of(url: str) -> str:
    """The host of an address; "" if it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _controls(
    known: Mapping[str, LinkCheck], used: Collection[str], found: Collection[str]
) -> list[str]:
    """Links of several hosts that could be opened the last time."""
    by_host = {
        host_of(url): url
        for url, each in known.items()
        if each.state == LinkState.REACHABLE and not each.failures
        if url in used and url not in found
    }
    return list(by_host.values())[:CONTROLS]


def _probe(urls: Iterable[str], prober: Prober, pause: float) -> Iterator[tuple[str, Probed]]:
    """Open addresses, several hosts at once and each host one address after the other.

    The threads are daemons and ask no database: a worker that ends does not wait for them.
    """
    by_host: dict[str, list[str]] = {}
    for url in urls:
        by_host.setdefault(host_of(url), []).append(url)
    hosts: queue.SimpleQueue[list[str] | None] = queue.SimpleQueue()
    answers: queue.SimpleQueue[tuple[str, Probed] | None] = queue.SimpleQueue()
    until = time.monotonic() + RUN_SECONDS
    for of_host in by_host.values():
        hosts.put(of_host)

    def ask() -> None:
        try:
            while of_host := hosts.get():
                for number, url in enumerate(of_host):
                    if time.monotonic() > until:
                        return
                    if number:
                        time.sleep(pause)
                    answers.put((url, prober.ask(url)))
        finally:
            answers.put(None)

    threads = min(AT_ONCE, len(by_host))
    for _thread in range(threads):
        hosts.put(None)
    for _thread in range(threads):
        threading.Thread(target=ask, name="link checks", daemon=True).start()
    while threads:
        answer = answers.get()
        if answer is None:
            threads -= 1
        else:
            yield answer


def _forget(pks: Sequence[int]) -> None:
    """Remove the checks of links that nothing refers to any more."""
    for start in range(0, len(pks), 500):
        LinkCheck.objects.filter(pk__in=pks[start : start + 500]).delete()


def _store(found: Mapping[str, Probed], now: datetime, *, has_network: bool) -> list[LinkCheck]:
    """Store what was found of some addresses, and queue what agencies are told; returns what changed.

    One transaction: what the public reads changes once.
    """
    with transaction.atomic():
        rows = LinkCheck.objects.select_for_update().filter(url__in=list(found)).order_by("pk")
        stored = {each.url: each for each in rows}
        new, old, changed = [], [], []
        for url, probed in found.items():
            if not has_network and probed.outcome != Outcome.REFUSED:
                continue  # it says nothing of the link
            check = stored.get(url)
            if check is None:
                check = LinkCheck(url=url, checked_at=now, since=now)
                new.append(check)
            else:
                old.append(check)
            before = check.state
            note(check, probed, now)
            if check.state != before:
                changed.append(check)
        # Another run may have been begun again beside this one.
        LinkCheck.objects.bulk_create(new, ignore_conflicts=True)
        LinkCheck.objects.bulk_update(
            old,
            ["state", "status_code", "checked_at", "since", "moved_to", "failures", "failed_at"],
            batch_size=100,
        )
        _tell([each.url for each in changed if each.is_gone])
    return changed


def note(check: LinkCheck, probed: Probed, now: datetime) -> None:
    """Note in a row what a probe found."""
    check.checked_at, check.status_code = now, probed.code
    if probed.outcome in _FAILED:
        check.failures = min(check.failures + 1, FAILURES)
        check.failed_at = check.failed_at or now
        if check.failures == FAILURES and not check.is_gone:
            _begin(check, LinkState.GONE, check.failed_at)
        return
    check.failures, check.failed_at = 0, None
    match probed.outcome:
        case Outcome.MOVED if _may_be_shown(probed.moved_to):
            if check.moved_to != probed.moved_to:
                _begin(check, LinkState.MOVED, now, probed.moved_to)
        case Outcome.REACHABLE | Outcome.MOVED:
            if check.state != LinkState.REACHABLE:
                _begin(check, LinkState.REACHABLE, now)
        case _:
            if check.state != LinkState.UNKNOWN:
                _begin(check, LinkState.UNKNOWN, now)


def _begin(check: LinkCheck, state: LinkState, since: datetime, moved_to: str = "") -> None:
    check.state, check.since, check.moved_to = state, since, moved_to


def _may_be_shown(url: str) -> bool:
    """Whether an address that another host names may stand on our pages."""
    try:
        _is_web_address(url)
    except ValidationError:
        return False
    return len(url) <= URL_LIMIT


def _tell(urls: Collection[str]) -> None:
    """Queue an e-mail to the focal points of each agency whose evidence has these dead links.

    It is queued with the change of the state, so that each agency is told once of a link that dies.
    """
    agencies: dict[int, set[str]] = {}
    for agency, url in (
        _public().filter(url__in=urls).values_list("report__assignment__agency", "url")
    ):
        agencies.setdefault(agency, set()).add(url)
    if not agencies:
        return
    keys = {each.url: each.pk for each in LinkCheck.objects.filter(url__in=urls)}
    people = FocalPoint.objects.filter(agency__in=agencies).exclude(email="")
    for contact, agency in people.order_by("pk").values_list("pk", "agency"):
        jobs.enqueue("tell_dead_links", contact, sorted(keys[url] for url in agencies[agency]))
