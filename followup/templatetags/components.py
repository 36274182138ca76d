"""Components that wrap markup: `{% component %}` and, for parameters that hold markup, `{% fill %}`.

A component is a template in `templates/components/`; `docs/components.md` lists all of them. One that
wraps no markup is a plain `{% include %}`.
"""

from typing import Any

from django import template
from django.template import Context, Node, NodeList
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.utils.safestring import SafeString, mark_safe

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
