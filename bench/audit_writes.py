"""Share of write throughput that a trigger costs, such as that of the audit trail, measured with eight writers.

Each writer is a separate process that repeats what saving a call's outcome does between authentication and response:
set the context, find and lock the call, change it, commit, as the app's own role. The trail is sealed at the same time.
The bench's database does not wait for the disk, which would take equally long with and without the trigger and thus
hide the difference.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from statistics import mean, median, stdev
from typing import Any
from uuid import UUID

import psycopg
from flask import Flask
from psycopg import sql

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
class Round:
    """Changes per second of all writers together, and the milliseconds that 99% of them take at most."""

    pace: float
    p99: float


@dataclass(frozen=True, slots=True)
class Pace:
    """Rounds with and without a trigger, in pairs."""

    trigger: str
    with_it: Sequence[Round]
    without: Sequence[Round]

    @property
    def ratio(self) -> float:
        """Share of the throughput that remains with the trigger."""
        return _pace(self.with_it) / _pace(self.without)

    @property
    def longer(self) -> tuple[float, float]:
        """Mean of the milliseconds by which a round's p99 is longer with the trigger, and its standard error."""
        found = [one.p99 - other.p99 for one, other in zip(self.with_it, self.without, strict=True)]
        return mean(found), stdev(found) / len(found) ** 0.5

    def __str__(self) -> str:
        paces = f"{_pace(self.with_it):.0f} changes a second with the trigger {self.trigger}, {_pace(self.without):.0f}"
        p99s = [median(one.p99 for one in rounds) for rounds in (self.with_it, self.without)]
        longer, error = self.longer
        return (
            f"{WRITERS} writers: {paces} without, {self.ratio:.2f}; 99% within {p99s[0]:.0f} and {p99s[1]:.0f} ms, "
            f"longer by {longer:.1f} ± {error:.1f}"
        )


def _pace(rounds: Sequence[Round]) -> float:
    return median(one.pace for one in rounds)


def measure(app: Flask, admin_url: str, organization: str, trigger: str = "audit", rounds: int = ROUNDS) -> Pace:
    """Run the writers in turn with and without a trigger on calls, which is always restored at the end.

    Of two rounds, every other time the one without it is first: the later one finds more in the table and the trail.
    """
    with psycopg.connect(admin_url, autocommit=True) as admin:
        manager = manager_of(admin, organization)
        calls = _calls(admin, organization)
        with_it, without = [], []
        for number in range(rounds):
            for is_without in (number % 2 == 1, number % 2 == 0):
                work = partial(_round, app, manager, calls)
                if is_without:
                    without.append(_without_trigger(admin, trigger, work))
                else:
                    with_it.append(work())
    return Pace(trigger, with_it, without)


def _without_trigger(admin: psycopg.Connection[Any], trigger: str, work: Callable[[], Round]) -> Round:
    name = sql.Identifier(trigger)
    admin.execute(sql.SQL("ALTER TABLE calls DISABLE TRIGGER {}").format(name))
    try:
        return work()
    finally:
        admin.execute(sql.SQL("ALTER TABLE calls ENABLE TRIGGER {}").format(name))


def _round(app: Flask, manager: Actor, calls: Sequence[UUID]) -> Round:
    """Return the pace of the writers while the trail is being sealed."""
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
    took: list[float] = sorted(seconds for _ in writers for seconds in counts.get())
    return Round(len(took) / ROUND_SECONDS, took[len(took) * 99 // 100] * 1000)


def _changes(manager: Actor, calls: Sequence[UUID], ready: Any) -> list[float]:
    """Return the seconds that each change takes which this process commits within a round."""
    with use_context(context_of(manager)):
        _change(manager, calls[0])  # connects, and compiles the statements
        ready.wait()
        ends = time.monotonic() + ROUND_SECONDS
        took: list[float] = []
        while (began := time.monotonic()) < ends:
            _change(manager, calls[len(took) % len(calls)])
            took.append(time.monotonic() - began)
        return took


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


def manager_of(admin: psycopg.Connection[Any], organization: str) -> Actor:
    """Return the manager of an organization of the bench."""
    found = admin.execute(
        "SELECT id, name, email FROM users WHERE organization_id = %s AND role = 'manager' LIMIT 1", (organization,)
    ).fetchone()
    if found is None:
        raise SystemExit("the bench has no manager")
    user_id, name, email = found
    return Actor(organization_id=UUID(organization), user_id=user_id, name=name, email=email, role=Role.MANAGER)


def context_of(manager: Actor) -> Context:
    """Return the context of a request by a manager of the bench."""
    return Context(
        organization_id=manager.organization_id,
        actor_id=manager.user_id,
        actor_label=manager.name,
        actor_role=manager.role,
        source="user",
    )


def _calls(admin: psycopg.Connection[Any], organization: str) -> list[UUID]:
    """Return the IDs of the oldest calls, which no page of the bench shows."""
    found = admin.execute(
        "SELECT id FROM calls WHERE organization_id = %s ORDER BY started_at, id LIMIT %s",
        (organization, WRITERS * _CALLS_OF_A_WRITER),
    )
    return [call_id for (call_id,) in found]
