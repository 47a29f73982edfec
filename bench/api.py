"""The JSON API for `make bench`: what programs read and write, compared with bare JSON of the same rows.

A posted task is also compared with the one of the page's form, an API key with an access token, and a request with an
Idempotency-Key among a million stored responses with one among a tenth of them. `python -m bench.api` measures only
these, at CALLS calls.
"""

import json
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlencode

import psycopg
from flask import Flask

from app.db.embedded import DATABASE, SUPERUSER, EmbeddedServer
from app.db.ids import uuid7
from app.extensions import db
from app.factory import create_app
from bench import api_bare
from bench.api_bare import BareApi
from bench.api_data import TITLE, access_token, delete_tasks, new_key, store_responses
from bench.beside import compared
from bench.data import HOME, LARGE, MANAGER, PASSWORD, prepare
from bench.goals import Figures, Goal
from bench.lines import ADDRESSES, any_person, place
from bench.measuring import SECRET_KEY, Asked, in_turn, settings_for
from bench.plans import recorded, whole_scans
from bench.servers import Server, bare, product
from bench.visitor import Visitor, form_of

STORED = 1_000_000
_USUAL_CALLS = 1_000_000
#: Calls of a database of stored responses, where nothing reads them.
_FEW_CALLS = 1_000

_CALLS, _TASKS, _FORM = "/api/v1/calls", "/api/v1/tasks", "/tasks/new"
_TASK = json.dumps({"title": TITLE, "assignedToType": "csr", "dueDate": "2030-11-30T22:00:00Z"}).encode()
_FIELDS = {"title": TITLE, "priority": "medium", "due_day": "2030-11-30", "due_time": "17:00", "assignee": "none"}
_JSON = "Content-Type: application/json\r\n"
_URLENCODED = "Content-Type: application/x-www-form-urlencoded\r\n"
_HEADS = (
    f"{'':38} {'API':>7} {'beside':>7} {'ratio':>6} {'p95':>7} {'beside':>7} {'CPU':>6} {'beside':>6} {'kB':>6} "
    f"{'queries':>7}  whole scans"
)


@dataclass(frozen=True, slots=True)
class Posted(Asked):
    """Requests that write; `headers` and `body` return those of the next one, and `status` is that of a response."""

    headers: Callable[[], str]
    body: Callable[[], bytes]
    status: int

    def ask(self, number: int) -> tuple[float, int]:
        """Send the next request and return the milliseconds and bytes."""
        path, headers, body = self.paths[number % len(self.paths)], self.headers(), self.body()
        began = perf_counter()
        size = len(self.visitor.post(path, headers, body, self.status))
        return (perf_counter() - began) * 1000, size


class ApiBench:
    """Comparison of requests, with the statements that the product sends for one of them."""

    def __init__(self, app: Flask, token: str, figures: Figures) -> None:
        self.faults = 0
        self._app, self._figures = app, figures
        self._client = app.test_client()
        self._headers = {"Authorization": f"Bearer {token}"}

    def measure(self, name: str, goal: Goal, ours: Asked, beside: Asked) -> None:
        """Measure requests and those beside them in turn, record the figure, count a fault, and print the line."""
        one, other = in_turn(ours, beside)
        self._figures.add(name, one.p50 / other.p50, goal)
        sent, plans = self._recorded(ours)
        scans = whole_scans(plans)
        self.faults += bool(scans)
        print(
            f"{name:38} {one.p50:7.1f} {other.p50:7.1f} {one.p50 / other.p50:6.2f} {one.p95:7.1f} {other.p95:7.1f} "
            f"{one.cpu:6.1f} {other.cpu:6.1f} {one.size / 1000:6.1f} {len(sent):7}  {', '.join(scans)}",
            flush=True,
        )

    def _recorded(self, asked: Asked) -> tuple[list[str], list[str]]:
        """Return the statements and plans of the third request, when all caches are filled."""
        plans: list[str] = []
        with self._app.app_context():
            engine = db.engine
        self._send(asked)
        self._send(asked)
        with recorded(engine, plans) as sent:
            self._send(asked)
        return sent, plans

    def _send(self, asked: Asked) -> None:
        if isinstance(asked, Posted):
            key = {"Idempotency-Key": str(uuid7())} if "Idempotency-Key" in asked.headers() else {}
            kind = {"content_type": "application/json"}
            answer = self._client.post(asked.paths[0], data=asked.body(), headers={**self._headers, **key}, **kind)
        else:
            answer = self._client.get(asked.paths[0], headers=self._headers)
        if answer.status_code not in {200, 201}:
            raise SystemExit(f"{asked.paths[0]}: {answer.status}\n{answer.text[:1000]}")


def main() -> None:
    """Create the data if missing, measure it, print the figures and compare them with the goals."""
    calls = int(os.environ.get("CALLS", _USUAL_CALLS))
    figures = Figures()
    logging.disable(logging.INFO)
    server = EmbeddedServer(HOME / "postgres", durable=False)
    with server.running():
        prepare(server, DATABASE, calls)
        print(f"{calls:,} calls; milliseconds\n")
        faults = measure(server, figures)
    sys.exit(1 if compared(figures, is_usual=calls == _USUAL_CALLS) or faults else 0)


