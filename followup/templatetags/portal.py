"""Template tags for small parts of pages: symbols, status tags, changes, download links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from diff_match_patch import diff_match_patch
from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from followup import discovery, indicators, joint_reports
from followup.charts import indicator_chart
from followup.citing import Cited
from followup.confirmations import basis_in_words, confirmed_in, meeting_of, today
from followup.figures import edition_code, figure_code
from followup.freshness import freshness
from followup.marked_text import Line, Piece
from followup.models import Agency, Assignment, Basis, Round, StatusReport
from followup.naming import item_name
from followup.opendata.files import FORMATS
from followup.progress import Line as CountedLine
from followup.progress import Promise, grade_of
from followup.report_fields import FIELDS
from followup.report_lines import report_lines, standing_lines
from followup.search_words import Piece as Found
from followup.shared_codes import ShownCode, shown_codes
from followup.source_text import AnnotatedText, Note, Stretch
from followup.source_words import opening
from followup.status import Change, Status
from forum_portal.addresses import absolute
from forum_portal.languages import is_english, language
from forum_portal.page_cache import mark_of
from forum_portal.templatetags.addresses import address_of
from forum_portal.thai import glue, glued, in_thai
from proposals.codes import shown_code
from proposals.models import Forum, Measure, Resolution

if TYPE_CHECKING:
    from followup.published import AgencyCount, CellUnit
    from followup.views.public import MatrixHead
    from followup.views.years import YearChoice

register = template.Library()

#: What a figure is of, as templates have it; None is the whole year.
Scope = Forum | Resolution | Measure | Agency | None
register.simple_tag(report_lines)
register.simple_tag(standing_lines)
register.simple_tag(opening, name="in_two")
register.simple_tag(indicators.series, name="indicator_of")
register.simple_tag(indicator_chart, name="line_of")


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, extra: str = "") -> SafeString:
    """A symbol of the sprite; decorative, so hidden from screen readers."""
    return format_html(
        '<svg class="ico{}" aria-hidden="true" focusable="false"><use href="#{}"/></svg>',
        f" {extra}" if extra else "",
        name,
    )


@register.simple_tag
def tag(status: Status, size: str = "", said: bool = False) -> SafeString:
    """A status as shape + word + colour on its background colour.

    Screen readers hear first that it is a status, unless its heading has `said` so.
    """
    markup = '<span class="tag{2} st-{0}">{1}{3}</span>'
    extra = f" tag--{size}" if size else ""
    return _status_in(markup, status, extra, str(status.label), "" if said else _("สถานะ:"))


@lru_cache(maxsize=256)
def _status_in(markup: str, status: Status, extra: str, label: str, before: str) -> SafeString:
    drawn = format_html(markup, status.value, icon(f"s-{status.value}"), extra, label)
    return format_html('<span class="sr">{} </span>{}', before, drawn) if before else drawn


@register.simple_tag
def label_of(name: str, short: bool = False) -> str:
    """The label of a report's field; the short one where the context completes it."""
    return str(FIELDS[name].short if short else FIELDS[name].label)


@register.simple_tag
def promise_of(line: CountedLine, choice: YearChoice) -> Promise | None:
    """What a lead agency answers and promises; None of others, and in years before it was kept."""
    day = choice.edition.as_of if choice.edition else None
    return Promise(line, day) if day and line.is_lead else None


@register.inclusion_tag("components/grade.html")
def grade(report: StatusReport) -> dict[str, Any]:
    """What the status of an approved report rests on."""
    return {
        "grade": grade_of(report),
        "pieces": sum(piece.is_ground for piece in report.evidence.all()),
    }


@register.simple_tag
def word(status: Status, length: str = "long", said: bool = False) -> SafeString:
    """A status as shape + word + colour without a background, for running lists; `said` as in `tag`."""
    label = status.short if length == "short" else status.label
    before = "" if said else _("สถานะ:")
    return _status_in('<span class="word st-{0}">{1}{3}</span>', status, "", str(label), before)


@register.simple_tag
def chg(change: Change, count: int | None = None) -> SafeString:
    """A change since the year before as shape + word, in text colour: a direction is not a status."""
    return format_html(
        '<span class="chg">{}{}{}</span>',
        icon(f"c-{change.value}"),
        change.label,
        "" if count is None else f" {count}",
    )


