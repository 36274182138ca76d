"""Rules for the whole repository: translated strings, years, status colours, traces, patterns."""

import ast
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.template.base import Lexer, TokenType

from followup.status import Status

ROOT: Path = settings.ROOT
APPS = ("forum_portal", "proposals", "followup")
THAI = re.compile("[\u0e00-\u0e7f]")

# Created by tools or by running the portal; not part of the repository.
NOT_OURS = {
    ".cache",
    ".git",
    ".hypothesis",
    ".import_linter_cache",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".venv",
    "__pycache__",
    "media",
    "node_modules",
    "staticfiles",
    "test-results",
    "var",
}


def files(*patterns: str) -> Iterator[Path]:
    """The repository's files that match one of the patterns, tracked or not."""
    for path in ours():
        if any(path.match(pattern) for pattern in patterns):
            yield path


@cache
def ours() -> list[Path]:
    found = []
    for folder, folders, names in os.walk(ROOT):
        # Skip virtual environments, including those of other Python versions.
        folders[:] = [
            each for each in folders if each not in NOT_OURS and not each.startswith(".venv-")
        ]
        found += [Path(folder, each) for each in names if each != ".env" and each not in NOT_OURS]
    return sorted(found)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_files_are_found():
    found = {name(path) for path in files("*")}
    assert {"manage.py", ".ci/run", ".gitignore", "templates/base.html"} <= found
    assert "forum_portal/tests/test_repo.py" in found
    assert not any(each.startswith((".venv", ".git/", "var/")) for each in found)


# (a) Every Thai string that people read goes through gettext -----------------------------------

# `_("…")` or `_('…')`, as Django's templates write a translated constant.
TRANSLATED = re.compile(r"""_\((?:"[^"]*"|'[^']*')\)""")
TAGS = {"translate", "trans", "blocktranslate", "blocktrans"}


def bare_thai_in_template(source: str) -> Iterator[tuple[int, str]]:
    """(line, text) of Thai text outside gettext, which a translator would never see."""
    inside = False  # of a blocktranslate
    for token in Lexer(source).tokenize():
        tag = token.contents.split()[0] if token.contents.split() else ""
        if token.token_type is TokenType.BLOCK:
            if tag in {"blocktranslate", "blocktrans"}:
                inside = True
            elif tag in {"endblocktranslate", "endblocktrans"}:
                inside = False
        text = token.contents
        if token.token_type is TokenType.COMMENT or (token.token_type is TokenType.TEXT and inside):
            continue
        if token.token_type is TokenType.BLOCK and tag in {"translate", "trans"}:
            text = re.sub(r"""^\w+\s+(?:"[^"]*"|'[^']*')""", "", text)
        if THAI.search(TRANSLATED.sub("", text)):
            yield token.lineno or 0, text.strip()


def test_no_template_has_bare_thai():
    bare = [
        f"{name(path)}:{line}: {text[:60]}"
        for path in files("templates/**/*.html", "templates/*.html", "*.html")
        for line, text in bare_thai_in_template(path.read_text("utf-8"))
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("source", "bare"),
    [
        (
            '{{ _("ปี") }}{% translate "ปี" %}{# ปี #}{% blocktranslate %}ปี {{ n }}{% endblocktranslate %}',
            0,
        ),
        ("<p aria-label=\"{{ _('ปี') }}\">{% include 'a.html' with hint=_(\"ปี\") %}</p>", 0),
        (
            "{% blocktranslate with who=by|default:_('ผู้อื่น') %}{{ who }} แก้ไข{% endblocktranslate %}",
            0,
        ),
        ("<p>ปี</p>", 1),
        ('<p title="ปี"></p>', 1),
        ('{{ year|default:"ปี" }}', 1),
        ("{% include 'a.html' with hint='ปี' %}", 1),
        ('{% if state == "ปี" %}{% endif %}', 1),
        ("{% blocktranslate %}ปี{% endblocktranslate %} ปี", 1),
        ('{% translate "ปี" as year %}{{ year|add:"ปี" }}', 1),
    ],
)
def test_bare_thai_in_a_template_is_seen(source, bare):
    assert len(list(bare_thai_in_template(source))) == bare


GETTEXT = {
    "_",
    "_l",
    "gettext",
    "gettext_lazy",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
    "_p",
}

