"""A mail that is made when it is sent: what is stored is who it is for and what it is about, not what it says.

Declared by the feature that knows what it is about: `letters=(LetterKind("weekly_report", make_report_mail),)`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG within a mail, which its HTML shows by `cid:<name>`."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file beside a mail; `kind` is its media type."""

    name: str
    kind: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class MadeLetter:
    """What a mail says: in text, and the same in HTML with pictures. `unsubscribe` is the address that ends such mails
    for its reader."""

    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    pictures: tuple[Picture, ...] = ()
    files: tuple[AttachedFile, ...] = ()
    unsubscribe: str | None = None


@dataclass(frozen=True, slots=True)
class LetterKind:
    """A kind of mail by its name in the outbox. `make` takes the ids of the reader and of what it is about; None means
    that the reader may not have it any more."""

    mail: str
    make: Callable[[UUID, UUID], MadeLetter | None]
