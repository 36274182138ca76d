"""Which forum a page shows: the newest that was heard, or the one that is asked for."""

import pytest


def options(page):
    """The forums that the picker offers, the chosen one first."""
    select = page.one("select[name=forum]")
    return select.texts("option[selected]"), select.texts("option")


def test_home_shows_the_newest_forum_with_a_line_for_the_other(two_forums, visitor):
    page = visitor.page("/")
    assert options(page) == (["เวที 2566"], ["เวที 2566", "เวที 2565"])
    assert page.one("h1").text == "ข้อเสนอ 8 ข้อ คืบหน้าถึงไหน"
    assert page.one(".hero__say").text.startswith("จาก 33 มาตรการย่อย บรรลุแล้ว 11")
    assert page.texts(".fline") == [
        "CSOs Forum ประจำปี ๒๕๖๕ หุ้นส่วนการพัฒนาจากชุมชนสู่ประชาคมโลก บรรลุ 11 จาก 32"
    ]
    assert page.one(".fbar title").text == (
        "สถานะของ 32 มาตรการย่อยของเวที 2565 ปีงบประมาณ 2568: ดำเนินการแล้วเสร็จ 3 ดำเนินการต่อเนื่องทุกปี 8 "
        "อยู่ระหว่างดำเนินการ 15 ชะลอ / ติดปัญหา 2 ยังไม่ดำเนินการ 1 ยังไม่ได้รับรายงาน 3"
    )
    assert page.one(".fline a")["href"] == "/?forum=2565&year=2568"
    assert set(page.texts(".prop .kicker")) == {f"เวที 2566 ข้อเสนอที่ {n}" for n in range(1, 9)}


def test_the_chosen_forum_counts_alone(two_forums, visitor):
    page = visitor.page("/", forum=2565)
    assert options(page)[0] == ["เวที 2565"]
    assert page.one(".hero__say").text.startswith("จาก 32 มาตรการย่อย บรรลุแล้ว 11")
    assert "ข้อที่ติดตามต่อภายใต้เวทีหลังไม่นับที่นี่ (2565-2.2)" in page.one("#proposals .sec__head").text
    assert set(page.texts(".prop .kicker")) == {f"เวที 2565 ข้อเสนอที่ {n}" for n in range(1, 9)}


def test_a_year_shows_the_forum_that_it_followed_up(two_forums, visitor):
    page = visitor.page("/", year=2566)
    assert page.select("select[name=forum]") == []
    assert page.texts(".fline") == []
    assert page.one(".hero__say").text.startswith("จาก 33 มาตรการย่อย บรรลุแล้ว 6")


@pytest.mark.parametrize(
    ("asked", "notice"),
    [
        ("2570", "ปีงบประมาณ 2568 ไม่ได้ติดตามเวที 2570 จึงแสดงเวที 2566"),
        ("อะไร", "ไม่เข้าใจเวที “อะไร” จึงแสดงเวที 2566"),
    ],
)
def test_an_unknown_forum_is_said(two_forums, visitor, asked, notice):
    page = visitor.page("/", forum=asked)
    assert page.one("[role=status]").text == notice
    assert options(page)[0] == ["เวที 2566"]


def test_with_one_forum_nothing_speaks_of_forums(demo, visitor):
    page = visitor.page("/")
    assert "เวที 25" not in page.text
    for selector in ("select[name=forum]", ".fline", ".kicker a"):
        assert not page.has(selector)
    assert page.texts("nav.nav a")[:3] == ["ภาพรวม", "ข้อเสนอ 8 ข้อ", "หน่วยงาน"]
