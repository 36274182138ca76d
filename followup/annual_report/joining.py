"""Joins PDFs of typst's to one tagged PDF, in the memory of the largest of them.

qpdf joins pages, but not the tags (structure tree), and it holds every object of the result. Here each
file is read by itself, its objects get new numbers, and they are written at once, packed in object
streams (ISO 32000-1, 7.5.7). Joined are: the pages; the structure trees (one Document, one parent tree,
one tree of IDs); the bookmarks, made anew of the headings; the links to headings of other files.

A file may have pages that stand in for something elsewhere (`Source.leads`, `Source.stand_ins`). They are
left out with their tags, and a link to a stand-in leads to the heading that it stands for.
"""

from __future__ import annotations

import re
import zlib
from array import array
from base64 import b64encode
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf

#: What is renumbered in an object's text. Strings come first, so that nothing within one is changed.
_TOKEN = re.compile(
    rb"""
      /ID[ ]\((?P<id>(?:[^\\()]|\\.)*)\)
    | /Headers[ ]\[(?P<headers>[^\]]*)\]
    | \((?:[^\\()]|\\.)*\)
    | <[0-9A-Fa-f]+>
    | /(?P<parents>StructParents?)[ ](?P<key>\d+)
    | \[[ ](?P<page>\d+)[ ]0[ ]R[ ]/XYZ[ ][^\]]*\]
    | (?<![\w/.#+-])(?P<ref>\d+)[ ]0[ ]R\b
    """,
    re.VERBOSE | re.DOTALL,
)
_STRING = re.compile(rb"\(((?:[^\\()]|\\.)*)\)", re.DOTALL)
_PACKED = 200  # objects in an object stream


class NotJoined(ValueError):
    """A file is not built as typst builds it, so it cannot be joined safely."""


@dataclass(frozen=True)
class Spot:
    """Where a heading stands: its page within the file (0, 1, …) and its place there, in points."""

    page: int
    x: str
    y: str


@dataclass
class Source:
    """A PDF to be joined.

    `leads`: pages at its beginning that are left out. `stand_ins`: for each page at its end that is left
    out, the heading (its number in the whole document) that it stands for.
    """

    path: Path
    leads: int = 0
    stand_ins: Sequence[int] = ()
    pages: int = 0
    headings: list[Spot] = field(default_factory=list)

    def read(self) -> Source:
        """Find its own pages and headings, by its bookmarks. Returns itself."""
        with pikepdf.open(self.path) as pdf:
            self.pages = len(pdf.pages) - self.leads - len(self.stand_ins)
            places = {page.objgen: number for number, page in enumerate(pdf.pages)}
            spots = [
                Spot(places[each.Dest[0].objgen] - self.leads, *map(str, list(each.Dest)[2:4]))
                for each in _outline(pdf.Root.get("/Outlines"))
            ]
        self.headings = [spot for spot in spots if 0 <= spot.page < self.pages]
        return self


def _outline(node: Any) -> Iterator[Any]:
    child = node.get("/First") if node is not None else None
    while child is not None:
        yield child
        yield from _outline(child)
        child = child.get("/Next")


def join(sources: Sequence[Source], titles: Sequence[tuple[int, str]], to: BinaryIO) -> None:
    """Write the sources, which were `read`, as one PDF. `titles`: (level, text) of every heading.

    The same sources give the same bytes. Raises `NotJoined`.
    """
    if sum(len(each.headings) for each in sources) != len(titles):
        raise NotJoined("the headings are not those of the bookmarks")
    _Joining(sources, to).run(titles)


