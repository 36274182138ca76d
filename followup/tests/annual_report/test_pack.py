"""The meeting pack: one page for each proposal, or for each agency."""

import pytest
from django.urls import reverse

from followup.annual_report import pack, store
from followup.models import Round
from followup.tests.annual_report.reading import letters, pages

pytestmark = pytest.mark.usefixtures("demo")


@pytest.mark.parametrize("by", pack.KINDS)
@pytest.mark.slow
@pytest.mark.once
def test_the_meeting_pack_has_a_page_for_each(people, sign_in, by):
    report = pack.build(store.counted_now(Round.objects.get(year_be=2568)), by=by).as_data()
    file = sign_in(people["staff"]).get(reverse("staff-round-pack", args=[2568]), {"by": by})
    found = pages(file.content)
    assert len(found) == len(report["parts"])
    for page, part in zip(found, report["parts"], strict=True):
        assert letters(part["title"]) in letters(page)
