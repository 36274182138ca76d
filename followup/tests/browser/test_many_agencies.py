"""With 300 agencies no page is longer than a person reads: about 10 screens, 30 on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from followup.models import User
from followup.tests.many_agencies import many_rounds

PUBLIC = ("/", "/resolutions/2565/1/", "/resolutions/2565/2/", "/matrix/", "/matrix/?role=all")
PUBLIC += ("/years/2569/", "/agencies/", "/agencies/PROVS/")
STAFF = ("/staff/", "/staff/?mine=0", "/staff/assignments/", "/staff/assignments/?page=2")
STAFF += ("/staff/links/", "/staff/letters/", "/staff/rounds/2570/", "/staff/agencies/")
SCREENS = "document.documentElement.scrollHeight / innerHeight"


@pytest.mark.slow
def test_no_page_is_long_with_300_agencies(
    forum: object, people: dict[str, User], page_of: Callable[..., Page]
) -> None:
    many_rounds()
    long = {}
    for (width, height), most in {(1280, 800): 10, (360, 800): 30}.items():
        page = page_of(people["administrator"], viewport={"width": width, "height": height})
        for path in PUBLIC + STAFF:
            response = page.goto(path)
            assert response
            assert response.status == 200, path
            screens = page.evaluate(SCREENS)
            if screens > most:
                long[f"{path} at {width}"] = round(screens, 1)
        page.context.close()
    assert long == {}
