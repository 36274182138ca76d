"""The verb on the annual report's own texts."""

import pytest
from django.core.exceptions import PermissionDenied

from followup import actions
from followup.actions import Refused
from followup.actions.narratives import Written, write_narratives
from followup.models import Narrative


def write(round_, by, **texts):
    """Each text as (text, what stood there when its writer began)."""
    written = {slot: Written(text, seen) for slot, (text, seen) in texts.items()}
    return write_narratives(round_=round_, by=by, texts=written)


def texts_of(round_):
    return dict(round_.narratives.values_list("slot", "text"))


def test_what_changed_is_stored_with_who_accepted_it(open_round, people):
    assert write(open_round, people["staff"], preface=("คำนำ", ""), summary=("", "")) == 1
    row = open_round.narratives.get()
    assert (row.slot, row.text, row.accepted_by) == ("preface", "คำนำ", people["staff"])
    assert row.accepted_at is not None
    assert write(open_round, people["colleague"], preface=("คำนำ", "คำนำ")) == 0
    row.refresh_from_db()
    assert row.accepted_by == people["staff"], "who changed nothing has accepted nothing"


def test_an_empty_text_leaves_its_place_to_the_figures_and_the_history(open_round, people):
    write(open_round, people["staff"], preface=("คำนำ", ""))
    assert write(open_round, people["staff"], preface=("", "คำนำ")) == 1
    assert texts_of(open_round) == {}
    assert [entry.history_type for entry in Narrative.history.all()] == ["-", "+"]


def test_a_place_that_a_colleague_changed_meanwhile_refuses_the_whole(open_round, people):
    write(open_round, people["colleague"], preface=("ของเพื่อน", ""))
    with pytest.raises(Refused) as refused:
        write(open_round, people["staff"], preface=("ของฉัน", ""), summary=("สรุป", ""))
    assert set(refused.value.messages) == {"preface"}
    assert texts_of(open_round) == {"preface": "ของเพื่อน"}


def test_only_the_secretariat_writes(open_round, people):
    with pytest.raises(PermissionDenied):
        write(open_round, people["outsider"], preface=("ก", ""))


def test_a_published_report_takes_no_text(open_round, people):
    actions.close_round(round_=open_round, by=people["staff"])
    write(open_round, people["staff"], preface=("คำนำ", ""))
    actions.publish_round(round_=open_round, by=people["reviewer"])
    with pytest.raises(Refused, match="รอบนี้เผยแพร่แล้ว"):
        write(open_round, people["staff"], preface=("ใหม่", "คำนำ"))
    assert texts_of(open_round) == {"preface": "คำนำ"}
