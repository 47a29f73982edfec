"""Mails that are rendered when they are sent: only the recipient and the subject record are stored, not the content.

Declared by the feature that owns the record: `letters=(LetterKind("weekly_report", make_report_mail),)`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG image embedded in a mail, which its HTML shows as `cid:<name>`."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file attached to a mail; `kind` is its media type."""

    name: str
    kind: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MadeLetter:
    """Content of a mail: text, and the same as HTML with images; `unsubscribe` is the unsubscribe address."""

    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    pictures: tuple[Picture, ...] = ()
    files: tuple[AttachedFile, ...] = ()
    unsubscribe: str | None = None


@dataclass(frozen=True, slots=True)
class LetterKind:
    """A kind of mail, by its name in the outbox.

    `make` takes the ids of the recipient and of the subject record; it returns None if the recipient can no longer get
    the mail.
    """

    mail: str
    make: Callable[[UUID, UUID], MadeLetter | None]
