"""Short forms of the secretariat keep what was typed if the login has ended, or its token changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from followup.views.report_form import unsaved_message

View = Callable[..., HttpResponse]
_UNSENT = frozenset({"csrfmiddlewaretoken", "do"})


def keeps_form(form: type[forms.Form]) -> Callable[[View], View]:
    """Decorate a view: after the end of the session a page holds what was typed into its form."""

    def decorate(view: View) -> View:
        @wraps(view)
        def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "POST" and not request.user.is_authenticated:
                return keep(request, form)
            return view(request, *args, **kwargs)

        return keeping

    return decorate


def unsaved(form: type[forms.Form]) -> View:
    """The page for a form that was sent with an earlier login's CSRF token; nothing is stored."""
    return lambda request, **kwargs: keep(request, form)


def keep(request: HttpRequest, form: type[forms.Form]) -> HttpResponse:
    """A page that holds the typed text; after the login it is sent on to the form."""
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in _UNSENT
        for value in values
    ]
    fields: dict[str, forms.Field] = form.base_fields
    typed = [
        (fields[name].label, value)
        for name, value in sent
        if name in fields and value and not fields[name].widget.is_hidden
    ]
    context = {"sent": sent, "may_resume": True, "typed": typed}
    return render(request, "reporting/kept.html", context, status=403)


def is_resumed(request: HttpRequest) -> bool:
    """Whether a kept form is shown again before it is saved; then the page says so."""
    if request.POST.get("do") != "resume":
        return False
    messages.warning(request, unsaved_message())
    return True
