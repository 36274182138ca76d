"""Marking in the source text, without script: every button of the page."""

import pytest
from django.urls import reverse

from followup import actions, forum_marks
from followup.models import ForumDraft, Round
from followup.tests.entered import draft_of, marked
from followup.tests.factories import make_report
from followup.tests.second_forum_files import SOURCE

MARKS = reverse("staff-forum-marks", args=[2566])


@pytest.fixture
def client(forum, people, sign_in):
    return sign_in(people["administrator"])


@pytest.fixture
def draft(forum, people):
    return draft_of(people["administrator"])


@pytest.fixture
def empty(forum, people):
    return draft_of(people["administrator"], forum_marks.empty(2566))


def stored():
    return ForumDraft.objects.get(year_be=2566)


def send(client, do, **typed):
    return client.post(MARKS, {"version": stored().version, "do": do, **typed})


def codes():
    return {mark.code: mark.words for mark in forum_marks.marks(stored().content)}


def key(code):
    return forum_marks.by_code(stored().content, code).key


def stretch(words, cut=0):
    start = SOURCE.index(words)
    return {"start": start, "end": start + len(words) - cut}


def test_nothing_is_marked_before_it_is_accepted(client, empty):
    page = client.get(MARKS).content.decode()
    assert "ระบบเสนอเป็นข้อเสนอที่ 3 มี 3 มาตรการย่อย" in page
    assert "ทำเครื่องหมายแล้ว 0 จาก 9 มาตรการย่อยที่ระบบพบ" in page
    assert codes() == {}
    hint = forum_marks.hints(stored().content, SOURCE)[2]
    assert "ตั้งแต่" not in page
    response = send(client, f"take:{hint.name}")
    assert list(codes()) == ["1", "1.1", "1.2", "1.3"]
    assert "ข้อเสนอที่กำลังแก้" in client.get(response["Location"]).content.decode()
    another = forum_marks.hints(stored().content, SOURCE)[0]
    send(client, f"drop:{another.name}")
    assert another.name not in {h.name for h in forum_marks.hints(stored().content, SOURCE)}


def test_a_selection_is_marked_and_its_form_is_chosen(client, empty):
    response = send(client, "mark:resolution", **stretch(SOURCE.split("\n")[10]))
    assert codes() == {"1": SOURCE.split("\n")[10]}
    words = "ให้กรมบัญชีกลางปรับปรุงระเบียบการเบิกจ่ายให้ยืดหยุ่น"
    response = send(client, "mark:measure", **stretch(words))
    assert codes()["1.1"] == words
    page = client.get(response["Location"]).content.decode()
    assert '<span class="mkform__c">1.1</span>' in page
    assert response["Location"].endswith("#src")


def test_the_fields_of_the_form_are_stored_whatever_the_button_says(client, draft):
    typed = {
        "m": key("3.1"),
        "title_th": "ชื่อใหม่",
        "kind": "recurring",
        "agency": ["BOB"],
        "role": ["lead"],
    }
    send(client, f"remove:{key('5.2')}", **typed)
    row = forum_marks.by_code(stored().content, "3.1").row
    assert (row["title_th"], row["kind"]) == ("ชื่อใหม่", "recurring")
    assert row["agencies"] == [{"agency": "BOB", "role": "lead"}]
    assert "5.2" not in codes()


