"""The texts that nobody has written yet: the figures in plain sentences."""

import pytest

from followup import actions
from followup.annual_report import drafts, store
from followup.duty import duty
from followup.models import Round
from followup.progress import agency_rows, progress_by_year

pytestmark = pytest.mark.usefixtures("demo")


def test_a_text_that_nobody_wrote_is_drafted_and_marked(people):
    round_ = Round.objects.get(year_be=2569)

    def preface():
        return store.draft(round_).as_data()["parts"][0]["blocks"][0]

    assert preface()["is_drafted"]
    assert "ปีงบประมาณ พ.ศ. ๒๕๖๙" in preface()["text"]
    texts = {"preface": actions.Written("ถ้อยคำของเลขานุการ", "")}
    assert actions.write_narratives(round_=round_, by=people["staff"], texts=texts) == 1
    assert (preface()["text"], preface()["is_drafted"]) == ("ถ้อยคำของเลขานุการ", False)
    texts = {"preface": actions.Written("", "ถ้อยคำของเลขานุการ")}
    actions.write_narratives(round_=round_, by=people["staff"], texts=texts)
    assert preface()["is_drafted"]


def test_the_preface_says_how_many_agencies_reported_and_how_many_had_to():
    progress = progress_by_year(Round.objects.published())[-1]
    rows = agency_rows(progress)
    reported = [row for row in rows if row.reported]
    assert len(reported) < len(rows)
    assert f"มีหน่วยงานที่ต้องรายงาน {len(rows)} หน่วยงาน รายงานแล้ว {len(reported)} หน่วยงาน" in (
        drafts.preface(progress, duty=duty())
    )
