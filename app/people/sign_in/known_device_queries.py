"""Queries that identify this browser among the known devices of an account."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.db.context import current_context, use_context
from app.db.transaction import own_transaction
from app.extensions import db
from app.models import KnownDevice, User
from app.security.scope import unscoped
from app.security.tokens import Token


def find_known_device(tokens: Sequence[Token], email: str, now: datetime) -> UUID | None:
    """Return the id of the device in `tokens` with which the account of `email` has signed in, or None.

    Runs in transactions of its own, one for each organization in the tokens.
    """
    for organization_id in dict.fromkeys(token.organization_id for token in tokens):
        known = (
            unscoped(select(KnownDevice.id), why="no signed-in user yet; the device cookies identify the rows")
            .join(User, (User.organization_id == KnownDevice.organization_id) & (User.id == KnownDevice.user_id))
            .where(KnownDevice.organization_id == organization_id)
            .where(KnownDevice.token_hash.in_([one.digest for one in tokens if one.organization_id == organization_id]))
            .where(KnownDevice.expires_at > now, User.email_key == func.lower(email))
        )
        context = replace(current_context(), organization_id=organization_id)
        with use_context(context), own_transaction() as session:
            found = session.scalar(known)
        if found is not None:
            return found
    return None


def list_known_devices(organization_id: UUID, tokens: Sequence[Token]) -> list[KnownDevice]:
    """Return the devices of `tokens` in this organization, of any of its users.

    The organization has to be in the context.
    """
    shown = unscoped(select(KnownDevice), why="no signed-in user yet; the device cookies identify the rows").where(
        KnownDevice.organization_id == organization_id, KnownDevice.token_hash.in_([token.digest for token in tokens])
    )
    return list(db.session.scalars(shown))
