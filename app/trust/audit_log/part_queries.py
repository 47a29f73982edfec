"""The parts of a record, whose entries its list includes: a contact's numbers, the events of a calendar.

Each kind that can be deleted declares its parents (`app.declarations.deletable`).
"""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Integer, Text, Uuid, bindparam, column, func, literal, select, union

from app.db.paging import Selection
from app.db.session import INCLUDE_DELETED
from app.declarations.registry import registry
from app.declarations.resource import Model
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.scope import unscoped
from app.trust.audit_log.name_queries import Reference

#: Of more parts, this many are included, of those that still exist the newest.
MAX_PARTS = 500


def part_fields(kind: str) -> Iterator[tuple[str, str, Model]]:
    """Yield the kinds whose rows are parts of a `kind`, with the column that names the record and their model."""
    for part in registry().deletes.values():
        for field, parent in part.parents.items():
            if parent == kind:
                yield part.name, field, part.model


def parts_of(actor: Actor, kind: str, record: UUID, *, or_moved: bool = False) -> list[Reference]:
    """Return the parts of a record, including those that are in the trash or no longer exist, at most MAX_PARTS.

    With `or_moved`, parts that were moved to another record are included, too.
    """
    declared = tuple(part_fields(kind))
    if not declared:
        return []
    kinds, fields = [part for part, _field, _model in declared], [field for _part, field, _model in declared]
    given = {"record": record, "kind": kind, "kinds": kinds, "fields": fields, "or_moved": or_moved}
    return [(row.kind, row.id) for row in _parts.rows(actor, kind, **given, most=MAX_PARTS)]


@compiled_query
def _parts(actor: Actor, kind: str) -> Selection:
    record, most = bindparam("record", type_=Uuid()), bindparam("most", type_=Integer())
    there = (
        unscoped(
            select(literal(part, Text()).label("kind"), model.id.label("id")),
            why="readers of the trail can see the entries of all records; names and values are withheld separately",
        )
        .where(model.organization_id == actor.organization_id, getattr(model, field) == record)
        .order_by(model.id.desc())
        .limit(most)
        for part, field, model in part_fields(kind)
    )
    arrays = (bindparam(name, type_=ARRAY(Text())) for name in ("kinds", "fields"))
    named = func.parts_gone(
        bindparam("kind", type_=Text()), record, *arrays, bindparam("or_moved", type_=Boolean()), most
    )
    gone = named.table_valued(column("part_kind", Text()), column("part_id", Uuid()))
    parts = union(*there, select(gone.c.part_kind, gone.c.part_id)).subquery("parts")
    found: Selection = select(parts.c.kind, parts.c.id).order_by(parts.c.id.desc()).limit(most)
    return found.execution_options(**{INCLUDE_DELETED: True})
