"""The declaration of a report's fields: complete, the only place of its labels, and read everywhere."""

import json
import os
import re
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from followup.models import StatusReport
from followup.report_fields import (
    BOOKKEEPING,
    FIELDS,
    HEAD,
    STANDING,
    Kind,
    Writer,
    columns_of,
    of_assessment,
    of_section,
    statuses_first,
    with_column,
    written_by,
)
from followup.spreadsheets.fields import Field
from followup.spreadsheets.values import read_status
from followup.spreadsheets.words import FIELD_LABELS, WORDS, word_key
from followup.status import Status

ROOT = Path(__file__).resolve().parents[2]


def model_fields():
    meta = StatusReport._meta
    return {field.name for field in (*meta.concrete_fields, *meta.many_to_many)}


def test_a_field_of_the_model_is_declared_or_left_out_by_name():
    declared = {name for name, field in FIELDS.items() if field.kind is not Kind.EVIDENCE}
    assert declared | BOOKKEEPING == model_fields()
    assert not declared & BOOKKEEPING


def test_the_model_takes_its_labels_from_the_declaration():
    for name, field in FIELDS.items():
        if field.kind is not Kind.EVIDENCE:
            assert StatusReport._meta.get_field(name).verbose_name == field.label


def test_fields_by_writer_and_order():
    assert next(each.name for each in written_by(Writer.AGENCY)) == "reported_status"
    assert {each.name for each in of_assessment()} == {
        "assessed_status",
        "assessed_note",
        "assessed_meeting",
        "assessed_grade",
        "agency_reply",
    }
    assert [each.name for each in statuses_first()][:2] == ["reported_status", "assessed_status"]
    assert sorted(each.name for each in statuses_first()) == sorted(FIELDS)
    rare = [each.name for each in with_column() if each.column.is_rare]
    assert [each.name for each in with_column()][-len(rare) :] == rare, "the rare ones are the last"
    assert rare[0] == "meeting_ref"
    assert "provinces" not in columns_of(FIELDS.values())
    assert "evidence" not in columns_of(FIELDS.values())


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("reported_status", "on_hold", "ชะลอ / ติดปัญหา"),
        ("reported_status", "", ""),
        ("results", "จัดเวที", "จัดเวที"),
        ("budget_spent", Decimal("1250000.00"), "1,250,000"),
        ("budget_spent", "1250000.00", "1,250,000"),
        ("budget_spent", Decimal(0), "0"),
        ("budget_spent", None, ""),
        ("beneficiaries", 1250, "1,250"),
        ("beneficiaries", 0, "0"),
        ("beneficiaries", None, ""),
        ("no_change", True, "ใช่"),
        ("no_change", False, ""),
        ("indicator_value", Decimal("-3.5000"), "−3.5"),
        ("indicator_value", "1200", "1,200"),
        ("indicator_value", Decimal(0), "0"),
        ("target_on", date(2024, 9, 30), "30 กันยายน 2567"),
        ("target_on", "2024-09-30", "30 กันยายน 2567"),
        ("target_on", None, ""),
        ("response", "not_accepted", "ไม่รับ"),
        ("response", "", ""),
        ("assessed_grade", "said", "หน่วยงานแจ้ง"),
        ("project_codes", "eMENSCR: 0413-66-0001", "eMENSCR: 0413-66-0001"),
        ("provinces", ["เชียงใหม่", "ลำพูน"], "เชียงใหม่, ลำพูน"),
        ("provinces", [], ""),
        ("evidence", ["ก", "ข"], "ก\nข"),
    ],
)
def test_values_in_words(name, value, words):
    assert FIELDS[name].in_words(value) == words


@pytest.mark.parametrize(
    ("name", "value", "plain"),
    [
        ("budget_spent", Decimal("1250000"), "1250000.00"),
        ("indicator_value", Decimal("41.5000"), "41.5"),
        ("indicator_value", Decimal("1200.0000"), "1200"),
        ("target_on", date(2024, 9, 30), "2024-09-30"),
        ("results", "จัดเวที", "จัดเวที"),
        ("target_on", None, None),
        ("beneficiaries", None, None),
    ],
)
def test_a_value_comes_back_from_json(name, value, plain):
    field = FIELDS[name]
    assert field.plain(value) == plain
    assert field.stored(json.loads(json.dumps(field.plain(value)))) == value


def test_what_stands_is_a_whole_section():
    for section in STANDING:
        names = [each.name for each in of_section(section)]
        assert names[0] == HEAD[section]
        assert all(FIELDS[name].writer is Writer.AGENCY for name in names)


def test_spreadsheet_columns_are_known_by_every_name_the_portal_gives_them():
    for field in with_column():
        column = Field(field.column.name)
        assert column in FIELD_LABELS
        for heading in (field.label, field.short, field.heading, field.name, *field.column.aliases):
            assert WORDS.field_of[word_key(str(heading))] is column, heading


#: Labels that are ordinary words as well; they stand in sentences and headings of other things.
ORDINARY = {"สถานะ", "หลักฐาน", "ผลการดำเนินงาน", "จังหวัด", "รหัสโครงการ", "กำหนดแล้วเสร็จ"}


def test_a_label_is_written_in_the_declaration_only():
    labels = {str(words) for each in FIELDS.values() for words in (each.label, each.short)}
    sources = [
        path
        for folder in ("forum_portal", "proposals", "followup", "templates")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".typ"}
        and not {"tests", "migrations"} & set(path.parts)
        and path.name != "report_fields.py"
    ]
    for path in sources:
        text = path.read_text("utf-8")
        found = [
            label
            for label in labels - ORDINARY
            if re.search(rf"""["'>]{re.escape(label)}["'<]""", text)
        ]
        # A word that a cell may hold is no label, even where it reads like one.
        assert not found or path.name == "flags.py", (path, found)


def test_the_status_words_of_spreadsheets_are_those_of_the_vocabulary():
    words = json.loads((ROOT / "fixtures" / "spreadsheet_words.json").read_text("utf-8"))
    assert {each["code"]: each["th"] for each in words["statuses"]} == {
        status.value: str(status.label) for status in Status if status is not Status.UNASSIGNED
    }, "nobody reports on what nobody is assigned to"
    assert set(words["status_aliases"]) <= set(Status.values)
    assert set(WORDS.status_of.values()) <= set(Status.values)
    for status in Status:
        if status is not Status.UNASSIGNED:
            assert read_status(str(status.label), {}).value == status.value
            assert read_status(status.value, {}).value == status.value


@pytest.mark.slow
def test_one_more_field_is_seen_everywhere_from_its_declaration_alone():
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"]
    plugin = ["-p", "followup.tests.extra_field"]
    done = subprocess.run(
        [*command, *plugin, "followup/tests/extra_field_everywhere.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert re.search(r"^8 passed", done.stdout, re.M), done.stdout[-500:]
