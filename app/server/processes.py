"""The processes that make up the product."""

import shutil
import sys
from pathlib import Path

from app.instruments import FOLDER
from app.server.supervisor import Program

#: A quarter of a processor that somebody else wants, too.
_NICENESS = 5


def web_server(var_dir: Path, port: int) -> Program:
    """The web server: as many processes as the settings say, each answering several requests at a time.

    They keep their numbers where each of them can read those of all, in a folder below `var_dir` that begins empty.
    It stands in the environment, because the library asks for it when it is loaded. Raises OSError.
    """
    numbers = var_dir / "metrics" / str(port)
    shutil.rmtree(numbers, ignore_errors=True)
    numbers.mkdir(parents=True)
    command = [sys.executable, "-m", "app.server.web", "--port", str(port)]
    return Program("web server", command, {FOLDER: str(numbers)})


def worker() -> Program:
    """The process that works off the job queue, and leaves the processors to the web server where both need them."""
    return Program("worker", ["nice", "-n", str(_NICENESS), *flask_command("worker")])


def flask_command(*arguments: str) -> list[str]:
    """A command of the product, as a process of its own."""
    return [sys.executable, "-m", "flask", *arguments]
