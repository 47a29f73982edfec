"""Shared results, which the processes of a run create only once."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.config import PROJECT_ROOT
from tests.support.shared import made_once

#: Program that records each creation, takes some time, and prints the result.
_MAKER = """
import sys, time
from pathlib import Path
from tests.support.shared import made_once
def make():
    with (Path(sys.argv[1]) / "made").open("a") as made:
        made.write("once ")
    time.sleep(0.5)
    return {"answer": 42}
print(made_once(Path(sys.argv[1]) / "thing", make))
"""


def test_of_processes_that_start_together_one_makes_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _MAKER, str(tmp_path)]
    processes = [subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]

    assert {process.communicate()[0].strip() for process in processes} == {"{'answer': 42}"}
    assert (tmp_path / "made").read_text() == "once "


def test_what_fails_is_made_by_the_next(tmp_path: Path) -> None:
    def fail() -> int:
        raise LookupError

    with pytest.raises(LookupError):
        made_once(tmp_path / "thing", fail)

    assert made_once(tmp_path / "thing", lambda: 42) == 42
    assert made_once(tmp_path / "thing", fail) == 42
