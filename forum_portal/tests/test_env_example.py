"""`.env.example` is the one list of the settings: none missing, none dead, each with its true default."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from forum_portal.tests.test_repo import application_code, files, name
from forum_portal.tests.test_settings import GOOD, python

ROOT: Path = settings.ROOT
#: Variables that are read and no settings of the portal.
OF_OTHERS = {
    "CHROMIUM",  # the browser of the tests and of script/screenshots
    "CI",  # the runner's
    "DJANGO_SETTINGS_MODULE",  # Django's
    "LD_LIBRARY_PATH",  # the system's, passed on to the reader of spreadsheets
}
#: Words in the same letters that documents name and that are no variables of the portal: one is of boto,
#: one of compose.yaml.
NO_VARIABLES = {"AWS_CA_BUNDLE", "CONN_MAX_AGE", "MARK_UP", "POSTGRES_PASSWORD"}
COMPUTED = object()
MANDATORY = object()


# The list ------------------------------------------------------------------------------------------


@cache
def listed() -> dict[str, tuple[str, str]]:
    """Name -> (default, sentence), of `.env.example`."""
    found = {}
    for block in (ROOT / ".env.example").read_text("utf-8").split("\n\n"):
        *words, last = block.strip().splitlines()
        entry = re.fullmatch(r"#([A-Z][A-Z0-9_]*)=(.*)", last)
        if entry:
            assert entry[1] not in found, f"{entry[1]} stands twice"
            assert all(line.startswith("# ") for line in words), entry[1]
            found[entry[1]] = entry[2], " ".join(line[2:] for line in words)
        else:
            assert all(
                line.startswith(("# ", "#\n", "### ")) or line == "#" for line in [*words, last]
            )
    return found


def test_each_has_one_sentence():
    wrong = {
        setting: sentence
        for setting, (_default, sentence) in listed().items()
        if not re.fullmatch(r"[^.](?:[^.]|\.(?=\S))*\.", sentence) and sentence != "…"
    }
    assert wrong == {}


# The code ------------------------------------------------------------------------------------------


def value_of(node: ast.expr) -> object:
    """The value of a default that is written out, such as `2 * 60`; COMPUTED for any other."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        pass
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        sides = value_of(node.left), value_of(node.right)
        if all(isinstance(each, int) for each in sides):
            return sides[0] * sides[1]
    return COMPUTED


def is_environment(node: ast.expr) -> bool:
    return ast.unparse(node) in {"env", "_env", "os.environ"}


