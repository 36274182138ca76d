"""The accessibility statement: the standard, what was tested, what does not conform, how to complain.

It says what the tests of `followup/tests/browser` do, and no more. Whoever changes them, or mends what it
lists, changes the statement and `REVIEWED_ON`.
"""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from followup.views.public import page
from followup.views.years import chosen_year
from forum_portal.page_cache import public_page
from forum_portal.version import VERSION

#: The day on which the statement was last compared with the tests and the pages.
REVIEWED_ON = date(2026, 11, 30)


@public_page("year")
def accessibility(request: HttpRequest) -> HttpResponse:
    return page(
        request,
        "accessibility",
        chosen_year(request),
        reviewed_on=REVIEWED_ON,
        version=VERSION,
        start_days=settings.FEEDBACK_START_DAYS,
        answer_days=settings.FEEDBACK_ANSWER_DAYS,
    )
