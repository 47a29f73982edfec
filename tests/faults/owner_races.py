"""Races between pairs of owners who remove each other, on a separate database.

    python -m tests.faults.owner_races --races 1000

All pairs of ways to remove an owner take turns (see `tests.support.owner_races`), and the outcomes are printed. The
exit code is 1 if a race didn't leave exactly one owner.
"""

import argparse
import sys
import time
from collections import Counter
from itertools import combinations_with_replacement, cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask
from sqlalchemy import Engine

from app.factory import create_app
from app.models import Role
from tests.support.database import worker_database
from tests.support.factories import Factories
from tests.support.owner_races import WAYS, count_owners
from tests.support.work import both_at_once


def race(app: Flask, make: Factories, engine: Engine, one: str, other: str) -> str:
    """Run one race and return its error codes, or "" if it didn't leave exactly one owner."""
    organization = make.organization()
    first, second = (make.user(organization, Role.OWNER) for _ in range(2))
    refused = both_at_once(app, organization.id, WAYS[one](second, first), WAYS[other](first, second))
    if count_owners(engine, organization.id) != 1:
        return ""
    return ", ".join(sorted(error.code for error in refused))


def run(races: int) -> Counter[str]:
    """Run this many races and count each outcome."""
    with TemporaryDirectory(prefix="owner_races") as folder, worker_database(Path(folder), "races") as database:
        app, engine = create_app(database.settings(Path(folder) / "var")), database.admin_engine()
        make = Factories(engine)
        pairs = islice(cycle(combinations_with_replacement(WAYS, 2)), races)
        return Counter(race(app, make, engine, *pair) for pair in pairs)


def main() -> int:
    """Run the races, print the outcomes and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--races", type=int, default=1000)
    races = parser.parse_args().races
    began = time.monotonic()
    outcomes = run(races)
    sys.stdout.write(f"{races} races in {time.monotonic() - began:.0f} s\n")
    for outcome, number in outcomes.most_common():
        sys.stdout.write(
            f"{number:6}  one owner left, the other was told {outcome}\n" if outcome else f"{number:6}  BROKEN\n"
        )
    return 1 if outcomes[""] else 0


if __name__ == "__main__":
    sys.exit(main())
