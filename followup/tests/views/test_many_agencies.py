"""Work on the ticked agencies of the list: links, letters, e-mails."""

import zipfile
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import docx
import pikepdf
import pytest
from django.core import mail

from followup import actions, jobs
from followup.models import Agency, AgencyLink, FocalPoint, RecordEntry
from followup.tests.client import PortalClient, read
from followup.tests.desk import said
from followup.tests.factories import make_report
from followup.tests.queued import work_off

LIST = "/staff/agencies/"


def pk(code):
    return str(Agency.objects.get(code=code).pk)


def tick(page, *codes):
    """The form of a page, with these agencies ticked besides the others that it carries."""
    form = page.one("form#many")
    sent = {each["name"]: each["value"] for each in form.select("input[type=hidden]")}
    return form["action"], sent | {"tick": [pk(code) for code in codes]}


def test_links_are_issued_to_the_ticked_and_shown_once(open_round, people, staff, codi, visitor):
    held = actions.issue_link(round_=open_round, agency=codi, by=people["colleague"])
    address, sent = tick(staff.page(LIST), "CODI", "MSDHS", "MOF")
    page = read(staff.post(address, sent))
    assert "ออกลิงก์ใหม่ 2 แห่ง ไม่ได้ออก 1 แห่ง" in page.text
    rows = {row.one("th").text: row.texts("td") for row in page.select("tbody tr")}
    assert set(rows) == {"พอช.", "พม.", "กค."}
    assert rows["พอช."][0].startswith("หน่วยงานนี้มีลิงก์ที่ใช้ได้อยู่แล้ว")
    held.refresh_from_db()
    assert held.revoked_at is None, "a link that works is kept"
    for name in ("พม.", "กค."):
        link = AgencyLink.objects.get(agency__abbr_th=name)
        path = rows[name][0].removeprefix("http://testserver")
        assert path == f"/r/{actions.token_of(link)}/"
        assert visitor.get(path).status_code == 200
        noted = RecordEntry.objects.get(model="followup.agencylink", key=str(link.pk))
        assert link.key not in str(noted.about)
    again = read(staff.post(address, sent))
    assert "ออกลิงก์ใหม่ 0 แห่ง ไม่ได้ออก 3 แห่ง" in again.text
    assert "/r/" not in again.raw(), "their addresses were shown once"
    assert AgencyLink.objects.count() == 3


def test_the_whole_filter_is_chosen_over_pages(open_round, people, staff):
    page = staff.page(LIST, select="all", page="2")
    every = Agency.objects.filter(assignments__isnull=False).distinct().count()
    assert page.one("[data-picked]").text == str(every)
    address, sent = tick(page)
    sent["tick"] = [each["value"] for each in page.select("input[checked]")]
    assert len(sent["tick"]) + len(sent["others"].split(",")) == every
    assert f"ออกลิงก์ใหม่ {every} แห่ง" in read(staff.post(address, sent)).text
    assert staff.page(LIST, select="page").one("[data-picked]").text == "30"
    assert staff.page(LIST).one("[data-picked]").text == "0"


def test_nothing_is_ticked_or_the_round_is_closed(open_round, people, staff):
    address, sent = tick(staff.page(LIST + "?q=พอช"))
    response = staff.post(address, sent, follow=True)
    assert said(read(response)) == ["ยังไม่ได้เลือกหน่วยงาน เลือกในรายการก่อน แล้วกดอีกครั้ง"]
    assert response.redirect_chain[-1][0].startswith(LIST + "?q=")
    address, sent = tick(staff.page(LIST), "CODI")
    actions.close_round(round_=open_round, by=people["staff"])
    response = staff.post(address, sent, follow=True)
    assert said(read(response)) == ["ออกลิงก์ได้เฉพาะรอบที่เปิดรับรายงาน"]
    assert not AgencyLink.objects.exists()
    assert staff.post(LIST + "links/", {"round": "9999", "tick": pk("CODI")}).status_code == 404


def test_the_ticks_survive_the_end_of_the_login(open_round, staff, codi, visitor):
    address, sent = tick(staff.page(LIST + "?state=due"), "CODI", "MOF")
    response = visitor.post(address, sent)
    assert response["Location"].startswith("/staff/login/?next=")
    back = parse_qs(urlsplit(response["Location"]).query)["next"][0]
    page = staff.page(back)
    assert page.one("[data-picked]").text == "2"
    assert not AgencyLink.objects.exists()
    assert staff.get(LIST + "links/").status_code == 302, "opening it does nothing"


def test_a_stale_form_comes_back_with_its_ticks(open_round, people, codi):
    client = PortalClient(enforce_csrf_checks=True)
    client.force_login(people["staff"])
    sent = {"round": str(open_round.pk), "tick": [pk("CODI")]}
    response = client.post(LIST + "links/", sent, follow=True)
    assert read(response).one("[data-picked]").text == "1"
    assert not AgencyLink.objects.exists()


