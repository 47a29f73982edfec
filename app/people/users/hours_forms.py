"""When somebody works."""

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
_WHOSE = {_OF_ALL: _l("As the organization"), _OWN: _l("At times of their own")}


class WorkingHoursForm(HoursForm):
    """The organization's hours, or some of one's own."""

    hours_name: ClassVar = "working_hours"

    whose = RadioField(
        _l("When they work"),
        [InputRequired(_l("Choose whose hours they are."))],
        choices=lambda: [(value, str(words)) for value, words in _WHOSE.items()],
    )
    version = version_field()

    @classmethod
    def of(cls, user: User, hours: Mapping[str, Any]) -> Self:
        """The form as it stands; who has no own hours begins with the organization's, `hours`."""
        whose = _OF_ALL if user.working_hours is None else _OWN
        return cls(formdata=None, whose=whose, version=user.version, **by_weekday(user.working_hours or hours))

    def validate_whose(self, field: Field) -> None:
        """Own hours are some."""
        if field.data == _OWN and not self.hours and not any(day.errors for day in self.weekdays):
            raise ValidationError(str(_l("Enter times for at least one day, or choose those of the organization.")))

    @property
    def own_hours(self) -> dict[str, list[list[str]]] | None:
        """What is stored, once the form is valid."""
        return self.hours if self.whose.data == _OWN else None
