"""Forms for calls that users make on their own phones."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import AnyOf

from app.models import AttemptResult
from app.web.forms import Form
from app.work.calls.outbound_rules import RESULTS


class NumberForm(Form):
    """Form that chooses which number of a contact to call; empty for the main number."""

    number = StringField()

    @property
    def chosen(self) -> str | None:
        """The number from a valid form, or None for the main number."""
        return self.number.data or None


class ResultForm(Form):
    """Form for the result of an outbound call: one of four buttons."""

    result = SelectField(
        _l("How did it go?"),
        choices=lambda: [(one.value, one.value) for one in RESULTS],
        validators=[AnyOf([one.value for one in RESULTS], _l("Choose one of the options."))],
        validate_choice=False,
    )

    @property
    def chosen(self) -> AttemptResult:
        """The selected result of a valid form."""
        return AttemptResult(self.result.data)