def measure(server: EmbeddedServer, figures: Figures) -> int:
    """Measure everything and return the number of faults."""
    print(_HEADS)
    return _measure_requests(server, figures) + _measure_stored_responses(server, figures)


def _measure_requests(server: EmbeddedServer, figures: Figures) -> int:
    settings = settings_for(server, HOME, DATABASE)
    app = create_app(settings.model_copy(update={"rate_limits_enabled": False}))
    with psycopg.connect(server.url(SUPERUSER), autocommit=True) as admin, product(settings) as ours:
        token, key = access_token(ours.port, MANAGER), new_key(admin, MANAGER)
        bench = ApiBench(app, token, figures)
        lists, records = _paths(ours, token)
        site = BareApi(server.url("app_rw"), SECRET_KEY, LARGE, any_person(admin, LARGE, "manager"))
        bare_lists = [site.add(api_bare.calls(LARGE, place(path))) for path in lists]
        bare_records = [site.add(api_bare.call(LARGE, path.rpartition("/")[2])) for path in records]
        with bare(settings, site) as limit:
            for name, goal, paths, limits in (
                ("API, 50 calls", Goal.API_LIST, lists, bare_lists),
                ("API, a call", Goal.API_RECORD, records, bare_records),
            ):
                beside = Asked(limit, Visitor(limit.port), limits)
                bench.measure(name, goal, _read(ours, token, paths), beside)
                bench.measure(f"{name}, by key", Goal.API_KEY, _read(ours, key, paths), _read(ours, token, paths))
            beside = Posted(limit, Visitor(limit.port), [api_bare.TASKS], _as_json, _task, 201)
            bench.measure("API, a new task", Goal.API_WRITE, _posted(ours, token), beside)
            bench.measure("API, a new task, by key", Goal.API_KEY, _posted(ours, key), _posted(ours, token))
            bench.measure("API, a new task, beside the form", Goal.API_PAGE, _posted(ours, token), _submitted(ours))
        delete_tasks(admin)
    _close(app)
    return bench.faults


def _measure_stored_responses(server: EmbeddedServer, figures: Figures) -> int:
    """Compare requests with an Idempotency-Key in two databases that differ in the number of stored responses."""
    few, many = (_database(server, number) for number in (STORED // 10, STORED))
    settings = [settings_for(server, HOME, database) for database in (few, many)]
    app = create_app(settings[1].model_copy(update={"rate_limits_enabled": False}))
    with product(settings[0]) as small, product(settings[1]) as large:
        tokens = [access_token(one.port, MANAGER) for one in (small, large)]
        bench = ApiBench(app, tokens[1], figures)
        in_few, in_many = (_posted(one, token, _with_key) for one, token in zip((small, large), tokens, strict=True))
        bench.measure(f"API, a new task, {STORED:,} responses", Goal.GROWTH, in_many, in_few)
    for database in (few, many):
        with psycopg.connect(server.url(SUPERUSER, database), autocommit=True) as admin:
            delete_tasks(admin)
    _close(app)
    return bench.faults


def _database(server: EmbeddedServer, number: int) -> str:
    """Create the database with this many stored responses if it is missing, and return its name."""
    name = f"responses_{number}"
    prepare(server, name, _FEW_CALLS)
    store_responses(server.url(SUPERUSER, name), MANAGER, number)
    return name


def _paths(ours: Server, token: str) -> tuple[list[str], list[str]]:
    """Return the paths of consecutive pages of calls, and of one call on each."""
    visitor = Visitor(ours.port, _bearer(token))
    lists, records = [f"{_CALLS}?limit=50"], list[str]()
    while len(records) < ADDRESSES:
        page = json.loads(visitor.text(lists[-1]))
        records.append(f"{_CALLS}/{page['data'][len(records)]['id']}")
        lists.append(page["links"]["next"])
    visitor.close()
    return lists[:ADDRESSES], records


def _read(ours: Server, token: str, paths: list[str]) -> Asked:
    return Asked(ours, Visitor(ours.port, _bearer(token)), paths)


def _posted(ours: Server, token: str, headers: Callable[[], str] | None = None) -> Posted:
    return Posted(ours, Visitor(ours.port, _bearer(token)), [_TASKS], headers or _as_json, _task, 201)


def _submitted(ours: Server) -> Posted:
    """Return requests that submit the form of a new task on its page."""
    cookies, token = form_of(ours.port, MANAGER.email, PASSWORD, _FORM)

    def body() -> bytes:
        return urlencode({**_FIELDS, "csrf_token": token, "row_id": str(uuid7())}).encode()

    return Posted(ours, Visitor(ours.port, cookies), [_FORM], lambda: _URLENCODED, body, 303)


def _bearer(token: str) -> str:
    return f"Authorization: Bearer {token}\r\n"


def _as_json() -> str:
    return _JSON


def _with_key() -> str:
    return f"{_JSON}Idempotency-Key: {uuid7()}\r\n"


def _task() -> bytes:
    return _TASK


def _close(app: Flask) -> None:
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


if __name__ == "__main__":
    main()
