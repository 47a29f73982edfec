"""Buffering of requests and responses in the gateway: limits, temporary files and timeouts."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest

from app.server import bodies, gateway
from app.server.gateway import Gateway
from app.web.body_buffering import ALLOWED, STATE, BodyState

MEGABYTE = 1024 * 1024

Message = dict[str, Any]


class Files(list["Watched"]):
    """List of all temporary files created so far."""


class Watched(SpooledTemporaryFile[bytes]):
    """A temporary file that records the threads in which it accessed the disk."""

    made: Files

    def __init__(self, max_size: int) -> None:
        super().__init__(max_size)
        self.threads: set[int] = set()
        self.made.append(self)

    @property
    def is_on_disk(self) -> bool:
        return bool(self._rolled)  # type: ignore[attr-defined]

    def write(self, piece: Any) -> int:
        size = super().write(piece)
        self._note()
        return size

    def read(self, *arguments: Any) -> bytes:
        self._note()
        return super().read(*arguments)

    def _note(self) -> None:
        if self.is_on_disk:
            self.threads.add(threading.get_ident())


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    made = Files()
    monkeypatch.setattr(Watched, "made", made, raising=False)
    monkeypatch.setattr(gateway, "SpooledTemporaryFile", Watched)
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
) -> list[Message]:
    """Send `pieces` as the body of a request, and return the messages of the response.

    The client reads everything immediately unless `send` does otherwise.
    """
    sent: list[Message] = []

    async def take(message: Message) -> None:
        sent.append(message)
        if send:
            await send(message)

    async def answer() -> None:
        coming = iter([*pieces])
        never = asyncio.Event()

        async def receive() -> Message:
            piece = next(coming, None)
            if piece is None:
                await never.wait()
            await asyncio.sleep(0)
            return {"type": "http.request", "body": piece, "more_body": True}

        made = Gateway(app, threads=2, request_seconds=1.0, unread_seconds=unread_seconds)
        await made(scope(**({"content-length": "99999999"} if pieces else {})), receive, take)

    asyncio.run(answer())
    return sent


def in_pieces(count: int) -> Callable[..., Iterator[bytes]]:
    """Return an application that responds with `count` chunks of one megabyte."""

    def app(_environ: Message, start: Callable[..., object]) -> Iterator[bytes]:
        start("200 OK", [])
        for _ in range(count):
            yield bytes(MEGABYTE)

    return app


def test_a_large_answer_goes_to_a_file_while_it_is_made(files: Files) -> None:
    seen: list[bool] = []

    def app(_environ: Message, start: Callable[..., object]) -> Iterator[bytes]:
        start("200 OK", [])
        for _ in range(3):
            yield bytes(MEGABYTE)
            seen.append(files[0].is_on_disk)

    sent = serve(app)

    assert seen == [False, True, True]
    assert sum(len(message.get("body", b"")) for message in sent) == 3 * MEGABYTE


def test_files_are_read_in_threads_that_nobody_waits_for(files: Files) -> None:
    serve(in_pieces(3))

    assert files[0].threads
    assert threading.get_ident() not in files[0].threads


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

    assert serve(refusing("503 Service Unavailable"))[-1]["body"] == b"No."
    assert paused == []
    assert serve(refusing("429 Too Many Requests"))[-1]["body"] == b"No."
    assert paused == [1.0]


def allowing(environ: Message, start: Callable[..., object]) -> list[bytes]:
    """Allow a body of up to ten megabytes if it is still awaited, and respond with the body's state."""
    if environ[STATE] == BodyState.AWAITED:
        environ[ALLOWED] = (10 * MEGABYTE, False)
    start("200 OK", [])
    return [environ[STATE].encode()]


def test_bodies_are_written_in_threads_that_nobody_waits_for(files: Files) -> None:
    assert serve(allowing, [bytes(64 * 1024)] * 16)[-1]["body"] == b"late"

    assert files[0].threads
    assert threading.get_ident() not in files[0].threads


def test_all_bodies_together_have_only_so_much_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_BYTES", MEGABYTE, raising=False)

    for _ in range(2):  # the space is released
        assert serve(allowing, [bytes(64 * 1024)] * 15)[-1]["body"] == b"late"
    assert serve(allowing, [bytes(64 * 1024)] * 17)[-1]["body"] == b"no room"
