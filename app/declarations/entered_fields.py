"""Fields that a resource declares as `is_entered` or `is_returned`, in the inputs, forms and records that have them.

    LEAD_INPUT = input_with(LEAD, LeadInput)

    @asks_for(LEAD)
    class LeadForm(VersionedForm): …

    LEADS = Api(LEAD, records=records_with(LEAD, lead_records), record=record_with(LEAD, LeadRecord), …)

A service stores `LEAD.entered_values(given)`; a template draws `form.declared`.
"""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from flask_babel import lazy_gettext as _l
from pydantic import Field as Bounded
from pydantic import create_model
from wtforms import Field as FormField
from wtforms import SelectField, StringField
from wtforms.validators import AnyOf, Optional

from app.declarations.field import Choice, Field
from app.declarations.input import Input
from app.declarations.input_forms import length_validator
from app.declarations.input_sentences import Bounds
from app.declarations.record import Record
from app.declarations.resource import Resource
from app.security.list_of import ListOf
from app.web.forms import Form
from app.web.labels import options

SomeInput = TypeVar("SomeInput", bound=Input)
SomeRecord = TypeVar("SomeRecord", bound=Record)
SomeForm = TypeVar("SomeForm", bound=Form)


def input_with(resource: Resource, kind: type[SomeInput]) -> type[SomeInput]:
    """Return the input with the entered fields of the resource, each of which can be omitted or null."""
    created: type[SomeInput] = _with(
        kind, {field.name: (_accepted(resource, field), None) for field in resource.entered}
    )
    return created


def record_with(resource: Resource, kind: type[SomeRecord]) -> type[SomeRecord]:
    """Return the record with the returned fields of the resource."""
    created: type[SomeRecord] = _with(kind, {field.name: (_returned(field), ...) for field in resource.returned})
    return created


def records_with(resource: Resource, records: ListOf) -> ListOf:
    """Return the list of records with the columns of the returned fields."""
    columns = [getattr(resource.model, field.name) for field in resource.returned]
    return records.selecting(*columns) if columns else records


def asks_for(resource: Resource) -> Callable[[type[SomeForm]], type[SomeForm]]:
    """Return the decorator of a form class that adds a field for each entered field of the resource."""

    def decorate(kind: type[SomeForm]) -> type[SomeForm]:
        for field in resource.entered:
            setattr(kind, field.name, _form_field(resource, field))
        kind.declared_names = tuple(field.name for field in resource.entered)
        return kind

    return decorate


def sent_values(resource: Resource, sent: Input) -> dict[str, Any]:
    """Return the values of the entered fields that an action was sent; those that it wasn't sent stay as they are."""
    return {name: value for name, value in resource.entered_values(sent).items() if name in sent.model_fields_set}


def _with(kind: Any, fields: dict[str, Any]) -> Any:
    if not fields:
        return kind
    return create_model(kind.__name__, __base__=kind, __doc__=kind.__doc__, __module__=kind.__module__, **fields)


def bounds_of_text(resource: Resource, column: str) -> Bounds:
    """Return the bounds of the length of a text column, from the constraint in its model; none without one."""
    lengths = (
        constraint.info["length"] for constraint in resource.model.__table__.constraints if "length" in constraint.info
    )
    return next((Bounds(least, most) for name, least, most in lengths if name == column), Bounds())


def _accepted(resource: Resource, field: Field) -> Any:
    if isinstance(field.kind, Choice):
        return Annotated[field.kind.kind | None, Bounded(strict=False)]
    bounds = bounds_of_text(resource, field.name)
    return Annotated[str | None, Bounded(min_length=bounds.least, max_length=bounds.most)]


def _returned(field: Field) -> Any:
    return (field.kind.kind if isinstance(field.kind, Choice) else str) | None


def _form_field(resource: Resource, field: Field) -> FormField:
    kind, name = field.kind, field.name
    if isinstance(kind, Choice):
        return SelectField(
            field.label,
            choices=lambda: [("", _l("Unknown")), *options(kind.kind)],
            validators=[AnyOf(["", *kind.kind], _l("Choose one of the options."))],
            validate_choice=False,
            id=f"entered-{name}",
        )
    validators = [Optional(), length_validator(bounds_of_text(resource, name))]
    return StringField(field.label, validators, render_kw={"autocomplete": "off"}, id=f"entered-{name}")
