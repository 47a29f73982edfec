"""When something happened that is told later: without a connection a device keeps it until there is one."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, Sentence, ValidationFailed

#: The field of a form, and what an entry of the trail calls it.
OCCURRED_AT, IN_METADATA = "occurred_at", "occurredAt"
#: So far the clock of a device may be ahead of ours.
MAX_AHEAD = timedelta(minutes=5)
#: What is told later than this counts when it is told: numbers that were reported stay.
COUNTED_WITHIN = timedelta(hours=72)


def told_moment(told: datetime | None, now: datetime, earliest: datetime) -> Mapping[str, str] | None:
    """What the trail says besides of a change that happened at `told`; None where that was not told.

    Raises ValidationFailed for a moment before `earliest`, and for one that is still to come.
    """
    if told is None:
        return None
    if told > now + MAX_AHEAD:
        raise _refusal(_l("By the clock of your device this is still to come. Set its clock and enter it again."))
    if told < earliest:
        raise _refusal(_l("By the clock of your device this was before the day that it is about. Enter it again."))
    return {IN_METADATA: min(told, now).astimezone(UTC).isoformat(timespec="seconds")}


def counted_moment(told: datetime | None, now: datetime, earliest: datetime) -> datetime:
    """Return when a change counts that happened at `told`: then, but not before `earliest`; `now` where nothing is told
    or it was too long ago.
    """
    if told is None or is_late(told, now):
        return now
    return min(max(told, earliest), now)


def is_late(told: datetime, came: datetime) -> bool:
    """Tell whether what happened at `told` came too late to count then."""
    return came - told > COUNTED_WITHIN


def _refusal(sentence: Sentence) -> ValidationFailed:
    return ValidationFailed([FieldError(OCCURRED_AT, sentence)])
