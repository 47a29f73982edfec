"""The connection pools of a process, one per database role."""

import select
from time import monotonic
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry, QueuePool

from app import instruments
from app.config import Settings
from app.db.deadline import connecting_to
from app.db.server import addresses
from app.db.session import JOBS, PLATFORM
from app.extensions import db
from app.private_apis import read_statements_once

_GIVEN_BACK_AT = "given_back_at"
_ASKED_AFTER_SECONDS = 30


def init_engine(app: Flask, settings: Settings) -> None:
    """Configure the connections under the app's role, the jobs' role and the platform's role.

    See `app.db.session` for how a transaction chooses its role.
    """
    read_statements_once()
    where = addresses(settings)
    as_app = where.app.get_secret_value()
    others = {JOBS: where.jobs.get_secret_value(), PLATFORM: where.platform.get_secret_value()}
    app.config["SQLALCHEMY_DATABASE_URI"] = _with_driver(as_app)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _options(settings, as_app)
    app.config["SQLALCHEMY_BINDS"] = {
        role: {"url": _with_driver(url), **_options(settings, url)} for role, url in others.items()
    }
    db.init_app(app)


def _options(settings: Settings, url: str) -> dict[str, object]:
    """Return the engine options of a pool.

    A pool opens its connections on demand, so an unused one costs nothing.
    """
    return {
        "poolclass": QueuePool,
        "pool_size": settings.pool_size,
        "max_overflow": 0,
        "pool_timeout": settings.pool_wait_seconds,
        # The parameters of a failed statement are personal data and do not belong in a log.
        "hide_parameters": True,
        "creator": connecting_to(url),
    }


def _with_driver(url: str) -> str:
    """Return the address with the driver's name, as SQLAlchemy expects it."""
    return "postgresql+psycopg://" + url.split("://", 1)[1]


@event.listens_for(QueuePool, "checkout")
def _lent(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Raise DisconnectionError for a connection that is no longer usable, so that the pool replaces it.

    A connection that the server has closed is recognized locally, so a restart of the server costs a reconnect instead
    of an error, and requests need no extra round trip. A connection that was idle for a while may have been cut off
    silently, so it is tested with a query.
    """
    if _has_ended(connection) or (_idle_seconds(record) > _ASKED_AFTER_SECONDS and not _answers(connection)):
        raise DisconnectionError
    instruments.connections.inc()


@event.listens_for(QueuePool, "checkin")
def _given_back(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_GIVEN_BACK_AT] = monotonic()
    instruments.connections.dec()


def _has_ended(connection: Any) -> bool:
    """Return whether the connection is closed or has data to read although no query was sent."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLHUP)
    return bool(poll.poll(0))


def _idle_seconds(record: ConnectionPoolEntry) -> float:
    return monotonic() - float(record.info.get(_GIVEN_BACK_AT, monotonic()))


def _answers(connection: Any) -> bool:
    try:
        connection.execute("")
        connection.rollback()
    except psycopg.Error:
        return False
    return True
