"""The sentences of the import by their codes. Word by word they stand in `test_messages.py` alone."""

from followup.spreadsheets.messages import sentence
from followup.spreadsheets.types import Problem


def told(code: str, /, **params: object) -> str:
    """The sentence of a code with these values."""
    return sentence(Problem(code, params))
