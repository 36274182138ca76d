"""What somebody needs who adopts the portal: licences, the catalogue entry, a README in two languages."""

import re
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from PIL import Image

from conftest import CHROMIUM
from forum_portal.tests.test_repo import files, name

ROOT: Path = settings.ROOT


def text(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


# Licences ---------------------------------------------------------------------------------------

#: A file that holds a licence, by its name.
LICENCE = re.compile(r"(?i)^(licen[cs]e|copying|copyright|ofl)\b")
#: Files of others' work: typefaces, compiled or not, and shapes of maps.
WORK = (
    *("*.ttf", "*.otf", "*.woff", "*.woff2", "*.eot"),
    *("fixtures/map/*.json", "*.geojson", "*.topojson"),
)


def vendored() -> set[Path]:
    """The folders with a licence of their own."""
    found = {path.parent for path in files("*") if LICENCE.match(path.name)}
    return found - {ROOT}


def unlicensed(work: set[Path]) -> set[str]:
    return {name(path) for path in work if path.parent not in vendored()}


def test_every_typeface_and_map_has_its_licence_beside_it():
    work = set(files(*WORK))
    assert len(work) >= 5
    assert unlicensed(work) == set()


def test_a_work_without_a_licence_is_seen():
    assert unlicensed({ROOT / "static/img/x.woff2"}) == {"static/img/x.woff2"}


def test_the_notice_names_every_vendored_folder_with_its_licence_and_version():
    notice = text("NOTICE")
    parts = {
        folder: part
        for part in notice.split("\n\n")
        for folder in re.findall(r"^  files:    (\S+)/$", part, re.M)
    }
    assert parts.keys() == {name(folder) for folder in vendored()}
    for folder, part in parts.items():
        licences = re.findall(rf"{re.escape(folder)}/[\w-]+(?:\.md)?", part)
        assert licences, folder
        assert [each for each in licences if not (ROOT / each).is_file()] == []
        (version,) = re.findall(r"^  version:  v?([\d.]+)", part, re.M)
        told = [*(ROOT / folder).glob("VERSION*"), *(ROOT / folder).glob("README*")]
        assert version in "".join(each.read_text("utf-8") for each in told), folder


def test_nothing_of_others_is_vendored_that_the_notice_denies():
    """Style sheets and scripts are the portal's own: others' say whose they are."""
    assert "static/css and static/js are the portal's own" in text("NOTICE")
    foreign = re.compile(r"(?i)copyright|@licen[cs]e|\(c\) |https?://(?!www\.w3\.org)")
    own = list(files("static/css/*", "static/js/*"))
    assert own
    assert [name(each) for each in own if foreign.search(each.read_text("utf-8"))] == []


def test_the_licence_is_told_alike_everywhere():
    project = tomllib.loads(text("pyproject.toml"))["project"]
    assert text("LICENSE").startswith("MIT License\n\nCopyright (c) 2026 the contributors of the ")
    assert project["license"] == yaml.safe_load(text("publiccode.yml"))["legal"]["license"] == "MIT"
    assert project["license-files"] == ["LICENSE", "NOTICE"]


# The catalogue entry ----------------------------------------------------------------------------

#: What the standard demands (yml.publiccode.tools, 0.4), with what a value may be.
STATES = {"concept", "development", "beta", "stable", "obsolete"}
TYPES = {f"standalone/{each}" for each in ("mobile", "iot", "desktop", "web", "backend", "other")}
TYPES |= {"addon", "library", "configurationFiles"}
CATEGORIES = {"data-collection", "data-visualization", "digital-citizenship", "workflow-management"}
SCOPES = {"society", "welfare"}
LANGUAGE = re.compile("[a-z]{2,3}")
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def faults(entry: dict) -> list[str]:
    """What of an entry the standard does not allow."""
    found = [
        key
        for key, is_good in {
            "publiccodeYmlVersion": lambda value: value == "0.4",
            "name": lambda value: isinstance(value, str) and value,
            "url": lambda value: re.fullmatch(r"https://\S+", value),
            "softwareVersion": lambda value: isinstance(value, str),
            "releaseDate": lambda value: isinstance(value, str) and DAY.fullmatch(value),
            "platforms": lambda value: value and all(isinstance(each, str) for each in value),
            "categories": lambda value: value and set(value) <= CATEGORIES,
            "developmentStatus": lambda value: value in STATES,
            "softwareType": lambda value: value in TYPES,
            "description": lambda value: value and all(map(LANGUAGE.fullmatch, value)),
            "legal": lambda value: isinstance(value.get("license"), str),
            "maintenance": maintained,
            "localisation": lambda value: (
                isinstance(value["localisationReady"], bool)
                and all(map(LANGUAGE.fullmatch, value["availableLanguages"]))
            ),
        }.items()
        if key not in entry or not is_good(entry[key])
    ]
    for language, told in entry["description"].items():
        if not 0 < len(told["shortDescription"]) <= 150 or "\n" in told["shortDescription"]:
            found.append(f"{language}: shortDescription")
        if not 150 <= len(told["longDescription"]) <= 10_000:
            found.append(f"{language}: longDescription")
        if not (told["features"] and all(isinstance(each, str) for each in told["features"])):
            found.append(f"{language}: features")
    if not set(entry["intendedAudience"]["scope"]) <= SCOPES:
        found.append("scope")
    return found


def maintained(value: dict) -> bool:
    if value["type"] in {"internal", "community"}:
        return all(each.get("name") for each in value["contacts"])
    if value["type"] == "contract":
        return all(each["name"] and each["until"] for each in value["contractors"])
    return value["type"] == "none"


def entry() -> dict:
    return yaml.safe_load(text("publiccode.yml"))


def test_the_catalogue_entry_is_as_the_standard_demands():
    assert faults(entry()) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"url": "csos-forum-portal"}, "url"),
        ({"developmentStatus": "finished"}, "developmentStatus"),
        ({"releaseDate": "30/11/2026"}, "releaseDate"),
        ({"maintenance": {"type": "community", "contacts": [{}]}}, "maintenance"),
        ({"softwareType": "website"}, "softwareType"),
    ],
)
def test_a_fault_of_an_entry_is_seen(change, fault):
    assert faults(entry() | change) == [fault]


