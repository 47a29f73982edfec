"""Trying to bring rows back: each by itself, so that every conflict is found, with what was chosen about it.

The caller has locked the organization and the batch, and undoes the whole when it does not like the outcome.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from app.billing.quotas import TAKES_A_PLACE, read_quotas
from app.billing.rules import QuotaKind
from app.db.constraints import find_refusal
from app.db.transaction import refusals_in_words
from app.errors import (
    Conflict,
    EventTimeConflict,
    Forbidden,
    LastOwner,
    NotFound,
    Sentence,
    UserNotAvailable,
    ValidationFailed,
)
from app.extensions import db
from app.models import ContactCard, ContactPhone, DeletionBatch, PhoneNumber, User
from app.phones import to_e164
from app.security.actor import Actor
from app.security.permissions import Permission, Role
from app.trash import queries, rules
from app.trash.kinds import KINDS, Kind, described, labels_of
from app.trash.parents import find_parents_in_trash
from app.trash.rules import Choice, Choices, Problem, WrongValue
from app.users.editing import check_address_change, follow_new_address
from app.users.rules import may_give

_RESTORE = text("SELECT * FROM restore_deleted(:batch, CAST(:kinds AS jsonb), CAST(:chosen AS uuid[]))")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of a batch: it comes back, unless there is a `problem`."""

    resource: str
    row_id: UUID
    label: str
    problem: Problem | None = None


