"""Errors and conflicts of an action, shown in the form that called it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from followup import actions
from forum_portal.stored_version import SEEN, in_words, version_of


def show_refusal(form: forms.BaseForm, refused: actions.Refused) -> None:
    """Add each message to its field; to the whole form if it has no such field."""
    for name, sentence in refused.messages.items():
        form.add_error(name if name in form.fields else None, sentence)


def as_seen(row: Model, names: Sequence[str]) -> dict[str, Any]:
    """The initial data of a form on a stored row: its values, and their version."""
    return {name: getattr(row, name) for name in names} | {SEEN: version_of(row, names)}


def look_again(request: HttpRequest) -> HttpResponse:
    """The page anew, for somebody who removes what a colleague has just changed."""
    messages.warning(
        request, _("มีผู้อื่นแก้ไขรายการนี้หลังจากเปิดหน้า จึงยังไม่ลบ อ่านค่าล่าสุดแล้วลบอีกครั้งหากยังต้องการ")
    )
    return redirect(request.get_full_path())


def show_conflict(form: forms.BaseForm, stored: Model) -> list[dict[str, str]]:
    """The typed and the stored version of a row, field by field, where they differ.

    The form then is based on the stored version, so that saving it again means "mine".
    """
    names = [name for name in form.fields if name != SEEN]
    data = cast(QueryDict, form.data).copy()
    data[form.add_prefix(SEEN)] = version_of(stored, names)
    form.data = data
    return [
        {"label": str(form.fields[name].label), "mine": mine, "theirs": theirs}
        for name in names
        for mine, theirs in [(in_words(form.cleaned_data[name]), in_words(getattr(stored, name)))]
        if mine != theirs
    ]
