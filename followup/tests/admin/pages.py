"""The admin as an administrator's browser sees it."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from followup.models import (
    Agency,
    Assignment,
)
from proposals.models import Measure, Resolution

SHEETS: list[Any] = [Agency, Assignment, Resolution, Measure]


#: What the security policy forbids: style elements and attributes, inline scripts, handlers.
INLINE = re.compile(
    r"<style\b|<[^>]*\sstyle\s*=|<script\b(?![^>]*\ssrc=)|<[^>]*\son[a-z]+\s*=|javascript:", re.I
)


def label(model: Any) -> str:
    return model._meta.label_lower


def url(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def no_inline(response: Any) -> None:
    """Nothing in the page that the security policy forbids, and a policy that forbids it."""
    found = INLINE.search(response.content.decode())
    assert not found, found
    policy = response["Content-Security-Policy"]
    assert "unsafe-" not in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy


def field_values(response: Any) -> dict[str, Any]:
    """What a browser would send back from the admin form that this response shows."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    values = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is None or value is False:
                continue
            if isinstance(value, list):
                value = [getattr(each, "pk", each) for each in value]
            values[bound.html_name] = "on" if value is True else value
    return values


def said(response: Any) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def export(desk: Client, model: Any, file_format: str, query: str = "") -> bytes:
    sent = {"format": file_format, "resource": "0"}
    response = desk.post(url(model, "export") + query, sent)
    assert "attachment" in response["Content-Disposition"]
    return response.content
