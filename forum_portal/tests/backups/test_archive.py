"""The file of a backup: every byte of it is known."""

import tarfile
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from io import BytesIO

import pytest

from forum_portal.backups import archive
from forum_portal.backups.archive import MANIFEST, SEAL, Writer, is_safe, whole
from forum_portal.backups.manifest import FORMAT, Manifest, Member, Table
from forum_portal.backups.refused import Refused

pytestmark = pytest.mark.security

CONTENT = {
    "database.sqlite3": b"rows " * 300,
    "evidence/0f": b"%PDF-1.7 of a meeting",
    "evidence/1e": b"",
}
BARE = Manifest(
    made_at="2026-11-20T07:30:00+00:00",
    version="0.1.0",
    engine="sqlite",
    program="3.40.1",
    database="database.sqlite3",
    migrations=["followup.0001_initial"],
    secret_key="0" * 64,
    settings={"TIME_ZONE": "Asia/Bangkok"},
    tables={"followup_round": Table(2, "a" * 64)},
)


def written(
    content: dict[str, bytes] | None = None,
    change: Callable[[Manifest], Manifest] = lambda manifest: manifest,
    before_the_end: Callable[[Writer], object] = lambda writer: None,
) -> bytes:
    """A backup of this content, sealed; its manifest and its members may be changed before that."""
    file = BytesIO()
    writer = Writer(file)
    for name, data in (CONTENT if content is None else content).items():
        writer.add(name, len(data), [data])
    manifest = replace(BARE, members=dict(writer.members))
    before_the_end(writer)
    writer.close(change(manifest).as_json())
    return file.getvalue()


def refusal(data: bytes) -> str:
    """The English sentence with which a file is refused."""
    with pytest.raises(Refused) as refused:
        whole(BytesIO(data))
    return str(refused.value).rpartition(" · ")[2]


def test_what_was_written_is_read():
    read = whole(BytesIO(written()))
    assert {name: b"".join(read.chunks(name)) for name in CONTENT} == CONTENT
    assert read.manifest.members["evidence/0f"] == Member(
        21, sha256(CONTENT["evidence/0f"]).hexdigest()
    )
    assert replace(read.manifest, members={}) == BARE
    assert read.size == len(written())


def test_every_tar_reads_it():
    with tarfile.open(fileobj=BytesIO(written())) as tar:
        assert tar.getnames() == [*CONTENT, MANIFEST, SEAL]
        assert {info.mode for info in tar} == {0o600}
        assert tar.extractfile("evidence/0f").read() == CONTENT["evidence/0f"]


def test_long_names_are_kept():
    content = {"database.sqlite3": b"x", "evidence/" + "ก" * 90: b"y"}
    assert whole(BytesIO(written(content))).manifest.members.keys() == content.keys()


@pytest.mark.parametrize("name", CONTENT)
def test_a_flipped_byte_in_a_member_is_refused_and_the_member_named(name):
    data = bytearray(written({**CONTENT, "evidence/1e": b"z"}))
    with tarfile.open(fileobj=BytesIO(data)) as tar:
        info = tar.getmember(name)
    for place in (info.offset_data, info.offset_data + info.size - 1):
        data[place] ^= 1
        assert refusal(data) == f"The backup is damaged: {name} is not as it was written."
        data[place] ^= 1


def test_a_flipped_byte_anywhere_is_refused():
    """Headers, filling between the members, the manifest, the seal and the end included."""
    data = bytearray(written())
    for place in range(0, len(data), 11):
        data[place] ^= 0x20
        assert refusal(data).startswith("The "), place
        data[place] ^= 0x20
    assert whole(BytesIO(data)), "it was the flipped bytes"


def test_a_byte_between_the_members_is_told():
    data = bytearray(written())
    with tarfile.open(fileobj=BytesIO(data)) as tar:
        info = tar.getmember("evidence/0f")
    data[info.offset_data + info.size] = 1
    assert refusal(data) == "The backup is damaged: the hash of the whole file differs."


