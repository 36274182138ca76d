"""What a search finds: published words only, in groups, with the filters and the order of a page."""

import pytest

from followup import search_index
from followup.models import Round, SearchText
from followup.search import INSIDE, Asked, Search, group_labels
from followup.search_words import read_words
from followup.status import Status
from followup.tests.ground import ground
from followup.tests.searchable import found
from proposals.models import Forum


@pytest.fixture
def of_two_forums(two_forums):
    ground.lay("searchable")
    return two_forums


def searched(typed, **filters):
    return Search(Asked(read_words(typed), **filters))


def in_brief(typed, size=3, **filters):
    return {group.kind: group for group in searched(typed, **filters).groups(size)}


def test_each_kind_is_found_in_its_group(searchable):
    groups = in_brief("กองทุน")
    assert list(groups) == [kind for kind in group_labels() if kind in groups]
    assert {"proposal", "result", "agency", "source"} <= groups.keys()
    for kind, group in groups.items():
        assert all(hit.kind == kind for hit in group.hits)
        for hit in group.hits:
            shown = [*hit.title, *hit.shown]
            assert [piece for piece in shown if piece.is_hit], (kind, hit.plain_title)
    first = groups["proposal"].hits[0]
    assert "กองทุน" in first.plain_title, "what is called so comes first"
    assert groups["result"].hits[0].round == Round.objects.get(year_be=2568), "the newest year"


def test_an_agency_is_found_by_each_of_its_names(searchable):
    for typed in ("พอช", "พอช.", "พ.อ.ช.", "CODI", "codi", "พัฒนาองค์กรชุมชน"):
        assert found(typed, "agency")[0] == "CODI" or "CODI" in found(typed, "agency"), typed
    hit = next(iter(in_brief("กค.")["agency"].hits))
    assert hit.agency.abbr_th == "กค.", "the abbreviation itself comes first"
    assert hit.reports == (hit.reports[0], hit.reports[1])


def test_all_words_must_occur_wherever_they_stand(searchable):
    both = set(found("กองทุน งบประมาณ"))
    assert both
    assert both <= set(found("กองทุน")) & set(found("งบประมาณ"))
    assert found("กองทุน ไม่มีคำนี้") == []


def test_digits_and_eras_find_the_same(searchable):
    several = [sorted(found(typed)) for typed in ("2568", "๒๕๖๘", "2025", "ค.ศ. 2025", "พ.ศ. ๒๕๖๘")]
    assert several[0]
    assert all(each == several[0] for each in several)


@pytest.mark.parametrize("typed", ["%", "_", "ก_ง", "ก%น", "\\", "' OR 1=1 --", ".*"])
def test_nothing_of_a_query_is_a_pattern(searchable, typed):
    wanted = read_words(typed)
    for row in searched(typed).matching() if wanted.terms else ():
        assert all(key in row.normal for key in wanted.keys)
    if not wanted.terms:
        assert found(typed) == found(typed, inside=True) == []


def test_a_code_finds_what_has_it(searchable):
    groups = in_brief("2565-3.1")
    (measure,) = groups["proposal"].hits
    assert (measure.code, measure.path) == ("2565-3.1", "/resolutions/2565/3/#m2565-3-1")
    assert {hit.code for hit in groups["result"].hits} == {"2565-3.1"}
    whole = found("2565-3", "proposal")
    assert whole[0] == "2565-3"
    assert len(whole) == 7
    assert found("๓.๑", "proposal") == ["2565-3.1"]


# Short words -----------------------------------------------------------------------------------


def test_a_short_word_begins_words_first_and_stands_inside_of_others_apart(searchable):
    begin, inside = searched("งบ").matching(), searched("งบ").matching(inside=True)
    assert begin
    assert inside
    assert not {row.pk for row in begin} & {row.pk for row in inside}
    assert all(" งบ" in row.heads for row in begin)
    assert all("งบ" in row.normal and " งบ" not in row.heads for row in inside)
    assert list(in_brief("งบ"))[-1] == INSIDE
    assert not searched("งบประมาณ").matching(inside=True)


def test_a_letter_alone_is_answered(searchable):
    assert "agency" in in_brief("ก")


# Filters ---------------------------------------------------------------------------------------


def test_filters_keep_what_has_the_property(searchable):
    year = Round.objects.get(year_be=2567)
    groups = in_brief("กองทุน", size=50, round=year)
    assert {hit.round for hit in groups["result"].hits} == {year}
    assert "agency" not in groups
    held = in_brief("งบประมาณ", size=50, status=Status.IN_PROGRESS)
    assert held
    assert {hit.status for group in held.values() for hit in group.hits} == {Status.IN_PROGRESS}


def test_two_forums_are_told_apart(of_two_forums):
    first, second = of_two_forums
    codes = found("3.1", "proposal")
    assert codes == ["2566-3.1", "2565-3.1"], "the newest forum first"
    assert found("3.1", "proposal", forum=second) == ["2566-3.1"]
    for hit in in_brief("กองทุน", size=50, forum=first)["result"].hits:
        assert hit.code.startswith("2565-")
    assert {row.forum_id for row in searched("กองทุน", forum=second).matching()} == {second.pk}


# Nothing found ---------------------------------------------------------------------------------


def told(typed, **filters):
    return {each.why: each for each in searched(typed, **filters).suggestions()}


def test_suggestions_find_something(searchable):
    for typed in ("กองทุนน", "พัฒนาองค์กรชุมชมม", "กองทุน คำที่ไม่มี"):
        assert not found(typed)
        suggestions = searched(typed).suggestions()
        assert suggestions, typed
        for each in suggestions:
            assert len(found(each.words)) == each.total > 0
    assert told("กองทุนฮฮฮฮฮฮ")["คำที่สั้นลง"].words == "กองทุน"
    assert told("พัฒนาองค์กรชุมชมม")["สะกดใกล้เคียง"].words.startswith("พัฒนาองค์กรชุมช")
    assert told("กองทุน คำที่ไม่มี")["ค้นคำนี้คำเดียว"].words == "กองทุน"


def test_a_filter_that_hides_everything_is_offered_to_go(searchable):
    year = Round.objects.get(year_be=2566)
    assert not found("พอช.", round=year, kind="agency")
    wider = told("สถาบันพัฒนาองค์กรชุมชน (องค์การมหาชน)", status=Status.CANCELLED, round=year)
    assert wider["ไม่ใช้ตัวกรอง"].without_filters
    assert told("ฮฮฮฮฮฮฮฮ") == {}


# Only what is published ------------------------------------------------------------------------


def test_an_open_round_and_a_draft_of_a_forum_are_not_read(open_round, people):
    from followup.tests.entered import draft_of
    from followup.tests.factories import make_report

    make_report(
        open_round,
        "1.2",
        by=people["staff"],
        reviewer=people["reviewer"],
        status="in_progress",
        results="คำลับของรอบที่เปิดอยู่",
    )
    draft_of(people["administrator"], year=2580)
    search_index.refresh()
    assert found("คำลับของรอบ") == []
    assert found("2580", "forum") == []
    assert Forum.objects.count() == SearchText.objects.filter(kind="forum").count() == 1
