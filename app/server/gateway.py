"""Gateway between the web server, which is asynchronous, and the app, which runs in threads.

It waits for slow clients without holding a thread or a slot: for a body to arrive, and for a response to be read. The
app gets a request with its whole body, and its response is read as fast as the app produces it. A body that doesn't
arrive with the headers is awaited only if the app would accept the request without it (see `app.web.body_buffering`).

A response that is longer than 1 MB, or whose length isn't known, is sent while it is produced. If that fails, its
connection is closed without its end.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import chain, islice
from typing import IO, Any
from wsgiref.types import WSGIApplication

from werkzeug.wsgi import FileWrapper

from app.server.bodies import Body, BodyDoesNotFit, BodyLate, BodyNotStored, BodyTooLarge, Receive, SenderGone
from app.server.environ import environ_of
from app.server.growing_file import PIECE_BYTES, GrowingFile
from app.web.body_buffering import ALLOWED, DISK_ERROR, STATE, WAITED_SECONDS, BodyState

Send = Callable[[dict[str, Any]], Awaitable[None]]

#: A form arrives with the headers or immediately after them.
_RIGHT_BEHIND_SECONDS = 0.1
#: Number of requests processed at a time before their body has arrived, so slow senders don't displace others.
_DOUBTFUL = 2
#: Delay of 429 responses: a client that retries immediately would otherwise cost as much as one that is served.
_REFUSED_SECONDS = 1.0
_IN_MEMORY_BYTES = 1024 * 1024


class Gateway:
    """An ASGI application that calls a WSGI application."""

    def __init__(self, app: WSGIApplication, *, threads: int, request_seconds: float, unread_seconds: float) -> None:
        self._app = app
        self._unread_seconds = unread_seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._request_seconds = request_seconds
        self._doubtful = asyncio.Semaphore(_DOUBTFUL)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Handle one request; called by the server."""
        environ = environ_of(scope)
        if "CONTENT_LENGTH" not in environ and "HTTP_TRANSFER_ENCODING" not in environ:
            await self._send(await self._ask(environ), receive, send)
            return
        body = Body(receive)
        try:
            await self._serve_with(body, environ, receive, send)
        except SenderGone:
            # The server says the same of a client that has left and of a body that breaks the protocol.
            environ[STATE] = BodyState.BROKEN
            async with self._doubtful:
                refusal = await self._ask(environ)
            await self._send(refusal, receive, send)
        finally:
            body.close()

    async def _serve_with(self, body: Body, environ: dict[str, Any], receive: Receive, send: Send) -> None:
        # A client that expects "100 Continue" gets it when the body is first read.
        seconds = 0.0 if "HTTP_EXPECT" in environ else _RIGHT_BEHIND_SECONDS
        if not await body.is_here_within(seconds):
            refusal = await self._wait_outside(body, environ)
            if refusal is not None:
                await self._send(refusal, receive, send)
                await body.let_go()
                return
        environ["wsgi.input"] = body.file
        environ["CONTENT_LENGTH"] = str(body.length)
        await self._send(await self._ask(environ), receive, send)

    async def _wait_outside(self, body: Body, environ: dict[str, Any]) -> "_Answer | None":
        """Ask the app about a request whose body has not arrived, and wait for the body if the app allows it.

        Returns the response if the request is rejected, or None once the body is here.
        """
        environ[STATE] = BodyState.AWAITED
        async with self._doubtful:
            answer = await self._ask(environ)
        if ALLOWED not in environ:
            return answer
        allowed_bytes, is_upload = environ.pop(ALLOWED)
        try:
            await body.rest(allowed_bytes, None if is_upload else self._request_seconds)
        except BodyLate:
            environ[STATE] = BodyState.LATE
        except BodyTooLarge:
            environ[STATE] = BodyState.TOO_LARGE
        except BodyDoesNotFit:
            environ[STATE] = BodyState.NO_ROOM
        except BodyNotStored as error:
            environ[STATE], environ[DISK_ERROR] = BodyState.NOT_STORED, error.__cause__
        else:
            environ[STATE] = BodyState.HERE
        environ[WAITED_SECONDS] = body.waited_seconds
        if environ[STATE] == BodyState.HERE:
            return None
        async with self._doubtful:
            return await self._ask(environ)

    async def _ask(self, environ: dict[str, Any]) -> "_Answer":
        """Return the app's response as soon as there is something to send."""
        loop = asyncio.get_running_loop()
        begun: asyncio.Future[_Answer] = loop.create_future()
        work = loop.run_in_executor(self._threads, _answer_of, self._app, environ, begun)
        await asyncio.wait({begun, work}, return_when=asyncio.FIRST_COMPLETED)
        return begun.result() if begun.done() else work.result()

    async def _send(self, answer: "_Answer", receive: Receive, send: Send) -> None:
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            await asyncio.sleep(_REFUSED_SECONDS)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        body = answer.body
        if isinstance(body, bytes):
            await send({"type": "http.response.body", "body": body})
            return
        # The server accepts chunks for a client that has disconnected, as fast as they are produced.
        gone = asyncio.ensure_future(_until_gone(receive))
        if isinstance(body, GrowingFile):
            # So that the app stops producing it; the writer can hold the file while it waits for the disk.
            loop = asyncio.get_running_loop()
            gone.add_done_callback(lambda _gone: loop.run_in_executor(None, body.close))
        try:
            async for piece in body.pieces() if isinstance(body, GrowingFile) else _in_threads(body):
                if gone.done():
                    return
                message = {"type": "http.response.body", "body": piece, "more_body": True}
                # The server accepts a chunk only after the client has read the ones before; a client that is too slow
                # gets no more.
                await asyncio.wait_for(send(message), self._unread_seconds)
            # Without this, the server breaks off the connection, and the client notices that something is missing.
            await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            return
        finally:
            gone.cancel()
            await asyncio.to_thread(getattr(body, "close", lambda: None))


