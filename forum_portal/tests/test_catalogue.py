"""The Thai words of Django and of its admin: none is left in English, none is another package's."""

import re
from ast import literal_eval
from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation.trans_real import DjangoTranslation

OURS = settings.ROOT / "locale/th/LC_MESSAGES"
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
