"""PDF as evidence: personal metadata goes, pages stay, active content is refused."""

from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String

from followup.evidence import Rejected, inspect
from followup.tests.files import PDF, photo, upload

pytestmark = pytest.mark.security

ACTS = "มีคำสั่งที่ทำงานเมื่อเปิดหรือกด (เช่น สคริปต์ เปิดโปรแกรม ส่งแบบฟอร์ม) พิมพ์เป็น PDF ใหม่แล้วแนบอีกครั้ง"
FILES = "มีไฟล์แนบ เสียง หรือวีดิทัศน์อยู่ข้างใน พิมพ์เป็น PDF ใหม่แล้วแนบอีกครั้ง และแนบไฟล์เหล่านั้นแยกกัน"
COMMENTS = "มีข้อคิดเห็นหรือโน้ตพร้อมชื่อผู้เขียน ลบข้อคิดเห็นทั้งหมด บันทึก แล้วแนบอีกครั้ง"
LINK = "มีลิงก์ที่ไม่ใช่เว็บหรืออีเมล เช่น ลิงก์ไปยังไฟล์ในเครื่อง ลบลิงก์นั้น บันทึก แล้วแนบอีกครั้ง"
SIGNED = "มีลายมือชื่อดิจิทัล จึงลบข้อมูลส่วนบุคคลออกไม่ได้ พิมพ์เป็น PDF ใหม่แล้วแนบอีกครั้ง หรือวางลิงก์ไปยังฉบับที่ลงนาม"
PASSWORD = "มีรหัสผ่านหรือจำกัดสิทธิ์ บันทึกใหม่โดยไม่ใส่รหัสผ่านแล้วแนบอีกครั้ง"
DAMAGED = "เปิดไม่ได้ ไฟล์อาจเสียหายหรือส่งมาไม่ครบ เปิดดูแล้วบันทึกใหม่ก่อนแนบอีกครั้ง"


