"""What does not fit the state of things: duplicates, stale versions, rules of state, limits that are used up."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln

from app.errors.base import DomainError, FieldError, Sentence

# 409: it does not fit what is there already


class Conflict(DomainError):
    """A duplicate, an overlap or a refused delete; `conflict_field` is the field to change, if there is one."""

    code, status = "RESOURCE_CONFLICT", 409
    title = _l("This clashes with something else")
    default_message = _l("Something with the same value is there already.")
    default_advice = _l("Use another value, or change the one that is there.")

    def __init__(self, conflict_field: str | None = None, message: Sentence | None = None, **extra: Any) -> None:
        super().__init__(message, conflict_field=conflict_field, **extra)

    @property
    def field_errors(self) -> tuple[FieldError, ...]:
        """The field to change, when one is known."""
        field = self.extra["conflict_field"]
        return (FieldError(field, self.message, self.code),) if field else ()


class VersionConflict(DomainError):
    """Somebody saved in between. `current` holds the values as they are now."""

    code, status = "VERSION_CONFLICT", 409
    title = _l("Somebody changed this in the meantime")
    default_message = _l("Nothing was saved: this was changed after you opened it.")
    default_advice = _l("Compare both versions and save again.")

    def __init__(self, current_version: int, current: Mapping[str, Any], message: Sentence | None = None) -> None:
        super().__init__(message, current_version=current_version, current=dict(current))


class _TakenByAnother(DomainError):
    """Another person or thing was first; `other_party` tells which ({id, name} and what else is known)."""

    status, title = 409, _l("Somebody was quicker")

    def __init__(self, other_party: Mapping[str, Any], message: Sentence | None = None) -> None:
        super().__init__(message, other_party=dict(other_party))


class TaskAlreadyCompleted(_TakenByAnother):
    """The other party is whoever completed it."""

    code, title = "TASK_ALREADY_COMPLETED", _l("This task is done already")
    default_message = _l("This task is completed already.")
    default_advice = _l("Reopen it first if there is more to do.")


class EventTimeConflict(_TakenByAnother):
    """The other party is the appointment or event at that time."""

    code, title = "EVENT_TIME_CONFLICT", _l("That time is taken")
    default_message = _l("Something else is booked at that time.")
    default_advice = _l("Choose another time or another person.")


class UserNotAvailable(_TakenByAnother):
    """The other party is the time off."""

    code, title = "USER_NOT_AVAILABLE", _l("This person is away")
    default_message = _l("This person has time off then.")
    default_advice = _l("Choose another time or another person.")


class AlreadyClaimed(_TakenByAnother):
    """The other party is who holds the claim, with its end."""

    code = "ALREADY_CLAIMED"
    default_message = _l("Somebody else has claimed this.")
    default_advice = _l("Take the next one from the queue.")


class LastOwner(DomainError):
    """The change would leave an organization without an active owner."""

    code, status, title = "LAST_OWNER", 409, _l("An organization needs an owner")
    default_message = _l("This is the only active owner of the organization.")
    default_advice = _l("Make somebody else an owner first.")


class ActiveCalls(DomainError):
    """`count` calls are under way."""

    code, status, title = "ACTIVE_CALLS", 409, _l("Calls are under way")

    def __init__(self, count: int) -> None:
        sentence = _ln(
            "%(num)s active call must complete first. Try again when it has ended.",
            "%(num)s active calls must complete first. Try again when they have ended.",
            count,
        )
        super().__init__(sentence, count=count)


# 422 and 429: too much of it


class QuotaExceeded(DomainError):
    """What the plan allows is used up; numbers are in the quota's own unit, `remaining` is never below 0."""

    code, status, title = "QUOTA_EXCEEDED", 422, _l("Your plan’s limit is reached")
    default_message = _l("Your plan does not allow more of this.")
    default_advice = _l("Free some of it, or ask an owner to choose a larger plan.")

    def __init__(self, *, limit: int, used: int, message: Sentence | None = None) -> None:
        super().__init__(message, quota={"limit": limit, "used": used, "remaining": max(0, limit - used)})


class UnsupportedAudio(DomainError):
    """The first part of a recording is in no format that can be played."""

    code, status, title = "UNSUPPORTED_AUDIO", 422, _l("This can’t be played")
    default_message = _l("This phone records in a format we cannot play. Use a file instead.")


class RateLimited(DomainError):
    """Too many requests in a while; `retry_after` is in seconds, `reset` in epoch seconds."""

    code, status, title = "RATE_LIMIT_EXCEEDED", 429, _l("Too many tries")
    default_message = _l("That was too often.")

    def __init__(
        self, *, retry_after: int, limit: int, remaining: int, reset: int, message: Sentence | None = None
    ) -> None:
        super().__init__(message, retry_after=retry_after, limit=limit, remaining=remaining, reset=reset)


class TooManyAtOnce(DomainError):
    """One person has too many requests waiting; `limit` and `remaining` count requests at once."""

    code, status, title = "RATE_LIMIT_EXCEEDED", 429, _l("Too many requests at once")
    default_message = _l("You have several requests running. This one was not started; try again in a moment.")

    def __init__(self, *, limit: int) -> None:
        super().__init__(retry_after=2, limit=limit, remaining=0)
