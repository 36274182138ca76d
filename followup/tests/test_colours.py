"""Contrast of the style sheets' tokens in both schemes.

WCAG 2.2 asks for 4.5 of text (1.4.3), and for 3 of controls and of shapes that tell something (1.4.11).
"""

import re

import pytest

from followup.status import Status
from followup.tests.test_status import contrast
from forum_portal.tests.test_repo import DARK, ROOT, STYLE, tokens_of

GROUNDS = ("paper", "paper-2", "sheet", "accent-tint")
#: (what, on what, least ratio)
PAIRS = [
    *((text, ground, 4.5) for text in ("ink", "ink-2", "accent", "error") for ground in GROUNDS),
    *(("ink", ground, 4.5) for ground in ("demo", "target", "good-tint", "warn-tint", "bad-tint")),
    *(("ink-2", ground, 4.5) for ground in ("good-tint", "warn-tint")),
    *(("on-accent", ground, 4.5) for ground in ("accent", "accent-go")),
    *((text, "accent-2", 4.5) for text in ("on-band", "on-band-2")),
    *(("rule-ui", ground, 3) for ground in ("paper", "paper-2", "sheet")),
    *((mark, ground, 3) for mark in ("good", "warn", "blank") for ground in ("paper", "sheet")),
    ("sy-in", "ink", 3),
    ("paper", "ink", 4.5),
    ("halo", "ink", 3),
    ("pg-wait", "pg-bg", 1.5),
]


def whole(colour):
    return colour if len(colour) == 7 else "#" + "".join(2 * each for each in colour[1:])


def statuses_of(path):
    """Status -> its three colours."""
    rules = re.findall(r"^\.st-(\w+)\s*\{([^}]*)\}", (ROOT / path).read_text("utf-8"), re.MULTILINE)
    return {code: dict(re.findall(r"--st-(\w+):\s*(#[0-9a-f]{6})", rule)) for code, rule in rules}


@pytest.mark.parametrize("path", [STYLE, DARK])
def test_contrast_of_what_is_read_and_seen(path):
    tokens = {name: whole(value) for name, value in tokens_of(path).items()}
    low = {
        (what, ground): round(contrast(tokens[what], tokens[ground]), 2)
        for what, ground, least in PAIRS
        if contrast(tokens[what], tokens[ground]) < least
    }
    assert low == {}


@pytest.mark.parametrize("path", [STYLE, DARK])
@pytest.mark.parametrize("status", Status)
def test_contrast_of_a_status(path, status):
    tokens, colours = tokens_of(path), statuses_of(path)[status.value]
    for ground in (colours["tint"], tokens["paper"], tokens["sheet"]):  # a tag, a word
        assert contrast(colours["ink"], whole(ground)) >= 4.5
    for ground in (tokens["paper"], tokens["sheet"]):  # a bar
        assert contrast(colours["fill"], whole(ground)) >= 3
    # The tick of a full symbol, and the inside of an open one.
    assert contrast(whole(tokens["sy-on"]), colours["ink"]) >= 3
    assert contrast(whole(tokens["sy-in"]), colours["ink"]) >= 3


def test_the_ratio_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
