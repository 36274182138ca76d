"""Escape exported text that a spreadsheet could run as a formula, and undo it on import.

Rule: OWASP "CSV injection", with fullwidth signs, which Excel in East Asian locales takes as well.
"""

import re
from typing import Any

from forum_portal.thai import xml_text

# The apostrophes in front belong to the pattern: text that has some already gets one more, so that
# taking one away always restores the original.
_FORMULA = re.compile(r"'*[\s\u200b\ufeff]*[=+\-@＝＋－＠\t\r]")


def safe_cell(value: Any) -> Any:
    """Return `value` for a cell; text that could run as a formula gets an apostrophe in front.

    Characters that .xlsx does not allow are dropped.
    """
    if not isinstance(value, str):
        return value
    value = xml_text(value)
    return f"'{value}" if _FORMULA.match(value) else value


def unsafe_cell(value: Any) -> Any:
    """Undo `safe_cell`; an apostrophe before any other text stays."""
    if isinstance(value, str) and value.startswith("'") and _FORMULA.match(value):
        return value[1:]
    return value
