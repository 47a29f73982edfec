"""Forms for creating a contact, often while on a call, and for editing one."""

from collections.abc import Sequence
from typing import Any, Self
from uuid import UUID

from babel import Locale
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from phonenumbers import SUPPORTED_REGIONS
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import AnyOf

from app.collation import sort_key
from app.declarations.entered_fields import asks_for
from app.errors import LazyText
from app.models import ContactCard
from app.phones import MAX_TYPED, to_e164
from app.security.actor import current_actor
from app.web.formatting import phone as written_phone
from app.web.forms import Form, NewRowForm, VersionedForm, is_id, version_field
from app.web.validators import at_most
from app.work.contacts.resource import CONTACT_CARD
from app.work.contacts.rules import (
    MAX_ADDRESS_LINE_LENGTH,
    MAX_CITY_LENGTH,
    MAX_EMAIL_LENGTH,
    MAX_NAME_LENGTH,
    MAX_OTHER_NUMBERS,
    MAX_TAG_LENGTH,
    MAX_TAGS,
    MAX_ZIP_LENGTH,
    NO_EMAIL,
    ContactDetails,
    each_once,
    is_email,
    no_number,
    split_tags,
)

_AS_TYPED = {"autocomplete": "off", "spellcheck": "false"}


def _text(label: LazyText, most: int) -> StringField:
    return StringField(label, [at_most(most)], render_kw=_AS_TYPED)


def _countries() -> list[tuple[str, str]]:
    """Return the codes and names of countries in the user's language, by name, after an empty choice."""
    locale: Locale = get_locale()
    named = [(code, locale.territories.get(code, code)) for code in SUPPORTED_REGIONS]
    return [("", "–"), *sorted(named, key=lambda country: sort_key(country[1], locale))]


@asks_for(CONTACT_CARD)
class ContactFields(Form):
    """Fields of a contact as typed by users. Numbers are entered as they would be dialed."""

    phone = TelField(_l("Number"), [at_most(MAX_TYPED)], render_kw={"autocomplete": "off"})
    first_name = _text(_l("First name"), MAX_NAME_LENGTH)
    last_name = _text(_l("Last name"), MAX_NAME_LENGTH)
    company_name = _text(_l("Company"), MAX_NAME_LENGTH)
    email = EmailField(_l("Email"), [at_most(MAX_EMAIL_LENGTH)], render_kw={**_AS_TYPED, "autocapitalize": "off"})
    other_phones = TextAreaField(
        _l("Other numbers"),
        [at_most(MAX_OTHER_NUMBERS * MAX_TYPED)],
        description=_l("One per line. Calls from these numbers also match this contact."),
        render_kw={"rows": 2, **_AS_TYPED},
    )
    address_line_1 = _text(_l("Address"), MAX_ADDRESS_LINE_LENGTH)
    address_line_2 = _text(_l("Address line 2"), MAX_ADDRESS_LINE_LENGTH)
    city = _text(_l("City"), MAX_CITY_LENGTH)
    state = _text(_l("State or region"), MAX_CITY_LENGTH)
    zip = _text(_l("ZIP or postal code"), MAX_ZIP_LENGTH)
    country = SelectField(
        _l("Country"),
        choices=_countries,
        validators=[AnyOf(["", *SUPPORTED_REGIONS], _l("Choose one of the options."))],
        validate_choice=False,
    )
    tags = StringField(
        _l("Tags"),
        [at_most(MAX_TAGS * (MAX_TAG_LENGTH + 2))],
        description=_l("Separate with commas."),
        render_kw=_AS_TYPED,
    )
    refuses_texts = BooleanField(_l("Opted out of texts"))

    def validate_phone(self, field: TelField) -> None:
        """Check that the value is a phone number, as dialed from the organization's country."""
        if field.data:
            _number(field.data)

    def validate_other_phones(self, field: TextAreaField) -> None:
        """Check that each line is a phone number, and that there aren't too many."""
        lines = each_once(line.strip() for line in (field.data or "").split("\n"))
        if len(lines) > MAX_OTHER_NUMBERS:
            raise ValidationError(_("Use up to %(most)s numbers.", most=MAX_OTHER_NUMBERS))
        for line in lines:
            _number(line)

    def validate_email(self, field: EmailField) -> None:
        """Check the syntax of the address, but not whether its domain exists."""
        if field.data and not is_email(field.data):
            raise ValidationError(str(NO_EMAIL))

    def validate_tags(self, field: StringField) -> None:
        """Check the number and the length of the tags."""
        tags = split_tags(field.data or "")
        if len(tags) > MAX_TAGS:
            raise ValidationError(_("Use up to 20 tags."))
        if any(len(tag) > MAX_TAG_LENGTH for tag in tags):
            raise ValidationError(_("Use up to 40 characters for each tag."))

    @property
    def details(self) -> ContactDetails:
        """Details of the contact from a valid form."""
        lines = each_once(line.strip() for line in (self.other_phones.data or "").split("\n"))
        typed = [self.phone.data, *lines] if self.phone.data else lines
        names = (
            "first_name", "last_name", "company_name", "email", "address_line_1", "address_line_2", "city", "state",
            "zip", "country",
        )  # fmt: skip
        return ContactDetails(
            **{name: self[name].data or None for name in names},
            tags=split_tags(self.tags.data or ""),
            numbers=each_once(_number(number) for number in typed),
            refuses_texts=bool(self.refuses_texts.data),
            entered=self.declared_values,
        )

    @property
    def typed_numbers(self) -> Sequence[str]:
        """Valid numbers among those typed, in E.164."""
        country = current_actor().country
        typed = [self.phone.data or "", *(self.other_phones.data or "").split("\n")]
        return each_once(to_e164(number, country) or "" for number in typed)


class NewContactForm(ContactFields, NewRowForm):
    """Form for a new contact."""


class EditContactForm(ContactFields, VersionedForm):
    """Form for editing a contact."""

    version = version_field()

    @classmethod
    def of(cls, contact: ContactCard, values: dict[str, Any]) -> Self:
        """Return the form filled with the current contact; `values` are by field name."""
        others = [written_phone(number) for number in (values["other_phones"] or "").split("\n") if number]
        main = written_phone(values["phone"]) if values["phone"] else ""
        told = {**values, "phone": main, "other_phones": "\n".join(others)}
        return cls(formdata=None, version=contact.version, **told)

    def _compare(self, current: Any) -> Any:
        """Compare numbers as they are stored, not as they were typed."""
        self.phone.data = _stored(self.phone.data)
        lines = [_stored(line.strip()) for line in (self.other_phones.data or "").split("\n")]
        self.other_phones.data = "\n".join(each_once(lines))
        return super()._compare(current)


class OtherContactForm(Form):
    """Form with the second contact of a pair."""

    other = HiddenField(validators=[is_id])

    @property
    def other_id(self) -> UUID:
        """The other contact's ID, from a valid form."""
        return UUID(self.other.data)


def _number(typed: str) -> str:
    """Return the number in E.164. Raises ValidationError."""
    number = to_e164(typed, current_actor().country)
    if number is None:
        raise ValidationError(str(no_number(typed)))
    return number


def _stored(typed: str | None) -> str:
    return to_e164(typed or "", current_actor().country) or typed or ""