def test_letters_are_one_zip_or_one_pdf_of_those_that_owe(open_round, people, staff):
    for report in open_round.reports.filter(assignment__agency__code="MOF"):
        code = report.measure.full_code
        make_report(open_round, code, "MOF", by=people["staff"], state="submitted")
    _address, sent = tick(staff.page(LIST), "CODI", "MSDHS", "MOF")
    response = staff.post(LIST + "letters.zip", sent)
    with zipfile.ZipFile(BytesIO(response.content)) as archive:
        assert archive.namelist() == [
            "หนังสือติดตาม_2569_พม._MSDHS.docx",
            "หนังสือติดตาม_2569_พอช._CODI.docx",
        ]
        text = "\n".join(
            each.text for each in docx.Document(archive.open(archive.namelist()[1])).paragraphs
        )
    assert "เรียน\tผู้บริหารสถาบันพัฒนาองค์กรชุมชน" in text
    assert said(staff.page(LIST)) == ["ไฟล์หนังสือที่ดาวน์โหลดไม่มีหนังสือถึง กค. เพราะส่งรายงานครบแล้ว"]
    response = staff.post(LIST + "letters.pdf", sent)
    assert response["Content-Type"] == "application/pdf"
    with pikepdf.open(BytesIO(response.content)) as pdf:
        assert len(pdf.pages) >= 2
    owed = staff.post(LIST + "letters.zip", sent | {"tick": [pk("MOF")]}, follow=True)
    assert said(read(owed))[-1] == "หน่วยงานที่เลือกส่งรายงานครบแล้ว จึงไม่มีหนังสือติดตาม"
    assert staff.post(LIST + "letters.exe", sent).status_code == 404


@pytest.fixture
def two_people(forum):
    codi = Agency.objects.get(code="CODI")
    for name in ("ก", "ข"):
        FocalPoint.objects.create(agency=codi, name=name, email=f"{ord(name)}@codi.example.org")


def test_e_mails_are_listed_sent_once_and_told(open_round, two_people, staff):
    _address, sent = tick(staff.page(LIST), "CODI", "MSDHS")
    page = read(staff.post(LIST + "mail/?q=", sent))
    assert "เลือกไว้ 2 หน่วยงาน จะส่ง 2 ฉบับ คนละฉบับ · 1 แห่งไม่มีอีเมลของผู้ประสานงาน" in page.text
    assert "1 แห่งที่ยังไม่มีลิงก์ใช้ได้จะได้ลิงก์ใหม่" in page.text
    assert mail.outbox == []
    response = staff.send(page)
    assert response.status_code == 422
    assert "เลือกว่าจะส่งลิงก์หรือแบบรายงาน" in read(response).one(".errs").text
    again = read(response)
    response = staff.send(again, content="link")
    assert response.status_code == 302
    told = staff.page(response["Location"])
    assert "รอส่ง 2 ฉบับ" in told.text
    assert "อีเมลที่รอจะส่งเองเมื่อโปรแกรมเริ่มอีกครั้ง" in told.text, "no worker lives"
    assert not told.has("[data-wait]")
    jobs.sign_on("w")
    told = staff.page(response["Location"])
    assert "โปรแกรมทำงานเบื้องหลัง" not in told.one("main").text
    assert told.one("[data-wait]")["data-wait"] == response["Location"]
    work_off()
    told = staff.page(response["Location"])
    assert not told.has("[data-wait]")
    assert "ส่งแล้ว 2 จาก 3 รายการ" in told.text
    assert [row.texts("td")[0::2] for row in told.select("tbody tr")] == [
        ["–", "ไม่มีอีเมลของผู้ประสานงาน เพิ่มในหน้าของหน่วยงาน"],
        ["ก", "ส่งแล้ว"],
        ["ข", "ส่งแล้ว"],
    ]
    assert "/r/" not in told.raw()
    assert staff.send(again, content="link")["Location"] == response["Location"]
    assert len(mail.outbox) == 2, "a form that was sent twice mails once"
    page = read(staff.post(LIST + "mail/", sent))
    assert "0 แห่งที่ยังไม่มีลิงก์ใช้ได้" in page.text
    work_off()
    assert len(mail.outbox) == 2


def test_a_sending_that_is_none_is_not_found(staff):
    unknown = LIST + "mail/00000000-0000-4000-8000-000000000000/"
    assert staff.get(unknown).status_code == 404


def test_e_mails_of_a_closed_round_are_refused(open_round, two_people, people, staff):
    _address, sent = tick(staff.page(LIST), "CODI")
    page = read(staff.post(LIST + "mail/", sent))
    actions.close_round(round_=open_round, by=people["staff"])
    response = staff.send(page, content="link")
    assert said(staff.page(response["Location"])) == ["ส่งอีเมลได้เฉพาะรอบที่เปิดรับรายงาน"]
    assert mail.outbox == []


@pytest.mark.parametrize("who", ["outsider"])
def test_others_may_not(open_round, people, sign_in, who):
    client = sign_in(people[who])
    sent = {"round": str(open_round.pk), "tick": [pk("CODI")]}
    for address in ("links/", "letters.zip", "mail/"):
        assert client.post(LIST + address, sent).status_code == 403
    assert not AgencyLink.objects.exists()
