"""Test runs in a copy, with a time limit and without processes left behind."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.planted.copies import Copy

#: How long a failed run can take to report the reason before it is killed.
_SECONDS_TO_REPORT = 20
_SECONDS_TO_DIE = 10
_POLL_SECONDS = 0.25
#: A verbose line of pytest-xdist, and a line of the summary, which gives the reason.
_RESULT = re.compile(r"^\[gw\d+\] \[ *\d+%\] (?:FAILED|ERROR) (?P<test>tests/.+?) *$", re.MULTILINE)
_SUMMARY = re.compile(r"^(?:FAILED|ERROR) (?P<test>tests/.+?)(?: - (?P<reason>.*))?$", re.MULTILINE)
_COLLECTED = re.compile(r"^tests/\S+\.py::.+$", re.MULTILINE)
#: Exit statuses of pytest after it ran tests: all passed, some failed, none were selected.
_RAN = frozenset({0, 1, 5})


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a test run; `failed` maps the node IDs of failed tests to pytest's reasons, if any.

    With `is_cut_short`, the time was up before all tests had run. With `is_broken`, pytest itself failed to run them,
    and `output` ends with its error.
    """

    failed: dict[str, str]
    is_cut_short: bool
    is_broken: bool
    output: str


def collect(copy: Copy, paths: Sequence[str], seconds: float = 600) -> list[str]:
    """Return the node IDs of all tests in the files `paths` of the copy.

    Raises RuntimeError if pytest can't collect them.
    """
    outcome = _pytest(copy, ["--collect-only", "-q", "-p", "no:xdist", *paths], seconds, stop_at_first=False)
    if outcome.is_broken or outcome.is_cut_short:
        raise RuntimeError(f"The tests cannot be collected:\n{outcome.output[-3000:]}")
    return _COLLECTED.findall(outcome.output)


def run(
    copy: Copy,
    tests: Sequence[str],
    seconds: float,
    *,
    workers: int,
    stop_at_first: bool = True,
    without: Collection[str] = (),
) -> Outcome:
    """Run `tests` except those in `without`, for at most this many seconds."""
    options = ["-v", "-n", str(workers), *(["-x"] if stop_at_first else [])]
    left_out = [f"--deselect={test}" for test in sorted(without)]
    return _pytest(copy, [*options, *left_out, *tests], seconds, stop_at_first=stop_at_first)


def _pytest(copy: Copy, arguments: Sequence[str], seconds: float, *, stop_at_first: bool) -> Outcome:
    deadline = time.monotonic() + seconds
    with TemporaryDirectory(dir=copy.temporary, ignore_cleanup_errors=True) as folder:
        base, written = Path(folder), Path(folder) / "output"
        command = [str(copy.python), "-m", "pytest", "-p", "no:cacheprovider", f"--basetemp={base / 'run'}", *arguments]
        with written.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=copy.root,
                env=_environment(base),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            is_cut_short = not _wait(process, written, deadline, stop_at_first=stop_at_first)
        finally:
            _end(process, base)
        text = written.read_text(errors="replace")
    failed = {found["test"]: "" for found in _RESULT.finditer(text)}
    failed |= {found["test"]: found["reason"] or "" for found in _SUMMARY.finditer(text)}
    is_broken = not is_cut_short and not failed and process.returncode not in _RAN
    return Outcome(failed, is_cut_short and not failed, is_broken, text)


def _environment(base: Path) -> dict[str, str]:
    # Keep compiled modules: rewriting all assertions takes each worker five seconds.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "TMPDIR": str(base), "COLUMNS": "400"}


def _wait(process: "subprocess.Popen[bytes]", written: Path, deadline: float, *, stop_at_first: bool) -> bool:
    """Wait until the run ends, and return whether it ended by itself before the deadline.

    With `stop_at_first`, a failure leaves only the time for its report.
    """
    has_failed = False
    while process.poll() is None:
        if time.monotonic() > deadline:
            return False
        if stop_at_first and not has_failed and _RESULT.search(written.read_text(errors="replace")):
            has_failed = True
            deadline = min(deadline, time.monotonic() + _SECONDS_TO_REPORT)
        time.sleep(_POLL_SECONDS)
    return True


def _end(process: "subprocess.Popen[bytes]", base: Path) -> None:
    """Kill all processes of a run: its process group, its other descendants, and PostgreSQL servers."""
    left = list(_descendants(process.pid))
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pid in left:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    for pid_file in base.rglob("postmaster.pid"):
        _stop_server(pid_file)


def _descendants(pid: int) -> Iterator[int]:
    for children in Path("/proc", str(pid), "task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, children.read_text().split()):
                yield child
                yield from _descendants(child)


def _stop_server(pid_file: Path) -> None:
    """Stop the server that uses the folder of `pid_file`, without saving its data."""
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
        is_server = os.fsencode(pid_file.parent) in Path("/proc", str(pid), "cmdline").read_bytes()
    except (OSError, ValueError):
        return
    if not is_server:
        return
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGQUIT)
    deadline = time.monotonic() + _SECONDS_TO_DIE
    while Path("/proc", str(pid)).exists() and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
