"""What the forms of a forum's draft make of what is typed."""

import pytest
from django.http import QueryDict

from followup import forum_marks
from followup.forms.forum_entry import (
    Agencies,
    FactsForm,
    NewForumForm,
    day_as_typed,
    facts_from,
    mark_from,
    target_of,
)
from followup.models import AgencyAlias


def posted(**values):
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data.setlist(name, value if isinstance(value, list) else [value])
    return data


def facts(**values):
    content = forum_marks.empty(2566)
    data = posted(**values)
    form = FactsForm(data)
    assert form.is_valid()
    facts_from(form, data, content)
    return content["forum"]


def test_facts_are_read_and_what_is_wrong_stays_as_typed():
    found = facts(
        participants_total="๘๔๘ คน",
        regional_workshops="สี่",
        followed_from="ค.ศ. 2024",
        partners_th=["สสส.", " ", "พอช. "],
        preamble_th="ย่อหน้า\r\n ใหม่ๆ",
        legal_verbatim=["ระเบียบ", "", "แผน"],
        legal_duty=["", "", "จัดประชุม"],
        legal_on=["30/3/2564", "", "วันหนึ่ง"],
    )
    assert (found["participants_total"], found["regional_workshops"]) == (848, "สี่")
    assert found["followed_from"] == 2567
    assert found["partners_th"] == ["สสส.", "พอช."]
    assert found["preamble_th"] == "ย่อหน้า\n ใหม่ๆ", "only line ends are made alike"
    assert found["legal_basis"] == [
        {"verbatim": "ระเบียบ", "approved_on": "2021-03-30"},
        {"verbatim": "แผน", "duty_th": "จัดประชุม", "approved_on": "วันหนึ่ง"},
    ]
    assert "followed_from" not in facts(followed_from="")


def test_a_day_is_shown_as_it_is_typed():
    assert day_as_typed("2021-03-30") == "30/3/2564"
    assert day_as_typed("วันหนึ่ง") == "วันหนึ่ง"


@pytest.mark.parametrize(
    ("typed", "year"),
    [("2566", 2566), ("๒๕๖๖", 2566), ("ค.ศ. 2023", 2566), ("66", None), ("", None)],
)
def test_the_year_of_a_new_forum(typed, year):
    form = NewForumForm({"year": typed})
    assert (form.cleaned_data["year"] if form.is_valid() else None) == year


def test_an_agency_is_known_by_every_name_that_is_its_own(forum):
    agencies = Agencies.load()
    label = agencies.label_of("BOB")
    for name in ("BOB", "สำนักงบประมาณ", label, "สงป."):
        assert agencies.code_of(name) == "BOB", name
    assert agencies.code_of(" ไม่มีหน่วยงานนี้ ") == "ไม่มีหน่วยงานนี้"
    AgencyAlias.objects.create(agency_id=_pk("MOF"), name="ชื่อที่ใช้ร่วมกัน")
    AgencyAlias.objects.create(agency_id=_pk("MOI"), name="ชื่อที่ใช้ร่วมกัน")
    assert Agencies.load().code_of("ชื่อที่ใช้ร่วมกัน") == "ชื่อที่ใช้ร่วมกัน", (
        "two are called so: none is guessed"
    )


def _pk(code):
    from followup.models import Agency

    return Agency.objects.get(code=code).pk


NOBODY = Agencies({"BOB": "สงป. สำนักงบประมาณ"}, {"bob": frozenset({"BOB"})})


def test_a_measure_keeps_what_its_form_does_not_show():
    row = {"agencies": [{"agency": "BOB", "role": "lead", "basis": "confirmed"}]}
    data = posted(
        title_th=" ชื่อ ",
        kind="output",
        relation="",
        earlier="2565-1.4",
        agency=["bob", "", "ใครสักคน"],
        role=["support", "lead", "boss"],
    )
    mark_from(data, row, NOBODY, is_measure=True)
    assert (row["title_th"], row["kind"], row["earlier"]) == ("ชื่อ", "output", "")
    assert row["agencies"] == [
        {"agency": "BOB", "role": "support", "basis": "confirmed"},
        {"agency": "ใครสักคน", "role": "lead"},
    ]


def test_targets_notes_and_laws_of_a_proposal():
    row = {
        "sdg_targets": [{"goal": 16, "target": "16.6", "justification_th": "เหตุผลเดิม"}],
    }
    data = posted(
        sdg="16.6, 17.b;16.6 เรื่องอื่น",
        legal_references="พ.ร.บ. ก\r\n\r\nพ.ร.บ. ข",
        party=["bob", ""],
        note_quotation=["คำเดิม", ""],
        note_text=["เขียนสองแบบ", ""],
    )
    mark_from(data, row, NOBODY, is_measure=False)
    assert row["sdg_targets"] == [
        {"goal": 16, "target": "16.6", "justification_th": "เหตุผลเดิม"},
        {"goal": 17, "target": "17.b"},
        {"goal": 0, "target": "เรื่องอื่น"},
    ]
    assert target_of("๑๗.๑")["goal"] == 0
    assert row["legal_references"] == ["พ.ร.บ. ก", "พ.ร.บ. ข"]
    assert row["named_parties"] == ["BOB"]
    assert row["notes"] == [{"quotation": "คำเดิม", "text_th": "เขียนสองแบบ"}]
