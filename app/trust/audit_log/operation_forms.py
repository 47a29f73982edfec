"""The form that sets an operation back."""

from uuid import UUID

from wtforms import SelectMultipleField

from app.web.forms import Form


class ChosenRecordsForm(Form):
    """The ids of the records that are to be set back."""

    record = SelectMultipleField(coerce=UUID, validate_choice=False)
