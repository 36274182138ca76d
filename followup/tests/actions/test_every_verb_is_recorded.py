"""Every verb leaves a history row or an entry of the record, and neither holds personal data."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from followup import actions, append_only, history, jobs
from followup.actions.narratives import Written
from followup.models import Assignment, FocalPoint, LinkUse, RecordEntry, Snapshot
from followup.tests import assessing
from followup.tests.assessing import accept, accepted, invite, make_organisation, send
from followup.tests.assignments import assignment_of
from followup.tests.assignments import seen as version
from followup.tests.correspondence import change, remove
from followup.tests.editions import correct, publish_three_reports, take_back
from followup.tests.entered import draft_of
from followup.tests.factories import find_report, make_report
from followup.tests.factories import link as evidence
from followup.tests.focal_points import fields, seen
from followup.tests.groups import make_group, member
from followup.tests.groups import seen as member_seen
from followup.tests.subscribers import asked, of_resolutions, subscribed
from followup.tests.two_factor import SECRET
from followup.tests.visitors import write
from forum_portal.stored_version import version_of
from proposals.models import Forum, Measure, Resolution

pytestmark = pytest.mark.security

VERBS = {
    name
    for name in actions.__all__
    if hasattr(getattr(actions, name), "__wrapped__") and name not in {"action", "in_steps"}
}


def rows():
    """How many rows each table of the record has."""
    return {model: model._base_manager.count() for model in append_only.guarded()}


def failed_job():
    key = jobs.enqueue("prune_jobs")
    DBTaskResult.objects.update(status="FAILED")
    return key


def scenarios(round_, people, send_letter, codi, msdhs):
    """Verb -> what prepares it, and a call of it with what that returned. Each runs on its own."""
    staff, reviewer, admin = people["staff"], people["reviewer"], people["administrator"]

    def draft():
        return make_report(round_, "1.2", by=staff, state="draft")

    def submitted():
        return make_report(round_, "1.2", by=staff, state="submitted")

    def sibling(report):
        own = round_.reports.filter(assignment__agency=report.assignment.agency)
        return own.exclude(pk=report.pk).with_context()[0]

    def overruled():
        assessed = {"assessed_status": "not_started", "assessed_note": "ยังไม่เห็นผล"}
        return make_report(round_, "1.2", by=staff, reviewer=reviewer, assessed=assessed)

    def person():
        return actions.save_focal_point(by=staff, agency=codi, fields=fields())

    def issued():
        return actions.issue_link(round_=round_, agency=msdhs, by=staff)

    def used():
        link = issued()
        actions.note_opened(link=link)
        return link

    def begun():
        return draft_of(admin)

    def published():
        draft = begun()
        return actions.publish_forum(draft=draft, by=admin, version=draft.version)

    def closed():
        return actions.close_round(round_=round_, by=staff)

    def planned():
        return actions.create_round(by=admin, year=2570)

    def conclude():
        return actions.conclude_forum(
            by=admin,
            forum=Forum.objects.get(),
            after=2569,
            reason="ทุกข้อบรรลุแล้ว",
            meeting_ref="5/2569",
            meeting_on=date(2026, 9, 1),
        )

    def one_more():
        known = Assignment.objects.filter(agency=codi).values("measure")
        other = Assignment.objects.exclude(measure__in=known)[0]
        Assignment.objects.create(
            measure=other.measure, agency=codi, role="support", valid_from=2565
        )

    def ruled():
        return actions.rule(
            round_=round_,
            subject=Resolution.objects.get(number=1),
            by=reviewer,
            seen="",
            status="on_hold",
            meeting_ref="3/2569",
            meeting_on=date(2026, 10, 12),
        )

    def confirmed():
        row = assignment_of("1.2", "MSDHS")
        confirm(row)
        return assignment_of("1.2", "MSDHS")

    def confirm(row):
        actions.confirm_assignments(
            by=admin,
            assignments=[(row.pk, version(row))],
            meeting_ref="3/2569",
            meeting_on=date(2026, 10, 12),
        )

    def as_seen(row):
        return {"by": admin, "assignment": row, "seen": version(row)}

    def anew(call):
        """With a new key; the present one is an earlier one."""
        earlier = [settings.SECRET_KEY]
        with override_settings(SECRET_KEY="n" * 60, SECRET_KEY_FALLBACKS=earlier):
            return call()

    def nothing():
        return None

    def replace(row):
        moved = {
            "source": row.agency,
            "target": codi,
            "first_year": 2569,
            "assignments": [(row.pk, version(row))],
            "withdraws": True,
        }
        plan = actions.plan_replacement(**moved)
        actions.replace_agency(by=admin, reason="โอนภารกิจ", effects=plan.digest, **moved)

    def messaged(**given):
        return write(measure=Measure.objects.first(), may_publish=True, **given)

    def as_read(row):
        return {"feedback": row, "by": staff, "version": row.version}

    def answered():
        return actions.answer_feedback(**as_read(messaged()), answer="ตรวจแล้ว")

    def corrected():
        row = answered()
        correct(publish_three_reports(round_, people), people)
        return row

    def withdraw(report):
        return actions.withdraw_report(
            report=report, by=admin, version=report.version, reason="โอนภารกิจ"
        )

    def save(report):
        return actions.save_draft(report=report, by=staff, version=0, fields={}, evidence=[])

    def invited():
        return invite(round_, staff)

    def organised():
        return make_organisation(staff)

    def drafted():
        return (link := invited()), assessing.save(link, "2565-1.2")

    def sent():
        return (link := invited()), send(link, "2565-1.2")

    def heard():
        return accepted(invited(), "2565-1.2", reviewer)

    def answer(assessment):
        return actions.answer_assessment(
            assessment=assessment, by=reviewer, seen="", text="จะขอผังรายการ"
        )

    def on(pair):
        return {"link": pair[0], "assessment": pair[1], "version": pair[1].version}

    return {
        "register_organisation": (nothing, lambda it: organised()),
        "change_organisation": (
            organised,
            lambda it: actions.change_organisation(
                organisation=it,
                by=staff,
                seen=version_of(it, actions.ORGANISATION_FIELDS),
                fields={"name_th": "ชื่อใหม่", "registration_number": "1"},
            ),
        ),
        "end_organisation": (
            organised,
            lambda it: actions.end_organisation(organisation=it, by=staff),
        ),
        "resume_organisation": (
            lambda: actions.end_organisation(organisation=organised(), by=staff),
            lambda it: actions.resume_organisation(organisation=it, by=staff),
        ),
        "issue_assessor_link": (nothing, lambda it: invited()),
        "save_assessment": (invited, lambda it: assessing.save(it, "2565-1.2")),
        "submit_assessment": (drafted, lambda it: actions.submit_assessment(**on(it))),
        "withdraw_assessment": (sent, lambda it: actions.withdraw_assessment(**on(it))),
        "accept_assessment": (sent, lambda it: accept(it[1], reviewer)),
        "return_assessment": (
            sent,
            lambda it: actions.return_assessment(
                assessment=it[1],
                by=reviewer,
                version=it[1].version,
                ground="law",
                reason="มีชื่อบุคคล",
            ),
        ),
        "answer_assessment": (heard, answer),
        "remove_answer": (
            lambda: answer(heard()),
            lambda it: actions.remove_answer(
                answer=it, by=reviewer, seen=version_of(it, actions.ANSWER_FIELDS)
            ),
        ),
        "save_draft": (lambda: find_report(round_, "1.2"), save),
        "submit": (draft, lambda it: actions.submit(report=it, by=staff, version=it.version)),
        "recall": (
            submitted,
            lambda it: actions.recall(report=it, by=staff, version=it.version),
        ),
        "note_review_opened": (
            submitted,
            lambda it: actions.note_review_opened(report=it, by=reviewer),
        ),
        "approve": (
            submitted,
            lambda it: actions.approve(report=it, by=reviewer, version=it.version),
        ),
        "approve_many": (
            submitted,
            lambda it: actions.approve_many(reports=[(it, it.version)], by=reviewer),
        ),
        "attach_evidence": (
            lambda: make_report(round_, "1.2", by=staff, state="draft", evidence=[evidence(1)]),
            lambda it: actions.attach_evidence(
                report=it,
                pieces=[it.evidence.get().pk],
                to=[(sibling(it), 0)],
                by=staff,
            ),
        ),
        "send_back": (
            submitted,
            lambda it: actions.send_back(report=it, by=reviewer, version=it.version, reason="แก้"),
        ),
        "reply": (
            overruled,
            lambda it: actions.reply(report=it, by=staff, version=it.version, text="ชี้แจง"),
        ),
        "record_letter": (nothing, lambda it: send_letter(codi)),
        "correct_letter": (lambda: send_letter(codi), lambda it: change(it, staff, number="พม 9")),
        "remove_letter": (lambda: send_letter(codi), lambda it: remove(it, staff)),
        "issue_link": (nothing, lambda it: issued()),
        "issue_links": (
            nothing,
            lambda it: actions.issue_links(round_=round_, agencies=[msdhs], by=staff),
        ),
        "queue_mails": (
            person,
            lambda it: actions.queue_mails(
                round_=round_, agencies=[codi], content="link", sending=uuid4(), by=staff
            ),
        ),
        "ask_to_follow": (nothing, lambda it: asked()),
        "forget_request": (asked, lambda it: actions.forget_request(subscriber=it)),
        "confirm_following": (asked, lambda it: actions.confirm_following(subscriber=it)),
        "change_following": (
            subscribed,
            lambda it: actions.change_following(subscriber=it, choice=of_resolutions(1)),
        ),
        "leave": (subscribed, lambda it: actions.leave(subscriber=it)),
        "remove_subscribers": (
            subscribed,
            lambda it: actions.remove_subscribers(by=admin, subscribers=[it.pk]),
        ),
        "purge_requests": (
            asked,
            lambda it: actions.purge_requests(asked_before=timezone.now() + timedelta(days=1)),
        ),
        "queue_news": (
            lambda: actions.publish_round(round_=closed(), by=reviewer),
            lambda it: actions.queue_news(
                snapshot=it.snapshots.get(), kind="edition", told_at=timezone.now()
            ),
        ),
        "revoke_link": (issued, lambda it: actions.revoke_link(link=it, by=staff)),
        "note_opened": (issued, lambda it: actions.note_opened(link=it)),
        "write_narratives": (
            nothing,
            lambda it: actions.write_narratives(
                round_=round_, by=staff, texts={"preface": Written("คำนำ", "")}
            ),
        ),
        "save_focal_point": (nothing, lambda it: person()),
        "remove_focal_point": (
            person,
            lambda it: actions.remove_focal_point(by=staff, focal_point=it, seen=seen(it)),
        ),
        "hand_over": (
            nothing,
            lambda it: actions.hand_over(by=staff, agencies=[codi.pk], from_=None, to=staff),
        ),
        "reset_second_factor": (
            nothing,
            lambda it: actions.reset_second_factor(by=admin, user=staff),
        ),
        "conclude_forum": (nothing, lambda it: conclude()),
        "resume_forum": (conclude, lambda it: actions.resume_forum(by=admin, forum=it)),
        "erase_person": (nothing, lambda it: actions.erase_person(by=admin, user=staff)),
        "purge_focal_point": (person, lambda it: actions.purge_focal_point(focal_point=it)),
        "erase_uses": (used, lambda it: actions.erase_uses(links=[it.pk])),
        "begin_forum": (nothing, lambda it: actions.begin_forum(by=admin, year=2570)),
        "save_forum": (
            begun,
            lambda it: actions.save_forum(
                draft=it, by=admin, version=it.version, content=it.content
            ),
        ),
        "remove_forum_draft": (
            begun,
            lambda it: actions.remove_forum_draft(draft=it, by=admin, version=it.version),
        ),
        "publish_forum": (
            begun,
            lambda it: actions.publish_forum(draft=it, by=admin, version=it.version),
        ),
        "reopen_forum": (published, lambda it: actions.reopen_forum(forum=it, by=admin)),
        "correct_forum": (
            nothing,
            lambda it: actions.correct_forum(
                forum=Forum.objects.get(),
                by=admin,
                target="2565-1:title_en",
                old=Resolution.objects.get(number=1).title_en,
                new="Another title",
                reason="สะกดผิด",
            ),
        ),
        "create_round": (nothing, lambda it: planned()),
        "open_round": (planned, lambda it: actions.open_round(round_=it, by=admin)),
        "close_round": (nothing, lambda it: closed()),
        "publish_round": (closed, lambda it: actions.publish_round(round_=it, by=reviewer)),
        "reopen_round": (closed, lambda it: actions.reopen_round(round_=it, by=staff)),
        "rule": (nothing, lambda it: ruled()),
        "withdraw_ruling": (
            ruled,
            lambda it: actions.withdraw_ruling(
                ruling=it, by=reviewer, seen=version_of(it, actions.RULING_FIELDS)
            ),
        ),
        "delete_round": (planned, lambda it: actions.delete_round(round_=it, by=admin)),
        "unopen_round": (nothing, lambda it: actions.unopen_round(round_=round_, by=admin)),
        "extend_due": (
            nothing,
            lambda it: actions.extend_due(
                round_=round_,
                by=staff,
                seen=version_of(round_, actions.DUE_FIELDS),
                due_on=date(2026, 12, 15),
                reason="ขอขยาย",
            ),
        ),
        "take_back": (
            lambda: actions.publish_round(round_=closed(), by=reviewer),
            lambda it: take_back(it, reviewer),
        ),
        "confirm_assignments": (lambda: assignment_of("1.2", "MSDHS"), confirm),
        "withdraw_confirmation": (
            confirmed,
            lambda it: actions.withdraw_confirmation(**as_seen(it)),
        ),
        "change_role": (
            lambda: assignment_of("1.2", "MSDHS"),
            lambda it: actions.change_role(**as_seen(it), new_role="support"),
        ),
        "end_assignment": (
            lambda: assignment_of("1.2", "MSDHS"),
            lambda it: actions.end_assignment(**as_seen(it), last_year=2570),
        ),
        "add_assignment": (
            lambda: assignment_of("1.2", "MSDHS"),
            lambda it: actions.add_assignment(
                by=admin, measure=it.measure, agency=codi, as_role="support", first_year=2570
            ),
        ),
        "begin_group": (nothing, lambda it: make_group(admin, [codi])),
        "add_members": (
            lambda: make_group(admin, [codi]),
            lambda it: actions.add_members(by=admin, group=it, agencies=[msdhs], first_year=2569),
        ),
        "leave_group": (
            lambda: member(make_group(admin, [codi]), codi),
            lambda it: actions.leave_group(
                by=admin, member=it, seen=member_seen(it), last_year=2570
            ),
        ),
        "merge_agencies": (
            nothing,
            lambda it: actions.merge_agencies(
                by=admin,
                duplicate=msdhs,
                into=codi,
                effects=actions.plan_merge(duplicate=msdhs, into=codi).digest,
            ),
        ),
        "replace_agency": (lambda: assignment_of("1.2", "MSDHS"), replace),
        "withdraw_report": (submitted, withdraw),
        "restore_report": (
            lambda: withdraw(submitted()),
            lambda it: actions.restore_report(report=it, by=admin, version=it.version),
        ),
        "send_feedback": (nothing, lambda it: messaged()),
        "take_up_feedback": (messaged, lambda it: actions.take_up_feedback(**as_read(it))),
        "answer_feedback": (
            messaged,
            lambda it: actions.answer_feedback(**as_read(it), answer="ตรวจแล้ว", shows=True),
        ),
        "decline_feedback": (
            messaged,
            lambda it: actions.decline_feedback(**as_read(it), reason="ไม่เกี่ยวข้อง"),
        ),
        "note_correction": (
            corrected,
            lambda it: actions.note_correction(
                **as_read(it), edition=Snapshot.objects.latest("number")
            ),
        ),
        "run_job_again": (failed_job, lambda it: actions.run_job_again(job=it, by=admin)),
        "purge_feedback": (messaged, lambda it: actions.purge_feedback(messages=[it.pk])),
        "encrypt_second_factors_anew": (
            lambda: TOTP.activate(staff, SECRET),
            lambda it: anew(actions.encrypt_second_factors_anew),
        ),
        "expect_reports": (one_more, lambda it: actions.expect_reports(round_=round_)),
        "refresh_open_rounds": (one_more, lambda it: actions.refresh_open_rounds()),
    }


@pytest.mark.usefixtures("on_20_november")
def test_every_verb_leaves_a_history_row_or_an_entry(open_round, people, send_letter, codi, msdhs):
    played = scenarios(open_round, people, send_letter, codi, msdhs)
    assert set(played) == VERBS, "a new verb needs its scenario here"
    silent = []
    for name, (prepare, call) in played.items():
        with transaction.atomic():
            state = open_round.__dict__.copy()
            given = prepare()
            before = rows()
            call(given)
            if rows() == before:
                silent.append(name)
            transaction.set_rollback(True)
        open_round.__dict__.update(state)
        for each in people.values():
            each.refresh_from_db()
    assert silent == []


def test_the_entries_of_people_and_links_hold_keys_alone(open_round, people, codi, msdhs):
    staff, admin = people["staff"], people["administrator"]
    old = actions.save_focal_point(by=staff, agency=codi, fields=fields())
    new = actions.save_focal_point(
        by=staff, agency=codi, fields=fields(name="สมปอง", email="", phone="0 2111 1111")
    )
    actions.save_focal_point(
        by=staff,
        agency=codi,
        focal_point=new,
        seen=seen(new),
        fields=fields(name="สมปอง", email="", phone="0 2222 2222"),
    )
    actions.remove_focal_point(by=admin, focal_point=old, seen=seen(old))
    issued = actions.issue_link(round_=open_round, agency=msdhs, by=staff)
    actions.revoke_link(link=issued, by=admin)
    actions.revoke_link(link=issued, by=staff)  # nothing is done, and nothing recorded
    actions.hand_over(by=staff, agencies=[codi.pk], from_=None, to=people["colleague"])
    actions.reset_second_factor(by=admin, user=staff)
    of = {"agency": codi.pk}
    link = {"agency": msdhs.pk, "round": open_round.pk}
    assert [
        (each.by, each.act, each.model, each.key, each.about)
        for each in RecordEntry.objects.order_by("pk")
    ] == [
        (staff, "added", "followup.focalpoint", str(old.pk), of),
        (staff, "changed", "followup.focalpoint", str(old.pk), of | {"fields": ["is_main"]}),
        (staff, "added", "followup.focalpoint", str(new.pk), of),
        (staff, "changed", "followup.focalpoint", str(new.pk), of | {"fields": ["phone"]}),
        (admin, "removed", "followup.focalpoint", str(old.pk), of),
        (staff, "issued", "followup.agencylink", str(issued.pk), link),
        (admin, "revoked", "followup.agencylink", str(issued.pk), link),
        (
            staff,
            "handed_over",
            "followup.agency",
            str(codi.pk),
            {"from": None, "to": people["colleague"].pk},
        ),
        (admin, "factor_reset", "followup.user", str(staff.pk), {}),
    ]
    told = json.dumps(list(RecordEntry.objects.values_list("about", flat=True)))
    for secret in ("สมปอง", "2222", "somsri", issued.key):
        assert secret not in told


def test_the_history_page_tells_them_as_sentences(open_round, people, codi, msdhs, sign_in):
    staff, admin = people["staff"], people["administrator"]
    person = actions.save_focal_point(by=staff, agency=codi, fields=fields())
    actions.save_focal_point(
        by=staff,
        agency=codi,
        focal_point=person,
        seen=seen(person),
        fields=fields(phone="0 2222 2222"),
    )
    actions.issue_link(round_=open_round, agency=msdhs, by=staff)
    actions.hand_over(by=admin, agencies=[codi.pk], from_=None, to=staff)
    actions.reset_second_factor(by=admin, user=staff)
    found = [(each.who, each.sentence, each.subject) for each in history.entries(limit=5)[0]]
    assert found == [
        (str(admin), "ล้างการยืนยันตัวตนสองขั้นของ", str(staff)),
        (str(admin), "ส่งต่อการดูแลหน่วยงาน", str(codi)),
        (str(staff), "ออกลิงก์ให้หน่วยงานกรอกเอง", str(msdhs)),
        (str(staff), "แก้ไขผู้ประสานงานของหน่วยงาน (โทรศัพท์)", str(codi)),
        (str(staff), "เพิ่มผู้ประสานงานของหน่วยงาน", str(codi)),
    ]
    page = sign_in(staff).page("/staff/history/").raw()
    assert "ล้างการยืนยันตัวตนสองขั้นของ" in page
    assert "2222" not in page
    assert "สมศรี" not in page
    sentences = [each.sentence for each in history.entries(by=admin)[0]]
    assert sentences == ["ล้างการยืนยันตัวตนสองขั้นของ", "ส่งต่อการดูแลหน่วยงาน"]
    assert "ออกลิงก์ให้หน่วยงานกรอกเอง" in [
        each.sentence for each in history.entries(round_=open_round)[0]
    ]


def test_the_admins_log_of_focal_points_is_told_without_their_names(codi, people, sign_in):
    desk = sign_in(people["administrator"])
    form = {
        "agency": codi.pk,
        "name": "สมศรี ใจดี",
        "email": "somsri@codi.example.org",
        "position": "",
        "phone": "",
    }
    assert desk.post("/admin/followup/focalpoint/add/", form).status_code == 302
    person = FocalPoint.objects.get()
    entry = LogEntry.objects.get()
    assert entry.object_id == str(person.pk)
    assert entry.object_repr == f"ผู้ประสานงานของหน่วยงาน {person.pk}"
    assert (
        desk.post(f"/admin/followup/focalpoint/{person.pk}/delete/", {"post": "yes"}).status_code
        == 302
    )
    assert not LogEntry.objects.filter(object_repr__contains="สมศรี").exists()
    assert [each.sentence for each in history.entries(limit=2)[0]] == [
        "ลบผู้ประสานงานของหน่วยงาน",
        "เพิ่มผู้ประสานงานของหน่วยงาน",
    ]


def test_the_use_of_a_link_is_a_row_that_stays(open_round, people, msdhs):
    issued = actions.issue_link(round_=open_round, agency=msdhs, by=people["staff"])
    actions.note_opened(link=issued)
    assert LinkUse.objects.get().act == "opened"
