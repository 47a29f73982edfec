"""Emails that are rendered when they are sent: only the recipient and the record are stored.

Declared by the feature that owns the record: `rendered_mails=(MailKind("weekly_report", make_report_mail),)`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG image embedded in an email, which its HTML shows as `cid:<name>`."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file attached to an email; `kind` is its media type."""

    name: str
    kind: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """The content of an email as text, and as HTML with images; `unsubscribe` is the unsubscribe address."""

    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    pictures: tuple[Picture, ...] = ()
    files: tuple[AttachedFile, ...] = ()
    unsubscribe: str | None = None


@dataclass(frozen=True, slots=True)
class MailKind:
    """A kind of email, by its name in the outbox.

    `make` takes the ids of the recipient and of the record that the email is about; it returns None if the recipient
    can no longer get the email.
    """

    mail: str
    make: Callable[[UUID, UUID], RenderedMail | None]
