"""Check, apply or undo one import in a separate process, so that no web worker waits for it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from followup.models import User
from followup.spreadsheets import session


class Command(BaseCommand):
    help = "Check, apply or undo a spreadsheet import. The wizard calls this; nobody needs to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pk", type=int)
        parser.add_argument("task", choices=list(session.TASKS))
        parser.add_argument("--attempt", type=int, required=True)
        parser.add_argument("--user", type=int, required=True)

    def handle(
        self, *args: Any, pk: int, task: str, attempt: int, user: int, **options: Any
    ) -> None:
        session.run(pk, task, User.objects.get(pk=user), attempt=attempt)
