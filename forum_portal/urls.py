"""The root URLconf and Django's error handlers."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

handler400 = "forum_portal.errors.bad_request"
handler403 = "forum_portal.errors.forbidden"
handler404 = "forum_portal.errors.not_found"
handler429 = "forum_portal.errors.too_many_attempts"  # allauth calls it
handler500 = "forum_portal.errors.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    *i18n_patterns(path("", include("followup.public_urls")), prefix_default_language=False),
    path("", include("followup.urls")),
]
