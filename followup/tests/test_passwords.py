"""What a password may not be."""

import re

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from followup.models import User
from followup.passwords import GuessableValidator
from followup.tests.factories import PASSWORD

GUESSABLE = "รหัสผ่านนี้เดาได้ง่าย ใช้คำอื่นที่ไม่เกี่ยวกับระบบนี้ เช่น ประโยคที่จำได้คนเดียว"


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password!!2569",
        "1qaz2wsx3edc",
        "123456789012",
        "987654321098",
        "abcdefghijkl",
        "aaaaaaaaaaaa",
        "csosforum2565",
        "CSOs-Forum-2565!",
        "คสป.2565คสป.2565",
        "ภาคประชาสังคม2569",
        "รหัสผ่านเจ้าหน้าที่",
        "มะลิมะลิมะลิมะลิ",
        "ทะเลหมอกทะเลหมอก",
        "sunshinesunshine",
        "qwertyuiop[]",
        "QwErTyUiOp!@",
        "poiuytrewq01",
        "1q2w3e4r5t6y",
        "!QAZ@WSX#EDC",
        "zaq12wsxcde3",
        "qazwsxedcrfv",
        "asdf;lkj1234",
        "ฟหกดเ้่าสวงฃ",
        "งวสา่้เดกหฟๆ",
        "ๆไำพะัีรนยบล",
        "ลบยนรีัะพำไๆ",
        "ผปแอิืทมใฝ12",
        "ๅ/-ภถุึคตจขช",
        "ฟหกดผปแอๆไำพ",
    ],
)
def test_what_is_tried_first_is_refused(password):
    with pytest.raises(ValidationError) as refused:
        validate_password(password)
    assert refused.value.messages == [GUESSABLE]


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "ฝนตกหนักที่เชียงใหม่",
        "correct horse battery staple",
        "904817263548",  # no rule of composition
        "forum ที่สวนลุมเมื่อวาน",
        "ดอกปีบ-บานเช้า-77",
        "we were asleep there",
        "qwerty ไม่ใช่ทั้งหมด",
        "ก" + "ขคงจฉช" * 15 + "z" * 37,  # 128 characters
    ],
)
def test_anything_long_that_is_not_known_is_welcome(password):
    validate_password(password)


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("สั้นไปสิบเอ", "12"),
        ("กขคงจฉชซฌญฎฏ" * 11, "รหัสผ่านยาวเกิน 128 อักขระ"),
        ("somsri.jaidee", "ชื่อที่แสดง"),
    ],
)
def test_what_else_is_refused_says_why_in_thai(password, says):
    person = User(username="staff9", display_name="somsri jaidee", email="x@example.org")
    with pytest.raises(ValidationError) as refused:
        validate_password(password, person)
    sentences = " ".join(refused.value.messages)
    assert says in sentences
    assert not re.search("[A-Za-z]{3,}", sentences)


def test_the_three_thousand_commonest_are_refused_with_what_people_put_around_them():
    """Those of 12 characters and more as they are, the others made long enough by signs."""
    validator = GuessableValidator()  # it reads 20,000 passwords
    common = {
        word for word in validator.passwords if len(word) >= 4 and re.search(r"[^\W\d_]", word)
    }
    assert len(common) >= 10_000
    accepted = [
        word
        for word in sorted(common)
        for typed in (word, word.title(), f"{word}2569", f"{word}!!", f"12{word}99")
        if not _is_refused(validator, typed)
    ]
    assert accepted == []


def _is_refused(validator, password):
    try:
        validator.validate(password)
    except ValidationError:
        return True
    return False
