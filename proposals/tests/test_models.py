"""Resolutions and measures: database constraints on both sides of the edge, and form checks."""

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ProtectedError

from forum_portal.years import to_ce
from proposals.models import EditorNote, Forum, Measure, Resolution, SdgTarget

SOURCE = "หัวเรื่อง\n๑. จัดสรรงบประมาณ และระดมทุน\n๒. สื่อสารกับสังคม\n"
TEXT = "จัดสรรงบประมาณ และระดมทุน"


@pytest.fixture
def world(db):
    forum = Forum.objects.create(year_be=2565, name_th="ก", short_name_th="ก", source_text=SOURCE)
    later = Forum.objects.create(year_be=2570, name_th="ข", short_name_th="ข", source_text=SOURCE)
    resolution = Resolution.objects.create(forum=forum, number=1, text=TEXT, title_th="งบประมาณ")
    other = Resolution.objects.create(forum=forum, number=2, text="สื่อสารกับสังคม", title_th="สื่อสาร")
    measure = Measure.objects.create(
        resolution=resolution, number=1, start=0, end=14, title_th="จัดสรร", kind="output"
    )
    SdgTarget.objects.create(resolution=resolution, goal=17, target="17.17", justification_th="ก")
    return SimpleNamespace(
        forum=forum, later=later, resolution=resolution, other=other, measure=measure
    )


# Constraints -----------------------------------------------------------------------------------


def new_row(model: type[models.Model], world: Any, **changes: Any) -> Any:
    """An unsaved row that satisfies every constraint, with some values changed."""
    fields: dict[type[models.Model], dict[str, Any]] = {
        Forum: {"year_be": 2566, "name_th": "ค", "short_name_th": "ค", "source_text": SOURCE},
        Resolution: {"forum": world.forum, "number": 3, "text": TEXT, "title_th": "ค"},
        Measure: {
            "resolution": world.resolution,
            "number": 2,
            "start": 15,
            "end": 25,
            "title_th": "ระดมทุน",
            "kind": "output",
        },
        SdgTarget: {
            "resolution": world.resolution,
            "goal": 16,
            "target": "16.7",
            "justification_th": "ก",
        },
    }
    values = {
        name: getattr(world, value[1:]) if str(value).startswith("@") else value
        for name, value in (fields[model] | changes).items()
    }
    return model(**values)


@dataclass(frozen=True)
class BothSides:
    """What one constraint accepts and what it refuses; "@other" names a row of the world."""

    model: type[models.Model]
    accepts: list[dict[str, Any]]
    refuses: list[dict[str, Any]]