def test_a_refused_mark_keeps_the_fields_and_the_other_marks(client, draft):
    before = codes()
    words = "ให้กรมบัญชีกลางปรับปรุงระเบียบการเบิกจ่ายให้ยืดหยุ่น และให้ทุกหน่วยงาน"
    response = send(
        client, "mark:measure", m=key("3.1"), title_th="ชื่อใหม่", kind="output", **stretch(words)
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert "3.2 กับ 3.3 ทับซ้อนกัน" in page
    assert "บรรทัด 11" in page
    assert "สิ่งอื่นที่พิมพ์และทำเครื่องหมายไว้บันทึกเป็นร่างแล้วทั้งหมด" in page
    assert codes() == before
    assert forum_marks.by_code(stored().content, "3.1").row["title_th"] == "ชื่อใหม่"


def test_a_cut_within_a_word_warns_and_the_person_decides(client, draft):
    send(client, f"remove:{key('5.2')}")
    cut = stretch("เผยแพร่ผลต่อสาธารณะ", cut=2)
    response = send(client, "mark:measure", **cut)
    page = response.content.decode()
    assert response.status_code == 422
    assert "ตัดกลางคำ" in page
    assert "span--bad" in page
    assert "5.2" not in codes()
    start, end = cut["start"], cut["end"]
    assert f'value="place:measure:{start}-{end + 2}:"' in page
    send(client, f"place:measure:{start}-{end}:")
    assert codes()["5.2"] == "เผยแพร่ผลต่อสาธาร", "the person decided so"
    send(client, f"place:measure:{start}-{end + 2}:{key('5.2')}")
    assert codes()["5.2"] == "เผยแพร่ผลต่อสาธารณะ"


def test_the_words_that_the_browser_knows_decide_where_it_has_a_dictionary(client, draft):
    send(client, f"remove:{key('4.1')}")
    cut = stretch("ให้กระทรวงศึกษาธิการบรรจุ")
    whole = {"word_start": cut["start"], "word_end": cut["end"]}
    assert send(client, "mark:measure", **cut, **whole).status_code == 302
    send(client, f"remove:{key('4.1')}")
    part = {"start": cut["start"], "end": cut["end"] - 2}
    response = send(client, "mark:measure", **part, **whole)
    assert "ตัดกลางคำ" in response.content.decode()


def test_a_cut_within_a_character_is_refused_with_one_way_out(client, draft):
    send(client, f"remove:{key('5.2')}")
    start = SOURCE.index("เผยแพร่ผลต่อสาธารณะ")
    response = send(
        client, "mark:measure", start=start, end=start + 6, word_start=start, word_end=start + 6
    )
    page = response.content.decode()
    assert "ตัดกลางตัวอักษร “ร่”" in page
    assert f'value="place:measure:{start}-{start + 7}:"' in page
    assert page.count('value="place:') == 1
    # Even somebody who forces it gets no half character.
    assert send(client, f"place:measure:{start}-{start + 6}:").status_code == 422


def test_pasted_words(client, draft):
    send(client, f"remove:{key('5.2')}")
    response = send(client, "find", paste="เผยแพร่ผลต่อ ประชาชน", **{"as": "measure"})
    page = response.content.decode()
    assert response.status_code == 422
    assert "บรรทัด 17 ตรงกันถึง “…เผยแพร่ผลต่อ” ต้นฉบับต่อด้วย “สาธารณะ”" in page
    assert "เผยแพร่ผลต่อ ประชาชน</textarea>" in page
    send(client, "find", paste="เผยแพร่ผล\nต่อสาธารณะ", **{"as": "measure"})
    assert codes()["5.2"] == "เผยแพร่ผลต่อสาธารณะ"
    assert "วางข้อความจากต้นฉบับก่อน" in send(client, "find", paste=" ").content.decode()


def test_words_that_stand_twice_are_asked_about(client, draft):
    words = "ศูนย์ประสานงานภาคประชาสังคมระดับตำบล"
    response = send(client, "find", paste=words, **{"as": "measure"})
    page = response.content.decode()
    assert response.status_code == 200
    assert "พบ 2 แห่ง เลือกแห่งที่ต้องการ" in page
    assert "บรรทัด 4" in page
    assert "อยู่ใน 1.1 แล้ว" in page
    second = SOURCE.index(words, SOURCE.index(words) + 1)
    span = f"{second}-{second + len(words)}"
    refused = send(client, "find", paste=words, at=span, **{"as": "measure"})
    assert "1.1 กับ 1.2 ทับซ้อนกัน" in refused.content.decode()
    moved = send(client, "find", paste=words, at=span, **{"as": f"move:{key('1.1')}"})
    assert moved.status_code == 302
    assert codes()["1.1"] == words


def test_agencies_are_added_and_taken_out_without_script(client, draft):
    typed = {"m": key("3.1"), "title_th": "ก", "kind": "output"}
    response = send(client, "add:agency", agency=["BOB"], role=["lead"], **typed)
    assert response.content.decode().count('name="agency"') == 2
    send(client, "draft", agency=["BOB", "MOF"], role=["lead", "support"], **typed)
    send(client, "less:0", agency=["BOB", "MOF"], role=["lead", "support"], **typed)
    assert forum_marks.by_code(stored().content, "3.1").row["agencies"] == [
        {"agency": "MOF", "role": "support"}
    ]
    wrong = send(client, "draft", agency=["กรมที่ไม่มี"], role=["lead"], **typed)
    assert wrong.status_code == 422
    assert "ไม่รู้จักหน่วยงาน “กรมที่ไม่มี”" in wrong.content.decode()
    assert 'value="กรมที่ไม่มี"' in client.get(f"{MARKS}?m=3.1").content.decode()


def test_the_earlier_measure_shows_its_status_then(client, draft, open_round, people):
    make_report(
        open_round, "1.4", by=people["staff"], reviewer=people["reviewer"], status="on_hold"
    )
    actions.close_round(round_=open_round, by=people["staff"])
    actions.publish_round(round_=Round.objects.get(), by=people["reviewer"])
    typed = {"m": key("3.1"), "title_th": "ก", "kind": "output"}
    send(client, "draft", relation="continues", earlier="2565-1.4", **typed)
    page = client.get(f"{MARKS}?m=3.1").content.decode()
    assert "ขณะนั้น (รอบ 2569):" in page
    assert "ชะลอ" in page[page.index("ขณะนั้น") :][:400]
    half = send(client, "draft", relation="continues", earlier="", **typed)
    assert "ระบุทั้งข้อเดิมและความเกี่ยวข้องกับข้อเดิม" in half.content.decode()


def test_two_people_with_one_draft(client, draft, people):
    old = draft.version
    content = marked()
    forum_marks.by_code(content, "3.1").row["title_th"] = "ชื่อของเพื่อน"
    forum_marks.remove(content, forum_marks.by_code(content, "5").key)
    actions.save_forum(draft=draft, by=people["administrator"], version=old, content=content)
    chosen = key("3.1")
    response = client.post(
        MARKS, {"version": old, "m": chosen, "title_th": "ชื่อของฉัน", "kind": "output", "do": "draft"}
    )
    page = response.content.decode()
    assert response.status_code == 409
    assert "ชื่อของเพื่อน" in page
    assert 'value="ชื่อของฉัน"' in page
    assert f'name="version" value="{stored().version}"' in page
    assert forum_marks.by_code(stored().content, "3.1").row["title_th"] == "ชื่อของเพื่อน"
    assert "5" not in codes(), "the colleague's removal stands"


STRANGE = (
    "",
    "mark",
    "mark:",
    "place",
    "place:measure",
    "take:",
    "less:x",
    "remove:",
    "find",
    "x:1",
)


@pytest.mark.parametrize("do", [*STRANGE, "following:k99"])
def test_a_button_that_nobody_sends_breaks_nothing(client, draft, do):
    before = codes()
    assert send(client, do, start="x", end="-1").status_code in {302, 422}
    assert codes() == before


def test_without_a_source_the_page_leads_back(client, people):
    actions.begin_forum(by=people["administrator"], year=2566)
    page = client.get(MARKS).content.decode()
    assert "ยังไม่มีข้อความต้นฉบับ" in page
    assert reverse("staff-forum-source", args=[2566]) in page


def test_a_source_is_text_and_never_markup(client, people):
    """Words of the source, in the text, in a title and in what the portal proposes, are escaped."""
    source = "ข้อเสนอที่ ๑ <b id=x>หัวข้อ</b>\nให้รัฐ<script>alert(1)</script>เปิดเผยข้อมูลทั้งหมดต่อสาธารณะ"
    draft_of(people["administrator"], forum_marks.empty(2566), source)
    page = client.get(MARKS).content.decode()
    assert "<script>alert" not in page
    assert "<b id=x>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    hint = forum_marks.hints(stored().content, source)[0]
    response = send(client, f"take:{hint.name}")
    page = client.get(response["Location"]).content.decode()
    assert "<script>alert" not in page
    assert "<b id=x>" not in page
    assert stored().content["resolutions"][0]["title_th"] == "<b id=x>หัวข้อ</b>"
