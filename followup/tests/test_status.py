"""The status vocabulary: its words, rules and appearance, compared with the committee's wording.

The tables here are copied from that wording (section 2), not from the code.
"""

import re
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from followup.status import (
    ACHIEVED,
    FORM_ORDER,
    MOVING,
    STORED,
    WATCHED,
    Change,
    Claim,
    Difference,
    Status,
    missing,
    take_over,
    wrong_no_change,
)
from proposals.models import MeasureKind

CSS = (settings.ROOT / "static" / "css" / "portal.css").read_text("utf-8")
SPRITE = (settings.ROOT / "templates" / "components" / "sprite.html").read_text("utf-8")

# code: label, short word, ink, ground, fill of bars
WORDING = {
    "completed": ("ดำเนินการแล้วเสร็จ", "แล้วเสร็จ", "#1B5E20", "#E8F5E9", "#2E7D32"),
    "continuous": ("ดำเนินการต่อเนื่องทุกปี", "ต่อเนื่อง", "#00504A", "#E0F2F1", "#00796B"),
    "in_progress": ("อยู่ระหว่างดำเนินการ", "กำลังทำ", "#0D47A1", "#E3F2FD", "#1565C0"),
    "on_hold": ("ชะลอ / ติดปัญหา", "ชะลอ", "#7A3300", "#FFF3E0", "#B45309"),
    "not_started": ("ยังไม่ดำเนินการ", "ยังไม่เริ่ม", "#37474F", "#ECEFF1", "#78909C"),
    "cancelled": ("ยกเลิก / ยุติ", "ยุติ", "#5D1049", "#FBE9F3", "#7B1FA2"),
    "no_report": ("ยังไม่ได้รับรายงาน", "ไม่มีรายงาน", "#4E4E4E", "#FFFFFF", "#767676"),
    # Not of that wording: it came with the second forum.
    "unassigned": ("ยังไม่มีผู้รับผิดชอบ", "ไม่มีผู้รับผิดชอบ", "#4E4E4E", "#F5F3EE", "#767676"),
}
DEFINITIONS = {
    "completed": "ครบตามข้อความของมาตรการย่อยและมีหลักฐาน",
    "continuous": "งานประจำทุกปีและมีหลักฐานของปีนั้น",
    "in_progress": "เริ่มแล้วแต่ยังไม่ครบ รวมกรณีทำแล้วแต่ยังไม่ถึงเป้าหมาย",
    "on_hold": "หยุดชั่วคราว ต้องระบุเหตุผล",
    "not_started": "หน่วยงานรายงานว่ายังไม่เริ่ม",
    "cancelled": "คสป. มีมติให้ยุติ ต้องอ้างครั้งที่ประชุม",
    # The wording has "ปิดรอบแล้วหรือ" before it and a dash inside; both read worse on a page.
    "no_report": "ยังไม่มีหน่วยงานใดส่งข้อมูลในรอบนี้ ไม่ได้แปลว่าไม่ได้ทำ",
    "unassigned": "ยังไม่มีหน่วยงานใดได้รับมอบหมายเป็นหน่วยงานหลัก จึงยังไม่มีใครถูกขอรายงาน "
    "ไม่นับเป็นความเงียบของหน่วยงานใด",
}
CODES = list(WORDING)

# O: no report received; U: unassigned
C, Y, P, H, N, X, O, U = (Status(code) for code in CODES)  # noqa: E741


# Words -----------------------------------------------------------------------------------------


def test_there_are_these_eight_from_most_to_least_done():
    assert Status.values == CODES


@pytest.mark.parametrize("code", CODES)
def test_words_are_those_of_the_wording(code):
    label, short, *_colours = WORDING[code]
    status = Status(code)
    assert status.label == label
    assert str(status.short) == short
    assert str(status.definition) == DEFINITIONS[code]


def test_what_is_computed_is_never_stored_nor_offered():
    assert set(STORED) == set(FORM_ORDER) == set(Status) - {O, U}
    assert [status.value for status in FORM_ORDER] == [
        "not_started",
        "in_progress",
        "on_hold",
        "continuous",
        "completed",
        "cancelled",
    ]