def read_in(tree: ast.Module) -> Iterator[tuple[str, object]]:
    """(variable, default) of each place that reads the environment."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Load)
            and ast.unparse(node.value) == "os.environ"
        ):
            yield ast.literal_eval(node.slice), MANDATORY
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func
        if ast.unparse(called) == "os.getenv" or (
            isinstance(called, ast.Attribute)
            and called.attr not in {"read_env", "update", "pop"}
            and is_environment(called.value)
        ):
            first = node.args[0]
            if isinstance(first, ast.Constant):
                defaults = [each.value for each in node.keywords if each.arg == "default"]
                yield str(first.value), value_of(defaults[0]) if defaults else MANDATORY


@cache
def read() -> dict[str, list[object]]:
    """Variable -> its defaults, of everything that runs."""
    found: dict[str, list[object]] = {}
    commands = [path for path in files("*.py") if "management" in path.parts]
    scripts = [*files("script/*.py"), ROOT / "manage.py", ROOT / "script" / "verify_figure"]
    for path in {*application_code(), *commands, *scripts}:
        if "tests" in path.parts or path.name in {"settings_test.py"}:
            continue
        for variable, default in read_in(ast.parse(path.read_text("utf-8"))):
            found.setdefault(variable, []).append(default)
    for path in files("script/*"):
        if path.suffix != ".py" and path.read_text("utf-8").startswith(("#!/bin/sh", "# Sourced")):
            for variable in re.findall(r"\$\{([A-Z][A-Z0-9_]*)[-:]", path.read_text("utf-8")):
                found.setdefault(variable, [])
    return found


def test_the_reader_of_the_code_sees_every_way_to_ask():
    source = (
        "env.int('A', default=2 * 60)\nenv.str('B')\nos.environ['C']\nos.environ.get('D', 'x')\n"
        "_env.bool('E', default=PRODUCTION)\nos.getenv('F')\nother.get('G')\nenv.list('H', default=[])\n"
    )
    assert dict(read_in(ast.parse(source))) == {
        "A": 120,
        "B": MANDATORY,
        "C": MANDATORY,
        "D": MANDATORY,
        "E": COMPUTED,
        "F": MANDATORY,
        "H": [],
    }


def test_none_is_missing_and_none_is_dead():
    assert len(read()) > 80
    assert {*read()} - OF_OTHERS - {*listed()} == set(), "add it to .env.example"
    assert {*listed()} - {*read()} == set(), "nothing reads it: remove it from .env.example"
    assert {*read()} >= OF_OTHERS


def written(default: object) -> str:
    """A default as somebody would set it."""
    if default in (COMPUTED, MANDATORY) or default == []:
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)


def test_each_default_is_that_of_the_code():
    wrong = {
        setting: (listed()[setting][0], expected)
        for setting, defaults in read().items()
        if setting in listed()
        for expected in {written(each) for each in defaults}
        if listed()[setting][0] != expected
    }
    assert wrong == {}


@pytest.mark.parametrize("database", ["", "postgres://portal@db.example.org/portal"])
def test_with_every_line_set_the_portal_is_as_without(database, tmp_path):
    """Whoever takes the whole file and changes one line has changed one setting."""
    everything = tmp_path / "env"
    everything.write_text(
        re.sub(
            r"^#(?=[A-Z][A-Z0-9_]*=)", "", (ROOT / ".env.example").read_text("utf-8"), flags=re.M
        )
        .replace("\nPYTHON=\n", "\n")
        .replace("\nENV_FILE=\n", "\n")
    )
    program = (
        "import json\nimport django; django.setup()\nfrom forum_portal import settings, gunicorn\n"
        "kept = {name: repr(value) for module in (settings, gunicorn)\n"
        "        for name, value in vars(module).items() if name[0] != '_' and name != 'SECRET_KEY'\n"
        "        and (name.isupper() or module is gunicorn) and isinstance(value, (str, int, float,\n"
        "        list, tuple, dict, bool))}\n"
        "print(json.dumps(kept))\n"
    )
    fixed = {each: GOOD[each] for each in ("SECRET_KEY", "ALLOWED_HOSTS")}
    fixed |= {"DJANGO_SETTINGS_MODULE": "forum_portal.settings"}
    fixed |= {"DATABASE_URL": database} if database else {}
    plain = python("-c", program, **fixed)
    assert plain.returncode == 0, plain.stderr
    whole = python("-c", program, **fixed | {"ENV_FILE": str(everything)})
    assert whole.returncode == 0, whole.stderr
    assert json.loads(whole.stdout) == json.loads(plain.stdout)
    assert len(json.loads(plain.stdout)) > 100


# What else names settings --------------------------------------------------------------------------


def test_documents_name_no_setting_that_is_not_there():
    found = set()
    for path in files("docs/*.md", "README.md", "CONTRIBUTING.md"):
        text = path.read_text("utf-8")
        for word in re.findall(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`", text):
            if path.name in {"deployment.md", "security-log.md", "scale.md", "README.md"}:
                found.add((name(path), word))
    dead = {(path, word) for path, word in found if word not in {*listed()} | NO_VARIABLES}
    assert dead == set()
    assert len(found) >= 20


def test_no_second_list_stands_beside_it():
    """docs/deployment.md explains a few; a table of all would say everything twice."""
    text = (ROOT / "docs" / "deployment.md").read_text("utf-8")
    rows = re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", text, re.M)
    assert rows == []
    assert "(../.env.example)" in text


def test_what_set_up_writes_is_in_the_list():
    script = (ROOT / "script" / "setup").read_text("utf-8")
    file = script[script.index("<<EOF") : script.index("\nEOF")]
    names = re.findall(r"^([A-Z_]+)=", file, re.M)
    assert names == ["SECRET_KEY", "PORTAL_ENV", "ALLOWED_HOSTS"]
    assert {*names} <= {*listed()}
    assert "# .env.example lists every setting." in file
