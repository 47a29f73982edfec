"""Places of records: the ids in a path, checked in the order of the path."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from app.db.ids import parse_uuid
from app.declarations.api import Api
from app.errors import NotFound
from app.extensions import db
from app.security.actor import Actor
from app.security.rows import get_row
from app.security.scope import unscoped, within


@dataclass(frozen=True, slots=True)
class Place:
    """A record in a path, or a list of records if `record_id` is None; `conditions` tie them to their parent."""

    record_id: UUID | None = None
    parent_id: UUID | None = None
    conditions: tuple[ColumnElement[bool], ...] = ()


def place_of(api: Api, actor: Actor, ids: Mapping[str, str]) -> Place:
    """Return the place of the ids of a path.

    Raises NotFound for a malformed id, and for a parent that `actor` can't see.
    """
    texts = list(ids.values())
    if api.parent is None:
        return Place(parse_id(api, texts[0]) if texts else None)
    above = api.parent.api
    parent_id = parse_id(above, texts[0])
    record_id = parse_id(api, texts[1]) if len(texts) > 1 else None
    model = above.resource.model
    seen = and_(*within(model, actor))
    if api.parent.besides is not None:
        seen = or_(seen, and_(model.organization_id == actor.organization_id, api.parent.besides(actor)))
    parents = unscoped(select(model.id), why="restricted to those that the reader sees, or whose parts they see")
    if db.session.scalar(parents.where(model.id == parent_id, seen)) is None:
        raise NotFound(above.resource.name, parent_id)
    return Place(record_id, parent_id, (api.parent.column == parent_id,))


def parse_ids(ids: Mapping[str, str]) -> list[UUID | str]:
    """Return the ids in the path of an operation, and its other arguments as text.

    Raises NotFound for a malformed id.
    """
    return [_parse(name[:-3], text) if name.endswith("_id") else text for name, text in ids.items()]


def read_row(api: Api, actor: Actor, place: Place) -> Any:
    """Return the record's row. Raises NotFound."""
    row = find_row(api, actor, place)
    if row is None:
        raise NotFound(api.resource.name, place.record_id)
    return row


def find_row(api: Api, actor: Actor, place: Place) -> Any | None:
    """Return the record's row if `actor` can see it, otherwise None."""
    conditions = (*api.records.conditions(api.every or api.filters(), actor), *place.conditions)
    return api.records.find(actor, place.record_id, conditions)


def lock_model(api: Api, actor: Actor, place: Place) -> Any:
    """Return the model's row, locked until the transaction ends. Raises NotFound."""
    if api.lock is not None:
        return api.lock(actor, read_row(api, actor, place).id)
    record_id = place.record_id or read_row(api, actor, place).id
    return get_row(actor, api.resource.model, record_id, *place.conditions, named=api.resource.name, lock=True)


def parse_id(api: Api, text: str) -> UUID:
    """Return the id of a record in a path. Raises NotFound for a malformed one."""
    return _parse(api.resource.name, text)


def _parse(resource: str, text: str) -> UUID:
    try:
        return parse_uuid(text)
    except ValueError:
        raise NotFound(resource, text) from None
