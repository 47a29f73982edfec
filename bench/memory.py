"""Memory used by a piece of work, in addition to what the process already has."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

PAGE_BYTES = 4096


def grown_by(work: Callable[[], object]) -> float:
    """Return the peak growth of resident memory during `work`, in megabytes."""
    before = highest = _resident()
    done = threading.Event()

    def watch() -> None:
        nonlocal highest
        while not done.is_set():
            highest = max(highest, _resident())
            time.sleep(0.005)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return (highest - before) / 1_000_000


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES
