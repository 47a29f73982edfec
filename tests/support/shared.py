"""Files by which the processes of a test run share results and locks."""

import fcntl
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path` inside the block, which only one process at a time can do."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made_once(path: Path, make: Callable[[], T]) -> T:
    """Return the result of `make`, which only one process calls.

    The first process stores the result in `path`, and the others read it from there.
    """
    with locked(path.with_name(f"{path.name}.lock")):
        if path.exists():
            stored: T = pickle.loads(path.read_bytes())  # noqa: S301 - written by this run
            return stored
        made = make()
        unfinished = path.with_name(f"{path.name}.unfinished")
        unfinished.write_bytes(pickle.dumps(made))
        unfinished.rename(path)
        return made
