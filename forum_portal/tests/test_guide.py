"""docs/deployment.md, from nothing to an upgrade and back, is followed as it is written."""

import re
import shutil
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings

from forum_portal.bodies import upload_bytes
from forum_portal.tests.machine import HOST, Block, Machine, blocks
from forum_portal.version import VERSION

PORTAL, LATER = "v1.0.0", "v1.1.0"
POSTGRES = settings.DATABASES["default"]["ENGINE"] == "forum_portal.postgres"
#: Headings whose commands are for the other database.
OF_THE_OTHER = (
    {"The database aside, with SQLite"}
    if POSTGRES
    else {"With PostgreSQL instead of SQLite", "The database aside, with PostgreSQL"}
)
CADDY = "With Caddy"
TOKEN = f"{'0123456789abcdef' * 2}.{'S1gnature-_' * 4}"
#: Paths that are keys; an encoded letter leads to the same page.
SECRET = ["/r/{}/", "/en/follow/leave/{}/", "/a/{}/x", "/%72/{}/", "/feedback/F-12/{}/", "//r/{}/"]
#: Headers that no answer has twice, nor lacks.
OF_SECURITY = [
    *(
        "Strict-Transport-Security",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Permissions-Policy",
    ),
    *("Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Cross-Origin-Embedder-Policy"),
]
OF_PAGES = ["Content-Security-Policy", "X-Frame-Options", "X-Request-ID"]


def part(*headings: str) -> Iterator[Block]:
    """The blocks from the heading of the first to that of the last one, both included."""
    found = list(blocks())
    names = [block.heading for block in found]
    begin = names.index(headings[0])
    end = len(names) - names[::-1].index(headings[-1])
    yield from (each for each in found[begin:end] if each.heading not in OF_THE_OTHER)


@pytest.fixture
def machine(require, tmp_path) -> Iterator[Machine]:
    for program in ("nginx", "caddy", "curl", "openssl", "git"):
        require(
            shutil.which(program, path="/usr/local/bin:/usr/sbin:/usr/bin"), f"{program} is missing"
        )
    database = settings.DATABASES["default"]
    folder = database.get("HOST") or database.get("OPTIONS", {}).get("host", "")
    machine = Machine(tmp_path / "machine", postgres=folder if POSTGRES else "")
    try:
        yield machine
    finally:
        machine.close()


def follow(machine: Machine, *headings: str) -> str:
    """Run a part of the guide; what its last block printed."""
    said = ""
    for block in part(*headings):
        if block.heading == CADDY:
            continue
        said = machine.run(block.commands)
    return said


@pytest.mark.slow
def test_the_guide_leads_from_nothing_to_an_upgrade_and_back(machine):
    machine.publish(PORTAL, later=LATER)

    # From nothing to HTTPS
    follow(machine, "Deployment", "6. Services")
    assert machine.is_running("portal-worker")
    follow(machine, "With nginx")
    for _turn in range(60):  # a worker shows that it is there some seconds after its start
        checked = follow(machine, "8. Check it")
        if '"jobs": {"ok": true' in checked:
            break
    assert checked.splitlines()[:2] == ["ok", VERSION]
    assert f"301 https://{HOST}/" in checked
    assert set(re.findall(r'"(\w+)": {"ok": false', checked)) == {"backup"}, checked
    assert '"message":' in checked, "the log of the web server"
    private = machine.root / "srv/portal"
    assert oct((private / ".env").stat().st_mode & 0o777) == "0o600"
    assert oct((private / "var").stat().st_mode & 0o777) == "0o700"
    if not POSTGRES:  # the proxies do not depend on the database
        check(machine, NGINX)
        for block in blocks():
            if block.heading == CADDY:
                machine.run("systemctl stop nginx\n" + block.commands)
        check(machine, CADDYS)
        machine.run("systemctl stop caddy; systemctl start nginx\n")

    # The daily work, a backup and its proof
    for timer in [] if POSTGRES else sorted((machine.root / "etc/systemd/system").glob("*.timer")):
        [unit] = re.findall(r"^Unit=(.+)", timer.read_text(), re.M)
        command = unit.partition("@")[2].removesuffix(".service")
        if command:  # the others are called below
            machine.run(f"systemctl start {unit}\n")
    made = follow(machine, "9. Backups")
    assert re.search(r"portal-\d{4}-\d\d-\d\d\.tar", made)
    checked = follow(machine, "8. Check it")
    assert '"ready": true' in checked, checked

    # To the later version
    said = follow(machine, "Upgrade")
    assert f"ok\n{LATER[1:]}\n" in said
    machine.run("portal createsuperuser --noinput --username later --email later@example.go.th\n")
    assert stored(machine) == {"office", "later", "9999_later"}

    # And back: what was written since is lost, as the guide says
    said = follow(machine, "Roll back", "The former data back")
    assert f"ok\n{PORTAL[1:]}\n" in said
    assert stored(machine) == {"office"}


