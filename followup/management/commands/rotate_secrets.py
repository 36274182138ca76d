"""Encrypt with the current SECRET_KEY what is stored under an earlier one."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from followup.actions import Sealed, encrypt_second_factors_anew


class Command(BaseCommand):
    help = (
        "Encrypt the secrets of one-time and recovery codes with the current SECRET_KEY. Afterwards no "
        "stored row needs SECRET_KEY_FALLBACKS; links and cookies that are out still do. A second run "
        "finds nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done, same = encrypt_second_factors_anew()
        except Sealed as sealed:
            raise CommandError(
                f"ยังไม่ได้เข้ารหัสใหม่: {sealed} เพิ่มกุญแจเดิมใน SECRET_KEY_FALLBACKS "
                "หรือล้างการยืนยันตัวตนสองขั้นของบัญชีนั้น · "
                f"Nothing was changed: no key opens the secrets of the users {sealed.users}. Add the "
                "earlier key to SECRET_KEY_FALLBACKS, or remove the second factor of these accounts."
            ) from sealed
        self.stdout.write(
            f"เข้ารหัสใหม่ {done} รายการ เป็นกุญแจปัจจุบันอยู่แล้ว {same} รายการ · "
            f"Encrypted anew: {done}; under the current key already: {same}"
        )
