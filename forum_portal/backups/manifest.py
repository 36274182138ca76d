"""What a backup says of itself: where it comes from, and the hash of everything in it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from forum_portal.backups.refused import Refused

#: Of the file's form. A reader refuses a higher one.
FORMAT = 1


class Member(NamedTuple):
    """A member of the archive: its bytes, and their SHA-256."""

    size: int
    sha256: str


class Table(NamedTuple):
    """A table's content: see `content.content_of`."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    made_at: str  # ISO 8601, UTC
    version: str  # of the portal's code
    engine: str  # sqlite or postgresql
    program: str  # the version of what made the copy: SQLite's, or pg_dump's
    database: str  # the member that is the database
    migrations: list[str]  # app.name, applied
    secret_key: str  # its fingerprint
    settings: dict[str, str]  # those that others have seen, and that no backup brings back
    tables: dict[str, Table]
    #: Names of files that rows refer to and that were lost or changed before the backup.
    lost: list[str] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)

    def as_json(self) -> bytes:
        data = {"format": FORMAT} | asdict(self)
        data["tables"] = {name: each._asdict() for name, each in self.tables.items()}
        data["members"] = {name: each._asdict() for name, each in self.members.items()}
        return json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"

    @classmethod
    def of_json(cls, text: bytes) -> Manifest:
        """The manifest that `as_json` wrote; raises Refused for any other text."""
        try:
            data: dict[str, Any] = json.loads(text)
            written_as = int(data.pop("format"))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise _unreadable() from error
        if written_as > FORMAT:
            raise Refused(
                _("ไฟล์สำรองนี้มาจากระบบรุ่นใหม่กว่า (รูปแบบ %(n)s) ติดตั้งรุ่นนั้นก่อน") % {"n": written_as},
                f"The backup was made by a newer version (format {written_as}). Install that first.",
            )
        try:
            data["tables"] = {name: Table(**each) for name, each in data["tables"].items()}
            data["members"] = {name: Member(**each) for name, each in data["members"].items()}
            return cls(**data)
        except (TypeError, KeyError, AttributeError) as error:
            raise _unreadable() from error


def _unreadable() -> Refused:
    return Refused(
        _("ไฟล์สำรองเสียหาย: อ่านรายการ manifest.json ไม่ได้"),
        "The backup is damaged: its manifest.json cannot be read.",
    )
