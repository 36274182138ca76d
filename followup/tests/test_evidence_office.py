"""DOCX and XLSX as evidence: personal metadata goes, what is seen stays, active content is refused."""

import re
import zipfile
from io import BytesIO

import docx
import openpyxl
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Cm
from PIL import Image

from followup.evidence import Rejected, inspect
from followup.tests.files import OLE, excel, photo, picture, upload, word

pytestmark = pytest.mark.security

NAME = "สมชาย ใจดี"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES, ROOT = "[Content_Types].xml", "_rels/.rels"
WORD, BOOK = "word/_rels/document.xml.rels", "xl/_rels/workbook.xml.rels"
SHEET = "xl/worksheets/sheet1.xml"

CHANGES = (
    "มีการแก้ไขที่ยังไม่ได้ยอมรับ (Track Changes) ใน Word "
    "เลือก รีวิว > ยอมรับการเปลี่ยนแปลงทั้งหมด บันทึก แล้วแนบอีกครั้ง"
)
OLD_CHANGES = "เป็นสมุดงานที่ใช้ร่วมกันและเก็บประวัติการแก้ไข ใน Excel เลิกใช้สมุดงานร่วมกัน บันทึก แล้วแนบอีกครั้ง"
COMMENTS = "มีข้อคิดเห็นหรือโน้ตพร้อมชื่อผู้เขียน ลบข้อคิดเห็นทั้งหมด บันทึก แล้วแนบอีกครั้ง"
MACRO = "มีมาโคร บันทึกเป็น .docx หรือ .xlsx ที่ไม่มีมาโคร หรือเป็น PDF แล้วแนบอีกครั้ง"
EMBEDDED = "มีไฟล์หรือวัตถุฝังอยู่ข้างใน (เช่น OLE ActiveX) ลบออก บันทึก แล้วแนบอีกครั้ง หรือพิมพ์เป็น PDF แล้วแนบ"
EXTERNAL = (
    "อ้างถึงแม่แบบ รูป หรือข้อมูลนอกไฟล์ ตัดการเชื่อมโยงหรือฝังไว้ในไฟล์ บันทึก แล้วแนบอีกครั้ง หรือพิมพ์เป็น PDF แล้วแนบ"
)
PROGRAM = "มีโปรแกรมอยู่ข้างใน ลบออก บันทึก แล้วแนบอีกครั้ง หรือพิมพ์เป็น PDF แล้วแนบ"
LIVE = "มีคำสั่งที่ดึงข้อมูลจากโปรแกรมหรือไฟล์อื่น (เช่น DDE) ลบออก บันทึก แล้วแนบอีกครั้ง หรือพิมพ์เป็น PDF แล้วแนบ"
LINK = "มีลิงก์ที่ไม่ใช่เว็บหรืออีเมล เช่น ลิงก์ไปยังไฟล์ในเครื่อง ลบลิงก์นั้น บันทึก แล้วแนบอีกครั้ง"
SIGNED = "มีลายมือชื่อดิจิทัล จึงลบข้อมูลส่วนบุคคลออกไม่ได้ พิมพ์เป็น PDF ใหม่แล้วแนบอีกครั้ง หรือวางลิงก์ไปยังฉบับที่ลงนาม"
TWO_THINGS = "มีเนื้อหาชนิดอื่นซ้อนอยู่ เปิดแล้วบันทึกเป็นไฟล์ใหม่หรือพิมพ์เป็น PDF แล้วแนบอีกครั้ง"
DAMAGED = "เปิดไม่ได้ ไฟล์อาจเสียหายหรือส่งมาไม่ครบ เปิดดูแล้วบันทึกใหม่ก่อนแนบอีกครั้ง"
TIFF = "มีรูปชนิด TIFF ที่บอกผู้ถ่ายหรือสถานที่ แปลงรูปเป็น JPG หรือ PNG บันทึก แล้วแนบอีกครั้ง"


# Making documents -----------------------------------------------------------------------------


