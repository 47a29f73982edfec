"""`python -m bench.webhooks`: deliveries of providers, their speed and what kills leave of them.

    DELIVERIES=500 REPLAYS=10000 BACKLOG=10000 KILLS=12 SEED=1 ROWS=50000 .venv/bin/python -m bench.webhooks

Starts the product in a folder of its own and reports

- the 99th percentile of a delivery at 600 a minute, as a multiple of a bare insert: the same body, sent alternately to
  a WSGI program on the same kind of server, which inserts the row without any check (goal: at most 3);
- how many deliveries a second the worker processes from a backlog (goal: at least 20);
- the longest time from a delivery to its effect while two imports occupy both slots for jobs (goal: at most 2 s);
- whether deliveries that are sent while web process, worker and database are killed, and then sent again, each take
  effect exactly once.

Exit code 1 if a goal is missed, or anything is lost or doubled.
"""

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import psycopg

from app.config import Settings
from app.db.embedded import SUPERUSER
from app.db.ids import uuid7
from app.factory import create_app
from bench.bare import BareSite
from bench.load import Uploader
from bench.product import HOST, Product
from bench.servers import bare
from demo.signing import billing

SECRET = "a-secret-of-the-payment-provider"
PATIENCE_SECONDS = 300.0
_SECONDS_BETWEEN = 0.1  # 600 a minute
_WARMING_UP, _MEASURED = 100, 600
_VICTIMS = ("web process", "worker", "database")
_FIRST_DAY = 1_760_000_000
_INSERT = """
    INSERT INTO webhook_deliveries (organization_id, id, provider, event_type, external_id, headers, body, body_sha256,
      signature_ok, status, ignored_because, next_attempt_at)
    VALUES (%s, %s, 'billing', %s, %s, '{}', %s, %s, true, %s, %s, CASE WHEN %s = 'received' THEN now() END)
"""
_WAITING_DELIVERIES = "SELECT count(*) FROM webhook_deliveries WHERE next_attempt_at IS NOT NULL"
_RUNNING_IMPORTS = "SELECT count(*) FROM jobs WHERE name = 'imports.run' AND status = 'running'"
_numbers = count(1)


