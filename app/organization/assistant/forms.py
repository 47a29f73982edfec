"""Form for the settings of the assistant."""

from decimal import Decimal
from typing import Any, Self

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DecimalField, Field, IntegerField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, StopValidation

from app.models import AiConfig, AssistantModel, AssistantVoice
from app.organization.assistant.rules import (
    DEFAULTS,
    MAX_CALL_MINUTES,
    MAX_GREETING_LENGTH,
    MAX_NAME_LENGTH,
    MIN_GREETING_LENGTH,
    MIN_NAME_LENGTH,
    NOT_THERE,
)
from app.phones import MAX_TYPED
from app.web.forms import Form, version_field
from app.web.hours_forms import HoursForm
from app.web.hours_rules import by_weekday
from app.web.validators import at_most
from app.web.value_words import LANGUAGES

_PLAIN = ("assistant_name", "greeting", "voice", "language", "model", "temperature", "max_call_minutes", "enabled")
_TEMPERATURE = _l("Enter a number from 0 to 1.")
_MINUTES = _l("Enter 1 to 60 minutes.")


def _is_finite(_form: Form, field: Field) -> None:
    """Stop validation for a non-finite number.

    Decimal accepts "sNaN", which can't be compared with the limits of the range.
    """
    if field.data is not None and not field.data.is_finite():
        raise StopValidation(str(_TEMPERATURE))


class AssistantForm(HoursForm):
    """Form for the settings of the assistant that answers an organization's calls."""

    version = version_field()
    assistant_name = StringField(
        _l("Name"),
        [
            DataRequired(_l("Give the assistant a name.")),
            Length(
                MIN_NAME_LENGTH,
                MAX_NAME_LENGTH,
                _l("Use %(least)s to %(most)s characters.", least=MIN_NAME_LENGTH, most=MAX_NAME_LENGTH),
            ),
        ],
        render_kw={"autocomplete": "off"},
    )
    greeting = TextAreaField(
        _l("Greeting"),
        [
            DataRequired(_l("Enter the greeting callers hear first.")),
            Length(
                MIN_GREETING_LENGTH,
                MAX_GREETING_LENGTH,
                _l("Use %(least)s to %(most)s characters.", least=MIN_GREETING_LENGTH, most=MAX_GREETING_LENGTH),
            ),
        ],
        render_kw={"rows": 4},
    )
    voice = SelectField(_l("Voice"), choices={voice.value: voice.title() for voice in AssistantVoice})
    language = SelectField(_l("Language"), choices=LANGUAGES)
    model = SelectField(_l("Language model"), choices={model.value: model.value for model in AssistantModel})
    temperature = DecimalField(
        _l("Temperature"),
        [InputRequired(_TEMPERATURE), _is_finite, NumberRange(Decimal(0), Decimal(1), _TEMPERATURE)],
        description=_l("0 gives the most consistent wording, 1 the most varied."),
        render_kw={"step": "0.05", "inputmode": "decimal"},
    )
    max_call_minutes = IntegerField(
        _l("Call length limit (minutes)"),
        [InputRequired(_MINUTES), NumberRange(1, MAX_CALL_MINUTES, _MINUTES)],
        description=_l("At the limit, the assistant ends the call politely."),
    )
    escalation_number = TelField(
        _l("Transfer number"),
        [at_most(MAX_TYPED)],
        render_kw={"autocomplete": "off"},
    )
    enabled = BooleanField(_l("The assistant answers calls"))

    @classmethod
    def of(cls, assistant: AiConfig | None, language: str) -> Self:
        """Build the form with the assistant's settings, or the defaults for a new one that speaks `language`."""
        if assistant is None:
            values: dict[str, Any] = {**DEFAULTS, "language": language}
            return cls(formdata=None, version=NOT_THERE, **values, **by_weekday({}))
        values = {name: getattr(assistant, name) for name in (*_PLAIN, "escalation_number")}
        return cls(formdata=None, version=assistant.version, **values, **by_weekday(assistant.business_hours))

    def values(self) -> dict[str, Any]:
        """Return the values to save, once the form is valid; an empty transfer number is None."""
        plain = {name: self[name].data for name in _PLAIN}
        return {**plain, "escalation_number": self.escalation_number.data or None, "business_hours": self.hours}
