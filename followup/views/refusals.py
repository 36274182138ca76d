"""Errors of an action, shown in the form that called it."""

from __future__ import annotations

from django import forms

from followup import actions


def show_refusal(form: forms.BaseForm, refused: actions.Refused) -> None:
    """Add each message to its field; to the whole form if it has no such field."""
    for name, sentence in refused.messages.items():
        form.add_error(name if name in form.fields else None, sentence)
