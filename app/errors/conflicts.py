"""Errors for conflicts with the current state: duplicates, stale versions, exhausted limits."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln

from app.errors.base import DomainError, FieldError, LazyText

# 409: conflicts with existing data


class Conflict(DomainError):
    """A conflict with the current state, such as a duplicate, an overlap or a refused deletion.

    `conflict_field` is the field to change, if there is one.
    """

    code, status = "RESOURCE_CONFLICT", 409
    title = _l("We couldn’t do that")
    default_message = _l("A record with this value already exists.")
    default_advice = _l("Use another value, or edit the existing record.")

    def __init__(self, conflict_field: str | None = None, message: LazyText | None = None, **extra: Any) -> None:
        super().__init__(message, conflict_field=conflict_field, **extra)

    @property
    def field_errors(self) -> tuple[FieldError, ...]:
        """The error of the field to change; empty if that field is unknown."""
        field = self.extra["conflict_field"]
        return (FieldError(field, self.message, self.code),) if field else ()


class AlreadyExists(Conflict):
    """A record that an organization or another record can have only one of, and has already."""

    code, title = "RESOURCE_ALREADY_EXISTS", _l("That already exists")
    default_message = _l("There can be only one, and it already exists.")
    default_advice = _l("Change the existing one.")


class IdempotencyKeyReused(DomainError):
    """An idempotency key that belongs to another request of the same caller."""

    code, status = "IDEMPOTENCY_KEY_REUSED", 409
    title = _l("This key was used before")
    default_message = _l("This idempotency key belongs to another request.")
    default_advice = _l("Use a new key for each new request.")


class IdempotencyInProgress(DomainError):
    """A request whose twin with the same idempotency key is still being processed."""

    code, status = "IDEMPOTENCY_IN_PROGRESS", 409
    title = _l("This request is being processed")
    default_message = _l("A request with this idempotency key is still being processed.")
    default_advice = _l("Try again in a moment.")

    def __init__(self) -> None:
        super().__init__(retry_after=1)


class VersionConflict(DomainError):
    """A save after someone else saved in the meantime; `current` holds the values as they are now."""

    code, status = "VERSION_CONFLICT", 409
    title = _l("Someone else changed this")
    default_message = _l("Nothing was saved: this was changed after you opened it.")
    default_advice = _l("Compare both versions and save again.")

    program_sentence = _l(
        "Nothing was saved: this was changed after you read it. Compare your changes with the current values and send "
        "them again."
    )

    def __init__(self, current_version: int, current: Mapping[str, Any], message: LazyText | None = None) -> None:
        super().__init__(message, current_version=current_version, current=dict(current))


class _TakenByAnother(DomainError):
    """A conflict with another person or record that was first.

    `other_party` identifies it ({id, name} and further known fields).
    """

    status, title = 409, _l("Someone got there first")

    def __init__(self, other_party: Mapping[str, Any], message: LazyText | None = None) -> None:
        super().__init__(message, other_party=dict(other_party))


class TaskAlreadyCompleted(_TakenByAnother):
    """A task that is already completed; the other party is the user who completed it."""

    code, title = "TASK_ALREADY_COMPLETED", _l("Task already completed")
    default_message = _l("This task is already completed.")
    default_advice = _l("Reopen it first if there’s more to do.")


class EventTimeConflict(_TakenByAnother):
    """A time that is taken; the other party is the appointment or event at that time."""

    code, title = "EVENT_TIME_CONFLICT", _l("That time isn’t available")
    default_message = _l("That time is already booked.")
    default_advice = _l("Choose another time or another person.")


class UserNotAvailable(_TakenByAnother):
    """A user who is away at the requested time; the other party is the time off."""

    code, title = "USER_NOT_AVAILABLE", _l("This person is away")
    default_message = _l("This person has time off then.")
    default_advice = _l("Choose another time or another person.")


class AlreadyClaimed(_TakenByAnother):
    """Work that is already claimed; the other party is the user who claimed it, with the claim's end."""

    code = "ALREADY_CLAIMED"
    default_message = _l("Someone else has claimed this.")
    default_advice = _l("Claim the next one in the queue.")


class OrganizationRequired(DomainError):
    """A sign-in to one of several accounts; `organizations` are those to choose from ({id, name, slug})."""

    code, status, title = "ORGANIZATION_REQUIRED", 409, _l("Choose an organization")
    default_message = _l("You have accounts in several organizations.")
    default_advice = _l("Choose one of them.")

    def __init__(self, organizations: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(organizations=[dict(one) for one in organizations])


class LastOwner(DomainError):
    """A change that would leave an organization without an active owner."""

    code, status, title = "LAST_OWNER", 409, _l("An organization needs an owner")
    default_message = _l("This is the organization’s only active owner.")
    default_advice = _l("Make someone else an owner first.")


class ActiveCalls(DomainError):
    """A change that must wait until `count` active calls have ended."""

    code, status, title = "ACTIVE_CALLS", 409, _l("Calls in progress")

    def __init__(self, count: int) -> None:
        sentence = _ln(
            "%(num)s call is still in progress. Try again when it ends.",
            "%(num)s calls are still in progress. Try again when they end.",
            count,
        )
        super().__init__(sentence, count=count)


# 422 and 429: limits exceeded


class QuotaExceeded(DomainError):
    """A change that would exceed a limit of the organization's plan.

    Numbers are in the quota's own unit, and `remaining` is never negative.
    """

    code, status, title = "QUOTA_EXCEEDED", 422, _l("You’ve reached your plan’s limit")
    default_message = _l("Your plan doesn’t allow more of this.")
    default_advice = _l("Free up some, or ask an owner to upgrade the plan.")

    def __init__(self, *, limit: int, used: int, message: LazyText | None = None) -> None:
        super().__init__(message, quota={"limit": limit, "used": used, "remaining": max(0, limit - used)})


class UnsupportedAudio(DomainError):
    """A recording whose first part is in a format that can't be played."""

    code, status, title = "UNSUPPORTED_AUDIO", 422, _l("This recording can’t be played")
    default_message = _l("This device records in a format we can’t play. Upload a file instead.")


class RateLimited(DomainError):
    """Too many requests in a period; `retry_after` is in seconds, `reset` in epoch seconds."""

    code, status, title = "RATE_LIMIT_EXCEEDED", 429, _l("Too many attempts")
    default_message = _l("Too many attempts.")

    def __init__(
        self, *, retry_after: int, limit: int, remaining: int, reset: int, message: LazyText | None = None
    ) -> None:
        super().__init__(message, retry_after=retry_after, limit=limit, remaining=remaining, reset=reset)


class TooManyAtOnce(DomainError):
    """Too many waiting requests of one user; `limit` and `remaining` count concurrent requests."""

    code, status, title = "RATE_LIMIT_EXCEEDED", 429, _l("Too many concurrent requests")
    default_message = _l("You have several requests running. This one wasn’t started; try again in a moment.")

    def __init__(self, *, limit: int) -> None:
        super().__init__(retry_after=2, limit=limit, remaining=0)
