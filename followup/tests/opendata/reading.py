"""Reading the open data as another program would."""

from __future__ import annotations

import csv
import json
import re
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any

import openpyxl

from followup.tests.client import PortalClient


def body(response: Any) -> bytes:
    return b"".join(response) if response.streaming else response.content


def csv_of(name: str, query: str = "") -> list[dict[str, str]]:
    content = body(PortalClient().get(f"/data/{name}.csv{query}"))
    assert content.startswith(b"\xef\xbb\xbf"), "Excel takes it for cp874 without a BOM"
    return list(csv.DictReader(StringIO(content.decode("utf-8-sig"), newline="")))


def xlsx_of(name: str, query: str = "") -> list[dict[str, Any]]:
    content = body(PortalClient().get(f"/data/{name}.xlsx{query}"))
    (sheet,) = openpyxl.load_workbook(BytesIO(content)).worksheets
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def json_of(name: str, query: str = "") -> list[dict[str, Any]]:
    return json.loads(body(PortalClient().get(f"/data/{name}.json{query}")))


def api_of(name: str, **query: Any) -> list[dict[str, Any]]:
    """Every row of a dataset, following the links from page to page."""
    rows: list[dict[str, Any]] = []
    response = PortalClient().get(f"/api/v1/{name}", {"page_size": 200, **query})
    while True:
        assert response.status_code == 200, response.content.decode()
        answer = response.json()
        rows += answer["results"]
        if not answer["links"]["next"]:
            assert len(rows) == answer["count"]
            return rows
        response = PortalClient().get(answer["links"]["next"])


def as_text(value: Any) -> str:
    """A JSON value as the CSV writes it, without the apostrophe before a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.2f}" if isinstance(value, float) else str(value)


_PYTHON = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
    "array": list,
    "object": dict,
}


def flaws(value: Any, schema: dict[str, Any], whole: dict[str, Any], at: str = "$") -> list[str]:
    """The violations of a JSON Schema, for the keywords that the API's description uses."""
    if "$ref" in schema:
        target: Any = whole
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return flaws(value, target, whole, at)
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    fits = [kind for kind in types if isinstance(value, _PYTHON[kind])]
    if isinstance(value, bool):
        fits = [kind for kind in fits if kind == "boolean"]
    if not fits:
        return [f"{at}: {value!r} is no {types}"]
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: {value!r} is not in {schema['enum']}")
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{at}: {value!r} does not fit {schema['pattern']}")
        if schema.get("format") == "date":
            date.fromisoformat(value)
        if schema.get("format") == "date-time":
            datetime.fromisoformat(value)
        if schema.get("format") == "uri" and not re.match("https?://", value):
            found.append(f"{at}: {value!r} is no address")
    if isinstance(value, int | float) and not (
        schema.get("minimum", value) <= value <= schema.get("maximum", value)
    ):
        found.append(f"{at}: {value!r} is out of range")
    if isinstance(value, list):
        for number, item in enumerate(value):
            found += flaws(item, schema["items"], whole, f"{at}[{number}]")
    if isinstance(value, dict):
        known = schema["properties"]
        found += [f"{at}: no {name}" for name in schema.get("required", []) if name not in value]
        for name, item in value.items():
            if name in known:
                found += flaws(item, known[name], whole, f"{at}.{name}")
            elif schema.get("additionalProperties") is False:
                found.append(f"{at}: unknown {name}")
    return found