def test_what_the_entry_names_is_there():
    told = entry()
    assert told["description"].keys() == {"th", "en"}
    assert [code for code, _name in settings.LANGUAGES] == told["localisation"][
        "availableLanguages"
    ]
    for each in told["description"].values():
        assert [path for path in each["screenshots"] if not (ROOT / path).is_file()] == []
    assert (ROOT / told["logo"]).is_file()


# The READMEs ------------------------------------------------------------------------------------

READMES = ("README.md", "README.th.md")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def commands(path: str) -> list[list[str]]:
    """The commands of each block, without the comments behind them."""
    return [
        [command for line in block.splitlines() if (command := re.sub(r"\s*#.*", "", line))]
        for _language, block in BLOCK.findall(text(path))
    ]


def headings(path: str) -> list[str]:
    return re.findall(r"^(#+) ", BLOCK.sub("", text(path)), re.M)


def test_both_readmes_have_the_same_commands_headings_and_links():
    english, thai = READMES
    assert len(commands(english)) >= 3
    assert commands(thai) == commands(english)
    assert headings(thai) == headings(english)
    of_english = [each for each in LINK.findall(text(english)) if each != thai]
    assert [each for each in LINK.findall(text(thai)) if each != english] == of_english


def test_each_readme_leads_to_the_other_at_its_top():
    for path, other in (READMES, READMES[::-1]):
        assert f"]({other})" in "\n".join(text(path).splitlines()[:5])


DOCUMENTS = [
    *READMES,
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "CODE_OF_CONDUCT.md",
    "SECURITY.md",
    "docs/upgrading.md",
]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_what_a_document_links_to_is_there(path):
    links = [each.partition("#")[0] for each in LINK.findall(text(path))]
    local = [each for each in links if each and not each.startswith(("https://", "http://"))]
    assert [each for each in local if not (ROOT / path).parent.joinpath(each).exists()] == []


def test_versions_of_the_changelog_are_apart_from_what_is_unreleased():
    """Keep a Changelog: what is not released stands on top, under its own heading."""
    first, second = re.findall(r"^## .+$", text("CHANGELOG.md"), re.M)[:2]
    assert first == "## Unreleased"
    assert re.fullmatch(r"## \d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", second)
    for one, other in pairwise(re.findall(r"^#+ ", text("CHANGELOG.md"), re.M)):
        assert len(other) - len(one) <= 1, "no level is left out"


# The pictures -----------------------------------------------------------------------------------


def pictures() -> list[str]:
    """The pictures that `script/screenshots` makes, as its program names them."""
    return re.findall(r'Picture\(\s*"([\w-]+\.png)"', text("script/screenshots.py"))


def test_every_picture_of_a_document_exists_and_is_made_by_the_script():
    made = {f"docs/{each}" for each in pictures()}
    assert len(made) >= 4
    assert {each for each in LINK.findall(text("README.md")) if each.endswith(".png")} == made
    assert {
        each for told in entry()["description"].values() for each in told["screenshots"]
    } == made
    assert {name(path) for path in files("docs/*.png")} == made


def width_of(path: Path) -> int:
    with Image.open(path) as picture:
        return picture.width


def test_the_pictures_are_small_and_as_wide_as_a_desk_or_a_phone():
    paths = [ROOT / "docs" / each for each in pictures()]
    assert sum(path.stat().st_size for path in paths) < 1_000_000
    assert [
        each.name for each in paths if width_of(each) != (390 if "phone" in each.name else 1280)
    ] == []


@pytest.mark.slow
@pytest.mark.once
def test_the_script_makes_every_picture(tmp_path, require):
    """Whole: it starts a portal of its own, and walks to each page."""
    require(CHROMIUM, "no Chromium found: install Debian's chromium, or name one in CHROMIUM")
    done = subprocess.run(
        [sys.executable, ROOT / "script" / "screenshots.py", "--to", tmp_path],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = {path.name: width_of(path) for path in tmp_path.iterdir()}
    assert made == {each: width_of(ROOT / "docs" / each) for each in pictures()}


def test_without_a_browser_it_says_so_and_makes_none(tmp_path):
    done = subprocess.run(
        [sys.executable, ROOT / "script" / "screenshots.py", "--to", tmp_path],
        env={"PATH": str(tmp_path), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert "Chromium was not found." in done.stderr
    assert list(tmp_path.iterdir()) == []
