"""Fill a database with an invented record of any size: the same number of reports in every round.

    DATABASE_URL=sqlite:////tmp/stress.sqlite3 .venv/bin/python benchmarks/stress.py --reports 2721

It begins with the real forum of 2565: 34 measures, 103 reports a round. The further reports are those of
local offices, 77 of the provinces first, which answer for one measure after the other; every other
measure has them as lead agencies. 103 + 34 x 77 = 2,721, the most that one forum has with 77 offices.
With `--forums` the other forums are copies of the real one with as many measures as their share needs:
30,023 reports over 10 forums are 34 + 9 x 39 measures. With `--groups` the offices are one group, and
answer as its members.

Rounds are filled in bulk, with the history that pages read, and published by the portal's own verb, so
that editions, reports and the chain are real. All is marked as demo data; the same options and seed give
the same texts. The annual reports are not printed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from io import StringIO
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from followup.models import Agency, Assignment, Round, StatusReport, User
    from proposals.models import Forum, Measure, Resolution

REAL_FORUM, OF_REAL_FORUM = 2565, 103  # reports a round
PROVINCES = 77
FIRST_ROUND = 2566
AT_ONCE = 2000  # reports a transaction, and a batch of the history
#: The states of reports and their weights, in a published round and in the open one.
PUBLISHED = {"approved": 88, "untouched": 8, "draft": 2, "submitted": 2}
OPEN = {"untouched": 45, "approved": 20, "draft": 15, "submitted": 14, "returned": 6}
STATUSES = {
    "in_progress": 50,
    "continuous": 18,
    "completed": 12,
    "not_started": 10,
    "on_hold": 9,
    "cancelled": 1,
}


@dataclass(frozen=True)
class Size:
    """How much is made. `reports` are those of each round."""

    reports: int
    forums: int = 1
    rounds: int = 3
    published: int = 2
    offices: int = PROVINCES
    groups: bool = False
    sentences: int = 4  # a text has up to so many
    seed: int = 1

    def __post_init__(self) -> None:
        if self.forums < 1 or self.offices < 1 or self.sentences < 1:
            raise SystemExit("--forums, --offices and --sentences are at least 1")
        if not 0 <= self.published <= self.rounds <= self.published + 1:
            raise SystemExit("--published is --rounds, or one less: the last round may be open")
        if self.reports < OF_REAL_FORUM + self.forums - 1:
            raise SystemExit(f"--reports is at least {OF_REAL_FORUM} and one for each other forum")
        if self.forums == 1 and self.reports > OF_REAL_FORUM + 34 * self.offices:
            raise SystemExit("one forum has no room for so many: give --forums or --offices")

    @cached_property
    def shares(self) -> list[int]:
        """The reports of each forum, the real one first."""
        first = min(
            OF_REAL_FORUM + 34 * self.offices,
            max(OF_REAL_FORUM, self.reports // self.forums),
        )
        rest, others = self.reports - first, self.forums - 1
        return [first, *(rest // others + (n < rest % others) for n in range(others))]

    @cached_property
    def forum_years(self) -> list[int]:
        """The real forum's year, the years before it, then those after it."""
        years = [REAL_FORUM, *range(REAL_FORUM - 1, 2559, -1), *range(REAL_FORUM + 1, 2590)]
        return years[: self.forums]

    @cached_property
    def round_years(self) -> list[int]:
        """Every round follows all forums up."""
        first = max(FIRST_ROUND, *self.forum_years)
        return list(range(first, first + self.rounds))


@dataclass
class Texts:
    """Sentences of the demo data, put together anew."""

    chance: random.Random
    most: int
    of_field: dict[str, list[str]] = field(init=False)
    evidence: list[str] = field(init=False)

    def __post_init__(self) -> None:
        told = json.loads((ROOT / "fixtures/demo/reports.json").read_text("utf-8"))["reports"]
        names = ("results", "obstacles", "next_steps", "assessed_note", "return_reason")
        self.of_field = {name: sorted({row[name] for row in told if row[name]}) for name in names}
        self.evidence = sorted({piece["title"] for row in told for piece in row["evidence"]})

    def of(self, name: str, most: int = 0) -> str:
        """A text of one field, of up to `most` sentences."""
        count = self.chance.randint(1, most or self.most)
        return " ".join(self.chance.sample(self.of_field[name], count))


