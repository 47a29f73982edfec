"""Comparison of each line of the bench with its baseline, and the printed result."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import psycopg
from flask import Flask
from flask.testing import FlaskClient

from app.db.embedded import SUPERUSER, EmbeddedServer
from app.extensions import db
from app.factory import create_app
from bench import servers
from bench.bare import BareSite
from bench.data import HOME, MANAGER, PASSWORD, SMALL_MANAGER, Person
from bench.goals import Figures, Goal
from bench.lines import Line
from bench.measuring import SECRET_KEY, Asked, get, in_turn, requests_a_second, settings_for
from bench.plans import recorded, whole_scans
from bench.servers import Server
from bench.visitor import Visitor, cookies_of

HEADS = (
    f"{'':28} {'page':>7} {'bare':>7} {'ratio':>6} {'p95':>7} {'bare':>7} {'first':>7} {'bare':>7} {'CPU':>6} "
    f"{'bare':>6} {'kB':>6} {'queries':>7} {'small':>5}  whole scans"
)
#: Filters that refer to a person of the large organization.
_OF_SOMEBODY = re.compile(r"&?\b(csr|rep)=[0-9a-f-]{36}")

Lines = Callable[[Callable[[Person], Visitor], psycopg.Connection], Iterator[Line]]


class Bench:
    """Clients of the product and of its baseline, on one database."""

    def __init__(self, app: Flask, ours: Server, admin: psycopg.Connection, figures: Figures) -> None:
        self.app, self.admin = app, admin
        self.faults = 0
        self._ours, self._figures = ours, figures
        self._cookies: dict[Person, str] = {}
        self._clients: dict[Person, FlaskClient] = {}
        self._asked: dict[str, tuple[Line, Asked, Asked]] = {}

    def visit(self, person: Person) -> Visitor:
        """Return a signed-in visitor with a new connection, because idle connections are closed."""
        if person not in self._cookies:
            self._cookies[person] = cookies_of(self._ours.port, person.email, PASSWORD)
        return Visitor(self._ours.port, self._cookies[person])

    def client(self, person: Person) -> FlaskClient:
        """Return a signed-in client within this process, whose statements can be recorded."""
        if person not in self._clients:
            self._clients[person] = self.app.test_client()
            self._clients[person].post("/login", data={"email": person.email, "password": PASSWORD})
        return self._clients[person]

    def measure(self, line: Line, limit: Server, limit_paths: list[str]) -> None:
        """Measure a line, record its figure, count its faults, and print it."""
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
        if line.person is MANAGER and not line.is_of_one:
            few = self._recorded(SMALL_MANAGER, _OF_SOMEBODY.sub("", line.paths[0]))[0]
        # The database of the trail has few rows in other tables, so these are scanned sequentially.
        scans = [] if line.goal is Goal.TRAIL else whole_scans(plans)
        # Rows must not cost statements of their own; one statement is tolerated for the count, which a single page
        # omits.
        self.faults += bool(scans) or len(sent) > len(few) + 1
        print(
            f"{line.name:28} {ours.p50:7.1f} {bare_one.p50:7.1f} {ours.p50 / bare_one.p50:6.2f} {ours.p95:7.1f} "
            f"{bare_one.p95:7.1f} {ours.first:7.1f} {bare_one.first:7.1f} {ours.cpu:6.1f} {bare_one.cpu:6.1f} "
            f"{ours.size / 1000:6.1f} {len(sent):7} {len(few):5}  {', '.join(scans)}",
            flush=True,
        )

    def clients(self, name: str) -> None:
        """Measure several concurrent clients that request the pages of a line."""
        line, page, limit = self._asked[name]
        cookies = self._cookies[line.person]
        ours = requests_a_second(lambda: Asked(page.server, Visitor(page.server.port, cookies), page.paths))
        bare_one = requests_a_second(lambda: Asked(limit.server, Visitor(limit.server.port), limit.paths))
        self._figures.add(f"{name}, 8 clients", ours / bare_one, Goal.CLIENTS)
        print(f"{name}, 8 clients: {ours:.0f} requests a second, bare {bare_one:.0f}, {ours / bare_one:.2f}")

    def _recorded(self, person: Person, url: str) -> tuple[list[str], list[str]]:
        """Return the statements and plans of the third request.

        The first two aren't recorded, because some statements are sent only occasionally.
        """
        get(self.client(person), url)
        get(self.client(person), url)
        plans: list[str] = []
        with self.app.app_context():
            engine = db.engine
        with recorded(engine, plans) as sent:
            get(self.client(person), url)
        return sent, plans


@contextmanager
def bench_on(
    server: EmbeddedServer, database: str, organization: str, lines_of: Lines, figures: Figures
) -> Iterator[Bench]:
    """Measure each line on a database, and yield the bench, whose clients work until the block ends."""
    settings = settings_for(server, HOME, database)
    app = create_app(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    site = BareSite(server.url("app_rw", database), SECRET_KEY, organization)
    with psycopg.connect(server.url(SUPERUSER, database), autocommit=True) as admin, servers.product(settings) as ours:
        bench = Bench(app, ours, admin, figures)
        measured = list(lines_of(bench.visit, admin))
        paths = [[site.add(limit) for limit in line.limits] for line in measured]
        with servers.bare(settings, site) as limit:
            for line, limit_paths in zip(measured, paths, strict=True):
                bench.measure(line, limit, limit_paths)
            yield bench
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def compared(figures: Figures, *, is_usual: bool) -> bool:
    """Print missed goals and, at the usual size, regressions; return whether there are any regressions.

    At the usual size, the figures are also stored if KEEP is set.
    """
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
