"""Measurements of the bench: a page and its baseline in turn, over persistent connections."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier, Thread
from time import monotonic, perf_counter, process_time
from typing import NamedTuple

from flask.testing import FlaskClient

from app.config import Settings
from app.db.embedded import DATABASE, SUPERUSER, EmbeddedServer
from bench.servers import Server
from bench.visitor import Visitor

#: A line ends after this number of requests for each, or after this many seconds.
_MAX_REQUESTS = 60
_MAX_SECONDS = 6.0
_MIN_ROUNDS = 2
CLIENTS = 8
_BURST_SECONDS = 4.0
ROUNDS = 15
SECRET_KEY = "the bench's own, and long enough for a key"


class Times(NamedTuple):
    """Elapsed milliseconds of first and later requests, CPU milliseconds of a later one, and bytes transferred.

    The CPU time is that of the server.
    """

    first: float
    p50: float
    p95: float
    cpu: float
    size: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Pages of one server, requested in turn."""

    server: Server
    visitor: Visitor
    paths: Sequence[str]

    def ask(self, number: int) -> tuple[float, int]:
        """Request the next page and return the milliseconds and bytes."""
        began = perf_counter()
        size = len(self.visitor.get(self.paths[number % len(self.paths)]))
        return (perf_counter() - began) * 1000, size


def in_turn(page: Asked, limit: Asked) -> tuple[Times, Times]:
    """Measure a page and its baseline in turn.

    Every URL is requested once before any is repeated, so that not only cached pages are measured.
    """
    both, number = (page, limit), max(len(page.paths), len(limit.paths))
    firsts = [[asked.ask(turn) for asked in both] for turn in range(number)]
    worked = [asked.server.cpu() for asked in both]
    later: list[list[tuple[float, int]]] = []
    ends = monotonic() + _MAX_SECONDS
    while len(later) < _MAX_REQUESTS and (len(later) < _MIN_ROUNDS * number or monotonic() < ends):
        later.append([asked.ask(len(later)) for asked in both])
        if monotonic() > ends + _MAX_SECONDS:
            break
    costs = [(asked.server.cpu() - before) / len(later) for asked, before in zip(both, worked, strict=True)]
    found = [
        Times(
            statistics.median(turn[one][0] for turn in firsts),
            statistics.median(turn[one][0] for turn in later),
            sorted(turn[one][0] for turn in later)[len(later) * 19 // 20],
            costs[one],
            round(statistics.median(turn[one][1] for turn in later)),
        )
        for one in (0, 1)
    ]
    return found[0], found[1]


def requests_a_second(make: Callable[[], Asked]) -> float:
    """Return the requests per second with CLIENTS concurrent clients, each with a connection of its own."""
    asked = [make() for _ in range(CLIENTS)]
    together, counts = Barrier(CLIENTS), [0] * CLIENTS

    def visit(client: int) -> None:
        together.wait()
        ends = monotonic() + _BURST_SECONDS
        while monotonic() < ends:
            asked[client].ask(client + counts[client])
            counts[client] += 1

    threads = [Thread(target=visit, args=(client,)) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / _BURST_SECONDS


@dataclass(frozen=True, slots=True)
class Cost:
    """Elapsed milliseconds and this process's CPU time; the rest is spent in the database or in other programs."""

    wall: float
    cpu: float


def get(client: FlaskClient, url: str) -> bytes:
    """Return the page; any other response ends the bench."""
    response = client.get(url)
    if response.status_code != 200:
        raise SystemExit(f"{url}: {response.status}\n{response.text[:1000]}")
    return bytes(response.data)


def drain(client: FlaskClient, url: str) -> None:
    """Read a streamed response to its end without storing it."""
    for _chunk in client.get(url, buffered=False).response:
        pass


def begin(client: FlaskClient, url: str) -> None:
    """Read the first piece of a streamed response, and cancel the rest."""
    with client.get(url, buffered=False) as response:
        next(iter(response.response))


def medians(page: Callable[[], object], bare: Callable[[], object], rounds: int = ROUNDS) -> tuple[Cost, Cost]:
    """Measure both functions within this process, in turn."""
    pages, bares = [], []
    for _ in range(rounds):
        pages.append(_cost(page))
        bares.append(_cost(bare))
    return _median(pages), _median(bares)


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(statistics.median(cost.wall for cost in costs), statistics.median(cost.cpu for cost in costs))


def _cost(work: Callable[[], object]) -> Cost:
    began, began_cpu = perf_counter(), process_time()
    work()
    return Cost((perf_counter() - began) * 1000, (process_time() - began_cpu) * 1000)


def settings_for(server: EmbeddedServer, var_dir: Path, database: str = DATABASE) -> Settings:
    """Return the app's settings for a database of the bench."""
    return Settings.model_validate(
        {
            "environment": "test",
            "secret_key": SECRET_KEY,
            "secrets_key": "the bench's own, and long enough for a key",
            "audit_seal_key": "the bench's own, and long enough for a key",
            "database_url": server.url("app_rw", database),
            "jobs_database_url": server.url("app_jobs", database),
            "owner_database_url": server.url("app_owner", database),
            "bootstrap_database_url": server.url(SUPERUSER, database),
            "var_dir": var_dir,
        }
    )
