"""Forms of the secretariat: rounds and publishing."""

from datetime import date

import pytest

from followup.forms.secretariat import NewRoundForm, PublishForm
from followup.models import Round
from followup.tests.forms.filled import (
    TOO_LONG,
    errors,
)

pytestmark = pytest.mark.django_db  # a report's form offers the provinces that there are


def test_publishing_may_name_no_meeting():
    form = PublishForm({"meeting_ref": " ", "meeting_on": ""})
    assert form.is_valid()
    assert form.cleaned_data == {"meeting_ref": "", "meeting_on": None}
    assert errors(PublishForm({"meeting_ref": "ก" * 41})) == {
        "meeting_ref": [TOO_LONG % ("การประชุม คสป. ที่รับทราบ ครั้งที่", 41, 40)]
    }


@pytest.mark.parametrize(
    ("typed", "year"), [("2570", 2570), ("๒๕๗๐", 2570), ("พ.ศ. 2570", 2570), ("2027", 2570)]
)
def test_years_of_a_round(typed, year):
    form = NewRoundForm({"year": typed})
    assert form.is_valid(), form.errors
    assert form.cleaned_data == {"year": year, "months": 12, "due_on": None}


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "ระบุปีงบประมาณ เช่น 2570"),
        ("70", "ปี “70” มีเพียง 2 หลัก ระบุปี พ.ศ. ให้ครบ 4 หลัก เช่น 2567"),
        ("ปีหน้า", "อ่านปี “ปีหน้า” ไม่ได้ ระบุปี พ.ศ. เป็นตัวเลข 4 หลัก เช่น 2567"),
        ("2559", "ปี “2559” อยู่นอกช่วง พ.ศ. 2560–2599 ระบุปีในช่วงนี้"),
        ("2600", "ปี “2600” อยู่นอกช่วง พ.ศ. 2560–2599 ระบุปีในช่วงนี้"),
        ("ค.ศ. 2570", "ปี “ค.ศ. 2570” ขัดกัน ระบุ “พ.ศ. 2570” หรือแก้ตัวเลข"),
    ],
)
def test_what_is_no_year_of_a_round_is_said_and_kept(typed, message):
    form = NewRoundForm({"year": typed, "due_on": "30/11/2570"})
    assert errors(form) == {"year": [message]}
    assert form["year"].value() == typed
    assert form["due_on"].value() == "30/11/2570"


def test_the_next_year_is_the_one_after_the_last_round():
    for year in (2566, 2568):
        Round.objects.create(
            year_be=year,
            starts_on=date(2020, 1, 1),
            ends_on=date(2020, 12, 31),
            due_on=date(2021, 1, 1),
        )
    assert NewRoundForm.next_year() == 2569
