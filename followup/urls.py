"""The URLs of the public pages and the staff pages."""

from allauth.account.views import reauthenticate
from allauth.mfa.base import views as mfa
from django.contrib.auth import views as auth
from django.urls import path, register_converter

from followup.views import (
    accounts,
    agencies,
    agency_link,
    annual_report,
    api,
    areas,
    assessments,
    assessor_link,
    assignments,
    compare,
    conclusions,
    data,
    desk,
    disagreements,
    display,
    downloads,
    evidence,
    feedback,
    feedback_desk,
    follow,
    forum_entry,
    forum_marking,
    forums,
    groups,
    health,
    history,
    import_check,
    import_columns,
    import_undo,
    imports,
    letters,
    links,
    many_agencies,
    merging,
    organisations,
    privacy,
    public,
    queues,
    receipts,
    replacing,
    round_mistakes,
    rounds,
    rulings,
    search,
    shared_evidence,
    silence,
)
from forum_portal.row_ids import Number, RowId


class AgencyCode:
    """An agency's code in a path; anything else is a 404."""

    regex = "[A-Z0-9_]{1,20}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class RoundCode:
    """A round's code in a path, "2567" or "2567-6"; the page says which ones there are."""

    regex = "[0-9]{1,40}(?:-[0-9])?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str | int) -> str:
        return str(value)


class Ticket:
    """A message's number in a path, `F-2569-0147`; anything else is a 404."""

    regex = "F-[0-9]{4}-[0-9]{4,9}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class EditionCode:
    """An edition's code in a path, "2568-1" or "2568-6-1"; the page says which ones there are."""

    regex = "[0-9]{1,40}(?:-[0-9])?-[0-9]{1,40}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class ProvinceCode:
    """A province's code in a path, "TH-40"; the page says where the provinces are listed."""

    regex = "[A-Za-z0-9-]{1,20}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class FigureCode:
    """A figure's code in a path, see `followup.figures`; the page says which ones there are."""

    regex = "[a-z_]{1,40}(?:-[A-Za-z0-9_.-]{1,40})?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(AgencyCode, "agency")
register_converter(ProvinceCode, "province")
register_converter(EditionCode, "edition")
register_converter(FigureCode, "figure")
register_converter(RoundCode, "round")
register_converter(Ticket, "ticket")
register_converter(RowId, "id")
register_converter(Number, "number")

