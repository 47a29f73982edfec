"""`python -m bench.faults`: kill -9 of parts of the product, KILLS times at random moments, under load.

    KILLS=50 SEED=1 .venv/bin/python -m bench.faults

Starts the product in a folder of its own, keeps it busy (`bench.load`), kills one part after another, each time waiting
until `/health/ready` is 200 again, and then counts: nothing confirmed may be lost or duplicated, and no job may be
left. Exit code 1 if anything is wrong; the duration is bounded.
"""

import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from uuid import UUID

import psycopg

from app.config import Settings
from app.db.embedded import SUPERUSER
from app.factory import create_app
from bench.load import ROWS_OF_AN_IMPORT, Reader, Uploader, Writer
from bench.product import PARTS, RECOVERY_SECONDS, Product

PASSWORD = "a password of the bench"
MANAGER = "manager@faults.example"
CALLS = 200
_MAX_LULL_SECONDS = 3.0
_JOBS_SECONDS = 300.0  # a job that was hit four times waits 160 s for its next try


@dataclass(frozen=True, slots=True)
class Load:
    """All threads that create load."""

    readers: Sequence[Reader]
    writers: Sequence[Writer]
    uploader: Uploader

    def start(self) -> None:
        for one in (*self.readers, *self.writers, self.uploader):
            one.start()

    def join(self) -> None:
        """Wait for every thread to stop, at most RECOVERY_SECONDS for each."""
        for one in (*self.readers, *self.writers, self.uploader):
            one.join(RECOVERY_SECONDS)


def main() -> None:
    """Run everything and print the findings."""
    kills, seed = int(os.environ.get("KILLS", "50")), int(os.environ.get("SEED", "1"))
    with TemporaryDirectory(prefix="faults-") as folder:
        product = Product(Path(folder))
        organization_id = _make_organization(product, Path(folder))
        product.start()
        try:
            stop = threading.Event()
            load = _load(product, organization_id, stop)
            load.start()
            recoveries = _kill(product, kills, random.Random(seed))  # noqa: S311 - so that a run can be repeated
            time.sleep(_MAX_LULL_SECONDS)
            stop.set()
            load.join()
            faults = _count(product, load)
        finally:
            code = product.stop()
        faults += [] if code == 0 else [f"the product ended with exit code {code}"]
    _report(recoveries, load, faults)
    sys.exit(1 if faults else 0)


def _make_organization(product: Product, folder: Path) -> UUID:
    """Create an organization with a manager and some calls to write notes about, and return its ID."""
    product.command("db", "bootstrap")
    product.command("db", "upgrade")
    made = product.command(
        "org", "create", "--name", "Faults", "--slug", "faults", "--plan", "enterprise",
        "--owner-email", "owner@faults.example", "--owner-name", "Olga Owner", "--json",
    )  # fmt: skip
    product.command(
        "user", "create", "--organization", "faults", "--email", MANAGER, "--name", "Maria Manager",
        "--role", "manager", "--password-stdin", words=PASSWORD,
    )  # fmt: skip
    rows = [f"2026-03-01 {9 + number // 60:02}:{number % 60:02},Y,Seed" for number in range(CALLS)]
    file = folder / "seed.csv"
    file.write_text("\n".join(["started at,answered,topic", *rows]))
    product.command("import", "calls", str(file), "--organization", "faults")
    return UUID(json.loads(made)["id"])


def _load(product: Product, organization_id: UUID, stop: threading.Event) -> Load:
    with psycopg.connect(product.database.url(SUPERUSER)) as connection:
        calls = tuple(str(call_id) for (call_id,) in connection.execute("SELECT id FROM calls ORDER BY id"))
    signed_in = (product.address, MANAGER, PASSWORD, stop)
    app = create_app(Settings.from_env(product.environment))
    return Load(
        readers=[Reader(*signed_in) for _ in range(4)],
        writers=[Writer(*signed_in, calls=calls[number::4]) for number in range(4)],
        uploader=Uploader(app, organization_id, stop),
    )


