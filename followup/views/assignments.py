"""The assignments: which agency answers for which measure, and what the committee has confirmed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, wraps
from hashlib import sha256
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from followup import actions, permissions
from followup.assigned import (
    ALL,
    CONFIRMED,
    NOBODY,
    TABS,
    WAITING,
    Assigned,
    Filters,
    Group,
    first_year_at_work,
    waiting_of,
)
from followup.confirmations import meeting_of
from followup.forms.assignments import (
    AddForm,
    ConfirmForm,
    LastYearForm,
    RoleForm,
    SeenForm,
    written_name,
)
from followup.forms.fields import error_list
from followup.models import Agency, AgencyLink, Assignment, Role, Round, RoundState, StatusReport
from followup.views.refusals import show_refusal
from followup.views.report_form import unsaved_message
from followup.views.staff import StaffRequest, posted, staff_page
from forum_portal.row_ids import read_id
from forum_portal.stored_version import SEEN, version_of
from forum_portal.years import fiscal_year_today
from proposals.models import Measure

TAB_WORDS: dict[str, str | Promise] = {
    ALL: _l("ทั้งหมด"),
    WAITING: _l("รอยืนยัน"),
    CONFIRMED: _l("ยืนยันแล้ว"),
    NOBODY: _l("ไม่มีผู้รับผิดชอบ"),
}
#: What narrows the list, and stays in its links; `page` besides where the place is meant.
FILTERS = ("forum", "resolution", "role", "q", "tab")
#: The typed fields of all forms here, which an address may carry (see `keeps_typed`).
TYPED = (
    "meeting_ref",
    "meeting_on",
    "new_role",
    "last_year",
    "agency",
    "as_role",
    "first_year",
    "to",
    "year",
    "reason",
    "withdraws",
)

View = Callable[..., HttpResponse]


# What was typed -------------------------------------------------------------------------------


def keeps_typed(view: View) -> View:
    """Decorate a page: a form sent after the login ended is there again once signed in."""

    @wraps(view)
    def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            return redirect_to_login(address_with_typed(request))
        return view(request, *args, **kwargs)

    return keeping


def unsaved(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """A form that was sent with an earlier login's CSRF token: it is shown again, nothing is stored."""
    if not request.user.is_authenticated:
        return redirect_to_login(address_with_typed(request))
    messages.warning(request, unsaved_message())
    return redirect(address_with_typed(request))


def address_with_typed(request: HttpRequest) -> str:
    """The address of the page, with what its form held; opening it changes nothing.

    The ticks are kept without their versions: whoever comes back sees the rows as they are then.
    """
    query = request.GET.copy()
    for name in TYPED:
        if value := request.POST.get(name, "").strip():
            query[name] = value[:300]
    if ticks := keys_in(request.POST.getlist("tick")):
        query["ticks"] = ",".join(map(str, ticks))
    return f"{request.path}?{query.urlencode()}" if query else request.path


def keys_in(ticks: Iterable[str]) -> list[int]:
    """The keys of ticked assignments, of `key.version` or of bare keys."""
    found = (read_id(each.partition(".")[0]) for each in ticks)
    return list(dict.fromkeys(key for key in found if key))


# The list -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """An assignment on the page; `tick` is its key and version, "" if it cannot be confirmed."""

    assignment: Assignment
    tick: str
    is_ticked: bool

    @property
    def meeting(self) -> str:
        return meeting_of(self.assignment)

    @property
    def steps(self) -> list[tuple[str, str]]:
        """(name in `STEPS`, word of the link) of what may be changed."""
        steps = [("role", _("เปลี่ยนบทบาท")), ("end", _("สิ้นสุด"))]
        if self.assignment.is_confirmed:
            steps.append(("withdraw", _("ถอนการยืนยัน")))
        return steps