def parts(content):
    """Every part of a document by its name."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(entries):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def changed(content, name, old, new):
    """A document in one part of which `new` stands for `old`, which must be there."""
    entries = parts(content)
    assert old.encode() in entries[name], (name, old)
    entries[name] = entries[name].replace(old.encode(), new.encode(), 1)
    return packed(entries)


def related(content, owner, type_, target, data=None, mode="", name="", content_type=""):
    """A document with one more relationship and, if `data` is given, the part that it leads to."""
    mode = f' TargetMode="{mode}"' if mode else ""
    entries = parts(content)
    if owner not in entries:
        empty = "http://schemas.openxmlformats.org/package/2006/relationships"
        entries[owner] = f'<Relationships xmlns="{empty}"></Relationships>'.encode()
    new = f'<Relationship Id="rIdNew" Type="{R}/{type_}" Target="{target}"{mode}/></Relationships>'
    content = changed(packed(entries), owner, "</Relationships>", new)
    if data is not None:
        content = changed(
            packed(parts(content) | {name: data}),
            TYPES,
            "</Types>",
            f'<Override PartName="/{name}" ContentType="{content_type}"/></Types>',
        )
    return content


def with_body(xml, content=None):
    """A Word document with more in its body."""
    content = word() if content is None else content
    return changed(content, "word/document.xml", "<w:sectPr", f"{xml}<w:sectPr")


def with_cell(xml):
    made = openpyxl.Workbook()
    made.active["A9"] = 1
    buffer = BytesIO()
    made.save(buffer)
    return changed(buffer.getvalue(), SHEET, "<sheetData>", f'<sheetData><row r="1">{xml}</row>')


def field(*pieces):
    """A field whose instruction is in several runs."""
    runs = "".join(f"<w:r><w:instrText>{piece}</w:instrText></w:r>" for piece in pieces)
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
    return f"{begin}{runs}{end}"


def paragraph(xml):
    return f"<w:p>{xml}</w:p>"


def word_part(name, xml):
    return f"<w:{name} {nsdecls('w')}>{xml}</w:{name}>".encode()


def report():
    """A Word document as somebody writes it: with properties, sittings, a photograph and a table."""
    document = docx.Document()
    properties = document.core_properties
    properties.author = properties.last_modified_by = properties.comments = NAME
    document.add_heading("ผลการดำเนินงาน ปี 2569")
    run = document.add_paragraph("จัดเวที ๓ ครั้ง ").add_run("ผู้เข้าร่วม 120 คน")
    run._r.set("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}rsidR", "00AB12CD")
    document.add_table(1, 2).cell(0, 1).text = "1,200,000"
    document.add_picture(BytesIO(photo()), width=Cm(3))
    settings = document.settings.element
    for xml in (
        f"<w:rsids {nsdecls('w')}><w:rsidRoot w:val='00AB12CD'/></w:rsids>",
        f"<w:attachedTemplate {nsdecls('w', 'r')} r:id='rIdNew'/>",
    ):
        settings.append(parse_xml(xml))
    bound = (
        f"<w:sdt {nsdecls('w')}><w:sdtPr><w:dataBinding w:xpath='/a' w:storeItemID='{{6C}}'/></w:sdtPr>"
        "<w:sdtContent><w:p><w:r><w:t>คณะกรรมการ</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )
    document.element.body.insert(0, parse_xml(bound))
    buffer = BytesIO()
    document.save(buffer)
    content = related(
        buffer.getvalue(),
        "word/_rels/settings.xml.rels",
        "attachedTemplate",
        "file:///C:\\Users\\Somchai\\Templates\\a.dotx",
        mode="External",
    )
    people = word_part("people", f'<w:person w:name="{NAME}"/>')
    content_type = f"{OFFICE}.wordprocessingml.people+xml"
    return related(
        content,
        WORD,
        "people",
        "people.xml",
        people,
        name="word/people.xml",
        content_type=content_type,
    )


def book():
    """A workbook with properties, a path, a printer and a name in a pivot's cache."""
    made = openpyxl.Workbook()
    made.properties.creator = made.properties.lastModifiedBy = NAME
    sheet = made.active
    sheet.append(["หน่วยงาน", "งบประมาณ"])
    sheet.append(["พม.", 1200000.5])
    sheet["C2"] = '=IF(B2>0,"a|b",B2)'
    sheet["A3"] = "เว็บ"
    sheet["A3"].hyperlink = "https://example.org/ก?ข=1"
    sheet.page_setup.orientation = "landscape"
    buffer = BytesIO()
    made.save(buffer)
    content = related(
        buffer.getvalue(),
        "xl/worksheets/_rels/sheet1.xml.rels",
        "printerSettings",
        "../printerSettings/printerSettings1.bin",
        "HP Somchai".encode("utf-16-le"),
        name="xl/printerSettings/printerSettings1.bin",
        content_type=f"{OFFICE}.spreadsheetml.printerSettings",
    )
    content = changed(content, SHEET, "<pageSetup ", f'<pageSetup xmlns:r="{R}" r:id="rIdNew" ')
    path = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        '<mc:Choice Requires="x15"><x15ac:absPath url="C:\\Users\\Somchai\\" '
        'xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac"/></mc:Choice>'
        '</mc:AlternateContent><fileSharing userName="Somchai"/>'
    )
    return changed(content, "xl/workbook.xml", "<bookViews>", f"{path}<bookViews>")


