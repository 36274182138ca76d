"""The real agencies, measures and provinces, as the matchers take them."""

import json

from django.conf import settings

from followup.spreadsheets.match import (
    AgencyMatcher,
    AgencyName,
    ProvinceMatcher,
    ProvinceName,
)
from followup.spreadsheets.measures import MeasureMatcher, MeasureRef

FIXTURES = settings.ROOT / "fixtures"


AGENCIES = [
    AgencyName(pk, each["code"], each["name_th"], each["abbr_th"], each["aliases"])
    for pk, each in enumerate(json.loads((FIXTURES / "agencies.json").read_text("utf-8")), start=1)
]


MEASURES = [
    MeasureRef(
        10 * resolution["number"] + each["number"],
        2565,
        resolution["number"],  # its key here
        resolution["number"],
        each["number"],
    )
    for resolution in json.loads((FIXTURES / "forum-2565.json").read_text("utf-8"))["resolutions"]
    for each in resolution["measures"]
]


PROVINCES = [
    ProvinceName(each["code"], each["name_th"], each["aliases_th"])
    for each in json.loads((FIXTURES / "provinces.json").read_text("utf-8"))
]


agencies, measures, provinces = (
    AgencyMatcher(AGENCIES),
    MeasureMatcher(MEASURES),
    ProvinceMatcher(PROVINCES),
)
