"""Values that inputs accept and reject, with their messages: from forms, from JSON and from changes in JSON."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import pytest
from flask import Flask
from flask_babel import LazyString, force_locale
from hypothesis import given
from hypothesis import strategies as some
from pydantic import Field

from app.db.ids import uuid7
from app.declarations.input import Input, InputTexts, Moment, Texts, refuse_to_put_back
from app.errors import INVALID_INPUT, MISSING_REQUIRED_FIELD, Conflict, FieldError, ValidationFailed
from app.features import FEATURES
from app.models import LeadStage, NoteTemplateKind, TaskPriority
from app.work.leads.rules import LeadInput, NewLeadInput, StageInput
from app.work.note_templates.service import NoteTemplateInput
from app.work.service_types.rules import ServiceTypeInput
from app.work.tasks.rules import NewTaskInput, SnoozeInput, TaskInput

SERVICE = {"name": "Furnace check", "minutes": 60}
#: Values of every JSON type, and some that only a faulty program sends.
HOSTILE: list[Any] = [
    *(None, True, False, 0, 1, -1, 2**63, 10**400, 1.0, 1e308, float("nan"), float("inf"), -0.0),
    *("", " ", "0", "true", "null", "a\0b", "\0", "\ud800", "a\udfffb", "\ufdd0\x1b[31m\u202e", "e\u0301" * 3000),
    *("a" * 100_000, "\U0001f469\u200d\U0001f692", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+05:00"),
    *("2026-02-30T00:00:00Z", "2026-11-20T09:30:00", "00000000-0000-0000-0000-00000000000g", b"bytes"),
    *([], [[]], ["a"], {}, {"a": {"b": []}}, [None] * 1000),
]


def of_the_app(kind: type[Input] = Input) -> Iterator[type[Input]]:
    """Yield every input class of the app's features."""
    assert FEATURES
    for one in kind.__subclasses__():
        if one.__module__.startswith("app."):
            yield one
        yield from of_the_app(one)


INPUTS = sorted(set(of_the_app()), key=lambda one: one.__name__)


def wrong(kind: type[Input], values: Any) -> dict[str, FieldError]:
    """Return the errors of an input by field name."""
    with pytest.raises(ValidationFailed) as refused:
        kind.of(values)
    return {one.field: one for one in refused.value.fields}


def said(kind: type[Input], values: Any) -> dict[str, str]:
    return {name: str(one.message) for name, one in wrong(kind, values).items()}


def refusals(kind: type[Input], values: Any) -> tuple[FieldError, ...]:
    """Return the errors of `values` sent as a form, and as JSON."""
    found: list[FieldError] = []
    for door in (kind.of, kind.read):
        try:
            taken = door(values)
        except ValidationFailed as error:
            found += error.fields
        else:
            texts = [value for value in taken.values().values() if isinstance(value, str)]
            assert all(text.encode() and "\0" not in text for text in texts if text)
    return tuple(found)


def check(errors: tuple[FieldError, ...]) -> None:
    """Check that each message is one of the app's own and can be serialized."""
    for one in errors:
        assert isinstance(one.message, LazyString)
        assert len(json.dumps([one.field, str(one.message)], ensure_ascii=False).encode()) < 500
        assert "Input should" not in str(one.message)


def test_the_app_has_inputs() -> None:
    assert {NewLeadInput, StageInput, NoteTemplateInput, ServiceTypeInput, NewTaskInput, SnoozeInput} <= {*INPUTS}


@pytest.mark.parametrize("kind", INPUTS, ids=lambda kind: kind.__name__)
def test_whatever_is_given_is_taken_clean_or_refused_in_our_words(kind: type[Input]) -> None:
    for name, field in kind.model_fields.items():
        for value in HOSTILE:
            check(refusals(kind, {name: value}))
            check(refusals(kind, {field.alias: value}))
    for body in (*HOSTILE, {"\ud800": 1}, {"a\0": 1}, {"b" * 10_000_000: 1}, {1: 1}):
        errors = refusals(kind, body)
        assert errors or body == {}
        check(errors)


def test_ten_megabytes_of_text_are_taken_clean_or_refused() -> None:
    for name in NewTaskInput.model_fields:
        check(refusals(NewTaskInput, {name: "a" * 10_000_000}))


_JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(some.characters()),
    lambda part: some.lists(part, max_size=3) | some.dictionaries(some.text(), part, max_size=3),
    max_leaves=5,
)


