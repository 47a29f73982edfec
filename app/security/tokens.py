"""Opaque tokens: `<organization, 22 characters>.<secret, 43 characters>`, both base64url.

The organization in front allows a lookup within one tenant. The database stores the SHA-256 of the whole token; a slow
hash would add nothing to 256 random bits.
"""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from typing import Self
from uuid import UUID

_SECRET_BYTES = 32
_SHAPE = re.compile(r"(?P<organization>[A-Za-z0-9_-]{22})\.(?P<secret>[A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its holder presents it. `text` is the secret itself: it is shown once and never stored."""

    organization_id: UUID
    text: str = field(repr=False)

    @classmethod
    def new(cls, organization_id: UUID) -> Self:
        """Generate a token for an organization."""
        organization = base64.urlsafe_b64encode(organization_id.bytes).decode().rstrip("=")
        return cls(organization_id, f"{organization}.{secrets.token_urlsafe(_SECRET_BYTES)}")

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """Parse a presented token; return None if it has the wrong format."""
        match = _SHAPE.fullmatch(text or "")
        if match is None:
            return None
        organization = base64.urlsafe_b64decode(match["organization"] + "==")
        return cls(UUID(bytes=organization), match[0])

    @property
    def digest(self) -> bytes:
        """SHA-256 of the token, as 32 bytes, by which the database identifies it."""
        return hashlib.sha256(self.text.encode()).digest()