def seen_in_word(content):
    document = docx.Document(BytesIO(content))
    texts = [each.text for each in document.element.body.iter() if each.tag.endswith("}t")]
    styles = [each.style.name for each in document.paragraphs]
    return texts, styles, [(each.width, each.height) for each in document.inline_shapes]


def seen_in_excel(content):
    sheet = openpyxl.load_workbook(BytesIO(content)).active
    link = sheet["A3"].hyperlink
    return list(sheet.values), link and link.target, sheet.page_setup.orientation


# What is removed ------------------------------------------------------------------------------


@pytest.mark.parametrize(("make", "seen"), [(report, seen_in_word), (book, seen_in_excel)])
def test_a_document_loses_people_and_machines_and_nothing_that_is_seen(make, seen):
    before = make()
    after = inspect(upload(before)).content
    telling = ("สมชาย", "Somchai", "Telephone", "00AB12CD", "S\0o\0m\0c\0h\0a\0i")
    told = [
        word for word in telling if any(word.encode() in each for each in parts(before).values())
    ]
    assert len(told) >= 3, "the control: it is in there"
    for name, data in parts(after).items():
        for each in telling:
            assert each.encode() not in data, (name, each)
        assert b"rsid" not in data, name
    assert not [name for name in parts(after) if name.startswith(("docProps/", "customXml/"))]
    assert b"docProps" not in parts(after)[TYPES] + parts(after)[ROOT]
    assert seen(after) == seen(before)


def test_every_relationship_and_type_that_is_left_leads_to_a_part():
    for before in (report(), book()):
        after = parts(inspect(upload(before)).content)
        for name, data in after.items():
            if name.endswith(".rels"):
                ids = re.findall(r'Id="([^"]+)"', data.decode())
                owner = name.replace("_rels/", "").removesuffix(".rels")
                used = re.findall(rb'r:(?:id|embed)="([^"]+)"', after.get(owner, b""))
                assert {each.decode() for each in used} <= set(ids), name
        for name in re.findall(r'PartName="/([^"]+)"', after[TYPES].decode()):
            assert name in after


def test_cleaning_is_the_same_each_time_and_has_nothing_left_to_do():
    for before in (report(), book()):
        once = inspect(upload(before)).content
        assert inspect(upload(before)).content == once
        assert inspect(upload(once)).content == once
        with zipfile.ZipFile(BytesIO(once)) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_prefixes_that_word_must_know_stay_declared():
    before = parts(report())["word/document.xml"]
    after = parts(inspect(upload(report())).content)["word/document.xml"]
    assert set(re.findall(rb"xmlns:\w+", before)) <= set(re.findall(rb"xmlns:\w+", after))


