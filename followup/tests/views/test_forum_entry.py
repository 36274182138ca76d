"""Entering a forum: the list, the facts, the source, what is missing, preview and publication."""

import json
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from docx import Document

from followup import actions, forum_file, forum_marks
from followup.models import ForumDraft
from followup.tests.entered import draft_of, marked
from followup.tests.second_forum_files import SOURCE
from proposals.models import Forum


@pytest.fixture
def admin(people):
    return people["administrator"]


@pytest.fixture
def client(forum, admin, sign_in):
    return sign_in(admin)


@pytest.fixture
def draft(forum, admin):
    return draft_of(admin)


def at(name, *args):
    return reverse(f"staff-forum-{name}", args=args or [2566])


def stored():
    return ForumDraft.objects.get(year_be=2566)


# The list ----------------------------------------------------------------------------------------


def test_a_forum_is_begun_with_its_year(client):
    response = client.post(reverse("staff-forums"), {"year": "๒๕๖๖"})
    assert response.headers["Location"] == at("facts")
    assert "เริ่มร่างเวที 2566 แล้ว" in client.get(at("facts")).content.decode()
    again = client.post(reverse("staff-forums"), {"year": "2566"})
    assert again.status_code == 422
    assert "มีร่างเวทีปี 2566 อยู่แล้ว" in again.content.decode()
    wrong = client.post(reverse("staff-forums"), {"year": "66"})
    assert "มีเพียง 2 หลัก" in wrong.content.decode()
    assert 'value="66"' in wrong.content.decode()


def test_the_list_tells_forums_and_drafts_apart(client, draft):
    page = client.get(reverse("staff-forums")).content.decode()
    assert "ทำเครื่องหมายแล้ว 9 กรอกครบ 9" in page
    assert page.count("ยังไม่แสดงต่อสาธารณะ") == 1
    assert "ข้อเสนอ 8 ข้อ" in page


def test_a_draft_is_removed_after_a_confirmation(client, draft):
    page = client.get(at("remove")).content.decode()
    assert "เครื่องหมาย 9 ข้อในร่างนี้หายไปและกู้คืนไม่ได้" in page
    old = client.post(at("remove"), {"version": "0"})
    assert old.headers["Location"] == at("remove")
    assert ForumDraft.objects.exists()
    done = client.post(at("remove"), {"version": str(draft.version)})
    assert done.headers["Location"] == reverse("staff-forums")
    assert not ForumDraft.objects.exists()


# Facts -------------------------------------------------------------------------------------------


def test_facts_are_stored_right_or_wrong_and_the_page_says_what_is_wrong(client, draft):
    typed = {
        "version": draft.version,
        "name_th": "ชื่อใหม่",
        "participants_total": "มากมาย",
        "partners_th": ["สสส.", ""],
        "do": "draft",
    }
    response = client.post(at("facts"), typed)
    page = response.content.decode()
    assert response.status_code == 422
    assert "จำนวนผู้เข้าร่วม “มากมาย” ไม่ใช่จำนวนเต็ม" in page
    assert "สิ่งอื่นที่พิมพ์และทำเครื่องหมายไว้บันทึกเป็นร่างแล้วทั้งหมด" in page
    facts = stored().content["forum"]
    assert (facts["name_th"], facts["partners_th"]) == ("ชื่อใหม่", ["สสส."])
    assert 'value="มากมาย"' in client.get(at("facts")).content.decode(), "after leaving, too"


def test_a_row_is_added_without_script(client, draft):
    response = client.post(
        at("facts"), {"version": draft.version, "partners_th": ["สสส."], "do": "add:partners_th"}
    )
    assert response.content.decode().count('name="partners_th"') == 3
    assert stored().content["forum"]["partners_th"] == ["สสส."]


