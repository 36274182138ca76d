"""The real forum as loaded: its text equals the source byte for byte, and nothing is invented.

`followup`'s models are reached through the app registry, since `proposals` does not import it.
"""

import csv
import hashlib
import json
from io import StringIO
from itertools import pairwise

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from forum_portal.thai import to_thai_digits
from proposals.models import EditorNote, Forum, Measure, Resolution, SdgTarget

FIXTURES = settings.ROOT / "fixtures"
SOURCE = (FIXTURES / "csos-forum-2565.txt").read_bytes()
SHA_256 = "d653eba388b8d9ed633d7106c61494039ca9f895ce86c388181a32b8b7d74187"

# Text outside every measure: how the source joins its clauses. Every other word is followed up.
BETWEEN_MEASURES = {
    1: [" ", " ตลอดจน", " "],
    2: [" ", " ", " ", " ", " นอกจากนี้", " ", " "],
    3: [" รวมทั้ง", " ", " ทั้งนี้ ", " ", " รวมทั้ง"],
    4: [" รวมทั้ง", " "],
    5: [" ", " รวมทั้ง"],
    6: [" โดยใช้รูปแบบ", " ", " รวมทั้ง", " และ"],
    7: [" และ", " "],
    8: ["และ"],
}


def followup(name):
    return apps.get_model("followup", name).objects


def load(year=2565):
    output = StringIO()
    call_command("load_forum", year=year, stdout=output)
    return output.getvalue().strip()


def dump():
    contents = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            contents[table] = sorted(cursor.fetchall(), key=repr)
    return contents


