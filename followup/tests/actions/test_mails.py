"""The verb that queues e-mails to focal points."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from followup import actions
from followup.models import Agency, AgencyLink, FocalPoint, RecordEntry, SentMail
from followup.tests.actions.verbs import lacking


@pytest.fixture
def two(forum):
    """พอช. with two people to write to and one without an address, and พม. with nobody."""
    codi = Agency.objects.get(code="CODI")
    for name, email in (("สมศรี", "a@codi.example.org"), ("สมชาย", "b@codi.example.org")):
        FocalPoint.objects.create(agency=codi, name=name, email=email)
    FocalPoint.objects.create(agency=codi, name="สมปอง", phone="02 111 1111")
    return [codi, Agency.objects.get(code="MSDHS")]


def queue(round_, agencies, by, content="link", sending=None):
    return actions.queue_mails(
        round_=round_, agencies=agencies, content=content, sending=sending or uuid4(), by=by
    )


def test_each_person_with_an_address_gets_one_and_the_others_are_told(open_round, people, two):
    none = Agency.objects.filter(assignments=None)[0]
    sending = uuid4()
    assert queue(open_round, [*two, none], people["staff"], sending=sending) == 2
    rows = SentMail.objects.order_by("pk").values_list(
        "agency__code", "focal_point__name", "outcome"
    )
    assert list(rows) == [
        ("CODI", "สมชาย", "waiting"),
        ("CODI", "สมศรี", "waiting"),
        ("MSDHS", None, "no_address"),
        (none.code, None, "nothing_due"),
    ]
    assert list(AgencyLink.objects.values_list("agency__code", flat=True)) == ["CODI"], (
        "nobody would get the others"
    )
    assert queue(open_round, two, people["staff"], sending=sending) == 0, "sent twice"
    assert SentMail.objects.count() == 4
    noted = RecordEntry.objects.filter(model="followup.sentmail")
    about = {"agency": two[0].pk, "round": open_round.pk}
    assert [each.about for each in noted] == [about, about]


def test_a_link_that_works_is_kept_and_a_workbook_needs_none(open_round, people, two):
    held = actions.issue_link(round_=open_round, agency=two[0], by=people["staff"])
    queue(open_round, two, people["staff"])
    held.refresh_from_db()
    assert held.revoked_at is None
    actions.revoke_link(link=held, by=people["staff"])
    queue(open_round, two, people["staff"], content="workbook")
    assert AgencyLink.objects.count() == 1


def test_a_closed_round_and_strangers_are_refused(open_round, people, two):
    with pytest.raises(PermissionDenied):
        queue(open_round, two, people["outsider"])
    actions.close_round(round_=open_round, by=people["staff"])
    assert lacking(queue, open_round, two, people["staff"]) == {"": "ส่งอีเมลได้เฉพาะรอบที่เปิดรับรายงาน"}
    assert not SentMail.objects.exists()
