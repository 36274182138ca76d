"""The zip of everything and its hash, from disk and made; and the descriptions that state it."""

import logging
import subprocess
from hashlib import sha256

import pytest

from followup.models import Agency
from followup.opendata.package import BUNDLE
from followup.tests.client import PortalClient
from followup.tests.views.test_data import kept_on_disk, stamps  # noqa: F401  a fixture
from forum_portal import costly

ZIP, HASH = f"/data/{BUNDLE}", f"/data/{BUNDLE}.sha256"


def hash_of(visitor):
    response = visitor.get(HASH)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    told, name = response.getvalue().decode().split("  ")
    assert name == f"{BUNDLE}\n"
    return told


def test_the_zip_is_a_file_for_everybody(demo, visitor):
    response = visitor.get(ZIP)
    assert response["Content-Type"] == "application/zip"
    assert response["Content-Disposition"] == f'attachment; filename="{BUNDLE}"'
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["Cache-Control"] == "public, max-age=60"
    assert sha256(response.getvalue()).hexdigest() == hash_of(visitor)


def test_from_disk_it_is_the_same_file_in_parts_and_only_if_it_changed(
    visitor,
    settings,
    kept_on_disk,  # noqa: F811
):
    settings.KEEPS_DATA_FILES = False
    made = visitor.get(ZIP).getvalue()
    settings.KEEPS_DATA_FILES = True
    first = visitor.get(ZIP)
    assert first.getvalue() == made
    assert first["Content-Disposition"] == f'attachment; filename="{BUNDLE}"'
    assert hash_of(visitor) == sha256(made).hexdigest()
    assert visitor.get(ZIP, headers={"If-None-Match": first["ETag"]}).status_code == 304
    part = visitor.get(ZIP, headers={"Range": "bytes=3-20"})
    assert (part.status_code, part.getvalue()) == (206, made[3:21])
    # What other readers ask for is kept as well, and was read again.
    assert len(list(kept_on_disk.glob("data-agencies-all.*.csv"))) == 1


def test_what_the_public_reads_anew_is_another_zip(visitor, kept_on_disk):  # noqa: F811
    before = hash_of(visitor)
    Agency.objects.filter(code="CODI").update(name_th="ชื่อใหม่")
    assert hash_of(visitor) == before, "the stamp is trusted"
    stamps.append("second")
    after = hash_of(visitor)
    assert after != before
    assert after == sha256(visitor.get(ZIP).getvalue()).hexdigest()
    assert len(list(kept_on_disk.glob("data-everything.*.zip"))) == 1


def test_the_licence_of_the_settings_is_in_it(visitor, settings, kept_on_disk):  # noqa: F811
    before = hash_of(visitor)
    settings.DATA_LICENSE = {"name": "Ours", "url": "https://example.org/ours/"}
    assert hash_of(visitor) != before


def test_every_description_states_its_hash_and_size(visitor, kept_on_disk):  # noqa: F811
    content = visitor.get(ZIP).getvalue()
    told = sha256(content).hexdigest()
    stated = visitor.get("/data/datapackage.json").json()["everything"]
    assert stated == {
        "path": f"http://testserver{ZIP}",
        "bytes": len(content),
        "hash": f"sha256:{told}",
    }
    whole = visitor.get("/data/catalog.jsonld").json()["dcat:dataset"][0]["dcat:distribution"][0]
    assert whole["spdx:checksum"]["spdx:checksumValue"]["@value"] == told
    assert whole["dcat:byteSize"]["@value"] == str(len(content))
    resource = visitor.get("/data/ckan.json").json()["result"]["results"][0]["resources"][0]
    assert (resource["hash"], resource["size"]) == (told, len(content))


@pytest.mark.once
def test_sha256sum_reads_the_hash(visitor, demo, tmp_path):
    (tmp_path / BUNDLE).write_bytes(visitor.get(ZIP).getvalue())
    (tmp_path / "sums").write_bytes(visitor.get(HASH).getvalue())
    done = subprocess.run(
        ["sha256sum", "-c", "sums"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"{BUNDLE}: OK\n")


@pytest.mark.faults
def test_a_disk_that_takes_no_file_keeps_nobody_from_it(
    visitor,
    kept_on_disk,  # noqa: F811
    monkeypatch,
    caplog,
):
    def full(*args, **kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr("forum_portal.kept_files.tempfile.mkstemp", full)
    with caplog.at_level(logging.WARNING):
        content = visitor.get(ZIP).getvalue()
        assert hash_of(visitor) == sha256(content).hexdigest()
        assert "hash" not in visitor.get("/data/datapackage.json").json()["everything"]
    assert "no space left" in caplog.text


@pytest.mark.parametrize(
    "path", [ZIP, HASH, "/data/datapackage.json", "/data/catalog.jsonld", "/data/ckan.json"]
)
def test_who_asks_too_often_waits(demo, visitor, settings, monkeypatch, path):
    settings.COSTLY_PER_MINUTE = 0
    monkeypatch.setattr(costly, "pause", lambda seconds: None)
    assert visitor.get(path).status_code == 429


def test_the_page_leads_to_all_of_them(demo):
    page = PortalClient().page("/data/")
    links = {a["href"] for a in page.select("main a")}
    assert {ZIP, HASH, "/data/ckan.json", "/data/catalog.jsonld"} <= links
    assert page.select("#all a")[0].text == "ดาวน์โหลดทุกชุดข้อมูล (ZIP)"
    terms = page.select("dl.facts--list dd")[0]
    assert terms.one("a")["href"] == "https://opendatacommons.org/licenses/by/1-0/"
    assert "ตัวเลือกในบัญชีข้อมูลภาครัฐ: Open Data Common" in terms.text
