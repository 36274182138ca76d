"""A year on two hosts that share PostgreSQL, Redis and object storage; each part is lost in turn.

Every request goes to the other host than the one before. A third host has the worker. The clock of host B
is ahead of the others'.
"""

import shutil
import signal
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from followup import roles
from followup.opendata.package import BUNDLE
from followup.tests.client import Element, read
from followup.tests.desk import said
from followup.tests.factories import PASSWORD
from followup.tests.files import PDF
from followup.tests.several_hosts import Browser, Host, Portal, several_hosts, until
from followup.tests.spreadsheets.wizard import HEAD, row, saved, workbook
from followup.tests.two_factor import ENROL, code, log_in
from forum_portal.years import fiscal_year_today
from script.throwaway_postgres import Cluster, Unavailable

pytestmark = [pytest.mark.faults, pytest.mark.slow]

RESULTS = "แก้ไขระเบียบแล้ว 2 ฉบับจาก 5 ฉบับ"
MENDED = "แก้ไขระเบียบแล้ว 3 ฉบับจาก 5 ฉบับ"
OF_SHEET = "รอระเบียบใหม่ประกาศใช้"
REASON = "หน่วยงานแจ้งว่านับระเบียบขาดไปหนึ่งฉบับ"

YEAR = str(fiscal_year_today() - 1)  # the one that ended last: no other may be far from now
IMPORTS = "followup_spreadsheetimport"  # the table

PEOPLE = {
    "staff": roles.COMMITTEE_STAFF,
    "colleague": roles.COMMITTEE_STAFF,
    "reviewer": roles.REVIEWER,
    "administrator": roles.ADMINISTRATOR,
}
MAKE_PEOPLE = f"""
from django.contrib.auth.models import Group
for name, group in {PEOPLE!r}.items():
    user = User.objects.create_user(name, password={PASSWORD!r}, display_name="คุณ" + name)
    user.groups.add(Group.objects.get(name=group))
"""


def link_named(page: Element, name: str) -> str:
    """Where the link leads that reads so."""
    [found] = [each for each in page.select("a") if each.text == name]
    return found["href"]


def files_of(page: Element) -> list[str]:
    """The addresses of the evidence on a page."""
    return [each["href"] for each in page.select("a[href]") if each["href"].endswith(".pdf")]


def sign_in(portal: Portal, name: str) -> Browser:
    """Somebody's first login: they enrol a phone, whose clock is that of host A."""
    browser = portal.browser()
    response = log_in(browser, name)
    assert response["Location"] == "/staff/", read(response).texts(".errs li")
    assert browser.get("/staff/")["Location"] == ENROL
    page = browser.page(ENROL)
    browser.at = portal.a
    for _try in range(2):  # a code may end on its way
        response = browser.send(page, code=code(page.one("code").text))
        if response.status_code == 302:
            break
        page = read(response)
    browser.at = None
    assert response["Location"] == "/staff/account/codes/", read(response).texts(".errs li")
    assert len(browser.page("/staff/account/codes/").texts("ol.codes li")) == 10
    return browser


def take_step(browser: Browser, verb: str, **more: str) -> None:
    response = browser.send(browser.page(f"/staff/rounds/{YEAR}/{verb}/"), **more)
    assert response.status_code == 302, read(response).texts(".errs li")
    [told] = said(browser.page(f"/staff/rounds/{YEAR}/"))
    assert told.endswith(f"ปีงบประมาณ {YEAR} แล้ว")


def open_the_round(people: dict[str, Browser]) -> None:
    """Planned at one host and opened at the other."""
    staff = people["staff"]
    response = staff.send(staff.page("/staff/rounds/new/"), year=YEAR)
    assert response["Location"] == f"/staff/rounds/{YEAR}/", read(response).texts(".errs li")
    assert said(staff.page(f"/staff/rounds/{YEAR}/")) == [f"สร้างรอบ 12 เดือน ปีงบประมาณ {YEAR} แล้ว"]
    take_step(staff, "open")


