"""No page for staff or administrators has an English word, but for names, codes and entered texts."""

import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client

from followup.models import Agency, Assignment, Province, User
from followup.tests.admin.pages import SHEETS, url
from followup.tests.browser.pages import admin_pages, staff_pages
from followup.tests.client import Element, read

pytestmark = [pytest.mark.slow, pytest.mark.once]

#: Attributes that a browser shows or reads out.
SPOKEN = ("alt", "title", "placeholder", "aria-label")
#: What goes on with a digit is a code: a random key may begin with letters ("fa076e19-…").
WORD = re.compile(r"(?<![\w./@+-])[A-Za-z][a-z’']+(?![\w@+-]*[_.@/:0-9])", re.ASCII)
#: Names of products and keys, kinds of files, and the users of the tests.
NAMES = {"Aegis", "Authenticator", "CSOs", "Excel", "Forum", "Google", "Microsoft", "Word"}
NAMES |= {"Enter", "Esc", "Shift", "csv", "xlsx", "zip", "administrator", "reviewer", "staff"}
NAMES |= {"Django", "Python"}
NAMES |= {"work"}  # of the command `manage.py work`
NAMES |= {"verbatim"}  # a key of the JSON in `Forum.legal_basis`
TYPED = {"abc"}  # by the samples
PHRASE = re.compile(r"[A-Za-z][ -~…]*[A-Za-z]{2}|[a-z]{3,}")


def entered() -> re.Pattern[str]:
    """A pattern of every English phrase that a row holds, the longest first."""
    found = set()
    for model in apps.get_models():
        names = [
            each.name
            for each in model._meta.concrete_fields
            if isinstance(each, models.CharField | models.TextField)
        ]
        for row in model._base_manager.values_list(*names) if names else ():
            for text in row:
                found.update(PHRASE.findall(text or ""))
    longest = sorted(found, key=len, reverse=True)
    return re.compile("|".join(rf"(?<![A-Za-z]){re.escape(each)}(?![A-Za-z])" for each in longest))


def said(page: Element) -> Iterator[str]:
    """All that a browser shows or reads out, but codes, typed texts and texts cut off."""
    for each in page.walk():
        yield from (each.get(name) for name in SPOKEN)
        if each.tag == "input" and each.get("type") == "submit":
            yield each.get("value")
        if each.tag in {"textarea", "code"} or (each.tag == "option" and each.text.endswith("…")):
            each.children.clear()
    yield page.raw()


def english(page: Element, phrases: re.Pattern[str]) -> set[str]:
    lines = (line for text in said(page) for line in text.splitlines())
    # Only a line with such a word is asked for all phrases, which takes long.
    suspects = (line for line in lines if {*WORD.findall(line)} - NAMES - TYPED)
    return (
        {word for line in suspects for word in WORD.findall(phrases.sub("", line))} - NAMES - TYPED
    )


def test_a_random_key_is_no_word() -> None:
    assert WORD.findall("fa076e19-8d21-4d4c-9f73-7105c3b079c5 ab12 Save it") == ["Save", "it"]


def test_pages_speak_thai(everything: dict[str, User]) -> None:
    phrases, found = entered(), {}
    clients = {name: Client() for name in ("staff", "reviewer", "administrator")}
    for name, client in clients.items():
        client.force_login(everything[name])
    for sample in [*admin_pages(), *staff_pages()]:
        client = clients.get(sample.who) or Client()
        response = client.post(sample.path, sample.form) if sample.form else client.get(sample.path)
        if words := english(read(response), phrases):
            found[str(sample)] = words
    assert found == {}


def test_answers_of_the_admin_speak_thai(everything: dict[str, User]) -> None:
    """Refused forms, the confirmation of a deletion, and the preview of an import."""
    phrases, client = entered(), Client()
    client.force_login(everything["administrator"])
    agency = Agency.objects.filter(assignments__isnull=False).earliest("pk")
    inlines = {
        f"{inline}-{name}": value
        for inline in ("aliases", "focal_points")
        for name, value in (("TOTAL_FORMS", "1"), ("INITIAL_FORMS", "0"))
    }
    bad = {"code": "x y", "name_th": "ก" * 300, "kind": "no", "focal_points-0-email": "x"}
    ticked = {"action": "delete_selected", ACTION_CHECKBOX_NAME: [agency.pk]}
    province = Province.objects.earliest("pk")
    answers = {
        "empty agency": client.post(url(Agency, "add"), inlines),
        "bad agency": client.post(url(Agency, "add"), inlines | bad),
        "bad province": client.post(url(Province, "change", province.pk), {"aliases_th": "{"}),
        "bad user": client.post(url(User, "add"), {"username": "a b", "password1": "1"}),
        "bad assignment": client.post(url(Assignment, "add"), {"valid_from": "x"}),
        "deletion": client.post(url(Agency, "changelist"), ticked),
        "no such row": client.get(url(Agency, "change", 10**6), follow=True),
        "nothing found": client.get(url(Agency, "changelist") + "?q=zzzz"),
        "no action": client.post(url(Agency, "changelist"), {"action": ""}, follow=True),
    }
    typed = {"no", "such", "zzzz"}
    for model in SHEETS:
        file = SimpleUploadedFile("x.csv", b"no,such\r\n1,2\r\n", "text/csv")
        sent = {"import_file": file, "format": "1", "resource": "0"}
        answers[f"import of {model.__name__}"] = answer = client.post(url(model, "import"), sent)
        # The columns that a file may have, which the page and its answer name.
        typed |= {word for code in read(answer).select("code") for word in WORD.findall(code.text)}
    found = {name: english(read(each), phrases) - typed for name, each in answers.items()}
    assert {name: words for name, words in found.items() if words} == {}