@pytest.mark.parametrize("left", [0, 100, 512, 3000, 5000, -1, -1024])
def test_a_file_that_ends_early_is_refused(left):
    assert refusal(written()[:left])


def test_a_file_that_goes_on_is_refused():
    assert refusal(written() + b"\0") == (
        "The backup is damaged: the hash of the whole file differs."
    )


@pytest.mark.parametrize("data", [b"", b"no backup", bytes(20480)])
def test_another_file_is_refused(data):
    assert refusal(data) in {
        "The file is no backup of the portal, or it is damaged.",
        "The backup is not whole: its end is missing or damaged.",
    }


def test_a_missing_member_is_named():
    def forget(manifest):
        return replace(manifest, members={**manifest.members, "evidence/2d": Member(1, "b" * 64)})

    assert refusal(written(change=forget)) == ("The backup is not whole: evidence/2d is missing.")


def test_an_additional_member_is_named():
    sealed = written(before_the_end=lambda writer: writer.add("evidence/new", 1, [b"x"]))
    assert refusal(sealed) == ("The backup has a member that it does not list: evidence/new.")


def test_a_backup_without_a_database_is_refused():
    assert refusal(written({"evidence/0f": b"x"})) == "The backup has no database."


def test_a_member_that_is_there_twice_is_refused():
    sealed = written(before_the_end=lambda writer: writer.add("evidence/0f", 1, [b"x"]))
    assert refusal(sealed) == "The backup has a member twice: evidence/0f."


@pytest.mark.parametrize("name", ["../x", "evidence/../../x", "/etc/x", "evidence//x", "a\\b", "."])
def test_a_path_that_leaves_the_folder_is_refused(name):
    assert refusal(written({**CONTENT, name: b"x"})) == (
        f"The backup has a member that is not safe: {name!r}."
    )


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE]
)
def test_a_link_or_a_folder_is_refused(kind):
    def add_link(writer):
        info = tarfile.TarInfo("evidence/link")
        info.type, info.linkname = kind, "/etc/passwd"
        writer._write(info.tobuf(tarfile.GNU_FORMAT))

    assert refusal(written(before_the_end=add_link)) == (
        "The backup has a member that is not safe: 'evidence/link'."
    )


def test_a_newer_form_is_told():
    data = written()
    newer = data.replace(f'"format": {FORMAT}'.encode(), f'"format": {FORMAT + 1}'.encode())
    assert (
        refusal(newer) == "The backup was made by a newer version (format 2). Install that first."
    )


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": 1, "members": 3}']
)
def test_a_manifest_that_cannot_be_read_is_told(text):
    with pytest.raises(Refused, match=r"manifest\.json cannot be read"):
        Manifest.of_json(text)


def test_a_member_that_is_not_as_long_as_it_said_is_an_error():
    with pytest.raises(ValueError, match="x has 3 bytes, not 4"):
        Writer(BytesIO()).add("x", 4, [b"abc"])


def test_what_changes_after_the_check_is_refused_as_well():
    file = BytesIO(written())
    read = whole(file)
    file.getbuffer()[512] ^= 1  # the first byte of the first member
    with pytest.raises(Refused, match=r"database\.sqlite3 is not as it was written"):
        list(read.chunks("database.sqlite3"))


def test_members_are_read_side_by_side(monkeypatch):
    monkeypatch.setattr(archive, "_CHUNK", 7)
    read = whole(BytesIO(written()))
    pairs = zip(read.chunks("evidence/0f"), read.chunks("database.sqlite3"), strict=False)
    assert list(pairs)[1] == (b"7 of a ", b"ws rows")


@pytest.mark.parametrize(
    ("name", "safe"), [("evidence/ก.pdf", True), ("a/..b", True), ("a\n", False)]
)
def test_what_is_a_safe_name(name, safe):
    assert is_safe(name) is safe
