"""All scripts, found by name. They are read when the first is asked for."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from demo.conversations.script import Scenario
from demo.conversations.script_files import read_scripts

_FOLDER = Path(__file__).parent / "data"


@cache
def scenarios() -> Mapping[str, Scenario]:
    """Every scenario by its name. Raises ScriptError."""
    return {scenario.name: scenario for some in _by_file().values() for scenario in some}


def scenarios_of(file: str) -> tuple[Scenario, ...]:
    """Those of one file, named without `.toml`."""
    return _by_file()[file]


@cache
def _by_file() -> dict[str, tuple[Scenario, ...]]:
    return read_scripts(_FOLDER)
