"""The connection pools of a process."""

from flask import Flask
from sqlalchemy.pool import QueuePool

from app.config import Settings
from app.db.server import addresses
from app.db.session import JOBS
from app.extensions import db

CONNECT_SECONDS = 5


def init_engine(app: Flask, settings: Settings) -> None:
    """Bind the database as the app's role, and beside it as the jobs' role (see `app.db.session.jobs_role`)."""
    where = addresses(settings)
    app.config["SQLALCHEMY_DATABASE_URI"] = _with_driver(where.app.get_secret_value())
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = _options(settings)
    app.config["SQLALCHEMY_BINDS"] = {JOBS: {"url": _with_driver(where.jobs.get_secret_value()), **_options(settings)}}
    db.init_app(app)


def _options(settings: Settings) -> dict[str, object]:
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
        "connect_args": {
            "connect_timeout": CONNECT_SECONDS,
            "application_name": "switchboard",
            # Prepared statements belong to a server connection, which a transaction pooler hands from client to client.
            "prepare_threshold": None,
        },
    }


def _with_driver(url: str) -> str:
    """The address with the driver named, as SQLAlchemy wants it."""
    return "postgresql+psycopg://" + url.split("://", 1)[1]
