"""Numbers from outside that name a row, or a year: in an address, a query or a form."""

from __future__ import annotations

from typing import Any

from django.db.models import IntegerField
from django.db.models.lookups import In

#: The largest key of a row, on both databases.
ID_MAX = 2**63 - 1


def read_id(text: str) -> int | None:
    """The key that a text names; None if no row can have it."""
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        return None
    number = int(text)
    return number if 0 < number <= ID_MAX else None


class RowId:
    """A row's key in a path; anything that is no key is a 404."""

    regex = "[0-9]{1,19}"

    def to_python(self, value: str) -> int:
        number = read_id(value)
        if number is None:
            raise ValueError("no key")
        return number

    def to_url(self, value: int) -> str:
        return str(value)


class Number:
    """A year or an ordinal number in a path, however large: the page says which ones there are."""

    regex = "[0-9]{1,40}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


@IntegerField.register_lookup
class InRange(In):
    """`__in` that ignores numbers which the column cannot hold, as Django's `exact` does.

    Without it SQLite's driver raises OverflowError and PostgreSQL answers with an error.
    """

    def process_rhs(self, compiler: Any, connection: Any) -> Any:
        if self.rhs_is_direct_value():
            kind = self.lhs.output_field.get_internal_type()
            low, high = connection.ops.integer_field_range(kind)
            self.rhs = [
                each
                for each in self.rhs
                if not isinstance(each, int)
                or ((low is None or each >= low) and (high is None or each <= high))
            ]
        return super().process_rhs(compiler, connection)
