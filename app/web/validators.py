"""Validators that forms of several features share; those of hidden fields stand in `app.web.forms`."""

from datetime import UTC, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, Form, ValidationError
from wtforms.validators import Length

from app.periods import is_in_range


def at_most(most: int) -> Length:
    """So many characters, or fewer."""
    return Length(max=most, message=_l("Use %(most)s characters at most.", most=most))


def is_day_to_come(_form: Form, field: Field) -> None:
    """A day that is not over; what could not be read as a day is wrong already."""
    if field.data is not None and field.data < datetime.now(UTC).date():
        raise ValidationError(_("Choose a day to come."))


def is_day_in_range(_form: Form, field: Field) -> None:
    """A day of a year that clocks everywhere can show."""
    if field.data is not None and not is_in_range(field.data):
        raise ValidationError(_("Choose a day between 1990 and 2199."))
