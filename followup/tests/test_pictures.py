"""What the pictures for links say, and that they are drawn whole."""

import struct

import pytest
from django.utils import translation

from followup import pictures
from followup.models import Agency, Round
from followup.pictures import HEIGHT, WIDTH, Picture, drawn, picture
from followup.progress import Tally
from followup.published import edition_of
from followup.status import Status

AWKWARD = '#panic("x") $x$ *b* `raw` <a> @b \\ [c] #{d} 🜁 \u202e\x00'


def size_of(png: bytes) -> tuple[int, int]:
    """The width and the height that a PNG's header tells."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def of(subject: str, year: int = 2568) -> Picture | None:
    round_ = Round.objects.get(year_be=year)
    return picture(subject, round_, edition_of(round_))


def test_a_resolution_says_its_status_and_its_figure(demo):
    what = of("2565-3")
    assert what is not None
    assert what.kicker == "เวที 2565 ข้อเสนอที่ 3"
    assert "".join(what.title) == "งบประมาณ กองทุน และการระดมทุนสาธารณะ"
    assert what.status is Status.IN_PROGRESS
    assert what.figure == "บรรลุแล้ว 2 จาก 6 มาตรการย่อย"
    assert (what.year, what.edition) == (
        "ปีงบประมาณ 2568",
        "ข้อมูลฉบับที่ 1 เผยแพร่ 20 ธ.ค. 2568",
    )
    assert what.is_demo
    assert what.told == (
        "เวที 2565 ข้อเสนอที่ 3: งบประมาณ กองทุน และการระดมทุนสาธารณะ: อยู่ระหว่างดำเนินการ: "
        "บรรลุแล้ว 2 จาก 6 มาตรการย่อย: ปีงบประมาณ 2568"
    )


def test_each_year_has_its_own(demo):
    assert [of("2565", year).figure for year in (2566, 2567, 2568)] == [  # type: ignore[union-attr]
        "บรรลุแล้ว 6 จาก 33 มาตรการย่อย",
        "บรรลุแล้ว 11 จาก 33 มาตรการย่อย",
        "บรรลุแล้ว 11 จาก 33 มาตรการย่อย",
    ]


def test_a_measure_says_who_leads_it(demo):
    what = of("2565-3.1")
    assert what is not None
    assert what.kicker == "เวที 2565 ข้อเสนอที่ 3 มาตรการย่อย 3.1"
    assert what.status is Status.CONTINUOUS
    assert what.lines == ["หน่วยงานหลัก: กสจ."]
    assert what.tally is None


def test_it_is_in_english_below_en(demo):
    with translation.override("en"):
        what = of("2565-3.1")
    assert what is not None
    assert what.kicker == "Forum 2022 (B.E. 2565), Proposal 3, measure 3.1"
    assert what.title == ["Allocate budget through existing funds to local CSOs"]
    assert what.edition == "Edition 1, published 20 Dec 2025"


def test_forums_are_told_apart(two_forums):
    first, second = of("2565-1"), of("2566-1")
    assert first is not None
    assert second is not None
    assert first.kicker == "เวที 2565 ข้อเสนอที่ 1"
    assert second.kicker == "เวที 2566 ข้อเสนอที่ 1"
    assert of("2566", 2566) is None, "2566 is followed up from 2567 on"


@pytest.mark.parametrize(
    "subject",
    ["2565-03", "2565-3.01", "2565-99", "2565-3.99", "2599", "3.1", "3", "2565.1", "", "portal"],
)
def test_what_the_edition_does_not_follow_up_has_none(demo, subject):
    assert of(subject) is None


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("subject", ["2565", "2565-1", "2565-3.1"])
def test_a_picture_is_1200_by_630_and_small(demo, language, subject):
    with translation.override(language):
        what = of(subject)
        assert what is not None
        png = drawn(what)
    assert size_of(png) == (WIDTH, HEIGHT) == (1200, 630)
    assert len(png) < 200_000


def test_the_same_picture_has_the_same_bytes(demo):
    assert drawn(of("2565-3")) == drawn(of("2565-3"))  # type: ignore[arg-type]


def test_texts_are_texts_whatever_they_are(db):
    """Typst would end with an error at `#panic`, if a text were a part of its program."""
    what = Picture(
        kicker=AWKWARD,
        title=[AWKWARD * 20],
        year=AWKWARD,
        status=Status.ON_HOLD,
        figure=AWKWARD,
        lines=[AWKWARD],
        tally=Tally(dict.fromkeys(Status, 7)),
        edition=AWKWARD,
        is_demo=True,
    )
    assert size_of(drawn(what)) == (1200, 630)


def test_a_character_that_the_font_lacks_is_replaced(db):
    assert pictures._input(Picture(kicker="ก🜁\x00ข", title=["ค\u202eง"]))["kicker"] == "ก\ufffdข"


def test_a_long_text_is_cut_with_an_ellipsis(db):
    given = pictures._input(Picture(kicker="ก" * 99, title=["ข" * 99, "ค" * 99, "ง" * 99]))
    assert given["kicker"] == "ก" * 59 + "…"
    assert given["title"] == ["ข" * 99, "ค" * 20 + "…"]


def test_a_title_is_best_broken_between_its_phrases(db):
    given = pictures._input(Picture(kicker="", title=["กองทุน และ การระดมทุน"]))
    assert given["title"] == ["กองทุน ", "และ ", "การระดมทุน"]


def test_the_bar_is_that_of_the_page(db):
    """The same geometry, with the style sheet's colours written into it."""
    bar = pictures._bar(Tally({Status.COMPLETED: 1, Status.NO_REPORT: 3}))
    assert 'x="0.000%"' in bar
    assert 'width="25.000%"' in bar
    assert 'fill="url(#p-completed)"' in bar
    assert '<rect fill="#2e7d32" width="8" height="8"/>' in bar
    assert "var(" not in bar
    assert 'class="fill"' not in bar


def test_many_leads_are_counted(many):
    assert many == "หน่วยงานหลัก: ก 0 ก 1 ก 2 และอีก 2 หน่วยงาน"


@pytest.fixture
def many(demo):
    """What a measure with five lead agencies says of them."""
    from types import SimpleNamespace

    round_ = Round.objects.get(year_be=2568)
    edition = edition_of(round_)
    measure = next(iter(edition.frame.measures.values()))
    units = [SimpleNamespace(agency=Agency(name_th=f"ก {n}")) for n in range(5)]
    answers = SimpleNamespace(lead_units=units, lead_count=5)
    each = SimpleNamespace(answers=answers, measure=measure, status=Status.ON_HOLD)
    return pictures._of_measure(each, "", round_, edition).lines[0]  # type: ignore[arg-type]


def test_the_portals_own_picture_needs_no_data(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        png = drawn(pictures.portal())
    assert size_of(png) == (1200, 630)


def test_the_look_changes_with_the_nouns_of_the_settings(settings):
    before = pictures.look()
    pictures.look.cache_clear()
    settings.PORTAL_ITEM_NOUN = "มติ"
    assert pictures.look() != before
    pictures.look.cache_clear()
