"""The erasure of a person: the record stays, the name goes from every table."""

import json

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from followup import actions, chain, history
from followup.models import (
    Agency,
    Digest,
    FocalPoint,
    LinkUse,
    RecordEntry,
    RenderedReport,
    Snapshot,
    SpreadsheetImport,
    StatusReport,
    User,
)
from followup.opendata.datasets import DATASETS
from followup.tests.client import PortalClient, read
from followup.tests.factories import PASSWORD, make_report
from followup.tests.focal_points import fields, seen
from followup.tests.log_lines import security_lines

pytestmark = pytest.mark.security

USERNAME, NAME, EMAIL = "kanari.secret", "คุณคีรีบูน ลับมาก", "kanari@secret.example.org"
CANARIES = (USERNAME, NAME, EMAIL)
FREE = "คุณคีรีบูน ลับมาก โทรมาแจ้งผล"  # what a person typed


def found(value, name):
    """Whether a value of any column tells the name, as text, JSON or bytes."""
    if isinstance(value, bytes | memoryview):
        value = bytes(value).decode("utf-8", "replace")
    text = str(value)
    return name in text or json.dumps(name)[1:-1] in text


def tellers(*names):
    """Table -> the rows with one of the names in any column; sessions are read as the portal does."""
    told = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own names
            rows = cursor.fetchall()
            hits = [row for row in rows if any(found(v, n) for v in row for n in names)]
            if hits:
                told[table] = hits
    if any(found(each.get_decoded(), name) for each in Session.objects.all() for name in names):
        told["django_session"] = []
    return told


@pytest.fixture
def person(people):
    """A member of the secretariat with a name that stands nowhere else."""
    user = people["colleague"]
    user.username, user.display_name, user.email = USERNAME, NAME, EMAIL
    user.first_name = user.last_name = NAME
    user.save()
    return user


@pytest.fixture
def everywhere(person, people, open_round, codi, msdhs, on_20_november):
    """The person has left a trace wherever one can be left, and the round is published."""
    staff, admin = people["staff"], people["administrator"]
    report = make_report(open_round, "1.2", by=person, reviewer=people["reviewer"], results=FREE)
    actions.hand_over(by=admin, agencies=[codi.pk], from_=None, to=person)
    actions.reset_second_factor(by=admin, user=person)
    issued = actions.issue_link(round_=open_round, agency=msdhs, by=person)
    actions.note_opened(link=issued, user=person)
    agency = Agency.objects.filter(pk=msdhs.pk)
    for old, new in ((NAME, "คุณstaff"), ("–", NAME)):  # as it was once written
        words = f"ผู้ดูแล: จาก {old} เป็น {new}"
        LogEntry.objects.log_actions(admin.pk, agency, CHANGE, change_message=words)
    client = PortalClient()
    data = {"username": USERNAME, "password": PASSWORD}
    assert client.post("/staff/login/", data).status_code == 302
    EmailAddress.objects.get_or_create(user=person, email=EMAIL)
    Authenticator.objects.create(user=person, type="totp", data={})
    Digest.objects.create(user=person, day=timezone.localdate())
    row = StatusReport.history.filter(history_user=person, id=report.pk).first()
    aside = {"row": 3, "place": "", "code": "2565-1.2", "agency": "ก", "report": report.pk}
    SpreadsheetImport.objects.create(
        round=open_round,
        created_by=staff,
        file_name="ผล.xlsx",
        set_aside=[
            aside | {"by": NAME, "at": ""},
            aside | {"by": "ชื่อเดิมของคีรีบูน", "at": row.updated_at.isoformat()},
            aside | {"by": "คุณstaff", "at": ""},
        ],
        failure=f"2565-1.2 ก (บันทึกโดย {NAME}) และ 2565-1.1 ข ({NAME}) และ (คุณstaff)",
    )
    actions.close_round(round_=open_round, by=person)
    actions.publish_round(round_=open_round, by=people["reviewer"])
    return client


