"""Creation and revocation of a person's access: sessions, password links, known devices and API keys."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, select, update

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.removal import remove_rows
from app.extensions import db
from app.models import ApiKey, KnownDevice, PasswordReset, RecoveryCode, User, UserSession
from app.people.users import queries
from app.people.users.rules import RESET_LINK_LIFETIME, Rights, is_downgrade, is_upgrade
from app.security.passwords import check_new_password, hash_password
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.security.session_rules import EndReason
from app.security.tokens import Token


def issue_reset_link(user: User) -> Token:
    """Create a link to reset the password, which replaces earlier ones.

    The old password works until the link is used.
    """
    return issue_link(user, RESET_LINK_LIFETIME)


def set_password(user: User, password: str, *, except_for: UUID | None = None) -> None:
    """Change the password, which ends sessions, uses up password links and forgets known devices.

    `except_for` is the id of a session that stays open. Raises ValidationFailed.
    """
    check_new_password(password)
    user.password_hash = hash_password(password)
    user.password_changed_at = datetime.now(UTC)
    use_up_links(user)
    forget_devices(user)
    end_sessions(user, EndReason.PASSWORD_CHANGED, except_for=except_for)


def end_sessions(user: User, reason: EndReason, *, except_for: UUID | None = None) -> int:
    """End this person's sessions except `except_for`; return how many.

    Their next request leads to the sign-in page. The database revokes the refresh tokens of each session.
    """
    ending = [session for session in queries.list_open_sessions(user) if session.id != except_for]
    for session in ending:
        _end(session, reason)
    return len(ending)


def _end(session: UserSession, reason: EndReason) -> None:
    session.revoked_at, session.revoked_reason = datetime.now(UTC), reason
    name_action(Action.SESSION_ENDED, session)


def follow_rights(user: User, before: Rights, after: Rights, reason: EndReason) -> None:
    """Revoke what a change of rights invalidates, in its transaction.

    A downgrade ends the person's sessions, and the API keys with more permissions than the person has now. An upgrade
    ends the links to set their password: a link that was issued at the lower rank must not open the higher one.
    """
    if is_upgrade(before, after):
        use_up_links(user)
    if is_downgrade(before, after):
        end_sessions(user, reason)
        end_keys_beyond(user, after.unlimited)


def end_keys_beyond(user: User, held: Collection[Permission]) -> int:
    """Revoke the API keys of this person that have more permissions than `held`; return how many.

    Each is recorded with the excess permissions.
    """
    ending = queries.list_keys_beyond(user, held)
    for key in ending:
        key.revoked_at = datetime.now(UTC)
        name_action(Action.API_KEY_REVOKED, key, metadata={"beyond_creator": sorted(set(key.permissions) - set(held))})
    return len(ending)


def end_access(users: Sequence[User], reason: EndReason = EndReason.USER_DELETED) -> None:
    """Revoke the sessions, password links, known devices and API keys of people who lost their access."""
    for user in users:
        use_up_links(user)
        forget_devices(user)
        end_sessions(user, reason)
        db.session.execute(
            update(ApiKey)
            .where(ApiKey.organization_id == user.organization_id, ApiKey.created_by == user.id)
            .where(ApiKey.revoked_at.is_(None))
            .values(revoked_at=func.now())
        )


def end_access_of_all(organization_id: UUID) -> None:
    """Revoke all sessions, password links and API keys of a deleted organization."""
    for session in queries.list_open_sessions_of_all(organization_id):
        _end(session, EndReason.ORGANIZATION_DELETED)
    for model, ended in ((ApiKey, ApiKey.revoked_at), (PasswordReset, PasswordReset.used_at)):
        still_open = (model.organization_id == organization_id, ended.is_(None))
        db.session.execute(update(model).where(*still_open).values({ended.key: func.now()}))


def issue_link(user: User, lasts: timedelta) -> Token:
    """Create a one-time link to set a password, which replaces earlier ones."""
    use_up_links(user)
    token = Token.new(user.organization_id)
    db.session.add(
        PasswordReset(
            organization_id=user.organization_id,
            user_id=user.id,
            token_hash=token.digest,
            expires_at=datetime.now(UTC) + lasts,
        )
    )
    db.session.flush()
    return token


def use_up_links(user: User) -> None:
    """Mark the links to set a password that were issued to this person as used."""
    open_links = (PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
    db.session.execute(
        update(PasswordReset)
        .where(PasswordReset.organization_id == user.organization_id, *open_links)
        .values(used_at=func.now())
    )


def forget_devices(user: User) -> None:
    """Delete the known devices of this person, who has to sign in again in each browser anyway."""
    remove_rows(KnownDevice.__tablename__, _rows_of(user, KnownDevice))


def drop_recovery_codes(user: User) -> None:
    """Delete all recovery codes of a person, used or not."""
    remove_rows(RecoveryCode.__tablename__, _rows_of(user, RecoveryCode))


def _rows_of(user: User, model: type[KnownDevice | RecoveryCode]) -> Select[UUID]:
    rows = unscoped(select(model.id), why="called for a person whom the caller has locked")
    return rows.where(model.organization_id == user.organization_id, model.user_id == user.id)
