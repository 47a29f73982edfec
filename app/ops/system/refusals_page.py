"""Requests refused for lack of a slot, as shown on the system page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from app.security.actor import Actor
from app.security.permissions import Permission
from app.web.refusals import Refusals, list_refusals


@dataclass(frozen=True, slots=True)
class RefusalLine:
    """Refused requests of one organization, which is shown by ID if it is not the reader's."""

    organization: str
    number: int
    last_at: datetime


def refusal_lines(actor: Actor) -> Sequence[RefusalLine]:
    """Return the refusals of the actor's organization; platform staff see those of all."""
    sees_all = actor.may(Permission.ORGANIZATIONS_ENTER)
    return [
        RefusalLine(_called(one, actor), one.number, one.last_at)
        for one in list_refusals()
        if sees_all or one.organization_id == actor.organization_id
    ]


def _called(one: Refusals, actor: Actor) -> str:
    if one.organization_id is None:
        return str(_("Not signed in, or not identified yet"))
    return actor.organization_name if one.organization_id == actor.organization_id else str(one.organization_id)
