"""Forms retained while their sender signs in again after the session had ended, or confirms that it is them.

Nothing is stored on the server: the page that asks carries the form in a hidden field. The field is encrypted and bound
to the person whose session it was. It can't be opened for anyone else, after an hour, or without the key of this
installation. Passwords and files are not included.
"""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from app.security.encryption import SecretUnreadable, seal, unseal
from app.security.secret_fields import is_secret

LIFETIME = timedelta(hours=1)

#: Together with the rest of the sign-in form, this stays below the body limit for anonymous requests.
MAX_KEPT_CHARACTERS = 48 * 1024
#: Size before compression.
_MAX_BYTES = 1024 * 1024


class FormNotSaved(Exception):
    """Error for a form that is too large for a page to carry, or can't be read."""


class SavedFormExpired(Exception):
    """Error for a form that belongs to this person but has expired."""


class Sender(Protocol):
    """The person who sent a form, in their organization: an account, an actor, or an ended session."""

    @property
    def organization_id(self) -> UUID | None: ...

    @property
    def user_id(self) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class SavedForm:
    """A form to submit to `address`, a path with its query, from the page `back`.

    `fields` are names and values in their order; `had_file` is set if a file was selected, too. A form with `once` is
    complete, and its sender has already submitted it: it is carried out, under this mark only once. Any other is only
    shown to them again.
    """

    address: str
    back: str
    fields: Sequence[tuple[str, str]]
    had_file: bool
    once: str | None = None


def seal_form(form: SavedForm, sender: Sender) -> str | None:
    """Return the encrypted form for a page to carry; None if no one would be able to open it.

    Raises FormNotSaved if it is too long.
    """
    if sender.user_id is None or sender.organization_id is None:
        return None
    fields = [(name, value) for name, value in form.fields if not is_secret(name)]
    until = (datetime.now(UTC) + LIFETIME).timestamp()
    text = json.dumps({**asdict(form), "fields": fields, "until": until}).encode()
    if len(text) > _MAX_BYTES:
        raise FormNotSaved
    packed = urlsafe_b64encode(zlib.compress(text)).decode()
    sealed = urlsafe_b64encode(seal(packed, _purpose(sender))).decode()
    if len(sealed) > MAX_KEPT_CHARACTERS:
        raise FormNotSaved
    return sealed


def open_form(sealed: str | None, sender: Sender) -> SavedForm | None:
    """Decrypt the form that a page carried; None if there is none or `sender` can't open it.

    Raises SavedFormExpired if it has expired.
    """
    if not sealed or len(sealed) > MAX_KEPT_CHARACTERS:
        return None
    try:
        packed = unseal(urlsafe_b64decode(sealed), _purpose(sender))
    except (SecretUnreadable, ValueError):
        return None
    kept = json.loads(zlib.decompress(urlsafe_b64decode(packed)))
    if kept.pop("until") < datetime.now(UTC).timestamp():
        raise SavedFormExpired
    return SavedForm(**{**kept, "fields": [(name, value) for name, value in kept["fields"]]})


def _purpose(sender: Sender) -> str:
    return f"what {sender.user_id} of {sender.organization_id} typed"
