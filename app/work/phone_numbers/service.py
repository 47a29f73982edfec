"""Creating and changing the organization's phone numbers.

Creating a number locks the usage counters: if two people request the last number of the plan, one of them is refused.
Setting values that are already set changes nothing, so a form can be submitted twice.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.transaction import add_once, find_sent, translated_integrity_errors
from app.errors import ActiveCalls, Conflict
from app.extensions import db
from app.models import NumberProvider, PhoneNumber
from app.security.actor import Actor
from app.security.permissions import Permission
from app.tenancy.quota_queries import lock_usage
from app.tenancy.quota_rules import QuotaKind
from app.tenancy.quota_service import refuse_over_quota, warn_of_quotas
from app.work.phone_numbers.queries import count_active_calls, find_number, get_number
from app.work.phone_numbers.rules import NumberDetails


def add(
    actor: Actor, phone_number_id: UUID, number: str, provider: NumberProvider, details: NumberDetails
) -> PhoneNumber:
    """Create a number in E.164; `phone_number_id` is generated with the form.

    Raises Forbidden, QuotaExceeded, ValidationFailed, and Conflict for a number in use by any organization or if the
    form was submitted with other values before.
    """
    actor.requires(Permission.PHONE_NUMBERS_WRITE)
    wanted = {"number": number, "provider": provider, **_values(details)}
    find = partial(_find_made, actor, phone_number_id, wanted)
    # After waiting for the counters, find what the same form has created in the meantime.
    lock_usage(actor.organization_id)
    there = find_sent(phone_number_id, find)
    if there is not None:
        return there
    refuse_over_quota(actor.organization_id, QuotaKind.PHONE_NUMBERS)
    made = add_once(PhoneNumber(organization_id=actor.organization_id, id=phone_number_id, **wanted), find)
    warn_of_quotas(actor.organization_id, [QuotaKind.PHONE_NUMBERS])
    return made


def edit(actor: Actor, phone_number_id: UUID, details: NumberDetails, *, version: int) -> PhoneNumber:
    """Change the settings of a number.

    Raises NotFound, Forbidden, VersionConflict, ValidationFailed, and ActiveCalls like `set_active`.
    """
    actor.requires(Permission.PHONE_NUMBERS_WRITE)
    row = get_number(actor, phone_number_id, lock=True)
    wanted, before = _values(details), shown(row)
    if before == wanted:
        return row
    row.refuse_stale(version, before)
    _refuse_during_calls(row, is_active=details.is_active)
    with translated_integrity_errors():
        for name, value in wanted.items():
            setattr(row, name, value)
        db.session.flush()
    return row


def set_active(actor: Actor, phone_number_id: UUID, *, is_active: bool) -> bool:
    """Set whether a number is active, and return whether that changed anything.

    Raises NotFound, Forbidden, and ActiveCalls for a number that people are calling on and that would be inactive.
    """
    actor.requires(Permission.PHONE_NUMBERS_WRITE)
    row = get_number(actor, phone_number_id, lock=True)
    if row.is_active == is_active:
        return False
    _refuse_during_calls(row, is_active=is_active)
    row.is_active = is_active
    db.session.flush()
    return True


def shown(row: PhoneNumber) -> dict[str, Any]:
    """Return the current settings of a number by field name."""
    return {
        "display_name": row.display_name or None,
        "purpose": row.purpose,
        "forwarding_number": row.forwarding_number,
        "is_active": row.is_active,
    }


def _refuse_during_calls(row: PhoneNumber, *, is_active: bool) -> None:
    count = count_active_calls(row) if row.is_active and not is_active else 0
    if count:
        raise ActiveCalls(count)


def _values(details: NumberDetails) -> dict[str, Any]:
    return {
        "display_name": details.display_name,
        "purpose": details.purpose,
        "forwarding_number": details.forwarding_number,
        "is_active": details.is_active,
    }


def _find_made(actor: Actor, phone_number_id: UUID, wanted: Mapping[str, Any]) -> PhoneNumber | None:
    """Return the number that the same form has created, or None.

    Raises Conflict if the form was submitted with other values.
    """
    there = find_number(actor, phone_number_id)
    if there is not None and {"number": there.number, "provider": there.provider, **shown(there)} != wanted:
        raise Conflict(None, _l("This form was already submitted. Open a new one to add another number."))
    return there
