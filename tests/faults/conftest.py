"""A separate web server on the test's database, started as by `make run`, and ways to make its database fail."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import Engine, text

from app.config import PROJECT_ROOT, Settings
from app.models import User
from app.server.ports import claimed_port
from app.server.processes import web_server
from tests.support.client import Client

HOST = "127.0.0.1"
PATIENCE_SECONDS = 120.0
#: The web server without private memory, so that tests can count its open files whoever runs them.
_OPEN_TO_TESTS = (
    "-c",
    "from app.server import memory; memory.keep_memory_private = int; from app.server.web import main; main()",
)


class WebServer:
    """The server's process and its port."""

    def __init__(self, port: int, environment: dict[str, str], log: IO[bytes] | None = None) -> None:
        self.port = port
        program = web_server(port, int(environment.get("WEB_PROCESSES", "1")))
        told = {**environment, **program.environment}
        python, _option, _module, *arguments = program.command
        self.process = subprocess.Popen([python, *_OPEN_TO_TESTS, *arguments], cwd=PROJECT_ROOT, env=told, stderr=log)

    def text(self, path: str, headers: dict[str, str]) -> str:
        """Return the body of a response."""
        connection = HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", path, headers=headers)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def ask(self, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> tuple[int, dict[str, str]]:
        """Return the status and headers of a response; raise OSError or HTTPException if there is none."""
        connection = HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            response.read()
            return response.status, {name.lower(): value for name, value in response.getheaders()}
        finally:
            connection.close()

    def kept_connection(self) -> HTTPConnection:
        """Return a connection that has had a response and stays open for another request."""
        connection = HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)
        connection.request("GET", "/health/lb")
        connection.getresponse().read()
        return connection

    def is_up(self) -> bool:
        """Return whether the server answers a load balancer."""
        try:
            return self.ask("/health/lb")[0] == 200
        except (OSError, HTTPException):
            return False

    def is_running(self) -> bool:
        """Return whether the process has not ended."""
        return self.process.poll() is None

    def stop(self) -> int:
        """Send SIGTERM and return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)


@contextmanager
def web_servers(settings: Settings, var_dir: Path, log: IO[bytes] | None = None) -> Iterator[Callable[..., WebServer]]:
    """Yield a function that starts web servers, whose logs are appended to `log`; they are killed at the end.

    `start(web_processes=2)` returns when the server is up.
    """
    secrets = {name.upper(): value.get_secret_value() for name, value in settings if isinstance(value, SecretStr)}
    common = {"PATH": os.environ["PATH"], "ENVIRONMENT": "test", "VAR_DIR": str(var_dir), **secrets}
    started: list[WebServer] = []

    def start(**changes: object) -> WebServer:
        environment = {**common, **{name.upper(): str(value) for name, value in changes.items()}}
        # Other tests start servers at the same time.
        started.append(WebServer(ports.enter_context(claimed_port(HOST, 8200)), environment, log))
        server = started[-1]
        wait_until(lambda: server.is_up() or not server.is_running())
        assert server.is_running(), "the server did not start"
        return server

    with ExitStack() as ports:
        yield start
        for server in started:
            server.process.kill()
            server.process.wait()


@pytest.fixture
def serve(app: Flask, tmp_path: Path) -> Iterator[Callable[..., WebServer]]:
    """A function that starts web servers, as `web_servers` does."""
    with web_servers(app.config["SETTINGS"], tmp_path) as start:
        yield start


@pytest.fixture
def cookie_of(app: Flask) -> Callable[[User], dict[str, str]]:
    """A function that signs a user in and returns the headers that their browser sends."""

    def sign_in(user: User) -> dict[str, str]:
        client = Client(app).sign_in(user)
        return {"Cookie": f"switchboard_session={client.cookie('switchboard_session')}"}

    return sign_in


@contextmanager
def calls_locked(engine: Engine) -> Iterator[None]:
    """Make every page with calls wait inside the block."""
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE calls IN ACCESS EXCLUSIVE MODE"))
        yield


def wait_until(happened: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    """Poll until the condition is true; fail if that takes longer than the given time."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
