"""Saving mappings under a name for later files of the same kind."""

from uuid import UUID

from app.data.imports.mapping_rules import Mapping, gaps_of, importable
from app.data.imports.queries import find_mapping, get_mapping
from app.db.ids import uuid7
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict, ValidationFailed
from app.extensions import db
from app.models import ImportMapping
from app.security.actor import Actor


def save_mapping(
    actor: Actor, name: str, mapping: Mapping, *, opened: UUID | None = None, version: int | None = None
) -> ImportMapping:
    """Save a mapping under `name`.

    The mapping with the id `opened` is replaced if it has this name, provided that `version` is still current;
    otherwise, a new one is created. An identical mapping is left unchanged. Raises Forbidden, NotFound, VersionConflict
    (its `current` holds "mapping"), Conflict for a name that is taken, and ValidationFailed.
    """
    actor.requires(importable(mapping.kind).permission)
    if gaps := gaps_of(mapping):
        raise ValidationFailed(gaps)
    mapping = _for_other_files(mapping)
    fields = mapping.model_dump(mode="json")
    row = get_mapping(actor, mapping.kind, opened, lock=True) if opened else None
    if row is None or row.name != name:
        return _add(actor, name, mapping)
    if row.mapping == fields:
        return row
    row.refuse_stale(version, {"mapping": row.mapping})
    row.mapping = fields
    db.session.flush()
    return row


def _for_other_files(mapping: Mapping) -> Mapping:
    """Return the mapping without the defaults that apply to one file only, such as its date."""
    declared = importable(mapping.kind)
    own = {declared.about, declared.dates.date if declared.dates and declared.dates.moment else ""}
    return mapping.model_copy(update={"defaults": {k: v for k, v in mapping.defaults.items() if k not in own}})


def _add(actor: Actor, name: str, mapping: Mapping) -> ImportMapping:
    row = ImportMapping(
        organization_id=actor.organization_id,
        id=uuid7(),
        kind=mapping.kind,
        name=name,
        mapping=mapping.model_dump(mode="json"),
        created_by=actor.reference_id,
        created_by_label=actor.name,
    )
    try:
        with translated_integrity_errors():
            db.session.add(row)
    except Conflict:
        there = find_mapping(actor, mapping.kind, name)
        if there is not None and there.mapping == row.mapping:
            return there
        raise
    return row
