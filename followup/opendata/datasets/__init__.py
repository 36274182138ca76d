"""The public datasets.

Their columns hold what the public pages show: no unapproved report, no internal evidence, no names
of people.
"""

from __future__ import annotations

from collections.abc import Mapping

from followup.opendata.datasets.agency_years import AGENCY_YEARS
from followup.opendata.datasets.answering import AGENCIES, ASSIGNMENTS
from followup.opendata.datasets.areas import AREAS
from followup.opendata.datasets.assessments import ASSESSMENTS
from followup.opendata.datasets.changes import CHANGES
from followup.opendata.datasets.commitments import COMMITMENTS
from followup.opendata.datasets.corrections import CORRECTIONS
from followup.opendata.datasets.progress import PROGRESS
from followup.opendata.datasets.reported import EVIDENCE, PROJECT_CODES, STATUS_REPORTS
from followup.opendata.datasets.resolved import FORUMS, MEASURES, RESOLUTIONS, SDG_LINKS
from followup.opendata.datasets.rounds import ROUNDS
from followup.opendata.registry import Dataset

DATASETS: Mapping[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        FORUMS,
        RESOLUTIONS,
        MEASURES,
        AGENCIES,
        ASSIGNMENTS,
        STATUS_REPORTS,
        COMMITMENTS,
        AGENCY_YEARS,
        PROGRESS,
        CHANGES,
        EVIDENCE,
        PROJECT_CODES,
        ASSESSMENTS,
        AREAS,
        CORRECTIONS,
        ROUNDS,
        SDG_LINKS,
    )
}