@register.simple_tag
def value_change(reading: indicators.Reading, length: str = "long") -> SafeString:
    """How an indicator's value changed since the last one, as shape + words; "" without a last one."""
    if length == "short":
        words = indicators.moved_in_words(reading)
    else:
        words = indicators.change_in_words(reading, in_thai)
    if not words:
        return mark_safe("")
    return format_html('<span class="chg">{}{}</span>', icon(reading.symbol), mark_safe(words))  # noqa: S308  the agency's words are escaped


@register.simple_tag
def redefined(each: indicators.Redefinition) -> SafeString:
    """What a report changed in the definition of its indicator, as a sentence."""
    return mark_safe(indicators.redefined_in_words(each, in_thai))  # noqa: S308  as above


@register.filter
def phrases(resolution: Resolution) -> SafeString:
    """A resolution's title with line breaks only between its phrases."""
    if is_english() and resolution.title_en:
        return conditional_escape(resolution.title_en)
    return in_thai(_unbroken(tuple(resolution.phrases)))


@register.filter
def heading(resolution: Resolution) -> SafeString:
    """A resolution's short column heading, with line breaks only between its phrases."""
    if is_english() and resolution.title_en:
        return conditional_escape(resolution.title_en)
    return in_thai(_unbroken(tuple((resolution.theme_th or resolution.title_th).split("|"))))


@lru_cache(maxsize=1024)
def _unbroken(parts: tuple[str, ...]) -> SafeString:
    joined = []
    for part in parts:
        text = part.rstrip()
        joined.append((text, " " if text != part else ""))
    return format_html_join(mark_safe("<wbr>"), '<span class="nb">{}</span>{}', joined)


def _form_about(subject: Measure | Agency, choice: YearChoice | None) -> str:
    """The address of the form for a message about a measure or an agency, in the year shown."""
    about = (
        {"agency": subject.code} if isinstance(subject, Agency) else {"measure": subject.full_code}
    )
    if choice and choice.round and choice.query:
        about["year"] = choice.round.code
    return f"{reverse('feedback-new')}?{urlencode(about)}"


@register.inclusion_tag("components/acts.html", takes_context=True)
def acts(
    context: Context,
    what: str,
    *,
    cite: str = "",
    at: str = "",
    path: str = "",
    of: Any = None,
    round: Round | None = None,
    figure: str = "",
    scope: Scope = None,
    dataset: str = "",
    feedback: Measure | Agency | None = None,
    timeless: bool = False,
    **filters: Any,
) -> dict[str, Any]:
    """What can be done with a part of a page: its link and citation, receipt, data, and a message.

    `what` names the part for screen readers, and `cite` for the citation, if that is longer. `at`: its
    anchor; `path`: its address, if that is not the page's own with the year that it shows. `of`: the
    edition that it shows, with `number` and `made_at`, and `round` the edition's round: else those of the
    page. `figure` and `scope`: the kind of the figure that the receipt is of, and of what it is one.
    `dataset` and `filters`: the open data behind it. `feedback`: what a message can be sent about.
    `timeless`: the part is of no year. What is not given is left out.
    """
    if context.get("draft"):  # a preview: nothing of it is published
        return {}
    choice: YearChoice | None = context.get("choice")
    shown = None if timeless else round or (choice.round if choice else None)
    edition = of or (choice.editions.get(shown) if choice and shown else None)
    request = context["request"]
    cited = Cited(
        cite or what,
        absolute(path or _address_here(context, shown, at, of), request),
        shown.label if shown else "",
        edition.number if edition else 0,
        edition.made_at if edition else None,
    )
    receipt = ""
    if figure and shown and edition:
        several = bool(context.get("several_forums"))
        code_ = figure_code(figure, _scope_of(scope, several_forums=several))
        receipt = address_of("receipt", edition_code(shown.code, edition.number), code_)
    return {
        "what": what,
        "cited": cited,
        "receipt": receipt,
        "dataset": dataset,
        "query": f"?{urlencode(filters)}" if filters else "",
        "kinds": list(FORMATS) if dataset else [],
        "feedback": _form_about(feedback, choice) if feedback else "",
    }


def _scope_of(scope: Scope, *, several_forums: bool) -> str:
    """The scope in a figure's code; of an only forum it is the whole year."""
    match scope:
        case Forum():
            return str(scope.year_be) if several_forums else ""
        case Resolution() | Measure():
            return scope.full_code
        case Agency():
            return scope.code
    return ""


