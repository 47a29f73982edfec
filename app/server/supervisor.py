"""Runs the product's processes side by side: starts them, brings a dead one back, stops all of them together."""

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
STOP_SECONDS = 40  # the web server gives running requests 30 s, the worker its job
_QUICK_DEATH_SECONDS = 10
_MAX_PAUSE_SECONDS = 30
_LOOK_SECONDS = 0.2


class ProgramFailed(Exception):
    """A program that does not stay up; the text is the whole message for the operator."""


@dataclass
class Program:
    """One process to keep running."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)  # beside this process's own
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)
    _quick_deaths: int = field(default=0, init=False)
    _due: float | None = field(default=None, init=False)  # when it is started again

    def start(self) -> None:
        """Start it out of the terminal's reach: Ctrl-C is for the supervisor, which then stops it in order."""
        self._end_orphans()
        self._started, self._due = time.monotonic(), None
        us = os.getpid()
        self._process = subprocess.Popen(
            self.command,
            env={**os.environ, **self.environment},
            start_new_session=True,
            # Whoever kills the supervisor ends the product. Unsafe beside threads only, and the supervisor has none.
            preexec_fn=lambda: end_with_parent(signal.SIGTERM, us),  # noqa: PLW1509
        )

    def died(self) -> int | None:
        """Its exit status once it has ended, else None."""
        return self._process.poll() if self._process else None

    def revive(self, say: Callable[[str], None], *, is_ready: bool) -> None:
        """Start it again if it has ended: at once after a good life, after a pause that grows with each short one.

        Raises ProgramFailed for a short life before the product `is_ready`: that will not get better by itself. Later
        it may: what the program needs, the database say, comes back.
        """
        status = self.died()
        if status is None:
            return
        if self._due is None:
            was_quick = time.monotonic() - self._started < _QUICK_DEATH_SECONDS
            if was_quick and not is_ready:
                raise ProgramFailed(
                    f"The {self.name} ended right after its start, with exit code {status}. See above why."
                )
            self._quick_deaths = self._quick_deaths + 1 if was_quick else 0
            pause = min(2 ** (self._quick_deaths - 1), _MAX_PAUSE_SECONDS) if self._quick_deaths else 0
            self._due = time.monotonic() + pause
            say(f"The {self.name} ended with exit code {status}; starting it again{f' in {pause} s' if pause else ''}.")
        if time.monotonic() >= self._due:
            self.start()

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


def supervise(
    programs: Sequence[Program],
    *,
    announce: Callable[[], bool],
    say: Callable[[str], None],
    look_after: Callable[[], None] = lambda: None,
) -> NoReturn:
    """Keep `programs` running until a stop signal, which ends this by SystemExit (see `exit_on_stop_signals`).

    `announce` is called again and again until it returns True: it tells that the product is ready. Until then a
    program that ends right after its start raises ProgramFailed. `look_after` is called all the time, for what is no
    program of ours. All programs are stopped on the way out.
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
    """Turn the first stop signal into a clean SystemExit(0); all later ones are ignored."""

    def leave(_number: int, _frame: FrameType | None) -> NoReturn:
        for name in STOP_SIGNALS:
            signal.signal(name, signal.SIG_IGN)
        raise SystemExit(0)

    for name in STOP_SIGNALS:
        signal.signal(name, leave)


def _stop(programs: Sequence[Program]) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    for program in programs:
        program.ask_to_stop()
    for program in programs:
        program.wait_until(deadline)
