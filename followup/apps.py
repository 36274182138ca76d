from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_delete
from django.utils.translation import gettext_lazy as _


class FollowupConfig(AppConfig):
    """The yearly follow-up: agencies, assignments, rounds and reports."""

    name = "followup"
    verbose_name = _("การติดตามผล")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in
        from simple_history.signals import pre_create_historical_record

        from followup import evidence, security_events
        from followup.accounts import stamp_session
        from followup.history import stamp
        from followup.roles import create_groups

        post_migrate.connect(create_groups, sender=self)
        pre_create_historical_record.connect(stamp)
        pre_delete.connect(evidence.forget, sender="followup.Evidence")
        user_logged_in.connect(stamp_session)
        security_events.connect()
