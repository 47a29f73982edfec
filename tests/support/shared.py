"""Results that the processes of a run share through files."""

import fcntl
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path` inside the block; only one process at a time can."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def made_once(path: Path, make: Callable[[], T]) -> T:
    """Return the result of `make`: the first process calls it and stores the result in `path`, the others read it."""
    with locked(path.with_name(f"{path.name}.lock")):
        if path.exists():
            stored: T = pickle.loads(path.read_bytes())  # noqa: S301 - written by this run
            return stored
        made = make()
        unfinished = path.with_name(f"{path.name}.unfinished")
        unfinished.write_bytes(pickle.dumps(made))
        unfinished.rename(path)
        return made
