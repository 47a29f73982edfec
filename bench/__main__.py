"""`make bench`: how pages compare with a bare psycopg and Jinja page of the same rows, at CALLS calls.

Both are measured in turn in the same run, so that a busy machine slows both; what counts is the ratio of the medians.
"""

import gzip
import hashlib
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from time import perf_counter
from unittest.mock import patch
from urllib.parse import quote

import psycopg
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine

from app import create_app
from app.config import PROJECT_ROOT
from app.db import migrate, paging
from app.db.bootstrap import bootstrap
from app.db.context_signature import tell_key
from app.db.embedded import DATABASE, SUPERUSER, EmbeddedServer
from app.extensions import db
from app.models import Role
from bench import audit_writes, people, trash
from bench.bare import BareApp
from bench.data import CSR, DAYS, LARGE, MANAGER, PASSWORD, SMALL_MANAGER, Person, fill
from bench.measuring import ROUNDS, SECRET_KEY, drain, get, medians, settings_for
from bench.memory import grown_by
from bench.numbers import pairs
from bench.plans import recorded, whole_scans

HOME = PROJECT_ROOT / "var" / "bench"
CSV_ROWS = 100_000

#: name → (filters of the page, the same in SQL)
LISTS = {
    "all": ("", "true"),
    "a status": ("status=missed", "c.status = 'missed'"),
    "two statuses": ("status=missed,voicemail", "c.status IN ('missed', 'voicemail')"),
    "outcome": ("outcome=follow_up", "c.outcome = 'follow_up'"),
    "booking status": ("booking_status=not_booked", "c.booking_status = 'not_booked'"),
    "topic": ("topic=Topic 3", "c.topic = 'Topic 3'"),
    "a rare topic": ("topic=None of these", "c.topic = 'None of these'"),
    "sentiment": ("sentiment=negative", "c.sentiment = 'negative'"),
    "direction": ("direction=outbound", "c.direction = 'outbound'"),
    "type": ("call_type=sales_call", "c.call_type = 'sales_call'"),
    "caller": ("q=+12120000123", "c.caller_number = '+12120000123'"),
    "rated": ("rated=yes", "c.call_quality IS NOT NULL"),
    "hour": ("hour=9", "extract(hour FROM c.started_at AT TIME ZONE 'America/New_York') = 9"),
    "30 days": ("period=last_30", "c.started_at > now() - interval '30 days'"),
    "one CSR": ("csr={csr}", "c.csr_id = '{csr}'"),
}


def main() -> None:
    """Make the data unless it is there, measure, print."""
    calls = int(os.environ.get("CALLS", "1000000"))
    server = EmbeddedServer(HOME / "postgres", durable=False)
    with server.running():
        _prepare(server, calls)
        people.fill(server.url(SUPERUSER))
        app = create_app(settings_for(server, HOME))
        trash.fill(server.url(SUPERUSER))
        bare = BareApp(server.url(SUPERUSER))
        print(f"{calls:,} calls; medians of {ROUNDS} rounds, in milliseconds\n")
        print(
            f"{'':24} {'page':>8} {'bare':>8} {'ratio':>7} {'page CPU':>8} {'bare CPU':>8} {'queries':>8} {'small':>6} "
            f"{'kB gzip':>8}  whole scans"
        )
        admin = create_engine(server.url(SUPERUSER))
        failures = _Bench(app, bare, calls, admin).run()
        print(audit_writes.measure(app, server.url(SUPERUSER), LARGE))
        admin.dispose()
        with app.app_context():
            db.engine.dispose()
    sys.exit(1 if failures else 0)