def test_two_people_with_the_facts(client, draft, admin):
    other = stored()
    content = other.content
    content["forum"]["theme_th"] = "หัวข้อของเพื่อน"
    actions.save_forum(draft=other, by=admin, version=other.version, content=content)
    mine = {"version": draft.version, "theme_th": "หัวข้อของฉัน", "do": "draft"}
    response = client.post(at("facts"), mine)
    page = response.content.decode()
    assert response.status_code == 409
    assert "บันทึกร่างนี้หลังจากเปิดหน้า" in page
    assert "หัวข้อของเพื่อน" in page
    assert 'value="หัวข้อของฉัน"' in page
    assert stored().content["forum"]["theme_th"] == "หัวข้อของเพื่อน"
    client.post(at("facts"), mine | {"version": stored().version})
    assert stored().content["forum"]["theme_th"] == "หัวข้อของฉัน"


# After the login ended ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "typed", "words"),
    [
        ("facts", {"theme_th": "หัวข้อที่พิมพ์ค้าง"}, 'value="หัวข้อที่พิมพ์ค้าง"'),
        ("source", {"source": "ข้อความที่วางค้าง"}, "ข้อความที่วางค้าง</textarea>"),
        ("marks", {"title_th": "ชื่อที่พิมพ์ค้าง", "start": "180", "end": "190"}, 'value="ชื่อที่พิมพ์ค้าง"'),
    ],
)
def test_what_was_typed_and_marked_comes_back_after_the_login(
    client, visitor, draft, step, typed, words
):
    key = forum_marks.by_code(draft.content, "1.1").key
    sent = {"version": str(draft.version), "m": key, **typed}
    kept = visitor.post(at(step), sent)
    assert kept.status_code == 403
    assert all(str(value) in kept.content.decode() for value in typed.values())
    resumed = client.post(at(step), sent | {"do": "resume"})
    page = resumed.content.decode()
    assert "ยังไม่ได้บันทึก ข้อความที่พิมพ์และที่เลือกไว้อยู่ในแบบฟอร์มนี้ครบแล้ว" in page
    assert words in page
    if step == "marks":
        assert 'name="start" value="180"' in page
        assert "span--sel" in page
    assert stored().version == draft.version, "nothing is stored yet"


def test_a_form_of_an_earlier_login_is_shown_again(admin, draft):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(admin)
    response = strict.post(at("facts"), {"version": draft.version, "theme_th": "หัวข้อที่พิมพ์ค้าง"})
    assert response.status_code == 403
    assert 'value="หัวข้อที่พิมพ์ค้าง"' in response.content.decode()
    assert stored().version == draft.version


# Source ------------------------------------------------------------------------------------------


def test_a_pasted_source_is_kept_to_the_letter(client, admin):
    actions.begin_forum(by=admin, year=2566)
    text = "  ข้อเสนอที่ ๑ ก\u0e4dา\r\nให้รัฐ\u200b ทำ \r\n"
    client.post(at("source"), {"version": "0", "source": text, "do": "draft"})
    assert stored().source_text == "  ข้อเสนอที่ ๑ ก\u0e4dา\nให้รัฐ\u200b ทำ \n"
    page = client.get(at("source")).content.decode()
    assert "เปลี่ยนรหัสขึ้นบรรทัด" not in page, "browsers send CRLF: nothing was changed"


def test_a_document_is_read_and_what_was_changed_is_said(client, admin):
    actions.begin_forum(by=admin, year=2566)
    document, out = Document(), BytesIO()
    for line in SOURCE.split("\n"):
        document.add_paragraph(line)
    document.save(out)
    upload = SimpleUploadedFile("ข้อเสนอ 2566.docx", out.getvalue())
    response = client.post(at("source"), {"version": "0", "file": upload, "do": "draft"})
    assert stored().source_text == SOURCE
    assert stored().content["forum"]["source_file"] == "ข้อเสนอ 2566.txt"
    assert "อ่านเฉพาะตัวอักษรจาก Word" in client.get(response["Location"]).content.decode()
    bad = SimpleUploadedFile("a.pdf", b"%PDF-1.7")
    refused = client.post(at("source"), {"version": "1", "file": bad, "source": "ที่พิมพ์"})
    assert refused.status_code == 422
    assert "ไม่รองรับไฟล์ .pdf" in refused.content.decode()
    assert "ที่พิมพ์</textarea>" in refused.content.decode()


