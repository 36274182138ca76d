"""Unsafe values of settings, the database that an address names, and modes of files."""

import os
import re
import secrets
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from forum_portal.deployment import (
    contact,
    data_licence,
    database,
    expiry,
    in_bucket,
    is_example_key,
    is_own_address,
    keep_private,
    link,
    matches_anybody,
    object_storage,
)
from forum_portal.tests.test_repo import files

pytestmark = pytest.mark.security


@pytest.mark.parametrize(
    "host", ["*", ".", "..", ".org", ".th", ".go.th", ".or.th", ".GO.TH", "*.example.org", ""]
)
def test_a_host_that_others_own_is_no_host_of_ours(host):
    assert matches_anybody(host)


@pytest.mark.parametrize(
    "host", ["portal.example.org", ".example.org", ".csos.go.th", "localhost", "192.0.2.1"]
)
def test_hosts_of_our_own(host):
    assert not matches_anybody(host)


def test_every_key_that_stands_in_the_repository_is_an_example():
    found = []
    for path in files("*.py"):
        found += re.findall(r'SECRET_KEY"?[=:] ?"([^"]+)"( \* \d+)?', path.read_text("utf-8"))
    keys = {piece * int(times.lstrip(" *") or 1) for piece, times in found}
    assert len(keys) >= 4
    long_enough = {key for key in keys if len(key) >= 50}
    assert long_enough
    assert {key for key in long_enough if not is_example_key(key)} == set()


@pytest.mark.parametrize("key", ["a1" * 30, "changeme" + "x9Kd" * 20, "0123456789" * 6])
def test_keys_that_nobody_drew(key):
    assert is_example_key(key)


def test_a_drawn_key_is_none():
    assert not any(is_example_key(secrets.token_urlsafe(64)) for _turn in range(200))


@pytest.mark.parametrize(
    "address",
    [
        "http://portal.example.org",
        "https://",
        "https://.example.org",
        "https://*",
        "https://user:password@portal.example.org",
        "https://portal.example.org/path",
        "https://portal.example.org?x",
        "https://portal.example.org#x",
        "https://portal.example.org:0",
        "https://portal.example.org:x",
        "portal.example.org",
        "",
    ],
)
def test_no_address_of_the_portal(address):
    assert not is_own_address(address)


@pytest.mark.parametrize("address", ["https://portal.example.org", "https://portal.go.th:8443"])
def test_addresses_of_the_portal(address):
    assert is_own_address(address)


# The database -----------------------------------------------------------------------------------

