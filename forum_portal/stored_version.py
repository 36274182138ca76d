"""The version check of forms on rows that have no version column.

A form carries a digest of the values that the person has seen. The row is read again under the lock in
which it is saved; if the digest is another one, somebody has saved it meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from hashlib import sha256
from typing import Any, cast

from django import forms
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from forum_portal.thai import format_date

SEEN = "seen"  # the form's hidden field


def version_of(row: Model, names: Iterable[str]) -> str:
    """The digest of a stored row's fields, many-to-many fields included."""
    values = {}
    for name in sorted(names):
        field = row._meta.get_field(name)
        if field.many_to_many:
            values[name] = sorted(getattr(row, name).values_list("pk", flat=True))
        else:
            values[name] = cast(Any, field).value_to_string(row)
    return sha256(json.dumps(values, default=str).encode()).hexdigest()[:32]


def in_words(value: Any) -> str:
    """A value of a form or of a row, as the conflict's message tells it."""
    if value is None or value == "":
        return _("ว่าง")
    if isinstance(value, bool):
        return _("ใช่") if value else _("ไม่ใช่")
    if isinstance(value, date):
        return format_date(value, "medium")
    if isinstance(value, QuerySet | list | tuple):
        return ", ".join(map(str, value)) or _("ว่าง")
    return str(value)


def conflict_message(stored: Mapping[str, Any]) -> str:
    """What somebody has saved meanwhile: label -> stored value."""
    return _(
        "มีผู้อื่นบันทึกรายการนี้หลังจากเปิดหน้า ค่าที่บันทึกอยู่คือ %(list)s ตรวจแล้วบันทึกอีกครั้งหากต้องการใช้ค่าที่พิมพ์"
    ) % {"list": ", ".join(f"{label} “{in_words(value)}”" for label, value in stored.items())}


class VersionedForm(forms.ModelForm):
    """A model form that overwrites nothing in silence.

    The instance is the stored row, read under a lock where the form is saved. If it differs from what
    the person has seen, the first save shows the stored values as an error and keeps what was typed; the
    next one overwrites them.
    """

    seen = forms.CharField(label="", widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial[SEEN] = version_of(self.instance, self._stored_fields())

    def _stored_fields(self) -> Sequence[str]:
        """The names of the model's own fields that this form writes."""
        own = {field.name for field in self._meta.model._meta.get_fields() if field.concrete}
        return [name for name, field in self.fields.items() if name in own and not field.disabled]

    @property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name != SEEN]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        seen, stored = data.pop(SEEN, ""), self.initial.get(SEEN)
        if not stored or seen == stored:
            return data
        differing = {
            str(self.fields[name].label): self._stored_value(name)
            for name in self.changed_data
            if name in self._stored_fields()
        }
        if differing:
            self.add_error(None, conflict_message(differing))
            self.data = cast(QueryDict, self.data).copy()
            self.data[self.add_prefix(SEEN)] = stored
        return data

    def _stored_value(self, name: str) -> Any:
        field = self._meta.model._meta.get_field(name)
        if field.many_to_many:
            return self.initial.get(name)
        display = getattr(self.instance, f"get_{name}_display", None)
        return display() if display else getattr(self.instance, name)
