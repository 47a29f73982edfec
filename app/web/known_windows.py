"""What this process knows of the windows that it has counted in, for the time that their store is gone."""

import threading
import time
from dataclasses import dataclass, replace

#: Room for an attack from many addresses; the oldest make way.
_MAX_WINDOWS = 20_000


@dataclass(frozen=True, slots=True)
class Window:
    """Hits until it ends, in epoch seconds. `owed` are those among them that the store has not been told of."""

    hits: int
    ends_at: float
    owed: int = 0


class KnownWindows:
    """The windows of one process, by their keys."""

    def __init__(self) -> None:
        self._windows: dict[str, Window] = {}
        self._lock = threading.Lock()

    def keep(self, key: str, window: Window) -> None:
        """Remember what the store says, as of now; what was owed meanwhile stays owed."""
        with self._lock:
            owed = self._owed(key)
            self._put(key, replace(window, hits=window.hits + owed, owed=owed))

    def count(self, key: str, expiry: int, amount: int) -> Window:
        """Count without the store, on top of what it said last."""
        with self._lock:
            known = self._open(key) or Window(0, time.time() + expiry)
            return self._put(key, replace(known, hits=known.hits + amount, owed=known.owed + amount))

    def find(self, key: str) -> Window | None:
        """The open window of `key`."""
        with self._lock:
            return self._open(key)

    def take_owed(self, key: str) -> Window | None:
        """The open window of `key` if the store has to be told of it; whoever asks tells it, or gives it back."""
        with self._lock:
            window = self._open(key)
            if window is None or not window.owed:
                return None
            self._windows[key] = replace(window, hits=window.hits - window.owed, owed=0)
            return window

    def give_back(self, key: str, window: Window) -> None:
        """The store could not be told."""
        self.count(key, 0, window.owed)

    def forget(self, key: str) -> None:
        """As if nothing had been counted."""
        with self._lock:
            self._windows.pop(key, None)

    def clear(self) -> None:
        """As if nothing had been counted at all."""
        with self._lock:
            self._windows.clear()

    def _open(self, key: str) -> Window | None:
        window = self._windows.get(key)
        return window if window is not None and window.ends_at > time.time() else None

    def _owed(self, key: str) -> int:
        window = self._open(key)
        return window.owed if window else 0

    def _put(self, key: str, window: Window) -> Window:
        self._windows.pop(key, None)  # to the end: in order of use
        self._windows[key] = window
        if len(self._windows) > _MAX_WINDOWS:
            del self._windows[next(iter(self._windows))]
        return window
