"""Between the web server, which waits for many connections at once, and the application, which works in threads.

What is slow on the other side of a connection is waited for here, and holds neither a thread nor a place: a body while
it comes, an answer while it is read. The application gets a request with all of its body, and its answer is taken from
it whole. A body that does not come with its head is waited for only where the application would let the request in
without it (see `app.web.awaited_body`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from wsgiref.types import WSGIApplication

from werkzeug.wsgi import FileWrapper

from app.server.bodies import Body, BodyLate, BodyTooLarge, NoRoom, Receive, SenderGone
from app.server.environ import environ_of
from app.web.awaited_body import ALLOWED, STATE, WAITED_SECONDS, BodyState

Send = Callable[[dict[str, Any]], Awaitable[None]]

#: A form comes with its head, or right behind it.
_RIGHT_BEHIND_SECONDS = 0.1
#: So many requests at a time are answered without their bodies: many that come slowly push nobody out.
_DOUBTFUL = 2
#: A refusal for asking too much is sent so much later: one who asks again at once would cost as much as one served.
_REFUSED_SECONDS = 1.0
_IN_MEMORY_BYTES = 1024 * 1024
_PIECE_BYTES = 64 * 1024


class Gateway:
    """An ASGI application that asks a WSGI application."""

    def __init__(self, app: WSGIApplication, *, threads: int, request_seconds: float, unread_seconds: float) -> None:
        self._app = app
        self._unread_seconds = unread_seconds
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._request_seconds = request_seconds
        self._doubtful = asyncio.Semaphore(_DOUBTFUL)

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request; what the server calls."""
        environ = environ_of(scope)
        if "CONTENT_LENGTH" not in environ and "HTTP_TRANSFER_ENCODING" not in environ:
            await self._send(await self._ask(environ), receive, send)
            return
        body = Body(receive)
        try:
            with suppress(SenderGone):
                await self._serve_with(body, environ, receive, send)
        finally:
            body.close()

    async def _serve_with(self, body: Body, environ: dict[str, Any], receive: Receive, send: Send) -> None:
        # Who expects to be told to send is told so by the first look at the body.
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
        """The answer to a request that is refused without its body; None once the body is here."""
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
        except NoRoom:
            environ[STATE] = BodyState.NO_ROOM
        else:
            environ[STATE] = BodyState.HERE
        environ[WAITED_SECONDS] = body.waited_seconds
        if environ[STATE] == BodyState.HERE:
            return None
        async with self._doubtful:
            return await self._ask(environ)

    async def _ask(self, environ: dict[str, Any]) -> "_Answer":
        return await asyncio.get_running_loop().run_in_executor(self._threads, _answer_of, self._app, environ)

    async def _send(self, answer: "_Answer", receive: Receive, send: Send) -> None:
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            await asyncio.sleep(_REFUSED_SECONDS)
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        if isinstance(answer.body, bytes):
            await send({"type": "http.response.body", "body": answer.body})
            return
        # The server takes pieces for somebody who has gone without a word, and as fast as they come.
        gone = asyncio.ensure_future(_until_gone(receive))
        pieces = iter(answer.body)
        try:
            while piece := await asyncio.to_thread(next, pieces, b""):
                if gone.done():
                    return
                message = {"type": "http.response.body", "body": piece, "more_body": True}
                # It takes one when the reader has taken those before; whoever takes too long gets no more.
                await asyncio.wait_for(send(message), self._unread_seconds)
            await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            return
        finally:
            gone.cancel()
            getattr(answer.body, "close", lambda: None)()


@dataclass(slots=True)
class _Answer:
    """What the application has said, whole: in memory, or in a file where it is large or was one already."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes | Iterable[bytes] = b""


def _answer_of(app: WSGIApplication, environ: dict[str, Any]) -> _Answer:
    answer = _Answer()
    files: list[FileWrapper] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        answer.status = int(status[:3])
        answer.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return _refuse_to_write

    def wrapped(file: IO[bytes], _size: int = 0) -> FileWrapper:
        files.append(FileWrapper(file, _PIECE_BYTES))
        return files[0]

    environ["wsgi.file_wrapper"] = wrapped
    pieces = app(environ, start)
    if files:
        answer.body = pieces
        return answer
    try:
        _keep(answer, pieces)
    finally:
        getattr(pieces, "close", lambda: None)()
    return answer


def _keep(answer: _Answer, pieces: Iterable[bytes]) -> None:
    """Take a body as fast as it is made, however fast it will be read."""
    kept = SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115 - closed when it has been sent
    for piece in pieces:  # `writelines` would keep all of it in memory until the end
        kept.write(piece)
    size = kept.tell()
    kept.seek(0)
    if size <= _IN_MEMORY_BYTES:
        answer.body = kept.read()
        kept.close()
    else:
        answer.body = FileWrapper(kept, _PIECE_BYTES)
        if not any(name == b"content-length" for name, _value in answer.headers):
            answer.headers.append((b"content-length", str(size).encode()))


def _refuse_to_write(_piece: bytes) -> object:
    raise NotImplementedError("A body is returned, not written.")


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