def test_a_photograph_in_a_document_forgets_its_place_and_keeps_its_pixels_and_its_turn():
    (data,) = [
        data
        for name, data in parts(inspect(upload(report())).content).items()
        if name.startswith("word/media/")
    ]
    before, after = Image.open(BytesIO(photo())), Image.open(BytesIO(data))
    assert dict(after.getexif()) == {0x0112: 6}
    assert after.getexif().get_ifd(0x8825) == {}
    assert after.tobytes() == before.tobytes()


def test_what_follows_a_photograph_goes_too():
    second = photo()
    content = changed(word(), "word/document.xml", "<w:sectPr", "<w:sectPr")
    content = related(
        content,
        WORD,
        "image",
        "media/a.jpg",
        picture() + second,
        name="word/media/a.jpg",
        content_type="image/jpeg",
    )
    assert parts(inspect(upload(content)).content)["word/media/a.jpg"] == picture()


def test_a_part_that_nothing_leads_to_is_left_out():
    content = packed(parts(word()) | {"word/media/hidden.txt": b"secret"})
    assert "word/media/hidden.txt" not in parts(inspect(upload(content)).content)


def test_the_figures_behind_a_chart_go_and_the_chart_stays():
    chart = (
        '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
        f'xmlns:r="{R}"><c:v>42</c:v><c:externalData r:id="rIdNew"/></c:chartSpace>'
    )
    content = related(
        word(),
        WORD,
        "chart",
        "charts/chart1.xml",
        chart.encode(),
        name="word/charts/chart1.xml",
        content_type=f"{OFFICE}.drawingml.chart+xml",
    )
    content = related(
        content,
        "word/charts/_rels/chart1.xml.rels",
        "package",
        "../embeddings/a.xlsx",
        excel(),
        name="word/embeddings/a.xlsx",
        content_type=f"{OFFICE}.spreadsheetml.sheet",
    )
    after = parts(inspect(upload(content)).content)
    assert b"<c:v>42</c:v>" in after["word/charts/chart1.xml"]
    assert b"externalData" not in after["word/charts/chart1.xml"]
    assert not [name for name in after if "embeddings" in name]


# What is refused ------------------------------------------------------------------------------


def tracked(xml):
    return lambda: with_body(paragraph(xml))


def rel(make, owner, type_, target, *part, mode=""):
    """A document with a relationship; `part`: the data, the name and the content type."""
    names = dict(zip(("data", "name", "content_type"), part, strict=False))
    return lambda: related(make(), owner, type_, target, mode=mode, **names)


def entry(name, data, make=word):
    def made():
        return packed(parts(make()) | {name: data})

    return made


def link_to(target):
    return rel(word, WORD, "hyperlink", target, mode="External")


def tiff():
    tags = Image.Exif()
    tags[0x013B] = "Somchai"
    buffer = BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "TIFF", exif=tags)
    return buffer.getvalue()


def doubled():
    content = parts(word())
    content["WORD/DOCUMENT.XML"] = b"<a/>"
    return packed(content)


