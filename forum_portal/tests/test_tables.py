"""The one reader of strangers' files, named by a setting."""

from forum_portal import tables


def read(content, name):
    """As the setting names it below."""
    return tables.Table(["ก"], [[content, name]], ["หมายเหตุ"])


def test_the_setting_names_the_reader_and_it_gets_bytes_and_name(settings):
    settings.TABLE_READER = f"{__name__}.read"
    table = tables.read_table(b"x", "ผล.csv")
    assert table.headings == ["ก"]
    assert table.rows == [[b"x", "ผล.csv"]]
    assert table.notices == ["หมายเหตุ"]


def test_the_portals_own_reader_reads_a_table(settings):
    table = tables.read_table("code,name_th\nX,กรม\n".encode(), "หน่วยงาน.csv")
    assert list(table.headings) == ["code", "name_th"]
    assert [list(row) for row in table.rows] == [["X", "กรม"]]
