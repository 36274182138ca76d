"""Focal points of an agency, as tests write them."""

from typing import Any


def fields(**changes: Any) -> dict[str, Any]:
    return {
        "name": "สมศรี ใจดี",
        "position": "",
        "email": "somsri@codi.example.org",
        "phone": "",
        "is_main": True,
    } | changes
