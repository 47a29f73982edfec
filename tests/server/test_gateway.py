"""Buffering of requests and responses in the gateway: limits, temporary files and timeouts."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from errno import ENOSPC
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from app.server import bodies, growing_file
from app.server.gateway import Gateway
from app.web.body_buffering import ALLOWED, DISK_ERROR, STATE, BodyState

MEGABYTE = 1024 * 1024

Message = dict[str, Any]


class Files(list["Watched"]):
    """List of all temporary files created so far."""


class Watched(SpooledTemporaryFile[bytes]):
    """A temporary file that records the threads in which it accessed the disk."""

    made: Files

    def __init__(self, max_size: int = 0, buffering: int = -1) -> None:
        super().__init__(max_size, buffering=buffering)
        if not max_size:
            self.rollover()
        self.threads: set[int] = set()
        self.closed_in: int | None = None
        self.made.append(self)

    def write(self, piece: Any) -> int:
        size = super().write(piece)
        self._note()
        return size

    def read(self, *arguments: Any) -> bytes:
        self._note()
        return super().read(*arguments)

    def fileno(self) -> int:
        self._note()
        return super().fileno()

    def close(self) -> None:
        self.closed_in = threading.get_ident()
        super().close()

    def _note(self) -> None:
        if self._rolled:  # type: ignore[attr-defined]
            self.threads.add(threading.get_ident())


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    made = Files()
    monkeypatch.setattr(Watched, "made", made, raising=False)
    monkeypatch.setattr(growing_file, "TemporaryFile", Watched)
    monkeypatch.setattr(bodies, "SpooledTemporaryFile", Watched)
    return made


def scope(**headers: str) -> Message:
    """Return the ASGI scope of a POST request with these headers."""
    return {
        "method": "POST",
        "raw_path": b"/",
        "query_string": b"",
        "http_version": "1.1",
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 9000),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }


def serve(
    app: Callable[..., Iterable[bytes]],
    pieces: Iterable[bytes] = (),
    send: Callable[[Message], Awaitable[None]] | None = None,
    unread_seconds: float = 60.0,
    *,
    client_leaves: bool = False,
    http_version: str = "1.1",
) -> list[Message]:
    """Send `pieces` as the body of a request, and return the messages of the response.

    The client reads everything immediately unless `send` does otherwise. If it leaves, it does so with the first piece.
    """
    sent: list[Message] = []
    has_begun = asyncio.Event()

    async def take(message: Message) -> None:
        sent.append(message)
        if message.get("body"):
            has_begun.set()
        if send:
            await send(message)

    async def answer() -> None:
        coming = iter([*pieces])
        never = asyncio.Event()

        async def receive() -> Message:
            piece = next(coming, None)
            if piece is None:
                await (has_begun if client_leaves else never).wait()
                return {"type": "http.disconnect"}
            await asyncio.sleep(0)
            return {"type": "http.request", "body": piece, "more_body": True}

        made = Gateway(app, threads=2, request_seconds=1.0, unread_seconds=unread_seconds)
        asked = scope(**({"content-length": "99999999"} if pieces else {}))
        await made({**asked, "http_version": http_version}, receive, take)

    asyncio.run(answer())
    return sent


def in_pieces(count: int) -> Callable[..., Iterator[bytes]]:
    """Return an application that responds with `count` chunks of one megabyte."""

    def app(_environ: Message, start: Callable[..., object]) -> Iterator[bytes]:
        start("200 OK", [])
        for _ in range(count):
            yield bytes(MEGABYTE)

    return app


def broken(_environ: Message, start: Callable[..., object]) -> Iterator[bytes]:
    """Respond with half a body, and fail."""
    start("200 OK", [])
    yield b"half"
    raise ZeroDivisionError


def body_of(sent: Iterable[Message]) -> bytes:
    """Return the body of the response."""
    return b"".join(message.get("body", b"") for message in sent)


def test_an_answer_of_unknown_length_is_sent_while_it_is_made() -> None:
    is_here = threading.Event()
    waited: list[bool] = []

    def app(_environ: Message, start: Callable[..., object]) -> Iterator[bytes]:
        start("200 OK", [])
        yield b"beginning, "
        waited.append(is_here.wait(10))
        yield b"end"

    async def read(message: Message) -> None:
        if message.get("body") == b"beginning, ":
            is_here.set()

    sent = serve(app, send=read)

    assert waited == [True]
    assert body_of(sent) == b"beginning, end"
    assert sent[-1].get("more_body", False) is False


def test_an_answer_is_made_as_fast_as_it_can_be_while_nobody_reads_it() -> None:
    is_made = threading.Event()

    def app(_environ: Message, start: Callable[..., object]) -> Iterator[bytes]:
        start("200 OK", [])
        for _ in range(3):
            yield bytes(MEGABYTE)
        is_made.set()

    async def read_once_it_is_made(message: Message) -> None:
        if message.get("body"):
            assert await asyncio.to_thread(is_made.wait, 10)

    assert len(body_of(serve(app, send=read_once_it_is_made))) == 3 * MEGABYTE


def test_an_answer_that_the_system_writes_in_parts_is_whole(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    class InParts(Watched):
        def write(self, piece: Any) -> int:
            return super().write(piece[:7])

    def app(_environ: Message, start: Callable[..., object]) -> Iterator[bytes]:
        start("200 OK", [])
        yield b"written in three parts"

    monkeypatch.setattr(growing_file, "TemporaryFile", InParts)

    assert body_of(serve(app)) == b"written in three parts"
    assert files[0].closed


def test_a_small_answer_of_known_length_is_sent_whole() -> None:
    def app(_environ: Message, start: Callable[..., object]) -> Iterator[bytes]:
        start("200 OK", [("Content-Length", "3")])
        yield b"a"
        yield b"bc"

    [_start, body] = serve(app)

    assert body == {"type": "http.response.body", "body": b"abc"}


def test_an_answer_that_fails_is_not_ended(files: Files) -> None:
    sent: list[Message] = []

    async def read(message: Message) -> None:
        sent.append(message)

    with pytest.raises(ZeroDivisionError):
        serve(broken, send=read)

    assert body_of(sent) == b"half"
    assert all(message.get("more_body") for message in sent[1:])
    assert files[0].closed


class Full(Watched):
    """A temporary file on a disk that takes half a megabyte, and then two bytes of a piece."""

    def write(self, piece: Any) -> int:
        if self.tell() > MEGABYTE // 2:
            raise OSError(ENOSPC, "No space left on device")
        return super().write(piece[:2] if self.tell() == MEGABYTE // 2 else piece)


HALF = bytes(range(256)) * (MEGABYTE // 512)


def test_an_answer_that_the_disk_has_no_room_for_is_sent_from_memory_and_logged_with_its_request(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    def app(_environ: Message, start: Callable[..., object]) -> Iterator[bytes]:
        structlog.contextvars.bind_contextvars(request_id="one")
        start("200 OK", [])
        yield from [HALF] * 20

    monkeypatch.setattr(growing_file, "TemporaryFile", Full)
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        sent = serve(app)

    assert body_of(sent) == HALF * 20
    assert files[0].closed
    [line] = logs
    assert (line["event"], line["request_id"], line["log_level"]) == ("response not stored", "one", "error")


def test_without_room_on_the_disk_an_answer_is_made_as_fast_as_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    most = 0

    def app(_environ: Message, start: Callable[..., object]) -> Iterator[bytes]:
        start("200 OK", [])
        for number in range(10):
            made.append(number)
            yield HALF

    def none_made(**_options: object) -> None:
        raise OSError(ENOSPC, "No space left on device")

    async def read(message: Message) -> None:
        nonlocal most
        sent.append(message)
        most = max(most, len(made) * len(HALF) - len(body_of(sent)))
        await asyncio.sleep(0)

    sent: list[Message] = []
    monkeypatch.setattr(growing_file, "TemporaryFile", none_made)
    serve(app, send=read)

    assert body_of(sent) == HALF * 10
    assert most <= 2 * MEGABYTE


def test_an_old_client_gets_nothing_of_an_answer_that_the_disk_has_no_room_for(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growing_file, "TemporaryFile", Full)

    with pytest.raises(OSError, match="No space left"):
        serve(in_pieces(3), http_version="1.0")

    assert files[0].closed


def test_an_old_client_gets_an_answer_of_unknown_length_once_it_is_whole() -> None:
    sent = serve(in_pieces(3), http_version="1.0")

    assert (b"content-length", str(3 * MEGABYTE).encode()) in sent[0]["headers"]
    assert len(body_of(sent)) == 3 * MEGABYTE


def test_an_old_client_gets_nothing_of_an_answer_that_fails(files: Files) -> None:
    sent: list[Message] = []

    async def read(message: Message) -> None:
        sent.append(message)

    with pytest.raises(ZeroDivisionError):
        serve(broken, send=read, http_version="1.0")

    assert sent == []
    assert files[0].closed


def test_an_answer_that_fails_at_once_is_none() -> None:
    def app(_environ: Message, start: Callable[..., object]) -> Iterator[bytes]:
        start("200 OK", [])
        return (bytes(1 // 0) for _ in range(1))

    sent: list[Message] = []

    async def read(message: Message) -> None:
        sent.append(message)

    with pytest.raises(ZeroDivisionError):
        serve(app, send=read)
    assert sent == []


def test_an_answer_to_a_client_that_has_gone_is_not_made_to_its_end(files: Files) -> None:
    is_closed = threading.Event()
    pieces: list[int] = []

    def app(_environ: Message, start: Callable[..., object]) -> Iterator[bytes]:
        start("200 OK", [])
        try:
            for number in range(1000):
                pieces.append(number)
                yield b"x"
                time.sleep(0.01)
        finally:
            is_closed.set()

    serve(app, client_leaves=True)

    assert is_closed.wait(20)
    assert len(pieces) < 1000
    assert files[0].closed


def test_files_are_read_in_threads_that_nobody_waits_for(files: Files) -> None:
    serve(in_pieces(3))

    assert files[0].threads
    assert threading.get_ident() not in {*files[0].threads, files[0].closed_in}


def test_who_takes_no_piece_of_an_answer_in_time_gets_no_more(files: Files) -> None:
    async def read_nothing(message: Message) -> None:
        if message.get("body"):
            await asyncio.sleep(60)

    sent = serve(in_pieces(3), send=read_nothing, unread_seconds=0.1)

    assert [len(message.get("body", b"")) for message in sent] == [0, 64 * 1024]
    assert files[0].closed


def test_a_refusal_for_asking_too_much_is_sent_a_moment_later(monkeypatch: pytest.MonkeyPatch) -> None:
    paused: list[float] = []

    async def pause(seconds: float) -> None:
        paused.append(seconds)

    def refusing(status: str) -> Callable[..., list[bytes]]:
        def app(_environ: Message, start: Callable[..., object]) -> list[bytes]:
            start(status, [])
            return [b"No."]

        return app

    monkeypatch.setattr(asyncio, "sleep", pause)

    assert body_of(serve(refusing("503 Service Unavailable"))) == b"No."
    assert paused == []
    assert body_of(serve(refusing("429 Too Many Requests"))) == b"No."
    assert paused == [1.0]


def allowing(environ: Message, start: Callable[..., object]) -> list[bytes]:
    """Allow a body of up to ten megabytes if it is still awaited, and respond with the body's state."""
    if environ[STATE] == BodyState.AWAITED:
        environ[ALLOWED] = (10 * MEGABYTE, False)
    start("200 OK", [("Content-Length", str(len(environ[STATE])))])
    return [environ[STATE].encode()]


def test_bodies_are_written_in_threads_that_nobody_waits_for(files: Files) -> None:
    assert body_of(serve(allowing, [bytes(64 * 1024)] * 16)) == b"late"

    assert files[0].threads
    assert threading.get_ident() not in files[0].threads


def test_all_bodies_together_have_only_so_much_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_BYTES", MEGABYTE, raising=False)

    for _ in range(2):  # the space is released
        assert body_of(serve(allowing, [bytes(64 * 1024)] * 15)) == b"late"
    assert body_of(serve(allowing, [bytes(64 * 1024)] * 17)) == b"no room"


def test_a_body_that_the_disk_has_no_room_for_is_refused_with_the_reason(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Message] = []

    def app(environ: Message, start: Callable[..., object]) -> list[bytes]:
        asked.append(environ)
        return allowing(environ, start)

    monkeypatch.setattr(bodies, "SpooledTemporaryFile", Full)
    monkeypatch.setattr(bodies, "_SILENCE_SECONDS", 0.01)

    assert body_of(serve(app, [bytes(64 * 1024)] * 17)) == b"not stored"
    assert asked[-1][DISK_ERROR].errno == ENOSPC
    assert files[0].closed
