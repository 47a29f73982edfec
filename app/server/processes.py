"""The processes that make up the product."""

import sys

from app.config import Settings
from app.server.supervisor import Program

# What runs when the server is told to stop may take its 30 s.
_KILL_AFTER_SECONDS = 35


def web_server(settings: Settings, port: int) -> Program:
    """The web server: as many processes as the settings say, each answering several requests at a time."""
    options = {
        "--interface": "wsgi",
        "--host": settings.host,
        "--port": port,
        "--workers": settings.web_processes,
        "--blocking-threads": settings.web_threads,
        # Requests that wait for a thread; beyond them the kernel's queue holds the connections.
        "--backpressure": 64,
        "--workers-kill-timeout": _KILL_AFTER_SECONDS,
        "--log-level": "error",  # it warns of more threads than cores; ours wait for the database most of the time
    }
    arguments = [str(part) for option in options.items() for part in option]
    command = [sys.executable, "-m", "granian", *arguments, "--respawn-failed-workers", "--no-ws", "wsgi:app"]
    return Program("web server", command)


def worker() -> Program:
    """The process that works off the job queue."""
    return Program("worker", flask_command("worker"))


def flask_command(*arguments: str) -> list[str]:
    """A command of the product, as a process of its own."""
    return [sys.executable, "-m", "flask", *arguments]