def test_groups():
    assert {C, Y} == ACHIEVED
    assert {C, Y, P} == MOVING
    assert WATCHED == (H, O)


# Looks: word, shape, pattern and colour, so that colour is never the only sign ---------------------


@pytest.mark.parametrize("code", CODES)
def test_colours_are_those_of_the_wording(code):
    rules = re.findall(rf"^\.st-{code}\s*\{{([^}}]*)\}}", CSS, re.MULTILINE)
    assert len(rules) == 1, f"one rule .st-{code} in portal.css"
    found = dict(re.findall(r"(--st-\w+):\s*(#[0-9a-f]{6})", rules[0]))
    _label, _short, ink, tint, fill = (part.lower() for part in WORDING[code])
    assert found == {"--st-ink": ink, "--st-tint": tint, "--st-fill": fill}


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("code", CODES)
def test_contrast_is_what_the_wording_measured(code):
    _label, _short, ink, tint, fill = WORDING[code]
    # to one decimal, as it is stated there; WCAG asks for 4.5 and 3
    assert round(contrast(ink, tint), 1) >= 7.0
    assert round(contrast(fill, "#FFFFFF"), 1) >= 3.4


@pytest.mark.parametrize("code", CODES)
def test_each_has_a_shape_and_a_pattern_of_its_own(code):
    assert SPRITE.count(f'<symbol id="s-{code}"') == 1
    patterns = re.findall(rf'<pattern\s+id="p-{code}"\s+class="([\w-]+)"', SPRITE)
    assert patterns == [f"st-{code}"], "the pattern takes its colour from the status"


def test_no_two_statuses_share_a_shape_or_a_pattern():
    for kind, prefix in (("symbol", "s-"), ("pattern", "p-")):
        drawn = re.findall(rf'<{kind}\s+id="{prefix}(\w+)"[^>]*>(.*?)</{kind}>', SPRITE, re.DOTALL)
        assert {code for code, _drawing in drawn} == set(CODES)
        bodies = {re.sub(r'(width|height)="\d+"', "", drawing) for _code, drawing in drawn}
        assert len(bodies) == len(CODES)


def test_each_change_has_a_symbol_of_its_own():
    drawn = dict(re.findall(r'<symbol\s+id="c-(\w+)"[^>]*>(.*?)</symbol>', SPRITE, re.DOTALL))
    assert {change.value for change in Change} <= set(drawn)
    assert len(set(drawn.values())) == len(drawn)


def test_a_symbol_of_a_change_means_nothing_else():
    """A page's own symbols are `i-`; those of changes come with their word, from `chg` and the strip."""
    drawn = {
        f"{path.name}: {found}"
        for folder in ("templates", "followup")
        for path in (settings.ROOT / folder).rglob("*")
        if path.suffix in {".html", ".py"} and "tests" not in path.parts
        for found in re.findall(r"""["']c-(?:gap|new|same)["']""", path.read_text("utf-8"))
    }
    assert drawn == {f'sprite.html: "c-{name}"' for name in ("gap", "new", "same")}


# Changes from year to year -----------------------------------------------------------------------

DOWN, ENDED, GAP, SILENT, UP, NEW, BACK, SAME = Change
AFTER = (C, Y, P, H, N, X, O, U)
CHANGES = {  # from the status of the row to that of the column
    C: (SAME, SAME, DOWN, DOWN, DOWN, ENDED, GAP, GAP),
    Y: (SAME, SAME, DOWN, DOWN, DOWN, ENDED, GAP, GAP),
    P: (UP, UP, SAME, DOWN, DOWN, ENDED, GAP, GAP),
    H: (UP, UP, UP, SAME, DOWN, ENDED, GAP, GAP),
    N: (UP, UP, UP, UP, SAME, ENDED, GAP, GAP),
    X: (UP, UP, UP, UP, UP, SAME, GAP, GAP),  # taken up again
    O: (NEW, NEW, NEW, NEW, NEW, NEW, SILENT, None),
    U: (NEW, NEW, NEW, NEW, NEW, NEW, None, None),  # whom nobody asked does not fall silent
}


@pytest.mark.parametrize("before", CHANGES)
def test_change_between_two_years(before):
    assert tuple(Change.between(before, now) for now in AFTER) == CHANGES[before]


