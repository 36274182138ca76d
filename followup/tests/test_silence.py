"""The ledger of an edition: who is silent, what was sent, what came after a reminder."""

import json
from datetime import date

import pytest

from followup import published, silence, snapshots
from followup.models import Agency, Letter, PublishedRequest, Round, SentMail
from followup.tests.factories import republish
from followup.views.silence import LATE_TOLD

YEAR = 2568


def send(code, *days, answered=None):
    """Letters to an agency on these days; the last one was answered on a day, or not."""
    for attempt, day in enumerate(days, start=1):
        Letter.objects.create(
            round=Round.objects.get(year_be=YEAR),
            agency=Agency.objects.get(code=code),
            attempt=attempt,
            number=f"พม 0413/{attempt}",
            sent_on=day,
            answer_by=date(2025, 11, 30),
            answered_on=answered if day == days[-1] else None,
            note="โทรหานางสาวลับ",
        )


def ledger():
    """(the edition, agency code -> its silence) of the year."""
    rounds = list(Round.objects.published())
    known = published.editions(rounds)
    round_ = next(each for each in rounds if each.year_be == YEAR)
    found = silence.silences(round_, known)
    codes = dict(Agency.objects.values_list("pk", "code"))
    return known[round_], {codes[each.agency]: each for each in found}


@pytest.fixture
def letters(demo):
    send("MFA", date(2025, 10, 1), date(2025, 10, 8))
    send(
        "MOI", date(2025, 10, 1), date(2025, 10, 8), date(2025, 10, 20), answered=date(2025, 11, 2)
    )
    republish()


def test_the_longest_silence_comes_first(demo):
    edition, found = ledger()
    assert list(found) == ["MFA", "MOI", "DLA"]
    told = {
        code: (each.rounds, each.first_year, each.heard_in, len(each.missing))
        for code, each in found.items()
    }
    assert told == {
        "MFA": (3, 2566, None, 2),
        "MOI": (2, 2567, 2566, 1),
        "DLA": (1, 2568, 2567, 1),
    }
    missing = edition.counted_rows().filter(role="lead", is_received=False).count()
    assert sum(len(each.missing) for each in found.values()) == missing


def test_an_edition_keeps_letters_by_number_and_date_alone(letters):
    edition, found = ledger()
    (mfa, moi) = silence.entries(edition, [found["MFA"].agency, found["MOI"].agency], {})
    assert [(each.attempt, bool(each.letter)) for each in mfa.steps] == [
        (1, True),
        (2, True),
        (3, False),
    ]
    assert [each.number for each in moi.answers] == ["พม 0413/3"]
    assert (mfa.expected, mfa.received) == (2, 0)
    assert "นางสาวลับ" not in Round.objects.get(year_be=YEAR).snapshots.get().content


def test_a_letter_after_publication_waits_for_the_next_edition(letters):
    send("DLA", date(2025, 10, 1))
    edition, found = ledger()
    assert silence.entries(edition, [found["DLA"].agency], {})[0].letters == {}
    republish()
    edition, found = ledger()
    assert list(silence.entries(edition, [found["DLA"].agency], {})[0].letters) == [1]


def test_only_mails_that_were_sent_are_told_each_day_once(demo, people):
    round_, agency = Round.objects.get(year_be=YEAR), Agency.objects.get(code="MFA")
    for outcome, at in (
        ("sent", "2025-10-01T05:00:00Z"),
        ("sent", "2025-10-01T06:00:00Z"),
        ("sent", "2025-10-02T17:30:00Z"),  # the third in Bangkok
        ("refused", "2025-10-09T05:00:00Z"),
    ):
        SentMail.objects.create(
            sending="00000000-0000-4000-8000-000000000000",
            round=round_,
            agency=agency,
            content="link",
            at=at,
            outcome=outcome,
        )
    republish()
    edition, _found = ledger()
    (entry,) = silence.entries(edition, [agency.pk], {})
    assert list(entry.mails) == [date(2025, 10, 1), date(2025, 10, 3)]
    assert entry.letters == {}
    assert not silence.has_letters(edition)


def test_what_came_after_a_reminder_is_told_with_the_letter_before_it(demo):
    edition, _found = ledger()
    line = edition.counted_rows().filter(role="lead", is_received=True).order_by("-reported_on")[0]
    code = Agency.objects.get(pk=line.agency_id).code
    first = line.reported_on.replace(day=1)
    send(code, date(2025, 10, 1), first, line.reported_on)
    republish()
    edition, _found = ledger()
    found, more = silence.late(edition, LATE_TOLD)
    assert more == 0
    assert {each.agency.code for each in found} == {code}
    (last,) = [each for each in found if each.reported_on == line.reported_on]
    assert (last.letter.attempt, last.days) == (3, 0)
    assert line.measure_id in [measure.pk for measure in last.measures]
    assert silence.late(edition, 0) == ([], len(found))


def test_a_first_letter_is_no_reminder(demo):
    edition, _found = ledger()
    line = edition.counted_rows().filter(role="lead", is_received=True)[0]
    send(Agency.objects.get(pk=line.agency_id).code, date(2025, 10, 1))
    republish()
    assert silence.late(ledger()[0], LATE_TOLD) == ([], 0)


def test_an_edition_from_before_letters_were_kept_says_nothing_of_them(letters):
    content = json.loads(Round.objects.get(year_be=YEAR).snapshots.get().content)
    del content["letters"], content["mails"]
    text = json.dumps(content, ensure_ascii=False)
    rows = published.write(text, snapshots.digest_of(text))
    assert not PublishedRequest.objects.filter(edition=rows).exists()
    assert not published._edition(rows.pk, rows.digest).has_letters
    assert snapshots.thaw(text).letters is None