def fill(size: Size, *, say: Any = lambda _words: None) -> dict[str, User]:
    """Make everything in a migrated database with the real forum; returns the people by name.

    Their passwords are unusable. Raises SystemExit if the database has a round already.
    """
    from followup.models import Round

    if Round.objects.exists():
        raise SystemExit("The database has rounds already; the stress record wants an empty one.")
    chance = random.Random(size.seed)  # noqa: S311 - invented data, the same every time
    people = _people()
    offices = _offices(size.offices)
    _forums(size, offices, people)
    _contacts(people)
    texts = Texts(chance, size.sentences)
    for place, year in enumerate(size.round_years):
        _round(size, year, place < size.published, people, texts, say)
    return people


def _people() -> dict[str, User]:
    from django.contrib.auth.models import Group

    from followup import roles
    from followup.models import User

    made = {}
    for name, group in (
        ("staff", roles.COMMITTEE_STAFF),
        ("reviewer", roles.REVIEWER),
        ("administrator", roles.ADMINISTRATOR),
    ):
        user = User(username=f"stress-{name}", display_name=f"ผู้ใช้ทดสอบ {name}", is_demo=True)
        user.set_unusable_password()
        user.save()
        user.groups.add(Group.objects.get(name=group))
        made[name] = user
    return made


# What was resolved, and who answers ---------------------------------------------------------------


def _offices(count: int) -> list[Agency]:
    """Local offices: one of each province, then municipalities."""
    from followup.models import Agency, AgencyKind, Province
    from forum_portal.thai import match_key, sort_key

    provinces = list(Province.objects.order_by("code"))
    made = []
    for number, province in enumerate(islice(cycle(provinces), count)):
        turn = number // len(provinces)
        of_province = turn == 0
        name = (
            f"สำนักงานพัฒนาสังคมและความมั่นคงของมนุษย์จังหวัด{province.name_th} (ทดสอบ)"
            if of_province
            else f"เทศบาลตำบลทดสอบ{province.name_th} แห่งที่ {turn}"
        )
        short = f"ทดสอบ {province.name_th}" + ("" if of_province else f" {turn}")
        made.append(
            Agency(
                code=f"STRESS_{province.code}_{turn}",
                name_th=name,
                abbr_th=short,
                kind=AgencyKind.PROVINCIAL_MECHANISM
                if of_province
                else AgencyKind.LOCAL_GOVERNMENT,
                province=province,
                sort_key=sort_key(name),
                search_text=f"{match_key(name)} {match_key(short)}  ",
            )
        )
    Agency.objects.bulk_create(made, batch_size=500)
    return list(Agency.objects.filter(code__startswith="STRESS_").order_by("pk"))


