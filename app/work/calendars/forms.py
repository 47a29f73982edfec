"""Forms that create and edit a calendar."""

from typing import Self
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import SelectField, StringField
from wtforms.validators import AnyOf, DataRequired, Length

from app.models import Calendar, CalendarColor
from app.security.actor import Actor
from app.web.forms import Form, NewRowForm, VersionedForm, version_field
from app.web.labels import options
from app.work.calendars.rules import MAX_NAME_CHARACTERS, MIN_NAME_CHARACTERS, may_share
from app.work.calendars.service import CalendarValues, shown

_LENGTH = _l("Use %(least)s to %(most)s characters.", least=MIN_NAME_CHARACTERS, most=MAX_NAME_CHARACTERS)
_NOT_OFFERED = _l("Choose one of the options.")


class CalendarFields(Form):
    """Fields shared by the forms of a calendar: name, color and owner."""

    name = StringField(
        lazy_pgettext("thing", "Name"),
        [DataRequired(_l("Enter a name.")), Length(MIN_NAME_CHARACTERS, MAX_NAME_CHARACTERS, _LENGTH)],
        id="calendar-name",
    )
    color = SelectField(
        _l("Color"),
        choices=lambda: options(CalendarColor),
        default=CalendarColor.BLUE.value,
        validators=[AnyOf(list(CalendarColor), _NOT_OFFERED)],
        validate_choice=False,
    )
    owner = SelectField(lazy_pgettext("calendar", "Owner"))

    def offer(self, actor: Actor, row: Calendar | None = None, owner: str | None = None) -> Self:
        """Offer the owners that `actor` can choose, and return the form.

        `owner` is the name of the owner of `row`, for a calendar that belongs to another person.
        """
        mine = [(str(actor.user_id), _("Mine"))]
        everybodys = [("", _("Shared with everyone"))]
        choices = [*everybodys, *mine] if may_share(actor) else mine
        if row is not None and row.owner_user_id not in (None, actor.user_id):
            choices.append((str(row.owner_user_id), owner or _("Former user")))
        self.owner.choices = choices
        return self

    @property
    def values(self) -> CalendarValues:
        """The submitted values, once the form is valid."""
        owner = self.owner.data
        return CalendarValues(
            name=self.name.data or "",
            color=CalendarColor(self.color.data),
            owner_user_id=UUID(owner) if owner else None,
        )


class NewCalendarForm(CalendarFields, NewRowForm):
    """Form that creates a calendar.

    Submitting it twice creates one calendar.
    """


class CalendarForm(CalendarFields, VersionedForm):
    """Form that edits an existing calendar."""

    version = version_field()

    @classmethod
    def of(cls, row: Calendar) -> Self:
        """Return the form filled from the calendar."""
        known = shown(row)
        owner = str(known.pop("owner_user_id") or "")
        return cls(formdata=None, version=row.version, owner=owner, **known)
