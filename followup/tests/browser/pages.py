"""All pages, from the URL configuration, with sample addresses for each.

The checks of every page (accessibility, HTML) use these lists. A new named URL without arguments is
included automatically; one with arguments raises KeyError until `_samples` has arguments for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from followup import actions, permissions, public_urls, urls
from followup.figures import edition_code
from followup.models import (
    Agency,
    AgencyLink,
    Assessment,
    AssessorLink,
    Assignment,
    Basis,
    FocalPoint,
    ForumDraft,
    GroupMember,
    Letter,
    Province,
    PublishedProject,
    ReportState,
    Role,
    Round,
    RoundState,
    Ruling,
    StatusReport,
    Subscriber,
)
from followup.tests.visitors import send
from followup.views.rounds import STEPS
from forum_portal.languages import ENGLISH
from proposals.models import Forum, Measure, Resolution

# Their responses are not pages.
NO_PAGES = {"healthz", "readyz", "metrics", "robots", "security-txt", "favicon", "logout"}
NO_PAGES |= {"staff-workbooks", "staff-workbook", "staff-round-export", "import-problems"}
NO_PAGES |= {"import-left-out", "staff-forum-file"}
NO_PAGES |= {"evidence", "agency-evidence", "staff-letter-file", "staff-feedback-file"}
NO_PAGES |= {"staff-agencies-mail", "staff-agencies-mailed"}
NO_PAGES |= {"staff-agencies-links", "staff-agencies-letters"}  # answers a form
NO_PAGES |= {"receipt-json", "receipt-edition", "verify-figure"}
NO_PAGES |= {"data-file", "data-package", "data-catalog", "feed", "embed-badge"}
NO_PAGES |= {"data-ckan", "data-schema", "data-everything", "data-everything-hash"}
NO_PAGES |= {"sitemap", "sitemap-section", "picture", "picture-portal"}
NO_PAGES |= {"resolution-feed", "agency-feed", "area-feed", "calendar"}
NO_PAGES |= {"api-openapi", "api-rows", "api-row", "api-search", "search-feed"}
NO_PAGES |= {"report-pdf", "report-docx", "staff-round-pack"}
NO_PAGES |= {"staff-round-report-pdf", "staff-round-report-docx"}
# The steps of an import need an uploaded file: `test_import` covers them.
NO_PAGES |= {"import-sheet", "import-columns", "import-check", "import-confirm"}
NO_PAGES |= {"import-result", "import-undo"}
# They need a half-finished login or an enrolled phone: `test_accounts` covers them.
NO_PAGES |= {"account_login", "mfa_authenticate", "mfa_reauthenticate", "mfa_deactivate_totp"}
NO_PAGES |= {"mfa_view_recovery_codes", "mfa_download_recovery_codes"}
WHO = {
    "import": "administrator",
    "staff-assignments": "administrator",
    "staff-assignment-replace": "administrator",
    "staff-group-new": "administrator",
    "staff-groups": "administrator",
    "staff-forums": "administrator",
    "staff-system": "administrator",
}  # pages that staff may not open
_OF_DRAFT = [
    f"staff-forum-{step}" for step in ("facts", "source", "marks", "check", "publish", "remove")
]
YEARLY = {"home", "resolutions", "resolution", "agencies", "agency", "matrix", "years", "compare"}

# Further query strings of a page.
QUERIES = {
    "home": ["?year=2566"],
    "follow": ["?resolution=2565-3&agency=CODI&area=TH-50", "?agency=NOBODY"],
    "resolutions": ["?year=2566", "?year=abc"],
    "agencies": ["?q=ไม่มีชื่อนี้", "?q=พอช.", "?role=lead&reported=no"],
    "data": ["?year=2566", "?year=abc"],
    "areas": ["?year=2566&sort=name"],
    "projects": ["?year=2567&system=emenscr", "?year=2566"],
    "silence": ["?agency=MFA", "?agency=CODI"],
    "matrix": ["?role=all", "?kind=no_such_kind", "?year=2560"],
    "search": ["?q=งบ", "?q=กองทุนหมุนวียน&year=2568", "?q=งบ&group=result"],
    "years": ["?to=2566"],
    "compare": ["?from=2566&to=2567", "?from=2568&to=2566", "?from=2567&to=2567", "?from=2560"],
    "display": ["?next=/years/"],
    "login": ["?next=/staff/"],
    "staff-queue": ["?state=returned", "?state=approved", "?q=ไม่มีรายการนี้", "?resolution=2565-3"],
    "staff-promised": ["?state=soon"],
    "staff-agencies": ["?caretaker=mine", "?state=due&select=all&page=2"],
    "staff-assignment-replace": ["?from=CODI"],
    "staff-group-new": ["?kind=provincial_mechanism"],
    "staff-agency-merge": ["?into=MOF"],
    "staff-assignments": ["?select=all", "?tab=confirmed", "?tab=nobody", "?q=ไม่มีชื่อนี้"],
    "staff-handover": ["?from=nobody"],
}
# Samples that look different from the others: no rows, supporting agencies, a notice; two statuses
# (1), notes and long lists (3), a ruling (5).
TELLING_QUERIES = {
    "",
    "?kind=provincial_mechanism",
    "?q=ไม่มีชื่อนี้",
    "?role=all",
    "?next=/staff/",
    "?state=returned",
    "?year=abc",
    "?q=งบ",
    "?q=กองทุนหมุนวียน&year=2568",
    "?from=2567&to=2567",
}
TELLING_RESOLUTIONS = {1, 3, 5}


@dataclass(frozen=True)
class Sample:
    """A page: its address, the signed-in user, and the form that is sent before the check."""

    path: str
    who: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    name: str = ""  # of its address
    is_alike: bool = False  # looks like another sample: left out of slow checks

    def __str__(self) -> str:
        sent = f" after sending {', '.join(self.form)}" if self.form else ""
        return f"{self.path} for {self.who or 'everybody'}{sent}"


def public_pages() -> list[Sample]:
    """Every public page, for any content of the database."""
    return [
        *(sample for sample in _named_pages() if not sample.who),
        Sample(reverse("login"), form={"username": "nobody", "password": "wrong"}),
        Sample(reverse("follow"), form={"email": "nok@"}, status=422),
        Sample(reverse("year", args=[2500]), status=404),
        Sample("/areas/TH-00/", status=404, is_alike=True),
        Sample("/no/such/page/", status=404, is_alike=True),
        Sample(reverse("agency-reports", args=["nothing"]), status=404),
    ]


def pages_of_forums() -> list[Sample]:
    """The pages that look different if there are two forums, 2565 and 2566 (see `two_forums`)."""
    paths = (
        "/",
        "/?forum=2565",
        "/?forum=2570",
        "/resolutions/",
        "/resolutions/2565/2/",
        "/resolutions/2566/1/?year=2566",
        "/forums/",
        "/forums/?year=2566",
        "/forums/2565/",
        "/matrix/",
        "/years/",
        "/years/?forum=2565",
        "/compare/?from=2566&to=2568",
        "/compare/?from=2567&to=2568&forum=2565",
        "/years/2568/",
        "/areas/",
        "/areas/TH-40/",
        "/silence/",
    )
    return [Sample(path) for path in paths]


def staff_pages() -> list[Sample]:
    """Every page behind the login, and the responses to refused forms."""
    return [
        *(sample for sample in _named_pages() if sample.who),
        *_refused_reports(),
        *_refused_decisions(),
        *_refused_rounds(),
        *_refused_letters(),
        Sample(
            reverse("password_change"),
            "staff",
            {"old_password": "ไม่ใช่", "new_password1": "สั้น", "new_password2": "สั้นกว่า"},
        ),
        *_refused_contacts(),
        *_refused_confirmations(),
        *_refused_groups(),
        *_refused_marks(),
        Sample(reverse("staff-handover"), "staff", {"to": ""}, status=422),
        Sample(reverse("staff-round-new"), "outsider", status=403, is_alike=True),
        Sample("/staff/no/such/page/", "staff", status=404, is_alike=True),
    ]


def admin_pages() -> list[Sample]:
    """The admin's index, the list and the form of every model, one import and one export."""
    paths = [reverse("admin:index")]
    for model, model_admin in admin.site._registry.items():
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        row = model._default_manager.order_by("pk").first()
        names = {pattern.name for pattern in model_admin.get_urls() if pattern.name}
        for verb in ("changelist", "change", *(("import", "export") if model is Agency else ())):
            if f"{label}_{verb}" in names:
                paths += _admin_address(f"admin:{label}_{verb}", row)
    return [Sample(path, "administrator") for path in paths]