class BareInbox(BareSite):
    """WSGI application that inserts each body as an ignored delivery of its organization."""

    def __call__(self, environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        """Insert the body, if there is one, and commit."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if body and self._context.organization_id:
            row = _row(self._context.organization_id, body, "customer.updated", "ignored")
            self._connection().execute(_INSERT, row)
        start("200 OK", [("Content-Length", "0")])
        return [b""]


class Sender:
    """The payment provider of one organization."""

    def __init__(self, product: Product, organization_id: UUID, key: str) -> None:
        self._port, self._path = product.port, f"/webhooks/billing/{key}"
        self._organization_id = organization_id

    def event(self, kind: str) -> bytes:
        """Return a new event."""
        number = next(_numbers)
        event = {"id": f"evt_{number}", "type": kind, "created": _FIRST_DAY + number}
        return json.dumps({**event, "account": str(self._organization_id)}).encode()

    def send(self, body: bytes) -> int:
        """Send an event and return the status, 0 if there was no answer."""
        headers = {"Content-Type": "application/json", **billing(SECRET, body, time.time())}
        return _post(self._port, self._path, body, headers)

    def send_until_confirmed(self, body: bytes) -> None:
        """Send an event as the provider does, again until it is confirmed."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.send(body) != 200:
            if time.monotonic() > deadline:
                raise TimeoutError("An event was not confirmed in time.")
            time.sleep(0.2)


def main() -> None:
    """Run everything and print the figures."""
    with TemporaryDirectory(prefix="webhooks-") as folder:
        product = Product(Path(folder))
        product.environment["BILLING_WEBHOOK_SECRET"] = SECRET
        organization_id = _make_organization(product)
        product.start()
        try:
            sender = Sender(product, organization_id, _key_of(product, organization_id))
            faults = [*_receiving(product, sender, organization_id), *_backlog(product, sender, organization_id)]
            faults += _beside_imports(product, sender, organization_id)
            faults += _kills(product, sender)
        finally:
            product.stop()
    for fault in faults:
        print(f"WRONG: {fault}")
    sys.exit(1 if faults else 0)


def _make_organization(product: Product) -> UUID:
    product.command("db", "bootstrap")
    product.command("db", "upgrade")
    made = product.command(
        "org", "create", "--name", "Hooks", "--slug", "hooks", "--plan", "enterprise",
        "--owner-email", "owner@hooks.example", "--owner-name", "Olga Owner", "--json",
    )  # fmt: skip
    return UUID(json.loads(made)["id"])


def _key_of(product: Product, organization_id: UUID) -> str:
    with _connected(product) as connection:
        [(key,)] = connection.execute("SELECT webhook_key FROM organizations WHERE id = %s", [organization_id])
    return str(key)


def _connected(product: Product) -> psycopg.Connection:
    return psycopg.connect(product.database.url(SUPERUSER), autocommit=True)


def _receiving(product: Product, sender: Sender, organization_id: UUID) -> list[str]:
    """Send ignored events at 600 a minute, each after a bare insert, and compare the 99th percentiles."""
    site = BareInbox(product.database.url(SUPERUSER), SECRET, str(organization_id))
    inserted, received = [], []
    with bare(Settings.from_env(product.environment), site) as inbox:
        for _ in range(_WARMING_UP + _MEASURED):
            began = time.monotonic()
            inserted.append(_timed(partial(_post, inbox.port, "/", sender.event("customer.updated"), {})))
            received.append(_timed(partial(sender.send, sender.event("customer.updated"))))
            time.sleep(max(0.0, _SECONDS_BETWEEN - (time.monotonic() - began)))
    slowest, of_bare = _percentile(received[_WARMING_UP:]), _percentile(inserted[_WARMING_UP:])
    ratio = slowest / of_bare
    print(f"receiving: p99 {1000 * slowest:.1f} ms, {ratio:.2f} times a bare insert ({1000 * of_bare:.1f} ms)")
    return [f"p99 is {ratio:.2f} times a bare insert, wanted is <= 3"] if ratio > 3 else []


def _backlog(product: Product, sender: Sender, organization_id: UUID) -> list[str]:
    number = int(os.environ.get("BACKLOG", "10000"))
    with _connected(product) as connection:
        rows = [_row(organization_id, sender.event("invoice.paid"), "invoice.paid", "received") for _ in range(number)]
        with connection.transaction(), connection.cursor() as cursor:
            cursor.executemany(_INSERT, rows)
        began = time.monotonic()
        _wait_until(connection, _WAITING_DELIVERIES, 0, PATIENCE_SECONDS + number / 10)
    rate = number / (time.monotonic() - began)
    print(f"backlog: {number:,} deliveries, {rate:.0f} a second")
    return [f"{rate:.0f} deliveries a second, wanted is >= 20"] if rate < 20 else []


def _beside_imports(product: Product, sender: Sender, organization_id: UUID) -> list[str]:
    """Send events while two imports run, and compare the longest time until one is processed with the goal."""
    rows = int(os.environ.get("ROWS", "50000"))
    uploader = Uploader(create_app(Settings.from_env(product.environment)), organization_id, threading.Event())
    for _ in range(2):
        uploader.upload(uuid7(), rows)
    durations = []
    with _connected(product) as connection:
        _wait_until(connection, _RUNNING_IMPORTS, 2)
        while connection.execute(_RUNNING_IMPORTS).fetchall() == [(2,)]:
            began = time.monotonic()
            sender.send_until_confirmed(sender.event("invoice.paid"))
            _wait_until(connection, _WAITING_DELIVERIES, 0)
            durations.append(time.monotonic() - began)
            time.sleep(_SECONDS_BETWEEN)
        _wait_until(connection, _RUNNING_IMPORTS, 0)
    longest = max(durations)
    print(f"beside two imports: {len(durations)} deliveries, at most {longest:.2f} s, median {median(durations):.2f} s")
    return [f"{longest:.2f} s beside two imports, wanted is <= 2"] if longest > 2 else []


def _kills(product: Product, sender: Sender) -> list[str]:
    """Send events while parts are killed, then send them again, and count their effects."""
    number, replays = int(os.environ.get("DELIVERIES", "500")), int(os.environ.get("REPLAYS", "10000"))
    with _connected(product) as connection:
        before = _effects(connection)
    bodies = [sender.event("invoice.payment_failed") for _ in range(number)]
    stop = threading.Event()
    killer = threading.Thread(target=_kill, args=(product, stop))
    killer.start()
    for body in bodies:
        sender.send_until_confirmed(body)
    stop.set()
    killer.join()
    product.wait_until_ready()
    confirmed = sum(sender.send(bodies[index % number]) == 200 for index in range(replays))
    with _connected(product) as connection:
        _wait_until(connection, _WAITING_DELIVERIES, 0)
        after = _effects(connection)
    changes = [new - old for old, new in zip(before, after, strict=True)]
    print(f"kills: {number} deliveries, {confirmed:,} replays; deliveries, payments, entries: {changes}")
    return [] if changes == [number] * 3 else [f"{changes} instead of {number} each"]


def _kill(product: Product, stop: threading.Event) -> None:
    chance = random.Random(int(os.environ.get("SEED", "1")))  # noqa: S311 - so that a run can be repeated
    for number in range(int(os.environ.get("KILLS", "12"))):
        if stop.wait(chance.uniform(0, 2)):
            return
        part = _VICTIMS[number % len(_VICTIMS)]
        process = product.wait_for(part)
        os.kill(process, signal.SIGKILL)
        print(f"  {part} back after {product.wait_until_back(part, process):.1f} s")


def _effects(connection: psycopg.Connection) -> list[int]:
    """Return the numbers of processed deliveries of failed payments, of payments, and of their audit entries."""
    statements = (
        "SELECT count(*) FROM webhook_deliveries WHERE event_type = 'invoice.payment_failed' AND status = 'processed'",
        "SELECT count(*) FROM payment_events WHERE outcome = 'failed'",
        "SELECT count(*) FROM audit_logs WHERE action = 'payment.failed'",
    )
    return [connection.execute(statement).fetchall()[0][0] for statement in statements]


def _wait_until(connection: psycopg.Connection, statement: str, number: int, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until a statement that counts rows returns a number. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while connection.execute(statement).fetchall() != [(number,)]:
        if time.monotonic() > deadline:
            raise TimeoutError(f"It isn't {number} after {seconds:.0f} s: {statement}")
        time.sleep(0.05)


def _row(organization_id: UUID, body: bytes, kind: str, status: str) -> tuple[object, ...]:
    reason = "unused_event" if status == "ignored" else None
    event_id = json.loads(body)["id"]
    return (organization_id, uuid7(), kind, event_id, body, sha256(body).digest(), status, reason, status)


def _post(port: int, path: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send a body and return the status, 0 if there was no answer."""
    connection = HTTPConnection(HOST, port, timeout=30)
    try:
        connection.request("POST", path, body, dict(headers))
        return connection.getresponse().status
    except (OSError, HTTPException):
        return 0
    finally:
        connection.close()


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _percentile(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)]


if __name__ == "__main__":
    main()
