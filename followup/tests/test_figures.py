"""The figures of editions: their codes, their rows, and that these are what the pages count."""

import pytest

from followup import figures, published
from followup.figures import KINDS, Figure, Over, Place, figure
from followup.models import Agency, Round
from followup.published import Edition, Reporting, agency_counts, edition_of
from followup.status import Status


def edition(year: int = 2568) -> Edition:
    return edition_of(Round.objects.get(year_be=year))


def every_figure(of: Edition) -> dict[str, Figure]:
    """Every figure of an edition by its code: those of the list, of the measures and of the agencies."""
    codes = [
        f"{kind.code}-{scope}" if scope else kind.code
        for scope, _name, kinds in figures.listed(of)
        for kind in kinds
    ]
    year = figures.counted(of)
    codes += [f"status-{each.measure.full_code}" for each in year.measures]
    codes += [f"received-{each.agency.code}" for each in agency_counts(of)[:]]
    found = {code: figure(code, of) for code in codes}
    assert all(found.values())
    return {code: each for code, each in found.items() if each}


@pytest.mark.parametrize("code", ["2568-1", "2568-12", "2568-6-1"])
def test_an_editions_code_is_read_as_it_is_written(code):
    parsed = figures.parse_edition(code)
    assert parsed
    assert figures.edition_code(*parsed) == code


@pytest.mark.parametrize("code", ["2568", "2568-", "x-1", "2568-66-1", "2568-1-", "๒๕๖๘-1", ""])
def test_what_is_no_editions_code(code):
    assert figures.parse_edition(code) is None


def test_each_figure_is_the_sum_of_its_rows_and_is_called_by_its_code(demo):
    found = every_figure(edition())
    assert len(found) > 100
    for code, each in found.items():
        assert each.code == code
        rows = list(each.rows[:])
        places = [row.place for row in rows]
        assert places == sorted(places, key=list(Place).index), code
        assert {place: places.count(place) for place in Place} == dict(each.sizes), code
        if each.kind.over is not Over.STATUS:
            assert each.value == sum(row.counts for row in rows), code
            assert each.divisor == sum(row.of for row in rows), code
        for terms, total in ((each.terms, each.value), (each.divisor_terms, each.divisor)):
            sums = [-term.count if term.is_less else term.count for term in terms]
            assert not terms or sum(sums) == total, code


def test_the_figures_are_those_of_the_counting(demo):
    of = edition()
    year = figures.counted(of)
    tally = year.tally
    assert (tally.achieved, tally.n) == (11, 33)
    said = {code: figure(code, of) for code in ("achieved", "moving", "counted", "no_report")}
    assert [(each.value, each.divisor) for each in said.values() if each] == [
        (tally.achieved, tally.n),
        (tally.moving, tally.n),
        (tally.n, tally.total),
        (tally.silent, tally.n),
    ]
    for each in year.resolutions:
        code = each.resolution.full_code
        counted = figure(f"achieved-{code}", of)
        status = figure(f"status-{code}", of)
        assert counted
        assert status
        assert (counted.value, counted.divisor) == (each.tally.achieved, each.tally.n)
        assert status.value is each.status
    for one in year.measures:
        status = figure(f"status-{one.measure.full_code}", of)
        assert status
        assert status.value is one.status
    counts = agency_counts(of)
    for reporting in Reporting:
        found = figure(f"agencies_{reporting.value}", of)
        assert found
        assert (found.value, found.divisor) == (counts.reporting[reporting.value], len(counts))


def test_a_slice_of_the_rows_is_a_part_of_all_of_them(demo):
    of = edition()
    for code in ("agencies_silent", "agencies_leading", "status-2565-3.1", "achieved"):
        found = figure(code, of)
        assert found
        whole = list(found.rows[:])
        parts = [row for at in range(0, len(whole), 3) for row in found.rows[at : at + 3]]
        assert parts == whole, code
        assert len(whole) == len(found.rows)


def test_a_forum_has_its_own_figures_and_the_sum_is_called_one(two_forums):
    of = edition_of(Round.objects.published()[0])
    year = figures.counted(of)
    names = {scope: name for scope, name, _kinds in figures.listed(of)}
    assert names[""] == "รวมทุกเวที"
    assert {"2565", "2566", "2565-3", "2566-3"} <= names.keys()
    whole = figure("achieved", of)
    assert whole
    parts = [figure(f"achieved-{forum.year_be}", of) for forum in year.by_forum]
    for (forum, part), found in zip(year.parts, parts, strict=True):
        assert found
        assert (found.value, found.divisor) == (part.tally.achieved, part.tally.n)
        assert found.of_what == forum.short_name_th
    assert len(parts) == 2
    assert whole.divisor == sum(each.divisor or 0 for each in parts if each)
    every_figure(of)


@pytest.mark.parametrize(
    "code",
    [
        "nothing",
        "achieved-2599",
        "achieved-3",  # a resolution is named with its forum
        "achieved-2565-99",
        "achieved-2565-3.1",  # of one measure there is its status
        "achieved-2565-03",
        "status",
        "status-2565",
        "status-2565-3.99",
        "received-NOBODY",
        "received-2565-3",
        "agencies_silent-2565",
        "achieved-",
        "cancelled-x",
    ],
)
def test_what_is_no_figure_of_an_edition(demo, code):
    assert figure(code, edition()) is None


def test_an_agencys_figure_counts_what_its_page_says(demo):
    of = edition()
    codi = Agency.objects.get(code="CODI")
    (year,) = published.agency_years([codi.pk], [Round.objects.get(year_be=2568)])
    found = figure("received-CODI", of)
    assert found
    assert (found.value, found.divisor) == (year.received, year.expected)
    # A record that was merged into it since answers under its name.
    other = Agency.objects.get(code="MOF")
    before = figure("received-MOF", of)
    assert before
    Agency.objects.filter(pk=other.pk).update(merged_into=codi)
    both = figure("received-CODI", of)
    assert both
    assert isinstance(both.value, int)
    assert both.value == year.received + int(before.value)
    assert both.agencies == ["CODI", "MOF"]


def test_every_status_has_a_kind():
    assert set(Status.values) <= KINDS.keys()
    assert all("-" not in code for code in KINDS)


def test_a_figure_says_itself(demo):
    of = edition()
    achieved, status = figure("achieved", of), figure("status-2565-3.1", of)
    assert achieved
    assert status
    assert achieved.said == "บรรลุแล้ว 11 จาก 33"
    assert status.said == "สถานะ ดำเนินการต่อเนื่องทุกปี"
