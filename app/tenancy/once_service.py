"""Protection against repeated submission of forms that create no row of their own.

The id that is generated with the form is stored for a day as an idempotency key of the sender; a second request with
the same id waits for the first, and then finds the key.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.db.ids import uuid7
from app.extensions import db
from app.models import IdempotencyKey
from app.security.actor import Actor

#: No form is submitted again after that time.
_REMEMBERED_FOR = timedelta(days=1)


def is_first_sent(actor: Actor, form_id: UUID, what: str) -> bool:
    """Return whether `actor` submits this form for the first time; `what` is the action that it requests.

    For platform staff, about whom the organization stores nothing, every submission is the first.
    """
    if actor.reference_id is None:
        return True
    now = datetime.now(UTC)
    fingerprint = sha256(what.encode()).digest()
    kept = insert(IdempotencyKey).values(
        organization_id=actor.organization_id,
        id=uuid7(),
        user_id=actor.reference_id,
        key=f"form:{form_id}",
        method="POST",
        path=what,
        request_fingerprint=fingerprint,
        expires_at=now + _REMEMBERED_FOR,
    )
    again = kept.on_conflict_do_update(
        constraint="uq_idempotency_keys_caller_key",
        set_={"path": what, "request_fingerprint": fingerprint, "expires_at": now + _REMEMBERED_FOR},
        where=IdempotencyKey.expires_at < now,
    )
    return db.session.execute(again.returning(IdempotencyKey.id)).first() is not None
