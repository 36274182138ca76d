"""What every page costs as the record grows, at 103, 2,721 and 30,023 reports a round.

    .venv/bin/python benchmarks/growth.py
    .venv/bin/python benchmarks/growth.py --sizes 103,2721 --only staff --parts pages

Each size has a database of its own (`stress.py`), which is made once and kept in `--folder`; `--database`
names databases elsewhere, with `{reports}` for the size. The parts:

- `pages`: CPU, bytes and queries of every address, as an administrator sees it, and of the admin's lists.
  CPU is the process's own (median of five), so that other work on the machine does not count. The session
  cookie of public pages is void: a page cache passes such a request on, so that the page is measured.
- `publication`: the open round is published in a copy of the database (SQLite only): CPU seconds, their
  growth exponent, the peak of memory, and how long a second process had to wait to write.
- `memory`: a process reads every public page; its memory before and after.

The table gives the ratio to the smallest size. The target is at most 2.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

FORUMS = {30023: 10}  # as many as the size needs; 1 for the others
TURNS = 5
SLOW = 3.0  # a page that took longer is asked twice only
TARGET = 2.0
PARTS = ("pages", "publication", "memory")

#: Addresses that are no page of the record, with the reason.
LEFT_OUT = {
    **dict.fromkeys(
        (
            "healthz",
            "readyz",
            "metrics",
            "staff-system",
            "robots",
            "picture-portal",
            "security-txt",
            "api-search",  # is the page of the search, and a 400 without words
            "favicon",
            "logout",
            "account_login",
            "password_change",
            "mfa_index",
            "mfa_authenticate",
            "mfa_activate_totp",
            "mfa_deactivate_totp",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_download_recovery_codes",
            "mfa_reauthenticate",
            "account_reauthenticate",
        ),
        "shows nothing of the record",
    ),
    **dict.fromkeys(
        (
            "report-pdf",
            "report-docx",
            "staff-round-report-pdf",
            "staff-round-report-docx",
            "staff-round-pack",
            "staff-workbooks",
            "staff-workbook",
            "staff-round-export",
            "data-file",
            "data-everything",
            "data-everything-hash",
            "receipt-edition",
        ),
        "a file as long as the record; see annual_report.py",
    ),
    **dict.fromkeys(
        (
            "evidence",
            "agency-evidence",
            "staff-letter-file",
            "staff-forum-file",
            "staff-agencies-letters",
            "staff-agencies-links",
            "staff-agencies-mail",
            "staff-agencies-mailed",
        ),
        "a file of one thing, or the answer to a form",
    ),
    **dict.fromkeys(
        (
            "feedback-message",
            "follow-confirm",
            "follow-change",
            "follow-leave",
            "assessor-measures",
            "assessor-measure",
            "staff-feedback-message",
            "staff-feedback-file",
            "staff-assessment",
            "staff-organisation",
            "staff-organisation-end",
            "staff-organisation-invite",
            "staff-organisation-revoke",
        ),
        "is of one message, subscriber or organisation, of which the record of a benchmark has none",
    ),
    **dict.fromkeys(
        (
            "import-result",
            "import-sheet",
            "import-columns",
            "import-check",
            "import-problems",
            "import-left-out",
            "import-confirm",
            "import-undo",
        ),
        "of an uploaded file; see import_speed.py",
    ),
    **dict.fromkeys(
        (
            "staff-forum-facts",
            "staff-forum-source",
            "staff-forum-marks",
            "staff-forum-check",
            "staff-forum-publish",
            "staff-forum-preview",
            "staff-forum-remove",
        ),
        "of one forum's draft",
    ),
}
#: Queries of a page whose cost differs from that without one.
QUERIES = {
    "staff-queue": ["?state=approved", "?state=untouched&page=2", "?q=สำนักงาน"],
    "staff-review": ["?select=all"],
    "staff-promised": ["?state=soon"],
    "staff-agencies": ["?state=due&select=all", "?q=จังหวัด"],
    "staff-assignments": ["?tab=waiting&select=all", "?q=จังหวัด"],
    "agencies": ["?role=lead&reported=no"],
    "matrix": ["?role=all"],
    "staff-letters": ["?page=2"],
}


@dataclass(frozen=True)
class Address:
    name: str
    path: str
    is_public: bool
    which: str = ""  # of several samples

    @property
    def label(self) -> str:
        query = self.path.partition("?")[2]
        return " ".join(filter(None, [self.name, self.which, query and f"?{query}"]))


def addresses() -> Iterator[Address]:
    """Every page of the URL configuration with sample arguments, and the lists of the admin.

    Raises SystemExit for an address without a sample that is not in `LEFT_OUT` either.
    """
    from django.contrib import admin
    from django.urls import reverse

    from followup import urls

    samples = _samples()
    unknown = []
    for pattern in urls.urlpatterns:
        name = str(pattern.name)
        if name in LEFT_OUT:
            continue
        if pattern.pattern.converters and name not in samples:
            unknown.append(name)
            continue
        for number, arguments in enumerate(samples.get(name, [{}])):
            which = f"({number + 1})" if number else ""
            path = reverse(name, kwargs=arguments)
            is_public = not path.startswith("/staff/")
            for query in ["", *QUERIES.get(name, [])]:
                yield Address(name, path + query, is_public, which)
    if unknown:
        raise SystemExit(f"no sample for {', '.join(unknown)}: see _samples and LEFT_OUT")
    for model in admin.site._registry:
        label = f"{model._meta.app_label}_{model._meta.model_name}_changelist"
        yield Address(f"admin:{label}", reverse(f"admin:{label}"), is_public=False)


def _samples() -> dict[str, list[dict[str, Any]]]:
    """Name of an address -> arguments. An agency is one of the offices, which has most to answer for."""
    from followup import actions, permissions
    from followup.models import (
        Agency,
        AgencyLink,
        FocalPoint,
        Letter,
        PublishedProject,
        ReportState,
        Round,
        RoundState,
        Ruling,
        StatusReport,
    )
    from proposals.models import Forum

    open_ = Round.objects.filter(state=RoundState.OPEN).first()
    published = Round.objects.published().first()
    if open_ is None or published is None:
        raise SystemExit("the database has to have a published round and an open one")
    reports = StatusReport.objects.filter(round=open_)
    busiest = Agency.objects.filter(
        code__startswith="STRESS_", assignments__isnull=False
    ).first() or Agency.objects.get(code="CODI")
    link = AgencyLink.objects.filter(revoked_at=None, agency=busiest).first()
    link = link or AgencyLink.objects.filter(revoked_at=None).first()
    assert link is not None  # noqa: S101
    token = {"token": actions.token_of(link)}
    theirs = {**token, "pk": permissions.reports_of(link).order_by("version", "pk")[0].pk}
    letter = Letter.objects.filter(round=open_).select_related("agency")[0]
    contact = FocalPoint.objects.select_related("agency").filter(agency=busiest)[0]
    draft = {"pk": reports.filter(state=ReportState.DRAFT, version__gt=0)[0].pk}
    submitted = reports.filter(state=ReportState.SUBMITTED).order_by("submitted_at", "pk")
    sent = {"pk": submitted[1].pk}  # others are before and after it
    ruling = Ruling.objects.filter(measure__isnull=False)[0]
    of_open = {"round_code": open_.code}
    assignment = (
        reports.select_related("assignment__measure")
        .filter(assignment__agency=busiest)[0]
        .assignment
    )
    real = Forum.objects.get(year_be=2565)
    second = {"forum_year": real.year_be, "number": 2}
    by_code = {"code": busiest.code}
    longest = _longest_part(published.snapshots.standing().latest("number"))
    groups = [{"code": each.code} for each in Agency.objects.filter(kind="group")[:1]]
    return {
        "area": [{"code": "TH-40"}],
        "area-feed": [{"code": "TH-40"}],
        "project": [
            {"key": each}
            for each in PublishedProject.objects.order_by("key").values_list("key", flat=True)[:1]
        ],
        "resolution-feed": [second],
        "agency-feed": [by_code],
        "receipts": [{"edition": f"{published.code}-1"}],
        "receipt": [{"edition": f"{published.code}-1", "figure": "achieved"}],
        "receipt-json": [{"edition": f"{published.code}-1", "figure": "achieved"}],
        "resolution": [second],
        "measure": [{**second, "clause": 1}],
        "agency": [by_code, {"code": "MSDHS"}],
        "forum": [{"year": real.year_be}],
        "year": [{"round_code": published.code}],
        "picture": [{"edition": f"{published.code}-1", "subject": f"{real.year_be}-2"}],
        "sitemap-section": [{"name": "agencies"}],
        "report": [{"round_code": published.code}],
        "report-part": [{"round_code": published.code, "part": longest}],
        "api-rows": [{"name": name} for name in ("status_reports", "evidence", "progress")],
        "api-row": [{"name": "progress", "key": f"{published.code}-2565-3"}],
        "embed-badge": [second],
        "embed-card": [second],
        "agency-reports": [token],
        "agency-report": [theirs],
        "agency-report-evidence": [theirs],
        "staff-link": [{"pk": link.pk}],
        "staff-link-revoke": [{"pk": link.pk}],
        "staff-link-issue": [{**of_open, "code": busiest.code}],
        "staff-agency": [by_code],
        "staff-agency-merge": [by_code],
        "staff-contact-new": [by_code],
        "staff-contact": [{**by_code, "pk": contact.pk}],
        "staff-assignment-step": [{"pk": assignment.pk, "verb": verb} for verb in ("role", "end")],
        "staff-assignment-add": [{"pk": assignment.measure_id}],
        "staff-group": groups,
        "staff-report": [draft, sent],
        "staff-report-evidence": [draft],
        "staff-report-history": [sent],
        "staff-report-withdraw": [draft],
        "staff-review-report": [sent],
        "staff-forum-conclude": [{"year": real.year_be}],
        "staff-forum-correct": [{"year": real.year_be}],
        "staff-forum-edit": [{"year": real.year_be}],
        "staff-round": [of_open, {"round_code": published.code}],
        "staff-round-report": [of_open],
        "staff-round-due": [of_open],
        "staff-round-undo": [{**of_open, "verb": "unopen"}],
        "staff-round-step": [
            {**of_open, "verb": "close"},
            {"round_code": published.code, "verb": "correct"},
        ],
        "staff-rulings": [of_open],
        "staff-ruling": [{"round_pk": open_.pk, "kind": "measure", "pk": ruling.measure_id}],
        "staff-letters-agency": [{"code": letter.agency.code}],
        "staff-letters-letter": [{"code": letter.agency.code, "attempt": letter.attempt}],
    }


def _longest_part(edition: Any) -> int:
    """The part of an edition's report of which the first page is the longest."""
    from django.db.models.functions import Length

    from followup.annual_report import store
    from followup.models import Printed, RenderedReport

    store.web_page(edition)  # the pages of an older edition are made now
    pages = RenderedReport.objects.filter(snapshot=edition, kind=Printed.PAGE, page=1)
    longest: int = pages.order_by(-Length("content")).values_list("part", flat=True)[0]
    return longest


