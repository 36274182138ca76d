"""What a search finds, for tests."""

from followup.search import Asked, Search
from followup.search_words import read_words


def found(typed, kind="", *, inside=False, **filters):
    """What is found for some words: codes, or the texts' own words where there is no code."""
    search = Search(Asked(read_words(typed), **filters))
    rows = search.matching(kind=kind, inside=inside)
    return [row.code or row.text for row in search.ordered(rows)]