def _admin_address(name: str, row: Any) -> list[str]:
    for arguments in ([], [row.pk] if row else []):
        try:
            return [reverse(name, args=arguments)]
        except NoReverseMatch:
            continue
    return []


# Named addresses ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Arguments:
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    who: str = "staff"
    is_alike: bool = False


#: Pages that are looked at in English, too: its words are longer, and Thai texts stand among them.
IN_ENGLISH = {"home", "resolution", "matrix", "areas", "report"}


def _named_pages() -> Iterator[Sample]:
    samples = _samples()
    for pattern in [*public_urls.urlpatterns, *urls.urlpatterns]:
        name = pattern.name
        if name in NO_PAGES:
            continue
        has_arguments = bool(pattern.pattern.converters)
        for each in samples[name] if has_arguments else [_Arguments(who=WHO.get(name, "staff"))]:
            path = reverse(name, kwargs=dict(each.kwargs))
            who = each.who if path.startswith("/staff/") and name != "login" else ""
            for query in ["", *QUERIES.get(name, [])]:
                is_alike = each.is_alike or query not in TELLING_QUERIES
                yield Sample(path + query, who, name=name, is_alike=is_alike)
                if name in IN_ENGLISH and not (is_alike or query):
                    with translation.override(ENGLISH):
                        yield Sample(reverse(name, kwargs=dict(each.kwargs)), name=name)


