"""Headers that every response carries, static files and errors included."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

#: Features of browsers that no page of ours uses, and no embedded one may.
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "publickey-credentials-get",
        "screen-wake-lock",
        "serial",
        "usb",
        "xr-spatial-tracking",
    )
)
CORP = "Cross-Origin-Resource-Policy"


def for_other_sites(response: HttpResponse) -> HttpResponse:
    """Let pages of any site load this response as a picture, a frame or data."""
    response[CORP] = "cross-origin"
    return response


class IsolationMiddleware:
    """Keep responses out of other sites' processes, and other sites' out of our pages.

    It is the first middleware that answers pass (but for the cache, which keeps what it made), so that
    answers of the others have the headers too. A view opens its
    response with `for_other_sites`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault(CORP, "same-origin")
        # No page loads anything of another origin (see CONTENT_SECURITY_POLICY).
        response.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
        response.setdefault("Permissions-Policy", PERMISSIONS)
        return response