class _Joining:
    def __init__(self, sources: Sequence[Source], to: BinaryIO) -> None:
        self.sources, self.out = sources, _Writer(to)
        new = self.out.number
        self.catalogue, self.pages, self.tags, self.document = new(), new(), new(), new()
        self.page_numbers = [[new() for _page in range(each.pages)] for each in sources]
        self.spots = [
            b"[ %d 0 R /XYZ %s %s 0 ]" % (numbers[spot.page], spot.x.encode(), spot.y.encode())
            for each, numbers in zip(sources, self.page_numbers, strict=True)
            for spot in each.headings
        ]
        self.kids: list[bytes] = []  # of the tree of pages
        self.tagged: list[bytes] = []  # the Document's children
        self.parents: list[bytes] = []  # nodes of the parent tree
        self.ids: list[bytes] = []  # nodes of the tree of IDs
        self.roles: dict[str, str] = {}
        self.next_key = 0

    def run(self, titles: Sequence[tuple[int, str]]) -> None:
        digest = sha256()
        for place, source in enumerate(self.sources):
            digest.update(sha256(source.path.read_bytes()).digest())
            with pikepdf.open(source.path) as pdf:
                _Taking(self, place, pdf).run()
        name = b64encode(digest.digest()[:16])
        with pikepdf.open(self.sources[0].path) as pdf:
            self._frame(pdf, titles, name)

    def _frame(self, pdf: pikepdf.Pdf, titles: Sequence[tuple[int, str]], name: bytes) -> None:
        """What is there once: the catalogue, the roots of the trees, the metadata."""
        out, root = self.out, pdf.Root
        total = sum(each.pages for each in self.sources)
        metadata = out.number()
        xmp = re.sub(
            rb"(<xmpTPg:NPages>)\d+", rb"\g<1>%d" % total, root.Metadata.read_bytes(), count=1
        )
        xmp = re.sub(rb"(<xmpMM:(?:Instance|Document)ID>)[^<]*", lambda m: m[1] + name, xmp)
        out.put_stream(metadata, b"/Type /Metadata /Subtype /XML", xmp)
        out.put(
            self.pages, b"<< /Type /Pages /Count %d /Kids [ %s ] >>" % (total, b" ".join(self.kids))
        )
        out.put(
            self.document,
            b"<< /Type /StructElem /S /Document /P %d 0 R /K [ %s ] >>"
            % (self.tags, b" ".join(self.tagged)),
        )
        out.put(
            self.tags,
            b"<< /Type /StructTreeRoot /K [ %d 0 R ] /ParentTree << /Kids [ %s ] >>"
            b" /ParentTreeNextKey %d%s /RoleMap << %s >> >>"
            % (
                self.document,
                b" ".join(self.parents),
                self.next_key,
                b" /IDTree << /Kids [ %s ] >>" % b" ".join(self.ids) if self.ids else b"",
                " ".join(f"{name} {role}" for name, role in sorted(self.roles.items())).encode(),
            ),
        )
        kept = b" ".join(
            key.encode() + b" " + root[key].unparse(resolved=True)
            for key in ("/Lang", "/MarkInfo", "/ViewerPreferences")
        )
        out.put(
            self.catalogue,
            b"<< /Type /Catalog %s /Metadata %d 0 R /Pages %d 0 R /StructTreeRoot %d 0 R%s >>"
            % (kept, metadata, self.pages, self.tags, self._bookmarks(titles)),
        )
        info = out.number()
        out.put(info, pdf.trailer.Info.unparse(resolved=True))
        out.end(root=self.catalogue, info=info, name=name)

    def _bookmarks(self, titles: Sequence[tuple[int, str]]) -> bytes:
        """The tree of bookmarks, as typst makes it: a heading is below the last one of a higher rank."""
        if not titles:
            return b""
        root = self.out.number()
        numbers = [self.out.number() for _title in titles]
        children: dict[int, list[int]] = {root: []}
        above: dict[int, int] = {}
        path: list[tuple[int, int]] = []  # (level, number)
        for (level, _text), number in zip(titles, numbers, strict=True):
            while path and path[-1][0] >= level:
                path.pop()
            above[number] = path[-1][1] if path else root
            children[above[number]].append(number)
            children[number] = []
            path.append((level, number))
        beside = {}
        for siblings in children.values():
            for before, after in zip([0, *siblings], [*siblings, 0], strict=True):
                beside[before, "Next"] = after
                beside[after, "Prev"] = before
        for number, (_level, text), spot in zip(numbers, titles, self.spots, strict=True):
            words = [
                b"/Title %s /Parent %d 0 R /Dest %s"
                % (pikepdf.String(text).unparse(), above[number], spot)
            ]
            words += [
                b"/%s %d 0 R" % (name.encode(), other)
                for name in ("Prev", "Next")
                if (other := beside[number, name])
            ]
            if below := children[number]:
                # Negative: closed at first, as typst writes it.
                words.append(
                    b"/First %d 0 R /Last %d 0 R /Count -%d" % (below[0], below[-1], len(below))
                )
            self.out.put(number, b"<< %s >>" % b" ".join(words))
        top = children[root]
        self.out.put(
            root,
            b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count %d >>"
            % (top[0], top[-1], len(top)),
        )
        return b" /Outlines %d 0 R" % root


