"""Reading as of one moment."""

import pytest
from django.db import connection, transaction

from followup.models import Province
from followup.tests.test_races import at_once
from forum_portal.one_moment import one_moment


@pytest.mark.django_db(transaction=True)
def test_who_reads_sees_one_moment_and_keeps_nobody_from_writing():
    Province.objects.create(code="10", name_th="ก", name_en="before", sort_key="1")
    mode = getattr(connection, "transaction_mode", None)
    with one_moment():
        assert Province.objects.get().name_en == "before"
        [changed] = at_once(lambda: Province.objects.update(name_en="after"))
        assert changed == 1, "it was not kept waiting"
        assert Province.objects.get().name_en == "before"
    assert Province.objects.get().name_en == "after"
    assert getattr(connection, "transaction_mode", None) == mode, "writers queue as before"


@pytest.mark.django_db
def test_inside_a_transaction_it_sees_what_that_one_wrote():
    with transaction.atomic():
        Province.objects.create(code="10", name_th="ก", name_en="x", sort_key="1")
        with one_moment():
            assert Province.objects.count() == 1
        Province.objects.update(name_en="y")
