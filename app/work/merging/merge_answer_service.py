"""Records that mark two contacts as different people, copied when one of the two is merged."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from app.db.conditions import is_any_of
from app.db.ids import uuid7
from app.declarations.merging import MergePair
from app.declarations.registry import registry
from app.extensions import db
from app.models import ContactDistinction, ContactMerge
from app.security.rows import held
from app.security.scope import unscoped
from app.work.merging.moved_queries import ids_added


def follow(pair: MergePair) -> None:
    """Copy the merged contact's `ContactDistinction` records to the contact that stays.

    They mark contacts as different people. The originals are left unchanged, so they apply again when the merged
    contact is restored.
    """
    others = {_other(answer, pair.merged_id): answer for answer in _answers(pair.organization_id, pair.merged_id)}
    others.pop(pair.kept_id, None)
    added = []
    for other_id, answer in sorted(others.items()):
        first, second = sorted((pair.kept_id, other_id))
        said = {"created_by": answer.created_by, "created_by_label": answer.created_by_label}
        of = {"contact_card_id": first, "other_card_id": second}
        added.append({"organization_id": pair.organization_id, "id": uuid7(), **of, **said})
    if added:
        # The answer may already exist for some of them.
        db.session.execute(insert(ContactDistinction).on_conflict_do_nothing(), added)


def take_back(merge: ContactMerge) -> None:
    """Delete the `ContactDistinction` records that the merge copied to the contact that stays."""
    ids = ids_added(merge, registry().resources["contact_distinction"])
    rows = unscoped(
        select(ContactDistinction), why="undoing a merge deletes all answers that it copied, regardless of record scope"
    ).where(ContactDistinction.organization_id == merge.organization_id, is_any_of(ContactDistinction.id, ids))
    for row in db.session.scalars(held(rows.order_by(ContactDistinction.id))):
        db.session.delete(row)
    db.session.flush()


def _answers(organization_id: UUID, contact_id: UUID) -> Sequence[ContactDistinction]:
    of_them = or_(ContactDistinction.contact_card_id == contact_id, ContactDistinction.other_card_id == contact_id)
    rows = unscoped(
        select(ContactDistinction), why="a merge copies all answers about the contact, regardless of record scope"
    ).where(ContactDistinction.organization_id == organization_id, of_them)
    return db.session.scalars(rows.order_by(ContactDistinction.id)).all()


def _other(answer: ContactDistinction, contact_id: UUID) -> UUID:
    return answer.other_card_id if answer.contact_card_id == contact_id else answer.contact_card_id
