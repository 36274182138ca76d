"""The catalogues: Django's own words in Thai, and what the portal says to the public in English."""

import ast
import re
from ast import literal_eval
from collections.abc import Iterator, Set
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize
from django.utils.translation.trans_real import DjangoTranslation

from followup.public_urls import urlpatterns

OURS = settings.ROOT / "locale/th/LC_MESSAGES"
ENGLISH = settings.ROOT / "locale/en/LC_MESSAGES"
ADMIN = Path(django.__file__).parent / "contrib/admin/locale"
#: Messages of pages and errors that the portal does not have.
UNUSED = re.compile(
    "log ?in|Forgotten|forgotten|email|Thanks|database installation|old password|been an error|"
    r"Django|LogEntry|%\(class_name\)s %\(instance\)s"
)
#: Placeholders, tags, and names of keys and machines.
NO_WORDS = re.compile(r"%\(\w+\)\w|{\w*}|</?\w+>|%s|Ctrl|Command|Mac|URL")
LATIN = re.compile("[A-Za-z]{2,}")
TEXT = r'((?:^".*"\n?)+|".*"\n(?:".*"\n)*)'


def entries(path: Path) -> Iterator[tuple[str, str, str]]:
    """(context, message, plural) of a .po file's entries; "" for what one lacks."""
    for block in path.read_text("utf-8").split("\n\n"):
        parts = {
            name: "".join(literal_eval(line) for line in text.strip().split("\n"))
            for name, text in re.findall(
                rf"^(msgctxt|msgid|msgid_plural) {TEXT}", block, re.MULTILINE
            )
        }
        if parts.get("msgid"):
            yield parts.get("msgctxt", ""), parts["msgid"], parts.get("msgid_plural", "")


def words(path: Path, catalogue: Any) -> Iterator[tuple[str, str]]:
    """(message, what the catalogue makes of it) for a .po file's entries."""
    for context, message, plural in entries(path):
        if context:
            yield message, catalogue.pgettext(context, message)
        elif plural:
            yield message, catalogue.ngettext(message, plural, 2)
        else:
            yield message, catalogue.gettext(message)


def test_admin_words_are_thai():
    """Django's own catalogue has "เปิด/ปิด sorting"."""
    left = {
        message: thai
        for message, thai in words(ADMIN / "en/LC_MESSAGES/django.po", translation)
        if not UNUSED.search(message) and LATIN.search(NO_WORDS.sub("", thai))
    }
    assert left == {}


def test_words_of_the_admins_scripts_are_thai():
    scripts = DjangoTranslation("th", domain="djangojs", localedirs=[str(ADMIN)])
    left = {
        message: thai
        for message, thai in words(ADMIN / "en/LC_MESSAGES/djangojs.po", scripts)
        if LATIN.search(NO_WORDS.sub("", thai))
    }
    assert left == {}


def test_no_other_package_words_the_admin():
    """Another package's catalogue has "Add" for an authenticator, and comes before the admin's."""
    ours = {message for _context, message, _plural in entries(OURS / "django.po")}
    with (ADMIN / "th/LC_MESSAGES/django.mo").open("rb") as file:
        theirs = dict(words(ADMIN / "en/LC_MESSAGES/django.po", GNUTranslations(file)))
    now = dict(words(ADMIN / "en/LC_MESSAGES/django.po", translation))
    different = {
        message
        for message, thai in theirs.items()
        if message not in ours and thai != message and thai != now[message]
    }
    assert different == set()


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_catalogues_are_compiled(domain):
    with (OURS / f"{domain}.mo").open("rb") as file:
        compiled = dict(words(OURS / f"{domain}.po", GNUTranslations(file)))
    assert compiled
    assert [message for message, thai in compiled.items() if thai == message] == []


def test_an_action_says_how_many_rows_are_selected():
    scripts = DjangoTranslation("th", domain="djangojs", localedirs=[str(ADMIN)])
    said = "%(sel)s of %(cnt)s selected"
    assert scripts.ngettext(said, said, 2) == "เลือก %(sel)s จาก %(cnt)s"
    assert translation.gettext("Add") == "เพิ่ม"
    assert translation.gettext("None available") == "ยังไม่มีรายการ"


# English ----------------------------------------------------------------------------------------

