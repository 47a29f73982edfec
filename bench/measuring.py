"""How the bench measures: a page and its limit in turn, as a visitor of the app and as the superuser."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

from flask.testing import FlaskClient

from app.config import Settings
from app.db.embedded import DATABASE, SUPERUSER, EmbeddedServer

ROUNDS = 15
SECRET_KEY = "the bench's own, and long enough for a key"


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds on the clock, and of this process's own work: the rest is the database's, or other programs'."""

    wall: float
    cpu: float


def get(client: FlaskClient, url: str) -> bytes:
    """The page; whatever is not one ends the bench."""
    response = client.get(url)
    if response.status_code != 200:
        raise SystemExit(f"{url}: {response.status}\n{response.text[:1000]}")
    return bytes(response.data)


def drain(client: FlaskClient, url: str) -> None:
    """Read a streamed answer to its end without keeping it."""
    for _chunk in client.get(url, buffered=False).response:
        pass


def medians(page: Callable[[], object], bare: Callable[[], object], rounds: int = ROUNDS) -> tuple[Cost, Cost]:
    """What each costs, in turn."""
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
    """The app's settings for a database of the bench."""
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
