"""The marks of a forum's draft: proposals and measures in its source text.

A draft's content has the form of a forum's file (`followup.forum_file`), with these differences:

- a proposal has `at`, its position in the source; `key`, which stays when numbers change; `notes`, its
  editor's notes; and, of a forum that is stored already, `pk`;
- a measure has `key`, `pk` likewise, and `agencies`: [{"agency": code or what was typed, "role"}];
- `dropped` are stretches that the portal proposed and the person did not want; `lost` are marks whose
  words a new source does not have; `next` numbers the keys.

Numbers follow from the places in the text. The functions change the content that they are given, and
raise `MarkRefused` before they change anything. Offsets are code points of the source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from followup.forum_file import (
    MEASURE_TEXTS,
    RESOLUTION_LISTS,
    RESOLUTION_TEXTS,
    Content,
    cut_sentence,
    overlap_sentence,
    position_of,
)
from followup.source_words import (
    Cut,
    divided_word,
    first_cut,
    is_inside_cluster,
    nearest_whole,
)
from proposals.codes import short_code

RESOLUTION, MEASURE = "resolution", "measure"


class MarkRefused(Exception):
    """A mark that cannot be: the sentence, its place, and the wider stretch that would do, if any."""

    def __init__(self, sentence: str, at: int, wider: tuple[int, int] | None = None) -> None:
        self.at, self.wider = at, wider
        super().__init__(sentence)


@dataclass(frozen=True)
class Mark:
    """One mark: its proposal, and its measure if it is one."""

    resolution: Content
    measure: Content | None = None

    @property
    def row(self) -> Content:
        return self.resolution if self.measure is None else self.measure

    @property
    def key(self) -> str:
        return str(self.row["key"])

    @property
    def code(self) -> str:
        """The short code: `3`, or `3.2`."""
        return short_code(
            self.resolution["number"], self.measure["number"] if self.measure is not None else 0
        )

    @property
    def start(self) -> int:
        at = int(self.resolution["at"])
        return at if self.measure is None else at + int(self.measure["start"])

    @property
    def end(self) -> int:
        at = int(self.resolution["at"])
        if self.measure is None:
            return at + len(self.resolution["text"])
        return at + int(self.measure["end"])

    @property
    def words(self) -> str:
        if self.measure is None:
            return str(self.resolution["text"])
        return str(self.resolution["text"][self.measure["start"] : self.measure["end"]])


# The content as a whole --------------------------------------------------------------------------


def empty(year: int) -> Content:
    """The content of a forum of which nothing is entered."""
    return {
        "forum": {"year_be": year, "name_th": "", "short_name_th": ""},
        "resolutions": [],
        "editor_notes": [],
        "dropped": [],
        "lost": [],
        "next": 1,
    }


def from_file(file: Content, source: str) -> Content:
    """The draft of a file that `forum_file.check` has found to be sound."""
    content = empty(file["forum"]["year_be"]) | {"forum": dict(file["forum"])}
    content["forum"].pop("source_text", None)
    agencies: dict[str, list[Content]] = {}
    for row in file.get("assignments", ()):
        agencies.setdefault(row["measure"], []).append(dict(row))
    for row in file["resolutions"]:
        resolution = {
            **_blank_resolution(),
            **row,
            "at": position_of(row, source),
            "key": _new_key(content),
            "notes": [
                {"quotation": note.get("quotation", ""), "text_th": note["text_th"]}
                for note in file.get("editor_notes", ())
                if note.get("resolution") == row["number"]
            ],
        }
        resolution["measures"] = [
            {
                **_blank_measure(),
                **measure,
                "key": _new_key(content),
                "agencies": agencies.get(short_code(row["number"], measure["number"]), []),
            }
            for measure in row["measures"]
        ]
        content["resolutions"].append(resolution)
    content["editor_notes"] = [
        dict(note) for note in file.get("editor_notes", ()) if note.get("resolution") is None
    ]
    return content


def to_file(content: Content) -> Content:
    """The content in the form of a file, for `forum_file`; complete or not."""
    notes = [dict(note) for note in content["editor_notes"]]
    assignments = []
    resolutions = []
    for row in content["resolutions"]:
        names = ("number", "at", *RESOLUTION_TEXTS, *RESOLUTION_LISTS, "sdg_targets")
        resolution = {name: row[name] for name in names if name in row}
        resolution["measures"] = []
        for measure in row["measures"]:
            kept = ("number", "start", "end", *MEASURE_TEXTS, "relation", "earlier")
            resolution["measures"].append(
                {
                    **{
                        name: measure[name]
                        for name in kept
                        if measure.get(name) or name in MEASURE_TEXTS
                    },
                    "number": measure["number"],
                    "start": measure["start"],
                    "end": measure["end"],
                    "span": row["text"][measure["start"] : measure["end"]],
                }
            )
            code = short_code(row["number"], measure["number"])
            assignments += [
                {**agency, "measure": code} for agency in measure["agencies"] if agency["agency"]
            ]
        resolutions.append(resolution)
        notes += [{"resolution": row["number"], **note} for note in row["notes"]]
    return {
        "forum": dict(content["forum"]),
        "resolutions": resolutions,
        "editor_notes": notes,
        "assignments": assignments,
    }


def without_places(file: Content) -> Content:
    """A file's content without `at`, which only drafts have."""
    rows = [{k: v for k, v in row.items() if k != "at"} for row in file["resolutions"]]
    return file | {"resolutions": rows}


