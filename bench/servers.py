"""The product's web server and the minimal page on a similar one, as processes whose CPU time is measured."""

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from granian.server.mp import MPServer

from app.config import PROJECT_ROOT, Settings
from app.instruments import SHARED_BY
from app.server.gateway import Gateway
from app.server.ports import free_port
from app.server.web import WebServer
from bench.bare import BareSite
from bench.visitor import HOST

PROCESSES = 2
_FIRST_PORT = 8400
_START_SECONDS = 60.0

# Forked, so that it has the objects the bench has created.
_processes = multiprocessing.get_context("fork")


@dataclass(frozen=True, slots=True)
class Server:
    """A running web server: its process and port."""

    process: int
    port: int

    def cpu(self) -> float:
        """Return the CPU milliseconds of the server and its children so far."""
        return sum(worked(process) for process in (self.process, *_children(self.process)))


@contextmanager
def product(settings: Settings) -> Iterator[Server]:
    """Run the product's web server as `flask serve` does, but without rate limits."""
    values = settings.model_dump(exclude_none=True, exclude_defaults=True)
    port = free_port(HOST, _FIRST_PORT)
    environment = {
        **os.environ,
        **{name.upper(): _text(value) for name, value in values.items()},
        "WEB_PROCESSES": str(PROCESSES),
        "RATE_LIMITS_ENABLED": "0",
        SHARED_BY: str(PROCESSES),
    }
    log = settings.var_dir / "web.log"
    with log.open("w") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.server.web", "--port", str(port)],
            cwd=PROJECT_ROOT, env=environment, stdout=written, stderr=written,
        )  # fmt: skip
    try:
        _wait_for(port, "/login", log)
        yield Server(process.pid, port)
    finally:
        process.terminate()
        process.wait()


@contextmanager
def bare(settings: Settings, site: BareSite) -> Iterator[Server]:
    """Run the minimal pages on the same kind of server, with as many processes and threads."""
    port = free_port(HOST, _FIRST_PORT + 50)
    own = settings.model_copy(update={"web_processes": PROCESSES})
    process = _processes.Process(target=_serve, args=(own, port, site))
    process.start()
    try:
        _wait_for(port, "/", settings.var_dir)
        yield Server(process.pid or 0, port)
    finally:
        process.terminate()
        process.join()


class _BareServer(WebServer):
    """Web server that ends immediately.

    A graceful stop would also be announced to the process it was forked from.
    """

    def shutdown(self, exit_code: int = 0) -> None:
        MPServer.shutdown(self, exit_code)  # type: ignore[arg-type,no-untyped-call]  # granian annotates little


def _serve(settings: Settings, port: int, site: BareSite) -> None:
    multiprocessing.set_start_method("fork", force=True)
    _BareServer(settings, port).serve(target_loader=partial(_load, settings, site), wrap_loader=False)


def _load(settings: Settings, site: BareSite) -> Gateway:
    return Gateway(
        site,
        threads=settings.web_threads,
        request_seconds=settings.request_seconds,
        unread_seconds=settings.unread_seconds,
    )


def _wait_for(port: int, path: str, log: Path) -> None:
    ends = time.monotonic() + _START_SECONDS
    while not _answers(port, path):
        if time.monotonic() > ends:
            raise SystemExit(f"No web server came up; see {log}.")
        time.sleep(0.1)


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _text(value: object) -> str:
    reveal = getattr(value, "get_secret_value", None)
    return str(reveal() if reveal else value)


def _children(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def worked(process: int) -> float:
    """Return the CPU milliseconds of a process so far.

    The first number of a thread's schedstat is its run time in nanoseconds.
    """
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1_000_000
