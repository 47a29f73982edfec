"""The person and organization that a request counts for, known from its token before the database is asked.

A process remembers the tokens that it has seen proved. What shares of the server somebody gets is decided by that, and
nothing else: a token that is remembered opens nothing.
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
    """A person over all their sessions and keys, and the organization that they work in."""

    person: UUID | None = None
    organization: UUID | None = None


#: All whose token has not been proved yet.
UNPROVED = Requester()


class Requesters:
    """The requesters of the tokens last proved, by digest. Safe for threads."""

    def __init__(self, capacity: int = _REMEMBERED_TOKENS) -> None:
        self._capacity = capacity
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, Requester] = OrderedDict()

    def remember(self, digest: bytes, requester: Requester) -> None:
        """Note whose a proved token is; the one proved longest ago is forgotten for it."""
        with self._lock:
            self._known[digest] = requester
            self._known.move_to_end(digest)
            if len(self._known) > self._capacity:
                self._known.popitem(last=False)

    def find(self, digest: bytes | None) -> Requester:
        """Return the requester of a token, or UNPROVED."""
        return UNPROVED if digest is None else self._known.get(digest, UNPROVED)


def init_requesters(app: Flask) -> Requesters:
    """Have the process remember requesters."""
    requesters = app.extensions[_REQUESTERS] = Requesters()
    return requesters


def known_requesters() -> Requesters:
    """Return the requesters that this process knows."""
    requesters: Requesters = current_app.extensions[_REQUESTERS]
    return requesters