def test_the_name_is_in_no_table_afterwards_and_the_record_is_whole(
    everywhere, person, people, django_capture_on_commit_callbacks
):
    told = tellers(*CANARIES, "ชื่อเดิมของคีรีบูน")
    assert {
        "followup_user",
        "django_admin_log",
        "django_session",
        "account_emailaddress",
        "followup_spreadsheetimport",
    } <= set(told), "the control"
    chain.begin()
    before = list(StatusReport.history.order_by("pk").values())
    editions = list(Snapshot.objects.order_by("pk").values())
    uses = LinkUse.objects.filter(user=person).count()
    entries = RecordEntry.objects.count()
    with security_lines() as lines, django_capture_on_commit_callbacks(execute=True):
        actions.erase_person(by=people["administrator"], user=person)
    new = [(each["event"], each["user"], each["object"]) for each in lines.new()]
    assert ("user_erased", people["administrator"].pk, f"user:{person.pk}") in new
    free = set(tellers(*CANARIES, "ชื่อเดิมของคีรีบูน"))
    assert free == set(tellers(FREE)), "what people typed stays, and nothing else"
    assert free >= {"followup_statusreport", "followup_historicalstatusreport"}
    assert not {"followup_user", "django_admin_log", "followup_spreadsheetimport"} & free
    assert list(StatusReport.history.order_by("pk").values()) == before
    assert list(Snapshot.objects.order_by("pk").values()) == editions
    assert LinkUse.objects.filter(user=person).count() == uses == 1
    door = RecordEntry.objects.get(act="erased")
    assert (door.by, door.model, door.key) == (
        people["administrator"],
        "followup.user",
        str(person.pk),
    )
    assert RecordEntry.objects.count() == entries + 2, (
        "the door, and the agency without a caretaker"
    )
    chain.verify()


def test_the_history_calls_them_a_user_who_is_gone(everywhere, person, people, sign_in):
    gone = f"ผู้ใช้ที่ลบแล้ว (รหัส {person.pk})"
    before = [(each.at, each.sentence) for each in history.entries(by=person)[0]]
    actions.erase_person(by=people["administrator"], user=person)
    person.refresh_from_db()
    after = history.entries(by=person)[0]
    assert [(each.at, each.sentence) for each in after] == before
    assert {each.who for each in after} == {gone}
    first = history.entries(by=people["administrator"])[0]
    assert ("ลบข้อมูลส่วนบุคคล", gone) in [(each.sentence, each.subject) for each in first]
    messages = set(LogEntry.objects.values_list("change_message", flat=True))
    assert {
        f"ผู้ดูแล: จาก รหัส {person.pk} เป็น คุณstaff",
        f"ผู้ดูแล: จาก – เป็น รหัส {person.pk}",
    } <= messages
    assert gone in sign_in(people["staff"]).page("/staff/history/").text
    record = SpreadsheetImport.objects.get()
    assert [each["by"] for each in record.set_aside] == [gone, gone, "คุณstaff"]
    assert record.failure == f"2565-1.2 ก (บันทึกโดย {gone}) และ 2565-1.1 ข ({gone}) และ (คุณstaff)"


def test_they_can_do_nothing_any_more(everywhere, person, people, codi):
    assert everywhere.get("/staff/").status_code == 200
    actions.erase_person(by=people["administrator"], user=person)
    assert everywhere.get("/staff/").status_code == 302
    for name in (USERNAME, f"erased:{person.pk}"):
        sent = {"username": name, "password": PASSWORD}
        assert PortalClient().post("/staff/login/", sent).status_code == 200, "refused"
    person = User.objects.get(pk=person.pk)
    assert not person.is_active
    assert not person.has_usable_password()
    assert not person.groups.exists()
    assert not Authenticator.objects.exists()
    assert not Digest.objects.exists()
    codi.refresh_from_db()
    assert codi.caretaker is None
    assert Session.objects.count() == 0


def test_who_may_and_whom(people):
    admin, staff = people["administrator"], people["staff"]
    root = User.objects.create_superuser("root", password=PASSWORD)
    with pytest.raises(PermissionDenied):
        actions.erase_person(by=people["reviewer"], user=staff)
    with pytest.raises(actions.Refused, match="ลบข้อมูลของตนเองไม่ได้"):
        actions.erase_person(by=admin, user=admin)
    with pytest.raises(actions.Refused, match="ผู้ดูแลระดับสูงสุด"):
        actions.erase_person(by=admin, user=root)
    with pytest.raises(actions.Refused, match="ยังใช้งานอยู่"):
        actions.erase_person(by=None, user=staff)
    actions.erase_person(by=admin, user=staff)
    with pytest.raises(actions.Refused, match="ถูกลบไปแล้ว"):
        actions.erase_person(by=admin, user=staff)
    assert list(User.objects.exclude(erased_at=None)) == [staff]


