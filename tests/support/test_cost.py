"""Measurement of a command's cost, including processes that have detached from it."""

import re
import subprocess
import sys

_WORKS = "import time\nwhile time.process_time() < 0.5: pass"


def test_a_process_that_outlives_its_starter_counts() -> None:
    leaving = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {_WORKS!r}]); sys.exit(3)"
    command = [sys.executable, "-m", "tests.support.cost", sys.executable, "-c", leaving]
    measured = subprocess.run(command, capture_output=True, text=True, check=False)

    assert measured.returncode == 3
    figures = re.fullmatch(r"([\d.]+) s, ([\d.]+) s of CPU\n", measured.stderr)
    assert figures is not None, measured.stderr
    assert float(figures[2]) >= 0.5
