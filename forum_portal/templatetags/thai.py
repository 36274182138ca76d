"""Template filters over `forum_portal.thai`. A missing value becomes ""."""

from datetime import date, datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from forum_portal import thai, years
from forum_portal.languages import is_english

register = template.Library()


def _local(value: datetime) -> datetime:
    """An aware datetime in the current time zone; a naive one as it is."""
    return timezone.localtime(value) if timezone.is_aware(value) else value


@register.filter
def thai_date(value: date | str | None, style: thai.DateStyle = "long") -> str:
    """{{ day|thai_date }}, {{ day|thai_date:"medium" }}, {{ day|thai_date:"short" }}.

    A JSON column holds a day as text (`2021-03-30`); a text that is no day is shown as it is.
    """
    if isinstance(value, str):
        try:
            return thai.format_date(date.fromisoformat(value), style)
        except ValueError:
            return value
    if isinstance(value, datetime):
        value = _local(value)
    return thai.format_date(value, style) if value else ""


@register.filter
def thai_time(value: datetime | None) -> str:
    """{{ moment|thai_time }}: "14.30 น."."""
    return thai.format_time(_local(value)) if value else ""


@register.filter
def thai_digits(value: str | int | None) -> str:
    """Digits as ๐–๙, in English 0–9. Use it before filters that make HTML: entities have digits."""
    if value is None:
        return ""
    return str(value) if is_english() else thai.to_thai_digits(value)


@register.filter
def shown_year(value: int | None) -> str:
    """{{ forum.year_be|shown_year }}: "2565", in English "2022 (B.E. 2565)"."""
    return "" if value is None else years.shown_year(value)


@register.filter
def short_year(value: int | None) -> str:
    """{{ round.year_be|short_year }}: where there is no room for both eras; "2565", in English "2022"."""
    if value is None:
        return ""
    return str(years.to_ce(value) if is_english() else value)


@register.filter
def baht(value: Any) -> str:
    """{{ amount|baht }}: "1,250,000". A Decimal, None, or "" from a variable that is not there."""
    return "" if value is None or value == "" else thai.format_baht(value)


@register.filter
def number(value: Any) -> str:
    """{{ value|number }}: "1,250" or "−3.5". A Decimal, None, or "" from a variable that is not there."""
    return "" if value is None or value == "" else thai.format_number(value)


@register.filter
def file_size(value: int | None) -> str:
    """{{ piece.size|file_size }}: "1.2 เมกะไบต์"."""
    return "" if value is None or value == "" else thai.format_size(value)


@register.filter
def in_thai(value: str | None) -> SafeString | str:
    """{{ law.verbatim|in_thai }}: the text as it is, which a page in English says to be Thai."""
    return thai.in_thai(value) if value else ""


@register.filter
def paragraphs(value: str | None) -> SafeString | str:
    """{{ report.results|paragraphs }}: what somebody wrote, as HTML paragraphs."""
    return thai.paragraphs(value) if value else ""


@register.filter
def glue(value: str | None) -> SafeString | str:
    """HTML whose compound terms do not break across lines."""
    return thai.glue(value) if value else ""