# One database, in a process of its own ------------------------------------------------------------


def of_pages(only: str) -> dict[str, dict[str, float]]:
    """Label of a page -> its CPU seconds, bytes and queries."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from followup.models import User

    staff, visitor = Client(raise_request_exception=False), Client()
    staff.force_login(User.objects.get(username="stress-administrator"))
    visitor.cookies[settings.SESSION_COOKIE_NAME] = "void"
    found: dict[str, dict[str, float]] = {}
    for each in addresses():
        if not re.search(only, each.label):
            continue
        client = visitor if each.is_public else staff
        with CaptureQueriesContext(connection) as queries:
            length, first = _get(client, each.path)
        taken = [_get(client, each.path)[1] for _turn in range(1 if first > SLOW else TURNS)]
        found[each.label] = {
            "cpu": median(taken),
            "bytes": length,
            "queries": len(queries),
            "first": first,
        }
        print(f"  {each.label:<60}{median(taken):9.3f} s{length:12,}", file=sys.stderr, flush=True)
    return found


def _get(client: Any, path: str) -> tuple[int, float]:
    """(bytes, CPU seconds) of one answer, read whole. Raises SystemExit unless it is a page."""
    begun = time.process_time()
    response = client.get(path, follow=False)
    length = sum(map(len, response))
    taken = time.process_time() - begun
    if response.status_code != 200:
        print(f"  {path} was answered with {response.status_code}", file=sys.stderr)
    return length, taken


def of_publication() -> dict[str, float]:
    """What publishing the open round costs. The database should be a copy."""
    from unittest import mock

    from django.db import connection

    from followup import actions
    from followup.annual_report import printing
    from followup.models import Round, RoundState, User

    round_ = Round.objects.get(state=RoundState.OPEN)
    people = {each.username: each for each in User.objects.filter(username__startswith="stress-")}
    actions.close_round(round_=round_, by=people["stress-staff"])
    before = _memory()
    context = get_context("spawn")
    stop, waits = context.Event(), context.SimpleQueue()
    writer = None
    if connection.vendor == "sqlite":
        arguments = (str(connection.settings_dict["NAME"]), stop, waits)
        writer = context.Process(target=_write_again, args=arguments)
        writer.start()
        waits.get()  # it has begun
    begun = time.process_time()
    with mock.patch.object(printing, "ahead"):
        actions.publish_round(round_=round_, by=people["stress-reviewer"])
    taken = time.process_time() - begun
    stop.set()
    longest = waits.get() if writer else math.nan
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"cpu": taken, "longest wait": longest, "peak memory": peak, "memory before": before}


def _write_again(path: str, stop: Any, waits: Any) -> None:
    """A second process that wants to write all the time; puts how long it waited at most."""
    database = sqlite3.connect(path, timeout=600, isolation_level=None)
    longest, is_first = 0.0, True
    while is_first or not stop.is_set():
        begun = time.monotonic()
        database.execute("BEGIN IMMEDIATE")
        database.execute("COMMIT")
        longest = max(longest, time.monotonic() - begun)
        if is_first:
            waits.put(0.0)
            is_first, longest = False, 0.0
        time.sleep(0.02)
    waits.put(longest)


def of_memory() -> dict[str, float]:
    """The memory of a process before and after it has read every public page once."""
    from django.test import Client

    client, before = Client(), _memory()
    for each in addresses():
        if each.is_public:
            _get(client, each.path)
    return {"before": before, "after": _memory()}


def _memory() -> float:
    """The resident memory of this process, in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return float(pages * resource.getpagesize())


