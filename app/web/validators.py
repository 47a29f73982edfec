"""Validators shared by forms of several features; those of hidden fields are in `app.web.forms`."""

from datetime import UTC, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, ValidationError
from wtforms.validators import Length

from app.periods import is_in_range


def at_most(most: int) -> Length:
    """Return a validator that limits text to `most` characters."""
    return Length(max=most, message=_l("Use up to %(most)s characters.", most=most))


def is_day_to_come(_form: Form, field: Field) -> None:
    """Validate that a day is not over; an unparsable value already has an error."""
    if field.data is not None and field.data < datetime.now(UTC).date():
        raise ValidationError(_("Choose a future date."))


def is_day_in_range(_form: Form, field: Field) -> None:
    """Validate that a day is in a year that every time zone can represent."""
    if field.data is not None and not is_in_range(field.data):
        raise ValidationError(_("Choose a day between 1990 and 2199."))
