"""Whether the web server has been told to stop, and which of its processes still have something to finish.

The facts stand in memory that all processes of one web server share: it is made when this module is loaded, which the
server does before it starts its processes (see `app.server.web`). One byte says that the end has come; behind it each
process has a byte of its own, found by its process id, with the number of requests it works on. A process that is
killed leaves its byte behind, and nobody asks for it any more.
"""

import mmap
import os
from collections.abc import Iterable
from pathlib import Path

_PROCESS_LIMIT = Path("/proc/sys/kernel/pid_max")
_HIGHEST_COUNT = 255

# Only the pages that are written to take memory.
_shared = mmap.mmap(-1, 1 + int(_PROCESS_LIMIT.read_text()))


def announce_stop() -> None:
    """Have every process of this web server refuse new requests from now on."""
    _shared[0] = 1


def is_stopping() -> bool:
    """Whether the end was announced."""
    return _shared[0] == 1


def note_requests(number: int) -> None:
    """Tell how many requests this process works on or has let wait."""
    _shared[1 + os.getpid()] = min(number, _HIGHEST_COUNT)


def are_busy(processes: Iterable[int]) -> bool:
    """Whether any of these processes works on a request."""
    return any(_shared[1 + process] for process in processes)
