"""The administrators' page on how the portal runs: every check in Thai, with what to do."""

import pytest

from followup import health, operation
from followup.views.system import PARTS
from forum_portal.version import VERSION


@pytest.fixture(autouse=True)
def no_line_leads_out(monkeypatch):
    """Nobody's mail server and certificate is asked in a test, where no worker runs."""
    monkeypatch.setitem(health.CHECKS, "jobs", health.Remark)
    monkeypatch.setitem(health.ALSO, "mail", lambda: health.Remark("fine", "รับจดหมาย"))
    monkeypatch.setitem(health.ALSO, "certificate", lambda: health.Remark("good", "ใช้ได้อีก 60 วัน"))


def test_every_check_has_a_name_and_says_what_to_do():
    assert set(PARTS) == {*health.CHECKS, *health.ALSO}
    assert all(part.label and part.advice for part in PARTS.values())


def test_an_administrator_sees_every_part_and_what_runs(open_round, people, sign_in):
    page = sign_in(people["administrator"]).page("/staff/system/")
    assert page.one("h1").text == "สถานะของระบบ"
    rows = {row.one("th").text: row.text for row in page.select("tbody tr")}
    assert set(rows) == {str(part.label) for part in PARTS.values()}
    assert rows["ระบบอีเมล"].split() == ["ระบบอีเมล", "ปกติ", "รับจดหมาย"]
    assert "ใช้ได้อีก 60 วัน" in rows["ใบรับรอง HTTPS"]
    unused = "ข้อมูลสำรอง ไม่ได้ใช้ ไม่ได้เฝ้าดู เพราะไม่ได้ตั้งค่า BACKUP_MARK"
    assert " ".join(rows["ข้อมูลสำรอง"].split()) == unused
    assert "ทุกส่วนที่ใช้อยู่ทำงานปกติ" in page.text
    assert "ไม่มีลิงก์ที่ใช้ได้" in page.text
    for name, number in operation.programs().items():
        assert f"{name} {number}" in " ".join(page.text.split())
    assert VERSION in page.text


def test_what_does_not_work_comes_first_with_what_to_do(
    open_round, people, sign_in, monkeypatch, issued
):
    def silent():
        raise health.Fault("connection refused", "ระบบอีเมลไม่รับการเชื่อมต่อ <b>")

    monkeypatch.setitem(health.ALSO, "mail", silent)
    page = sign_in(people["administrator"]).page("/staff/system/")
    assert "มี 1 ส่วนที่ต้องดูแล" in page.text
    first = page.select("tbody tr")[0].text
    assert first.split()[:2] == ["ระบบอีเมล", "ต้องดูแล"]
    assert "ระบบอีเมลไม่รับการเชื่อมต่อ <b>" in first, "as text"
    assert str(PARTS["mail"].advice) in first
    assert "1 ลิงก์ หมดอายุลิงก์แรก" in page.text


@pytest.mark.parametrize(("name", "status"), [("staff", 403), ("reviewer", 403), ("outsider", 403)])
def test_nobody_else_sees_it(people, sign_in, name, status):
    assert sign_in(people[name]).get("/staff/system/").status_code == status