@register.simple_tag(takes_context=True)
def whole(context: Context, path: str) -> str:
    """The whole address of a path of this site, for what paper shows of a link."""
    return absolute(path, context.get("request"))


@register.inclusion_tag("components/printed.html", takes_context=True)
def printed(context: Context) -> dict[str, Any]:
    """The line of a page on paper: its whole address, and its edition if the page has asked for it."""
    request = context.get("request")
    if request is None or request.resolver_match is None:  # an error page
        return {}
    choice: YearChoice | None = context.get("choice")
    of = context.get("edition")  # of a page of the annual report
    shown = choice.round if choice else None
    edition = of or (vars(choice).get("editions", {}).get(shown) if choice else None)
    of_year = shown if edition else None
    return {
        "address": absolute(_address_here(context, of_year, "", of), request),
        "year": of_year.label if of_year else "",
        "edition": edition,
    }


@register.inclusion_tag("components/shared.html", takes_context=True)
def shared(context: Context) -> dict[str, Any]:
    """What the page tells search engines, and sites that show a link to it."""
    request = context.get("request")
    return {"shared": discovery.shared(request, context) if request else None}


def _address_here(context: Context, round_: Round | None, anchor: str, edition: Any = None) -> str:
    """The address of the page, or of a part of it, that goes on showing this: with its year, forum and
    edition."""
    request = context["request"]
    mark = mark_of(request)
    params: dict[str, str] = {}
    for name in mark.params if mark else ():
        value = request.GET.get(name, "")
        if name == "year":
            value = round_.code if round_ else ""
        elif name == "forum" and context.get("chosen"):
            value = str(context["chosen"].forum.year_be) if context.get("several_forums") else ""
        elif name == "edition" and edition:
            value = str(edition.number)
        elif name not in getattr(request, "vouched", ()) or (name, value) == ("page", "1"):
            value = ""
        if value:
            params[name] = value
    query = f"?{urlencode(params)}" if params else ""
    return f"{request.path}{query}{'#' if anchor else ''}{anchor}"


@register.inclusion_tag("components/fresh.html", takes_context=True)
def fresh(context: Context) -> dict[str, Any]:
    """How fresh the page is: of the round that it shows (`choice`), else of the last published one."""
    choice = context.get("choice")
    rounds = choice.rounds if choice else Round.objects.published()[:1]
    return {"fresh": freshness((choice and choice.round) or next(iter(rounds), None))}


@register.simple_tag
def status_link(status: Status, size: str = "", said: bool = False) -> SafeString:
    """A status as `tag`, which leads to its definition."""
    return format_html(
        '<a class="taglink" href="{}#{}">{}</a>',
        reverse("about"),
        status.value,
        tag(status, size, said),
    )


@register.simple_tag
def agency_link(agency: Agency, choice: YearChoice | None = None) -> SafeString:
    """An agency's short name, linked to its page of the year shown, with its full name on hover."""
    address = reverse("agency", args=[agency.code]) + (choice.query if choice else "")
    name = agency.name
    if agency.short == name:
        return format_html('<a class="ab" href="{}">{}</a>', address, in_thai(name))
    return format_html(
        '<a class="ab" href="{}"><abbr title="{}">{}</abbr></a>',
        address,
        name,
        in_thai(agency.short),
    )


@register.simple_tag(takes_context=True)
def basis(context: Context, assignment: Assignment, singly: bool = False) -> SafeString:
    """The mark of an assignment: a star if it is only proposed, a tick with the meeting if confirmed.

    Words for screen readers, and on hover, say the same. `singly`: it stands alone, so that there is room
    for the meeting itself.
    """
    stored = _today(context, assignment)
    if singly and meeting_of(stored):
        return format_html(' <span class="meta">{}</span>', basis_in_words(stored))
    if stored.basis == Basis.PROPOSED:
        mark: SafeString | str = "*"
    elif stored.basis == Basis.CONFIRMED:
        mark = icon("i-tick", "ico--by")
    else:
        return mark_safe("")
    return format_html(
        '<span title="{1}" aria-hidden="true">{0}</span><span class="sr"> ({1})</span>',
        mark,
        basis_in_words(stored),
    )