urlpatterns = [
    path("", public.home, name="home"),
    path("resolutions/", public.resolution_list, name="resolutions"),
    path(
        "resolutions/<number:forum_year>/<number:number>/",
        public.resolution_detail,
        name="resolution",
    ),
    path(
        "resolutions/<number:forum_year>/<number:number>/feed.atom",
        follow.resolution_feed,
        name="resolution-feed",
    ),
    path(
        "resolutions/<number:forum_year>/<number:number>/<number:clause>/",
        public.measure_detail,
        name="measure",
    ),
    path("agencies/", public.agency_list, name="agencies"),
    path("agencies/<agency:code>/", public.agency_detail, name="agency"),
    path("agencies/<agency:code>/feed.atom", follow.agency_feed, name="agency-feed"),
    path("areas/<str:code>/feed.atom", follow.area_feed, name="area-feed"),
    path("matrix/", public.matrix, name="matrix"),
    path("forums/", forums.forum_list, name="forums"),
    path("forums/<number:year>/", forums.forum_detail, name="forum"),
    path("years/", public.year_list, name="years"),
    path("compare/", compare.compare, name="compare"),
    path("years/<round:round_code>/", public.year_detail, name="year"),
    path("reports/<round:round_code>/", annual_report.annual_report, name="report"),
    path(
        "reports/<round:round_code>.pdf",
        annual_report.annual_report_file,
        {"kind": "pdf"},
        name="report-pdf",
    ),
    path(
        "reports/<round:round_code>.docx",
        annual_report.annual_report_file,
        {"kind": "docx"},
        name="report-docx",
    ),
    path("reports/<round:round_code>/<id:part>/", annual_report.report_part, name="report-part"),
    path("disagreements/", disagreements.disagreement_list, name="disagreements"),
    path("areas/", areas.area_list, name="areas"),
    path("areas/<province:code>/", areas.area_detail, name="area"),
    path("receipt/<edition:edition>/", receipts.receipt_list, name="receipts"),
    path(
        "receipt/<edition:edition>/edition.json", receipts.edition_content, name="receipt-edition"
    ),
    path(
        "receipt/<edition:edition>/<figure:figure>.json", receipts.receipt_json, name="receipt-json"
    ),
    path("receipt/<edition:edition>/<figure:figure>/", receipts.receipt, name="receipt"),
    path("verify_figure.py", receipts.program, name="verify-figure"),
    path("follow-up/", public.follow_up, name="follow-up"),
    path("silence/", silence.ledger, name="silence"),
    path("corrections/", public.corrections, name="corrections"),
    path("feedback/", feedback.begin, name="feedback"),
    path("feedback/new/", feedback.new, name="feedback-new"),
    path("feedback/<ticket:number>/<slug:key>/", feedback.message, name="feedback-message"),
    path("about/", public.about, name="about"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("display/", display.display, name="display"),
    path("data/", data.data_page, name="data"),
    path("data/dictionary/", data.dictionary, name="data-dictionary"),
    path("data/datapackage.json", data.data_package, name="data-package"),
    path("data/catalog.jsonld", data.catalogue, name="data-catalog"),
    path("data/<str:name>.<str:kind>", data.data_file, name="data-file"),
    path("api/v1/", api.readable, name="api"),
    path("api/v1/openapi.json", api.description, name="api-openapi"),
    path("api/v1/search", search.found, name="api-search"),
    path("api/v1/<str:name>", api.rows, name="api-rows"),
    path("api/v1/<str:name>/<str:key>", api.row, name="api-row"),
    path("search/", search.search, name="search"),
    path("search.atom", search.atom, name="search-feed"),
    path("feed.atom", data.atom, name="feed"),
    path("calendar.ics", follow.calendar, name="calendar"),
    path("follow/", follow.follow, name="follow"),
    path("follow/sent/", follow.sent, name="follow-sent"),
    path("follow/confirm/<str:token>/", follow.confirm, name="follow-confirm"),
    path("follow/change/<str:token>/", follow.change, name="follow-change"),
    path("follow/leave/<str:token>/", follow.leave, name="follow-leave"),
    path(
        "embed/resolutions/<number:forum_year>/<number:number>.svg", data.badge, name="embed-badge"
    ),
    path("embed/resolutions/<number:forum_year>/<number:number>/", data.card, name="embed-card"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("robots.txt", public.robots, name="robots"),
    path("favicon.ico", public.favicon, name="favicon"),
    path("evidence/<id:pk>/<str:name>", evidence.evidence_file, name="evidence"),
    path("r/<str:token>/", agency_link.report_list, name="agency-reports"),
    path(
        "r/<str:token>/evidence/<id:pk>/<str:name>",
        agency_link.evidence_file,
        name="agency-evidence",
    ),
    path("r/<str:token>/<id:pk>/", agency_link.report, name="agency-report"),
    path(
        "r/<str:token>/<id:pk>/evidence/",
        shared_evidence.by_link,
        name="agency-report-evidence",
    ),
    path("a/<str:token>/", assessor_link.measures, name="assessor-measures"),
    path("a/<str:token>/<id:pk>/", assessor_link.measure, name="assessor-measure"),
    path("staff/assessments/", assessments.assessment_list, name="staff-assessments"),
    path("staff/assessments/<id:pk>/", assessments.assessment, name="staff-assessment"),
    path("staff/organisations/", organisations.organisation_list, name="staff-organisations"),
    path("staff/organisations/new/", organisations.organisation_new, name="staff-organisation-new"),
    path("staff/organisations/<id:pk>/", organisations.organisation, name="staff-organisation"),
    path(
        "staff/organisations/<id:pk>/invite/<round:round_code>/",
        organisations.invite,
        name="staff-organisation-invite",
    ),
    path("staff/organisations/<id:pk>/end/", organisations.end, name="staff-organisation-end"),
    path(
        "staff/organisations/links/<id:pk>/revoke/",
        organisations.revoke,
        name="staff-organisation-revoke",
    ),
    path("staff/links/", links.link_list, name="staff-links"),
    path("staff/links/<id:pk>/", links.link_detail, name="staff-link"),
    path("staff/links/<id:pk>/revoke/", links.revoke, name="staff-link-revoke"),
    path("staff/links/<round:round_code>/<agency:code>/", links.issue, name="staff-link-issue"),
    path("staff/", queues.queue, name="staff-queue"),
    path("staff/login/", accounts.Login.as_view(), name="login"),
    path("staff/login/", accounts.Login.as_view(), name="account_login"),  # as allauth calls it
    path("staff/login/code/", mfa.authenticate, name="mfa_authenticate"),
    path("staff/logout/", auth.LogoutView.as_view(), name="logout"),
    path("staff/password/", accounts.PasswordChange.as_view(), name="password_change"),
    path("staff/account/", mfa.index, name="mfa_index"),
    path("staff/account/app/", accounts.Enrol.as_view(), name="mfa_activate_totp"),
    path("staff/account/app/remove/", accounts.Leave.as_view(), name="mfa_deactivate_totp"),
    path("staff/account/codes/", accounts.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("staff/account/codes/new/", accounts.new_codes, name="mfa_generate_recovery_codes"),
    path("staff/account/codes/codes.txt", accounts.codes_file, name="mfa_download_recovery_codes"),
    path("staff/account/confirm/", reauthenticate, name="account_reauthenticate"),
    path("staff/account/confirm/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("staff/agencies/", agencies.agency_list, name="staff-agencies"),
    path("staff/agencies/links/", many_agencies.links, name="staff-agencies-links"),
    path("staff/agencies/mail/", many_agencies.mail, name="staff-agencies-mail"),
    path(
        "staff/agencies/mail/<uuid:sending>/",
        many_agencies.mailed,
        name="staff-agencies-mailed",
    ),
    path("staff/agencies/letters.<str:kind>", many_agencies.letters, name="staff-agencies-letters"),
    path("staff/agencies/<agency:code>/", agencies.agency, name="staff-agency"),
    path("staff/agencies/<agency:code>/merge/", merging.merge, name="staff-agency-merge"),
    path("staff/agencies/<agency:code>/contacts/new/", agencies.contact, name="staff-contact-new"),
    path("staff/agencies/<agency:code>/contacts/<id:pk>/", agencies.contact, name="staff-contact"),
    path("staff/assignments/", assignments.assignment_list, name="staff-assignments"),
    path("staff/assignments/replace/", replacing.replace_agency, name="staff-assignment-replace"),
    path(
        "staff/assignments/<id:pk>/<str:verb>/",
        assignments.assignment_step,
        name="staff-assignment-step",
    ),
    path("staff/assignments/add/<id:pk>/", assignments.assignment_add, name="staff-assignment-add"),
    path("staff/groups/", groups.group_list, name="staff-groups"),
    path("staff/groups/new/", groups.group_new, name="staff-group-new"),
    path("staff/groups/<agency:code>/", groups.group, name="staff-group"),
    path("staff/handover/", agencies.hand_over, name="staff-handover"),
    path("staff/reports/<id:pk>/", desk.report, name="staff-report"),
    path("staff/reports/<id:pk>/evidence/", shared_evidence.by_staff, name="staff-report-evidence"),
    path("staff/reports/<id:pk>/history/", history.report_history, name="staff-report-history"),
    path("staff/reports/<id:pk>/withdraw/", desk.withdraw, name="staff-report-withdraw"),
    path("staff/history/", history.history_list, name="staff-history"),
    path("staff/reports/<id:pk>/review/", desk.review, name="staff-review-report"),
    path("staff/review/", queues.review_queue, name="staff-review"),
    path("staff/forums/<number:year>/conclude/", conclusions.conclude, name="staff-forum-conclude"),
    path("staff/rounds/", rounds.round_list, name="staff-rounds"),
    path("staff/rounds/new/", rounds.round_new, name="staff-round-new"),
    path("staff/rounds/<round:round_code>/", rounds.round_detail, name="staff-round"),
    path(
        "staff/rounds/<round:round_code>/workbooks.zip", downloads.workbooks, name="staff-workbooks"
    ),
    path(
        "staff/rounds/<round:round_code>/workbooks/<agency:code>.xlsx",
        downloads.workbook,
        name="staff-workbook",
    ),
    path(
        "staff/rounds/<round:round_code>/reports.<str:kind>",
        downloads.reports,
        name="staff-round-export",
    ),
    path(
        "staff/rounds/<round:round_code>/report/",
        annual_report.narratives,
        name="staff-round-report",
    ),
    path(
        "staff/rounds/<round:round_code>/report.pdf",
        annual_report.draft_file,
        {"kind": "pdf"},
        name="staff-round-report-pdf",
    ),
    path(
        "staff/rounds/<round:round_code>/report.docx",
        annual_report.draft_file,
        {"kind": "docx"},
        name="staff-round-report-docx",
    ),
    path(
        "staff/rounds/<round:round_code>/pack.pdf",
        annual_report.meeting_pack,
        name="staff-round-pack",
    ),
    path("staff/rounds/<round:round_code>/rulings/", rulings.choose, name="staff-rulings"),
    path("staff/rulings/<id:round_pk>/<str:kind>/<id:pk>/", rulings.ruling, name="staff-ruling"),
    path("staff/rounds/<round:round_code>/due/", round_mistakes.due, name="staff-round-due"),
    path(
        "staff/rounds/<round:round_code>/undo/<str:verb>/",
        round_mistakes.undo,
        name="staff-round-undo",
    ),
    path("staff/rounds/<round:round_code>/<str:verb>/", rounds.round_step, name="staff-round-step"),
    path("staff/forums/", forum_entry.forum_list, name="staff-forums"),
    path("staff/forums/<number:year>/facts/", forum_entry.facts, name="staff-forum-facts"),
    path("staff/forums/<number:year>/source/", forum_entry.source, name="staff-forum-source"),
    path("staff/forums/<number:year>/marks/", forum_marking.marks, name="staff-forum-marks"),
    path("staff/forums/<number:year>/check/", forum_entry.check, name="staff-forum-check"),
    path("staff/forums/<number:year>/publish/", forum_entry.publish, name="staff-forum-publish"),
    path(
        "staff/forums/<number:year>/preview/<number:number>/",
        forum_entry.preview,
        name="staff-forum-preview",
    ),
    path("staff/forums/<number:year>/forum.json", forum_entry.file, name="staff-forum-file"),
    path("staff/forums/<number:year>/edit/", forum_entry.edit, name="staff-forum-edit"),
    path("staff/forums/<number:year>/correct/", forum_entry.correct, name="staff-forum-correct"),
    path("staff/forums/<number:year>/remove/", forum_entry.remove, name="staff-forum-remove"),
    path("staff/letters/", letters.letters, name="staff-letters"),
    path("staff/letters/<agency:code>/", letters.agency_letters, name="staff-letters-agency"),
    path("staff/letters/<agency:code>/<id:attempt>/", letters.letter, name="staff-letters-letter"),
    path("staff/letters/<agency:code>.docx", letters.letter_file, name="staff-letter-file"),
    path("staff/feedback/", feedback_desk.message_list, name="staff-feedback"),
    path("staff/feedback/<id:pk>/", feedback_desk.message, name="staff-feedback-message"),
    path(
        "staff/feedback/<id:pk>/<str:name>",
        feedback_desk.message_file,
        name="staff-feedback-file",
    ),
    path("staff/import/", imports.upload, name="import"),
    path("staff/import/<id:pk>/", imports.result, name="import-result"),
    path("staff/import/<id:pk>/sheet/", imports.sheet, name="import-sheet"),
    path("staff/import/<id:pk>/columns/", import_columns.columns, name="import-columns"),
    path("staff/import/<id:pk>/check/", import_check.check, name="import-check"),
    path("staff/import/<id:pk>/problems.xlsx", import_check.problems, name="import-problems"),
    path("staff/import/<id:pk>/left-out.csv", import_check.left_out_cells, name="import-left-out"),
    path("staff/import/<id:pk>/confirm/", imports.confirm, name="import-confirm"),
    path("staff/import/<id:pk>/undo/", import_undo.undo, name="import-undo"),
]
