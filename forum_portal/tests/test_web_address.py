"""Web addresses without a name and a password in them."""

import pytest
from django.core.exceptions import ValidationError

from followup.forms.report import EvidenceForm
from followup.models import Evidence
from followup.spreadsheets.messages import sentence
from followup.spreadsheets.values import read_links
from forum_portal.web_address import WebAddress, has_userinfo

pytestmark = pytest.mark.security

BAD = [
    "https://user:password@www.example.org/",
    "https://user@www.example.org/",
    "https://:@www.example.org/",
    "https://www.m-society.go.th@evil.example/",
    "https://www.m-society.go.th%2F@evil.example/",
    "https://www.m-society.go.th\\@evil.example/",
    "HTTP://User:Pass@www.example.org:8080/a?b#c",
]
GOOD = [
    "https://www.example.org/@user/1",
    "https://www.example.org/?mail=a@example.org",
    "https://www.example.org/#a@b",
    "http://ข้อมูล.ไทย/ก",
]
SENTENCE = "ลิงก์มีชื่อผู้ใช้หรือรหัสผ่านหน้าเครื่องหมาย @ ซึ่งทุกคนจะเห็น ลบส่วนนั้นออกจากลิงก์แล้วบันทึกอีกครั้ง"


@pytest.mark.parametrize("url", BAD)
def test_a_link_with_a_name_in_it_is_refused_in_the_form_and_the_model(url):
    assert has_userinfo(url)
    form = EvidenceForm({"title": "ก", "url": url})
    assert form.errors["url"] == [SENTENCE]
    with pytest.raises(ValidationError) as refused:
        Evidence(title="ก", url=url).clean_fields(exclude=["report"])
    assert SENTENCE in refused.value.message_dict["url"]


@pytest.mark.parametrize("url", [*BAD[:2], BAD[3], BAD[6]])
@pytest.mark.parametrize("cell", ["{}", "ดูที่ {} นะ", "รายงาน | {}"])
def test_and_in_a_spreadsheet_without_repeating_the_password(url, cell):
    reading = read_links(cell.format(url), {})
    assert reading.value is None
    [problem] = reading.problems
    said = sentence(problem)
    assert problem.code == "T10"
    assert "มีชื่อผู้ใช้หรือรหัสผ่านหน้าเครื่องหมาย @" in said
    assert "assword" not in said
    assert "Pass" not in said


@pytest.mark.parametrize("url", GOOD)
def test_an_at_after_the_host_is_part_of_the_path(url):
    WebAddress()(url)
    assert EvidenceForm({"title": "ก", "url": url}).errors.get("url") is None
