"""The command that removes the demo data."""

import re

from followup import actions
from followup import demo as demo_data
from followup.models import RecordEntry
from followup.tests.demo_commands import run
from followup.tests.factories import dump, find_report, link


def test_remove_leaves_the_database_as_it_was(forum, request):
    before = dump()
    request.getfixturevalue("demo")
    during = dump()
    assert sum(map(len, during.values())) > sum(map(len, before.values())) + 1000
    demo_data.remove()
    after = dump()
    assert {name for name in before if before[name] != after[name]} == {
        "followup_recordentry",
        "followup_chainentry",
    }
    entry = RecordEntry.objects.get()
    assert (entry.act, entry.by) == ("demo_removed", None), "the door leaves its entry"
    assert entry.about["rows"]["followup_snapshot delete"] == 3


def test_remove_says_what_went(demo):
    said = run("remove_demo")
    counts = dict(re.findall(r"(\w+) (\d+)", said.partition(":")[2]))
    assert counts["rounds"] == "4"
    assert counts["users"] == "3"
    assert counts["reports"] == "412"
    assert said.startswith("ลบข้อมูลตัวอย่างแล้ว: ")
    assert run("remove_demo") == "ไม่มีข้อมูลตัวอย่าง\n"


def test_remove_where_there_is_no_demo_takes_nothing_away(open_round, people):
    report = find_report(open_round, "1.1")
    actions.save_draft(report=report, by=people["staff"], version=0, fields={}, evidence=[link()])
    before = dump()
    assert run("remove_demo") == "ไม่มีข้อมูลตัวอย่าง\n"
    assert dump() == before
