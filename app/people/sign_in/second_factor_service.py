"""Two-factor authentication: codes of an authenticator app (TOTP, RFC 6238) and recovery codes."""

import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

import pyotp
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, update

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.ids import uuid7
from app.errors import Conflict, FieldError, InvalidCredentials, NotFound, TotpRequired, ValidationFailed
from app.extensions import db
from app.models import Organization, RecoveryCode, User, UserSession
from app.people.sign_in.attempt_service import record_failure
from app.people.sign_in.queries import Account, find_user_of, get_own_row
from app.people.sign_in.rules import RECOVERY_CODES, clean_code, is_totp_code, new_recovery_code
from app.people.users.access_service import drop_recovery_codes, end_sessions
from app.security.actor import Actor
from app.security.attempts import note_attempt
from app.security.encryption import SecretUnreadable, keyed_hash, seal, unseal
from app.security.password_queries import is_password
from app.security.scope import visible
from app.security.session_rules import EndReason, asks_for_second_factor, is_confirmed

ISSUER = "Switchboard"
#: A phone's clock can be off by half a minute.
_STEPS_AROUND = 1

_WRONG_PASSWORD = _l("Wrong password. Try again.")
_WRONG_CODE = _l("That code is wrong or was already used. Check it, or wait for a new one.")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A two-factor secret offered to a person.

    `sealed` is the encrypted secret, which is part of the page's form and submitted with it.
    """

    secret: str = field(repr=False)
    sealed: str
    #: Content of the QR code.
    address: str = field(repr=False)


def new_enrolment(actor: Actor) -> Enrolment:
    """Create a two-factor secret; nothing is stored until a code proves that an authenticator app has it."""
    return _enrolment(actor, pyotp.random_base32())


def open_enrolment(actor: Actor, sealed: str) -> Enrolment:
    """Return the enrollment from the encrypted value of a submitted form.

    Raises NotFound if it isn't this person's.
    """
    try:
        return _enrolment(actor, unseal(bytes.fromhex(sealed), _enrolling(actor.user_id)))
    except (ValueError, SecretUnreadable):
        raise NotFound("second_factor") from None


def set_up(actor: Actor, enrolment: Enrolment, password: str, code: str) -> list[str]:
    """Turn on two-factor authentication; return the recovery codes, which are shown only this once.

    Other sessions end, because they were opened with a password alone. Raises ValidationFailed for a wrong password or
    code, and Conflict if two-factor authentication is already on.
    """
    user = get_own_row(actor, lock=True)
    if user.mfa_secret is not None:
        raise Conflict(None, _l("Your account already has two-factor authentication."))
    step = _matching_step(enrolment.secret, clean_code(code), datetime.now(UTC))
    _refuse_wrong(password=not is_password(user.id, password), code=step is None)
    user.mfa_secret, user.mfa_last_step = seal(enrolment.secret, _owning(user.id)), step
    name_action(Action.USER_SECOND_FACTOR_SET, user)
    _pass_on(actor)
    end_sessions(user, EndReason.SECOND_FACTOR, except_for=actor.session_id)
    return _renew_codes(user)


def remove(actor: Actor, password: str, code: str) -> None:
    """Turn off two-factor authentication.

    Raises ValidationFailed for a wrong password or code, and Conflict if the organization requires it or it isn't on.
    """
    user = _own_row_with_factor(actor, password, code)
    organization = db.session.get_one(Organization, user.organization_id)
    if organization.require_mfa and asks_for_second_factor(user.role):
        raise Conflict(
            None,
            _l("Your organization requires two-factor authentication for admins and owners, so you can’t turn it off."),
        )
    user.mfa_secret = user.mfa_last_step = None
    name_action(Action.USER_SECOND_FACTOR_REMOVED, user)
    drop_recovery_codes(user)


def confirm_session(actor: Actor, proof: str) -> None:
    """Confirm the actor's session; `proof` is their code, or their password if they have no 2FA.

    If another request has confirmed it in the meantime, `proof` isn't compared: of two clicks with the same code, both
    go on. Raises ValidationFailed if `proof` is wrong, which changes nothing about the session.
    """
    user = get_own_row(actor, lock=True)
    session, now = _own_session(actor), datetime.now(UTC)
    if is_confirmed(session.confirmed_at, now):
        return
    if user.mfa_secret is None:
        _refuse_wrong(password=not is_password(user.id, proof), code=False)
    else:
        _refuse_wrong(password=False, code=not _use_code(user, clean_code(proof)))
    session.confirmed_at = now
    name_action(Action.SESSION_CONFIRMED, session)


def reauthenticate(actor: Actor, password: str, code: str | None) -> None:
    """Confirm the actor's session with their password, and with a code if they have 2FA.

    Raises InvalidCredentials if either is wrong, and TotpRequired if the code is missing.
    """
    user = get_own_row(actor, lock=True)
    if not is_password(user.id, password):
        raise InvalidCredentials(_WRONG_PASSWORD)
    if user.mfa_secret is not None:
        if not code:
            raise TotpRequired
        if not _use_code(user, clean_code(code)):
            raise InvalidCredentials(_WRONG_CODE)
    session = _own_session(actor)
    session.confirmed_at = datetime.now(UTC)
    name_action(Action.SESSION_CONFIRMED, session)


def renew_recovery_codes(actor: Actor, password: str, code: str) -> list[str]:
    """Replace all recovery codes with new ones, and return them.

    Raises ValidationFailed for a wrong password or code, and Conflict if two-factor authentication isn't on.
    """
    return _renew_codes(_own_row_with_factor(actor, password, code))


def pass_second_step(account: Account, code: str) -> None:
    """Verify a code for signing in and use it up, in the request's transaction.

    Needs the account's organization in the context. Raises InvalidCredentials.
    """
    user = find_user_of(account)
    if user is None or user.mfa_secret is None or not _use_code(user, clean_code(code)):
        record_failure(Action.SECOND_FACTOR_FAILED, account, user.email if user else "")
        raise InvalidCredentials(_WRONG_CODE)


def _own_row_with_factor(actor: Actor, password: str, code: str) -> User:
    user = get_own_row(actor, lock=True)
    if user.mfa_secret is None:
        raise Conflict(None, _l("Your account doesn’t have two-factor authentication."))
    _refuse_wrong(password=not is_password(user.id, password), code=not _use_code(user, clean_code(code)))
    return user


def _refuse_wrong(*, password: bool, code: bool) -> None:
    """Raise ValidationFailed if the password or the code is wrong, with an error for each wrong one."""
    wrong = []
    if password:
        wrong.append(FieldError("password", _WRONG_PASSWORD))
    if code:
        wrong.append(FieldError("code", _WRONG_CODE))
    if wrong:
        raise ValidationFailed(wrong)


def _use_code(user: User, code: str) -> bool:
    """Use up the code if it is correct, and return whether it was."""
    return _use_totp(user, code) if is_totp_code(code) else _use_recovery_code(user, code)


def _use_totp(user: User, code: str) -> bool:
    """Return whether a code is valid, and use it up along with all earlier ones.

    The database decides which of two concurrent requests is first.
    """
    secret = unseal(user.mfa_secret or b"", _owning(user.id))
    step = _matching_step(secret, code, datetime.now(UTC))
    if step is None:
        return False
    used = update(User).where(
        User.organization_id == user.organization_id, User.id == user.id, func.coalesce(User.mfa_last_step, 0) < step
    )
    return db.session.execute(used.values(mfa_last_step=step).returning(User.id)).first() is not None


def _use_recovery_code(user: User, code: str) -> bool:
    note_attempt()
    used = update(RecoveryCode).where(
        RecoveryCode.organization_id == user.organization_id,
        RecoveryCode.user_id == user.id,
        RecoveryCode.code_hash == keyed_hash(code, _owning(user.id)),
        RecoveryCode.used_at.is_(None),
    )
    return db.session.execute(used.values(used_at=func.now()).returning(RecoveryCode.id)).first() is not None


def _matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the latest time step around `now` that has this code, or None."""
    if not is_totp_code(code):
        return None
    note_attempt()
    totp = pyotp.TOTP(secret)
    current = totp.timecode(now)
    around = range(current - _STEPS_AROUND, current + _STEPS_AROUND + 1)
    # All are compared, each in constant time, so that the duration doesn't reveal how close a guess was.
    matching = [step for step in around if hmac.compare_digest(totp.generate_otp(step), code)]
    return max(matching, default=None)


