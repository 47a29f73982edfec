"""Attributes of form fields, which are exactly those that WTForms writes."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel, lazy_gettext
from hypothesis import given
from hypothesis import strategies as some
from markupsafe import Markup
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs are those of WTForms 3.2
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget, core

from app.private_apis import write_attributes_with
from app.web.field_markup import attributes, init_field_markup
from app.web.forms import Form
from tests.support.unchanged import unchanged

bare = Flask(__name__)
bare.config.update(SECRET_KEY="only for tests", WTF_CSRF_ENABLED=False)
Babel(bare)

HOSTILE = "\"><script>'&amp;\N{NO-BREAK SPACE}"
CHOICES = [
    SelectChoice("a", "First"),
    SelectChoice(HOSTILE, HOSTILE, render_kw={"data_x": HOSTILE}),
    SelectChoice("c", Markup("<b>Third</b>"), optgroup=HOSTILE),
]


names = some.one_of(
    some.sampled_from(["class_", "for_", "id", "data_row_id", "aria_label", "data-x", "aria_", "_", "@click", "x<y"]),
    some.text(max_size=8),
)
values = some.one_of(
    some.booleans(),
    some.none(),
    some.integers(),
    some.floats(),
    some.text(max_size=12),
    some.text("<>&\"'=\\ab", max_size=12),
    some.text("<>&\"'=\\ab", max_size=12).map(Markup),
    some.builds(lazy_gettext, some.text("<&\"'ab", min_size=1, max_size=6)),
)


@given(some.dictionaries(names, values, max_size=6))
def test_all_attributes_are_written_as_wtforms_writes_them(given_values: Mapping[str, Any]) -> None:
    with bare.test_request_context():
        written = attributes(**given_values)

        assert written == unchanged(core).html_params(**given_values)
    assert type(written) is Markup


class EveryField(Form):
    """A form with every kind of field, some with attributes of their own."""

    text = StringField("A & B", [DataRequired(), Length(max=9)], render_kw={"placeholder": HOSTILE, "data_x": 1})
    area = TextAreaField(render_kw={"rows": 3, "readonly": True})
    number = IntegerField()
    day = DateField()
    secret = PasswordField()
    hidden = HiddenField()
    file = FileField()
    flag = BooleanField()
    one = SelectField(choices=CHOICES)
    several = SelectMultipleField(choices=CHOICES)
    boxes = SelectMultipleField(choices=CHOICES, widget=ListWidget(), option_widget=CheckboxInput())
    radio = RadioField(choices=CHOICES)
    send = SubmitField()


def rendered() -> list[str]:
    with bare.test_request_context():
        form = EveryField(formdata=None, text=HOSTILE, one=HOSTILE, several=["a", "c"], radio="a", flag=True)
        fields = [field(class_="wide", aria_label=HOSTILE, hidden=False) for field in form]
        return [*fields, *(field.label(class_="label", data_for="x") for field in form)]


@pytest.fixture
def _restored() -> Iterator[None]:
    yield
    init_field_markup()


@pytest.mark.usefixtures("_restored")
def test_every_field_and_label_is_rendered_as_before() -> None:
    write_attributes_with(unchanged(core).html_params)
    before = rendered()
    init_field_markup()

    assert rendered() == before
    assert len(before) == 2 * 13


def test_no_attribute_is_formatted_and_no_select_is_inspected_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_values: object) -> None:
        pytest.fail("WTForms has rendered something its own way.")

    init_field_markup()
    once = rendered()
    monkeypatch.setattr(core, "get_signature", fail)
    monkeypatch.setattr(Markup, "format", fail)

    assert rendered() == once
