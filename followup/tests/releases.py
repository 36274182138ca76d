"""The database of a release: filled and dumped by that release, upgraded and asked by later ones.

`script/dump_release` runs `fill` with the code of a release and keeps what it wrote in
`fixtures/releases/VERSION/`. `test_releases` loads each dump into an empty database, and runs `check`
there with the code of today. Both are programs of their own, because a database is a setting:

    python -m followup.tests.releases fill FACTS.json
    python -m followup.tests.releases check FACTS.json
"""

from __future__ import annotations

import gzip
import json
import os
import re
import secrets
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent.parent
RELEASES = ROOT / "fixtures" / "releases"
#: Engine -> the dump's file. The facts are beside it, as ENGINE.json.
DUMPS = {"sqlite": "sqlite.sql.gz", "postgresql": "postgresql.sql.gz"}
#: Tables of which each version makes the rows anew, or which keep nothing of the record.
DERIVED = re.compile(
    r"followup\.(Published\w+|SearchText|PublicRevision|PublicTouch|RenderedReport|PrintJob|ChainEntry)"
)
#: Models that releases had and that are gone, with the reason. A model that is missing without one fails.
GONE: dict[str, str] = {}
FIGURES = ("achieved", "received", "no_report", "status-2565-1.2", "achieved-2565-1")
#: When things happened in the dump: the same rows at the same moments, whenever it is made.
IN_2568, PUBLISHED, CORRECTED, IN_2569 = (
    datetime(*day, 3, tzinfo=UTC)
    for day in ((2025, 11, 20), (2025, 12, 20), (2026, 1, 15), (2026, 11, 20))
)


# With the code of the release -------------------------------------------------------------------


def fill() -> dict[str, Any]:
    """Write a small record with each kind of row, by the portal's own verbs; what a later version must
    find in it."""
    import time_machine
    from django.core.management import call_command

    with time_machine.travel(IN_2568, tick=False):
        call_command("migrate", interactive=False, verbosity=0)
        call_command("load_forum", verbosity=0)
        _write()
    return facts()


def _write() -> None:
    import time_machine
    from django.contrib.auth.models import Group

    from followup import actions, roles
    from followup.models import Agency, Round, User
    from followup.tests.factories import PASSWORD, find_report, link, make_report, measure_of
    from followup.tests.files import piece

    people = {}
    for name, group in (
        ("staff", roles.COMMITTEE_STAFF),
        ("reviewer", roles.REVIEWER),
        ("administrator", roles.ADMINISTRATOR),
    ):
        people[name] = User.objects.create_user(name, password=PASSWORD, display_name=f"คุณ{name}")
        people[name].groups.add(Group.objects.get(name=group))
    staff, reviewer = people["staff"], people["reviewer"]
    by: dict[str, Any] = {"by": staff, "reviewer": reviewer}

    first = actions.open_round(round_=actions.create_round(by=staff, year=2568), by=staff)
    make_report(first, "1.2", status="in_progress", results="จัดเวที 3 ภาค", **by)
    make_report(first, "1.3", status="continuous", evidence=[link(), piece()], **by)
    make_report(first, "8.1", status="on_hold", **by)
    agency = Agency.objects.get(code="CODI")
    actions.record_letter(
        round_=first,
        agency=agency,
        by=staff,
        attempt=1,
        number="พม 0308/1",
        sent_on=date(2025, 11, 3),
        answer_by=date(2025, 11, 18),
    )
    actions.rule(
        round_=first,
        subject=measure_of("2565-8.2"),
        by=reviewer,
        seen="",
        status="in_progress",
        meeting_ref="4/2568",
        meeting_on=date(2025, 11, 10),
    )
    with time_machine.travel(PUBLISHED, tick=False):
        actions.close_round(round_=first, by=staff)
        actions.publish_round(
            round_=first, by=reviewer, meeting_ref="5/2568", meeting_on=date(2025, 12, 18)
        )
    with time_machine.travel(CORRECTED, tick=False):
        first = Round.objects.get(pk=first.pk)
        actions.reopen_round(round_=first, by=reviewer, reason="หน่วยงานแจ้งแก้จำนวนเวที")
        report = find_report(first, "1.2")
        actions.send_back(report=report, by=reviewer, version=report.version, reason="แก้จำนวน")
        make_report(first, "1.2", status="in_progress", results="จัดเวที 4 ภาค", **by)
        actions.close_round(round_=first, by=staff)
        actions.publish_round(round_=first, by=reviewer)
        _write_of_visitors()
    with time_machine.travel(IN_2569, tick=False):
        second = actions.open_round(round_=actions.create_round(by=staff, year=2569), by=staff)
        make_report(second, "1.2", state="draft", status="in_progress", **by)
        make_report(second, "1.3", state="submitted", status="continuous", **by)
        make_report(second, "8.1", state="returned", status="on_hold", **by)
        make_report(second, "8.2", state="approved", status="in_progress", **by)
        actions.issue_link(round_=second, agency=agency, by=staff)


