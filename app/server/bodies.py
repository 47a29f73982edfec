"""Takes in the body of a request as it comes, in no thread: so much, so fast, and not for ever."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from tempfile import SpooledTemporaryFile
from typing import Any

Receive = Callable[[], Awaitable[dict[str, Any]]]

#: What may come before anybody has looked at the request.
UNASKED_BYTES = 64 * 1024
_IN_MEMORY_BYTES = 256 * 1024
#: All bodies together that this process keeps: five of the largest files at once.
MOST_BYTES = 1024**3
#: After this while a body has to come at this speed on average.
_PATIENCE_SECONDS, _BYTES_PER_SECOND = 10.0, 1024
#: A file is not held to the time of a request, and has to come as fast as a phone on a bad day sends: 256 kbit/s.
_UPLOAD_PATIENCE_SECONDS, _UPLOAD_BYTES_PER_SECOND = 30.0, 32 * 1024
#: Whoever was refused while sending reads the answer only when everything is sent.
_LINGER_SECONDS, _SILENCE_SECONDS = 30.0, 2.0
_LOOK_SECONDS = 0.5


class BodyLate(Exception):
    """It did not come in time, or too slowly."""


class BodyTooLarge(Exception):
    """More came than is allowed."""


class NoRoom(Exception):
    """Too much is kept for others."""


class SenderGone(Exception):
    """Nobody is there any more to be answered."""


class Body:
    """A body on its way. `file` holds what has come of it, from memory to a file without a name as it grows."""

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
        """How long it has been waited for."""
        return time.monotonic() - self._began

    async def is_here_within(self, seconds: float) -> bool:
        """Wait so long for the end of a small one. Raises SenderGone."""
        await asyncio.wait({self._task}, timeout=seconds)
        return self._refusal is None and self._is_done()

    async def rest(self, allowed: int, seconds: float | None) -> None:
        """Wait for the end of one that may have so many bytes, and take so long in all: None for an upload.

        Raises BodyLate, BodyTooLarge, NoRoom and SenderGone.
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
        """Take what still comes for a while, and forget it."""
        self._is_wanted = False
        self._may_go_on.set()
        deadline, seen = time.monotonic() + _LINGER_SECONDS, -1
        while seen != self.length and time.monotonic() < deadline and not self._task.done():
            seen = self.length
            await asyncio.wait({self._task}, timeout=_SILENCE_SECONDS)

    def close(self) -> None:
        """End it, wherever it is."""
        self._task.cancel()
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
            elif Body._all_kept + len(piece) > MOST_BYTES:
                self._refuse(NoRoom())
            if self._is_wanted:
                await self._keep(piece)
        self.file.seek(0)

    def _refuse(self, why: Exception) -> None:
        """Go on taking what comes: whoever is cut off while sending never reads the answer."""
        self._refusal, self._is_wanted = self._refusal or why, False

    async def _keep(self, piece: bytes) -> None:
        Body._all_kept += len(piece)
        self._kept += len(piece)
        if self._kept > _IN_MEMORY_BYTES:
            await asyncio.to_thread(self.file.write, piece)  # others do not wait for the disk
        else:
            self.file.write(piece)
