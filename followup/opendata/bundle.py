"""Everything in one zip: each dataset as CSV and JSON, what describes them, the licence, a README.

Its bytes depend on the data and its description alone, not on when and where it is made. So its SHA-256
can be published beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.utils.translation import gettext as _
from django.utils.translation import override

from followup.opendata.datasets import DATASETS
from followup.opendata.licences import licence
from followup.opendata.package import (
    PUBLISHER,
    Address,
    FileFacts,
    Release,
    data_package,
    title,
)
from followup.opendata.registry import Column, Dataset
from followup.spreadsheets.exports import Listing, to_csv
from followup.spreadsheets.workbook import Heading, Out
from forum_portal.languages import LANGUAGES
from proposals.models import Forum

ZIP_TYPE = "application/zip"
KINDS = ("csv", "json")  # a workbook has the same rows again
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip can name
_BLOCK = 64 * 1024

Read = Callable[[Dataset, str], Iterable[bytes]]  # the content of a dataset's file


def zipped(
    address: Address, forums: Sequence[Forum], release: Release, read: Read
) -> Iterator[bytes]:
    """The zip in blocks. Every file in it carries the date of the release."""
    with TemporaryFile() as file:
        _write(file, address, forums, release, read)
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block


def facts(blocks: Iterable[bytes]) -> FileFacts:
    """The size and the hash of a file's content."""
    told, size = sha256(), 0
    for block in blocks:
        told.update(block)
        size += len(block)
    return FileFacts(size, told.hexdigest())


def _write(
    file: IO[bytes], address: Address, forums: Sequence[Forum], release: Release, read: Read
) -> None:
    when = release.modified.astimezone(UTC).timetuple()[:6] if release.modified else _EARLIEST

    def counted(content: Iterable[bytes], to: IO[bytes]) -> Iterator[bytes]:
        for block in content:
            to.write(block)
            yield block

    with ZipFile(file, "w", ZIP_DEFLATED) as archive:

        def put(name: str, content: Iterable[bytes]) -> FileFacts:
            info = ZipInfo(name, when)
            info.compress_type = ZIP_DEFLATED
            info.create_system = 3  # Unix, on whatever system it is made
            info.external_attr = 0o644 << 16
            with archive.open(info, "w") as to:
                return facts(counted(content, to))

        written = {
            (dataset.name, kind): put(f"{dataset.name}.{kind}", read(dataset, kind))
            for dataset in DATASETS.values()
            for kind in KINDS
        }
        files = {name: each for (name, kind), each in written.items() if kind == "csv"}
        described = data_package(address, forums, release, files=files)
        put("datapackage.json", [json.dumps(described, ensure_ascii=False, indent=1).encode()])
        put("dictionary.csv", dictionary())
        put("LICENSE.txt", [_licence_text(forums).encode()])
        put("README.md", [_readme(address, forums, release).encode()])


def dictionary() -> Iterable[bytes]:
    """The data dictionary as a table: one row for each column of each dataset."""
    return to_csv(
        Listing(
            "dictionary",
            _DICTIONARY,
            [(dataset, column) for dataset in DATASETS.values() for column in dataset.columns],
        )
    )


def _of(name: str, value: Callable[[Dataset, Column], object]) -> Heading:
    def cell(item: tuple[Dataset, Column]) -> Out:
        found = value(*item)
        if isinstance(found, bool):
            return "true" if found else "false"
        return found if isinstance(found, int) else str(found or "")

    return Heading(name, cell)


_DICTIONARY = (
    _of("dataset", lambda dataset, column: dataset.name),
    _of("dataset_title_th", lambda dataset, column: dataset.title),
    _of("column", lambda dataset, column: column.name),
    _of("title_th", lambda dataset, column: column.title),
    _of("type", lambda dataset, column: column.type.value),
    _of("is_key", lambda dataset, column: column.name == dataset.key),
    _of("is_required", lambda dataset, column: column.is_required),
    _of("refers_to", lambda dataset, column: column.refers_to),
    _of("superseded_by", lambda dataset, column: column.superseded_by),
    _of("choices", lambda dataset, column: " | ".join(column.choices)),
    _of("pattern", lambda dataset, column: column.pattern),
    _of("minimum", lambda dataset, column: column.minimum),
    _of("maximum", lambda dataset, column: column.maximum),
    _of("about_th", lambda dataset, column: column.about),
)


def _in_each(say: Callable[[], str]) -> str:
    """What `say` says in each language, one after the other."""
    said = []
    for language in LANGUAGES:
        with override(language):
            said.append(say())
    return "\n\n".join(said) + "\n"


def _licence_text(forums: Sequence[Forum]) -> str:
    """The notice of the licence. Its text is at its address, for the licence is a setting."""
    return _in_each(
        lambda: (
            _("%(title)s โดย%(publisher)s เผยแพร่ภายใต้สัญญาอนุญาต %(licence)s ข้อความเต็มอยู่ที่ %(url)s")
            % {
                "title": title(forums),
                "publisher": PUBLISHER,
                "licence": licence().name,
                "url": licence().url,
            }
        )
    )


def _readme(address: Address, forums: Sequence[Forum], release: Release) -> str:
    def say() -> str:
        latest = release.latest
        lines = [
            f"# {title(forums)}",
            "",
            _("รุ่น %(version)s ปีงบประมาณล่าสุดที่เผยแพร่: %(year)s")
            % {
                "version": release.version,
                "year": latest.label if latest else _("ยังไม่เผยแพร่"),
            },
            "",
            _("ที่มา: %(address)s ฉบับล่าสุดและค่าตรวจสอบ SHA-256 ของไฟล์นี้อยู่ที่นั่น")
            % {"address": address("/data/")},
            "",
            _(
                "ไฟล์ CSV เป็น UTF-8 ชนิดและความหมายของทุกคอลัมน์อยู่ใน datapackage.json และ dictionary.csv "
                "อ้างมาตรการย่อยด้วย measure_id โปรแกรมตารางอ่าน measure_code 2.10 เป็นเลข 2.1"
            ),
            "",
        ]
        lines += [
            f"- {dataset.name} (.csv, .json): {dataset.title}. {dataset.about}"
            for dataset in DATASETS.values()
        ]
        return "\n".join(lines)

    return _in_each(say)


def check_line(file: FileFacts, name: str) -> bytes:
    """A line that `sha256sum -c` reads."""
    return f"{file.sha256}  {name}\n".encode()