def test_another_source_keeps_marks_and_lists_the_lost_ones(client, draft):
    after = SOURCE.replace("ทุกหกเดือน", "ทุกสามเดือน")
    response = client.post(at("source"), {"version": draft.version, "source": after, "do": "next"})
    page = client.get(response["Location"]).content.decode()
    assert "ไม่พบคำของเครื่องหมาย 3 แห่งในข้อความใหม่: 5, 5.1, 5.2" in page
    assert "ไม่พบในข้อความใหม่ 3 แห่ง" in page
    assert "ให้ คสป. จัดประชุมติดตามผลข้อเสนอทุกหกเดือน" in page
    assert len(list(forum_marks.marks(stored().content))) == 4 + 7


def test_a_source_that_is_too_long_is_refused_and_comes_back(client, draft):
    text = "ก" * (actions.SOURCE_LIMIT + 1)
    response = client.post(at("source"), {"version": draft.version, "source": text})
    assert response.status_code == 422
    assert "ยาว 200,001 อักขระ เกินกำหนด 200,000 อักขระ" in response.content.decode()
    assert text in response.content.decode()


# What is missing, preview, publication -----------------------------------------------------------


def test_what_is_missing_is_counted_and_linked(client, admin):
    content = marked()
    forum_marks.by_code(content, "3.1").row.update(kind="", title_th="ก" * 81)
    forum_marks.by_code(content, "3.2").row["agencies"] = [{"agency": "ใคร", "role": "lead"}]
    content["forum"]["name_th"] = ""
    draft_of(admin, content)
    page = client.get(at("check")).content.decode()
    assert "ข้อมูลการประชุม ยังขาดหรือต้องแก้ 1 จุด" in page
    assert "ทำเครื่องหมายในข้อความ ยังขาดหรือต้องแก้ 3 จุด" in page
    assert f'href="{at("marks")}?m=3.1#kind"' in page
    assert "มาตรการย่อย 3.1: ชื่อย่อยาว 81 อักขระ เกินกำหนด 80 อักขระ" in page
    assert "ยังไม่มีชื่อภาษาอังกฤษ 9 จาก 9 ข้อ ไม่บังคับ" in page
    refused = client.post(at("publish"), {"version": "1", "do": "publish"})
    assert refused.status_code == 422
    assert "ยังเผยแพร่ไม่ได้ ต้องแก้ 4 จุด" in refused.content.decode()
    assert Forum.objects.count() == 1


def test_the_preview_is_the_public_page_itself(client, visitor, draft):
    """The page before the publication and the public one after it, without what frames them."""
    preview = client.get(at("preview", 2566, 3)).content.decode()
    assert "ยังไม่แสดงต่อสาธารณะ" in preview
    assert at("preview", 2566, 2) in preview
    client.post(at("publish"), {"version": draft.version, "do": "publish"})
    public = visitor.get(reverse("resolution", args=[2566, 3])).content.decode()

    def body(page):
        return page[page.index('class="source"') : page.index('class="pn"')]

    assert body(preview) == body(public)
    assert "ยังไม่แสดงต่อสาธารณะ" not in public


def test_publication_is_confirmed_on_its_page(client, draft):
    page = client.get(at("publish")).content.decode()
    assert "เวที 2566 ข้อเสนอ 5 ข้อ มาตรการย่อย 9 ข้อ แสดงต่อสาธารณะทันที" in page
    assert Forum.objects.count() == 1
    old = client.post(at("publish"), {"version": "0", "do": "publish"})
    assert old.status_code == 409
    assert Forum.objects.count() == 1
    response = client.post(at("publish"), {"version": draft.version, "do": "publish"})
    assert "เผยแพร่เวที 2566 แล้ว" in client.get(response["Location"]).content.decode()
    assert Forum.objects.get(year_be=2566).resolutions.count() == 5
    assert client.get(at("facts")).status_code == 404