NAMES = ["a#b", "a?b", "a?timeout=1", "%41", "a+b", "a b", "ฐานข้อมูล", "a&b", "a;b", "a%b", "a\\b"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_the_file_systems(name, tmp_path):
    path = tmp_path / name / "x.sqlite3"
    assert database(f"sqlite:///{path}", Path("/portal"))["NAME"] == str(path)


@pytest.mark.parametrize("name", NAMES)
def test_a_portal_in_a_folder_of_any_name_keeps_its_data_there(name):
    assert database("", Path("/srv") / name)["NAME"] == f"/srv/{name}/var/portal.sqlite3"


def test_a_relative_name_starts_at_the_portal():
    assert database("sqlite:///var/x.sqlite3", Path("/portal"))["NAME"] == "/portal/var/x.sqlite3"


def test_other_databases():
    found = database("postgres://u:p%40ss@db.example.org/portal", Path("/portal"))
    assert (found["NAME"], found["HOST"], found["PASSWORD"]) == (
        "portal",
        "db.example.org",
        "p@ss",
    )
    assert database("sqlite://:memory:", Path("/portal"))["NAME"] == ":memory:"
    for wrong in ("sqlite:///", "sqlite://portal.sqlite3", "sqlite:portal.sqlite3"):
        with pytest.raises(ImproperlyConfigured, match="sqlite:///"):
            database(wrong, Path("/portal"))


def modes(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("name", ["a#b?c %41+ไทย"])
def test_a_command_makes_the_named_database_for_its_owner_alone(name, tmp_path):
    """As `manage.py` under the umask 022 of most machines; the file keeps its -wal while it is open."""
    path = tmp_path / f"{name}.sqlite3"
    program = (
        "import os; os.umask(0o022)\n"
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "connection.cursor().execute('CREATE TABLE x (y)')\n"
        "for each in sorted(os.listdir(os.environ['FOLDER'])):\n"
        "    print(oct(os.stat(os.path.join(os.environ['FOLDER'], each)).st_mode)[-3:], each)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={
            "PATH": os.environ["PATH"],
            "ENV_FILE": os.devnull,
            "PORTAL_ENV": "local",
            "SECRET_KEY": "x",
            "DJANGO_SETTINGS_MODULE": "forum_portal.settings",
            "DATABASE_URL": f"sqlite:///{path}",
            "FOLDER": str(tmp_path),
            "PYTHONUTF8": "1",
        },
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == [
        f"600 {path.name}",
        f"600 {path.name}-shm",
        f"600 {path.name}-wal",
    ], done.stderr


@pytest.fixture
def usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def test_what_an_earlier_version_left_open_is_closed(usual_umask, tmp_path):
    folder = tmp_path / "var"
    folder.mkdir(mode=0o755)
    names = [folder / f"portal.sqlite3{suffix}" for suffix in ("", "-wal", "-shm")]
    for path in names:
        path.touch(0o644)
    keep_private(folder, database(f"sqlite:///{names[0]}", tmp_path))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert set(modes(folder).values()) == {0o600}


def test_whatever_is_made_later_is_private(usual_umask, tmp_path):
    folder = tmp_path / "var"
    keep_private(folder, database("", tmp_path))
    (folder / "logs").mkdir()
    (folder / "logs" / "x.log").write_text("x")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert modes(folder) == {"logs": 0o700, "logs/x.log": 0o600}


def test_evidence_is_its_owners_and_static_files_are_everybodys(tmp_path):
    """With the settings themselves; the tests' settings replace both storages."""
    from forum_portal.tests.test_settings import GOOD, python

    program = (
        "import django; django.setup()\n"
        "from django.core.files.base import ContentFile\n"
        "from django.core.files.storage import storages, FileSystemStorage\n"
        "storages['evidence'].save('a/b', ContentFile(b'x'))\n"
        "static = storages['staticfiles']\n"
        f"static.location = {str(tmp_path / 'static')!r}\n"
        "FileSystemStorage.save(static, 'a/b', ContentFile(b'x'))\n"
    )
    name = {"DJANGO_SETTINGS_MODULE": "forum_portal.settings"}
    folder = {"EVIDENCE_FOLDER": str(tmp_path / "evidence")}
    done = python("-c", program, **name, **GOOD, **folder)
    assert done.returncode == 0, done.stderr
    assert set(modes(tmp_path / "evidence").values()) == {0o700, 0o600}
    assert modes(tmp_path / "static") == {"a": 0o755, "a/b": 0o644}


# Object storage ----------------------------------------------------------------------------------

NOTHING = dict.fromkeys(["prefix", "endpoint", "region", "key", "secret"], "") | {"seconds": 4.0}
BUCKET = NOTHING | {"bucket": "portal-files"}


def test_without_a_bucket_there_is_no_object_storage():
    assert object_storage(**NOTHING | {"bucket": ""}) == {}


def test_a_bucket_of_aws_and_one_elsewhere():
    assert object_storage(**BUCKET) == {
        "bucket_name": "portal-files",
        "location": "",
        "endpoint_url": None,
        "region_name": None,
        "access_key": None,
        "secret_key": None,
        "seconds": 4.0,
    }
    found = object_storage(
        bucket="portal-files",
        prefix="one/two/",
        endpoint="http://10.0.0.5:9000",
        region="ap-southeast-1",
        key="name",
        secret="s",
        seconds=1.5,
    )
    assert found["location"] == "one/two"
    assert found["endpoint_url"] == "http://10.0.0.5:9000"
    assert in_bucket(found, "evidence", replaces=False) == {
        "BACKEND": "forum_portal.object_storage.ObjectStorage",
        "OPTIONS": found | {"location": "one/two/evidence", "file_overwrite": False},
    }
    plain = in_bucket(object_storage(**BUCKET), "imports", replaces=True)
    assert plain["OPTIONS"]["location"] == "imports"
    assert plain["OPTIONS"]["file_overwrite"] is True


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"bucket": "A"}, "S3_BUCKET is no name of a bucket (3 to 63 small letters, "),
        ({"bucket": "s3://files"}, "S3_BUCKET is no name of a bucket"),
        ({"prefix": "../up"}, "S3_PREFIX must be words separated by / such as portal/files, not"),
        ({"prefix": "/a"}, "S3_PREFIX must be words"),
        ({"prefix": "a//b"}, "S3_PREFIX must be words"),
        ({"region": "Singapore!"}, "S3_REGION must be a region such as ap-southeast-1, not"),
        ({"endpoint": "minio:9000"}, "S3_ENDPOINT must be https:// or http:// and a host"),
        ({"endpoint": "https://minio/files"}, "S3_ENDPOINT must be"),
        ({"endpoint": "https://minio?x=1"}, "S3_ENDPOINT must be"),
        ({"endpoint": "https://me:geheim@minio"}, "S3_ENDPOINT must be"),
        ({"key": "name"}, "S3_ACCESS_KEY counts only together with S3_SECRET_KEY, which is not"),
        ({"secret": "geheim"}, "S3_SECRET_KEY counts only together with S3_ACCESS_KEY, which is"),
        (
            {"bucket": "", "endpoint": "https://m"},
            "S3_ENDPOINT counts only together with S3_BUCKET",
        ),
        ({"bucket": "", "secret": "geheim"}, "S3_SECRET_KEY counts only together with S3_BUCKET"),
    ],
)
def test_a_wrong_setting_of_object_storage_is_named_and_not_its_secret(said, sentence):
    with pytest.raises(ImproperlyConfigured) as error:
        object_storage(**BUCKET | said)
    thai, english = str(error.value).split(" · ")
    assert english.startswith(sentence)
    assert thai.startswith(english.split()[0])
    assert "geheim" not in str(error.value)


