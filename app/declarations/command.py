"""Declarations of actions that are available on every page; the search finds them by their words."""

from dataclasses import dataclass

from flask_babel import LazyString

from app.security.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """An action that opens a form, or runs immediately by POST if it `is_done_at_once`.

    `words` are further search terms for it, in one sentence.
    """

    label: LazyString
    endpoint: str
    icon: str
    permission: Permission
    words: LazyString | None = None
    is_done_at_once: bool = False
