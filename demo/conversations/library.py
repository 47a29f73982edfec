"""All scripts by name, loaded on first use."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from demo.conversations.script import Scenario
from demo.conversations.script_files import read_scripts

_FOLDER = Path(__file__).parent / "data"


@cache
def scenarios() -> Mapping[str, Scenario]:
    """Return every scenario by its name. Raises ScriptError."""
    return {scenario.name: scenario for some in _by_file().values() for scenario in some}


def scenarios_of(file: str) -> tuple[Scenario, ...]:
    """Return the scenarios of one file, named without `.toml`."""
    return _by_file()[file]


@cache
def _by_file() -> dict[str, tuple[Scenario, ...]]:
    return read_scripts(_FOLDER)
