"""What the app connects when it starts."""

from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_migrate, pre_delete
from simple_history.signals import pre_create_historical_record

from followup import evidence
from followup.accounts import stamp_session
from followup.history import stamp
from followup.models import Evidence
from followup.roles import create_groups


def receivers(signal, sender=None):
    return signal._live_receivers(sender)[0]


def test_groups_are_made_after_every_migration_and_each_history_row_gets_its_stamp():
    from django.apps import apps

    config = apps.get_app_config("followup")
    assert create_groups in receivers(post_migrate, config)
    assert stamp in receivers(pre_create_historical_record)


def test_a_files_row_is_not_deleted_without_thinking_of_the_file():
    assert evidence.forget in receivers(pre_delete, Evidence)


def test_a_login_stamps_its_session():
    assert stamp_session in receivers(user_logged_in)
