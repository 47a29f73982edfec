"""Sandbox for untrusted files: reads them in a separate process, which has access to the file and nothing else.

Libraries that decode audio, images and old workbooks are written in C, can use any amount of memory, and can't be
interrupted. Here they run in a fresh Python process without the app, its settings and its secrets, within limits that
the process sets before it reads the file. A malicious file ends only that process; docs/threat-model.md describes what
it could still do after a takeover.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from time import monotonic
from typing import IO, cast

from flask_babel import lazy_gettext as _l

from app.sandbox import child

#: Maximum size of an output that is read as a whole.
MAX_ANSWER_BYTES = 64 * 1024
#: Multiple of the CPU seconds after which a process that waits or sleeps is killed.
_PATIENCE = 2
_CHECK_SECONDS = 10


class Unreadable(StrEnum):
    """Reasons why a file was not read."""

    TOO_LARGE = "too_large"
    UNKNOWN_FORMAT = "unknown_format"
    DAMAGED = "damaged"
    TOOK_TOO_LONG = "took_too_long"


class SandboxFailed(Exception):
    """Error for a sandboxed process that failed, with the `reason`."""

    def __init__(self, reason: Unreadable) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Resource limits of one sandboxed process.

    The process can write `written_bytes` to its target, and nothing anywhere else.
    """

    cpu_seconds: int
    memory_bytes: int
    written_bytes: int = 0


class Sandbox:
    """A sandboxed process that reads a file; see `sandboxed`.

    Each wait for its output takes at most `seconds`.
    """

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self._process = process
        self._answer = cast(IO[bytes], process.stdout)  # a pipe
        self._seconds = seconds
        self._waits_since: float | None = None
        self._was_late = False
        self._is_over = threading.Event()

    def read(self, most_bytes: int) -> bytes:
        """Return the process's output, up to `most_bytes`."""
        with self._waiting():
            return self._answer.read(most_bytes)

    def readline(self) -> bytes:
        """Return the next line of the process's output; empty at the end."""
        with self._waiting():
            return self._answer.readline()

    def end(self) -> Unreadable | None:
        """Wait until the process ends, and return the reason if it failed, else None."""
        with self._waiting():
            status = self._process.wait()
        if self._was_late or status in (-signal.SIGXCPU, -signal.SIGKILL):
            return Unreadable.TOOK_TOO_LONG
        if status in (child.NO_MEMORY, -signal.SIGABRT):
            return Unreadable.TOO_LARGE
        return None if status == 0 else Unreadable.DAMAGED

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Kill the process if a wait takes too long, and at the end of the block."""
        threading.Thread(target=self._watch, daemon=True).start()
        try:
            yield
        finally:
            self._is_over.set()
            self._process.kill()

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        self._waits_since = monotonic()
        try:
            yield
        finally:
            self._waits_since = None

    def _watch(self) -> None:
        while not self._is_over.wait(min(1.0, self._seconds / 4)):
            since = self._waits_since
            if since is not None and monotonic() - since > self._seconds:
                self._was_late = True
                self._process.kill()
                return


#: For operators and administrators, where `filters_system_calls` is false.
UNFILTERED = _l(
    "This server’s kernel can’t confine the programs that read uploads (seccomp). If an uploaded file takes one over, "
    "it could reach other programs and files of the system user that runs Switchboard. Run Switchboard on a kernel "
    "with seccomp."
)


def filters_system_calls() -> bool:
    """Return whether the kernel filters the system calls of sandboxed processes."""
    try:
        _check_filter()
    except (OSError, subprocess.SubprocessError):
        return False
    return True


@cache  # a success only: a failure can be temporary
def _check_filter() -> None:
    """Raise OSError or SubprocessError unless a process could have its system calls filtered."""
    command = [sys.executable, "-I", str(Path(child.__file__))]
    subprocess.run(command, env={}, stderr=subprocess.DEVNULL, check=True, timeout=_CHECK_SECONDS)


@contextmanager
def sandboxed(
    program: Path, file: IO[bytes], *arguments: str, limits: Limits, target: IO[bytes] | None = None
) -> Iterator[Sandbox]:
    """Run `program` on `file` while the block reads its output; the process ends with the block.

    `program` is a module with `main(file, target, *arguments)` that imports nothing from the app. `file` and `target`
    are open files with a descriptor.
    """
    written_to = () if target is None else (target.fileno(),)
    numbers = (limits.cpu_seconds, limits.memory_bytes, limits.written_bytes, *written_to)
    command = [sys.executable, "-I", str(Path(child.__file__)), str(program), *map(str, numbers)]
    os.lseek(file.fileno(), 0, os.SEEK_SET)  # the process reads on from the current position
    with subprocess.Popen(
        [*command, *([] if written_to else [""]), *arguments],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=written_to,
        env={},
    ) as process:
        sandbox = Sandbox(process, _PATIENCE * limits.cpu_seconds)
        with sandbox.watched():
            yield sandbox


def read_in_sandbox(
    program: Path, file: IO[bytes], *arguments: str, limits: Limits, target: IO[bytes] | None = None
) -> bytes:
    """Run `program` on `file` like `sandboxed`, and return its output.

    Raises SandboxFailed if it fails, or if its output exceeds MAX_ANSWER_BYTES.
    """
    with sandboxed(program, file, *arguments, limits=limits, target=target) as sandbox:
        answer = sandbox.read(MAX_ANSWER_BYTES + 1)
        if len(answer) > MAX_ANSWER_BYTES:
            raise SandboxFailed(Unreadable.DAMAGED)
        reason = sandbox.end()
    if reason is not None:
        raise SandboxFailed(reason)
    return answer
