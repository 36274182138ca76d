"""The proposals in the admin: the source stays as it is."""

import pytest

from followup.tests.admin.pages import field_values, url
from proposals.models import EditorNote, Forum, Measure, Resolution


@pytest.mark.parametrize(
    ("model", "fixed"),
    [
        (Forum, {"source_text": "ข้อความอื่น"}),
        (Resolution, {"text": "ข้อความอื่น", "forum": "99"}),
        (Measure, {"start": "1", "end": "3", "resolution": "99"}),
    ],
    ids=["forum", "resolution", "measure"],
)
def test_verbatim_fields_are_only_written_when_added(model, fixed, desk):
    row = model.objects.order_by("pk").first()
    page = url(model, "change", row.pk)
    before = model.objects.values(*fixed).get(pk=row.pk)
    response = desk.get(page)
    assert not set(fixed) & set(response.context["adminform"].form.fields)
    values = field_values(response)
    changed = "short_name_th" if model is Forum else "title_th"
    response = desk.post(page, values | fixed | {changed: "ชื่อใหม่"})
    assert response.status_code == 302, response.context["errors"]
    row.refresh_from_db()
    assert getattr(row, changed) == "ชื่อใหม่"
    assert model.objects.values(*fixed).get(pk=row.pk) == before


def test_a_new_forum_its_resolution_and_its_measure(desk):
    """Browsers send line ends as CR LF; the source has LF, and every place in it counts them."""
    lines = "คำนำ\nข้อ ๑ พัฒนากลไก \nให้เข้มแข็ง\n"
    response = desk.get(url(Forum, "add"))
    values = {"year_be": "2570", "name_th": "ก", "short_name_th": "ก", "partners_th": ""}
    values |= {"source_text": lines.replace("\n", "\r\n")}
    response = desk.post(url(Forum, "add"), field_values(response) | values)
    assert response.status_code == 302, response.context["errors"]
    forum = Forum.objects.get(year_be=2570)
    assert forum.source_text == lines
    assert forum.partners_th == []

    text = "พัฒนากลไก \nให้เข้มแข็ง"
    values = {"forum": str(forum.pk), "number": "1", "title_th": "กลไก", "text": "พัฒนา กลไก"}
    values |= {"legal_references": "[]", "named_parties": "[]"}
    response = desk.post(url(Resolution, "add"), values)
    assert response.context["adminform"].form.errors == {
        "text": ["ข้อความนี้ไม่ตรงกับเอกสารต้นฉบับทุกตัวอักษร"]
    }
    response = desk.post(url(Resolution, "add"), values | {"text": text.replace("\n", "\r\n")})
    assert response.status_code == 302, response.context["errors"]
    resolution = forum.resolutions.get()
    assert resolution.text == text

    values = {"resolution": str(resolution.pk), "number": "1", "start": "5", "end": "900"}
    values |= {"title_th": "กลไก", "kind": "output"}
    response = desk.post(url(Measure, "add"), values)
    assert response.context["adminform"].form.errors == {
        "end": ["ตำแหน่งสิ้นสุดเกินความยาวของข้อความต้นฉบับ"]
    }
    response = desk.post(url(Measure, "add"), values | {"end": "9"})
    assert response.status_code == 302, response.context["errors"]
    assert resolution.measures.get().span == "กลไก"


def test_lists_stay_lists(desk, forum):
    page = url(Forum, "change", forum.pk)
    values = field_values(desk.get(page))
    response = desk.post(page, values | {"partners_th": '{"ก": 1}'})
    assert response.context["adminform"].form.errors == {
        "partners_th": ['ต้องเป็นรายการในรูปแบบ JSON เช่น ["ก", "ข"]']
    }
    assert desk.post(page, values | {"partners_th": ""}).status_code == 302
    forum.refresh_from_db()
    assert forum.partners_th == []


def test_a_note_belongs_to_its_resolutions_forum(desk, forum):
    resolution = forum.resolutions.get(number=4)
    page = url(Resolution, "change", resolution.pk)
    values = field_values(desk.get(page))
    count = int(values["editor_notes-TOTAL_FORMS"])
    values["editor_notes-TOTAL_FORMS"] = count + 1
    values[f"editor_notes-{count}-position"] = "9"
    values[f"editor_notes-{count}-text_th"] = "หมายเหตุใหม่"
    values[f"editor_notes-{count}-quotation"] = "คำที่ไม่มี"
    response = desk.post(page, values)
    assert "คำนี้ไม่มีในข้อความต้นฉบับ" in response.content.decode()
    values[f"editor_notes-{count}-quotation"] = resolution.text[:5]
    assert desk.post(page, values).status_code == 302
    assert EditorNote.objects.get(text_th="หมายเหตุใหม่").forum == forum


def test_an_empty_note_says_what_it_needs(desk):
    response = desk.post(url(EditorNote, "add"), {})
    assert set(response.context["adminform"].form.errors) >= {"forum", "text_th"}
