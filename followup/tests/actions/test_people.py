"""Focal points and hand-over as verbs: who may, and to whom."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied

from followup import actions
from followup.models import Agency, User
from followup.tests.client import read
from followup.tests.factories import PASSWORD
from followup.tests.focal_points import fields, seen
from followup.tests.sentences import WORKING_PEOPLE_ONLY


def test_a_new_main_one_makes_the_old_an_alternate(codi, people):
    old = actions.save_focal_point(by=people["staff"], agency=codi, fields=fields())
    elsewhere = actions.save_focal_point(
        by=people["staff"], agency=Agency.objects.get(code="MOF"), fields=fields()
    )
    new = actions.save_focal_point(
        by=people["staff"], agency=codi, fields=fields(name="สมปอง", email="", phone="1")
    )
    assert list(codi.focal_points.values_list("name", "is_main")) == [
        ("สมปอง", True),
        ("สมศรี ใจดี", False),
    ]
    elsewhere.refresh_from_db()
    assert elsewhere.is_main
    actions.save_focal_point(
        by=people["staff"], agency=codi, fields=fields(), focal_point=old, seen=seen(old)
    )
    new.refresh_from_db()
    assert not new.is_main


def test_what_a_colleague_changed_is_not_overwritten(codi, people):
    person = actions.save_focal_point(by=people["staff"], agency=codi, fields=fields())
    before = seen(person)
    actions.save_focal_point(
        by=people["colleague"],
        agency=codi,
        fields=fields(phone="0 2999 9999"),
        focal_point=person,
        seen=before,
    )
    for verb in (
        lambda: actions.save_focal_point(
            by=people["staff"],
            agency=codi,
            fields=fields(name="ชื่อใหม่"),
            focal_point=person,
            seen=before,
        ),
        lambda: actions.remove_focal_point(by=people["staff"], focal_point=person, seen=before),
    ):
        with pytest.raises(actions.Conflict) as conflict:
            verb()
        assert conflict.value.current.phone == "0 2999 9999"
    stored = codi.focal_points.get()
    assert (stored.name, stored.phone) == ("สมศรี ใจดี", "0 2999 9999")


def test_only_the_secretariat_writes_and_nobody_else_reads(codi, people, sign_in, visitor):
    person = actions.save_focal_point(by=people["staff"], agency=codi, fields=fields())
    with pytest.raises(PermissionDenied):
        actions.save_focal_point(by=people["outsider"], agency=codi, fields=fields())
    with pytest.raises(PermissionDenied):
        actions.remove_focal_point(by=people["outsider"], focal_point=person, seen=seen(person))
    for address in ("/agencies/CODI/", "/agencies/", "/"):
        text = visitor.page(address).raw()
        assert "สมศรี" not in text
        assert "codi.example.org" not in text


def test_work_goes_to_those_who_can_do_it(codi, people):
    def give(to: User, by: User = people["staff"]) -> None:
        actions.hand_over(by=by, agencies=[codi.pk], from_=None, to=to)

    with pytest.raises(actions.Refused, match=WORKING_PEOPLE_ONLY):
        give(people["outsider"])
    people["colleague"].is_active = False
    with pytest.raises(actions.Refused, match=WORKING_PEOPLE_ONLY):
        give(people["colleague"])
    with pytest.raises(PermissionDenied):
        give(people["staff"], by=people["outsider"])
    assert not LogEntry.objects.exists()


def test_an_administrator_forgets_a_lost_second_factor(enrolled, people, sign_in):
    desk = sign_in(people["administrator"])
    posted = {"action": "forget_second_factor", "_selected_action": [enrolled.pk]}
    page = read(desk.post("/admin/followup/user/", posted, follow=True))
    assert page.texts("ul.messagelist li") == ["ล้างของ คุณstaff แล้ว เมื่อเข้าสู่ระบบครั้งต่อไปจะต้องเปิดใช้ใหม่"]
    assert not Authenticator.objects.exists()
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (people["administrator"], str(enrolled.pk))
    assert entry.get_change_message() == "ล้างการยืนยันตัวตนสองขั้น"


def test_nobody_forgets_their_own_or_a_superusers(enrolled, people):
    admin = people["administrator"]
    with pytest.raises(actions.Refused, match="ล้างของตนเองไม่ได้"):
        actions.reset_second_factor(by=admin, user=admin)
    root = User.objects.create_superuser("root", password=PASSWORD)
    with pytest.raises(actions.Refused, match="ผู้ดูแลระดับสูงสุด"):
        actions.reset_second_factor(by=admin, user=root)
    with pytest.raises(PermissionDenied):
        actions.reset_second_factor(by=people["reviewer"], user=enrolled)
    assert Authenticator.objects.count() == 1
    actions.reset_second_factor(by=root, user=admin)
