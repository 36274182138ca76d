"""Objects attached to a sheet's cells: comments, and tick boxes drawn over them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from followup.spreadsheets.reader.package import Parts, local, parse
from followup.spreadsheets.reader.sheet import Columns, reference
from followup.spreadsheets.types import Position

MAX_COMMENTS = 1000  # comments of a sheet
MAX_COMMENT = 500  # characters

#: A pattern, because VML is not always well-formed XML: Excel itself writes <br> in it.
_VML_CHECK_BOX = re.compile(rb"""ObjectType\s{0,9}=\s{0,9}["']checkbox["']""", re.IGNORECASE)
_ACTIVE_X_CHECK_BOX = "{8BD21D40-EC42-11CE-9E0D-00AA006002F3}"  # the class of Forms.CheckBox.1


@dataclass
class Beside:
    """See `types.Sheet`. A comment may belong to a cell outside the table."""

    comments: dict[Position, str] = field(default_factory=dict)
    controls: int = 0


def read_beside(package: Parts, path: str) -> Beside:
    """The comments and tick boxes of the sheet at `path`.

    Raises Damaged, TooLarge, expat.ExpatError, zipfile's errors.
    """
    related: dict[str, list[str]] = {}
    for kind, _, target in package.related(path):
        # In an .xlsb these parts are binary records, except the properties of controls.
        if target.lower() in package.parts and target.lower().endswith((".xml", ".vml")):
            related.setdefault(kind.lower(), []).append(target)
    comments: dict[Position, str] = {}
    for target in related.get("comments", ()):
        comments |= _comments(package, target, "comment")
    # Excel also stores a threaded comment as a note with a hint to update Excel. The threaded one
    # replaces that note.
    threaded: dict[Position, str] = {}
    for target in related.get("threadedcomment", ()):
        threaded |= _comments(package, target, "threadedComment")
    properties = [*related.get("ctrlprop", ()), *related.get("control", ())]
    controls = sum(_is_check_box(package, target) for target in properties)
    # Excel writes each form control to the VML drawing as well; older programs write only that.
    drawn = sum(
        package.count(package.parts[target.lower()], _VML_CHECK_BOX)
        for target in related.get("vmldrawing", ())
    )
    together = dict(list((comments | threaded).items())[:MAX_COMMENTS])
    return Beside(together, max(controls, drawn))


def _comments(package: Parts, path: str, element: str) -> dict[Position, str]:
    """The comments of a part by cell; replies are appended as further lines."""
    columns = Columns()
    found: dict[Position, str] = {}
    place: Position | None = None
    pieces: list[str] = []
    length = 0
    skipped = 0  # nesting depth of <rPh>, the phonetic reading of a text

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal place, length, skipped
        name = local(name)
        if name == element:
            place = reference(attributes.get("ref", "").partition(":")[0], columns)
            pieces.clear()
            length = 0
        elif name == "rPh":
            skipped += 1
        elif name in {"t", "text"} and place is not None and not skipped:
            parser.CharacterDataHandler = text

    def text(data: str) -> None:
        nonlocal length
        if length <= MAX_COMMENT:
            pieces.append(data)
            length += len(data)

    def end(name: str) -> None:
        nonlocal place, skipped
        name = local(name)
        if name in {"t", "text"}:
            parser.CharacterDataHandler = None
        elif name == "rPh":
            skipped -= 1
        elif name == element and place is not None:
            said = "".join(pieces).strip()
            if said and (place in found or len(found) < MAX_COMMENTS):
                said = f"{found[place]}\n{said}" if place in found else said
                found[place] = said if len(said) <= MAX_COMMENT else f"{said[: MAX_COMMENT - 1]}…"
            place = None

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    with package.zip.open(package.name(path)) as stream:
        parse(stream, parser)
    return found


def _is_check_box(package: Parts, path: str) -> bool:
    """Whether a control's property part describes a tick box."""
    found = False

    def element(name: str, attributes: dict[str, str]) -> None:
        nonlocal found
        if name == "formControlPr":
            found = attributes.get("objectType") == "CheckBox"
        elif name == "ocx":
            ids = [value for key, value in attributes.items() if local(key) == "classid"]
            found = bool(ids) and ids[0].upper() == _ACTIVE_X_CHECK_BOX

    package.elements(path, element)
    return found
