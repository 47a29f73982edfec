"""Forms for people's data."""

from typing import Self

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.models import Organization
from app.trust.privacy.rules import CONFIRMATION
from app.web.forms import NewRowForm, VersionedForm, version_field


class AskForFileForm(NewRowForm):
    """Form of a button that requests a file; submitted repeatedly, it creates only one file."""


class OrganizationFileForm(NewRowForm):
    """Form that requests a file with all data of the organization."""

    audio = BooleanField(_l("Include recording audio"))


class MonthlyExportForm(VersionedForm):
    """Form that turns the monthly export of all data on and off."""

    version = version_field("monthly-version")
    monthly_export = BooleanField(_l("Export all data on the first day of each month"))

    @classmethod
    def of(cls, organization: Organization) -> Self:
        """Return the form with the current setting."""
        return cls(formdata=None, version=organization.version, monthly_export=organization.monthly_export)


class CardForm(NewRowForm):
    """Form that creates a contact for a number or an address that has none."""

    clue = HiddenField(validators=[InputRequired(), Length(max=254)])


class EraseForm(NewRowForm):
    """The erasure form; erasing can't be undone, so it is confirmed by typing a word."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[InputRequired(_l("Enter a reason.")), Length(3, 500)],
        description=_l("The reason is kept on record, so don’t include names."),
    )
    confirmation = StringField(
        _l("Type %(word)s to confirm", word=CONFIRMATION),
        validators=[InputRequired(_l("Type the word as shown.")), Length(max=20)],
        render_kw={"autocomplete": "off"},
    )
