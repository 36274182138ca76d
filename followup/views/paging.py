"""Long lists in pages: one page of the rows, and the addresses of the pages beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest

from forum_portal.row_ids import read_id

T = TypeVar("T")


@dataclass(frozen=True)
class Paged(Generic[T]):
    """One page of rows; `first` and `last` are its rows' places, from 1, among `total`."""

    rows: Sequence[T]
    total: int
    number: int  # of the page, from 1
    pages: int
    first: int
    last: int
    before: str  # the query of the page before; "" on the first
    after: str


def paged(request: HttpRequest, rows: Sequence[T], size: int) -> Paged[T]:
    """The page that the address asks for; one beyond the end is the last one.

    The links keep the other parameters of the address, such as filters.
    """
    pages = max(1, -(-len(rows) // size))
    number = min(read_id(request.GET.get("page", "")) or 1, pages)
    start = (number - 1) * size
    shown = rows[start : start + size]

    def at(page: int) -> str:
        if not 1 <= page <= pages:
            return ""
        query = request.GET.copy()
        query["page"] = str(page)
        return f"?{query.urlencode()}"

    return Paged(
        rows=shown,
        total=len(rows),
        number=number,
        pages=pages,
        first=start + 1 if shown else 0,
        last=start + len(shown),
        before=at(number - 1),
        after=at(number + 1),
    )
