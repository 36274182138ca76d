"""The licence of the data, and the names under which catalogues know it."""

from pathlib import Path

import pytest

from followup.opendata.licences import KNOWN, licence
from followup.tests.opendata.test_ckan import CHOICES


def register() -> str:
    """CKAN's own register of licences, as its package has it."""
    from importlib.metadata import distribution

    return Path(distribution("ckan").locate_file("ckan/model/license.py")).read_text("utf-8")


def test_the_default_names_one_licence_with_its_real_address():
    terms = licence()
    assert terms.name == "Open Data Commons Attribution License (ODC-By) v1.0"
    assert terms.url == "https://opendatacommons.org/licenses/by/1-0/"
    assert (terms.open_definition, terms.ckan) == ("ODC-BY-1.0", "odc-by")
    assert terms.thai_choice == "Open Data Common"


def test_another_known_licence_is_known_by_its_address_and_keeps_its_given_name(settings):
    settings.DATA_LICENSE = {"name": "CC BY", "url": "https://creativecommons.org/licenses/by/4.0/"}
    terms = licence()
    assert (terms.name, terms.ckan) == ("CC BY", "cc-by")
    assert terms.thai_choice == "Creative Commons Attributions"


def test_a_licence_that_is_not_known_claims_no_identifier(settings):
    settings.DATA_LICENSE = {"name": "Ours", "url": "https://example.org/ours/"}
    terms = licence()
    assert (terms.open_definition, terms.ckan, terms.ckan_title) == ("", "", "")
    assert terms.thai_choice == "อื่นๆ"


@pytest.mark.parametrize("known", KNOWN.values(), ids=str)
def test_catalogues_know_it_by_these_names(known):
    assert f'id = "{known.ckan}"' in register()
    assert f'_("{known.ckan_title}")' in register()
    assert known.thai_choice in CHOICES["license_id"]
