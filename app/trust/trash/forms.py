"""The form of what cannot be undone."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField, ValidationError
from wtforms.validators import DataRequired

from app.web.forms import Form

#: What has to be typed, as it is shown: a word of the reader's own language.
WORD = _l("remove")


class PurgeForm(Form):
    """The word that confirms a removal for good; capitals and spaces around it do not matter."""

    word = StringField(
        _l("Type the word to confirm"),
        [DataRequired(_l("Type the word that is shown."))],
        render_kw={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"},
    )

    @property
    def shown_word(self) -> str:
        """The word in the language of whoever reads it."""
        return str(WORD)

    def validate_word(self, field: Field) -> None:
        """What was typed is what is shown."""
        if (field.data or "").casefold() != self.shown_word.casefold():
            raise ValidationError(_("That is not the word. Type “%(word)s”.", word=self.shown_word))
