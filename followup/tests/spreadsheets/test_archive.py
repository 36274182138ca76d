"""Zips of files: files read, files listed as skipped, and zips refused with a message."""

import io
import random
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from followup.spreadsheets import messages
from followup.spreadsheets.archive import ArchiveLimits, Unpacked, unpack
from followup.spreadsheets.sandbox import read_file
from followup.spreadsheets.types import Unreadable
from followup.tests.spreadsheets.reader.books import DAMAGED, EMPTY, data, raw
from followup.tests.spreadsheets.told import told

SYSTEM = told("F27")


def zipped(*files: tuple[str | zipfile.ZipInfo, bytes], **options: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **{"compression": zipfile.ZIP_DEFLATED} | options) as package:
        for name, content in files:
            package.writestr(name, content)
    return out.getvalue()


def named(raw_name: bytes, content: bytes = b"x", extra: bytes = b"") -> bytes:
    """A zip with one file whose name is these bytes, without the flag for UTF-8."""
    stand_in = b"\x01" * len(raw_name)
    info = zipfile.ZipInfo(stand_in.decode())
    info.extra = extra
    return zipped((info, content)).replace(stand_in, raw_name)


@pytest.fixture
def opened(tmp_path: Path) -> Any:
    def open_(content: bytes, **limits: Any) -> Unpacked:
        path = tmp_path / "upload"
        path.write_bytes(content)
        return unpack(path, "รวม.zip", limits=ArchiveLimits(**limits))

    return open_


@pytest.fixture
def refused(opened: Any) -> Any:
    def refused_(content: bytes, **limits: Any) -> str:
        with pytest.raises(Unreadable) as caught:
            opened(content, **limits)
        return messages.sentence(caught.value.problem)

    return refused_


def test_files_come_out_in_their_order_with_folders_before_their_names(
    opened: Any, tmp_path: Path
) -> None:
    sheet = raw(data("><v>1</v>"))
    found = opened(
        zipped(("ปี 67/", b""), ("ปี 67/กรม ข/ผล.xlsx", sheet), ("ก.CSV", "ก,ข\n".encode()))
    )
    assert [(file.name, file.content) for file in found.files] == [
        ("ปี 67 - กรม ข - ผล.xlsx", sheet),
        ("ก.CSV", "ก,ข\n".encode()),
    ]
    assert found.skipped == []
    path = tmp_path / "one"
    path.write_bytes(found.files[0].content)
    assert read_file(path, name=found.files[0].name).sheets[0].rows == [(1,)]


THAI = "รายงาน.csv"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (zipped((THAI, b"x")), THAI),
        (named(THAI.encode("cp874")), THAI),
        (named(THAI.encode()), THAI),  # macOS
        (named("été.csv".encode("cp437")), "été.csv"),
        (named(b"plain.csv"), "plain.csv"),
        (
            named(
                b"a.csv",
                extra=struct.pack("<HHBI", 0x7075, 5 + len(THAI.encode()), 1, zlib.crc32(b"a.csv"))
                + THAI.encode(),
            ),
            THAI,
        ),
        (
            named(
                b"a.csv",
                extra=struct.pack("<HHBI", 0x7075, 5 + len(THAI.encode()), 1, 7) + THAI.encode(),
            ),
            "a.csv",
        ),
    ],
    ids=["flag", "cp874", "utf-8 unsaid", "cp437", "ascii", "extra", "extra of another name"],
)
def test_names_are_as_typed(opened: Any, content: bytes, name: str) -> None:
    assert [file.name for file in opened(content).files] == [name]


def test_what_is_not_read_is_named_with_its_reason(opened: Any) -> None:
    found = opened(
        zipped(
            ("ก.csv", b"x"),
            ("__MACOSX/._ก.csv", b"x"),
            (".ซ่อน/ข.csv", b"x"),
            (".DS_Store", b"x"),
            ("~$ก.xlsx", b"x"),
            ("Thumbs.db", b"x"),
            ("คำสั่ง.pdf", b"x"),
            ("ไม่มีนามสกุล", b"x"),
        )
    )
    assert [file.name for file in found.files] == ["ก.csv"]
    unsupported = told("F02", ext="{}", list=".xlsx .xlsm .xls .xlsb .ods .csv .tsv .txt .docx")
    assert [(each.name, messages.sentence(each.problem)) for each in found.skipped] == [
        ("__MACOSX - ._ก.csv", SYSTEM),
        (".ซ่อน - ข.csv", SYSTEM),
        (".DS_Store", SYSTEM),
        ("~$ก.xlsx", SYSTEM),
        ("Thumbs.db", SYSTEM),
        ("คำสั่ง.pdf", unsupported.format("pdf")),
        ("ไม่มีนามสกุล", unsupported.format("?")),
    ]


