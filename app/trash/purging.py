"""Removing for good what has been in the trash long enough: children first, a thousand rows a statement.

The audit trail keeps what each row was. A person whom anything still refers to stays as "Former user", so that old
figures stay what they were.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog
from flask_babel import lazy_gettext as _l
from sqlalchemy import Table, delete, exists, func, or_, select
from sqlalchemy.exc import IntegrityError

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.context import current_context, use_context
from app.db.session import enter_context
from app.errors import Conflict, NotFound
from app.extensions import db
from app.jobs.queue import JobName, enqueue
from app.models import (
    Base,
    Call,
    CallAnalysis,
    CallNote,
    CallTranscript,
    DeletionBatch,
    Organization,
    RecordingSession,
    User,
    UserStatus,
)
from app.organizations.queries import lock_organization
from app.security.actor import Actor
from app.security.permissions import Permission
from app.trash import queries
from app.trash.kinds import KINDS, Kind
from app.trash.queries import rows_in
from app.trash.rules import MOST_IN_A_REQUEST
from app.trash.words import in_use

ROWS_A_STATEMENT = 1_000

FORMER_USER = "Former user"

_log = structlog.get_logger("switchboard.trash")


def purge_due(organization_id: UUID) -> int:
    """Purge what is due of an organization; how many deletions. One that is still referred to waits, with a warning.

    Each deletion is committed by itself: a night's work is never one transaction, and what is interrupted goes on the
    next time. Raises Conflict as soon as the organization's data is held.
    """
    purged = 0
    for batch_id in queries.due(organization_id):
        refuse_held(lock_organization(organization_id))
        try:
            with db.session.begin_nested():
                purge_batch(queries.get_batch_of_organization(organization_id, batch_id))
        except (IntegrityError, Conflict) as error:  # in use; or restored or purged just now
            _log.warning("deletion not purged", batch=str(batch_id), cause=str(getattr(error, "orig", error)))
        else:
            purged += 1
        db.session.commit()
    return purged


def purge(actor: Actor, batch_id: UUID, *, most_rows: int = MOST_IN_A_REQUEST) -> bool:
    """Remove a deletion for good; whether it is done. One of more than `most_rows` is left to the worker.

    Raises NotFound, Forbidden, and Conflict while the organization's data is held, when the deletion is settled, or
    when something that stays still refers to it.
    """
    actor.requires(Permission.TRASH_PURGE)
    refuse_held(lock_organization(actor.organization_id))
    batch = queries.get_batch(actor, batch_id, lock=True)
    queries.refuse_settled(batch)
    if sum(queries.count_left(batch).values()) > most_rows:
        enqueue(JobName.PURGE_TRASH, one_by_one=f"trash:{batch.organization_id}", batch_id=str(batch_id))
        return False
    _purge_or_explain(batch)
    return True


def purge_chosen(organization_id: UUID, batch_id: UUID) -> None:
    """What `purge` left to the worker. One that is settled is left alone; raises Conflict as `purge` does."""
    refuse_held(lock_organization(organization_id))
    batch = queries.get_batch_of_organization(organization_id, batch_id)
    if batch.restored_at is None and batch.purged_at is None:
        _purge_or_explain(batch)


def _purge_or_explain(batch: DeletionBatch) -> None:
    try:
        with db.session.begin_nested():
            purge_batch(batch)
    except IntegrityError as error:
        raise in_use(error) from None


def list_organizations_with_trash_due() -> Sequence[UUID]:
    """The organizations whose trash holds what is due; needs the jobs' role."""
    return db.session.scalars(select(func.organizations_with_trash_due())).all()


def purge_organizations_due() -> int:
    """Remove the organizations that have been in the trash long enough; how many. Needs the jobs' role.

    One that cannot go yet waits, with a warning.
    """
    purged = 0
    for organization_id in db.session.scalars(select(func.organizations_to_purge())).all():
        with use_context(replace(current_context(), organization_id=organization_id)) as theirs:
            enter_context(db.session.connection(), theirs)
            try:
                with db.session.begin_nested():
                    purge_organization(organization_id)
            except (IntegrityError, Conflict, NotFound) as error:  # in use; or held, restored or purged just now
                _log.warning("organization not purged", organization=str(organization_id), cause=str(error))
            else:
                purged += 1
    enter_context(db.session.connection(), current_context())
    return purged


def purge_batch(batch: DeletionBatch) -> None:
    """Remove the rows of a locked batch for good. Raises Conflict when it is settled, IntegrityError when in use."""
    queries.refuse_settled(batch)
    for kind in reversed(list(KINDS.values())):
        if kind.model is RecordingSession:
            _purge_what_was_heard(batch, kind)
        if kind.model is User:
            _purge_users(batch, kind)
        elif kind.model is not Organization:
            _remove(kind.model.__table__, rows_in(batch, kind).order_by(None).with_only_columns(kind.model.id))
    batch.purged_at = datetime.now(UTC)
    name_action(Action.DELETION_PURGED, batch, resource_type="deletion_batch")


