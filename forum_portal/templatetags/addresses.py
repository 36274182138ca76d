"""The tag `url`, which resolves each address once: a page has a hundred, and many pages the same ones."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.html import conditional_escape
from django.utils.translation import get_language

register = template.Library()


@lru_cache(maxsize=8192)
def _reversed(name: str, args: tuple[str, ...], *about: Any) -> str:
    """`about` is all else that an address depends on. What has no address is not remembered."""
    return reverse(name, args=args)


def address_of(name: str, *args: str | int) -> str:
    """The address of a page outside of any namespace, as `reverse` gives it."""
    urlconf = get_urlconf() or settings.ROOT_URLCONF
    return _reversed(name, tuple(map(str, args)), urlconf, get_script_prefix(), get_language())


class RememberedURLNode(URLNode):
    """As Django's, for the usual address: positional arguments, no namespace, not into a variable."""

    def render(self, context: Context) -> str:
        if self.kwargs or self.asvar:
            return super().render(context)
        name = self.view_name.resolve(context)
        args = [each.resolve(context) for each in self.args]
        if ":" in name or not all(isinstance(each, str | int) for each in args):
            return super().render(context)
        address = address_of(name, *args)
        return conditional_escape(address) if context.autoescape else address


@register.tag
def url(parser: Parser, token: Token) -> RememberedURLNode:
    node = django_url(parser, token)
    return RememberedURLNode(node.view_name, node.args, node.kwargs, node.asvar)