def _write_of_visitors() -> None:
    from followup import actions
    from followup.actions import Choice
    from followup.feedback import new_sending
    from followup.tests.factories import measure_of

    actions.send_feedback(
        sending=new_sending(),
        sender="a" * 32,
        kind="fix",
        text="ตัวเลขของเวทีภาคเหนือไม่ตรงกับรายงานของหน่วยงาน",
        measure=measure_of("2565-1.2"),
    )
    subscriber = actions.ask_to_follow(email="nok@example.org", choice=Choice(everything=True))
    actions.confirm_following(subscriber=subscriber)


def facts() -> dict[str, Any]:
    """What is in the database, as every later version must find it."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from followup import chain
    from followup.models import Round, Snapshot
    from followup.tests.factories import find_report

    client = Client()
    last = Round.objects.published()[0]
    edition = last.snapshots.standing().latest("number")
    code = f"{last.code}-{edition.number}"
    draft = find_report(Round.objects.get(year_be=2569), "1.2")
    return {
        "counts": counts(),
        "head": chain.verify().head,
        "digests": {
            f"{each.round.code}-{each.number}": each.digest
            for each in Snapshot.objects.order_by("round__year_be", "number").select_related(
                "round"
            )
        },
        "edition": code,
        "figures": {name: figure(client, code, name) for name in FIGURES},
        "draft": draft.pk,
        "results": draft.results,
        "writer": get_user_model().objects.get(username="staff").pk,
    }


def counts() -> dict[str, int]:
    """Model -> its number of rows, of what is not derived from other rows."""
    from django.apps import apps

    return {
        model._meta.label: model._default_manager.count()
        for app in ("followup", "proposals")
        for model in apps.get_app_config(app).get_models()
        if not DERIVED.fullmatch(model._meta.label)
    }


def figure(client: Any, edition: str, code: str) -> Any:
    """The value of a figure's receipt, and what it is a part of."""
    told = client.get(f"/receipt/{edition}/{code}.json").json()["figure"]
    return [told["value"], told["divisor"]]


# With the code of today -------------------------------------------------------------------------


def check(told: dict[str, Any]) -> Iterator[str]:
    """Upgrade the database as an operator does, and say what differs from what the release told."""
    from django.core.management import call_command
    from django.test import Client

    from followup import chain
    from followup.models import Snapshot

    call_command("migrate", interactive=False, verbosity=0)
    now = counts()
    for label, number in told["counts"].items():
        if now.get(label) != number and not (label not in now and label in GONE):
            yield f"{label} has {now.get(label)} rows, not {number}"
    with patch("followup.management.commands.get_ready.collect_if_changed"):
        call_command("get_ready", stdout=sys.stderr)
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)  # exits with 1
    call_command("verify_record", head=told["head"], stdout=sys.stderr)  # raises CommandError
    stored = {
        f"{each.round.code}-{each.number}": (each.digest, sha256(each.content.encode()).hexdigest())
        for each in Snapshot.objects.select_related("round")
    }
    for code, digest in told["digests"].items():
        if stored.get(code) != (digest, digest):
            yield f"edition {code} is {stored.get(code)}, not {digest}"
    client, code = Client(), told["edition"]
    content = b"".join(client.get(f"/receipt/{code}/edition.json"))
    if sha256(content).hexdigest() != told["digests"][code]:
        yield f"edition {code} is served as something else than was hashed"
    for name, value in told["figures"].items():
        if (is_now := figure(client, code, name)) != value:
            yield f"{name} is {is_now}, not {value}"
    round_ = code.rpartition("-")[0]
    for path in ("/", f"/years/{round_}/", f"/en/years/{round_}/", "/resolutions/2565/1/"):
        if (status := client.get(path).status_code) != 200:
            yield f"{path} answers {status}"
    yield from _save(told)
    chain.verify(told["head"])  # also with what was written just now


