"""The product, started with `flask serve` in a folder of its own, and its processes."""

import os
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from app.config import PROJECT_ROOT
from app.db.embedded import EmbeddedServer
from app.server.ports import free_port
from app.server.processes import flask_command

HOST = "127.0.0.1"
RECOVERY_SECONDS = 120.0
_LAST_WORDS_OF_START = "Ctrl-C stops it."
#: Characters of the log shown in an error.
_LAST_WORDS = 4000
PARTS = ("web server", "web process", "worker", "database")


class Product:
    """The product in a folder of its own, and the process IDs of its parts."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port(HOST, 8300)
        self.address = f"http://{HOST}:{self.port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.endswith("_URL")},
            "VAR_DIR": str(folder),
            "PORT": str(self.port),
            "WEB_PROCESSES": "2",
            "RATE_LIMITS_ENABLED": "0",
            "FLASK_APP": "wsgi",
        }
        self.database = EmbeddedServer(folder / "postgres")
        self._log = folder / "serve.log"
        self._process: subprocess.Popen[bytes]

    def command(self, *arguments: str, words: str = "") -> str:
        """Run a `flask` command and return its output."""
        done = subprocess.run(
            flask_command(*arguments), cwd=PROJECT_ROOT, env=self.environment, input=words, text=True, check=True,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        return done.stdout

    def start(self) -> None:
        """Start everything and wait until it is ready. Raises TimeoutError."""
        command = flask_command("serve")
        with self._log.open("w") as log:
            self._process = subprocess.Popen(command, cwd=PROJECT_ROOT, env=self.environment, stdout=log, stderr=log)
        self._within(RECOVERY_SECONDS, lambda: _LAST_WORDS_OF_START in self._log.read_text())
        self.wait_until_ready()

    def stop(self) -> int:
        """Send SIGTERM and return the exit code."""
        self._process.terminate()
        return self._process.wait(RECOVERY_SECONDS)

    def is_running(self) -> bool:
        """Return whether its supervisor is running."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill its supervisor, as a machine short of memory would."""
        self._process.kill()
        self._process.wait()

    def wait_until_ready(self) -> float:
        """Wait until `/health/ready` is 200 and return the seconds. Raises TimeoutError."""
        return self._within(RECOVERY_SECONDS, self._is_ready)

    def wait_for(self, victim: str) -> int:
        """Wait for a part and return its process ID. Raises TimeoutError."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        while (process := self.process_of(victim)) is None:
            if time.monotonic() > deadline:
                raise TimeoutError(f"There is no {victim} after {RECOVERY_SECONDS:.0f} s.")
            time.sleep(0.05)
        return process

    def wait_until_back(self, victim: str, killed: int) -> float:
        """Wait until a killed part is replaced and `/health/ready` is 200, and return the seconds.

        Raises TimeoutError.
        """

        def is_back() -> bool:
            return self.process_of(victim) not in {None, killed} and self._is_ready()

        return self._within(RECOVERY_SECONDS, is_back)

    def process_of(self, victim: str) -> int | None:
        """Return the process ID of one part, or None if it is not running."""
        if victim == "database":
            return _first_number(self.database.data / "postmaster.pid")
        parts = {_command_of(child): child for child in _children(self._process.pid)}
        server = next((child for command, child in parts.items() if "app.server.web" in command), None)
        if victim == "web server" or server is None:
            return server
        if victim == "web process":
            return next(iter(_children(server)), None)
        return next((child for command, child in parts.items() if "worker" in command), None)

    def _within(self, seconds: float, happened: Callable[[], bool]) -> float:
        """Wait until `happened` returns true, and return the seconds that took.

        Raises TimeoutError, with the end of the product's log, after `seconds`.
        """
        began = time.monotonic()
        while not happened():
            if time.monotonic() - began > seconds:
                said = self._log.read_text(errors="replace")[-_LAST_WORDS:]
                raise TimeoutError(f"The product did not come up within {seconds:.0f} s. Its log ends:\n{said}")
            time.sleep(0.05)
        return time.monotonic() - began

    def _is_ready(self) -> bool:
        connection = HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def _children(process: int) -> list[int]:
    """Return the running children of `process`; none if it has ended."""
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def _command_of(process: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    return ""


def _first_number(file: Path) -> int | None:
    with suppress(OSError, ValueError):
        return int(file.read_text().split("\n", 1)[0])
    return None