CONCLUDED = {
    "followed_from": 2580,
    "concluded_after": 2580,
    "concluded_ref": "5/2580",
    "concluded_on": date(2037, 9, 1),
    "concluded_reason": "ทุกข้อบรรลุแล้ว",
}
CONSTRAINTS = {
    "forum_year_is_buddhist": BothSides(
        Forum,
        accepts=[{"year_be": 2560}, {"year_be": 2599}],
        refuses=[{"year_be": 2559}, {"year_be": 2600}, {"year_be": to_ce(2566)}],
    ),
    "forum_followed_from_its_year": BothSides(
        Forum,
        accepts=[
            {"year_be": 2580, "followed_from": 2580},
            {"year_be": 2580, "followed_from": 2599},
        ],
        refuses=[
            {"year_be": 2580, "followed_from": 2579},
        ],
    ),
    "forum_concluded_with_reason": BothSides(
        Forum,
        accepts=[
            {"year_be": 2580} | CONCLUDED,
            {"year_be": 2580} | CONCLUDED | {"concluded_after": 2590},
        ],
        refuses=[
            {"year_be": 2580} | CONCLUDED | {"concluded_after": 2579},
            {"year_be": 2580} | CONCLUDED | {"concluded_after": None},
            {"year_be": 2580} | CONCLUDED | {"concluded_on": None},
            {"year_be": 2580} | CONCLUDED | {"concluded_ref": ""},
            {"year_be": 2580} | CONCLUDED | {"concluded_reason": ""},
            {"year_be": 2580, "concluded_reason": "ครบแล้ว"},
        ],
    ),
    "measure_relation_with_earlier": BothSides(
        Measure,
        accepts=[
            {"number": 2, "relation": relation, "earlier": "@measure"}
            for relation in ("repeats", "continues", "replaces")
        ],
        refuses=[
            {"number": 2, "relation": "replaces"},
            {"number": 2, "earlier": "@measure"},
            {"number": 2, "relation": "extends", "earlier": "@measure"},
        ],
    ),
    "resolution_number_once": BothSides(
        Resolution,
        accepts=[{"number": 3}, {"number": 1, "forum": "@later"}],
        refuses=[{"number": 1}],
    ),
    "resolution_number_from_1": BothSides(
        Resolution, accepts=[{"number": 3}], refuses=[{"number": 0}]
    ),
    "measure_number_once": BothSides(
        Measure,
        accepts=[{"number": 2}, {"number": 1, "resolution": "@other", "start": 0, "end": 7}],
        refuses=[{"number": 1}],
    ),
    "measure_number_from_1": BothSides(Measure, accepts=[{"number": 2}], refuses=[{"number": 0}]),
    "measure_span_not_empty": BothSides(
        Measure,
        accepts=[{"start": 15, "end": 16}],
        refuses=[{"start": 15, "end": 15}, {"start": 16, "end": 15}],
    ),
    "measure_kind_known": BothSides(
        Measure,
        accepts=[
            {"kind": kind}
            for kind in ("principle", "process", "output", "outcome", "recurring", "discretionary")
        ],
        refuses=[{"kind": ""}, {"kind": "project"}, {"kind": "Output"}],
    ),
    "sdg_target_once": BothSides(
        SdgTarget,
        accepts=[
            {"goal": 17, "target": "17.1"},
            {"goal": 17, "target": "17.17", "resolution": "@other"},
        ],
        refuses=[{"goal": 17, "target": "17.17"}],
    ),
    "sdg_goal_1_to_17": BothSides(
        SdgTarget, accepts=[{"goal": 1}, {"goal": 17}], refuses=[{"goal": 0}, {"goal": 18}]
    ),
}


def test_every_constraint_is_tested_from_both_sides():
    there = {
        constraint.name: model
        for model in apps.get_app_config("proposals").get_models()
        for constraint in model._meta.constraints
    }
    assert there == {name: sides.model for name, sides in CONSTRAINTS.items()}
    assert all(sides.accepts and sides.refuses for sides in CONSTRAINTS.values())


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_accepts(world, name):
    sides = CONSTRAINTS[name]
    for changes in sides.accepts:
        with transaction.atomic():
            new_row(sides.model, world, **changes).save()
            transaction.set_rollback(True)


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_refuses(world, name):
    sides = CONSTRAINTS[name]
    for changes in sides.refuses:
        row = new_row(sides.model, world, **changes)
        with pytest.raises(IntegrityError) as error, transaction.atomic():
            row.save()
        assert names(str(error.value), sides.model, name), f"{changes}: {error.value}"


def names(message: str, model: type[models.Model], name: str) -> bool:
    """Whether the message is this constraint's; SQLite names a unique one by its columns only."""
    constraint = next(each for each in model._meta.constraints if each.name == name)
    if connection.vendor == "sqlite" and isinstance(constraint, models.UniqueConstraint):
        fields: list[Any] = [model._meta.get_field(field) for field in constraint.fields]
        columns = [f"{model._meta.db_table}.{field.column}" for field in fields]
        return message.endswith(", ".join(columns))
    return name in message


