"""What a bulk change sets: the part that the forms of all actions share."""

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
    """How many rows were shown, and as of when; the form of an action adds what is set."""

    #: Fields whose values are shown afterwards, and the name under which the change takes each.
    sets: ClassVar[Mapping[str, str]]

    count = HiddenField(validators=[Regexp(r"^\d{1,9}$", message=_INCOMPLETE)])
    until = HiddenField(validators=[_is_moment])

    def offer(self, actor: Actor) -> None:
        """Fill the choices that depend on who asks."""

    def show_count(self, count: int, until: datetime) -> None:
        """What the person confirms by sending the form."""
        # What was sent would be shown before what is set here.
        self.count.data, self.count.raw_data = str(count), None
        self.until.data, self.until.raw_data = until.isoformat(), None

    @property
    def shown_count(self) -> int:
        """How many rows the person has seen; 0 where the form does not say so."""
        text = self.count.data or ""
        return int(text) if text.isdecimal() else 0

    @property
    def settings(self) -> dict[str, Any]:
        """What is set, once the form is valid; with the words for it, so that the history needs no look-up."""
        values = {stored: self._fields[name].data or None for name, stored in self.sets.items()}
        words = {
            str(self._fields[name].label.text): in_words(self._fields[name], self._fields[name].data)
            for name in self.sets
        }
        return {**values, "words": words}