def test_change_table_is_complete():
    assert set(CHANGES) == set(AFTER) == set(Status)


@pytest.mark.parametrize("now", AFTER)
def test_a_report_after_silence_is_a_first_one_only_where_none_came_earlier(now):
    for before, silence in ((O, SILENT), (U, None)):
        again = Change.between(before, now, heard_earlier=True)
        assert again is ({O: silence, U: None}.get(now, BACK))


@pytest.mark.parametrize("before", [C, Y, P, H, N, X])
def test_what_came_earlier_matters_after_silence_only(before):
    changes = tuple(Change.between(before, now, heard_earlier=True) for now in AFTER)
    assert changes == CHANGES[before]


# From one year to any later one: the same rules, fewer words.
(D_DOWN, D_GAP, D_ENDED, D_UP, D_NEW, D_SAME, D_APART) = Difference
DIFFERENCES = {
    C: (D_SAME, D_SAME, D_DOWN, D_DOWN, D_DOWN, D_ENDED, D_GAP, D_GAP),
    Y: (D_SAME, D_SAME, D_DOWN, D_DOWN, D_DOWN, D_ENDED, D_GAP, D_GAP),
    P: (D_UP, D_UP, D_SAME, D_DOWN, D_DOWN, D_ENDED, D_GAP, D_GAP),
    H: (D_UP, D_UP, D_UP, D_SAME, D_DOWN, D_ENDED, D_GAP, D_GAP),
    N: (D_UP, D_UP, D_UP, D_UP, D_SAME, D_ENDED, D_GAP, D_GAP),
    X: (D_UP, D_UP, D_UP, D_UP, D_UP, D_SAME, D_GAP, D_GAP),
    O: (D_NEW, D_NEW, D_NEW, D_NEW, D_NEW, D_NEW, D_SAME, D_APART),
    U: (D_NEW, D_NEW, D_NEW, D_NEW, D_NEW, D_NEW, D_APART, D_SAME),
}


@pytest.mark.parametrize("before", DIFFERENCES)
def test_difference_between_any_two_years(before):
    assert tuple(Difference.between(before, now) for now in AFTER) == DIFFERENCES[before]


def test_each_difference_has_a_symbol():
    for each in Difference:
        assert SPRITE.count(f'<symbol id="{each.symbol}"') == 1


def test_words_for_changes():
    assert {change.value: change.label for change in Change} == {
        "up": "ดีขึ้น",
        "new": "รายงานครั้งแรก",
        "back": "กลับมารายงาน",
        "same": "คงเดิม",
        "down": "ถดถอย",
        "gap": "ปีนี้ไม่มีรายงาน",
        "silent": "ไม่มีรายงานสองปีติดกัน",
        "ended": "ยุติในปีนี้",
    }


# What a status demands ---------------------------------------------------------------------------


def claim(status, **changes):
    bare: dict[str, Any] = {
        "kind": "output",
        "results": "",
        "obstacles": "",
        "meeting": "",
        "evidence": 0,
    }
    return Claim(status=status, **(bare | changes))


@pytest.mark.parametrize(
    ("said", "lacks"),
    [
        (claim(""), {"reported_status": "เลือกสถานะ"}),
        (claim("not_started"), {}),
        (claim("in_progress"), {"results": "ระบุผลการดำเนินงาน"}),
        (claim("in_progress", results="จัดเวที"), {}),
        (claim("on_hold"), {"obstacles": "ระบุปัญหา/อุปสรรคที่ทำให้ชะลอ"}),
        (claim("on_hold", obstacles="รอระเบียบ"), {}),
        (claim("cancelled"), {"meeting_ref": "ระบุครั้งที่ประชุม คสป. ที่มีมติให้ยุติ เช่น 2/2567"}),
        (claim("cancelled", meeting="2/2567"), {}),
        (
            claim("completed"),
            {"evidence": "สถานะ “แล้วเสร็จ” ต้องมีหลักฐานอย่างน้อย 1 รายการ"},
        ),
        (claim("completed", evidence=1), {}),
        (
            claim("continuous"),
            {"evidence": "สถานะ “ต่อเนื่อง” ต้องมีหลักฐานอย่างน้อย 1 รายการ"},
        ),
        (claim("continuous", evidence=2), {}),
        # nothing else stands in for what is asked
        (
            claim("on_hold", results="ก", meeting="1/2567", evidence=3),
            {"obstacles": "ระบุปัญหา/อุปสรรคที่ทำให้ชะลอ"},
        ),
        (
            claim("completed", results="ก", obstacles="ข", meeting="1/2567"),
            {"evidence": "สถานะ “แล้วเสร็จ” ต้องมีหลักฐานอย่างน้อย 1 รายการ"},
        ),
    ],
)
def test_what_a_claim_lacks(said, lacks):
    assert missing(said) == lacks


