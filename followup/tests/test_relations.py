"""What a measure is to one of an earlier forum: the words at both ends, and the status told there."""

from followup.models import Round
from followup.relations import relations_of
from followup.status import Status
from followup.tests.factories import measure_of


def told(code, shown=2568):
    """The relations of one measure: (code of the other end, words, status, year of the status)."""
    measure = measure_of(code)
    rounds = list(Round.objects.published())
    round_ = next((each for each in rounds if each.year_be == shown), None)
    found = relations_of({measure.pk}, rounds, round_)
    assert found.keys() <= {measure.pk}
    return [
        (each.measure.full_code, each.words, each.status, each.round and each.round.year_be)
        for each in found.get(measure.pk, ())
    ]


def test_the_later_end_tells_the_status_of_the_time(two_forums):
    # 2566 is followed up from 2567, so the earlier measures have their status of that round …
    assert told("2566-1.1") == [
        ("2565-8.1", "เคยเสนอในเวที 2565", Status.CONTINUOUS, 2567),
    ]
    assert told("2566-1.2") == [
        ("2565-1.4", "ต่อเนื่องจากข้อของเวที 2565", Status.ON_HOLD, 2567),
    ]
    # … but the replaced one is not counted there any more.
    assert told("2566-2.1") == [
        ("2565-2.2", "แทนที่ข้อของเวที 2565", Status.NOT_STARTED, 2566),
    ]


def test_the_earlier_end_tells_what_became_of_it_in_the_round_shown(two_forums):
    assert told("2565-8.1") == [
        ("2566-1.1", "เสนอซ้ำในเวที 2566", Status.CONTINUOUS, 2568),
    ]
    assert told("2565-2.2", shown=2567) == [
        ("2566-2.1", "ติดตามต่อภายใต้ข้อของเวที 2566", Status.IN_PROGRESS, 2567),
    ]
    assert told("2565-2.2", shown=2566) == [
        ("2566-2.1", "ติดตามต่อภายใต้ข้อของเวที 2566", None, None),
    ], "2566 did not follow its forum up"


def test_a_measure_without_relations_is_left_out_for_one_query(
    two_forums, django_assert_num_queries
):
    measure, rounds = measure_of("2565-3.1"), list(Round.objects.published())
    with django_assert_num_queries(1):
        assert relations_of({measure.pk}, rounds, rounds[0]) == {}
