"""Bodies and headers of deliveries as a page shows them: as text, never as markup.

Pure functions.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from app.directions import escape_directions
from app.errors import InvalidJson
from app.models import Provider
from app.organization.webhooks.event_rules import content_of, parameters_of

MAX_DISPLAYED_BYTES = 65_536

#: Indentation makes deeply nested JSON many times as long.
_MAX_DISPLAYED_CHARACTERS = 4 * MAX_DISPLAYED_BYTES
#: Characters that HTML can't contain, except tabs and ends of lines.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_EMPTY = sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class DisplayedBody:
    """The text of a body, or the parameters of a form as names and values."""

    text: str = ""
    parameters: Sequence[tuple[str, str]] = ()


def displayed_body(provider: Provider, beginning: bytes, *, is_whole: bool) -> DisplayedBody:
    """Return a body to show: indented JSON, or a form's parameters; as it is if it is cut off or can't be read."""
    if is_whole and beginning:
        try:
            if provider is Provider.TWILIO:
                pairs = parameters_of(beginning)
                if pairs:
                    return DisplayedBody(
                        parameters=[(displayed_text(name), displayed_text(value)) for name, value in pairs]
                    )
            else:
                indented = json.dumps(content_of(provider, beginning), indent=2, ensure_ascii=False)
                if len(indented) <= _MAX_DISPLAYED_CHARACTERS:
                    return DisplayedBody(displayed_text(indented))
        except InvalidJson:
            pass
    return DisplayedBody(displayed_text(beginning.decode("utf-8", "replace")))


def displayed_headers(headers: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return headers as names and values, sorted by name."""
    return sorted((displayed_text(name), displayed_text(str(value))) for name, value in headers.items())


def displayed_text(text: str) -> str:
    """Replace what a page can't contain, or what would reverse the order of its text."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", escape_directions(text.replace("\r\n", "\n")))


def is_emptied(body_bytes: int, digest: bytes) -> bool:
    """Return whether a body arrived with a content that is no longer stored; `digest` is the SHA-256 of what came."""
    return body_bytes == 0 and digest != _EMPTY
