"""Form for a person's working hours."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from flask_babel import lazy_gettext as _l
from wtforms import Field, RadioField, ValidationError
from wtforms.validators import InputRequired

from app.models import User
from app.web.forms import version_field
from app.web.hours_forms import HoursForm
from app.web.hours_rules import by_weekday

_OF_ALL, _OWN = "all", "own"
_WHOSE = {_OF_ALL: _l("Same as the organization"), _OWN: _l("Custom hours")}


class WorkingHoursForm(HoursForm):
    """Form for a person's working hours: the organization's, or custom ones."""

    hours_name: ClassVar = "working_hours"

    whose = RadioField(
        _l("Working hours"),
        [InputRequired(_l("Choose “Same as the organization” or “Custom hours”."))],
        choices=lambda: [(value, str(words)) for value, words in _WHOSE.items()],
    )
    version = version_field()

    @classmethod
    def of(cls, user: User, hours: Mapping[str, Any]) -> Self:
        """Build the form with a person's hours; without custom ones it begins with the organization's `hours`."""
        whose = _OF_ALL if user.working_hours is None else _OWN
        return cls(formdata=None, whose=whose, version=user.version, **by_weekday(user.working_hours or hours))

    def validate_whose(self, field: Field) -> None:
        """Raise ValidationError if custom hours are selected but none are entered."""
        if field.data == _OWN and not self.hours and not any(day.errors for day in self.weekdays):
            raise ValidationError(str(_l("Enter hours for at least one day, or choose “Same as the organization”.")))

    @property
    def own_hours(self) -> dict[str, list[list[str]]] | None:
        """The hours to store, once the form is valid; None for those of the organization."""
        return self.hours if self.whose.data == _OWN else None
