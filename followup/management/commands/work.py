"""The worker: the second process of the portal, beside the web server."""

import os
import signal
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from followup import background, health, jobs
from followup.worker import Worker

#: The exit status after Ctrl+C, by which script/server knows not to begin it anew.
INTERRUPTED = 130


def _lanes(words: str) -> list[str]:
    lanes = [word for word in words.split(",") if word]
    if unknown := [lane for lane in lanes if lane not in jobs.LANES] or (not lanes and [words]):
        raise ArgumentTypeError(f"{', '.join(unknown)!r} ≠ {', '.join(jobs.LANES)}")
    return lanes


class Command(BaseCommand):
    help = (
        "Run jobs: imports, prints, mails, what is due daily. One such process has to run beside the web "
        "server, and several may. SIGTERM ends it when the jobs it runs have ended."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--queues",
            type=_lanes,
            default=list(jobs.LANES),
            metavar="QUEUE,…",
            help=f"only these of {', '.join(jobs.LANES)}",
        )
        parser.add_argument(
            "--grace",
            type=float,
            default=25.0,
            metavar="SECONDS",
            help="that jobs have to end once the process is to end; then they are given back",
        )
        parser.add_argument(
            "--until-empty",
            action="store_true",
            help="run what waits, and end: for tests and by hand",
        )
        parser.add_argument("--parent", type=int, metavar="PID", help="end when this process does")

    def handle(
        self,
        *args: Any,
        queues: list[str],
        grace: float,
        until_empty: bool,
        parent: int | None,
        **options: Any,
    ) -> None:
        try:
            health.migrations()
        except health.Fault as fault:
            raise CommandError(
                _("ตารางของฐานข้อมูลยังไม่ใช่ของรุ่นนี้ สั่ง manage.py migrate ก่อน")
                + f" · Run manage.py migrate first: {fault}."
            ) from fault
        if until_empty:
            done = Worker(queues).run_waiting()
            self.stdout.write(f"ทำแล้ว {done} งาน · {done} jobs were run")
            return
        worker = Worker(queues, grace=grace, parent=parent)
        said: list[int] = []

        def end(signum: int, frame: object) -> None:
            said.append(signum)
            worker.end()

        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, end)
        with suppress(OSError):  # the web server's requests go first, if the system allows it
            os.setpriority(os.PRIO_PROCESS, 0, background.POLITE)
        if not worker.run():
            raise CommandError(
                _("โปรแกรมทำงานเบื้องหลังหยุดเพราะข้อผิดพลาด ดูบันทึกด้านบน")
                + " · The worker stopped because of an error, which the log tells."
            )
        if signal.SIGINT in said:
            raise SystemExit(INTERRUPTED)
