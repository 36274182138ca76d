"""The independent voice from its writing to the public: frozen, counted apart, corrected, taken out."""

import json

import pytest
from django.urls import reverse

from followup import actions, corrections, published, snapshots
from followup.models import Assessment, PublishedAssessment, Round
from followup.progress import independent_tally, is_found_achieved
from followup.status import Status, apart_in_words, steps_between
from followup.tests.assessing import PROOF, REASON, accepted, invite, make_organisation, save, send
from followup.tests.editions import publish_three_reports
from followup.tests.ground import ground, layer
from followup.tests.public import measure_section

ANSWER = "จะขอผังรายการรายสถานีเพิ่มในรอบหน้า"
HIDDEN = "ร่างที่ยังไม่ส่ง"


@layer
def assessed() -> None:
    """2569 published: 1.2 (in progress) found on hold by one and in progress by another organisation,
    1.3 (continuous) found completed, 8.1 (on hold) found in progress; a draft and a sent one apart."""
    from followup.models import User

    people = {name: User.objects.get(username=name) for name in ("staff", "reviewer")}
    staff, reviewer = people["staff"], people["reviewer"]
    round_ = Round.objects.get(year_be=2569)
    one = invite(round_, staff, make_organisation(staff, "เครือข่ายสื่อชุมชน"))
    two = invite(round_, staff, make_organisation(staff, "สมาคมคนเฝ้ามอง"))
    first = accepted(one, "2565-1.2", reviewer)
    actions.answer_assessment(
        assessment=first, by=reviewer, seen="", text=ANSWER, meeting_ref="4/2569"
    )
    accepted(two, "2565-1.2", reviewer, status="in_progress", reason="เห็นตามนั้น", evidence=[])
    accepted(one, "2565-1.3", reviewer, status="continuous")
    accepted(one, "2565-8.1", reviewer, status="in_progress")
    save(one, "2565-2.1", reason=HIDDEN)
    send(two, "2565-2.2", reason=HIDDEN)
    publish_three_reports(round_, people)


@pytest.fixture(name="assessed")
def assessed_fixture(open_round, people) -> Round:
    ground.lay("assessed")
    return Round.objects.get(pk=open_round.pk)


def frozen_of(round_):
    return json.loads(round_.snapshots.latest("number").content)


# Frozen --------------------------------------------------------------------------------------------


def test_an_edition_keeps_what_was_accepted_and_nothing_else(assessed):
    content = assessed.snapshots.get().content
    assert HIDDEN not in content
    data = json.loads(content)
    assert [row["status"] for row in data["assessments"]] == [
        "on_hold",
        "in_progress",
        "continuous",
        "in_progress",
    ]
    assert {row["name_th"] for row in data["organisations"]} == {
        "เครือข่ายสื่อชุมชน",
        "สมาคมคนเฝ้ามอง",
    }
    for private in ("decided_by", "submitted_link", "issued_by", "invited_by", "version"):
        assert all(private not in row for row in data["assessments"] + data["organisations"])
    found = snapshots.thaw(content).assessments[0]
    assert (found.organisation.name_th, found.reason) == ("เครือข่ายสื่อชุมชน", REASON)
    assert found.answered.text == ANSWER
    assert [piece.url for piece in found.pieces] == [PROOF["url"]]
    assert snapshots.thaw(content).assessments[1].answered is None


def test_an_edition_from_before_has_none(assessed):
    data = frozen_of(assessed)
    del data["assessments"], data["organisations"]
    old = json.dumps(data)
    assert snapshots.thaw(old).assessments == []
    edition = published.write(old, snapshots.digest_of(old))
    assert not PublishedAssessment.objects.filter(edition=edition).exists()
    assert published._edition(edition.pk, edition.digest).independent == {}


# Counted apart -------------------------------------------------------------------------------------


def test_no_figure_of_the_committee_moves(assessed, people):
    with_voices = published.year_progress(assessed)
    data = frozen_of(assessed)
    data |= {"assessments": [], "organisations": []}
    without = snapshots.thaw(json.dumps(data))
    from followup.progress import edition_progress

    bare = edition_progress(without)
    assert with_voices.tally == bare.tally
    assert with_voices.status_of == bare.status_of


