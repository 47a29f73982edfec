"""Reading service types."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from app.db.paging import Sort
from app.extensions import db
from app.models import ServiceType
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.scope import restrict
from app.work.service_types.filters import ServiceTypeFilters

#: Offered to whoever books.
_MOST_OFFERED = 50

_NAME = func.lower(ServiceType.name)

SORTS = (
    Sort("name", _NAME, ServiceType.id, descending=False, value_of=lambda row: row.sort_name, parse=str),
    Sort("-name", _NAME, ServiceType.id, descending=True, value_of=lambda row: row.sort_name, parse=str),
)


def _conditions(filters: ServiceTypeFilters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [ServiceType.deleted_at.is_(None)]
    if filters.q:
        found.append(ServiceType.name.icontains(filters.q, autoescape=True))
    if filters.in_use is not None:
        found.append(ServiceType.is_active.is_(filters.in_use))
    return found


def list_offered(actor: Actor) -> Sequence[Row[str, int]]:
    """Name and minutes of what is offered to whoever books, by name."""
    types = restrict(select(ServiceType.name, ServiceType.minutes), ServiceType, actor).where(*_IN_USE)
    return db.session.execute(types.order_by(_NAME, ServiceType.id).limit(_MOST_OFFERED)).all()


def find_minutes(actor: Actor, service: str) -> int | None:
    """How long a visit for this usually takes; None for what is no type, or one that is not used any more."""
    found = restrict(select(ServiceType.minutes), ServiceType, actor).where(*_IN_USE, func.lower(service) == _NAME)
    return db.session.scalar(found)


def is_out_of_use(actor: Actor, service: Any) -> ColumnElement[bool]:
    """Whether the text `service` is the name of a type that is not used any more."""
    types = restrict(select(ServiceType.id), ServiceType, actor)
    left = types.where(ServiceType.deleted_at.is_(None), ~ServiceType.is_active)
    return left.where(func.lower(service) == _NAME).exists()


_IN_USE = (ServiceType.is_active, ServiceType.deleted_at.is_(None))

_ROW = select(
    ServiceType.id,
    ServiceType.version,
    ServiceType.name,
    _NAME.label("sort_name"),
    ServiceType.minutes,
    ServiceType.is_active,
)


#: The types that `filters` keep, by name.
service_type_list = ListOf(
    ServiceType,
    _ROW,
    narrow=lambda filters, _actor, _now: _conditions(filters),
    sorts=SORTS,
)
