"""End-to-end test of `make run`, from an empty folder to a sign-in page and a complete stop."""

import importlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from errno import ENOSPC
from pathlib import Path
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from flask import Flask

from app.config import PROJECT_ROOT, Settings
from app.db.embedded import EmbeddedServer
from app.sandbox.runner import UNFILTERED
from app.server.ports import free_port

ADDRESS = re.compile(r"running at (http://\S+)")
SIGN_IN = re.compile(r"^  (\w+) +(\S+@\S+) +\S+", re.MULTILINE)
#: The option `--calls` of `flask demo load`, which otherwise loads a year of calls (`tests/demo/test_load.py`).
FEW_CALLS = {"FLASK_DEMO_LOAD_CALLS": "200"}
#: Root reads the memory of all processes unless it lacks these capabilities, as in a container.
UNPRIVILEGED = () if os.getuid() else ("setpriv", "--bounding-set=-sys_ptrace,-sys_admin,-perfmon")
#: Prints the processes whose environment another one can read, of which this shell is always one.
READ = 'for id in $$ "$@"; do cat "/proc/$id/environ" > /dev/null 2>&1 && echo "$id"; done'


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A running `flask serve` that writes all its files to an empty folder."""
    inherited = {name: value for name, value in os.environ.items() if not name.endswith("DATABASE_URL")}
    settings = {"VAR_DIR": str(tmp_path / "var"), "PORT": str(free_port("127.0.0.1", 8100))}
    with subprocess.Popen(
        [*UNPRIVILEGED, sys.executable, "-m", "flask", "serve"],
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
    assert_memory_is_private(server.pid)

    server.send_signal(signal.SIGINT)
    assert server.wait(timeout=60) == 0
    assert not EmbeddedServer(tmp_path / "var" / "postgres").is_running()
    with pytest.raises(URLError):
        urlopen(f"{address[1]}/login")  # noqa: S310


@pytest.mark.parametrize("is_filtered", [True, False])
def test_a_kernel_without_seccomp_is_told_of(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, is_filtered: bool
) -> None:
    serve = importlib.import_module("app.cli.serve")
    monkeypatch.setattr(serve, "answers", lambda *_address: True)
    monkeypatch.setattr(serve, "filters_system_calls", lambda: is_filtered)

    with app.app_context():
        assert serve._announcement(app.config["SETTINGS"], 8000, None)()
        assert (str(UNFILTERED) in capsys.readouterr().out) is not is_filtered


def test_a_full_disk_ends_nothing_that_the_supervisor_looks_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object) -> bool:
        tried.append(1)
        raise OSError(ENOSPC, "No space left on device")

    tried: list[int] = []
    serve = importlib.import_module("app.cli.serve")
    monkeypatch.setattr(EmbeddedServer, "bring_back", refuse)
    monkeypatch.setattr("click.echo", refuse)

    serve._care_of_database(Settings.from_env({"VAR_DIR": str(tmp_path)}))()
    assert len(tried) == 2


def assert_memory_is_private(supervisor: int) -> None:
    """Check that other processes of the account can read none of the product's; waits until all of them run."""
    deadline = monotonic() + 60
    while True:
        processes = [str(process) for process in with_descendants(supervisor)]
        shown = subprocess.run(
            [*UNPRIVILEGED, "sh", "-c", READ, "sh", *processes], stdout=subprocess.PIPE, text=True, check=False
        )
        shell, *readable = shown.stdout.split()
        assert shell not in processes
        if len(processes) >= 4 and not readable:  # supervisor, web server, web process, worker
            return
        assert monotonic() < deadline, (processes, readable)
        sleep(0.2)


def with_descendants(process: int) -> list[int]:
    found = [process]
    with suppress(FileNotFoundError):  # it has ended since
        for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
            found += with_descendants(int(child))
    return found


def read_until(server: subprocess.Popen[str], wanted: str) -> str:
    """Return the server's output up to the line with `wanted`, or up to its end."""
    assert server.stdout is not None
    said = ""
    while wanted not in said and (line := server.stdout.readline()):
        said += line
    return said
