"""What Thai letters ask of Word: a typeface, a size and a weight of their own, in the schema's order."""

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Pt

from forum_portal import word


def names(element):
    return [each.tag.rpartition("}")[2] for each in element]


@pytest.fixture
def document():
    return docx.Document()


def test_a_style_has_the_thai_typeface_in_every_script(document):
    style = document.styles["Heading 1"]
    word.set_style(style, 22)
    properties = style.element.rPr
    fonts = properties.rFonts
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        assert fonts.get(qn(f"w:{script}")) == "TH Sarabun New"
    assert not [name for name in fonts.attrib if "heme" in name]  # a theme would come first
    assert properties.find(qn("w:szCs")).get(qn("w:val")) == "44"
    assert properties.find(qn("w:lang")).get(qn("w:bidi")) == "th-TH"


def test_a_style_set_twice_says_each_thing_once_and_in_order(document):
    style = document.styles["Normal"]
    word.set_style(style, 16)
    word.set_style(style, 14)
    properties = style.element.rPr
    assert names(properties) == ["rFonts", "sz", "szCs", "lang"]
    assert properties.find(qn("w:szCs")).get(qn("w:val")) == "28"


def test_thai_letters_have_the_weight_and_size_of_their_run(document):
    run = document.add_paragraph().add_run("หนังสือ")
    word.set_run(run, 12, is_bold=True)
    assert (run.font.bold, run.font.cs_bold, run.font.size) == (True, True, Pt(12))
    assert names(run._r.rPr) == ["b", "bCs", "sz", "szCs"]
    assert run._r.rPr.find(qn("w:szCs")).get(qn("w:val")) == "24"


def test_a_run_without_a_size_keeps_its_styles(document):
    run = document.add_paragraph().add_run("หนังสือ")
    word.set_run(run, is_bold=True)
    assert names(run._r.rPr) == ["b", "bCs"]


def test_a_row_stays_whole_and_a_head_comes_again(document):
    row = document.add_table(1, 1).rows[0]
    word.keep_on_one_page(row)
    word.repeat_on_every_page(row)
    assert names(row._tr.trPr) == ["cantSplit", "tblHeader"]


def test_a_file_says_what_it_is_and_not_who_made_it(document):
    word.describe(document, "หนังสือติดตาม")
    about = document.core_properties
    assert (about.title, about.language) == ("หนังสือติดตาม", "th-TH")
    assert {about.author, about.last_modified_by, about.comments} == {""}


def test_a_file_names_what_to_take_where_the_typeface_is_missing(document):
    word.name_other_fonts(document)
    tables = [
        part.blob.decode()
        for part in document.part.package.iter_parts()
        if part.partname.endswith("/fontTable.xml")
    ]
    assert len(tables) == 1
    assert '<w:altName w:val="TH SarabunPSK, Sarabun, Laksaman, Noto Sans Thai"/>' in tables[0]
