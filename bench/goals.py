"""Goals of the bench and its last figures, in `bench/goals.toml`."""

import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.config import PROJECT_ROOT

_FILE = PROJECT_ROOT / "bench" / "goals.toml"
_TOLERATED = 1.15


class Goal(StrEnum):
    """Goal for each kind of figure, such as `<= 1.5`."""

    LIST = "<= 2"
    TRAIL = "<= 2.5"
    BOARD = "<= 3"
    DETAIL = "<= 5"
    DASHBOARD = "<= 1"
    EMPTY = "<= 0.8"
    FILE = "<= 1.3"
    FIRST_BYTE = "<= 0.1"
    MEGABYTES = "<= 10"
    WRITERS = ">= 0.8"
    CLIENTS = ">= 0.4"
    API_LIST = "<= 2.5"
    API_RECORD = "<= 5"
    API_WRITE = "<= 3"
    API_PAGE = "<= 0.8"
    API_KEY = "<= 1.2"
    GROWTH = "<= 1.1"

    def is_met(self, figure: float) -> bool:
        """Return whether `figure` meets the goal."""
        way, _space, wanted = self.partition(" ")
        return figure <= float(wanted) if way == "<=" else figure >= float(wanted)

    def is_worse(self, figure: float, last: float) -> bool:
        """Return whether `figure` is worse than the last by more than random variation."""
        return figure > last * _TOLERATED if self.startswith("<=") else figure * _TOLERATED < last


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of this run, and those of the last stored run."""

    last: dict[str, float] = field(default_factory=lambda: {name: one["last"] for name, one in _kept().items()})
    found: dict[str, tuple[float, Goal]] = field(default_factory=dict)

    def add(self, name: str, figure: float, goal: Goal) -> None:
        """Add a figure by name, to be compared with `goal`."""
        self.found[name] = (figure, goal)

    def worse(self) -> list[str]:
        """Return a sentence for each figure that is worse than before."""
        return [
            f"{name}: {figure:.2f}, it was {self.last[name]:.2f}"
            for name, (figure, goal) in self.found.items()
            if name in self.last and goal.is_worse(figure, self.last[name])
        ]

    def missed(self) -> list[str]:
        """Return a sentence for each missed goal."""
        return [
            f"{name}: {figure:.2f}, wanted is {goal}"
            for name, (figure, goal) in self.found.items()
            if not goal.is_met(figure)
        ]

    def keep(self) -> None:
        """Store this run's figures in place of the last ones; figures that were not measured are kept."""
        lines = [line for line in _FILE.read_text().splitlines() if line.startswith("#")]
        known = {name: (one["goal"], one["last"]) for name, one in _kept().items()}
        found = {name: (goal, figure) for name, (figure, goal) in self.found.items()}
        for name, (goal, figure) in {**known, **found}.items():
            lines.append(f'"{name}" = {{ goal = "{goal}", last = {figure:.2f} }}')
        _FILE.write_text("\n".join(lines) + "\n")


def _kept() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_FILE.read_text())