# Thai that is data, not interface text.
DATA = {
    "forum_portal/settings.py": {"PORTAL_ITEM_NOUN"},
    "followup/roles.py": {"COMMITTEE_STAFF", "REVIEWER", "ADMINISTRATOR"},
    "followup/demo.py": {"PEOPLE"},
    # Words of Thailand's catalogue, which it takes letter by letter
    "followup/opendata/ckan.py": {"ANSWERS", "OTHERWISE"},
    "followup/opendata/licences.py": {"OTHER"},
    "followup/report_fields.py": {"FIELDS"},  # headings by which a workbook is known
    "followup/passwords.py": {"WORDS", "_KEDMANEE"},
    "followup/project_codes.py": {"_ALIASES"},  # what people write before a code
    "followup/source_text.py": {"LETTERS"},
    "forum_portal/deployment.py": {"_PHONE"},  # an extension, as people write it
    "forum_portal/display.py": {"_UNIT"},
    "forum_portal/environment.py": {"REFUSALS"},  # both languages, before gettext works
    "forum_portal/languages.py": {"LANGUAGES"},  # each by its own name
}
# Modules about Thai as people write it: patterns, word tables, headings that a returned file must
# still have. Their error messages are checked below.
READERS = (
    "forum_portal/thai.py",
    "forum_portal/years.py",
    "forum_portal/cells.py",
    "followup/mentions.py",
    "followup/search_words.py",
    "followup/source_words.py",
    "followup/spreadsheets/archive.py",
    "followup/spreadsheets/codes.py",
    "followup/spreadsheets/exports.py",
    "followup/spreadsheets/forums.py",
    "followup/spreadsheets/headings.py",
    "followup/spreadsheets/lines.py",
    "followup/spreadsheets/match.py",
    "followup/spreadsheets/measures.py",
    "followup/spreadsheets/recognise.py",
    "followup/spreadsheets/sandbox.py",
    "followup/spreadsheets/titles.py",
    "followup/spreadsheets/words.py",
    *(
        path.relative_to(ROOT).as_posix()
        for folder in ("reader", "values", "workbook")
        for path in sorted((ROOT / "followup" / "spreadsheets" / folder).glob("*.py"))
    ),
)


def bare_thai_in_python(tree: ast.Module, data: Iterable[str] = ()) -> Iterator[tuple[int, str]]:
    """(line, text) of Thai constants that are not gettext arguments, docstrings or data."""
    allowed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                allowed.add(id(first.value))
        elif isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in GETTEXT:
                allowed.update(id(each) for each in node.args)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if {getattr(each, "id", "") for each in targets} & set(data):
                allowed.update(id(each) for each in ast.walk(node))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in allowed:
            continue
        if THAI.search(str(node.value)):
            yield node.lineno, str(node.value)


def application_code() -> Iterator[Path]:
    for path in files("*.py"):
        parts = path.relative_to(ROOT).parts
        if parts[0] in APPS and {"tests", "migrations", "management"}.isdisjoint(parts):
            yield path


def test_no_python_has_bare_thai():
    bare = [
        f"{name(path)}:{line}: {text[:60]}"
        for path in application_code()
        if name(path) not in READERS
        for line, text in bare_thai_in_python(
            ast.parse(path.read_text("utf-8")), DATA.get(name(path), ())
        )
    ]
    assert bare == []


@pytest.mark.parametrize("file", READERS)
def test_what_a_reader_of_thai_says_when_it_refuses_goes_through_gettext(file):
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and node.exc]
    # `pass` first, as the first expression of a module is its docstring.
    module = ast.Module([ast.Pass(), *map(ast.Expr, raised)], [])
    assert [f"{file}:{line}" for line, _text in bare_thai_in_python(module)] == []


def test_the_data_that_may_be_thai_is_there():
    for file, names in DATA.items():
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        assigned = {
            getattr(target, "id", "")
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        }
        assert names <= assigned, file