def _samples() -> dict[str, Iterable[_Arguments]]:
    """URL name -> sample arguments, and the user who opens the page."""
    reports = _kinds_of_report()
    rounds = list(Round.objects.order_by("year_be"))
    first_of_state = {round_.state: round_ for round_ in reversed(rounds)}
    published = list(Round.objects.published())
    contacts = FocalPoint.objects.select_related("agency")[:1]
    link = AgencyLink.objects.filter(revoked_at=None).first()
    token = {"token": actions.token_of(link)} if link else {}
    assessors = list(AssessorLink.objects.filter(revoked_at=None)[:1])
    linked = permissions.reports_of(link).order_by("pk") if link else StatusReport.objects.none()
    of_state = {(report.state, report.voices_differ): report for report in linked}
    assigned = Assignment.objects.filter(valid_to=None)
    confirmed = assigned.filter(basis=Basis.CONFIRMED).first()
    sent, key = send(sending="the sample", measure=Measure.objects.first())
    editions = [edition_code(each.code, actions.last_edition(each).number) for each in published]
    figures = ("achieved", "status-2565-3.1", "received-CODI", "agencies_silent")
    return {
        "project": [
            _Arguments({"key": each})
            for each in PublishedProject.objects.order_by("key").values_list("key", flat=True)[:1]
        ],
        "receipts": [_Arguments({"edition": each}) for each in editions[:1]],
        "receipt": [
            _Arguments({"edition": each, "figure": figure}, is_alike=number > 1)
            for each in editions[:1]
            for number, figure in enumerate(figures)
        ],
        "staff-assignment-step": [
            _Arguments({"pk": each.pk, "verb": verb}, "administrator", is_alike=verb == "end")
            for verb, each in (
                ("role", assigned.first()),
                ("end", assigned.first()),
                ("withdraw", confirmed),
            )
            if each
        ],
        "staff-assignment-add": [
            _Arguments({"pk": each.measure_id}, "administrator") for each in assigned[:1]
        ],
        "staff-group": [
            _Arguments({"code": each.code}, "administrator")
            for each in Agency.objects.filter(kind="group")[:1]
        ],
        "agency-reports": [_Arguments(token)] if link else [],
        "follow-confirm": [
            _Arguments({"token": actions.confirm_token(each)})
            for each in Subscriber.objects.unconfirmed()[:1]
        ],
        **{
            name: [
                _Arguments({"token": actions.own_token(each)})
                for each in Subscriber.objects.confirmed()[:1]
            ]
            for name in ("follow-change", "follow-leave")
        },
        "agency-report": [_Arguments({**token, "pk": each.pk}) for each in of_state.values()],
        "agency-report-evidence": [
            _Arguments({**token, "pk": each.pk}, is_alike=number > 0)
            for number, each in enumerate(of_state.values())
        ],
        "feedback-message": [_Arguments({"number": sent.number, "key": key})],
        "staff-feedback-message": [_Arguments({"pk": sent.pk})],
        "assessor-measures": [_Arguments({"token": actions.token_of(each)}) for each in assessors],
        "assessor-measure": [
            _Arguments({"token": actions.token_of(each), "pk": measure.pk}, is_alike=place > 0)
            for each in assessors
            for place, measure in enumerate(Measure.objects.all()[:2])
        ],
        "staff-assessment": [
            _Arguments({"pk": each.pk}, "reviewer", is_alike=place > 0)
            for place, each in enumerate(Assessment.objects.exclude(submitted_at=None))
        ],
        **{
            name: [_Arguments({"pk": each.organisation_id}) for each in assessors]
            for name in ("staff-organisation", "staff-organisation-end")
        },
        "staff-organisation-invite": [
            _Arguments({"pk": each.organisation_id, "round_code": each.round.code})
            for each in assessors
        ],
        "staff-organisation-revoke": [_Arguments({"pk": each.pk}) for each in assessors],
        "staff-link": [_Arguments({"pk": link.pk})] if link else [],
        "staff-link-revoke": [_Arguments({"pk": link.pk})] if link else [],
        "staff-link-issue": [
            _Arguments({"round_code": each.round.code, "code": each.agency.code})
            for each in filter(None, [link])
        ],
        "resolution": [
            _Arguments(
                {"forum_year": each.forum.year_be, "number": each.number},
                is_alike=each.number not in TELLING_RESOLUTIONS,
            )
            for each in Resolution.objects.select_related("forum")
        ],
        "measure": [
            _Arguments(
                {
                    "forum_year": each.resolution.forum.year_be,
                    "number": each.resolution.number,
                    "clause": each.number,
                },
                is_alike=each.resolution.number not in TELLING_RESOLUTIONS or each.number > 1,
            )
            for each in Measure.objects.select_related("resolution__forum")
        ],
        "area": [
            _Arguments({"code": each.iso}, is_alike=number > 0)
            for number, each in enumerate(Province.objects.filter(code__in=["40", "10"])[::-1])
        ],
        "forum": [_Arguments({"year": each.year_be}) for each in Forum.objects.all()],
        "staff-forum-conclude": [
            _Arguments({"year": each.year_be}, "administrator", is_alike=True)
            for each in Forum.objects.all()
        ],
        "embed-card": [
            _Arguments(
                {"forum_year": each.forum.year_be, "number": each.number}, is_alike=each.number > 1
            )
            for each in Resolution.objects.select_related("forum")
        ],
        "agency": [
            _Arguments({"code": code}, is_alike=place > 1)
            for place, code in enumerate(_kinds_of_agency())
        ],
        "year": [
            _Arguments(
                {"round_code": each.code}, is_alike=each not in (published[0], published[-1])
            )
            for each in published
        ],
        "report": [
            _Arguments({"round_code": each.code}, is_alike=each != published[0])
            for each in published
        ],
        "report-part": [
            _Arguments({"round_code": each.code, "part": part}, is_alike=each != published[0])
            for each in published
            for part in (4, 7, 13)
        ],
        "staff-round-report": [
            _Arguments({"round_code": each.code}, is_alike=each.state != RoundState.OPEN)
            for each in rounds
        ],
        "staff-agency-merge": [
            _Arguments({"code": each.agency.code}, "administrator") for each in contacts
        ],
        "staff-agency": [_Arguments({"code": each.agency.code}) for each in contacts],
        "staff-contact-new": [_Arguments({"code": each.agency.code}) for each in contacts],
        "staff-contact": [
            _Arguments({"code": each.agency.code, "pk": each.pk}) for each in contacts
        ],
        "staff-report": [
            _Arguments(
                {"pk": each.pk},
                is_alike=each.round.state != RoundState.OPEN or each.state == ReportState.SUBMITTED,
            )
            for each in reports
        ],
        "staff-report-withdraw": [
            _Arguments({"pk": each.pk}, "administrator", is_alike=place > 0)
            for place, each in enumerate(
                StatusReport.objects.filter(version__gt=0, round__state=RoundState.OPEN)[:1]
            )
        ],
        "staff-report-evidence": [
            _Arguments({"pk": each.pk}, is_alike=place > 0) for place, each in enumerate(reports)
        ],
        "staff-report-history": [
            _Arguments({"pk": each.pk}, is_alike=place > 0) for place, each in enumerate(reports)
        ],
        "staff-review-report": [
            _Arguments(
                {"pk": each.pk}, who="reviewer", is_alike=each.round.state != RoundState.OPEN
            )
            for each in reports
            if each.state in {ReportState.SUBMITTED, ReportState.APPROVED}
        ],
        **{
            name: [
                _Arguments({"year": draft.year_be}, "administrator")
                for draft in ForumDraft.objects.all()
            ]
            for name in _OF_DRAFT
        },
        "staff-forum-preview": [
            _Arguments({"year": draft.year_be, "number": 1}, "administrator")
            for draft in ForumDraft.objects.all()
        ],
        "staff-forum-correct": [
            _Arguments({"year": forum.year_be}, "administrator")
            for forum in Forum.objects.all()[:1]
        ],
        "staff-forum-edit": [
            _Arguments({"year": forum.year_be}, "administrator")
            for forum in Forum.objects.all()[:1]
        ],
        "staff-letters-agency": [_Arguments({"code": each.agency.code}) for each in _letters()],
        "staff-letters-letter": [
            _Arguments({"code": each.agency.code, "attempt": each.attempt}) for each in _letters()
        ],
        "staff-round": [
            _Arguments({"round_code": each.code}, "reviewer", each != first_of_state[each.state])
            for each in rounds
        ],
        "staff-rulings": [
            _Arguments({"round_code": first_of_state[state].code}, "reviewer")
            for state in (RoundState.OPEN,)
            if state in first_of_state
        ],
        "staff-ruling": [
            _Arguments(
                {"round_pk": each.round_id, "kind": "measure", "pk": each.measure_id}, "reviewer"
            )
            for each in Ruling.objects.exclude(measure=None).order_by("pk")[:1]
        ],
        "staff-round-due": [
            _Arguments({"round_code": first_of_state[state].code}, "reviewer")
            for state in (RoundState.OPEN,)
            if state in first_of_state
        ],
        "staff-round-undo": [
            _Arguments({"round_code": first_of_state[state].code, "verb": verb}, "reviewer")
            for state, verb in ((RoundState.OPEN, "unopen"), (RoundState.PLANNED, "delete"))
            if state in first_of_state
        ],
        "staff-round-step": [
            _Arguments(
                {"round_code": first_of_state[step.from_state].code, "verb": verb}, "reviewer"
            )
            for verb, step in STEPS.items()
            if step.from_state in first_of_state
        ],
    }


