"""Application behind a gateway that fails in the middle of each response; served by `test_half_a_file.py`."""

from collections.abc import Callable, Iterator
from typing import Any

from app.server.gateway import Gateway


def _app(_environ: dict[str, Any], start: Callable[..., object]) -> Iterator[bytes]:
    start("200 OK", [("Content-Type", "text/csv")])
    yield b"one\r\n" * 10_000
    raise ZeroDivisionError


gateway = Gateway(_app, threads=1, request_seconds=30.0, unread_seconds=30.0)
