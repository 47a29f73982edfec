"""Rules of organizations: limits of the initial plans, time zones, countries and currencies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies
from flask_babel import lazy_gettext as _l

from app.errors import FieldError, LazyText, ValidationFailed
from app.models import PlanCode
from app.people.users.rules import clean_name, is_address
from app.zones import timezones

MAX_ZONE_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Quotas:
    """The limits of a plan; minutes and storage are per billing period."""

    call_minutes: int
    team_members: int
    phone_numbers: int
    storage_bytes: int


_GIB = 1024**3

#: Limits of the plans of a new installation. A migration copied them to the database, which is authoritative from then
#: on. Sized after typical call centers: a family business with one office, a regional company with its reps, and one
#: with several branches. A recorded hour takes some 30 MB.
QUOTAS = {
    PlanCode.STARTER: Quotas(call_minutes=1_000, team_members=25, phone_numbers=5, storage_bytes=10 * _GIB),
    PlanCode.PROFESSIONAL: Quotas(call_minutes=10_000, team_members=100, phone_numbers=25, storage_bytes=100 * _GIB),
    PlanCode.ENTERPRISE: Quotas(
        call_minutes=100_000, team_members=1_000, phone_numbers=200, storage_bytes=1_000 * _GIB
    ),
}


def check_timezone(name: str) -> None:
    """Raise ValidationFailed unless `name` is a zone of the IANA database.

    Days and periods depend on it.
    """
    if name not in timezones():
        sentence = _not_a_zone(name)
        raise ValidationFailed([FieldError("timezone", sentence)], sentence)


def _not_a_zone(name: str) -> LazyText:
    return _l("“%(name)s” isn’t a time zone. Use a name such as America/Chicago.", name=name)


@cache
def places() -> tuple[str, ...]:
    """Return the time zones to choose from, sorted by name: those of places, and UTC at the end.

    Other names in `timezones`, such as older spellings, are accepted, too.
    """
    return (*sorted(name for name in timezones() if "/" in name and not name.startswith("Etc/")), "UTC")


@cache
def countries() -> frozenset[str]:
    """Return the codes of all countries, ISO 3166-1 alpha-2."""
    known = Locale("en").territories
    codes = {code for code in get_global("territory_currencies") if len(code) == 2 and code in known}
    return frozenset(code for code in codes if get_territory_currencies(code))  # excludes former countries


@cache
def currencies() -> frozenset[str]:
    """Return the codes of all currencies in use today, ISO 4217."""
    return frozenset(currency for country in countries() for currency in get_territory_currencies(country))


def checked_settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings of an organization as they are stored.

    Raises ValidationFailed with every wrong field. Lengths, ranges and business hours are left to the database, which
    has messages for them.
    """
    values = dict(given)
    errors: list[FieldError] = []
    if "name" in values:
        try:
            values["name"] = clean_name(values["name"])
        except ValidationFailed as refusal:
            errors += refusal.fields
    errors += _unknown(values)
    if errors:
        raise ValidationFailed(errors)
    return values


def _unknown(values: Mapping[str, Any]) -> Iterator[FieldError]:
    if "timezone" in values and values["timezone"] not in timezones():
        yield FieldError("timezone", _not_a_zone(values["timezone"]))
    if "country" in values and values["country"] not in countries():
        yield FieldError("country", _l("Choose a country from the list."))
    if "currency" in values and values["currency"] not in currencies():
        yield FieldError("currency", _l("Choose a currency from the list."))
    if values.get("billing_email") and not is_address(values["billing_email"]):
        yield FieldError("billing_email", _l("Enter an email address such as name@example.com."))