def report_by_link(portal: Portal, people: dict[str, Browser]) -> str:
    """An agency reports with a file: it arrives at host A and is read at host B. Its address."""
    staff, agency = people["staff"], portal.browser()
    issued = staff.send(staff.page(f"/staff/links/{YEAR}/MSDHS/"))
    address = read(issued).one("#address").text.partition("portal.example.org")[2]
    path = link_named(agency.page(address), "รายงานผล 1.2")
    page = agency.page(path)
    agency.at = portal.a
    response = agency.send(
        page,
        "form#f",
        do="draft",
        reported_status="in_progress",
        results=RESULTS,
        evidence__0__title="สรุปเวที",
        evidence__0__upload=SimpleUploadedFile("สรุปเวที.pdf", PDF),
    )
    assert response.status_code == 302, read(response).texts(".errs li")
    agency.at = portal.b
    page = agency.page(path)
    assert page.one("textarea[name=results]").raw().strip() == RESULTS
    [file] = files_of(page)
    assert agency.get(file).content == PDF
    agency.at = None
    response = agency.send(page, "form#f", do="submit")
    assert response.status_code == 302, read(response).texts(".errs li")
    return path


def report_by_staff(browser: Browser, name: str, results: str) -> None:
    """A report of the queue, filled in and handed in."""
    path = link_named(browser.page("/staff/?state=untouched"), name)
    sent = {"reported_status": "in_progress", "results": results, "do": "submit"}
    response = browser.send(browser.page(path), "form#f", **sent)
    assert response.status_code == 302, read(response).texts(".errs li")


def save_side_by_side(portal: Portal, people: dict[str, Browser]) -> None:
    """Two people have one form open, at two hosts: the second one sees both versions, and decides."""
    staff, colleague = people["staff"], people["colleague"]
    staff.at, colleague.at = portal.a, portal.b
    path = link_named(staff.page("/staff/?state=untouched"), "บันทึกผล 1.1 กสป.")
    mine, theirs = colleague.page(path), staff.page(path)
    draft = {"do": "draft", "reported_status": "in_progress"}
    response = staff.send(theirs, "form#f", results="จัดประชุม 2 ครั้ง", **draft)
    assert response.status_code == 302
    response = colleague.send(mine, "form#f", results="จัดประชุม 3 ครั้ง", **draft)
    assert response.status_code == 409
    page = read(response)
    assert {"จัดประชุม 2 ครั้ง", "จัดประชุม 3 ครั้ง"} <= set(page.text.split("  ")) or (
        "จัดประชุม 2 ครั้ง" in page.text and "จัดประชุม 3 ครั้ง" in page.text
    )
    staff.at = colleague.at = None
    assert colleague.send(page, "form#f", do="submit").status_code == 302


def begin_import(portal: Portal, browser: Browser) -> str:
    """A sheet that is too long for a request: it arrives at A, is mapped at B, and waits. Its address."""
    notes = [["", "", "", f"แถวที่ {number}"] for number in range(2001)]
    rows = [HEAD, row("3.1", "กสจ.", "ชะลอ", OF_SHEET), *notes]
    sheet = SimpleUploadedFile("ผล.xlsx", saved(workbook(("ผล", rows))))
    browser.at = portal.a
    response = browser.send(browser.page("/staff/import/"), round=YEAR, file=sheet)
    assert response.status_code == 302, read(response).texts(".errs li")
    here = str(response["Location"]).removesuffix("sheet/")
    browser.at = portal.b
    response = browser.send(browser.page(f"{here}columns/"))
    assert response["Location"] == f"{here}check/", read(response).texts(".errs li")
    browser.at = None
    return here