BY = f'w:id="1" w:author="{NAME}"'
A, C = "<w:r><w:t>a</w:t></w:r>", "application/xml"
NOTE = f"<w:comment {BY}><w:p/></w:comment>"
IMG = '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
REFUSED = {
    "an insertion": (tracked(f"<w:ins {BY}>{A}</w:ins>"), CHANGES),
    "a deletion": (tracked(f"<w:del {BY}><w:r><w:delText>a</w:delText></w:r></w:del>"), CHANGES),
    "an insertion without author": (tracked(f'<w:ins w:id="1">{A}</w:ins>'), CHANGES),
    "a move": (tracked(f'<w:moveTo w:id="1">{A}</w:moveTo>'), CHANGES),
    "a change of format": (
        tracked('<w:r><w:rPr><w:rPrChange w:id="1"/></w:rPr><w:t>a</w:t></w:r>'),
        CHANGES,
    ),
    "another element with an author": (tracked(f"<w:customXmlInsRangeStart {BY}/>"), CHANGES),
    "a comment": (
        rel(word, WORD, "comments", "c.xml", word_part("comments", NOTE), "word/c.xml", C),
        COMMENTS,
    ),
    "a reference to a comment": (tracked('<w:r><w:commentReference w:id="1"/></w:r>'), COMMENTS),
    "a note in a sheet": (
        rel(
            excel,
            "xl/worksheets/_rels/sheet1.xml.rels",
            "comments",
            "/xl/c.xml",
            b"<comments><comment/></comments>",
            "xl/c.xml",
            C,
        ),
        COMMENTS,
    ),
    "a shared workbook": (
        rel(excel, BOOK, "revisionHeaders", "r.xml", b"<a/>", "xl/r.xml", C),
        OLD_CHANGES,
    ),
    "a macro under another name": (
        rel(word, WORD, "vbaProject", "media/a.bin", b"x", "word/media/a.bin", C),
        MACRO,
    ),
    "a macro by its type": (
        rel(
            word, WORD, "image", "a.bin", b"x", "word/a.bin", "application/vnd.ms-office.vbaProject"
        ),
        MACRO,
    ),
    "a remote template": (
        rel(
            word,
            "word/_rels/settings.xml.rels",
            "attachedTemplate",
            "https://a.example/t.dotm",
            mode="External",
        ),
        EXTERNAL,
    ),
    "a template on a server": (
        rel(
            word,
            "word/_rels/settings.xml.rels",
            "attachedTemplate",
            "file://server/t.dotm",
            mode="External",
        ),
        EXTERNAL,
    ),
    "a picture that is loaded": (
        rel(word, WORD, "image", "https://a.example/seen.png", mode="External"),
        EXTERNAL,
    ),
    "a linked object": (
        rel(word, WORD, "oleObject", "file:///C:/a.xls", mode="External"),
        EXTERNAL,
    ),
    "an object": (rel(word, WORD, "oleObject", "a.bin", b"x", "word/a.bin", C), EMBEDDED),
    "an object by its content": (entry("word/media/a.png", OLE), EMBEDDED),
    "an embedded document": (
        rel(word, WORD, "package", "a.xlsx", excel(), "word/a.xlsx", C),
        EMBEDDED,
    ),
    "a zip as a picture": (
        rel(word, WORD, "image", "a.png", excel(), "word/a.png", "image/png"),
        EMBEDDED,
    ),
    "ActiveX": (rel(word, WORD, "control", "a.xml", b"<a/>", "word/a.xml", C), EMBEDDED),
    "HTML inside": (
        rel(word, WORD, "aFChunk", "a.html", b"<p/>", "word/a.html", "text/html"),
        EMBEDDED,
    ),
    "an add-in": (
        rel(word, ROOT, "webextensiontaskpanes", "a.xml", b"<a/>", "word/a.xml", C),
        EMBEDDED,
    ),
    "a program": (entry("word/media/image9.png", b"MZ\x90\0" + b"\0" * 60), PROGRAM),
    "a script": (entry("word/media/run.sh", b"#!/bin/sh\n"), PROGRAM),
    "a drawing with a script": (
        rel(word, WORD, "image", "a.svg", IMG.encode(), "word/a.svg", "image/svg+xml"),
        PROGRAM,
    ),
    "an entry above": (entry("../../etc/cron.d/a", b"x"), TWO_THINGS),
    "an entry above, for Windows": (entry("word\\..\\..\\a", b"x"), TWO_THINGS),
    "an absolute entry": (entry("/etc/passwd", b"x"), TWO_THINGS),
    "an entry on a drive": (entry("C:/a", b"x"), TWO_THINGS),
    "a part twice": (doubled, TWO_THINGS),
    "DDE": (tracked(field('DDEAUTO c:\\\\cmd.exe "/c calc"')), LIVE),
    "DDE in pieces": (tracked(field(" D", "D", "E cmd")), LIVE),
    "DDE in a simple field": (tracked('<w:fldSimple w:instr=" dde a b"/>'), LIVE),
    "DDE made by a field": (
        tracked(field("</w:instrText></w:r>" + field("QUOTE 68 68 69") + "<w:r><w:instrText>")),
        LIVE,
    ),
    "text from elsewhere": (tracked(field('INCLUDETEXT "http://a.example/a"')), LIVE),
    "DDE in a cell": (lambda: with_cell("<c r=\"A1\"><f>cmd|'/c calc'!A0</f></c>"), LIVE),
    "a formula that loads": (
        lambda: with_cell('<c r="A1"><f>_xlfn.WEBSERVICE("http://a.example")</f></c>'),
        LIVE,
    ),
    "a workbook's link": (
        rel(
            excel,
            BOOK,
            "externalLink",
            "e.xml",
            b"<externalLink><ddeLink/></externalLink>",
            "xl/e.xml",
            C,
        ),
        EXTERNAL,
    ),
    "a connection": (rel(excel, BOOK, "connections", "c.xml", b"<a/>", "xl/c.xml", C), EXTERNAL),
    "a connection by its type": (
        rel(
            excel,
            BOOK,
            "theme9",
            "c.xml",
            b"<a/>",
            "xl/c.xml",
            f"{OFFICE}.spreadsheetml.connections+xml",
        ),
        EXTERNAL,
    ),
    "a link to a program": (link_to("javascript:alert(1)"), LINK),
    "a link to a disk": (link_to("file:///C:/Somchai/a.docx"), LINK),
    "a link to a server": (link_to("\\\\server\\a"), LINK),
    "a link in a field": (tracked(field('HYPERLINK "file:///C:/a"')), LINK),
    "a signature": (rel(word, ROOT, "origin", "s.sigs", b"x", "s.sigs", C), SIGNED),
    "a picture with its maker": (
        rel(word, WORD, "image", "a.tif", tiff(), "word/a.tif", "image/tiff"),
        TIFF,
    ),
    "entities": (
        lambda: changed(
            word(), "word/document.xml", "<w:document", '<!DOCTYPE a [<!ENTITY b "c">]><w:document'
        ),
        DAMAGED,
    ),
    "an encoding that hides": (
        rel(
            word,
            WORD,
            "a",
            "a.xml",
            b'<?xml version="1.0" encoding="UTF-7"?><a/>',
            "word/a.xml",
            C,
        ),
        DAMAGED,
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_acts_or_cannot_be_cleaned_is_refused_with_what_to_do(what):
    make, sentence = REFUSED[what]
    with pytest.raises(Rejected) as refused:
        inspect(upload(make(), "ก.docx"))
    assert str(refused.value) == f"“ก.docx” {sentence}"


ACCEPTED = {
    "web links": link_to("https://example.org/a"),
    "links to mail": link_to("mailto:a@example.org"),
    "links nearby": link_to("annex.pdf"),
    "page numbers": tracked(field("PAGE \\* MERGEFORMAT")),
    "a field within a field": tracked(
        field("IF </w:instrText></w:r>" + field("PAGE") + "<w:r><w:instrText> = 1 a b")
    ),
    "a text about DDE": tracked("<w:r><w:t>DDE cmd</w:t></w:r>"),
    "no comment": rel(word, WORD, "comments", "c.xml", word_part("comments", ""), "word/c.xml", C),
    "a bar in a text": lambda: with_cell('<c r="A1"><f>"a|b"&amp;\'c|d\'!A1</f></c>'),
}


@pytest.mark.parametrize("what", ACCEPTED)
def test_what_is_common_and_harmless_is_taken(what):
    inspect(upload(ACCEPTED[what](), "ก.docx"))


def test_limits_hold_for_each_part(monkeypatch):
    from followup.inspection import office

    inspect(upload(word()))
    monkeypatch.setattr(office, "_PART", 100)
    with pytest.raises(Rejected, match="เปิดไม่ได้"):
        inspect(upload(word()))
