"""The connection pools of a process."""

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

_GIVEN_BACK_AT = "given_back_at"
_ASKED_AFTER_SECONDS = 30


def init_engine(app: Flask, settings: Settings) -> None:
    """Bind the database as the app's role, and beside it as those of jobs and of reading across organizations (see
    `app.db.session`)."""
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
    """A pool opens its connections when they are needed, so one that nobody asks costs nothing."""
    return {
        "poolclass": QueuePool,
        "pool_size": settings.pool_size,
        "max_overflow": 0,
        "pool_timeout": settings.pool_wait_seconds,
        # The values of a failed statement are people's data; they do not belong into a log.
        "hide_parameters": True,
        "creator": connecting_to(url),
    }


def _with_driver(url: str) -> str:
    """The address with the driver named, as SQLAlchemy wants it."""
    return "postgresql+psycopg://" + url.split("://", 1)[1]


@event.listens_for(QueuePool, "checkout")
def _lent(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """A server that restarted in between costs a reconnect, not an error, and no round trip before each request: it has
    said good-bye, which can be seen. What was not used for a while may be cut off in silence, and is asked.
    """
    if _has_ended(connection) or (_idle_seconds(record) > _ASKED_AFTER_SECONDS and not _answers(connection)):
        raise DisconnectionError
    instruments.connections.inc()


@event.listens_for(QueuePool, "checkin")
def _given_back(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[_GIVEN_BACK_AT] = monotonic()
    instruments.connections.dec()


def _has_ended(connection: Any) -> bool:
    """Whether there is something to read on a connection that has asked nothing."""
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
