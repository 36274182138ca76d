"""The public's search: what is found for some words, in groups, with the words in their sentence.

Everything is read from `SearchText`, of standing editions and the record (`public`). All words of a query
must occur. A word of one or two letters has to begin a word: what has it inside of one comes after, apart
(`Found.inside`). A query that is a code finds what has it.

The database reads the texts of a group once to count, up to COUNT_LIMIT hits, and once for a page.
Nothing of a query is a pattern: `%` and `_` are letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from followup import corrections, published
from followup.models import (
    Agency,
    PublishedAgency,
    Role,
    Round,
    SearchKind,
    SearchText,
    Snapshot,
    SourceCorrection,
)
from followup.naming import item_name
from followup.progress import MeasureProgress, ResolutionProgress, YearProgress
from followup.published import Edition
from followup.report_fields import FIELDS
from followup.search_index import MEASURE, OF_TEXT, REASON, RESOLUTION, SOURCE
from followup.search_words import (
    Piece,
    Words,
    beginnings_of,
    excerpt,
    nearest_words,
    pieces,
    plain,
    read_words,
)
from followup.status import Status
from forum_portal.languages import is_english
from proposals.codes import anchor_of, parse_code
from proposals.models import Forum, Resolution

COUNT_LIMIT = 1000  # hits of a group that are counted, and that pages lead to
VOCABULARY = 3000  # texts in which a near spelling is looked for
SUGGESTIONS = 4

INSIDE = "inside"  # the group of what has a short word inside of others


@dataclass(frozen=True)
class Asked:
    """A search: the words, and the filters, of which None keeps everything."""

    words: Words
    forum: Forum | None = None
    round: Round | None = None
    status: Status | None = None

    @property
    def is_filtered(self) -> bool:
        return any((self.forum, self.round, self.status))


@dataclass(frozen=True)
class Hit:
    """One text that was found, as pages, the API and the feed tell it."""

    row: SearchText
    title: Sequence[Piece]
    shown: Sequence[Piece]
    path: str
    code: str = ""  # of a measure or a resolution, in full
    label: str = ""  # which of the texts it is
    status: Status | None = None
    agency: Agency | None = None
    round: Round | None = None
    forum: Forum | None = None
    change: corrections.Difference | None = None
    reason: str = ""
    made_at: datetime | None = None
    progress: MeasureProgress | ResolutionProgress | None = None
    reports: tuple[int, int] | None = None  # of an agency: expected and received in the newest year

    @property
    def kind(self) -> str:
        return self.row.kind

    @property
    def is_lead(self) -> bool:
        return self.row.role == Role.LEAD

    @property
    def moment(self) -> datetime | None:
        """When it became public: a correction, or the report's round."""
        return self.made_at or (self.round.published_at if self.round else None)

    @property
    def is_resolution(self) -> bool:
        return self.row.part in {RESOLUTION, SOURCE}

    @property
    def name(self) -> str:
        """What stands before the title: the code in full, or the number of a resolution."""
        if self.is_resolution:
            parsed = parse_code(self.code)
            number = parsed.resolution if parsed else 0
            return item_name(Resolution(number=number), several_forums=False)
        return self.code

    @property
    def plain_title(self) -> str:
        return plain(self.title)

    @property
    def plain_text(self) -> str:
        return plain(self.shown)


@dataclass(frozen=True)
class Group:
    """The hits of one kind: how many there are (up to COUNT_LIMIT), and those that a page shows."""

    kind: str
    label: str
    total: int
    hits: Sequence[Hit] = ()

    @property
    def is_more(self) -> bool:
        """Whether there are more hits than were counted."""
        return self.total > COUNT_LIMIT

    @property
    def counted(self) -> int:
        return min(self.total, COUNT_LIMIT)


def group_labels() -> dict[str, str]:
    """Kind -> the heading of its group, in the order of pages."""
    return {**{kind.value: str(kind.label) for kind in SearchKind}, INSIDE: _("พบกลางคำ")}


