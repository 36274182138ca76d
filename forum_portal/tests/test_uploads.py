"""Uploads over the limit are dropped on arrival; the rest of the form is kept."""

import tracemalloc

import pytest
from django.test import RequestFactory

from forum_portal.uploads import TooLarge

MB = 1024 * 1024
BOUNDARY = "portalboundary"


class Body:
    """A multipart body whose files of zeros are generated and never held in memory."""

    def __init__(self, *sizes: int) -> None:
        self.parts: list[bytes | int] = []
        for number, size in enumerate(sizes):
            head = f'Content-Disposition: form-data; name="f{number}"; filename="แฟ้ม {number}.pdf"'
            self.parts += [f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode(), size, b"\r\n"]
        for name, text in (("results", "จัดเวที 4 ภาค"), ("do", "draft")):
            head = f'Content-Disposition: form-data; name="{name}"'
            self.parts.append(f"--{BOUNDARY}\r\n{head}\r\n\r\n{text}\r\n".encode())
        self.parts.append(f"--{BOUNDARY}--\r\n".encode())
        self.length = sum(each if isinstance(each, int) else len(each) for each in self.parts)
        self.waiting = b""

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "the whole body was asked for at once"
        while not self.waiting and self.parts:
            part = self.parts.pop(0)
            if isinstance(part, int):
                step = min(part, 64 * 1024)
                self.waiting = bytes(step)
                if part > step:
                    self.parts.insert(0, part - step)
            else:
                self.waiting = part
        given, self.waiting = self.waiting[:size], self.waiting[size:]
        return given

    readline = read


def request_with(body):
    return RequestFactory().generic(
        "POST",
        "/",
        CONTENT_TYPE=f"multipart/form-data; boundary={BOUNDARY}",
        CONTENT_LENGTH=str(body.length),
        **{"wsgi.input": body},
    )


@pytest.fixture
def folder(settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    return tmp_path


def test_a_hundred_megabytes_fill_neither_memory_nor_disk_and_the_form_is_whole(folder):
    request = request_with(Body(100 * MB))
    tracemalloc.start()
    sent = request.POST
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 5 * MB
    assert list(folder.iterdir()) == []
    assert (sent["results"], sent["do"]) == ("จัดเวที 4 ภาค", "draft")
    file = request.FILES["f0"]
    assert isinstance(file, TooLarge)
    assert (file.name, file.size) == ("แฟ้ม 0.pdf", 100 * MB)


def test_without_the_limit_it_would_all_be_kept(folder, settings):
    """Control: without the limit the same upload is kept."""
    settings.FILE_UPLOAD_HANDLERS = settings.FILE_UPLOAD_HANDLERS[1:]
    request = request_with(Body(30 * MB))
    assert request.FILES["f0"].size == 30 * MB
    assert [each.stat().st_size for each in folder.iterdir()] == [30 * MB]
    request.close()


@pytest.mark.parametrize("size", [0, 1000, 3 * MB, 20 * MB])
def test_up_to_the_limit_a_file_arrives_whole(folder, size):
    request = request_with(Body(size))
    file = request.FILES["f0"]
    assert not isinstance(file, TooLarge)
    assert (file.size, len(file.read())) == (size, size)
    request.close()


def test_many_files_together_have_a_limit_too(folder, settings):
    settings.EVIDENCE_MAX_BYTES = MB
    request = request_with(Body(2 * MB, MB, MB, MB, MB, 10))
    dropped = [isinstance(each, TooLarge) for each in request.FILES.values()]
    assert dropped == [True, False, False, False, True, True]
    request.close()
