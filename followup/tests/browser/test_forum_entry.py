"""A forum is entered from its source text: with the mouse, by keyboard, and without script."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from followup.models import ForumDraft, User
from followup.tests.second_forum_files import SOURCE
from proposals.models import Forum, Measure

TREASURY = "ให้กรมบัญชีกลางปรับปรุงระเบียบการเบิกจ่ายให้ยืดหยุ่น"
FOURTH = "ให้กระทรวงศึกษาธิการบรรจุการเรียนรู้ร่วมกับองค์กรภาคประชาสังคมไว้ในหลักสูตรสถานศึกษา"

#: Finds the words in the shown text, across its runs; returns the places of their ends on the screen.
PLACES = """words => {
  const runs = [...document.querySelectorAll('#src [data-at]')];
  const at = runs.map(run => run.textContent).join('').indexOf(words);
  const place = (offset, isEnd) => {
    let before = 0;
    for (const run of runs) {
      const length = run.textContent.length;
      if (isEnd ? offset <= before + length : offset < before + length) {
        const range = document.createRange();
        range.setStart(run.firstChild, offset - before - (isEnd ? 1 : 0));
        range.setEnd(run.firstChild, offset - before + (isEnd ? 0 : 1));
        return {run, range};
      }
      before += length;
    }
  };
  const first = place(at, false), last = place(at + words.length, true);
  first.run.scrollIntoView({block: 'center', behavior: 'instant'});
  const boxes = [first.range.getClientRects()[0], [...last.range.getClientRects()].pop()];
  return [[boxes[0].left, boxes[0].top + boxes[0].height / 2],
          [boxes[1].right, boxes[1].top + boxes[1].height / 2]];
}"""


def drag(page: Page, words: str) -> None:
    """Select some words in the source with the mouse."""
    page.wait_for_load_state("load")
    (x, y), (to_x, to_y) = page.evaluate(PLACES, words)
    page.mouse.move(x + 1, y)
    page.mouse.down()
    page.mouse.move(to_x - 1, to_y, steps=5)
    page.mouse.up()


def begin(page: Page) -> None:
    """The year, the facts and the source text, with what the page says on the way."""
    page.goto("/staff/forums/")
    page.get_by_label("ปี พ.ศ. ของเวที").fill("๒๕๖๖")
    page.get_by_role("button", name="เพิ่มเวที").click()
    page.get_by_label("ชื่อเต็ม").fill("CSOs Forum ประจำปี ๒๕๖๖ “พลังประชาสังคมกับการรับมือภัยพิบัติ”")
    page.get_by_label("ชื่อสั้น").fill("CSOs Forum ประจำปี ๒๕๖๖")
    page.get_by_role("button", name="บันทึกแล้วไปขั้นเอกสารต้นฉบับ").click()
    page.get_by_label("หรือวางข้อความ").fill(SOURCE)
    page.get_by_role("button", name="บันทึกแล้วไปขั้นทำเครื่องหมายในข้อความ").click()
    expect(page.get_by_role("heading", name="ทำเครื่องหมายในข้อความ")).to_be_visible()


def accept_all(page: Page) -> None:
    """Take every proposal that the portal recognises in the text."""
    for number in range(1, 6):
        page.get_by_role("button", name=f"รับทั้งข้อเสนอที่ {number}", exact=True).click()
        expect(page.get_by_role("button", name=f"รับทั้งข้อเสนอที่ {number}")).to_have_count(0)


def fill_in(page: Page) -> None:
    """Title and kind of every measure, from the first to the last."""
    page.get_by_role("link", name="แก้มาตรการย่อย 1.1").click()
    for code in ("1.1", "1.2", "2.1", "3.1", "3.2", "3.3", "4.1", "5.1", "5.2"):
        form = page.locator("#f-m")
        expect(form.get_by_role("heading").first).to_contain_text(code)
        form.get_by_label("ชื่อย่อ").fill(f"ชื่อของ {code}")
        form.get_by_text("ผลผลิต", exact=True).click()
        if code == "3.1":
            form.get_by_label("หน่วยงาน แถวที่ 1").fill("สำนักงบประมาณ")
        if code != "5.2":
            page.get_by_role("button", name="บันทึกแล้วไป", exact=False).first.click()
    page.get_by_role("button", name="บันทึกแล้วไปขั้นตรวจความครบถ้วน").click()


def publish(page: Page) -> Forum:
    expect(page.get_by_text("ครบแล้ว เผยแพร่ได้")).to_be_visible()
    page.get_by_role("link", name="ดูตัวอย่างและเผยแพร่").last.click()
    page.get_by_role("link", name="ข้อเสนอที่ 3").click()
    expect(page.get_by_role("heading", name="ชื่อของ 3.1")).to_be_visible()
    expect(page.locator(".draft").first).to_contain_text("ยังไม่แสดงต่อสาธารณะ")
    page.go_back()
    page.get_by_role("button", name="ยืนยัน: เผยแพร่เวที 2566").click()
    expect(page.get_by_text("เผยแพร่เวที 2566 แล้ว")).to_be_visible()
    return Forum.objects.get(year_be=2566)


def spans(forum: Forum) -> dict[str, str]:
    return {each.code: each.span for each in Measure.objects.filter(resolution__forum=forum)}


# A refused form answers 422, which the browser notes.
pytestmark = pytest.mark.browser_allows("status of 422")


def page_of(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def admin(forum: Forum, people: dict[str, User]) -> User:
    return people["administrator"]


def test_with_the_mouse(
    admin: User, context_of: Callable[..., BrowserContext], axe: Callable[..., None]
) -> None:
    # Without smooth scrolling, so that the words stand still under the mouse.
    page = page_of(context_of(admin, reduced_motion="reduce"))
    begin(page)
    axe(page)
    accept_all(page)
    # 3.2 is taken away and marked again by hand; the badges between the words do not count.
    page.get_by_role("link", name="แก้มาตรการย่อย 3.2").click()
    page.get_by_text("นำเครื่องหมายนี้ออก").click()
    page.get_by_role("button", name="นำ 3.2 ออก").click()
    drag(page, TREASURY)
    expect(page.locator("#pop")).to_be_visible()
    expect(page.locator("#pop-count")).to_have_text("เลือก 52 อักขระ")
    axe(page)
    page.get_by_role("button", name="เป็นมาตรการย่อย").click()
    expect(page.locator("#f-m").get_by_role("heading").first).to_contain_text("3.2")
    expect(page.locator("#f-m .quote")).to_contain_text(TREASURY)
    # A cut within a word is asked about: the browser's dictionary knows the word.
    page.get_by_role("link", name="แก้มาตรการย่อย 5.2").click()
    page.get_by_text("นำเครื่องหมายนี้ออก").click()
    page.get_by_role("button", name="นำ 5.2 ออก").click()
    drag(page, "เผยแพร่ผลต่อสาธาร")
    page.get_by_role("button", name="เป็นมาตรการย่อย").click()
    expect(page.get_by_role("alert")).to_contain_text("ตัดกลางคำ")
    axe(page)
    page.get_by_role("button", name="ขยายให้ครบคำ").click()
    expect(page.locator("#f-m .quote")).to_contain_text("เผยแพร่ผลต่อสาธารณะ")
    fill_in(page)
    forum = publish(page)
    assert spans(forum)["3.2"] == TREASURY
    assert spans(forum)["5.2"] == "เผยแพร่ผลต่อสาธารณะ"
    assert len(spans(forum)) == 9
    answering = Measure.objects.get(resolution__forum=forum, resolution__number=3, number=1)
    assert [each.agency.code for each in answering.assignments.all()] == ["BOB"]


def test_by_keyboard(admin: User, context_of: Callable[..., BrowserContext]) -> None:
    page = page_of(context_of(admin))
    begin(page)
    accept_all(page)
    page.get_by_role("link", name="แก้มาตรการย่อย 4.1").click()
    page.get_by_text("นำเครื่องหมายนี้ออก").click()
    page.get_by_role("button", name="นำ 4.1 ออก").click()
    # From the first word of the text to the first one of the fourth proposal, then to its last.
    page.locator("#src").focus()
    told = page.locator("#told")
    first, last = SOURCE.index(FOURTH), SOURCE.index(FOURTH) + len(FOURTH)

    def reached() -> tuple[int, int]:
        return tuple(
            int(page.locator(f"[name={name}]").input_value() or -1) for name in ("start", "end")
        )

    for _turn in range(400):
        page.keyboard.press("ArrowRight")
        if reached()[0] >= first:
            break
    for _turn in range(100):
        if reached()[1] >= last:
            break
        page.keyboard.press("Shift+ArrowRight")
    assert reached() == (first, last)
    expect(told).to_contain_text(f"เลือก {len(FOURTH)} อักขระ")
    page.keyboard.press("Escape")
    expect(page.locator("#pop")).to_be_hidden()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#pop")).to_be_visible()
    while reached()[0] > first:
        page.keyboard.press("ArrowLeft")
    while reached()[1] < last:
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#f-m .quote")).to_contain_text(FOURTH)
    expect(page.locator("#f-m").get_by_role("heading").first).to_contain_text("4.1")
    assert ForumDraft.objects.get().content["resolutions"][3]["measures"][0]["end"] == len(FOURTH)


def test_without_script(admin: User, context_of: Callable[..., BrowserContext]) -> None:
    page = page_of(context_of(admin, java_script_enabled=False))
    begin(page)

    def paste(words: str, kind: str) -> None:
        if not page.get_by_label("วางข้อความให้ตรงกับต้นฉบับ").is_visible():
            page.get_by_text("ไม่เลือกด้วยเมาส์หรือนิ้ว").click()
        page.get_by_label("วางข้อความให้ตรงกับต้นฉบับ").fill(words)
        page.get_by_label("ทำเครื่องหมายเป็น").select_option(kind)
        page.get_by_role("button", name="หาในต้นฉบับ").click()

    paste("ไม่มีคำนี้ในเอกสาร", "resolution")
    expect(page.get_by_role("alert")).to_contain_text("ไม่มีคำ “ไม่มีคำนี้ในเอกสาร” ในต้นฉบับ")
    assert page.get_by_label("วางข้อความให้ตรงกับต้นฉบับ").input_value() == "ไม่มีคำนี้ในเอกสาร"
    paste(FOURTH[:30] + "\n " + FOURTH[30:], "resolution")
    paste(FOURTH, "measure")
    expect(page.locator("#f-m .quote")).to_contain_text(FOURTH)
    # Words that stand twice are asked about, with their lines.
    paste("ศูนย์ประสานงานภาคประชาสังคมระดับตำบล", "measure")
    expect(page.get_by_text("พบ 2 แห่ง เลือกแห่งที่ต้องการ")).to_be_visible()
    page.get_by_label("บรรทัด 5").check()
    page.get_by_role("button", name="ทำเครื่องหมายที่เลือก").click()
    expect(page.get_by_role("alert")).to_contain_text("ไม่อยู่ในข้อเสนอใด ทำเครื่องหมายข้อเสนอก่อน")
    page.locator("#f-m").get_by_text("นำเครื่องหมายนี้ออก").click()
    page.get_by_role("link", name="แก้ข้อเสนอที่ 1").click()
    page.get_by_text("นำเครื่องหมายนี้ออก").click()
    page.get_by_role("button", name="นำ 1 ออก").click()
    accept_all(page)
    fill_in(page)
    forum = publish(page)
    assert spans(forum)["4.1"] == FOURTH
    assert len(spans(forum)) == 9


def test_the_page_fits_a_small_screen(
    admin: User, context_of: Callable[..., BrowserContext], axe: Callable[..., None]
) -> None:
    page = page_of(context_of(admin, viewport={"width": 320, "height": 800}))
    begin(page)
    accept_all(page)
    width: Any = page.evaluate("document.documentElement.scrollWidth")
    assert width == 320
    axe(page)
