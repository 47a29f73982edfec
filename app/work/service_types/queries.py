"""Queries for service types, and the filters of their list."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import ColumnElement, Row, func, select

from app.db.filters import Blank, Filters, Search
from app.db.paging import by_name
from app.extensions import db
from app.models import ServiceType
from app.security.actor import Actor
from app.security.list_of import Conditions, ListOf
from app.security.scope import restrict

#: Maximum number of service types offered when booking.
_MAX_CHOICES = 50
_NAME = func.lower(ServiceType.name)
SORTS = by_name(_NAME, ServiceType.id)


class ServiceTypeFilters(Filters):
    """Filters of `/service-types`. `q` is a part of the name."""

    q: Search = ""
    in_use: Annotated[bool | None, Blank] = None


def _conditions(filters: ServiceTypeFilters, _actor: Actor, _now: datetime) -> Conditions:
    in_use = () if filters.in_use is None else (ServiceType.is_active.is_(filters.in_use),)
    named = (ServiceType.name.icontains(filters.q, autoescape=True),) if filters.q else ()
    return [ServiceType.deleted_at.is_(None), *named, *in_use]


def list_offered(actor: Actor) -> Sequence[Row[str, int]]:
    """Return the service types offered when booking, by name, each with its usual minutes."""
    types = restrict(select(ServiceType.name, ServiceType.minutes), ServiceType, actor).where(*_IN_USE)
    return db.session.execute(types.order_by(_NAME, ServiceType.id).limit(_MAX_CHOICES)).all()


def find_minutes(actor: Actor, service: str) -> int | None:
    """Return the usual length in minutes of a service's appointments, or None for an inactive or unknown service."""
    found = restrict(select(ServiceType.minutes), ServiceType, actor).where(*_IN_USE, func.lower(service) == _NAME)
    return db.session.scalar(found)


def is_out_of_use(actor: Actor, service: Any) -> ColumnElement[bool]:
    """Return the condition that the text `service` is the name of an inactive service type."""
    types = restrict(select(ServiceType.id), ServiceType, actor)
    left = types.where(ServiceType.deleted_at.is_(None), ~ServiceType.is_active)
    return left.where(func.lower(service) == _NAME).exists()


_IN_USE = (ServiceType.is_active, ServiceType.deleted_at.is_(None))
_SHOWN = (ServiceType.name, _NAME.label("sort_name"), ServiceType.minutes, ServiceType.is_active)
_ROW = select(ServiceType.id, ServiceType.version, *_SHOWN)

service_type_list = ListOf(ServiceType, _ROW, narrow=_conditions, sorts=SORTS)