@pytest.mark.parametrize(
    ("source", "bare"),
    [
        ('"""ปี"""\nx = _("ปี") + _l("ปี %(n)s") % {"n": 1}\n', 0),
        ('def f():\n    """ปี"""\n    return gettext("ปี")\n', 0),
        ('MONTHS = ("ปี",)\n', 0),
        ('x = "ปี"\n', 1),
        ('x = f"ปี {n}"\n', 1),
        ('x = _(f"ปี {n}")\n', 1),
        ('x = _("ปี" % n)\n', 1),
        ('messages.error(request, "ปี")\n', 1),
        ('x = {"ปี": _("ปี")}\n', 1),
        ('def f():\n    x = 1\n    "ปี"\n', 1),
    ],
)
def test_bare_thai_in_python_is_seen(source, bare):
    assert len(list(bare_thai_in_python(ast.parse(source), {"MONTHS"}))) == bare


# (b) One place converts between the eras -------------------------------------------------------

ERA = re.compile(r"(?<![\w.#&-])543(?![\w.-])")


def test_only_one_module_knows_how_far_the_eras_are_apart():
    code = files("*.py", "*.html", "*.js", "*.css", "*.svg", "script/*", ".ci/*")
    found = {
        name(path)
        for path in code
        if "tests" not in path.parts and ERA.search(path.read_text("utf-8"))
    }
    assert found == {"forum_portal/years.py"}


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("year + 543", True),
        ("(2567-543)", False),
        ("- 543)", True),
        ("sha:54321", False),
        ("1543", False),
    ],
)
def test_what_counts_as_the_distance(text, seen):
    assert bool(ERA.search(text)) is seen


# (c) A status has its colours in one place -----------------------------------------------------

STYLE = "static/css/portal.css"


def status_colours() -> dict[str, set[str]]:
    """Status -> its colours in the style sheet, without white, which is used everywhere."""
    rules = re.findall(
        r"^\.st-(\w+)\s*\{([^}]*)\}", (ROOT / STYLE).read_text("utf-8"), re.MULTILINE
    )
    return {
        status: set(re.findall("#[0-9a-f]{6}", text.lower())) - {"#ffffff"}
        for status, text in rules
    }


def test_every_status_has_its_colours():
    colours = status_colours()
    assert sorted(colours) == sorted(Status.values)
    assert all(len(each) >= 2 for each in colours.values())


def test_the_colours_of_a_status_stand_in_no_other_file():
    elsewhere = {
        f"{name(path)}: {colour} of {status}"
        for path in files("*.py", "*.html", "*.js", "*.css", "*.svg")
        if name(path) != STYLE and "tests" not in path.parts
        for status, colours in status_colours().items()
        for colour in colours
        if colour in path.read_text("utf-8").lower()
    }
    assert elsewhere == set()


# A colour has one place, and what it is in the dark another ------------------------------------

DARK, ADMIN = "static/css/dark.css", "static/css/admin.css"
COLOUR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(|:\s*(?:white|black)\b", re.IGNORECASE
)
#: Where a value may stand: tokens, statuses, paper, and a code that a camera reads.
OF_VALUES = re.compile(
    r":root \{[^}]*\}|^\.st-\w+ .*$|^@media print \{\n.*?^\}|^\.qr \{.*$", re.MULTILINE | re.DOTALL
)


def tokens_of(path: str) -> dict[str, str]:
    """Token -> value of every colour of `:root`, outside of media queries."""
    root = re.search(
        r"^:root \{(.*?)^\}", (ROOT / path).read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert root
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,8})\b", root[1]))


@pytest.mark.parametrize("path", [STYLE, DARK, ADMIN])
def test_colours_are_tokens(path):
    style = re.sub(r"/\*.*?\*/", "", (ROOT / path).read_text("utf-8"), flags=re.DOTALL)
    lines = OF_VALUES.sub("", style).splitlines()
    assert [line for line in lines if COLOUR.search(line)] == []


def test_every_colour_has_another_one_in_the_dark():
    assert tokens_of(DARK).keys() == tokens_of(STYLE).keys()
    dark = re.findall(r"^\.st-(\w+)", (ROOT / DARK).read_text("utf-8"), re.MULTILINE)
    assert sorted(dark) == sorted(Status.values)


# (d) Nothing tells where it was made -----------------------------------------------------------

# Assembled from pieces, so that this file does not contain what it looks for.
TRACES = {
    "a workplace": re.compile(
        "/" + r"(?:work|root|opt|Users|home/[a-z])" + r"/(?!\*)", re.IGNORECASE
    ),
    "a package host": re.compile("|".join(["py" + r"pi\.", "python" + "hosted", "npm" + r"js\."])),
    "an index of packages": re.compile(
        "--(?:extra-)?" + "index-url|find" + "-links|regis" + r"try=\S*:/"
    ),
}


