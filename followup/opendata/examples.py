"""Examples of keys for the descriptions of the open data, taken from the stored rows."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from django.db.models import Exists, OuterRef

from followup.models import (
    Agency,
    Assignment,
    PublishedAssessment,
    PublishedEdition,
    PublishedEvidence,
    Round,
    Snapshot,
)
from followup.opendata.datasets import DATASETS
from followup.opendata.datasets.columns import assignment_id, measure_id, resolution_id
from followup.opendata.registry import Source
from followup.published import editions
from forum_portal.years import fiscal_year_today, round_code
from proposals.codes import full_code
from proposals.models import Measure


class Examples:
    """A key of each kind, by the names that `Dataset.example` and `Filter.example` give.

    Each is asked for when it is first needed, with few queries. Where nothing is stored yet, it
    is a key of the right form.
    """

    def __getitem__(self, name: str) -> str:
        value: str = getattr(self, self._NAMES.get(name, name))
        return value

    #: Names that Python keeps for itself.
    _NAMES: ClassVar = {"from": "earlier_year"}

    @cached_property
    def _measure(self) -> Measure | None:
        return Measure.objects.first()

    @cached_property
    def _assignment(self) -> Assignment | None:
        if self._measure is None:
            return None
        found = Assignment.objects.filter(measure=self._measure).select_related(
            "agency", "measure__resolution__forum"
        )
        return found.order_by("role", "agency__sort_key", "valid_from").first()

    @cached_property
    def _report(self) -> str | None:
        """The key of the first report with public evidence, in the latest edition that has any."""
        latest_first = editions(Round.objects.published())
        with_evidence = set(
            PublishedEdition.objects.filter(
                Exists(PublishedEvidence.objects.filter(edition=OuterRef("pk"))),
                pk__in=[each.pk for each in latest_first.values()],
            ).values_list("pk", flat=True)
        )
        found = (each for each in latest_first.items() if each[1].pk in with_evidence)
        round_, edition = next(found, (None, None))
        piece = edition.evidence().first() if edition else None
        if round_ is None or edition is None or piece is None:
            return None
        (line,) = edition.lines(edition.rows().filter(position=piece.line_position))
        return f"{round_.code}-{assignment_id(line.assignment)}"

    @cached_property
    def year(self) -> str:
        latest = Round.objects.published().first()
        return str(latest.year_be if latest else fiscal_year_today())

    @property
    def to(self) -> str:
        return self.year

    @cached_property
    def earlier_year(self) -> str:
        """The published year before that of `to`, or simply the year before it."""
        earlier = Round.objects.published().filter(year_be__lt=int(self.year)).first()
        return str(earlier.year_be if earlier else int(self.year) - 1)

    @property
    def change(self) -> str:
        return f"{self.earlier_year}-{self.year}-{self.measure}"

    @property
    def forum(self) -> str:
        measure = self._measure
        return str(measure.resolution.forum.year_be if measure else fiscal_year_today())

    @property
    def resolution(self) -> str:
        measure = self._measure
        return resolution_id(measure.resolution) if measure else full_code(int(self.forum), 1)

    @cached_property
    def sdg_link(self) -> str:
        """The key of the first link of a proposal to a target, as the dataset has it."""
        dataset = DATASETS["sdg_links"]
        for link in dataset.take(Source()):
            return str(dataset.row(link)[dataset.key])
        return f"{self.resolution}-SDG-16.7"

    @property
    def measure(self) -> str:
        return measure_id(self._measure) if self._measure else full_code(int(self.forum), 1, 1)

    @cached_property
    def agency(self) -> str:
        if self._assignment:
            return self._assignment.agency.code
        agency = Agency.objects.first()
        return agency.code if agency else "AGENCY"

    @property
    def q(self) -> str:
        return self.agency

    @property
    def assignment(self) -> str:
        if self._assignment:
            return assignment_id(self._assignment)
        return f"{self.measure}-{self.agency}-{self.forum}"

    @property
    def report(self) -> str:
        return self._report or f"{self.year}-{self.assignment}"

    @property
    def evidence(self) -> str:
        return f"{self.report}-1"

    @property
    def project(self) -> str:
        return f"{self.report}-1"

    @cached_property
    def assessment(self) -> str:
        of_edition = {
            each.pk: round_ for round_, each in editions(Round.objects.published()).items()
        }
        found = PublishedAssessment.objects.filter(edition__in=of_edition).order_by("pk").first()
        measure = found and Measure.objects.filter(pk=found.measure_id).first()
        if found is None or measure is None:
            return f"{self.year}-{self.measure}-1"
        return f"{of_edition[found.edition_id].code}-{measure_id(measure)}-{found.organisation_id}"  # type: ignore[arg-type]

    @property
    def progress(self) -> str:
        return f"{self.year}-{self.measure}"

    @cached_property
    def correction(self) -> str:
        made = (
            Snapshot.objects.corrections()
            .filter(round__in=Round.objects.public().values("pk"))
            .values_list("round__year_be", "round__months", "number")
        )
        if first := made.order_by("made_at", "pk").first():
            year, months, number = first
            return f"{round_code(year, months)}-{number}-1"
        return f"{self.year}-2-1"

    @property
    def agency_year(self) -> str:
        return f"{self.year}-{self.agency}"

    @property
    def area(self) -> str:
        return f"{self.year}-{self.province}"

    # Of the filters with a vocabulary or a number.
    province = "TH-40"
    # Of the filters with a vocabulary or a number, and of a search.
    kind = "result"
    status = "in_progress"
    level = "resolution"
    page = "1"
    page_size = "50"
