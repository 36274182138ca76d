"""The proposals in the admin: the source stays as it is."""

import pytest
from django.urls import reverse

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


@pytest.mark.parametrize("model", [Forum, Resolution, Measure])
def test_nothing_that_is_public_at_once_is_added_here(model, desk):
    """A new row would be public as it is stored: it is entered as a draft, and the list says where."""
    before = model.objects.count()
    assert desk.get(url(model, "add")).status_code == 403
    assert desk.post(url(model, "add"), {"year_be": "2570", "number": "9"}).status_code == 403
    assert model.objects.count() == before
    page = desk.get(url(model, "changelist")).content.decode()
    assert url(model, "add") not in page
    if model is Forum:
        assert f'href="{reverse("staff-forums")}"' in page


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