@dataclass(frozen=True)
class Shown:
    """The part of the list that one answer shows."""

    assigned: Assigned
    number: int  # of the page, from 1
    select: str

    @cached_property
    def groups(self) -> list[Group]:
        """The groups of the page with their rows. One query."""
        pages = self.assigned.pages
        return self.assigned.groups_of(pages[self.number - 1]) if pages else []

    @property
    def waiting(self) -> list[Assignment]:
        """The assignments on this page that can be ticked."""
        return waiting_of(self.groups)

    @property
    def elsewhere(self) -> list[tuple[int, str]]:
        """The (key, version) of the other pages' assignments, if all pages are selected."""
        if self.select != "all":
            return []
        here = {row.pk for row in self.waiting}
        return [
            (row.pk, version_of(row, actions.ASSIGNMENT_FIELDS))
            for row in self.assigned.waiting_rows()
            if row.pk not in here
        ]


def _digest(ticks: Iterable[tuple[int, str]]) -> str:
    """The digest of other pages' rows: the form carries it, however many they are."""
    return sha256(repr(sorted(ticks)).encode()).hexdigest()[:32]


def _shown(
    request: HttpRequest, measure: Measure | None = None, assignment: Assignment | None = None
) -> Shown:
    """What the address asks for: the page, or the one with this measure and its assignment.

    The filters give way if they leave it out.
    """
    asked = request.GET
    filters = Filters(
        forum=asked.get("forum", "")[:10],
        resolution=asked.get("resolution", "")[:20],
        role=asked.get("role", "") if asked.get("role") in Role.values else "",
        words=asked.get("q", "").replace("\0", "").strip()[:100],
    )
    tab = asked.get("tab", "") if asked.get("tab") in TABS else ALL
    assigned = Assigned.load(filters, tab)
    number = read_id(asked.get("page", "")) or 1
    if measure is not None:
        found = assigned.page_of(measure, assignment)
        if found is None:
            assigned = Assigned.load()
            found = assigned.page_of(measure)
        number = found or 1
    select = asked.get("select", "")
    select = select if select in {"page", "all"} else ""
    return Shown(assigned, min(number, max(1, len(assigned.pages))), select)


def _query(request: HttpRequest, *names: str, **more: Any) -> str:
    """A query string of the list: its filters, the named parameters as they are, and others."""
    kept = {name: request.GET[name] for name in (*FILTERS, *names) if request.GET.get(name)}
    kept |= {name: str(value) for name, value in more.items()}
    kept = {name: value for name, value in kept.items() if value not in {"", "None"}}
    return f"?{urlencode(kept)}" if kept else ""


