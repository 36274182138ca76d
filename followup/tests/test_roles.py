"""The three groups, and what each may do."""

from django.contrib.auth.models import Group, Permission

from followup.roles import ADMINISTRATOR, COMMITTEE_STAFF, REVIEWER, create_groups


def rights_of(name):
    permissions = Group.objects.get(name=name).permissions.select_related("content_type")
    return {f"{each.content_type.app_label}.{each.codename}" for each in permissions}


def test_each_group_may_what_the_one_before_may_and_more(db):
    staff, reviewer, administrator = map(rights_of, (COMMITTEE_STAFF, REVIEWER, ADMINISTRATOR))
    assert staff == {"followup.log_statusreport", "followup.run_round"}
    assert reviewer - staff == {"followup.review_statusreport", "followup.publish_round"}
    assert administrator > reviewer
    assert "followup.use_import" in administrator - reviewer


def test_the_admin_leaves_a_years_work_and_the_history_to_the_portals_own_pages(db):
    administrator = rights_of(ADMINISTRATOR)
    for model in ("statusreport", "round"):
        for verb in ("add", "delete"):
            assert f"followup.{verb}_{model}" not in administrator
    assert not any("historical" in right for right in administrator)
    assert {right for right in administrator if right.startswith("auth.")} == {
        "auth.view_group",
        "auth.view_permission",
    }


def test_made_again_nothing_is_doubled_and_what_was_added_by_hand_stays(db):
    group = Group.objects.get(name=COMMITTEE_STAFF)
    by_hand = Permission.objects.get(codename="view_agency")
    group.permissions.add(by_hand)
    before = rights_of(ADMINISTRATOR)
    create_groups()
    assert rights_of(COMMITTEE_STAFF) == {
        "followup.log_statusreport",
        "followup.run_round",
        "followup.view_agency",
    }
    assert rights_of(ADMINISTRATOR) == before
    assert Group.objects.count() == 3


def test_a_right_that_was_taken_by_hand_comes_back(db):
    group = Group.objects.get(name=REVIEWER)
    group.permissions.clear()
    create_groups()
    assert "followup.review_statusreport" in rights_of(REVIEWER)