def _kinds_of_agency() -> list[str]:
    """A lead agency, one without an assignment, a supporting one, and a parent with divisions."""
    every = Agency.objects.order_by("code")
    examples = [
        every.filter(assignments__role=Role.LEAD).first(),
        every.filter(assignments=None).first(),
        every.filter(assignments__role=Role.SUPPORT).last(),
        every.exclude(parent=None).first(),
        every.exclude(children=None).first(),
        every.exclude(aliases=None).last(),
    ]
    return list(dict.fromkeys(agency.code for agency in examples if agency))


def _kinds_of_report() -> list[StatusReport]:
    """One report of every state in every state of a round."""
    kinds = {}
    for report in StatusReport.objects.select_related("round").order_by("-version", "pk"):
        kinds.setdefault((report.round.state, report.state, report.is_untouched), report)
    return list(kinds.values())


# Answers to forms -----------------------------------------------------------------------------


def _refused_reports() -> Iterator[Sample]:
    in_work = StatusReport.objects.filter(round__state=RoundState.OPEN, state=ReportState.DRAFT)
    untouched, begun = in_work.filter(version=0).first(), in_work.exclude(version=0).first()
    if not (untouched and begun):
        return
    asked = {"evidence-TOTAL_FORMS": "2", "evidence-INITIAL_FORMS": "0", "version": "0"}
    wrong = {
        "reported_status": "on_hold",
        "results": "ก" * 4001,
        "budget_received": "มาก",
        "evidence-0-title": "ชื่อที่ไม่มีลิงก์",
        "evidence-1-url": "ไม่ใช่ลิงก์",
    }
    late = {"reported_status": "completed", "results": "จัดเวที 4 ภาค"}
    path = reverse("staff-report", args=[untouched.pk])
    yield Sample(path, "staff", asked | {"do": "copy"}, is_alike=True)
    yield Sample(path, "staff", asked | wrong | {"do": "draft"}, status=422)
    yield Sample(path, "staff", asked | {"do": "submit"}, status=422, is_alike=True)
    path = reverse("staff-report", args=[begun.pk])
    yield Sample(path, "staff", asked | late | {"do": "draft"}, status=409)


