"""Forms of an organization's settings, one for each section of its profile."""

from collections.abc import Callable
from typing import Any, ClassVar, Self

from flask_babel import get_locale, lazy_pgettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.collation import sort_key
from app.models import Organization, WeekStart
from app.organization.settings.rules import countries, currencies
from app.people.users.rules import MAX_EMAIL_LENGTH, MAX_NAME_LENGTH, MIN_NAME_LENGTH
from app.web.forms import VersionedForm, version_field
from app.web.hours_forms import HoursForm
from app.web.hours_rules import by_weekday
from app.web.labels import options
from app.web.validators import at_most
from app.web.value_words import LANGUAGES

_CHOOSE = _l("Choose one of the values offered.")
_MAX_ZONE_LENGTH = 64


def country_choices() -> dict[str, str]:
    """Codes and names in the reader's language, by name."""
    locale = get_locale()
    names = {code: locale.territories.get(code, code) for code in countries()}
    return dict(sorted(names.items(), key=lambda country: sort_key(country[1], locale)))


def _currencies() -> dict[str, str]:
    """Codes and names, by code."""
    names = get_locale().currencies
    return {code: f"{code} – {names[code]}" if code in names else code for code in sorted(currencies())}


class SettingsForm(VersionedForm):
    """Settings whose fields are named as the columns of the organization."""

    version = version_field()

    #: The columns that it changes.
    settings: ClassVar[tuple[str, ...]]

    @classmethod
    def of(cls, organization: Organization) -> Self:
        """The form as the organization stands."""
        stored = {name: getattr(organization, name) for name in cls.settings}
        return cls(formdata=None, version=organization.version, **stored)

    def values(self) -> dict[str, Any]:
        """What is saved, once the form is valid. A text that was left empty is not set."""
        return {name: None if self[name].data == "" else self[name].data for name in self.settings}


class ProfileForm(SettingsForm):
    """What an organization is called and how it writes."""

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
        _l("Country"), choices=country_choices, description=_l("Phone numbers are read as they are dialled there.")
    )
    currency = SelectField(
        _l("Currency"),
        choices=_currencies,
        description=_l("Amounts that are here keep their number; only the sign before them changes."),
    )
    language = SelectField(
        _l("Language"),
        choices=LANGUAGES,
        description=_l("Of mails to new people; everybody chooses their own for the pages."),
    )
    week_start = SelectField(_l("The week begins on"), choices=lambda: options(WeekStart))
    billing_email = EmailField(
        _l("E-mail for bills"),
        [at_most(MAX_EMAIL_LENGTH)],
        render_kw={"autocomplete": "off"},
    )


class TimeZoneForm(SettingsForm):
    """Where a day of the organization begins and ends."""

    settings = ("timezone",)

    timezone = StringField(
        _l("Time zone"),
        [
            DataRequired(_l("Choose a time zone.")),
            at_most(_MAX_ZONE_LENGTH),
        ],
        render_kw={"list": "timezones", "autocomplete": "off", "spellcheck": "false"},
        description=_l("Type a part of its name, such as Chicago."),
    )


class BusinessHoursForm(HoursForm):
    """When somebody answers the organization's calls."""

    version = version_field()

    @classmethod
    def of(cls, organization: Organization) -> Self:
        """The form as the organization stands."""
        return cls(formdata=None, version=organization.version, **by_weekday(organization.business_hours))

    def values(self) -> dict[str, Any]:
        """What is saved, once the form is valid."""
        return {"business_hours": self.hours}


class SecurityForm(SettingsForm):
    """What signing in takes."""

    settings = ("require_mfa",)

    require_mfa = BooleanField(_l("Admins and owners need a second factor to sign in"))


def _within(least: int, most: int, refusal: Any) -> list[Callable[..., Any]]:
    return [InputRequired(refusal), NumberRange(least, most, refusal)]


class AppointmentsForm(SettingsForm):
    """What free times are made of."""

    settings = ("appointment_minutes", "travel_minutes")

    appointment_minutes = IntegerField(
        _l("Minutes that an appointment takes"),
        _within(15, 480, _l("Enter 15 to 480 minutes.")),
        description=_l(
            "Unless the service type or whoever books says otherwise. What is booked stays as long as it is."
        ),
    )
    travel_minutes = IntegerField(
        _l("Minutes from one appointment to the next"),
        _within(0, 240, _l("Enter 0 to 240 minutes.")),
        description=_l("So much is left free between two appointments of a sales rep."),
    )


class DeadlinesForm(SettingsForm):
    """How long things may take."""

    settings = ("missed_call_sla_minutes", "rescue_window_days", "trash_days")

    missed_call_sla_minutes = IntegerField(
        _l("Minutes until a missed call is called back"),
        _within(1, 1440, _l("Enter 1 to 1,440 minutes.")),
        description=_l("Counted in business hours; after that a missed call is overdue. For calls from now on."),
    )
    rescue_window_days = IntegerField(
        _l("Days in which a missed caller can be won back"),
        _within(1, 90, _l("Enter 1 to 90 days.")),
        description=_l("A booking within them counts as a rescue; after them the call is lost."),
    )
    trash_days = IntegerField(
        _l("Days in the trash"),
        _within(1, 365, _l("Enter 1 to 365 days.")),
        description=_l("Then what was deleted is removed for good. What is in the trash keeps the day it was given."),
    )
    shorten_trash = BooleanField(
        _l("Bring forward what is in the trash now"),
        description=_l("Older deletions get the shorter time, too."),
    )
    #: The number of days that somebody was told the consequences of.
    agreed_days = HiddenField()

    @property
    def agreed(self) -> int | None:
        """None: nobody was told."""
        text = self.agreed_days.data or ""
        return int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else None

    def ask_to_agree(self) -> None:
        """Sent again as it is, it means what it says."""
        self.agreed_days.data, self.agreed_days.raw_data = str(self.trash_days.data), None


class WebhookKeyForm(VersionedForm):
    """The confirmation that addresses which providers know stop working."""

    version = version_field()
    slug = StringField(
        _l("Short name of the organization"),
        [DataRequired(_l("Type the short name of your organization."))],
        render_kw={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"},
    )
