"""The form of what somebody is told where, and the small ones of the list."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, SelectMultipleField, ValidationError
from wtforms.validators import InputRequired

from app.declarations.notice import Notice, Way
from app.errors import Sentence
from app.web.forms import Form, VersionedForm, version_field

_INCOMPLETE = _l("This form is incomplete. Reload the page and try again.")

#: In the order of the columns.
WAYS: dict[Way, Sentence] = {
    Way.PAGE: _l("Here"),
    Way.MAIL: _l("Mail at once"),
    Way.DIGEST: _l("Daily mail"),
}


class ChoicesForm(VersionedForm):
    """A tick for each kind and way; what is offered is filled in by `of`."""

    version = version_field()
    ways = SelectMultipleField(_l("What and how"), choices=[])

    def of(self, offered: list[Notice]) -> "ChoicesForm":
        """The form with these kinds to choose from."""
        self.ways.choices = [
            (f"{notice.kind}:{way}", f"{notice.label}: {WAYS[way]}") for notice in offered for way in notice.offered
        ]
        return self


class OneChoiceForm(Form):
    """One tick, as it is set now: `changed` stands among `ways` where it is wanted."""

    changed = SelectField(choices=[], validators=[InputRequired(_INCOMPLETE)])
    ways = SelectMultipleField(choices=[], validate_choice=False)

    def of(self, offered: list[Notice]) -> "OneChoiceForm":
        """The form with these kinds to choose from."""
        values = (f"{notice.kind}:{way}" for notice in offered for way in notice.offered)
        self.changed.choices = [(value, value) for value in values]
        return self

    @property
    def is_wanted(self) -> bool:
        """Once the form is valid."""
        return self.changed.data in (self.ways.data or ())


class TakeBackForm(Form):
    """When what is to be unread again was read."""

    at = HiddenField()

    @property
    def moment(self) -> datetime:
        """Once the form is valid."""
        return datetime.fromisoformat(self.at.data or "").astimezone(UTC)

    def validate_at(self, field: HiddenField) -> None:
        """Refuse what is no moment."""
        try:
            datetime.fromisoformat(field.data or "").astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValidationError(str(_INCOMPLETE)) from None