#: What a message and its translation have in common: placeholders and markup.
FIXED = re.compile(r"%\(\w+\)[sd]|%%|{\w+}|</?[a-z]+[^>]*>")
#: Where pages of the public begin; what they include and extend is followed.
PUBLIC = ("base.html", "public/*.html", "follow/*", "embed/*", "errors/*.html")
#: Modules that word what those pages show, besides their views.
MODULES = (
    "opendata/**/*.py",
    "inspection/*.py",
    "annual_report/[bcd]*.py",
    "forms/f[ei]*.py",
    "forms/follow.py",
    "templatetags/*.py",
    "actions/feedback.py",
    "actions/subscriptions.py",
    "citing.py",
    "confirmations.py",
    "corrections.py",
    "evidence.py",
    "feedback.py",
    "figures.py",
    "freshness.py",
    "grades.py",
    "joint_reports.py",
    "mentions.py",
    "movements.py",
    "naming.py",
    "navigation.py",
    "news.py",
    "pictures.py",
    "progress.py",
    "project_codes.py",
    "relations.py",
    "report_fields.py",
    "report_lines.py",
    "responses.py",
    "retention.py",
    "search.py",
    "silence.py",
    "source_words.py",
    "status.py",
    "targets.py",
    "usage.py",
)
THAI = re.compile("[ก-๙]")
PARTS = re.compile(
    r'{%-? (?:include|extends) "(?P<file>[^"]+)"|{% (?:component|remembered) "(?P<component>\w+)"'
)
STRING = r"""u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
SAID = re.compile(rf"(?:\b_|\bgettext|\bpgettext\({STRING}, )\(?{STRING}\)")
NAMES = {"_", "_l", "gettext", "gettext_lazy", "pgettext", "pgettext_lazy"}
#: Words of rows that a page says in its language.
DATA = {"ภาคเหนือ", "ภาคกลาง", "ภาคใต้", "ภาคตะวันออกเฉียงเหนือ"}


def english() -> dict[str, str]:
    """Message, after its context if it has one -> its English, of the compiled catalogue."""
    with (ENGLISH / "django.mo").open("rb") as file:
        compiled = GNUTranslations(file)
    found = {}
    for context, message, _plural in entries(ENGLISH / "django.po"):
        told = compiled.pgettext(context, message) if context else compiled.gettext(message)
        found[context + message] = told
    return found


def said_in(path: Path) -> set[str]:
    """The messages of a template or a module."""
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        found = SAID.findall(templatize(text))
        return {"".join(literal_eval(part) for part in parts if part) for parts in found}
    return {
        "".join(part.value for part in each.args if isinstance(part, ast.Constant))
        for each in ast.walk(ast.parse(text))
        if isinstance(each, ast.Call)
        and isinstance(each.func, ast.Name)
        and each.func.id in NAMES
        and each.args
        and isinstance(each.args[0], ast.Constant)
    }


def public_templates() -> Set[Path]:
    root = settings.ROOT / "templates"
    waiting = [path for pattern in PUBLIC for path in root.glob(pattern)]
    waiting.append(root / "components/jump.html")  # of the tag `whole_page`
    found: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            for part in PARTS.finditer(path.read_text("utf-8")):
                waiting.append(root / (part["file"] or f"components/{part['component']}.html"))
    return found


def test_what_public_templates_say_is_said_in_english():
    known = english()
    templates = public_templates()
    assert len(templates) > 150
    left = {
        str(path.relative_to(settings.ROOT)): untold
        for path in templates
        if (untold := {each for each in said_in(path) if THAI.search(each)} - known.keys())
    }
    assert left == {}


def test_what_public_modules_say_is_said_in_english():
    """The views of the public's pages, and what words for them."""
    root = settings.ROOT / "followup"
    views = {root / f"views/{each.callback.__module__.split('.')[-1]}.py" for each in urlpatterns}
    paths = views.union(*(root.glob(pattern) for pattern in MODULES))
    assert len(paths) > 60
    known = english()
    left = {
        str(path.relative_to(root)): untold
        for path in paths
        if (untold := {each for each in said_in(path) if THAI.search(each)} - known.keys())
    }
    assert left == {}


def test_an_english_message_has_the_parts_of_its_thai_one_and_no_thai():
    known = english()
    assert len(known) > 1500
    assert [each for each, told in known.items() if THAI.search(told) or not told] == []
    different = [
        each
        for each, told in known.items()
        if sorted(FIXED.findall(each)) != sorted(FIXED.findall(told))
    ]
    assert different == []


def test_the_english_catalogue_is_compiled_and_has_nothing_that_nobody_says():
    text = (ENGLISH / "django.po").read_text("utf-8")
    told = {}
    each = re.compile(rf"^(?:msgctxt {TEXT})?msgid {TEXT}msgstr {TEXT}", re.MULTILINE)
    for parts in each.findall(text):
        context, message, told_ = (literal_eval(f"({part})") if part else "" for part in parts)
        told[context + message] = told_
    told.pop("", None)
    assert told == english()
    folders = ("followup", "forum_portal", "proposals", "templates")
    said = {
        each
        for folder in folders
        for path in (settings.ROOT / folder).rglob("*.*")
        if path.suffix in {".py", ".html", ".svg", ".txt"} and "tests" not in path.parts
        for each in said_in(path)
    }
    assert told.keys() - said - DATA == set()
