"""Share of write throughput that the audit trail costs, measured with eight concurrent writers.

Each writer is a separate process that repeats what saving a call's outcome does between authentication and response:
set the context, find and lock the call, change it, commit, as the app's own role. The trail is sealed at the same time.
The bench's database does not wait for the disk, which would take equally long with and without the trail and thus hide
the difference.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from multiprocessing.process import BaseProcess
from statistics import median
from typing import Any
from uuid import UUID

import psycopg
from flask import Flask

from app.audit.seals import seal_all
from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.extensions import db
from app.models import CallOutcome, Role
from app.security.actor import Actor
from app.work.calls.detail_queries import get_call
from app.work.calls.service import set_outcome

WRITERS = 8
ROUNDS = 5
ROUND_SECONDS = 3.0
_CALLS_OF_A_WRITER = 100
_BETWEEN_SEALINGS_SECONDS = 0.5

# Forked, so that each has the loaded app; connections are opened again.
_processes = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class Pace:
    """Changes per second of all writers together, medians of the rounds."""

    audited: float
    unaudited: float

    @property
    def ratio(self) -> float:
        """Share of the throughput that remains with the trail."""
        return self.audited / self.unaudited

    def __str__(self) -> str:
        paces = f"{self.audited:.0f} changes a second with the audit trail, {self.unaudited:.0f} without"
        return f"{WRITERS} writers: {paces}, {self.ratio:.2f}"


def measure(app: Flask, admin_url: str, organization: str) -> Pace:
    """Run the writers in turn with and without the trigger, which is always restored at the end."""
    with psycopg.connect(admin_url, autocommit=True) as admin:
        manager = _manager(admin, organization)
        calls = _calls(admin, organization)
        rounds = [
            (_round(app, manager, calls), _without_trigger(admin, partial(_round, app, manager, calls)))
            for _ in range(ROUNDS)
        ]
    return Pace(*(median(paces) for paces in zip(*rounds, strict=True)))


def _without_trigger(admin: psycopg.Connection[Any], work: Callable[[], float]) -> float:
    admin.execute("ALTER TABLE calls DISABLE TRIGGER audit")
    try:
        return work()
    finally:
        admin.execute("ALTER TABLE calls ENABLE TRIGGER audit")


def _round(app: Flask, manager: Actor, calls: Sequence[UUID]) -> float:
    """Return the changes per second while the trail is being sealed."""
    counts = _processes.SimpleQueue()
    ready = _processes.Barrier(WRITERS)

    def write(own: Sequence[UUID]) -> None:
        _at_work(app, lambda: counts.put(_changes(manager, own, ready)))

    shares = [calls[writer::WRITERS] for writer in range(WRITERS)]
    writers = [_processes.Process(target=write, args=(share,)) for share in shares]
    sealer = _processes.Process(target=_at_work, args=(app, _seal), daemon=True)
    with _running(sealer):
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
    if any(writer.exitcode for writer in writers):
        raise SystemExit("a writer has failed")
    changes: int = sum(counts.get() for _ in writers)
    return changes / ROUND_SECONDS


def _changes(manager: Actor, calls: Sequence[UUID], ready: Any) -> int:
    """Return how many changes this process commits within a round."""
    context = Context(
        organization_id=manager.organization_id,
        actor_id=manager.user_id,
        actor_label=manager.name,
        actor_role=manager.role,
        source="user",
    )
    with use_context(context):
        _change(manager, calls[0])  # connects, and compiles the statements
        ready.wait()
        ends = time.monotonic() + ROUND_SECONDS
        for done in count():
            if time.monotonic() >= ends:
                return done
            _change(manager, calls[done % len(calls)])
    raise AssertionError("it ends with the time")


def _change(manager: Actor, call_id: UUID) -> None:
    call = get_call(manager, call_id)
    other = CallOutcome.FOLLOW_UP if call.outcome == CallOutcome.RESOLVED else CallOutcome.RESOLVED
    set_outcome(manager, call_id, other, version=call.version)
    db.session.commit()
    db.session.remove()


def _seal() -> None:
    with jobs_role():
        while True:
            seal_all(Context(actor_label="bench"))
            time.sleep(_BETWEEN_SEALINGS_SECONDS)


def _at_work(app: Flask, work: Callable[[], None]) -> None:
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose(close=False)  # the connections belong to the parent process
        work()


@contextmanager
def _running(process: BaseProcess) -> Iterator[None]:
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _manager(admin: psycopg.Connection[Any], organization: str) -> Actor:
    found = admin.execute(
        "SELECT id, name, email FROM users WHERE organization_id = %s AND role = 'manager' LIMIT 1", (organization,)
    ).fetchone()
    if found is None:
        raise SystemExit("the bench has no manager")
    user_id, name, email = found
    return Actor(organization_id=UUID(organization), user_id=user_id, name=name, email=email, role=Role.MANAGER)


def _calls(admin: psycopg.Connection[Any], organization: str) -> list[UUID]:
    """Return the IDs of the oldest calls, which no page of the bench shows."""
    found = admin.execute(
        "SELECT id FROM calls WHERE organization_id = %s ORDER BY started_at, id LIMIT %s",
        (organization, WRITERS * _CALLS_OF_A_WRITER),
    )
    return [call_id for (call_id,) in found]
