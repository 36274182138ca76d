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
    texts = {Field.RESULT, Field.PROBLEMS, Field.SUGGESTIONS, Field.RESPONSE_REASON}
    assert of_kind(Kind.TEXT) == texts
    assert of_kind(Kind.CHOICE) == {Field.RESPONSE}
    assert of_kind(Kind.DATE) == {Field.RESPONSE_ON, Field.TARGET_ON}
    assert of_kind(Kind.CODES) == {Field.PROJECT_CODES}
    numbers = {Field.INDICATOR_BASELINE, Field.INDICATOR_TARGET, Field.INDICATOR_VALUE}
    assert of_kind(Kind.NUMBER) == numbers
    assert of_kind(Kind.FLAG, Kind.PROVINCES) == {Field.NO_CHANGE, Field.PROVINCE}


def test_the_rare_columns_come_last():
    columns = list(REPORT_COLUMNS)
    rare = columns[columns.index(Field.EVIDENCE) + 1 :]
    assert rare == [
        Field.MEETING,
        Field.NO_CHANGE,
        Field.RESPONSE,
        Field.RESPONSE_REASON,
        Field.COMPETENT_AGENCY,
        Field.RESPONSE_ON,
        Field.RESPONSE_DOCUMENT,
        Field.TARGET_ON,
        Field.MILESTONE,
        Field.TARGET_REASON,
        Field.INDICATOR,
        Field.INDICATOR_UNIT,
        Field.INDICATOR_BASELINE,
        Field.INDICATOR_TARGET,
        Field.INDICATOR_VALUE,
        Field.PROJECT_CODES,
    ]