def _kill(product: Product, kills: int, chance: random.Random) -> Mapping[str, Sequence[float]]:
    """Kill parts, waiting for recovery after each, and return the seconds to recover, by part."""
    recoveries = defaultdict(list)
    for _ in range(kills):
        time.sleep(chance.uniform(0, _MAX_LULL_SECONDS))
        part = chance.choice(PARTS)
        process = product.wait_for(part)
        os.kill(process, signal.SIGKILL)
        time.sleep(0.2)  # until the failure is noticed, everything can appear healthy
        seconds = product.wait_until_back(part, process)
        recoveries[part].append(seconds)
        print(f"killed {part:12} ready again after {seconds:5.1f} s", flush=True)
    return recoveries


def _count(product: Product, load: Load) -> list[str]:
    """Return a sentence for each item that is lost, duplicated or left over."""
    with psycopg.connect(product.database.url(SUPERUSER), autocommit=True) as connection:
        faults = _jobs_left(connection)
        notes = Counter(note for (note,) in connection.execute("SELECT id FROM call_notes"))
        recorded = Counter(
            note
            for (note,) in connection.execute("SELECT resource_id FROM audit_logs WHERE action = 'call_note.created'")
        )
        saved = {note for writer in load.writers for note in writer.saved}
        tried = {note for writer in load.writers for note in writer.tried}
        faults += [f"the note {note} is lost" for note in saved - notes.keys()]
        faults += [f"the note {note} came from nowhere" for note in notes.keys() - tried]
        faults += [
            f"the note {note} stands {recorded[note]} times in the trail" for note in notes if recorded[note] != 1
        ]
        rows: dict[str, int] = dict(connection.execute("SELECT topic, count(*) FROM calls GROUP BY topic").fetchall())
        states: dict[UUID, str] = dict(connection.execute("SELECT id, status FROM imports").fetchall())
    asked = load.uploader.asked
    faults += [f"the import {one} is {states.get(one, 'lost')}" for one in asked if states.get(one) != "completed"]
    for one in asked | load.uploader.unknown:
        wanted = ROWS_OF_AN_IMPORT if one in states else 0
        if rows.get(str(one), 0) != wanted:
            faults.append(f"the import {one} has {rows.get(str(one), 0)} rows, not {wanted}")
    return faults


def _jobs_left(connection: psycopg.Connection) -> list[str]:
    """Wait until every import job has ended, and describe those that are unfinished at the deadline."""
    deadline = time.monotonic() + _JOBS_SECONDS
    unfinished = (
        "SELECT name, status, tries, next_try_at, error FROM jobs WHERE name = 'imports.run' AND status <> 'done'"
    )
    while (left := connection.execute(unfinished).fetchall()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return [
        f"a job ({name}) is {status} after {tries} tries, the next at {at}: {error}"
        for name, status, tries, at, error in left
    ]


def _report(recoveries: Mapping[str, Sequence[float]], load: Load, faults: Sequence[str]) -> None:
    print("\n| killed | times | ready again after: median | longest |\n|---|---|---|---|")
    for part, seconds in sorted(recoveries.items()):
        print(f"| {part} | {len(seconds)} | {median(seconds):.1f} s | {max(seconds):.1f} s |")
    visitors = (*load.readers, *load.writers)
    statuses: Counter[int] = sum((one.statuses for one in visitors), Counter())
    answers = ", ".join(f"{status or 'no answer'}: {number}" for status, number in sorted(statuses.items()))
    print(f"\nRequests: {answers}; the slowest {max(one.slowest for one in visitors):.1f} s.")
    saved = sum(len(one.saved) for one in load.writers)
    tried = sum(len(one.tried) for one in load.writers)
    print(f"Notes confirmed: {saved} of {tried}.")
    print(f"Imports asked for: {len(load.uploader.asked)}, unknown: {len(load.uploader.unknown)}.")
    print("\n".join(faults) or "Nothing lost, nothing doubled, nothing left.")


if __name__ == "__main__":
    main()