def test_they_are_counted_of_those_assessed_and_of_all(assessed):
    year = published.year_progress(assessed)
    counted = independent_tally(year.measures, published.edition_of(assessed).independent)
    # 1.2: two say otherwise; 1.3: achieved; 8.1: not.
    assert (counted.achieved, counted.assessed, counted.n) == (1, 3, year.tally.n)
    assert counted.differing == 2


@pytest.mark.parametrize(
    ("found", "achieved"),
    [
        ([], False),
        ([Status.COMPLETED], True),
        ([Status.COMPLETED, Status.CONTINUOUS], True),
        ([Status.COMPLETED, Status.ON_HOLD], False),
    ],
)
def test_a_measure_is_found_achieved_only_if_all_say_so(found, achieved):
    assert is_found_achieved(found) is achieved


@pytest.mark.parametrize(
    ("public", "found", "steps"),
    [
        (Status.CONTINUOUS, Status.NOT_STARTED, -3),
        (Status.IN_PROGRESS, Status.ON_HOLD, -1),
        (Status.ON_HOLD, Status.IN_PROGRESS, 1),
        (Status.CONTINUOUS, Status.COMPLETED, 0),
        (Status.NO_REPORT, Status.COMPLETED, None),
        (Status.CANCELLED, Status.ON_HOLD, None),
    ],
)
def test_how_far_two_statuses_are_apart(public, found, steps):
    assert steps_between(public, found) == steps


@pytest.mark.parametrize(
    ("public", "found", "words"),
    [
        (Status.CONTINUOUS, Status.NOT_STARTED, "ต่ำกว่า 3 ขั้น"),
        (Status.ON_HOLD, Status.IN_PROGRESS, "สูงกว่า 1 ขั้น"),
        (Status.CONTINUOUS, Status.COMPLETED, "บรรลุทั้งคู่ แต่คนละสถานะ"),
        (Status.NO_REPORT, Status.COMPLETED, "เทียบเป็นขั้นไม่ได้"),
    ],
)
def test_how_far_they_are_apart_is_said_in_words(public, found, words):
    assert apart_in_words(public, found) == words


# On the pages --------------------------------------------------------------------------------------


def test_the_proposal_shows_each_voice_under_its_name(assessed, visitor):
    page = visitor.page("/resolutions/2565/1/")
    measure = measure_section(page, "1.2")
    (cso,) = measure.select(".voice--cso")  # one rule, a row each
    for said in ("เครือข่ายสื่อชุมชน", "สมาคมคนเฝ้ามอง", REASON, "เห็นตามนั้น", "ผังรายการ"):
        assert said in cso.text
    assert "หน่วยงานรายงาน และ คสป. เห็นตรงกัน" in measure.one(".voice--public").text
    assert ANSWER in measure.text
    assert "คสป. ตอบเครือข่ายสื่อชุมชน" in measure.text
    counts = page.one(".count3").text
    assert "1 จาก 2 ข้อที่ประเมิน" in counts
    assert "เห็นต่าง 1 ข้อ" in counts
    unheard = measure_section(page, "1.1")
    assert "ยังไม่มีผู้ประเมิน" in unheard.one(".voice--cso").text


def test_a_proposal_that_nobody_assessed_looks_as_before(assessed, visitor):
    page = visitor.page("/resolutions/2565/3/")
    for only_with_voices in (".voice--cso", ".count3", ".measure--voices"):
        assert not page.select(only_with_voices)


def test_the_measure_and_the_year_tell_it_too(assessed, visitor):
    assert "เครือข่ายสื่อชุมชน" in visitor.page("/resolutions/2565/1/2/").one(".voice--cso").text
    year = visitor.page("/years/2569/")
    tally = published.year_progress(assessed).tally
    counts = year.one(".count3").text
    assert f"{tally.achieved} จาก {tally.n}" in counts
    assert f"1 จาก 3 ข้อที่ประเมิน (ทั้งหมด {tally.n} ข้อ)" in counts


def test_disagreements_are_a_page_with_the_furthest_first(assessed, visitor):
    page = visitor.page("/disagreements/")
    rows = [row.text for row in page.select("table.ag tbody tr")]
    assert len(rows) == 2, "those who agree are not listed"
    assert rows[0].startswith("1.2")
    assert "ต่ำกว่า 1 ขั้น" in rows[0]
    assert "อยู่ระหว่างดำเนินการ" in rows[0]
    assert "ชะลอ / ติดปัญหา" in rows[0]
    assert "สูงกว่า 1 ขั้น" in rows[1]
    assert "“2500”" in visitor.page("/disagreements/?year=2500").text


