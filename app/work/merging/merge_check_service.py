"""Locks on two contacts, and checks that they can be merged.

The locks keep the result of the checks valid.
"""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import Conflict, DomainError, NotFound
from app.extensions import db
from app.models import ContactCard, ContactMerge, MergeStatus
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import visible
from app.work.merging import merge_queries
from app.work.merging.merge_rules import MAX_TAGS, joined

_CHANGED_SINCE = _l(
    "Not merged: someone changed one of the two contacts after you opened this page. Review both again."
)


def lock_both(actor: Actor, kept_id: UUID, merged_id: UUID) -> tuple[ContactCard, ContactCard]:
    """Lock both contacts in the order of their ids and return them.

    The locks also block new references to them. Raises NotFound, and Conflict for a contact that was merged into
    another one in the meantime.
    """
    both = visible(ContactCard, actor).where(ContactCard.id.in_((kept_id, merged_id))).order_by(ContactCard.id)
    rows = db.session.scalars(both.with_for_update().execution_options(populate_existing=True))
    found = {row.id: row for row in rows}
    for contact_id in (kept_id, merged_id):
        if contact_id not in found:
            raise _gone(actor, contact_id)
    return found[kept_id], found[merged_id]


def _gone(actor: Actor, contact_id: UUID) -> DomainError:
    is_part = (ContactMerge.merged_card_id == contact_id, ContactMerge.status == MergeStatus.DONE)
    merge = merge_queries.find_merge_of(actor.organization_id, *is_part)
    if merge is None or not actor.sees_all(Permission.CONTACTS_READ):
        return NotFound("contact", contact_id)
    names = [
        merge_queries.find_name(actor.organization_id, one) or _l("Unknown") for one in (contact_id, merge.kept_card_id)
    ]
    return Conflict(
        None,
        _l(
            "%(name)s was merged into %(other)s by %(who)s.",
            name=names[0],
            other=names[1],
            who=merge.requested_by_label,
        ),
    )


def refuse(
    actor: Actor, kept: ContactCard, merged: ContactCard, versions: tuple[int, int], besides: UUID | None = None
) -> None:
    """Raise VersionConflict or Conflict if the contacts cannot be merged.

    VersionConflict is raised if one of them has changed since the user saw it, Conflict if one is being erased or
    merged in the background, other than by the merge `besides`, or if they have too many tags together.
    """
    for contact, version in zip((kept, merged), versions, strict=True):
        contact.refuse_stale(version, {"version": contact.version}, _CHANGED_SINCE)
    if merge_queries.is_being_erased(actor.organization_id, kept.id, merged.id):
        raise Conflict(None, _l("One of the two contacts is being erased, so they can’t be merged."))
    waiting = merge_queries.find_waiting(actor, kept.id, merged.id)
    if waiting is not None and waiting.id != besides:
        raise Conflict(None, _l("One of the two contacts is being merged in the background. Wait until that finishes."))
    tags = len(joined(kept.tags, merged.tags))
    if tags > MAX_TAGS:
        too_many = _l(
            "Together, the two contacts have %(number)s tags, and the maximum is %(most)s. Remove some first.",
            number=tags,
            most=MAX_TAGS,
        )
        raise Conflict(None, too_many)
