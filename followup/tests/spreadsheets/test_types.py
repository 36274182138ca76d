"""What the steps of an import hand to each other."""

from followup.spreadsheets.fields import Field
from followup.spreadsheets.types import CellError, Column, Layout, Level, Problem, Unreadable


def test_an_error_reads_as_the_cell_shows_it():
    assert str(CellError("#REF!")) == "#REF!"
    assert CellError("#REF!") != "#REF!"


def test_levels_stand_the_gravest_first():
    assert list(Level) == ["stop", "error", "ask", "warn", "info", "skip"]


def test_a_layout_finds_the_columns_of_a_field():
    columns = [Column(0, "ก", Field.RESULT), Column(1, "ข"), Column(2, "ค", Field.RESULT)]
    layout = Layout("S", 0, 0, columns)
    assert [column.index for column in layout.of(Field.RESULT)] == [0, 2]
    assert layout.of(Field.STATUS) == []


def test_an_unreadable_file_names_its_code():
    unreadable = Unreadable(Problem("F03", {"mb": 20}))
    assert str(unreadable) == "F03"
    assert unreadable.problem.params == {"mb": 20}
