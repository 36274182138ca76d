"""The text of an uploaded document: exact, and what was changed is said."""

from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from docx import Document as Word

from followup.spreadsheets.documents import read_document


def word(*paragraphs, cells=()):
    document = Word()
    for each in paragraphs:
        document.add_paragraph(each)
    if cells:
        table = document.add_table(rows=1, cols=len(cells))
        for cell, text in zip(table.rows[0].cells, cells, strict=True):
            cell.text = text
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_text_file_is_kept_to_the_letter():
    text = " ข้อเสนอที่ ๑  ก\u0e4dา\u200b\u00a0\n\n๑. ให้\t "
    assert read_document(text.encode(), "ก.txt").text == text
    assert read_document(text.encode(), "ก.txt").told == []


def test_what_is_changed_or_guessed_is_said():
    read = read_document("\ufeffข้อเสนอ\r\nที่ ๑".encode(), "ก.TXT")
    assert read.text == "ข้อเสนอ\nที่ ๑"
    assert read.told == [
        "ตัดเครื่องหมายลำดับไบต์ (BOM) ที่ต้นแฟ้มออก",
        "เปลี่ยนรหัสขึ้นบรรทัดเป็นแบบเดียว (LF)",
    ]
    read = read_document("ข้อเสนอที่ ๑".encode("cp874"), "ก.txt")
    assert (read.text, read.told) == (
        "ข้อเสนอที่ ๑",
        ["อ่านไฟล์เป็นรหัสอักขระ cp874 ตรวจว่าตัวอักษรถูกต้อง"],
    )


def test_a_word_file_gives_its_paragraphs_as_lines():
    content = word("ข้อเสนอที่ ๑ ", "", "  ให้รัฐ\nส่งเสริม", cells=("ก", "ข"))
    read = read_document(content, "ข้อเสนอ.docx")
    assert read.text.split("\n")[:6] == ["ข้อเสนอที่ ๑ ", "", "  ให้รัฐ", "ส่งเสริม", "ก", "ข"]
    assert read.told == ["อ่านเฉพาะตัวอักษรจาก Word แต่ละย่อหน้าเป็นหนึ่งบรรทัด รูปแบบ ภาพ และเชิงอรรถไม่ได้อ่าน"]


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "a.txt", "ไฟล์ไม่มีข้อความ เลือกไฟล์อื่น หรือคัดลอกข้อความมาวาง"),
        (b"%PDF-1.7", "a.pdf", "ไม่รองรับไฟล์ .pdf บันทึกเป็น .docx หรือ .txt หรือคัดลอกข้อความมาวาง"),
        (b"PK\x03\x04 not a zip", "a.docx", "เปิดไฟล์ไม่ได้ ไฟล์อาจเสียหายหรือมีรหัสผ่าน"),
        (b"\xd0\xcf\x11\xe0", "a.docx", "เปิดไฟล์ไม่ได้ ไฟล์อาจเสียหายหรือมีรหัสผ่าน"),
        (b"caf\xe9", "a.txt", "ไม่พบตัวอักษรไทยที่อ่านได้"),
        (word(), "a.docx", "ไฟล์ไม่มีข้อความ เลือกไฟล์อื่น หรือคัดลอกข้อความมาวาง"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(content, name, sentence):
    with pytest.raises(ValidationError, match=sentence):
        read_document(content, name)
