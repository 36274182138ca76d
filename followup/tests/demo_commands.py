"""The commands of the demo data as tests run them."""

from io import StringIO

from django.core.management import call_command


def run(command):
    output = StringIO()
    call_command(command, stdout=output)
    return output.getvalue()