def test_the_file_of_the_draft_and_of_the_forum_load_as_equal_rows(client, draft, tmp_path):
    of_draft = json.loads(client.get(at("file")).content)
    client.post(at("publish"), {"version": draft.version, "do": "publish"})
    response = client.get(at("file"))
    assert response["Content-Disposition"] == 'attachment; filename="forum-2566.json"'
    of_forum = json.loads(response.content)
    (tmp_path / "a.json").write_text(json.dumps(of_draft), "utf-8")
    (tmp_path / "b.json").write_text(json.dumps(of_forum), "utf-8")
    content, source = forum_file.read(tmp_path / "a.json")
    assert source == SOURCE
    assert content["resolutions"] == forum_file.read(tmp_path / "b.json")[0]["resolutions"]


def test_a_published_forum_is_opened_again(client, draft, admin):
    client.post(at("publish"), {"version": draft.version, "do": "publish"})
    assert "หน้าสาธารณะไม่เปลี่ยนจนกว่าจะเผยแพร่ร่าง" in client.get(at("edit")).content.decode()
    response = client.post(at("edit"))
    assert response["Location"] == at("facts")
    facts = stored().content["forum"]
    version = stored().version
    client.post(
        at("facts"),
        {"version": version, "name_th": facts["name_th"], "short_name_th": "ชื่อสั้นใหม่"},
    )
    assert Forum.objects.get(year_be=2566).short_name_th != "ชื่อสั้นใหม่"
    assert "หน้าสาธารณะของเวทีนี้เปลี่ยนเป็นข้อความในร่างทันที" in client.get(at("publish")).content.decode()
    client.post(at("publish"), {"version": stored().version, "do": "publish"})
    assert Forum.objects.get(year_be=2566).short_name_th == "ชื่อสั้นใหม่"


def test_a_settled_forum_says_why_it_is_not_opened(client, open_round):
    page = client.get(at("edit", 2565)).content.decode()
    assert "มีรอบที่ต้องรายงานผลของเวที 2565 แล้ว ข้อความจึงแก้ในร่างไม่ได้" in page
    response = client.post(at("edit", 2565))
    assert "มีรอบที่ต้องรายงานผลของเวที 2565 แล้ว" in client.get(response["Location"]).content.decode()
    assert not ForumDraft.objects.exists()


def test_a_correction_is_told_in_public_with_its_reason(client, visitor, open_round):
    page = client.get(at("correct", 2565)).content.decode()
    assert "2565-3.1 ชื่อย่อ: จัดสรรงบประมาณผ่านกองทุน" in page
    typed = {
        "target": "source_text",
        "old": "ภาครัฐยังคงเป็นหลัก",
        "new": "ภาครัฐเป็นหลัก",
        "reason": "",
    }
    refused = client.post(at("correct", 2565), typed)
    assert refused.status_code == 422
    assert "ระบุเหตุผล ซึ่งจะแสดงต่อสาธารณะ" in refused.content.decode()
    assert "ภาครัฐยังคงเป็นหลัก</textarea>" in refused.content.decode()
    assert "ยังไม่มีการแก้ไขหลังเผยแพร่" in visitor.get(reverse("corrections")).content.decode()
    client.post(at("correct", 2565), typed | {"reason": "ต้นฉบับพิมพ์ผิด"})
    told = visitor.get(reverse("corrections")).content.decode()
    for words in ("2565-1.1", "ข้อความต้นฉบับ", *typed.values(), "ต้นฉบับพิมพ์ผิด"):
        assert words == "source_text" or words in told
    assert "คุณadministrator" not in told
    public = visitor.get(reverse("resolution", args=[2565, 1])).content.decode()
    assert "ภาครัฐเป็นหลัก" in public
    kept = visitor.post(at("correct", 2565), typed)
    assert (kept.status_code, "ภาครัฐเป็นหลัก" in kept.content.decode()) == (403, True)
