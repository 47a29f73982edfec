"""Reception of request bodies without occupying a thread, limited in size, speed and time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]

#: Bytes accepted before the app has seen the request.
UNASKED_BYTES = 64 * 1024
_IN_MEMORY_BYTES = 256 * 1024
#: Limit for all bodies held by this process: five files of the maximum size.
MAX_BYTES = 1024**3
#: After this time, a body must have arrived at this speed on average.
_PATIENCE_SECONDS, _BYTES_PER_SECOND = 10.0, 1024
#: Uploads are exempt from the time limit of a request, but must be as fast as a poor mobile connection: 256 kbit/s.
_UPLOAD_PATIENCE_SECONDS, _UPLOAD_BYTES_PER_SECOND = 30.0, 32 * 1024
#: A client whose request was rejected while sending reads the response only after it has sent everything.
_LINGER_SECONDS, _SILENCE_SECONDS = 30.0, 2.0
_LOOK_SECONDS = 0.5


class BodyLate(Exception):
    """Error for a body that arrives too late or too slowly."""


class BodyTooLarge(Exception):
    """Error for a body that is larger than allowed."""


class BodyDoesNotFit(Exception):
    """Error for a body that can't be held, because too much is held for other requests."""


class BodyNotStored(Exception):
    """Error for a body that the disk doesn't take, with the OSError as its cause."""


class SenderGone(Exception):
    """Error for a client that has disconnected, or whose body breaks the protocol."""


class Body:
    """A request body that is being received.

    `file` holds what has arrived; as it grows, it moves from memory to an unnamed temporary file.
    """

    _all_kept = 0

    def __init__(self, receive: Receive) -> None:
        self.file = SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115 - closed with the request
        self.length = self._kept = 0
        self._receive = receive
        self._began = time.monotonic()
        self._allowed = UNASKED_BYTES
        self._is_wanted, self._may_go_on = True, asyncio.Event()
        self._refusal: Exception | None = None
        self._task = asyncio.ensure_future(self._take_in())

    @property
    def waited_seconds(self) -> float:
        """Seconds since the body was first awaited."""
        return time.monotonic() - self._began

    async def is_here_within(self, seconds: float) -> bool:
        """Wait up to `seconds` for the end of a small body, and return whether it arrived. Raises SenderGone."""
        await asyncio.wait({self._task}, timeout=seconds)
        return self._refusal is None and self._is_done()

    async def rest(self, allowed: int, seconds: float | None) -> None:
        """Wait for the rest of the body, up to `allowed` bytes and `seconds` in all.

        `seconds` is None for an upload, for which only the speed is limited. Raises BodyLate, BodyTooLarge,
        BodyDoesNotFit, BodyNotStored and SenderGone.
        """
        self._allowed = allowed
        self._may_go_on.set()
        while self._refusal is None and not self._is_done():
            if self.waited_seconds > self._allowed_seconds(seconds):
                raise BodyLate
            await asyncio.wait({self._task}, timeout=_LOOK_SECONDS)
        if self._refusal is not None:
            raise self._refusal

    async def let_go(self) -> None:
        """Read and discard what still arrives, for a limited time."""
        self._is_wanted = False
        self._may_go_on.set()
        deadline, seen = time.monotonic() + _LINGER_SECONDS, -1
        while seen != self.length and time.monotonic() < deadline and not self._task.done():
            seen = self.length
            await asyncio.wait({self._task}, timeout=_SILENCE_SECONDS)

    def close(self) -> None:
        """Cancel the reception and close the file, whatever the state."""
        self._task.cancel()
        with suppress(OSError):  # what a full disk hasn't taken is lost
            self.file.close()
        Body._all_kept -= self._kept

    def _is_done(self) -> bool:
        if self._task.done():
            self._task.result()
        return self._task.done()

    def _allowed_seconds(self, seconds: float | None) -> float:
        if seconds is None:
            return _UPLOAD_PATIENCE_SECONDS + self.length / _UPLOAD_BYTES_PER_SECOND
        return min(seconds, _PATIENCE_SECONDS + self.length / _BYTES_PER_SECOND)

    async def _take_in(self) -> None:
        more = True
        while more:
            if self.length >= self._allowed:
                await self._may_go_on.wait()
            message = await self._receive()
            if message["type"] != "http.request":
                raise SenderGone
            piece, more = message.get("body", b""), message.get("more_body", False)
            self.length += len(piece)
            if self.length > self._allowed and self._may_go_on.is_set():
                self._refuse(BodyTooLarge())
            elif Body._all_kept + len(piece) > MAX_BYTES:
                self._refuse(BodyDoesNotFit())
            if self._is_wanted:
                await self._keep(piece)
        if self._refusal is None:
            self.file.seek(0)

    def _refuse(self, why: Exception) -> None:
        """Record the first reason for a rejection, and store nothing more of the body.

        Reading continues: a client that is cut off while sending never reads the response.
        """
        self._refusal, self._is_wanted = self._refusal or why, False

    async def _keep(self, piece: bytes) -> None:
        Body._all_kept += len(piece)
        self._kept += len(piece)
        if self._kept <= _IN_MEMORY_BYTES:
            self.file.write(piece)
            return
        try:
            await asyncio.to_thread(self._write, piece)  # other requests don't wait for the disk
        except OSError as error:
            refusal = BodyNotStored()
            refusal.__cause__ = error
            self._refuse(refusal)

    def _write(self, piece: bytes) -> None:
        self.file.write(piece)
        self.file.flush()  # or a full disk would be noticed only when the body is read