def child(part: str, only: str) -> None:
    """Measure one part of the database of DATABASE_URL, and print it as JSON."""
    os.environ.update(ENV_FILE=os.devnull, PORTAL_ENV="local", SECRET_KEY="benchmark" * 8)
    os.environ.setdefault("COSTLY_PER_MINUTE", "1000000")
    os.environ["DJANGO_SETTINGS_MODULE"] = "forum_portal.settings"
    import django
    from django.conf import settings

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}  # nothing was collected
    django.setup()
    measure: dict[str, Callable[[], Any]] = {
        "pages": lambda: of_pages(only),
        "publication": of_publication,
        "memory": of_memory,
    }
    print(json.dumps(measure[part]()))


# All of them --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Databases:
    """Where the database of a size is."""

    folder: Path
    template: str

    def url(self, reports: int) -> str:
        template = self.template or f"sqlite:///{self.folder}/{{reports}}.sqlite3"
        return template.replace("{reports}", str(reports))

    def make(self, reports: int) -> None:
        """Make it unless a file says that it was made."""
        self.folder.mkdir(parents=True, exist_ok=True)
        done = self.folder / f"{re.sub('[^0-9a-z]+', '-', self.url(reports).lower())}.made"
        if done.exists():
            return
        print(f"making {reports:,} reports a round", file=sys.stderr, flush=True)
        forums = str(FORUMS.get(reports, 1))
        command = ["benchmarks/stress.py", "--reports", str(reports), "--forums", forums]
        _run(command, self.url(reports))
        done.touch()

    def published_copy(self, reports: int) -> str:
        """The address of a fresh copy, for publishing its open round. SQLite only."""
        if self.template:
            raise SystemExit("the publication is measured in copies of SQLite files: no --database")
        copy = self.folder / f"{reports}-published.sqlite3"
        for suffix in ("-wal", "-shm"):
            copy.with_name(copy.name + suffix).unlink(missing_ok=True)
        shutil.copy(self.folder / f"{reports}.sqlite3", copy)
        return f"sqlite:///{copy}"


