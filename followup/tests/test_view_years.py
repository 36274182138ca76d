"""Which round: every address with a year answers a year that is not there alike."""

import pytest
from django.urls import get_resolver, reverse

from followup.models import Round
from followup.tests.client import read

PUBLISHED = "ปีที่เผยแพร่แล้ว: 2566, 2567, 2568"
EVERY = "รอบที่มี: 2566, 2567, 2568, 2569"
UNKNOWN, SMALL, HUGE, DRAFT = 2570, 67, 10**30, 2569
OTHERS = {"pk": 1, "number": 1, "part": 4, "code": "CODI", "verb": "close", "kind": "csv"}

WITH_A_YEAR = sorted(
    str(name)
    for name, (possibilities, *_rest) in get_resolver().reverse_dict.items()
    if isinstance(name, str) and {"year", "round_code"} & set(possibilities[0][1])
)
# They show some year, and take another by `?year=`.
PUBLIC_LISTS = ("/", "/resolutions/", "/resolutions/2565/3/", "/agencies/", "/agencies/CODI/")
PUBLIC_LISTS += ("/matrix/", "/areas/", "/areas/TH-40/", "/projects/", "/silence/", "/data/")
STAFF_LISTS = ("/staff/", "/staff/links/", "/staff/letters/")


def address(name, year):
    _patterns, names = get_resolver().reverse_dict[name][0][0]
    return reverse(
        name,
        kwargs={
            each: year
            if each in {"year", "round_code"}
            else "unopen"
            if name == "staff-round-undo" and each == "verb"
            else OTHERS[each]
            for each in names
        },
    )


def said(page):
    """What the page says on top."""
    return page.texts("[role=status] p")


def reason(response):
    assert response.status_code == 404
    return read(response).one("main").text


def test_every_address_with_a_year_is_found():
    staff = [name for name in WITH_A_YEAR if name.startswith("staff-")]
    assert sorted(set(WITH_A_YEAR) - set(staff)) == [
        "forum",
        "report",
        "report-docx",
        "report-part",
        "report-pdf",
        "year",
    ]
    assert len(staff) > 8


@pytest.mark.parametrize("year", [UNKNOWN, SMALL, HUGE, DRAFT])
def test_an_address_of_a_year_that_is_not_public_names_those_that_are(demo, visitor, year):
    assert Round.objects.get(year_be=DRAFT).state == "open"
    for name in WITH_A_YEAR:
        if not name.startswith("staff-") and name != "forum":
            told = reason(visitor.get(address(name, year)))
            assert f"ปีงบประมาณ {year} ไม่มีรอบที่เผยแพร่ {PUBLISHED}" in told, name


@pytest.mark.parametrize("year", [UNKNOWN, SMALL, HUGE])
def test_an_address_for_staff_of_a_year_without_a_round_names_those_there_are(
    demo, people, sign_in, year
):
    administrator = sign_in(people["administrator"])
    for name in WITH_A_YEAR:
        if name == "staff-organisation-invite":
            continue  # of an organisation, which the demo has none of: see its own tests
        if name.startswith("staff-") and not name.startswith("staff-forum"):
            told = reason(administrator.get(address(name, year)))
            assert f"ไม่มีรอบปีงบประมาณ {year} {EVERY}" in told, name


#: The steps of a draft: another year has none.
STEPS = {"facts", "source", "marks", "check", "preview", "publish", "remove"}


@pytest.mark.parametrize("year", [UNKNOWN, SMALL, HUGE])
def test_an_address_of_a_year_without_a_forum_names_those_there_are(
    second_forum, people, sign_in, visitor, year
):
    known = f"ไม่มีเวทีปี {year} เวทีที่มี: 2565, 2566"
    assert known in reason(visitor.get(address("forum", year)))
    administrator = sign_in(people["administrator"])
    for name in WITH_A_YEAR:
        if name.startswith("staff-forum-"):
            step = name.removeprefix("staff-forum-")
            told = reason(administrator.get(address(name, year)))
            assert (f"ไม่มีร่างเวทีปี {year}" if step in STEPS else known) in told, name


@pytest.mark.parametrize("query", ["2570", "2569", "๒๕๗๐"])
def test_a_public_page_falls_back_to_the_latest_year_and_says_so(demo, visitor, query):
    year = {"๒๕๗๐": "2570"}.get(query, query)
    for path in PUBLIC_LISTS:
        notice = read(visitor.get(path, {"year": query})).one("p.notice[role=status]").text
        assert notice == f"ปีงบประมาณ {year} ยังไม่มีรอบที่เผยแพร่ จึงแสดงปีงบประมาณ 2568", path


@pytest.mark.parametrize("query", ["67", "x", "25690", "9" * 30])
def test_a_public_page_that_cannot_read_a_year_says_so(demo, visitor, query):
    for path in PUBLIC_LISTS:
        notice = read(visitor.get(path, {"year": query})).one("p.notice[role=status]").text
        assert notice == f"ไม่เข้าใจปี “{query}” จึงแสดงปีงบประมาณ 2568", path


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("2570", "หน้านี้ไม่มีรอบปีงบประมาณ 2570"),
        ("67", "ไม่เข้าใจปี “67”"),
        ("x", "ไม่เข้าใจปี “x”"),
        ("9" * 30, f"ไม่เข้าใจปี “{'9' * 30}”"),
    ],
)
def test_a_list_for_staff_falls_back_and_says_so(demo, people, sign_in, query, sentence):
    staff = sign_in(people["staff"])
    for path in STAFF_LISTS:
        page = read(staff.get(path, {"year": query}))
        assert said(page) == [f"{sentence} จึงแสดงปีงบประมาณ 2569"], path
    assert said(read(staff.get("/staff/history/", {"year": query}))) == [sentence]


def test_a_list_for_staff_takes_a_year_as_forms_do(demo, people, sign_in):
    staff = sign_in(people["staff"])
    page = read(staff.get("/staff/letters/", {"year": "๒๕๖๗"}))
    assert said(page) == []
    assert "ปีงบประมาณ 2567" in page.one("main .kicker").text


@pytest.mark.parametrize("path", ["/staff/letters/CODI/", "/staff/letters/CODI.docx"])
def test_nothing_is_written_for_another_year_than_was_meant(demo, people, sign_in, path):
    staff = sign_in(people["staff"])
    assert f"ไม่มีรอบปีงบประมาณ 2570 {EVERY}" in reason(staff.get(path, {"year": "2570"}))
    assert "ปี “67” มีเพียง 2 หลัก" in reason(staff.get(path, {"year": "67"}))


def test_before_the_first_round(forum, people, sign_in, visitor):
    staff = sign_in(people["staff"])
    assert "ยังไม่มีรอบติดตามที่เผยแพร่" in reason(visitor.get("/years/2567/"))
    assert "ยังไม่มีรอบติดตาม" in reason(staff.get("/staff/rounds/2567/"))
    assert "ยังไม่มีรอบติดตาม" in reason(staff.get("/staff/letters/CODI/"))
    for path in (*STAFF_LISTS, "/staff/history/"):
        assert said(read(staff.get(path, {"year": "2570"}))) == ["หน้านี้ไม่มีรอบปีงบประมาณ 2570"], path
