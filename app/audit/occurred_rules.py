"""Rules for the time of events that are reported later, by devices that were offline when they happened."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, LazyText, ValidationFailed

#: The name of the form field, and of the key in an entry's metadata.
OCCURRED_AT, IN_METADATA = "occurred_at", "occurredAt"
#: Tolerance for a device's clock that is ahead of ours.
MAX_AHEAD = timedelta(minutes=5)
#: Events reported later than this count when they are reported, so that published numbers do not change.
COUNTED_WITHIN = timedelta(hours=72)


def told_moment(told: datetime | None, now: datetime, earliest: datetime) -> Mapping[str, str] | None:
    """Return the metadata for a change that happened at `told`, or None if no time was reported.

    Raises ValidationFailed for a time before `earliest` and for one in the future.
    """
    if told is None:
        return None
    if told > now + MAX_AHEAD:
        raise _refusal(_l("Your device’s clock says this is in the future. Set the clock and enter it again."))
    if told < earliest:
        raise _refusal(_l("According to your device’s clock, this is before the date it refers to. Enter it again."))
    return {IN_METADATA: min(told, now).astimezone(UTC).isoformat(timespec="seconds")}


def counted_moment(told: datetime | None, now: datetime, earliest: datetime) -> datetime:
    """Return the time at which a change that happened at `told` counts.

    That is `told`, but not before `earliest`; it is `now` if no time was reported or it was too long ago.
    """
    if told is None or is_late(told, now):
        return now
    return min(max(told, earliest), now)


def is_late(told: datetime, came: datetime) -> bool:
    """Return whether an event that happened at `told` arrived too late to count for that time."""
    return came - told > COUNTED_WITHIN


def _refusal(sentence: LazyText) -> ValidationFailed:
    return ValidationFailed([FieldError(OCCURRED_AT, sentence)])