NEVER_DONE = "มาตรการย่อยนี้เป็น%sจึงแล้วเสร็จไม่ได้ เลือก “ดำเนินการต่อเนื่องทุกปี” หรือสถานะอื่น"


@pytest.mark.parametrize(
    ("kind", "word"), [("principle", "หลักการ "), ("recurring", "หน้าที่ประจำทุกปี ")]
)
def test_a_principle_and_a_yearly_duty_are_never_completed(kind, word):
    assert missing(claim("completed", kind=kind, evidence=1)) == {
        "reported_status": NEVER_DONE % word
    }
    # both faults are named at once
    assert set(missing(claim("completed", kind=kind))) == {"reported_status", "evidence"}
    assert missing(claim("continuous", kind=kind, evidence=1)) == {}


@pytest.mark.parametrize("kind", ["process", "output", "outcome", "discretionary"])
def test_other_measures_may_be_completed(kind):
    assert missing(claim("completed", kind=kind, evidence=1)) == {}


@given(
    status=st.sampled_from(FORM_ORDER),
    kind=st.sampled_from(MeasureKind.values),
    results=st.sampled_from(["", "จัดเวที"]),
    obstacles=st.sampled_from(["", "รอระเบียบ"]),
    meeting=st.sampled_from(["", "2/2567"]),
    evidence=st.integers(0, 3),
)
def test_saying_more_never_makes_a_claim_lack_more(
    status, kind, results, obstacles, meeting, evidence
):
    said = Claim(status, kind, results, obstacles, meeting, evidence)
    full = Claim(status, kind, "จัดเวที", "รอระเบียบ", "2/2567", 1)
    assert set(missing(full)) <= set(missing(said))
    assert set(missing(full)) <= {"reported_status"}


# No change since the last report -----------------------------------------------------------------


def test_no_change_needs_an_earlier_report_of_the_same_status():
    none = claim("on_hold", obstacles="รอ", no_change=True, last=None)
    assert missing(none) == {"no_change": "ไม่มีรายงานก่อนหน้านี้ให้เทียบ เอาเครื่องหมายออกแล้วเลือกสถานะ"}
    other = claim("on_hold", obstacles="รอ", no_change=True, last="not_started")
    assert missing(other) == {
        "no_change": "เลือก “ไม่มีการเปลี่ยนแปลงจากรายงานล่าสุด” แต่สถานะต่างจากรายงานล่าสุด (ยังไม่ดำเนินการ) "
        "เลือกอย่างใดอย่างหนึ่ง"
    }
    same = claim("on_hold", obstacles="รอ", no_change=True, last="on_hold")
    assert missing(same) == {}
    assert missing(claim("on_hold", obstacles="รอ", last=None)) == {}, "without the tick"


def test_a_tick_without_a_status_yet_is_no_contradiction():
    assert wrong_no_change(claim("", no_change=True, last="on_hold")) == ""
    assert set(missing(claim("", no_change=True, last=None))) == {"no_change", "reported_status"}


def test_no_change_takes_over_what_is_empty_and_nothing_else():
    last = {"reported_status": "on_hold", "results": "ก", "obstacles": "ข", "meeting_ref": ""}
    values = {"reported_status": "", "results": "ใหม่", "obstacles": "", "next_steps": ""}
    assert take_over(values, last) == {
        "reported_status": "on_hold",
        "results": "ใหม่",
        "obstacles": "ข",
        "meeting_ref": "",
        "next_steps": "",
    }
