"""The processes that make up the product."""

import sys

from app.server.supervisor import Program


def web_server(port: int) -> Program:
    """The web server: as many processes as the settings say, each answering several requests at a time."""
    return Program("web server", [sys.executable, "-m", "app.server.web", "--port", str(port)])


def worker() -> Program:
    """The process that works off the job queue."""
    return Program("worker", flask_command("worker"))


def flask_command(*arguments: str) -> list[str]:
    """A command of the product, as a process of its own."""
    return [sys.executable, "-m", "flask", *arguments]
