"""Something that one can do from every page: a feature declares it, the search finds it by its words."""

from dataclasses import dataclass

from flask_babel import LazyString

from app.security.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What leads to a form, or is done at once where it `is_done_at_once` (by POST, without a question).

    `words` are others that somebody may type for it, in one sentence.
    """

    label: LazyString
    endpoint: str
    icon: str
    permission: Permission
    words: LazyString | None = None
    is_done_at_once: bool = False
