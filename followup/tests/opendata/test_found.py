"""The parameters of the API's search."""

import pytest
from django.http import Http404, QueryDict

from followup.opendata import found
from followup.opendata.filters import ParameterError
from followup.search import Asked
from followup.status import Status


def nobody(code):
    raise Http404(code)


def test_a_request_is_read(forum):
    asked, kind, page, size = found.read_asked(
        QueryDict("q=กองทุน&kind=result&forum=2565&status=completed&page=2&page_size=5"), nobody
    )
    assert asked == Asked(asked.words, forum, None, Status.COMPLETED)
    assert (asked.words.typed, kind, page, size) == ("กองทุน", "result", 2, 5)
    assert found.kinds("") == ["proposal", "result", "agency", "forum", "source", "correction"]


@pytest.mark.parametrize("query", ["", "q=", "q=กองทุน&q=กองทุน", "q=กองทุน&forum=2570"])
def test_a_request_that_asks_nothing_is_refused(forum, query):
    with pytest.raises(ParameterError):
        found.read_asked(QueryDict(query), nobody)
