"""Creation and changes of targets."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, ValidationFailed
from app.insight.targets.definitions import TARGETED
from app.insight.targets.queries import get_target
from app.models import Target
from app.people.users.queries import find_roles
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.row_writing import add_row, edit_row, values_of

_SENT_ALREADY = _l("This form was already submitted. Open a new one to add another target.")
_NOT_THEIRS = _l("This metric doesn’t apply to this person. Choose someone else, or the whole organization.")


def add(actor: Actor, target_id: UUID, *, metric: str, user_id: UUID | None, month: date, value: Decimal) -> Target:
    """Create a target; `value` is in the stored unit of the number, `month` is the first day of the month.

    `target_id` is generated with the form. Raises Forbidden, ValidationFailed for a person whose role can't have a
    target for this number, and Conflict for a duplicate or a form that was already submitted with other values.
    """
    actor.requires(Permission.TARGETS_WRITE)
    _refuse_others(actor, metric, user_id)
    wanted = {"metric": metric, "user_id": user_id, "month": month, "value": value}
    return add_row(actor, Target, target_id, wanted, _SENT_ALREADY)


def edit(
    actor: Actor, target_id: UUID, *, metric: str, user_id: UUID | None, month: date, value: Decimal, version: int
) -> Target:
    """Change a target.

    Raises NotFound, Forbidden, VersionConflict, and the errors of `add`. A deleted person is accepted if neither the
    person nor the number changes.
    """
    actor.requires(Permission.TARGETS_WRITE)
    row = get_target(actor, target_id, lock=True)
    if (metric, user_id) != (row.metric, row.user_id):
        _refuse_others(actor, metric, user_id)
    edit_row(row, {"metric": metric, "user_id": user_id, "month": month, "value": value}, version)
    return row


def shown(row: Any) -> dict[str, Any]:
    """Return a target, or its row of the list, as values by column."""
    return values_of(row, ("metric", "user_id", "month", "value"))


def _refuse_others(actor: Actor, metric: str, user_id: UUID | None) -> None:
    if user_id is None:
        return
    role = find_roles(actor.organization_id, [user_id]).get(user_id)
    if role not in TARGETED[metric].roles:
        raise ValidationFailed([FieldError("user_id", _NOT_THEIRS)])
