"""Forms of calls that people make on their own phones."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.validators import AnyOf

from app.models import AttemptResult
from app.web.forms import Form
from app.work.calls.outbound_rules import RESULTS


class NumberForm(Form):
    """Which number of a person is called; none for their main one."""

    number = StringField()

    @property
    def chosen(self) -> str | None:
        """Once the form is valid."""
        return self.number.data or None


class ResultForm(Form):
    """How a call back went: one of four buttons."""

    result = SelectField(
        _l("How did it go?"),
        choices=lambda: [(one.value, one.value) for one in RESULTS],
        validators=[AnyOf([one.value for one in RESULTS], _l("Choose one of the values offered."))],
        validate_choice=False,
    )

    @property
    def chosen(self) -> AttemptResult:
        """Once the form is valid."""
        return AttemptResult(self.result.data)
