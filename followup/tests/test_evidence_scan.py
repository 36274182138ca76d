"""Evidence and a virus scanner: infected files are refused, and files that could not be scanned."""

import socket
import threading
from contextlib import contextmanager

import pytest

from followup.evidence import Rejected, inspect
from followup.tests.files import picture, upload

pytestmark = pytest.mark.faults

INFECTED = "“ก.png” มีไวรัสหรือโปรแกรมอันตราย ตรวจเครื่องของท่าน แล้วแนบไฟล์ที่สะอาด"
IMPOSSIBLE = "“ก.png” ยังตรวจไวรัสไม่ได้ขณะนี้ จึงไม่ได้รับไฟล์ แนบอีกครั้งภายหลัง หรือวางเป็นลิงก์"


@contextmanager
def scanner(answer, path=None):
    """A clamd that answers `answer` to whatever it is sent; yields its address and what it was sent."""
    server = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
    server.bind(str(path) if path else ("127.0.0.1", 0))
    server.listen()
    server.settimeout(10)
    received = []
    over = threading.Event()

    def serve():
        line, _address = server.accept()
        with line, line.makefile("rb") as stream:
            line.settimeout(10)
            received.append(stream.read(10))
            while size := int.from_bytes(stream.read(4), "big"):
                received.append(stream.read(size))
            if answer is None:
                over.wait(10)
            else:
                line.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield (str(path) if path else f"127.0.0.1:{server.getsockname()[1]}"), received
    finally:
        over.set()
        thread.join(10)
        server.close()


def refusal():
    with pytest.raises(Rejected) as refused:
        inspect(upload(picture("PNG"), "ก.png"))
    return str(refused.value)


def test_without_a_setting_nobody_is_asked(settings):
    assert settings.CLAMAV_ADDRESS == ""
    inspect(upload(picture("PNG"), "ก.png"))


@pytest.mark.parametrize("unix", [False, True])
def test_a_clean_file_is_taken_after_the_whole_of_it_was_scanned(settings, tmp_path, unix):
    content = picture("PNG", (300, 300), compress_level=0)
    assert len(content) > 2 * 2**16
    with scanner(b"stream: OK\0", tmp_path / "clamd" if unix else None) as (address, received):
        settings.CLAMAV_ADDRESS = address
        inspect(upload(content, "ก.png"))
    assert received[0] == b"zINSTREAM\0"
    assert b"".join(received[1:]) == content


def test_an_infected_file_is_refused(settings):
    with scanner(b"stream: Win.Test.EICAR_HDB-1 FOUND\0") as (settings.CLAMAV_ADDRESS, _received):
        assert refusal() == INFECTED


@pytest.mark.parametrize(
    "answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OK?\0"]
)
def test_what_the_scanner_did_not_clear_is_refused(settings, answer):
    with scanner(answer) as (settings.CLAMAV_ADDRESS, _received):
        assert refusal() == IMPOSSIBLE


def test_a_scanner_that_does_not_answer_in_time_is_not_waited_for(settings):
    settings.CLAMAV_SECONDS = 0.2
    with scanner(None) as (settings.CLAMAV_ADDRESS, _received):
        assert refusal() == IMPOSSIBLE


@pytest.mark.parametrize("address", ["/nowhere/clamd.sock", "127.0.0.1:1", "clamd", "clamd:a"])
def test_a_scanner_that_is_not_there_means_no_upload(settings, address):
    settings.CLAMAV_ADDRESS = address
    assert refusal() == IMPOSSIBLE