@given(
    some.sampled_from(INPUTS).flatmap(
        lambda kind: some.tuples(
            some.just(kind), some.dictionaries(some.sampled_from(kind.columns()) | some.text(), _JSON, max_size=4)
        )
    )
)
def test_no_json_is_answered_in_the_words_of_a_library(one: tuple[type[Input], dict[str, Any]]) -> None:
    kind, body = one
    check(refusals(kind, body))


def test_every_wrong_value_is_told_at_once_by_its_name() -> None:
    assert said(ServiceTypeInput, {"name": "n", "minutes": 14, "is_active": 1, "color": "red"}) == {
        "name": "Use 2 to 80 characters.",
        "minutes": "Enter 15 to 480 minutes.",
        "is_active": "Enter true or false.",
        "color": "There’s no field “color” here.",
    }


@pytest.mark.parametrize(
    ("kind", "values", "name", "sentence"),
    [
        (ServiceTypeInput, {"minutes": 15}, "name", "Enter a name."),
        (ServiceTypeInput, {**SERVICE, "name": None}, "name", "Enter a name."),
        (ServiceTypeInput, {**SERVICE, "name": "  "}, "name", "Enter a name."),
        (ServiceTypeInput, {**SERVICE, "name": 12}, "name", "Enter a text value."),
        (ServiceTypeInput, {**SERVICE, "minutes": True}, "minutes", "Enter 15 to 480 minutes."),
        (ServiceTypeInput, {**SERVICE, "minutes": 60.0}, "minutes", "Enter 15 to 480 minutes."),
        (ServiceTypeInput, {**SERVICE, "minutes": "60"}, "minutes", "Enter 15 to 480 minutes."),
        (ServiceTypeInput, {**SERVICE, "is_active": None}, "is_active", "Fill this in."),
        (NoteTemplateInput, {}, "kind", "Fill this in."),
        (NoteTemplateInput, {"kind": "letter"}, "kind", "Choose one of the options."),
        (NoteTemplateInput, {"body": "b" * 5001}, "body", "Use up to 5000 characters."),
        (StageInput, {"dead_reason": "no"}, "dead_reason", "Use 3 to 500 characters."),
        (StageInput, {"dead_reason": "a\0b"}, "dead_reason", "This contains a character that can’t be used."),
        (
            StageInput,
            {"dead_reason": "a\ud800b"},
            "dead_reason",
            "This contains an incomplete character.",
        ),
        (LeadInput, {"csr_id": 5}, "csr_id", "Enter the ID of a record."),
        (LeadInput, {"csr_id": "me"}, "csr_id", "Enter the ID of a record."),
        (TaskInput, {"due_at": "2026-11-20T09:30:00"}, "due_at", "Enter a date and time with its UTC offset"),
        (TaskInput, {"due_at": 1763631000}, "due_at", "Enter a date and time with its UTC offset"),
        (TaskInput, {"due_at": "2200-01-01T00:00:00Z"}, "due_at", "Enter a date and time with its UTC offset"),
    ],
)
def test_each_mistake_has_its_sentence(kind: type[Input], values: dict[str, Any], name: str, sentence: str) -> None:
    assert said(kind, values)[name].startswith(sentence)


def test_programs_tell_what_is_missing_from_what_is_wrong() -> None:
    found = wrong(ServiceTypeInput, {"name": "", "minutes": 1})

    assert (found["name"].code, found["minutes"].code) == (MISSING_REQUIRED_FIELD, INVALID_INPUT)


def test_sentences_are_in_the_language_of_whoever_reads_them(app: Flask) -> None:
    found = wrong(ServiceTypeInput, {"name": "n", "minutes": 60})["name"].message

    with app.test_request_context():
        with force_locale("ru"):
            assert str(found) == "Введите от 2 до 80 символов."
        with force_locale("uz"):
            assert str(found) != "Use 2 to 80 characters."


def test_texts_are_cleaned() -> None:
    taken = NoteTemplateInput.of({"name": "  Cafe\u0301 ", "kind": "call", "body": "one\r\ntwo\u202e\x07\r"})

    assert (taken.name, taken.kind, taken.body) == ("Caf\u00e9", NoteTemplateKind.CALL, "one\ntwo")


def test_lists_of_texts_are_cleaned_and_bounded() -> None:
    class Tagged(Input):
        tags: Annotated[Texts[Annotated[str, Field(min_length=1, max_length=4)]], Field(max_length=2)]

    assert Tagged.read({"tags": [" one\u202e", "two"]}).tags == ("one", "two")
    for tags, sentence in (
        (["a\0"], "This contains a character that can’t be used. Type the text again."),
        (["longer"], "Use up to 4 characters."),
        ([" "], "Fill this in."),
        ([1], "Enter a text value."),
        (["1", "2", "3"], "Send up to 2 values."),
        ("one", "Send a list."),
    ):
        assert said(Tagged, {"tags": tags}) == {"tags": sentence}


