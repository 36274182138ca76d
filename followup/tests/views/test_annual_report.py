"""The annual report's pages: its addresses, drafts for staff, the texts, and the meeting pack."""

import pytest
from django.urls import reverse

from followup import actions
from followup.annual_report import drafts, store
from followup.duty import duty
from followup.models import Narrative, Printed, RenderedReport, Round
from followup.tests.annual_report.reading import letters, pages
from followup.tests.client import read

pytestmark = pytest.mark.usefixtures("demo")


# Addresses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["report", "report-pdf", "report-docx"])
def test_a_year_without_a_published_round_names_those_that_have_one(visitor, name):
    response = visitor.get(reverse(name, args=[2569]))
    assert response.status_code == 404
    assert "ปีงบประมาณ 2569 ไม่มีรอบที่เผยแพร่ ปีที่เผยแพร่แล้ว: 2566, 2567, 2568" in response.content.decode()


def test_an_unknown_edition_names_those_there_are(visitor):
    response = visitor.get(reverse("report", args=[2567]), {"edition": "9"})
    assert response.status_code == 404
    assert "รายงานปีงบประมาณ 2567 มีฉบับที่ 1" in response.content.decode()


def test_where_the_engine_fails_the_page_stays_and_the_log_says_why(visitor, monkeypatch, caplog):
    def broken(*_args, **_kwargs):
        raise RuntimeError("no such font")

    monkeypatch.setattr("typst.compile", broken)
    response = visitor.get(reverse("report-pdf", args=[2567]))
    page = response.content.decode()
    assert response.status_code == 503
    assert "สร้างไฟล์ไม่สำเร็จ บันทึกเหตุการณ์แล้ว ลองใหม่ภายหลัง เนื้อหาทั้งหมดอ่านได้จากสารบัญในหน้านี้" in page
    assert reverse("report-part", args=[2567, 7]) in page
    assert "no such font" in caplog.text
    assert not RenderedReport.objects.filter(kind=Printed.PDF).exists()


# Drafts and the meeting pack ------------------------------------------------------------------


def test_a_draft_says_so_on_every_page_and_the_public_does_not_get_it(visitor, people, sign_in):
    address = reverse("staff-round-report-pdf", args=[2569])
    assert visitor.get(address).status_code == 302
    file = sign_in(people["staff"]).get(address).content
    assert all("ฉบับร่าง" in letters(page) for page in pages(file))
    assert not RenderedReport.objects.filter(snapshot__round__year_be=2569).exists()


def test_an_unknown_kind_of_pack_is_not_there(people, sign_in):
    response = sign_in(people["staff"]).get(reverse("staff-round-pack", args=[2569]), {"by": "x"})
    assert response.status_code == 404
    assert "ชุดเอกสารประชุมจัดตามข้อเสนอหรือตามหน่วยงาน" in response.content.decode()


# Texts ----------------------------------------------------------------------------------------


def test_staff_accept_a_drafted_text_on_the_page(people, sign_in):
    address = reverse("staff-round-report", args=[2569])
    client = sign_in(people["staff"])
    response = client.post(address, {"use-summary": "1"}, follow=True)
    assert "บันทึกข้อความ 1 ส่วนแล้ว" in response.content.decode()
    kept = Narrative.objects.get(round__year_be=2569)
    assert (kept.slot, kept.accepted_by) == ("summary", people["staff"])
    progress = store.counted_now(kept.round)
    assert kept.text == drafts.summary(progress)
    assert kept.history.count() == 1


def test_a_drafted_text_can_be_taken_as_a_beginning(people, sign_in):
    """It comes below what was typed; nothing is stored, and all that was typed elsewhere is there."""
    address = reverse("staff-round-report", args=[2569])
    typed = {"preface": "พิมพ์ไว้ก่อน", "summary": "บทสรุปของฉัน", "start-preface": "1"}
    response = sign_in(people["staff"]).post(address, typed)
    page = read(response)
    draft = drafts.preface(store.counted_now(Round.objects.get(year_be=2569)), duty=duty())
    assert response.status_code == 200
    assert page.one("#id-preface").text.startswith("พิมพ์ไว้ก่อน")
    assert draft.splitlines()[-1] in page.one("#id-preface").text
    assert page.one("#id-summary").text == "บทสรุปของฉัน"
    assert "ใส่ข้อความร่างใน “คำนำ” แล้ว ยังไม่ได้บันทึก" in page.text
    assert not Narrative.objects.exists()


