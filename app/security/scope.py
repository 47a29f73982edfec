"""Scopes: one predicate per resource for the rows a person can see.

Features read tenant rows through scopes; `unscoped` marks each exception, with the reason. Each resource declares its
scope (`app.declarations.resource`); `app.security.own_rows` defines a person's own rows.

    select_visible_calls = visible(Call, actor).where(Call.status == CallStatus.MISSED)

A row outside the scope is not found rather than forbidden, so that its existence is not revealed. The predicate
includes the organization, although row-level security enforces it again: with both, the planner knows how small an
organization is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, TypeVarTuple
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy import ColumnElement, Select, false, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import False_

from app.caches import memoize
from app.models import SoftDeleted, TenantRow
from app.security.actor import Actor
from app.security.own_rows import Predicate, Referred
from app.security.permissions import Permission

Row = TypeVar("Row", bound=TenantRow)
Columns = TypeVarTuple("Columns")
Read = TypeVar("Read")

_KEY = "switchboard_scopes"
_MAX_CACHED = 2_000


@dataclass(frozen=True, slots=True)
class Scope:
    """Rows of a resource that a person can see.

    People with one of `permissions` at full extent see all rows, or those that match `everybody` if it is set. People
    with a limited one see those that match `own`, and so do people without any if `own_is_free`.

    API keys have no rows of their own, except background work that they started themselves: without a permission, they
    see the rows that match `of_key`.
    """

    permissions: tuple[Permission, ...]
    own: Predicate
    #: The person's own rows need no permission.
    own_is_free: bool = False
    #: Condition for people with full extent; None if they see all rows.
    everybody: Callable[[Actor], ColumnElement[bool] | None] | None = None
    #: Condition for the rows of an API key itself; None if it has none.
    of_key: Predicate | None = None

    def may_show(self, actor: Actor) -> bool:
        """Return whether `actor` can see any rows, as far as their permissions determine it."""
        if any(actor.may(permission) for permission in self.permissions):
            return True
        return self.own_is_free if actor.ceiling is None else self.of_key is not None

    def predicate(self, actor: Actor, own: Predicate | None = None) -> ColumnElement[bool] | None:
        """Return the condition for the rows that `actor` can see; None for the whole organization.

        `own` replaces `self.own` with an equivalent condition in another form.
        """
        if any(actor.sees_all(permission) for permission in self.permissions):
            return self.everybody(actor) if self.everybody else None
        if not self.may_show(actor):
            return false()
        if actor.ceiling is not None and self.of_key is not None:
            return self.of_key(actor)
        return (own or self.own)(actor)


def init_scopes(app: Flask, scopes: Mapping[type[TenantRow], Scope]) -> None:
    """Register the scopes of these models."""
    app.extensions[_KEY] = scopes


def visible(model: type[Row], actor: Actor) -> Select[Row]:
    """Select the rows of `model` that `actor` can see. Raises KeyError for a model without a scope."""
    return restrict(select(model), model, actor)


def restrict(statement: Select[*Columns], model: type[TenantRow], actor: Actor) -> Select[*Columns]:
    """Restrict a statement with columns or joins to the rows of `model` that `actor` can see."""
    return statement.where(*within(model, actor))


def within(model: type[TenantRow], actor: Actor) -> Sequence[ColumnElement[bool]]:
    """Return the conditions for the rows of `model` that `actor` can see, to combine them with others."""
    predicate = _scopes()[model].predicate(actor)
    of_organization = model.organization_id == actor.organization_id
    return (of_organization,) if predicate is None else (of_organization, predicate)


def countable(model: type[TenantRow], actor: Actor) -> Select[UUID]:
    """Select the ids of the rows of `model` that `actor` can see, in the form that is fastest to count."""
    own = _scopes()[model].own
    predicate = _scopes()[model].predicate(actor, own.counted if isinstance(own, Referred) else own)
    ids = select(model.id).where(model.organization_id == actor.organization_id)
    return ids if predicate is None else ids.where(predicate)


def unscoped(read: Read, *, why: str) -> Read:  # noqa: ARG001 - for readers and for a code check
    """Return `read` unchanged: a statement, a condition, or the model of a row that is loaded by key.

    `why` states in a plain sentence why no scope is needed.
    """
    return read


def visible_id(column: InstrumentedAttribute[Any], model: type[TenantRow], actor: Actor) -> ColumnElement[Any]:
    """Return `column`, the id of a `model` row, as NULL for rows that `actor` can't see.

    The result has the name of the column. It is used for links: a link to a row outside the scope would lead to a page
    that is not found.
    """
    if _scopes()[model].predicate(actor) is None:
        return column.label(column.key)
    return _id_of(column, model, actor)


def present_id(column: InstrumentedAttribute[Any], model: type[TenantRow], actor: Actor) -> ColumnElement[Any]:
    """Return `column` like `visible_id`, but as NULL for rows in the trash, too.

    A join in its place takes longer, because the planner considers every order of joins: 1.3 ms of 3.7 for a list of
    calls.
    """
    if not issubclass(model, SoftDeleted):
        return visible_id(column, model, actor)
    # Said here, because lists that name deleted people and contacts include deleted rows.
    return _id_of(column, model, actor, model.deleted_at.is_(None))


def _id_of(
    column: InstrumentedAttribute[Any], model: type[TenantRow], actor: Actor, *conditions: ColumnElement[bool]
) -> ColumnElement[Any]:
    theirs = restrict(select(model.id).where(model.id == column, *conditions), model, actor)
    return theirs.correlate_except(model).scalar_subquery().label(column.key)


@memoize(_MAX_CACHED)
def sees_all_rows(model: type[TenantRow], actor: Actor) -> bool:
    """Return whether `actor` sees every row of `model`, so that a missing row can be reported as deleted."""
    return _scopes()[model].predicate(actor) is None


@memoize(_MAX_CACHED)
def sees_no_rows(model: type[TenantRow], actor: Actor) -> bool:
    """Return whether `actor` sees no row of `model`, so that no query is needed."""
    return isinstance(_scopes()[model].predicate(actor), False_)


def scoped_models() -> frozenset[type[TenantRow]]:
    """Return the models that have a scope."""
    return frozenset(_scopes())


def _scopes() -> Mapping[type[TenantRow], Scope]:
    found: Mapping[type[TenantRow], Scope] = current_app.extensions[_KEY]
    return found
