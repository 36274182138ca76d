"""A test client that parses each page, and fails on flaws that no page may have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from html import unescape
from html.parser import HTMLParser
from typing import Any
from unittest.mock import patch

import pytest
from django.template import engines
from django.test import Client

from forum_portal.languages import language_of

#: What a template shows for a missing variable.
UNKNOWN = "⟦%s⟧"

VOID = frozenset(["br", "col", "hr", "img", "input", "link", "meta", "wbr"])
INLINE = frozenset(["a", "b", "em", "i", "mark", "q", "small", "span", "strong", "wbr"])
PLAIN_TEXT_INSIDE = frozenset(
    ["iframe", "noembed", "noframes", "plaintext", "script", "style", "textarea", "title", "xmp"]
)
UNSEEN = frozenset(["head", "script", "svg"])
ADDRESSES = frozenset(["href", "src", "srcset", "action", "formaction"])
REFERENCES = frozenset(["for", "form", "aria-labelledby", "aria-describedby", "aria-controls"])

# Pages as a tree -------------------------------------------------------------------------------

SIMPLE = re.compile(r"(\w+)?(?:#([\w-]+))?((?:\.[\w-]+)*)(?:\[([\w-]+)(?:=([^\]]*))?\])?")


@cache
def parts_of(simple: str) -> tuple[str, str, frozenset[str], str, str | None]:
    """Tag, id, classes, attribute and the attribute's value of a simple selector."""
    match = SIMPLE.fullmatch(simple)
    assert match, f"no selector: {simple}"
    tag, id_, classes, attribute, value = match.groups()
    return tag or "", id_ or "", frozenset(classes.split(".")[1:]), attribute or "", value


class Element:
    """An element of a page; `document` is the page itself, and has its address."""

    address = ""

    def __init__(self, tag: str, attributes: Mapping[str, str] | None = None) -> None:
        self.tag = tag
        self.attributes = dict(attributes or {})
        self.children: list[Element | str] = []

    def __repr__(self) -> str:
        return f"<{self.tag} {self.attributes}>"

    def __getitem__(self, attribute: str) -> str:
        return self.attributes[attribute]

    def get(self, attribute: str, default: str = "") -> str:
        return self.attributes.get(attribute, default)

    @property
    def classes(self) -> list[str]:
        return self.get("class").split()

    def walk(self) -> Iterator[Element]:
        """All descendant elements, in the order of the page."""
        waiting = self.children[::-1]
        while waiting:
            child = waiting.pop()
            if isinstance(child, Element):
                yield child
                waiting.extend(reversed(child.children))

    def fits(self, simple: str) -> bool:
        tag, id_, classes, attribute, value = parts_of(simple)
        return (
            (not tag or self.tag == tag)
            and (not id_ or self.get("id") == id_)
            and (not classes or classes <= set(self.classes))
            and (not attribute or attribute in self.attributes)
            and (value is None or self.get(attribute) == value)
        )

    def select(self, selector: str) -> list[Element]:
        """The elements that a selector such as `table.tbl tr th[scope]` matches; a space means inside."""
        found = [self]
        for simple in selector.split():
            inside = {id(each): each for outer in found for each in outer.walk()}
            found = [each for each in inside.values() if each.fits(simple)]
        return found

    def one(self, selector: str) -> Element:
        found = self.select(selector)
        assert len(found) == 1, f"{len(found)} of {selector}"
        return found[0]

    def texts(self, selector: str) -> list[str]:
        return [each.text for each in self.select(selector)]

    def has(self, selector: str) -> bool:
        return bool(self.select(selector))

    @property
    def ids(self) -> set[str]:
        return {each["id"] for each in self.walk() if "id" in each.attributes}

    @property
    def text(self) -> str:
        """The visible text; runs of white space and NBSP are one space."""
        return " ".join(self.raw().split())

    def raw(self, *, without: str = "") -> str:
        """All characters, with a space at the beginning and end of each block."""
        parts = []
        for child in self.children:
            if isinstance(child, str):
                parts.append(child)
            elif child.tag not in UNSEEN and not (without and child.fits(without)):
                words = child.raw(without=without)
                parts.append(words if child.tag in INLINE else f" {words} ")
        return "".join(parts)

    # Forms

    def controls(self) -> dict[str, Any]:
        """The data that a browser would send for this form, without its buttons."""
        sent: dict[str, list[str]] = {}
        for each in self.walk():
            name, kind = each.get("name"), each.get("type", "text")
            if not name or "disabled" in each.attributes:
                continue
            if each.tag == "textarea":
                value = "".join(map(str, each.children)).removeprefix("\n")
            elif each.tag == "select":
                options = each.select("option")
                chosen = [option for option in options if "selected" in option.attributes]
                value = (chosen or options)[0].get("value")
            elif each.tag != "input" or kind == "submit":
                continue
            elif kind in {"checkbox", "radio"}:
                if "checked" not in each.attributes:
                    continue
                value = each.get("value", "on")
            else:
                value = each.get("value")
            sent.setdefault(name, []).append(value)
        return {name: values[0] if len(values) == 1 else values for name, values in sent.items()}


