"""In-memory copy of the rate-limit windows that this process has counted in, used while their store is unavailable."""

import threading
import time
from dataclasses import dataclass, replace

#: Large enough for an attack from many addresses; the oldest windows are dropped.
_MAX_WINDOWS = 20_000


@dataclass(frozen=True, slots=True)
class Window:
    """A window that ends at `ends_at`, in epoch seconds, and the number of hits in it.

    `owed` are the hits not yet reported to the store.
    """

    hits: int
    ends_at: float
    owed: int = 0


class KnownWindows:
    """Rate-limit windows of one process, by key."""

    def __init__(self) -> None:
        self._windows: dict[str, Window] = {}
        self._lock = threading.Lock()

    def keep(self, key: str, window: Window) -> None:
        """Remember a window as the store returned it; hits that are still owed stay owed."""
        with self._lock:
            owed = self._owed(key)
            self._put(key, replace(window, hits=window.hits + owed, owed=owed))

    def count(self, key: str, expiry: int, amount: int) -> Window:
        """Count without the store, on top of its last known state, and return the window."""
        with self._lock:
            known = self._open(key) or Window(0, time.time() + expiry)
            return self._put(key, replace(known, hits=known.hits + amount, owed=known.owed + amount))

    def find(self, key: str) -> Window | None:
        """Return the open window of `key`, or None."""
        with self._lock:
            return self._open(key)

    def take_owed(self, key: str) -> Window | None:
        """Return the open window of `key` and mark its owed hits as reported; None if it owes none.

        The caller must report these hits to the store or give them back.
        """
        with self._lock:
            window = self._open(key)
            if window is None or not window.owed:
                return None
            self._windows[key] = replace(window, hits=window.hits - window.owed, owed=0)
            return window

    def give_back(self, key: str, window: Window) -> None:
        """Record the hits that `window` owed as owed again, because the store could not be reached."""
        self.count(key, 0, window.owed)

    def forget(self, key: str) -> None:
        """Forget the window of `key`."""
        with self._lock:
            self._windows.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._windows.clear()

    def _open(self, key: str) -> Window | None:
        window = self._windows.get(key)
        return window if window is not None and window.ends_at > time.time() else None

    def _owed(self, key: str) -> int:
        window = self._open(key)
        return window.owed if window else 0

    def _put(self, key: str, window: Window) -> Window:
        self._windows.pop(key, None)  # moved to the end: in order of use
        self._windows[key] = window
        if len(self._windows) > _MAX_WINDOWS:
            del self._windows[next(iter(self._windows))]
        return window
