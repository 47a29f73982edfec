"""What was typed into a form whose session had ended: kept until the same person has signed in again.

It is kept by nobody but the sign-in page itself, in a hidden field. The field is encrypted and bound to the person
whose session it was: it opens for nobody else, not after an hour, and not without the key of this installation.
Passwords and files are not in it.
"""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.people.sign_in.queries import Account
from app.security.encryption import SecretUnreadable, seal, unseal
from app.security.identity import EndedSession
from app.security.secret_fields import is_secret

LIFETIME = timedelta(hours=1)

#: With the rest of the sign-in form it stays below what a form of somebody who is not signed in may hold.
MAX_KEPT_CHARACTERS = 48 * 1024
#: Before it is packed.
_MAX_BYTES = 1024 * 1024


class NotKept(Exception):
    """More was typed than a sign-in page can carry."""


class KeptNoLonger(Exception):
    """It was this person's, and its time is over."""


@dataclass(frozen=True, slots=True)
class KeptForm:
    """What is to be sent to `address`, a path with its query, by the form that stood at `back`: names and values in
    their order, and whether a file was chosen besides."""

    address: str
    back: str
    fields: Sequence[tuple[str, str]]
    had_file: bool


def keep_form(form: KeptForm, ended: EndedSession) -> str | None:
    """The form for a sign-in page to carry; None where nobody may get it back. Raises NotKept when it is too long."""
    if ended.user_id is None or ended.organization_id is None:
        return None
    fields = [(name, value) for name, value in form.fields if not is_secret(name)]
    until = (datetime.now(UTC) + LIFETIME).timestamp()
    text = json.dumps({**asdict(form), "fields": fields, "until": until}).encode()
    if len(text) > _MAX_BYTES:
        raise NotKept
    packed = urlsafe_b64encode(zlib.compress(text)).decode()
    sealed = urlsafe_b64encode(seal(packed, _purpose(ended.organization_id, ended.user_id))).decode()
    if len(sealed) > MAX_KEPT_CHARACTERS:
        raise NotKept
    return sealed


def open_form(sealed: str | None, account: Account) -> KeptForm | None:
    """What a sign-in page has carried, for who has signed in now; None when it is somebody else's.

    Raises KeptNoLonger.
    """
    if not sealed or len(sealed) > MAX_KEPT_CHARACTERS:
        return None
    try:
        packed = unseal(urlsafe_b64decode(sealed), _purpose(account.organization_id, account.user_id))
    except (SecretUnreadable, ValueError):
        return None
    kept = json.loads(zlib.decompress(urlsafe_b64decode(packed)))
    if kept.pop("until") < datetime.now(UTC).timestamp():
        raise KeptNoLonger
    return KeptForm(**{**kept, "fields": [(name, value) for name, value in kept["fields"]]})


def _purpose(organization_id: UUID, user_id: UUID) -> str:
    return f"what {user_id} of {organization_id} typed"
