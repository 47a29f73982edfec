"""docs/howto/add-a-column.md, done in a copy of the project: it takes what it says, and does what it promises."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from app.config import PROJECT_ROOT
from tests.support.howto import apply_all, blocks_of, copy_project

DOCUMENT = PROJECT_ROOT / "docs" / "howto" / "add-a-column.md"
MAX_FILES, MAX_LINES = 8, 60
#: What the column does, and what the test of the CSV says once its lines are added.
PROVED_BY = ("tests/work/calls/test_caller_mood.py", "tests/work/calls/test_csv.py")


def test_a_column_takes_few_files_and_lines() -> None:
    code = [block for block in blocks_of(DOCUMENT) if not block.path.startswith("migrations/")]

    assert len({block.path for block in code}) <= MAX_FILES
    assert sum(len(block.added) for block in code) <= MAX_LINES


def test_a_column_that_is_added_so_appears_everywhere(tmp_path: Path) -> None:
    copy = copy_project(tmp_path / "project")
    apply_all(blocks_of(DOCUMENT), copy)
    shutil.copy(PROJECT_ROOT / "tests" / "howto" / "caller_mood.py", copy / PROVED_BY[0])
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'run'}", *PROVED_BY],
        cwd=copy,
        env=alone,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-50000:]
