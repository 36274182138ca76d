"""`manage.py copy_evidence`: into object storage and back, and what it says."""

from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from followup.models import Evidence
from followup.tests import files
from followup.tests.evidence_files import make

KEPT = "one/portal/evidence/"


@pytest.fixture
def folder(settings, tmp_path, bucket):
    settings.STORAGES = settings.STORAGES | {
        "evidence-folder": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "evidence")},
        }
    }
    yield storages["evidence-folder"]
    bucket.close()


def say(direction):
    out, err = StringIO(), StringIO()
    try:
        call_command("copy_evidence", direction, stdout=out, stderr=err)
        ended = ""
    except CommandError as error:
        ended = str(error)
    told = [line.rpartition(" · ")[2] for line in out.getvalue().splitlines()]
    return told, err.getvalue().splitlines(), ended


def test_there_and_back(folder, bucket, open_round, people, tmp_path):
    make(open_round, people, [files.piece()])
    name = Evidence.objects.get().file.name
    assert say("to-folder") == (["1 files copied, 0 were there already"], [], "")
    assert (tmp_path / "evidence" / name).read_bytes() == files.PDF
    bucket.client.delete_object(Bucket=bucket.name, Key=KEPT + name)
    assert say("to-s3") == (["1 files copied, 0 were there already"], [], "")
    assert bucket.get(KEPT + name) == files.PDF
    assert say("to-s3") == (["0 files copied, 1 were there already"], [], "")


def test_it_names_what_it_did_not_copy_and_fails(folder, bucket, open_round, people):
    make(open_round, people, [files.piece(), files.piece(files.pdf(11))])
    changed, lost = Evidence.objects.values_list("file", flat=True)
    for name in (changed, lost):
        bucket.client.delete_object(Bucket=bucket.name, Key=KEPT + name)
    folder.save(changed, ContentFile(b"changed"))
    folder.save("other", ContentFile(b"mine"))
    bucket.put(KEPT + "other", b"theirs")
    told, wrong, ended = say("to-s3")
    assert told == ["0 files copied, 0 were there already"]
    assert wrong == [
        f"{changed}: ไม่ตรงกับค่าแฮชในแถว · differs from the hash in its row",
        "other: ปลายทางมีไฟล์ชื่อนี้ที่เนื้อหาต่างกัน · the other place has another file of this name",
        f"{lost}: มีแถวอ้างถึงแต่ไม่มีทั้งสองที่ · a row names it, and neither place has it",
    ]
    assert ended == "ยังมีไฟล์ที่ไม่ได้คัดลอก · Some files were not copied."
    assert bucket.get(KEPT + "other") == b"theirs"


def test_without_a_bucket_it_says_what_is_missing(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "evidence": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        }
    }
    assert say("to-s3") == ([], [], "ต้องตั้งค่า S3_BUCKET · S3_BUCKET must be set")
