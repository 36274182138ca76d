"""The feed of publications and corrections."""

import re
from html import unescape
from xml.etree import ElementTree

import pytest

from followup import actions
from followup.models import Agency, Snapshot
from followup.tests.client import PortalClient
from followup.tests.doors import unguarded
from followup.tests.factories import find_report
from followup.tests.opendata.atom import ATOM, text
from proposals.models import Forum

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def feed():
    response = PortalClient().get("/feed.atom")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)  # noqa: S314 - our own


@pytest.mark.usefixtures("corrected")
def test_the_feed_has_what_atom_demands():
    root = feed()
    assert root.tag == f"{ATOM}feed"
    links = {each.get("rel"): each.get("href") for each in root.findall(f"{ATOM}link")}
    assert links == {"alternate": "http://testserver/", "self": "http://testserver/feed.atom"}
    entries = root.findall(f"{ATOM}entry")
    for each in (root, *entries):
        assert text(each, "title")
        assert text(each, "id").startswith("tag:")
        assert MOMENT.fullmatch(text(each, "updated"))
        assert each.findall(f"{ATOM}author/{ATOM}name")[0].text == (
            "คณะกรรมการส่งเสริมและพัฒนาองค์กรภาคประชาสังคม (คสป.)"
        )
    assert text(root, "updated") == max(text(each, "updated") for each in entries)
    ids = [text(each, "id") for each in (root, *entries)]
    assert len(set(ids)) == len(ids)


@pytest.mark.usefixtures("corrected")
def test_the_feed_tells_publications_and_corrections_latest_first():
    entries = feed().findall(f"{ATOM}entry")
    assert [text(each, "title") for each in entries] == [
        "ตัวอย่าง: เผยแพร่ผลการติดตามปีงบประมาณ 2568",
        "แก้ไขผลการติดตามปีงบประมาณ 2567 ฉบับที่ 2",
        "ตัวอย่าง: เผยแพร่ผลการติดตามปีงบประมาณ 2567",
        "ตัวอย่าง: เผยแพร่ผลการติดตามปีงบประมาณ 2566",
    ]
    assert [text(each, "id").partition(":rounds/")[2] for each in entries] == [
        "2568/1",
        "2567/2",
        "2567/1",
        "2566/1",
    ]
    digests = {
        (each.round.code, each.number): each.digest
        for each in Snapshot.objects.select_related("round")
    }
    assert text(entries[1], "summary") == (
        "จำนวนนับและสถานะของทุกมาตรการย่อยคงเดิม เหตุผล: หน่วยงานแจ้งแก้จำนวนเวที แก้ไข 4 รายการ<br>"
        f"ค่าแฮชของฉบับ (SHA-256) {digests['2567', 2]}"
    )
    # Each publication's entry has the hash of its own edition, not of the one that corrects it.
    assert text(entries[0], "summary").endswith(digests["2568", 1])
    assert text(entries[2], "summary").endswith(digests["2567", 1])
    paths = [each.find(f"{ATOM}link").get("href") for each in entries]
    assert paths[0] == "http://testserver/years/2568/"
    path, _hash, place = paths[1].partition("#")
    assert PortalClient().page(path).has(f"#{place}")


def test_an_identifier_stays_wherever_the_portal_is_served_from(demo, settings):
    settings.FEED_AUTHORITY = "csosforum.example"
    settings.ALLOWED_HOSTS = ["testserver", "mirror.example"]

    def ids(host):
        content = PortalClient().get("/feed.atom", headers={"Host": host}).content
        return re.findall("<id>(.*?)</id>", content.decode())

    assert ids("testserver") == ids("mirror.example")
    assert ids("testserver")[:2] == [
        "tag:csosforum.example,2022:feed",
        "tag:csosforum.example,2025:rounds/2568/1",
    ]


def test_what_no_xml_can_hold_does_not_break_the_feed(corrected):
    corrected.reason = "แก้\x0bคำ <ผิด> & \x01อื่น ๆ"
    with unguarded():
        corrected.save()
    said = "".join(feed().itertext())
    assert "<ผิด>" not in said, "a summary is HTML"
    assert "แก้คำ <ผิด> & อื่น ๆ" in unescape(said)


def test_the_feed_before_the_first_publication(forum):
    assert feed().findall(f"{ATOM}entry") == []


def test_an_entry_names_the_forums_that_its_round_followed(demo):
    assert text(feed().findall(f"{ATOM}entry")[0], "summary").startswith(
        "ผลการดำเนินงานตามข้อเสนอ CSOs Forum ปีงบประมาณ 2568"
    )
    Forum.objects.create(
        year_be=2567, name_th="CSOs Forum", short_name_th="CSOs Forum 2567", source_text="-"
    )
    said = [text(each, "summary") for each in feed().findall(f"{ATOM}entry")]
    assert said[0].startswith(
        "ผลการดำเนินงานตามข้อเสนอ CSOs Forum ประจำปี 2565 และ 2567 ปีงบประมาณ 2568"
    )
    assert said[-1].startswith("ผลการดำเนินงานตามข้อเสนอ CSOs Forum ประจำปี 2565 ปีงบประมาณ 2566")