def stored(machine: Machine) -> set[str]:
    """The names of people, and the migration of the later version if it was applied."""
    said = machine.run(
        "portal shell -v 0 -c 'from django.db.migrations.recorder import MigrationRecorder as R; "
        "from followup.models import User; "
        'print("stored:", *User.objects.values_list("username", flat=True), '
        '*R.Migration.objects.filter(name="9999_later").values_list("name", flat=True))\'\n'
    )
    return set(re.search(r"stored: (.*)", said)[1].split())


# What each proxy does ---------------------------------------------------------------------------


def check(machine: Machine, checks: list[Callable[[Machine], None]]) -> None:
    """Run all of them, then fail with everything that was wrong."""
    wrong = []
    for each in checks:
        try:
            each(machine)
        except AssertionError as error:
            wrong.append(f"{each.__name__}: {error}")
    assert not wrong, "\n\n".join(wrong)


def plain_http_leads_to_https(machine: Machine) -> None:
    answer = machine.ask("/about/?x=1", plain=True)
    assert answer.status in {301, 308}
    [location] = answer.every("Location")
    assert location.replace(f":{machine.https}", "") == f"https://{HOST}/about/?x=1"
    assert answer.every("Strict-Transport-Security") == [], "browsers would ignore it"


def headers_of_security_come_once(machine: Machine) -> None:
    page = machine.ask("/about/")
    [style] = set(re.findall(r'href="(/static/css/portal\.[^"]+)"', page.text))
    answers = {each: machine.ask(each) for each in ("/about/", style, "/nowhere/", "/robots.txt")}
    for path, answer in answers.items():
        for name in [*OF_SECURITY, *(OF_PAGES if path.endswith("/") else [])]:
            assert len(answer.every(name)) == 1, f"{name} of {path}: {answer.every(name)}"
    assert answers["/about/"].status == answers[style].status == 200
    assert "immutable" in answers[style].every("Cache-Control")[0]


def the_proxy_numbers_requests(machine: Machine) -> None:
    answer = machine.ask("/api/v1/", X_Request_ID="0123456789-forged")
    [number] = answer.every("X-Request-ID")
    assert number != "0123456789-forged"
    assert machine.asked("/api/v1/")
    assert number in {line.get("request_id") for line in machine.log("portal-web")}


def the_address_is_the_one_that_the_proxy_saw(machine: Machine) -> None:
    forged = {"X_Forwarded_For": "203.0.113.9", "X_Forwarded_Proto": "http"}
    assert machine.ask(f"/r/{TOKEN}/", **forged).status == 404, (
        "it is HTTPS, whatever a client says"
    )
    refused = [line for line in machine.log("portal-web") if line.get("event") == "link_refused"]
    assert {line["address"] for line in refused} == {"127.0.0.0/24"}


def the_largest_upload_passes(machine: Machine) -> None:
    """The portal, and not the proxy, says that this page takes none so large."""
    answer = machine.ask("/staff/login/", method="POST", body=b"x" * upload_bytes())
    assert answer.status == 413
    assert len(answer.every("Content-Security-Policy")) == 1, "the portal's own answer"
    assert "ข้อมูลที่ส่งใหญ่เกินไป" in answer.text


