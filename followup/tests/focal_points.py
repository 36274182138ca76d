"""Focal points of an agency, as tests write them."""

from typing import Any

from followup import actions
from followup.models import FocalPoint
from forum_portal.stored_version import version_of


def fields(**changes: Any) -> dict[str, Any]:
    return {
        "name": "สมศรี ใจดี",
        "position": "",
        "email": "somsri@codi.example.org",
        "phone": "",
        "is_main": True,
    } | changes


def seen(person: FocalPoint) -> str:
    """The version of a focal point as it is stored."""
    return version_of(FocalPoint.objects.get(pk=person.pk), actions.FOCAL_POINT_FIELDS)
