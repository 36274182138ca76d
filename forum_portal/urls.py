"""The root URLconf and Django's error handlers."""

from django.contrib import admin
from django.urls import include, path

handler400 = "forum_portal.errors.bad_request"
handler403 = "forum_portal.errors.forbidden"
handler404 = "forum_portal.errors.not_found"
handler429 = "forum_portal.errors.too_many_attempts"  # allauth calls it
handler500 = "forum_portal.errors.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("followup.urls")),
]
