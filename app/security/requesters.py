"""Requesters: the person and organization of a request, known from its token before any database query.

A process remembers tokens that have been verified. This only decides which share of the server a request gets: a
remembered token grants no access.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from uuid import UUID

from flask import Flask, current_app

_REQUESTERS = "switchboard_requesters"
_REMEMBERED_TOKENS = 16_384


@dataclass(frozen=True, slots=True)
class Requester:
    """A person, across all their sessions and keys, and the organization that they work in."""

    person: UUID | None = None
    organization: UUID | None = None


#: Shared by all requests whose token has not been verified yet.
UNPROVED = Requester()


class Requesters:
    """Requesters of the last verified tokens, by digest. Thread-safe."""

    def __init__(self, capacity: int = _REMEMBERED_TOKENS) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, Requester] = OrderedDict()

    def remember(self, digest: bytes, requester: Requester) -> None:
        """Remember the requester of a verified token; if full, forget the one verified least recently."""
        with self._lock:
            self._known[digest] = requester
            self._known.move_to_end(digest)
            if len(self._known) > self._capacity:
                self._known.popitem(last=False)

    def find(self, digest: bytes | None) -> Requester:
        """Return the requester of a token, or UNPROVED if it is unknown."""
        return UNPROVED if digest is None else self._known.get(digest, UNPROVED)


def init_requesters(app: Flask) -> Requesters:
    """Set up the process's memory of requesters, and return it."""
    requesters = app.extensions[_REQUESTERS] = Requesters()
    return requesters


def known_requesters() -> Requesters:
    """Return the process's memory of requesters."""
    requesters: Requesters = current_app.extensions[_REQUESTERS]
    return requesters
