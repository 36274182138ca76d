"""A run of typst in a process of its own."""

import json

import pytest

from followup.annual_report import typesetting

INPUTS = {
    "report": json.dumps(
        {"title": "ก", "title_lines": ["ก"], "cover": [], "parts": [], "watermark": ""}
    ),
    "colours": "{}",
    "words": json.dumps({"terms": ["ข้อ"], "language": "th"}),
    "fitted": "",
}
MADE_AT = "2026-01-02T03:04:05.678+07:00"


@pytest.mark.slow
def test_apart_gives_the_same_bytes_as_here(tmp_path):
    typesetting.typeset_apart(INPUTS, MADE_AT, tmp_path / "made.pdf")
    assert (tmp_path / "made.pdf").read_bytes() == typesetting.typeset(INPUTS, MADE_AT)


def test_a_run_that_fails_says_why(tmp_path):
    with pytest.raises(typesetting.NotTypeset, match="failed to parse JSON"):
        typesetting.typeset_apart(INPUTS | {"report": "{"}, MADE_AT, tmp_path / "made.pdf")
    assert not (tmp_path / "made.pdf").exists()
