"""Texts that break a writer without proper escaping. Each has its own number."""

from __future__ import annotations

_TEXTS = {
    # HTML, XML, their comments and their scripts
    "script": "<script>alert(1)</script>",
    "end of script": "</script><script>alert(1)</script>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "reference": "&amp; &lt;b&gt; &#x27; &nbsp; &unknown;",
    "CDATA": "<![CDATA[ x ]]> ]]>",
    "comment": "<!-- x --> --> <!--",
    "entity": '<!DOCTYPE x [<!ENTITY y "z">]> &y;',
    "closing": "</p></main></svg></title></entry>",
    # templates and formats of text
    "template": "{{ settings.SECRET_KEY }} {% debug %} {# x #}",
    "format": "%(name)s %s {0} {name} ${x}",
    "typst": '#typst[x] #import "x" $x$ @label \\ *b* _e_ `code` // x /* y */ <label> = x ~',
    "list": "- x\n+ y\n/ z: w\n1. v",
    "JSON": '"}], "x": [{"y": "\\u0041\\n',
    "escape of OOXML": "_x0041_ _x000D_ _x005F_",
    # cells
    "formula": "=cmd|' /C calc'!A0",
    "other formulas": "+1 @SUM(A1)",
    "apostrophe": "'=1+1",
    "separators": 'ก;ข,ค\t"ง"',
    # lines
    "line separators": "ก\u2028ข\u2029ค\x85ง",
    "lines": "ก\nข\r\nค",
    # characters
    "controls": "ก\x01ข\x08ค\x1fง\x7fจ",
    "lines of Word": "ก\x0bข\x0cค",
    "no characters": "ก\ufffeข\uffffค",
    "private use": "ก\uf70aข",
    "direction": "ก\u202eข\u2066ค",
    "no width": "ก\u200bข\ufeffค\u200dง\u00adจ",
    "emoji": "😀 👨‍👩‍👧 🇹🇭 ✔️",
    "other scripts": "中文 العربية \U00020000",
    "sara am": "น\u0e4d\u0e49\u0e32 ทำ",
    "marks alone": "่ ุ ำ e\u0301",
    "long": "ก" * 150,
    "address": "https://example.org/?a=1&b=<2>#x",
}
NAMES = tuple(_TEXTS)
#: The texts, each after a number, so that a test cannot mistake one for another.
AWKWARD = tuple(f"ที่{number}: {text}" for number, text in enumerate(_TEXTS.values(), start=1))
#: The texts cut to 40 characters, for short fields.
SHORT = tuple(text[:40] for text in AWKWARD)