class _Taking:
    """Takes over one source's objects."""

    def __init__(self, whole: _Joining, place: int, pdf: pikepdf.Pdf) -> None:
        self.whole, self.pdf, self.out = whole, pdf, whole.out
        self.source = whole.sources[place]
        self.prefix = b"p%05d" % place
        self.base = whole.next_key
        root = pdf.Root
        self.tags = root.StructTreeRoot
        (self.document,) = _list(self.tags.K)
        if self.document.get("/S") != "/Document":
            raise NotJoined("the tags have no Document")
        pages = [page.obj for page in pdf.pages]
        first, end = self.source.leads, self.source.leads + self.source.pages
        self.pages = pages[first:end]
        self.left_out = {page.objgen[0]: page for page in [*pages[:first], *pages[end:]]}
        self.stand_ins = {
            page.objgen[0]: heading
            for page, heading in zip(pages[end:], self.source.stand_ins, strict=True)
        }
        self.node = self.out.number()  # above this source's pages
        self.numbers = {  # old -> new; what is here from the beginning is not copied
            root.Pages.objgen[0]: self.node,
            self.document.objgen[0]: whole.document,
            self.tags.objgen[0]: whole.tags,
        }
        self.waiting: deque[int] = deque()
        own = whole.page_numbers[place]
        self.numbers |= {page.objgen[0]: new for page, new in zip(self.pages, own, strict=True)}
        self.waiting.extend(page.objgen[0] for page in self.pages)

    def run(self) -> None:
        whole, out = self.whole, self.out
        whole.kids.append(b"%d 0 R" % self.node)
        kids = b" ".join(b"%d 0 R" % self.numbers[page.objgen[0]] for page in self.pages)
        out.put(
            self.node,
            b"<< /Type /Pages /Parent %d 0 R /Count %d /Kids [ %s ] >>"
            % (whole.pages, len(self.pages), kids),
        )
        whole.tagged += [
            self._refer(each.objgen[0])
            for each in _list(self.document.K)
            if not ("/Pg" in each and each.Pg.objgen[0] in self.left_out)
        ]
        self._parent_tree()
        self._ids()
        for name, role in self.tags.get("/RoleMap", {}).items():
            whole.roles[name] = str(role)
        while self.waiting:
            self._copy(self.waiting.popleft())

    def _parent_tree(self) -> None:
        gone = {
            int(page.StructParents) for page in self.left_out.values() if "/StructParents" in page
        }
        tree = pikepdf.NumberTree(self.tags.ParentTree)
        entries = sorted((key, value) for key, value in tree.items() if key not in gone)
        if entries:
            node = self.out.number()
            words = b" ".join(
                b"%d %s" % (self.base + key, self._renumbered(value.unparse()))
                for key, value in entries
            )
            ends = (self.base + entries[0][0], self.base + entries[-1][0])
            self.out.put(node, b"<< /Limits [ %d %d ] /Nums [ %s ] >>" % (*ends, words))
            self.whole.parents.append(b"%d 0 R" % node)
        self.whole.next_key = self.base + int(self.tags.ParentTreeNextKey)

    def _ids(self) -> None:
        if "/IDTree" not in self.tags:
            return
        entries = sorted(
            (self.prefix + key.encode(), value)
            for key, value in pikepdf.NameTree(self.tags.IDTree).items()
        )
        if not entries:
            return
        node = self.out.number()
        words = b" ".join(
            b"(%s) %s" % (key, self._refer(value.objgen[0])) for key, value in entries
        )
        ends = (entries[0][0], entries[-1][0])
        self.out.put(node, b"<< /Limits [ (%s) (%s) ] /Names [ %s ] >>" % (*ends, words))
        self.whole.ids.append(b"%d 0 R" % node)

    def _copy(self, old: int) -> None:
        thing = self.pdf.get_object(old, 0)
        number = self.numbers[old]
        if isinstance(thing, pikepdf.Stream):
            words = self._renumbered(thing.stream_dict.unparse(resolved=True))
            inner = re.sub(rb"/Length \d+( 0 R)?", b"", words.strip()[2:-2]).strip()
            self.out.put_stream(number, inner, thing.read_raw_bytes())
        else:
            self.out.put(number, self._renumbered(thing.unparse(resolved=True)))

    def _refer(self, old: int) -> bytes:
        """A reference to the copy of an object, which is copied later."""
        if old not in self.numbers:
            if old in self.left_out:
                raise NotJoined("something refers to a page that is left out")
            self.numbers[old] = self.out.number()
            self.waiting.append(old)
        return b"%d 0 R" % self.numbers[old]

    def _renumbered(self, words: bytes) -> bytes:
        return _TOKEN.sub(self._token, words)

    def _token(self, found: re.Match[bytes]) -> bytes:
        if ref := found["ref"]:
            return self._refer(int(ref))
        if found["id"] is not None:
            return b"/ID (%s%s)" % (self.prefix, found["id"])
        if (headers := found["headers"]) is not None:
            return b"/Headers [%s]" % _STRING.sub(rb"(%s\g<1>)" % self.prefix, headers)
        if found["parents"]:
            return b"/%s %d" % (found["parents"], self.base + int(found["key"]))
        if page := found["page"]:
            if (old := int(page)) in self.stand_ins:
                return self.whole.spots[self.stand_ins[old]]
            return found[0].replace(b"%d 0 R" % old, self._refer(old), 1)
        return found[0]


