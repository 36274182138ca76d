"""The licence of the data: its address, and the names under which catalogues know it.

The licence is a setting (DATA_LICENSE_NAME, DATA_LICENSE_URL). Its default is the licence that the name
"Open Data Common" can mean and that fits how the portal asks to be cited. That name is a choice of the
Thai catalogue (`license_id` of ckanext-thai_gdc's dataset schema) and of no other list: it has no text
and no address, and CKAN's own register (ckan/model/license.py) does not know it. Of the three licences of
Open Data Commons, PDDL would give up attribution, and ODbL would demand share-alike, which nobody has
decided; ODC-By asks for attribution alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.conf import settings

#: The Thai catalogue's choice for a licence that it does not list; `license_id_other` then names it.
OTHER = "อื่นๆ"


@dataclass(frozen=True)
class Licence:
    """A licence by its real address.

    `open_definition`: its id on the Open Definition's list, which Data Packages use. `ckan`: its id in
    CKAN's register, and `ckan_title` its title there, by which CKAN's harvester knows it. `thai`: the
    Thai catalogue's choice. Each is "" where that list has no such licence.
    """

    name: str
    url: str
    open_definition: str = ""
    ckan: str = ""
    ckan_title: str = ""
    thai: str = ""

    @property
    def thai_choice(self) -> str:
        return self.thai or OTHER


_ODC, _CC = "https://opendatacommons.org/licenses", "https://creativecommons.org"
_THAI_ODC = "Open Data Common"
_KNOWN = (
    Licence(
        "Open Data Commons Attribution License (ODC-By) v1.0",
        f"{_ODC}/by/1-0/",
        "ODC-BY-1.0",
        "odc-by",
        "Open Data Commons Attribution License",
        _THAI_ODC,
    ),
    Licence(
        "Open Data Commons Public Domain Dedication and License (PDDL) v1.0",
        f"{_ODC}/pddl/1-0/",
        "ODC-PDDL-1.0",
        "odc-pddl",
        "Open Data Commons Public Domain Dedication and License (PDDL)",
        _THAI_ODC,
    ),
    Licence(
        "Open Data Commons Open Database License (ODbL) v1.0",
        f"{_ODC}/odbl/1-0/",
        "ODbL-1.0",
        "odc-odbl",
        "Open Data Commons Open Database License (ODbL)",
        _THAI_ODC,
    ),
    Licence(
        "Creative Commons Attribution 4.0 International",
        f"{_CC}/licenses/by/4.0/",
        "CC-BY-4.0",
        "cc-by",
        "Creative Commons Attribution",
        "Creative Commons Attributions",
    ),
    Licence(
        "Creative Commons Attribution-ShareAlike 4.0 International",
        f"{_CC}/licenses/by-sa/4.0/",
        "CC-BY-SA-4.0",
        "cc-by-sa",
        "Creative Commons Attribution Share-Alike",
        "Creative Commons Attribution Share-Alike",
    ),
    Licence(
        "CC0 1.0 Universal",
        f"{_CC}/publicdomain/zero/1.0/",
        "CC0-1.0",
        "cc-zero",
        "Creative Commons CCZero",
    ),
)
KNOWN: Mapping[str, Licence] = {each.url: each for each in _KNOWN}


def licence() -> Licence:
    """The licence of the settings; one that is not known here has its name and address alone."""
    name, url = settings.DATA_LICENSE["name"], settings.DATA_LICENSE["url"]
    known = KNOWN.get(url)
    return replace(known, name=name) if known else Licence(name, url)
