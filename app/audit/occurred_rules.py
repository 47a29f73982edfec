"""Rules for the time of changes that were made on offline devices and are reported later."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, LazyText, ValidationFailed

#: The name of the form field, and of the key in an entry's metadata.
OCCURRED_AT, IN_METADATA = "occurred_at", "occurredAt"
#: Tolerance for a device's clock that is ahead of ours.
MAX_AHEAD = timedelta(minutes=5)
#: Events reported later than this count when they are reported, so that published numbers do not change. It is longer
#: than a holiday weekend, after which the first device can be online again.
COUNTED_WITHIN = timedelta(days=7)


def reported_moment(told: datetime | None, now: datetime, earliest: datetime) -> Mapping[str, str] | None:
    """Return the metadata for a change that happened at `told`, or None if no time was reported.

    Raises ValidationFailed for a time before `earliest` and for one more than MAX_AHEAD in the future.
    """
    if told is None:
        return None
    if told > now + MAX_AHEAD:
        raise _refusal(
            _l("Your device’s clock is ahead: the time it reported is in the future. Correct the clock and try again.")
        )
    if told < earliest:
        raise _refusal(
            _l(
                "Your device’s clock seems to be behind: the time it reported is too early. Correct the clock "
                "and try again."
            )
        )
    return {IN_METADATA: min(told, now).astimezone(UTC).isoformat(timespec="seconds")}


def counted_moment(told: datetime | None, now: datetime, earliest: datetime) -> datetime:
    """Return the time at which a change counts; `told` is the time at which it is said to have happened.

    The result is `told`, limited to the span from `earliest` to `now`. If no time was reported, or `told` is too long
    ago, it is `now`.
    """
    if told is None or is_late(told, now):
        return now
    return min(max(told, earliest), now)


def is_late(told: datetime, came: datetime) -> bool:
    """Return whether a change made at `told` was reported (at `came`) too late to count for that time."""
    return came - told > COUNTED_WITHIN


def _refusal(sentence: LazyText) -> ValidationFailed:
    return ValidationFailed([FieldError(OCCURRED_AT, sentence)])
