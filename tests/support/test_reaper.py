"""Cleanup after a killed test run, which leaves no process behind."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.config import PROJECT_ROOT
from app.db.embedded import EmbeddedServer
from tests.support.reaper import reap_after

#: Starts a database server and a program that ignores SIGQUIT, as tests do, prints its pid, and waits to be killed.
_RUN = """
import os, signal, subprocess, sys, time
from pathlib import Path
from app.db.embedded import EmbeddedServer
from tests.support.reaper import reap_after
folder = Path(sys.argv[1])
reap_after(os.getpid(), folder)
stubborn = "import signal, time; signal.signal(signal.SIGQUIT, signal.SIG_IGN); time.sleep(600)"
with EmbeddedServer(folder / "postgres", durable=False).running():
    program = subprocess.Popen([sys.executable, "-c", stubborn], env={"VAR_DIR": str(folder / "var")})
    print(program.pid, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run = tmp_path / "run"
    run.mkdir()
    return run


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_servers_and_programs_of_a_killed_run_end(folder: Path, how: signal.Signals) -> None:
    run = subprocess.Popen([sys.executable, "-c", _RUN, str(folder)], cwd=PROJECT_ROOT, stdout=subprocess.PIPE)
    assert run.stdout is not None
    program = int(run.stdout.readline())
    server = EmbeddedServer(folder / "postgres", durable=False)
    assert server.is_running()

    run.send_signal(how)
    run.wait()
    run.stdout.close()

    assert eventually(lambda: not server.is_running())
    assert eventually(lambda: has_ended(program))


def test_what_works_elsewhere_is_left_alone(folder: Path, tmp_path: Path) -> None:
    beside = tmp_path / "run-beside"
    sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
    # A folder with the same prefix, and a path that is only in the command line, as an editor has it.
    others = [
        subprocess.Popen(sleeper, env={"VAR_DIR": f"{beside}/var"}),
        subprocess.Popen([*sleeper, f"{folder}/log"], env={}),
    ]
    own = subprocess.Popen(sleeper, env={"VAR_DIR": f"{folder}/var"})
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    try:
        reap_after(ended.pid, folder)

        assert own.wait(timeout=60) in (-signal.SIGQUIT, -signal.SIGKILL)
        assert [other.poll() for other in others] == [None, None]
    finally:
        for process in (own, *others):
            process.kill()
            process.wait()


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 60
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()


def has_ended(process: int) -> bool:
    """Return whether the process is gone or a zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except FileNotFoundError:
        return True
