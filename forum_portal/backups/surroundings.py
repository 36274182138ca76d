"""What a backup needs around it and does not hold: the code's version, its migrations, the settings."""

from __future__ import annotations

import re

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _

from forum_portal.backups.content import rows_of, tables_of
from forum_portal.backups.manifest import Manifest
from forum_portal.backups.refused import Refused
from forum_portal.keys import hmacs
from forum_portal.version import VERSION

#: Settings that others have seen, in links, feeds and files: another value is told, not refused.
TOLD = ("PORTAL_URL", "FEED_AUTHORITY", "PORTAL_DUTY", "PORTAL_ITEM_NOUN", "TIME_ZONE")


def fingerprints() -> list[str]:
    """By which a SECRET_KEY is known again, and from which nobody computes it; today's first."""
    return hmacs("forum_portal.backups", "SECRET_KEY")


def told_settings() -> dict[str, str]:
    return {name: str(getattr(settings, name)) for name in TOLD}


def applied(connection: BaseDatabaseWrapper) -> list[str]:
    """The migrations that a database has, as app.name."""
    if "django_migrations" not in tables_of(connection):
        return []
    rows = rows_of(connection, "SELECT app, name FROM django_migrations")
    return sorted(f"{app}.{name}" for app, name in rows)


def known() -> set[str]:
    """The migrations that this code has, with those that it has joined into one."""
    found = set()
    for name, replaced in _of_code().items():
        found |= {name, *replaced}
    return found


def _of_code() -> dict[str, set[str]]:
    """Each migration of this code, as app.name, with those that it replaces."""
    loader = MigrationLoader(None)
    return {
        f"{app}.{name}": {".".join(each) for each in migration.replaces}
        for (app, name), migration in loader.disk_migrations.items()
    }


def refuse_newer(manifest: Manifest) -> None:
    """Raises Refused for a backup of a version whose tables this code does not know."""
    strangers = sorted(set(manifest.migrations) - known())
    if strangers or _numbers(manifest.version) > _numbers(VERSION):
        because = f" ({strangers[0]})" if strangers else ""
        raise Refused(
            _("ไฟล์สำรองนี้มาจากระบบรุ่น %(theirs)s ซึ่งใหม่กว่ารุ่น %(ours)s ที่ติดตั้งอยู่%(because)s ติดตั้งรุ่นนั้นก่อน")
            % {"theirs": manifest.version, "ours": VERSION, "because": because},
            f"The backup is of version {manifest.version}, which is newer than {VERSION} that is "
            f"installed{because}. Install that version first.",
        )


def _numbers(version: str) -> list[int]:
    return [int(each) for each in re.findall("[0-9]+", version)]


def differences(manifest: Manifest) -> list[str]:
    """Sentences about settings that are not those of the backup; none of them keeps it from use."""
    found = []
    if manifest.secret_key not in fingerprints():
        found.append(
            _(
                "SECRET_KEY ไม่ใช่ของไฟล์สำรองนี้: ลิงก์ของหน่วยงาน องค์กร ผู้ส่งเรื่อง และผู้ติดตามจะใช้ไม่ได้ "
                "และรหัสใช้ครั้งเดียวจากโทรศัพท์จะไม่ตรง ตั้ง SECRET_KEY เดิม หรือใส่ไว้ใน SECRET_KEY_FALLBACKS"
            )
            + " · This is another SECRET_KEY than the backup's: links of agencies, organisations, "
            "senders and subscribers will not work, nor will one-time codes of phones. Set the former "
            "SECRET_KEY, or name it in SECRET_KEY_FALLBACKS."
        )
    now = told_settings()
    for name, value in sorted(manifest.settings.items()):
        if name in now and now[name] != value:
            found.append(
                _("การตั้งค่า %(name)s เคยเป็น %(value)r") % {"name": name, "value": value}
                + f" · The setting {name} was {value!r}, and is {now[name]!r} now."
            )
    return found


def missing_migrations(manifest: Manifest) -> list[str]:
    """The migrations of this code that the backup's database does not have yet."""
    there = set(manifest.migrations)
    return sorted(
        name
        for name, replaced in _of_code().items()
        if name not in there and not (replaced and replaced <= there)
    )
