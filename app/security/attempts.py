"""Marking of requests that compared a password or a code: they count as attempts, whatever their response."""

from flask import g, has_request_context


def note_attempt() -> None:
    """Mark the current request, if there is one, as an attempt at a secret."""
    if has_request_context():
        g.is_attempt = True


def is_attempt() -> bool:
    """Return whether the current request has compared a secret."""
    return bool(g.get("is_attempt"))
