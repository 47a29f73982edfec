"""The app with additional routes, some of which fail on purpose, and users identified by a header."""

import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from app.config import Settings
from app.extensions import db
from app.factory import create_app
from app.models import AuditLog
from app.security.actor import init_actors
from app.web import maintenance
from tests.support.database import WorkerDatabase
from tests.web.callers import ORGANIZATION_ID, said_actor
from tests.web.probes import probes


def probing_app(settings: Settings) -> Flask:
    """Return the app with the probe routes registered."""
    app = create_app(settings)
    app.register_blueprint(probes)
    init_actors(app, said_actor)
    return app


def _let_go(app: Flask) -> None:
    """Close the app's database connections."""
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def _probing_app(database: WorkerDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = probing_app(database.settings(tmp_path_factory.mktemp("var")))
    yield app
    _let_go(app)


@pytest.fixture
def app(_probing_app: Flask, clean_database: None) -> Flask:
    """The app with the probe routes, without the maintenance state that an earlier test left in its cache."""
    _probing_app.extensions[maintenance.CACHE].read_at = -math.inf
    return _probing_app


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A plain Flask test client, for tests of headers and statuses."""
    return app.test_client()


@pytest.fixture
def app_with(database: WorkerDatabase, tmp_path: Path, clean_database: None) -> Iterator[Callable[..., Flask]]:
    """Function that creates an app with other settings: `app_with(pool_size=1)`."""
    made = []

    def make(**changes: Any) -> Flask:
        settings = database.settings(tmp_path).model_dump()
        made.append(probing_app(Settings.model_validate({**settings, **changes})))
        return made[-1]

    yield make
    for app in made:
        _let_go(app)


@pytest.fixture
def trail(admin_engine: Engine, app: Flask) -> Callable[[], list[Mapping[str, Any]]]:
    """Function that returns the organization's audit trail, oldest entry first."""

    def read() -> list[Mapping[str, Any]]:
        query = select(AuditLog.__table__).where(AuditLog.organization_id == ORGANIZATION_ID).order_by(AuditLog.id)
        with admin_engine.connect() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    return read
