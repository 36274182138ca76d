"""The command that loads the demo data: passwords shown once, and refusals in words."""

import re

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError

from followup import actions
from followup import demo as demo_data
from followup.models import (
    Assignment,
    Letter,
    PublishedAssessment,
    Round,
    User,
)
from followup.tests.demo_commands import run
from followup.tests.factories import dump

IN_THE_WAY = "มีรอบติดตามของปี 2566–2569 อยู่แล้ว จึงไม่โหลดข้อมูลตัวอย่างปนกับข้อมูลจริง"


def test_load_demo_prints_working_passwords_once(forum):
    actions.create_round(by=None, year=2570)  # a real one of another year is not in the way
    assert not demo_data.is_loaded()
    said = run("load_demo")
    printed = dict(re.findall(r"(demo-\w+)\s+(\S+)$", said, re.MULTILINE))
    assert set(printed) == {"demo-staff", "demo-reviewer", "demo-admin"}
    for username, password in printed.items():
        assert User.objects.get(username=username).check_password(password)
        assert authenticate(username=username, password=password)
        assert len(password) >= 12
        assert said.count(password) == 1

    assert Letter.objects.exists(), "with the letters and assessments that a newcomer may see"
    assert PublishedAssessment.objects.exists()
    before = dump()
    again = run("load_demo")
    assert again == ("ข้อมูลตัวอย่าง: มีอยู่แล้ว ไม่เปลี่ยนแปลงข้อมูล (ลบด้วย manage.py remove_demo)\n")
    assert dump() == before, "the passwords from the first time still work"
    assert not Round.objects.get(year_be=2570).is_demo


@pytest.mark.parametrize("year", [2566, 2569])
def test_load_demo_refuses_beside_a_real_round(forum, year):
    actions.create_round(by=None, year=year)
    before = dump()
    with pytest.raises(CommandError) as error:
        run("load_demo")
    assert str(error.value) == IN_THE_WAY
    assert dump() == before


def test_load_demo_says_in_words_what_it_misses(db):
    """Without the real forum there is nothing to report on."""
    with pytest.raises(CommandError):
        run("load_demo")


@pytest.mark.parametrize("change", ["deleted", "ended", "later"])
def test_load_demo_says_in_words_that_the_assignments_have_changed(forum, change):
    """Which agency leads is our proposal; the committee will change it."""
    changed = Assignment.objects.filter(measure__resolution__number=1, agency__code="MSDHS")
    if change == "deleted":
        changed.delete()
    elif change == "ended":
        changed.update(valid_to=2567)
    else:
        changed.update(valid_from=2567)
    before = dump()
    with pytest.raises(CommandError):
        run("load_demo")
    assert dump() == before
