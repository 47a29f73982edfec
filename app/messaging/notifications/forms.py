"""The form of what somebody is told where, and the small ones of the list."""

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectMultipleField, ValidationError

from app.declarations.notice import Notice, Way
from app.errors import Sentence
from app.web.forms import Form, VersionedForm, version_field

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
            raise ValidationError(str(_l("This form is incomplete. Reload the page and try again."))) from None
