"""Variables for every template, on public pages, staff pages and in the admin."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from followup import demo, navigation, permissions
from followup.naming import item_noun, items_name
from forum_portal.display import display_of
from forum_portal.languages import versions
from proposals.models import Forum


def portal(request: HttpRequest) -> dict[str, Any]:
    """Of every page: `user`, `item_noun`, `portal_contact`, `display` (the reader's choices).

    And lazily: `display_url` (the page to change them), `versions` (the page in each language), whether
    demo data is loaded, whether codes have to name their forum, what all resolutions are called, what
    this person may do, and the menus as they see them.
    """
    may = SimpleLazyObject(lambda: rights(request))
    sizes: Any = SimpleLazyObject(Forum.objects.sizes)
    return {
        "user": reader(request),
        "item_noun": item_noun(),
        "portal_contact": settings.PORTAL_CONTACT,
        "display": display_of(request),
        "display_url": SimpleLazyObject(lambda: display_url(request)),
        "versions": SimpleLazyObject(lambda: versions(request)),
        "demo_loaded": SimpleLazyObject(demo.is_loaded),
        "several_forums": SimpleLazyObject(lambda: len(sizes) > 1),
        "items_name": SimpleLazyObject(lambda: items_name(sizes)),
        "may": may,
        "menu": SimpleLazyObject(lambda: navigation.Menu(request, rights(request), sizes)),
    }


def reader(request: HttpRequest) -> Any:
    """Who reads the page; a stranger without a look at the session if there is no session cookie.

    A page whose making looked at the session is one reader's, and no cache keeps it. A request that was
    refused before anybody looked who sent it is a stranger's.
    """
    user = getattr(request, "user", None)
    is_lazy = isinstance(user, SimpleLazyObject)
    if user is None or (is_lazy and settings.SESSION_COOKIE_NAME not in request.COOKIES):
        return AnonymousUser()
    return user


def display_url(request: HttpRequest) -> str:
    """The page of the display, which leads back to this one. A page that answers a form is not opened
    again, and an address that is a key stands in no other address."""
    address = reverse("display")
    here = request.get_full_path()
    match = request.resolver_match
    is_key = bool(match and match.kwargs.keys() & {"token", "key"})
    may_return = request.method in ("GET", "HEAD") and not is_key and request.path != address
    return f"{address}?{urlencode({'next': here})}" if may_return and here != "/" else address


def rights(request: HttpRequest) -> dict[str, bool]:
    user = reader(request)
    return {
        "work": permissions.may_work(user),
        "review": permissions.may_review(user),
        "run": permissions.may_run(user),
        "publish": permissions.may_publish(user),
        "import": permissions.may_import(user),
        "administer": permissions.may_administer(user),
    }
