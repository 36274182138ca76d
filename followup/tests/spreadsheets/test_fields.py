"""What a column can be, and which columns are a report's fields."""

from followup.report_fields import FIELDS, Kind
from followup.spreadsheets.fields import REPORT_COLUMNS, Field, of_kind


def test_every_declared_column_is_one_member():
    declared = [each.column.name for each in FIELDS.values() if each.column]
    assert sorted(REPORT_COLUMNS) == sorted(Field(name) for name in declared)
    assert len(set(declared)) == len(declared), "two fields claim one column"
    assert len({field.value for field in Field}) == len(Field)


def test_columns_by_kind():
    assert of_kind(Kind.MONEY) == {Field.BUDGET, Field.DISBURSED}
    assert of_kind(Kind.TEXT) == {Field.RESULT, Field.PROBLEMS, Field.SUGGESTIONS}
    assert of_kind(Kind.FLAG, Kind.PROVINCES) == {Field.NO_CHANGE, Field.PROVINCE}


def test_the_rare_columns_come_last():
    assert list(REPORT_COLUMNS)[-2:] == [Field.MEETING, Field.NO_CHANGE]
