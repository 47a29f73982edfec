"""Whether two contacts may become one, with both held: what is checked stays true until it is done."""

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
    "Nothing was merged: somebody changed one of the two after you opened this page. Look at both again."
)


def lock_both(actor: Actor, kept_id: UUID, merged_id: UUID) -> tuple[ContactCard, ContactCard]:
    """Both, held in the order of their ids, and nothing new refers to them meanwhile.

    Raises Conflict for one that became part of another meanwhile, and NotFound.
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
    """Raise VersionConflict when one of them is not as it was seen, and Conflict for what keeps them from being merged
    but the merge `besides`.
    """
    for contact, version in zip((kept, merged), versions, strict=True):
        contact.refuse_stale(version, {"version": contact.version}, _CHANGED_SINCE)
    if merge_queries.is_being_erased(actor.organization_id, kept.id, merged.id):
        raise Conflict(None, _l("One of the two is being erased. There is nothing to merge any more."))
    waiting = merge_queries.find_waiting(actor, kept.id, merged.id)
    if waiting is not None and waiting.id != besides:
        raise Conflict(None, _l("One of the two is being merged in the background. Wait until that has finished."))
    tags = len(joined(kept.tags, merged.tags))
    if tags > MAX_TAGS:
        too_many = _l(
            "Together they have %(number)s tags, and %(most)s are the most. Take some away first.",
            number=tags,
            most=MAX_TAGS,
        )
        raise Conflict(None, too_many)
