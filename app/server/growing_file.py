"""A file that is read while it is being written."""

import asyncio
import os
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO

import structlog

PIECE_BYTES = 64 * 1024
#: Limit for what is held in memory if the disk takes nothing more.
_IN_MEMORY_BYTES = 1024 * 1024

_log = structlog.get_logger("switchboard.server")


class GrowingFile:
    """A response body that a thread writes and the event loop reads, each as fast as it can.

    The writer doesn't wait for the reader: a slow client holds neither a slot nor a transaction. Only if the disk takes
    nothing more does the rest stay in memory, at most 1 MB at a time, and the writer waits. If no one reads the file
    until it is complete (`is_read_meanwhile=False`), that is an error.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, is_read_meanwhile: bool = True) -> None:
        self._loop = loop
        self._is_read_meanwhile = is_read_meanwhile
        self._file: IO[bytes] | None = None
        self._rest: deque[bytes] = deque()  # follows the file
        self._rest_bytes = 0
        self._is_disk_used, self._is_closed = True, False
        self._lock = threading.Condition()
        self._has_news = asyncio.Event()
        self._written = self._announced = self._read = 0
        self._has_ended = False
        self._error: Exception | None = None

    def write_all(self, pieces: Iterable[bytes]) -> None:
        """Write `pieces` to their end, to an error, which the reader gets, or until the file is closed."""
        try:
            for piece in pieces:
                if not self._write(piece):
                    break
        except Exception as error:  # noqa: BLE001 - the response has begun, so only its reader can end it
            self._error = error
        self._has_ended = True
        self._tell_reader()

    def complete_size(self) -> int:
        """Return the number of bytes of the complete file. If an error ended it, delete it and raise the error."""
        if self._error is not None:
            self.close()
            raise self._error
        return self._written

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the file from its beginning as it grows; then raise the error that ended it, if any."""
        has_ended = False
        while not has_ended:
            await self._has_news.wait()
            self._has_news.clear()
            has_ended = self._has_ended  # first: what is written until then is read below
            while piece := await asyncio.to_thread(self._next):
                yield piece
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        """Delete the file; the writer stops, and the reader gets no more. Can wait for the disk."""
        with self._lock:
            self._is_closed = True
            if self._file is not None:
                with suppress(OSError):
                    self._file.close()
            self._lock.notify()
        self._has_ended = True
        self._tell_reader()

    def _write(self, piece: bytes) -> bool:
        with self._lock:
            if self._is_closed:
                return False
            left = self._append(piece) if self._is_disk_used else piece
            self._rest.extend(left[start : start + PIECE_BYTES] for start in range(0, len(left), PIECE_BYTES))
            self._rest_bytes += len(left)
        size = self._written + self._rest_bytes
        if self._announced == 0 or not self._is_disk_used or size - self._announced >= PIECE_BYTES:
            self._announced = size
            self._tell_reader()
        with self._lock:
            self._lock.wait_for(lambda: self._rest_bytes <= _IN_MEMORY_BYTES or self._is_closed)
        return True

    def _append(self, piece: bytes) -> bytes:
        """Append to the file, and return what the disk doesn't take."""
        left = piece
        try:
            if self._file is None:
                self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - closed by its reader
            while left:  # the system can write less than it is given
                size = self._file.write(left)
                left = left[size:]
                self._written += size
        except OSError:
            # The app logs its own errors, but this one is none of them. The thread still has the request's ID.
            _log.exception("response not stored")
            if not self._is_read_meanwhile:
                raise
            self._is_disk_used = False
        return left

    def _tell_reader(self) -> None:
        self._loop.call_soon_threadsafe(self._has_news.set)

    def _next(self) -> bytes:
        with self._lock:
            if self._is_closed:
                return b""
            if self._file is not None and self._read < self._written:
                # No more than there is: a larger piece that is then cut to its size fragments the memory.
                size = min(PIECE_BYTES, self._written - self._read)
                piece = os.pread(self._file.fileno(), size, self._read)
                self._read += len(piece)
                return piece
            if not self._rest:
                return b""
            piece = self._rest.popleft()
            self._rest_bytes -= len(piece)
            self._lock.notify()
            return piece
