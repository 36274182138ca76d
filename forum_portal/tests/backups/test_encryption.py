"""Encrypted backups: through age and gpg, as a stream."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from forum_portal.backups import encryption, reading
from forum_portal.backups.encryption import encrypted, kind_of, program_for
from forum_portal.backups.refused import Refused
from forum_portal.backups.whole_file import whole_file
from forum_portal.tests.backups.test_archive import CONTENT, written

pytestmark = pytest.mark.security

OWNER = "backup@example.org"


@pytest.fixture
def gpg(monkeypatch, require):
    """A keyring with one key, and an agent that ends with the test."""
    require(shutil.which("gpg"), "gpg is not installed")
    folder = tempfile.mkdtemp(prefix="gpg-")  # a socket's path is short
    monkeypatch.setenv("GNUPGHOME", folder)
    make = ["gpg", "--batch", "--passphrase", "", "--quick-generate-key", OWNER, "future-default"]
    subprocess.run([*make, "default", "never"], check=True, capture_output=True)
    yield OWNER
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def age(tmp_path):
    if not shutil.which("age"):
        pytest.skip("age is not installed")
    identity = tmp_path / "identity"
    subprocess.run(["age-keygen", "-o", identity], check=True, capture_output=True)
    told = subprocess.run(
        ["age-keygen", "-y", identity], check=True, capture_output=True, text=True
    )
    return told.stdout.strip(), identity


def encrypt(path: Path, *recipients: str) -> None:
    with whole_file(path) as file, encrypted(file, recipients) as sink:
        sink.write(written())


def read(path: Path, identity: Path | None = None) -> dict[str, bytes]:
    with reading.opened(path, identity=identity) as archive:
        return {name: b"".join(archive.chunks(name)) for name in archive.manifest.members}


def test_without_a_recipient_it_is_plain(tmp_path):
    encrypt(tmp_path / "b.tar")
    assert (tmp_path / "b.tar").read_bytes() == written()
    assert read(tmp_path / "b.tar") == CONTENT


def test_with_gpg_and_back(tmp_path, gpg):
    path = tmp_path / "b.tar.gpg"
    encrypt(path, gpg)
    assert b"database.sqlite3" not in path.read_bytes()
    with path.open("rb") as file:
        assert kind_of(file) == "gpg"
    assert read(path) == CONTENT
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    with pytest.raises(Refused, match="gpg failed"):
        read(path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(Refused, match="gpg failed"):
        read(path)


def test_an_unknown_key_of_gpg_is_not_fetched_and_leaves_nothing(tmp_path, gpg):
    stranger = "nobody@example.org"

    def write_much():
        with whole_file(tmp_path / "b") as file, encrypted(file, [stranger]) as sink:
            for _each in range(1000):  # more than the pipe holds, so that writing fails as well
                sink.write(bytes(65536))

    with pytest.raises(Refused, match=f"gpg failed: gpg: {stranger}: skipped: No public key"):
        encrypt(tmp_path / "b.tar.gpg", stranger)
    with pytest.raises(Refused, match="gpg failed"):
        write_much()
    assert list(tmp_path.iterdir()) == []


def test_with_age_and_back(tmp_path, age):
    recipient, identity = age
    path = tmp_path / "b.tar.age"
    encrypt(path, recipient)
    assert b"database.sqlite3" not in path.read_bytes()
    assert read(path, identity) == CONTENT
    with pytest.raises(Refused, match="Name the file of its key with --identity"):
        read(path)
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data)
    with pytest.raises(Refused, match="age failed"):
        read(path, identity)


@pytest.mark.parametrize(
    ("recipient", "program"), [("age1qqq", "age"), ("ssh-ed25519 AAAA", "age"), ("0xABCD", "gpg")]
)
def test_a_missing_program_is_told(monkeypatch, recipient, program):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(Refused, match=f"The program {program} is not installed"):
        program_for([recipient])


def test_recipients_of_two_kinds_are_refused():
    with pytest.raises(Refused, match="All recipients must be of age, or all of gpg"):
        program_for(["age1qqq", "0xABCD"])


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"age-encryption.org/v1\n", "age"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----\n", "age"),
        (b"-----BEGIN PGP MESSAGE-----\n", "gpg"),
        (b"\x84\x5e\x03", "gpg"),
        (b"database.sqlite3\0\0", ""),
        (b"", ""),
    ],
)
def test_the_kind_is_seen_by_the_first_bytes(tmp_path, head, kind):
    path = tmp_path / "file"
    path.write_bytes(head)
    with path.open("rb") as file:
        assert kind_of(file) == kind


def test_age_without_its_key_is_told_before_it_is_asked(tmp_path):
    path = tmp_path / "b"
    path.write_bytes(b"age-encryption.org/v1\n")
    with path.open("rb") as file, pytest.raises(Refused, match="--identity"):
        encryption.decrypt(file, file)
