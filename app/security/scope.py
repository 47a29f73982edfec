"""Which rows a person may see: one predicate per resource, and the only way from a feature to a tenant row.

Each resource declares its scope (`app.declarations.resource`); `app.security.own_rows` says what is a person's own.

    select_visible_calls = visible(Call, actor).where(Call.status == CallStatus.MISSED)

A row outside the scope is not found, not forbidden: its existence is not told. The predicate holds the organization
too, though row-level security holds it again below: with both, the planner knows how small an organization is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, TypeVarTuple
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy import ColumnElement, Select, false, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import False_

from app.kept import kept
from app.models import TenantRow
from app.security.actor import Actor
from app.security.own_rows import Predicate, Referred
from app.security.permissions import Permission

Row = TypeVar("Row", bound=TenantRow)
Columns = TypeVarTuple("Columns")
Read = TypeVar("Read")

_KEY = "switchboard_scopes"
_MOST_ANSWERS = 2_000


@dataclass(frozen=True, slots=True)
class Scope:
    """Who may see rows of a resource: all of them with one of `permissions` at its full reach, else those of `own`."""

    permissions: tuple[Permission, ...]
    own: Predicate
    #: What is about oneself needs no permission.
    own_is_free: bool = False
    #: What the full reach still leaves out; None leaves out nothing.
    everybody: Callable[[Actor], ColumnElement[bool] | None] | None = None

    def predicate(self, actor: Actor, own: Predicate | None = None) -> ColumnElement[bool] | None:
        """None means the whole organization; `own` says in another form what `self.own` says."""
        if any(actor.sees_all(permission) for permission in self.permissions):
            return self.everybody(actor) if self.everybody else None
        if self.own_is_free or any(actor.may(permission) for permission in self.permissions):
            return (own or self.own)(actor)
        return false()


def init_scopes(app: Flask, scopes: Mapping[type[TenantRow], Scope]) -> None:
    """Hold the rows of these models to these scopes."""
    app.extensions[_KEY] = scopes


def visible(model: type[Row], actor: Actor) -> Select[Row]:
    """Select the rows of `model` that `actor` may see; a model without a scope raises KeyError."""
    return restrict(select(model), model, actor)


def restrict(statement: Select[*Columns], model: type[TenantRow], actor: Actor) -> Select[*Columns]:
    """Of a statement that selects columns or joins, keep those rows of `model` that `actor` may see."""
    statement = statement.where(model.organization_id == actor.organization_id)
    predicate = _scopes()[model].predicate(actor)
    return statement if predicate is None else statement.where(predicate)


def countable(model: type[TenantRow], actor: Actor) -> Select[UUID]:
    """Select the ids of the rows of `model` that `actor` may see, in the form in which they are counted soonest."""
    own = _scopes()[model].own
    predicate = _scopes()[model].predicate(actor, own.counted if isinstance(own, Referred) else own)
    ids = select(model.id).where(model.organization_id == actor.organization_id)
    return ids if predicate is None else ids.where(predicate)


def unscoped(read: Read, *, why: str) -> Read:  # noqa: ARG001 - for whoever reads the code, and its check
    """`read` as it is: a statement, a condition, or the model of a row that is got by its key.

    `why` says in a plain sentence what makes it right that no scope is asked.
    """
    return read


def visible_id(column: InstrumentedAttribute[Any], model: type[TenantRow], actor: Actor) -> ColumnElement[Any]:
    """`column`, which holds the id of a `model` row, where `actor` may see that row, else NULL; under the same name.

    For links: one to a row out of scope would lead to a page that is not found.
    """
    if _scopes()[model].predicate(actor) is None:
        return column.label(column.key)
    theirs = restrict(select(model.id).where(model.id == column), model, actor)
    return theirs.correlate_except(model).scalar_subquery().label(column.key)


@kept(_MOST_ANSWERS)
def sees_all_rows(model: type[TenantRow], actor: Actor) -> bool:
    """Whether `actor` sees every row of `model`: then what is not there may be told to be gone."""
    return _scopes()[model].predicate(actor) is None


@kept(_MOST_ANSWERS)
def sees_no_rows(model: type[TenantRow], actor: Actor) -> bool:
    """Whether `actor` sees no row of `model`: then none need be asked for."""
    return isinstance(_scopes()[model].predicate(actor), False_)


def scoped_models() -> frozenset[type[TenantRow]]:
    """The models that have a scope."""
    return frozenset(_scopes())


def _scopes() -> Mapping[type[TenantRow], Scope]:
    found: Mapping[type[TenantRow], Scope] = current_app.extensions[_KEY]
    return found