def _forums(size: Size, offices: Sequence[Agency], people: dict[str, User]) -> None:
    from django.db import transaction

    from followup import actions
    from followup.actions.members import follow_groups
    from followup.history import of_this_batch, one_batch
    from followup.models import Agency, Assignment, Role
    from proposals.models import Forum, Measure

    real = Forum.objects.get(year_be=REAL_FORUM)
    central = list(Agency.objects.exclude(code__startswith="STRESS_").order_by("code"))
    by = people["administrator"]
    group = None
    if size.groups:
        group = actions.begin_group(
            by=by,
            name_th="สำนักงานในพื้นที่ (ทดสอบ)",
            abbr_th="กลุ่มทดสอบ",
            code="STRESS_GROUP",
            agencies=offices,
            first_year=REAL_FORUM,
        )
    for year, share in zip(size.forum_years, size.shares, strict=True):
        if year == REAL_FORUM:
            measures, leads, left = list(Measure.objects.all()), [], share - OF_REAL_FORUM
        else:
            measures = _copy_forum(real, year, -(-share // (len(offices) + 1)))
            leads = [
                Assignment(measure=measure, agency=agency, role=Role.LEAD, valid_from=REAL_FORUM)
                for measure, agency in zip(measures, cycle(central), strict=False)
            ]
            left = share - len(leads)
        rows: list[Assignment] = []
        for place, measure in enumerate(measures):
            role = Role.LEAD if place % 2 else Role.SUPPORT
            answering = offices[: max(0, left)]
            left -= len(answering)
            whole = group is not None and len(answering) == len(offices)
            rows += [
                Assignment(measure=measure, agency=agency, role=role, valid_from=REAL_FORUM)
                for agency in ([group] if whole else answering)
            ]
        if leads or rows:
            with transaction.atomic(), one_batch(by):
                _create([*leads, *rows], of_this_batch(), by)
    if group is not None:
        with transaction.atomic(), one_batch(by):
            follow_groups()


def _copy_forum(real: Forum, year: int, count: int) -> list[Measure]:
    """Another forum with that many measures: the real one's proposals, again and again."""
    from proposals.models import Forum, Measure, Relation, Resolution

    values = {each.attname: getattr(real, each.attname) for each in real._meta.concrete_fields}
    values |= {
        "id": None,
        "year_be": year,
        "followed_from": year,
        "name_th": f"{real.name_th} (ทดสอบ {year})",
        "short_name_th": f"CSOs Forum ทดสอบ {year}",
    }
    forum = Forum(**values)
    forum.save()
    originals = list(real.resolutions.order_by("number").prefetch_related("measures"))
    made: list[Measure] = []
    for number, original in enumerate(cycle(originals), start=1):
        if len(made) >= count:
            break
        copy: Any = _copied(original, Resolution, forum_id=forum.pk, number=number)
        copy.save()
        made += [
            _copied(each, Measure, resolution_id=copy.pk, relation="", earlier_id=None)
            for each in original.measures.all()[: count - len(made)]
        ]
    if year > REAL_FORUM:  # the first measures take up what an earlier forum asked for
        asked = Measure.objects.filter(resolution__forum=real)[:4]
        for later, earlier in zip(made, asked, strict=False):
            later.relation, later.earlier_id = Relation.CONTINUES, earlier.pk
    Measure.objects.bulk_create(made)
    return list(Measure.objects.filter(resolution__forum=forum))


def _copied(row: Resolution | Measure, model: type[Any], **changes: Any) -> Any:
    values = {each.attname: getattr(row, each.attname) for each in row._meta.concrete_fields}
    return model(**(values | {"id": None} | changes))


def _create(rows: Sequence[Any], attributes: dict[str, Any], by: User) -> None:
    """Store new rows with their first line of history."""
    model = type(rows[0])
    model._base_manager.bulk_create(rows, batch_size=500)
    model.history.bulk_history_create(
        rows, batch_size=500, default_user=by, custom_historical_attrs=attributes
    )


def _contacts(people: dict[str, User]) -> None:
    """A focal point of each agency, and a caretaker of every third."""
    from followup.models import Agency, FocalPoint

    agencies = list(Agency.objects.answering().order_by("pk"))
    FocalPoint.objects.bulk_create(
        [
            FocalPoint(
                agency=agency,
                name=f"ผู้ประสานงาน {agency.short}"[:150],
                email=f"contact-{agency.pk}@example.org",
                is_main=True,
            )
            for agency in agencies
        ],
        batch_size=500,
    )
    cared = [agency.pk for agency in agencies[::3]]
    Agency.objects.filter(pk__in=cared).update(caretaker=people["staff"])


# Rounds -------------------------------------------------------------------------------------------


def _round(
    size: Size, year: int, is_published: bool, people: dict[str, User], texts: Texts, say: Any
) -> None:
    from followup import actions
    from followup.annual_report import printing
    from followup.models import Assignment, RoundState

    begun = time.perf_counter()
    round_ = actions.create_round(by=people["staff"], year=year, is_demo=True)
    round_.state, round_.opened_at = RoundState.OPEN, _at(round_.ends_on + timedelta(days=1))
    round_.save()
    expected = list(
        Assignment.objects.valid_in(year)
        .select_related("measure", "agency__province")
        .order_by("pk")
    )
    writing = Writing(round_, PUBLISHED if is_published else OPEN, people, texts)
    for start in range(0, len(expected), AT_ONCE):
        writing.write(expected[start : start + AT_ONCE])
    say(f"round {year}: {len(expected)} reports in {time.perf_counter() - begun:.0f} s")
    if is_published:
        writing.rule()
        actions.close_round(round_=round_, by=people["staff"])
        begun = time.perf_counter()
        with mock.patch.object(printing, "ahead"):
            actions.publish_round(
                round_=round_,
                by=people["reviewer"],
                meeting_ref=f"5/{year}",
                meeting_on=round_.due_on + timedelta(days=20),
            )
        say(f"round {year}: published in {time.perf_counter() - begun:.0f} s")
    else:
        writing.ask()


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, tzinfo=UTC)  # ten in the morning in Bangkok


@dataclass
class Writing:
    """The reports of one round, written by chance."""

    round: Round
    weights: dict[str, int]
    people: dict[str, User]
    texts: Texts

    @property
    def chance(self) -> random.Random:
        return self.texts.chance

    def write(self, expected: Sequence[Assignment]) -> None:
        """Store the reports of these assignments with evidence, provinces and history, as one batch."""
        from django.db import transaction

        from followup.history import of_this_batch, one_batch
        from followup.models import Evidence, StatusReport

        by = self.people["staff"]
        kept = {"batch_size": 500, "default_user": by}
        with transaction.atomic(), one_batch(by):
            same = kept | {"custom_historical_attrs": of_this_batch()}
            reports: list[Any] = [
                StatusReport(round=self.round, assignment=each) for each in expected
            ]
            written = [each for each in reports if self._fill(each)]
            StatusReport.objects.bulk_create(reports, batch_size=500)
            StatusReport.history.bulk_history_create(
                [
                    StatusReport(
                        pk=each.pk,
                        round=self.round,
                        assignment=each.assignment,
                        updated_at=self.round.opened_at,
                    )
                    for each in reports
                ],
                default_change_reason="expected",
                default_date=self.round.opened_at,
                **same,
            )
            StatusReport.history.bulk_history_create(written, update=True, **same)
            evidence = [piece for each in written for piece in self._evidence(each)]
            Evidence.objects.bulk_create(evidence, batch_size=500)
            Evidence.history.bulk_history_create(evidence, **same)
            StatusReport.provinces.through.objects.bulk_create(
                [
                    StatusReport.provinces.through(
                        statusreport_id=each.pk, province_id=each.assignment.agency.province_id
                    )
                    for each in written
                    if each.assignment.agency.province_id and self.chance.random() < 0.5
                ],
                batch_size=500,
            )
            StatusReport.objects.filter(pk__in=[each.pk for each in reports]).update(
                updated_at=self.round.opened_at
            )

    def _fill(self, report: Any) -> bool:
        """Fill a report as somebody would have; False if nobody has written it."""
        chance = self.chance
        state = self._one_of(self.weights)
        if state == "untouched":
            return False
        day = self.round.ends_on + timedelta(days=chance.randint(5, 60))
        status = self._status(report)
        report.state, report.version = state, {"draft": 1, "submitted": 2}.get(state, 3)
        report.reported_status = status
        report.results = self.texts.of("results")
        if status == "on_hold" or chance.random() < 0.3:
            report.obstacles = self.texts.of("obstacles", 2)
        if chance.random() < 0.4:
            report.next_steps = self.texts.of("next_steps", 2)
        if status == "cancelled":
            report.meeting_ref = f"2/{self.round.year_be}"
        if chance.random() < 0.4:
            report.budget_received = Decimal(chance.randint(50, 20_000)) * 1000
            report.budget_spent = report.budget_received * chance.randint(40, 100) / 100
            report.beneficiaries = chance.randint(20, 4000)
        report.updated_by = self.people["staff"]
        if state != "draft":
            report.submitted_by, report.submitted_at = self.people["staff"], _at(day)
            report.reported_on = day
        if state == "returned":
            report.return_reason = self.texts.of("return_reason", 1)
        if state == "approved":
            report.approved_by = self.people["reviewer"]
            report.approved_at = _at(day + timedelta(days=3))
            if status == "in_progress" and chance.random() < 0.02:
                report.assessed_status = "not_started"
                report.assessed_note = self.texts.of("assessed_note", 1)
        report._history_date = _at(day)
        report._change_reason = {
            "draft": "draft",
            "submitted": "submit",
            "returned": "return",
            "approved": "approve",
        }[state]
        return True

    def _status(self, report: Any) -> str:
        from followup.status import Status, ruled_out

        status = self._one_of(STATUSES)
        return "continuous" if ruled_out(Status(status), report.measure.kind) else status

    def _one_of(self, weights: dict[str, int]) -> str:
        return self.chance.choices(list(weights), list(weights.values()))[0]

    def _evidence(self, report: StatusReport) -> Iterator[Any]:
        from followup.models import Evidence

        count = self.chance.choices([0, 1, 2, 3], [40, 40, 15, 5])[0]
        if report.reported_status in {"completed", "continuous"}:
            count = max(1, count)
        for position in range(count):
            yield Evidence(
                report=report,
                title=self.chance.choice(self.texts.evidence),
                url=f"https://example.org/stress/{self.round.year_be}/{report.pk}/{position}.pdf",
                is_public=self.chance.random() < 0.95,
                position=position,
            )

    def rule(self) -> None:
        """The committee rules on one measure of each forum."""
        from followup.models import Ruling
        from proposals.models import Forum, Measure

        for forum in Forum.objects.followed_in(self.round.year_be):
            Ruling.objects.create(
                round=self.round,
                measure=Measure.objects.filter(resolution__forum=forum).first(),
                status="in_progress",
                meeting_ref=f"3/{self.round.year_be}",
                note="ผลงานยังไม่ครบตามข้อความของมาตรการย่อย",
            )

    def ask(self) -> None:
        """Links and letters of the open round: to half of the agencies, and a second letter to some."""
        from followup.models import AgencyLink, Letter, LinkUse

        asked = self._asked()
        sent = self.round.ends_on + timedelta(days=7)
        by = self.people["staff"]
        AgencyLink.objects.bulk_create(
            [
                AgencyLink(
                    round=self.round,
                    agency_id=agency,
                    key=f"{self.chance.getrandbits(128):032x}",
                    issued_by=by,
                    issued_at=_at(sent),
                    expires_at=_at(sent + timedelta(days=3650)),
                )
                for agency in asked[::2]
            ],
            batch_size=500,
        )
        LinkUse.objects.bulk_create(
            [
                LinkUse(link_id=link, act=LinkUse.Act.OPENED)
                for link in AgencyLink.objects.values_list("pk", flat=True)
                for _turn in range(3)
            ],
            batch_size=500,
        )
        for attempt, some in ((1, asked[::2]), (2, asked[::8])):
            day = sent + timedelta(days=30 * (attempt - 1))
            Letter.objects.bulk_create(
                [
                    Letter(
                        round=self.round,
                        agency_id=agency,
                        attempt=attempt,
                        number=f"พม 0305/{agency}",
                        sent_on=day,
                        answer_by=day + timedelta(days=30),
                        answered_on=day + timedelta(days=20) if agency % 3 == 0 else None,
                    )
                    for agency in some
                ],
                batch_size=500,
            )

    def _asked(self) -> list[int]:
        due: Iterable[int] = self.round.reports.values_list("assignment__agency", flat=True)
        return sorted(set(due))


# The command --------------------------------------------------------------------------------------


def prepare() -> None:
    """Set Django up for the database of DATABASE_URL, migrate it, and load the real forum."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forum_portal.settings")
    os.environ.update(ENV_FILE=os.devnull, PORTAL_ENV="local", SECRET_KEY="benchmark" * 8)
    import django
    from django.core.management import call_command
    from django.utils import translation

    django.setup()
    translation.activate("th")
    call_command("migrate", verbosity=0, stdout=StringIO())
    call_command("load_forum", verbosity=0, stdout=StringIO())


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        description="Fill the database of DATABASE_URL with an invented record of any size.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    made.add_argument("--reports", type=int, default=2721, help="reports in each round")
    made.add_argument("--forums", type=int, default=1, help="forums that every round follows up")
    made.add_argument("--rounds", type=int, default=3, help="rounds, a year each")
    made.add_argument(
        "--published",
        type=int,
        help="published rounds; all but the last one, which is open, if left out",
    )
    made.add_argument("--offices", type=int, default=PROVINCES, help="local offices")
    made.add_argument("--groups", action="store_true", help="the offices are members of one group")
    made.add_argument("--sentences", type=int, default=4, help="the most sentences of a text")
    made.add_argument("--seed", type=int, default=1, help="other texts and states")
    return made


def main() -> None:
    given = vars(parser().parse_args())
    if given["published"] is None:
        given["published"] = max(0, given["rounds"] - 1)
    size = Size(**given)
    if not os.environ.get("DATABASE_URL"):
        sys.exit("Set DATABASE_URL: the stress record goes into a database of its own.")
    prepare()
    fill(size, say=lambda words: print(words, flush=True))


if __name__ == "__main__":
    main()
