"""An installation with its own database and folders, which tests can replace, damage or inspect."""

from pathlib import Path
from typing import Any

import psycopg
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import NullPool, create_engine

from app.db.embedded import SUPERUSER
from app.extensions import db
from app.factory import create_app
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories
from tests.support.sealing import wait_for_other_databases


class Installation:
    """An installation whose database, commands and backup folder a test can use freely."""

    def __init__(self, database: WorkerDatabase, var_dir: Path) -> None:
        self.database = database
        self.settings = database.settings(var_dir)
        self._apps: dict[str, Flask] = {}
        self._engine = create_engine(database.url(SUPERUSER), poolclass=NullPool)
        self.make = Factories(self._engine)

    def app(self, **changes: object) -> Flask:
        """Return the app with these settings changed; each variant is created once."""
        key = repr(changes)
        if key not in self._apps:
            self._apps[key] = create_app(self.settings.model_copy(update=changes))
        return self._apps[key]

    def run(self, *arguments: str, **changes: object) -> Result:
        """Run a command of the app and return its result."""
        runner: FlaskCliRunner = self.app(**changes).test_cli_runner()
        return runner.invoke(args=arguments)

    def seal(self) -> None:
        """Seal the whole audit trail."""
        wait_for_other_databases(self._engine)
        sealed = self.run("audit", "seal")
        assert sealed.exit_code == 0, sealed.output

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run SQL as the superuser, with triggers and rules disabled, and return the rows."""
        with psycopg.connect(self.database.url(SUPERUSER)) as connection:
            connection.execute("SET LOCAL session_replication_role = replica")
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    @property
    def folder(self) -> Path:
        """The folder of the backups."""
        return self.settings.backup_path

    def names(self) -> list[str]:
        """Return the sorted suffixes of the files in the backup folder, without its lock file."""
        return sorted(path.suffix for path in self.folder.iterdir() if path.name != ".lock")

    def copies(self) -> list[tuple[Any, ...]]:
        """Return the names of the databases that were created to verify a backup."""
        return self.sql("SELECT datname FROM pg_database WHERE datname LIKE %s", f"{self.database.name}%copy%")

    def close(self) -> None:
        """Close all connections to the database."""
        for app in self._apps.values():
            with app.app_context():
                for engine in db.engines.values():
                    engine.dispose()
