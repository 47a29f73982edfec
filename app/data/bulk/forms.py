"""Base form of the bulk change actions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, ValidationError
from wtforms.validators import Regexp

from app.periods import is_in_range
from app.security.actor import Actor
from app.web.forms import NewRowForm, in_words

_INCOMPLETE = _l("This form is incomplete. Go back to the list and choose again.")


def _is_moment(_form: NewRowForm, field: Field) -> None:
    try:
        moment = datetime.fromisoformat(field.data or "")
    except ValueError:
        raise ValidationError(str(_INCOMPLETE)) from None
    if moment.tzinfo is None or not is_in_range(moment.date()):
        raise ValidationError(str(_INCOMPLETE))


class BulkForm(NewRowForm):
    """Base form of a bulk change: the number of rows shown and the time they were counted.

    Subclasses add the fields of their action.
    """

    #: Fields whose values are shown afterwards, and the names under which the change stores them.
    sets: ClassVar[Mapping[str, str]]

    count = HiddenField(validators=[Regexp(r"^\d{1,9}$", message=_INCOMPLETE)])
    until = HiddenField(validators=[_is_moment])

    def offer(self, actor: Actor) -> None:
        """Fill the choices that depend on `actor`."""

    def show_count(self, count: int, until: datetime) -> None:
        """Set the number of rows and the time of counting, which the user confirms by submitting the form."""
        # Submitted data would take precedence over these values when the form is rendered.
        self.count.data, self.count.raw_data = str(count), None
        self.until.data, self.until.raw_data = until.isoformat(), None

    @property
    def shown_count(self) -> int:
        """The number of rows that the user was shown; 0 if the form doesn't state one."""
        text = self.count.data or ""
        return int(text) if text.isdecimal() else 0

    @property
    def settings(self) -> dict[str, Any]:
        """The submitted settings of a valid form.

        `words` maps the label of each field to its value in words, so that the history can show them without a query.
        """
        values = {stored: self._fields[name].data or None for name, stored in self.sets.items()}
        words = {
            str(self._fields[name].label.text): in_words(self._fields[name], self._fields[name].data)
            for name in self.sets
        }
        return {**values, "words": words}