def import_a_sheet(portal: Portal, browser: Browser) -> None:
    """The worker is lost while it checks the sheet. Another one checks it, and then it is written."""

    def begin() -> str:
        here = begin_import(portal, browser)
        for _host in range(2):
            assert "งานนี้รอในคิว จะเริ่มเองเมื่อถึงลำดับ" in browser.page(f"{here}check/").text
        return here

    here = portal.lose_the_worker_at("run_import", IMPORTS, begin)
    until(lambda: browser.page(f"{here}check/").has("form#f"), "the check of the import")
    assert "had lost its worker" in portal.c.worker.said()
    response = browser.send(browser.page(f"{here}confirm/"))
    assert response["Location"] == here
    for _host in range(2):
        assert browser.page(here).one("h1").text == "นำเข้าแล้ว 1 รายการ"


def approve_all(browser: Browser) -> int:
    """Each report that waits is read at one host and approved at the other; how many."""
    done = 0
    while links := [
        each["href"] for each in browser.page("/staff/review/").select("ol.tasks li.task a")
    ]:
        response = browser.send(
            browser.page(links[0]), "main form", do="approve", assessed_grade="said"
        )
        assert response.status_code == 302, read(response).texts(".errs li")
        done += 1
    return done


def same_at_both(portal: Portal, path: str) -> Any:
    """What both hosts answer to a stranger: the same bytes under the same tag."""
    first, second = (portal.browser(host).get(path) for host in (portal.a, portal.b))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert first["ETag"] == second["ETag"]
    again = portal.browser(portal.b).get(path, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304, "what one host has sent is known to the other"
    return first


def printed(portal: Portal, path: str) -> bytes:
    """A file of the edition, which the worker prints; each host sends the same."""
    browser = portal.browser()

    def found() -> Any:
        response = browser.get(path)
        return "text/html" not in response["Content-Type"] and response

    until(found, "the worker's print")
    return bytes(same_at_both(portal, path).content)


def publish(portal: Portal, people: dict[str, Browser]) -> None:
    """Closed at one host and published at the other: at once everybody reads it at both."""
    take_step(people["staff"], "close")
    take_step(people["reviewer"], "publish")


def correct(portal: Portal, people: dict[str, Browser], report: str) -> None:
    """A mistake is mended in the open. The second edition is made by the clock that is behind."""
    staff, reviewer = people["staff"], people["reviewer"]
    take_step(reviewer, "correct", reason=REASON)
    response = reviewer.send(
        reviewer.page(f"{report}review/"), "main form", do="return", return_reason="นับใหม่"
    )
    assert response.status_code == 302, read(response).texts(".errs li")
    response = staff.send(staff.page(report), "form#f", do="submit", results=MENDED)
    assert response.status_code == 302, read(response).texts(".errs li")
    response = reviewer.send(
        reviewer.page(f"{report}review/"), "main form", do="approve", assessed_grade="said"
    )
    assert response.status_code == 302, read(response).texts(".errs li")
    public = same_at_both(portal, "/resolutions/2565/1/")
    assert RESULTS in read(public).text
    assert MENDED not in read(public).text
    reviewer.at = portal.a
    portal.lose_the_worker_at(
        "print_report", "followup_renderedreport", lambda: publish(portal, people)
    )
    reviewer.at = None
    assert MENDED in read(same_at_both(portal, "/resolutions/2565/1/")).text
    told = read(same_at_both(portal, "/corrections/")).text
    assert all(each in told for each in (REASON, RESULTS, MENDED, f"ปีงบประมาณ {YEAR} ฉบับที่ 2"))


def lock_out_a_guesser(portal: Portal) -> None:
    """Failed logins are counted by both hosts together."""
    stranger = portal.browser()
    for _attempt in range(5):
        assert log_in(stranger, "colleague", "a wrong one").status_code == 200
    for host in (portal.a, portal.b):
        assert log_in(portal.browser(host), "colleague").status_code == 429


# Each part is lost -----------------------------------------------------------------------------


NO_DATABASE = "ฐานข้อมูลไม่ตอบในขณะนี้"


def refused(response: Any, why: str) -> Element:
    """The page that says that something cannot be done now."""
    assert response.status_code == 503, response.status_code
    assert response["Retry-After"] == "60"
    page = read(response)
    assert f"{why} ข้อมูลที่บันทึกแล้วยังอยู่ครบ ลองใหม่ในอีกสักครู่" in page.text, page.text
    return page


def is_well(portal: Portal, part: str) -> bool:
    """What the next host says of a part to the operators' probe."""
    told = portal.browser().get("/readyz", **portal.probe).json()
    return bool(told["checks"][part]["ok"])


def lose_a_web_process(portal: Portal, people: dict[str, Browser]) -> None:
    """The other host answers all requests: who is signed in stays so, and goes on."""
    portal.a.web.kill()
    staff = people["staff"]
    staff.page("/staff/")  # it told what was done last
    page = staff.page("/staff/")
    assert (portal.proxy.answered, page.has("ol.tasks")) == ("b", True)
    assert sign_in_again(portal, "staff", at=portal.b)
    portal.a.start_web()
    staff.at = portal.a
    assert staff.page("/staff/").text == page.text
    staff.at = None


def lose_redis(portal: Portal, people: dict[str, Browser]) -> None:
    """Nobody can sign in; whoever is signed in works on, and the public reads."""
    portal.redis.kill()
    stranger = portal.browser()
    for _host in range(2):
        page = stranger.page("/staff/login/")
        page = refused(
            stranger.send(page, username="staff", password=PASSWORD), "ระบบส่วนหนึ่งไม่ตอบในขณะนี้"
        )
        assert "ขณะนี้เข้าสู่ระบบไม่ได้" in page.text
        assert not is_well(portal, "cache")
    same_at_both(portal, "/resolutions/2565/1/")
    same_at_both(portal, "/resolutions/")
    save_draft(people["staff"], "บันทึกผล 1.4 กสป.", "ระหว่างไม่มี Redis")
    portal.redis.start()
    until(lambda: is_well(portal, "cache") and is_well(portal, "cache"), "Redis at both hosts")
    assert all(sign_in_again(portal, "staff", at=host) for host in (portal.a, portal.b))


def lose_postgres(portal: Portal, people: dict[str, Browser]) -> None:
    """Nothing is stored and everything typed stays on the page; it goes on by itself afterwards."""
    staff, typed = people["staff"], "ก่อนไฟดับ"
    path = link_named(staff.page("/staff/?state=untouched"), "บันทึกผล 2.1 มท.")
    page = staff.page(path)
    importing = people["administrator"]
    begin = partial(begin_import, portal, importing)
    with portal.held_at("run_import", IMPORTS, begin) as here:
        portal.cluster.stop()
    for _host in range(2):
        draft = {"do": "draft", "reported_status": "in_progress", "results": typed}
        kept = refused(staff.send(page, "form#f", **draft), NO_DATABASE)
        refused(portal.browser().get("/resolutions/2565/1/"), NO_DATABASE)
        assert portal.browser().get("/healthz").status_code == 503
    portal.cluster.start()
    until(lambda: portal.a.lives() and portal.b.lives(), "the database again")
    assert staff.send(kept, "main form").status_code == 302
    for _host in range(2):
        assert staff.page(path).one("textarea[name=results]").raw().strip() == typed
    # The worker that was there before goes on as well, and says so.
    until(lambda: importing.page(f"{here}check/").has("form#f"), "the check of the import")
    [name, *_others] = portal.ask("SELECT name FROM followup_jobworker")
    again = "SELECT 1 FROM followup_jobworker WHERE name = %s AND alive_at > %s"
    until(lambda now=portal.c.now: portal.ask(again, name, now), "its sign of life")
    assert portal.c.worker.is_running


def lose_object_storage(portal: Portal, people: dict[str, Browser], report: str) -> None:
    """Files cannot be read or stored; reports can."""
    staff, why = people["staff"], "ที่เก็บไฟล์ไม่ตอบในขณะนี้"
    [file] = files_of(staff.page(report))
    path = link_named(staff.page("/staff/?state=untouched"), "บันทึกผล 2.2 พอช.")
    portal.storage.signal(signal.SIGSTOP)
    for _host in range(2):
        refused(staff.get(file), why)
        assert not is_well(portal, "storage")
    upload = {"evidence__0__upload": SimpleUploadedFile("สรุปเวที.pdf", PDF)}
    draft = {"do": "draft", "reported_status": "in_progress", "results": "ไม่มีที่เก็บไฟล์"}
    kept = refused(staff.send(staff.page(path), "form#f", **draft, **upload), why)
    assert "ไม่มีที่เก็บไฟล์" in kept.text
    assert staff.send(staff.page(path), "form#f", **draft).status_code == 302
    same_at_both(portal, "/resolutions/2565/1/")
    portal.storage.signal(signal.SIGCONT)
    until(lambda: is_well(portal, "storage") and is_well(portal, "storage"), "the files again")
    for _host in range(2):
        assert staff.get(file).content == PDF


def sign_in_again(portal: Portal, name: str, at: Host) -> bool:
    """Whether the password is taken: the page of the code follows."""
    browser = portal.browser(at)
    return bool(log_in(browser, name)["Location"].startswith("/staff/login/code/"))


def save_draft(browser: Browser, name: str, results: str) -> None:
    path = link_named(browser.page("/staff/?state=untouched"), name)
    draft = {"do": "draft", "reported_status": "in_progress", "results": results}
    assert browser.send(browser.page(path), "form#f", **draft).status_code == 302
    page = browser.page(path)
    assert page.one("textarea[name=results]").raw().strip() == results


# The story -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def portal(
    tmp_path_factory: pytest.TempPathFactory, require: Callable[[object, str], None]
) -> Iterator[Portal]:
    require(shutil.which("redis-server"), "Redis is not installed")
    try:
        cluster = Cluster(is_durable=True)
    except Unavailable as why:
        require(None, f"PostgreSQL: {why}")
        raise
    try:
        cluster.make()
        cluster.start()
        with several_hosts(tmp_path_factory.mktemp("hosts"), cluster) as running:
            yield running
    finally:
        cluster.remove()


