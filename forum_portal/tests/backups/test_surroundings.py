"""What a backup needs around it: the same key, no newer version."""

from dataclasses import replace

import pytest
from django.db import connection

from forum_portal.backups import surroundings
from forum_portal.backups.refused import Refused
from forum_portal.tests.backups.test_archive import BARE


def manifest(**changes):
    now = {
        "secret_key": surroundings.fingerprints()[0],
        "settings": surroundings.told_settings(),
        "migrations": sorted(surroundings._of_code()),
    }
    return replace(BARE, **now | changes)


def test_nothing_is_told_of_the_same_settings():
    assert surroundings.differences(manifest()) == []


@pytest.mark.security
def test_the_fingerprint_tells_the_key_apart_and_not_the_key(settings):
    [own] = surroundings.fingerprints()
    assert settings.SECRET_KEY not in own
    settings.SECRET_KEY_FALLBACKS = ["another" * 9]
    assert surroundings.fingerprints()[0] == own
    settings.SECRET_KEY = "a third one" * 9
    assert own not in surroundings.fingerprints()


def test_another_key_is_told(settings):
    made = manifest()
    settings.SECRET_KEY = "another"
    [said] = surroundings.differences(made)
    assert "This is another SECRET_KEY than the backup's: links" in said
    assert said.startswith("SECRET_KEY ไม่ใช่ของไฟล์สำรองนี้")
    settings.SECRET_KEY_FALLBACKS = ["only-for-tests" * 5]
    assert surroundings.differences(made) == [], "the former key still opens everything"


def test_another_setting_that_others_have_seen_is_told():
    before = surroundings.told_settings() | {"FEED_AUTHORITY": "forum.example.org", "GONE": "1"}
    [said] = surroundings.differences(manifest(settings=before))
    assert said.endswith(
        "The setting FEED_AUTHORITY was 'forum.example.org', and is '127.0.0.1' now."
    )


def test_migrations_of_this_code_are_no_newer_ones():
    surroundings.refuse_newer(manifest())
    assert surroundings.missing_migrations(manifest()) == []


def test_an_unknown_migration_is_refused():
    with pytest.raises(Refused, match=r"newer than .*\(followup\.9999_next\)"):
        surroundings.refuse_newer(manifest(migrations=["followup.9999_next"]))


@pytest.mark.parametrize("version", ["99.0", "0.99.0", "0.1.0.1"])
def test_a_newer_version_is_refused(monkeypatch, version):
    monkeypatch.setattr(surroundings, "VERSION", "0.1.0")
    surroundings.refuse_newer(manifest(version="0.1.0"))
    surroundings.refuse_newer(manifest(version="0.0.99"))
    with pytest.raises(
        Refused, match=f"The backup is of version {version}, which is newer than 0.1.0"
    ):
        surroundings.refuse_newer(manifest(version=version))


def test_what_an_earlier_version_lacks_is_named():
    made = manifest()
    made.migrations.remove("followup.0032_search")
    assert surroundings.missing_migrations(made) == ["followup.0032_search"]


def test_joined_migrations_are_known_by_the_names_that_they_replace(monkeypatch):
    monkeypatch.setattr(surroundings, "_of_code", lambda: {"a.0001_joined": {"a.0001", "a.0002"}})
    assert surroundings.known() == {"a.0001_joined", "a.0001", "a.0002"}
    assert surroundings.missing_migrations(manifest(migrations=["a.0001", "a.0002"])) == []
    assert surroundings.missing_migrations(manifest(migrations=["a.0001"])) == ["a.0001_joined"]


def test_what_a_database_has_applied(db):
    assert surroundings.applied(connection) == sorted(surroundings._of_code())
