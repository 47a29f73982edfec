"""The connection pools of a process."""

from typing import Any

from flask import Flask
from sqlalchemy import event
from sqlalchemy.pool import QueuePool

from app import instruments
from app.config import Settings
from app.db.deadline import connecting_to
from app.db.server import addresses
from app.db.session import JOBS, PLATFORM
from app.extensions import db


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
        # A server that restarted in between costs a reconnect, not an error.
        "pool_pre_ping": True,
        # The values of a failed statement are people's data; they do not belong into a log.
        "hide_parameters": True,
        "creator": connecting_to(url),
    }


def _with_driver(url: str) -> str:
    """The address with the driver named, as SQLAlchemy wants it."""
    return "postgresql+psycopg://" + url.split("://", 1)[1]


@event.listens_for(QueuePool, "checkout")
def _lent(*_connection: Any) -> None:
    instruments.connections.inc()


@event.listens_for(QueuePool, "checkin")
def _given_back(*_connection: Any) -> None:
    instruments.connections.dec()
