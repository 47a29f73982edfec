"""Dashboards from stored days, compared with the same pages from rows alone, in turn.

Days become stale by a change of one call on each; the job then counts them again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from unittest.mock import patch
from uuid import UUID

import psycopg
from flask import Flask
from flask.testing import FlaskClient

from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.insight.metrics import ledger_queries
from app.insight.rollups.refresh_service import refresh_all
from bench.data import CSR, LARGE, MANAGER, Person
from bench.measuring import Cost, get, medians

_PAGES = (
    ("/csr", MANAGER),
    ("/csr", CSR),
    ("/exec/csr", MANAGER),
    ("/exec/sales", MANAGER),
    ("/exec/missed-calls", MANAGER),
)
_DAYS = (7, 30, 90, 365)
_STALE_DAYS = (0, 1, 30)
#: From rows, a page takes seconds; a page with stale days only shows how much of that it takes.
_ROUNDS = 3
_NEVER = timedelta(days=-1)


@dataclass(frozen=True, slots=True)
class Pace:
    """A dashboard of this many days, of which some are stale: from stored days, and from rows alone."""

    name: str
    days: int
    stale: int
    stored: Cost
    rows: Cost

    def __str__(self) -> str:
        ratio = self.stored.wall / self.rows.wall
        return (
            f"{self.name:28} {self.days:4} days, {self.stale:2} stale {self.stored.wall:8.0f} {self.rows.wall:8.0f} "
            f"{ratio:6.2f}  CPU {self.stored.cpu:4.0f} {self.rows.cpu:4.0f}"
        )


def store(app: Flask) -> float:
    """Count all days of the large organization that are missing or stale; return the seconds."""
    began = perf_counter()
    with app.test_request_context(), jobs_role(), use_context(Context(organization_id=UUID(LARGE))):
        refresh_all(datetime.now(UTC))
    return perf_counter() - began


def measure(app: Flask, clients: dict[Person, FlaskClient], admin: psycopg.Connection) -> Iterator[Pace]:
    """Yield the pace of each page, number of days and number of stale days."""
    for stale in _STALE_DAYS:
        for path, person in _PAGES:
            for days in (days for days in _DAYS if days >= stale):
                _make_stale(admin, stale)
                yield _pace(clients[person], path, person, days, stale)
        print(f"counted anew in {store(app):.1f} s", flush=True)


def _pace(client: FlaskClient, path: str, person: Person, days: int, stale: int) -> Pace:
    today = date.today()  # noqa: DTZ011 - the days of the data are relative to the machine's
    url = f"{path}?period=custom&from={today - timedelta(days - 1)}&to={today}"

    def from_rows() -> None:
        with _from_rows():
            get(client, url)

    from_rows()
    get(client, url)
    stored, rows = medians(lambda: get(client, url), from_rows, rounds=_ROUNDS)
    return Pace(f"{path}, {person.email.split('@')[0]}", days, stale, stored, rows)


@contextmanager
def _from_rows() -> Iterator[None]:
    """Compute all numbers from rows, as if no day were stored."""
    with patch.object(ledger_queries, "MAX_LIVE", _NEVER):
        yield


def _make_stale(admin: psycopg.Connection, days: int) -> None:
    """Change a call on each of the last days; nothing counts as changed twice."""
    admin.execute(
        """
        UPDATE calls SET call_quality = coalesce(call_quality %% 5, 0) + 1 WHERE id IN (
          SELECT id FROM generate_series(1, %s) day CROSS JOIN LATERAL (
            SELECT id FROM calls WHERE organization_id = %s AND started_at < now() - day * interval '1 day'
            ORDER BY started_at DESC LIMIT 1) calls)
        """,
        (days, LARGE),
    )
    admin.commit()
