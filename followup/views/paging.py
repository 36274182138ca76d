"""Long lists in pages: one page of the rows, and the addresses of the pages beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest

from forum_portal.page_cache import vouch
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


def paged(request: HttpRequest, rows: Sequence[T] | QuerySet[Any, T], size: int) -> Paged[T]:
    """The page that the address asks for; one beyond the end is the last one.

    A query set is counted and cut by the database: two queries. A sequence may read what a slice asks
    for. The links keep the other parameters of the address, such as filters.
    """
    total = rows.count() if isinstance(rows, QuerySet) else len(rows)
    pages = max(1, -(-total // size))
    asked = request.GET.get("page", "")
    number = min(read_id(asked) or 1, pages)
    if asked == str(number):
        vouch(request, "page")
    start = (number - 1) * size
    shown: Sequence[T] = list(rows[start : start + size])

    def at(page: int) -> str:
        if not 1 <= page <= pages:
            return ""
        query = request.GET.copy()
        query["page"] = str(page)
        return f"?{query.urlencode()}"

    return Paged(
        rows=shown,
        total=total,
        number=number,
        pages=pages,
        first=start + 1 if shown else 0,
        last=start + len(shown),
        before=at(number - 1),
        after=at(number + 1),
    )


class Joined(Sequence[Any]):
    """Several sequences one after the other; a slice reads only of those that it touches."""

    def __init__(self, *parts: Sequence[Any]) -> None:
        self.parts = parts

    def __len__(self) -> int:
        return sum(len(part) for part in self.parts)

    def __getitem__(self, index: Any) -> Any:
        start, stop, _step = index.indices(len(self))
        found: list[Any] = []
        for part in self.parts:
            size = len(part)
            if start < size and stop > 0:
                found += part[max(0, start) : stop]
            start, stop = start - size, stop - size
        return found