def _run(command: list[str], url: str) -> str:
    environment = os.environ | {"DATABASE_URL": url}
    answer = subprocess.run(  # noqa: S603
        [sys.executable, *command],
        cwd=ROOT,
        env=environment,
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    if answer.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return answer.stdout


def _measured(part: str, url: str, only: str) -> Any:
    lines = _run(["benchmarks/growth.py", "--child", part, "--only", only], url).splitlines()
    return json.loads(lines[-1])


def tell_pages(of_size: dict[int, dict[str, dict[str, float]]]) -> None:
    """Print a line for each page, the one that grows most first."""
    small, *others = sorted(of_size)
    rows = []
    for label, least in of_size[small].items():
        cells, worst = [f"{least['cpu'] * 1000:8.0f} ms {least['bytes'] / 1024:8.0f} KB"], 0.0
        for size in others:
            now = of_size[size].get(label)
            if now is None:
                cells.append(f"{'-':>24}")
                continue
            cpu, length = now["cpu"] / least["cpu"], now["bytes"] / least["bytes"]
            more = now["queries"] - least["queries"]
            worst = max(worst, cpu, length)
            cells.append(f"cpu {cpu:7.1f}  bytes {length:6.1f}  queries {more:+.0f}")
        rows.append((worst, f"{label[:54]:<54} " + "  |  ".join(cells)))
    print(
        f"\n{'page':<54} {small:,} reports, then the ratio at "
        + ", ".join(map("{:,}".format, others))
    )
    for _worst, line in sorted(rows, reverse=True):
        print(line)
    missed = sum(worst > TARGET for worst, _line in rows)
    print(f"{missed} of {len(rows)} pages grow more than {TARGET:g} times")


def tell_rest(part: str, of_size: dict[int, dict[str, float]]) -> None:
    """Print the figures of a part by size; of the publication its growth exponent as well."""
    print(f"\n{part}")
    for size, figures in sorted(of_size.items()):
        told = "  ".join(
            f"{name} {value / 2**20:,.0f} MB"
            if "memory" in name or part == "memory"
            else f"{name} {value:,.2f} s"
            for name, value in figures.items()
        )
        print(f"{size:>8,}  {told}")
    sizes = sorted(of_size)[-2:]
    if part == "publication" and len(sizes) == 2:
        few, many = sizes
        growth = math.log(of_size[many]["cpu"] / of_size[few]["cpu"]) / math.log(many / few)
        print(f"CPU grows with the power {growth:.2f} of the reports")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        description="What every page costs as the record grows.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    made.add_argument("--sizes", default="103,2721,30023", help="reports a round, the least first")
    made.add_argument("--parts", default=",".join(PARTS))
    made.add_argument("--only", default="", help="pages whose name matches this expression")
    made.add_argument("--folder", type=Path, default=ROOT / ".cache/growth")
    made.add_argument("--database", default="", help="address of a database, with {reports}")
    made.add_argument("--child", choices=PARTS, help=argparse.SUPPRESS)
    return made


def main() -> None:
    given = parser().parse_args()
    if given.child:
        child(given.child, given.only)
        return
    databases = Databases(given.folder.resolve(), given.database)
    sizes = [int(size) for size in given.sizes.split(",")]
    parts = given.parts.split(",")
    if unknown := set(parts) - set(PARTS):
        raise SystemExit(f"no part {', '.join(unknown)}: there are {', '.join(PARTS)}")
    for size in sizes:
        databases.make(size)
    found: dict[str, dict[int, Any]] = {part: {} for part in PARTS if part in parts}
    for size in sizes:
        url = databases.url(size)
        if "pages" in parts:
            found["pages"][size] = _measured("pages", url, given.only)
        if "publication" in parts:
            url = databases.published_copy(size)
            found["publication"][size] = _measured("publication", url, "")
        if "memory" in parts:
            found["memory"][size] = _measured("memory", url, "")
    for part, figures in found.items():
        tell_pages(figures) if part == "pages" else tell_rest(part, figures)


if __name__ == "__main__":
    main()
