"""A column that a resource declares as imported is accepted in each kind of file, without any change to an import."""

import os
import subprocess
import sys
from pathlib import Path

from app.config import PROJECT_ROOT

HERE = Path(__file__).parent.relative_to(PROJECT_ROOT)
PLUGIN = "tests.data.imports.extra_fields_declared"


def test_one_more_field_needs_no_change_of_any_import(tmp_path: Path) -> None:
    """Tests of additional fields pass in a process that declares them before it builds the imports."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    pytest = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", PLUGIN)
    command = (*pytest, f"--basetemp={tmp_path / 'run'}", str(HERE / "extra_fields.py"))

    done = subprocess.run(command, cwd=PROJECT_ROOT, env=alone, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-50_000:] + done.stderr[-5_000:]