@dataclass(slots=True)
class _Answer:
    """Response of the app: its body is complete, or a file, which can be one that is still being written."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes | Iterable[bytes] | GrowingFile = b""

    @property
    def length(self) -> int | None:
        """The number of bytes that the headers announce, if any."""
        return next((int(value) for name, value in self.headers if name == b"content-length"), None)


def _answer_of(app: WSGIApplication, environ: dict[str, Any], begun: "asyncio.Future[_Answer]") -> _Answer:
    """Return the app's response; one that is sent while it is produced is handed over by `begun`."""
    answer = _Answer()
    files: list[FileWrapper] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        answer.status = int(status[:3])
        answer.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return _refuse_to_write

    def wrapped(file: IO[bytes], _size: int = 0) -> FileWrapper:
        files.append(FileWrapper(file, PIECE_BYTES))
        return files[0]

    environ["wsgi.file_wrapper"] = wrapped
    pieces = app(environ, start)
    if files:
        answer.body = pieces
        return answer
    try:
        rest = iter(pieces)
        beginning = list(islice(rest, 1))  # by which the headers are known
        if not beginning or (answer.length is not None and answer.length <= _IN_MEMORY_BYTES):
            answer.body = b"".join(chain(beginning, rest))
        else:
            # HTTP/1.0 has no other sign than the length that something is missing.
            is_sent_whole = environ["SERVER_PROTOCOL"] == "HTTP/1.0" and answer.length is None
            answer.body = file = GrowingFile(begun.get_loop(), is_read_meanwhile=not is_sent_whole)
            if not is_sent_whole:
                begun.get_loop().call_soon_threadsafe(begun.set_result, answer)
            file.write_all(chain(beginning, rest))
            if is_sent_whole:
                answer.headers.append((b"content-length", str(file.complete_size()).encode()))
    finally:
        getattr(pieces, "close", lambda: None)()
    return answer


def _refuse_to_write(_piece: bytes) -> object:
    raise NotImplementedError("A body is returned, not written.")


async def _in_threads(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Yield `pieces` of a file; other requests don't wait for the disk."""
    rest = iter(pieces)
    while piece := await asyncio.to_thread(next, rest, b""):
        yield piece


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
