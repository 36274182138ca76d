"""Uploads of the admin that wait for their confirmation: under names that only the portal can sign."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import signing
from django.utils import timezone

from forum_portal.import_storage import MAX_AGE, SALT, OwnTempStorage

CONTENT = "code,name_th\nX,กรม\n".encode("cp874")


@pytest.fixture
def kept(settings, tmp_path):
    settings.IMPORT_FOLDER = tmp_path / "imports"
    storage = OwnTempStorage()
    storage.save(CONTENT)
    return storage


def test_an_upload_comes_back_byte_by_byte(kept, settings):
    assert OwnTempStorage(name=kept.name).read() == CONTENT
    [path] = settings.IMPORT_FOLDER.iterdir()
    assert re.fullmatch("[0-9a-f]{32}", path.name), "a name that tells nothing"
    assert settings.IMPORT_FOLDER.stat().st_mode & 0o777 == 0o700


def test_another_host_reads_it_and_whoever_confirms_it_removes_it(bucket, settings, tmp_path):
    settings.IMPORT_FOLDER = tmp_path / "first"
    storage = OwnTempStorage()
    storage.save(CONTENT)
    settings.IMPORT_FOLDER = tmp_path / "second"
    assert OwnTempStorage(name=storage.name).read() == CONTENT
    assert len(bucket.keys()) == 1
    OwnTempStorage(name=storage.name).remove()
    assert bucket.keys() == set()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", None, "../../etc/passwd", "a" * 32])
def test_a_name_that_nobody_signed_opens_nothing(kept, name):
    with pytest.raises(signing.BadSignature):
        OwnTempStorage(name=name).read()


def test_a_signature_for_another_purpose_opens_nothing(kept):
    stem = signing.loads(kept.name, salt=SALT)
    with pytest.raises(signing.BadSignature):
        OwnTempStorage(name=signing.dumps(stem, salt="elsewhere")).read()


def test_a_name_is_good_for_a_day(kept):
    with time_machine.travel(timezone.now() + timedelta(seconds=MAX_AGE - 5), tick=False):
        assert OwnTempStorage(name=kept.name).read() == CONTENT
    with (
        time_machine.travel(timezone.now() + timedelta(seconds=MAX_AGE + 5), tick=False),
        pytest.raises(signing.SignatureExpired),
    ):
        OwnTempStorage(name=kept.name).read()
