"""How templates are laid out, so that a change to one is a change of few, short lines."""

import re
from collections.abc import Iterator

import pytest

from forum_portal.tests.test_repo import THAI, files, name

LONGEST = 160

# Elements that begin a line of their own on the page; `br`, links, `span` and the like stand in text.
OPENED = re.compile(
    r"<(address|article|aside|blockquote|body|caption|col|colgroup|dd|details|div|dl|dt|fieldset"
    r"|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|legend|li|main|nav|ol|optgroup"
    r"|option|p|pre|section|select|summary|table|tbody|td|tfoot|th|thead|tr|ul)\b"
)
VERBATIM = re.compile(r"<(/?)(?:pre|textarea)\b")
PATH_DATA = re.compile(r' d="[^"]*"')


def crowded(line: str) -> str:
    """What is wrong with a template's line, or "".

    A line has at most 160 characters that are not Thai, path data aside, and opens at most one
    block-level element.
    """
    length = len(THAI.sub("", PATH_DATA.sub("", line)))
    if length > LONGEST:
        return f"{length} characters besides Thai"
    opened = OPENED.findall(line)
    return f"opens {' and '.join(opened)}" if len(opened) > 1 else ""


def crooked(lines: list[str]) -> Iterator[int]:
    """The numbers of lines that are not indented by two spaces more a level, or that hold a tab.

    A line may stand at most one level (two spaces) deeper than the line before it. What is shown
    as it is written, in `pre` and `textarea`, is left out.
    """
    before, verbatim = 0, False
    for number, line in enumerate(lines, 1):
        was_verbatim = verbatim
        for close in VERBATIM.findall(line):
            verbatim = not close
        if was_verbatim or not line.strip():
            continue
        depth = len(line) - len(line.lstrip(" "))
        if "\t" in line or depth % 2 or depth > before + 2:
            yield number
        before = depth


def templates() -> Iterator[tuple[str, list[str]]]:
    for path in files("templates/**/*.html", "templates/*.html", "templates/**/*.svg"):
        yield name(path), path.read_text("utf-8").splitlines()


def test_no_line_of_a_template_is_crowded():
    found = [
        f"{file}:{number}: {fault}"
        for file, lines in templates()
        for number, line in enumerate(lines, 1)
        if (fault := crowded(line))
    ]
    assert found == []


def test_templates_are_indented_by_two_spaces_a_level():
    assert [f"{file}:{number}" for file, lines in templates() for number in crooked(lines)] == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("<p>" + "ก" * 400 + "</p>", ""),
        ('<path d="' + "M0 0" * 100 + '"/>', ""),
        ('<a href="' + "x" * 160 + '">', "171 characters besides Thai"),
        ("<p><b>a</b> <a href='#'>b</a></p>", ""),
        ("<li><p>a</p></li>", "opens li and p"),
        ("<td>a</td><td>b</td>", "opens td and td"),
        ("<ul>{% for each in all %}<li>a</li>{% endfor %}</ul>", "opens ul and li"),
    ],
)
def test_a_crowded_line_is_seen(line, fault):
    assert crowded(line) == fault


@pytest.mark.parametrize(
    ("lines", "numbers"),
    [
        (["<ul>", "  <li>", "    a", "  </li>", "</ul>"], []),
        (["<ul>", "", "  <li>a</li>", "</ul>"], []),
        (["<div>", "  <pre>a", "          b</pre>", "    <p>c</p>", "</div>"], []),
        (["<div>", "  <pre>a</pre>", "      <p>b</p>", "</div>"], [3]),
        (["<ul>", "   <li>a</li>"], [2]),
        (["<ul>", "    <li>a</li>"], [2]),
        (["<ul>", "\t<li>a</li>"], [2]),
    ],
)
def test_a_crooked_line_is_seen(lines, numbers):
    assert list(crooked(lines)) == numbers
