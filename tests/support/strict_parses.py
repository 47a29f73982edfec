"""A record of the responses that the strict HTML parser has accepted, which all workers share.

The parser is slower than the app, so a response of a known kind without elements in new places isn't parsed again.
"""

import json
import os
from collections.abc import Set
from pathlib import Path


class StrictParses:
    """Kinds of responses, and places of their elements, that were parsed without an error."""

    def __init__(self) -> None:
        self._kinds: set[str] = set()
        self._places: set[str] = set()
        self._shared: int | None = None
        self._read_to = 0

    def share(self, path: Path) -> None:
        """Store the record in a file that other processes also add to."""
        self._shared = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC)

    def cover(self, kind: str, places: Set[str]) -> bool:
        """Return whether parsing a response of this kind, with elements in these places, is unnecessary."""
        if not self._hold(kind, places):
            self._read_on()
        return self._hold(kind, places)

    def add(self, kind: str, places: Set[str]) -> None:
        """Record that a response of this kind, with elements in these places, was parsed."""
        new = sorted(places - self._places)
        self._kinds.add(kind)
        self._places.update(new)
        if self._shared is not None:
            # A single write to a file opened for appending, so that lines of several processes don't mix.
            os.write(self._shared, json.dumps([kind, new]).encode() + b"\n")

    def _hold(self, kind: str, places: Set[str]) -> bool:
        return kind in self._kinds and places <= self._places

    def _read_on(self) -> None:
        if self._shared is None:
            return
        text = os.pread(self._shared, os.fstat(self._shared).st_size - self._read_to, self._read_to)
        whole = text[: text.rfind(b"\n") + 1]  # the last line can be incomplete
        self._read_to += len(whole)
        for line in whole.splitlines():
            kind, places = json.loads(line)
            self._kinds.add(kind)
            self._places.update(places)
