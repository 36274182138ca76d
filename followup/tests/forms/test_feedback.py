"""What the form of a message accepts."""

import pytest

from followup.forms.feedback import LINKS_MOST, TEXT_LEAST, TEXT_MOST, FeedbackForm
from followup.tests import files
from followup.tests.visitors import TEXT


def form(**typed):
    upload = typed.pop("file", None)
    given = {"kind": "more", "text": TEXT} | typed
    return FeedbackForm(given, {"file": upload} if upload else {})


def errors(**typed):
    checked = form(**typed)
    checked.is_valid()
    return {name: list(sentences) for name, sentences in checked.errors.items()}


@pytest.mark.parametrize(
    "contact",
    [
        "",
        "mali@example.org",
        "0 2111 1111",
        "08-1234-5678",
        "+66 (2) 111-1111",
        "02 111 1111 ต่อ 12",
    ],
)
def test_a_contact_is_an_address_or_a_number_or_nothing(contact):
    checked = form(contact=contact)
    assert checked.is_valid()
    assert checked.cleaned_data["contact"] == contact


def test_thai_digits_of_a_number_become_arabic():
    checked = form(contact="๐๒ ๑๑๑ ๑๑๑๑")
    assert checked.is_valid()
    assert checked.cleaned_data["contact"] == "02 111 1111"


@pytest.mark.parametrize(
    "contact", ["abc", "mali@", "1234567", "โทร 0 2111 1111", "<b>@x.org", "x" * 201]
)
def test_anything_else_is_told(contact):
    assert set(errors(contact=contact)) == {"contact"}


def test_the_text_has_a_least_and_a_most():
    assert errors(text="ก" * TEXT_LEAST) == {}
    assert errors(text="ก" * TEXT_MOST) == {}
    assert set(errors(text=" " * 99 + "ก" * (TEXT_LEAST - 1))) == {"text"}
    assert set(errors(text="ก" * (TEXT_MOST + 1))) == {"text"}


def test_a_text_of_links_is_refused():
    assert errors(text=TEXT + " https://a.org" * LINKS_MOST) == {}
    assert "เกิน 5 ลิงก์" in errors(text=TEXT + " www.a.org" * (LINKS_MOST + 1))["text"][0]


def test_a_file_over_the_limit_of_messages_is_told_with_both_sizes(settings):
    settings.FEEDBACK_MAX_BYTES = 100
    sentence = errors(file=files.upload())["file"][0]
    assert sentence.startswith("“สรุปเวที.pdf” ใหญ่")
    assert "100" in sentence


def test_an_unknown_kind_is_told():
    assert errors(kind="spam") == {"kind": ["เลือกประเภทของเรื่องจากรายการ"]}
