"""Hundreds of connections that send or read a byte at a time, as from an attacker or a bad network."""

import selectors
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum

_LOOK_SECONDS = 0.05
#: Number of readers per batch; the next batch starts once these have the first byte, because building a response
#: occupies a slot, and on a busy machine, a larger batch would wait for it longer than the server lets anyone wait.
_READERS_AT_ONCE = 2
_ANSWER_SECONDS = 30.0


class Slow(StrEnum):
    """Phases of a request that can be slow."""

    HEAD = "head"
    BODY = "body"
    READING = "reading"


class SlowSockets:
    """Many concurrent connections, all served by one thread."""

    def __init__(self, port: int, slow: Slow, count: int, path: str, cookie: str, pause: float) -> None:
        self.answers: Counter[str] = Counter()  # status lines; "" for connections that ended without any
        self._slow, self._pause = slow, pause
        self._first = _beginning(port, slow, path, cookie)
        self._stop = threading.Event()
        self._selector = selectors.DefaultSelector()
        self._open: set[socket.socket] = set()
        while len(self._open) < count:
            portion = [self._connect(port) for _ in range(min(_READERS_AT_ONCE, count - len(self._open)))]
            self._open.update(portion)
            for one in portion:
                self._begin(one)
        self._thread = threading.Thread(target=self._dawdle, daemon=True)
        self._thread.start()

    @property
    def still_open(self) -> int:
        """The number of connections that the server hasn't closed."""
        return len(self._open)

    def close(self) -> None:
        """Close all connections."""
        self._stop.set()
        self._thread.join()
        for one in self._open:
            one.close()
        self._selector.close()

    def _connect(self, port: int) -> socket.socket:
        one = socket.socket()
        if self._slow == Slow.READING:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        one.connect(("127.0.0.1", port))
        one.sendall(self._first)
        return one

    def _begin(self, one: socket.socket) -> None:
        if self._slow == Slow.READING:
            one.settimeout(_ANSWER_SECONDS)
            one.recv(1)
        one.setblocking(False)
        if self._slow != Slow.READING:
            self._selector.register(one, selectors.EVENT_READ)

    def _dawdle(self) -> None:
        due = time.monotonic() + self._pause
        while not self._stop.is_set():
            for key, _events in self._selector.select(_LOOK_SECONDS) or ():
                self._read(key.fileobj)  # type: ignore[arg-type]  # only sockets are registered
            if not self._selector.get_map():
                time.sleep(_LOOK_SECONDS)
            if time.monotonic() >= due:
                due = time.monotonic() + self._pause
                self._go_on()

    def _go_on(self) -> None:
        for one in tuple(self._open):
            if self._slow == Slow.READING:
                self._read(one, 1)
            else:
                with suppress(OSError):
                    one.send(b"x")

    def _read(self, one: socket.socket, size: int = 65536) -> None:
        with suppress(BlockingIOError):
            try:
                answer = one.recv(size)
            except ConnectionError:
                answer = b""
            if self._slow == Slow.READING and answer:
                return
            self.answers[answer.partition(b"\r\n")[0].decode("latin-1")] += 1
            self._open.discard(one)
            if self._slow != Slow.READING:
                self._selector.unregister(one)
            one.close()


@contextmanager
def slow_sockets(
    port: int, slow: Slow, *, count: int = 200, path: str = "/login", cookie: str = "", pause: float = 0.5
) -> Iterator[SlowSockets]:
    """Hold `count` connections to `port` open inside the block.

    Each of them advances by one byte every `pause` seconds.
    """
    sockets = SlowSockets(port, slow, count, path, cookie, pause)
    try:
        yield sockets
    finally:
        sockets.close()


def _beginning(port: int, slow: Slow, path: str, cookie: str) -> bytes:
    method = "POST" if slow == Slow.BODY else "GET"
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    if slow == Slow.BODY:
        lines += ["Content-Type: application/x-www-form-urlencoded", "Content-Length: 60000"]
    end = {Slow.HEAD: "X-Slow: ", Slow.BODY: "\r\nemail=", Slow.READING: "\r\n"}[slow]
    return "\r\n".join([*lines, end]).encode()
