from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, pre_delete
from django.utils.translation import gettext_lazy as _


class FollowupConfig(AppConfig):
    """The yearly follow-up: agencies, assignments, rounds and reports."""

    name = "followup"
    verbose_name = _("การติดตามผล")

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in
        from simple_history.signals import (
            post_create_historical_record,
            pre_create_historical_record,
        )

        from followup import (
            append_only,
            chain,
            evidence,
            public_revision,
            published,
            search_index,
            security_events,
        )
        from followup.accounts import stamp_session
        from followup.history import stamp
        from followup.roles import create_groups
        from followup.usage import uses_of
        from forum_portal.admin_base import USES

        USES.append(uses_of)
        post_migrate.connect(create_groups, sender=self)
        post_migrate.connect(append_only.install, sender=self)
        post_migrate.connect(public_revision.install, sender=self)
        post_migrate.connect(chain.begin_if_empty, sender=self)
        post_migrate.connect(published.after_migrations, sender=self)
        post_migrate.connect(search_index.after_migrations, sender=self)
        search_index.connect()
        pre_create_historical_record.connect(stamp)
        post_create_historical_record.connect(chain.cover_loose)
        pre_delete.connect(evidence.forget, sender="followup.Evidence")
        pre_delete.connect(append_only.let_user_go, sender="followup.User")
        post_delete.connect(append_only.user_is_gone, sender="followup.User")
        user_logged_in.connect(stamp_session)
        security_events.connect()
