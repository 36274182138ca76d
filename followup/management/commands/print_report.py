"""Print one report in a separate process, so that no web worker waits for it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from followup.annual_report import printing


class Command(BaseCommand):
    help = "Print a report's file. The portal calls this; nobody needs to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("job", type=int)

    def handle(self, *args: Any, job: int, **options: Any) -> None:
        printing.run(job)
