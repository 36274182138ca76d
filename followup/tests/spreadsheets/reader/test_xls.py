"""What the records of an .xls say and calamine does not; its container is a file system in a file."""

import io
import struct

import pytest

from followup.spreadsheets.reader.limits import Damaged, Limits
from followup.spreadsheets.reader.xls import _Container, scan_xls

SECTOR = 512
END = 0xFFFFFFFE
FREE = 0xFFFFFFFF


def entry(name, kind, first, size):
    coded = name.encode("utf-16-le")
    return (
        coded.ljust(64, b"\0")
        + struct.pack("<HB", len(coded) + 2 if name else 0, kind)
        + bytes(49)
        + struct.pack("<III", first, size, 0)
    )


def container(stream, *, name="Workbook", fat=None):
    """An OLE file: sector 0 its table, 1 its directory, then the stream, long enough for sectors."""
    stream = stream.ljust(max(4096, len(stream)), b"\0")
    count = -(-len(stream) // SECTOR)
    table = fat or [END - 1, END, *range(3, 2 + count), END]
    table += [FREE] * (SECTOR // 4 - len(table))
    header = bytearray(SECTOR)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HH", header, 30, 9, 6)
    struct.pack_into("<IIII", header, 48, 1, 0, 4096, END)
    struct.pack_into("<I", header, 68, END)
    struct.pack_into("<109I", header, 76, 0, *[FREE] * 108)
    directory = (entry("Root Entry", 5, END, 0) + entry(name, 2, 2, len(stream))).ljust(
        SECTOR, b"\0"
    )
    return bytes(header) + struct.pack(f"<{len(table)}I", *table) + directory + stream


def test_a_stream_is_found_by_its_name_whatever_its_case():
    found = _Container(container(b"abc" * 2000, name="WORKBOOK")).stream("Workbook", "Book")
    assert found.startswith(b"abcabc")
    assert len(found) == 6000


def test_an_older_workbook_has_another_name():
    assert _Container(container(b"old", name="Book")).stream("Workbook", "Book").startswith(b"old")


def test_a_container_without_a_workbook_is_damage():
    with pytest.raises(Damaged):
        _Container(container(b"x", name="WordDocument")).stream("Workbook", "Book")


@pytest.mark.parametrize("length", [0, 40, 100, 511])
def test_a_container_cut_short_is_damage(length):
    with pytest.raises(Damaged):
        _Container(container(b"x")[:length])


@pytest.mark.parametrize(
    "chain",
    [
        [END - 1, END, 2],  # the stream's sector follows itself
        [END - 1, END, 3, 2],  # a ring of two
        [END - 1, END, 90_000],  # a sector that is not there
    ],
)
def test_a_chain_of_sectors_that_does_not_end_is_damage(chain):
    with pytest.raises(Damaged):
        _Container(container(b"x", fat=chain)).stream("Workbook")


def test_records_that_are_none_are_damage_or_no_sheet():
    with pytest.raises(Damaged):
        scan_xls(io.BytesIO(b"\xd0\xcf\x11\xe0" + bytes(600)), Limits())