@dataclass
class Search:
    """One search; what it needs of the record is read once."""

    asked: Asked
    rounds: Sequence[Round] = field(default_factory=lambda: list(Round.objects.public()))

    @property
    def words(self) -> Words:
        return self.asked.words

    @cached_property
    def editions(self) -> dict[Round, Edition]:
        return published.editions(self.rounds)

    @cached_property
    def forums(self) -> dict[int, Forum]:
        return {each.pk: each for each in Forum.objects.order_by("-year_be")}

    @cached_property
    def progress(self) -> YearProgress | None:
        """The counting of the year that is asked for, or of the newest."""
        shown = self.asked.round or next(iter(self.rounds), None)
        if shown is None:
            return None
        return published.year_progress(
            shown, known=self.editions if shown in self.editions else None
        )

    @cached_property
    def measures(self) -> dict[int, MeasureProgress]:
        return {each.measure.pk: each for each in self.progress.measures} if self.progress else {}

    @cached_property
    def resolutions(self) -> dict[int, ResolutionProgress]:
        every = self.progress.resolutions if self.progress else ()
        return {each.resolution.pk: each for each in every}

    # What is found ----------------------------------------------------------------------------

    def rows(self, *, kind: str = "") -> QuerySet[SearchText]:
        """The public texts of a kind (or of all) that the filters keep, whatever their words."""
        rows = public(self.editions)
        if kind:
            rows = rows.filter(kind=kind)
        asked = self.asked
        if asked.forum:
            rows = rows.filter(forum_id=asked.forum.pk)
        if asked.round:
            rows = rows.filter(Q(round_id=asked.round.pk) | self._followed(None))
        if asked.status:
            of_report = Q(kind=SearchKind.RESULT, status=asked.status.value)
            rows = rows.filter(of_report | self._followed(asked.status))
        return rows

    def _followed(self, status: Status | None) -> Q:
        """Proposals and measures that have a status, or this one, in the year shown."""

        def those(every: Mapping[int, MeasureProgress | ResolutionProgress]) -> list[int]:
            return [pk for pk, each in every.items() if status in (None, each.status)]

        of_resolution = Q(kind=SearchKind.PROPOSAL, part=RESOLUTION)
        of_measure = Q(kind=SearchKind.PROPOSAL, part=MEASURE)
        found = of_measure & Q(subject_id__in=those(self.measures))
        if status is None:
            of_resolution |= Q(kind=SearchKind.SOURCE)
        return found | of_resolution & Q(subject_id__in=those(self.resolutions))

    def matching(self, *, kind: str = "", inside: bool = False) -> QuerySet[SearchText]:
        """The texts of a kind that are found; `inside`: those that have a short word inside only."""
        rows = self.rows(kind=kind)
        if not self.words.terms:
            return rows.none()
        code = self.words.code
        if code:
            if inside:
                return rows.none()
            full = f"{code}" if code.year else f"-{code}"
            # A short code is one of every forum.
            same = {"code": full} if code.year else {"code__endswith": full}
            exact = Q(**same)
            if not code.clause:
                exact |= Q(code__startswith=f"{full}.") | Q(kind=SearchKind.SOURCE, **same)
            measures = [
                pk
                for pk, each in self.every_measure.items()
                if each == str(code) or (not code.year and each.endswith(full))
            ]
            found = exact | Q(kind=SearchKind.RESULT, measure_id__in=measures)
            # A text may name a full code; the digits of a short one stand in many texts.
            return rows.filter(found | self._occurs() if code.year else found)
        if not inside:
            return rows.filter(self._occurs(at_beginnings=True))
        if not self.words.is_short:
            return rows.none()
        return rows.filter(self._occurs()).exclude(self._occurs(at_beginnings=True))

    @cached_property
    def every_measure(self) -> dict[int, str]:
        """Measure -> its full code."""
        rows = SearchText.objects.filter(kind=SearchKind.PROPOSAL, part=MEASURE)
        return dict(rows.values_list("subject_id", "code"))

    def _occurs(self, *, at_beginnings: bool = False) -> Q:
        wanted = Q()
        for term in self.words.terms:
            one = Q()
            for key in term.keys:
                if term.is_short and at_beginnings:
                    one |= Q(heads__contains=f" {key}")
                else:
                    one |= Q(normal__contains=key)
            wanted &= one
        return wanted

    def ordered(self, rows: QuerySet[SearchText]) -> QuerySet[SearchText]:
        """In the order of a page: what is called so, what has it in its name, then the others."""
        if not self.words.terms:
            return rows.order_by("sort", "id")
        called, in_name = Q(), Q()
        for term in self.words.terms:
            called &= Q(names__contains=f"\n{term.keys[0]}\n")
            in_name &= Q(names__contains=term.keys[0])
        if self.words.code:
            full = str(self.words.code)
            called = Q(code=full) | Q(code__endswith=f"-{full}")
        place = Case(
            When(called, then=Value(0)),
            When(in_name, then=Value(1)),
            default=Value(2),
            output_field=IntegerField(),
        )
        return rows.annotate(place=place).order_by("place", "sort", "id")

    def found(self, kind: str) -> QuerySet[SearchText]:
        """The texts of a group; those of INSIDE by kind."""
        if kind == INSIDE:
            kinds = [When(kind=each, then=Value(nth)) for nth, each in enumerate(SearchKind.values)]
            which = Case(*kinds, default=Value(9), output_field=IntegerField())
            return self.matching(inside=True).order_by(which, "sort", "id")
        rows = self.matching(kind=kind)
        # Reports have no name: their order is that of the index, so that a page reads no further.
        return rows.order_by("sort", "id") if kind == SearchKind.RESULT else self.ordered(rows)

    def keys(self, kind: str) -> list[int]:
        """The keys of a group's texts in order, up to one more than COUNT_LIMIT: one reading of them."""
        return list(self.found(kind).values_list("pk", flat=True)[: COUNT_LIMIT + 1])

    def groups(self, size: int) -> list[Group]:
        """Every group with a hit, each with its first `size` hits."""
        kinds = [kind for kind in group_labels() if kind != INSIDE or self.words.is_short]
        keys = {kind: found for kind in kinds if (found := self.keys(kind))}
        hits = iter(self.hits_of([key for found in keys.values() for key in found[:size]]))
        return [
            Group(kind, label, len(keys[kind]), [next(hits) for _key in keys[kind][:size]])
            for kind, label in group_labels().items()
            if kind in keys
        ]

    # How it is told ---------------------------------------------------------------------------

    def hits_of(self, keys: Sequence[int]) -> list[Hit]:
        """The hits of some texts by their keys, in their order."""
        rows = SearchText.objects.in_bulk(keys) if keys else {}
        return self.hits([rows[key] for key in keys if key in rows])

    def hits(self, rows: Sequence[SearchText]) -> list[Hit]:
        """Some rows as pages tell them, in their order; a fixed number of queries."""
        context = _Context.of(self, rows)
        return [context.hit(row) for row in rows]

    # If nothing is found ----------------------------------------------------------------------

    def suggestions(self) -> list[Suggestion]:
        """Other searches that find something: a near spelling, fewer or shorter words, no filter."""
        found = [
            *(self._found_by(words, _("สะกดใกล้เคียง")) for words in self._near()),
            *(self._found_by(term.typed, _("ค้นคำนี้คำเดียว")) for term in self._single_terms()),
            *(self._found_by(words, _("คำที่สั้นลง")) for words in self._shorter()),
            *self._wider(),
        ]
        told: dict[tuple[str, bool], Suggestion] = {}
        for each in found:
            if each is not None:
                told.setdefault((each.words, each.without_filters), each)
        return list(told.values())[:SUGGESTIONS]

    def _total(self, asked: Asked) -> int:
        other = Search(asked, self.rounds)
        other.__dict__["editions"] = self.editions
        return counted(other.matching()) or counted(other.matching(inside=True))

    def _found_by(self, words: str, why: str) -> Suggestion | None:
        asked = replace(self.asked, words=read_words(words))
        if not asked.words.terms or asked.words.terms == self.words.terms:
            return None
        total = self._total(asked)
        if not total and asked.is_filtered:
            asked = Asked(asked.words)
            total = self._total(asked)
        return Suggestion(words, why, total, not asked.is_filtered) if total else None

    def _near(self) -> Iterable[str]:
        rows = public(self.editions).filter(
            kind__in=(SearchKind.PROPOSAL, SearchKind.AGENCY, SearchKind.FORUM)
        )
        lines = [
            line
            for title, text in rows.order_by("kind", "sort").values_list("title", "text")[
                :VOCABULARY
            ]
            for line in (title, *text.splitlines())
        ]
        if near := nearest_words(self.words.typed, lines):
            yield near

    def _single_terms(self) -> Iterable[Any]:
        return self.words.terms if len(self.words.terms) > 1 else ()

    def _shorter(self) -> Iterable[str]:
        """The longest beginning of the only word that is found; it has three letters at least."""
        if len(self.words.terms) != 1:
            return
        shorter = beginnings_of(self.words.terms[0].typed)
        least, most = 0, len(shorter)  # whatever is found of a word is found of its beginning
        while least < most:
            middle = (least + most) // 2
            if self._total(Asked(read_words(shorter[middle]))):
                least = middle + 1
            else:
                most = middle
        if least:
            yield shorter[least - 1]

    def _wider(self) -> Iterable[Suggestion | None]:
        if not self.asked.is_filtered:
            return
        total = self._total(Asked(self.words))
        if total:
            yield Suggestion(self.words.typed, _("ไม่ใช้ตัวกรอง"), total, without_filters=True)