# How the public reaches the office ---------------------------------------------------------------


def told(phone="", email="", address=""):
    return contact(phone=phone, email=email, address=address)


@pytest.mark.parametrize(
    ("phone", "tel"),
    [
        ("0 2659 6399", "+6626596399"),
        ("๐ ๒๖๕๙ ๖๓๙๙ ต่อ ๑๒๓", "+6626596399;ext=123"),
        ("(02) 659-6399", "+6626596399"),
        ("+66 2659 6399 ext. 7", "+6626596399;ext=7"),
        ("1300", "1300"),
        ("", ""),
    ],
)
def test_a_telephone_number_is_shown_as_written_and_linked_as_dialled(phone, tel):
    assert told(phone=f" {phone} ")[:2] == (phone, tel)


@pytest.mark.parametrize(
    ("wrong", "setting"),
    [
        ({"phone": "โทรศัพท์"}, "PORTAL_CONTACT_PHONE"),
        ({"phone": "0 2659 6399, 0 2659 6400 และ 0 2659 6401"}, "PORTAL_CONTACT_PHONE"),
        ({"phone": "javascript:1"}, "PORTAL_CONTACT_PHONE"),
        ({"email": "office"}, "PORTAL_CONTACT_EMAIL"),
        ({"email": "a@example.org?cc=b@example.org"}, "PORTAL_CONTACT_EMAIL"),
        ({"address": "ก" * 301}, "PORTAL_CONTACT_ADDRESS"),
        ({"address": "ก\nข"}, "PORTAL_CONTACT_ADDRESS"),
    ],
)
def test_a_wrong_contact_ends_the_start_and_names_its_setting(wrong, setting):
    with pytest.raises(ImproperlyConfigured, match=setting):
        told(**wrong)


# What the portal says of itself ------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "https://code.example.org/portal",
        "http://code.example.org:8080/portal?tab=readme#top",
        "",
    ],
)
def test_an_address_stands_as_it_was_set(value):
    assert link("SOURCE_URL", f" {value} ", ("https", "http")) == value


@pytest.mark.parametrize(
    "wrong",
    [
        "code.example.org",
        "ftp://code.example.org/",
        "javascript:alert(1)",
        "https://",
        "https://code.example.org/<a>",
        "https://code.example.org/a\nb",
        "https://me:secret@code.example.org/",
        "https://[::1",
        "https://code.example.org:0/",
        "https://ตัวอย่าง.example/",
        "https://code.example.org/" + "a" * 300,
        "mailto:office@example.org",
    ],
)
def test_a_wrong_address_ends_the_start_and_names_its_setting(wrong):
    with pytest.raises(ImproperlyConfigured, match="SOURCE_URL must be https:// and an address"):
        link("SOURCE_URL", wrong)


def test_a_mailbox_is_an_address_only_where_it_may_be():
    assert link("X", "mailto:a@example.org", ("mailto", "https")) == "mailto:a@example.org"
    with pytest.raises(ImproperlyConfigured):
        link("X", "mailto:a", ("mailto", "https"))


def test_a_day_of_expiry_is_less_than_a_year_ahead_and_may_have_passed():
    today = date(2026, 11, 30)
    assert expiry("X", " 2027-11-29 ", today=today) == date(2027, 11, 29)
    assert expiry("X", "2020-01-01", today=today) == date(2020, 1, 1), "it must start again"
    assert expiry("X", "", today=today) is None


@pytest.mark.parametrize("wrong", ["2027-11-30", "30/11/2027", "soon", "2027-11-29T00:00:00Z"])
def test_a_wrong_day_of_expiry_ends_the_start(wrong):
    said = "X must be a day less than a year ahead, like 2027-05-29, not"
    with pytest.raises(ImproperlyConfigured, match=said):
        expiry("X", wrong, today=date(2026, 11, 30))


def test_the_licence_of_the_data_is_a_name_and_a_web_address():
    assert data_licence(" CC BY 4.0 ", "https://creativecommons.org/licenses/by/4.0/") == {
        "name": "CC BY 4.0",
        "url": "https://creativecommons.org/licenses/by/4.0/",
    }


@pytest.mark.parametrize(
    ("name", "url", "setting"),
    [
        ("", "https://example.org/", "DATA_LICENSE_NAME"),
        ("a\nb", "https://example.org/", "DATA_LICENSE_NAME"),
        ("Ours", "", "DATA_LICENSE_URL"),
        ("Ours", "Open Data Common", "DATA_LICENSE_URL"),
        ("Ours", "javascript:alert(1)", "DATA_LICENSE_URL"),
        ("Ours", "ftp://example.org/licence", "DATA_LICENSE_URL"),
    ],
)
def test_a_licence_without_an_address_ends_the_start_and_names_its_setting(name, url, setting):
    with pytest.raises(ImproperlyConfigured, match=setting):
        data_licence(name, url)
