"""End-to-end test of `make run`, from an empty folder to a sign-in page and a complete stop."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from app.config import PROJECT_ROOT
from app.db.embedded import EmbeddedServer
from app.server.ports import free_port

ADDRESS = re.compile(r"running at (http://\S+)")
SIGN_IN = re.compile(r"^  (\w+) +(\S+@\S+) +\S+", re.MULTILINE)
#: The option `--calls` of `flask demo load`, which otherwise loads a year of calls (`tests/demo/test_load.py`).
FEW_CALLS = {"FLASK_DEMO_LOAD_CALLS": "200"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A running `flask serve` that writes all its files to an empty folder."""
    inherited = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    settings = {"VAR_DIR": str(tmp_path / "var"), "PORT": str(free_port("127.0.0.1", 8100))}
    with subprocess.Popen(
        [sys.executable, "-m", "flask", "serve"],
        cwd=PROJECT_ROOT,
        env={**inherited, **FEW_CALLS, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield process
        if process.poll() is None:
            process.terminate()


def test_it_ends_at_a_page_to_sign_in_to_and_leaves_nothing_running(
    server: subprocess.Popen[str], tmp_path: Path
) -> None:
    said = read_until(server, "Ctrl-C stops it.")
    address = ADDRESS.search(said)
    assert address is not None, said
    assert {role for role, _email in SIGN_IN.findall(said)} >= {"owner", "admin", "manager", "csr"}
    with urlopen(f"{address[1]}/login") as page:  # noqa: S310 - the server's own address
        assert b'name="password"' in page.read()

    server.send_signal(signal.SIGINT)
    assert server.wait(timeout=60) == 0
    assert not EmbeddedServer(tmp_path / "var" / "postgres").is_running()
    with pytest.raises(URLError):
        urlopen(f"{address[1]}/login")  # noqa: S310


def read_until(server: subprocess.Popen[str], wanted: str) -> str:
    """Return the server's output up to the line with `wanted`, or up to its end."""
    assert server.stdout is not None
    said = ""
    while wanted not in said and (line := server.stdout.readline()):
        said += line
    return said