def test_json_has_the_names_of_json_and_is_told_by_them() -> None:
    assert ServiceTypeInput.read({**SERVICE, "isActive": False}).is_active is False
    assert TaskInput.read({"title": "Call", "dueDate": "2026-11-20T09:30:00+05:00"}).due_at == datetime(
        2026, 11, 20, 4, 30, tzinfo=UTC
    )
    with pytest.raises(ValidationFailed) as refused:
        TaskInput.read({"title": "Call", "due_at": None, "assignedTo": "me"})

    assert {one.field for one in refused.value.fields} == {"due_at", "assignedTo"}


def test_what_is_absent_null_and_empty_stay_apart() -> None:
    assert ServiceTypeInput.read(SERVICE).is_active is True, "absent is the default"
    assert TaskInput.read({"title": "Call"}).description is None
    assert TaskInput.read({"title": "Call", "description": None}).description is None
    assert TaskInput.read({"title": "Call", "description": ""}).description == ""


def test_a_change_leaves_what_is_absent_and_clears_what_is_null() -> None:
    person = uuid7()
    current = {
        "title": "Call back",
        "description": "By noon",
        "priority": "high",
        "due_at": datetime(2026, 11, 20, tzinfo=UTC),
        "assigned_to_user_id": person,
    }

    same = TaskInput.changed(current, {})
    changed = TaskInput.changed(current, {"title": "Call", "description": "", "dueDate": None})

    assert same.values() == current
    assert changed.values() == {**current, "title": "Call", "description": "", "due_at": None}
    assert changed.priority is TaskPriority.HIGH
    for body, name in (
        ({"title": None}, "title"),
        ({"assignedTo": ""}, "assignedTo"),
        ({"assigned": None}, "assigned"),
    ):
        with pytest.raises(ValidationFailed) as refused:
            TaskInput.changed(current, body)
        assert [one.field for one in refused.value.fields] == [name]
    bodies: list[Any] = [[], None, "title"]
    for nothing in bodies:
        with pytest.raises(ValidationFailed):
            TaskInput.changed(current, nothing)


def test_its_schema_has_the_bounds() -> None:
    schema = ServiceTypeInput.model_json_schema()

    bounds = {name: {**one, "title": None} for name, one in schema["properties"].items()}
    assert schema["additionalProperties"] is False
    assert bounds == {
        "name": {"title": None, "type": "string", "minLength": 2, "maxLength": 80},
        "minutes": {"title": None, "type": "integer", "minimum": 15, "maximum": 480},
        "isActive": {"title": None, "type": "boolean", "default": True},
    }


def test_a_value_without_bounds_or_words_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match=r"Text.note has no bounds"):
        type("Text", (Input,), {"__annotations__": {"note": str | None}, "note": None})
    with pytest.raises(TypeError, match=r"Number.size has no bounds"):
        type("Number", (Input,), {"__annotations__": {"size": Annotated[int, Field(ge=1)]}})
    with pytest.raises(TypeError, match=r"Ratio.share: an input takes no float"):
        type("Ratio", (Input,), {"__annotations__": {"share": float}})


def test_what_is_put_back_is_held_to_the_bounds_and_the_rest_is_not_looked_at() -> None:
    inputs = (LeadInput, StageInput)

    refuse_to_put_back({"stage": "dead", "dead_reason": "Too dear", "csr_id": str(uuid7()), "won_at": 5}, inputs)
    refuse_to_put_back({"dead_reason": None, "qualification_status": None}, inputs)
    with pytest.raises(Conflict) as refused:
        refuse_to_put_back({"stage": LeadStage.NEW, "dead_reason": "r" * 501}, inputs)

    assert refused.value.sentence == "The previous value can’t be restored. Use 3 to 500 characters."
    assert refused.value.extra["conflict_field"] == "dead_reason"


def test_ids_and_moments_are_taken_as_they_are() -> None:
    class Both(Input):
        at: Moment
        label: Annotated[str, Field(max_length=3), InputTexts(missing="Say it.")]

    now = datetime.now(UTC)
    assert Both.of({"at": now, "label": "abc"}).at is now
    assert isinstance(LeadInput.of({"source": "manual", "csr_id": str(uuid7())}).csr_id, UUID)
