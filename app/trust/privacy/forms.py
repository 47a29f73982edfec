"""Forms for people's data."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.trust.privacy.rules import CONFIRMATION
from app.web.forms import NewRowForm


class AskForFileForm(NewRowForm):
    """Form of a button that requests a file; submitted repeatedly, it creates only one file."""


class OrganizationFileForm(NewRowForm):
    """Form that requests a file with all data of the organization."""

    audio = BooleanField(_l("Include recording audio"))


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
