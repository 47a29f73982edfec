"""Shared state of the web server's processes: whether it must stop, and which ones are still busy.

The state is in memory shared by all processes of one web server, created when this module is imported, which the server
does before it forks (see `app.server.web`). The first byte announces the stop; after it, each process has a byte,
indexed by its process ID, with the number of its requests. The byte of a killed process remains, but is never read
again.
"""

import mmap
import os
from collections.abc import Iterable
from pathlib import Path

_PROCESS_LIMIT = Path("/proc/sys/kernel/pid_max")
_HIGHEST_COUNT = 255

# Only written pages use memory.
_shared = mmap.mmap(-1, 1 + int(_PROCESS_LIMIT.read_text()))


def announce_stop() -> None:
    """Make every process of this web server refuse new requests from now on."""
    _shared[0] = 1


def is_stopping() -> bool:
    """Return whether the stop has been announced."""
    return _shared[0] == 1


def note_requests(number: int) -> None:
    """Publish how many requests this process is running or has let wait."""
    _shared[1 + os.getpid()] = min(number, _HIGHEST_COUNT)


def are_busy(processes: Iterable[int]) -> bool:
    """Return whether any of these processes has a request."""
    return any(_shared[1 + process] for process in processes)