def test_of_two_administrators_who_erase_each_other_one_stays(people):
    admin = people["administrator"]
    other = User.objects.create_user("second", password=PASSWORD)
    other.groups.set(admin.groups.all())
    assert other.has_perm("followup.change_user")
    actions.erase_person(by=admin, user=other)
    with pytest.raises(PermissionDenied):
        actions.erase_person(by=other, user=admin)  # whose page was open, with the rights of then
    admin.refresh_from_db()
    assert admin.is_active


def test_the_admin_asks_first_and_says_what_stays(person, people, sign_in):
    desk = sign_in(people["administrator"])
    posted = {"action": "erase", "_selected_action": [person.pk, people["administrator"].pk]}
    page = read(desk.post("/admin/followup/user/", posted))
    assert "ยังไม่ได้ลบ ตรวจรายชื่อ แล้วยืนยัน การลบนี้ย้อนกลับไม่ได้" in page.text
    assert f"{NAME} ({USERNAME})" in page.text
    assert "ข้อความที่ผู้คนพิมพ์ไว้ ซึ่งระบบไม่แก้ไข" in page.text
    assert not User.objects.exclude(erased_at=None).exists()
    page = read(desk.post("/admin/followup/user/", posted | {"confirmed": "yes"}, follow=True))
    assert sorted(page.texts("ul.messagelist li")) == [
        "คุณadministrator: ลบข้อมูลของตนเองไม่ได้ ขอให้ผู้ดูแลระบบคนอื่นทำให้",
        f"ลบข้อมูลส่วนบุคคลของ {NAME} แล้ว ประวัติเรียกบัญชีนี้ว่า “ผู้ใช้ที่ลบแล้ว (รหัส {person.pk})”",
    ]
    change = f"/admin/followup/user/{person.pk}/change/"
    assert desk.post(change, {"username": "back", "is_active": "on"}).status_code == 403
    staff = sign_in(people["staff"])
    posted = posted | {"confirmed": "yes", "_selected_action": [people["reviewer"].pk]}
    assert staff.post("/admin/followup/user/", posted).status_code in {302, 403}
    assert list(User.objects.exclude(erased_at=None)) == [person]


def test_what_is_published_never_had_a_name(everywhere, visitor):
    report = StatusReport.objects.filter(results=FREE).update(results="จัดเวที 3 ครั้ง")
    assert report == 1
    edition = Snapshot.objects.get()
    assert "2565-1.2" in edition.content or "MSDHS" in edition.content, "the control"
    texts = [edition.content.replace(FREE, "")]
    texts += [
        bytes(each.content).decode("utf-8", "replace").replace(FREE, "")
        for each in RenderedReport.objects.all()
    ]
    assert len(texts) > 1
    for dataset in DATASETS:
        response = visitor.get(f"/data/{dataset}.json")
        assert response.status_code == 200, dataset
        texts.append(response.content.decode().replace(FREE, ""))
    for name in (*CANARIES, "คุณreviewer", "คุณstaff"):
        for text in texts:
            assert not found(text, name), text[:200]


def test_a_focal_point_leaves_no_name_in_the_admins_log(codi, people):
    """Entries of the time before the log left these names out."""
    admin = people["administrator"]
    contact = actions.save_focal_point(by=people["staff"], agency=codi, fields=fields())
    points, agencies = FocalPoint.objects.all(), Agency.objects.filter(pk=codi.pk)
    inline = [{"added": {"name": "ผู้ประสานงานของหน่วยงาน", "object": "สมศรี ใจดี"}}]
    alias = [{"added": {"name": "ชื่ออื่นของหน่วยงาน", "object": "พอช"}}]
    LogEntry.objects.log_actions(admin.pk, points, CHANGE, change_message="x")
    LogEntry.objects.log_actions(admin.pk, agencies, CHANGE, change_message=inline + alias)
    assert set(tellers("สมศรี ใจดี")) == {"followup_focalpoint", "django_admin_log"}, "the control"
    chain.begin()
    actions.remove_focal_point(by=people["staff"], focal_point=contact, seen=seen(contact))
    assert tellers("สมศรี", "somsri@codi") == {}
    kept = json.loads(LogEntry.objects.get(content_type__model="agency").change_message)
    assert kept == [{"added": {"name": "ผู้ประสานงานของหน่วยงาน", "object": "…"}}, *alias]
    acts = RecordEntry.objects.order_by("pk").values_list("act", "model", "key")
    about = ("followup.focalpoint", str(contact.pk))
    assert sorted(acts) == sorted([("added", *about), ("removed", *about), ("erased", *about)])
    chain.verify()