class _Bench:
    """Signed-in visitors of the app beside the bare one."""

    def __init__(self, app: Flask, bare: BareApp, calls: int, admin: Engine) -> None:
        self._app = app
        self._bare = bare
        self._calls = calls
        self._admin = admin
        self._failures = 0

    def run(self) -> int:
        """Measure every page; the number of pages whose plans or queries are not as they must be."""
        manager, csr = self._sign_in(MANAGER), self._sign_in(CSR)
        small = self._sign_in(SMALL_MANAGER)
        csr_id = self._bare.any_person(LARGE, "csr")
        for name, (filters, where) in LISTS.items():
            url = f"/calls?{quote(filters.format(csr=csr_id), safe='=&+,')}".replace("+", "%2B")
            condition = where.format(csr=csr_id)
            self._line(f"calls, {name}", manager, small, url, partial(self._bare.calls, LARGE, condition))
        mine = f"'{csr_id}' IN (c.csr_id, c.handled_by_user_id, c.assigned_rep_id)"
        self._line("calls, a CSR's own", csr, None, "/calls", lambda: self._bare.calls(LARGE, mine))
        self._deep(manager)
        call_id = self._bare.any_call(LARGE)
        self._line("a call", manager, None, f"/calls/{call_id}", lambda: self._bare.call(LARGE, call_id))
        for period, days in (("last_7", 7), ("last_30", 30), ("last_90", 90)):
            url = f"/csr?period={period}"
            self._line(f"dashboard, {days} days", manager, small, url, partial(self._bare.numbers, LARGE, days))
        own = f"c.csr_id = '{csr_id}'"
        self._line(
            "dashboard, a CSR's own", csr, None, "/csr?period=last_30", lambda: self._bare.numbers(LARGE, 30, own)
        )
        owner = self._sign_in(trash.OWNER)
        for line in trash.lines(self._bare):
            self._line(line.name, owner, None, line.url, line.bare)
        admin = self._sign_in(people.ADMIN)
        for one in people.lines(self._bare):
            self._line(one.name, admin, None, one.url, one.bare)
        self._csv(manager)
        self._numbers(csr_id)
        return self._failures

    def _sign_in(self, person: Person) -> FlaskClient:
        client = self._app.test_client()
        self._app.config["WTF_CSRF_ENABLED"] = False
        client.post("/login", data={"email": person.email, "password": PASSWORD})
        return client

    def _line(
        self, name: str, client: FlaskClient, small: FlaskClient | None, url: str, bare: Callable[[], object]
    ) -> None:
        """Measure a page and print it; `small` is a visitor who sees fewer rows by the same queries."""
        size = len(gzip.compress(get(client, url))) / 1000
        page, limit = medians(lambda: get(client, url), bare)
        sent, plans = self._recorded(client, url)
        few = sent if small is None else self._recorded(small, url.split("csr=", maxsplit=1)[0])[0]
        scans = whole_scans(plans)
        self._failures += bool(scans) or len(few) > len(sent)
        print(
            f"{name:24} {page.wall:8.1f} {limit.wall:8.1f} {page.wall / limit.wall:7.2f} {page.cpu:8.1f} "
            f"{limit.cpu:8.1f} {len(sent):8} {len(few):6} {size:8.1f}  {', '.join(scans)}",
            flush=True,
        )

    def _recorded(self, client: FlaskClient, url: str) -> tuple[list[str], list[str]]:
        """Statements and plans of a page, the second time in a row: some are sent once in a while only."""
        get(client, url)
        plans: list[str] = []
        with self._app.app_context():
            engine = db.engine
        with recorded(engine, plans) as sent:
            get(client, url)
        return sent, plans

    def _deep(self, manager: FlaskClient) -> None:
        """The hundredth page, reached by cursors as a person would."""
        url = "/calls"
        for _ in range(100):
            page = get(manager, url).decode()
            found = [part.split('"')[0] for part in page.split('href="')[1:] if "cursor=" in part.split('"')[0]]
            url = found[-1].replace("&amp;", "&")
        self._line("calls, 100 pages deep", manager, None, url, lambda: self._bare.calls(LARGE, "true"))

    def _numbers(self, csr_id: str) -> None:
        """The numbers of each kind of dashboard, without their pages, beside one statement each."""
        persons = {
            Role.CSR: csr_id,
            Role.SALES_REP: self._bare.any_person(LARGE, "sales_rep"),
            Role.EXEC: self._bare.any_person(LARGE, "exec"),
        }
        with self._app.app_context():
            engine = db.engine
        for pair in pairs(self._app, self._admin, LARGE, persons):
            product, plain = medians(pair.product, pair.plain, rounds=5)
            plans: list[str] = []
            with recorded(engine, plans) as sent:
                pair.product()
            scans = whole_scans(plans)
            self._failures += bool(scans)
            print(
                f"{pair.name:32} {product.wall:8.1f} {plain.wall:8.1f} {product.wall / plain.wall:7.2f} "
                f"{product.cpu:8.1f} {plain.cpu:8.1f} {len(sent):8}  {', '.join(scans)}",
                flush=True,
            )

    @patch.object(paging, "MAX_COUNTED", 2 * CSV_ROWS)
    def _csv(self, manager: FlaskClient) -> None:
        """The memory first, with everything loaded but nothing yet held: what was freed once may be used again.

        At once only short lists are given as a file; a long one is written by the same code in the background.
        """
        today = datetime.now(UTC).date()
        days = CSV_ROWS * DAYS // self._calls  # a few too many, for the day that is not over
        url = f"/calls.csv?period=custom&from={today - timedelta(days)}&to={today}"
        drain(manager, "/calls.csv?period=today")
        memory = grown_by(lambda: drain(manager, url))
        rows = get(manager, url).count(b"\r\n") - 1
        page, limit = medians(lambda: get(manager, url), lambda: self._bare.csv(LARGE, rows), rounds=5)
        print(
            f"{f'CSV of {rows:,} rows':24} {page.wall:8.0f} {limit.wall:8.0f} {page.wall / limit.wall:7.2f} "
            f"{page.cpu:8.0f} {limit.cpu:8.0f}  +{memory:.1f} MB"
        )


def _prepare(server: EmbeddedServer, calls: int) -> None:
    """Migrate and fill the database, unless it holds exactly this many calls as they would be made now."""
    admin = server.url(SUPERUSER, "postgres")
    mark, made = HOME / "calls", f"{calls} {_digest_of_what_makes_data()}"
    if mark.exists() and mark.read_text() == made:
        bootstrap(admin, DATABASE)  # for the roles' settings, which may be others by now
        return
    mark.unlink(missing_ok=True)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    bootstrap(admin, DATABASE)
    migrate.upgrade(server.url("app_owner"))
    tell_key(server.url("app_owner"), SECRET_KEY)
    began = perf_counter()
    fill(server.url(SUPERUSER), calls)
    mark.write_text(made)
    print(f"data made in {perf_counter() - began:.0f} s")


def _digest_of_what_makes_data() -> str:
    sources = (PROJECT_ROOT / "bench" / "data.py", *sorted((PROJECT_ROOT / "migrations").rglob("*.py")))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


if __name__ == "__main__":
    main()
