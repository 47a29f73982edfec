"""Runs the product's processes side by side: starts them, brings a dead one back, stops all of them together."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import NoReturn

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_SECONDS = 40  # the web server gives running requests 30 s, the worker its job
_QUICK_DEATH_SECONDS = 10
_LOOK_SECONDS = 0.2


class ProgramFailed(Exception):
    """A program that does not stay up; the text is the whole message for the operator."""


@dataclass
class Program:
    """One process to keep running."""

    name: str
    command: Sequence[str]
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)

    def start(self) -> None:
        """Start it out of the terminal's reach: Ctrl-C is for the supervisor, which then stops it in order."""
        self._end_orphans()
        self._started = time.monotonic()
        self._process = subprocess.Popen(self.command, start_new_session=True)

    def died(self) -> int | None:
        """Its exit status once it has ended, else None."""
        return self._process.poll() if self._process else None

    def was_quick(self) -> bool:
        """Whether it has hardly lived, so that starting it again would only repeat the failure."""
        return time.monotonic() - self._started < _QUICK_DEATH_SECONDS

    def ask_to_stop(self) -> None:
        """Ask it to finish what it does and end."""
        if self._process and self._process.poll() is None:
            self._process.terminate()

    def wait_until(self, deadline: float) -> None:
        """Wait for its end, and make an end of it at `deadline` (of `time.monotonic`)."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._end_orphans()

    def _end_orphans(self) -> None:
        """End the children that it left behind when it was killed: they would keep the port and go on answering.

        Its session is a process group of its own, with its number.
        """
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


def supervise(programs: Sequence[Program], *, announce: Callable[[], bool], say: Callable[[str], None]) -> NoReturn:
    """Keep `programs` running until a stop signal, which ends this by SystemExit (see `exit_on_stop_signals`).

    `announce` is called again and again until it returns True: it tells that the product is ready. Raises
    ProgramFailed when a program ends right after its start. All programs are stopped on the way out.
    """
    announced = False
    try:
        for program in programs:
            program.start()
        while True:
            for program in programs:
                _bring_back(program, say)
            announced = announced or announce()
            time.sleep(_LOOK_SECONDS)
    finally:
        say("Stopping.")
        _stop(programs)


def exit_on_stop_signals() -> None:
    """Turn the first stop signal into a clean SystemExit(0); all later ones are ignored."""

    def leave(_number: int, _frame: FrameType | None) -> NoReturn:
        for name in STOP_SIGNALS:
            signal.signal(name, signal.SIG_IGN)
        raise SystemExit(0)

    for name in STOP_SIGNALS:
        signal.signal(name, leave)


def _bring_back(program: Program, say: Callable[[str], None]) -> None:
    status = program.died()
    if status is None:
        return
    if program.was_quick():
        raise ProgramFailed(f"The {program.name} ended right after its start, with exit code {status}. See above why.")
    say(f"The {program.name} ended with exit code {status}; starting it again.")
    program.start()


def _stop(programs: Sequence[Program]) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    for program in programs:
        program.ask_to_stop()
    for program in programs:
        program.wait_until(deadline)
