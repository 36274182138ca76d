"""The places of an annual report that people write for."""

import pytest

from followup.models import Narrative, PrintJob, RenderedReport, Round, Snapshot
from followup.models.annual import SLOTS, resolution_slot, slot_label


@pytest.mark.parametrize(
    ("slot", "one", "several"),
    [
        ("preface", "คำนำ", "คำนำ"),
        ("resolution-2565-3", "ข้อคิดเห็นต่อข้อเสนอที่ 3", "ข้อคิดเห็นต่อเวที 2565 ข้อเสนอที่ 3"),
        ("gone", "gone", "gone"),
        ("resolution-x", "resolution-x", "resolution-x"),
    ],
)
def test_a_place_has_a_name_for_people(slot, one, several):
    assert slot_label(slot, several_forums=False) == one
    assert slot_label(slot, several_forums=True) == several


def test_a_proposals_place_names_its_forum():
    assert resolution_slot(2566, 3) == "resolution-2566-3"
    assert len(set(map(str, SLOTS.values()))) == len(SLOTS)


def test_rows_say_what_they_are():
    round_ = Round(year_be=2567)
    assert str(Narrative(round=round_, slot="resolution-2565-3")) == (
        "2567 ข้อคิดเห็นต่อเวที 2565 ข้อเสนอที่ 3"
    )
    snapshot = Snapshot(round=round_, number=2)
    assert str(RenderedReport(snapshot=snapshot, kind="pdf")) == f"{snapshot} pdf"
    page = RenderedReport(snapshot=snapshot, kind="page", part=3, page=2)
    assert str(page) == f"{snapshot} page 3.2"
    assert str(PrintJob(kind="docx", key="0123456789abcdef")) == "docx 01234567"
