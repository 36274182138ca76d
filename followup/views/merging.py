"""Two records of one agency are merged: choose the other one, read what will happen, confirm."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from followup import actions, permissions
from followup.forms.assignments import AgencyNameField, written_name
from followup.models import Agency
from followup.views.staff import StaffRequest, staff_page


@staff_page
def merge(request: StaffRequest, code: str) -> HttpResponse:
    """The address names both records (`?into=`), so that nothing is lost if the login ends."""
    if not permissions.may_administer(request.user):
        raise PermissionDenied
    duplicate = get_object_or_404(Agency, code=code)
    others = list(Agency.objects.standing().exclude(pk=duplicate.pk).prefetch_related("aliases"))
    typed = request.GET.get("into", "")
    field = AgencyNameField(required=False)
    field.agencies = others
    plan, wrong = None, []
    try:
        into = field.clean(typed)
        if into is not None:
            plan = actions.plan_merge(duplicate=duplicate, into=into)
            if request.method == "POST":
                actions.merge_agencies(
                    by=request.user,
                    duplicate=duplicate,
                    into=into,
                    effects=request.POST.get("effects", ""),
                )
                messages.success(
                    request,
                    _("รวม %(duplicate)s เข้ากับ %(into)s แล้ว")
                    % {"duplicate": duplicate, "into": into},
                )
                return redirect("staff-agency", code=into.code)
    except ValidationError as error:
        wrong = list(error.messages)
    except actions.Refused as refused:
        wrong = list(refused.messages.values())
    return render(
        request,
        "staff/merge.html",
        {
            "agency": duplicate,
            "asked": typed,
            "wrong": wrong,
            "plan": plan,
            "names": [written_name(each) for each in others],
            "here": request.get_full_path(),
        },
        status=422 if request.method == "POST" else 200,
    )
