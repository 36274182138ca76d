"""Importing an exported report changes nothing, for any content."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from followup.models import Evidence, EvidenceKind, Province, StatusReport
from followup.project_codes import normal_codes
from followup.responses import GIVEN
from followup.spreadsheets import exports, workbook
from followup.spreadsheets.words import repair
from followup.status import STORED
from followup.tests.factories import find_report
from followup.tests.spreadsheets.office import read
from followup.tests.spreadsheets.wizard import check_sheet
from forum_portal.thai import NUMBER_MAX, clean_text

LETTERS = "กขงนเแโาำิีึุู่้๊์ๆฯ๑๒0129abZ =+-@,;|'\"“”…–%/.()&<>\n\t"
# Marks in an order that nobody can read are mended on the way in, with a notice: not here.
texts = st.text(LETTERS, max_size=60).map(lambda text: clean_text(repair(text)))
names = texts.map(lambda text: clean_text(repair(" ".join(text.replace("|", " ").split())))).filter(
    bool
)
amounts = st.none() | st.decimals(0, 10**12, places=2)
links = st.integers(1, 999).map(lambda number: f"https://example.org/{number}?a=1&b=ก")
lines = names | st.just("")
days = st.none() | st.dates(date(1957, 1, 1), date(2200, 12, 31))
numbers = st.none() | st.decimals(-NUMBER_MAX, NUMBER_MAX, places=4)
systems = st.sampled_from(["", "eMENSCR: ", "แผนปฏิบัติการ: ", "รหัสงบประมาณ: "])
ends = st.sampled_from(["", " | https://example.org/1?a=1&b=ก"])
codes = st.lists(
    st.tuples(systems, st.from_regex(r"[0-9A-Zก-ฮ][0-9A-Z. /-]{0,20}", fullmatch=True), ends).map(
        "".join
    ),
    max_size=3,
)
about = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["", *EvidenceKind.values]),
        "dated_on": st.none() | st.dates(date(2000, 1, 1), date(2100, 1, 1)),
        "issuer": st.just("") | names,
    }
)
reports = st.fixed_dictionaries(
    {
        "reported_status": st.sampled_from(["", *STORED]),
        "results": texts,
        "obstacles": texts,
        "next_steps": texts,
        "meeting_ref": st.just("") | st.just("2/2569"),
        "budget_received": amounts,
        "budget_spent": amounts,
        "no_change": st.booleans(),
        "response": st.sampled_from(["", *(each.value for each in GIVEN)]),
        "response_reason": texts,
        "competent_agency": lines,
        "response_on": days,
        "target_on": days,
        "milestone": lines,
        "indicator": lines,
        "indicator_baseline": numbers,
        "indicator_value": numbers,
        "project_codes": codes.map(lambda each: normal_codes("\n".join(each))),
    }
)


@pytest.mark.parametrize("kind", exports.KINDS)
@settings(
    max_examples=settings().max_examples // 2,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    fields=reports,
    pieces=st.dictionaries(links, st.tuples(names, about), max_size=3),
    places=st.sets(st.sampled_from(["10", "50", "57", "83"])),
)
def test_any_export_imports_back_to_no_change(kind, open_round, tmp_path, fields, pieces, places):
    report = find_report(open_round, "1.2")
    open_round.reports.exclude(assignment__agency=report.assignment.agency).delete()  # few, so fast
    StatusReport.objects.filter(pk=report.pk).update(version=1, **fields)
    report.provinces.set(Province.objects.filter(code__in=places))
    Evidence.objects.filter(report=report).delete()
    for position, (url, (title, described)) in enumerate(pieces.items()):
        Evidence.objects.create(report=report, title=title, url=url, position=position, **described)

    _name, _type, content = exports.reports(open_round, kind)
    book = read(b"".join(content), tmp_path, f"ก.{kind}")
    own = workbook.read_back(book)
    assert own
    found = check_sheet(book.sheets[0], own.layout, open_round, own=own)
    assert found.writes == []
    assert found.wrong == found.asked == 0
