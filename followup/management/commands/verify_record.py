"""Check the chain of the record."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from followup import chain


class Command(BaseCommand):
    help = (
        "Check that no row of the history, no edition and no entry of the record was changed, "
        "removed or slipped in. Names the first break and exits with 1; otherwise prints the last "
        "hash, to keep elsewhere."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head", default="", help="a hash printed earlier, which the chain must still have"
        )
        parser.add_argument(
            "--begin",
            metavar="WHY",
            help="cover all rows anew as they are, after a migration that dropped columns",
        )

    def handle(self, *args: Any, head: str, begin: str | None, **options: Any) -> None:
        if begin is not None:
            chain.begin(begin)
        try:
            whole = chain.verify(head)
        except chain.Broken as error:
            raise CommandError(f"บันทึกไม่ครบถ้วน {error}") from error
        self.stdout.write(
            f"บันทึกครบถ้วน: โซ่ {whole.entries} ลำดับ (เริ่ม {whole.begun} ครั้ง) {whole.rows} แถว "
            f"ลบผ่านประตู {whole.erased} แถว"
        )
        self.stdout.write(f"แฮชล่าสุด {whole.head}")
