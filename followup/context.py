"""Variables for every template, on public pages, staff pages and in the admin."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from followup import demo, navigation, permissions
from followup.naming import items_name
from proposals.models import Forum


def portal(request: HttpRequest) -> dict[str, Any]:
    """`item_noun`, and lazily: whether demo data is loaded, whether codes have to name their forum,
    what all resolutions are called, what this person may do, and the menus as they see them."""
    may = SimpleLazyObject(lambda: rights(request))
    sizes: Any = SimpleLazyObject(Forum.objects.sizes)
    return {
        "item_noun": settings.PORTAL_ITEM_NOUN,
        "demo_loaded": SimpleLazyObject(demo.is_loaded),
        "several_forums": SimpleLazyObject(lambda: len(sizes) > 1),
        "items_name": SimpleLazyObject(lambda: items_name(sizes)),
        "may": may,
        "menu": SimpleLazyObject(lambda: navigation.Menu(request, rights(request), sizes)),
    }


def rights(request: HttpRequest) -> dict[str, bool]:
    user = request.user
    return {
        "work": permissions.may_work(user),
        "review": permissions.may_review(user),
        "run": permissions.may_run(user),
        "publish": permissions.may_publish(user),
        "import": permissions.may_import(user),
        "administer": permissions.may_administer(user),
    }
