from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PortalConfig(AppConfig):
    """The site itself: helpers, error pages, template filters. It has no models."""

    name = "forum_portal"


class PortalAdminConfig(AdminConfig):
    default_site = "followup.admin_site.PortalAdminSite"
