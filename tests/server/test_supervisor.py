"""The supervisor, which restarts programs, gives up on hopeless ones, and leaves none behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest

from app.config import PROJECT_ROOT
from app.server import supervisor
from app.server.supervisor import Program, ProgramFailed, supervise

# Writes "up" when it runs and "bye" when asked to stop, which takes half a second.
SLOW_GOODBYE = """
import pathlib, signal, sys, time
diary = pathlib.Path(sys.argv[1])
def leave(*_):
    time.sleep(0.5)
    diary.write_text(diary.read_text() + "bye")
    sys.exit()
signal.signal(signal.SIGTERM, leave)
diary.write_text("up ")
while True:
    time.sleep(0.1)
"""
# Writes the process id of a child that outlives it, and dies without having asked it to stop.
CHILD_THEN_DEATH = """
import os, pathlib, signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
with pathlib.Path(sys.argv[1]).open("a") as diary:
    print(child.pid, file=diary)
os.kill(os.getpid(), signal.SIGKILL)
"""
DRIVER = """
import sys
from app.server.supervisor import Program, exit_on_stop_signals, supervise
exit_on_stop_signals()
supervise([Program("sleeper", [sys.executable, "-c", sys.argv[1], sys.argv[2]])], announce=lambda: True, say=print)
"""


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    return tmp_path / "diary"


@pytest.mark.parametrize("number", supervisor.STOP_SIGNALS)
def test_a_stop_signal_lets_every_program_finish_and_is_no_failure(diary: Path, number: signal.Signals) -> None:
    driver = started_driver(diary)
    driver.send_signal(number)
    assert driver.wait(timeout=20) == 0
    assert diary.read_text() == "up bye"


def test_a_second_signal_is_ignored(diary: Path) -> None:
    driver = started_driver(diary)
    for _ in range(3):
        driver.send_signal(signal.SIGINT)
        time.sleep(0.1)
    assert driver.wait(timeout=20) == 0
    assert diary.read_text() == "up bye"


def test_a_program_that_ends_at_once_stops_everything_with_its_name(diary: Path) -> None:
    programs = [python("steady", SLOW_GOODBYE, diary), python("hopeless", f"{until_up(diary)}; sys.exit(7)", diary)]
    with pytest.raises(ProgramFailed, match=r"hopeless .* exit code 7"):
        supervise(programs, announce=lambda: False, say=print)
    assert diary.read_text() == "up bye"


def test_a_program_that_keeps_dying_once_all_was_ready_is_tried_again_with_growing_pauses(diary: Path) -> None:
    diary.touch()
    said: list[str] = []

    def until_the_third_pause() -> None:
        if len(said) == 3:
            raise SystemExit

    mortal = python("mortal", "import sys; sys.exit(3)", diary)
    with pytest.raises(SystemExit):
        supervise([mortal], announce=lambda: True, say=said.append, look_after=until_the_third_pause)
    assert said == [
        "The mortal stopped with exit code 3. Restarting it in 1 s.",
        "The mortal stopped with exit code 3. Restarting it in 2 s.",
        "The mortal stopped with exit code 3. Restarting it in 4 s.",
        "Stopping.",
    ]


def test_a_killed_supervisor_takes_its_programs_with_it(diary: Path) -> None:
    driver = started_driver(diary)
    driver.kill()
    driver.wait()

    deadline = time.monotonic() + 10
    while diary.read_text() != "up bye":
        assert time.monotonic() < deadline, "the program goes on alone"
        time.sleep(0.05)


def test_a_program_that_dies_later_is_started_again(diary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_QUICK_DEATH_SECONDS", 0)
    diary.touch()
    mortal = python("mortal", "import sys; open(sys.argv[1], 'a').write('life '); sys.exit(3)", diary)
    said: list[str] = []

    def until_the_third_life() -> bool:
        if diary.read_text().count("life") >= 3:
            raise SystemExit
        return False

    with pytest.raises(SystemExit):
        supervise([mortal], announce=until_the_third_life, say=said.append)
    assert said[:2] == ["The mortal stopped with exit code 3. Restarting it."] * 2


def test_a_program_that_will_not_leave_is_ended(diary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.5)
    stubborn = python("stubborn", SLOW_GOODBYE.replace("leave)", "signal.SIG_IGN)"), diary)

    def once_it_is_up() -> bool:
        if diary.exists():
            raise SystemExit
        return False

    with pytest.raises(SystemExit):
        supervise([stubborn], announce=once_it_is_up, say=print)
    assert stubborn.died() == -signal.SIGKILL


def test_a_killed_program_leaves_no_child_behind(diary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_QUICK_DEATH_SECONDS", 0)
    diary.touch()
    parent = python("parent", CHILD_THEN_DEATH, diary)

    def until_the_third_life() -> bool:
        if len(diary.read_text().split()) >= 3:
            raise SystemExit
        return False

    with pytest.raises(SystemExit):
        supervise([parent], announce=until_the_third_life, say=print)
    for child in diary.read_text().split():
        wait_for_end_of(int(child))


def wait_for_end_of(process: int) -> None:
    deadline = time.monotonic() + 5
    while not has_ended(process):
        assert time.monotonic() < deadline, f"process {process} is still there"
        time.sleep(0.05)


def has_ended(process: int) -> bool:
    """Return whether the process is gone or a zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def started_driver(diary: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", dedent(DRIVER), SLOW_GOODBYE, str(diary)]
    # If the test run is killed, the driver is found by its folder and ended.
    driver = subprocess.Popen(command, cwd=PROJECT_ROOT, env={**os.environ, "VAR_DIR": f"{diary.parent}/"})
    deadline = time.monotonic() + 20
    while not (diary.exists() and diary.read_text()):
        assert time.monotonic() < deadline, "the program did not come up"
        time.sleep(0.05)
    return driver


def until_up(diary: Path) -> str:
    return f"import os, sys, time\nwhile not os.path.exists({str(diary)!r}): time.sleep(0.05)\ntime.sleep(0.2)\nNone"


def python(name: str, code: str, diary: Path) -> Program:
    return Program(name, [sys.executable, "-c", code, str(diary)])