def a_larger_one_is_refused_in_words(machine: Machine) -> None:
    answer = machine.ask("/staff/login/", method="POST", Content_Length=str(141 * 1024 * 1024))
    assert answer.status == 413
    assert answer.every("Content-Security-Policy") == [], "the proxy's own answer"
    assert "ไฟล์ใหญ่เกินไป" in answer.text
    assert "The file is too large." in answer.text
    assert answer.every("Content-Type") == ["text/html; charset=utf-8"]


def readers_get_kept_pages(machine: Machine) -> None:
    first = machine.ask("/privacy/")
    assert "s-maxage=10" in first.every("Cache-Control")[0]
    before = machine.asked("/privacy/")
    again = machine.ask("/privacy/")
    assert (again.status, again.body) == (200, first.body)
    assert machine.asked("/privacy/") == before, "nginx answered by itself"
    [tag] = again.every("ETag")
    assert machine.ask("/privacy/", If_None_Match=tag).status == 304
    packed = machine.ask("/privacy/", Accept_Encoding="br")
    assert packed.every("Content-Encoding") == ["br"], "not the one that was kept for others"
    assert machine.ask("/privacy/").every("Content-Encoding") == []


def whoever_may_be_signed_in_is_answered_by_the_portal(machine: Machine) -> None:
    for name in (settings.SESSION_COOKIE_NAME, settings.MESSAGES_COOKIE_NAME):
        machine.ask("/accessibility/")  # kept for readers
        before = machine.asked("/accessibility/")
        answer = machine.ask("/accessibility/", Cookie=f"a=b; __Host-{name.split('-')[-1]}=x")
        assert "private" in answer.every("Cache-Control")[0]
        assert machine.asked("/accessibility/") == before + 1, name
        assert "private" not in machine.ask("/accessibility/").every("Cache-Control")[0]


def private_pages_are_never_kept(machine: Machine) -> None:
    for path in ("/staff/login/", "/feedback/"):
        before = machine.asked(path)
        for _turn in range(2):
            assert machine.ask(path).status == 200
        assert machine.asked(path) == before + 2, path


def keys_are_in_no_log(machine: Machine) -> None:
    """Neither while the portal answers nor while it does not."""
    for path in SECRET:
        machine.ask(path.format(TOKEN))
    machine.ask("/about/")
    machine.run("systemctl stop portal-web\n")
    try:
        away = [
            machine.ask(path.format(TOKEN), Referer=f"https://{HOST}/r/{TOKEN}/") for path in SECRET
        ]
        for answer in away:
            assert (answer.status, answer.every("Retry-After")) == (503, ["60"]), answer.status
            assert "ระบบปิดปรับปรุงชั่วคราว" in answer.text
    finally:
        machine.run("systemctl start portal-web\n")
    logs = [*machine.root.glob("var/log/**/*.log"), *machine.root.glob("run/*.log")]
    told = {path.name for path in logs if TOKEN[:32] in path.read_text("utf-8", "replace")}
    assert told == set(), told


def the_log_of_the_proxy_has_no_queries(machine: Machine) -> None:
    machine.ask("/search/?q=somebody")
    machine.asked("/search/")  # the line follows the answer
    log = (machine.root / "var/log/nginx/portal-access.log").read_text("utf-8")
    assert " GET /search/ 200 " in log
    assert "somebody" not in log
    assert "127.0.0.1" not in log


def kept_pages_outlive_the_portal(machine: Machine) -> None:
    machine.ask("/about/")
    machine.run("systemctl stop portal-web\n")
    try:
        assert machine.ask("/about/").status == 200
        assert machine.ask("/about/?from=nowhere").status == 503
    finally:
        machine.run("systemctl start portal-web\n")


CADDYS: list[Callable[[Machine], None]] = [
    plain_http_leads_to_https,
    headers_of_security_come_once,
    the_proxy_numbers_requests,
    the_address_is_the_one_that_the_proxy_saw,
    the_largest_upload_passes,
    a_larger_one_is_refused_in_words,
    keys_are_in_no_log,
]
NGINX = [
    *CADDYS,
    readers_get_kept_pages,
    whoever_may_be_signed_in_is_answered_by_the_portal,
    private_pages_are_never_kept,
    the_log_of_the_proxy_has_no_queries,
    kept_pages_outlive_the_portal,
]
