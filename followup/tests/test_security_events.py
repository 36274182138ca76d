"""What the security log tells of the portal's events: which one, by whom, about which row."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from followup import actions
from followup.models import Agency, FocalPoint, RoundState, Snapshot, User
from followup.roles import REVIEWER
from followup.tests import files
from followup.tests.admin.pages import export, field_values, url
from followup.tests.admin.test_resources import CSV, confirm, preview
from followup.tests.client import PortalClient, read
from followup.tests.editions import REASON
from followup.tests.evidence_files import make
from followup.tests.factories import PASSWORD
from followup.tests.focal_points import fields, seen
from followup.tests.log_lines import Lines, none_of, security_lines
from followup.tests.two_factor import ENROL, code, log_in
from followup.views.agency_link import DEAD_LIMIT

pytestmark = pytest.mark.security

Told = list[tuple[str, Any, Any, Any]]
SECRETS = ("คุณ", "somsri", "สมศรี", PASSWORD, "codi.example.org", REASON)


@pytest.fixture
def log(people: dict[str, User], request: pytest.FixtureRequest) -> Iterator[Lines]:
    with security_lines() as lines:
        yield lines


@pytest.fixture
def told(log: Lines, django_capture_on_commit_callbacks: Any) -> Callable[..., Told]:
    """Return a function that does something, and returns what the log then tells.

    No line ever holds a name, a password, an address of a mailbox or a text.
    """

    def do(what: Callable[[], Any]) -> Told:
        log.new()
        with django_capture_on_commit_callbacks(execute=True):
            what()
        assert not any(secret in log.text for secret in SECRETS), log.text
        return log.told()

    return do


def test_a_login_and_its_failures(people, told, visitor):
    staff = people["staff"]
    assert told(lambda: log_in(visitor)) == [("login", staff.pk, None, None)]
    stranger = PortalClient()
    wrong = told(lambda: log_in(stranger, "staff", "ผิดแน่นอน"))
    assert wrong == [("login_failed", None, f"user:{staff.pk}", None)]
    # Somebody types the password into the first field.
    assert told(lambda: log_in(stranger, PASSWORD, "x")) == [("login_failed", None, None, None)]


def test_a_name_that_no_database_compares(people, told):
    from followup.security_events import account

    assert account("sta\0ff") == ""
    assert account("staff") == f"user:{people['staff'].pk}"


def test_a_throttle(people, told, morning):
    for _turn in range(5):
        log_in(PortalClient(), "staff", "ผิดแน่นอน")
    once_more = told(lambda: log_in(PortalClient()))
    assert once_more == [("throttled", None, f"user:{people['staff'].pk}", "login")]


def test_a_second_factor(people, told, visitor, morning):
    staff = people["staff"]
    about = f"user:{staff.pk}"
    log_in(visitor)
    page = visitor.page(ENROL)
    wrong = told(lambda: visitor.send(page, code="123456"))
    assert wrong == [("second_factor_failed", staff.pk, None, "enrolment")]
    page = visitor.page(ENROL)
    enrolled = told(lambda: visitor.send(page, code=code(page.one("code").text)))
    assert enrolled == [("second_factor_set", staff.pk, about, None)]
    visitor.page("/staff/account/codes/")
    file = told(lambda: visitor.get("/staff/account/codes/codes.txt"))
    assert file == [("exported", staff.pk, "mfa_download_recovery_codes", None)]
    renewed = told(lambda: visitor.post("/staff/account/codes/new/"))
    assert renewed == [("recovery_codes_made", staff.pk, about, None)]
    left = told(lambda: visitor.post("/staff/account/app/remove/"))
    assert left == [("second_factor_removed", staff.pk, about, None)]


def test_a_code_at_the_door(enrolled, told, visitor, morning):
    about = f"user:{enrolled.pk}"
    assert told(lambda: log_in(visitor)) == [], "half way in"

    def enter(typed: str) -> Any:
        return visitor.send(
            visitor.page("/staff/login/code/"), "form[action=/staff/login/code/]", code=typed
        )

    assert told(lambda: enter("000000")) == [("second_factor_failed", None, about, None)]
    assert told(lambda: enter(code())) == [("login", enrolled.pk, None, None)]


def test_codes_are_throttled(enrolled, told, visitor, morning):
    log_in(visitor)

    def enter() -> Any:
        page = visitor.page("/staff/login/code/")
        return visitor.send(page, "form[action=/staff/login/code/]", code="000000")

    for _turn in range(5):
        enter()
    assert told(enter) == [("throttled", None, None, "code")]


def test_an_administrator_resets_a_second_factor(people, enrolled, told):
    admin = people["administrator"]
    reset = told(lambda: actions.reset_second_factor(by=admin, user=enrolled))
    assert reset == [("second_factor_reset", admin.pk, f"user:{enrolled.pk}", None)]


def test_a_denial(open_round, people, told, sign_in):
    outsider, staff = sign_in(people["outsider"]), sign_in(people["staff"])
    pk = people["outsider"].pk
    assert told(lambda: outsider.get("/staff/")) == [("denied", pk, "staff-queue", None)]
    assert told(lambda: outsider.get("/admin/")) == [("denied", pk, "index", None)]
    user = told(lambda: staff.get(url(User, "change", people["reviewer"].pk)))
    about = f"followup_user_change:{people['reviewer'].pk}"
    assert user == [("denied", people["staff"].pk, about, None)]
    strict = PortalClient(enforce_csrf_checks=True)
    strict.force_login(people["staff"])
    forged = told(lambda: strict.post("/staff/rounds/2569/close/"))
    assert forged == [("denied", people["staff"].pk, "staff-round-step:2569", None)]


def test_an_agencys_link(open_round, people, msdhs, told, log, visitor, sign_in):
    staff = people["staff"]
    links: list[Any] = []

    def issue() -> None:
        links.append(actions.issue_link(round_=open_round, agency=msdhs, by=staff))

    made = told(issue)
    link, about = links[0], f"agency_link:{links[0].pk}"
    assert made == [("link_issued", staff.pk, about, None)]
    token = actions.token_of(link)
    address = reverse("agency-reports", args=[token])
    assert told(lambda: visitor.get(address)) == [("link_opened", None, about, None)]
    again = told(lambda: visitor.get(address))
    assert again == [("link_opened", None, about, None)], "every time"
    signed_in = sign_in(staff)
    preview = told(lambda: signed_in.get(address))
    assert preview == [("link_opened", staff.pk, about, "preview")]
    revoked = told(lambda: actions.revoke_link(link=link, by=staff))
    assert revoked == [("link_revoked", staff.pk, about, None)]
    assert told(lambda: actions.revoke_link(link=link, by=staff)) == [], "it was already"
    assert told(lambda: visitor.get(address)) == [("link_refused", None, about, None)]
    made_up = told(lambda: visitor.get("/r/made-up/"))
    assert made_up == [("link_refused", None, None, None)]
    for _turn in range(DEAD_LIMIT - 2):
        visitor.get("/r/made-up/")
    assert "made-up" not in log.text
    late = told(lambda: visitor.get(address))
    assert late == [
        ("link_refused", None, about, "throttled"),
        ("throttled", None, "agency-reports", None),
    ]
    assert none_of(token, log.text)


def test_a_link_that_replaces_another_one(issued, open_round, people, told):
    staff = people["staff"]

    def replace() -> None:
        actions.issue_link(round_=open_round, agency=issued.agency, by=staff, replaces=issued.pk)

    revoked, made = told(replace)
    assert revoked == ("link_revoked", staff.pk, f"agency_link:{issued.pk}", None)
    assert made[:2] == ("link_issued", staff.pk)


def test_a_publication_and_a_reopening(open_round, people, told):
    staff, reviewer = people["staff"], people["reviewer"]
    about = f"round:{open_round.pk}"
    assert told(lambda: actions.close_round(round_=open_round, by=staff)) == []
    again = told(lambda: actions.reopen_round(round_=open_round, by=staff))
    assert again == [("reopened", staff.pk, about, None)]
    actions.close_round(round_=open_round, by=staff)
    public = told(lambda: actions.publish_round(round_=open_round, by=reviewer))
    edition = Snapshot.objects.get(round=open_round)
    assert public == [("published", reviewer.pk, f"snapshot:{edition.pk}", None)]
    after = told(lambda: actions.reopen_round(round_=open_round, by=reviewer, reason=REASON))
    assert after == [("reopened", reviewer.pk, about, "published_before")]
    open_round.refresh_from_db()
    assert open_round.state == RoundState.OPEN


def test_files_that_staff_take_away(open_round, people, told, sign_in):
    staff = sign_in(people["staff"])
    pk = people["staff"].pk
    for address, page in (
        ("/staff/rounds/2569/workbooks/MSDHS.xlsx", "staff-workbook:2569/MSDHS"),
        ("/staff/rounds/2569/reports.csv", "staff-round-export:2569"),
    ):
        assert told(lambda address=address: staff.get(address)) == [("exported", pk, page, None)]
    assert told(lambda: staff.get("/staff/rounds/2569/")) == []
    admin = sign_in(people["administrator"])
    listed = told(lambda: export(admin, Agency, "0"))
    page = "followup_agency_export"
    assert listed == [("exported", people["administrator"].pk, page, None)]


@pytest.mark.usefixtures("empty_storage")
def test_evidence_that_is_not_public(open_round, people, told, sign_in, visitor):
    staff = sign_in(people["staff"])
    report = make(
        open_round,
        people,
        [files.piece(), files.piece(files.picture(), "ภายใน.jpg", is_public=False)],
        status="completed",
        state="approved",
    )
    public, internal = report.evidence.order_by("position")
    take = ("exported", people["staff"].pk)
    assert told(lambda: staff.get(public.address)) == [(*take, f"evidence:{public.pk}", None)]
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=open_round, by=people["reviewer"])
    assert told(lambda: staff.get(public.address)) == [], "everybody may take it"
    assert told(lambda: visitor.get(public.address)) == []
    assert told(lambda: staff.get(internal.address)) == [(*take, f"evidence:{internal.pk}", None)]


def test_users(forum, people, told, client):
    admin, desk = people["administrator"], client
    desk.force_login(admin)
    group = Group.objects.get(name=REVIEWER)
    new = {"username": "somsri", "display_name": "สมศรี", "groups": [group.pk]}
    new |= {"password1": PASSWORD, "password2": PASSWORD}
    made = told(lambda: desk.post(url(User, "add"), new))
    user = User.objects.get(username="somsri")
    about = f"user:{user.pk}"
    assert made == [
        ("user_created", admin.pk, about, None),
        ("rights_changed", admin.pk, about, None),
    ]
    page = url(User, "change", user.pk)

    def change(**changes: Any) -> Told:
        values = field_values(desk.get(page)) | changes
        sent = {name: value for name, value in values.items() if value is not None}
        return told(lambda: desk.post(page, sent))

    assert change(email="somsri@codi.example.org") == [("user_changed", admin.pk, about, None)]
    assert change(groups=[]) == [("rights_changed", admin.pk, about, None)]
    assert change(is_active=None) == [("user_deactivated", admin.pk, about, None)]
    assert change(is_active="on") == [("user_activated", admin.pk, about, None)]
    assert change() == []
    password = reverse("admin:auth_user_password_change", args=[user.pk])
    typed = "ดอกแก้ว-77-ริมรั้ว"
    by_another = told(lambda: desk.post(password, {"password1": typed, "password2": typed}))
    assert by_another == [("password_set", admin.pk, about, None)]
    gone = told(lambda: desk.post(url(User, "delete", user.pk), {"post": "yes"}))
    assert ("user_deleted", admin.pk, about, None) in gone


def test_ones_own_password(people, told, sign_in):
    staff, typed = sign_in(people["staff"]), "ดอกแก้ว-77-ริมรั้ว"
    page = staff.page("/staff/password/")
    sent = {"old_password": PASSWORD, "new_password1": typed, "new_password2": typed}
    changed = told(lambda: staff.send(page, **sent))
    pk = people["staff"].pk
    assert changed == [("password_changed", pk, f"user:{pk}", None)]


def test_a_password_that_is_only_hashed_anew_is_the_same(people, told, settings, visitor):
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]
    pk = people["staff"].pk
    assert told(lambda: log_in(visitor)) == [("login", pk, None, None)]
    assert User.objects.get(pk=pk).password.startswith("pbkdf2")


def test_rights_of_a_group_and_beyond_one(people, told):
    group, right = Group.objects.get(name=REVIEWER), Permission.objects.all()[0]
    about = f"group:{group.pk}"
    given = told(lambda: group.permissions.add(right))
    assert given == [("group_changed", None, about, None)]
    assert told(lambda: group.permissions.add(right)) == [], "it had that"
    beyond = told(lambda: people["staff"].user_permissions.add(right))
    assert beyond == [("rights_changed", None, f"user:{people['staff'].pk}", None)]

    def promote() -> None:
        people["staff"].is_superuser = True
        people["staff"].save()

    assert [event for event, *_rest in told(promote)] == ["rights_changed"]
    made: list[Group] = []
    assert told(lambda: made.append(Group.objects.create(name="อื่น")))[0][3] == "created"
    assert ("group_changed", None, f"group:{made[0].pk}", "deleted") in told(
        lambda: Group.objects.get(pk=made[0].pk).delete()
    )


def test_a_list_of_the_admin(forum, people, told, client, settings, tmp_path):
    settings.IMPORT_FOLDER = tmp_path / "imports"
    admin = people["administrator"]
    client.force_login(admin)
    content = export(client, Agency, CSV)
    checked: list[Any] = []
    assert told(lambda: checked.append(preview(client, Agency, content, CSV))) == [], "not yet"
    done = told(lambda: confirm(client, Agency, checked[0]))
    assert done == [("import_applied", admin.pk, "agency", None)]


def test_a_hand_over(forum, people, told):
    staff, colleague = people["staff"], people["colleague"]
    agency = Agency.objects.get(code="CODI")
    given = told(
        lambda: actions.hand_over(by=staff, agencies=[agency.pk], from_=None, to=colleague)
    )
    assert given == [("handed_over", staff.pk, f"user:{colleague.pk}", None)]


def test_a_contact_is_told_without_its_data(forum, people, told, sign_in):
    staff, desk = people["staff"], sign_in(people["staff"])
    new = reverse("staff-contact-new", args=["CODI"])
    made = told(lambda: desk.send(desk.page(new), **fields(is_main="on")))
    person = FocalPoint.objects.get()
    about = f"focal_point:{person.pk}"
    assert made == [("focal_point_written", staff.pk, about, "created")]
    agency, version = person.agency, seen(person)

    def change() -> None:
        actions.save_focal_point(
            by=staff, agency=agency, fields=fields(phone="02"), focal_point=person, seen=version
        )

    assert told(change) == [("focal_point_written", None, about, "changed")]
    admin = sign_in(people["administrator"])
    gone = told(lambda: admin.post(url(FocalPoint, "delete", person.pk), {"post": "yes"}))
    assert gone == [("focal_point_removed", people["administrator"].pk, about, None)]


def test_the_page_of_a_refused_link_is_the_same_as_ever(issued, people, visitor):
    """What the log knows of a link is not told to who tries it."""
    actions.revoke_link(link=issued, by=people["staff"])
    revoked = visitor.get(reverse("agency-reports", args=[actions.token_of(issued)]))
    made_up = visitor.get("/r/made-up/")
    assert revoked.status_code == made_up.status_code == 404
    assert read(revoked).one("main").text == read(made_up).one("main").text
