"""The conclusion of a forum's follow-up, and its undoing."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from followup import actions
from followup.forms.fields import error_list
from followup.forms.secretariat import ConclusionForm
from followup.models import Round, StatusReport
from followup.views.chosen_forum import forum_of
from followup.views.forum_entry import administrators_page
from followup.views.refusals import show_refusal
from followup.views.staff import StaffRequest, posted
from proposals.models import Forum


@administrators_page
def conclude(request: StaffRequest, year: int) -> HttpResponse:
    """Conclude a forum, or go on with one that is concluded, once it is confirmed."""
    forum = forum_of(year)
    asked = request.POST.get("do", "")
    # An older page offers the opposite of what would be done now.
    if asked and (asked == "resume") != forum.is_concluded:
        messages.error(request, _("เวทีนี้เปลี่ยนไปแล้วโดยผู้อื่น ดูสถานะล่าสุดด้านล่างแล้วทำใหม่ถ้ายังต้องการ"))
        return redirect("staff-forum-conclude", year=year)
    if forum.is_concluded:
        return _resume(request, forum)
    latest = Round.objects.order_by("-year_be").first()
    form = ConclusionForm(
        posted(request), initial={"after": latest.year_be if latest else forum.followed_from}
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                actions.conclude_forum(by=request.user, forum=forum, **form.cleaned_data)
            except actions.Refused as refused:
                if not set(refused.messages) <= set(form.fields):
                    messages.error(request, str(refused))
                    return redirect("staff-forum-conclude", year=year)
                show_refusal(form, refused)
            else:
                messages.success(request, _("สรุปการติดตามเวที %(year)s แล้ว") % {"year": year})
                return redirect("forum", year=year)
    untouched = StatusReport.objects.filter(
        assignment__measure__resolution__forum=forum, version=0, round__state="open"
    )
    context = {
        "forum": forum,
        "form": form,
        "errors": error_list(form),
        "untouched": untouched.count(),
    }
    return render(request, "staff/forum_conclude.html", context, status=status)


def _resume(request: StaffRequest, forum: Forum) -> HttpResponse:
    if request.POST.get("do") == "resume":
        try:
            actions.resume_forum(by=request.user, forum=forum)
        except actions.Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("ติดตามเวที %(year)s ต่อแล้ว") % {"year": forum.year_be})
        return redirect("forum", year=forum.year_be)
    return render(request, "staff/forum_resume.html", {"forum": forum})
