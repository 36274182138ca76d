"""Text in exported spreadsheets that must not run as a formula, and its way back.

Rule: OWASP "CSV injection", with fullwidth signs, which Excel in East Asian locales takes as well.
"""

import re
from typing import Any

from forum_portal.thai import xml_text

# The apostrophes in front belong to the pattern: text that has some already gets one more, so that
# taking one away always restores the original.
_FORMULA = re.compile(r"'*[\s\u200b\ufeff]*[=+\-@＝＋－＠\t\r]")


def safe_cell(value: Any) -> Any:
    """`value` as a cell may hold it: text that could be read as a formula gets an apostrophe.

    Characters that no .xlsx can hold are dropped, as if they had never been stored.
    """
    if not isinstance(value, str):
        return value
    value = xml_text(value)
    return f"'{value}" if _FORMULA.match(value) else value


def unsafe_cell(value: Any) -> Any:
    """The value that `safe_cell` was given; an apostrophe before any other text stays."""
    if isinstance(value, str) and value.startswith("'") and _FORMULA.match(value):
        return value[1:]
    return value
