"""The fields of a Word document: instructions that Word runs, put together from their pieces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree  # type: ignore[import-untyped]

#: Fields that fetch from a program, a file or the network.
_PULLING = {
    *("DDE", "DDEAUTO", "LINK", "INCLUDE", "INCLUDETEXT", "INCLUDEPICTURE", "IMPORT", "DATABASE"),
}
_NESTED = "\0"  # stands for a field within an instruction
_LINK = re.compile(r"\s*HYPERLINK\s+(?:\\[a-z]\s+)*[\"“]([^\"”]*)", re.I)


def _instructions(root: etree._Element) -> Iterator[str]:
    """The instruction of each field, whose pieces may be in several runs."""
    open_: list[list[str]] = []
    shown: list[bool] = []  # whether the field's result has begun
    for each in root.iter():
        if not isinstance(each.tag, str):
            continue
        name = etree.QName(each).localname
        if name == "fldSimple":
            yield _attribute(each, "instr")
        elif name == "fldChar":
            kind = _attribute(each, "fldCharType")
            if kind == "begin":
                if open_ and not shown[-1]:
                    open_[-1].append(_NESTED)
                open_.append([])
                shown.append(False)
            elif kind == "separate" and shown:
                shown[-1] = True
            elif kind == "end" and open_:
                shown.pop()
                yield "".join(open_.pop())
        elif name == "instrText" and open_ and not shown[-1]:
            open_[-1].append(each.text or "")
        elif name == "instrText":
            yield each.text or ""
    for pieces in open_:
        yield "".join(pieces)


def _attribute(element: etree._Element, name: str) -> str:
    return next(
        (str(value) for key, value in element.attrib.items() if etree.QName(key).localname == name),
        "",
    )


def pulls_data(root: etree._Element) -> bool:
    """Whether a field fetches data, or hides what it is by building its first word from another."""
    words = (text.split(maxsplit=1)[:1] for text in _instructions(root))
    return any(
        _NESTED in word or word.strip('"“”').upper() in _PULLING
        for found in words
        for word in found
    )


def links(root: etree._Element) -> Iterator[str]:
    """The targets of the hyperlinks that are fields."""
    for text in _instructions(root):
        found = _LINK.match(text)
        if found:
            yield found[1]
