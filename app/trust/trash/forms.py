"""The confirmation form for purging, which cannot be undone."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField, ValidationError
from wtforms.validators import DataRequired

from app.web.forms import Form

#: The word to type, as it is shown in the reader's language.
WORD = _l("delete")


class PurgeForm(Form):
    """Form with the word that confirms a purge; case and surrounding spaces are ignored."""

    word = StringField(
        _l("Confirmation"),
        [DataRequired(_l("Type the word as shown."))],
        render_kw={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"},
    )

    @property
    def shown_word(self) -> str:
        """The confirmation word, in the reader's language."""
        return str(WORD)

    def validate_word(self, field: Field) -> None:
        """Check that the word that was typed is the one shown."""
        if (field.data or "").casefold() != self.shown_word.casefold():
            raise ValidationError(_("That isn’t the word. Type “%(word)s”.", word=self.shown_word))
