"""Rules of organizations: what the plans allow, and which time zones there are."""

from dataclasses import dataclass
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, ValidationFailed
from app.models import PlanCode


@dataclass(frozen=True, slots=True)
class Quotas:
    """How much a plan allows; minutes are per billing period."""

    call_minutes: int
    team_members: int
    phone_numbers: int
    storage_bytes: int


_GIB = 1024**3

#: What the plans of a new installation allow. A migration put them into the database, which has the word from then on.
#: Sized after the call centres we know: a family business with one office, a regional company with its reps, and one
#: with several branches. A recorded hour takes some 30 MB.
QUOTAS = {
    PlanCode.STARTER: Quotas(call_minutes=1_000, team_members=25, phone_numbers=5, storage_bytes=10 * _GIB),
    PlanCode.PROFESSIONAL: Quotas(call_minutes=10_000, team_members=100, phone_numbers=25, storage_bytes=100 * _GIB),
    PlanCode.ENTERPRISE: Quotas(
        call_minutes=100_000, team_members=1_000, phone_numbers=200, storage_bytes=1_000 * _GIB
    ),
}


def check_timezone(name: str) -> None:
    """Raise ValidationFailed unless it is a zone of the IANA database: days and periods are cut by it."""
    if name not in available_timezones():
        sentence = _l("“%(name)s” is not a time zone. Use a name such as America/Chicago.", name=name)
        raise ValidationFailed([FieldError("timezone", sentence)], sentence)