def _blank_resolution() -> Content:
    return {
        **dict.fromkeys(RESOLUTION_TEXTS, ""),
        "legal_references": [],
        "named_parties": [],
        "sdg_targets": [],
        "notes": [],
        "measures": [],
    }


def _blank_measure() -> Content:
    return {**dict.fromkeys(MEASURE_TEXTS, ""), "relation": "", "earlier": "", "agencies": []}


def _new_key(content: Content) -> str:
    number = content["next"]
    content["next"] = number + 1
    return f"k{number}"


# Looking -----------------------------------------------------------------------------------------


def marks(content: Content) -> Iterator[Mark]:
    """Every mark in the order of the text, each proposal before its measures."""
    for resolution in content["resolutions"]:
        yield Mark(resolution)
        for measure in resolution["measures"]:
            yield Mark(resolution, measure)


def mark_of(content: Content, key: str) -> Mark | None:
    """The mark with this key."""
    return next((each for each in marks(content) if each.key == key), None)


def by_code(content: Content, code: str) -> Mark | None:
    """The mark with this short code: `3`, `3.2`."""
    return next((each for each in marks(content) if each.code == code), None)


def next_code(content: Content, start: int, end: int, kind: str) -> str:
    """The code that a new mark at this place would have."""
    if kind == RESOLUTION:
        return str(1 + sum(row["at"] < start for row in content["resolutions"]))
    for row in content["resolutions"]:
        if row["at"] <= start and end <= row["at"] + len(row["text"]):
            before = sum(row["at"] + measure["start"] < start for measure in row["measures"])
            return short_code(row["number"], 1 + before)
    return ""


# Marking -----------------------------------------------------------------------------------------


def trimmed(source: str, start: int, end: int) -> tuple[int, int]:
    """The stretch within the text, without white space at its ends."""
    start, end = max(0, start), min(len(source), end)
    while start < end and source[start].isspace():
        start += 1
    while end > start and source[end - 1].isspace():
        end -= 1
    return start, end


def place(content: Content, source: str, start: int, end: int, kind: str, *, key: str = "") -> Mark:
    """Mark a stretch, or move the mark with this key there. Numbers are given anew.

    A mark that a new source has lost is placed by its key as well, with all that was typed for it.
    Raises `MarkRefused` for a cut within a character, an overlap, and a measure outside every proposal.
    """
    start, end = trimmed(source, start, end)
    if start >= end:
        raise MarkRefused(_("ยังไม่ได้เลือกข้อความ"), start)
    first, last = start, nearest_whole(source, end)
    while is_inside_cluster(source, first):
        first -= 1
    for edge in (start, end):
        if is_inside_cluster(source, edge):
            raise MarkRefused(cut_sentence(source, edge), edge, (first, last))
    moved = mark_of(content, key)
    lost = next((each for each in content["lost"] if each["row"]["key"] == key), None)
    if key and moved is None and lost is None:
        raise MarkRefused(_("เครื่องหมายนี้ถูกนำออกไปแล้ว"), start)
    if moved is not None:
        kind = RESOLUTION if moved.measure is None else MEASURE
    elif lost is not None:
        kind = str(lost["kind"])
    row: Content = moved.row if moved else (lost["row"] if lost else {})
    if kind == RESOLUTION:
        placed = _place_resolution(content, source, start, end, row)
    else:
        placed = _place_measure(content, start, end, row, moved)
    if lost is not None:
        content["lost"].remove(lost)
    _renumber(content)
    found = mark_of(content, placed["key"])
    assert found is not None  # noqa: S101  it has just been placed
    return found


