"""The verbatim text as a page shows it: measures' spans marked, editor's notes attached to words.

The source's characters stay unchanged and in order; marks are only inserted between them.
"""

from __future__ import annotations

from dataclasses import dataclass

from proposals.models import EditorNote, Measure, Resolution

LETTERS = "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ"


@dataclass(frozen=True)
class Note:
    """An editor's note with the letter that marks it on its page."""

    letter: str
    note: EditorNote


@dataclass(frozen=True)
class Piece:
    """A run of source text, and the note that follows it, if one does."""

    text: str
    note: Note | None = None


@dataclass(frozen=True)
class Stretch:
    """A stretch of the text: a measure's span, or the text between two spans."""

    measure: Measure | None
    pieces: list[Piece]


@dataclass(frozen=True)
class AnnotatedText:
    stretches: list[Stretch]
    notes: list[Note]


def annotate(resolution: Resolution) -> AnnotatedText:
    """Split a resolution's text at its measures and after the words that have a note.

    Every note of the resolution is in `notes`. A note whose words are not in the text (an
    administrator may have changed them) is listed there only.
    """
    text = resolution.text
    notes = [
        Note(LETTERS[place] if place < len(LETTERS) else str(place + 1), note)
        for place, note in enumerate(resolution.editor_notes.all())
    ]
    places: dict[int, list[Note]] = {}
    for note in notes:
        found = text.find(note.note.quotation) if note.note.quotation else -1
        if found >= 0:
            places.setdefault(found + len(note.note.quotation), []).append(note)

    def pieces(start: int, end: int) -> list[Piece]:
        cuts = [cut for cut in sorted(places) if start < cut <= end]
        out, at = [], start
        for cut in cuts:
            for note in places[cut]:
                out.append(Piece(text[at:cut], note))
                at = cut
        if at < end:
            out.append(Piece(text[at:end]))
        return out

    stretches, at = [], 0
    for measure in sorted(resolution.measures.all(), key=lambda each: each.start):
        if measure.start > at:
            stretches.append(Stretch(None, pieces(at, measure.start)))
        stretches.append(Stretch(measure, pieces(max(at, measure.start), measure.end)))
        at = max(at, measure.end)
    if at < len(text):
        stretches.append(Stretch(None, pieces(at, len(text))))
    return AnnotatedText(stretches, notes)


@dataclass(frozen=True)
class Excerpt:
    """A measure's span with some text around it; `cut_*` tells whether the text continues."""

    before: str
    span: str
    after: str
    cut_before: bool
    cut_after: bool


def excerpt(measure: Measure, width: int = 60) -> Excerpt:
    """A measure's span in its sentence, with up to `width` characters on either side.

    It is cut at a space, which ends a phrase in Thai; elsewhere a vowel could lose its consonant.
    """
    text = measure.resolution.text
    first, last = max(0, measure.start - width), min(len(text), measure.end + width)
    if first:
        first = (text.find(" ", first, measure.start) + 1) or measure.start
    if last < len(text):
        space = text.rfind(" ", measure.end, last)
        last = space if space >= 0 else measure.end
    return Excerpt(
        before=text[first : measure.start],
        span=measure.span,
        after=text[measure.end : last],
        cut_before=first > 0,
        cut_after=last < len(text),
    )
