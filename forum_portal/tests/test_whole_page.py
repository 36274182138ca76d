"""What is read from a whole page: its sections and its description."""

from forum_portal.whole_page import (
    DESCRIPTION,
    FEWEST,
    JUMPS,
    LONGEST,
    description_of,
    finished,
    sections_of,
)

HEADINGS = [
    '<h2 id="a">หนึ่ง</h2>',
    '<h2 class="x" id="b"><span class="sr">ซ่อน</span>สอง &amp; <b>สาม</b></h2>',
    '<h2 id="c"><svg><title>รูป</title></svg>สี่</h2>',
]
LONG = "ข้อความที่ยาวพอจะใช้อธิบายหน้านี้ได้ว่าเกี่ยวกับเรื่องอะไร และมีอะไรอยู่ในหน้า"


def test_a_page_of_three_sections_lists_them_in_their_words():
    unlisted = '<h2 class="sr" id="d">ไม่เห็น</h2><h2>ไม่มีที่</h2>'
    page = f'<h2 id="before">ก่อน</h2>{JUMPS}{"".join(HEADINGS)}{unlisted}'
    assert sections_of(page) == [("a", "หนึ่ง"), ("b", "สอง & สาม"), ("c", "สี่")]
    assert len(sections_of(page)) == FEWEST
    assert sections_of(page.replace(HEADINGS[2], "")) == []
    assert sections_of("".join(HEADINGS)) == [], "a page without a place for it"


def test_the_first_long_paragraph_of_the_main_part_describes_a_page():
    page = (
        f"<p>{LONG} เหนือเนื้อหา</p><main><p>สั้น</p>"
        f'<p role="status">{LONG} เตือน</p><p class="kicker">{LONG} นำ</p>'
        f'<p class="meta">{LONG} หมายเหตุ</p><p class="x">{LONG}  "1"</p>'
    )
    assert description_of(page) == f'{LONG} "1"'
    assert description_of("<main><p>สั้น</p>") == ""


def test_words_of_another_language_do_not_describe_a_page():
    quoted = f'<blockquote lang="th"><p><a class="span__n" href="#a">1.1</a>{LONG}</p></blockquote>'
    summary = "The state goes on to support civil society as a partner of development."
    rest = f'<p>Of <i lang="th">{LONG}</i></p><p lang="th">{LONG}</p><p>{summary}</p>'
    assert description_of(f'<html lang="en"><main>{quoted}{rest}') == summary
    assert description_of(f'<html lang="th"><main>{quoted}{rest}') == LONG, "without its number"


def test_a_long_description_is_cut_at_a_space():
    cut = description_of(f"<main><p>{'คำ ' * 200}</p>")
    assert len(cut) <= LONGEST
    assert cut.endswith("คำ…")
    assert len(description_of(f"<main><p>{'ก' * 500}</p>")) == LONGEST


def test_both_places_are_filled_in_and_what_is_said_is_escaped():
    page = f"{DESCRIPTION}{JUMPS}<main><p>{LONG} &quot;&lt;b&gt;</p>"
    said = finished(page, "<nav></nav>", "")
    assert said.startswith(f'<meta name="description" content="{LONG} &quot;&lt;b&gt;"><nav></nav>')
    assert finished(DESCRIPTION, "", "อื่น") == '<meta name="description" content="อื่น">'
