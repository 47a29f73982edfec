"""Forms of phone numbers."""

from typing import Any, Self

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import BooleanField, SelectField, StringField, TelField, ValidationError
from wtforms.validators import AnyOf, DataRequired

from app.errors import ValidationFailed
from app.models import NumberProvider, NumberPurpose, PhoneNumber
from app.phones import MAX_TYPED, to_e164
from app.security.actor import current_actor
from app.web.formatting import phone as written_phone
from app.web.forms import Form, NewRowForm, VersionedForm, version_field
from app.web.labels import options
from app.web.validators import at_most
from app.work.phone_numbers.rules import MAX_NAME, NumberDetails, in_e164
from app.work.phone_numbers.service import shown

_NOT_OFFERED = _l("Choose one of the options.")


def _e164(typed: str | None) -> str | None:
    """Convert a number as dialed in the organization's country to E.164; None for an empty one.

    Raises ValidationError.
    """
    try:
        return in_e164({"number": typed}, current_actor().country)["number"]
    except ValidationFailed as error:
        raise ValidationError(str(error.fields[0].message)) from None


class NumberFields(Form):
    """Fields of a phone number that can be changed after it was added."""

    display_name = StringField(
        lazy_pgettext("thing", "Name"), [at_most(MAX_NAME)], description=_l("For example, Main line or Website.")
    )
    purpose = SelectField(
        _l("Purpose"),
        choices=lambda: options(NumberPurpose),
        validators=[AnyOf(list(NumberPurpose), _NOT_OFFERED)],
        validate_choice=False,
    )
    forwarding_number = TelField(
        _l("Forwarding number"),
        [at_most(MAX_TYPED)],
        description=_l("Incoming calls are forwarded to this number."),
        render_kw={"autocomplete": "off"},
    )
    is_active = BooleanField(_l("Active"))

    def validate_forwarding_number(self, field: TelField) -> None:
        """Raise ValidationError unless the field is empty or a phone number."""
        _e164(field.data)

    @property
    def details(self) -> NumberDetails:
        """The values entered; the form must be valid."""
        return NumberDetails(
            display_name=self.display_name.data or None,
            purpose=NumberPurpose(self.purpose.data),
            forwarding_number=_e164(self.forwarding_number.data),
            is_active=bool(self.is_active.data),
        )


class NewNumberForm(NumberFields, NewRowForm):
    """Form that adds a number that the organization has from a provider."""

    number = TelField(
        _l("Number"),
        [DataRequired(_l("Enter the number.")), at_most(MAX_TYPED)],
        render_kw={"autocomplete": "off"},
    )
    provider = SelectField(
        _l("Provider"),
        choices=lambda: options(NumberProvider),
        validators=[AnyOf(list(NumberProvider), _NOT_OFFERED)],
        validate_choice=False,
    )

    def validate_number(self, field: TelField) -> None:
        """Raise ValidationError unless the field is a number as dialed in the organization's country."""
        _e164(field.data)

    @property
    def e164(self) -> str:
        """The number in E.164; the form must be valid."""
        return _e164(self.number.data) or ""


class NumberForm(NumberFields, VersionedForm):
    """Form that edits the settings of an existing number."""

    version = version_field()

    @classmethod
    def of(cls, row: PhoneNumber) -> Self:
        """Return the form filled from the number."""
        values = shown(row)
        forwards = values["forwarding_number"]
        told = {**values, "forwarding_number": written_phone(forwards) if forwards else ""}
        return cls(formdata=None, version=row.version, **told)

    def _compare(self, current: Any) -> Any:
        """Compare the form with the current values, with the forwarding number in its stored format."""
        typed = self.forwarding_number.data
        self.forwarding_number.data = to_e164(typed or "", current_actor().country) or typed
        return super()._compare(current)