def _save(told: dict[str, Any]) -> Iterator[str]:
    """The secretariat saves a report that the release left as a draft."""
    from followup.models import StatusReport, User
    from followup.tests.client import PortalClient

    client = PortalClient()
    client.force_login(User.objects.get(pk=told["writer"]))
    address = f"/staff/reports/{told['draft']}/"
    page = client.page(address)
    shown = page.one("form#f").controls()["results"]
    if shown != told["results"]:
        yield f"the draft says {shown}, not {told['results']}"
    client.send(page, "form#f", do="draft", results="บันทึกหลังอัปเกรด")
    if (saved := StatusReport.objects.get(pk=told["draft"]).results) != "บันทึกหลังอัปเกรด":
        yield f"the draft could not be saved: {saved}"


# Dumps ------------------------------------------------------------------------------------------


def run(what: str, path: Path, database: str) -> subprocess.CompletedProcess[str]:
    """Run `fill` or `check` on another database, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "followup.tests.releases", what, str(path)],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "forum_portal.settings_test",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def pack(sql: str, to: Path) -> None:
    """Write a dump compressed, the same bytes for the same text."""
    to.write_bytes(gzip.compress(sql.encode(), 9, mtime=0))


def unpack(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode()


def dump_sqlite(database: Path) -> str:
    connection = sqlite3.connect(database)
    try:
        return "\n".join(connection.iterdump())
    finally:
        connection.close()


def load_sqlite(sql: str, database: Path) -> None:
    connection = sqlite3.connect(database)
    try:
        connection.executescript(sql)
    finally:
        connection.close()


@contextmanager
def own_database(url: str) -> Iterator[str]:
    """Context manager: the address of a new empty database on a PostgreSQL server, removed afterwards."""
    import psycopg

    name = f"portal_release_{os.getpid()}_{secrets.token_hex(4)}"
    parts = urlsplit(url)
    there = urlunsplit(parts._replace(path="/postgres"))
    with psycopg.connect(there, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def dump_postgresql(url: str) -> str:
    """As pg_dump writes it, without what only its own version of psql reads."""
    sql = _client("pg_dump", "--no-owner", "--no-privileges", f"--dbname={url}").stdout
    left_out = re.compile(r"^\\(?:un)?restrict .*\n|^SET transaction_timeout = 0;\n", re.MULTILINE)
    return left_out.sub("", sql)


def load_postgresql(sql: str, url: str) -> None:
    _client("psql", "--no-psqlrc", "--quiet", "-vON_ERROR_STOP=1", f"--dbname={url}", sql=sql)


def _client(name: str, *arguments: str, sql: str = "") -> subprocess.CompletedProcess[str]:
    from forum_portal.postgres import programs

    program, _version = programs.find(name, at_least=14)
    return subprocess.run(
        [program, "--no-password", *arguments],
        input=sql,
        capture_output=True,
        text=True,
        check=True,
    )


def main(what: str, path: str) -> None:
    import django

    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()
    if what == "fill":
        Path(path).write_text(json.dumps(fill(), indent=1, sort_keys=True) + "\n", "utf-8")
        return
    wrong = list(check(json.loads(Path(path).read_text("utf-8"))))
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main(*sys.argv[1:])
