"""Forms that are made of an input: its bounds, its words, and what a form says that leaves something out."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

import pytest
from flask import Flask
from pydantic import Field
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField

from app.declarations.input import Asked, Id, Input, OneOf
from app.declarations.input_forms import forms_of, text_length
from app.errors import ValidationFailed
from app.models import NoteTemplateKind
from app.work.leads.rules import StageInput
from app.work.note_templates.resource import NOTE_TEMPLATE
from app.work.note_templates.service import NoteTemplateInput
from app.work.service_types.resource import SERVICE_TYPE
from app.work.service_types.service import ServiceTypeInput
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

    assert (str(form.name.label.text), str(form.minutes.label.text)) == ("Name", "Minutes that a visit takes")
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
        errors: Annotated[str, Field(max_length=5), Asked(missing="Say it.")]

    with pytest.raises(TypeError, match="something else of that name: errors"):
        forms_of(SERVICE_TYPE, Wrong)


def test_forms_that_are_written_by_hand_take_the_bounds_too() -> None:
    reason, title = text_length(StageInput, "dead_reason"), text_length(TaskInput, "title")

    assert (reason.min, reason.max, str(reason.message)) == (3, 500, "Use 3 to 500 characters.")
    assert (title.min, title.max, str(title.message)) == (-1, 200, "Use 200 characters at most.")
