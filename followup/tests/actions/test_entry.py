"""The verbs on a forum that is being entered."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from followup import actions, forum_file, forum_marks, history
from followup.models import Assignment, ForumDraft, RecordEntry, SourceCorrection, StatusReport
from followup.tests.entered import draft_of, faults_of, marked
from followup.tests.factories import find_report, make_report
from followup.tests.second_forum_files import ASSIGNMENTS, FILE, SOURCE
from proposals.models import Forum, Measure, Resolution


@pytest.fixture
def admin(people):
    return people["administrator"]


@pytest.fixture
def draft(forum, admin):
    return draft_of(admin)


@pytest.mark.parametrize("verb", ["begin", "save", "remove", "publish", "reopen"])
def test_only_administrators_enter_forums(draft, people, verb):
    reviewer, forum = people["reviewer"], Forum.objects.get()
    of_draft = {"draft": draft, "by": reviewer, "version": draft.version}
    calls = {
        "begin": lambda: actions.begin_forum(by=reviewer, year=2567),
        "save": lambda: actions.save_forum(content={}, **of_draft),
        "remove": lambda: actions.remove_forum_draft(**of_draft),
        "publish": lambda: actions.publish_forum(**of_draft),
        "reopen": lambda: actions.reopen_forum(forum=forum, by=reviewer),
    }
    with pytest.raises(PermissionDenied):
        calls[verb]()


@pytest.mark.parametrize(
    ("year", "sentence"),
    [
        (2565, "มีเวทีปี 2565 อยู่แล้ว"),
        (2566, "มีร่างเวทีปี 2566 อยู่แล้ว เปิดร่างจากรายการด้านล่าง"),
        (2022, "ปีต้องเป็น พ.ศ. ระหว่าง 2560 ถึง 2599"),
    ],
)
def test_a_year_is_begun_once(draft, admin, year, sentence):
    with pytest.raises(actions.Refused) as refused:
        actions.begin_forum(by=admin, year=year)
    assert refused.value.messages == {"year": sentence}


def test_of_two_who_begin_at_once_one_is_told(forum, admin, monkeypatch):
    def too_late(**values):
        raise IntegrityError

    monkeypatch.setattr(ForumDraft.objects, "create", too_late)
    with pytest.raises(actions.Refused, match="มีร่างเวทีปี 2566 อยู่แล้ว"):
        actions.begin_forum(by=admin, year=2566)


def test_of_two_who_save_one_draft_the_second_gets_a_conflict(draft, admin):
    seen = draft.version
    mine = marked()
    mine["forum"]["theme_th"] = "หัวข้อของฉัน"
    actions.save_forum(draft=draft, by=admin, version=seen, content=mine)
    with pytest.raises(actions.Conflict) as conflict:
        actions.save_forum(draft=draft, by=admin, version=seen, content=marked())
    assert conflict.value.current.content["forum"]["theme_th"] == "หัวข้อของฉัน"
    for verb in (actions.publish_forum, actions.remove_forum_draft):
        with pytest.raises(actions.Conflict):
            verb(draft=draft, by=admin, version=seen)
    assert not Forum.objects.filter(year_be=2566).exists()


def test_a_source_that_is_too_long_is_refused(draft, admin):
    with pytest.raises(actions.Refused, match="ยาว 200,001 อักขระ เกินกำหนด 200,000 อักขระ"):
        actions.save_forum(
            draft=draft, by=admin, version=draft.version, content=marked(), source="ก" * 200_001
        )


def test_a_draft_with_a_fault_stays_a_draft(forum, admin):
    draft = draft_of(admin, marked(complete=False))
    assert "มาตรการย่อย 1.1: ยังไม่ได้เลือกลักษณะ" in faults_of(draft)
    with pytest.raises(actions.Refused, match=r"^ยังเผยแพร่ไม่ได้ ต้องแก้ \d+ จุด"):
        actions.publish_forum(draft=draft, by=admin, version=draft.version)
    assert Forum.objects.count() == 1
    assert ForumDraft.objects.get().published_at is None


def rows_of(year):
    forum = Forum.objects.get(year_be=year)
    return forum_file.export(forum)


def test_the_page_and_the_file_make_equal_rows(forum, admin):
    """What is published from a draft is what `load_forum` makes of the same file."""
    file, source = forum_file.read(FILE, assignments=ASSIGNMENTS)
    content = forum_marks.from_file(file, source)
    draft = draft_of(admin, content)
    published = actions.publish_forum(draft=draft, by=admin, version=draft.version)
    of_page = rows_of(2566)
    assert Measure.objects.filter(resolution__forum=published).count() == 9
    entry = RecordEntry.objects.filter(model="proposals.forum").latest("pk")
    assert (entry.by, entry.act, entry.key) == (admin, "added", str(published.pk))
    found, _more = history.entries()
    assert [each.subject for each in found if each.sentence == "เพิ่มการประชุม CSOs Forum"] == [
        "เวที 2566"
    ]
    Assignment.objects.filter(measure__resolution__forum=published).delete()
    Measure.objects.filter(resolution__forum=published).delete()
    Resolution.objects.filter(forum=published).delete()
    published.delete()
    forum_file.load(FILE, assignments=ASSIGNMENTS)
    assert rows_of(2566) == of_page


def test_an_open_round_expects_the_reports_of_a_published_forum(open_round, admin):
    file, source = forum_file.read(FILE, assignments=ASSIGNMENTS)
    draft = draft_of(admin, forum_marks.from_file(file, source))
    actions.publish_forum(draft=draft, by=admin, version=draft.version)
    assert find_report(open_round, "2566-3.1").version == 0
    with pytest.raises(actions.Refused, match="เผยแพร่แล้ว"):
        actions.publish_forum(draft=draft, by=admin, version=draft.version + 1)


def test_a_forum_that_was_loaded_meanwhile_is_not_overwritten(draft, admin):
    forum_file.load(FILE)
    with pytest.raises(actions.Refused, match="ยังเผยแพร่ไม่ได้ ต้องแก้ 1 จุด"):
        actions.publish_forum(draft=draft, by=admin, version=draft.version)


def test_a_draft_is_removed_and_the_record_tells_it(draft, admin):
    actions.remove_forum_draft(draft=draft, by=admin, version=draft.version)
    assert not ForumDraft.objects.exists()
    entry = RecordEntry.objects.latest("pk")
    assert (entry.act, entry.model, entry.about) == (
        "removed",
        "followup.forumdraft",
        {"forum_year": 2566},
    )
    with pytest.raises(actions.Refused, match="มีผู้ลบไปแล้ว"):
        actions.save_forum(draft=draft, by=admin, version=draft.version, content={})


# After the publication ---------------------------------------------------------------------------


@pytest.fixture
def published(forum, admin):
    file, source = forum_file.read(FILE, assignments=ASSIGNMENTS)
    draft = draft_of(admin, forum_marks.from_file(file, source))
    return actions.publish_forum(draft=draft, by=admin, version=draft.version)


def test_a_published_forum_is_changed_by_its_draft_and_its_rows_keep_their_keys(published, admin):
    before = {
        each.full_code: each.pk for each in Measure.objects.filter(resolution__forum=published)
    }
    draft = actions.reopen_forum(forum=published, by=admin)
    content = draft.content
    assert actions.reopen_forum(forum=published, by=admin).version == draft.version
    # The first proposal goes. 3.1 gets another title, 3.3 an agency, and 3.2 loses its own.
    forum_marks.remove(content, forum_marks.by_code(content, "1").key)
    forum_marks.by_code(content, "2.1").row["title_th"] = "เปิดเผยงบประมาณ"
    forum_marks.by_code(content, "2.3").row["agencies"] = [{"agency": "CSPC", "role": "lead"}]
    forum_marks.by_code(content, "2.2").row["agencies"] = []
    content["forum"]["theme_th"] = "หัวข้อใหม่"
    draft = actions.save_forum(draft=draft, by=admin, version=draft.version, content=content)
    again = actions.publish_forum(draft=draft, by=admin, version=draft.version)
    assert again.pk == published.pk
    assert Forum.objects.get(pk=again.pk).theme_th == "หัวข้อใหม่"
    after = {each.full_code: each for each in Measure.objects.filter(resolution__forum=published)}
    assert after["2566-2.1"].pk == before["2566-3.1"]
    assert after["2566-2.1"].title_th == "เปิดเผยงบประมาณ"
    assert len(after) == 7
    assert Forum.objects.get(year_be=2565).resolutions.count() == 8
    assigned = Assignment.objects.filter(measure__resolution__forum=published)
    assert sorted(
        (each.measure.code, each.agency.code) for each in assigned.select_related("agency")
    ) == [("1.1", "MSDHS"), ("2.1", "BOB"), ("2.3", "CSPC"), ("4.1", "CSPC"), ("4.2", "CSPC")]


def test_texts_are_settled_once_a_round_expects_reports(open_round, published, admin):
    assert StatusReport.objects.filter(assignment__measure__resolution__forum=published).exists()
    with pytest.raises(actions.Refused, match="มีรอบที่ต้องรายงานผลของเวที 2566 แล้ว"):
        actions.reopen_forum(forum=published, by=admin)


def test_an_edition_settles_them_too(forum, three_reports, admin):
    """The real forum is in a published edition; its reports are removed to see the edition alone."""
    real = Forum.objects.get(year_be=2565)
    assert actions.settled_message(real)
    StatusReport.objects.all().delete()
    assert actions.settled_message(real)
    assert SOURCE not in real.source_text


def test_changes_that_waited_too_long_are_refused(published, admin, people):
    draft = actions.reopen_forum(forum=published, by=admin)
    round_ = actions.create_round(by=admin, year=2569)
    actions.open_round(round_=round_, by=admin)
    make_report(round_, "2566-3.1", "BOB", by=people["staff"], state="draft")
    with pytest.raises(actions.Refused, match="มีรอบที่ต้องรายงานผลของเวที 2566 แล้ว"):
        actions.publish_forum(draft=draft, by=admin, version=draft.version)
    assert ForumDraft.objects.get().published_at is None


# Corrections -------------------------------------------------------------------------------------


@pytest.fixture
def settled(open_round):
    """The real forum, of which the open round expects reports."""
    return Forum.objects.get(year_be=2565)


def correct(forum, admin, **changes):
    words = {
        "target": "source_text",
        "old": "ภาครัฐยังคงเป็นหลัก",
        "new": "ภาครัฐเป็นหลัก",
        "reason": "พิมพ์ผิด",
    }
    return actions.correct_forum(forum=forum, by=admin, **(words | changes))


def test_words_of_the_source_are_corrected_in_all_that_is_part_of_it(settled, admin):
    before = {each.full_code: each.span for each in Measure.objects.all()}
    made = correct(settled, admin)
    assert (made.about, made.name, made.made_by) == ("2565-1.1", "source_text", admin)
    settled.refresh_from_db()
    first = settled.resolutions.get(number=1)
    assert first.text.startswith("ภาครัฐเป็นหลัก")
    assert settled.source_text.count(first.text) == 1
    after = {each.full_code: each.span for each in Measure.objects.all()}
    assert after["2565-1.1"] == before["2565-1.1"].replace("ยังคง", "")
    assert {code for code in after if after[code] != before[code]} == {"2565-1.1"}
    assert (
        forum_file.check(
            forum_file.export(settled), settled.source_text, forum_file.Known.load(), again=True
        )
        == []
    )


def test_a_title_is_corrected_against_what_the_person_has_seen(settled, admin):
    measure = Measure.objects.get(resolution__number=3, number=1)
    old = measure.title_th
    made = correct(settled, admin, target="2565-3.1:title_th", old=old, new="ชื่อที่ถูก")
    assert (made.about, made.before, made.after) == ("2565-3.1", old, "ชื่อที่ถูก")
    measure.refresh_from_db()
    assert measure.title_th == "ชื่อที่ถูก"
    with pytest.raises(actions.Refused, match="ขณะนี้คือ “ชื่อที่ถูก”"):
        correct(settled, admin, target="2565-3.1:title_th", old=old, new="อีกชื่อ")


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"reason": " "}, "reason", "ระบุเหตุผล ซึ่งจะแสดงต่อสาธารณะ"),
        ({"new": " "}, "new", "ระบุข้อความที่ถูกต้อง"),
        ({"new": "ภาครัฐยังคงเป็นหลัก"}, "new", "ข้อความใหม่เหมือนเดิม ไม่มีอะไรต้องแก้"),
        ({"target": "2566-1:title_th"}, "target", "เลือกสิ่งที่จะแก้จากรายการ"),
        ({"old": "อวกาศยาน"}, "old", "ไม่มีคำ “อวกาศยาน” ในต้นฉบับ คัดลอกจากต้นฉบับแล้ววางอีกครั้ง"),
        ({"old": "ภาคประชาสังคม"}, "old", "แห่งในต้นฉบับ พิมพ์ให้ยาวขึ้นจนเหลือแห่งเดียว"),
        ({"old": "๑. ภาครัฐยังคง"}, "old", "คำนี้คร่อมขอบของ 2565-1"),
        (
            {"target": "2565-3.1:title_th", "old": None, "new": "ก" * 201},
            "new",
            "ยาว 201 อักขระ เกินกำหนด 200 อักขระ",
        ),
    ],
)
def test_a_correction_that_cannot_be_changes_nothing(settled, admin, changes, field, sentence):
    if changes.get("old", "") is None:
        changes = changes | {"old": Measure.objects.get(resolution__number=3, number=1).title_th}
    before = forum_file.export(settled)
    with pytest.raises(actions.Refused) as refused:
        correct(settled, admin, **changes)
    assert sentence in refused.value.messages[field]
    assert forum_file.export(Forum.objects.get(pk=settled.pk)) == before
    assert not SourceCorrection.objects.exists()


def test_words_across_the_edge_of_a_measure_are_refused(settled, admin):
    first = settled.resolutions.get(number=1)
    edge = first.measures.get(number=1).end
    old = first.text[edge - 6 : edge + 6]
    with pytest.raises(actions.Refused, match=r"คำนี้คร่อมขอบของ 2565-1\.1"):
        correct(settled, admin, old=old, new="x")


def test_before_the_first_reports_the_draft_is_the_way(forum, admin):
    with pytest.raises(actions.Refused, match="แก้ข้อความในร่างได้โดยไม่ต้องแจ้งการแก้ไข"):
        correct(forum, admin)


def test_only_administrators_correct(settled, people):
    with pytest.raises(PermissionDenied):
        correct(settled, people["reviewer"])
