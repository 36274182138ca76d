"""The columns' page: what is remembered of them, and when."""

import pytest
from django.urls import reverse

from followup.models import RememberedMapping
from followup.tests.spreadsheets.wizard import (
    HEAD,
    confirm,
    record_of,
    row,
    upload,
    walk_to_check,
    xlsx,
)

pytestmark = pytest.mark.django_db


def test_columns_are_remembered_only_when_somebody_says_so(desk):
    record = walk_to_check(desk, xlsx(HEAD, row()))
    page = desk.get(reverse("import-columns", args=[record.pk])).content.decode()
    assert 'name="remember"' in page
    assert 'name="remember" checked' not in page
    confirm(desk, record)
    assert not RememberedMapping.objects.exists()


def test_a_used_memory_is_named_and_can_be_forgotten(desk):
    rows = [[*HEAD, "งานที่ทำ"], row("3.1", "กสจ.", "ชะลอ", None, "อนุมัติ")]
    record = record_of(upload(desk, xlsx(*rows)))
    chosen = {"column-4": "result", "column-3": "", "remember": "on", "version": 0}
    url = reverse("import-columns", args=[record.pk])
    desk.post(url, chosen)
    confirm(desk, record)
    memory = RememberedMapping.objects.get()
    assert memory.mapping == {"4": "result"}
    again = record_of(upload(desk, xlsx(*rows)))
    url = reverse("import-columns", args=[again.pk])
    page = desk.get(url).content.decode()
    assert "ใช้การจับคู่ที่จำไว้จากไฟล์ที่มีหัวตารางเหมือนกัน" in page
    page = desk.post(url, {"forget": memory.signature}, follow=True).content.decode()
    assert "ใช้การจับคู่ที่จำไว้" not in page
    assert not RememberedMapping.objects.exists()


def test_left_out_columns_are_remembered_only_with_their_own_tick(desk):
    record = record_of(upload(desk, xlsx(HEAD, row())))
    chosen = {"column-3": "", "remember": "on", "remember_unused": "on", "version": 0}
    desk.post(reverse("import-columns", args=[record.pk]), chosen)
    confirm(desk, record)
    assert RememberedMapping.objects.get().mapping == {"3": ""}
