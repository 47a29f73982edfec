"""Supervisor of the product's processes: starts them, restarts one that dies, and stops all together."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn

from app.server.parent import end_with_parent

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_SECONDS = 40  # the web server gives running requests 30 s, and the worker finishes its job
_QUICK_DEATH_SECONDS = 10
_MAX_PAUSE_SECONDS = 30
_LOOK_SECONDS = 0.2


class ProgramFailed(Exception):
    """Error for a program that doesn't stay up; the text is the complete message for the operator."""


@dataclass
class Program:
    """One process to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)  # in addition to this process's own
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)
    _quick_deaths: int = field(default=0, init=False)
    _due: float | None = field(default=None, init=False)  # time of the next start

    def start(self) -> None:
        """Start the process in a session of its own.

        Ctrl-C therefore reaches only the supervisor, which stops the programs in order.
        """
        self._end_orphans()
        self._started, self._due = time.monotonic(), None
        us = os.getpid()
        self._process = subprocess.Popen(
            self.command,
            env={**os.environ, **self.environment},
            start_new_session=True,
            # Killing the supervisor ends the product. `preexec_fn` is unsafe only with threads, and the supervisor has
            # none.
            preexec_fn=lambda: end_with_parent(signal.SIGTERM, us),  # noqa: PLW1509
        )

    def died(self) -> int | None:
        """Return the exit status if the process has ended, else None."""
        return self._process.poll() if self._process else None

    def revive(self, say: Callable[[str], None], *, is_ready: bool) -> None:
        """Restart the process if it has ended.

        It is restarted immediately after a long run, and after a pause following a short one; the pause grows with each
        short run. Raises ProgramFailed for a short run before the product `is_ready`: a failure at startup does not go
        away by itself. A later one can, once what the program needs, such as the database, is back.
        """
        status = self.died()
        if status is None:
            return
        if self._due is None:
            was_quick = time.monotonic() - self._started < _QUICK_DEATH_SECONDS
            if was_quick and not is_ready:
                raise ProgramFailed(
                    f"The {self.name} stopped right after its start with exit code {status}. The reason is shown above."
                )
            self._quick_deaths = self._quick_deaths + 1 if was_quick else 0
            pause = min(2 ** (self._quick_deaths - 1), _MAX_PAUSE_SECONDS) if self._quick_deaths else 0
            self._due = time.monotonic() + pause
            say(f"The {self.name} stopped with exit code {status}. Restarting it{f' in {pause} s' if pause else ''}.")
        if time.monotonic() >= self._due:
            self.start()

    def request_stop(self) -> None:
        """Ask the process to finish its work and end."""
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def wait_until(self, deadline: float) -> None:
        """Wait for the process to end, and kill it at `deadline` (of `time.monotonic`)."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._end_orphans()

    def _end_orphans(self) -> None:
        """Kill the children that a killed process left behind, which would keep the port and answer requests.

        Its session is a process group whose ID is its process ID.
        """
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


def supervise(
    programs: Sequence[Program],
    *,
    announce: Callable[[], bool],
    say: Callable[[str], None],
    look_after: Callable[[], None] = lambda: None,
) -> NoReturn:
    """Keep `programs` running until a stop signal, which raises SystemExit (see `exit_on_stop_signals`).

    `announce` is called repeatedly until it returns True, which means that the product is ready. Until then, a program
    that ends right after its start raises ProgramFailed. `look_after` is called continuously, for anything that is not
    one of the programs. All programs are stopped on exit.
    """
    announced = False
    try:
        for program in programs:
            program.start()
        while True:
            look_after()
            for program in programs:
                program.revive(say, is_ready=announced)
            announced = announced or announce()
            time.sleep(_LOOK_SECONDS)
    finally:
        say("Stopping.")
        _stop(programs)


def exit_on_stop_signals() -> None:
    """Turn the first stop signal into a clean SystemExit(0), and ignore all later ones."""

    def leave(_number: int, _frame: FrameType | None) -> NoReturn:
        for name in STOP_SIGNALS:
            signal.signal(name, signal.SIG_IGN)
        raise SystemExit(0)

    for name in STOP_SIGNALS:
        signal.signal(name, leave)


def _stop(programs: Sequence[Program]) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    for program in programs:
        program.request_stop()
    for program in programs:
        program.wait_until(deadline)