@pytest.fixture(scope="class")
def loaded(django_db_setup, django_db_blocker):
    """The forum, loaded once for a class; each test's changes are rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        load()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def forum(loaded, db):
    return Forum.objects.get()


class TestWords:
    """Text that the portal shows as a quotation is verbatim."""

    def test_source_document_is_the_one_that_was_handed_over(self, forum):
        assert hashlib.sha256(SOURCE).hexdigest() == SHA_256
        assert forum.source_text.encode() == SOURCE
        assert forum.source_file == "csos-forum-2565.txt"

    def test_every_resolution_stands_in_the_source_as_a_numbered_paragraph_of_its_own(self, forum):
        place = 0
        for resolution in forum.resolutions.order_by("number"):
            paragraph = f"{to_thai_digits(resolution.number)}. {resolution.text}".encode()
            assert SOURCE.count(paragraph) == 1, resolution
            start = SOURCE.index(paragraph)
            assert start > place, f"{resolution}: not behind the one before it"
            assert SOURCE[start - 1 : start] == b"\n", resolution
            place = start + len(paragraph)
            assert SOURCE[place : place + 1] in {b"\n", b""}, f"{resolution}: the paragraph goes on"

    def test_the_source_has_no_further_numbered_paragraph(self, forum):
        lines = SOURCE.decode().splitlines()
        numbered = [line for line in lines if line[:1] in set("๐๑๒๓๔๕๖๗๘๙")]
        assert [line.partition(". ")[2] for line in numbered] == list(
            forum.resolutions.order_by("number").values_list("text", flat=True)
        )

    def test_every_measure_is_an_exact_span_of_its_resolution(self, forum):
        content = json.loads((FIXTURES / "forum-2565.json").read_bytes())
        spans = {
            f"{resolution['number']}.{measure['number']}": measure["span"]
            for resolution in content["resolutions"]
            for measure in resolution["measures"]
        }
        measures = Measure.objects.select_related("resolution")
        assert {measure.code: measure.span for measure in measures} == spans
        for measure in measures:
            assert measure.span == measure.span.strip() != ""
            assert measure.span.encode() in measure.resolution.text.encode()
            assert measure.span.encode() in SOURCE

    def test_measures_follow_each_other_and_leave_out_only_what_joins_them(self, forum):
        between = {}
        for resolution in forum.resolutions.prefetch_related("measures"):
            measures = list(resolution.measures.all())
            assert [measure.number for measure in measures] == list(range(1, len(measures) + 1))
            assert measures[0].start == 0
            assert measures[-1].end == len(resolution.text)
            for one, next_one in pairwise(measures):
                assert one.end <= next_one.start, f"{one.code} and {next_one.code} overlap"
            between[resolution.number] = [
                resolution.text[one.end : next_one.start] for one, next_one in pairwise(measures)
            ]
        assert between == BETWEEN_MEASURES

    def test_what_is_said_of_the_forum_is_quoted_from_the_source(self, forum):
        quoted = {
            "name": forum.name_th,
            "short name": forum.short_name_th,
            "theme": forum.theme_th,
            "objective": forum.objective_th,
            "organiser": forum.organiser_th,
            "background": forum.background_th,
            "preamble": forum.preamble_th,
            "quotation": forum.quotation_th,
        }
        quoted |= {f"partner {place}": name for place, name in enumerate(forum.partners_th)}
        quoted |= {f"group {place}": name for place, name in enumerate(forum.participant_groups_th)}
        for place, basis in enumerate(forum.legal_basis):
            quoted[f"basis {place}"] = basis["verbatim"]
            if "duty_th" in basis:
                quoted[f"duty {place}"] = basis["duty_th"]
        for name, words in quoted.items():
            assert words, name
            assert words.encode() in SOURCE, name
        assert len(forum.partners_th) == len(forum.participant_groups_th) == 3
        assert len(forum.legal_basis) == 3

    def test_participants_and_workshops_are_those_of_the_source(self, forum):
        assert forum.participants_total == 848
        assert "มีผู้เข้าร่วมทั้งสิ้นรวม ๘๔๘ คน".encode() in SOURCE
        assert forum.regional_workshops == 4
        assert "การประชุมเชิงปฏิบัติการ ในระดับภาค ๔ ภาค".encode() in SOURCE
        assert forum.year_be == 2565

    def test_editor_notes_hang_on_words_of_the_source(self, forum):
        notes = forum.editor_notes.select_related("resolution")
        assert len(notes) == 15
        for note in notes:
            where = note.resolution.text.encode() if note.resolution else SOURCE
            assert note.quotation.encode() in where, note
            assert note.text_th
        # One note is about a blank line, so it has no quotation.
        assert [note.position for note in notes if not note.quotation] == [7]

    def test_oddities_of_the_source_are_left_as_they_are(self, forum):
        assert "ในกรณีนี้ คสช. ได้แต่งตั้งคณะกรรมการ" in forum.background_th
        assert "ที่ผ่านการเห็นชอบของตามมติคณะรัฐมนตรี" in forum.background_th
        assert "ต่างๆในพื้นที่" in forum.resolutions.get(number=2).text
        assert "(กบจ.)" in forum.resolutions.get(number=3).text
        assert "๒๕๖๔-๒๕๖๕" in forum.background_th

    def test_laws_and_parties_named_are_those_of_the_text(self, forum):
        for resolution in forum.resolutions.all():
            for law in resolution.legal_references:
                assert law in resolution.text
            parties = followup("Agency").filter(code__in=resolution.named_parties)
            assert parties.count() == len(resolution.named_parties), resolution
            assert all(party.named_in_source for party in parties)
        for agency in followup("Agency").filter(named_in_source=True):
            names = [agency.name_th, agency.abbr_th, *agency.aliases.values_list("name", flat=True)]
            assert any(name.encode() in SOURCE for name in names if name), agency


class TestNumbers:
    """How many rows of each model there are."""

    def test_counts(self, forum):
        assert Forum.objects.count() == 1
        assert list(forum.resolutions.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6, 7, 8]
        assert [
            resolution.measures.count() for resolution in forum.resolutions.order_by("number")
        ] == [4, 8, 6, 3, 3, 5, 3, 2]
        assert Measure.objects.count() == 34
        assert followup("Agency").count() == 64
        assert followup("Province").count() == 77
        assert followup("Province").values("name_th").distinct().count() == 77
        assert followup("Assignment").count() == 103

    def test_every_measure_has_one_proposed_lead_and_nobody_is_confirmed(self, forum):
        assignments = followup("Assignment")
        assert assignments.filter(role="lead").count() == 34
        assert assignments.filter(role="support").count() == 69
        assert assignments.filter(role="lead").values("measure").distinct().count() == 34
        assert set(assignments.values_list("basis", "valid_from", "valid_to")) == {
            ("proposed", 2565, None)
        }

    def test_assignments_are_those_of_the_list(self, forum):
        with (FIXTURES / "assignments.csv").open(encoding="utf-8", newline="") as rows:
            listed = {tuple(row.values()) for row in csv.DictReader(rows)}
        stored = followup("Assignment").select_related("measure__resolution", "agency")
        assert {
            (each.measure.code, each.agency.code, each.role, each.basis) for each in stored
        } == listed

    def test_assignments_have_a_first_row_of_history_each(self, forum):
        history = apps.get_model("followup", "HistoricalAssignment").objects
        assert set(history.values_list("history_type", flat=True)) == {"+"}
        assert history.count() == 103

    def test_only_34_is_discretionary_and_8_recurs(self, forum):
        kinds = {
            measure.code: measure.kind for measure in Measure.objects.select_related("resolution")
        }
        assert [code for code, kind in kinds.items() if kind == "discretionary"] == ["3.4"]
        assert [code for code, kind in kinds.items() if kind == "recurring"] == ["8.1", "8.2"]
        assert [code for code, kind in kinds.items() if kind == "principle"] == ["1.1", "2.1"]

    def test_title_phrases_join_to_the_title(self, forum):
        for resolution in forum.resolutions.all():
            assert "".join(resolution.phrases) == resolution.title_th
            assert len(resolution.phrases) > 1, resolution
            assert resolution.theme_th
            assert resolution.title_en
            assert resolution.summary_en

    def test_sdg_targets_belong_to_their_goal(self, forum):
        targets = SdgTarget.objects.all()
        assert targets
        for target in targets:
            assert target.target.partition(".")[0] == str(target.goal)
            assert target.justification_th

    def test_nobody_is_said_to_have_reported_anything(self, forum):
        for name in ("Round", "StatusReport", "Evidence", "Ruling", "User"):
            assert not followup(name).exists(), name
        assert "ผลการดำเนินงานรายปี" in forum.not_stated


class TestLoadingAgain:
    """The second load, and every load after an edit."""

    def test_loading_again_changes_nothing(self, forum):
        before = dump()
        assert load() == "CSOs Forum 2565: มีอยู่แล้ว ไม่เปลี่ยนแปลงข้อมูล"
        assert dump() == before

    def test_loading_again_keeps_edits_and_does_not_bring_back_what_was_deleted(self, forum):
        Resolution.objects.filter(number=1).update(title_th="ชื่อที่ คสป. ตั้ง", title_phrases="")
        Measure.objects.filter(resolution__number=1, number=1).update(kind="process")
        EditorNote.objects.filter(resolution__number=5).delete()
        SdgTarget.objects.filter(resolution__number=1).delete()
        followup("Agency").filter(code="CODI").update(name_th="พอช. ชื่อใหม่")
        followup("AgencyAlias").filter(agency__code="CSPC").delete()
        followup("Assignment").filter(measure__resolution__number=8).delete()
        followup("Province").filter(code="10").delete()
        before = dump()
        load()
        assert dump() == before
        assert Resolution.objects.get(number=1).title_th == "ชื่อที่ คสป. ตั้ง"
        assert not followup("Assignment").filter(measure__resolution__number=8).exists()


@pytest.mark.django_db
def test_what_staff_entered_before_the_first_load_stays_theirs():
    followup("Agency").create(code="CODI", name_th="ชื่อที่เจ้าหน้าที่พิมพ์", kind="media")
    followup("Province").create(
        code="10", iso="TH-10", name_th="กรุงเทพฯ", name_en="Bangkok", region_th="ภาคกลาง"
    )
    load()
    agency = followup("Agency").get(code="CODI")
    assert (agency.name_th, agency.kind) == ("ชื่อที่เจ้าหน้าที่พิมพ์", "media")
    assert not agency.aliases.exists()
    assert followup("Province").get(code="10").name_th == "กรุงเทพฯ"
    assert followup("Agency").count() == 64
    assert followup("Province").count() == 77


@pytest.fixture
def altered_fixtures(db, tmp_path, monkeypatch):
    """A copy of the fixtures to alter, for the loader to read."""
    for path in FIXTURES.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr("followup.management.commands.load_forum.FIXTURES", tmp_path)
    return tmp_path


def alter(folder, old, new, name="forum-2565.json"):
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        # one offset moved by a character
        ('"end": 118,', '"end": 117,', "มาตรการย่อย 1.2: ตำแหน่ง .* ไม่ใช่ “"),
        # a word of a resolution "corrected"
        ('"text": "ภาครัฐยังคง', '"text": "ภาครัฐคง', "ข้อเสนอที่ 1: ข้อความนี้ไม่ตรงกับต้นฉบับทุกตัวอักษร"),
        # a note on words that the resolution does not have
        ('"quotation": "(กบจ.)"', '"quotation": "(ก.บ.จ.)"', r"คำ “\(ก.บ.จ.\)” ไม่มีในข้อความต้นฉบับ"),
    ],
    ids=["offset", "word", "note"],
)
def test_a_fixture_that_drifts_from_the_source_is_refused_and_nothing_is_loaded(
    altered_fixtures, old, new, complaint
):
    alter(altered_fixtures, old, new)
    before = dump()
    with pytest.raises(CommandError, match=complaint):
        load()
    assert dump() == before


def test_a_load_that_fails_at_its_end_leaves_nothing_behind(altered_fixtures):
    alter(altered_fixtures, "8.2,", "8.9,", name="assignments.csv")
    before = dump()
    with pytest.raises(CommandError, match=r"ไม่มีมาตรการย่อย 8\.9"):
        load()
    assert dump() == before
    assert not Forum.objects.exists()
