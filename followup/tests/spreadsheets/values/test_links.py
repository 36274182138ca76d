"""Cells of links, as evidence is named in a sheet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.spreadsheets.messages import level
from followup.spreadsheets.types import Level
from followup.spreadsheets.values import (
    read_links,
)
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.values.reading import read, said


@pytest.mark.parametrize(
    ("raw", "links"),
    [
        (None, []),
        ("-", []),
        ("https://a.go.th/x", [("a.go.th", "https://a.go.th/x")]),
        (
            "https://a.go.th/x, http://b.go.th\nhttps://c.go.th;https://d.go.th",
            [
                ("a.go.th", "https://a.go.th/x"),
                ("b.go.th", "http://b.go.th"),
                ("c.go.th", "https://c.go.th"),
                ("d.go.th", "https://d.go.th"),
            ],
        ),
        ("รายงาน | https://a.go.th/x", [("รายงาน", "https://a.go.th/x")]),
        ("1. รายงาน, ฉบับที่ 2: | https://a.go.th", [("1. รายงาน, ฉบับที่ 2:", "https://a.go.th")]),
        ("รายงาน: https://a.go.th/x", [("รายงาน", "https://a.go.th/x")]),
        (
            "1. รายงาน https://a.go.th/x\n- ภาพ (https://b.go.th/y).",
            [("รายงาน", "https://a.go.th/x"), ("ภาพ", "https://b.go.th/y")],
        ),
        (
            "https://th.wikipedia.org/wiki/ไทย_(ภาษา)",
            [("th.wikipedia.org", "https://th.wikipedia.org/wiki/ไทย_(ภาษา)")],
        ),
        ("https://a.go.th/x?a=1,2&b=3", [("a.go.th", "https://a.go.th/x?a=1,2&b=3")]),
        ('=HYPERLINK("https://a.go.th","คลิก")', [("a.go.th", "https://a.go.th")]),
        ("ดู https://a.go.th ติดต่อ x@b.go.th", [("ดู", "https://a.go.th")]),
    ],
)
def test_links(raw, links):
    assert read(read_links(raw, {})) == (links, [])


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("ข่าว | javascript:alert(1)", "javascript:alert(1)"),
        ("data:text/html,x", "data:text/html,x"),
        ("ftp://a.go.th/x", "ftp://a.go.th/x"),
        ("file:///C:/x", "file:///C:/x"),
        ("C:\\รายงาน\\x.pdf", "C:\\รายงาน\\x.pdf"),
        ("\\\\server\\x", "\\\\server\\x"),
        ("www.a.go.th", "www.a.go.th"),
        ("drive.google.com/file/x", "drive.google.com/file/x"),
        ("http://", "http://"),
        ("https://ไม่มีจุด", "https://ไม่มีจุด"),
        ("https://a.go.th/x javascript:alert(1)", "javascript:alert(1)"),
        ("https://a.go.th/" + "x" * 500, "https://a.go.th/" + "x" * 43 + "…"),
    ],
)
def test_what_is_no_web_address(raw, shown):
    assert read(read_links(raw, {})) == (
        None,
        [told("T05", v=shown)],
    )


def test_evidence_without_a_link_is_named():
    reading = read_links("หนังสือ พม 0301/12", {})
    assert read(reading) == (
        [],
        [told("T06", v="หนังสือ พม 0301/12")],
    )
    assert level(reading.problems[0]) is Level.WARN


def test_a_long_title():
    assert said(read_links("ก" * 201 + " | https://a.go.th", {})) == [told("T04", max="200")]


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[ก-ฮa-z0-9][ก-ฮa-z0-9,.:;()/-]{0,20}[ก-ฮa-z0-9)]", fullmatch=True),
            st.from_regex(r"https?://[a-z]{1,9}\.go\.th/[a-z0-9,._()%?=&-]{0,20}", fullmatch=True),
        ),
        max_size=4,
    )
)
def test_any_links_as_the_portal_writes_them(links):
    links = [(title, url) for title, url in links if "เเ" not in title]
    written = "\n".join(f"{title} | {url}" for title, url in links)
    assert read(read_links(written, {})) == (links, [])