def test_names_that_climb_or_repeat_or_cannot_be_shown(opened: Any) -> None:
    found = opened(
        zipped(
            ("../../etc/ก.csv", b"1"),
            ("C:\\ข\\ค.csv", b"2"),
            ("/ง.csv", b"3"),
            ("ง.csv", b"4"),
            ("จ\u202e\x07.csv", b"5"),
            (f"{'ย' * 300}.csv", b"6"),
        )
    )
    assert [file.name for file in found.files] == [
        "etc - ก.csv",
        "ข - ค.csv",
        "ง.csv",
        "ง (2).csv",
        "จ\ufffd\ufffd.csv",
        f"…{'ย' * 145}.csv",
    ]


def test_a_zip_in_the_zip_is_refused(refused: Any) -> None:
    assert refused(zipped(("ก.csv", b"x"), ("ใน/ข.ZIP", zipped(("ค.csv", b"x"))))) == (
        told("F22", name="ใน - ข.ZIP")
    )


def test_an_encrypted_file_is_refused(refused: Any) -> None:
    content = bytearray(zipped(("ก.csv", b"x")))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(magic) + offset] |= 1
    assert refused(bytes(content)) == (told("F25", name="ก.csv"))


def test_too_many_files_are_refused(opened: Any, refused: Any) -> None:
    files = [(f"{n}.csv", b"x") for n in range(101)]
    sentence = told("F23", max="100")
    assert len(opened(zipped(*files[1:])).files) == 100
    assert refused(zipped(*files)) == sentence
    assert refused(zipped(*[(f".{n}", b"") for n in range(1001)])) == sentence


def test_a_list_of_half_a_million_entries_is_not_read(
    refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"PK\x01\x02" * 50_001
    monkeypatch.setattr("zipfile.ZipFile", lambda path: pytest.fail("it was read"))
    assert refused(content).startswith("ในไฟล์ zip มีไฟล์มากเกินไป รับได้ไม่เกิน 100 ไฟล์")


def test_a_bomb_costs_a_sentence(refused: Any, opened: Any) -> None:
    bomb = zipped(*[(f"{n}.csv", b"\0" * (19 * 2**20)) for n in range(4)])
    assert len(bomb) < 100_000
    assert refused(bomb) == told("F24", mb="64")
    large = opened(zipped(("ใหญ่.csv", b"\0" * (21 * 2**20)), ("เล็ก.csv", b"x")))
    assert [file.name for file in large.files] == ["เล็ก.csv"]
    assert [(each.name, messages.sentence(each.problem)) for each in large.skipped] == [
        ("ใหญ่.csv", told("F03", mb="20"))
    ]


def test_sizes_are_counted_and_not_believed(refused: Any) -> None:
    """The zip says 10 bytes. zipfile stops there, and the checksum gives it away."""
    content = zipped(("ก.csv", b"\0" * 5_000_000))
    lie = content.replace(struct.pack("<I", 5_000_000), struct.pack("<I", 10))
    assert refused(lie) == (told("F28", name="ก.csv"))


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_methods_that_take_memory_are_not_tried(refused: Any, method: int) -> None:
    assert refused(zipped(("ก.csv", b"x" * 1000), compression=method)) == (
        told("F28", name="ก.csv")
    )


def test_a_zip_without_anything_to_read(refused: Any) -> None:
    assert refused(b"") == EMPTY
    assert refused(zipped()) == EMPTY
    assert refused(zipped(("โฟลเดอร์/", b""))) == EMPTY
    assert refused(zipped(("ก.pdf", b"x"), ("ข.jpg", b"x"))) == (
        told("F26", skipped="ก.pdf, ข.jpg", list=".xlsx .xlsm .xls .xlsb .ods .csv .tsv .txt .docx")
    )


def test_what_is_no_zip(refused: Any) -> None:
    good = zipped(("ก.csv", b"x" * 1000))
    for content in (b"Rar!\x1a\x07\x00", good[:60], good[:-30], b"\0" * 99):
        assert refused(content) == DAMAGED


def test_damaged_zips_are_files_or_a_sentence(opened: Any) -> None:
    chance = random.Random(2569)
    good = zipped(("ก.csv", b"x,y\n" * 500), (f"ข/{THAI}", bytes(range(256))), ("a.xlsx", b"PK"))
    outcomes = set()
    for _ in range(300):
        damaged = bytearray(good)
        for _ in range(chance.choice((1, 3, 20))):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        del damaged[chance.choice((len(damaged), chance.randrange(len(damaged)))) :]
        try:
            opened(bytes(damaged))
            outcomes.add("read")
        except Unreadable as error:
            messages.sentence(error.problem)
            outcomes.add(error.problem.code)
    assert {"F01", "F28"} <= outcomes
