#!/usr/bin/env python
"""Django's command-line utility for the portal."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "forum_portal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import DatabaseError

    from forum_portal.storage_fault import StorageUnavailable

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:  # its sentence names the setting
        if "--traceback" in sys.argv:
            raise
        sys.exit(str(error))
    except StorageUnavailable as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"ที่เก็บไฟล์ไม่ตอบ · The object storage does not answer: {error}")
    except DatabaseError as error:
        if "--traceback" in sys.argv or not is_of_a_busy_database(error):
            raise
        sys.exit(
            "ฐานข้อมูลไม่ว่าง (busy) มีโปรแกรมอื่นใช้อยู่ซึ่งไม่ทราบว่าเป็นโปรแกรมใด ลองสั่งใหม่เมื่อโปรแกรมนั้นเสร็จแล้ว\n"
            "The database is busy: something else has locked it, and what it is cannot be told from "
            "here. Run this again when that has ended."
        )


def is_of_a_busy_database(error: BaseException | None) -> bool:
    """Whether this error, or one that led to it, is a lock that was waited for in vain."""
    from forum_portal.errors import is_busy

    while error is not None:
        if is_busy(error):
            return True
        error = error.__cause__ or error.__context__
    return False


if __name__ == "__main__":
    main()
