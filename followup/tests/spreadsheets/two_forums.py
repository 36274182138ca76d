"""Tables that speak of two forums, and what a check finds in them."""

from pathlib import Path

from followup.models import Agency
from followup.spreadsheets import preview
from followup.spreadsheets.messages import sentence
from followup.spreadsheets.recognise import find_layout
from followup.spreadsheets.types import Book, Sheet
from followup.tests.spreadsheets.told import told
from followup.tests.spreadsheets.wizard import (
    check_sheet,
    questions_in,
)
from proposals.models import Measure

CASES = Path(__file__).parent / "cases"


HEAD = ["มาตรการย่อย", "หน่วยงาน", "สถานะ", "ผลการดำเนินงาน"]


def row(code, agency, *more, says="จัดประชุม"):
    return [code, agency, "อยู่ระหว่างดำเนินการ", says, *more]


def found(round_, *rows, head=HEAD, name="แผ่น1", above=(), answers=None):
    """What the check of a sheet finds, by the layout that is proposed."""
    width = max(map(len, [head, *rows]))
    cells = [[*each, *[None] * (width - len(each))] for each in [*above, head, *rows]]
    sheet = Sheet(name, cells)
    layout, _problems = find_layout(Book([sheet], "xlsx"))
    assert layout
    return check_sheet(sheet, layout, round_, preview.Choices(answers=answers or {}))


def landed(found):
    """(row, full code, agency) of what would be written."""
    codes = {
        each.pk: each.full_code for each in Measure.objects.select_related("resolution__forum")
    }
    agencies = dict(Agency.objects.values_list("pk", "code"))
    return [(each.row, codes[each.measure], agencies[each.agency]) for each in found.writes]


def said(found):
    """(row, sentence) of everything that is said."""
    return [(each.row, sentence(each.problem)) for each in found.troubles]


def asked(found):
    """The questions: key -> (rows, values of its options)."""
    return {
        question["key"]: (question["rows"], [each["value"] for each in question["options"]])
        for question in questions_in(found)
    }


def notice(short, code):
    return told("R13", v=short, code=code, year=code[:4])
