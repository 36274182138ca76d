"""The sentences that several tests expect are those that the code says."""

import ast
import re

import pytest

from followup.tests import sentences
from forum_portal.tests.test_repo import GETTEXT, application_code, files

SENTENCES = {name: text for name, text in vars(sentences).items() if name.isupper()}
VALUE = re.compile(r"%\(\w+\)[sd]|%[sd]")
CONSTANT = re.compile(r"""_\((?:"([^"]*)"|'([^']*)')\)|\{% translate "([^"]*)\"""")


def said() -> set[str]:
    """The texts that go through gettext, in code and in templates."""
    found = set()
    for path in application_code():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                first = node.args[0]
                if called in GETTEXT and isinstance(first, ast.Constant):
                    found.add(str(first.value))
    for path in files("*.html"):
        found |= {"".join(match) for match in CONSTANT.findall(path.read_text("utf-8"))}
    return found


SAID = said()


def fits(text: str, message: str) -> bool:
    """Whether a message says this text with some values, or holds it in its own words."""
    if len(VALUE.sub("", message).strip()) < 12:  # of values and little else: fits anything
        return False
    pattern = ".+?".join(map(re.escape, VALUE.split(message)))
    return re.fullmatch(pattern, text) is not None or text in message


@pytest.mark.parametrize("name", SENTENCES)
def test_the_code_says_what_the_tests_expect(name):
    text = SENTENCES[name]
    assert [message for message in SAID if fits(text, message)]


def test_no_sentence_has_two_names():
    assert len(set(SENTENCES.values())) == len(SENTENCES)


@pytest.mark.parametrize(
    ("text", "message", "expected"),
    [
        ("มีรอบปี 2569 อยู่แล้ว", "มีรอบปี %(year)s อยู่แล้ว", True),
        ("มีรอบปี 2569 อยู่แล้ว", "ไม่มีรอบปี %(year)s อยู่แล้ว", False),
        ("อยู่แล้ว", "มีรอบปี %(year)s อยู่แล้ว", True),
        ("อยู่แล้วนะ", "มีรอบปี %(year)s อยู่แล้ว", False),
        ("มีรอบปี 2569 อยู่แล้ว", "%(name)s %(n)s", False),
    ],
)
def test_what_fits_a_message(text, message, expected):
    assert fits(text, message) is expected