# Of one thing ------------------------------------------------------------------------------------


def entries(path):
    root = ElementTree.fromstring(PortalClient().get(path).content)  # noqa: S314 - our own
    return [
        (text(each, "title"), unescape(text(each, "summary")).split("<br>"), text(each, "id"))
        for each in root.findall(f"{ATOM}entry")
    ]


def test_a_resolutions_feed_tells_its_status_and_what_touches_it(corrected):
    found = entries("/resolutions/2565/3/feed.atom")
    assert [each[0].rpartition(": ")[2] for each in found] == [
        "เผยแพร่ผลการติดตามปีงบประมาณ 2568",
        "แก้ไขผลการติดตามปีงบประมาณ 2567 ฉบับที่ 2",
        "เผยแพร่ผลการติดตามปีงบประมาณ 2567",
        "เผยแพร่ผลการติดตามปีงบประมาณ 2566",
    ]
    page = PortalClient().page("/resolutions/2565/3/")
    status = page.one(".rhead__m .tag").text
    assert status in found[0][1][0]
    shown = page.one(".rhead__m").text
    count = re.search(r"บรรลุ (\d+) จาก (\d+)", shown)
    assert found[0][1][1] == f"บรรลุแล้ว {count[1]} จาก {count[2]} มาตรการย่อย"
    assert len(found[0][1]) == 2 + int(count[2]) or "3.4" in " ".join(found[0][1])
    assert found[1][1] == ["แก้ไข 1 รายการ ในมาตรการย่อย 3", "เหตุผล: หน่วยงานแจ้งแก้จำนวนเวที"]
    others = [each[0] for each in entries("/resolutions/2565/4/feed.atom")]
    assert not any("แก้ไข" in each for each in others)
    assert entries("/feed.atom")[0][2] != found[0][2], "another entry, because its words are others"


def test_an_agencys_feed_tells_its_reports_as_its_page_does(corrected):
    found = entries("/agencies/CODI/feed.atom")
    assert found[1][1][0] == "แก้ไข 1 รายการ ในมาตรการย่อย 1.2"
    page = PortalClient().page("/agencies/CODI/")
    counted = re.search(r"รายงานแล้ว (\d+) จาก (\d+)", page.one("main").text)
    assert found[0][1][0] == f"ได้รับรายงานแล้ว {counted[1]} จาก {counted[2]} รายการ"
    assert len(found[0][1]) == 1 + int(counted[2])


def test_a_provinces_feed_names_the_reports_that_name_it_alone(demo):
    (title, lines, _id), *_rest = entries("/areas/TH-50/feed.atom")
    assert "จังหวัดเชียงใหม่" in title
    assert lines[0] == f"รายงานที่ระบุว่าดำเนินการในจังหวัดนี้ {len(lines) - 1} รายการ"
    assert PortalClient().get("/areas/TH-99/feed.atom").status_code == 404
    assert PortalClient().get("/areas/50/feed.atom").status_code == 404


def test_a_feed_of_one_thing_is_revalidated_as_the_whole_one(demo):
    response = PortalClient().get("/agencies/CODI/feed.atom")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    again = PortalClient().get(
        "/agencies/CODI/feed.atom", headers={"If-None-Match": response["ETag"]}
    )
    assert again.status_code == 304


def test_a_merged_agencys_feed_leads_on(demo):
    Agency.objects.filter(code="MSDHS").update(merged_into=Agency.objects.get(code="CODI"))
    response = PortalClient().get("/agencies/MSDHS/feed.atom")
    assert (response.status_code, response["Location"]) == (301, "/agencies/CODI/feed.atom")
    assert entries("/agencies/CODI/feed.atom")


def test_feeds_of_one_thing_tell_nothing_of_a_round_at_work(three_reports, people):
    """The report that nobody reviewed, and what is written after the publication, is not told."""
    before = entries("/resolutions/2565/8/feed.atom"), entries("/agencies/MSDHS/feed.atom")
    actions.reopen_round(round_=three_reports, by=people["reviewer"], reason="พบตัวเลขผิด")
    waits = find_report(three_reports, "8.2")
    actions.approve(report=waits, by=people["reviewer"], version=waits.version)
    assert "ยังไม่มีใครตรวจ" not in str(before)
    assert before == (
        entries("/resolutions/2565/8/feed.atom"),
        entries("/agencies/MSDHS/feed.atom"),
    )
