"""Check or apply one import, in a process of its own so that no web worker waits for it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from followup.models import User
from followup.spreadsheets import session


class Command(BaseCommand):
    help = "Check or apply a spreadsheet import. The wizard calls this; nobody needs to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pk", type=int)
        parser.add_argument("task", choices=["check", "apply"])
        parser.add_argument("--user", type=int, required=True)

    def handle(self, *args: Any, pk: int, task: str, user: int, **options: Any) -> None:
        session.run(pk, task, User.objects.get(pk=user))