def made(change=lambda pdf: None, **options):
    """A PDF of one page with a text, after `change`."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(200, 200))
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page.Resources = Dictionary(Font=Dictionary(F1=font))
    page.Contents = Stream(pdf, b"BT /F1 12 Tf 20 100 Td (Budget 1,200,000) Tj ET")
    change(pdf)
    buffer = BytesIO()
    pdf.save(buffer, **options)
    return buffer.getvalue()


def text(content):
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(content)]


def with_action(**action):
    def change(pdf):
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9])
        link.A = Dictionary(**action)
        pdf.pages[0].Annots = Array([pdf.make_indirect(link)])

    return change


def with_annotation(**about):
    def change(pdf):
        note = Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **about)
        pdf.pages[0].Annots = Array([pdf.make_indirect(note)])

    return change


def at_root(**values):
    def change(pdf):
        for name, value in values.items():
            pdf.Root[f"/{name}"] = value

    return change


def telling(pdf):
    """Who made it, with what, and where the picture was taken."""
    pdf.docinfo["/Author"] = "Somchai"
    pdf.docinfo["/Producer"] = "Somchai's Office"
    pdf.Root.Metadata = Stream(pdf, b"<x:xmpmeta>Somchai</x:xmpmeta>")
    pdf.pages[0].PieceInfo = Dictionary(Word=Dictionary(Private=String("Somchai")))
    image = Stream(pdf, photo())
    image.update(Dictionary(Type=Name.XObject, Subtype=Name.Image, Width=40, Height=20))
    image.update(Dictionary(ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=Name.DCTDecode))
    pdf.pages[0].Resources.XObject = Dictionary(Im0=pdf.make_indirect(image))
    with_annotation(Subtype=Name.Square, T=String("Somchai"), NM=String("1"))(pdf)


def test_a_pdf_loses_people_and_places_and_no_word():
    for mode in (pikepdf.ObjectStreamMode.disable, pikepdf.ObjectStreamMode.generate):
        before = made(telling, object_stream_mode=mode)
        after = inspect(upload(before)).content
        assert text(after) == text(before) == ["Budget 1,200,000"]
        with pikepdf.open(BytesIO(after)) as pdf:
            assert "/Info" not in pdf.trailer
            assert "/Metadata" not in pdf.Root
            assert "/PieceInfo" not in pdf.pages[0]
            (note,) = pdf.pages[0].Annots
            assert (note.Subtype, "/T" in note, "/NM" in note) == (Name.Square, False, False)
            picture = pdf.pages[0].Resources.XObject.Im0
            assert b"Telephone" in photo(), "the control"
            assert b"Telephone" not in picture.read_raw_bytes()
            assert (picture.Width, picture.Filter) == (40, Name.DCTDecode)
        assert b"Somchai" not in after
        assert inspect(upload(before)).content == after
        assert inspect(upload(after)).content == after


def test_an_earlier_revision_goes():
    old = made(lambda pdf: pdf.docinfo.update({"/Author": "Somchai"}))
    revised = old + b"9 0 obj\n(deleted)\nendobj\n" + old[old.rindex(b"startxref") :]
    assert b"deleted" not in inspect(upload(revised)).content
    assert text(inspect(upload(revised)).content) == text(old)


def test_a_pdf_with_nothing_to_clean_is_stored_as_it_is():
    assert inspect(upload(PDF)).content == PDF


JS = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
REFUSED = {
    "a script": (with_action(S=Name.JavaScript, JS=String("1")), ACTS),
    "a script on opening": (at_root(OpenAction=JS), ACTS),
    "a list of scripts": (at_root(Names=Dictionary(JavaScript=Dictionary(Names=[]))), ACTS),
    "a program": (with_action(S=Name.Launch, F=String("cmd.exe")), ACTS),
    "a form that is sent": (with_action(S=Name.SubmitForm), ACTS),
    "an address on opening": (
        at_root(OpenAction=Dictionary(S=Name.URI, URI=String("https://a.example/seen"))),
        ACTS,
    ),
    "an address on a page's opening": (
        at_root(AA=Dictionary(O=Dictionary(S=Name.URI, URI=String("https://a.example/seen")))),
        ACTS,
    ),
    "an XFA form": (at_root(AcroForm=Dictionary(XFA=String("a"), Fields=[])), ACTS),
    "attached files": (at_root(Names=Dictionary(EmbeddedFiles=Dictionary(Names=[]))), FILES),
    "an attached file": (
        with_annotation(Subtype=Name.Square, FS=Dictionary(EF=Dictionary(F=String("a")))),
        FILES,
    ),
    "a video": (with_annotation(Subtype=Name.RichMedia), FILES),
    "a note": (with_annotation(Subtype=Name.Text, Contents=String("a")), COMMENTS),
    "a remark": (with_annotation(Subtype=Name.Highlight, Contents=String("a")), COMMENTS),
    "a link to a disk": (with_action(S=Name.URI, URI=String("file:///C:/a")), LINK),
    "a link that runs": (with_action(S=Name.URI, URI=String("javascript:alert(1)")), LINK),
    "a link to a file": (with_action(S=Name.GoToR, F=String("\\\\server\\a.pdf")), LINK),
    "a signature": (
        at_root(Sig=Dictionary(Type=Name.Sig, ByteRange=[0, 1, 2, 3])),
        SIGNED,
    ),
}


def refusal(content):
    with pytest.raises(Rejected) as refused:
        inspect(upload(content, "ก.pdf"))
    return str(refused.value)


@pytest.mark.parametrize("what", REFUSED)
def test_what_acts_or_tells_is_refused_in_plain_and_in_object_streams(what):
    change, sentence = REFUSED[what]
    for mode in (pikepdf.ObjectStreamMode.disable, pikepdf.ObjectStreamMode.generate):
        assert refusal(made(change, object_stream_mode=mode)) == f"“ก.pdf” {sentence}"


def test_a_name_with_escapes_is_the_same_name():
    content = made(at_root(OpenAction=JS), object_stream_mode=pikepdf.ObjectStreamMode.disable)
    content = content.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS", b"/#4a#53")
    assert b"/JavaScript" not in content
    assert refusal(content) == f"“ก.pdf” {ACTS}"


def test_a_password_for_changes_only_is_a_password():
    locked = made(encryption=pikepdf.Encryption(owner="a", user=""))
    assert refusal(locked) == f"“ก.pdf” {PASSWORD}"


def test_a_pdf_without_pages_is_damaged():
    assert refusal(b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF") == f"“ก.pdf” {DAMAGED}"


@pytest.mark.parametrize(
    "change",
    [
        with_action(S=Name.URI, URI=String("https://example.org/")),
        with_action(S=Name.GoTo, D=String("a")),
        at_root(OpenAction=Dictionary(S=Name.GoTo, D=String("a"))),
        with_annotation(Subtype=Name.FreeText, Contents=String("seen on the page")),
        at_root(AcroForm=Dictionary(Fields=[])),
    ],
)
def test_what_is_common_and_harmless_is_taken(change):
    content = made(change)
    assert text(inspect(upload(content)).content) == text(content)
