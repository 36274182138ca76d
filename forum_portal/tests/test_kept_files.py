"""Files made once and served from disk: whole, in part, compressed, or not at all if unchanged."""

import gc
import gzip
import re

import brotli
import pytest
from django.core.signals import request_finished
from django.test import RequestFactory

from forum_portal import kept_files

TEXT = "ข้อเสนอที่ 1,บรรลุแล้ว\r\n".encode() * 5000


@pytest.fixture
def folder(settings, tmp_path):
    settings.KEPT_FILES = tmp_path / "files"
    return settings.KEPT_FILES


@pytest.fixture
def file(folder):
    return kept_files.kept("list", "1", "csv", lambda: [TEXT[:1000], TEXT[1000:]], packed=True)


@pytest.fixture
def ask(db):
    """Ask for a file as a browser does; what was answered is closed with the test.

    Closing looks after the connection to the database, if an earlier test has left one open.
    """
    answers = []

    def asked(file, method="get", **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        request = getattr(RequestFactory(), method)("/list.csv", headers=headers)
        answers.append(kept_files.send(request, file, "text/csv"))
        return answers[-1]

    yield asked
    for answer in answers:
        answer.close()


def test_a_file_is_made_once_for_a_key(folder, file):
    def never():
        raise AssertionError("it is there")

    assert kept_files.kept("list", "1", "csv", never, packed=True) == file
    assert file.path.read_bytes() == TEXT
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_new_key_replaces_it_and_leaves_files_of_other_names(folder, file):
    other = kept_files.kept("list_2567", "1", "csv", lambda: [b"other"], packed=False)
    sheet = kept_files.kept("list", "1", "xlsx", lambda: [b"sheet"], packed=False)
    newer = kept_files.kept("list", "2", "csv", lambda: [b"new"], packed=True)
    assert not file.path.exists()
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        path.name
        for each in (other, sheet, newer)
        for path in (each.path, each.beside("br"), each.beside("gzip"))
        if path.exists()
    )
    assert len(list(folder.iterdir())) == 5


def test_who_reads_a_file_that_is_replaced_reads_it_to_its_end(ask, file):
    response = ask(file)
    kept_files.kept("list", "2", "csv", lambda: [b"new"], packed=True)
    assert response.getvalue() == TEXT


@pytest.mark.faults
def test_what_breaks_while_it_is_made_leaves_nothing(folder):
    def broken():
        yield b"half"
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        kept_files.kept("list", "1", "csv", broken, packed=True)
    assert list(folder.iterdir()) == []
    assert kept_files.kept("list", "1", "csv", lambda: [b"whole"], packed=True).path.exists()


def test_the_tag_is_that_of_the_content_on_every_machine(folder, file, settings, tmp_path):
    settings.KEPT_FILES = tmp_path / "another"
    other = kept_files.kept("list", "1", "csv", lambda: [TEXT], packed=True)
    assert other.etag() == file.etag()
    assert other.beside("gzip").read_bytes() == file.beside("gzip").read_bytes()
    changed = kept_files.kept("list", "3", "csv", lambda: [TEXT[1:]], packed=True)
    assert changed.etag() != file.etag()


def test_it_is_sent_compressed_as_the_reader_takes_it(ask, file):
    plain, br = ask(file), ask(file, accept_encoding="gzip, deflate, br;q=0.5")
    gz = ask(file, accept_encoding="gzip, br;q=0")
    assert plain.getvalue() == TEXT
    assert "Content-Encoding" not in plain
    assert (br["Content-Encoding"], gz["Content-Encoding"]) == ("br", "gzip")
    packed = br.getvalue()
    assert brotli.decompress(packed) == TEXT
    assert gzip.decompress(gz.getvalue()) == TEXT
    assert int(br["Content-Length"]) == len(packed) < len(TEXT) / 50
    assert len({each["ETag"] for each in (plain, br, gz)}) == 3
    assert all(each["Vary"] == "Accept-Encoding" for each in (plain, br, gz))
    assert ask(file, accept_encoding="*")["Content-Encoding"] == "br"
    assert "Content-Encoding" not in ask(file, accept_encoding="identity")


def test_an_unchanged_file_is_not_sent_again(ask, file):
    for encoding in ("", "br"):
        tag = ask(file, accept_encoding=encoding)["ETag"]
        response = ask(file, accept_encoding=encoding, if_none_match=f'"x", {tag}')
        assert response.status_code == 304
        assert response["ETag"] == tag
        assert response.getvalue() == b""
    assert ask(file, if_none_match='"x"').status_code == 200
    assert ask(file, if_match='"x"').status_code == 412


def test_head_tells_the_length_and_opens_no_file(ask, file):
    response = ask(file, "head")
    assert (response["Content-Length"], response.getvalue()) == (str(len(TEXT)), b"")
    assert response["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("wanted", "begin", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=100-", 100, None),
        ("bytes=-7", -7, None),
        ("bytes=5-999999999", 5, None),
    ],
)
def test_a_part_is_sent_as_it_was_asked_for(ask, file, wanted, begin, end):
    response = ask(file, range=wanted, accept_encoding="br")
    assert response.status_code == 206
    content = response.getvalue()
    assert content == TEXT[begin:end]
    assert response["Content-Length"] == str(len(content))
    first, last, size = map(int, re.findall(r"\d+", response["Content-Range"]))
    assert (TEXT[first : last + 1], size) == (content, len(TEXT))


def test_a_part_that_is_not_there_is_told_and_one_that_makes_no_sense_is_passed_over(ask, file):
    response = ask(file, range=f"bytes={len(TEXT)}-")
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{len(TEXT)}")
    for wanted in ("bytes=9-5", "bytes=a-b", "lines=1-2", "bytes=-", "bytes=0-1,4-5"):
        assert ask(file, range=wanted).status_code == 200


def test_a_part_of_a_file_that_has_changed_since_is_the_whole_new_one(ask, file):
    assert ask(file, range="bytes=0-9", if_range=file.etag()).status_code == 206
    assert ask(file, range="bytes=0-9", if_range='"older"').getvalue() == TEXT


@pytest.mark.faults
def test_a_file_that_another_process_removes_in_between_is_made_again(db, folder, file):
    found = [file]

    def find():
        return (
            found.pop()
            if found
            else kept_files.kept("list", "1", "csv", lambda: [TEXT], packed=True)
        )

    file.path.unlink()
    file.beside("br").unlink()
    response = kept_files.serve(RequestFactory().get("/list.csv"), find, "text/csv")
    assert response.getvalue() == TEXT
    response.close()


def test_an_answer_that_nobody_reads_ends_no_request_when_it_is_collected(file):
    """The signal closes the database connection, of whoever runs at that moment."""
    ended = []

    def note(**_about):
        ended.append(True)

    request_finished.connect(note)
    try:
        answer = kept_files.send(RequestFactory().get("/list.csv"), file, "text/csv")
        answer.file_to_stream.close = answer.close  # as Django does for wsgi.file_wrapper
        del answer
        gc.collect()
    finally:
        request_finished.disconnect(note)
    assert ended == []
