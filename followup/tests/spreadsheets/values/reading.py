"""What a reader of cells answered: its value, its sentences, and the answers it offers."""

from datetime import date

from followup.spreadsheets.messages import sentence


def said(reading):
    return [sentence(problem) for problem in reading.problems]


def read(reading):
    """Value and sentences, for comparing both at once."""
    return reading.value, said(reading)


def answered(reading, answer, number=-1):
    """The answers mapping that answers a reading's question."""
    return {reading.problems[number].key: answer}


def offered(reading, number=-1):
    return [option.value for option in reading.problems[number].options]


SEP_30 = date(2024, 9, 30)
