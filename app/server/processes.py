"""Definitions of the product's processes: the web server and the worker."""

import sys

from app.instruments import SHARED_BY
from app.server.supervisor import Program

#: About a quarter of a contended CPU.
_NICENESS = 5


def web_server(port: int, processes: int) -> Program:
    """Return the web server program: `processes` as configured, each handling several requests at a time.

    That they share their metrics is set in the environment, because it is decided when the metrics are imported.
    """
    command = [sys.executable, "-m", "app.server.web", "--port", str(port)]
    return Program("web server", command, {SHARED_BY: str(processes)})


def worker() -> Program:
    """Return the worker, which runs the job queue and yields the CPU to the web server when both need it."""
    return Program("worker", ["nice", "-n", str(_NICENESS), *flask_command("worker")])


def flask_command(*arguments: str) -> list[str]:
    """Return the command line of a `flask` command run as a separate process."""
    return [sys.executable, "-m", "flask", *arguments]
