"""Forms for an organization's settings, one for each section of its profile."""

from collections.abc import Callable
from typing import Any, ClassVar, Self

from flask_babel import get_locale, lazy_pgettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.collation import sort_key
from app.models import Organization, WeekStart
from app.organization.settings.rules import MAX_ZONE_LENGTH, countries, currencies
from app.organization.settings.schemas import OrganizationInput
from app.people.users.rules import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, MIN_NAME_LENGTH
from app.web.forms import VersionedForm, version_field
from app.web.hours_forms import HoursForm
from app.web.hours_rules import by_weekday
from app.web.labels import options
from app.web.validators import at_most
from app.web.value_words import LANGUAGES

_CHOOSE = _l("Choose one of the options.")


def country_choices() -> dict[str, str]:
    """Return country codes with names in the reader's language, sorted by name."""
    locale = get_locale()
    names = {code: locale.territories.get(code, code) for code in countries()}
    return dict(sorted(names.items(), key=lambda country: sort_key(country[1], locale)))


def _currencies() -> dict[str, str]:
    """Return currency codes with labels, sorted by code."""
    names = get_locale().currencies
    return {code: f"{code} – {names[code]}" if code in names else code for code in sorted(currencies())}


class SettingsForm(VersionedForm):
    """Base of forms whose fields are named like columns of the organization."""

    version = version_field()

    #: Names of the columns that the form changes.
    settings: ClassVar[tuple[str, ...]]

    @classmethod
    def of(cls, organization: Organization) -> Self:
        """Build the form with the organization's current settings."""
        stored = {name: getattr(organization, name) for name in cls.settings}
        return cls(formdata=None, version=organization.version, **stored)

    def values(self) -> dict[str, Any]:
        """Return the values to save, once the form is valid; empty text becomes None."""
        return {name: None if self[name].data == "" else self[name].data for name in self.settings}


class SetupForm(SettingsForm):
    """Form that hides the setup checklist or shows it again."""

    settings = ("setup_hidden",)

    version = version_field("setup-version")
    setup_hidden = BooleanField()


class ProfileForm(SettingsForm):
    """Form for an organization's name, country, currency, language, week start, and billing email."""

    settings = ("name", "country", "currency", "language", "week_start", "billing_email")

    name = StringField(
        lazy_pgettext("thing", "Name"),
        [
            DataRequired(lazy_pgettext("thing", "Enter a name.")),
            Length(
                MIN_NAME_LENGTH,
                MAX_NAME_LENGTH,
                _l("Use %(least)s to %(most)s characters.", least=MIN_NAME_LENGTH, most=MAX_NAME_LENGTH),
            ),
        ],
    )
    country = SelectField(
        _l("Country"),
        choices=country_choices,
        description=_l("Phone numbers without a country code are treated as numbers in this country."),
    )
    currency = SelectField(
        _l("Currency"),
        choices=_currencies,
        description=_l("Existing amounts stay the same; only the currency symbol changes."),
    )
    language = SelectField(
        _l("Language"),
        choices=LANGUAGES,
        description=_l("For emails to new people. Everyone chooses their own language in the app."),
    )
    week_start = SelectField(_l("First day of the week"), choices=lambda: options(WeekStart))
    billing_email = EmailField(
        _l("Billing email"),
        [at_most(MAX_EMAIL_LENGTH)],
        render_kw={"autocomplete": "off"},
    )


class TimeZoneForm(SettingsForm):
    """Form for the time zone, which determines where a day of the organization begins and ends."""

    settings = ("timezone",)

    timezone = StringField(
        _l("Time zone"),
        [
            DataRequired(_l("Choose a time zone.")),
            at_most(MAX_ZONE_LENGTH),
        ],
        render_kw={"list": "timezones", "autocomplete": "off", "spellcheck": "false"},
        description=_l("Type part of its name, such as Chicago, then choose it from the list."),
    )


class BusinessHoursForm(HoursForm):
    """Form for the hours in which the organization's calls are answered."""

    version = version_field()

    @classmethod
    def of(cls, organization: Organization) -> Self:
        """Build the form with the organization's current hours."""
        return cls(formdata=None, version=organization.version, **by_weekday(organization.business_hours))

    def values(self) -> dict[str, Any]:
        """Return the values to save, once the form is valid."""
        return {"business_hours": self.hours}


def _within_bounds(name: str, refusal: Any) -> list[Callable[..., Any]]:
    return [InputRequired(refusal), NumberRange(*OrganizationInput.bounds(name), refusal)]


class AppointmentsForm(SettingsForm):
    """Form for appointment length and travel time, which determine free times."""

    settings = ("appointment_minutes", "travel_minutes")

    appointment_minutes = IntegerField(
        _l("Appointment length (minutes)"),
        _within_bounds("appointment_minutes", _l("Enter 15 to 480 minutes.")),
        description=_l(
            "Used unless the service type or the person booking sets another. Existing appointments keep their length."
        ),
    )
    travel_minutes = IntegerField(
        _l("Travel time between appointments (minutes)"),
        _within_bounds("travel_minutes", _l("Enter 0 to 240 minutes.")),
        description=_l("Minimum gap between a sales rep’s appointments."),
    )


class DeadlinesForm(SettingsForm):
    """Form for the time limits of missed calls, rescues and the trash."""

    settings = ("missed_call_sla_minutes", "rescue_window_days", "trash_days")

    missed_call_sla_minutes = IntegerField(
        _l("Missed-call SLA (minutes)"),
        _within_bounds("missed_call_sla_minutes", _l("Enter 1 to 1,440 minutes.")),
        description=_l("Time in business hours until a missed call is overdue. Applies to new calls."),
    )
    rescue_window_days = IntegerField(
        _l("Rescue window (days)"),
        _within_bounds("rescue_window_days", _l("Enter 1 to 90 days.")),
        description=_l("A booking within this window counts as a rescue. After that, the caller counts as lost."),
    )
    trash_days = IntegerField(
        _l("Trash retention (days)"),
        _within_bounds("trash_days", _l("Enter 1 to 365 days.")),
        description=_l(
            "How long deleted items stay in the trash before they’re permanently deleted. Items already in "
            "it keep their date."
        ),
    )
    shorten_trash = BooleanField(
        _l("Apply to items already in the trash"),
        description=_l("If the new period is shorter, items already in the trash are permanently deleted sooner."),
    )
    #: The number of days whose consequences have been shown.
    agreed_days = HiddenField()

    @property
    def agreed(self) -> int | None:
        """The number of days in the trash whose consequences the form has shown; None if it has shown none."""
        text = self.agreed_days.data or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else None

    def require_confirmation(self) -> None:
        """Set the hidden field, so that submitting the form again confirms the consequences."""
        self.agreed_days.data, self.agreed_days.raw_data = str(self.trash_days.data), None


class WebhookKeyForm(VersionedForm):
    """Form that confirms that the webhook URLs configured at providers will stop working."""

    version = version_field()
    slug = StringField(
        _l("Organization’s URL name"),
        [DataRequired(_l("Type your organization’s URL name."))],
        render_kw={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"},
    )
