"""Who gets in: so many requests work at a time, so many wait for a moment, everybody else is told to come back.

As many requests work as the settings have threads; each may need two database connections, and the pool holds more
than enough for that. Those that wait hold a thread, which costs next to nothing, and no connection. So a database that
has become slow makes a short queue and then clear answers instead of a long silence, and what needs no database
(health, static files) is answered all the time.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request

from app import instruments
from app.config import Settings
from app.errors import Overloaded, ShuttingDown
from app.security.guard import is_static
from app.web.stopping import is_stopping, note_requests

_ADMISSION = "switchboard_admission"
_ALWAYS = "switchboard_answers_always"

View = TypeVar("View", bound=Callable[..., Any])


def answers_always(view: View) -> View:
    """Let a view answer at once however many wait, and while the server stops: health checks and metrics."""
    setattr(view, _ALWAYS, True)
    return view


class ConcurrencyLimit:
    """The door of one process."""

    def __init__(self, places: int, max_waiting: int, wait_seconds: float) -> None:
        self._places = threading.Semaphore(places)
        self._most_waiting = max_waiting
        self._wait_seconds = wait_seconds
        self._lock = threading.Lock()
        self._inside = self._waiting = 0

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Hold a place inside the block. Raises ShuttingDown, or Overloaded when there is none in time."""
        self._come()
        try:
            with self._place():
                yield
        finally:
            self._go()

    def _come(self) -> None:
        with self._lock:
            # Counted first: whoever sees nobody busy after the announcement may rely on it.
            self._inside += 1
            note_requests(self._inside)
        if is_stopping():
            self._go()
            raise ShuttingDown

    def _go(self) -> None:
        with self._lock:
            self._inside -= 1
            note_requests(self._inside)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            self._wait()
        instruments.working.inc()
        try:
            yield
        finally:
            instruments.working.dec()
            self._places.release()

    def _wait(self) -> None:
        with self._lock:
            if self._waiting >= self._most_waiting:
                raise Overloaded
            self._waiting += 1
        instruments.waiting.inc()
        try:
            if not self._places.acquire(timeout=self._wait_seconds):
                raise Overloaded
        finally:
            instruments.waiting.dec()
            with self._lock:
                self._waiting -= 1


def init_concurrency_limit(app: Flask) -> None:
    """Let requests in one by one. Early: whoever is sent away costs nothing else."""
    settings: Settings = app.config["SETTINGS"]
    app.extensions[_ADMISSION] = ConcurrencyLimit(
        settings.web_threads, settings.most_waiting_requests, settings.pool_wait_seconds
    )
    app.before_request(_admit)
    app.after_request(_say_goodbye)


def _admit() -> None:
    endpoint = request.endpoint or ""
    if is_static(endpoint) or getattr(current_app.view_functions.get(endpoint), _ALWAYS, False):
        return
    admission: ConcurrencyLimit = current_app.extensions[_ADMISSION]
    g.work.enter_context(admission.admitted())


def _say_goodbye(response: Response) -> Response:
    """While the server stops, no connection is kept for a next request."""
    if is_stopping():
        response.headers["Connection"] = "close"
    return response
