"""The menus as data: the label, target, permission and pages of each tab.

The public menu, the staff menu and the mobile menu are rendered from these declarations. Pages are
named as in `followup.urls`. A test fails for a page that neither belongs to exactly one tab nor is in
`WITHOUT_TAB`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import pgettext_lazy

from followup.naming import items_name


@dataclass(frozen=True)
class Tab:
    """One entry of a menu."""

    name: str  # URL name of its target
    label: str | Promise
    lit_by: frozenset[str] = frozenset()  # URL names of the pages below it
    right: str = ""  # the `may` of the templates required to see it; "": none
    of_several: bool = False  # only if there are several forums


@dataclass(frozen=True)
class Place:
    """A tab on one page; `current` is the value of aria-current, or "" for an inactive tab."""

    url: str
    label: str
    current: str


PUBLIC = (
    Tab("home", _l("ภาพรวม")),
    Tab("resolutions", "", frozenset({"resolution", "measure"})),  # see `items_name`
    Tab("forums", _l("เวที"), frozenset({"forum"}), of_several=True),
    Tab("agencies", pgettext_lazy("several", "หน่วยงาน"), frozenset({"agency"})),
    Tab("matrix", _l("ตารางรวม")),
    Tab(
        "years", _l("รายปี"), frozenset({"compare", "disagreements", "receipt", "receipts", "year"})
    ),
    Tab("areas", _l("พื้นที่"), frozenset({"area"})),
    Tab("data", _l("ข้อมูลเปิด"), frozenset({"data-dictionary", "api"})),
    Tab("about", _l("เกี่ยวกับระบบ")),
)

#: The link from the public pages to the staff pages.
DESK = (Tab("staff-queue", _l("งานของฉัน"), right="work"),)

STAFF = (
    Tab(
        "staff-queue",
        _l("งานของฉัน"),
        frozenset(
            {"staff-dead-links", "staff-report", "staff-report-evidence", "staff-report-withdraw"}
        ),
    ),
    Tab("staff-promised", _l("กำหนดของหน่วยงาน")),
    Tab("staff-review", _l("ตรวจและรับรอง"), frozenset({"staff-review-report"})),
    Tab(
        "staff-rounds",
        _l("รอบติดตาม"),
        frozenset(
            {
                "staff-round",
                "staff-round-new",
                "staff-round-pack",
                "staff-round-report",
                "staff-round-report-docx",
                "staff-round-report-pdf",
                "staff-round-step",
                "staff-round-due",
                "staff-rulings",
                "staff-ruling",
                "staff-round-undo",
            }
        ),
    ),
    Tab(
        "staff-assignments",
        _l("การมอบหมาย"),
        frozenset(
            {
                "staff-assignment-add",
                "staff-assignment-replace",
                "staff-assignment-step",
                "staff-group",
                "staff-group-new",
                "staff-groups",
            }
        ),
    ),
    Tab(
        "staff-forums",
        _l("เวที"),
        frozenset(
            {
                "staff-forum-check",
                "staff-forum-conclude",
                "staff-forum-correct",
                "staff-forum-edit",
                "staff-forum-facts",
                "staff-forum-marks",
                "staff-forum-preview",
                "staff-forum-publish",
                "staff-forum-remove",
                "staff-forum-source",
            }
        ),
        right="administer",
    ),
    Tab(
        "staff-agencies",
        _l("หน่วยงาน"),
        frozenset(
            {
                "staff-agencies-letters",
                "staff-agencies-mail",
                "staff-agencies-mailed",
                "staff-agency",
                "staff-agency-merge",
                "staff-agencies-links",
                "staff-contact",
                "staff-contact-new",
                "staff-handover",
            }
        ),
        right="work",
    ),
    Tab(
        "staff-links",
        _l("ลิงก์ให้หน่วยงานกรอกเอง"),
        frozenset({"staff-link", "staff-link-issue", "staff-link-revoke"}),
    ),
    Tab(
        "staff-assessments",
        _l("ภาคประชาสังคมประเมิน"),
        frozenset(
            {
                "staff-assessment",
                "staff-organisation",
                "staff-organisation-end",
                "staff-organisation-invite",
                "staff-organisation-new",
                "staff-organisation-revoke",
                "staff-organisations",
            }
        ),
        right="work",
    ),
    Tab(
        "staff-letters",
        _l("หนังสือติดตาม"),
        frozenset({"staff-letters-agency", "staff-letters-letter"}),
    ),
    Tab(
        "staff-feedback",
        _l("เรื่องที่ประชาชนแจ้ง"),
        frozenset({"staff-feedback-message"}),
    ),
    Tab("staff-history", _l("ประวัติ")),
    Tab("staff-jobs", _l("งานเบื้องหลัง")),
    Tab(
        "import",
        _l("นำเข้าสเปรดชีต"),
        frozenset(
            {
                "import-check",
                "import-columns",
                "import-confirm",
                "import-result",
                "import-sheet",
                "import-undo",
            }
        ),
        right="import",
    ),
    Tab("staff-system", _l("สถานะของระบบ"), right="administer"),
    Tab("admin:index", _l("จัดการระบบ"), right="administer"),
)

#: Pages without an active tab.
WITHOUT_TAB = frozenset(
    {
        # public pages linked from the footer or another page
        "accessibility",
        "corrections",
        "display",
        "feedback",
        "feedback-message",
        "feedback-new",
        "follow",
        "follow-change",
        "follow-confirm",
        "follow-leave",
        "follow-sent",
        "follow-up",
        "privacy",
        "project",
        "projects",
        "search",  # in the header of every page
        "silence",
        "report",
        "report-docx",
        "report-part",
        "report-pdf",
        # a page for embedding, and pages behind a signed link: they have no menu
        "assessor-measure",
        "assessor-measures",
        "agency-report",
        "agency-report-evidence",
        "agency-reports",
        "embed-card",
        # sign-in, and the user's own account
        "account_login",
        "account_reauthenticate",
        "login",
        "mfa_activate_totp",
        "mfa_authenticate",
        "mfa_deactivate_totp",
        "mfa_generate_recovery_codes",
        "mfa_index",
        "mfa_reauthenticate",
        "mfa_view_recovery_codes",
        "password_change",
        # linked from two tabs
        "staff-report-history",
    }
)


class Menu:
    """The menus for one request."""

    def __init__(
        self, request: HttpRequest, may: Mapping[str, bool], sizes: Mapping[int, int]
    ) -> None:
        """`sizes`: forum's year -> its number of resolutions."""
        # An error page has no URL name.
        self._here = request.resolver_match.view_name if request.resolver_match else ""
        self._may = may
        self._sizes = sizes

    @property
    def public(self) -> list[Place]:
        several = len(self._sizes) > 1
        return self._places(tab for tab in PUBLIC if several or not tab.of_several)

    @property
    def desk(self) -> list[Place]:
        return self._places(DESK)

    @property
    def staff(self) -> list[Place]:
        return self._places(STAFF)

    def _places(self, tabs: Iterable[Tab]) -> list[Place]:
        return [
            Place(reverse(tab.name), self._label(tab), self._current(tab))
            for tab in tabs
            if not tab.right or self._may[tab.right]
        ]

    def _label(self, tab: Tab) -> str:
        if tab.name == "resolutions":
            return items_name(self._sizes)
        return str(tab.label)

    def _current(self, tab: Tab) -> str:
        if self._here == tab.name:
            return "page"
        return "true" if self._here in tab.lit_by else ""
