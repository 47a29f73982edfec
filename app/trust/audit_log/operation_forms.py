"""The forms for reverting an operation."""

from uuid import UUID

from wtforms import SelectMultipleField

from app.web.forms import Form, NewRowForm


class ChosenRecordsForm(Form):
    """Form with the ids of the records to revert."""

    record = SelectMultipleField(coerce=UUID, validate_choice=False)


class StartRevertForm(NewRowForm):
    """Form that starts reverting a large operation."""