def _place_resolution(content: Content, source: str, start: int, end: int, row: Content) -> Content:
    here = row.get("key")
    code = next_code(content, start, end, RESOLUTION)
    for other in content["resolutions"]:
        if other["key"] != here and other["at"] < end and start < other["at"] + len(other["text"]):
            mine = str(row["number"]) if here and "number" in row else code
            raise MarkRefused(overlap_sentence(*_in_order(str(other["number"]), mine)), start)
    inside = []
    for measure in row.get("measures", ()):
        first, last = row["at"] + measure["start"], row["at"] + measure["end"]
        if not (start <= first and last <= end):
            raise MarkRefused(
                _("%(code)s อยู่นอกข้อความใหม่ของข้อเสนอ เลื่อนหรือนำ %(code)s ออกก่อน")
                % {"code": short_code(row["number"], measure["number"])},
                first,
            )
        inside.append((measure, first - start, last - start))
    if not here:
        row |= {**_blank_resolution(), "key": _new_key(content)}
    for measure, first, last in inside:
        measure |= {"start": first, "end": last}
    row |= {"at": start, "text": source[start:end], "number": 0}
    if row not in content["resolutions"]:
        content["resolutions"].append(row)
    return row


def _place_measure(
    content: Content, start: int, end: int, row: Content, moved: Mark | None
) -> Content:
    home = next(
        (
            each
            for each in content["resolutions"]
            if each["at"] <= start and end <= each["at"] + len(each["text"])
        ),
        None,
    )
    if home is None:
        crossed = next(
            (
                each
                for each in content["resolutions"]
                if each["at"] < end and start < each["at"] + len(each["text"])
            ),
            None,
        )
        if crossed:
            raise MarkRefused(
                _("มาตรการย่อยต้องอยู่ในข้อความของข้อเสนอที่ %(number)s ทั้งหมด")
                % {"number": crossed["number"]},
                start,
            )
        raise MarkRefused(
            _("ข้อความที่เลือกไม่อยู่ในข้อเสนอใด ทำเครื่องหมายข้อเสนอก่อน แล้วจึงทำมาตรการย่อย"), start
        )
    here = row.get("key")
    first, last = start - home["at"], end - home["at"]
    for other in home["measures"]:
        if other["key"] != here and other["start"] < last and first < other["end"]:
            code = next_code(content, start, end, MEASURE)
            mine = moved.code if moved else code
            theirs = short_code(home["number"], other["number"])
            if mine == theirs:  # the code that it would have is the one that stands there
                mine = short_code(home["number"], other["number"] + 1)
            raise MarkRefused(overlap_sentence(*_in_order(theirs, mine)), start)
    if moved is not None:
        moved.resolution["measures"].remove(row)
    if not here:
        row |= {**_blank_measure(), "key": _new_key(content)}
    row |= {"start": first, "end": last, "number": 0}
    home["measures"].append(row)
    return row


def _in_order(*codes: str) -> list[str]:
    return sorted(codes, key=lambda code: [int(part) for part in code.split(".")])


def remove(content: Content, key: str) -> None:
    """Remove a mark, a proposal with its measures. Numbers are given anew."""
    content["resolutions"] = [row for row in content["resolutions"] if row["key"] != key]
    for row in content["resolutions"]:
        row["measures"] = [each for each in row["measures"] if each["key"] != key]
    content["lost"] = [each for each in content["lost"] if each["row"]["key"] != key]
    _renumber(content)


def _renumber(content: Content) -> None:
    content["resolutions"].sort(key=lambda row: row["at"])
    for number, row in enumerate(content["resolutions"], start=1):
        row["number"] = number
        row["measures"].sort(key=lambda each: each["start"])
        for nth, measure in enumerate(row["measures"], start=1):
            measure["number"] = nth


def divided(
    source: str, start: int, end: int, seen: tuple[int, int] | None = None
) -> tuple[Cut, tuple[int, int]] | None:
    """The word that an edge of the stretch divides, and the stretch widened to its end.

    `seen` is the stretch widened to the words that the browser's dictionary knows; without one only
    spelling tells (`source_words.divided_word`).
    """
    start, end = trimmed(source, start, end)
    if seen and seen[0] <= start and end <= seen[1] and (start, end) != seen:
        if seen[1] > end:
            first = max(start, end - 12)
            while is_inside_cluster(source, first):
                first -= 1
            return Cut(first, seen[1], source[first:end], source[end : seen[1]]), seen
        return Cut(seen[0], end, source[seen[0] : start], source[start : start + 12]), seen
    if seen is None:
        if cut := divided_word(source, end):
            return cut, (start, cut.end)
        if cut := divided_word(source, start):
            return cut, (cut.start, end)
    return None


# What the portal proposes ------------------------------------------------------------------------


@dataclass(frozen=True)
class Hint:
    """A mark that the portal proposes. It is nothing until somebody accepts it."""

    kind: str
    start: int
    end: int
    code: str
    title: str
    words: str
    clauses: Sequence[tuple[int, int]]

    @property
    def name(self) -> str:
        """How a form names it: its place."""
        return f"{self.start}-{self.end}"


