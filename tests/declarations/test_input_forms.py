"""Forms generated from an input: its bounds, its labels, and the errors for a form that lacks something."""

from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from types import SimpleNamespace
from typing import Annotated, Any
from uuid import uuid4

import pytest
from flask import Flask
from pydantic import Field
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField

from app.declarations.field import Field as ResourceField
from app.declarations.field import Person
from app.declarations.input import Id, Input, InputTexts, OneOf
from app.declarations.input_forms import forms_of, text_length
from app.errors import ValidationFailed
from app.lists.choices import Choice
from app.models import NoteTemplateKind
from app.work.leads.rules import StageInput
from app.work.note_templates.resource import NOTE_TEMPLATE
from app.work.note_templates.service import NoteTemplateInput
from app.work.service_types.resource import SERVICE_TYPE
from app.work.service_types.rules import ServiceTypeInput
from app.work.tasks.rules import TaskInput


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    with app.test_request_context(method="POST"):
        yield


def sent(form: type[Any], **values: str) -> Any:
    return form(formdata=MultiDict(values), meta={"csrf": False})


def test_a_value_is_asked_for_by_its_type() -> None:
    new, edit = forms_of(SERVICE_TYPE, ServiceTypeInput)
    notes, _edit = forms_of(NOTE_TEMPLATE, NoteTemplateInput)

    assert {name: type(new()[name]) for name in ServiceTypeInput.columns()} == {
        "name": StringField,
        "minutes": IntegerField,
        "is_active": BooleanField,
    }
    assert {name: type(notes()[name]) for name in NoteTemplateInput.columns()} == {
        "name": StringField,
        "kind": SelectField,
        "body": TextAreaField,
    }
    assert ("row_id" in new(), "version" in new()) == (True, False)
    assert ("row_id" in edit(), "version" in edit()) == (False, True)


def test_its_fields_have_the_bounds_and_the_labels_of_the_resource() -> None:
    form = forms_of(SERVICE_TYPE, ServiceTypeInput)[0]()

    assert (str(form.name.label.text), str(form.minutes.label.text)) == ("Name", "Appointment length (minutes)")
    for wanted in ('minlength="2"', 'maxlength="80"', "required", 'id="service-type-name"'):
        assert wanted in form.name()
    for wanted in ('min="15"', 'max="480"'):
        assert wanted in form.minutes()


@pytest.mark.parametrize(
    ("box", "is_active"), [({"is_active": "y"}, True), ({}, False), ({"is_active": "false"}, False)]
)
def test_a_box_that_is_not_ticked_is_no_whatever_the_default(box: dict[str, str], is_active: bool) -> None:
    form = sent(forms_of(SERVICE_TYPE, ServiceTypeInput)[0], name=" Furnace  ", minutes="60", **box)

    assert form.given == ServiceTypeInput(name="Furnace", minutes=60, is_active=is_active)
    assert ServiceTypeInput.read({"name": "Furnace", "minutes": 60}).is_active is True


def test_what_a_form_gives_is_typed_and_what_is_wrong_is_refused() -> None:
    new, _edit = forms_of(NOTE_TEMPLATE, NoteTemplateInput)

    assert sent(new, name="Hello", kind="call", body="b").given.kind is NoteTemplateKind.CALL
    with pytest.raises(ValidationFailed) as refused:
        _ = sent(new, name="n" * 61, kind="letter").given
    assert [one.field for one in refused.value.fields] == ["name", "kind", "body"]


ROSA = Choice(uuid4(), "Rosa Vega")
WITH_PERSON = replace(
    SERVICE_TYPE,
    fields=(
        ResourceField("name", "Notes"),
        ResourceField("rep", "Driver", Person(lambda _actor: [ROSA]), recorded=("minutes",)),
    ),
)


class Optionals(Input):
    """Input with an optional string and an optional ID, in columns of service types."""

    name: Annotated[str | None, Field(min_length=1, max_length=5), InputTexts(rows=2)] = None
    minutes: Id | None = None


def test_what_is_not_needed_may_be_left_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.declarations.input_forms.current_actor", lambda: None)
    new, _edit = forms_of(WITH_PERSON, Optionals)

    assert sent(new, name=" ", minutes="").given == Optionals()
    assert sent(new, name="Long", minutes=str(ROSA.id)).given == Optionals(name="Long", minutes=ROSA.id)
    assert (type(new().name), type(new().minutes)) == (TextAreaField, SelectField)
    assert sent(new, name="Longer").validate() is False


def test_a_person_is_one_of_those_offered_or_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.declarations.input_forms.current_actor", lambda: None)
    driver = forms_of(WITH_PERSON, Optionals)[1].of(SimpleNamespace(version=1, minutes=ROSA.id, name=None))["minutes"]

    assert str(driver.label.text) == "Driver"
    assert [(value, label, is_chosen) for value, label, is_chosen, _more in driver.iter_choices()] == [
        ("", "Unassigned", False),
        (str(ROSA.id), "Rosa Vega", True),
    ]


class Size(StrEnum):
    SMALL = "small"


@pytest.mark.parametrize(
    "type_of_value",
    [
        Id,
        OneOf[Size] | None,
        Annotated[str | None, Field(max_length=5)],
        Annotated[int, Field(ge=1, le=2)],
        Annotated[str, Field(max_length=5)],
    ],
)
def test_a_value_that_no_field_asks_for_is_refused_at_once(type_of_value: Any) -> None:
    kind = type("Wrong", (Input,), {"__annotations__": {"name": type_of_value}})

    with pytest.raises(TypeError, match=r"service_type\.name: no form field asks for this value"):
        forms_of(SERVICE_TYPE, kind)


def test_a_name_that_forms_have_for_something_else_is_refused_at_once() -> None:
    class Wrong(Input):
        errors: Annotated[str, Field(max_length=5), InputTexts(missing="Say it.")]

    with pytest.raises(TypeError, match="something else of that name: errors"):
        forms_of(SERVICE_TYPE, Wrong)


def test_forms_that_are_written_by_hand_take_the_bounds_too() -> None:
    reason, title = text_length(StageInput, "dead_reason"), text_length(TaskInput, "title")

    assert (reason.min, reason.max, str(reason.message)) == (3, 500, "Use 3 to 500 characters.")
    assert (title.min, title.max, str(title.message)) == (-1, 200, "Use up to 200 characters.")
