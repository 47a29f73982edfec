"""Definitions of the product's processes: the web server and the worker."""

import shutil
import sys
from pathlib import Path

from app.instruments import FOLDER
from app.server.supervisor import Program

#: About a quarter of a contended CPU.
_NICENESS = 5


def web_server(var_dir: Path, port: int) -> Program:
    """Return the web server program: several processes as configured, each handling several requests at a time.

    They store their metrics in a folder below `var_dir`, emptied at the start, where each process can read those of
    all. The folder is set in the environment, because the library reads it when it is imported. Raises OSError.
    """
    numbers = var_dir / "metrics" / str(port)
    shutil.rmtree(numbers, ignore_errors=True)
    numbers.mkdir(parents=True)
    command = [sys.executable, "-m", "app.server.web", "--port", str(port)]
    return Program("web server", command, {FOLDER: str(numbers)})


def worker() -> Program:
    """Return the worker, which runs the job queue and yields the CPU to the web server when both need it."""
    return Program("worker", ["nice", "-n", str(_NICENESS), *flask_command("worker")])


def flask_command(*arguments: str) -> list[str]:
    """Return the command line of a `flask` command run as a separate process."""
    return [sys.executable, "-m", "flask", *arguments]