def _renew_codes(user: User) -> list[str]:
    drop_recovery_codes(user)
    codes = [new_recovery_code() for _number in range(RECOVERY_CODES)]
    db.session.add_all(
        RecoveryCode(
            organization_id=user.organization_id,
            id=uuid7(),
            user_id=user.id,
            code_hash=keyed_hash(clean_code(code), _owning(user.id)),
        )
        for code in codes
    )
    db.session.flush()
    return codes


def _pass_on(actor: Actor) -> None:
    """Mark the session as verified and confirmed, because it has just presented a password and a code."""
    session = _own_session(actor)
    session.mfa_passed_at = session.confirmed_at = datetime.now(UTC)


def _own_session(actor: Actor) -> UserSession:
    return db.session.scalars(visible(UserSession, actor).where(UserSession.id == actor.session_id)).one()


def _enrolment(actor: Actor, secret: str) -> Enrolment:
    sealed = seal(secret, _enrolling(actor.user_id)).hex()
    return Enrolment(secret, sealed, pyotp.TOTP(secret).provisioning_uri(name=actor.email, issuer_name=ISSUER))


def _enrolling(user_id: UUID) -> str:
    return f"second factor to be of {user_id}"


def _owning(user_id: UUID) -> str:
    return f"second factor of {user_id}"
