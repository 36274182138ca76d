"""What a search reads stays what the public reads, whoever writes."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from followup import actions, published, search_index
from followup.models import (
    Agency,
    AgencyAlias,
    PublishedEdition,
    Round,
    SearchText,
    SourceCorrection,
)
from followup.tests.doors import unguarded
from followup.tests.editions import REASON, correct, take_back
from followup.tests.factories import measure_of
from followup.tests.searchable import found
from proposals.models import Forum

ROWS = [name for name in search_index._COMPARED if name != "edition_id"]


def rows():
    return set(SearchText.objects.filter(edition=None).values_list(*ROWS))


@pytest.fixture
def record(forum):
    search_index.refresh()
    return forum


def test_the_whole_record_is_there_and_a_second_look_writes_nothing(record):
    kinds = [row.kind for row in SearchText.objects.all()]
    assert kinds.count("forum") == 1
    assert kinds.count("proposal") == 8 + 34
    assert kinds.count("source") == 8
    assert kinds.count("agency") == Agency.objects.count() == 64
    assert search_index.refresh() == 0
    assert str(SearchText.objects.get(kind="forum")) == "forum 2565 names"


def test_what_differs_is_written_and_what_is_gone_goes(record):
    right = rows()
    SearchText.objects.filter(code="CODI").update(title="ผิด", normal="ผิด")
    SearchText.objects.filter(code="MSDHS").delete()
    SearchText.objects.create(kind="agency", part="names", subject_id=10**6, normal="ผี")
    assert search_index.refresh() == 3
    assert rows() == right


def test_the_command_says_how_many(record, capsys):
    SearchText.objects.filter(code="CODI").delete()
    call_command("refresh_search")
    assert capsys.readouterr().out == "1 rows written\n"
    assert found("พอช", "agency") == ["CODI"]


def test_every_migrate_refreshes(forum):
    search_index.after_migrations()
    assert found("พอช", "agency") == ["CODI"]
    search_index.after_migrations(using="another")


# Each way of writing ---------------------------------------------------------------------------


@pytest.fixture
def follows(record, django_capture_on_commit_callbacks):
    """Runs what follows a commit; then the rows must be those of a whole refresh."""

    class Follows:
        def __enter__(self):
            self.context = django_capture_on_commit_callbacks(execute=True)
            self.callbacks = self.context.__enter__()
            return self

        def __exit__(self, *error):
            self.context.__exit__(*error)
            if error[0] is None:
                left = rows()
                assert search_index.refresh() == 0, left ^ rows()

    return Follows


def test_names_and_aliases_of_an_agency_are_followed(follows):
    codi = Agency.objects.get(code="CODI")
    with follows():
        codi.name_th = "สถาบันพัฒนาชุมชนใหม่"
        codi.save()
        codi.aliases.create(name="ชื่อเดิมของสถาบัน")
    assert found("พัฒนาชุมชนใหม่") == found("ชื่อเดิม ของสถาบัน") == ["CODI"]
    with follows():
        AgencyAlias.objects.filter(name="ชื่อเดิมของสถาบัน").first().delete()
    assert found("ชื่อเดิมของสถาบัน") == []
    with follows():
        agency = Agency.objects.create(code="NEW", name_th="กองทุนใหม่เอี่ยม", kind="fund")
    assert found("ใหม่เอี่ยม") == ["NEW"]
    with follows():
        agency.delete()
    assert found("ใหม่เอี่ยม") == []


def test_a_transaction_is_followed_once_and_one_that_is_rolled_back_never(follows):
    with follows() as following, transaction.atomic():
        for each in Agency.objects.all()[:5]:
            each.save()
        measure_of("2565-3.1").save()
        with transaction.atomic():
            Agency.objects.create(code="NEVER", name_th="ไม่เคยมี", kind="fund")
            transaction.set_rollback(True)
    assert len(following.callbacks) == 1
    assert found("ไม่เคยมี") == []


def test_a_merged_agency_leads_to_the_one_that_stands(follows, people):
    second = Agency.objects.create(
        code="CODI9", name_th="พอช. สำนักงานที่สอง", abbr_th="พอช.สส.", kind="public_organization"
    )
    with follows():
        plan = actions.plan_merge(duplicate=second, into=Agency.objects.get(code="CODI"))
        actions.merge_agencies(
            by=people["administrator"],
            duplicate=second,
            into=Agency.objects.get(code="CODI"),
            effects=plan.digest,
        )
    assert found("พอชสส", "agency") == found("สำนักงานที่สอง", "agency") == ["CODI"]


def test_texts_of_a_forum_and_their_corrections_are_followed(follows, people):
    with follows():
        measure = measure_of("2565-3.1")
        measure.title_th = "ชื่อมาตรการที่แก้แล้ว"
        measure.save()
        forum = Forum.objects.get()
        forum.theme_th = "พลังแห่งถ้อยคำ"
        forum.save()
        SourceCorrection.objects.create(
            forum=forum,
            about="2565-3.1",
            name="title_th",
            before="เก่าแก่",
            after="ใหม่ถอด",
            reason="พิมพ์ผิด",
        )
    assert found("มาตรการที่แก้แล้ว") == ["2565-3.1"]
    assert found("พลังแห่งถ้อยคำ") == ["2565"]
    assert found("เก่าแก่") == found("ใหม่ถอด") == found("พิมพ์ผิด") == ["2565-3.1"]


def test_a_second_forum_is_found_once_it_is_there(follows, django_capture_on_commit_callbacks):
    from followup import forum_file
    from followup.tests import second_forum_files as files

    with follows():
        forum_file.load(files.FILE, assignments=files.ASSIGNMENTS)
    assert len(found("2566", "forum")) == 1
    assert len(found("3.1", "proposal")) == 2


# Editions --------------------------------------------------------------------------------------


def test_the_texts_of_an_edition_come_and_go_with_its_rows(three_reports):
    (edition,) = PublishedEdition.objects.all()
    assert found("จัดเวที ๓ ภาค") == ["จัดเวที 3 ภาค"]
    assert not SearchText.objects.filter(normal__contains="ใครตรวจ"), "nobody has approved that"
    SearchText.objects.filter(edition=edition).delete()
    assert published.write_missing() == 0
    assert found("จัดเวที 3 ภาค") == ["จัดเวที 3 ภาค"], "an older portal has left none"
    with unguarded():
        Round.objects.get(year_be=2569).snapshots.all().delete()
    published.remove_rows([edition.digest])
    assert not SearchText.objects.filter(edition__isnull=False).exists()


def test_a_correction_is_found_until_it_is_taken_back(three_reports, people):
    correct(three_reports, people, "จัดเวที 4 ภาค")
    search_index.refresh()
    assert found("จัดเวที 4 ภาค", "result") == ["จัดเวที 4 ภาค"]
    assert found("จัดเวที 3 ภาค", "result") == [], "only the standing edition is read"
    assert found("จัดเวที 3 ภาค", "correction") == ["2565-1.2"]
    assert found(REASON, "correction") == [""]
    take_back(three_reports, people["reviewer"])
    assert found("จัดเวที 4 ภาค") == [], "though nothing has refreshed the rows"
    assert found("จัดเวที 3 ภาค", "result") == ["จัดเวที 3 ภาค"]
    assert search_index.refresh() > 0
    assert not SearchText.objects.filter(kind="correction").exists()


# PostgreSQL's index ----------------------------------------------------------------------------


def test_the_index_of_trigrams_is_there_where_it_can_be(db):
    if connection.vendor != "postgresql":
        assert search_index.install() is False
        return
    assert search_index.install() is True
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX search_text_trigrams")
        assert search_index.install() is True
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT id FROM followup_searchtext WHERE normal LIKE '%%fund%%'")
        assert "search_text_trigrams" in str(cursor.fetchall())


def test_a_role_that_may_not_create_it_goes_on(db, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no extension")
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX search_text_trigrams")
        cursor.execute("DROP EXTENSION pg_trgm")
        cursor.execute("CREATE ROLE lesser")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO lesser")
        cursor.execute("SET LOCAL ROLE lesser")
        assert search_index.install() is False
        assert found("กองทุน") == []