def traces_in(text: str) -> set[str]:
    return {what for what, pattern in TRACES.items() if pattern.search(text)}


def test_no_file_tells_where_it_was_made():
    told = {}
    for path in files("*"):
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # a font, a spreadsheet
        found = traces_in(text) | ({"this copy"} if str(ROOT) in text else set())
        if found:
            told[name(path)] = sorted(found)
    assert told == {}


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("/" + "work/main", True),
        ("/" + "root/.cache", True),
        ("https://py" + "pi.org/simple", True),
        ("--index" + "-url x", True),
        ("regis" + "try=https://example.org/", True),
        ("regis" + "try=mine", False),
        ("https://example.org/homework/", False),
        ("/usr/lib/postgresql", False),
    ],
)
def test_a_trace_is_seen(text, seen):
    assert bool(traces_in(text)) is seen


# (e) No regular expression that some promised Python gets wrong ------------------------------------

# CPython before 3.11.5 matches possessive quantifiers and atomic groups over groups wrongly.
POSSESSIVE = re.compile(r"[*+?]\+|\{\d*,?\d*\}\+|\(\?>")


def possessive(source: str) -> Iterator[tuple[int, str]]:
    """(line, text) of strings that hold a possessive quantifier or an atomic group.

    Any string but a docstring counts: a pattern may be put together from pieces.
    """
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in prose:
            text = node.value.decode("latin-1") if isinstance(node.value, bytes) else node.value
            if isinstance(text, str):
                bare = re.sub(r"\\.", "x", text, flags=re.DOTALL)
                bare = re.sub(r"\[\^?\]?[^\]]*\]", "x", bare)  # inside a class + is a letter
                if POSSESSIVE.search(bare):
                    yield node.lineno, text


def test_no_regular_expression_is_possessive():
    found = [
        f"{name(path)}:{line}: {text[:60]}"
        for path in files("*.py")
        for line, text in possessive(path.read_text("utf-8"))
    ]
    assert found == []


PLUS = "+"  # so that this file holds none


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        (f'x = re.compile("a*{PLUS}")', True),
        (f'x = rb"a?{PLUS}"', True),
        (f'x = f"{{y}}(?:b|{{z}})+{PLUS}c"', True),
        (f'x = rf"[A-Z]{{{{1,3}}}}{PLUS}"', True),
        (f'x = "[{PLUS}]{{2,}}{PLUS}"', True),
        ('x = "(?' + '>a|ab)c"', True),
        (r'x = r"\*+\s*\S"', False),
        (f'x = "[*{PLUS}]+"', False),
        ('x = "a+?b*?c??"', False),
        (f'def f():\n    """a+{PLUS}"""\n    return 1', False),
    ],
)
def test_a_possessive_quantifier_is_seen(source, seen):
    assert bool(list(possessive(source))) is seen


# (f) The scripts work with the Python that they are told to ----------------------------------------

# Answers the questions that the scripts ask an interpreter; fails when asked to make a venv.
FAKE = """#!/bin/sh
case "$*" in
    *python_version*) echo {version} ;;
    *base_prefix*) echo {version} at {place} ;;
    *ensurepip*) exit {without_venv} ;;
    *version_info*) exit {too_old} ;;
    "-m venv"*) exit 33 ;;
esac
"""


def fake_python(path, version="3.12.1", place="here", without_venv=0, too_old=0):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = FAKE.format(version=version, place=place, without_venv=without_venv, too_old=too_old)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def copy(tmp_path):
    """A copy of the scripts in an otherwise empty folder."""
    shutil.copytree(ROOT / "script", tmp_path / "portal" / "script")
    return tmp_path / "portal"