def test_a_year_on_several_hosts_each_of_which_is_lost_in_turn(portal: Portal) -> None:
    portal.a.manage("shell", "--verbosity", "0", "--command", MAKE_PEOPLE)
    people = {name: sign_in(portal, name) for name in PEOPLE}
    assert not is_well(portal, "clock") or not is_well(portal, "clock"), "B's clock is told"
    open_the_round(people)
    agencys = report_by_link(portal, people)
    report = f"/staff/reports/{agencys.rstrip('/').rpartition('/')[2]}/"
    save_side_by_side(portal, people)
    report_by_staff(people["staff"], "บันทึกผล 1.3 กสป.", "สำรวจเครือข่ายแล้ว 40 จังหวัด")
    lock_out_a_guesser(portal)

    lose_a_web_process(portal, people)
    import_a_sheet(portal, people["administrator"])
    lose_redis(portal, people)
    lose_object_storage(portal, people, report)
    lose_postgres(portal, people)

    assert approve_all(people["reviewer"]) == 3
    publish(portal, people)
    for path in ("/", "/en/", f"/years/{YEAR}/", "/feed.atom", "/api/v1/status_reports"):
        same_at_both(portal, path)
    for name in ("status_reports.csv", "status_reports.xlsx", "status_reports.json", BUNDLE):
        same_at_both(portal, f"/data/{name}")
    assert RESULTS in read(same_at_both(portal, "/resolutions/2565/1/")).text
    first = printed(portal, f"/reports/{YEAR}.pdf")
    printed(portal, f"/reports/{YEAR}.docx")
    correct(portal, people, report)
    assert printed(portal, f"/reports/{YEAR}.pdf") != first
    assert printed(portal, f"/reports/{YEAR}.pdf?edition=1") == first
    assert portal.browser().get(agencys).status_code == 404, "the link has ended"
    portal.a.manage("verify_record")