def _list(of: Any) -> list[Any]:
    return list(of) if isinstance(of, pikepdf.Array) else [of]


class _Writer:
    """Writes a PDF 1.7 file from front to back: its objects, and the index of them."""

    def __init__(self, to: BinaryIO) -> None:
        self.to = to
        self.kinds = bytearray([0])  # of each object: 0 free, 1 at an offset, 2 in an object stream
        self.places = array("Q", [0])  # the offset, or the object stream's number
        self.within = array("H", [0xFFFF])  # the place in the object stream
        self.packed: list[tuple[int, bytes]] = []
        to.write(b"%PDF-1.7\n%\x80\x80\x80\x80\n")

    def number(self) -> int:
        self.kinds.append(0)
        self.places.append(0)
        self.within.append(0)
        return len(self.kinds) - 1

    def put(self, number: int, words: bytes) -> None:
        self.packed.append((number, words))
        if len(self.packed) == _PACKED:
            self._flush()

    def put_stream(self, number: int, inner: bytes, content: bytes) -> None:
        """`inner`: the entries of its dictionary, without its length."""
        self.kinds[number], self.places[number] = 1, self.to.tell()
        self.to.write(b"%d 0 obj\n<< %s /Length %d >>\nstream\n" % (number, inner, len(content)))
        self.to.write(content)
        self.to.write(b"\nendstream\nendobj\n")

    def _flush(self) -> None:
        if not self.packed:
            return
        holder = self.number()
        heads, bodies, offset = [], [], 0
        for place, (number, words) in enumerate(self.packed):
            self.kinds[number], self.places[number], self.within[number] = 2, holder, place
            heads.append(b"%d %d" % (number, offset))
            bodies.append(words)
            offset += len(words) + 1
        head = b" ".join(heads) + b"\n"
        inner = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode" % (len(heads), len(head))
        self.packed = []
        self.put_stream(holder, inner, zlib.compress(head + b"\n".join(bodies)))

    def end(self, *, root: int, info: int, name: bytes) -> None:
        self._flush()
        index = self.number()
        start = self.to.tell()
        self.kinds[index], self.places[index] = 1, start
        rows = b"".join(
            bytes([kind]) + place.to_bytes(5, "big") + within.to_bytes(2, "big")
            for kind, place, within in zip(self.kinds, self.places, self.within, strict=True)
        )
        inner = (
            b"/Type /XRef /Size %d /W [ 1 5 2 ] /Root %d 0 R /Info %d 0 R /ID [ (%s) (%s) ]"
            b" /Filter /FlateDecode" % (len(self.kinds), root, info, name, name)
        )
        self.put_stream(index, inner, zlib.compress(rows))
        self.to.write(b"startxref\n%d\n%%%%EOF\n" % start)
