"""The API's description, OpenAPI 3.1, generated from the registry so that the two cannot differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from followup.opendata import found, package
from followup.opendata.datasets import DATASETS
from followup.opendata.examples import Examples
from followup.opendata.filters import PAGE, SIZE, Filter, filters_of
from followup.opendata.licences import licence
from followup.opendata.registry import Column, Dataset, Type
from followup.search import COUNT_LIMIT
from forum_portal.problems import PROBLEM_TYPE
from proposals.models import Forum

Json = dict[str, Any]
_TYPES: dict[Type, Json] = {
    Type.STRING: {"type": "string"},
    Type.INTEGER: {"type": "integer"},
    Type.NUMBER: {"type": "number"},
    Type.BOOLEAN: {"type": "boolean"},
    Type.DATE: {"type": "string", "format": "date"},
    Type.DATETIME: {"type": "string", "format": "date-time"},
}


def description(server: str, forums: Sequence[Forum]) -> Json:
    """The whole document; `server` is the API's base address, `forums` are all of them."""
    paths: Json = {}
    examples = Examples()
    for dataset in DATASETS.values():
        paths[f"/{dataset.name}"] = {"get": _list(dataset, examples)}
        paths[f"/{dataset.name}/{{{dataset.key}}}"] = {"get": _item(dataset, examples)}
    paths["/search"] = {"get": _search(examples)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": package.title(forums),
            "version": "1.0.0",
            "description": _("อ่านอย่างเดียว ไม่ต้องใช้กุญแจ เฉพาะรอบติดตามที่เผยแพร่แล้ว"),
            "license": {"name": licence().name, "url": licence().url},
        },
        "servers": [{"url": server.rstrip("/")}],
        "paths": paths,
        "components": {
            "schemas": {
                "problem": _problem(),
                **{dataset.name: row_schema(dataset) for dataset in DATASETS.values()},
                "found": found.schema(),
            },
            "responses": {
                "problem": {
                    "description": _("คำขอที่ใช้ไม่ได้ หรือไม่มีข้อมูลนั้น"),
                    "content": {PROBLEM_TYPE: {"schema": _to("problem")}},
                },
                "unchanged": {"description": _("เหมือนฉบับที่มีอยู่ (ETag ตรงกัน)")},
            },
        },
    }


def column_schema(column: Column) -> Json:
    """A column as JSON Schema; an optional column may be null."""
    schema: Json = {**_TYPES[column.type], "title": str(column.title)}
    if column.about:
        schema["description"] = str(column.about)
    if column.is_url:
        schema["format"] = "uri"
    if column.superseded_by:
        schema["deprecated"] = True
    if column.pattern:
        schema["pattern"] = f"^(?:{column.pattern})$"
    if column.minimum is not None:
        schema["minimum"] = column.minimum
    if column.maximum is not None:
        schema["maximum"] = column.maximum
    choices: list[str | None] = list(column.choices)
    if not column.is_required:
        schema["type"] = [schema["type"], "null"]
        choices += [None] if choices else []
    if choices:
        schema["enum"] = choices
    return schema


def row_schema(dataset: Dataset) -> Json:
    return {
        "type": "object",
        "title": str(dataset.title),
        "properties": {column.name: column_schema(column) for column in dataset.columns},
        "required": dataset.names,
        "additionalProperties": False,
    }


def _to(name: str, kind: str = "schemas") -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


def _parameter(each: Filter, examples: Examples) -> Json:
    example = examples[each.name]
    return {
        "name": each.name,
        "in": "query",
        "required": False,
        "description": str(each.about),
        "schema": each.schema,
        "example": int(example) if each.schema["type"] == "integer" else example,
    }


def _answers(schema: Json) -> Json:
    etag = {"ETag": {"description": _("ลายเซ็นของคำตอบ"), "schema": {"type": "string"}}}
    return {
        "200": {
            "description": _("ข้อมูล"),
            "headers": etag,
            "content": {"application/json": {"schema": schema}},
        },
        "304": _to("unchanged", "responses"),
        "400": _to("problem", "responses"),
        "404": _to("problem", "responses"),
        "429": _to("problem", "responses"),
    }


def _page_of(rows: str) -> Json:
    """A page of rows of this schema."""
    link: Json = {"type": ["string", "null"], "format": "uri"}
    links = dict.fromkeys(("self", "first", "previous", "next", "last"), link)
    return {
        "type": "object",
        "properties": {
            "count": {"type": "integer", "minimum": 0},
            "page": {"type": "integer", "minimum": 1},
            "pages": {"type": "integer", "minimum": 1},
            "page_size": {"type": "integer", "minimum": 1},
            "links": {"type": "object", "properties": links, "required": list(links)},
            "results": {"type": "array", "items": _to(rows)},
        },
        "required": ["count", "page", "pages", "page_size", "links", "results"],
        "additionalProperties": False,
    }


def _search(examples: Examples) -> Json:
    parameters = [
        _parameter(each, examples) | ({"required": True} if each is found.WORDS else {})
        for each in found.PARAMETERS
    ]
    return {
        "operationId": "search",
        "summary": _("ค้นหา"),
        "description": _("ค้นข้อความที่เผยแพร่แล้ว นับไม่เกิน %(max)s รายการต่อกลุ่ม")
        % {"max": f"{COUNT_LIMIT:,}"},
        "parameters": parameters,
        "responses": _answers(_page_of("found")),
    }


def _list(dataset: Dataset, examples: Examples) -> Json:
    return {
        "operationId": f"list_{dataset.name}",
        "summary": str(dataset.title),
        "description": str(dataset.about),
        "parameters": [_parameter(each, examples) for each in (*filters_of(dataset), PAGE, SIZE)],
        "responses": _answers(_page_of(dataset.name)),
    }


def _item(dataset: Dataset, examples: Examples) -> Json:
    key = next(column for column in dataset.columns if column.name == dataset.key)
    return {
        "operationId": f"get_{dataset.name}",
        "summary": f"{dataset.title}: {key.title}",
        "parameters": [
            {
                "name": dataset.key,
                "in": "path",
                "required": True,
                "description": str(key.title),
                "schema": {"type": "string", "minLength": 1},
                "example": examples[dataset.example],
            }
        ],
        "responses": _answers(_to(dataset.name)),
    }


def _problem() -> Json:
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "parameter": text,
        },
        "required": ["type", "title", "status", "detail"],
    }