def purge_organization(organization_id: UUID) -> None:
    """Remove a deleted organization with everything of it but its trail. Its files are swept up by a job afterwards.

    The context must be of it. Raises NotFound, and Conflict when it is not deleted or its data is held.
    """
    organization = lock_organization(organization_id, with_its_rows=True, include_deleted=True)
    if organization.deleted_at is None:
        raise Conflict(None, _l("Delete the organization first: only what is in the trash can be removed for good."))
    refuse_held(organization)
    for table in _children_first():
        _remove(table, select(table.c.id).where(table.c.organization_id == organization_id))
    db.session.execute(delete(Organization).where(Organization.id == organization_id))


def refuse_held(organization: Organization) -> None:
    """Raise Conflict, which says why, while nothing of the organization may be removed."""
    if organization.legal_hold:
        reason = organization.legal_hold_reason or ""
        raise Conflict(None, _l("This organization’s data is held, and nothing may be removed. %(why)s", why=reason))


def _children_first() -> Iterator[Table]:
    """The tables of an organization's rows that the app may delete from; the trail is not among them."""
    for table in reversed(Base.metadata.sorted_tables):
        if "organization_id" in table.c and _may_delete_from(table):
            yield table


def _may_delete_from(table: Table) -> bool:
    return bool(db.session.scalar(select(func.has_table_privilege(table.name, "DELETE"))))


def _remove(table: Table, ids: Any) -> None:
    """Delete the rows that `ids` selects, some at a time: the triggers of one statement are kept in memory."""
    while True:
        portion = db.session.scalars(ids.limit(ROWS_A_STATEMENT)).all()
        if portion:
            db.session.execute(delete(table).where(table.c.id.in_(portion)))
        if len(portion) < ROWS_A_STATEMENT:
            return


def _purge_what_was_heard(batch: DeletionBatch, kind: Kind) -> None:
    """With a recording go its call’s transcript and analysis, and the files once this is committed."""
    for recording in db.session.scalars(rows_in(batch, kind)):
        call = db.session.get(Call, (recording.organization_id, recording.call_id)) if recording.call_id else None
        for key in {recording.storage_key, call.audio_url if call else None} - {None}:
            enqueue(JobName.REMOVE_FILE, key=key)
        if call is None:
            continue
        call.audio_url = None
        for model in (CallTranscript, CallAnalysis):
            of_the_call = (model.organization_id == call.organization_id, model.call_id == call.id)
            db.session.execute(delete(model).where(*of_the_call))


def _purge_users(batch: DeletionBatch, kind: Kind) -> None:
    users: Sequence[User] = db.session.scalars(rows_in(batch, kind)).all()
    for user in users:
        if db.session.scalar(select(_is_referred_to(user))):
            _anonymize(user)
        else:
            db.session.delete(user)
            db.session.flush()


def _is_referred_to(user: User) -> Any:
    """Whether any row but what is their own names this person."""
    return or_(
        *(
            exists().where(*_names(table, column, user))
            for table, column, is_their_own in _references_to_people()
            if not is_their_own
        )
    )


def _anonymize(user: User) -> None:
    """Leave the row, which old figures count, and nothing of the person in it."""
    for table, column, is_their_own in _references_to_people():
        if is_their_own and _may_delete_from(table):
            _remove(table, select(table.c.id).where(*_names(table, column, user)))
    user.email = f"{user.id}@former-user.invalid"
    user.name = FORMER_USER
    user.status = UserStatus.INACTIVE
    user.phone = user.avatar_url = user.password_hash = user.mfa_secret = user.deactivation_reason = None
    user.last_seen_at = user.email_verified_at = user.password_changed_at = None
    name_action(Action.USER_ANONYMIZED, user)


def _references_to_people() -> Iterator[tuple[Table, str, bool]]:
    """Every reference to a person: the table, the column, and whether the row is the person's own and goes with them.

    Notes would go too, but they are about a call, and stay with it.
    """
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            if key.referred_table is User.__table__:
                is_their_own = key.ondelete == "CASCADE" and table.name != CallNote.__tablename__
                yield table, list(key.column_keys)[-1], is_their_own


def _names(table: Table, column: str, user: User) -> tuple[Any, ...]:
    """That a row names this person; that they deleted themselves is no reference to them."""
    named = (table.c.organization_id == user.organization_id, table.c[column] == user.id)
    return (*named, table.c.id != user.id) if table is User.__table__ else named
