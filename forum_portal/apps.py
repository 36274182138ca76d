from django.apps import AppConfig
from django.conf import settings
from django.contrib.admin.apps import AdminConfig


class PortalConfig(AppConfig):
    """The site itself: helpers, error pages, template filters. It has no models."""

    name = "forum_portal"

    def ready(self) -> None:
        from forum_portal import row_ids  # noqa: F401  it registers a lookup

        if settings.SENTRY_DSN:
            from forum_portal import error_reports

            error_reports.start(settings.SENTRY_DSN, environment=settings.PORTAL_ENV)


class PortalAdminConfig(AdminConfig):
    default_site = "followup.admin_site.PortalAdminSite"
