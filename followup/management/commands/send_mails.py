"""Send the queued e-mails of one sending in a separate process, so that no web worker waits for it."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand

from followup import mailings


class Command(BaseCommand):
    help = "Send the queued e-mails of a sending. The portal calls this; nobody needs to."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sending", type=UUID)

    def handle(self, *args: Any, sending: UUID, **options: Any) -> None:
        mailings.send(sending)
