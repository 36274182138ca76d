"""The committee's own yearly duty: the resolution that obliges it to follow up and to report."""

from __future__ import annotations

from django.conf import settings

from proposals.codes import parse_code
from proposals.models import Resolution


def duty() -> Resolution | None:
    """The resolution that `PORTAL_DUTY` names (a full code, `2565-8`), with its forum.

    None if the setting is empty or its forum is not stored. One query at most.
    """
    code = parse_code(settings.PORTAL_DUTY)
    if code is None:
        return None
    return Resolution.objects.filter(forum__year_be=code.year, number=code.resolution).first()
