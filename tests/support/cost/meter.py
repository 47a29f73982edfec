"""CPU time of a test worker: of its process, of the database server's processes for it, and of its child processes.

Everything is read from `/proc`, without a statement to the database.
"""

import os
import resource
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, RLock, Thread
from typing import NamedTuple

#: Pause between readings of backends that can end at any time.
_PAUSE_SECONDS = 0.1
_TICKS = os.sysconf("SC_CLK_TCK")
_NANOSECONDS = 1_000_000_000
#: Fields of `/proc/<pid>/stat` after the name of the program: the parent's ID, and the times of the process and of its
#: children that have ended.
_PARENT, _TIMES = 1, slice(11, 15)


class Cpu(NamedTuple):
    """Seconds of CPU by where they were spent."""

    python: float = 0.0
    database: float = 0.0
    children: float = 0.0

    @property
    def total(self) -> float:
        """Sum of all parts."""
        return self.python + self.database + self.children

    def plus(self, other: "Cpu") -> "Cpu":
        """Add the parts of both."""
        return Cpu(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def minus(self, other: "Cpu") -> "Cpu":
        """Subtract the parts of `other`."""
        return Cpu(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))


class Meter:
    """Reader of the CPU that the worker has used since it started."""

    def __init__(self) -> None:
        self._backends: Backends | None = None
        self._stopped_servers = self._children = 0.0

    def watch_server(self, postmaster: int, database: str) -> None:
        """Include the server's processes for the worker's database, and for those whose names begin with it."""
        self._backends = Backends(postmaster, database)
        self._backends.read_until_the_end()

    def read(self, *, with_children: bool = True) -> Cpu:
        """Return the CPU used so far.

        Without the children's, which take a hundred times as long to read, as it was; then, backends that have started
        since the last complete reading aren't looked for, either.
        """
        database = self._stopped_servers + (self._backends.read(discover=with_children) if self._backends else 0.0)
        if with_children:
            ended = resource.getrusage(resource.RUSAGE_CHILDREN)
            # What a browser leaves to the system when it ends is no longer below this process, but has been used.
            self._children = max(self._children, ended.ru_utime + ended.ru_stime + seconds_of_children())
        return Cpu(time.process_time(), database, self._children)

    def note_closing(self, process_id: int) -> None:
        """Read a backend whose connection is about to be closed, since it will be gone at the next reading."""
        if self._backends:
            self._backends.read_closing(process_id)

    def note_stopping(self, postmaster: int) -> None:
        """Include a server that is about to be stopped, unless it is the run's server."""
        if self._backends is None or postmaster != self._backends.postmaster:
            self._stopped_servers += seconds_of_tree(postmaster)

    def read_server(self) -> tuple[float, float]:
        """Return the CPU of the whole server, and how much of it is that of the worker's database."""
        return (seconds_of_tree(self._backends.postmaster), self._backends.read()) if self._backends else (0.0, 0.0)


class Backends:
    """Reader of the CPU of a server's processes for one database, found by their titles."""

    def __init__(self, postmaster: int, database: str) -> None:
        self.postmaster = postmaster
        self._database = database
        self._children = Path("/proc", str(postmaster), "task", str(postmaster), "children")
        self._own: dict[int, _Clock] = {}
        self._foreign: set[int] = set()
        self._ended = 0.0
        self._lock = RLock()  # other threads of a test close connections too

    def read(self, *, discover: bool = True) -> float:
        """Return the seconds used so far, including those of processes that have ended."""
        with self._lock:
            if discover:
                self._discover()
            return sum(self._seconds_of(process_id) for process_id in list(self._own)) + self._ended

    def read_closing(self, process_id: int) -> None:
        """Read one process that is about to end, whatever its database."""
        with self._lock:
            if process_id not in self._own:
                self._adopt(process_id)
            if process_id in self._own:
                self._seconds_of(process_id)

    def read_until_the_end(self) -> None:
        """Read again and again in a thread, since those of programs end without notice."""

        def read() -> None:
            while not never.wait(_PAUSE_SECONDS):  # `time.sleep` is replaced by tests that count pauses
                self.read()

        never = Event()

        Thread(target=read, name="cost of backends", daemon=True).start()

    def _discover(self) -> None:
        try:
            living = set(map(int, self._children.read_text().split()))
        except OSError:
            return
        self._foreign &= living
        for process_id in living - self._foreign - self._own.keys():
            database = _database_of(process_id)
            if database == self._database or database.startswith(f"{self._database}_"):
                self._adopt(process_id)
            elif database:
                self._foreign.add(process_id)

    def _adopt(self, process_id: int) -> None:
        with suppress(OSError):
            self._own[process_id] = _Clock(process_id)

    def _seconds_of(self, process_id: int) -> float:
        clock = self._own[process_id]
        if clock.advance():
            return clock.seconds
        clock.close()
        del self._own[process_id]
        self._ended += clock.seconds
        return 0.0


class _Clock:
    """Time of one process by an open file, which never becomes that of another process with the same ID."""

    def __init__(self, process_id: int) -> None:
        self._file = os.open(f"/proc/{process_id}/schedstat", os.O_RDONLY)
        self.seconds = 0.0

    def advance(self) -> bool:
        """Read the time; return False if the process has ended."""
        try:
            read = os.pread(self._file, 64, 0)
        except OSError:
            return False
        self.seconds = int(read.split(b" ", 1)[0]) / _NANOSECONDS
        return True

    def close(self) -> None:
        os.close(self._file)


def _database_of(process_id: int) -> str:
    """Return the database in a backend's title, `-` for a process without one, and nothing while it has no title."""
    try:
        title = Path("/proc", str(process_id), "cmdline").read_bytes().rstrip(b"\0").decode(errors="replace")
    except OSError:
        return "-"
    # "postgres: app_rw gw0 [local] idle"; until it is set, the command of the server, with its options.
    words = title.split()
    if not words or words[0] != "postgres:":
        return ""
    return words[2] if len(words) > 3 and words[3] == "[local]" else "-"


def seconds_of_children() -> float:
    """Return the CPU of all living descendants of this process, including their children that have ended."""
    with suppress(OSError):
        for task in Path("/proc/self/task").iterdir():
            if (task / "children").read_bytes().strip():
                return seconds_of_tree(os.getpid()) - sum(_stat_of(os.getpid())[1])
    return 0.0


def seconds_of_tree(process_id: int) -> float:
    """Return the CPU of a process, its living descendants, and all of their children that have ended."""
    processes: dict[int, tuple[int, list[float]]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, ValueError):
                processes[int(folder.name)] = _stat_of(int(folder.name))
    children: dict[int, list[int]] = {}
    for child, (parent, _seconds) in processes.items():
        children.setdefault(parent, []).append(child)
    return sum(sum(processes[found][1]) for found in _tree(process_id, children) if found in processes)


def _tree(process_id: int, children: dict[int, list[int]]) -> Iterator[int]:
    yield process_id
    for child in children.get(process_id, ()):
        yield from _tree(child, children)


def _stat_of(process_id: int) -> tuple[int, list[float]]:
    """Return a process's parent and its times in seconds: its own, and those of its children that have ended."""
    stat = Path("/proc", str(process_id), "stat").read_text(errors="replace")
    fields = stat[stat.rindex(")") + 2 :].split()
    return int(fields[_PARENT]), [int(ticks) / _TICKS for ticks in fields[_TIMES]]
