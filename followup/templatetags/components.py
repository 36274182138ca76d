"""Components that wrap markup: `{% component %}` and, for parameters that hold markup, `{% fill %}`.

A component is a template in `templates/components/`; `docs/components.md` lists all of them. One that
wraps no markup is a plain `{% include %}`, or `{% remembered %}` if it is small and a page has hundreds.
"""

from enum import Enum
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context, Engine, Node, NodeList
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from forum_portal.row_ids import read_id
from forum_portal.whole_page import DESCRIPTION, JUMPS, SHARED, finished, sections_of

register = template.Library()

#: The context variable that collects the fills of the component being rendered.
FILLS = "component_fills"


class ComponentNode(Node):
    """Renders a component with only its parameters, its fills and its content as context."""

    def __init__(
        self, name: str, parameters: dict[str, FilterExpression], nodelist: NodeList
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        fills: dict[str, SafeString] = {}
        with context.push(**{FILLS: fills}):
            content = self.nodelist.render(context)
        values: dict[str, Any] = {
            name: value.resolve(context) for name, value in self.parameters.items()
        }
        values |= fills
        values["content"] = mark_safe(content.strip())  # noqa: S308  rendered by a template
        component = context.template.engine.get_template(f"components/{self.name}.html")  # type: ignore[union-attr]
        return component.render(context.new(values))


class RememberedNode(Node):
    """Renders a component with only its parameters as context, and what was rendered before again."""

    def __init__(self, name: str, parameters: dict[str, FilterExpression]) -> None:
        self.name = name
        self.parameters = parameters

    def render(self, context: Context) -> SafeString:
        # Markup and text of the same letters are equal, and so are 1 and True.
        values = tuple(
            (name, type(value), value)
            for name, value in (
                (name, parameter.resolve(context)) for name, parameter in self.parameters.items()
            )
        )
        return _rendered(self.name, values, get_language())


@lru_cache(maxsize=4096)
def _rendered(name: str, values: tuple[tuple[str, type, Any], ...], language: str) -> SafeString:
    for parameter, _type, value in values:
        if not isinstance(value, str | int | Enum | None):
            # A row is equal to another version of itself.
            raise TypeError(f"{{% remembered %}} takes plain values, and {parameter} is {_type}")
    found = Engine.get_default().get_template(f"components/{name}.html")
    return found.render(Context({name: value for name, _type, value in values}))


@register.tag
def remembered(parser: Parser, token: Token) -> RememberedNode:
    """`{% remembered "strip_cell" code=measure.code status=status %}`: a component that is made once.

    Its parameters are plain values (texts, numbers, members of an enumeration), and it sees nothing else:
    neither the request nor the date. So the same values give the same markup, on every page and for
    every reader. Raises TemplateSyntaxError as `component` does, TypeError for another value.
    """
    bits = token.split_contents()[1:]
    name = bits.pop(0) if bits else ""
    parameters = token_kwargs(bits, parser)
    if bits or name[:1] != '"':
        raise template.TemplateSyntaxError(
            "remembered takes its name in quotes, then name=value parameters"
        )
    return RememberedNode(name.strip('"'), parameters)


@register.tag
def component(parser: Parser, token: Token) -> ComponentNode:
    """`{% component "section" title=_("…") %}…{% endcomponent %}`; the content is its `content`.

    Raises TemplateSyntaxError for a name without quotes and for a parameter without a name.
    """
    bits = token.split_contents()[1:]
    name = bits.pop(0) if bits else ""
    parameters = token_kwargs(bits, parser)
    if bits or name[:1] != '"':
        raise template.TemplateSyntaxError(
            "component takes its name in quotes, then name=value parameters"
        )
    nodelist = parser.parse(["endcomponent"])
    parser.delete_first_token()
    return ComponentNode(name.strip('"'), parameters, nodelist)


@register.simple_block_tag(takes_context=True)
def fill(context: Context, content: str, name: str) -> str:
    """`{% fill "lead" %}…{% endfill %}`: a component's parameter that holds markup."""
    context[FILLS][name] = mark_safe(content.strip())  # noqa: S308  rendered by a template
    return ""


@register.simple_block_tag(takes_context=True)
def whole_page(context: Context, content: str, default: str) -> SafeString:
    """`{% whole_page default=_("…") %}…{% endwhole_page %}`: a page, completed from itself.

    Its sections are listed where `{% jumps %}` stands, its description where `{% description %}` does.
    """
    places = sections_of(content)
    jumps = ""
    if places:
        found = context.template.engine.get_template("components/jump.html")  # type: ignore[union-attr]
        jumps = found.render(context.new({"places": places}))
    return mark_safe(finished(content, jumps, default))  # noqa: S308  rendered by templates


@register.simple_tag
def jumps() -> SafeString:
    """The place of the list of a page's sections, which a page with fewer than three does not get."""
    return mark_safe(JUMPS)  # noqa: S308  our own


@register.simple_tag
def description() -> SafeString:
    """The place of a page's description, in its head."""
    return mark_safe(DESCRIPTION)  # noqa: S308  our own


@register.simple_tag
def shared_words() -> SafeString:
    """The place of the title and the description of a link to the page, in its head."""
    return mark_safe(SHARED)  # noqa: S308  our own


@register.simple_tag(takes_context=True)
def title_more(context: Context) -> str:
    """What the address adds to a page's title: the year, the forum, the edition and the page asked for.

    So no two addresses have one title. "" for an address without them.
    """
    request = context.get("request")
    asked = request.GET if request else {}
    choice, chosen = context.get("choice"), context.get("chosen")
    parts = []
    if asked.get("forum") and (forum := getattr(chosen, "forum", None)):
        parts.append(forum.short_name)
    if asked.get("year") and choice and choice.round:
        parts.append(_("ปีงบประมาณ %(year)s") % {"year": choice.round.label})
    for name, words in (("edition", _("ฉบับที่ %(number)s")), ("page", _("หน้า %(number)s"))):
        if number := read_id(asked.get(name, "")):
            parts.append(words % {"number": number})
    return " · ".join(parts)