#: Of what the plan allows so many: the limit, and what to say beyond it.
_LIMITED: Mapping[str, tuple[QuotaKind, Sentence]] = {
    "user": (QuotaKind.TEAM_MEMBERS, rules.SEATS_ARE_TAKEN),
    "phone_number": (QuotaKind.PHONE_NUMBERS, rules.NUMBERS_ARE_TAKEN),
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of it. `batches` are the deletion itself and those whose rows had to come back for it."""

    outcomes: Sequence[Outcome]
    batches: Sequence[DeletionBatch]


def attempt(batch: DeletionBatch, only: frozenset[UUID] | None, choices: Choices, by: Actor | None) -> Attempt:
    """Try it, as far as nothing stands in the way; conflicts that were chosen to be skipped are left out."""
    wanted = frozenset(queries.resources_left(batch, only))
    if only is not None and only - wanted:
        raise NotFound("deletion_batch", batch.id)
    wanted -= choices.skipped
    if by is not None:
        refuse_higher_people(batch, wanted, by)
    _rename(batch, choices, by)
    outcomes, batches = [], {batch.id: batch}
    for other, ids in find_parents_in_trash(batch, choices.with_parent - choices.skipped, by):
        batches[other.id] = other
        outcomes += _run(other, ids)
    outcomes += _run(batch, wanted)
    return Attempt(_over_quota(batch.organization_id, outcomes), list(batches.values()))


def refuse_higher_people(batch: DeletionBatch, ids: Collection[UUID], by: Actor) -> None:
    """Raise Forbidden for people above `by`: to bring one back is to give their role."""
    people = queries.rows_in(batch, KINDS["user"]).where(User.id.in_(ids))
    for user in db.session.scalars(people):
        if not may_give(by.role, Role(user.role)):
            raise Forbidden(
                required_permission=Permission.TRASH_RESTORE.value,
                required_role=user.role,
                current_role=by.role.value,
                message=_l("Nobody can bring somebody back who stands above them. Ask somebody of that role."),
            )


def _labels(batch: DeletionBatch, ids: Collection[UUID]) -> dict[UUID, str]:
    """What these rows of a batch are called."""
    return {
        row_id: label for kind in KINDS.values() for row_id, label in labels_of(kind, _rows(batch, kind, ids)).items()
    }


def _rows(batch: DeletionBatch, kind: Kind, ids: Collection[UUID]) -> Sequence[Any]:
    return db.session.scalars(queries.rows_in(batch, kind).where(kind.model.id.in_(ids))).all()


def _run(batch: DeletionBatch, ids: frozenset[UUID]) -> list[Outcome]:
    labels = _labels(batch, ids)
    values = {"batch": batch.id, "kinds": json.dumps(described()), "chosen": sorted(ids)}
    rows = db.session.execute(_RESTORE, values).all()
    outcomes = [Outcome(row.resource, row.row_id, labels[row.row_id], _problem(row)) for row in rows]
    db.session.expire_all()
    _check_deferred()
    return outcomes


def _check_deferred() -> None:
    """Have the database say now what it would say at the commit: a preview never commits. Raises LastOwner."""
    try:
        with db.session.begin_nested():
            db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", None) == "last_owner":
            raise LastOwner(_l("Nobody who would come back is an active owner."), count=0) from None
        raise
    db.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))


def _problem(row: Any) -> Problem | None:
    if row.problem is None:
        return None
    if row.problem == rules.PARENT_DELETED:
        parent = (row.parent_resource, row.parent_id)
        return Problem(row.problem, rules.PARENT_IS_DELETED, (Choice.WITH_PARENT, Choice.SKIP), parent)
    sentence = _sentence(row.problem_table, row.problem)
    can_rename = row.problem in KINDS[row.resource].renames
    return Problem(row.problem, sentence, (Choice.RENAME, Choice.SKIP) if can_rename else (Choice.SKIP,))


def _sentence(table: str, constraint: str) -> Sentence:
    """What a person reads; of times that are taken, the triggers speak and no constraint."""
    times: dict[str, Sentence] = {
        "event_time_conflict": EventTimeConflict.default_message,
        "user_not_available": UserNotAvailable.default_message,
    }
    refusal = find_refusal(table, constraint)
    return refusal.sentence if refusal else times.get(constraint, Conflict.default_message)


def _over_quota(organization_id: UUID, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Of what came back and counts against the plan, the last ones beyond it are conflicts."""
    problems: dict[UUID, Problem] = {}
    for resource, (kind, sentence) in _LIMITED.items():
        came = [one.row_id for one in outcomes if one.resource == resource and one.problem is None]
        if came:
            problem = Problem(rules.QUOTA_EXCEEDED, sentence)
            problems |= dict.fromkeys(_beyond(organization_id, kind, came), problem)
    return [replace(one, problem=problems.get(one.row_id, one.problem)) for one in outcomes]


def _beyond(organization_id: UUID, kind: QuotaKind, came: Sequence[UUID]) -> Sequence[UUID]:
    [quota] = read_quotas(organization_id, [kind])
    model, takes_a_place = TAKES_A_PLACE[kind]
    counted = select(model.id).where(model.organization_id == organization_id, takes_a_place())
    mine = db.session.scalars(counted.where(model.id.in_(came)).order_by(model.id)).all()
    return mine[len(mine) - min(max(0, quota.used - quota.limit), len(mine)) :]


def _rename(batch: DeletionBatch, choices: Choices, by: Actor | None) -> None:
    """Give rows another value while they are in the trash, where nothing clashes; raises WrongValue."""
    if not choices.renamed:
        return
    for kind in KINDS.values():
        for column in set(kind.renames.values()):
            for row in _rows(batch, kind, choices.renamed):
                _give(row, column, _as_stored(column, choices.renamed[row.id], by), by)


def _give(row: Any, column: str, value: str, by: Actor | None) -> None:
    before = getattr(row, column)
    if value == before:
        return
    if isinstance(row, User) and by is not None:
        by.requires(Permission.USERS_UPDATE)
        check_address_change(by, row)
    try:
        with refusals_in_words():
            setattr(row, column, value)
            if hasattr(row, "version"):
                row.version += 1
    except ValidationFailed as refusal:
        raise WrongValue(row.id, refusal.fields) from None
    if isinstance(row, ContactPhone):
        _follow_number(row, before)
    if isinstance(row, User):
        follow_new_address(row, before)


def _as_stored(column: str, typed: str, by: Actor | None) -> str:
    """Phone numbers are read as the person would dial them."""
    is_number = column in (PhoneNumber.number.key, ContactPhone.phone.key)
    return (to_e164(typed, by.country) if is_number and by else None) or typed


def _follow_number(phone: ContactPhone, before: str) -> None:
    """A card shows its primary number, which stands among its numbers too."""
    db.session.execute(
        update(ContactCard)
        .where(
            ContactCard.organization_id == phone.organization_id,
            ContactCard.id == phone.contact_card_id,
            ContactCard.primary_phone == before,
        )
        .values(primary_phone=phone.phone, version=ContactCard.version + 1),
        execution_options={"synchronize_session": False},
    )