def test_typed_and_accepted_at_once_is_asked_about(people, sign_in):
    address = reverse("staff-round-report", args=[2569])
    response = sign_in(people["staff"]).post(address, {"preface": "ของฉัน", "use-preface": "1"})
    page = read(response)
    assert response.status_code == 422
    assert page.one("#id-preface").text == "ของฉัน"
    assert "พิมพ์ข้อความไว้และรับรองข้อความร่างด้วย" in page.one("#error-preface").text
    assert not Narrative.objects.exists()


def test_an_error_elsewhere_does_not_hide_what_a_colleague_wrote_meanwhile(people, sign_in):
    """The page with the error is no consent to write over what came after it was first opened."""
    round_ = Round.objects.get(year_be=2569)
    texts = {"preface": actions.Written("ของเพื่อนร่วมงาน", "")}
    actions.write_narratives(round_=round_, by=people["colleague"], texts=texts)
    client, address = sign_in(people["staff"]), reverse("staff-round-report", args=[2569])
    typed = {"preface": "ของฉัน", "seen-preface": "", "summary": "ก" * 1501}
    page = read(client.post(address, typed))
    seen = {"seen-preface": page.one("textarea[name=seen-preface]").text}
    mended = client.post(address, typed | seen | {"summary": "สั้น"})
    assert mended.status_code == 409
    assert Narrative.objects.get().text == "ของเพื่อนร่วมงาน"
    # Now it was shown, and saving again says so.
    seen = {"seen-preface": read(mended).one("textarea[name=seen-preface]").text}
    assert client.post(address, typed | seen | {"summary": "สั้น"}).status_code == 302
    assert Narrative.objects.get(slot="preface").text == "ของฉัน"


def test_the_page_says_how_much_is_written(people, sign_in):
    client, address = sign_in(people["staff"]), reverse("staff-round-report", args=[2569])
    assert "เขียนหรือรับรองแล้ว 0 จาก 13 ส่วน" in read(client.get(address)).text
    client.post(address, {"use-summary": "1"})
    assert "เขียนหรือรับรองแล้ว 1 จาก 13 ส่วน" in read(client.get(address)).text


def test_nobody_writes_over_a_colleague(people, sign_in):
    round_ = Round.objects.get(year_be=2569)
    texts = {"preface": actions.Written("ของเพื่อนร่วมงาน", "")}
    actions.write_narratives(round_=round_, by=people["colleague"], texts=texts)
    typed = {"preface": "ของฉัน", "seen-preface": "", "summary": "บทสรุปของฉัน"}
    response = sign_in(people["staff"]).post(reverse("staff-round-report", args=[2569]), typed)
    page = response.content.decode()
    assert response.status_code == 409
    assert "มีผู้อื่นแก้ไขข้อความนี้ก่อนแล้ว" in page
    for text in ("ของเพื่อนร่วมงาน", "ของฉัน", "บทสรุปของฉัน"):
        assert text in page
    assert list(Narrative.objects.values_list("text", flat=True)) == ["ของเพื่อนร่วมงาน"]


def test_a_summary_of_too_many_lines_is_refused(people, sign_in):
    response = sign_in(people["staff"]).post(
        reverse("staff-round-report", args=[2569]), {"summary": "\n".join("กขคงจฉชซฌญฎฏฐ")}
    )
    assert response.status_code == 422
    assert "ข้อความมี 13 บรรทัด เกินกำหนด 12 บรรทัด" in response.content.decode()
    assert not Narrative.objects.exists()


def test_a_text_over_its_limit_says_by_how_much(people, sign_in):
    response = sign_in(people["staff"]).post(
        reverse("staff-round-report", args=[2569]), {"summary": "ก" * 1501}
    )
    assert response.status_code == 422
    assert (
        "ข้อความยาว 1501 อักขระ เกินกำหนด 1500 อักขระ ตัดให้สั้นลงแล้วบันทึกอีกครั้ง" in response.content.decode()
    )
    assert not Narrative.objects.exists()
