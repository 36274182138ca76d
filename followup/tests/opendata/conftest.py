"""Data to go out: as published, grown, and corrected."""

import pytest

from followup.models import (
    Round,
    Snapshot,
)
from followup.tests.ground import ground


@pytest.fixture(params=["demo", "grown"])
def data(demo, people, request):
    """The demo data, and then the same with a second forum beside it (see `ground`)."""
    if request.param == "grown":
        ground.lay("grown")


@pytest.fixture
def corrected(demo, people):
    """The second edition of 2567, after the demo's own."""
    round_ = Round.objects.get(year_be=2567)
    first = round_.snapshots.get()
    return Snapshot.objects.create(
        round=round_,
        number=2,
        made_at="2025-03-04T05:06:07+07:00",
        made_by=people["staff"],
        reason="หน่วยงานแจ้งแก้จำนวนเวที",
        changes=[
            {
                "measure": "2565-1.2",
                "agency": "CODI",
                "field": "results",
                "before": "4",
                "after": "5",
            },
            {
                "measure": "2565-3",
                "agency": "",
                "field": "ruling_status",
                "before": "",
                "after": "on_hold",
            },
            {
                "measure": "",
                "agency": "",
                "field": "round_meeting_on",
                "before": "2024-12-20",
                "after": "2024-12-27",
            },
            {
                "measure": "",
                "agency": "",
                "field": "narrative_preface",
                "before": "",
                "after": "คำนำใหม่",
            },
        ],
        content=first.content,
        digest=first.digest,
    )
