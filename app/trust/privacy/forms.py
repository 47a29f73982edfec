"""The forms about people's data."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.trust.privacy.rules import CONFIRMATION
from app.web.forms import NewRowForm


class AskForFileForm(NewRowForm):
    """A button: the file is made in the background, once."""


class OrganizationFileForm(NewRowForm):
    """A button for a file of everything that the organization has."""

    audio = BooleanField(_l("With the sound of recordings"))


class CardForm(NewRowForm):
    """A card for a number or an address that has none."""

    clue = HiddenField(validators=[InputRequired(), Length(max=254)])


class EraseForm(NewRowForm):
    """What cannot be undone is confirmed by typing."""

    reason = TextAreaField(
        _l("Reason"),
        validators=[InputRequired(_l("Say why.")), Length(3, 500)],
        description=_l("It stays on record. Say why, and not who."),
    )
    confirmation = StringField(
        _l("Type %(word)s to confirm", word=CONFIRMATION),
        validators=[InputRequired(_l("Type the word as it is shown.")), Length(max=20)],
        render_kw={"autocomplete": "off"},
    )