@pytest.mark.django_db
def test_a_year_has_one_forum(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        new_row(Forum, world, year_be=2565).save()


# What the admin's forms say before the database does ---------------------------------------------


def test_a_resolution_says_exactly_what_the_source_says(world):
    world.resolution.full_clean()
    world.resolution.text = TEXT.replace(" ", "  ")
    with pytest.raises(ValidationError) as error:
        world.resolution.full_clean()
    assert error.value.message_dict == {"text": ["ข้อความนี้ไม่ตรงกับเอกสารต้นฉบับทุกตัวอักษร"]}


def test_a_measure_remembers_one_of_an_earlier_forum(world):
    text = Resolution.objects.create(forum=world.later, number=1, text=TEXT, title_th="งบประมาณ")
    measure = new_row(Measure, world, resolution=text, relation="repeats", earlier=world.measure)
    measure.full_clean()
    world.measure.relation, world.measure.earlier = "repeats", measure
    with pytest.raises(ValidationError) as error:
        world.measure.full_clean()
    assert error.value.message_dict == {"earlier": ["ข้อเดิมต้องเป็นของเวทีก่อนหน้า"]}


@pytest.mark.parametrize(
    ("year", "followed"), [(2565, False), (2566, True), (2568, True), (2569, False), (2580, False)]
)
def test_rounds_follow_a_forum_from_the_first_one_to_its_conclusion(world, year, followed):
    Forum.objects.filter(pk=world.forum.pk).update(
        **CONCLUDED | {"followed_from": 2566, "concluded_after": 2568}
    )
    world.forum.refresh_from_db()
    assert world.forum.is_followed_in(year) is followed
    assert (world.forum in Forum.objects.followed_in(year)) is followed


def test_a_measure_ends_inside_the_text(world):
    world.measure.end = len(TEXT)
    world.measure.full_clean()
    world.measure.end = len(TEXT) + 1
    with pytest.raises(ValidationError) as error:
        world.measure.full_clean()
    assert error.value.message_dict == {"end": ["ตำแหน่งสิ้นสุดเกินความยาวของข้อความต้นฉบับ"]}


def test_a_note_quotes_its_resolution_or_else_the_source(world):
    of_forum = EditorNote(forum=world.forum, quotation="หัวเรื่อง", text_th="หมายเหตุ")
    of_forum.full_clean()
    EditorNote(forum=world.forum, quotation="", text_th="หมายเหตุ").full_clean()
    of_resolution = EditorNote(
        forum=world.forum, resolution=world.resolution, quotation="ระดมทุน", text_th="หมายเหตุ"
    )
    of_resolution.full_clean()
    # The source has these words, but this resolution does not.
    of_resolution.quotation = "สื่อสาร"
    with pytest.raises(ValidationError) as error:
        of_resolution.full_clean()
    assert error.value.message_dict == {"quotation": ["คำนี้ไม่มีในข้อความต้นฉบับ"]}


# Small things ----------------------------------------------------------------------------------


def test_a_measure_knows_its_code_its_place_and_its_words(world):
    assert (world.measure.code, world.measure.anchor) == ("1.1", "m2565-1-1")
    assert (world.measure.full_code, world.resolution.full_code) == ("2565-1.1", "2565-1")
    assert world.measure.span == "จัดสรรงบประมาณ"
    assert str(world.measure) == "2565-1.1 จัดสรร"


@pytest.mark.parametrize(
    ("phrases", "shown"),
    [
        ("งบ|ประมาณ", ["งบ", "ประมาณ"]),
        ("งบประมาณ", ["งบประมาณ"]),
        ("", ["งบประมาณ"]),  # no cuts are stored
        ("งบ|กองทุน", ["งบประมาณ"]),  # the title was changed, the cuts were not
        ("งบ| ประมาณ", ["งบประมาณ"]),
    ],
)
def test_title_phrases_give_way_to_a_changed_title(phrases, shown):
    assert Resolution(title_th="งบประมาณ", title_phrases=phrases).phrases == shown


def test_resolutions_and_measures_come_in_the_order_of_the_source(world):
    Resolution.objects.create(forum=world.later, number=1, text=TEXT, title_th="ปีหลัง")
    new_row(Measure, world, number=2).save()
    assert [str(each) for each in Resolution.objects.for_display()] == [
        "2565-1 งบประมาณ",
        "2565-2 สื่อสาร",
        "2570-1 ปีหลัง",
    ]
    assert [each.code for each in Measure.objects.all()] == ["1.1", "1.2"]


def test_what_has_been_resolved_does_not_go_with_what_holds_it(world):
    with pytest.raises(ProtectedError):
        world.forum.delete()
    with pytest.raises(ProtectedError):
        world.resolution.delete()
