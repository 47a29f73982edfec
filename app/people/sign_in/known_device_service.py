"""Known devices: browsers that have signed in to an account before.

Their sign-in attempts are counted separately, so attempts by strangers elsewhere don't lock out the owner. The cookie
holds one token per account that signed in with this browser, newest first. Tokens are replaced with each sign-in, so a
copy of an old one is worthless; and a valid one doesn't open an account. The cookie is signed, so forged tokens never
reach the database.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask import current_app
from itsdangerous import BadSignature, Signer

from app.db.ids import uuid7
from app.extensions import db
from app.models import KnownDevice, User
from app.people.sign_in import known_device_queries as queries
from app.security.cookies import read_cookie
from app.security.tokens import Token

DEVICE_COOKIE = "switchboard_devices"
DEVICE_LIFETIME = timedelta(days=180)

_BETWEEN = "~"
#: A browser in a call center is shared by all shifts; the account that signed in longest ago is dropped. A cookie has
#: room for about 55.
_MAX_ACCOUNTS = 40


def known_device(email: str) -> UUID | None:
    """Return the id of this browser if it has signed in to the account of `email`, else None."""
    tokens = _shown()
    return queries.find_known_device(tokens, email, datetime.now(UTC)) if tokens else None


def is_known_to(user: User) -> bool:
    """Return whether this person has signed in with this browser before.

    Needs their organization in the context.
    """
    shown, now = _shown(), datetime.now(UTC)
    here = queries.list_known_devices(user.organization_id, shown) if shown else ()
    return any(device.user_id == user.id and device.expires_at > now for device in here)


def remember_device(organization_id: UUID, user_id: UUID) -> str:
    """Remember this browser for a person who has just been authenticated; return the new cookie value.

    Needs the organization in the context.
    """
    shown, token = _shown(), Token.new(organization_id)
    here = queries.list_known_devices(organization_id, shown)
    colleagues = {device.token_hash for device in here if device.user_id != user_id}
    device = next((device for device in here if device.user_id == user_id), None)
    if device is None:
        device = KnownDevice(organization_id=organization_id, id=uuid7(), user_id=user_id)
        db.session.add(device)
    device.token_hash, device.expires_at = token.digest, datetime.now(UTC) + DEVICE_LIFETIME
    db.session.flush()
    others = [one for one in shown if one.organization_id != organization_id or one.digest in colleagues]
    return _signer().sign(_BETWEEN.join(one.text for one in (token, *others)[:_MAX_ACCOUNTS])).decode()


def _shown() -> list[Token]:
    """Return the tokens in the browser's cookie; invalid ones are omitted."""
    try:
        parts = _signer().unsign(read_cookie(DEVICE_COOKIE) or "").decode().split(_BETWEEN)
    except BadSignature:
        return []
    return [token for part in parts if (token := Token.parse(part)) is not None]


def _signer() -> Signer:
    return Signer(current_app.config["SECRET_KEY"], salt=DEVICE_COOKIE)
