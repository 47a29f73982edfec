"""Opaque tokens: `<type><organization, 22 characters>.<secret, 43 characters>`, the last two in base64url.

The type is empty for tokens in cookies and links. Those that programs send begin with it, so that another type is
refused before any lookup, and scanners find them in published code. The organization allows a lookup within one tenant.
The database stores the SHA-256 of the whole token; a slow hash would add nothing to 256 random bits.
"""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self
from uuid import UUID

_SECRET_BYTES = 32
_SHAPE = re.compile(r"(?P<organization>[A-Za-z0-9_-]{22})\.(?P<secret>[A-Za-z0-9_-]{43})")
_TYPED = re.compile(rf"(?P<type>sb_(?:at|rt|key)_){_SHAPE.pattern}")


class TokenType(StrEnum):
    """Types of tokens; the value is the prefix of such tokens."""

    LINK_OR_COOKIE = ""
    ACCESS = "sb_at_"
    REFRESH = "sb_rt_"
    API_KEY = "sb_key_"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its holder presents it. `text` is the secret itself: it is shown once and never stored."""

    organization_id: UUID
    text: str = field(repr=False)

    @classmethod
    def new(cls, organization_id: UUID, kind: TokenType = TokenType.LINK_OR_COOKIE) -> Self:
        """Generate a token of a type for an organization."""
        organization = base64.urlsafe_b64encode(organization_id.bytes).decode().rstrip("=")
        return cls(organization_id, f"{kind}{organization}.{secrets.token_urlsafe(_SECRET_BYTES)}")

    @classmethod
    def parse(cls, text: str | None, kind: TokenType = TokenType.LINK_OR_COOKIE) -> Self | None:
        """Parse a presented token; return None if it has the wrong format or another type."""
        text = text or ""
        match = _SHAPE.fullmatch(text, len(kind)) if text.startswith(kind) else None
        if match is None:
            return None
        organization = base64.urlsafe_b64decode(match["organization"] + "==")
        return cls(UUID(bytes=organization), text)

    @classmethod
    def find_in(cls, text: str) -> list[Self]:
        """Return the tokens of programs that a text contains."""
        found = (cls.parse(match.group(), TokenType(match["type"])) for match in _TYPED.finditer(text))
        return [token for token in found if token is not None]

    @property
    def kind(self) -> TokenType:
        """Type of the token, as its text states it."""
        match = _TYPED.fullmatch(self.text)
        return TokenType(match["type"]) if match else TokenType.LINK_OR_COOKIE

    @property
    def digest(self) -> bytes:
        """SHA-256 of the token, as 32 bytes, by which the database identifies it."""
        return hashlib.sha256(self.text.encode()).digest()
