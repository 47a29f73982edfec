"""The forms of a service type."""

from typing import Any, Self

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import BooleanField, IntegerField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.models import ServiceType
from app.web.forms import Form, NewRowForm, VersionedForm, version_field
from app.work.service_types.rules import (
    MAX_MINUTES,
    MAX_SERVICE_CHARACTERS,
    MIN_MINUTES,
    MIN_SERVICE_CHARACTERS,
)
from app.work.service_types.service import shown

_LENGTH = _l("Use %(least)s to %(most)s characters.", least=MIN_SERVICE_CHARACTERS, most=MAX_SERVICE_CHARACTERS)
_MINUTES = _l("Enter 15 to 480 minutes.")


class ServiceTypeFields(Form):
    """What the organization does, and how long a visit for it takes."""

    name = StringField(
        lazy_pgettext("thing", "Name"),
        [DataRequired(_l("Enter a name.")), Length(MIN_SERVICE_CHARACTERS, MAX_SERVICE_CHARACTERS, _LENGTH)],
        id="service-type-name",
    )
    minutes = IntegerField(
        _l("Minutes that a visit takes"),
        [InputRequired(_MINUTES), NumberRange(MIN_MINUTES, MAX_MINUTES, _MINUTES)],
        description=_l("Unless somebody says otherwise when booking. What is booked stays as long as it is."),
    )
    is_active = BooleanField(_l("In use: offered to whoever books"))

    @property
    def values(self) -> dict[str, Any]:
        """What was typed, once the form is valid."""
        return {"name": self.name.data, "minutes": self.minutes.data, "is_active": bool(self.is_active.data)}


class NewServiceTypeForm(ServiceTypeFields, NewRowForm):
    """A type that is not there yet; sent twice, it is there once."""


class ServiceTypeForm(ServiceTypeFields, VersionedForm):
    """A type as it is."""

    version = version_field()

    @classmethod
    def of(cls, row: ServiceType) -> Self:
        """The form as the type stands."""
        return cls(formdata=None, version=row.version, **shown(row))