@dataclass(frozen=True)
class Suggestion:
    """A search that finds something; `without_filters`: by dropping them."""

    words: str
    why: str
    total: int
    without_filters: bool

    @property
    def counted(self) -> int:
        return min(self.total, COUNT_LIMIT)


def public(editions: Mapping[Round, Edition]) -> QuerySet[SearchText]:
    """The texts that the public reads: of the record, and of these rounds' standing editions.

    A correction that was taken back, or whose round is no longer public, is not among them.
    """
    standing = Snapshot.objects.corrections().filter(round__in=[each.pk for each in editions])
    of_text = Q(kind=SearchKind.CORRECTION, part=OF_TEXT)
    return SearchText.objects.filter(
        Q(edition__in=[each.pk for each in editions.values()])
        | (Q(edition=None) & ~Q(kind=SearchKind.CORRECTION))
        | of_text
        | Q(edition=None, kind=SearchKind.CORRECTION, subject_id__in=standing.values("pk"))
        & ~of_text
    )


def counted(rows: QuerySet[SearchText]) -> int:
    """How many there are, up to one more than COUNT_LIMIT."""
    return rows.order_by()[: COUNT_LIMIT + 1].count()


@dataclass(frozen=True)
class _Context:
    """What the hits of one page are told with."""

    search: Search
    rounds: Mapping[int, Round]
    agencies: Mapping[tuple[int | None, int], Agency]  # (edition, key); None: as it is now
    snapshots: Mapping[int, Snapshot]
    texts: Mapping[int, SourceCorrection]
    reports: Mapping[int, tuple[int, int]]

    @classmethod
    def of(cls, search: Search, rows: Sequence[SearchText]) -> _Context:
        of_reports = [row for row in rows if row.kind == SearchKind.RESULT]
        found = PublishedAgency.objects.filter(
            edition__in={row.edition_id for row in of_reports},
            agency_id__in={row.agency_id for row in of_reports},
        )
        agencies: dict[tuple[int | None, int], Agency] = {}
        if of_reports:
            for each in found:
                agencies[each.edition_id, each.agency_id] = published.agency_of(each)
        own = {row.subject_id for row in rows if row.kind == SearchKind.AGENCY}
        newest = next(iter(search.editions.values()), None)
        corrected = {
            row.subject_id
            for row in rows
            if row.kind == SearchKind.CORRECTION and row.part != OF_TEXT
        }
        texts = {row.subject_id for row in rows if row.part == OF_TEXT}
        if own:
            agencies |= {(None, pk): each for pk, each in Agency.objects.in_bulk(own).items()}
        snapshots = (
            Snapshot.objects.filter(pk__in=corrected).defer("content").select_related("round")
        )
        return cls(
            search,
            {each.pk: each for each in search.rounds},
            agencies,
            {each.pk: each for each in snapshots} if corrected else {},
            SourceCorrection.objects.in_bulk(texts) if texts else {},
            published.counts_of(own, newest) if own and newest else {},
        )

    def hit(self, row: SearchText) -> Hit:
        match row.kind:
            case SearchKind.RESULT:
                return self._result(row)
            case SearchKind.AGENCY:
                return self._agency(row)
            case SearchKind.FORUM:
                forum = self._forum(row)
                return Hit(
                    row,
                    self._titled(row, forum.short_name if forum else ""),
                    self._excerpt(row.text),
                    reverse("forum", args=[row.code]),
                    code=row.code,
                    forum=forum,
                )
            case SearchKind.CORRECTION:
                return self._correction(row)
        return self._proposal(row)

    def _titled(self, row: SearchText, shown: str) -> list[Piece]:
        """A title with what was found in it. The index has the Thai one; `shown`: as the page has it."""
        return self._marked((is_english() and shown) or row.title)

    def _marked(self, text: str) -> list[Piece]:
        return pieces(text, self.search.words)

    def _excerpt(self, text: str) -> list[Piece]:
        return excerpt(text, self.search.words)

    def _forum(self, row: SearchText) -> Forum | None:
        return self.search.forums.get(row.forum_id or 0)

    def _query(self, round_: Round | None) -> str:
        """The year of links, if it is not the one that pages show by themselves."""
        if round_ is None or round_ == next(iter(self.search.rounds), None):
            return ""
        return f"?year={round_.code}"

    def _proposal(self, row: SearchText) -> Hit:
        """A resolution, a measure, or a resolution's source text."""
        search = self.search
        shown: MeasureProgress | ResolutionProgress | None
        title = ""
        if row.part == MEASURE:
            if shown := search.measures.get(row.subject_id):
                title = shown.measure.title
        elif shown := search.resolutions.get(row.subject_id):
            title = shown.resolution.title
        text = self._excerpt(row.text) if row.text else []
        return Hit(
            row,
            self._titled(row, title),
            text,
            _path(row.code, self._query(search.asked.round)),
            code=row.code,
            status=shown.status if shown and row.kind == SearchKind.PROPOSAL else None,
            forum=self._forum(row),
            progress=shown,
        )

    def _result(self, row: SearchText) -> Hit:
        round_ = self.rounds[row.round_id or 0]
        measure = self.search.editions[round_].frame.measures[row.measure_id or 0]
        return Hit(
            row,
            [Piece(measure.title)],
            self._excerpt(row.text),
            _path(measure.full_code, self._query(round_)),
            code=measure.full_code,
            label=str(FIELDS[row.part].label),
            status=Status(row.status),
            agency=self.agencies.get((row.edition_id, row.agency_id or 0)),
            round=round_,
            forum=self._forum(row),
        )

    def _agency(self, row: SearchText) -> Hit:
        agency = self.agencies.get((None, row.subject_id))
        title = self._titled(row, agency.name if agency else "")
        others = self._excerpt(row.text.replace("\n", " · "))
        # Other names are shown where the words are in none of those that the title has.
        return Hit(
            row,
            title,
            others if any(piece.is_hit for piece in others) else [],
            reverse("agency", args=[row.code]),
            code=row.code,
            agency=agency,
            reports=self.reports.get(row.subject_id),
        )

    def _correction(self, row: SearchText) -> Hit:
        if row.part == OF_TEXT:
            of_text = self.texts.get(row.subject_id)
            label = str(corrections.source_label(of_text)) if of_text else ""
            return Hit(
                row,
                self._marked(label),
                self._excerpt(row.text),
                f"{reverse('corrections')}#h-sources",
                code=row.code,
                change=corrections.Difference(row.code, "", label, row.before, row.text),
                reason=of_text.reason if of_text else "",
                made_at=of_text.made_at if of_text else None,
                forum=self._forum(row),
            )
        edition = self.snapshots[row.subject_id]
        change = None
        if row.part != REASON:
            change = corrections.Difference(row.code, "", row.title, row.before, row.text)
        return Hit(
            row,
            self._marked(row.title) if change else self._excerpt(edition.reason),
            self._excerpt(row.text),
            f"{reverse('corrections')}?edition={edition.pk}#c{edition.pk}",
            code=row.code,
            change=change,
            reason=edition.reason if change else "",
            made_at=edition.made_at,
            round=edition.round,
            forum=self._forum(row),
        )


def _path(code: str, query: str) -> str:
    """The address of a resolution, or of a measure on its page, by its full code."""
    parsed = parse_code(code)
    assert parsed is not None  # noqa: S101  the index has full codes only
    address = reverse("resolution", args=[parsed.year, parsed.resolution]) + query
    return f"{address}#{anchor_of(code)}" if parsed.clause else address


def newest(search: Search, limit: int) -> list[Hit]:
    """The latest published reports and corrections that are found, the latest first: for the feed."""
    rows = [
        *search.found(SearchKind.RESULT)[:limit],
        *search.matching(kind=SearchKind.CORRECTION).order_by("sort", "id")[:limit],
    ]
    hits = search.hits(rows)

    published_hits = [(hit.moment, hit) for hit in hits if hit.moment]
    in_order = sorted(published_hits, key=lambda each: each[0], reverse=True)
    return [hit for _moment, hit in in_order[:limit]]