@register.simple_tag(takes_context=True)
def basis_words(context: Context, assignment: Assignment, stored: bool = False) -> str:
    """The basis of an assignment in words, with the meeting that confirmed it.

    `stored`: it is the stored row itself, and of no edition.
    """
    return basis_in_words(assignment if stored else _today(context, assignment))


def _today(context: Context, assignment: Assignment) -> Assignment:
    """A public page reads its assignments from an edition; what was confirmed since is said as well.

    The view gives the stored rows as `confirmations`; without them the assignment is itself stored.
    """
    return today(assignment, context.get("confirmations") or {})


@register.simple_tag(takes_context=True)
def confirmed(
    context: Context, choice: YearChoice, forum: Forum | None = None, **only: Any
) -> dict[str, Any]:
    """How many assignments of the page's year are confirmed: `counted`, and the sentence `said`.

    Of a `forum`, of a `resolution`, or of all forums together.
    """
    year = choice.round.year_be if choice.round else None
    counted = confirmed_in(year, forum=forum, **only)
    is_sum = forum is None and not only and bool(context.get("several_forums"))
    return {"counted": counted, "said": counted.in_words(all_forums=is_sum)}


@register.simple_tag
def source_text(text: AnnotatedText) -> SafeString:
    """A source text with its measures and notes. It is a tag, so that no template adds white space."""
    return format_html_join("", "{}", ((_stretch(each),) for each in text.stretches))


def _stretch(stretch: Stretch) -> SafeString:
    pieces = format_html_join(
        "", "{}{}", ((glue(piece.text), note_mark(piece.note)) for piece in stretch.pieces)
    )
    if stretch.measure is None:
        return pieces
    return format_html(
        '<mark class="span" id="s-{0}">'
        '<a class="span__n" href="#{0}" aria-label="{1}">{2}</a>{3}</mark>',
        stretch.measure.anchor,
        _("%(code)s ดูผลของมาตรการย่อย") % {"code": stretch.measure.code},
        stretch.measure.code,
        pieces,
    )


@register.simple_tag
def marked_line(line: Line, chosen: str = "") -> SafeString:
    """A line of a draft's source with its marks; a tag, so that no template adds white space.

    Each run of source text is an element with its position, by which static/js/mark.js counts.
    """
    return format_html_join("", "{}", ((_marked_piece(each, chosen),) for each in line.pieces))


def _marked_piece(piece: Piece, chosen: str) -> SafeString:
    kinds = {
        "span": piece.mark is not None,
        "span--on": piece.mark is not None and piece.mark.key == chosen,
        "span--hint": piece.is_hint and piece.mark is None,
        "span--sel": piece.is_pending,
        "span--bad": piece.is_bad,
    }
    names = " ".join(name for name, applies in kinds.items() if applies)
    badge = mark_safe("")
    if piece.mark is not None and piece.begins:
        badge = format_html(
            '<a class="span__n" href="?m={0}" aria-label="{1}">{2}</a>',
            piece.mark.key,
            _("แก้มาตรการย่อย %(code)s") % {"code": piece.mark.code},
            piece.mark.code,
        )
    words = format_html(
        '<span data-at="{}"{}>{}</span>',
        piece.at,
        format_html(' class="{}"', names) if names else "",
        piece.text,
    )
    if not piece.cut_after:
        return format_html("{}{}", badge, words)
    return format_html(
        '{}{}<span class="cut"><span class="sr" lang="{}"> {} </span></span>',
        badge,
        words,
        language(),
        _("ตัดตรงนี้"),
    )


def note_mark(note: Note | None) -> SafeString:
    if note is None:
        return mark_safe("")
    return format_html(
        '<a class="note" href="#n{0}" id="r{0}"><span class="sr" lang="{2}">{1} </span>{0}</a>',
        note.letter,
        _("หมายเหตุ"),
        language(),
    )


@register.simple_tag(takes_context=True)
def report_page(context: Context, part: int, page: int = 1) -> str:
    """The address of a page of the annual report, of the edition that the reader has open."""
    address = reverse("report-part", args=[context["choice"].round.code, part])
    words = [context["asked"].removeprefix("?"), f"page={page}" if page > 1 else ""]
    return f"{address}?{query}" if (query := "&".join(filter(None, words))) else address


@register.simple_tag(takes_context=True)
def joint_with(context: Context, report: StatusReport) -> str:
    """`รายงานร่วมกับ 3.2 และ 3.5`; "" for a report of its own."""
    if not report.joint_with:
        return ""
    return joint_reports.in_words(
        report.joint_with, several_forums=bool(context.get("several_forums"))
    )


