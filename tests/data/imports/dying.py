"""A worker that is killed in the given phase of an import; run as a separate process."""

import os
import signal
import sys
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from app.data.imports import load_service, run_service
from app.data.imports.staging_service import keep_wrong, stage
from app.ops.jobs.worker import run_worker

PORTION_ROWS = 10
PHASES = ("reading", "checking", "storing", "finishing")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _mine(phase: str) -> None:
    portions = count()

    def read_a_little(table: Any, rows: Iterable[Any], *more: Any) -> int:
        return stage(table, _until_death(rows), *more)

    def store_one(*portion: Any) -> tuple[int, int]:
        if next(portions) == 1:
            _die()
        return keep_wrong(*portion)

    named = {
        "reading": (load_service, "stage", read_a_little),
        "checking": (load_service, "let_wait", lambda _table: _die()),
        "storing": (load_service, "keep_wrong", store_one),
        "finishing": (run_service, "name_action", lambda *_what: _die()),
    }
    setattr(*named[phase])


def _until_death(rows: Iterable[Any]) -> Iterator[Any]:
    for number, row in enumerate(rows):
        if number == PORTION_ROWS:
            _die()
        yield row


if __name__ == "__main__":
    from wsgi import app

    load_service.PORTION_ROWS = PORTION_ROWS
    _mine(sys.argv[1])
    run_worker(app, schedule=())
