"""No word of the interface knows which forum there is, or how many proposals: the rows know."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

from forum_portal.tests.test_repo import GETTEXT, application_code, files, name

#: Years, numbers and counts of the first forum.
ONE_FORUMS = re.compile(
    "2565|๒๕๖๕|แปด"
    "|(?<![0-9])8 ข้อ|(?<![๐-๙])๘ ข้อ|ทั้ง (?:8|๘)|ที่ (?:8|๘)(?![0-9๐-๙])"
    "|(?<![0-9])34 ข้อ|(?<![0-9])848(?![0-9])"
)


def words_of_template(source: str) -> Iterator[str]:
    """Everything but comments."""
    for token in Lexer(source).tokenize():
        if token.token_type is not TokenType.COMMENT:
            yield token.contents


def words_of_python(source: str) -> Iterator[str]:
    """The texts given to gettext."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in GETTEXT:
                yield from (
                    each.value
                    for each in node.args
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )


def words() -> Iterator[tuple[Path, str]]:
    """(file, text) of all that people read: pages, mails, images, messages, scripts, print."""
    for path in files("*.html", "*.txt", "*.svg"):
        if name(path).startswith("templates/"):
            yield from ((path, text) for text in words_of_template(path.read_text("utf-8")))
    for path in application_code():
        yield from ((path, text) for text in words_of_python(path.read_text("utf-8")))
    for path in files("*.po", "static/js/*.js", "followup/annual_report/*.typ"):
        yield path, path.read_text("utf-8")


def test_no_template_and_no_message_knows_the_first_forum():
    every = list(words())
    read = {name(path) for path, _text in every}
    assert read >= {
        "templates/staff/digest.txt",
        "templates/embed/badge.svg",
        "templates/staff/import/check.html",
    }
    assert read >= {"followup/opendata/package.py", "locale/th/LC_MESSAGES/django.po"}
    found = {
        f"{name(path)}: {match[0]}" for path, text in every for match in ONE_FORUMS.finditer(text)
    }
    assert sorted(found) == []


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("ข้อเสนอ 8 ข้อ", True),
        ("ข้อเสนอทั้ง 8", True),
        ("ตามข้อเสนอที่ 8", True),
        ("ประจำปี 2565", True),
        ("ประจำปี ๒๕๖๕", True),
        ("ข้อเสนอแปดข้อ", True),
        ("ข้อเสนอ 18 ข้อ", False),
        ("ข้อเสนอที่ 80", False),
        ("ข้อเสนอที่ %(number)s", False),
        ("ปีงบประมาณ 2567", False),
    ],
)
def test_what_counts_as_knowing_it(text, seen):
    assert bool(ONE_FORUMS.search(text)) == seen


def test_texts_are_found_in_both_kinds_of_file():
    assert list(words_of_template("{# ปี 2565 #}{{ _('ก') }}ข")) == ["_('ก')", "ข"]
    assert list(words_of_python("x = _('ก')\ny = 'ปี 2565'\nz = gettext_lazy('ข')")) == ["ก", "ข"]