def _list_page(
    request: StaffRequest,
    shown: Shown,
    *,
    form: ConfirmForm | None = None,
    step: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    assigned = shown.assigned
    may_change = permissions.may_administer(request.user)
    form = form or ConfirmForm(
        initial={name: request.GET.get(name, "") for name in ("meeting_ref", "meeting_on")}
    )
    ticked = _ticked(request, shown) if may_change else set()
    elsewhere = shown.elsewhere if may_change else []
    filters = assigned.filters
    counts = assigned.counts
    here = len(shown.waiting)
    home, page = reverse("staff-assignments"), _only_later(shown.number)
    context = {
        "groups": [
            (
                group,
                [
                    Row(
                        row,
                        ""
                        if row.is_confirmed
                        else f"{row.pk}.{version_of(row, actions.ASSIGNMENT_FIELDS)}",
                        row.pk in ticked,
                    )
                    for row in group.rows
                ],
            )
            for group in shown.groups
        ],
        "standing": assigned.standing,
        "tabs": [
            (name, TAB_WORDS[name], counts[name], home + _query(request, tab=name)) for name in TABS
        ],
        "tab": assigned.tab,
        "filters": filters,
        "filtered": not filters.is_none,
        "forums": list(dict.fromkeys(each.resolution.forum for each in assigned.measures)),
        "resolutions": list(dict.fromkeys(each.resolution for each in assigned.measures)),
        "roles": Role.choices,
        "page": assigned.pages[shown.number - 1] if assigned.pages else None,
        "number": shown.number,
        "pages": len(assigned.pages),
        "before": _neighbour(request, assigned, shown.number - 1),
        "after": _neighbour(request, assigned, shown.number + 1),
        "may_change": may_change,
        "may_confirm": may_change and (assigned.waiting > 0 or form.is_bound),
        "here": here,
        "waiting": assigned.waiting,
        "picked": len(ticked) + len(elsewhere),
        "elsewhere": len(elsewhere),
        "others": _digest(elsewhere) if elsewhere else "",
        "select": shown.select,
        "query": _query(request, page=page),
        "to_confirm": home + _query(request, page=page, select=shown.select),
        "to_select": {
            select or "none": home + _query(request, page=page, select=select)
            for select in ("", "page", "all")
        },
        "form": form,
        "errors": error_list(form) if form.is_bound else [],
        "step": step,
    }
    if step:
        context["errors"] = error_list(step["form"]) if step["form"].is_bound else []
        row = step.get("assignment")
        anchor = f"a{row.pk}" if row else step["measure"].anchor
        step["back"] = f"{home}{_query(request, page=page)}#{anchor}"
        step["here"] = request.path + _query(request, "page")
        step["place"] = _place(shown, step["measure"], step.get("assignment"))
    return render(request, "staff/assignments.html", context, status=status)


def _place(shown: Shown, measure: Measure, assignment: Assignment | None) -> str:
    """Where the form stands: under its `row`, under its `measure`, or on `top` if the list has neither.

    An assignment that has ended is in no list.
    """
    for group in shown.groups:
        if group.measure == measure:
            return "row" if assignment in group.rows else "measure"
    return "top"


def _only_later(number: int) -> int | None:
    return number if number > 1 else None


def _neighbour(request: HttpRequest, assigned: Assigned, number: int) -> tuple[str, str] | None:
    """(address, label) of the page with this number, with the selection of all pages."""
    if not 1 <= number <= len(assigned.pages):
        return None
    select = "all" if request.GET.get("select") == "all" else None
    query = _query(request, page=_only_later(number), select=select)
    return reverse("staff-assignments") + query, assigned.pages[number - 1].label


def _ticked(request: HttpRequest, shown: Shown) -> set[int]:
    """The keys of the page's ticked rows: as sent, else as selected by a link."""
    can_be = {row.pk for row in shown.waiting}
    if request.method == "POST":
        return can_be & set(keys_in(request.POST.getlist("tick")))
    if "ticks" in request.GET:
        return can_be & set(keys_in(request.GET["ticks"].split(",")))
    return can_be if shown.select else set()


@keeps_typed
@staff_page
def assignment_list(request: StaffRequest) -> HttpResponse:
    """The assignments by measure; an administrator confirms the ticked ones."""
    shown = _shown(request)
    if request.method != "POST":
        return _list_page(request, shown)
    if not permissions.may_administer(request.user):
        raise PermissionDenied
    elsewhere = shown.elsewhere
    form = ConfirmForm(request.POST, elsewhere=elsewhere)
    is_valid = form.is_valid()
    if elsewhere and request.POST.get("others") != _digest(elsewhere):
        form.add_error("tick", _("รายการในหน้าอื่นเปลี่ยนไปหลังจากเลือกทุกหน้า ดูจำนวนล่าสุดแล้วยืนยันอีกครั้ง"))
    elif is_valid:
        try:
            count = actions.confirm_assignments(
                by=request.user,
                assignments=form.cleaned_data["tick"],
                meeting_ref=form.cleaned_data["meeting_ref"],
                meeting_on=form.cleaned_data["meeting_on"],
            )
        except actions.Refused as refused:
            show_refusal(form, refused)
            shown = _shown(request)
        else:
            messages.success(
                request,
                _("ยืนยันแล้ว %(count)s รายการ ตามมติ คสป. ครั้งที่ %(ref)s")
                % {"count": count, "ref": form.cleaned_data["meeting_ref"]},
            )
            return redirect(reverse("staff-assignments") + _query(request, "page"))
    return _list_page(request, shown, form=form, status=422)


# One assignment -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Consequences:
    """What an assignment, or those of a group's members, has in the rounds: what a change touches."""

    told: list[str]  # labels of published rounds with its report
    drafts: dict[str, int]  # of open rounds -> how many drafts somebody has written
    untouched: list[str]  # of open rounds in which nobody has written anything
    sent: dict[str, int]  # of rounds that are not published -> how many were sent in
    linked: list[str]  # of open rounds into which the agency has a link that works

    @classmethod
    def of(cls, assignment: Assignment) -> Consequences:
        """Two queries."""
        reports = list(
            StatusReport.objects.filter(
                Q(assignment=assignment) | Q(assignment__of_group=assignment)
            )
            .select_related("round")
            .order_by("round__year_be", "round__months")
        )
        links = (
            AgencyLink.objects.filter(
                Q(agency=assignment.agency_id) | Q(agency__assignments__of_group=assignment),
                round__state=RoundState.OPEN,
            )
            .select_related("round")
            .order_by("round__year_be", "round__months")
        )
        taking = [each for each in reports if each.round.state == RoundState.OPEN]

        def counted(found: Iterable[StatusReport]) -> dict[str, int]:
            return dict(Counter(each.round.label for each in found))

        def rounds(found: Iterable[StatusReport]) -> list[str]:
            return list(counted(found))

        return cls(
            told=rounds(each for each in reports if each.round.is_public),
            drafts=counted(
                each
                for each in taking
                if not (each.is_untouched or each.is_settled or each.is_withdrawn)
            ),
            untouched=rounds(each for each in taking if each.is_untouched),
            sent=counted(each for each in reports if each.is_settled and not each.round.is_public),
            linked=list(
                dict.fromkeys(each.round.label for each in links if permissions.link_works(each))
            ),
        )


def _years_to_end(assignment: Assignment) -> list[int]:
    """The fiscal years (B.E.) that may be the last: none before a report that was sent in."""
    first = max(assignment.valid_from, actions.last_reported_year(assignment) or 0)
    latest = Round.objects.order_by("-year_be").values_list("year_be", flat=True).first()
    last = max(first, fiscal_year_today(), latest or 0, assignment.valid_to or 0) + 1
    return list(range(first, last + 1))


def _role_form(request: StaffRequest, assignment: Assignment) -> forms.Form:
    other = Role.SUPPORT if assignment.role == Role.LEAD else Role.LEAD
    return RoleForm(posted(request), initial=_initial(request, assignment, new_role=other.value))


def _end_form(request: StaffRequest, assignment: Assignment) -> forms.Form:
    years = _years_to_end(assignment)
    default = assignment.valid_to or max(years[0], fiscal_year_today())
    return LastYearForm(
        posted(request),
        years=years,
        has_end=assignment.valid_to is not None,
        initial=_initial(request, assignment, last_year=default),
    )


def _withdraw_form(request: StaffRequest, assignment: Assignment) -> forms.Form:
    return SeenForm(posted(request), initial=_initial(request, assignment))


def _initial(request: HttpRequest, assignment: Assignment, **values: Any) -> dict[str, Any]:
    """The values of a form: those that the address carries, else these; and the version seen."""
    kept = {name: request.GET[name] for name in values if request.GET.get(name)}
    return values | kept | {SEEN: version_of(assignment, actions.ASSIGNMENT_FIELDS)}


@dataclass(frozen=True)
class Step:
    """A change of one assignment: its form, its verb, and the message after it."""

    form: Callable[[StaffRequest, Assignment], forms.Form]
    verb: Callable[..., Assignment]
    done: str | Promise


STEPS = {
    "role": Step(_role_form, actions.change_role, _l("เปลี่ยนบทบาทของ %(row)s แล้ว")),
    "end": Step(_end_form, actions.end_assignment, _l("กำหนดปีสุดท้ายของ %(row)s แล้ว")),
    "withdraw": Step(
        _withdraw_form, actions.withdraw_confirmation, _l("ถอนการยืนยันของ %(row)s แล้ว")
    ),
}


@keeps_typed
@staff_page
def assignment_step(request: StaffRequest, pk: int, verb: str) -> HttpResponse:
    """A form in place, in the list: another role, the last year, or a confirmation taken back."""
    step = STEPS.get(verb)
    if step is None:
        raise Http404
    if not permissions.may_administer(request.user):
        raise PermissionDenied
    assignment = get_object_or_404(
        Assignment.objects.select_related("measure__resolution__forum", "agency"), pk=pk
    )
    form = step.form(request, assignment)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                step.verb(by=request.user, assignment=assignment, **form.cleaned_data)
            except actions.Refused as refused:
                show_refusal(form, refused)
            except actions.Conflict as found:
                status = 409
                assignment = _look_again(form, found.current, assignment)
            else:
                messages.success(request, step.done % {"row": assignment})
                return redirect(_list_at(request, f"a{pk}"))
    measure = assignment.measure
    return _list_page(
        request,
        _shown(request, measure, assignment),
        step={
            "verb": verb,
            "form": form,
            "assignment": assignment,
            "measure": measure,
            "other_leads": _other_leads(assignment),
            "effects": Consequences.of(assignment),
            "meeting": meeting_of(assignment),
        },
        status=status,
    )


def _look_again(form: forms.Form, stored: Assignment, shown: Assignment) -> Assignment:
    """Tell that somebody else has changed it; the form then is based on the stored version."""
    stored.measure, stored.agency = shown.measure, shown.agency
    form.add_error(
        None,
        _("มีผู้อื่นแก้ไข %(row)s หลังจากเปิดหน้า จึงยังไม่เปลี่ยนสิ่งใด ดูค่าล่าสุดในรายการ แล้วส่งอีกครั้งหากยังต้องการ")
        % {"row": stored},
    )
    data = cast(QueryDict, form.data).copy()
    data[form.add_prefix(SEEN)] = version_of(stored, actions.ASSIGNMENT_FIELDS)
    form.data = data
    return stored


def _other_leads(assignment: Assignment) -> list[Assignment]:
    return list(
        Assignment.objects.valid_in(fiscal_year_today())
        .filter(measure=assignment.measure_id, role=Role.LEAD)
        .exclude(pk=assignment.pk)
        .select_related("agency")
    )


def _list_at(request: HttpRequest, anchor: str) -> str:
    return f"{reverse('staff-assignments')}{_query(request, 'page')}#{anchor}"


@keeps_typed
@staff_page
def assignment_add(request: StaffRequest, pk: int) -> HttpResponse:
    """A form in place, in the list: one more agency for a measure."""
    if not permissions.may_administer(request.user):
        raise PermissionDenied
    measure = get_object_or_404(Measure, pk=pk)
    agencies = list(Agency.objects.standing().prefetch_related("aliases"))
    years = _years_to_begin(measure)
    initial = {"as_role": Role.LEAD.value, "first_year": next(iter(years), "")}
    initial |= {
        name: request.GET[name]
        for name in ("agency", "as_role", "first_year")
        if request.GET.get(name)
    }
    form = AddForm(posted(request), agencies=agencies, years=years, initial=initial)
    if form.is_valid():
        try:
            added = actions.add_assignment(by=request.user, measure=measure, **form.cleaned_data)
        except actions.Refused as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, _("เพิ่ม %(row)s แล้ว รอ คสป. ยืนยัน") % {"row": added})
            return redirect(_list_at(request, f"a{added.pk}"))
    return _list_page(
        request,
        _shown(request, measure),
        step={
            "verb": "add",
            "form": form,
            "measure": measure,
            "names": suggested(agencies),
        },
        status=422 if form.is_bound else 200,
    )


def suggested(agencies: Iterable[Agency]) -> list[str]:
    """The names that the page suggests: an agency that has ended is found by its name only."""
    ended = set(Agency.objects.ended_before(first_year_at_work()).values_list("pk", flat=True))
    return [written_name(agency) for agency in agencies if agency.pk not in ended]


def _years_to_begin(measure: Measure) -> dict[int, str]:
    """The fiscal years (B.E.) from which an agency may answer -> their words.

    From the earliest round that takes reports to the year after the latest one, as far as the rounds
    follow the measure's forum up.
    """
    forum = measure.resolution.forum
    rounds = list(Round.objects.values_list("year_be", "state"))
    taking = {year for year, state in rounds if state == RoundState.OPEN}
    first = max(min([*taking, fiscal_year_today()]), forum.followed_from)
    last = max([first, fiscal_year_today(), *(year for year, _state in rounds)]) + 1
    return {
        year: _("%(year)s (เปิดรับอยู่)") % {"year": year} if year in taking else str(year)
        for year in range(first, last + 1)
        if forum.is_followed_in(year)
    }
