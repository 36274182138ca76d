"""Workbooks and lists that staff take away."""

import io
import zipfile
from urllib.parse import quote

import pytest
from django.http import HttpResponse

from followup.models import Agency
from followup.spreadsheets import exports
from followup.tests.factories import make_report
from followup.views.downloads import attachment

FOLDER = "/staff/rounds/2569/"


def name_of(response):
    return response["Content-Disposition"].removeprefix("attachment; filename*=utf-8''")


def test_an_agency_gets_its_workbook_under_its_name(staff, open_round):
    response = staff.get(f"{FOLDER}workbooks/CODI.xlsx")
    assert response.status_code == 200
    assert response["Content-Type"] == exports.XLSX_TYPE
    assert name_of(response) == quote("รายงานผล_2569_พอช.xlsx")
    assert zipfile.is_zipfile(io.BytesIO(response.content))


def test_all_workbooks_are_a_zip_with_one_for_each_agency(staff, open_round):
    response = staff.get(f"{FOLDER}workbooks.zip")
    assert response["Content-Type"] == "application/zip"
    assert name_of(response) == quote("แบบฟอร์ม_2569.zip")
    agencies = Agency.objects.filter(assignments__reports__round=open_round).distinct().count()
    assert len(zipfile.ZipFile(io.BytesIO(response.content)).namelist()) == agencies == 43


def test_reports_go_out_as_they_stand_with_the_day_in_the_name(staff, open_round, people, clock):
    make_report(open_round, "1.2", by=people["staff"], state="draft", results="ร่างที่ยังไม่เผยแพร่")
    response = staff.get(f"{FOLDER}reports.csv")
    assert response["Content-Type"].startswith("text/csv")
    assert name_of(response).startswith("2026-11-22_")
    content = b"".join(response.streaming_content).decode("utf-8-sig")
    assert "ร่างที่ยังไม่เผยแพร่" in content
    assert len(content.strip().splitlines()) > open_round.reports.count()


@pytest.mark.parametrize(
    "address",
    [
        "/staff/rounds/2570/workbooks.zip",
        f"{FOLDER}workbooks/NOBODY.xlsx",
        f"{FOLDER}reports.pdf",
    ],
)
def test_what_is_not_there_is_not_found(staff, open_round, address):
    assert staff.get(address).status_code == 404


def test_an_agency_without_a_report_in_the_round_has_no_workbook(staff, open_round):
    idle = Agency.objects.filter(assignments=None).first()
    assert staff.get(f"{FOLDER}workbooks/{idle.code}.xlsx").status_code == 404


@pytest.mark.parametrize("file", ["workbooks.zip", "workbooks/CODI.xlsx", "reports.xlsx"])
def test_strangers_take_nothing_away(open_round, visitor, people, sign_in, file):
    assert visitor.get(FOLDER + file)["Location"].startswith("/staff/login/")
    assert sign_in(people["outsider"]).get(FOLDER + file).status_code == 403


def test_a_name_cannot_add_a_line_to_the_headers():
    response = attachment(HttpResponse(), 'ก"\r\nSet-Cookie: x=1\u202e.xlsx')
    assert "\n" not in response["Content-Disposition"]
    assert "Set-Cookie" not in response.headers
    assert name_of(response).isascii()
