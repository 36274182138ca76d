"""A cell → Reading: its value, an error, or a question.

Rules: the spreadsheet contract, "Reading rules"; messages: `messages.py`. Every reader is a pure
function of the cell and the answers, so callers may cache by cell (the type belongs in the key,
because `1 == 1.0 == True`).

A question stays among a reading's problems after it is answered, beside the value, so that the answer
can be changed. An answer that is not one of the options is ignored.
"""

from followup.spreadsheets.values.base import (
    DASHES,
    NO_REPORT,
    Answers,
    answer_to,
    ask_nothing,
    question_key,
    shows_error,
    skip_option,
    text_of,
)
from followup.spreadsheets.values.choices import read_choice
from followup.spreadsheets.values.codes import read_codes
from followup.spreadsheets.values.count import read_count
from followup.spreadsheets.values.dates import out_of_order, outside_year, read_date
from followup.spreadsheets.values.flags import read_flag
from followup.spreadsheets.values.links import FILE_MARK, read_links
from followup.spreadsheets.values.money import IMPLAUSIBLE, read_money, read_percent
from followup.spreadsheets.values.numbers import read_number
from followup.spreadsheets.values.status import read_status, read_ticks, tick_columns
from followup.spreadsheets.values.text import count_repairs, damage, has_personal_data, read_text
from followup.spreadsheets.values.years import both_eras, eras, read_year

__all__ = [
    "DASHES",
    "FILE_MARK",
    "IMPLAUSIBLE",
    "NO_REPORT",
    "Answers",
    "answer_to",
    "ask_nothing",
    "both_eras",
    "count_repairs",
    "damage",
    "eras",
    "has_personal_data",
    "out_of_order",
    "outside_year",
    "question_key",
    "read_choice",
    "read_codes",
    "read_count",
    "read_date",
    "read_flag",
    "read_links",
    "read_money",
    "read_number",
    "read_percent",
    "read_status",
    "read_text",
    "read_ticks",
    "read_year",
    "shows_error",
    "skip_option",
    "text_of",
    "tick_columns",
]
