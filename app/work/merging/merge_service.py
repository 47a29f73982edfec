"""Requesting a merge of two contacts; large ones are left to the worker."""

from collections.abc import Mapping
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.errors import Conflict, FieldError, ValidationFailed
from app.extensions import db
from app.models import ContactMerge
from app.ops.jobs.queue import enqueue
from app.security.actor import Actor
from app.security.permissions import Permission
from app.tenancy.actor_rules import refuse_guest
from app.work.merging import merge_queries, merge_run_service
from app.work.merging.jobs import merge_contacts
from app.work.merging.merge_check_service import lock_both, refuse
from app.work.merging.merge_rules import Side

#: The worker merges contacts with more rows than this.
MAX_IN_A_REQUEST = 10_000


def merge(
    actor: Actor,
    kept_id: UUID,
    merged_id: UUID,
    merge_id: UUID,
    choices: Mapping[str, Side],
    *,
    versions: tuple[int, int],
) -> ContactMerge:
    """Merge the contact `merged_id` into `kept_id`; a large merge is returned waiting for the worker.

    `merge_id` is generated with the form, so that a form submitted twice is one merge. `versions` are those of the
    contact that stays and of the other, as the user saw them. Raises NotFound, VersionConflict, ValidationFailed if
    both ids are the same, Conflict if one of the contacts has been merged since or can't be merged, and Forbidden,
    which a guest gets for any large merge.
    """
    actor.requires(Permission.CONTACTS_MERGE)
    if kept_id == merged_id:
        raise ValidationFailed([FieldError("other", _l("These are the same contact. Choose two different ones."))])
    there = merge_queries.find_merge(actor, merge_id)
    if there is not None:
        return there
    try:
        kept, merged = lock_both(actor, kept_id, merged_id)
    except Conflict:
        # The same form was submitted before and has just been processed.
        there = merge_queries.find_merge(actor, merge_id)
        if there is None:
            raise
        return there
    refuse(actor, kept, merged, versions)
    row = ContactMerge(
        organization_id=actor.organization_id,
        id=merge_id,
        kept_card_id=kept_id,
        merged_card_id=merged_id,
        kept_version=versions[0],
        merged_version=versions[1],
        choices={name: side.value for name, side in choices.items()},
        rows_total=merge_queries.count_rows(actor.organization_id, merged_id),
        operation_id=current_context().operation_id,
        requested_by=actor.reference_id,
        requested_by_label=actor.name,
    )
    db.session.add(row)
    db.session.flush()
    if row.rows_total > MAX_IN_A_REQUEST:
        refuse_guest(actor, Permission.CONTACTS_MERGE)
        enqueue(merge_contacts, one_by_one=f"contacts.merge:{actor.organization_id}", merge_id=str(merge_id))
    else:
        merge_run_service.run(row, kept, merged)
    return row