def _refused_decisions() -> Iterator[Sample]:
    report = StatusReport.objects.filter(state=ReportState.SUBMITTED).first()
    if report is None:
        return
    path = reverse("staff-review-report", args=[report.pk])
    asked = {"version": str(report.version)}
    differently = {"assessed_status": "on_hold", "do": "approve"}
    outdated = {"version": "99", "return_reason": "ระบุจำนวน", "do": "return"}
    yield Sample(path, "reviewer", asked | {"do": "return"}, status=422)
    yield Sample(path, "reviewer", asked | differently, status=422, is_alike=True)
    yield Sample(path, "reviewer", outdated, status=409)
    yield Sample(path, "staff", status=403, is_alike=True)


def _letters() -> Iterable[Letter]:
    return Letter.objects.filter(round__state=RoundState.OPEN).select_related("agency")[:1]


def _refused_letters() -> Iterator[Sample]:
    for letter in _letters():
        path = reverse("staff-letters-agency", args=[letter.agency.code])
        typed = {"attempt": "2", "number": "", "sent_on": "32/13/2569"}
        yield Sample(path, "staff", typed, status=422)


def _refused_confirmations() -> Iterator[Sample]:
    if Assignment.objects.exists():
        typed = {"meeting_on": "32/13/2569"}
        yield Sample(reverse("staff-assignments"), "administrator", typed, status=422)


