"""Forms for notification choices, and the small forms of the list."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, SelectMultipleField, ValidationError
from wtforms.validators import InputRequired

from app.declarations.notice import Notice, Way
from app.errors import LazyText
from app.web.forms import Form, VersionedForm, version_field

_INCOMPLETE = _l("This form is incomplete. Reload the page and try again.")

#: In column order.
WAYS: dict[Way, LazyText] = {
    Way.PAGE: _l("In app"),
    Way.MAIL: _l("Instant email"),
    Way.DIGEST: _l("Daily email"),
}


class ChoicesForm(VersionedForm):
    """Form with a checkbox for each kind and channel; `of` sets the options."""

    version = version_field()
    ways = SelectMultipleField(_l("Notifications and channels"), choices=[])

    def of(self, offered: list[Notice]) -> "ChoicesForm":
        """Set the kinds to choose from."""
        self.ways.choices = [
            (f"{notice.kind}:{way}", f"{notice.label}: {WAYS[way]}") for notice in offered for way in notice.offered
        ]
        return self


class OneChoiceForm(Form):
    """Form for a single checkbox, named by `changed`; `ways` contains that name if the box is checked."""

    changed = SelectField(choices=[], validators=[InputRequired(_INCOMPLETE)])
    ways = SelectMultipleField(choices=[], validate_choice=False)

    def of(self, offered: list[Notice]) -> "OneChoiceForm":
        """Set the kinds to choose from."""
        values = (f"{notice.kind}:{way}" for notice in offered for way in notice.offered)
        self.changed.choices = [(value, value) for value in values]
        return self

    @property
    def is_wanted(self) -> bool:
        """True if the box was checked; only for a valid form."""
        return self.changed.data in (self.ways.data or ())


class TakeBackForm(Form):
    """Form for marking notifications as unread again; `at` is the time at which they were read."""

    at = HiddenField()

    @property
    def moment(self) -> datetime:
        """The submitted time in UTC; only for a valid form."""
        return datetime.fromisoformat(self.at.data or "").astimezone(UTC)

    def validate_at(self, field: HiddenField) -> None:
        """Reject anything that is not a time."""
        try:
            datetime.fromisoformat(field.data or "").astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValidationError(str(_INCOMPLETE)) from None
