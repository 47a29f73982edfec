"""The demonstration companies as generated, and the facts of one call."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest

from demo.companies import BRIGHTWATER, COMPANIES, Company
from demo.conversations.slots import Desk, Party, Times, Window, facts
from demo.generator import generate
from demo.office import Office
from demo.rows import Row
from tests.support.shared import made_once

NOW = datetime(2026, 11, 20, 20, 41, 8, tzinfo=UTC)  # a Friday afternoon in Austin
CHICAGO = ZoneInfo("America/Chicago")

R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class World:
    """The rows of one company by their class."""

    company: Company
    rows: dict[type[Any], list[Any]]

    def of(self, kind: type[R]) -> list[R]:
        """Return all rows of a class."""
        return self.rows[kind]


def grow(company: Company, seed: int = 7, calls: int | None = None) -> World:
    """Generate a company's rows up to `NOW`."""
    rows: dict[type[Any], list[Any]] = defaultdict(list)
    for row in generate(Office(company, seed, NOW), calls):
        rows[type(row)].append(row)
    return World(company, rows)


@pytest.fixture(scope="session")
def grown(run_folder: Path) -> Callable[[Company], World]:
    """Function that returns a company up to `NOW`, generated once per run and shared by its workers."""
    kept: dict[str, World] = {}

    def generated_or_read(company: Company) -> World:
        if company.slug not in kept:
            rows = made_once(run_folder / f"world-{company.slug}", lambda: grow(company).rows)
            kept[company.slug] = World(company, rows)
        return kept[company.slug]

    return generated_or_read


@pytest.fixture(scope="session", params=COMPANIES, ids=lambda company: company.slug)
def world(request: pytest.FixtureRequest, grown: Callable[[Company], World]) -> World:
    """The rows of each company in turn."""
    return grown(request.param)


@pytest.fixture(scope="session")
def brightwater(grown: Callable[[Company], World]) -> World:
    """The rows of the first company."""
    return grown(BRIGHTWATER)


@pytest.fixture
def call_facts() -> dict[str, str]:
    """The slot values of a call on a Thursday morning."""

    def window(day: int, hour: int) -> Window:
        return Window(datetime(2026, 11, day, hour, tzinfo=CHICAGO), datetime(2026, 11, day, hour + 2, tzinfo=CHICAGO))

    party = Party("Denise", "Aguilar", "4108 Elm St", "Austin", "78704", "+15125550131", "husband", known=False)
    desk = Desk("Maya", "Maya", "Brightwater", "$89", "Carl", "Luis", "76513", "heating and plumbing")
    at = datetime(2026, 11, 19, 10, 12, tzinfo=CHICAGO)
    times = Times(at, window(21, 8), window(20, 13), window(20, 15), datetime(2026, 11, 23, tzinfo=CHICAGO).date())
    return facts(party, desk, times, past_job="new furnace", need="no hot water")