def test_nothing_of_a_draft_or_of_a_sent_one_is_public(assessed, visitor):
    for address in (
        "/resolutions/2565/2/",
        "/resolutions/2565/2/1/",
        "/years/2569/",
        "/disagreements/",
        "/data/assessments.csv",
        "/api/v1/assessments?page_size=200",
    ):
        assert HIDDEN not in b"".join(visitor.get(address)).decode(), address


# Two forums ----------------------------------------------------------------------------------------


def test_the_same_short_code_of_two_forums_is_two_measures(second_forum, open_round, people):
    link = invite(open_round, people["staff"])
    accepted(link, "2565-3.1", people["reviewer"], status="on_hold")
    accepted(link, "2566-3.1", people["reviewer"], status="not_started")
    content = snapshots.freeze(open_round)
    found = snapshots.thaw(content).assessments
    assert [(each.measure.full_code, each.status) for each in found] == [
        ("2565-3.1", "on_hold"),
        ("2566-3.1", "not_started"),
    ]
    edition = published.write(content, snapshots.digest_of(content))
    rows = PublishedAssessment.objects.filter(edition=edition)
    assert len(set(rows.values_list("forum_id", flat=True))) == 2


# Corrected -----------------------------------------------------------------------------------------


def test_a_correction_tells_what_changed_of_whom(assessed, people, visitor):
    actions.reopen_round(round_=assessed, by=people["reviewer"], reason="องค์กรแจ้งแก้")
    wrong = Assessment.objects.get(status="on_hold", state="accepted")
    actions.return_assessment(
        assessment=wrong,
        by=people["reviewer"],
        version=wrong.version,
        ground="law",
        reason="มีชื่อบุคคล",
    )
    actions.close_round(round_=assessed, by=people["staff"])
    actions.publish_round(round_=assessed, by=people["reviewer"])
    second = assessed.snapshots.get(number=2)
    changed = {row["field"]: row for row in second.changes}
    assert changed["independent_status"] == {
        "measure": "2565-1.2",
        "agency": "",
        "organisation": "เครือข่ายสื่อชุมชน",
        "field": "independent_status",
        "before": "on_hold",
        "after": "",
    }
    told = {each.label: each for each in corrections.describe(second, several_forums=False)}
    assert told["ภาคประชาสังคมประเมิน: สถานะ"].before == "ชะลอ / ติดปัญหา"
    page = visitor.page("/corrections/")
    assert "เครือข่ายสื่อชุมชน" in page.text
    assert ANSWER in page.text
    left = published.independent_voices(published.edition_of(assessed), [wrong.measure_id])
    assert [each.found for each in left[wrong.measure_id]] == [Status.IN_PROGRESS]


def test_an_accepted_assessment_moves_the_ground_of_a_publication(open_round, people):
    """Whoever publishes does not leave out what was accepted a moment ago."""
    from followup.publication import ground_of

    link = invite(open_round, people["staff"])
    seen = [ground_of(open_round)]
    done = accepted(link, "2565-1.2", people["reviewer"])
    seen.append(ground_of(open_round))
    actions.answer_assessment(assessment=done, by=people["reviewer"], seen="", text=ANSWER)
    seen.append(ground_of(open_round))
    assert len(set(seen)) == 3


# Open data -----------------------------------------------------------------------------------------


def test_the_dataset_says_whose_finding_it_is(assessed, visitor):
    answer = visitor.get(reverse("api-rows", args=["assessments"]) + "?measure=2565-1.2").json()
    rows = answer["data"] if "data" in answer else answer["results"]
    assert [row["independent_status_code"] for row in rows] == ["on_hold", "in_progress"]
    first = rows[0]
    assert (first["published_status_code"], first["steps"]) == ("in_progress", -1)
    assert first["is_different"] is True
    assert first["answer_th"] == ANSWER
    one = visitor.get(reverse("api-row", args=["assessments", first["assessment_id"]]))
    assert one.status_code == 200
