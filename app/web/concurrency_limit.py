"""Concurrency limits: some requests run, some wait briefly, and all others are asked to retry.

A request holds a slot of one lane by its purpose: pages, signing in, files of a list, webhooks, health checks. A
request can need a second database connection, so the pool has more connections than there are slots. Waiting requests
hold a thread, which costs next to nothing, and no connection. A slow database therefore results in a short queue and
then clear responses instead of long delays, and requests that need no database (static files) are always served.

`app.web.admission_rules` decides which request gets a free slot.
"""

import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from math import inf
from time import monotonic, sleep
from typing import Any, TypeVar
from uuid import uuid4

from flask import Flask, Response, current_app, g, request

from app import instruments
from app.config import HEALTH_SLOTS, VOICE_SLOTS, WEBHOOK_SLOTS, Settings
from app.errors import Overloaded, ShuttingDown, TooManyAtOnce
from app.security.api_requests import is_api_request
from app.security.guard import is_static
from app.security.identity import presented_token
from app.security.requesters import UNPROVED, Requester, Requesters, init_requesters, known_requesters
from app.web.admission_rules import Admission, Shares
from app.web.refusals import count_refusal
from app.web.stopping import is_stopping, note_requests

_DOORS = "switchboard_doors"
_ALWAYS = "switchboard_answers_always"
_LANE = "switchboard_lane"
_DIGEST = "switchboard_lane_digest"
#: Clients request health and metrics one after another.
_WAITING_FOR_HEALTH = 8
#: A provider repeats a request for a call once, and gives up on it after 15 seconds.
_WAITING_FOR_VOICE = 16
#: A user who clicks and reads requests the next page within this time.
_MOMENT_SECONDS = 1.0
#: Multiple of the seconds that a chunk of a long response took.
_REST = 2.0

View = TypeVar("View", bound=Callable[..., Any])
Piece = TypeVar("Piece")


class Lane(StrEnum):
    """Groups of requests with slots of their own, so that one kind does not delay the others."""

    PAGES = "pages"
    SIGN_IN = "sign_in"
    FILES = "files"
    VOICE = "voice"
    WEBHOOKS = "webhooks"
    HEALTH = "health"


#: Users are unknown there: each request counts on its own.
_LANES_OF_STRANGERS = (Lane.SIGN_IN, Lane.HEALTH)
#: Each organization is one client there.
_LANES_OF_PROVIDERS = (Lane.VOICE, Lane.WEBHOOKS)


def answers_always(view: View) -> View:
    """Exempt a view from the limits, even while the server stops. It must not use the database."""
    setattr(view, _ALWAYS, True)
    return view


def in_lane(lane: Lane, digest: Callable[[], bytes | None] | None = None) -> Callable[[View], View]:
    """Decorate a view so that its requests hold a slot of `lane`.

    `digest` identifies the requester of a request, instead of the digest of its token.
    """

    def mark(view: View) -> View:
        setattr(view, _LANE, lane)
        setattr(view, _DIGEST, digest)
        return view

    return mark


@dataclass(eq=False)
class _Waiting:
    """A waiting request and the digest of its token; `admitted` is set when it has a slot."""

    digest: bytes | None
    is_api_request: bool = False
    admitted: threading.Event = field(default_factory=threading.Event)

    @property
    def client(self) -> bytes | None:
        """The client of the JSON API, identified by its token; None for others."""
        return self.digest if self.is_api_request else None


class ConcurrencyLimit:
    """Slots of one lane in one process. Thread-safe.

    A slot can be released outside of a request, as for streamed responses.
    """

    def __init__(self, shares: Shares, wait_seconds: float, requester_of: Callable[[bytes | None], Requester]) -> None:
        self._admission = Admission[_Waiting](
            shares, lambda waiting: requester_of(waiting.digest), lambda waiting: waiting.client
        )
        self._wait_seconds = wait_seconds
        self._lock = threading.Lock()
        self._working = 0
        self._last_left = -inf

    @contextmanager
    def admitted(self, digest: bytes | None = None, *, is_api_request: bool = False) -> Iterator[None]:
        """Hold a slot inside the block, for the session or API key with this token digest.

        Raises TooManyAtOnce, and Overloaded if there is no slot in time.
        """
        own = _Waiting(digest, is_api_request)
        with self._lock:
            has_slot = self._admission.enter(own)
        if not has_slot:
            self._wait(own)
        with self._lock:
            self._working += 1
        try:
            yield
        finally:
            with self._lock:
                self._working -= 1
                self._last_left = monotonic()
                following = self._admission.leave(own)
            if following is not None:
                following.admitted.set()

    def is_in_use(self) -> bool:
        """Return whether a slot is in use, or was a moment ago."""
        return self._working > 0 or monotonic() - self._last_left < _MOMENT_SECONDS

    def _wait(self, own: _Waiting) -> None:
        with instruments.waiting.track_inprogress():
            if own.admitted.wait(self._wait_seconds):
                return
        with self._lock:
            if self._admission.give_up(own):  # unless it was admitted at the last moment
                raise Overloaded


