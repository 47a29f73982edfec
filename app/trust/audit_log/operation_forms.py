"""The form for reverting an operation."""

from uuid import UUID

from wtforms import SelectMultipleField

from app.web.forms import Form


class ChosenRecordsForm(Form):
    """Form with the ids of the records to revert."""

    record = SelectMultipleField(coerce=UUID, validate_choice=False)
