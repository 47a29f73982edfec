"""Records of attempts to sign in to existing accounts, which the security page counts."""

from dataclasses import replace
from uuid import UUID

from app.audit.actions import Action
from app.audit.record import record_event
from app.db.context import current_context, use_context
from app.db.transaction import own_transaction
from app.models import LoginAttempt
from app.people.sign_in.queries import Account


def new_attempt(organization_id: UUID, user_id: UUID, *, succeeded: bool) -> LoginAttempt:
    """Return the row of an attempt at an account, with the request's browser and IP address."""
    context = current_context()
    return LoginAttempt(
        organization_id=organization_id,
        user_id=user_id,
        succeeded=succeeded,
        ip_address=context.ip_address,
        user_agent=context.user_agent,
    )


def record_failure(action: Action, account: Account, email: str) -> None:
    """Record a failed attempt as `action` in the organization of the account, whatever becomes of the request.

    The person who tried is unknown, so the account's email address is recorded as the actor.
    """
    context = replace(current_context(), organization_id=account.organization_id, actor_label=email)
    with use_context(context), own_transaction() as session:
        session.add(new_attempt(account.organization_id, account.user_id, succeeded=False))
        record_event(action, "user", account.user_id, session=session)