def _refused_groups() -> Iterator[Sample]:
    who = "administrator"
    yield Sample(reverse("staff-group-new"), who, {"names": "ใครก็ไม่รู้", "do": "save"}, status=422)
    for row in GroupMember.objects.select_related("group")[:1]:
        yield Sample(reverse("staff-group", args=[row.group.code]) + f"?leave={row.pk}", who)


def _refused_contacts() -> Iterator[Sample]:
    for person in FocalPoint.objects.select_related("agency")[:1]:
        path = reverse("staff-contact-new", args=[person.agency.code])
        yield Sample(path, "staff", {"name": "", "email": "ไม่ใช่อีเมล"}, status=422)


def _refused_marks() -> Iterator[Sample]:
    for draft in ForumDraft.objects.all():
        facts = reverse("staff-forum-facts", args=[draft.year_be])
        wrong = {"version": str(draft.version), "participants_total": "มาก", "do": "draft"}
        yield Sample(facts, "administrator", wrong, status=422)
        marks = reverse("staff-forum-marks", args=[draft.year_be])
        version = {"version": str(draft.version + 1)}
        many = version | {"paste": "ให้", "do": "find"}
        yield Sample(marks, "administrator", many)
        version = {"version": str(draft.version + 2)}
        cut = version | {"start": "180", "end": "190", "do": "mark:measure"}
        yield Sample(marks, "administrator", cut, status=422)
        yield Sample(marks, "administrator", {"version": "0", "do": "draft"}, status=409)


def _refused_rounds() -> Iterator[Sample]:
    yield Sample(reverse("staff-round-new"), "staff", {"year": "abc", "due_on": "วันนี้"}, status=422)
    yield Sample(reverse("staff-round-new"), "staff", {"year": "2599"}, status=422)
    if taking := Round.objects.filter(state=RoundState.OPEN).first():
        too_long = {"preface": "ก" * 4001, "seen-summary": "ข้อความเดิม", "summary": "ข้อความใหม่"}
        report = reverse("staff-round-report", args=[taking.code])
        yield Sample(report, "staff", too_long, status=422, is_alike=True)
        due = reverse("staff-round-due", args=[taking.code])
        yield Sample(due, "staff", {"due_on": "32/13/2569"}, status=422)
    if closed := Round.objects.filter(state=RoundState.CLOSED).first():
        publish = reverse("staff-round-step", args=[closed.code, "publish"])
        yield Sample(publish, "reviewer", {"meeting_on": "32/13/2569"}, status=422)
        yield Sample(publish, "staff", status=403)