#: A tag as our templates write it: lower case, values in double quotes.
PLAIN_TAG = re.compile(r'<([a-z][a-z0-9]*)((?:\s+[a-z][\w:-]*(?:="[^"<>]*")?)*)\s*>', re.ASCII)
PLAIN_ATTRIBUTE = re.compile(r'([a-z][\w:-]*)(?:="([^"]*)")?', re.ASCII)


class Reader(HTMLParser):
    """Builds the tree; a tag that is not closed, or closed in the wrong order, is a flaw."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.document = Element("document")
        self.open = [self.document]
        self.flaws: list[str] = []
        self.feed(html)
        self.close()
        self.flaws += [f"<{each.tag}> is not closed" for each in self.open[1:]]

    def parse_starttag(self, i: int) -> int:
        """Parse a start tag like the base class, but in a third of the time for plain tags."""
        match = PLAIN_TAG.match(self.rawdata, i)
        if not match or match[1] in PLAIN_TEXT_INSIDE:
            return super().parse_starttag(i)
        attributes = [
            (name.lower(), unescape(value) if "&" in value else value)
            for name, value in PLAIN_ATTRIBUTE.findall(match[2])
        ]
        self.handle_starttag(match[1], attributes)
        return match.end()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        if len(element.attributes) < len(attrs):
            self.flaws.append(f"<{tag}> has an attribute twice")
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1].tag == tag:
            self.open.pop()
        else:
            self.flaws.append(f"</{tag}> closes <{self.open[-1].tag}>")

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def updatepos(self, i: int, j: int) -> int:
        return j  # line numbers are not needed, and counting them takes time


def read(response: Any) -> Element:
    """The page of a response."""
    return reader_of(response).document


def reader_of(response: Any) -> Reader:
    if not hasattr(response, "portal_page"):
        response.portal_page = Reader(response.content.decode())
        response.portal_page.document.address = response.request["PATH_INFO"]
    reader: Reader = response.portal_page
    return reader


# Flaws -----------------------------------------------------------------------------------------


#: Forms that act for nobody who is signed in: their pages are kept, or a key in the address is the right.
OF_STRANGERS = ("/follow/", "/en/follow/")


def flaws_of(html: str, reader: Reader | None = None) -> list[str]:
    """The flaws found in a page; no page of the portal may have one."""
    reader = reader or Reader(html)
    document, found = reader.document, list(reader.flaws)
    found += [f"template code: {mark}" for mark in ("{{", "{%", "{#") if mark in html]
    unknown = re.escape(UNKNOWN).replace("%s", "(.+?)")
    found += [f"unknown template variable: {name}" for name in set(re.findall(unknown, html))]

    every = list(document.walk())
    by_tag = Counter(each.tag for each in every)
    language = language_of(document.address)
    if not any(each.tag == "html" and each.get("lang") == language for each in every):
        found.append(f'not <html lang="{language}">')
    if by_tag["h1"] != 1:
        found.append(f"{by_tag['h1']} h1 instead of one")
    if by_tag["main"] != 1:
        found.append(f"{by_tag['main']} main instead of one")
    heads = [each for each in every if each.tag == "head"]
    title = [text for head in heads for text in head.texts("title")]
    if not title or title[0].startswith("|"):
        found.append("no title")

    ids = Counter(each["id"] for each in every if "id" in each.attributes)
    found += [f"id {name} stands {times} times" for name, times in ids.items() if times > 1]
    for each in every:
        found += [f"{flaw} in {each}" for flaw in flaws_in(each, set(ids))]
    return found


def flaws_in(each: Element, ids: set[str]) -> Iterator[str]:
    if each.tag in {"script", "style"} and not each.get("src"):
        yield f"inline {each.tag}"
    for name, value in each.attributes.items():
        if name == "style" or name.startswith("on"):
            yield f"inline {name}="
        elif name in ADDRESSES:
            if value.strip().lower().startswith(("javascript:", "data:")):
                yield "a script or data as an address"
            if value.startswith("#") and value[1:] not in ids:
                yield f"{value} leads nowhere"
            is_told = each.get("rel") in {"alternate", "canonical"}
            is_loaded = name != "href" or (each.tag == "link" and not is_told)
            if "//" in value and is_loaded:
                yield "something of another host"
        elif name in REFERENCES:
            yield from (f"{name} names no {id_}" for id_ in value.split() if id_ not in ids)
        elif value.startswith("url(#") and value[5:-1] not in ids:
            yield f"no pattern {value[5:-1]}"
    if each.tag == "form" and each.get("method").lower() == "post":
        tokens = len(each.select("input[name=csrfmiddlewaretoken]"))
        wanted = 0 if each.get("action").startswith(OF_STRANGERS) else 1
        yield from [] if tokens == wanted else [f"a form with {tokens} tokens"]


def header_flaws(headers: Mapping[str, str], *, is_embed: bool = False) -> list[str]:
    policy = headers.get("Content-Security-Policy", "")
    if is_embed:  # other sites may frame only this
        policy = policy.replace("frame-ancestors *", "")
    found = [] if "default-src 'none'" in policy else ["no Content-Security-Policy"]
    if "unsafe" in policy or "*" in policy or "http" in policy:
        found.append(f"a lax Content-Security-Policy: {policy}")
    return found


# The client ------------------------------------------------------------------------------------


class PortalClient(Client):
    """Django's test client; it checks every page for flaws, and a flaw fails the test."""

    def request(self, **request: Any) -> Any:
        engine: Any = engines["django"]
        with patch.object(engine.engine, "string_if_invalid", self.unknown(request)):
            response = super().request(**request)
        is_embed = request.get("PATH_INFO", "").startswith(("/embed/", "/en/embed/"))
        found = header_flaws(response.headers, is_embed=is_embed)
        if response.headers.get("Content-Type", "").startswith("text/html") and response.content:
            found += flaws_of(response.content.decode(), reader_of(response))
        if found:
            where = f"{request.get('REQUEST_METHOD')} {request.get('PATH_INFO')}"
            pytest.fail(f"{where}: {response.status_code}\n" + "\n".join(found), pytrace=False)
        return response

    @staticmethod
    def unknown(request: Mapping[str, Any]) -> str:
        # Django's admin templates use variables that only some of its pages have.
        return "" if request.get("PATH_INFO", "").startswith("/admin/") else UNKNOWN

    def page(self, path: str, *, status: int = 200, **query: Any) -> Element:
        """The page at an address."""
        response = self.get(path, query or None)
        assert response.status_code == status, (response.status_code, response.headers)
        return read(response)

    def send(self, page: Element, selector: str = "main form", **changes: Any) -> Any:
        """Send a form of a page with some of its controls changed; None removes one.

        In keyword names `__` means `-`, which Python does not allow in names.
        """
        form = page.one(selector)
        data = form.controls()
        for name, value in changes.items():
            data[name.replace("__", "-")] = value
        self.sent = data = {name: value for name, value in data.items() if value is not None}
        by = self.post if form.get("method").lower() == "post" else self.get
        return by(form.get("action") or page.address, data)
