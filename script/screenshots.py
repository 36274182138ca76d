"""The pictures of the README: a portal with invented data, and a browser that looks at it.

`script/screenshots` starts this. The portal is a process of its own (`--serve FOLDER`), with a database
in a temporary folder and a clock that stands still.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from openpyxl import Workbook
from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
#: A morning while the demo's last round is open; its reports are due on 30 November.
NOW = datetime(2026, 10, 20, 9, 0, tzinfo=timezone(timedelta(hours=7)))
DESK, PHONE = ViewportSize(width=1280, height=960), ViewportSize(width=390, height=844)
COLOURS = 128  # of a picture: text on flat colours needs no more
#: A workbook as an agency sends it: a word for a status and a name that nobody knows yet.
ROWS = [
    ["แบบรายงานผลการดำเนินงาน ประจำปีงบประมาณ พ.ศ. 2569"],
    ["ลำดับ", "รหัสมาตรการย่อย", "หน่วยงานรับผิดชอบ", "สถานะ", "ผลการดำเนินงาน"],
    [1, "3.1", "กสจ.", "กำลังดำเนินการ", "อนุมัติ 12 โครงการ"],
    [2, "3.2", "กรมการปกครองง", "ดำเนินการแล้วบางส่วน", "จัดประชุม 2 ครั้ง"],
    [3, "3.7", "กสป.", "ชะลอ", "รอแนวทางของคณะกรรมการ"],
]


class Picture(NamedTuple):
    """A file in docs/: who looks, at what, how wide the window is."""

    file: str
    who: str  # "" for everybody
    open: Callable[[Page], None]
    window: ViewportSize


def begin_at(page: Page, heading: str) -> None:
    """On a phone, whose window the menu of staff fills, scroll to a heading."""
    if page.viewport_size == PHONE:
        page.get_by_role("heading", name=heading).evaluate("each => each.scrollIntoView()")


def overview(page: Page) -> None:
    page.goto("/")


def queue(page: Page) -> None:
    page.goto("/staff/")
    begin_at(page, "งานของฉัน")


def import_check(page: Page) -> None:
    """The step of the import that asks about what it did not understand."""
    book, content = Workbook(), BytesIO()
    for row in ROWS:
        book.active.append(row)
    book.save(content)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.goto("/staff/import/")
    page.locator("input[type=file]").set_input_files(
        {"name": "ผลการดำเนินงาน.xlsx", "mimeType": kind, "buffer": content.getvalue()}
    )
    for button in ("อ่านไฟล์", "ไปขั้นจับคู่คอลัมน์", "ตรวจข้อมูล"):
        page.get_by_role("button", name=button, exact=True).click()
    page.get_by_role("heading", name="ตรวจและแก้ไข").wait_for()
    begin_at(page, "ต้องเลือก 2 คำถาม")


PICTURES = (
    Picture("home.png", "", overview, DESK),
    Picture("home-phone.png", "", overview, PHONE),
    Picture("staff.png", "demo-staff", queue, DESK),
    Picture("staff-phone.png", "demo-staff", queue, PHONE),
    Picture("import.png", "demo-admin", import_check, DESK),
    Picture("import-phone.png", "demo-admin", import_check, PHONE),
)


# The portal -------------------------------------------------------------------------------------


def serve(folder: Path) -> None:
    """Serve a portal with the demo data until this process is ended; say where and who is signed in."""
    import time_machine

    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "forum_portal.settings_test"  # static files as they are
    os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'portal.sqlite3'}"
    os.environ["SECURITY_LOG_FILE"] = str(folder / "security.log")
    os.environ["PORTAL_SHOW_OPEN_ROUND"] = "true"  # as script/server --demo
    with time_machine.travel(NOW, tick=False):
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
        from django.core.wsgi import get_wsgi_application

        settings.IMPORT_FOLDER = folder / "imports"
        settings.KEPT_FILES = str(folder / "files")
        silence: Any = open(os.devnull, "w")  # noqa: SIM115  until the end
        for command in ("migrate", "load_forum", "load_demo"):
            call_command(command, stdout=silence, verbosity=0)

        class Quiet(WSGIRequestHandler):
            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
        server.set_app(get_wsgi_application())
        url = f"http://127.0.0.1:{server.server_port}"
        print(json.dumps({"url": url, "sessions": sign_in()}), flush=True)
        server.serve_forever()


def sign_in() -> dict[str, dict[str, str]]:
    """User name -> the cookie of a session of each of the demo's people."""
    from django.test import Client

    from followup.models import User

    cookies = {}
    for user in User.objects.filter(is_demo=True):
        client = Client()
        client.force_login(user)
        (session,) = client.cookies.values()
        cookies[user.username] = {"name": session.key, "value": session.value}
    return cookies


@contextmanager
def portal() -> Iterator[dict[str, Any]]:
    """A running portal: its address, and the cookies of its people."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--serve", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as server:
            try:
                line = server.stdout.readline() if server.stdout else ""
                if not line:
                    sys.exit("พอร์ทัลไม่เริ่มทำงาน ดูข้อความด้านบน · The portal did not start; see above.")
                yield json.loads(line)
            finally:
                server.kill()


# The browser ------------------------------------------------------------------------------------


def take(to: Path, chromium: str) -> list[Path]:
    """Make every picture; returns the files, which replace those of the same names."""
    made = []
    with portal() as place, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for picture in PICTURES:
            context = browser.new_context(
                base_url=place["url"],
                viewport=picture.window,
                locale="th-TH",
                timezone_id="Asia/Bangkok",
                color_scheme="light",
                reduced_motion="reduce",
            )
            if picture.who:
                cookie: Any = place["sessions"][picture.who] | {"url": place["url"]}
                context.add_cookies([cookie])
            page = context.new_page()
            picture.open(page)
            page.evaluate("document.fonts.ready")
            made.append(save(page.screenshot(), to / picture.file))
            context.close()
        browser.close()
    return made


def save(content: bytes, path: Path) -> Path:
    """Write a picture with few colours, which is a third of its size."""
    with Image.open(BytesIO(content)) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, "PNG", optimize=True)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/screenshots", description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "docs", metavar="FOLDER")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not chromium:
        sys.exit(
            "ไม่พบ Chromium ติดตั้งด้วยคำสั่ง: apt install chromium หรือระบุที่อยู่ใน CHROMIUM\n"
            "Chromium was not found. Install it (apt install chromium), or name it in CHROMIUM."
        )
    if not options.to.is_dir():
        sys.exit(f"ไม่มีโฟลเดอร์ {options.to} · There is no folder {options.to}.")
    for path in take(options.to, chromium):
        print(f"{path} ({path.stat().st_size // 1000} kB)")


if __name__ == "__main__":
    main()