class Presence:
    """Number of requests that this process runs or lets wait, in any lane."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Count a request inside the block. Raises ShuttingDown once the stop has been announced."""
        self._add(1)  # first: after the announcement, a count of zero must be reliable
        try:
            if is_stopping():
                raise ShuttingDown
            yield
        finally:
            self._add(-1)

    def _add(self, number: int) -> None:
        with self._lock:
            self._number += number
            note_requests(self._number)


@dataclass(frozen=True)
class _Doors:
    presence: Presence
    lanes: Mapping[Lane, ConcurrencyLimit]


def init_concurrency_limit(app: Flask) -> None:
    """Limit concurrent requests. Must be called early, so that refused requests cost nothing else."""
    settings: Settings = app.config["SETTINGS"]
    requesters = init_requesters(app)
    lanes = {
        lane: ConcurrencyLimit(
            shares,
            settings.pool_wait_seconds,
            partial(_find_each, requesters) if lane in _LANES_OF_STRANGERS else requesters.find,
        )
        for lane, shares in shares_of_lanes(settings).items()
    }
    app.extensions[_DOORS] = _Doors(Presence(), lanes)
    for lane in lanes:
        instruments.refused_at_once.labels(lane)  # 0 from the start, or a first refusal would not be an increase
    app.before_request(_admit)
    app.after_request(_close_while_stopping)


def shares_of_lanes(settings: Settings) -> Mapping[Lane, Shares]:
    """Return the limits of each lane in one process.

    They are its slots and waiting places, and the shares that one person and one organization can have of them. In
    lanes for anonymous clients, an organization's share is the whole lane.
    """
    numbers = {
        Lane.PAGES: (settings.web_threads, settings.most_waiting_requests),
        Lane.FILES: (settings.file_slots, settings.most_waiting_requests),
        Lane.SIGN_IN: (settings.sign_in_slots, settings.most_waiting_sign_ins),
        Lane.VOICE: (VOICE_SLOTS, _WAITING_FOR_VOICE),
        Lane.WEBHOOKS: (WEBHOOK_SLOTS, settings.most_waiting_requests),
        Lane.HEALTH: (HEALTH_SLOTS, _WAITING_FOR_HEALTH),
    }
    return {
        lane: Shares.of(
            slots,
            waiting,
            person=1 if lane in _LANES_OF_PROVIDERS else settings.person_share,
            person_waiting=waiting if lane in _LANES_OF_PROVIDERS else settings.most_waiting_of_a_person,
            organization=1 if lane in _LANES_OF_STRANGERS else settings.organization_share,
        )
        for lane, (slots, waiting) in numbers.items()
    }


def yielding(pieces: Iterable[Piece]) -> Generator[Piece, None, None]:
    """Yield `pieces`, with a pause after each while this process serves pages.

    Each pause is twice as long as the piece took. The threads of a process take turns running Python, and a page needs
    a turn after each database result: without the pauses, pages take three times as long during a long response.
    """
    doors: _Doors = current_app.extensions[_DOORS]
    pages = doors.lanes[Lane.PAGES]
    began = monotonic()
    for piece in pieces:
        yield piece
        if pages.is_in_use():
            sleep(_REST * (monotonic() - began))
        began = monotonic()


def _find_each(requesters: Requesters, digest: bytes | None) -> Requester:
    """Return the requester of a token, treating each unknown one as a separate person."""
    known = requesters.find(digest)
    return Requester(person=uuid4()) if known == UNPROVED else known


def _admit() -> None:
    endpoint = request.endpoint or ""
    view = current_app.view_functions.get(endpoint)
    if is_static(endpoint) or getattr(view, _ALWAYS, False):
        return
    doors: _Doors = current_app.extensions[_DOORS]
    lane = getattr(view, _LANE, Lane.PAGES)
    is_work = lane is not Lane.HEALTH  # health checks continue while the server stops
    if is_work:
        g.work.enter_context(doors.presence.noted())
    digest = _digest_of(view)
    try:
        g.work.enter_context(doors.lanes[lane].admitted(digest, is_api_request=is_api_request()))
    except (Overloaded, TooManyAtOnce):
        count_refusal(known_requesters().find(digest).organization)
        instruments.refused_at_once.labels(lane).inc()
        raise
    if is_work:
        g.work.enter_context(_counted())


def _digest_of(view: object) -> bytes | None:
    own: Callable[[], bytes | None] | None = getattr(view, _DIGEST, None)
    if own is not None:
        return own()
    token = presented_token()
    return token.digest if token else None


@contextmanager
def _counted() -> Iterator[None]:
    """Count a request as running, including one whose response is discarded before its end."""
    instruments.working.inc()
    try:
        yield
    finally:
        instruments.working.dec()


def _close_while_stopping(response: Response) -> Response:
    """Close keep-alive connections while the server stops."""
    if is_stopping():
        response.headers["Connection"] = "close"
    return response