def hints(content: Content, source: str) -> list[Hint]:
    """What the first cut proposes and is neither marked nor dropped, in the order of the text."""
    dropped = {tuple(each) for each in content["dropped"]}
    found = []
    resolutions = [Mark(row) for row in content["resolutions"]]
    number = 0
    for each in first_cut(source):
        if home := next(
            (m for m in resolutions if m.start < each.end and each.start < m.end), None
        ):
            found += _clause_hints(home, each.clauses, source, dropped)
            continue
        number += 1
        if (each.start, each.end) not in dropped:
            before = sum(mark.start < each.start for mark in resolutions)
            waiting = sum(hint.kind == RESOLUTION for hint in found)
            found.append(
                Hint(
                    RESOLUTION,
                    each.start,
                    each.end,
                    str(1 + before + waiting),
                    each.title,
                    source[each.start : each.end],
                    each.clauses,
                )
            )
    return found


def _clause_hints(
    home: Mark, clauses: Sequence[tuple[int, int]], source: str, dropped: set[tuple[int, ...]]
) -> list[Hint]:
    spans = [
        (home.start + each["start"], home.start + each["end"])
        for each in home.resolution["measures"]
    ]
    found: list[Hint] = []
    for start, end in clauses:
        if (start, end) in dropped or not (home.start <= start and end <= home.end):
            continue
        if any(first < end and start < last for first, last in spans):
            continue
        number = 1 + sum(first < start for first, _last in spans) + len(found)
        code = short_code(home.resolution["number"], number)
        found.append(Hint(MEASURE, start, end, code, "", source[start:end], ()))
    return found


def accept(content: Content, source: str, name: str) -> Mark:
    """Mark what was proposed; a proposal with all its clauses. Raises `MarkRefused` if it is no more."""
    hint = _hint(content, source, name)
    mark = place(content, source, hint.start, hint.end, hint.kind)
    if hint.title:
        mark.resolution["title_th"] = hint.title
    for start, end in hint.clauses:
        place(content, source, start, end, MEASURE)
    return mark


def drop(content: Content, source: str, name: str) -> None:
    """Let a proposed mark be proposed no more."""
    hint = _hint(content, source, name)
    content["dropped"].append([hint.start, hint.end])


def _hint(content: Content, source: str, name: str) -> Hint:
    found = next((each for each in hints(content, source) if each.name == name), None)
    if found is None:
        raise MarkRefused(_("ระบบไม่ได้เสนอข้อความนี้แล้ว ดูข้อความล่าสุดแล้วเลือกใหม่"), 0)
    return found


# Another source ----------------------------------------------------------------------------------


def follow(content: Content, before: str, after: str) -> list[Mark]:
    """Keep the marks whose words the new source still has; return those that it has not.

    A proposal stays where its whole text is found, with its measures. Of several places the one nearest
    to the former is taken. What is lost is kept in `lost`, to be placed again.
    """
    lost = []
    shift = 0
    kept = []
    for row in content["resolutions"]:
        at = _nearest_place(after, row["text"], row["at"] + shift)
        if at < 0:
            lost.append(Mark(row))
            lost += [Mark(row, measure) for measure in row["measures"]]
            continue
        shift = at - row["at"]
        kept.append((row, at))
    content["lost"] += [
        {
            "kind": RESOLUTION if mark.measure is None else MEASURE,
            "code": mark.code,
            "words": mark.words,
            "row": {**mark.row, "measures": []} if mark.measure is None else mark.row,
        }
        for mark in lost
    ]
    for row, at in kept:
        row["at"] = at
    content["resolutions"] = [row for row, _at in kept]
    content["dropped"] = [] if before != after else content["dropped"]
    _renumber(content)
    return lost


def _nearest_place(text: str, words: str, near: int) -> int:
    """The place of exactly these words that is nearest to a position; -1 if there is none."""
    best, at = -1, text.find(words)
    while at >= 0:
        if best < 0 or abs(at - near) < abs(best - near):
            best = at
        at = text.find(words, at + 1)
    return best


# How far it is -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """Numbers of measures: found by the portal or marked, marked, and complete; and without English."""

    found: int
    marked: int
    complete: int
    without_english: int

    @property
    def marked_percent(self) -> float:
        return round(100 * self.marked / self.found, 1) if self.found else 0.0

    @property
    def complete_percent(self) -> float:
        return round(100 * self.complete / self.found, 1) if self.found else 0.0


def standing(content: Content, source: str, faulty: set[str]) -> Standing:
    """The numbers of a draft; `faulty` are the codes of which a fault is known."""
    measures = [each for each in marks(content) if each.measure is not None]
    proposed = hints(content, source)
    more = sum(len(each.clauses) if each.kind == RESOLUTION else 1 for each in proposed)
    return Standing(
        found=len(measures) + more,
        marked=len(measures),
        complete=sum(each.code not in faulty for each in measures),
        without_english=sum(not each.row["title_en"] for each in measures),
    )
