"""Possible effects of SQL injected into a request, in more than forty independent attempts.

They run as the app's role, inside a transaction that serves a CSR of one organization, as a vulnerability in the app
would run them. `python -m tests.security.injected_statements` starts a database server of its own and prints the result
of each attempt.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import NullPool, create_engine

from app.db.embedded import SUPERUSER
from app.models import Role
from tests.security.attempts import ATTEMPTS, Attempt, Met
from tests.support.contexts import enter
from tests.support.database import WorkerDatabase, worker_database
from tests.support.factories import Factories


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of an attempt, with the database's error message."""

    met: Met
    said: str = ""


@contextmanager
def scene(database: WorkerDatabase, make: Factories) -> Iterator[dict[str, Any]]:
    """Create two organizations with rows, and yield the parameters that the statements refer to."""
    with make.batch():
        ours, theirs = make.organization(name="Blue Ridge Air"), make.organization(name="Zebra Plumbing")
        ann = make.user(ours, role=Role.CSR, name="Ann")
        owner = make.user(ours, role=Role.OWNER, name="Olivia Owner")
        neighbour = make.user(theirs, role=Role.OWNER)
        make.call(ours)
        make.call(theirs)
        make.contact(theirs)
        make.task(ours)
        job = make.job(theirs)
        owners_job = make.job(ours, context={"organization_id": str(ours.id), "actor_id": str(owner.id)})
    with psycopg.connect(database.url(SUPERUSER)) as connection:
        connection.execute(
            "INSERT INTO rate_limits (key, hits, expires_at) VALUES ('a known key', 3, now() + interval '1 hour')"
        )
    yield {
        "a": ours.id,
        "b": theirs.id,
        "ann": ann.id,
        "owner": owner.id,
        "theirs": neighbour.id,
        "address": neighbour.email,
        "slug": theirs.slug,
        "job": job.id,
        "owners_job": owners_job.id,
    }


def outcome(database: WorkerDatabase, attempt: Attempt, names: Mapping[str, Any]) -> Outcome:
    """Run the attempt in its own transaction, roll it back, and return the outcome."""
    with psycopg.connect(database.url("app_rw")) as connection:
        enter(connection, names["a"], actor_id=names["ann"], actor_label="Ann", actor_role="csr", source="user")
        try:
            for statement in attempt.statements:
                cursor = connection.execute(statement, names)
        except psycopg.Error as error:
            return Outcome(Met.REFUSED, f"{error.sqlstate} {error.diag.message_primary}")
        finally:
            connection.rollback()
        found = cursor.description is None or cursor.fetchone() is not None
        return Outcome(Met.DONE if found else Met.NOTHING)


def _table(database: WorkerDatabase) -> Iterator[str]:
    engine = create_engine(database.url(SUPERUSER), poolclass=NullPool)
    with scene(database, Factories(engine)) as names:
        for number, attempt in enumerate(ATTEMPTS, start=1):
            came = outcome(database, attempt, names)
            yield f"{number:>3}  {attempt.aim:<14}  {attempt.name:<64}  {came.met:<13}  {came.said}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, worker_database(Path(folder), "attempts") as own:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user if the tests are run by root
        for line in _table(own):
            sys.stdout.write(line.rstrip() + "\n")
