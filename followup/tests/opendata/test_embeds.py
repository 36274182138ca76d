"""Badges and cards for other sites: in the words and colours of the pages, knowing nobody."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.conf import settings as django_settings

from followup import actions, appearance
from followup.models import Round
from followup.opendata import embeds
from followup.progress import year_progress
from followup.status import Status
from followup.tests.client import PortalClient, read
from proposals.models import Forum, Resolution

SVG = "{http://www.w3.org/2000/svg}"


# Badges and cards ------------------------------------------------------------------------------


def badge_of(number):
    response = PortalClient().get(f"/embed/resolutions/2565/{number}.svg")
    assert response["Content-Type"].startswith("image/svg+xml")
    assert response["Access-Control-Allow-Origin"] == "*"
    return ElementTree.fromstring(response.content)  # noqa: S314 - our own


def test_the_badge_shows_the_status_of_the_latest_year_in_its_colours(demo):
    rounds = list(Round.objects.published()[:2])
    progress = year_progress(rounds[0], previous=rounds[1])
    for each in progress.resolutions:
        svg = badge_of(each.resolution.number)
        colours = appearance.colours()[each.status]
        words = [element.text for element in svg.iter(f"{SVG}text")]
        assert words == [
            f"ข้อเสนอที่ {each.resolution.number}",
            f"ตัวอย่าง: {each.status.label} (ปี 2568)",
        ]
        assert svg.get("role") == "img"
        assert svg.find(f"{SVG}title").text == (
            f"ข้อเสนอที่ {each.resolution.number} {each.resolution.title_th}: {words[1]}"
        )
        assert svg.find(f"{SVG}title").get("id") == svg.get("aria-labelledby")
        assert svg.findall(f"{SVG}rect")[0].get("fill") == colours.tint
        assert [element.get("fill") for element in svg.iter(f"{SVG}text")][1] == colours.ink


def test_colours_and_shapes_are_those_of_the_pages():
    style = (Path(django_settings.ROOT) / "static" / "css" / "portal.css").read_text("utf-8")
    for status in Status:
        colours = appearance.colours()[status]
        rule = next(line for line in style.splitlines() if line.startswith(f".st-{status.value} "))
        assert re.findall("#[0-9a-f]{6}", rule) == [colours.ink, colours.tint, colours.fill]
        assert appearance.symbols()[status].startswith("<")


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_words_of_a_badge_can_be_read():
    pairs = [(each.ink, each.tint) for each in appearance.colours().values()]
    for pair in [*pairs, (appearance.token("accent"), appearance.token("sheet"))]:
        dark, light = sorted(map(luminance, pair))
        assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG AA; most are near 7


def test_the_words_stay_inside_their_badge(demo):
    for number in range(1, 9):
        svg = badge_of(number)
        first, second = svg.iter(f"{SVG}text")
        assert float(first.get("x")) + 6 * len(first.text) < float(second.get("x"))
        assert float(second.get("x")) + 6 * len(second.text) < float(svg.get("width"))


def test_the_card_may_stand_on_any_site_and_knows_nobody(demo, people, sign_in):
    address = "/embed/resolutions/2565/3/"
    response = sign_in(people["staff"]).get(address)
    assert "X-Frame-Options" not in response
    assert "frame-ancestors *" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert not response.cookies
    for_strangers = PortalClient().get(address)
    assert "Cookie" not in for_strangers.get("Vary", "")
    assert response.content == for_strangers.content
    page = read(response)
    assert not page.has("script")
    assert page.one("h1").text.replace(" ", "") == "งบประมาณกองทุนและการระดมทุนสาธารณะ"
    assert "ข้อมูลตัวอย่าง" in page.text
    shown = read(PortalClient().get("/resolutions/2565/3/"))
    assert page.one("span.tag").text in shown.text
    assert page.one("main a")["href"] == "/resolutions/2565/3/"


def test_no_other_page_may_be_framed(demo):
    for address in ("/", "/data/", "/resolutions/2565/3/", "/staff/login/", "/embed/none/"):
        response = PortalClient().get(address)
        assert response["X-Frame-Options"] == "DENY", address
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"], address


def test_embeds_before_the_first_publication(forum):
    assert "ยังไม่มีรอบติดตามที่เผยแพร่" in "".join(badge_of(3).itertext())
    assert "ยังไม่มีรอบติดตามที่เผยแพร่" in PortalClient().page("/embed/resolutions/2565/3/").text


def test_a_round_that_is_open_changes_no_embed(demo, people):
    before = PortalClient().get("/embed/resolutions/2565/3.svg").content
    round_ = Round.objects.get(year_be=2569)
    actions.close_round(round_=round_, by=people["staff"])
    assert PortalClient().get("/embed/resolutions/2565/3.svg").content == before


@pytest.mark.parametrize("path", ["2565/9.svg", "2565/9/", "2500/1.svg", f"2565/{'9' * 30}/"])
def test_a_proposal_that_is_not_there(demo, path):
    assert PortalClient().get(f"/embed/resolutions/{path}").status_code == 404


def test_the_codes_to_paste_lead_to_the_embeds(demo):
    page = PortalClient().page("/data/")
    badge, card = (each.raw() for each in page.select("pre.snippet"))
    for code in (badge, card):
        for address in re.findall(r'(?:src|href)="http://testserver([^"]+)"', code):
            assert PortalClient().get(address).status_code == 200, address
    assert badge.count("<a href=") == badge.count("<img") == 1
    assert card.count("<iframe") == card.count("</iframe>") == 1


def test_embeds_name_the_forum_if_there_are_several(second_forum):
    svg = ElementTree.fromstring(  # noqa: S314 - our own
        PortalClient().get("/embed/resolutions/2566/3.svg").content
    )
    assert next(iter(svg.iter(f"{SVG}text"))).text == "เวที 2566 ข้อเสนอที่ 3"
    card = PortalClient().page("/embed/resolutions/2566/3/")
    assert "เวที 2566 ข้อเสนอที่ 3" in card.one("p.kicker").text


def test_embeds_of_a_concluded_forum_keep_its_last_state(demo):
    before = "".join(badge_of(3).itertext())
    assert "(ปี 2568)" in before
    Forum.objects.update(
        concluded_after=2567,
        concluded_reason="ครบ",
        concluded_ref="1/2568",
        concluded_on="2025-01-05",
    )
    assert "(ปี 2567)" in "".join(badge_of(3).itertext())
    assert "ปีงบประมาณ 2567" in PortalClient().page("/embed/resolutions/2565/3/").text


def test_a_proposal_that_was_replaced_is_given_no_status(demo, monkeypatch):
    what = embeds.embed(Resolution.objects.get(number=3))
    gone = replace(what.progress, replaced=[one.measure for one in what.progress.measures])
    what = replace(what, progress=replace(gone, measures=[]))
    assert embeds.badge(what).word == "ตัวอย่าง: ติดตามต่อภายใต้ข้อเสนอของเวทีหลัง"
    monkeypatch.setattr(embeds, "embed", lambda resolution: what)
    card = PortalClient().page("/embed/resolutions/2565/3/")
    assert "ติดตามต่อภายใต้ข้อเสนอของเวทีหลัง" in card.text
    assert not card.has("span.tag")