def setup(copy, python):
    return subprocess.run(
        ["script/setup"],
        cwd=copy,
        env={**os.environ, "PYTHON": str(python)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("script", ["check", "server", "setup", "test"])
def test_a_python_that_is_not_there_is_told(copy, script):
    done = subprocess.run(
        [f"script/{script}"],
        cwd=copy,
        env={**os.environ, "PYTHON": "no-such-python"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "เรียก PYTHON=no-such-python ไม่ได้ ระบุชื่อคำสั่งหรือที่อยู่เต็มของ Python 3.11 ขึ้นไป แล้วสั่งใหม่อีกครั้ง",
        "PYTHON=no-such-python cannot be run. Name a Python 3.11 or newer, by its command or its "
        "full path.",
    ]


def test_a_python_that_is_too_old_is_told(copy):
    python = fake_python(copy / "python", version="3.9.18", too_old=1)
    done = setup(copy, python)
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"PYTHON={python} เป็นรุ่น 3.9.18 แต่ต้องเป็น Python 3.11 ขึ้นไป",
        f"PYTHON={python} is Python 3.9.18; 3.11 or newer is needed.",
    ]


def test_a_python_without_venv_is_told_and_no_other_is_taken(copy):
    done = setup(copy, fake_python(copy / "python", without_venv=1))
    assert done.returncode == 1
    assert "ยังขาดส่วน venv ของ Python" in done.stderr
    assert "Python's venv module is missing." in done.stderr
    assert list(copy.glob(".venv*")) == []


def test_a_venv_of_another_python_is_made_anew(copy):
    """The same version in another place: /usr/bin/python3 beside a hand-built Python."""
    python = fake_python(copy / "python")
    fake_python(copy / ".venv-3.12.1" / "bin" / "python", place="elsewhere")
    done = setup(copy, python)
    assert f"Creating .venv-3.12.1 with {python}" in done.stdout
    assert done.returncode == 33
    fake_python(copy / ".venv-3.12.1" / "bin" / "python")
    done = setup(copy, python)
    assert "Creating" not in done.stdout


@pytest.mark.parametrize(
    ("python", "folder"),
    [("", ".venv"), (sys.executable, f".venv-{platform.python_version()}")],
)
def test_each_python_has_a_venv_of_its_own(python, folder):
    done = subprocess.run(
        ["sh", "-euc", '. script/venv.sh; echo "$venv"'],
        cwd=ROOT,
        env={**os.environ, "PYTHON": python},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.strip() == folder


# (g) Every module has a test file of its name ----------------------------------------------------

# The pages of the admin need people and rows of both apps: their tests share one folder.
OF_THE_ADMIN = "followup/tests/admin"
GATHERED = {
    "followup/models/assessments.py": "followup/tests/actions/test_assessments.py",
    "followup/admin.py": f"{OF_THE_ADMIN}/test_admin.py",
    "followup/admin_site.py": f"{OF_THE_ADMIN}/test_admin_site.py",
    "followup/resources.py": f"{OF_THE_ADMIN}/test_resources.py",
    "followup/usage.py": f"{OF_THE_ADMIN}/test_admin.py",
    "followup/devices.py": "followup/tests/test_throttles.py",
    "followup/management/commands/migrate.py": "followup/tests/test_preparing.py",
    "followup/management/commands/verify_record.py": "followup/tests/test_chain.py",
    "followup/converters.py": "followup/tests/test_urls.py",
    "followup/models/jobs.py": "followup/tests/test_jobs.py",
    "followup/models/link_checks.py": "followup/tests/test_link_checks.py",
    "followup/views/dead_links.py": "followup/tests/views/test_evidence.py",
    "followup/models/drafts.py": "followup/tests/actions/test_entry.py",
    "followup/models/published.py": "followup/tests/test_published.py",
    "followup/models/subscriptions.py": "followup/tests/actions/test_subscriptions.py",
    "followup/management/commands/send_news.py": "followup/tests/test_news.py",
    "followup/models/public.py": "followup/tests/test_public_revision.py",
    "followup/models/search.py": "followup/tests/test_search_index.py",
    "followup/management/commands/refresh_search.py": "followup/tests/test_search_index.py",
    "followup/triggers.py": "followup/tests/test_append_only.py",
    "followup/models/record.py": "followup/tests/test_append_only.py",
    "followup/inspection/fields.py": "followup/tests/test_evidence_office.py",
    "followup/inspection/office.py": "followup/tests/test_evidence_office.py",
    "followup/inspection/pdf.py": "followup/tests/test_evidence_pdf.py",
    "followup/inspection/pictures.py": "followup/tests/test_evidence_office.py",
    "followup/inspection/refusals.py": "followup/tests/test_evidence.py",
    "forum_portal/storage_fault.py": "forum_portal/tests/test_object_storage.py",
    "forum_portal/backups/engines.py": "forum_portal/tests/backups/test_restoring.py",
    "forum_portal/backups/manifest.py": "forum_portal/tests/backups/test_archive.py",
    "forum_portal/backups/reading.py": "forum_portal/tests/backups/test_encryption.py",
    "forum_portal/backups/refused.py": "forum_portal/tests/backups/test_archive.py",
    "forum_portal/addresses.py": "followup/tests/test_own_address.py",
    "forum_portal/admin_base.py": f"{OF_THE_ADMIN}/test_admin.py",
    "forum_portal/apps.py": "followup/tests/test_numbers.py",
    "forum_portal/clamav.py": "followup/tests/test_evidence_scan.py",
    "forum_portal/headers.py": "followup/tests/test_headers.py",
    "forum_portal/message_cookie.py": "followup/tests/test_headers.py",
    "forum_portal/row_ids.py": "followup/tests/test_numbers.py",
    "forum_portal/side_reads.py": "followup/tests/test_public_revision.py",
    "forum_portal/sheets.py": f"{OF_THE_ADMIN}/test_resources.py",
    "proposals/admin.py": f"{OF_THE_ADMIN}/test_proposals_admin.py",
    "proposals/resources.py": f"{OF_THE_ADMIN}/test_resources.py",
}


def has_code(source: str) -> bool:
    """Whether a module has something to call: a function or a method, and not names alone."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(ast.parse(source))
    )


def file_of_tests(module: str) -> str:
    """Where a module's tests stand: `a/b/c.py` has `a/tests/b/test_c.py`.

    A package with code of its own in `__init__.py` has the test file of its own name.
    """
    if module in GATHERED:
        return GATHERED[module]
    app, *folders, file = module.split("/")
    if file == "__init__.py":
        file = f"{folders.pop()}.py"
    return "/".join([app, "tests", *folders, f"test_{file}"])


def modules_with_code() -> list[str]:
    return [
        name(path)
        for path in files("*.py")
        if path.relative_to(ROOT).parts[0] in APPS
        and {"tests", "migrations"}.isdisjoint(path.relative_to(ROOT).parts)
        and has_code(path.read_text("utf-8"))
    ]


def has_tests(path: Path) -> bool:
    return path.is_file() and re.search(r"^ *def test_", path.read_text("utf-8"), re.M) is not None


def test_every_module_has_a_test_file_of_its_name():
    missing = [
        module for module in modules_with_code() if not has_tests(ROOT / file_of_tests(module))
    ]
    assert missing == [], "each needs the file that file_of_tests names"


def test_the_files_that_are_gathered_are_of_modules_that_there_are():
    assert GATHERED.keys() <= set(modules_with_code())


@pytest.mark.parametrize(
    ("module", "file"),
    [
        ("followup/status.py", "followup/tests/test_status.py"),
        ("followup/views/queues.py", "followup/tests/views/test_queues.py"),
        (
            "followup/spreadsheets/values/money.py",
            "followup/tests/spreadsheets/values/test_money.py",
        ),
        ("followup/opendata/__init__.py", "followup/tests/test_opendata.py"),
        ("forum_portal/templatetags/thai.py", "forum_portal/tests/templatetags/test_thai.py"),
        ("followup/admin.py", "followup/tests/admin/test_admin.py"),
    ],
)
def test_where_the_tests_of_a_module_stand(module, file):
    assert file_of_tests(module) == file


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f():\n    return 1", True),
        ("class A:\n    def f(self):\n        return 1", True),
        ("async def f():\n    return 1", True),
        ("from a import b\n\n__all__ = ['b']", False),
        ("class A(Exception):\n    pass\n\nB = lambda: 1", False),
    ],
)
def test_what_is_code_of_its_own(source, found):
    assert has_code(source) is found


def test_a_file_without_a_test_is_no_test_file(tmp_path):
    path = tmp_path / "test_x.py"
    assert not has_tests(path)
    path.write_text('"""Says "def test_" only."""\n\nx = 1\n')
    assert not has_tests(path)
    path.write_text("class TestX:\n    def test_y(self):\n        assert True\n")
    assert has_tests(path)
