"""People in the audit trail: users, deleted ones too, and the platform's staff who acted in the organization."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import Text, Uuid, column, func, select

from app.db.paging import Selection
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import AuditLog, RevisionKind, User
from app.security.actor import Actor
from app.security.compiled_query import cached_rows
from app.security.people import is_of_organization
from app.security.scope import restrict
from app.trust.audit_log.filters import AuditFilters

#: Limit for the options of the picker.
MAX_PEOPLE = 2_000


def list_people(actor: Actor) -> list[tuple[str, str]]:
    """Return ids and names of the users in the picker, with deleted users and the platform's staff last, marked so."""
    here, gone = _people.made(actor, _here_and_gone)
    people = [*here, *((person, _("%(name)s (deleted)", name=name)) for person, name in gone)]
    return [*people, *((str(row.user_id), staff_name(row.name)) for row in _staff.rows(actor))]


def _here_and_gone(people: Sequence[Any]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return ids and names of the users, and those of deleted ones."""
    found = [[(str(row.id), row.name) for row in people if row.is_gone is is_gone] for is_gone in (False, True)]
    return found[0], found[1]


def staff_name(name: str) -> str:
    """Return the name of a member of the platform's staff, as organizations know them."""
    return str(_("Switchboard support: %(name)s", name=name))


@cached_rows(RevisionKind.PEOPLE)
def _people(actor: Actor) -> Selection:
    is_gone = User.deleted_at.is_not(None)
    people = restrict(select(User.id, User.name, is_gone.label("is_gone")), User, actor)
    people = people.order_by(is_gone, func.lower(User.name), User.id).limit(MAX_PEOPLE)
    return people.execution_options(**{INCLUDE_DELETED: True})


@cached_rows(RevisionKind.PEOPLE)
def _staff(_actor: Actor) -> Selection:
    """Select the platform's staff who acted in the organization; the first entry of each raises the revision."""
    found = func.staff_in_trail().table_valued(column("user_id", Uuid), column("name", Text))
    staff = select(found.c.user_id, found.c.name)
    return staff.order_by(func.lower(found.c.name), found.c.user_id).limit(MAX_PEOPLE)


def refuse_unknown_actor(actor: Actor, filters: AuditFilters) -> str | None:
    """Raise NotFound if `filters` name a user who is neither in the organization nor in its trail.

    Otherwise return the most recent name in the trail of a user outside the organization, or None.
    """
    person = filters.actor
    if not isinstance(person, UUID) or is_of_organization(person, actor):
        return None
    label = find_actor_label(actor, person)
    if label is None:
        raise NotFound("user", person)
    return label


def find_actor_label(actor: Actor, user_id: UUID) -> str | None:
    """Return the most recent name in the trail of a user who isn't in the organization, or None.

    Such users are platform staff, or were purged.
    """
    label = select(AuditLog.actor_label).where(
        AuditLog.organization_id == actor.organization_id, AuditLog.user_id == user_id
    )
    return db.session.scalar(label.order_by(AuditLog.created_at.desc(), AuditLog.id.desc()).limit(1))
