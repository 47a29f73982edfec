"""Session and transaction setup: every transaction starts by sending its context to the database.

`db.session` serves requests, commands and jobs alike. Each of its transactions carries the current `Context`. ORM
statements get the organization as an explicit predicate in addition to row-level security (which alone makes the
planner read a whole index for a small organization), and exclude deleted rows unless they ask for them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, TypeVarTuple

from flask import current_app
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Connection, Engine, Select, Uuid, bindparam, event, func, select
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, with_loader_criteria

from app.db.context import Context, current_context, use_context
from app.db.context_signature import SET_CONTEXT, signed
from app.db.deadline import DeadlineConnection
from app.models.base import SoftDeleted, TenantRow

Columns = TypeVarTuple("Columns")

INCLUDE_DELETED = "include_deleted"
JOBS = "jobs"  # key of the engine that connects as the jobs' role
PLATFORM = "platform"  # key of the engine that connects as the role for cross-organization reads

#: Name of the statement parameter for the context's organization.
CONTEXT_ORGANIZATION = "context_organization"

_NOT_DELETED = with_loader_criteria(SoftDeleted, lambda row: row.deleted_at.is_(None), include_aliases=True)

#: The value is read when a statement is sent: creating an option with a closure for each statement took as long as
#: everything else that SQLAlchemy does for a cached statement.
_THE_ORGANIZATION = bindparam(
    CONTEXT_ORGANIZATION, callable_=lambda: current_context().organization_id, type_=Uuid(), required=False
)
_OF_ORGANIZATION = with_loader_criteria(
    TenantRow,
    lambda row: row.organization_id == _THE_ORGANIZATION,
    include_aliases=True,
    track_closure_variables=False,
)

_OPEN_CONNECTION = "kept_connection"
#: The connection of the current transaction, after what it was chosen by.
_CURRENT = "current_connection"
_engine_key: ContextVar[str | None] = ContextVar("switchboard_engine", default=None)


class UnitOfWork(FlaskSession):
    """The session class of the app, which connects with the current database role."""

    def get_bind(self, *_what: Any, **_hints: Any) -> Engine | Connection:
        """Return the held connection or the engine of the current role.

        All tables are in one database; only the role differs.
        """
        return self.info.get(_OPEN_CONNECTION) or self._db.engines[_engine_key.get()]

    def connection(self, *what: Any, **how: Any) -> Connection:
        """Return the connection of the current transaction, which the first call begins.

        Later calls return it directly: finding it again takes as long as writing the values of a statement.
        """
        known = self.info.get(_CURRENT)
        if known is None or what or how or known[0] != _chosen_by(self) or not self.is_active:
            return super().connection(*what, **how)
        connection: Connection = known[1]
        return connection


def _chosen_by(session: Session) -> tuple[str | None, Connection | None]:
    """Return what `UnitOfWork.get_bind` depends on."""
    return _engine_key.get(), session.info.get(_OPEN_CONNECTION)


@contextmanager
def jobs_role() -> Iterator[None]:
    """Start the block's transactions under the jobs' role.

    That role can create temporary tables, and its statements have more time.
    """
    with _role(JOBS):
        yield


@contextmanager
def one_connection(session: Any) -> Iterator[None]:
    """Run all transactions of `session` in the block on one connection, which keeps its temporary tables.

    A transaction that is open before the block or at its end is rolled back.
    """
    session.rollback()
    with session.get_bind().connect() as connection:
        session.info[_OPEN_CONNECTION] = connection
        try:
            yield
        finally:
            try:
                session.rollback()
            finally:
                del session.info[_OPEN_CONNECTION]
            if not connection.invalidated:
                connection.exec_driver_sql("DISCARD TEMP")
                connection.commit()


@contextmanager
def platform_reading(reason: str, session: Any) -> Iterator[None]:
    """Read across organizations with the platform's role; the database records the reason.

    A transaction that is open before the block or at its end is rolled back, so use it in requests that only read.
    """
    everywhere = replace(current_context(), organization_id=None)
    with _role(PLATFORM), organization_scope(everywhere, session):
        session.execute(select(func.set_config("app.platform_reason", reason, True)))
        yield


@contextmanager
def _role(engine_key: str) -> Iterator[None]:
    token = _engine_key.set(engine_key)
    try:
        yield
    finally:
        _engine_key.reset(token)


def enter_context(connection: Connection, context: Context) -> None:
    """Send the context to the database with the next statement; it lasts until the transaction ends."""
    facts = signed(context, current_app.config["SECRET_KEY"])
    driver_connection = connection.connection.driver_connection
    if isinstance(driver_connection, DeadlineConnection):
        driver_connection.send_ahead(SET_CONTEXT, facts)
    else:
        connection.exec_driver_sql(SET_CONTEXT, facts)


@event.listens_for(UnitOfWork, "after_begin")
def _begin(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if not transaction.nested:
        session.info[_CURRENT] = _chosen_by(session), connection
        enter_context(connection, current_context())


@event.listens_for(UnitOfWork, "after_transaction_end")
def _end(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_CURRENT, None)


@event.listens_for(UnitOfWork, "do_orm_execute")
def _restrict(state: ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load:
        return
    options: list[Any] = []
    if current_context().organization_id is not None:
        options.append(_OF_ORGANIZATION)
    if state.is_select and not state.execution_options.get(INCLUDE_DELETED):
        options.append(_NOT_DELETED)
    state.statement = state.statement.options(*options)


def with_criteria(statement: Select[*Columns]) -> Select[*Columns]:
    """Return a selection with the criteria of ORM statements; requires an organization in the context.

    They select that organization and, unless the statement has the INCLUDE_DELETED option, exclude deleted rows. Used
    for selections that are compiled in advance.
    """
    deleted_too = statement.get_execution_options().get(INCLUDE_DELETED)
    return statement.options(*([_OF_ORGANIZATION] if deleted_too else [_OF_ORGANIZATION, _NOT_DELETED]))


@contextmanager
def organization_scope(context: Context, session: Any) -> Iterator[None]:
    """Run the block for another organization (in a command or a job).

    A transaction that is open before the block or at its end is rolled back.
    """
    session.rollback()
    try:
        with use_context(context):
            yield
    finally:
        session.rollback()
