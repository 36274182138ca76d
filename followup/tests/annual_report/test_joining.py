"""Pieces joined to one PDF: pages, page numbers, contents, bookmarks, links and tags of the whole."""

import re
from io import BytesIO

import pikepdf
import pypdfium2
import pytest

from followup.annual_report import joining, pdf, pieces, store
from followup.tests.annual_report.reading import headings_of, letters, newest, pages
from forum_portal.thai import to_arabic_digits

pytestmark = [pytest.mark.usefixtures("demo"), pytest.mark.once]


@pytest.fixture(scope="module")
def kept():
    return {}


@pytest.fixture
def report():
    return store.document(newest())


@pytest.fixture
def file(report, kept, monkeypatch):
    """The demo report in pieces, among them two within a part and one within a table."""
    if not kept:
        monkeypatch.setattr(pdf, "ONE_RUN", 1000)
        monkeypatch.setattr(pdf, "PIECE", 12_000)
        leads = [piece.lead for piece in pieces.cut(report, pdf.PIECE, whole_parts=False)]
        assert len(leads) > 3
        assert any(leads)
        kept["file"] = pdf.write(report)
    return kept["file"]


@pytest.fixture
def opened(file, tmp_path):
    (tmp_path / "joined.pdf").write_bytes(file)
    with pikepdf.open(tmp_path / "joined.pdf") as opened:
        yield opened


def walk(node):
    child = node.get("/First")
    while child is not None:
        yield child
        yield from walk(child)
        child = child.get("/Next")


def page_of(opened):
    return {page.obj.objgen: number for number, page in enumerate(opened.pages, start=1)}


@pytest.mark.slow
def test_it_says_what_one_run_says(file, report, monkeypatch):
    def words(of):
        text = "".join(re.sub(r"^[๐-๙]+\r?\n", "", page) for page in pages(of))
        return letters(text).replace("(ต่อ)", "")

    def without_numbers(text):
        return re.sub(r"[\u2060.]*[๐-๙]*", "", text)

    monkeypatch.setattr(pdf, "ONE_RUN", 10**9)
    whole = pdf.write(report)
    # The heads of a table stand on every page, and a piece's pages break elsewhere: words by their set.
    pieces_of = {word for word in re.split(r"[๐-๙.]+", words(file)) if len(word) > 12}
    everything = without_numbers(words(whole))
    assert len(pieces_of) > 50
    missing = [word for word in pieces_of if without_numbers(word) not in everything]
    assert len(missing) < len(pieces_of) / 20
    for text in headings_of(report):
        assert letters(text) in letters("".join(pages(file)))


def test_it_is_a_sound_file_of_the_same_title_and_standard(opened, file):
    assert opened.check_pdf_syntax() == []
    assert b"pdfuaid:part" in file
    metadata = opened.Root.Metadata.read_bytes().decode()
    assert f"<xmpTPg:NPages>{len(opened.pages)}</xmpTPg:NPages>" in metadata
    assert str(opened.trailer.Info.Title) == "".join(store.document(newest())["title_lines"])
    assert str(opened.Root.Lang) == "th-TH"
    assert opened.Root.MarkInfo.Marked


def test_every_page_but_the_cover_has_its_number(file):
    _cover, *others = pages(file)
    assert len(others) > 30
    for number, text in enumerate(others, start=2):
        assert to_arabic_digits(text).startswith(f"{number}\r\n")


def test_bookmarks_and_contents_lead_to_the_pages_of_their_headings(opened, file, report):
    found = pages(file)
    place = page_of(opened)
    marks = [(str(each.Title), place[each.Dest[0].objgen]) for each in walk(opened.Root.Outlines)]
    assert [title for title, _page in marks] == [
        text for text in headings_of(report) if text != "สารบัญ"
    ]
    for title, page in marks:
        assert letters(title) in letters(found[page - 1])
    assert str(opened.Root.Outlines.Last.Title) == "การรับรองรายงานและมติที่ประชุม"
    contents = letters(next(text for text in found if "สารบัญ" in text))
    for title, page in marks:
        if title.startswith(("ส่วนที่", "ภาคผนวก", "ข้อเสนอที่")):
            assert re.search(rf"{re.escape(letters(title))}[.\u2060]*{thai(page)}(?!\d)", contents)
    # Each line is a link, to the heading itself.
    page = opened.pages[next(n for n, text in enumerate(found) if "สารบัญ" in text)]
    links = [link for link in page.obj.Annots if "/Dest" in link]
    blocks = [block for part in report["parts"] for block in part["blocks"]]
    levels = {each["text"]: each["level"] for each in blocks if each["kind"] == "heading"}
    listed = [page for title, page in marks if levels.get(title, 1) <= 2]
    assert sorted({place[link.Dest[0].objgen] for link in links}) == sorted(set(listed))
    spots = {
        (place[each.Dest[0].objgen], float(each.Dest[3])) for each in walk(opened.Root.Outlines)
    }
    assert {(place[link.Dest[0].objgen], float(link.Dest[3])) for link in links} <= spots


def thai(number):
    return str(number).translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))


def test_the_tags_of_all_pieces_are_one_tree(opened):
    tags = opened.Root.StructTreeRoot
    (document,) = tags.K
    place = page_of(opened)
    parents = dict(pikepdf.NumberTree(tags.ParentTree).items())
    assert max(parents) < int(tags.ParentTreeNextKey)
    for page in opened.pages:
        for element in parents[int(page.obj.StructParents)]:
            while element.S != "/Document":
                assert "/Pg" not in element or element.Pg.objgen in place
                element = element.P
            assert element.objgen == document.objgen
        for link in page.obj.get("/Annots", []):
            assert parents[int(link.StructParent)].S in ("/Link", "/Reference")
    kinds = [str(each.S) for each in document.K]
    assert kinds.count("/H1") == 16, "a heading for each part, none for what only stands in"
    ids = {str(key): each for key, each in pikepdf.NameTree(tags.IDTree).items()}
    assert all(str(each.ID) == key for key, each in ids.items())
    heads = {
        str(name)
        for cell in opened.objects
        if isinstance(cell, pikepdf.Dictionary) and cell.get("/S") == "/TD"
        for attributes in cell.A
        for name in attributes.get("/Headers", [])
    }
    assert len(heads) > 30
    assert heads <= ids.keys()


@pytest.mark.slow
def test_the_same_report_in_pieces_is_the_same_bytes(file, report, monkeypatch):
    monkeypatch.setattr(pdf, "ONE_RUN", 1000)
    monkeypatch.setattr(pdf, "PIECE", 12_000)
    assert pdf.write(report) == file


def test_a_pack_in_pieces_has_a_page_for_each_part(report, monkeypatch):
    monkeypatch.setattr(pdf, "ONE_RUN", 1000)
    parts = [each for each in report["parts"] if not each["is_contents"]][:5]
    monkeypatch.setattr(pdf, "PIECE", 3000)
    made = pdf.write(report | {"parts": parts}, fitted=True)
    found = pages(made)
    assert [
        letters(part["title"]) in letters(page) for part, page in zip(parts, found, strict=True)
    ]
    document = pypdfium2.PdfDocument(made)
    assert [mark.get_title() for mark in document.get_toc()][:1] == [parts[0]["title"]]
    document.close()


def test_what_was_not_made_by_typst_is_not_joined(tmp_path):
    with pikepdf.new() as other:
        other.add_blank_page()
        other.save(tmp_path / "other.pdf")
    source = joining.Source(tmp_path / "other.pdf").read()
    with pytest.raises(joining.NotJoined):
        joining.join([source], [(1, "ก")], BytesIO())
