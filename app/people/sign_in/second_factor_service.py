"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for the day it is lost."""

import hmac
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

import pyotp
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, update

from app.audit.actions import Action
from app.audit.record import name_action, record_event
from app.db.context import current_context, use_context
from app.db.ids import uuid7
from app.db.transaction import own_transaction
from app.errors import Conflict, FieldError, InvalidCredentials, NotFound, ValidationFailed
from app.extensions import db
from app.models import Organization, RecoveryCode, User, UserSession
from app.people.sign_in.queries import Account, find_user_of, get_own_row
from app.people.sign_in.rules import RECOVERY_CODES, clean_code, is_totp_code, new_recovery_code
from app.people.users.access_service import drop_recovery_codes, end_sessions
from app.security.actor import Actor
from app.security.encryption import SecretUnreadable, keyed_hash, seal, unseal
from app.security.password_queries import is_password
from app.security.scope import visible
from app.security.session_rules import EndReason, asks_for_second_factor

ISSUER = "Switchboard"
#: A phone's clock may be half a minute off.
_STEPS_AROUND = 1


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A secret that somebody may make theirs: `sealed` goes into the form and comes back with it."""

    secret: str = field(repr=False)
    sealed: str
    #: What the QR code says.
    address: str = field(repr=False)


def new_enrolment(actor: Actor) -> Enrolment:
    """Begin: nothing is stored until a code proves that the app has the secret."""
    return _enrolment(actor, pyotp.random_base32())


def open_enrolment(actor: Actor, sealed: str) -> Enrolment:
    """The enrolment that a form brings back; raises NotFound when it is not this person's."""
    try:
        return _enrolment(actor, unseal(bytes.fromhex(sealed), _enrolling(actor.user_id)))
    except (ValueError, SecretUnreadable):
        raise NotFound("second_factor") from None


def set_up(actor: Actor, enrolment: Enrolment, password: str, code: str) -> list[str]:
    """Turn it on; returns the recovery codes, which are shown this one time.

    Other sessions end: they were opened with a password alone. Raises ValidationFailed for a wrong password or code,
    Conflict when there is one already.
    """
    user = get_own_row(actor, lock=True)
    if user.mfa_secret is not None:
        raise Conflict(None, _l("Your account has a second factor already."))
    step = _matching_step(enrolment.secret, clean_code(code), datetime.now(UTC))
    _refuse_wrong(password=not is_password(user.id, password), code=step is None)
    user.mfa_secret, user.mfa_last_step = seal(enrolment.secret, _owning(user.id)), step
    name_action(Action.USER_SECOND_FACTOR_SET, user)
    _pass_on(actor)
    end_sessions(user, EndReason.SECOND_FACTOR, except_for=actor.session_id)
    return _renew_codes(user)


def remove(actor: Actor, password: str, code: str) -> None:
    """Turn it off. Raises ValidationFailed for a wrong password or code, Conflict where the organization wants it."""
    user = _own_row_with_factor(actor, password, code)
    organization = db.session.get_one(Organization, user.organization_id)
    if organization.require_mfa and asks_for_second_factor(user.role):
        raise Conflict(None, _l("Your organization requires a second factor of admins and owners."))
    user.mfa_secret = user.mfa_last_step = None
    name_action(Action.USER_SECOND_FACTOR_REMOVED, user)
    drop_recovery_codes(user)


def renew_recovery_codes(actor: Actor, password: str, code: str) -> list[str]:
    """New recovery codes in place of all old ones. Raises ValidationFailed for a wrong password or code."""
    return _renew_codes(_own_row_with_factor(actor, password, code))


def pass_second_step(account: Account, code: str) -> None:
    """Accept a code for signing in, in the request's transaction; each code once, whoever is first.

    Needs the account's organization in the context. Raises InvalidCredentials.
    """
    user = find_user_of(account)
    if user is None or user.mfa_secret is None or not _use_code(user, clean_code(code)):
        _record_failure(account, user)
        raise InvalidCredentials(_l("That code is not right, or it was used already. Wait for the next one."))


def _own_row_with_factor(actor: Actor, password: str, code: str) -> User:
    user = get_own_row(actor, lock=True)
    if user.mfa_secret is None:
        raise Conflict(None, _l("Your account has no second factor."))
    _refuse_wrong(password=not is_password(user.id, password), code=not _use_code(user, clean_code(code)))
    return user


def _refuse_wrong(*, password: bool, code: bool) -> None:
    """Raise ValidationFailed for what is wrong."""
    wrong = []
    if password:
        wrong.append(FieldError("password", _l("This is not your password.")))
    if code:
        wrong.append(FieldError("code", _l("That code is not right, or it was used already. Wait for the next one.")))
    if wrong:
        raise ValidationFailed(wrong)


def _use_code(user: User, code: str) -> bool:
    """Whether the code is right, and use it up."""
    return _use_totp(user, code) if is_totp_code(code) else _use_recovery_code(user, code)


def _use_totp(user: User, code: str) -> bool:
    """The database decides who is first: a code, and every one before it, is accepted once."""
    secret = unseal(user.mfa_secret or b"", _owning(user.id))
    step = _matching_step(secret, code, datetime.now(UTC))
    if step is None:
        return False
    used = update(User).where(
        User.organization_id == user.organization_id, User.id == user.id, func.coalesce(User.mfa_last_step, 0) < step
    )
    return db.session.execute(used.values(mfa_last_step=step).returning(User.id)).first() is not None


def _use_recovery_code(user: User, code: str) -> bool:
    used = update(RecoveryCode).where(
        RecoveryCode.organization_id == user.organization_id,
        RecoveryCode.user_id == user.id,
        RecoveryCode.code_hash == keyed_hash(code, _owning(user.id)),
        RecoveryCode.used_at.is_(None),
    )
    return db.session.execute(used.values(used_at=func.now()).returning(RecoveryCode.id)).first() is not None


def _matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step whose code this is, around now."""
    if not is_totp_code(code):
        return None
    totp = pyotp.TOTP(secret)
    current = totp.timecode(now)
    around = range(current - _STEPS_AROUND, current + _STEPS_AROUND + 1)
    # All are compared, and each in constant time: how long it takes tells nothing of how near a guess was.
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
    """The session that sets it up has just shown a code."""
    mine = visible(UserSession, actor).where(UserSession.id == actor.session_id)
    db.session.scalars(mine).one().mfa_passed_at = datetime.now(UTC)


def _record_failure(account: Account, user: User | None) -> None:
    """Whatever becomes of the request. Who tried is not known; the address is what they came with."""
    context = replace(
        current_context(), organization_id=account.organization_id, actor_label=user.email if user else ""
    )
    with use_context(context), own_transaction() as session:
        record_event(Action.SECOND_FACTOR_FAILED, "user", account.user_id, session=session)


def _enrolment(actor: Actor, secret: str) -> Enrolment:
    sealed = seal(secret, _enrolling(actor.user_id)).hex()
    return Enrolment(secret, sealed, pyotp.TOTP(secret).provisioning_uri(name=actor.email, issuer_name=ISSUER))


def _enrolling(user_id: UUID) -> str:
    return f"second factor to be of {user_id}"


def _owning(user_id: UUID) -> str:
    return f"second factor of {user_id}"
