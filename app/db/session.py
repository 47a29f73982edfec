"""The transaction edge: every transaction begins by telling the database who works for which organization.

`db.session` serves requests, commands and jobs alike. Each of its transactions carries the current `Context`; ORM
statements get the organization as an explicit predicate besides row-level security (which alone makes the planner
read a whole index for a small organization), and leave deleted rows out unless they ask for them.
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
JOBS = "jobs"  # key of the engine that signs in as the jobs' role
PLATFORM = "platform"  # … as the role that reads across organizations

#: What the organization of the context is called among the values of a statement.
CONTEXT_ORGANIZATION = "context_organization"

_NOT_DELETED = with_loader_criteria(SoftDeleted, lambda row: row.deleted_at.is_(None), include_aliases=True)

#: The value is asked for when a statement is sent: an option made anew for each, over a closure, took as long as all
#: else that SQLAlchemy does for a statement which it has compiled before.
_THE_ORGANIZATION = bindparam(
    CONTEXT_ORGANIZATION, callable_=lambda: current_context().organization_id, type_=Uuid(), required=False
)
_OF_ORGANIZATION = with_loader_criteria(
    TenantRow,
    lambda row: row.organization_id == _THE_ORGANIZATION,
    include_aliases=True,
    track_closure_variables=False,
)

_KEPT_CONNECTION = "kept_connection"
_engine_key: ContextVar[str | None] = ContextVar("switchboard_engine", default=None)


class UnitOfWork(FlaskSession):
    """The session class of the product."""

    def get_bind(self, *_what: Any, **_hints: Any) -> Engine | Connection:
        """Every table is in one database; only the role that asks differs."""
        return self.info.get(_KEPT_CONNECTION) or self._db.engines[_engine_key.get()]


@contextmanager
def jobs_role() -> Iterator[None]:
    """Begin the transactions of this block as the jobs' role, which may make temporary tables and gets more time."""
    with _role(JOBS):
        yield


@contextmanager
def one_connection(session: Any) -> Iterator[None]:
    """The transactions of `session` in this block follow each other on one connection, which keeps the temporary tables
    that they make until the block ends. What was open ends first, and what is left open after.
    """
    session.rollback()
    with session.get_bind().connect() as connection:
        session.info[_KEPT_CONNECTION] = connection
        try:
            yield
        finally:
            try:
                session.rollback()
            finally:
                del session.info[_KEPT_CONNECTION]
            if not connection.invalidated:
                connection.exec_driver_sql("DISCARD TEMP")
                connection.commit()


@contextmanager
def platform_reading(reason: str, session: Any) -> Iterator[None]:
    """Read across organizations, as far as the platform's role may; the database wants to know why.

    What was open ends first, and what is left open after: use it in requests that only read.
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
    """Tell an open transaction, with its next statement, whom it serves; forgotten by the database when it ends."""
    facts = signed(context, current_app.config["SECRET_KEY"])
    driver_connection = connection.connection.driver_connection
    if isinstance(driver_connection, DeadlineConnection):
        driver_connection.say_ahead(SET_CONTEXT, facts)
    else:
        connection.exec_driver_sql(SET_CONTEXT, facts)


@event.listens_for(UnitOfWork, "after_begin")
def _begin(_session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    if not transaction.nested:
        enter_context(connection, current_context())


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
    """A selection with what is added to each one that serves an organization, for one that is compiled ahead."""
    deleted_too = statement.get_execution_options().get(INCLUDE_DELETED)
    return statement.options(*([_OF_ORGANIZATION] if deleted_too else [_OF_ORGANIZATION, _NOT_DELETED]))


@contextmanager
def organization_scope(context: Context, session: Any) -> Iterator[None]:
    """Work for another organization (a command, a job): what was open ends first, and what is left open after."""
    session.rollback()
    try:
        with use_context(context):
            yield
    finally:
        session.rollback()