@register.simple_tag(takes_context=True)
def project_codes(context: Context, report: StatusReport) -> list[ShownCode]:
    """The project codes of a report, with who shares them (`sharing`, where the view gives it)."""
    return shown_codes(report, context.get("sharing"))


@register.simple_tag(takes_context=True)
def code(context: Context, measure: Measure | str) -> str:
    """A measure's code for people: short, or in full if there are several forums.

    `measure` is a Measure or a full code.
    """
    if isinstance(measure, str):
        return shown_code(measure, several_forums=bool(context.get("several_forums")))
    return measure.shown_code(several_forums=bool(context.get("several_forums")))


@register.simple_tag(takes_context=True)
def codes(context: Context, measures: Sequence[Measure], most: int = 10) -> str:
    """The codes of measures in a row, as `code` writes each: the first, and "…" if there are more."""
    shown = ", ".join(code(context, each) for each in measures[:most])
    return f"{shown} …" if len(measures) > most else shown


@register.simple_tag(takes_context=True)
def item(context: Context, resolution: Resolution) -> str:
    """A resolution's name: `ข้อเสนอที่ 3`, preceded by its forum if there are several."""
    return item_name(resolution, several_forums=bool(context.get("several_forums")))


@register.simple_tag
def measure_url(measure: Measure, query: str = "") -> str:
    """The address of a measure on its resolution's page; `query` selects the year."""
    resolution = measure.resolution
    page = address_of("resolution", resolution.forum.year_be, resolution.number)
    return f"{page}{query}#{measure.anchor}"


@register.simple_tag
def home_of(forum: Forum, year: str) -> str:
    """The address of the overview of a forum in a round, by the round's code."""
    return f"{reverse('home')}?{urlencode({'forum': forum.year_be, 'year': year})}"


@register.filter
def item_of(key: str, mapping: dict[str, str]) -> str:
    """The value of a key in a mapping, or the key itself if it is missing."""
    return mapping.get(key, key)


@register.filter
def beside(heads: Iterable[Any], row: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Pairs of (heading, cell) of a row."""
    return list(zip(heads, row, strict=True))


@register.filter
def cells_of(columns: Iterable[MatrixHead], row: AgencyCount) -> list[tuple[MatrixHead, Any]]:
    """Pairs of (column of the matrix, an agency's units there, lead ones first)."""
    return [(column, row.cells.get(column.resolution.pk, ())) for column in columns]


@register.filter
def cells_by_forum(
    row: AgencyCount, by_forum: Iterable[tuple[Forum, Iterable[Resolution]]]
) -> list[tuple[Forum, list[CellUnit]]]:
    """An agency's units by forum, in clause order; forums without any are left out."""
    found = []
    for forum, resolutions in by_forum:
        units = [unit for each in resolutions for unit in row.cells.get(each.pk, ())]
        if units:
            found.append((forum, sorted(units, key=attrgetter("place"))))
    return found


@register.simple_tag
def marked(before: str, after: str) -> SafeString:
    """The new text, with removed parts struck out and added parts marked."""
    if not before or not after:
        parts = [(-1, before), (1, after)]
    else:
        engine = diff_match_patch()
        engine.Diff_Timeout = 0.2  # seconds; a longer comparison is cut into coarser pieces
        parts = engine.diff_main(before, after)
        engine.diff_cleanupSemantic(parts)
    tags = {-1: "<del>{}</del>", 0: "{}", 1: "<ins>{}</ins>"}
    return mark_safe(  # noqa: S308  every piece is escaped
        "".join(str(format_html(tags[kind], text)) for kind, text in parts if text).replace(
            "\n", "<br>"
        )
    )


@register.simple_tag
def found_in(pieces: Iterable[Found]) -> SafeString:
    """A text with what a search found in it marked; a tag, so that no template adds white space."""
    return in_thai(
        format_html_join(
            "",
            "{}",
            (
                (format_html("<mark>{}</mark>", each.text) if each.is_hit else glued(each.text),)
                for each in pieces
            ),
        )
    )


@register.simple_tag
def querystring_of(words: str, filters: Mapping[str, str] | None = None) -> str:
    """The query of a search for some words, with the filters of the one that is shown."""
    return urlencode({"q": words, **(filters or {})})
