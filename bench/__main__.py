"""`make bench`: pages beside a bare page of the same rows, at CALLS calls and AUDIT_ROWS entries of the trail.

Both are asked over the same kind of server, in turn in the same run, so that a busy machine slows both; what counts is
the ratio of the medians. It fails where a figure is 15 % worse than the one in `bench/goals.toml`, and where a page
reads a large table whole or needs more queries for many rows than for few. KEEP=1 keeps the figures of this run.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine

from app import create_app
from app.db import paging
from app.db.embedded import DATABASE, SUPERUSER, EmbeddedServer
from app.extensions import db
from app.models import Role
from bench import audit, audit_writes, bare, people, servers, trash
from bench.bare import BareSite
from bench.data import DAYS, HOME, LARGE, MANAGER, PASSWORD, SMALL_MANAGER, Person, prepare
from bench.goals import Figures, Goal
from bench.lines import Line, any_person, lines
from bench.measuring import SECRET_KEY, Asked, drain, get, in_turn, medians, requests_a_second, settings_for
from bench.memory import grown_by
from bench.numbers import pairs
from bench.plans import recorded, whole_scans
from bench.servers import Server
from bench.visitor import Visitor, cookies_of

CSV_ROWS = 100_000
_USUAL_CALLS, _USUAL_ENTRIES = 1_000_000, 500_000

Lines = Callable[[Callable[[Person], Visitor], psycopg.Connection], Iterator[Line]]


def main() -> None:
    """Make the data unless it is there, measure, print, compare."""
    calls = int(os.environ.get("CALLS", _USUAL_CALLS))
    entries = int(os.environ.get("AUDIT_ROWS", _USUAL_ENTRIES))
    figures, faults = Figures(), 0
    logging.disable(logging.INFO)  # a line for each request within this process
    server = EmbeddedServer(HOME / "postgres", durable=False)
    with server.running():
        prepare(server, DATABASE, calls)
        people.fill(server.url(SUPERUSER))
        trash.fill(server.url(SUPERUSER))
        print(f"{calls:,} calls, {entries:,} entries; milliseconds\n")
        print(
            f"{'':26} {'page':>7} {'bare':>7} {'ratio':>6} {'p95':>7} {'bare':>7} {'first':>7} {'bare':>7} {'CPU':>6} "
            f"{'bare':>6} {'kB':>6} {'queries':>7} {'small':>5}  whole scans"
        )
        with _bench(server, DATABASE, LARGE, lines, figures) as bench:
            faults += bench.faults
            bench.clients("calls, newest")
            _csv(bench, calls, figures)
            faults += _numbers(bench, server.url(SUPERUSER))
            pace = audit_writes.measure(bench.app, server.url(SUPERUSER), LARGE)
            figures.add("8 writers, of their pace without audit", pace.ratio, Goal.WRITERS)
            print(pace)
        trail = audit.prepare(server, entries)
        with psycopg.connect(server.url(SUPERUSER, trail)) as admin:
            organization = audit.organization(admin)
        with _bench(server, trail, organization, audit.lines, figures) as bench:
            faults += bench.faults
    sys.exit(1 if _compared(figures, is_usual=(calls, entries) == (_USUAL_CALLS, _USUAL_ENTRIES)) or faults else 0)


class _Bench:
    """Visitors of the product beside those of bare pages, on one database."""

    def __init__(self, app: Flask, ours: Server, admin: psycopg.Connection, figures: Figures) -> None:
        self.app, self.admin = app, admin
        self.faults = 0
        self._ours, self._figures = ours, figures
        self._cookies: dict[Person, str] = {}
        self._clients: dict[Person, FlaskClient] = {}
        self._asked: dict[str, tuple[Line, Asked, Asked]] = {}

    def visit(self, person: Person) -> Visitor:
        """Somebody who is signed in, over a new connection: one that is quiet for long is closed."""
        if person not in self._cookies:
            self._cookies[person] = cookies_of(self._ours.port, person.email, PASSWORD)
        return Visitor(self._ours.port, self._cookies[person])

    def client(self, person: Person) -> FlaskClient:
        """The same within this process, where the statements can be seen."""
        if person not in self._clients:
            self._clients[person] = self.app.test_client()
            self._clients[person].post("/login", data={"email": person.email, "password": PASSWORD})
        return self._clients[person]

    def measure(self, line: Line, limit: Server, limit_paths: list[str]) -> None:
        """Measure a line and print it."""
        page = Asked(self._ours, self.visit(line.person), line.paths)
        beside = (
            Asked(self._ours, self.visit(line.person), [line.beside])
            if line.beside
            else Asked(limit, Visitor(limit.port), limit_paths)
        )
        self._asked[line.name] = line, page, beside
        ours, bare_one = in_turn(page, beside)
        self._figures.add(line.name, ours.p50 / bare_one.p50, line.goal)
        sent, plans = self._recorded(line.person, line.paths[0])
        few = sent
        if line.person is MANAGER and line.goal is not Goal.DETAIL:
            few = self._recorded(SMALL_MANAGER, line.paths[0].split("csr=", maxsplit=1)[0])[0]
        # Beside the trail there are few rows of anything else, which are read whole.
        scans = [] if line.goal is Goal.TRAIL else whole_scans(plans)
        self.faults += bool(scans) or len(few) > len(sent)
        print(
            f"{line.name:26} {ours.p50:7.1f} {bare_one.p50:7.1f} {ours.p50 / bare_one.p50:6.2f} {ours.p95:7.1f} "
            f"{bare_one.p95:7.1f} {ours.first:7.1f} {bare_one.first:7.1f} {ours.cpu:6.1f} {bare_one.cpu:6.1f} "
            f"{ours.size / 1000:6.1f} {len(sent):7} {len(few):5}  {', '.join(scans)}",
            flush=True,
        )

    def clients(self, name: str) -> None:
        """Several who ask at once for the pages of a line."""
        line, page, limit = self._asked[name]
        cookies = self._cookies[line.person]
        ours = requests_a_second(lambda: Asked(page.server, Visitor(page.server.port, cookies), page.paths))
        bare_one = requests_a_second(lambda: Asked(limit.server, Visitor(limit.server.port), limit.paths))
        self._figures.add(f"{name}, 8 clients", ours / bare_one, Goal.CLIENTS)
        print(f"{name}, 8 clients: {ours:.0f} requests a second, bare {bare_one:.0f}, {ours / bare_one:.2f}")

    def _recorded(self, person: Person, url: str) -> tuple[list[str], list[str]]:
        """Statements and plans of a page, the third time in a row: some are sent once in a while only."""
        get(self.client(person), url)
        get(self.client(person), url)
        plans: list[str] = []
        with self.app.app_context():
            engine = db.engine
        with recorded(engine, plans) as sent:
            get(self.client(person), url)
        return sent, plans


@contextmanager
def _bench(
    server: EmbeddedServer, database: str, organization: str, lines_of: Lines, figures: Figures
) -> Iterator[_Bench]:
    """Measure every line of a database; the visitors are there until the block ends."""
    settings = settings_for(server, HOME, database)
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    site = BareSite(server.url("app_rw", database), SECRET_KEY, organization)
    with psycopg.connect(server.url(SUPERUSER, database), autocommit=True) as admin, servers.product(settings) as ours:
        bench = _Bench(app, ours, admin, figures)
        measured = list(lines_of(bench.visit, admin))
        paths = [[site.add(limit) for limit in line.limits] for line in measured]
        with servers.bare(settings, site) as limit:
            for line, limit_paths in zip(measured, paths, strict=True):
                bench.measure(line, limit, limit_paths)
            yield bench
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@patch.object(paging, "MAX_COUNTED", 2 * CSV_ROWS)
def _csv(bench: _Bench, calls: int, figures: Figures) -> None:
    """The memory first, with everything loaded but nothing yet held: what was freed once may be used again.

    At once only short lists are given as a file; a long one is written by the same code in the background.
    """
    today = datetime.now(UTC).date()
    days = CSV_ROWS * DAYS // calls  # a few too many, for the day that is not over
    url = f"/calls.csv?period=custom&from={today - timedelta(days)}&to={today}"
    manager = bench.client(MANAGER)
    drain(manager, "/calls.csv?period=today")
    memory = grown_by(lambda: drain(manager, url))
    rows = get(manager, url).count(b"\r\n") - 1
    settings = bench.app.config["SETTINGS"]
    site = BareSite(settings.database_url.get_secret_value(), SECRET_KEY, LARGE)
    [(statement, given)] = bare.calls(LARGE, "true", rows)
    page, limit = medians(lambda: get(manager, url), lambda: site.csv(statement, given), rounds=5)
    figures.add("CSV of 100,000 rows", page.wall / limit.wall, Goal.FILE)
    figures.add("CSV, MB of memory", memory, Goal.MEGABYTES)
    print(
        f"CSV of {rows:,} rows: {page.wall:.0f}, bare {limit.wall:.0f}, {page.wall / limit.wall:.2f}; "
        f"CPU {page.cpu:.0f}, bare {limit.cpu:.0f}; +{memory:.1f} MB"
    )


def _numbers(bench: _Bench, admin_url: str) -> int:
    """The numbers of each kind of dashboard, without their pages, beside one statement each; how many read a table
    whole.
    """
    faults = 0
    persons = {
        Role.CSR: any_person(bench.admin, LARGE, "csr"),
        Role.SALES_REP: any_person(bench.admin, LARGE, "sales_rep"),
        Role.EXEC: any_person(bench.admin, LARGE, "exec"),
    }
    admin = create_engine(admin_url)
    with bench.app.app_context():
        engine = db.engine
    for pair in pairs(bench.app, admin, LARGE, persons):
        product, plain = medians(pair.product, pair.plain, rounds=3)
        plans: list[str] = []
        with recorded(engine, plans) as sent:
            pair.product()
        scans = whole_scans(plans)
        faults += bool(scans)
        print(
            f"{pair.name:32} {product.wall:8.1f} {plain.wall:8.1f} {product.wall / plain.wall:7.2f} "
            f"{product.cpu:8.1f} {plain.cpu:8.1f} {len(sent):8}  {', '.join(scans)}",
            flush=True,
        )
    admin.dispose()
    return faults


def _compared(figures: Figures, *, is_usual: bool) -> bool:
    """Print what is missed and what is worse, at the usual size; whether anything is worse."""
    _print("Missed goals", figures.missed())
    if not is_usual:
        return False
    worse = figures.worse()
    _print("Worse than last", worse)
    if os.environ.get("KEEP"):
        figures.keep()
    return bool(worse)


def _print(title: str, sentences: Iterable[str]) -> None:
    print(f"\n{title}:", *(sentences or ["none"]), sep="\n  ")


if __name__ == "__main__":
    main()
